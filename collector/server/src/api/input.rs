//! Bodies, queries and ids as they arrive. A refusal never repeats what was sent.

use super::fault::Fault;
use axum::extract::{FromRequest, FromRequestParts, Json, Path, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

/// A JSON body.
pub(crate) struct In<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for In<T> {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &S) -> Result<Self, Fault> {
        match Json::<T>::from_request(request, state).await {
            Ok(Json(body)) => Ok(In(body)),
            Err(refused) => Err(match refused.status() {
                StatusCode::PAYLOAD_TOO_LARGE => Fault::status(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "Not done: the body is larger than 1 MiB.",
                    "Send less.",
                ),
                _ => Fault::input(
                    "Not done: the body is not the JSON document that this request takes.",
                    "Send application/json with the fields of /api/openapi.json, and no others.",
                ),
            }),
        }
    }
}

/// The part of an address behind the question mark.
pub(crate) struct Q<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Q<T> {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fault> {
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(query)) => Ok(Q(query)),
            Err(_) => Err(Fault::bad_request(
                "The query of the address cannot be read.",
                "Use the parameters of /api/openapi.json, each once, and no others.",
            )),
        }
    }
}

/// An id in the address.
pub(crate) struct Of(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Of {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fault> {
        match Path::<String>::from_request_parts(parts, state).await {
            Ok(Path(id)) if id.len() <= 200 => Ok(Of(id)),
            _ => Err(Fault::absent()),
        }
    }
}
