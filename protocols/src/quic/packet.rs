//! Packets with a long header (RFC 9000 17.2, RFC 9369 3.2).

use crate::{Malformed, Reader, Verdict};

/// Longest connection id (RFC 9000 17.2).
pub const ID_MAX: usize = 20;
/// A client fills the datagram of its first packet up to here (RFC 9000 14.1).
const FIRST_DATAGRAM: usize = 1200;
/// Number and tag of a packet.
const LEAST: usize = 20;

const DRAFT: u32 = 0xff00_0000;
const V2: u32 = 0x6b33_43cf;

/// How a version seals its first packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    /// The last drafts before version 1.
    Draft,
    One,
    Two,
}

impl Version {
    pub(super) fn of(code: u32) -> Option<Version> {
        match code {
            1 => Some(Version::One),
            V2 => Some(Version::Two),
            code if (29..=32).contains(&(code ^ DRAFT)) => Some(Version::Draft),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Initial,
    /// 0-RTT and Handshake.
    Sealed,
    Retry,
    Negotiation,
    /// Of a version that is not known.
    Unknown,
}

pub(super) struct Packet<'a> {
    pub(super) kind: Kind,
    pub(super) code: u32,
    pub(super) destination: &'a [u8],
    /// From the first byte to the end of what the header says belongs to it.
    pub(super) whole: &'a [u8],
    /// Where the protected packet number begins in `whole`; of a negotiation, the versions.
    pub(super) payload: usize,
}

pub(super) fn variable(reader: &mut Reader<'_>, field: &'static str) -> Result<u64, Malformed> {
    let first = reader.u8(field)?;
    let more = match first >> 6 {
        0 => 0,
        1 => 1,
        2 => 3,
        _ => 7,
    };
    let rest = reader.take(more, field)?;
    Ok(rest.iter().fold(u64::from(first & 0x3f), |value, byte| value << 8 | u64::from(*byte)))
}

fn size(reader: &mut Reader<'_>, field: &'static str) -> Result<usize, Malformed> {
    let at = reader.at();
    usize::try_from(variable(reader, field)?).map_err(|_| Malformed { field, at })
}

/// The packet at the front of the reader; `None` where no long header stands.
pub(super) fn read<'a>(reader: &mut Reader<'a>) -> Result<Option<Packet<'a>>, Malformed> {
    let (from, all) = (reader.at(), reader.rest());
    let first = reader.u8("quic.header")?;
    if first & 0x80 == 0 {
        return Ok(None);
    }
    let code = reader.u32("quic.version")?;
    let destination = id(reader)?;
    id(reader)?;
    let kind = match (Version::of(code), first >> 4 & 3) {
        _ if code == 0 => Kind::Negotiation,
        (None, _) => Kind::Unknown,
        (Some(Version::One | Version::Draft), 0) | (Some(Version::Two), 1) => Kind::Initial,
        (Some(Version::One | Version::Draft), 3) | (Some(Version::Two), 0) => Kind::Retry,
        _ => Kind::Sealed,
    };
    if kind == Kind::Initial {
        let token = size(reader, "quic.token")?;
        reader.take(token, "quic.token")?;
    }
    let length = match kind {
        Kind::Initial | Kind::Sealed => size(reader, "quic.length")?,
        Kind::Retry | Kind::Negotiation | Kind::Unknown => reader.len(),
    };
    let payload = reader.at().saturating_sub(from);
    reader.take(length, "quic.length")?;
    let whole = all.get(..payload.saturating_add(length)).unwrap_or_default();
    Ok(Some(Packet { kind, code, destination, whole, payload }))
}

fn id<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8], Malformed> {
    let at = reader.at();
    let length = usize::from(reader.u8("quic.connection_id")?);
    if length > ID_MAX {
        return Err(Malformed { field: "quic.connection_id", at });
    }
    reader.take(length, "quic.connection_id")
}

/// Whether a conversation could begin, or be met, with this datagram.
pub(super) fn looks(bytes: &[u8]) -> Verdict {
    let Some(first) = bytes.first() else { return Verdict::No };
    let mut reader = Reader::new(bytes);
    let Ok(Some(packet)) = read(&mut reader) else { return Verdict::No };
    let rest = packet.whole.get(packet.payload..).unwrap_or_default();
    let fixed = first & 0x40 != 0;
    match packet.kind {
        Kind::Initial | Kind::Sealed if fixed && rest.len() >= LEAST => Verdict::Yes,
        // Its tag at least.
        Kind::Retry if fixed && rest.len() >= 16 => Verdict::Yes,
        Kind::Negotiation => {
            let (versions, odd) = rest.as_chunks::<4>();
            let known = versions.iter().any(|version| Version::of(u32::from_be_bytes(*version)).is_some());
            if odd.is_empty() && known { Verdict::Likely } else { Verdict::No }
        }
        Kind::Unknown if fixed && bytes.len() >= FIRST_DATAGRAM => Verdict::Likely,
        _ => Verdict::No,
    }
}
