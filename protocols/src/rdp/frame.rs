//! Packets of TPKT with the transport units in them (RFC 1006 6, X.224 13), and the short packets of a session
//! (MS-RDPBCGR 2.2.8.1.2, 2.2.9.1.2).

use super::{connect, gcc};
use crate::framed::Start;
use crate::{Verdict, Way};

/// Version, reserved byte, length, and of the transport unit its length and type, and one byte more.
pub(super) const LEAST: usize = 7;

pub(super) const CONNECT: u8 = 0xe0;
pub(super) const CONFIRM: u8 = 0xd0;
pub(super) const DATA: u8 = 0xf0;
const DISCONNECT: u8 = 0x80;
const ERROR: u8 = 0x70;

/// A handshake record of TLS or of SSL 3, its beginning.
pub(super) const TLS: [u8; 2] = [0x16, 3];

/// Type, two references and the class of a connection's unit, behind its length.
const CONNECTION: u8 = 6;

/// The first byte of each message of the conference service that a client or a server sends: connections, then the
/// domain, the user, its channels, the end, data (T.125 7, in the packed encoding).
const SERVICE: &[u8] = &[0x7f, 0x04, 0x28, 0x2e, 0x38, 0x3e, 0x21, 0x64, 0x68];

/// The type of a packet's transport unit; none of a short packet.
pub(super) fn kind(packet: &[u8]) -> Option<u8> {
    packet.get(5).copied().filter(|_| packet.first() == Some(&3))
}

pub(super) fn start(bytes: &[u8], session: bool) -> Start {
    match *bytes {
        [] => Start::More(1),
        [3, ..] => packet(bytes),
        [first] if TLS.starts_with(&[first]) => Start::More(2),
        [first, ..] if session && first & 3 == 0 => short(bytes),
        _ => Start::No,
    }
}

pub(super) fn found(bytes: &[u8]) -> Start {
    match (start(bytes, false), kind(bytes)) {
        (Start::Message { length, .. }, Some(DATA)) if length > LEAST as u64 => match bytes.get(LEAST) {
            None => Start::More(LEAST + 1),
            Some(first) if SERVICE.contains(first) => packet(bytes),
            Some(_) => Start::No,
        },
        (Start::Message { .. }, Some(CONNECT | CONFIRM)) => packet(bytes),
        (more @ Start::More(_), _) => more,
        _ => Start::No,
    }
}

fn packet(bytes: &[u8]) -> Start {
    if bytes.get(1).is_some_and(|reserved| *reserved != 0) {
        return Start::No;
    }
    let Some(&[_, _, high, low, indicator, kind, _]) = bytes.first_chunk::<LEAST>() else {
        return Start::More(if bytes.len() < 2 { 2 } else { LEAST });
    };
    let length = usize::from(u16::from_be_bytes([high, low]));
    let unit = usize::from(indicator).saturating_add(5);
    let shaped = match kind {
        DATA => indicator == 2,
        CONNECT | CONFIRM => indicator >= CONNECTION && unit == length,
        DISCONNECT => indicator >= CONNECTION,
        ERROR => indicator >= 4,
        _ => false,
    };
    if !shaped || unit > length || length < LEAST {
        return Start::No;
    }
    let read = match (kind, bytes.get(LEAST)) {
        (DATA, _) if length == LEAST => LEAST,
        (DATA, None) => return Start::More(LEAST + 1),
        // Only what sets a conference up is read.
        (DATA, Some(&gcc::CONNECTION)) => length,
        (DATA, Some(_)) => LEAST,
        _ => length,
    };
    Start::Message { length: length as u64, read }
}

/// One byte of action and flags, then a length of one byte or two.
fn short(bytes: &[u8]) -> Start {
    let (length, head) = match *bytes {
        [_, high, low, ..] if high & 0x80 != 0 => (u16::from_be_bytes([high & 0x7f, low]), 3),
        [_, high] if high & 0x80 != 0 => return Start::More(3),
        [_, length, ..] => (u16::from(length), 2),
        _ => return Start::More(2),
    };
    if length < head {
        return Start::No;
    }
    Start::Message { length: u64::from(length), read: usize::from(head) }
}

pub(super) fn looks(way: Way, bytes: &[u8]) -> Verdict {
    let length = match start(bytes, false) {
        Start::Message { length, .. } => usize::try_from(length).unwrap_or(usize::MAX),
        Start::More(_) => return if matches!(bytes, [] | [3, ..]) { Verdict::Unsure } else { Verdict::No },
        Start::No => return Verdict::No,
    };
    let whole = bytes.get(..length);
    match (kind(bytes), way) {
        (Some(CONNECT), Way::ToServer) | (Some(CONFIRM), Way::ToClient) => {
            whole.map_or(Verdict::Unsure, connect::looks)
        }
        (Some(DATA), _) => match bytes.get(LEAST) {
            Some(&gcc::CONNECTION) => gcc::looks(way, whole.unwrap_or(bytes), whole.is_some()),
            // A session that was met in its midst: data to or from one user.
            Some(0x64) if way == Way::ToServer => Verdict::Likely,
            Some(0x68) if way == Way::ToClient => Verdict::Likely,
            _ => Verdict::No,
        },
        _ => Verdict::No,
    }
}
