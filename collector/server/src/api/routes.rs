//! The routes. Each is documented where it stands; the guard has let through whoever arrives here.

pub(crate) mod exposure;
pub(crate) mod inventory;

use super::fault::Fault;
use super::guard::{COOKIE, From, Person, may};
use super::input::{In, Of, Q};
use super::query::{AtQuery, FindingQuery, ListQuery, PageQuery, limit, offset, time};
use super::types::*;
use super::views;
use crate::app::{count, now, source};
use crate::store::people::{ABSOLUTE, IDLE, PASSWORD_MAX, Who};
use crate::tokens::{Grant, make};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use holter_core::exposure::EXPOSURE_FIELDS;
use holter_core::measures::{DEVICE_FIELDS, FINDING_FIELDS};
use holter_core::{MINUTE, Move, Standing};
use holter_wire::enrol::SiteData;
use std::sync::Arc;
use std::sync::atomic::Ordering;

pub(crate) type Answer<T> = Result<Json<T>, Fault>;

pub(crate) type Shared = Arc<crate::app::App>;

/// Tries to log in, in five minutes, from one address and for one name.
const LOGINS: u32 = 10;
/// Characters of a note.
const NOTE_MAX: usize = 2_000;

fn account(who: &Who) -> Session {
    Session {
        user: who.user.clone(),
        role: who.role,
        csrf: who.csrf.clone(),
        tenant: who.tenant.clone(),
        idle_until: Utc(who.used.saturating_add(IDLE)),
        ends: Utc(who.made.saturating_add(ABSOLUTE)),
        may: may(who.role),
    }
}

async fn enrolled(app: &Shared, tenant: &str) -> Result<Vec<crate::store::Enrolment>, Fault> {
    let mut all = app.store.enrolments().await?;
    all.retain(|one| one.tenant == tenant);
    Ok(all)
}

async fn one_sensor(app: &Shared, who: &Who, id: &str) -> Answer<Sensor> {
    let enrolled = enrolled(app, &who.tenant).await?;
    let one = enrolled.iter().find(|one| one.id.to_string() == id).ok_or(Fault::absent())?;
    let live = app.live().get(&one.id).copied().unwrap_or_default();
    let delivery = app.store.deliveries().await?.get(id).copied().unwrap_or_default();
    let gone = app.store.gone(id).await?;
    Ok(Json(app.view(&who.tenant, |estate| views::sensor(estate, one, live, delivery, &gone, now()))))
}

/// `HOST:PORT` as an enrolment token carries it.
pub(crate) fn is_host(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else { return false };
    let fits = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | ':' | '[' | ']');
    !host.is_empty() && host.len() <= 255 && host.chars().all(fits) && port.parse::<u16>().is_ok_and(|port| port > 0)
}

#[utoipa::path(
    post,
    path = "/api/v1/login",
    operation_id = "login",
    summary = "Logs in",
    description = "Sets the cookie `__Host-holter`. At most 10 tries in 5 minutes from one address or for one name.",
    request_body = Login,
    responses(
        (status = 200, description = "Done", body = Session),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Not permitted, or a forged request", body = Problem),
        (status = 422, description = "The body cannot be used", body = Problem),
        (status = 429, description = "Too many tries; see Retry-After", body = Problem),
        (status = 503, description = "The store cannot commit now; see Retry-After", body = Problem),
    ),
)]
pub(crate) async fn login(
    State(app): State<Shared>,
    axum::Extension(peer): From,
    In(login): In<Login>,
) -> Result<Response, Fault> {
    if login.user.is_empty() || login.user.len() > 64 || login.password.len() > PASSWORD_MAX {
        return Err(Fault::login_refused());
    }
    let from = source(peer.0.ip());
    let allowed =
        app.allow("login from", &from, LOGINS, 5 * MINUTE) && app.allow("login as", &login.user, LOGINS, 5 * MINUTE);
    if !allowed {
        app.store
            .audit(now(), crate::store::TENANT, &format!("address {from}"), "login refused", "too many tries")
            .await?;
        return Err(Fault::too_many(300));
    }
    let permit = app.hashing.acquire().await.map_err(|_| Fault::store())?;
    let known = app.store.log_in(&login.user, login.password, &app.decoy, now()).await?;
    drop(permit);
    let Some((token, who)) = known else {
        count(&app.counters.logins_refused);
        // The name is not kept: people type passwords into the wrong field.
        app.store
            .audit(now(), crate::store::TENANT, &format!("address {from}"), "login refused", "name or password")
            .await?;
        return Err(Fault::login_refused());
    };
    app.store.audit(now(), &who.tenant, &who.user, "login", &from).await?;
    let cookie = format!(
        "{COOKIE}={token}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age={}",
        ABSOLUTE / holter_core::SECOND
    );
    let mut response = Json(account(&who)).into_response();
    response.headers_mut().insert(header::SET_COOKIE, HeaderValue::try_from(cookie).map_err(|_| Fault::store())?);
    Ok(response)
}

#[utoipa::path(
    post,
    path = "/api/v1/logout",
    operation_id = "logout",
    summary = "Logs out",
    description = "Ends this session at once.",
    responses(
        (status = 204, description = "Done"),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Not permitted, or a forged request", body = Problem),
        (status = 503, description = "The store cannot commit now; see Retry-After", body = Problem),
    ),
    security(("session" = [])),
)]
pub(crate) async fn logout(State(app): State<Shared>, axum::Extension(who): Person) -> Result<Response, Fault> {
    app.store.end_session(&who.hash).await?;
    let gone = format!("{COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0");
    let mut response = StatusCode::NO_CONTENT.into_response();
    response.headers_mut().insert(header::SET_COOKIE, HeaderValue::try_from(gone).map_err(|_| Fault::store())?);
    Ok(response)
}

#[utoipa::path(
    get,
    path = "/api/v1/session",
    operation_id = "session",
    summary = "Who is logged in",
    responses(
        (status = 200, description = "Done", body = Session),
        (status = 401, description = "Not logged in", body = Problem),
    ),
    security(("session" = [])),
)]
pub(crate) async fn session(axum::Extension(who): Person) -> Json<Session> {
    Json(account(&who))
}

#[utoipa::path(
    get,
    path = "/api/v1/today",
    operation_id = "today",
    summary = "The page that is read first",
    responses(
        (status = 200, description = "Done", body = Today),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Not permitted, or a forged request", body = Problem),
    ),
    security(("session" = [])),
)]
pub(crate) async fn today(State(app): State<Shared>, axum::Extension(who): Person) -> Answer<Today> {
    let enrolled = enrolled(&app, &who.tenant).await?;
    let live = app.live().clone();
    Ok(Json(app.view(&who.tenant, |estate| views::today(estate, &enrolled, &live, now()))))
}

#[utoipa::path(
    get,
    path = "/api/v1/filter-fields",
    operation_id = "filter_fields",
    summary = "The words of the filters",
    responses(
        (status = 200, description = "Done", body = FilterFields),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Not permitted, or a forged request", body = Problem),
    ),
    security(("session" = [])),
)]
pub(crate) async fn filter_fields() -> Json<FilterFields> {
    Json(FilterFields {
        devices: views::fields(DEVICE_FIELDS),
        exposure: views::fields(EXPOSURE_FIELDS),
        findings: views::fields(FINDING_FIELDS),
    })
}

#[utoipa::path(
    get,
    path = "/api/v1/devices",
    operation_id = "devices",
    summary = "Devices that a filter leaves",
    params(ListQuery),
    responses(
        (status = 200, description = "Done", body = DeviceList),
        (status = 400, description = "The query cannot be read", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Not permitted, or a forged request", body = Problem),
    ),
    security(("session" = [])),
)]
pub(crate) async fn devices(
    State(app): State<Shared>,
    axum::Extension(who): Person,
    Q(query): Q<ListQuery>,
) -> Answer<DeviceList> {
    let (text, from) = (query.q.unwrap_or_default(), offset(query.cursor.as_deref())?);
    let (sort, limit) = (query.sort.as_deref(), limit(query.limit));
    let at = query.at.as_deref().map(time).transpose()?;
    Ok(Json(app.view(&who.tenant, |estate| views::device_list(estate, &text, sort, from, limit, now(), at))))
}

#[utoipa::path(
    get,
    path = "/api/v1/devices/{id}",
    operation_id = "device",
    summary = "A device",
    params(("id" = String, Path, description = "Of a device"), AtQuery),
    responses(
        (status = 200, description = "Done", body = Device),
        (status = 400, description = "The query cannot be read", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Not permitted, or a forged request", body = Problem),
        (status = 404, description = "There is none", body = Problem),
    ),
    security(("session" = [])),
)]
pub(crate) async fn device(
    State(app): State<Shared>,
    axum::Extension(who): Person,
    Of(id): Of,
    Q(query): Q<AtQuery>,
) -> Answer<Device> {
    let at = query.at.as_deref().map(time).transpose()?;
    app.view(&who.tenant, |estate| views::device(estate, &id, now(), at)).map(Json).ok_or(Fault::absent())
}

#[utoipa::path(
    get,
    path = "/api/v1/findings",
    operation_id = "findings",
    summary = "Findings that a filter leaves",
    params(FindingQuery),
    responses(
        (status = 200, description = "Done", body = FindingList),
        (status = 400, description = "The query cannot be read", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Not permitted, or a forged request", body = Problem),
    ),
    security(("session" = [])),
)]
pub(crate) async fn findings(
    State(app): State<Shared>,
    axum::Extension(who): Person,
    Q(query): Q<FindingQuery>,
) -> Answer<FindingList> {
    let (text, from) = (query.q.unwrap_or_default(), offset(query.cursor.as_deref())?);
    let limit = limit(query.limit);
    Ok(Json(app.view(&who.tenant, |estate| views::finding_list(estate, &text, query.state, from, limit, now()))))
}

#[utoipa::path(
    get,
    path = "/api/v1/findings/{id}",
    operation_id = "finding",
    summary = "A finding",
    params(("id" = String, Path, description = "Of a finding")),
    responses(
        (status = 200, description = "Done", body = Finding),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Not permitted, or a forged request", body = Problem),
        (status = 404, description = "There is none", body = Problem),
    ),
    security(("session" = [])),
)]
pub(crate) async fn finding(State(app): State<Shared>, axum::Extension(who): Person, Of(id): Of) -> Answer<Finding> {
    app.view(&who.tenant, |estate| views::finding(estate, &id)).map(Json).ok_or(Fault::absent())
}

#[utoipa::path(
    post,
    path = "/api/v1/findings/{id}/state",
    operation_id = "set_finding_state",
    summary = "Moves a finding to another state",
    description = "Who and when are kept, with every earlier move.",
    params(("id" = String, Path, description = "Of a finding")),
    request_body = SetState,
    responses(
        (status = 200, description = "Done", body = Finding),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Not permitted, or a forged request", body = Problem),
        (status = 404, description = "There is none", body = Problem),
        (status = 422, description = "The body cannot be used", body = Problem),
        (status = 503, description = "The store cannot commit now; see Retry-After", body = Problem),
    ),
    security(("session" = [])),
)]
pub(crate) async fn set_finding_state(
    State(app): State<Shared>,
    axum::Extension(who): Person,
    Of(id): Of,
    In(wish): In<SetState>,
) -> Answer<Finding> {
    if wish.note.as_ref().is_some_and(|note| note.chars().count() > NOTE_MAX) {
        return Err(Fault::input("Not saved: the note is longer than 2,000 characters.", "Shorten it."));
    }
    let to = Standing::parse(wish.state.as_str()).ok_or(Fault::absent())?;
    let room = app.view(&who.tenant, |estate| estate.findings.get(&id).map(|case| case.moves.len()));
    match room {
        None => return Err(Fault::absent()),
        Some(moves) if moves >= holter_core::finding::MOVES_MAX => {
            return Err(Fault::input("Not saved: this finding was moved too often.", "Leave it as it is."));
        }
        Some(_) => {}
    }
    let step = Move { to, who: who.user, at: now(), note: wish.note.filter(|note| !note.trim().is_empty()) };
    app.store.keep_move(&who.tenant, &id, &step).await?;
    app.change(&who.tenant, |estate| estate.move_finding(&id, step).is_some());
    app.tell(&who.tenant, "finding", id.clone());
    app.view(&who.tenant, |estate| views::finding(estate, &id)).map(Json).ok_or(Fault::absent())
}

#[utoipa::path(
    get,
    path = "/api/v1/sensors",
    operation_id = "sensors",
    summary = "Sensors",
    responses(
        (status = 200, description = "Done", body = SensorList),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Not permitted, or a forged request", body = Problem),
    ),
    security(("session" = [])),
)]
pub(crate) async fn sensors(State(app): State<Shared>, axum::Extension(who): Person) -> Answer<SensorList> {
    let enrolled = enrolled(&app, &who.tenant).await?;
    let live = app.live().clone();
    let items: Vec<SensorRow> = app.view(&who.tenant, |estate| {
        enrolled
            .iter()
            .take(500)
            .map(|one| views::sensor_row(estate, one, live.get(&one.id).copied().unwrap_or_default(), now()))
            .collect()
    });
    Ok(Json(SensorList { total: enrolled.len() as u64, items }))
}

#[utoipa::path(
    get,
    path = "/api/v1/sensors/{id}",
    operation_id = "sensor",
    summary = "A sensor",
    params(("id" = String, Path, description = "Of a sensor")),
    responses(
        (status = 200, description = "Done", body = Sensor),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Not permitted, or a forged request", body = Problem),
        (status = 404, description = "There is none", body = Problem),
    ),
    security(("session" = [])),
)]
pub(crate) async fn sensor(State(app): State<Shared>, axum::Extension(who): Person, Of(id): Of) -> Answer<Sensor> {
    one_sensor(&app, &who, &id).await
}

#[utoipa::path(
    post,
    path = "/api/v1/sensors/{id}/revoke",
    operation_id = "revoke_sensor",
    summary = "Revokes a sensor's certificate",
    description = "Its connection ends within a second; what it delivered stays.",
    params(("id" = String, Path, description = "Of a sensor")),
    responses(
        (status = 200, description = "Done", body = Sensor),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Not permitted, or a forged request", body = Problem),
        (status = 404, description = "There is none", body = Problem),
        (status = 503, description = "The store cannot commit now; see Retry-After", body = Problem),
    ),
    security(("session" = [])),
)]
pub(crate) async fn revoke_sensor(
    State(app): State<Shared>,
    axum::Extension(who): Person,
    Of(id): Of,
) -> Answer<Sensor> {
    if !app.store.revoke(&who.tenant, &id, now()).await? {
        return Err(Fault::absent());
    }
    app.tell(&who.tenant, "sensor", id.clone());
    one_sensor(&app, &who, &id).await
}

#[utoipa::path(
    post,
    path = "/api/v1/enrolment-tokens",
    operation_id = "create_enrolment_token",
    summary = "Makes an enrolment token",
    description = "Single use, at most 24 hours.",
    request_body = NewToken,
    responses(
        (status = 200, description = "Done", body = TokenMade),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Not permitted, or a forged request", body = Problem),
        (status = 422, description = "The body cannot be used", body = Problem),
        (status = 503, description = "The store cannot commit now; see Retry-After", body = Problem),
    ),
    security(("session" = [])),
)]
pub(crate) async fn create_enrolment_token(
    State(app): State<Shared>,
    axum::Extension(who): Person,
    In(wish): In<NewToken>,
) -> Answer<TokenMade> {
    let name = wish.name.unwrap_or_else(|| "sensor".to_owned());
    if name.is_empty() || name.chars().count() > 64 || name.chars().any(char::is_control) {
        return Err(Fault::input("No token was made: a name has 1 to 64 characters.", "Choose another name."));
    }
    let hours = wish.valid_hours.unwrap_or(24);
    if !(1..=24).contains(&hours) {
        return Err(Fault::input("No token was made: it can be valid for 1 to 24 hours.", "Choose fewer hours."));
    }
    let site_data = match (wish.show_site_data.unwrap_or(false), wish.why) {
        (false, _) => SiteData::Hash,
        (true, Some(why)) if !why.trim().is_empty() && why.chars().count() <= 200 => {
            SiteData::Show { who: who.user.clone(), when: Utc(now()).to_string(), why }
        }
        (true, _) => {
            return Err(Fault::input("No token was made: showing names of machines needs a reason.", "Fill in `why`."));
        }
    };
    let host = wish.host.unwrap_or_else(|| app.reached_at.clone());
    if !is_host(&host) {
        return Err(Fault::input(
            "No token was made: the collector's address is written HOST:PORT.",
            "Correct `host`.",
        ));
    }
    let grant = Grant { tenant: who.tenant, name, host, hours, site_data, zones: Vec::new() };
    let (token, ends) = make(&app.store, &app.authority, &grant).await.map_err(|_| Fault::store())?;
    Ok(Json(TokenMade { token: token.to_string(), ends: Utc(ends) }))
}

#[utoipa::path(
    get,
    path = "/api/v1/audit",
    operation_id = "audit",
    summary = "The audit log, newest first",
    params(PageQuery),
    responses(
        (status = 200, description = "Done", body = AuditPage),
        (status = 400, description = "The query cannot be read", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Not permitted, or a forged request", body = Problem),
        (status = 503, description = "The store cannot commit now; see Retry-After", body = Problem),
    ),
    security(("session" = [])),
)]
pub(crate) async fn audit(
    State(app): State<Shared>,
    axum::Extension(who): Person,
    Q(query): Q<PageQuery>,
) -> Answer<AuditPage> {
    let before = match query.cursor.as_deref() {
        None => None,
        Some(cursor) => Some(i64::try_from(offset(Some(cursor))?).unwrap_or(i64::MAX)),
    };
    let limit = limit(query.limit);
    let (total, items) = app.store.audit_page(&who.tenant, before, limit).await?;
    let chain = match app.store.verify_audit().await? {
        crate::store::audit::Chain::Whole { .. } => "Whole.".to_owned(),
        crate::store::audit::Chain::Broken { seq, why } => format!("Broken at row {seq}: {why}."),
    };
    let more = items.len() == limit && items.last().is_some_and(|row| row.seq > 1);
    Ok(Json(AuditPage {
        total,
        truncated: (items.len() as u64) < total,
        next_cursor: items.last().filter(|_| more).map(|row| row.seq.to_string()),
        chain,
        items,
    }))
}

#[utoipa::path(
    get,
    path = "/api/v1/stream",
    operation_id = "stream",
    summary = "Changes as they happen",
    description = "Server-sent events: `device`, `finding` or `sensor`, each with data `{\"id\": ...}`; `lag` when events were missed and lists should be read again.",
    responses(
        (status = 200, description = "Done", content_type = "text/event-stream", body = String),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Not permitted, or a forged request", body = Problem),
    ),
    security(("session" = [])),
)]
pub(crate) async fn stream(State(app): State<Shared>, axum::Extension(who): Person) -> Response {
    super::stream::stream(app, who)
}

#[utoipa::path(
    get,
    path = "/api/openapi.json",
    operation_id = "openapi",
    summary = "This document",
    responses(
        (status = 200, description = "Done", content_type = "application/json", body = serde_json::Value),
    ),
)]
pub(crate) async fn openapi() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], super::document()).into_response()
}

#[utoipa::path(
    get,
    path = "/metrics",
    operation_id = "metrics",
    summary = "Counters for Prometheus",
    description = "Text format 0.0.4. Needs a session, or `Authorization: Bearer` with the content of `metrics.token` in the data folder.",
    responses(
        (status = 200, description = "Done", content_type = "text/plain", body = String),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Not permitted, or a forged request", body = Problem),
    ),
    security(("session" = [])),
)]
pub(crate) async fn metrics(State(app): State<Shared>) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], crate::metrics::text(&app)).into_response()
}

#[utoipa::path(
    get,
    path = "/healthz",
    operation_id = "healthz",
    summary = "Whether the collector can commit",
    responses(
        (status = 200, description = "It can", body = Health),
        (status = 503, description = "It cannot", body = Health),
    ),
)]
pub(crate) async fn healthz(State(app): State<Shared>) -> Response {
    let failing = app.failing.load(Ordering::Relaxed);
    let status = if failing { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    let state = if failing { "refusing" } else { "ok" };
    (status, Json(Health { state: state.to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() })).into_response()
}
