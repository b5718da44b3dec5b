//! The HTTPS listener: TLS from our own authority, the API behind its guard, the console beside it.

use crate::api;
use crate::app::App;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rust_embed::RustEmbed;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;
use tower_http::set_header::SetResponseHeaderLayer;

/// The largest body of a request.
pub(crate) const BODY_MAX: usize = 1 << 20;
/// Connections at once.
const CONNECTIONS_MAX: usize = 512;

/// Where a request comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) SocketAddr);

#[derive(RustEmbed)]
#[folder = "../../console/dist"]
#[allow_missing = true]
struct Console;

const HEADERS: &[(&str, &str)] = &[
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    ("strict-transport-security", "max-age=31536000"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
];

pub(crate) fn router(app: Arc<App>) -> Router {
    let (routes, _) = api::router().split_for_parts();
    let mut router = routes
        .route_layer(axum::middleware::from_fn_with_state(Arc::clone(&app), api::guard::guard))
        .layer(SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .method_not_allowed_fallback(wrong_method)
        .fallback(console)
        .layer(DefaultBodyLimit::max(BODY_MAX));
    for (name, value) in HEADERS {
        router = router
            .layer(SetResponseHeaderLayer::overriding(HeaderName::from_static(name), HeaderValue::from_static(value)));
    }
    router.with_state(app)
}

async fn wrong_method() -> api::fault::Fault {
    api::fault::Fault::status(
        StatusCode::METHOD_NOT_ALLOWED,
        "This address does not take that method.",
        "See /api/openapi.json.",
    )
}

/// A file of the console; any other address of it is its first page, which finds its own way.
async fn console(uri: Uri) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path.starts_with("api/") || path == "api" {
        return api::fault::Fault::absent().into_response();
    }
    let (name, file) = match Console::get(path) {
        Some(file) if !path.is_empty() => (path, file),
        _ if path.contains('.') => return api::fault::Fault::absent().into_response(),
        _ => {
            match Console::get("index.html") {
                Some(file) => ("index.html", file),
                None => {
                    return (StatusCode::NOT_FOUND, "The console is not part of this build. The API is at /api/v1, described in /api/openapi.json.\n").into_response();
                }
            }
        }
    };
    let kind = match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "json" | "webmanifest" => "application/json",
        "woff2" => "font/woff2",
        "ico" => "image/x-icon",
        _ => "application/octet-stream",
    };
    // Names of assets carry the hash of their content.
    let keep = if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, keep)], file.data).into_response()
}

pub(crate) async fn run(app: Arc<App>, listener: TcpListener, tls: Arc<rustls::ServerConfig>) {
    let router = router(Arc::clone(&app));
    let acceptor = TlsAcceptor::from(tls);
    let room = Arc::new(tokio::sync::Semaphore::new(CONNECTIONS_MAX));
    let mut open = tokio::task::JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = app.stop.cancelled() => break,
            accepted = listener.accept() => accepted,
            Some(_) = open.join_next() => continue,
        };
        let (socket, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of descriptors: let some close first.
                tracing::warn!(kind = %error.kind(), "a connection was not accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let Ok(permit) = Arc::clone(&room).try_acquire_owned() else { continue };
        let (acceptor, router, stop) = (acceptor.clone(), router.clone(), app.stop.clone());
        open.spawn(async move {
            let Ok(Ok(stream)) = timeout(Duration::from_secs(5), acceptor.accept(socket)).await else { return };
            let service = hyper::service::service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
                request.extensions_mut().insert(Peer(peer));
                router.clone().oneshot(request)
            });
            let mut builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
            builder
                .http1()
                .timer(TokioTimer::new())
                .header_read_timeout(Duration::from_secs(10))
                .max_buf_size(64 << 10);
            builder
                .http2()
                .timer(TokioTimer::new())
                .max_concurrent_streams(64)
                .max_header_list_size(64 << 10)
                .keep_alive_interval(Duration::from_secs(20))
                .keep_alive_timeout(Duration::from_secs(10));
            let connection = builder.serve_connection(TokioIo::new(stream), service);
            tokio::pin!(connection);
            tokio::select! {
                _ = connection.as_mut() => {}
                () = stop.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    let _ = timeout(Duration::from_secs(3), connection).await;
                }
            }
            drop(permit);
        });
    }
    let _ = timeout(Duration::from_secs(4), async { while open.join_next().await.is_some() {} }).await;
}
