//! Both directions of a control connection.

use super::{Command, Reply, words};
use crate::event::{Code, Count, Port, Size};
use crate::line::{self, Cut, Lines};
use crate::{Decoder, Malformed, Progress, Sink, Way};
use holter_phi::{Because, Phi, Plain};

/// The most of a line that is read.
pub const LINE_MAX: usize = 4096;
/// Lines of one reply; what would be the rest of a longer one is a reply of its own.
pub const REPLY_LINES_MAX: u64 = 10_000;

#[derive(Default)]
pub(super) struct Control {
    commands: Lines,
    replies: Lines,
    /// A command was reported broken: this many bytes are to be passed.
    broken: [usize; 2],
    /// The reply of several lines that is open: its code, and lines so far.
    open: Option<(u16, u64)>,
    /// The client asked for TLS and was not answered yet.
    tls_asked: bool,
    named: Named,
}

/// The product that one line of a reply names.
#[derive(Default)]
struct Named {
    product: Option<&'static [u8]>,
    version: [u8; line::VERSION_MAX],
    length: usize,
}

impl Named {
    fn see(&mut self, text: &[u8]) {
        if self.product.is_some() {
            return;
        }
        if let Some((product, version)) = line::product(text, words::PRODUCTS) {
            self.product = Some(product);
            self.length = 0;
            for (slot, byte) in self.version.iter_mut().zip(version.unwrap_or_default()) {
                *slot = *byte;
                self.length = self.length.saturating_add(1);
            }
        }
    }

    fn version(&self) -> Option<&[u8]> {
        self.version.get(..self.length).filter(|version| !version.is_empty())
    }
}

impl Decoder for Control {
    fn feed(&mut self, way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<Progress, Malformed> {
        if let Some(broken) = self.broken.get_mut(way.index())
            && *broken > 0
        {
            return Ok(Progress::Read(std::mem::take(broken).min(bytes.len())));
        }
        let lines = match way {
            Way::ToServer => &mut self.commands,
            Way::ToClient => &mut self.replies,
        };
        match lines.cut(bytes, LINE_MAX) {
            Cut::Need(n) => Ok(Progress::Need(n)),
            Cut::Rest(n) => Ok(Progress::Read(n)),
            Cut::Line { text, past, whole } => {
                if !whole {
                    sink.weird("ftp.line_length");
                }
                let result = match way {
                    Way::ToServer => self.command(text, sink).map(|()| false),
                    Way::ToClient => self.reply(text, sink),
                };
                match result {
                    Ok(true) => Ok(Progress::Over(past)),
                    Ok(false) => Ok(Progress::Read(past)),
                    Err(malformed) => {
                        if let Some(broken) = self.broken.get_mut(way.index()) {
                            *broken = past;
                        }
                        Err(malformed)
                    }
                }
            }
        }
    }

    fn gap(&mut self, way: Way, _n: u64) {
        if let Some(broken) = self.broken.get_mut(way.index()) {
            *broken = 0;
        }
        match way {
            Way::ToServer => self.commands.gap(),
            Way::ToClient => {
                self.replies.gap();
                self.open = None;
            }
        }
    }

    fn held(&self) -> usize {
        0
    }
}

impl Control {
    fn command(&mut self, text: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
        // ABOR comes behind the Synch of Telnet (RFC 959 4.1.3).
        let start = text.iter().position(|&byte| byte < 0xf0).unwrap_or(text.len());
        let text = text.get(start..).unwrap_or_default();
        if text.trim_ascii().is_empty() {
            return Ok(());
        }
        let known = line::word(text, words::COMMANDS);
        if known.is_none() && !words::has_form(text) {
            return Err(Malformed { field: "ftp.command", at: start.min(text.len()) });
        }
        let argument = known.map_or_else(|| text.get(5..).unwrap_or_default(), |(_, argument)| argument);
        let verb: &'static [u8] = known.map_or(b"", |(verb, _)| verb);
        let active = match verb {
            b"PORT" => Some(words::host_port(argument)),
            b"EPRT" => Some(words::extended(argument)),
            _ => None,
        };
        if active == Some(None) {
            sink.weird("ftp.port");
        }
        let active = active.flatten();
        let mechanism = if verb == b"AUTH" { line::word(argument, words::MECHANISMS) } else { None };
        self.tls_asked |= mechanism.is_some_and(|(word, _)| word.starts_with(b"TLS") || word == b"SSL");
        let given = !argument.is_empty();
        sink.event(&Command {
            verb: known.map(|(verb, _)| Plain::new(verb, Because::Vocabulary)),
            user: (verb == b"USER" && given).then(|| Plain::new(argument, Because::Site)),
            secret: matches!(verb, b"PASS" | b"ACCT" | b"ADAT") && given,
            path: (given && words::PATHS.contains(&verb)).then(|| Phi::new(argument)),
            mechanism: mechanism.map(|(word, _)| Plain::new(word, Because::Vocabulary)),
            address: active.map(|(address, _)| address),
            port: active.map(|(_, port)| Port(u64::from(port))),
            size: Size(argument.len() as u64),
        });
        Ok(())
    }

    fn see(&mut self, code: u16, text: &[u8]) {
        if matches!(code, 215 | 220) {
            self.named.see(text.get(4..).unwrap_or_default());
        }
    }

    /// True where TLS follows.
    fn reply(&mut self, text: &[u8], sink: &mut dyn Sink) -> Result<bool, Malformed> {
        let first = line::reply(text);
        if let (None, Some((code, _))) = (self.open, first) {
            self.named = Named::default();
            self.see(code, text);
        } else if let Some((code, _)) = self.open {
            self.see(code, text);
        }
        let (code, lines) = match (self.open, first) {
            (Some((code, lines)), Some((last, false))) if last == code => (code, lines.saturating_add(1)),
            (Some((code, lines)), _) => {
                let lines = lines.saturating_add(1);
                self.open = (lines < REPLY_LINES_MAX).then_some((code, lines));
                if self.open.is_some() {
                    return Ok(false);
                }
                sink.weird("ftp.reply_lines");
                (code, lines)
            }
            (None, Some((code, true))) => {
                self.open = Some((code, 1));
                return Ok(false);
            }
            (None, Some((code, false))) => (code, 1),
            (None, None) if text.is_empty() => return Ok(false),
            (None, None) => return Err(Malformed { field: "ftp.code", at: 0 }),
        };
        self.open = None;
        let text = text.get(4..).unwrap_or_default();
        let passive = if code == 227 { words::host_port(text) } else { None };
        let port = if code == 229 { words::extended_port(text) } else { passive.map(|(_, port)| port) };
        if matches!(code, 227 | 229) && port.is_none() {
            sink.weird("ftp.passive");
        }
        sink.event(&Reply {
            code: Code(u64::from(code)),
            lines: Count(lines),
            product: self.named.product.map(|product| Plain::new(product, Because::Vocabulary)),
            version: self.named.version().map(|version| Plain::new(version, Because::Equipment)),
            address: passive.map(|(address, _)| address),
            port: port.map(|port| Port(u64::from(port))),
        });
        let answered = self.tls_asked && code != 110;
        self.tls_asked &= !answered;
        Ok(answered && code == 234)
    }
}
