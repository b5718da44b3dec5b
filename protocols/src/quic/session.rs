//! One conversation: the first packets of both sides are opened, and their CRYPTO frames joined to hellos
//! (RFC 9000 19.6, RFC 9001 4.1.3).

use super::keys::{INITIAL_MAX, Room};
use super::packet::{self, ID_MAX, Kind, Packet, Version};
use super::{Hello, Negotiation, Retry, ServerHello};
use crate::event::{Code, Codes};
use crate::pieces::{JOINED_MAX, Pieces};
use crate::tls_hello::{ALPN_MAX, Carrier, Client, List, Server};
use crate::{Malformed, Reader, Session, Sink, Way, tls_prints};
use holter_phi::{Because, Plain};

/// Packets that are opened, or tried, in one conversation.
pub const OPENED_MAX: u8 = 64;
/// Packets of one datagram that are looked at.
pub const COALESCED_MAX: usize = 8;
/// Versions reported of one negotiation.
pub const VERSIONS_MAX: usize = 32;
/// Hellos of one side: a retry asks for a second.
const HELLOS_MAX: u8 = 2;

#[derive(Default)]
pub(super) struct Conversation {
    /// Of the client's first packet, or its first after a Retry: what the keys are made of.
    id: Option<Id>,
    opened: u8,
    halves: [Half; 2],
}

#[derive(Clone, Copy)]
struct Id {
    bytes: [u8; ID_MAX],
    length: usize,
}

impl Id {
    fn of(id: &[u8]) -> Option<Id> {
        let mut bytes = [0; ID_MAX];
        bytes.get_mut(..id.len())?.copy_from_slice(id);
        Some(Id { bytes, length: id.len() })
    }

    fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

#[derive(Default)]
struct Half {
    pieces: Pieces,
    /// Bytes of the crypto stream that are done with.
    read: u64,
    hellos: u8,
    done: bool,
}

impl Session for Conversation {
    fn datagram(&mut self, way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
        let mut reader = Reader::new(bytes);
        for _ in 0..COALESCED_MAX {
            if reader.is_empty() {
                break;
            }
            let at = reader.at();
            // What follows the last packet may be the padding of the datagram.
            let Some(packet) = packet::read(&mut reader)? else { break };
            match packet.kind {
                Kind::Initial => self.initial(way, &packet, at, sink)?,
                Kind::Retry => sink.event(&Retry { quic: Code(u64::from(packet.code)) }),
                Kind::Negotiation => negotiation(&packet, sink),
                Kind::Sealed | Kind::Unknown => {}
            }
        }
        Ok(())
    }

    fn held(&self) -> usize {
        self.halves.iter().map(|half| half.pieces.held()).fold(0, usize::saturating_add)
    }
}

impl Conversation {
    fn initial(&mut self, way: Way, packet: &Packet<'_>, at: usize, sink: &mut dyn Sink) -> Result<(), Malformed> {
        let Some(half) = self.halves.get_mut(way.index()) else { return Ok(()) };
        let Some(version) = Version::of(packet.code) else { return Ok(()) };
        if half.done || self.opened >= OPENED_MAX {
            return Ok(());
        }
        if packet.whole.len() > INITIAL_MAX {
            sink.weird("quic.initial_length");
            return Ok(());
        }
        let mut room = Room::new();
        let own = Id::of(packet.destination).filter(|_| way == Way::ToServer);
        for id in [self.id, own].into_iter().flatten() {
            self.opened = self.opened.saturating_add(1);
            if let Some(frames) = room.open(version, id.bytes(), way, packet.whole, packet.payload) {
                self.id = Some(id);
                let code = Code(u64::from(packet.code));
                let result = half.frames(way, code, frames, sink);
                // Where it broke is within what was sealed.
                return result.map_err(|malformed| Malformed { field: malformed.field, at });
            }
        }
        // The side of a server alone cannot be opened.
        if self.id.is_none() && own.is_none() { Ok(()) } else { Err(Malformed { field: "quic.initial", at }) }
    }
}

fn negotiation(packet: &Packet<'_>, sink: &mut dyn Sink) {
    let (versions, _) = packet.whole.get(packet.payload..).unwrap_or_default().as_chunks::<4>();
    let mut codes = [Code(0); VERSIONS_MAX];
    let count = versions.len().min(VERSIONS_MAX);
    for (slot, version) in codes.iter_mut().zip(versions) {
        *slot = Code(u64::from(u32::from_be_bytes(*version)));
    }
    sink.event(&Negotiation { versions: codes.get(..count).unwrap_or_default() });
}

impl Half {
    fn frames(&mut self, way: Way, quic: Code, frames: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
        const FIELD: &str = "quic.frame";
        let mut reader = Reader::new(frames);
        while !reader.is_empty() {
            let at = reader.at();
            match reader.u8(FIELD)? {
                // PADDING, PING.
                0 | 1 => {}
                kind @ (2 | 3) => acknowledgement(&mut reader, kind == 3)?,
                6 => {
                    let offset = packet::variable(&mut reader, "quic.crypto")?;
                    let length = packet::variable(&mut reader, "quic.crypto")?;
                    let length = usize::try_from(length).map_err(|_| Malformed { field: "quic.crypto", at })?;
                    let data = reader.take(length, "quic.crypto")?;
                    self.crypto(way, quic, offset, data, sink)?;
                }
                // CONNECTION_CLOSE: nothing of this side follows.
                0x1c => return Ok(()),
                _ => return Err(Malformed { field: FIELD, at }),
            }
        }
        Ok(())
    }

    fn crypto(&mut self, way: Way, quic: Code, offset: u64, data: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
        if self.done {
            return Ok(());
        }
        // What was read before is sent again.
        let known = usize::try_from(self.read.saturating_sub(offset)).unwrap_or(usize::MAX);
        let Some(data) = data.get(known..).filter(|data| !data.is_empty()) else { return Ok(()) };
        let place = offset.saturating_sub(self.read);
        if place == 0
            && self.pieces.held() == 0
            && let Some(total) = total(data)
            && let Some(message) = data.get(..total)
        {
            self.passed(total);
            return self.hello(way, quic, message, sink);
        }
        self.pieces.put(place, data, "quic.crypto")?;
        let Some(total) = total(self.pieces.front()) else { return Ok(()) };
        if total > JOINED_MAX {
            sink.weird("quic.hello_length");
            self.done = true;
            self.pieces.free();
        } else if self.pieces.front().len() >= total {
            let pieces = std::mem::take(&mut self.pieces);
            self.passed(total);
            return self.hello(way, quic, pieces.front().get(..total).unwrap_or_default(), sink);
        }
        Ok(())
    }

    fn passed(&mut self, bytes: usize) {
        self.read = self.read.saturating_add(bytes as u64);
        self.hellos = self.hellos.saturating_add(1);
        self.done = self.hellos >= HELLOS_MAX;
    }

    fn hello(&mut self, way: Way, quic: Code, message: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
        let mut weird = |_| sink.weird("quic.hello");
        let broken = |_| Malformed { field: "quic.hello", at: 0 };
        let body = message.get(4..).unwrap_or_default();
        match (message.first(), way) {
            (Some(1), Way::ToServer) => {
                let hello = Client::read(Carrier::Quic, body, 4, &mut weird).map_err(broken)?;
                client(quic, &hello, sink);
                hello.extensions.whole().map_err(broken)
            }
            (Some(2), Way::ToClient) => {
                let hello = Server::read(body, 4, &mut weird).map_err(broken)?;
                self.done |= !hello.retry;
                server(quic, &hello, sink);
                hello.extensions.whole().map_err(broken)
            }
            _ => {
                self.done = true;
                Err(broken(Malformed { field: "", at: 0 }))
            }
        }
    }
}

/// Length of a handshake message with its head.
fn total(message: &[u8]) -> Option<usize> {
    let &[_, a, b, c] = message.first_chunk()?;
    usize::try_from(u32::from_be_bytes([0, a, b, c])).ok()?.checked_add(4)
}

fn acknowledgement(reader: &mut Reader<'_>, counts: bool) -> Result<(), Malformed> {
    const FIELD: &str = "quic.ack";
    packet::variable(reader, FIELD)?;
    packet::variable(reader, FIELD)?;
    let ranges = packet::variable(reader, FIELD)?;
    packet::variable(reader, FIELD)?;
    // Each takes two bytes at least, so this ends with the packet.
    for _ in 0..ranges {
        packet::variable(reader, FIELD)?;
        packet::variable(reader, FIELD)?;
    }
    for _ in 0..if counts { 3 } else { 0 } {
        packet::variable(reader, FIELD)?;
    }
    Ok(())
}

fn client(quic: Code, hello: &Client<'_>, sink: &mut dyn Sink) {
    let (ja3, ja4) = (tls_prints::ja3(hello), tls_prints::ja4(hello));
    let mut alpn = [Plain::new(b"", Because::Site); ALPN_MAX];
    let mut count = 0usize;
    for (slot, name) in alpn.iter_mut().zip(hello.alpn().filter(|name| !name.is_empty())) {
        *slot = Plain::new(name, Because::Site);
        count = count.saturating_add(1);
    }
    sink.event(&Hello {
        quic,
        legacy: Code(u64::from(hello.legacy)),
        highest: Code(u64::from(hello.highest())),
        ciphers: List::of(hello.ciphers.iter()).slice(),
        extensions: List::of(hello.extensions.kinds()).slice(),
        groups: List::of(hello.groups().iter()).slice(),
        signatures: List::of(hello.signatures().iter()).slice(),
        formats: Codes(hello.formats()),
        server_name: hello.server_name.map(|name| Plain::new(name, Because::Site)),
        alpn: alpn.get(..count).unwrap_or_default(),
        ja3: Plain::new(&ja3, Because::Equipment),
        ja4: Plain::new(&ja4, Because::Equipment),
    });
}

fn server(quic: Code, hello: &Server<'_>, sink: &mut dyn Sink) {
    let ja3s = tls_prints::ja3s(hello);
    sink.event(&ServerHello {
        quic,
        legacy: Code(u64::from(hello.legacy)),
        chosen: Code(u64::from(hello.version())),
        cipher: Code(u64::from(hello.cipher)),
        extensions: List::of(hello.extensions.kinds()).slice(),
        retry: hello.retry,
        ja3s: Plain::new(&ja3s, Because::Equipment),
    });
}
