//! The routes of the inventory beyond lists: decisions, the past, suggestions and the map.

use super::{Answer, Shared};
use crate::api::fault::Fault;
use crate::api::guard::Person;
use crate::api::input::{In, Of, Q};
use crate::api::query::{DiffQuery, ExportQuery, MapQuery, limit, time};
use crate::api::types::*;
use crate::api::views;
use crate::app::now;
use crate::exporting::{self, Output};
use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use holter_core::FaceKey;
use holter_core::decree::{Decree, Field, Wish};
use holter_core::map::By;
use holter_core::measures::DEVICE_FIELDS;

/// The most hours after which a device counts as away.
const WITHIN_MAX: u32 = 720;

#[utoipa::path(
    post,
    path = "/api/v1/devices/{id}/decisions",
    operation_id = "decide",
    summary = "Decides something about a device",
    description = "Names, owners, classes, tags and notes that people set survive re-learning. Devices are merged and \
    split, and each decision can be undone. Who and when are kept. Answers with the device as it is then, which after \
    a merge may have another id.",
    params(("id" = String, Path, description = "Of a device")),
    request_body = Decide,
    responses(
        (status = 200, description = "Done", body = Device),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Not permitted, or a forged request", body = Problem),
        (status = 404, description = "There is none", body = Problem),
        (status = 422, description = "The body cannot be used", body = Problem),
        (status = 503, description = "The store cannot commit now; see Retry-After", body = Problem),
    ),
    security(("session" = [])),
)]
pub(crate) async fn decide(
    State(app): State<Shared>,
    axum::Extension(who): Person,
    Of(id): Of,
    In(wish): In<Decide>,
) -> Answer<Device> {
    let refused = |why: &'static str| Fault::input(why, "Correct it and try again.");
    let (site, about, wish) = app
        .view(&who.tenant, |estate| {
            let device = estate.device(&id).ok_or(None)?;
            let about = FaceKey::of(device.key);
            let about =
                if device.faces.contains_key(&about) { Some(about) } else { device.faces.keys().next().copied() };
            let about = about.ok_or(None)?;
            let wish = match wish {
                Decide::Set { field, value } => Wish::Set {
                    field: Field::parse(&field).ok_or(Some("Not done: there is no such field."))?,
                    value: value.map(|value| value.trim().to_owned()),
                },
                Decide::Tag { tag, on } => Wish::Tag { tag: tag.trim().to_owned(), on },
                Decide::Note { text } => Wish::Note { text },
                Decide::Undo { decision } => Wish::Undo { decree: decision },
                Decide::Merge { with } => {
                    let other = estate.device(&with).filter(|other| other.site == device.site);
                    let other = other.ok_or(Some("Not done: the other device is not known at this site."))?;
                    if other.key == device.key {
                        return Err(Some("Not done: the two are one device already."));
                    }
                    let face = other.faces.keys().find(|face| face.key == other.key).or(other.faces.keys().next());
                    Wish::Merge { with: face.ok_or(None)?.id() }
                }
                Decide::Split { face } => {
                    let face = FaceKey::parse(&face).filter(|face| device.faces.contains_key(face));
                    let face = face.ok_or(Some("Not done: the device has no such face."))?;
                    let from = device.faces.keys().filter(|other| **other != face).map(|other| other.id()).collect();
                    Wish::Split { face: face.id(), from }
                }
            };
            let decree = Decree {
                id: 0,
                site: device.site.clone(),
                about,
                who: who.user.clone(),
                at: now(),
                wish: wish.clone(),
                undone: None,
            };
            estate.may(&decree).map_err(Some)?;
            Ok((device.site.clone(), about, wish))
        })
        .map_err(|why: Option<&'static str>| why.map_or(Fault::absent(), refused))?;
    let at = now();
    let number = app.store.keep_decision(&who.tenant, (&site, about), &who.user, at, &wish).await?;
    let decree = Decree { id: number, site: site.clone(), about, who: who.user.clone(), at, wish, undone: None };
    let done = app.change(&who.tenant, |estate| estate.decree(decree));
    // It was kept; another decision that came between may have made it void, as it will be when it is read again.
    let changes = done.map_err(refused)?;
    for id in changes.devices.into_iter().take(64) {
        app.tell(&who.tenant, "device", id);
    }
    let device = app.view(&who.tenant, |estate| {
        let device = estate.device_by(&site, about.key)?;
        views::device(estate, &device.id(), now(), None)
    });
    device.map(Json).ok_or(Fault::absent())
}

#[utoipa::path(
    get,
    path = "/api/v1/suggestions",
    operation_id = "suggestions",
    summary = "Devices that may be one",
    description = "What is merely likely is not done but shown here, for a person to merge or leave.",
    responses(
        (status = 200, description = "Done", body = SuggestionList),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Not permitted, or a forged request", body = Problem),
    ),
    security(("session" = [])),
)]
pub(crate) async fn suggestions(State(app): State<Shared>, axum::Extension(who): Person) -> Answer<SuggestionList> {
    Ok(Json(app.view(&who.tenant, |estate| views::suggestions(estate, now()))))
}

#[utoipa::path(
    get,
    path = "/api/v1/changes",
    operation_id = "changes",
    summary = "What changed between two times",
    params(DiffQuery),
    responses(
        (status = 200, description = "Done", body = DiffAnswer),
        (status = 400, description = "The query cannot be read", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Not permitted, or a forged request", body = Problem),
    ),
    security(("session" = [])),
)]
pub(crate) async fn changes(
    State(app): State<Shared>,
    axum::Extension(who): Person,
    Q(query): Q<DiffQuery>,
) -> Answer<DiffAnswer> {
    let from = time(&query.from)?;
    let to = query.to.as_deref().map(time).transpose()?;
    let hours = query.within_hours.unwrap_or(24);
    if !(1..=WITHIN_MAX).contains(&hours) {
        return Err(Fault::bad_request("Hours are 1 to 720.", "Choose another number of hours."));
    }
    let limit = limit(query.limit);
    app.view(&who.tenant, |estate| {
        let to = to.unwrap_or_else(|| estate.present(now()));
        if from >= to {
            return Err(Fault::bad_request("`from` is not before `to`.", "Exchange the two times."));
        }
        Ok(Json(views::diff(estate, [from, to], hours, limit)))
    })
}

#[utoipa::path(
    get,
    path = "/api/v1/map",
    operation_id = "map",
    summary = "Who talks to whom",
    description = "Devices put together by network, zone, class or role, or each for itself; at most 300 nodes, the \
    busiest.",
    params(MapQuery),
    responses(
        (status = 200, description = "Done", body = MapAnswer),
        (status = 400, description = "The query cannot be read", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Not permitted, or a forged request", body = Problem),
    ),
    security(("session" = [])),
)]
pub(crate) async fn map(
    State(app): State<Shared>,
    axum::Extension(who): Person,
    Q(query): Q<MapQuery>,
) -> Answer<MapAnswer> {
    let wrong = || Fault::bad_request("There is no such grouping.", "Use zone, network, class, role or device.");
    let by = By::parse(query.by.as_deref().unwrap_or("network")).ok_or_else(wrong)?;
    let zones = app.store.zones(&who.tenant).await?;
    let zone_of = |ip| crate::exposure::zone_of(&zones, ip);
    let text = query.q.unwrap_or_default();
    Ok(Json(app.view(&who.tenant, |estate| views::map(estate, &text, by, &zone_of, now()))))
}

#[utoipa::path(
    get,
    path = "/api/v1/export",
    operation_id = "export",
    summary = "Devices for other programs",
    description = "Every device that the filter leaves, as a file; one at a time is made.",
    params(ExportQuery),
    responses(
        (status = 200, description = "Done", content_type = "application/octet-stream", body = String),
        (status = 400, description = "The query cannot be read", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Not permitted, or a forged request", body = Problem),
        (status = 429, description = "Another export is being made; see Retry-After", body = Problem),
    ),
    security(("session" = [])),
)]
pub(crate) async fn export(
    State(app): State<Shared>,
    axum::Extension(who): Person,
    Q(query): Q<ExportQuery>,
) -> Result<Response, Fault> {
    let wrong = || Fault::bad_request("There is no such format.", "Use csv, json, ocsf or cyclonedx.");
    let output = Output::parse(&query.format).ok_or_else(wrong)?;
    let at = query.at.as_deref().map(time).transpose()?;
    let filter = holter_core::filter::parse(&query.q.unwrap_or_default(), DEVICE_FIELDS);
    let permit = app.exporting.clone().try_acquire_owned().map_err(|_| Fault::too_many(5))?;
    // Made whole before it is sent: a slow reader holds no lock.
    let made = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        let now = now();
        app.view(&who.tenant, |estate| {
            exporting::select(estate, &filter, at, now, |items| {
                let mut bytes = Vec::new();
                exporting::write(output, items, at.unwrap_or(now), &mut bytes).map(|_| bytes)
            })
        })
    });
    let bytes = made.await.ok().and_then(Result::ok).ok_or(Fault::store())?;
    let named = format!("attachment; filename=\"{}\"", output.file());
    let headers = [(header::CONTENT_TYPE, output.media_type().to_owned()), (header::CONTENT_DISPOSITION, named)];
    Ok((headers, bytes).into_response())
}
