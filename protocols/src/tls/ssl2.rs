//! The ClientHello of SSL 2.0, in which old clients offer newer versions too (RFC 5246 E.2).

use super::messages;
use crate::tls_hello::{Carrier, Client, Extensions, Pairs};
use crate::{Malformed, Reader, Sink, Verdict};

/// Kinds of ciphers reported: a longer list is no hello.
const CIPHERS_MAX: usize = 128;
const CLIENT_HELLO: u8 = 1;
const HEAD: usize = 11;
/// Version of its records.
const SSL2: u16 = 2;

struct Head {
    /// Of all of it, with its own two bytes.
    length: usize,
    version: u16,
    ciphers: usize,
    fits: bool,
}

fn head(bytes: &[u8]) -> Option<Head> {
    let &[high, low, _, major, minor, c, d, e, f, g, h] = bytes.first_chunk::<HEAD>()?;
    let length = usize::from(u16::from_be_bytes([high & 0x7f, low]));
    let [ciphers, session, challenge] = [[c, d], [e, f], [g, h]].map(|pair| usize::from(u16::from_be_bytes(pair)));
    let version = u16::from_be_bytes([major, minor]);
    let sum = ciphers.saturating_add(session).saturating_add(challenge).saturating_add(HEAD - 2);
    let fits = ciphers > 0
        && ciphers % 3 == 0
        && ciphers / 3 <= CIPHERS_MAX
        && matches!(session, 0 | 16)
        && (16..=32).contains(&challenge)
        && matches!(version, SSL2 | 0x0300..=0x0304)
        && sum == length;
    Some(Head { length: length.saturating_add(2), version, ciphers, fits })
}

/// `None` where it is not of this form.
pub(super) fn looks(bytes: &[u8]) -> Option<Verdict> {
    match bytes {
        [high, ..] if high & 0x80 == 0 => None,
        [_, _, kind, ..] if *kind != CLIENT_HELLO => None,
        [] => None,
        _ => Some(match head(bytes) {
            Some(head) if head.fits => Verdict::Yes,
            Some(_) => Verdict::No,
            None => Verdict::Unsure,
        }),
    }
}

/// Reads the hello; `None` where more bytes are needed, of which the number is given.
pub(super) fn decode(bytes: &[u8], sink: &mut dyn Sink) -> Result<Result<usize, usize>, Malformed> {
    let broken = Malformed { field: "tls.client.ssl2", at: 0 };
    let Some(head) = head(bytes) else { return Ok(Err(HEAD)) };
    if !head.fits {
        return Err(broken);
    }
    let Some(hello) = bytes.get(..head.length) else { return Ok(Err(head.length)) };
    let mut reader = Reader::new(hello.get(HEAD..).unwrap_or_default());
    let kinds = reader.take(head.ciphers, broken.field)?;
    // Ciphers of SSL 3.0 and TLS begin with a zero; those of SSL 2.0 have no code of two bytes.
    let mut codes = [0u8; CIPHERS_MAX * 2];
    let mut count = 0usize;
    for (slot, kind) in codes.chunks_exact_mut(2).zip(kinds.chunks_exact(3).filter(|kind| kind.first() == Some(&0))) {
        slot.copy_from_slice(kind.get(1..).unwrap_or(&[0, 0]));
        count = count.saturating_add(2);
    }
    let hello = Client {
        carrier: Carrier::Tls,
        legacy: head.version,
        ciphers: Pairs(codes.get(..count).unwrap_or_default()),
        extensions: Extensions::default(),
        server_name: None,
    };
    messages::client_hello(SSL2, &hello, sink);
    Ok(Ok(head.length))
}
