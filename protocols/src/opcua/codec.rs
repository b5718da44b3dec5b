//! Chunks: their header, and what the first of a message says (OPC 10000-6, 6.7.2, 7.1.2).

use super::{Acknowledge, Chunk, Error, Hello, Open};
use crate::event::{Code, Size, Transaction};
use crate::framed::Start;
use crate::{Malformed, Reader, Sink};
use holter_phi::{Because, Plain};

/// The most of a chunk that is read: what says something stands at its beginning.
pub const READ_MAX: usize = 2048;
const HEADER: usize = 8;
/// Longest endpoint URL (7.1.2.3), with what stands before it.
const HELLO_MAX: u64 = 4096 + 32;
/// Longest chunk that is believed; a buffer of 64 KiB is usual.
const CHUNK_MAX: u64 = 64 * 1024 * 1024;
/// What the URIs of all security policies begin with (OPC 10000-7).
const POLICY: &[u8] = b"http://opcfoundation.org/UA/SecurityPolicy#";
const POLICY_MAX: usize = 96;

pub(super) fn start(bytes: &[u8]) -> Start {
    const KINDS: [&[u8; 3]; 7] = [b"HEL", b"ACK", b"ERR", b"RHE", b"OPN", b"MSG", b"CLO"];
    let kind = bytes.get(..3).unwrap_or(bytes);
    if !KINDS.iter().any(|known| known.starts_with(kind)) {
        return Start::No;
    }
    if bytes.len() < 4 {
        return Start::More(bytes.len().saturating_add(1));
    }
    match (kind, bytes.get(3)) {
        (_, Some(b'F')) | (b"MSG", Some(b'C' | b'A')) => {}
        _ => return Start::No,
    }
    let Some(&[_, _, _, _, a, b, c, d]) = bytes.first_chunk::<HEADER>() else { return Start::More(HEADER) };
    let size = u64::from(u32::from_le_bytes([a, b, c, d]));
    let (shortest, longest) = match kind {
        b"HEL" => (32, HELLO_MAX),
        b"ACK" => (28, 28),
        b"ERR" | b"RHE" => (16, 2 * HELLO_MAX),
        b"OPN" => (32, CHUNK_MAX),
        _ => (24, CHUNK_MAX),
    };
    if size < shortest || size > longest {
        return Start::No;
    }
    Start::Message { length: size, read: usize::try_from(size).unwrap_or(READ_MAX).min(READ_MAX) }
}

pub(super) fn read(bytes: &[u8], secured: &mut bool, inside: &mut bool, sink: &mut dyn Sink) -> Result<(), Malformed> {
    let mut reader = Reader::new(bytes);
    let kind = reader.take(3, "opcua.header")?;
    let part = reader.take(1, "opcua.header")?;
    let size = reader.u32_le("opcua.header")?;
    let mut chunk = Chunk {
        kind: Plain::new(kind, Because::Vocabulary),
        part: Plain::new(part, Because::Vocabulary),
        size: Size(u64::from(size)),
        channel: None,
        request: None,
        service: None,
    };
    let conversation = matches!(kind, b"OPN" | b"MSG" | b"CLO");
    if conversation {
        chunk.channel = Some(Transaction(u64::from(reader.u32_le("opcua.channel")?)));
    }
    if matches!(kind, b"MSG" | b"CLO") && !*secured {
        // Only the first part of a message names its service.
        let first = !*inside;
        if let Ok((request, service)) = sequence(&mut reader) {
            chunk.request = Some(Transaction(u64::from(request)));
            chunk.service = service.filter(|_| first).map(|service| Code(u64::from(service)));
        }
    }
    if conversation {
        *inside = part == b"C";
    }
    sink.event(&chunk);
    match kind {
        b"HEL" => hello(reader, sink),
        b"RHE" => reverse(reader, sink),
        b"ACK" => {
            let version = reader.u32_le("opcua.acknowledge")?;
            let receive = reader.u32_le("opcua.acknowledge")?;
            let send = reader.u32_le("opcua.acknowledge")?;
            *secured = false;
            *inside = false;
            sink.event(&Acknowledge {
                version: Code(u64::from(version)),
                receive_buffer: Size(u64::from(receive)),
                send_buffer: Size(u64::from(send)),
            });
            Ok(())
        }
        b"ERR" => {
            // The reason behind the status is free text.
            sink.event(&Error { status: Code(u64::from(reader.u32_le("opcua.error")?)) });
            Ok(())
        }
        b"OPN" => open(reader, secured, sink),
        _ => Ok(()),
    }
}

/// Behind the channel: token, sequence number, request id, and the node id that says what follows.
fn sequence(reader: &mut Reader<'_>) -> Result<(u32, Option<u16>), Malformed> {
    reader.take(8, "opcua.sequence")?;
    let request = reader.u32_le("opcua.sequence")?;
    let service = match reader.array::<2>("opcua.service") {
        // Two bytes, or four with namespace 0.
        Ok([0, number]) => Some(u16::from(number)),
        Ok([1, 0]) => reader.u16_le("opcua.service").ok(),
        _ => None,
    };
    Ok((request, service))
}

/// A string; a length of -1 is none.
fn string<'a>(reader: &mut Reader<'a>, field: &'static str) -> Result<&'a [u8], Malformed> {
    match reader.u32_le(field)? {
        u32::MAX => Ok(&[]),
        length => reader.take(usize::try_from(length).unwrap_or(usize::MAX), field),
    }
}

fn hello(mut reader: Reader<'_>, sink: &mut dyn Sink) -> Result<(), Malformed> {
    let version = reader.u32_le("opcua.hello")?;
    let receive = reader.u32_le("opcua.hello")?;
    let send = reader.u32_le("opcua.hello")?;
    // The longest message and the most chunks of one.
    reader.take(8, "opcua.hello")?;
    let endpoint = string(&mut reader, "opcua.endpoint");
    sink.event(&Hello {
        reverse: false,
        version: Some(Code(u64::from(version))),
        receive_buffer: Some(Size(u64::from(receive))),
        send_buffer: Some(Size(u64::from(send))),
        endpoint: endpoint.ok().filter(|url| !url.is_empty()).map(|url| Plain::new(url, Because::Site)),
    });
    endpoint.map(|_| ())
}

fn reverse(mut reader: Reader<'_>, sink: &mut dyn Sink) -> Result<(), Malformed> {
    // The URI of the server's application.
    string(&mut reader, "opcua.hello")?;
    let endpoint = string(&mut reader, "opcua.endpoint")?;
    sink.event(&Hello {
        reverse: true,
        version: None,
        receive_buffer: None,
        send_buffer: None,
        endpoint: (!endpoint.is_empty()).then_some(Plain::new(endpoint, Because::Site)),
    });
    Ok(())
}

fn open(mut reader: Reader<'_>, secured: &mut bool, sink: &mut dyn Sink) -> Result<(), Malformed> {
    let policy = string(&mut reader, "opcua.security_policy")?;
    let certificate = match reader.u32_le("opcua.certificate")? {
        u32::MAX => 0,
        length => length,
    };
    let word = policy.strip_prefix(POLICY).filter(|name| {
        policy.len() <= POLICY_MAX && name.iter().all(|&byte| byte.is_ascii_alphanumeric() || byte == b'_')
    });
    if word.is_none() {
        sink.weird("opcua.security_policy");
    }
    let unsecured = word == Some(b"None");
    *secured = !unsecured;
    sink.event(&Open {
        policy: word.map(|_| Plain::new(policy, Because::Vocabulary)),
        unsecured,
        certificate: Size(u64::from(certificate)),
    });
    Ok(())
}
