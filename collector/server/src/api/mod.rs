//! The HTTP API: types, the routes that serve them, who may use which, and the document made from both.

pub(crate) mod fault;
pub(crate) mod guard;
mod input;
pub(crate) mod query;
pub(crate) mod routes;
mod stream;
pub(crate) mod types;
pub(crate) mod views;

use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "holter collector",
        description = "Devices, findings and sensors of a clinical network. Times are RFC 3339 in UTC; ids are \
        strings; percentages are 0 to 100. Every error is a `Problem`: what was not done, what to do, and the request \
        id. Requests other than GET need the header `X-Holter-Csrf` from the login. Lists are capped and say so. \
        503 comes with `Retry-After` in seconds.",
        license(name = "Apache-2.0 OR MIT", identifier = "Apache-2.0 OR MIT"),
    ),
    modifiers(&Cookie),
)]
struct Document;

struct Cookie;

impl utoipa::Modify for Cookie {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
        openapi
            .components
            .get_or_insert_with(Default::default)
            .add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("__Host-holter"))));
    }
}

/// Every route of the API, with its documentation.
pub(crate) fn router() -> OpenApiRouter<routes::Shared> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(routes::login))
        .routes(routes!(routes::logout))
        .routes(routes!(routes::session))
        .routes(routes!(routes::today))
        .routes(routes!(routes::filter_fields))
        .routes(routes!(routes::devices))
        .routes(routes!(routes::device))
        .routes(routes!(routes::inventory::decide))
        .routes(routes!(routes::inventory::suggestions))
        .routes(routes!(routes::inventory::changes))
        .routes(routes!(routes::inventory::map))
        .routes(routes!(routes::inventory::export))
        .routes(routes!(routes::exposure::exposure))
        .routes(routes!(routes::exposure::exposure_summary))
        .routes(routes!(routes::exposure::device_exposure))
        .routes(routes!(routes::exposure::make_exception))
        .routes(routes!(routes::exposure::revoke_exception))
        .routes(routes!(routes::findings))
        .routes(routes!(routes::finding))
        .routes(routes!(routes::set_finding_state))
        .routes(routes!(routes::sensors))
        .routes(routes!(routes::sensor))
        .routes(routes!(routes::revoke_sensor))
        .routes(routes!(routes::create_enrolment_token))
        .routes(routes!(routes::audit))
        .routes(routes!(routes::stream))
        .routes(routes!(routes::openapi))
        .routes(routes!(routes::metrics))
        .routes(routes!(routes::healthz))
}

/// The OpenAPI 3.1 document as it is committed in `collector/openapi.json`.
pub(crate) fn document() -> String {
    let (_, openapi) = router().split_for_parts();
    let mut text = openapi.to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_committed_document_is_the_one_the_code_serves() {
        let committed = include_str!("../../../openapi.json");
        assert!(
            committed == super::document(),
            "collector/openapi.json is old: cargo run -p holter-collector -- openapi > collector/openapi.json"
        );
    }
}
