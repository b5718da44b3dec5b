//! Versions 2 and 3 (MS-SMB2 2.2).

use super::dialects::{self, Offered};
use super::setup::{Setup, Text};
use super::{Message, Tree, piped};
use crate::event::{Code, Size, Transaction};
use crate::ntlmssp::Ntlm;
use crate::{Malformed, Sink};
use holter_phi::{Because, Plain};

pub(super) const HEADER: usize = 64;
/// Of an encrypted message (MS-SMB2 2.2.41).
pub(super) const TRANSFORM: usize = 52;
/// Messages of a compound that are read.
const COMPOUND_MAX: usize = 1024;
/// Transceive on a pipe (MS-SMB2 2.2.31).
const PIPE_TRANSCEIVE: u32 = 0x0011_c017;

const NEGOTIATE: u16 = 0;
const SESSION_SETUP: u16 = 1;
const TREE_CONNECT: u16 = 3;
const READ: u16 = 8;
const WRITE: u16 = 9;
const IOCTL: u16 = 11;

fn u16_at(smb: &[u8], at: usize) -> Option<u16> {
    smb.get(at..)?.first_chunk().map(|&bytes| u16::from_le_bytes(bytes))
}

fn u32_at(smb: &[u8], at: usize) -> Option<u32> {
    smb.get(at..)?.first_chunk().map(|&bytes| u32::from_le_bytes(bytes))
}

pub(super) fn command(smb: &[u8]) -> Option<u16> {
    u16_at(smb, 12)
}

/// Where the next message of a compound begins; 0 in the last.
pub(super) fn next(smb: &[u8]) -> u32 {
    u32_at(smb, 20).unwrap_or(0)
}

/// What an offset and a length lead to: as much of it as is here, and how long it is. The offset counts from the header.
fn part<'a>(
    smb: &'a [u8],
    size: usize,
    offset: u32,
    length: u32,
    field: &'static str,
) -> Result<(&'a [u8], usize), Malformed> {
    let malformed = Malformed { field, at: 0 };
    let (Ok(offset), Ok(length)) = (usize::try_from(offset), usize::try_from(length)) else { return Err(malformed) };
    if length == 0 {
        return Ok((&[], 0));
    }
    let end = offset.checked_add(length).filter(|&end| end <= size && offset >= HEADER).ok_or(malformed)?;
    Ok((smb.get(offset..end.min(smb.len())).unwrap_or_default(), length))
}

/// Reports each message of a compound; then fails if it is broken further on.
pub(super) fn messages(smb: &[u8], size: usize, sink: &mut dyn Sink) -> Result<(), Malformed> {
    let mut at = 0usize;
    for _ in 0..COMPOUND_MAX {
        let rest = smb.get(at..).unwrap_or_default();
        let left = size.saturating_sub(at);
        let next = next(rest) as usize;
        let malformed = |field| Malformed { field, at };
        if rest.len() < HEADER && smb.len() < size {
            // Beyond what was wanted of the message.
            return Ok(());
        }
        if rest.len() < HEADER || !rest.starts_with(b"\xfeSMB\x40\0") {
            return Err(malformed("smb.header"));
        }
        if next != 0 && (next < HEADER || next > left) {
            return Err(malformed("smb.next"));
        }
        let length = if next == 0 { left } else { next };
        one(rest.get(..length).unwrap_or(rest), length, sink).map_err(|inner| malformed(inner.field))?;
        if next == 0 {
            return Ok(());
        }
        at = at.saturating_add(next);
    }
    sink.weird("smb.compound");
    Ok(())
}

fn one(smb: &[u8], size: usize, sink: &mut dyn Sink) -> Result<(), Malformed> {
    let command = command(smb).unwrap_or(u16::MAX);
    let flags = u32_at(smb, 16).unwrap_or(0);
    let response = flags & 1 != 0;
    let asynchronous = flags & 2 != 0;
    let status = u32_at(smb, 8).unwrap_or(0);
    let id = smb.get(24..).and_then(<[u8]>::first_chunk).map(|&id| u64::from_le_bytes(id));
    sink.event(&Message {
        version: Code(2),
        command: Some(Code(u64::from(command))),
        chained: &[],
        response: Some(response),
        status: response.then_some(Code(u64::from(status))),
        transaction: id.map(Transaction),
        tree: u32_at(smb, 36).filter(|_| !asynchronous).map(|tree| Code(u64::from(tree))),
        signed: flags & 8 != 0,
        encrypted: false,
        compressed: false,
        size: Size(size as u64),
    });
    let body = smb.get(HEADER..).unwrap_or_default();
    // An error has a body of its own (MS-SMB2 2.2.2); that of a session that goes on is none.
    if response && status != 0 && !(command == SESSION_SETUP && status == 0xc000_0016) && u16_at(body, 0) == Some(9) {
        return Ok(());
    }
    match (command, response) {
        (NEGOTIATE, _) => negotiate(body, response, sink),
        (SESSION_SETUP, _) => session(smb, size, response, sink),
        (TREE_CONNECT, _) => tree(smb, size, response, sink),
        (READ | WRITE | IOCTL, _) => data(smb, size, command, response, sink),
        _ => Ok(()),
    }
}

pub(super) fn transform(encrypted: bool, size: usize, sink: &mut dyn Sink) {
    sink.event(&Message {
        version: Code(2),
        command: None,
        chained: &[],
        response: None,
        status: None,
        transaction: None,
        tree: None,
        signed: false,
        encrypted,
        compressed: !encrypted,
        size: Size(size as u64),
    });
}

fn negotiate(body: &[u8], response: bool, sink: &mut dyn Sink) -> Result<(), Malformed> {
    let malformed = Malformed { field: "smb.negotiate", at: 0 };
    let mut offered = Offered::default();
    let (mut dialect, mode) = (None, if response { 2 } else { 4 });
    let required = u16_at(body, mode).map(|mode| mode & 2 != 0).ok_or(malformed)?;
    let mut result = Ok(());
    if response {
        dialect = dialects::number(u16_at(body, 4).ok_or(malformed)?);
    } else {
        for n in 0..usize::from(u16_at(body, 2).unwrap_or(0)) {
            let Some(number) = u16_at(body, n.saturating_mul(2).saturating_add(36)) else {
                result = Err(malformed);
                break;
            };
            if !offered.add(dialects::number(number)) {
                sink.weird("smb.offered");
                break;
            }
        }
    }
    offered.report(dialect, Some(required), sink);
    result
}

fn session(smb: &[u8], size: usize, response: bool, sink: &mut dyn Sink) -> Result<(), Malformed> {
    let malformed = Malformed { field: "smb.session_setup", at: 0 };
    let body = smb.get(HEADER..).unwrap_or_default();
    let at = if response { 4 } else { 12 };
    let offset = u16_at(body, at).ok_or(malformed)?;
    let length = u16_at(body, at.saturating_add(2)).ok_or(malformed)?;
    let (token, _) = part(smb, size, u32::from(offset), u32::from(length), "smb.security_token")?;
    let mut setup = Setup::new();
    setup.ntlm = Ntlm::find(token);
    // Guest, or nobody (MS-SMB2 2.2.6).
    setup.guest = u16_at(body, 2).filter(|_| response).map(|flags| flags & 3 != 0);
    setup.report(sink);
    Ok(())
}

fn tree(smb: &[u8], size: usize, response: bool, sink: &mut dyn Sink) -> Result<(), Malformed> {
    let malformed = Malformed { field: "smb.tree_connect", at: 0 };
    let body = smb.get(HEADER..).unwrap_or_default();
    if response {
        let kind = *body.get(2).ok_or(malformed)?;
        sink.event(&Tree { share: None, service: None, kind: Some(Code(u64::from(kind))) });
        return Ok(());
    }
    let (offset, length) = (u16_at(body, 4).ok_or(malformed)?, u16_at(body, 6).ok_or(malformed)?);
    let (path, _) = part(smb, size, u32::from(offset), u32::from(length), "smb.share")?;
    let mut share = Text::new();
    share.push_utf16(path);
    let share = share.some().map(|text| Plain::new(text, Because::Site));
    sink.event(&Tree { share, service: None, kind: None });
    Ok(())
}

fn data(smb: &[u8], size: usize, command: u16, response: bool, sink: &mut dyn Sink) -> Result<(), Malformed> {
    let body = smb.get(HEADER..).unwrap_or_default();
    let place = match (command, response) {
        (WRITE, false) => u16_at(body, 2).map(u32::from).zip(u32_at(body, 4)),
        (READ, true) => body.get(2).map(|&offset| u32::from(offset)).zip(u32_at(body, 4)),
        (IOCTL, _) if u32_at(body, 4) != Some(PIPE_TRANSCEIVE) => return Ok(()),
        (IOCTL, false) => u32_at(body, 24).zip(u32_at(body, 28)),
        (IOCTL, true) => u32_at(body, 32).zip(u32_at(body, 36)),
        _ => return Ok(()),
    };
    let Some((offset, length)) = place else { return Err(Malformed { field: "smb.data", at: 0 }) };
    let (data, length) = part(smb, size, offset, length, "smb.data")?;
    piped::report(data, length, sink);
    Ok(())
}
