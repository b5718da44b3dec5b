use axum::response::IntoResponse;
use super::query::{FindingQuery, ListQuery, PageQuery};
use super::types::*;
use axum::response::Response;
use std::sync::Arc;

pub(crate) type Shared = Arc<crate::app::App>;

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
pub(crate) async fn login() -> Response { super::fault::Fault::store().into_response() }

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
pub(crate) async fn logout() -> Response { super::fault::Fault::store().into_response() }

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
pub(crate) async fn session() -> Response { super::fault::Fault::store().into_response() }

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
pub(crate) async fn today() -> Response { super::fault::Fault::store().into_response() }

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
pub(crate) async fn filter_fields() -> Response { super::fault::Fault::store().into_response() }

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
pub(crate) async fn devices() -> Response { super::fault::Fault::store().into_response() }

#[utoipa::path(
    get,
    path = "/api/v1/devices/{id}",
    operation_id = "device",
    summary = "A device",
    params(("id" = String, Path, description = "Of a device")),
    responses(
        (status = 200, description = "Done", body = Device),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Not permitted, or a forged request", body = Problem),
        (status = 404, description = "There is none", body = Problem),
    ),
    security(("session" = [])),
)]
pub(crate) async fn device() -> Response { super::fault::Fault::store().into_response() }

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
pub(crate) async fn findings() -> Response { super::fault::Fault::store().into_response() }

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
pub(crate) async fn finding() -> Response { super::fault::Fault::store().into_response() }

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
pub(crate) async fn set_finding_state() -> Response { super::fault::Fault::store().into_response() }

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
pub(crate) async fn sensors() -> Response { super::fault::Fault::store().into_response() }

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
pub(crate) async fn sensor() -> Response { super::fault::Fault::store().into_response() }

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
pub(crate) async fn revoke_sensor() -> Response { super::fault::Fault::store().into_response() }

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
pub(crate) async fn create_enrolment_token() -> Response { super::fault::Fault::store().into_response() }

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
pub(crate) async fn audit() -> Response { super::fault::Fault::store().into_response() }

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
pub(crate) async fn stream() -> Response { super::fault::Fault::store().into_response() }

#[utoipa::path(
    get,
    path = "/api/openapi.json",
    operation_id = "openapi",
    summary = "This document",
    responses(
        (status = 200, description = "Done", content_type = "application/json", body = serde_json::Value),
    ),
)]
pub(crate) async fn openapi() -> Response { super::fault::Fault::store().into_response() }

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
pub(crate) async fn metrics() -> Response { super::fault::Fault::store().into_response() }

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
pub(crate) async fn healthz() -> Response { super::fault::Fault::store().into_response() }
