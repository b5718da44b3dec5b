//! What is known of a device, as exposure asks for it.

use holter_identity::{Identity, NAMED, Reason, Verdict};
use holter_terms::{Attribute, DeviceClass, Nanos, Protocol, Visibility};

/// One attribute with its confidence and the reasons behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim<'a> {
    pub value: &'a str,
    /// Percent.
    pub confidence: u8,
    pub reasons: &'a [Reason],
}

impl<'a> From<&'a Verdict> for Claim<'a> {
    fn from(verdict: &'a Verdict) -> Claim<'a> {
        Claim { value: &verdict.value, confidence: verdict.confidence, reasons: &verdict.reasons }
    }
}

/// A service that a device offers or uses, in one protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Service {
    pub protocol: Protocol,
    pub port: u16,
    pub visibility: Visibility,
    pub first: Nanos,
    pub last: Nanos,
}

/// A device.
#[derive(Debug, Clone, Default)]
pub struct Subject<'a> {
    pub id: &'a str,
    pub maker: Option<Claim<'a>>,
    pub family: Option<Claim<'a>>,
    pub model: Option<Claim<'a>>,
    pub version: Option<Claim<'a>>,
    pub os: Option<Claim<'a>>,
    pub class: Option<DeviceClass>,
    /// By protocol, port and visibility, each once.
    pub services: &'a [Service],
    /// What decoders saw of a protocol beyond its name, in the words of the table of insecure protocols, since when.
    pub traits: &'a [(&'a str, Nanos)],
    /// Whether somebody outside the clinical networks talked to it.
    pub reached_from_outside: bool,
}

impl<'a> Subject<'a> {
    /// Takes over what an identity says. Class only where it is named.
    pub fn of(id: &'a str, identity: &'a Identity) -> Subject<'a> {
        let claim = |attribute| identity.best(attribute).map(Claim::from);
        Subject {
            id,
            maker: claim(Attribute::Maker),
            family: claim(Attribute::Family),
            model: claim(Attribute::Model),
            version: claim(Attribute::Version),
            os: claim(Attribute::Os),
            class: claim(Attribute::Class).filter(|c| c.confidence >= NAMED).and_then(|c| DeviceClass::parse(c.value)),
            ..Subject::default()
        }
    }
}
