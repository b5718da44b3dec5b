//! DTLS (RFC 6347, RFC 9147): records whole in a datagram, handshake messages perhaps in fragments over several.

use super::layer::{ALERT, CHANGE, HANDSHAKE, RECORD_MAX};
use super::messages::{self, Message};
use crate::pieces::{JOINED_MAX, Pieces};
use crate::tls_hello::Carrier;
use crate::{Malformed, Reader, Session, Sink, Verdict, Way};

const HEADER: usize = 13;
/// What OpenSSL called DTLS 1.0 before the standard, and gateways of its time still do: as RFC 4347 but for the sequence
/// number behind a change of ciphers.
const OPENSSL: u16 = 0x0100;
/// With a connection id (RFC 9146): its length is not in the record.
const WITH_ID: u8 = 25;

#[derive(Default)]
pub(super) struct Conversation {
    halves: [Half; 2],
}

#[derive(Default)]
struct Half {
    /// Number, type and length of the message whose fragments are joined.
    open: Option<(u16, u8, usize)>,
    pieces: Pieces,
}

struct Header {
    content: u8,
    version: u16,
    epoch: u16,
    length: usize,
}

impl Header {
    fn read(reader: &mut Reader<'_>) -> Result<Header, Malformed> {
        let at = reader.at();
        let content = reader.u8("tls.record.content")?;
        let version = reader.u16("tls.record.version")?;
        let epoch = reader.u16("tls.record.epoch")?;
        reader.take(6, "tls.record.sequence")?;
        let length = usize::from(reader.u16("tls.record.length")?);
        let field = if !(CHANGE..=WITH_ID).contains(&content) {
            "tls.record.content"
        } else if !matches!(version, 0xfeff | 0xfefd | OPENSSL) {
            "tls.record.version"
        } else if length > RECORD_MAX {
            "tls.record.length"
        } else {
            return Ok(Header { content, version, epoch, length });
        };
        Err(Malformed { field, at })
    }
}

/// A record of DTLS 1.3 once its keys are there (RFC 9147 4).
fn is_unified(first: u8) -> bool {
    first & 0xe0 == 0x20
}

impl Session for Conversation {
    fn datagram(&mut self, way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
        let Some(half) = self.halves.get_mut(way.index()) else { return Ok(()) };
        let mut reader = Reader::new(bytes);
        while let Some(&first) = reader.rest().first() {
            if is_unified(first) || first == WITH_ID {
                break;
            }
            let header = Header::read(&mut reader)?;
            let sealed = header.epoch > 0;
            let mut body = reader.sub(header.length, "tls.record.length")?;
            messages::record(header.content, header.version, header.length, sealed, sink);
            match header.content {
                HANDSHAKE if !sealed => half.messages(way, header.version, &mut body, sink)?,
                ALERT if !sealed => messages::alert(body.rest(), sink),
                _ => {}
            }
        }
        Ok(())
    }

    fn held(&self) -> usize {
        self.halves.iter().map(|half| half.pieces.held()).fold(0, usize::saturating_add)
    }
}

impl Half {
    fn messages(
        &mut self,
        way: Way,
        record: u16,
        reader: &mut Reader<'_>,
        sink: &mut dyn Sink,
    ) -> Result<(), Malformed> {
        const FIELD: &str = "tls.handshake.fragment";
        while !reader.is_empty() {
            let at = reader.at();
            let kind = reader.u8(FIELD)?;
            let length = messages::u24(reader.array(FIELD)?);
            let number = reader.u16(FIELD)?;
            let offset = messages::u24(reader.array(FIELD)?);
            let size = messages::u24(reader.array(FIELD)?);
            let base = reader.at();
            let piece = reader.take(size, FIELD)?;
            if offset.saturating_add(size) > length {
                return Err(Malformed { field: FIELD, at });
            }
            let message = |body, base| Message { carrier: Carrier::Dtls, way, record, kind, body, base, length };
            if size == length {
                message(piece, base).decode(sink)?;
                continue;
            }
            if length > JOINED_MAX {
                sink.weird("tls.handshake.length");
                continue;
            }
            if self.open != Some((number, kind, length)) {
                self.open = Some((number, kind, length));
                self.pieces.clear();
            }
            self.pieces.put(offset as u64, piece, FIELD)?;
            if self.pieces.front().len() >= length {
                self.open = None;
                let result = message(self.pieces.front(), 0).decode(sink);
                self.pieces.clear();
                // It began in another datagram: where in this one cannot be said.
                result.map_err(|malformed| Malformed { field: malformed.field, at })?;
            }
        }
        Ok(())
    }
}

/// Records that fill the datagram, the first of which says something of its own.
pub(super) fn looks(bytes: &[u8]) -> Verdict {
    let mut reader = Reader::new(bytes);
    let mut first = true;
    while let Some(&byte) = reader.rest().first() {
        if !first && (is_unified(byte) || byte == WITH_ID) {
            return Verdict::Yes;
        }
        let Ok(header) = Header::read(&mut reader) else { return Verdict::No };
        let Ok(body) = reader.take(header.length, "") else { return Verdict::No };
        let fits = match (header.content, header.epoch) {
            (CHANGE, 0) if header.version == OPENSSL => matches!(body, [1, _, _]),
            (CHANGE, 0) => body == [1],
            (ALERT, 0) => matches!(body, [1 | 2, _]),
            (HANDSHAKE, 0) => body.len() >= 12 && body.first().is_some_and(|kind| messages::is_known(*kind)),
            (_, 0) => false,
            (_, epoch) => epoch < 0x100 && body.len() >= 8,
        };
        if !fits {
            return Verdict::No;
        }
        first = false;
    }
    if bytes.len() >= HEADER { Verdict::Yes } else { Verdict::No }
}
