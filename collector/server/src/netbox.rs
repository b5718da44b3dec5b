//! Fetches from a NetBox that somebody named on the command line: only reading, only from that address, without following
//! a redirect, so that the token goes nowhere else.

use crate::cli::Refused;
use anyhow::Context;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, Uri, header};
use holter_core::reconcile::Reading;
use holter_core::reconcile::netbox::Netbox;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Where systems keep the authorities that they trust.
pub(crate) const AUTHORITIES: &str = "/etc/ssl/certs/ca-certificates.crt";
/// The largest page, bytes.
const PAGE_MAX: usize = 64 << 20;
/// The longest token, bytes.
const TOKEN_MAX: usize = 4_096;
/// For connecting, and for each page.
const PATIENCE: Duration = Duration::from_secs(60);

struct Client {
    host: String,
    port: u16,
    /// What stands before `/api`.
    base: String,
    authority: String,
    authorization: String,
    tls: Option<tokio_rustls::TlsConnector>,
    open: Option<SendRequest<Body>>,
}

/// Reads all that is compared.
pub(crate) async fn read(url: &str, token: &Path, ca: &Path) -> anyhow::Result<Reading> {
    let mut client = Client::new(url, token, ca)?;
    let mut netbox = Netbox::default();
    while let Some(page) = netbox.next() {
        let bytes = client.get(&page).await?;
        netbox.take(&bytes).map_err(|fault| anyhow::anyhow!("netbox: {fault}"))?;
    }
    Ok(netbox.finish())
}

impl Client {
    fn new(url: &str, token: &Path, ca: &Path) -> anyhow::Result<Client> {
        let refused = |why: &str| Refused(format!("--netbox: {why}"));
        let uri: Uri = url.parse().map_err(|_| refused("write an address such as https://netbox.example"))?;
        let authority = uri.authority().ok_or_else(|| refused("write an address such as https://netbox.example"))?;
        if authority.as_str().contains('@') || uri.query().is_some() {
            return Err(refused("an address without a name, a password or a query").into());
        }
        let host = authority.host().trim_matches(['[', ']']).to_owned();
        let (tls, port) = match uri.scheme_str() {
            Some("https") => (Some(tls(ca)?), 443),
            Some("http") if is_loopback(&host) => (None, 80),
            _ => return Err(refused("https, or http to this machine: the token would be readable on the way").into()),
        };
        let text = super::cli::bytes(token)?;
        let token = std::str::from_utf8(&text).ok().and_then(|text| text.lines().next()).map(str::trim);
        let token = token.filter(|token| {
            (1..=TOKEN_MAX).contains(&token.len()) && token.bytes().all(|byte| byte.is_ascii_graphic())
        });
        let token = token.ok_or_else(|| Refused("--token-file: its first line is no token".to_owned()))?;
        // Tokens of NetBox 4.5 and later say what they are.
        let kind = if token.starts_with("nbt_") { "Bearer" } else { "Token" };
        Ok(Client {
            port: authority.port_u16().unwrap_or(port),
            base: uri.path().trim_end_matches('/').trim_end_matches("/api").to_owned(),
            authority: authority.as_str().to_owned(),
            authorization: format!("{kind} {token}"),
            host,
            tls,
            open: None,
        })
    }

    async fn get(&mut self, page: &str) -> anyhow::Result<Vec<u8>> {
        let path = page.split('?').next().unwrap_or_default().to_owned();
        timeout(PATIENCE, self.ask(page))
            .await
            .with_context(|| format!("netbox: no answer within 60 s: {path}"))?
            .with_context(|| format!("netbox: {path}"))
    }

    async fn ask(&mut self, page: &str) -> anyhow::Result<Vec<u8>> {
        let sender = match self.open.take().filter(|sender| !sender.is_closed()) {
            Some(sender) => sender,
            None => self.connect().await?,
        };
        let mut sender = sender;
        sender.ready().await?;
        let request = Request::get(format!("{}{page}", self.base))
            .header(header::HOST, &self.authority)
            .header(header::AUTHORIZATION, &self.authorization)
            .header(header::ACCEPT, "application/json")
            .header(header::USER_AGENT, concat!("holter-collector/", env!("CARGO_PKG_VERSION")))
            .body(Body::empty())?;
        let answer = sender.send_request(request).await?;
        match answer.status() {
            StatusCode::OK => {}
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                anyhow::bail!(
                    "NetBox refuses the token ({}): it must be allowed to view devices, interfaces, addresses and virtual machines",
                    answer.status().as_u16()
                )
            }
            status if status.is_redirection() => {
                anyhow::bail!("NetBox sends elsewhere ({}): give the address that it sends to", status.as_u16())
            }
            status => anyhow::bail!("NetBox answers {}", status.as_u16()),
        }
        let bytes =
            to_bytes(Body::new(answer.into_body()), PAGE_MAX).await.context("the page is cut or larger than 64 MiB")?;
        self.open = Some(sender);
        Ok(bytes.to_vec())
    }

    async fn connect(&self) -> anyhow::Result<SendRequest<Body>> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await.context("cannot connect")?;
        match &self.tls {
            None => begin(stream).await,
            Some(tls) => {
                let name = ServerName::try_from(self.host.clone()).context("no name of a server")?;
                begin(tls.connect(name, stream).await.context("its certificate is not trusted, or it speaks no TLS")?)
                    .await
            }
        }
    }
}

async fn begin<S>(stream: S) -> anyhow::Result<SendRequest<Body>>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    // It ends with its sender.
    tokio::spawn(async move { connection.await.ok() });
    Ok(sender)
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn tls(ca: &Path) -> anyhow::Result<tokio_rustls::TlsConnector> {
    let mut roots = rustls::RootCertStore::empty();
    let certificates =
        CertificateDer::pem_file_iter(ca).with_context(|| format!("{}: cannot be read", ca.display()))?;
    // A bundle may hold one that the library does not take; the others stand.
    let (added, _) = roots.add_parsable_certificates(certificates.filter_map(Result::ok));
    anyhow::ensure!(added > 0, "{}: no certificate in PEM", ca.display());
    let config = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(tokio_rustls::TlsConnector::from(Arc::new(config)))
}
