//! The packet (RFC 1006 6) and the transport unit in it (RFC 905 13, class 0).

use super::{Connect, pdu};
use crate::event::Code;
use crate::framed::Start;
use crate::{Malformed, Reader, Sink, Verdict};

/// Version, reserved byte, length.
const HEADER: usize = 4;
/// The header, and of the transport unit its length and type.
const LEAST: usize = 7;

const CONNECT: u8 = 0xe0;
const CONFIRM: u8 = 0xd0;
const DISCONNECT: u8 = 0x80;
const ERROR: u8 = 0x70;
const DATA: u8 = 0xf0;
const END: u8 = 0x80;

const TSAP_CALLING: u8 = 0xc1;
const TSAP_CALLED: u8 = 0xc2;

pub(super) fn start(bytes: &[u8]) -> Start {
    match bytes {
        [] => return Start::More(1),
        [3] => return Start::More(2),
        [3, 0, ..] => {}
        _ => return Start::No,
    }
    let Some(&[_, _, high, low, indicator, kind, _]) = bytes.first_chunk::<LEAST>() else {
        return Start::More(LEAST);
    };
    let length = usize::from(u16::from_be_bytes([high, low]));
    let unit = usize::from(indicator).saturating_add(HEADER + 1);
    let shaped = match kind {
        DATA => indicator == 2,
        CONNECT | CONFIRM => indicator >= 6 && unit == length,
        // Data of the user may stand behind what the unit counts.
        DISCONNECT => indicator >= 6,
        ERROR => indicator >= 4,
        _ => false,
    };
    if !shaped || unit > length || length < LEAST {
        return Start::No;
    }
    Start::Message { length: length as u64, read: length }
}

pub(super) fn looks(bytes: &[u8]) -> Verdict {
    let mut rest = bytes;
    let mut connects = false;
    // What is asked for says little; what is said after it, much.
    for _ in 0..4 {
        let length = match start(rest) {
            Start::No => return Verdict::No,
            Start::More(_) if connects && rest.is_empty() => return Verdict::Likely,
            Start::More(_) => return Verdict::Unsure,
            Start::Message { length, .. } => usize::try_from(length).unwrap_or(usize::MAX),
        };
        let Some((packet, after)) = rest.split_at_checked(length) else {
            return if rest.get(5) == Some(&DATA) {
                pdu::looks(rest.get(LEAST..).unwrap_or_default())
            } else {
                Verdict::Unsure
            };
        };
        match packet.get(5) {
            Some(&DATA) => return pdu::looks(packet.get(LEAST..).unwrap_or_default()),
            Some(&(CONNECT | CONFIRM)) => {
                let (Some(source), Some(destination)) = addresses(packet) else { return Verdict::No };
                // The kind of access is 1 to 3 on the side of the station, and never 0 on the other.
                let [caller, called] = [source >> 8, destination >> 8];
                if !(1..=3).contains(&called) || !matches!(caller, 1..=3 | 0x10 | 0x4b) {
                    return Verdict::No;
                }
                connects = true;
            }
            _ => return Verdict::No,
        }
        rest = after;
    }
    Verdict::Likely
}

/// Transport addresses of a connection, where they have two bytes.
fn addresses(packet: &[u8]) -> (Option<u16>, Option<u16>) {
    let mut reader = Reader::new(packet.get(HEADER + 7..).unwrap_or_default());
    let (mut source, mut destination) = (None, None);
    while let Ok(kind) = reader.u8("s7comm.parameter") {
        let Ok(value) =
            reader.u8("s7comm.parameter").and_then(|length| reader.take(usize::from(length), "s7comm.parameter"))
        else {
            break;
        };
        let number = value.try_into().ok().map(u16::from_be_bytes);
        match kind {
            TSAP_CALLING => source = number,
            TSAP_CALLED => destination = number,
            _ => {}
        }
    }
    (source, destination)
}

pub(super) fn read(packet: &[u8], inside: &mut bool, sink: &mut dyn Sink) -> Result<(), Malformed> {
    let kind = packet.get(5).copied().unwrap_or_default();
    if kind != DATA {
        *inside = false;
        let (source, destination) = addresses(packet);
        let code = |address: Option<u16>| address.map(|address| Code(u64::from(address)));
        sink.event(&Connect {
            kind: Code(u64::from(kind & 0xf0)),
            source: code(source),
            destination: code(destination),
        });
        return Ok(());
    }
    let ends = packet.get(6).is_some_and(|last| last & END != 0);
    let begins = !std::mem::replace(inside, !ends);
    let body = Reader::based(packet.get(LEAST..).unwrap_or_default(), LEAST);
    if begins && !body.is_empty() { pdu::read(body, ends, sink) } else { Ok(()) }
}
