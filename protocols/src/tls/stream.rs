//! TLS over TCP: records, and the handshake messages in them (RFC 8446 5.1).
//!
//! A message may go over several records, and a record may hold several. What is whole in a record is read in place.

use super::layer::{self, ALERT, CHANGE, DATA, HANDSHAKE, HEADER, Header};
use super::messages::{self, Message};
use super::ssl2;
use crate::tls_hello::Carrier;
use crate::{Decoder, Malformed, Progress, Sink, Verdict, Way};

/// The most that is kept of a message that goes over several records; of a longer one only the beginning is read.
pub const MESSAGE_MAX: usize = 16 * 1024;
/// Type and length of a message.
const HEAD: usize = 4;
/// All that will ever come.
const REST: u64 = u64::MAX >> 1;

#[derive(Default)]
pub(super) struct Stream {
    halves: [Half; 2],
}

#[derive(Default)]
struct Half {
    state: State,
    /// Version of the record that is open.
    version: u16,
    /// Ciphers were changed: what follows is sealed.
    sealed: bool,
    joined: Joined,
}

#[derive(Clone, Copy, Default)]
enum State {
    /// At the first byte of a conversation, or after a gap.
    #[default]
    Start,
    Record,
    /// Bytes of handshake messages that are left in a record.
    Messages(usize),
    /// Bytes of a broken message to pass, and what is left in the record behind them.
    Pass(usize, usize),
    /// Looks for a record, from this offset on.
    Search(usize),
    /// Given up: SSL 2.0 is spoken, and nothing in it is for us.
    Lost,
}

/// A message that began in one record and goes on in another.
#[derive(Default)]
struct Joined {
    bytes: Vec<u8>,
    /// Bytes of it that are still to come and are not kept.
    pass: usize,
}

impl Joined {
    /// Of the whole message, once that can be said.
    fn total(&self) -> Option<usize> {
        total(&self.bytes)
    }

    /// Bytes that are still wanted.
    fn wants(&self) -> usize {
        self.total().unwrap_or(HEAD).min(MESSAGE_MAX).saturating_sub(self.bytes.len())
    }

    fn is_open(&self) -> bool {
        !self.bytes.is_empty() || self.pass > 0
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.pass = 0;
    }
}

fn total(message: &[u8]) -> Option<usize> {
    let &[_, a, b, c] = message.first_chunk()?;
    Some(messages::u24([a, b, c]).saturating_add(HEAD))
}

impl Decoder for Stream {
    fn feed(&mut self, way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<Progress, Malformed> {
        let [to_server, to_client] = &mut self.halves;
        let half = match way {
            Way::ToServer => to_server,
            Way::ToClient => to_client,
        };
        loop {
            match half.state {
                State::Start => match half.start(way, bytes, sink)? {
                    Some(progress) => return Ok(progress),
                    None => half.state = State::Record,
                },
                State::Record => return half.record(bytes, sink),
                State::Messages(0) => half.state = State::Record,
                State::Messages(left) => {
                    let Some(rest) = bytes.get(..left) else { return Ok(Progress::Need(left)) };
                    return half.message(way, rest, sink).map(Progress::Read);
                }
                State::Pass(n, left) => {
                    half.state = State::Messages(left);
                    return Ok(Progress::Read(n.min(bytes.len())));
                }
                State::Search(from) => match search(bytes, from) {
                    Ok(0) => half.state = State::Record,
                    Ok(at) => {
                        half.state = State::Search(0);
                        return Ok(Progress::Read(at));
                    }
                    Err(need) => return Ok(Progress::Need(need)),
                },
                State::Lost => return Ok(Progress::Skip { read: 0, ahead: REST }),
            }
        }
    }

    fn gap(&mut self, way: Way, _n: u64) {
        let Some(half) = self.halves.get_mut(way.index()) else { return };
        half.joined.clear();
        half.state = State::Search(0);
    }

    fn held(&self) -> usize {
        self.halves.iter().map(|half| half.joined.bytes.capacity()).fold(0, usize::saturating_add)
    }
}

/// How many bytes stand before the first that could be a record, at least `from`; or how many are needed to say. Of
/// bytes without a record all are passed but those that could begin one.
fn search(bytes: &[u8], from: usize) -> Result<usize, usize> {
    let need = HEADER.saturating_add(from);
    if bytes.len() < need {
        return Err(need);
    }
    let rest = bytes.get(from..).unwrap_or_default();
    let found = rest.windows(HEADER).position(|window| Header::read(window).is_some_and(|header| header.is_likely()));
    Ok(match found {
        Some(at) => from.saturating_add(at),
        None => bytes.len().saturating_sub(HEADER - 1),
    })
}

impl Half {
    /// `None` where records begin.
    fn start(&mut self, way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<Option<Progress>, Malformed> {
        if bytes.first().is_none_or(|first| first & 0x80 == 0) {
            return Ok(None);
        }
        // SSL 2.0: a ClientHello of it can be answered by a newer version, an answer of it cannot be followed.
        if way == Way::ToClient {
            sink.weird("tls.server.ssl2");
            self.state = State::Lost;
            return Ok(Some(Progress::Skip { read: 0, ahead: REST }));
        }
        if bytes.len() < 3 {
            return Ok(Some(Progress::Need(3)));
        }
        if ssl2::looks(bytes).unwrap_or(Verdict::No) == Verdict::No {
            return Ok(None);
        }
        self.state = State::Search(1);
        Ok(Some(match ssl2::decode(bytes, sink)? {
            Ok(read) => {
                self.state = State::Record;
                Progress::Read(read)
            }
            Err(need) => {
                self.state = State::Start;
                Progress::Need(need)
            }
        }))
    }

    fn record(&mut self, bytes: &[u8], sink: &mut dyn Sink) -> Result<Progress, Malformed> {
        let Some(header) = Header::read(bytes) else { return Ok(Progress::Need(HEADER)) };
        if let Some(field) = header.broken() {
            self.joined.clear();
            self.state = State::Search(1);
            return Err(Malformed { field, at: 0 });
        }
        let whole = HEADER.saturating_add(header.length);
        let sealed = match header.content {
            HANDSHAKE => match bytes.get(HEADER..whole) {
                Some(body) => self.is_sealed(body),
                None => return Ok(Progress::Need(whole)),
            },
            ALERT if header.length == 2 => {
                let Some(body) = bytes.get(HEADER..whole) else { return Ok(Progress::Need(whole)) };
                messages::record(header.content, header.version, header.length, false, sink);
                messages::alert(body, sink);
                return Ok(Progress::Read(whole));
            }
            // A change of ciphers that is itself sealed renews the keys of before.
            CHANGE => header.length != 1,
            DATA => true,
            _ => self.sealed,
        };
        messages::record(header.content, header.version, header.length, sealed, sink);
        if self.joined.is_open() && header.content != HANDSHAKE {
            sink.weird("tls.handshake.cut");
            self.joined.clear();
        }
        if matches!(header.content, CHANGE | DATA) {
            self.sealed = true;
            // No more messages in clear, or so few that they need not be prepared for.
            self.joined = Joined::default();
        }
        if header.content == HANDSHAKE && !sealed {
            self.version = header.version;
            self.state = State::Messages(header.length);
            return Ok(Progress::Read(HEADER));
        }
        Ok(Progress::Skip { read: HEADER, ahead: header.length as u64 })
    }

    /// After a change of ciphers, and after a gap, it shows in a record whether its messages are in clear: a change for
    /// the sake of middle boxes goes before a second ClientHello too (RFC 8446 D.4).
    fn is_sealed(&self, body: &[u8]) -> bool {
        if self.joined.is_open() {
            return false;
        }
        let Some(&[kind, _, _, _]) = body.first_chunk() else { return self.sealed };
        if !self.sealed {
            return !messages::is_known(kind);
        }
        let is_hello = matches!(kind, messages::CLIENT_HELLO | messages::SERVER_HELLO);
        let fits = total(body).is_some_and(|total| total == body.len());
        !(is_hello && fits && body.get(HEAD) == Some(&3))
    }

    /// One message, or a part of one; returns how many bytes of the record are done with.
    fn message(&mut self, way: Way, rest: &[u8], sink: &mut dyn Sink) -> Result<usize, Malformed> {
        let left = |read: usize| State::Messages(rest.len().saturating_sub(read));
        if self.joined.pass > 0 {
            let read = self.joined.pass.min(rest.len());
            self.joined.pass = self.joined.pass.saturating_sub(read);
            self.state = left(read);
            return Ok(read);
        }
        if self.joined.bytes.is_empty()
            && let Some(message) = total(rest).and_then(|total| rest.get(..total))
        {
            let read = message.len();
            self.state = State::Pass(read, rest.len().saturating_sub(read));
            decode(way, self.version, message, sink)?;
            self.state = left(read);
            return Ok(read);
        }
        let read = self.joined.wants().min(rest.len());
        self.joined.bytes.extend_from_slice(rest.get(..read).unwrap_or_default());
        self.state = left(read);
        if let Some(total) = self.joined.total()
            && self.joined.wants() == 0
        {
            let message = std::mem::take(&mut self.joined.bytes);
            if total > MESSAGE_MAX {
                sink.weird("tls.handshake.length");
                self.joined.pass = total.saturating_sub(MESSAGE_MAX);
            }
            let result = decode(way, self.version, &message, sink);
            self.joined.bytes = message;
            self.joined.bytes.clear();
            if let Err(malformed) = result {
                self.state = State::Pass(read, rest.len().saturating_sub(read));
                // It began in another record: where in this one cannot be said.
                return Err(Malformed { field: malformed.field, at: 0 });
            }
        }
        Ok(read)
    }
}

fn decode(way: Way, record: u16, message: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
    let Some((&kind, _)) = message.split_first() else { return Ok(()) };
    let length = total(message).unwrap_or(HEAD).saturating_sub(HEAD);
    let body = message.get(HEAD..).unwrap_or_default();
    Message { carrier: Carrier::Tls, way, record, kind, body, base: HEAD, length }.decode(sink)
}

pub(super) fn looks(bytes: &[u8]) -> Verdict {
    layer::looks(bytes)
}
