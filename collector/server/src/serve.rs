//! The running collector: opens everything, says where it listens, and stops in order.

use crate::app::{App, Counters, Tries};
use crate::cli::Serve;
use crate::pki::{Authority, write_private};
use crate::store::Store;
use crate::store::people::hash_password;
use anyhow::Context;
use holter_wire::link::SERVER_NAME;
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, RwLock};
use tokio::sync::{broadcast, mpsc};
use tokio_util::sync::CancellationToken;

/// Changes that a slow watcher may fall behind by.
const CHANGES: usize = 1024;

pub(crate) struct Running {
    pub(crate) app: Arc<App>,
    pub(crate) quic: std::net::SocketAddr,
    pub(crate) https: std::net::SocketAddr,
    listeners: tokio::task::JoinSet<()>,
    writer: tokio::task::JoinHandle<()>,
}

/// Opens the store and the listeners.
pub(crate) async fn start(options: &Serve) -> anyhow::Result<Running> {
    let data = &options.data.dir;
    let store = Store::open(data).await?;
    let authority = Authority::open(data)?;
    let estates = store.estates().await.context("what was delivered cannot be read back")?;

    let tenants: Vec<String> =
        sqlx::query_scalar("SELECT DISTINCT tenant FROM advisory_file ORDER BY tenant").fetch_all(&store.read).await?;
    let exposure = crate::exposure::Desk::open(data, &store, &tenants).await?;

    let mut names: Vec<String> = options.name.clone();
    let hosts: Vec<String> =
        sqlx::query_scalar("SELECT DISTINCT host FROM token ORDER BY host LIMIT 100").fetch_all(&store.read).await?;
    names.extend(
        hosts.iter().filter_map(|host| host.rsplit_once(':')).map(|(host, _)| host.trim_matches(['[', ']']).to_owned()),
    );
    names.extend([SERVER_NAME, "localhost", "127.0.0.1", "::1"].map(str::to_owned));
    for listen in [options.listen_quic, options.listen_https] {
        if !listen.ip().is_unspecified() {
            names.push(listen.ip().to_string());
        }
    }
    names.sort();
    names.dedup();
    let (chain, key) = authority.server(names).context("the certificate of the listeners cannot be made")?;

    let metrics_file = data.join("metrics.token");
    if !metrics_file.exists() {
        write_private(&metrics_file, crate::random::hex::<32>().as_bytes())?;
    }
    let metrics_token = std::fs::read_to_string(&metrics_file)?.trim().to_owned();
    anyhow::ensure!(metrics_token.len() >= 32, "{}: holds no token; remove it and start again", metrics_file.display());

    let (writer, jobs) = mpsc::channel(crate::writer::QUEUE);
    let decoy = tokio::task::spawn_blocking(|| hash_password(&crate::random::hex::<16>())).await??;
    let host = options.name.first().cloned().unwrap_or_else(|| options.listen_quic.ip().to_string());
    let host = if host.contains(':') && !host.starts_with('[') { format!("[{host}]") } else { host };
    let app = Arc::new(App {
        data: data.clone(),
        store,
        authority,
        estates: RwLock::new(estates),
        live: Mutex::new(BTreeMap::new()),
        changes: broadcast::Sender::new(CHANGES),
        writer,
        failing: AtomicBool::new(false),
        counters: Counters::default(),
        tries: Mutex::new(Tries::default()),
        reached_at: format!("{host}:{}", options.listen_quic.port()),
        decoy,
        metrics_token,
        stop: CancellationToken::new(),
        hashing: tokio::sync::Semaphore::new(2),
        exporting: Arc::new(tokio::sync::Semaphore::new(1)),
        exposure,
    });

    let endpoint = crate::link::endpoint(&app, options.listen_quic, chain.clone(), key.clone_key())?;
    let quic = endpoint.local_addr()?;
    let mut tls = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let listener = tokio::net::TcpListener::bind(options.listen_https)
        .await
        .with_context(|| format!("{}: cannot listen for people (TCP)", options.listen_https))?;
    let https = listener.local_addr()?;

    let writer = tokio::spawn(crate::writer::run(Arc::clone(&app), jobs));
    let mut listeners = tokio::task::JoinSet::new();
    listeners.spawn(crate::link::run(Arc::clone(&app), endpoint));
    listeners.spawn(crate::http::run(Arc::clone(&app), listener, Arc::new(tls)));
    Ok(Running { app, quic, https, listeners, writer })
}

impl Running {
    /// Closes the listeners, lets the writer finish what it began, and closes the store.
    pub(crate) async fn stop(mut self) {
        self.app.stop.cancel();
        while self.listeners.join_next().await.is_some() {}
        self.writer.abort();
        let _ = self.writer.await;
        self.app.store.read.close().await;
        self.app.store.write.close().await;
    }
}

pub(crate) async fn serve(options: Serve) -> anyhow::Result<()> {
    let running = start(&options).await?;
    let mut err = std::io::stderr();
    let _ = writeln!(err, "data         {}", running.app.data.display());
    let _ = writeln!(err, "people       https://{}", running.https);
    let _ = writeln!(err, "sensors      {} (UDP, QUIC)", running.quic);
    let _ = writeln!(err, "authority    SHA-256 {}", running.app.authority.fingerprint());
    let _ = writeln!(
        err,
        "             {} is its certificate, for browsers to trust",
        running.app.data.join("ca.pem").display()
    );
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => {}
        done = tokio::signal::ctrl_c() => done?,
    }
    tracing::info!("stopping");
    running.stop().await;
    Ok(())
}
