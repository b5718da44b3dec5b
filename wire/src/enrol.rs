//! Enrolment: how a sensor gets its identity. One bidirectional QUIC stream (ALPN [`ALPN`]) carries one
//! [`Request`] and one [`Answer`], framed as in [`crate::link`]. The sensor checks the collector's authority against the
//! token's pin before it sends anything.

use holter_terms::{SensorId, Zone};
use serde::{Deserialize, Serialize};
use std::fmt;

pub const ALPN: &[u8] = b"holter-enroll/1";

/// The largest certificate request and certificate, DER.
pub const DER_MAX: usize = 8192;

/// What a person carries from the collector to the sensor: `HLT1-<host:port>-<CA pin>-<secret>-<check>`.
///
/// `pin` is the first 16 bytes of the SHA-256 of the authority's public key (SubjectPublicKeyInfo), `secret` 160 random
/// bits, `check` the CRC32C of all before it, which catches typing errors. All three in hexadecimal digits.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    pub collector: String,
    pub pin: [u8; 16],
    pub secret: [u8; 20],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    #[error("token: does not begin with HLT1-")]
    Prefix,
    #[error("token: is not made of five parts joined by hyphens")]
    Parts,
    #[error("token: the collector's address must be host:port")]
    Address,
    #[error("token: the authority's fingerprint must be 32 hexadecimal digits")]
    Pin,
    #[error("token: the secret must be 40 hexadecimal digits")]
    Secret,
    #[error("token: the check digits do not fit; was it typed or cut?")]
    Check,
}

impl Token {
    pub fn parse(text: &str) -> Result<Token, TokenError> {
        let rest = text.trim().strip_prefix("HLT1-").ok_or(TokenError::Prefix)?;
        // From the right: a host name may hold hyphens.
        let mut parts = rest.rsplitn(4, '-');
        let (Some(check), Some(secret), Some(pin), Some(collector)) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(TokenError::Parts);
        };
        let (host, port) = collector.rsplit_once(':').ok_or(TokenError::Address)?;
        if host.is_empty() || host.len() > 255 || port.parse::<u16>().is_err() {
            return Err(TokenError::Address);
        }
        let token = Token {
            collector: collector.to_owned(),
            pin: unhex(pin).ok_or(TokenError::Pin)?,
            secret: unhex(secret).ok_or(TokenError::Secret)?,
        };
        let given: [u8; 4] = unhex(check).ok_or(TokenError::Check)?;
        if u32::from_be_bytes(given) == token.check() { Ok(token) } else { Err(TokenError::Check) }
    }

    fn check(&self) -> u32 {
        crc32c::crc32c(self.body().as_bytes())
    }

    fn body(&self) -> String {
        format!("HLT1-{}-{}-{}", self.collector, hex(&self.pin), hex(&self.secret))
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:08x}", self.body(), self.check())
    }
}

/// The secret is not shown.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({})", self.collector)
    }
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    pub secret: [u8; 20],
    /// PKCS #10, DER. The key is made on the sensor and stays there.
    pub csr: Vec<u8>,
    pub version: [u16; 3],
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    Enrolled(Box<Enrolled>),
    /// Uniform: the exact reason stands in the collector's audit log.
    Refused,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolled {
    pub sensor: SensorId,
    /// The sensor's certificate and the authority's, DER.
    pub certificate: Vec<u8>,
    pub authority: Vec<u8>,
    pub site: SiteConfig,
}

/// What a site decided for all its sensors.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteConfig {
    pub tenant: String,
    pub site: String,
    /// Hashes names of machines; shared by the site's sensors and its collector.
    pub names_key: [u8; 32],
    /// Names of machines shown or hashed.
    pub site_data: SiteData,
    pub zones: Vec<ZoneRow>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SiteData {
    Hash,
    /// Shown, because somebody decided so in writing.
    Show {
        who: String,
        when: String,
        why: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneRow {
    /// CIDR, such as `10.20.0.0/24`.
    pub network: String,
    pub zone: Zone,
}

/// The key is not shown.
impl fmt::Debug for SiteConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SiteConfig")
            .field("tenant", &self.tenant)
            .field("site", &self.site)
            .field("site_data", &self.site_data)
            .field("zones", &self.zones)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Request(csr of {} bytes)", self.csr.len())
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != N.checked_mul(2)? {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let &[high, low] = pair else { return None };
        let value = |digit: u8| char::from(digit).to_digit(16);
        *byte = u8::try_from(value(high)?.checked_mul(16)?.checked_add(value(low)?)?).ok()?;
    }
    Some(bytes)
}
