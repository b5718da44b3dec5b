//! One packet (RFC 2865 3 and 5).

use super::Message;
use crate::event::{Code, Seconds, Transaction};
use crate::{Malformed, Reader, Sink, Verdict};
use holter_phi::{Because, Plain};
use holter_terms::Mac;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const HEADER: usize = 20;
/// Longest packet (RFC 2865 3).
const LENGTH_MAX: usize = 4096;
/// So many attributes of known form make a packet that nothing else looks like.
const TELLING: usize = 3;

struct Header<'a> {
    code: u8,
    id: u8,
    attributes: Reader<'a>,
    /// Bytes behind the packet.
    padding: bool,
}

fn header(bytes: &[u8]) -> Result<Header<'_>, Malformed> {
    let mut reader = Reader::new(bytes);
    let (code, id) = (reader.u8("radius.header")?, reader.u8("radius.header")?);
    let malformed = reader.malformed("radius.length");
    let length = usize::from(reader.u16("radius.length")?);
    reader.take(16, "radius.authenticator")?;
    let body = length.checked_sub(HEADER).filter(|_| length <= LENGTH_MAX).ok_or(malformed)?;
    let attributes = reader.sub(body, "radius.length").map_err(|_| malformed)?;
    Ok(Header { code, id, attributes, padding: !reader.is_empty() })
}

fn attribute<'a>(reader: &mut Reader<'a>) -> Result<(u8, &'a [u8]), Malformed> {
    let kind = reader.u8("radius.attribute")?;
    let malformed = reader.malformed("radius.attribute");
    let length = usize::from(reader.u8("radius.attribute")?).checked_sub(2).ok_or(malformed)?;
    Ok((kind, reader.take(length, "radius.attribute").map_err(|_| malformed)?))
}

pub(super) fn looks(bytes: &[u8]) -> Verdict {
    let Ok(Header { code, mut attributes, padding, .. }) = header(bytes) else { return Verdict::No };
    if !matches!(code, 1..=5 | 11..=13 | 40..=45) {
        return Verdict::No;
    }
    let (mut telling, mut odd, mut first) = (0usize, padding, true);
    while !attributes.is_empty() {
        match attribute(&mut attributes) {
            Ok((kind @ 1.., value @ [_, ..])) => match fit(kind, value) {
                Some(fits) => telling = telling.saturating_add(usize::from(fits)),
                None => odd = true,
            },
            // One that begins well and breaks later is read on its ports, up to there.
            _ if first => return Verdict::No,
            _ => return Verdict::Likely,
        }
        first = false;
    }
    if telling >= TELLING && !odd { Verdict::Yes } else { Verdict::Likely }
}

/// Whether the length of an attribute's value tells that it is one. `None` where it is another than the standard's.
fn fit(kind: u8, value: &[u8]) -> Option<bool> {
    let fits = match kind {
        // Numbers and addresses, the authenticator, and passwords in blocks of 16 bytes.
        4..=10 | 12 | 13 | 23 | 27..=29 | 40..=43 | 45..=49 | 52 | 53 | 61 | 64 | 65 => value.len() == 4,
        2 => value.len().is_multiple_of(16),
        3 => value.len() == 17,
        80 | 95 => value.len() == 16,
        _ => return Some(false),
    };
    fits.then_some(true)
}

/// A MAC in one of the forms in which a NAS writes it (RFC 3580 3.21).
fn mac(text: &[u8]) -> Option<Mac> {
    let mut digits = 0usize;
    let mut mac = [0u8; 6];
    for &byte in text {
        let digit = match byte {
            b'0'..=b'9' => byte.wrapping_sub(b'0'),
            b'a'..=b'f' => byte.wrapping_sub(b'a' - 10),
            b'A'..=b'F' => byte.wrapping_sub(b'A' - 10),
            b':' | b'-' | b'.' if digits.is_multiple_of(2) && digits > 0 => continue,
            _ => return None,
        };
        let slot = mac.get_mut(digits / 2)?;
        *slot = *slot << 4 | digit;
        digits = digits.saturating_add(1);
    }
    (digits == 12 && text.len() <= 17).then_some(Mac(mac))
}

fn v4(value: &[u8]) -> Option<IpAddr> {
    value.try_into().ok().map(|bytes: [u8; 4]| IpAddr::V4(Ipv4Addr::from(bytes)))
}

fn v6(value: &[u8]) -> Option<IpAddr> {
    value.try_into().ok().map(|bytes: [u8; 16]| IpAddr::V6(Ipv6Addr::from(bytes)))
}

fn number(value: &[u8]) -> Option<u64> {
    value.try_into().ok().map(|bytes: [u8; 4]| u64::from(u32::from_be_bytes(bytes)))
}

/// Reports the packet; then fails if it is broken further on.
pub(super) fn decode(bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
    let Header { code, id, mut attributes, padding } = header(bytes)?;
    if padding {
        sink.weird("radius.padding");
    }
    let site = |value| Some(Plain::new(value, Because::Site));
    let mut message = Message {
        code: Code(u64::from(code)),
        transaction: Transaction(u64::from(id)),
        user: None,
        password: false,
        nas_address: None,
        nas_identifier: None,
        nas_port_type: None,
        service: None,
        calling_mac: None,
        calling_station: None,
        called_station: None,
        framed_address: None,
        message_authenticator: false,
        eap_code: None,
        eap_type: None,
        accounting_status: None,
        session_time: None,
        terminate_cause: None,
        vendor: None,
    };
    let mut result = Ok(());
    while !attributes.is_empty() {
        let (kind, value) = match attribute(&mut attributes) {
            Ok(attribute) => attribute,
            Err(malformed) => {
                result = Err(malformed);
                break;
            }
        };
        match kind {
            1 => message.user = site(value),
            2 | 3 => message.password = true,
            4 => message.nas_address = v4(value),
            6 => message.service = number(value).map(Code),
            8 => message.framed_address = v4(value),
            26 => message.vendor = message.vendor.or(value.get(..4).and_then(number).map(Code)),
            30 => message.called_station = site(value),
            31 => {
                message.calling_mac = mac(value);
                message.calling_station = if message.calling_mac.is_some() { None } else { site(value) };
            }
            32 => message.nas_identifier = site(value),
            40 => message.accounting_status = number(value).map(Code),
            46 => message.session_time = number(value).map(Seconds),
            49 => message.terminate_cause = number(value).map(Code),
            61 => message.nas_port_type = number(value).map(Code),
            // Of an EAP packet in several attributes the first holds the header.
            79 if message.eap_code.is_none() => {
                message.eap_code = value.first().map(|&code| Code(u64::from(code)));
                let typed = matches!(value.first(), Some(1 | 2));
                message.eap_type = value.get(4).filter(|_| typed).map(|&kind| Code(u64::from(kind)));
            }
            80 => message.message_authenticator = true,
            95 => message.nas_address = message.nas_address.or(v6(value)),
            _ => {}
        }
    }
    sink.event(&message);
    result
}
