//! One message.

use super::{Call, Reply};
use crate::event::{Code, Port, Size, Transaction};
use crate::{Malformed, Reader, Sink, Verdict, Way};
use holter_phi::{Because, Plain};

/// Calls that a conversation remembers until their replies.
pub const PENDING_MAX: usize = 64;
/// Longest name of a machine (RFC 5531 appendix A), and longest path of a mount (RFC 1813 5.1.4).
pub const NAME_MAX: usize = 1024;
/// Longest body of a credential (RFC 5531 8.2).
const CREDENTIAL_MAX: u32 = 400;

const PORT_MAPPER: u32 = 100_000;
const NFS: u32 = 100_003;
const MOUNT: u32 = 100_005;
const CALL: u32 = 0;
const REPLY: u32 = 1;

#[derive(Clone, Copy, Default)]
struct Asked {
    transaction: u32,
    program: u32,
    version: u32,
    procedure: u32,
}

/// The last calls without a reply.
pub(super) struct Pending {
    calls: [Option<Asked>; PENDING_MAX],
    next: usize,
}

impl Default for Pending {
    fn default() -> Self {
        Pending { calls: [None; PENDING_MAX], next: 0 }
    }
}

impl Pending {
    fn add(&mut self, asked: Asked) {
        if let Some(slot) = self.calls.get_mut(self.next) {
            *slot = Some(asked);
        }
        self.next = self.next.saturating_add(1);
        if self.next >= PENDING_MAX {
            self.next = 0;
        }
    }

    fn take(&mut self, transaction: u32) -> Option<Asked> {
        self.calls.iter_mut().find(|call| call.is_some_and(|call| call.transaction == transaction))?.take()
    }

    pub(super) fn has(&self, transaction: u32) -> bool {
        self.calls.iter().flatten().any(|call| call.transaction == transaction)
    }
}

/// The body of a credential or verifier, and its flavour.
fn opaque_auth<'a>(reader: &mut Reader<'a>, field: &'static str) -> Result<(u32, Reader<'a>), Malformed> {
    let (flavour, length) = (reader.u32(field)?, reader.u32(field)?);
    if length > CREDENTIAL_MAX {
        return Err(reader.malformed(field));
    }
    Ok((flavour, reader.sub(padded(length), field)?))
}

/// Data come in units of four bytes (RFC 4506 3).
fn padded(length: u32) -> usize {
    usize::try_from(length.saturating_add(3) & !3).unwrap_or(usize::MAX)
}

fn string<'a>(reader: &mut Reader<'a>, field: &'static str) -> Result<&'a [u8], Malformed> {
    let length = reader.u32(field)?;
    if length as usize > NAME_MAX {
        return Err(reader.malformed(field));
    }
    let bytes = reader.take(padded(length), field)?;
    Ok(bytes.get(..length as usize).unwrap_or_default())
}

/// Reports a message of `size` bytes of which `bytes` are all, or the first.
pub(super) fn decode(bytes: &[u8], size: u64, pending: &mut Pending, sink: &mut dyn Sink) -> Result<(), Malformed> {
    let mut reader = Reader::new(bytes);
    let transaction = reader.u32("rpc.header")?;
    match reader.u32("rpc.header")? {
        CALL => call(transaction, &mut reader, size, pending, sink),
        REPLY => reply(transaction, &mut reader, size, pending, sink),
        _ => Err(Malformed { field: "rpc.type", at: 4 }),
    }
}

fn call(
    transaction: u32,
    reader: &mut Reader<'_>,
    size: u64,
    pending: &mut Pending,
    sink: &mut dyn Sink,
) -> Result<(), Malformed> {
    let at = reader.at();
    if reader.u32("rpc.header")? != 2 {
        return Err(Malformed { field: "rpc.rpc_version", at });
    }
    let (program, version, procedure) =
        (reader.u32("rpc.header")?, reader.u32("rpc.header")?, reader.u32("rpc.header")?);
    let (flavour, mut credential) = opaque_auth(reader, "rpc.credential")?;
    pending.add(Asked { transaction, program, version, procedure });
    let machine = if flavour == 1 && credential.u32("rpc.credential").is_ok() {
        string(&mut credential, "rpc.machine").ok().filter(|name| !name.is_empty())
    } else {
        None
    };
    let mut event = Call {
        transaction: Transaction(u64::from(transaction)),
        program: Code(u64::from(program)),
        version: Code(u64::from(version)),
        procedure: Code(u64::from(procedure)),
        credential: Code(u64::from(flavour)),
        machine: machine.map(|name| Plain::new(name, Because::Site)),
        wanted_program: None,
        wanted_version: None,
        wanted_transport: None,
        path: None,
        size: Size(size),
    };
    let result = opaque_auth(reader, "rpc.verifier").and_then(|_| {
        // With a credential of GSS the arguments may be wrapped.
        if flavour == 6 { Ok(()) } else { arguments(program, version, procedure, reader, &mut event) }
    });
    sink.event(&event);
    result
}

fn arguments<'a>(
    program: u32,
    version: u32,
    procedure: u32,
    reader: &mut Reader<'a>,
    event: &mut Call<'a>,
) -> Result<(), Malformed> {
    let code = |value: u32| Some(Code(u64::from(value)));
    match (program, version, procedure) {
        // SET, UNSET, GETPORT; of version 3 and 4 GETADDR and its like.
        (PORT_MAPPER, 2, 1..=3) => {
            event.wanted_program = code(reader.u32("rpc.mapping")?);
            event.wanted_version = code(reader.u32("rpc.mapping")?);
            event.wanted_transport = code(reader.u32("rpc.mapping")?);
        }
        (PORT_MAPPER, 3 | 4, 1..=3 | 9 | 11) => {
            event.wanted_program = code(reader.u32("rpc.mapping")?);
            event.wanted_version = code(reader.u32("rpc.mapping")?);
            event.wanted_transport = match string(reader, "rpc.mapping")? {
                b"tcp" | b"tcp6" => code(6),
                b"udp" | b"udp6" => code(17),
                _ => None,
            };
        }
        // A call within a call.
        (PORT_MAPPER, 2..=4, 5) => {
            event.wanted_program = code(reader.u32("rpc.mapping")?);
            event.wanted_version = code(reader.u32("rpc.mapping")?);
        }
        (MOUNT, _, 1 | 3) => {
            let path = string(reader, "rpc.path")?;
            event.path = (!path.is_empty()).then(|| Plain::new(path, Because::Site));
        }
        _ => {}
    }
    Ok(())
}

fn reply(
    transaction: u32,
    reader: &mut Reader<'_>,
    size: u64,
    pending: &mut Pending,
    sink: &mut dyn Sink,
) -> Result<(), Malformed> {
    let at = reader.at();
    let denied = match reader.u32("rpc.header")? {
        0 => false,
        1 => true,
        _ => return Err(Malformed { field: "rpc.reply", at }),
    };
    if !denied {
        opaque_auth(reader, "rpc.verifier")?;
    }
    let status = reader.u32("rpc.status")?;
    let asked = pending.take(transaction);
    let mut event = Reply {
        transaction: Transaction(u64::from(transaction)),
        program: asked.map(|asked| Code(u64::from(asked.program))),
        procedure: asked.map(|asked| Code(u64::from(asked.procedure))),
        denied,
        status: Code(u64::from(status)),
        result: None,
        port: None,
        size: Size(size),
    };
    let mut result = Ok(());
    if let (false, 0, Some(asked)) = (denied, status, asked) {
        result = results(asked, reader, &mut event);
    }
    sink.event(&event);
    result
}

fn results(asked: Asked, reader: &mut Reader<'_>, event: &mut Reply) -> Result<(), Malformed> {
    match (asked.program, asked.version, asked.procedure) {
        (PORT_MAPPER, 2, 3) => {
            event.port = u16::try_from(reader.u32("rpc.port")?).ok().map(|port| Port(u64::from(port)))
        }
        (PORT_MAPPER, 3 | 4, 3 | 9) => event.port = universal_port(string(reader, "rpc.port")?),
        // Every procedure of NFS but the empty one, and MNT, begin their result with a status.
        (NFS, _, 1..) | (MOUNT, _, 1) => event.result = Some(Code(u64::from(reader.u32("rpc.result")?))),
        _ => {}
    }
    Ok(())
}

/// The last two numbers of an address such as `10.20.0.7.8.1` (RFC 5665 5.2.3.3); an empty one means none.
fn universal_port(address: &[u8]) -> Option<Port> {
    if address.is_empty() {
        return Some(Port(0));
    }
    let mut parts = address.rsplit(|byte| *byte == b'.').map(crate::line::number);
    let (low, high) = (parts.next()??, parts.next()??);
    let port = u16::from_be_bytes([u8::try_from(high).ok()?, u8::try_from(low).ok()?]);
    Some(Port(u64::from(port)))
}

/// Programs that are known by name.
pub(super) fn is_known(program: u32) -> bool {
    matches!(program, 100_000..=100_300 | 150_001 | 300_000..=300_999 | 390_000..=390_500)
}

/// The bytes that a look needs: everything up to the verifier of a call without credentials.
pub(super) const LOOK: usize = 40;

/// Whether these are the first bytes of a message of `length` bytes.
pub(super) fn looks(way: Way, bytes: &[u8], length: usize) -> Verdict {
    let mut reader = Reader::new(bytes);
    let mut word = || reader.u32("").ok();
    let short = if bytes.len() < length { Verdict::Unsure } else { Verdict::No };
    let (Some(transaction), Some(kind)) = (word(), word()) else { return short };
    match (way, kind) {
        (Way::ToServer, CALL) => {
            let (Some(rpc), Some(program), Some(version), Some(procedure)) = (word(), word(), word(), word()) else {
                return short;
            };
            let plausible = rpc == 2 && version <= 10 && procedure <= 100 && length >= LOOK;
            if !plausible {
                return Verdict::No;
            }
            for _ in 0..2 {
                let (Ok(flavour), Ok(size)) = (reader.u32(""), reader.u32("")) else { return short };
                if !matches!(flavour, 0..=3 | 6) || size > CREDENTIAL_MAX {
                    return Verdict::No;
                }
                if reader.take(padded(size), "").is_err() {
                    return short;
                }
            }
            if is_known(program) { Verdict::Yes } else { Verdict::Likely }
        }
        (Way::ToClient, REPLY) => match (word(), word(), word(), length) {
            (None, ..) | (_, None, ..) | (_, _, None, _) => short,
            (Some(0), Some(0..=3 | 6), Some(size), 24..) if size <= CREDENTIAL_MAX && transaction != 0 => {
                Verdict::Likely
            }
            (Some(1), Some(0 | 1), Some(_), 16..) if transaction != 0 => Verdict::Likely,
            _ => Verdict::No,
        },
        _ => Verdict::No,
    }
}
