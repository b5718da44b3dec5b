//! `holter-agent enroll TOKEN`: this sensor gets its identity from the collector that the token names.

use crate::identity::Identity;
use crate::tls;
use crate::uplink::{read, resolve, write};
use anyhow::{Context, bail};
use holter_wire::enrol::{Answer, DER_MAX, Request, Token};
use holter_wire::link::SERVER_NAME;
use ring::rand::{SecureRandom, SystemRandom};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

/// A collector answers at once or not at all.
const PATIENCE: Duration = Duration::from_secs(10);

/// Makes a key, asks for a certificate, and keeps both in `state`. Answers with a sentence for the person who asked.
pub(crate) fn enroll(token: &Token, state: &Path) -> anyhow::Result<String> {
    let key = rcgen::KeyPair::generate().context("a key cannot be made")?;
    let mut params = rcgen::CertificateParams::new(Vec::new())?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(rcgen::DnType::CommonName, "holter sensor");
    let csr = params.serialize_request(&key).context("a certificate request cannot be made")?;
    let request = Request { secret: token.secret, csr: csr.der().to_vec(), version: crate::VERSION };

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let answer = runtime.block_on(async {
        tokio::time::timeout(PATIENCE, ask(token, &request)).await.unwrap_or_else(|_| {
            bail!(
                "collector does not answer at {} within {} s; is UDP to it open?",
                token.collector,
                PATIENCE.as_secs()
            )
        })
    })?;
    let enrolled = match answer {
        Answer::Enrolled(enrolled) => enrolled,
        Answer::Refused => {
            bail!("token refused by the collector: it was used, is too old, or was withdrawn; ask for a new one")
        }
    };
    if enrolled.certificate.len() > DER_MAX || tls::pin_of(&enrolled.authority) != Some(token.pin) {
        bail!("not the collector that the token names: its authority has another fingerprint");
    }
    let mut people_key = [0; 16];
    SystemRandom::new().fill(&mut people_key).map_err(|_| anyhow::anyhow!("the system has no randomness"))?;
    let identity = Identity {
        collector: token.collector.clone(),
        sensor: enrolled.sensor,
        key: key.serialize_der(),
        certificate: enrolled.certificate,
        authority: enrolled.authority,
        site: enrolled.site,
        people_key,
    };
    identity.save(state)?;
    Ok(format!(
        "enrolled as sensor {} of site {} at {}; state in {}",
        identity.sensor,
        identity.site.site,
        identity.collector,
        state.display()
    ))
}

async fn ask(token: &Token, request: &Request) -> anyhow::Result<Answer> {
    let address = resolve(&token.collector).await?;
    let mut endpoint = quinn::Endpoint::client(local_for(address)).context("no UDP socket can be opened")?;
    endpoint.set_default_client_config(tls::for_enrolment(token.pin)?);
    let connection = endpoint.connect(address, SERVER_NAME)?.await.map_err(|error| match error {
        quinn::ConnectionError::TransportError(_) => {
            anyhow::anyhow!("not the collector that the token names: {} could not prove itself", token.collector)
        }
        other => anyhow::anyhow!("collector does not answer at {}: {other}", token.collector),
    })?;
    let (mut send, mut receive) = connection.open_bi().await?;
    write(&mut send, request).await?;
    let answer = read(&mut receive).await?;
    connection.close(0u8.into(), b"");
    endpoint.wait_idle().await;
    Ok(answer)
}

pub(crate) fn local_for(remote: SocketAddr) -> SocketAddr {
    match remote {
        SocketAddr::V4(_) => SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0),
        SocketAddr::V6(_) => SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), 0),
    }
}
