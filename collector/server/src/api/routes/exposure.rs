//! The routes of exposures and exceptions.

use super::{Answer, Shared};
use crate::api::fault::Fault;
use crate::api::guard::Person;
use crate::api::input::{In, Of, Q};
use crate::api::query::{ExposureQuery, limit, offset, time};
use crate::api::types::*;
use crate::api::views;
use crate::app::now;
use crate::exposure::{settled, zone_of};
use axum::Json;
use axum::extract::State;
use holter_core::exposure::{Exception, ExceptionError, Exceptions, Grounds, Library, Scope, Target, is_outside};

/// Characters of a note.
const NOTE_MAX: usize = 2_000;

#[utoipa::path(
    get,
    path = "/api/v1/exposure",
    operation_id = "exposure",
    summary = "Which device is affected by what",
    description = "One row for a device and a vulnerability, the gravest first. `as_of` says when the devices were \
    looked at: the list is worked out at most every 15 seconds.",
    params(ExposureQuery),
    responses(
        (status = 200, description = "Done", body = ExposureList),
        (status = 400, description = "The query cannot be read", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Not permitted, or a forged request", body = Problem),
        (status = 503, description = "The store cannot be read now; see Retry-After", body = Problem),
    ),
    security(("session" = [])),
)]
pub(crate) async fn exposure(
    State(app): State<Shared>,
    axum::Extension(who): Person,
    Q(query): Q<ExposureQuery>,
) -> Answer<ExposureList> {
    let from = offset(query.cursor.as_deref())?;
    let wrong = || Fault::bad_request("There is no such state.", "Use affected, likely, unknown and not-affected.");
    let only = crate::exposure::states(query.state.as_deref().unwrap_or_default()).ok_or_else(wrong)?;
    let found = app.ledger(&who.tenant).await?;
    let (text, limit) = (query.q.unwrap_or_default(), limit(query.limit));
    // A large hospital has a million rows.
    let list = tokio::task::spawn_blocking(move || views::exposure_list(&found, &text, &only, from, limit, now()));
    Ok(Json(list.await.map_err(|_| Fault::store())?))
}

#[utoipa::path(
    get,
    path = "/api/v1/exposure/summary",
    operation_id = "exposure_summary",
    summary = "Exposures in numbers",
    responses(
        (status = 200, description = "Done", body = ExposureSummary),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Not permitted, or a forged request", body = Problem),
        (status = 503, description = "The store cannot be read now; see Retry-After", body = Problem),
    ),
    security(("session" = [])),
)]
pub(crate) async fn exposure_summary(
    State(app): State<Shared>,
    axum::Extension(who): Person,
) -> Answer<ExposureSummary> {
    let found = app.ledger(&who.tenant).await?;
    let exceptions = app.exposure.exceptions(&who.tenant);
    Ok(Json(views::exposure_summary(&found, &exceptions, &app.exposure.tables, now())))
}

#[utoipa::path(
    get,
    path = "/api/v1/devices/{id}/exposure",
    operation_id = "device_exposure",
    summary = "What one device is exposed to, and why",
    description = "Worked out when it is asked for: each item with the node of the advisory that decided, the claims \
    that were compared, and what to do; insecure protocols; the risk with what each factor adds.",
    params(("id" = String, Path, description = "Of a device")),
    responses(
        (status = 200, description = "Done", body = DeviceExposure),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Not permitted, or a forged request", body = Problem),
        (status = 404, description = "There is none", body = Problem),
        (status = 503, description = "The store cannot be read now; see Retry-After", body = Problem),
    ),
    security(("session" = [])),
)]
pub(crate) async fn device_exposure(
    State(app): State<Shared>,
    axum::Extension(who): Person,
    Of(id): Of,
) -> Answer<DeviceExposure> {
    let shelf = app.shelf(&who.tenant).await?;
    let zones = app.store.zones(&who.tenant).await?;
    let exceptions = app.exposure.exceptions(&who.tenant);
    let outside = |ip| is_outside(ip, zone_of(&zones, ip));
    let found = app.view(&who.tenant, |estate| {
        let exceptions = settled(&exceptions, estate);
        let grounds = Grounds {
            library: &shelf.library,
            received: &shelf.received,
            exceptions: &exceptions,
            tables: &app.exposure.tables,
            now: now(),
        };
        Some(views::device_exposure(&grounds, estate.device(&id)?, &outside))
    });
    found.map(Json).ok_or(Fault::absent())
}

const fn refusal(error: ExceptionError) -> &'static str {
    match error {
        ExceptionError::NoReason => "Not done: an exception needs a reason.",
        ExceptionError::NoControl => "Not done: an exception needs at least one compensating control.",
        ExceptionError::NoTarget => {
            "Not done: an exception names a device, or a maker and a product, and an advisory or a CVE."
        }
        ExceptionError::Duration => "Not done: an exception ends after now, and within 366 days.",
        ExceptionError::TooLong => "Not done: a text is longer than 4 KiB, or there are more than 20 controls.",
        ExceptionError::Full => "Not done: there are 10,000 exceptions already.",
        ExceptionError::Twice => "Not done: this exception is there already.",
    }
}

fn refused(why: &'static str) -> Fault {
    Fault::input(why, "Correct it and try again.")
}

/// Whether anything on the shelf has this name. What does not exist would be accepted by mistake.
fn is_known(library: &Library, target: &Target) -> bool {
    match target {
        Target::Advisory(id) => library.shelf.by_id(id).is_some(),
        Target::Cve(cve) => library
            .shelf
            .advisories()
            .flat_map(|advisory| &advisory.vulnerabilities)
            .any(|one| one.cve.as_deref() == Some(cve)),
    }
}

#[utoipa::path(
    post,
    path = "/api/v1/exposure/exceptions",
    operation_id = "make_exception",
    summary = "Accepts an exposure for a time",
    description = "With a reason and at least one compensating control, until a day within a year. It hides nothing: \
    rows are marked as accepted until then. Who and when are kept.",
    request_body = MakeException,
    responses(
        (status = 200, description = "Done", body = ExceptionRow),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Not permitted, or a forged request", body = Problem),
        (status = 422, description = "The body cannot be used", body = Problem),
        (status = 503, description = "The store cannot commit now; see Retry-After", body = Problem),
    ),
    security(("session" = [])),
)]
pub(crate) async fn make_exception(
    State(app): State<Shared>,
    axum::Extension(who): Person,
    In(wish): In<MakeException>,
) -> Answer<ExceptionRow> {
    let no_target = refusal(ExceptionError::NoTarget);
    let scope = match (wish.device, wish.maker, wish.product) {
        (Some(id), None, None) => {
            let id = app.view(&who.tenant, |estate| estate.device(&id).map(holter_core::Device::id));
            Scope::Device { id: id.ok_or(refused("Not done: the device is not known here."))? }
        }
        (None, Some(maker), Some(product)) => {
            Scope::Product { maker: maker.trim().to_owned(), product: product.trim().to_owned() }
        }
        _ => return Err(refused(no_target)),
    };
    let target = match (wish.advisory, wish.cve) {
        (Some(id), None) => Target::Advisory(id.trim().to_owned()),
        (None, Some(cve)) => Target::Cve(cve.trim().to_owned()),
        _ => return Err(refused(no_target)),
    };
    if !is_known(&app.shelf(&who.tenant).await?.library, &target) {
        return Err(refused("Not done: no advisory here has this id or CVE."));
    }
    let exception = Exception {
        id: uuid::Uuid::now_v7().to_string(),
        scope,
        target,
        who: who.user.clone(),
        why: wish.why.trim().to_owned(),
        controls: wish.controls.iter().map(|one| one.trim().to_owned()).filter(|one| !one.is_empty()).collect(),
        made: now(),
        until: time(&wish.until).map_err(|_| refused("Not done: the day on which it ends cannot be read."))?,
    };
    // What could not be read back is not kept.
    let mut would: Exceptions = app.exposure.exceptions(&who.tenant);
    would.add(exception.clone()).map_err(|error| refused(refusal(error)))?;
    app.store.keep_exception(&who.tenant, &exception).await?;
    app.exposure.add_exception(&who.tenant, exception.clone()).map_err(|error| refused(refusal(error)))?;
    if let Scope::Device { id } = &exception.scope {
        app.tell(&who.tenant, "device", id.clone());
    }
    Ok(Json(views::exception(&exception, now())))
}

#[utoipa::path(
    post,
    path = "/api/v1/exposure/exceptions/{id}/revoke",
    operation_id = "revoke_exception",
    summary = "Takes an exception back",
    description = "What it accepted is open again at once. Who and when are kept.",
    params(("id" = String, Path, description = "Of an exception")),
    request_body = RevokeException,
    responses(
        (status = 200, description = "Done", body = ExceptionRow),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Not permitted, or a forged request", body = Problem),
        (status = 404, description = "There is none", body = Problem),
        (status = 422, description = "The body cannot be used", body = Problem),
        (status = 503, description = "The store cannot commit now; see Retry-After", body = Problem),
    ),
    security(("session" = [])),
)]
pub(crate) async fn revoke_exception(
    State(app): State<Shared>,
    axum::Extension(who): Person,
    Of(id): Of,
    In(wish): In<RevokeException>,
) -> Answer<ExceptionRow> {
    if wish.why.as_ref().is_some_and(|why| why.chars().count() > NOTE_MAX) {
        return Err(refused("Not done: a note has at most 2,000 characters."));
    }
    let at = now();
    if !app.store.revoke_exception(&who.tenant, &id, (&who.user, at), wish.why.as_deref()).await? {
        return Err(Fault::absent());
    }
    let gone = app.exposure.revoke_exception(&who.tenant, &id).ok_or(Fault::absent())?;
    if let Scope::Device { id } = &gone.scope {
        app.tell(&who.tenant, "device", id.clone());
    }
    Ok(Json(views::exception(&gone, at)))
}
