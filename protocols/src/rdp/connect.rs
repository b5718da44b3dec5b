//! The request of a connection and its confirmation (MS-RDPBCGR 2.2.1.1, 2.2.1.2).

use super::{Confirm, Request, frame};
use crate::event::Code;
use crate::line::is_text;
use crate::{Malformed, Reader, Sink, Verdict};
use holter_phi::{Because, Plain};
use memchr::memmem;

/// What stands before the variable part: the packet's header and the fixed part of the unit.
const FIXED: usize = 11;

const REQUEST: u8 = 1;
const RESPONSE: u8 = 2;
const FAILURE: u8 = 3;
const CORRELATION: u8 = 6;

const USER: &[u8] = b"Cookie: mstshash=";
const SERVER: &[u8] = b"Cookie: msts=";

fn variable(packet: &[u8]) -> &[u8] {
    packet.get(FIXED..).unwrap_or_default()
}

/// A structure of eight bytes: type, flags, its length, and one number (MS-RDPBCGR 2.2.1.1.1).
fn negotiation(bytes: &[u8]) -> Option<(u8, u8, u32)> {
    let &[kind, flags, 8, 0, a, b, c, d] = bytes.first_chunk()? else { return None };
    Some((kind, flags, u32::from_le_bytes([a, b, c, d])))
}

/// The line of a cookie or a token, without its end, and what follows it. `None` for a line without an end.
fn line(body: &[u8]) -> Option<(&[u8], &[u8])> {
    if matches!(body.first(), None | Some(&(REQUEST | CORRELATION))) {
        return Some((b"", body));
    }
    let end = memmem::find(body, b"\r\n")?;
    Some((body.get(..end)?, body.get(end.saturating_add(2)..)?))
}

pub(super) fn looks(packet: &[u8]) -> Verdict {
    let body = variable(packet);
    if frame::kind(packet) == Some(frame::CONFIRM) {
        return match negotiation(body) {
            Some((RESPONSE | FAILURE, ..)) if body.len() == 8 => Verdict::Yes,
            None if body.is_empty() => Verdict::Likely,
            _ => Verdict::No,
        };
    }
    let (text, rest) = line(body).unwrap_or((body, b""));
    let asks = matches!(negotiation(rest), Some((REQUEST, ..)));
    if asks && text.is_empty() || text.starts_with(USER) || text.starts_with(SERVER) {
        Verdict::Yes
    } else if body.is_empty() || asks {
        Verdict::Likely
    } else {
        Verdict::No
    }
}

pub(super) fn request(packet: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
    let body = variable(packet);
    let cut = line(body);
    let (text, rest) = cut.unwrap_or((body, b""));
    let site = |text| Plain::new(text, Because::Site);
    let name = |text: &&[u8]| !text.is_empty() && is_text(text);
    let user = text.strip_prefix(USER);
    let token = text.strip_prefix(SERVER).unwrap_or(text);
    let asked = negotiation(rest).filter(|(kind, ..)| *kind == REQUEST);
    sink.event(&Request {
        user: user.filter(name).map(site),
        token: Some(token).filter(|token| user.is_none() && name(token)).map(site),
        flags: asked.map(|(_, flags, _)| Code(u64::from(flags))),
        protocols: asked.map(|(.., protocols)| Code(u64::from(protocols))),
    });
    let at = packet.len().saturating_sub(rest.len());
    if cut.is_none() {
        return Err(Malformed { field: "rdp.cookie", at: FIXED.min(packet.len()) });
    }
    if asked.is_none() && !rest.is_empty() {
        return Err(Malformed { field: "rdp.negotiation", at });
    }
    Ok(())
}

/// Whether TLS follows.
pub(super) fn confirm(packet: &[u8], sink: &mut dyn Sink) -> Result<bool, Malformed> {
    let reader = Reader::based(variable(packet), FIXED);
    let answer = negotiation(reader.rest()).filter(|(kind, ..)| matches!(*kind, RESPONSE | FAILURE));
    let of = |wanted| answer.filter(|(kind, ..)| *kind == wanted).map(|(.., number)| number);
    let (chosen, failure) = (of(RESPONSE), of(FAILURE));
    let code = |number: u32| Code(u64::from(number));
    sink.event(&Confirm {
        negotiated: answer.is_some(),
        flags: answer.map(|(_, flags, _)| Code(u64::from(flags))),
        protocol: chosen.map(code),
        failure: failure.map(code),
    });
    if answer.is_none() && !reader.is_empty() {
        return Err(reader.malformed("rdp.negotiation"));
    }
    Ok(chosen.is_some_and(|protocol| protocol != 0))
}
