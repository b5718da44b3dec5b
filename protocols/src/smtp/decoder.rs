//! Both directions of a conversation.

use super::{Command, Data, Reply, words};
use crate::event::{Code, Count, Size};
use crate::line::{self, Cut, Lines};
use crate::{Decoder, Malformed, Progress, Sink, Way};
use holter_phi::{Because, Phi, Plain};
use memchr::memchr;

/// The most of a line that is read.
pub const LINE_MAX: usize = 4096;
/// Lines of one reply; what would be the rest of a longer one is a reply of its own.
pub const REPLY_LINES_MAX: u64 = 10_000;
/// Commands that may wait for their replies; further ones are not counted on.
pub const OUTSTANDING_MAX: u32 = 100_000;
/// A longer chunk of BDAT is not believed.
pub const CHUNK_MAX: u64 = 1 << 40;

#[derive(Default)]
pub(super) struct Link {
    client: Client,
    server: Server,
    /// Bytes that were reported broken and are to be passed.
    broken: [usize; 2],
}

#[derive(Default)]
struct Client {
    lines: Lines,
    state: State,
    /// Commands without a reply yet, among them those before DATA.
    outstanding: u32,
    /// The reply that is the answer to STARTTLS is so many replies away.
    tls_in: u32,
    /// Bytes were missing, so that the end of a message may not have been seen.
    lost: bool,
}

#[derive(Default, Clone, Copy)]
enum State {
    #[default]
    Commands,
    /// Behind DATA, whose reply is so many replies away.
    Asked { replies: u32 },
    /// In a message: bytes so far, and how much of CR LF dot CR LF has been seen.
    Message { size: u64, seen: u8 },
    /// The next line answers a challenge of AUTH.
    Secret,
}

#[derive(Default)]
struct Server {
    lines: Lines,
    open: Option<(u16, u64)>,
    offers_tls: bool,
    product: Option<&'static [u8]>,
}

impl Decoder for Link {
    fn feed(&mut self, way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<Progress, Malformed> {
        if let Some(broken) = self.broken.get_mut(way.index())
            && *broken > 0
        {
            return Ok(Progress::Read(std::mem::take(broken).min(bytes.len())));
        }
        let result = match way {
            Way::ToServer => self.client.feed(bytes, sink),
            Way::ToClient => self.server.feed(bytes, &mut self.client, sink),
        };
        result.map_err(|(malformed, past)| {
            if let Some(broken) = self.broken.get_mut(way.index()) {
                *broken = past;
            }
            malformed
        })
    }

    fn gap(&mut self, way: Way, _n: u64) {
        if let Some(broken) = self.broken.get_mut(way.index()) {
            *broken = 0;
        }
        match way {
            Way::ToServer => {
                self.client.lost = true;
                match &mut self.client.state {
                    State::Message { seen, .. } => *seen = 0,
                    _ => self.client.lines.gap(),
                }
            }
            Way::ToClient => {
                self.server.lines.gap();
                self.server.open = None;
            }
        }
    }

    fn held(&self) -> usize {
        0
    }
}

type Broken = (Malformed, usize);

impl Client {
    fn feed(&mut self, bytes: &[u8], sink: &mut dyn Sink) -> Result<Progress, Broken> {
        // Whoever goes on behind DATA sends the message, also where the reply was not seen.
        if let State::Asked { .. } = self.state {
            self.state = State::Message { size: 0, seen: 2 };
        }
        if let State::Message { size, seen } = self.state {
            return Ok(Progress::Read(self.message(size, seen, bytes, sink)));
        }
        match self.lines.cut(bytes, LINE_MAX) {
            Cut::Need(n) => Ok(Progress::Need(n)),
            Cut::Rest(n) => Ok(Progress::Read(n)),
            Cut::Line { text, past, whole } => {
                if !whole {
                    sink.weird("smtp.line_length");
                }
                if let State::Secret = self.state {
                    self.state = State::Commands;
                    self.outstanding = self.outstanding.saturating_add(1);
                    return Ok(Progress::Read(past));
                }
                let ahead = self.command(text, sink).map_err(|malformed| (malformed, past))?;
                Ok(match ahead {
                    0 => Progress::Read(past),
                    ahead => Progress::Skip { read: past, ahead },
                })
            }
        }
    }

    /// Passes a message up to its dot; returns how many bytes.
    fn message(&mut self, size: u64, mut seen: u8, bytes: &[u8], sink: &mut dyn Sink) -> usize {
        let mut at = 0usize;
        while let Some(&byte) = bytes.get(at) {
            if seen == 0 {
                // Nothing is begun: on to the next CR.
                match memchr(b'\r', bytes.get(at..).unwrap_or_default()) {
                    Some(n) => at = at.saturating_add(n).saturating_add(1),
                    None => {
                        at = bytes.len();
                        break;
                    }
                }
                seen = 1;
                continue;
            }
            seen = match (seen, byte) {
                (1, b'\n') => 2,
                (2, b'.') => 3,
                (3, b'\r') => 4,
                (4, b'\n') => 5,
                (_, b'\r') => 1,
                _ => 0,
            };
            at = at.saturating_add(1);
            if seen == 5 {
                let size = size.saturating_add(at as u64).saturating_sub(3);
                sink.event(&Data { size: Size(size) });
                self.state = State::Commands;
                self.outstanding = self.outstanding.saturating_add(1);
                return at;
            }
        }
        self.state = State::Message { size: size.saturating_add(at as u64), seen };
        at
    }

    /// Returns how many bytes of a chunk follow.
    fn command(&mut self, text: &[u8], sink: &mut dyn Sink) -> Result<u64, Malformed> {
        let Some((verb, argument)) = line::word(text, words::COMMANDS) else {
            self.outstanding = self.outstanding.saturating_add(1).min(OUTSTANDING_MAX);
            return Err(Malformed { field: "smtp.command", at: 0 });
        };
        self.outstanding = self.outstanding.saturating_add(1).min(OUTSTANDING_MAX);
        let greets = matches!(verb, b"HELO" | b"EHLO" | b"LHLO") && !argument.is_empty();
        let mailbox = if matches!(verb, b"MAIL" | b"RCPT" | b"VRFY" | b"EXPN" | b"SEND" | b"SOML" | b"SAML") {
            words::mailbox(argument)
        } else {
            None
        };
        if matches!(verb, b"MAIL" | b"RCPT") && mailbox.is_none() {
            sink.weird("smtp.mailbox");
        }
        let mut chunk = None;
        let mut mechanism = None;
        match verb {
            b"DATA" => self.state = State::Asked { replies: self.outstanding },
            b"STARTTLS" => self.tls_in = self.outstanding,
            b"AUTH" => mechanism = line::word(argument, words::MECHANISMS),
            b"BDAT" => {
                chunk = argument
                    .split(|byte| *byte == b' ')
                    .next()
                    .and_then(line::number)
                    .filter(|chunk| *chunk <= CHUNK_MAX);
                if chunk.is_none() {
                    sink.weird("smtp.bdat");
                }
            }
            _ => {}
        }
        let (address, parameters) = mailbox.unwrap_or_default();
        sink.event(&Command {
            verb: Some(Plain::new(verb, Because::Vocabulary)),
            helo: greets.then(|| Plain::new(argument, Because::Site)),
            address: (!address.is_empty()).then(|| Phi::new(address)),
            domain: words::domain(address).map(|domain| Plain::new(domain, Because::Site)),
            size: chunk.or_else(|| words::size(parameters)).map(Size),
            mechanism: mechanism.map(|(word, _)| Plain::new(word, Because::Vocabulary)),
            secret: mechanism.is_some_and(|(_, response)| !response.is_empty()),
        });
        Ok(chunk.unwrap_or(0))
    }

    /// A reply came. True where TLS follows it.
    fn replied(&mut self, code: u16) -> bool {
        self.outstanding = self.outstanding.saturating_sub(1);
        match &mut self.state {
            State::Asked { replies } => {
                *replies = replies.saturating_sub(1);
                if *replies == 0 {
                    self.state = if code == 354 { State::Message { size: 0, seen: 2 } } else { State::Commands };
                }
            }
            // The server answers only what ended: the dot was among what is missing.
            State::Message { .. } if self.lost => {
                self.state = State::Commands;
                self.lines.reset();
                self.lost = false;
            }
            State::Commands if code == 334 => self.state = State::Secret,
            // The DATA that it answers was not seen.
            State::Commands if code == 354 && self.lost => {
                self.state = State::Message { size: 0, seen: 2 };
                self.lines.reset();
            }
            _ => {}
        }
        let answer = self.tls_in == 1;
        self.tls_in = self.tls_in.saturating_sub(1);
        answer && code == 220
    }
}

impl Server {
    fn feed(&mut self, bytes: &[u8], client: &mut Client, sink: &mut dyn Sink) -> Result<Progress, Broken> {
        let (text, past) = match self.lines.cut(bytes, LINE_MAX) {
            Cut::Need(n) => return Ok(Progress::Need(n)),
            Cut::Rest(n) => return Ok(Progress::Read(n)),
            Cut::Line { text, past, whole } => {
                if !whole {
                    sink.weird("smtp.line_length");
                }
                (text, past)
            }
        };
        let first = line::reply(text);
        let broken = || Err((Malformed { field: "smtp.code", at: 0 }, past));
        let (code, more) = match (self.open, first) {
            (None, None) if text.is_empty() => return Ok(Progress::Read(past)),
            (None, None) => return broken(),
            // A line of another code, or of none, is no part of a reply (RFC 5321 4.2.1).
            (Some((code, _)), Some((next, _))) if next != code => {
                self.open = None;
                return broken();
            }
            (Some(_), None) => {
                self.open = None;
                return broken();
            }
            (_, Some(reply)) => reply,
        };
        let lines = self.open.map_or(0, |(_, lines)| lines).saturating_add(1);
        if lines == 1 {
            self.offers_tls = false;
            self.product = None;
        }
        let rest = text.get(4..).unwrap_or_default();
        self.offers_tls |= code == 250 && rest.eq_ignore_ascii_case(b"STARTTLS");
        if code == 220 && self.product.is_none() {
            self.product = line::product(rest, words::PRODUCTS).map(|(product, _)| product);
        }
        if more && lines < REPLY_LINES_MAX {
            self.open = Some((code, lines));
            return Ok(Progress::Read(past));
        }
        if more {
            sink.weird("smtp.reply_lines");
        }
        self.open = None;
        sink.event(&Reply {
            code: Code(u64::from(code)),
            lines: Count(lines),
            offers_tls: self.offers_tls,
            product: self.product.map(|product| Plain::new(product, Because::Vocabulary)),
        });
        Ok(if client.replied(code) { Progress::Over(past) } else { Progress::Read(past) })
    }
}
