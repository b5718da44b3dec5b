//! Who may do what, in one table, and the one place that asks it.

use super::fault::Fault;
use super::routes::Shared;
use super::types::UserRole::{self, Admin, Auditor, Biomed, Network, Privacy, Soc};
use crate::app::{count, now};
use crate::http::Peer;
use crate::store::people::Who;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::Response;

pub(crate) const COOKIE: &str = "__Host-holter";
const EVERYBODY: &[UserRole] = &UserRole::ALL;

#[derive(Debug, Clone, Copy)]
pub(crate) enum Rule {
    /// No session is needed.
    Open,
    /// A session of one of these roles.
    Roles(&'static [UserRole]),
    /// The same, or the token of the machine that reads metrics.
    RolesOrToken(&'static [UserRole]),
}

#[derive(Debug)]
pub(crate) struct Permission {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) operation: &'static str,
    pub(crate) rule: Rule,
}

const fn get(path: &'static str, operation: &'static str, rule: Rule) -> Permission {
    Permission { method: Method::GET, path, operation, rule }
}

const fn post(path: &'static str, operation: &'static str, rule: Rule) -> Permission {
    Permission { method: Method::POST, path, operation, rule }
}

/// Every route has a line; a route without one answers 404.
pub(crate) static PERMISSIONS: &[Permission] = &[
    post("/api/v1/login", "login", Rule::Open),
    post("/api/v1/logout", "logout", Rule::Roles(EVERYBODY)),
    get("/api/v1/session", "session", Rule::Roles(EVERYBODY)),
    get("/api/v1/today", "today", Rule::Roles(EVERYBODY)),
    get("/api/v1/filter-fields", "filter_fields", Rule::Roles(EVERYBODY)),
    get("/api/v1/devices", "devices", Rule::Roles(EVERYBODY)),
    get("/api/v1/devices/{id}", "device", Rule::Roles(EVERYBODY)),
    post("/api/v1/devices/{id}/decisions", "decide", Rule::Roles(&[Biomed, Network, Soc, Admin])),
    get("/api/v1/suggestions", "suggestions", Rule::Roles(EVERYBODY)),
    get("/api/v1/changes", "changes", Rule::Roles(EVERYBODY)),
    get("/api/v1/map", "map", Rule::Roles(EVERYBODY)),
    get("/api/v1/export", "export", Rule::Roles(EVERYBODY)),
    get("/api/v1/exposure", "exposure", Rule::Roles(EVERYBODY)),
    get("/api/v1/exposure/summary", "exposure_summary", Rule::Roles(EVERYBODY)),
    get("/api/v1/devices/{id}/exposure", "device_exposure", Rule::Roles(EVERYBODY)),
    post("/api/v1/exposure/exceptions", "make_exception", Rule::Roles(&[Biomed, Soc, Admin])),
    post("/api/v1/exposure/exceptions/{id}/revoke", "revoke_exception", Rule::Roles(&[Biomed, Soc, Admin])),
    get("/api/v1/findings", "findings", Rule::Roles(EVERYBODY)),
    get("/api/v1/findings/{id}", "finding", Rule::Roles(EVERYBODY)),
    post("/api/v1/findings/{id}/state", "set_finding_state", Rule::Roles(&[Biomed, Network, Soc, Admin])),
    get("/api/v1/sensors", "sensors", Rule::Roles(EVERYBODY)),
    get("/api/v1/sensors/{id}", "sensor", Rule::Roles(EVERYBODY)),
    post("/api/v1/sensors/{id}/revoke", "revoke_sensor", Rule::Roles(&[Admin])),
    post("/api/v1/enrolment-tokens", "create_enrolment_token", Rule::Roles(&[Biomed, Admin])),
    get("/api/v1/audit", "audit", Rule::Roles(&[Privacy, Auditor, Admin])),
    get("/api/v1/stream", "stream", Rule::Roles(EVERYBODY)),
    get("/api/openapi.json", "openapi", Rule::Open),
    get("/metrics", "metrics", Rule::RolesOrToken(EVERYBODY)),
    get("/healthz", "healthz", Rule::Open),
];

pub(crate) fn may(role: UserRole) -> Vec<String> {
    let granted = |permission: &&Permission| match permission.rule {
        Rule::Open => true,
        Rule::Roles(roles) | Rule::RolesOrToken(roles) => roles.contains(&role),
    };
    PERMISSIONS.iter().filter(granted).map(|permission| permission.operation.to_owned()).collect()
}

/// Equal in a time that depends on the lengths only.
pub(crate) fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='))
        .filter(|token| token.len() == 64)
}

/// Whether a browser says that the request comes from another page than ours.
fn is_foreign(headers: &HeaderMap, host: Option<&str>) -> bool {
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let site = headers.get("sec-fetch-site").map(|value| value.as_bytes() == b"same-origin");
    let origin = text(header::ORIGIN).map(|origin| {
        let stripped = origin.strip_prefix("https://");
        stripped.is_some() && stripped == host
    });
    // What no browser sent has neither header; it cannot carry a victim's cookie.
    site == Some(false) || origin == Some(false)
}

pub(crate) async fn guard(
    State(app): State<Shared>,
    path: MatchedPath,
    mut request: Request,
    next: Next,
) -> Result<Response, Fault> {
    count(&app.counters.requests);
    let method = if request.method() == Method::HEAD { Method::GET } else { request.method().clone() };
    let known = PERMISSIONS.iter().find(|permission| permission.method == method && permission.path == path.as_str());
    let Some(permission) = known else { return Err(Fault::absent()) };
    let changes = method != Method::GET;
    let host = request
        .headers()
        .get(header::HOST)
        .and_then(|host| host.to_str().ok().map(str::to_owned))
        .or_else(|| request.uri().authority().map(ToString::to_string));
    if changes && is_foreign(request.headers(), host.as_deref()) {
        return Err(Fault::forgery());
    }
    let roles = match permission.rule {
        Rule::Open => return Ok(next.run(request).await),
        Rule::RolesOrToken(_) if bearer(request.headers()).is_some_and(|token| same(token, &app.metrics_token)) => {
            return Ok(next.run(request).await);
        }
        Rule::Roles(roles) | Rule::RolesOrToken(roles) => roles,
    };
    let token = cookie(request.headers()).ok_or(Fault::login_needed())?.to_owned();
    let who = app.store.session(&token, now()).await?.ok_or(Fault::login_needed())?;
    if changes {
        let given = request.headers().get("x-holter-csrf").and_then(|value| value.to_str().ok());
        if !given.is_some_and(|given| same(given, &who.csrf)) {
            return Err(Fault::forgery());
        }
    }
    let object: String = request.uri().path().chars().take(200).collect();
    if !roles.contains(&who.role) {
        app.store.audit(now(), &who.tenant, &who.user, &format!("{} refused", permission.operation), &object).await?;
        return Err(Fault::not_permitted());
    }
    // What cannot be written down is not shown and not done.
    app.store.audit(now(), &who.tenant, &who.user, permission.operation, &object).await?;
    request.extensions_mut().insert(who);
    Ok(next.run(request).await)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

/// The person behind a request that passed the guard.
pub(crate) type Person = axum::Extension<Who>;
pub(crate) type From = axum::Extension<Peer>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_has_a_rule_and_every_rule_a_route() {
        let (_, openapi) = super::super::router().split_for_parts();
        let mut routes = Vec::new();
        for (path, item) in &openapi.paths.paths {
            for (method, operation) in [(Method::GET, &item.get), (Method::POST, &item.post)] {
                if let Some(operation) = operation {
                    routes.push((method, path.clone(), operation.operation_id.clone().unwrap_or_default()));
                }
            }
            assert!(item.put.is_none() && item.delete.is_none() && item.patch.is_none(), "{path}");
        }
        for (method, path, operation) in &routes {
            let rules = PERMISSIONS.iter().filter(|p| p.method == method && p.path == path && p.operation == operation);
            assert_eq!(rules.count(), 1, "{method} {path}");
        }
        assert_eq!(routes.len(), PERMISSIONS.len());
    }

    #[test]
    fn only_those_who_work_on_findings_may_move_them_and_auditors_change_nothing() {
        for role in UserRole::ALL {
            let may = may(role);
            let moves = may.contains(&"set_finding_state".to_owned());
            assert_eq!(moves, !matches!(role, Privacy | Auditor), "{role:?}");
        }
        for permission in PERMISSIONS.iter().filter(|p| p.method != Method::GET && p.operation != "logout") {
            if let Rule::Roles(roles) = permission.rule {
                assert!(!roles.contains(&Auditor), "{}", permission.operation);
            }
        }
    }

    #[test]
    fn a_request_from_another_page_is_foreign() {
        let headers = |pairs: &[(&'static str, &'static str)]| {
            pairs
                .iter()
                .map(|(k, v)| (header::HeaderName::from_static(k), header::HeaderValue::from_static(v)))
                .collect::<HeaderMap>()
        };
        let host = Some("collector:8443");
        assert!(!is_foreign(
            &headers(&[("sec-fetch-site", "same-origin"), ("origin", "https://collector:8443")]),
            host
        ));
        assert!(!is_foreign(&headers(&[]), host));
        for foreign in [
            [("sec-fetch-site", "cross-site"), ("x-a", "")],
            [("sec-fetch-site", "same-site"), ("x-a", "")],
            [("sec-fetch-site", "none"), ("x-a", "")],
            [("origin", "https://evil.example"), ("x-a", "")],
            [("origin", "null"), ("sec-fetch-site", "same-origin")],
            [("origin", "http://collector:8443"), ("x-a", "")],
        ] {
            assert!(is_foreign(&headers(&foreign), host), "{foreign:?}");
        }
    }
}
