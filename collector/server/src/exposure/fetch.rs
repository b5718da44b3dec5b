//! One file from an address that a person gave on the command line. Nothing is fetched otherwise.

use anyhow::{Context, bail};
use rustls_pki_types::CertificateDer;
use std::sync::Arc;
use std::time::Duration;
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};

const LIMIT: Duration = Duration::from_secs(120);
const REDIRECTS: u32 = 5;

/// The roots that this machine trusts.
pub(crate) fn roots() -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let found = rustls_native_certs::load_native_certs();
    if found.certs.is_empty() {
        bail!("this machine trusts no authority: install ca-certificates, or name a bundle in SSL_CERT_FILE");
    }
    Ok(found.certs)
}

/// Asks for a file over HTTPS, and for no more than `most` bytes of it. The proxy of the environment is used.
pub(crate) fn fetch(url: &str, roots: &[CertificateDer<'static>], most: u64) -> anyhow::Result<Vec<u8>> {
    let roots = roots.iter().map(|root| Certificate::from_der(root).to_owned()).collect();
    let tls = TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .root_certs(RootCerts::Specific(Arc::new(roots)))
        .build();
    let agent: Agent = Agent::config_builder()
        .https_only(true)
        .tls_config(tls)
        .max_redirects(REDIRECTS)
        .timeout_global(Some(LIMIT))
        .user_agent(concat!("holter-collector/", env!("CARGO_PKG_VERSION")))
        .build()
        .into();
    let mut answer = agent.get(url).call().context("the address gave no file")?;
    answer.body_mut().with_config().limit(most).read_to_vec().context("the file was not received")
}
