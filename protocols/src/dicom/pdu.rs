//! Recognises the start of a PDU (PS3.8 9.3).

pub(super) const ASSOCIATE_RQ: u8 = 1;
pub(super) const ASSOCIATE_AC: u8 = 2;
pub(super) const ASSOCIATE_RJ: u8 = 3;
pub(super) const P_DATA: u8 = 4;
pub(super) const RELEASE_RQ: u8 = 5;
pub(super) const RELEASE_RP: u8 = 6;
pub(super) const ABORT: u8 = 7;

/// Type, reserved byte, length.
pub(super) const HEADER: usize = 6;
/// PDV length, presentation context id, message control header.
pub(super) const PDV_HEADER: usize = 6;
/// The fixed part of A-ASSOCIATE-RQ and -AC after the header.
pub(super) const ASSOCIATE_FIXED: usize = 68;

/// What stands at the start of some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// A PDU.
    Yes,
    /// Not a PDU.
    No,
    /// This many bytes are needed to say.
    More(usize),
}

/// How much must be seen before bytes count as a PDU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ask {
    /// Of a conversation that could be anything: an association, a rejection or the start of a command set.
    Claim,
    /// Within a conversation known to be DICOM: also a lone data fragment, a release or an abort.
    Boundary,
}

/// Asks for no more bytes than the next check looks at: else what a search finds would depend on how much is there.
pub(super) fn look(bytes: &[u8], ask: Ask) -> Look {
    let Some(&kind) = bytes.first() else { return Look::More(1) };
    if bytes.len() < 2 && (ASSOCIATE_RQ..=ABORT).contains(&kind) {
        return Look::More(2);
    }
    if !(ASSOCIATE_RQ..=ABORT).contains(&kind) || bytes.get(1).is_some_and(|&reserved| reserved != 0) {
        return Look::No;
    }
    let Some(length) = be32(bytes, 2) else { return Look::More(HEADER) };
    match kind {
        ASSOCIATE_RQ | ASSOCIATE_AC => associate(bytes, length),
        ASSOCIATE_RJ => fixed(
            bytes,
            length,
            |body| matches!(body, [0, 1..=2, source @ 1..=3, reason] if *reason <= if *source == 1 { 10 } else { 7 }),
        ),
        P_DATA => p_data(bytes, length, ask),
        _ if ask == Ask::Claim => Look::No,
        RELEASE_RQ | RELEASE_RP => fixed(bytes, length, |body| body == [0; 4]),
        _ => fixed(bytes, length, |body| matches!(body, [0, 0, 0 | 2, 0..=6])),
    }
}

fn fixed(bytes: &[u8], length: u32, holds: impl Fn(&[u8]) -> bool) -> Look {
    if length != 4 {
        return Look::No;
    }
    match bytes.get(HEADER..10) {
        Some(body) if holds(body) => Look::Yes,
        Some(_) => Look::No,
        None => Look::More(10),
    }
}

/// Version 1, reserved zeros and an application context that is a UID; the AE titles may be anything. The declared
/// length may be absurd: refusing it is the decoder's work, and is counted there.
fn associate(bytes: &[u8], length: u32) -> Look {
    const CONTEXT_AT: usize = HEADER + ASSOCIATE_FIXED;
    if (length as usize) < ASSOCIATE_FIXED {
        return Look::No;
    }
    // Offset, bits that count, and what they must be: version 1, two reserved bytes, the item.
    for (at, mask, wanted) in [(7, 1, 1), (8, 0xff, 0), (9, 0xff, 0), (CONTEXT_AT, 0xff, 0x10)] {
        match bytes.get(at) {
            Some(byte) if byte & mask == wanted => {}
            Some(_) => return Look::No,
            None => return Look::More(at.saturating_add(1)),
        }
    }
    let Some([_, _, high, low]) = bytes.get(CONTEXT_AT..CONTEXT_AT + 4) else { return Look::More(CONTEXT_AT + 4) };
    let name = usize::from(u16::from_be_bytes([*high, *low]));
    if name > super::text::UID_MAX + 1 {
        return Look::No;
    }
    let end = CONTEXT_AT.saturating_add(4).saturating_add(name);
    match bytes.get(CONTEXT_AT + 4..end) {
        Some(name) if super::text::uid(name).is_some() => Look::Yes,
        Some(_) => Look::No,
        None => Look::More(end),
    }
}

fn p_data(bytes: &[u8], length: u32, ask: Ask) -> Look {
    let Some(pdv) = be32(bytes, HEADER) else { return Look::More(HEADER + PDV_HEADER) };
    let (Some(&context), Some(&control)) = (bytes.get(10), bytes.get(11)) else {
        return Look::More(HEADER + PDV_HEADER);
    };
    let chained = pdv >= 2 && pdv.checked_add(4).is_some_and(|with_length| with_length <= length);
    if !chained || context & 1 == 0 || control > 3 {
        return Look::No;
    }
    if control & 1 == 0 {
        // A data fragment: one that fills its PDU exactly is a coincidence of 56 bits.
        return if ask == Ask::Boundary && pdv.checked_add(4) == Some(length) { Look::Yes } else { Look::No };
    }
    // A command set, implicit VR little endian: (0000,0000) of four bytes and the element after it, or (0000,0002).
    match bytes.get(12..14) {
        Some([0, 0]) => {}
        Some(_) => return Look::No,
        None => return Look::More(14),
    }
    let Some(head) = bytes.get(12..20) else { return Look::More(20) };
    match *head {
        [0, 0, 0, 0, 4, 0, 0, 0] => match bytes.get(24..28) {
            Some([0, 0, 2 | 3, 0] | [0, 0, 0, 1]) => Look::Yes,
            Some(_) => Look::No,
            None => Look::More(28),
        },
        [0, 0, 2, 0, length, 0, 0, 0] if length <= 64 => Look::Yes,
        _ => Look::No,
    }
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk::<4>().map(|chunk| u32::from_be_bytes(*chunk))
}
