//! The QUIC endpoint: sensors that deliver (`holter/1`) and machines that enrol (`holter-enroll/1`).

mod deliver;
mod enrol;

use crate::app::{App, count};
use anyhow::Context;
use holter_wire::{enrol as enrol_wire, link as link_wire};
use quinn::crypto::rustls::{HandshakeData, QuicServerConfig};
use quinn::{Endpoint, EndpointConfig, IdleTimeout, Incoming, ServerConfig, TransportConfig, VarInt};
use rustls::RootCertStore;
use rustls::server::WebPkiClientVerifier;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

pub(crate) const HANDSHAKE: Duration = Duration::from_secs(5);
/// Connections at once.
pub(crate) const CONNECTIONS_MAX: usize = 1024;
/// Above so many connections, an address must show that it can receive before anything is kept for it.
const RETRY_ABOVE: usize = 64;
/// A sensor that hears this keeps its data and does not come back by itself.
pub(crate) const REVOKED: VarInt = VarInt::from_u32(1);
pub(crate) const REFUSED: VarInt = VarInt::from_u32(2);
pub(crate) const STOPPING: VarInt = VarInt::from_u32(3);

pub(crate) fn endpoint(
    app: &App,
    listen: SocketAddr,
    chain: Vec<rustls::pki_types::CertificateDer<'static>>,
    key: rustls::pki_types::PrivateKeyDer<'static>,
) -> anyhow::Result<Endpoint> {
    let mut roots = RootCertStore::empty();
    roots.add(app.authority.der().clone())?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    // Who enrols has no certificate yet; who delivers is refused without one, once it has said what it wants.
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
        .allow_unauthenticated()
        .build()?;
    let mut tls = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, key)?;
    tls.alpn_protocols = vec![link_wire::ALPN.to_vec(), enrol_wire::ALPN.to_vec()];
    // No early data: it could be replayed.
    tls.max_early_data_size = 0;

    let mut transport = TransportConfig::default();
    transport
        .max_concurrent_bidi_streams(VarInt::from_u32(2))
        .max_concurrent_uni_streams(VarInt::from_u32(16))
        .stream_receive_window(VarInt::from_u32(1 << 20))
        .receive_window(VarInt::from_u32(8 << 20))
        .send_window(8 << 20)
        .datagram_receive_buffer_size(None)
        .keep_alive_interval(Some(Duration::from_secs(10)))
        .max_idle_timeout(Some(IdleTimeout::try_from(Duration::from_secs(30))?));
    let mut config = ServerConfig::with_crypto(Arc::new(QuicServerConfig::try_from(tls)?));
    config
        .transport_config(Arc::new(transport))
        .max_incoming(256)
        .incoming_buffer_size(64 << 10)
        .incoming_buffer_size_total(8 << 20);
    let socket =
        std::net::UdpSocket::bind(listen).with_context(|| format!("{listen}: cannot listen for sensors (UDP)"))?;
    Ok(Endpoint::new(EndpointConfig::default(), Some(config), socket, Arc::new(quinn::TokioRuntime))?)
}

pub(crate) async fn run(app: Arc<App>, endpoint: Endpoint) {
    let room = Arc::new(tokio::sync::Semaphore::new(CONNECTIONS_MAX));
    loop {
        let incoming = tokio::select! {
            () = app.stop.cancelled() => break,
            incoming = endpoint.accept() => match incoming { Some(incoming) => incoming, None => break },
        };
        if !incoming.remote_address_validated() && endpoint.open_connections() > RETRY_ABOVE && incoming.may_retry() {
            let _ = incoming.retry();
            continue;
        }
        let Ok(permit) = Arc::clone(&room).try_acquire_owned() else {
            count(&app.counters.connections_refused);
            incoming.refuse();
            continue;
        };
        let app = Arc::clone(&app);
        tokio::spawn(async move {
            serve(app, incoming).await;
            drop(permit);
        });
    }
    endpoint.close(STOPPING, b"stopping");
    let _ = timeout(Duration::from_secs(2), endpoint.wait_idle()).await;
}

async fn serve(app: Arc<App>, incoming: Incoming) {
    let Ok(connecting) = incoming.accept() else { return };
    let Ok(Ok(connection)) = timeout(HANDSHAKE, connecting).await else {
        count(&app.counters.connections_refused);
        return;
    };
    let spoken = connection
        .handshake_data()
        .and_then(|data| data.downcast::<HandshakeData>().ok())
        .and_then(|data| data.protocol);
    match spoken.as_deref() {
        Some(link_wire::ALPN) => deliver::serve(app, connection).await,
        Some(enrol_wire::ALPN) => enrol::serve(app, connection).await,
        _ => connection.close(REFUSED, b"protocol"),
    }
}

/// Reads one message; `None` at the end of the stream.
pub(crate) async fn read<T: serde::de::DeserializeOwned>(
    stream: &mut quinn::RecvStream,
    most: usize,
) -> anyhow::Result<Option<T>> {
    let mut prefix = [0u8; 4];
    match stream.read_exact(&mut prefix).await {
        Ok(()) => {}
        Err(quinn::ReadExactError::FinishedEarly(0)) => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    let length = link_wire::message_length(prefix)?;
    anyhow::ensure!(length <= most, "a message is longer than is allowed here");
    // Grows with what arrives, so that a length alone takes no memory.
    let mut bytes = Vec::new();
    while bytes.len() < length {
        match stream.read_chunk(length - bytes.len(), true).await? {
            Some(chunk) => bytes.extend_from_slice(&chunk.bytes),
            None => anyhow::bail!("a message is cut"),
        }
    }
    Ok(Some(link_wire::read_message(&bytes)?))
}
