use super::types::Problem;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// Why a request was not done. It carries no word of the request itself.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    status: StatusCode,
    error: &'static str,
    what_to_do: &'static str,
    retry_after: Option<u16>,
}

impl Fault {
    const fn new(status: StatusCode, error: &'static str, what_to_do: &'static str) -> Self {
        Fault { status, error, what_to_do, retry_after: None }
    }

    pub(crate) const fn input(error: &'static str, what_to_do: &'static str) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, error, what_to_do)
    }

    pub(crate) const fn bad_request(error: &'static str, what_to_do: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error, what_to_do)
    }

    pub(crate) const fn status(status: StatusCode, error: &'static str, what_to_do: &'static str) -> Self {
        Self::new(status, error, what_to_do)
    }

    pub(crate) const fn login_needed() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Not logged in, or the session has ended.", "Log in.")
    }

    pub(crate) const fn login_refused() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Name or password is wrong.", "Try again, or ask an administrator.")
    }

    pub(crate) const fn forgery() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "Not done: the request did not come from the console, or its X-Holter-Csrf header is not this session's.",
            "Reload the page and try again.",
        )
    }

    pub(crate) const fn not_permitted() -> Self {
        Self::new(StatusCode::FORBIDDEN, "Your role may not do this.", "Ask an administrator who may.")
    }

    pub(crate) const fn absent() -> Self {
        Self::new(StatusCode::NOT_FOUND, "There is no such thing here.", "Check the address, or go back to the list.")
    }

    pub(crate) const fn too_many(retry_after: u16) -> Self {
        Fault {
            status: StatusCode::TOO_MANY_REQUESTS,
            error: "Too many tries.",
            what_to_do: "Wait as long as Retry-After says.",
            retry_after: Some(retry_after),
        }
    }

    /// The store is locked, full or failing: nothing was changed.
    pub(crate) const fn store() -> Self {
        Fault {
            status: StatusCode::SERVICE_UNAVAILABLE,
            error: "Not done: the store cannot be read or written now. Nothing was changed.",
            what_to_do: "Try again; if it lasts, look at the disk of the collector.",
            retry_after: Some(5),
        }
    }
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        tracing::error!(kind = crate::store::kind_of(&error), "store failed");
        Fault::store()
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let request_id = crate::random::hex::<8>();
        tracing::info!(request_id, status = self.status.as_u16(), "not done");
        let problem = Problem { error: self.error.to_owned(), what_to_do: self.what_to_do.to_owned(), request_id };
        let mut response = (self.status, Json(problem)).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
