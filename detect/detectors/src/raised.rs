use holter_phi::{Because, LABEL_BYTES, Label, Names, Plain};
use holter_terms::{DeviceKey, Nanos, Protocol, Severity};
use siphasher::sip128::{Hasher128, SipHasher13};
use std::fmt::{self, Write};
use std::hash::Hasher;
use std::net::IpAddr;

/// A machine in a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Machine {
    pub device: DeviceKey,
    pub ip: Option<IpAddr>,
}

/// A finding as a detector reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raised {
    /// The same for the same detection, subject, peer, object and day: a later report replaces an earlier one.
    pub id: [u8; 16],
    /// Its id in the catalogue.
    pub detection: &'static str,
    pub severity: Severity,
    pub first: Nanos,
    pub last: Nanos,
    pub subject: Machine,
    pub peer: Option<Machine>,
    pub facts: Vec<Fact>,
    /// Frames were lost while the facts were gathered: there may be more to it.
    pub partly_blind: bool,
}

/// A fact, named as in the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fact {
    pub name: &'static str,
    pub value: FactValue,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactValue {
    Number(u64),
    Text(Label),
    Address(IpAddr),
    Seconds(u64),
    Bytes(u64),
}

const DAY: Nanos = 86_400_000_000_000;

/// The id of a finding. It is not keyed: a restart, and another sensor of the site, must come to the same one.
pub(crate) fn id(detection: &str, subject: &Machine, peer: Option<&Machine>, object: &[u8], first: Nanos) -> [u8; 16] {
    let mut hasher = SipHasher13::new();
    // Bytes only, in a stated order: what `Hash` writes differs between platforms.
    hasher.write(detection.as_bytes());
    write_machine(&mut hasher, Some(subject));
    write_machine(&mut hasher, peer);
    hasher.write(object);
    hasher.write(&first.div_euclid(DAY).to_be_bytes());
    let hash = hasher.finish128();
    let mut id = [0; 16];
    for (to, from) in id.iter_mut().zip(hash.h1.to_be_bytes().into_iter().chain(hash.h2.to_be_bytes())) {
        *to = from;
    }
    id
}

fn write_machine(hasher: &mut SipHasher13, machine: Option<&Machine>) {
    match machine.map(|machine| machine.device) {
        None => hasher.write(&[0]),
        Some(DeviceKey::Mac(mac)) => {
            hasher.write(&[1]);
            hasher.write(&mac.0);
        }
        Some(DeviceKey::Ip(IpAddr::V4(ip))) => {
            hasher.write(&[4]);
            hasher.write(&ip.octets());
        }
        Some(DeviceKey::Ip(IpAddr::V6(ip))) => {
            hasher.write(&[6]);
            hasher.write(&ip.octets());
        }
    }
}

/// A clinical protocol as people write it.
pub(crate) fn protocol_label(protocol: Protocol) -> Label {
    Label::word(match protocol {
        Protocol::Dicom => "DICOM",
        Protocol::Hl7 => "HL7",
        other => other.as_str(),
    })
}

/// Whole seconds between two points in time.
pub(crate) fn seconds(first: Nanos, last: Nanos) -> u64 {
    u64::try_from(last.saturating_sub(first)).unwrap_or(0) / 1_000_000_000
}

/// The address of a machine as a label: its IP address if it has one.
pub(crate) fn address_label(machine: &Machine) -> Label {
    let mut text = Text { bytes: [0; LABEL_BYTES], len: 0 };
    // An address is shorter than a label.
    let _ = match machine.ip {
        Some(ip) => write!(text, "{ip}"),
        None => write!(text, "{}", machine.device),
    };
    Plain::new(text.bytes.get(..text.len).unwrap_or_default(), Because::Vocabulary).keep(&Names::shown())
}

struct Text {
    bytes: [u8; LABEL_BYTES],
    len: usize,
}

impl Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for &byte in text.as_bytes() {
            *self.bytes.get_mut(self.len).ok_or(fmt::Error)? = byte;
            self.len = self.len.saturating_add(1);
        }
        Ok(())
    }
}
