//! Changes as they happen, as server-sent events.

use super::routes::Shared;
use crate::app::now;
use crate::store::people::{ABSOLUTE, Who};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use std::convert::Infallible;
use std::time::Duration;
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::wrappers::errors::BroadcastStreamRecvError;

pub(super) fn stream(app: Shared, who: Who) -> Response {
    let tenant = who.tenant.clone();
    let changes = BroadcastStream::new(app.changes.subscribe()).filter_map(move |change| {
        let event = match change {
            Ok(change) if change.tenant == tenant => {
                Some(Event::default().event(change.kind).data(serde_json::json!({ "id": change.id }).to_string()))
            }
            Ok(_) => None,
            Err(BroadcastStreamRecvError::Lagged(_)) => Some(Event::default().event("lag").data("{\"id\":\"\"}")),
        };
        std::future::ready(event.map(Ok::<_, Infallible>))
    });
    // Watching is not use: the stream ends with the session at the latest.
    let left = who.made.saturating_add(ABSOLUTE).saturating_sub(now()).max(0).unsigned_abs();
    let end = async move {
        tokio::select! {
            () = app.stop.cancelled() => {}
            () = tokio::time::sleep(Duration::from_nanos(left)) => {}
        }
    };
    Sse::new(changes.take_until(Box::pin(end)))
        .keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
        .into_response()
}
