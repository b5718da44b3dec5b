//! Commands among text, both ways.

use super::{Banner, Negotiation};
use crate::event::Code;
use crate::{Decoder, Malformed, Progress, Sink, Way};
use holter_phi::{Because, Plain};
use memchr::memchr;

pub(super) const IAC: u8 = 255;
pub(super) const SE: u8 = 240;
pub(super) const SB: u8 = 250;

/// Text of the server in which a banner is looked for.
pub const BANNER_MAX: usize = 1024;
/// A subnegotiation that is longer has no end.
pub const SUBNEGOTIATION_MAX: u32 = 4096;

/// How the first text of known devices begins, their maker and their product.
const BANNERS: &[(&[u8], &[u8], &[u8])] =
    &[(b"Welcome to the SIGMA Spectrum Diagnostic Terminal", b"Baxter", b"SIGMA Spectrum")];

pub(super) const VERBS: &[(u8, &[u8])] = &[(251, b"WILL"), (252, b"WONT"), (253, b"DO"), (254, b"DONT")];

#[derive(Default)]
pub(super) struct Link {
    halves: [Half; 2],
    banner: Search,
}

#[derive(Default)]
struct Half {
    /// In a subnegotiation, so many bytes of it.
    inside: Option<u32>,
}

/// How far each banner has been matched, and how much text was looked at.
#[derive(Default)]
struct Search {
    matched: [usize; BANNERS.len()],
    seen: usize,
    fresh: bool,
    done: bool,
}

impl Search {
    /// A banner begins a line.
    fn see(&mut self, text: &[u8], sink: &mut dyn Sink) {
        for &byte in text {
            if self.done || self.seen >= BANNER_MAX {
                self.done = true;
                return;
            }
            let first = self.seen == 0 || self.fresh;
            self.seen = self.seen.saturating_add(1);
            self.fresh = matches!(byte, b'\r' | b'\n' | 0);
            for (matched, (text, vendor, product)) in self.matched.iter_mut().zip(BANNERS) {
                let goes_on = (*matched > 0 || first) && text.get(*matched) == Some(&byte);
                *matched = if goes_on { matched.saturating_add(1) } else { 0 };
                if *matched == text.len() {
                    self.done = true;
                    sink.event(&Banner {
                        vendor: Plain::new(vendor, Because::Vocabulary),
                        product: Plain::new(product, Because::Vocabulary),
                    });
                }
            }
        }
    }
}

impl Decoder for Link {
    fn feed(&mut self, way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<Progress, Malformed> {
        let Some(half) = self.halves.get_mut(way.index()) else { return Ok(Progress::Read(bytes.len())) };
        let text = memchr(IAC, bytes).unwrap_or(bytes.len());
        if text > 0 {
            if let Some(inside) = &mut half.inside {
                *inside = inside.saturating_add(u32::try_from(text).unwrap_or(u32::MAX));
                if *inside > SUBNEGOTIATION_MAX {
                    half.inside = None;
                    sink.weird("telnet.subnegotiation");
                }
            } else if way == Way::ToClient {
                self.banner.see(bytes.get(..text).unwrap_or_default(), sink);
            }
            return Ok(Progress::Read(text));
        }
        let Some(&command) = bytes.get(1) else { return Ok(Progress::Need(2)) };
        let report = |verb: &'static [u8], option: u8, sink: &mut dyn Sink| {
            sink.event(&Negotiation { verb: Plain::new(verb, Because::Vocabulary), option: Code(u64::from(option)) });
        };
        if half.inside.is_some() {
            // A doubled IAC is a byte of data; another command in its midst is one of its own.
            if command == IAC {
                return Ok(Progress::Read(2));
            }
            half.inside = None;
            if command == SE {
                return Ok(Progress::Read(2));
            }
            sink.weird("telnet.subnegotiation");
        }
        let verb = VERBS.iter().find(|(code, _)| *code == command).map(|(_, verb)| *verb);
        if verb.is_none() && command != SB {
            return Ok(Progress::Read(2));
        }
        let Some(&option) = bytes.get(2) else { return Ok(Progress::Need(3)) };
        report(verb.unwrap_or(b"SB"), option, sink);
        if verb.is_none() {
            half.inside = Some(0);
        }
        Ok(Progress::Read(3))
    }

    fn gap(&mut self, way: Way, _n: u64) {
        if let Some(half) = self.halves.get_mut(way.index()) {
            half.inside = None;
        }
        if way == Way::ToClient {
            self.banner.matched = Default::default();
            self.banner.fresh = false;
            self.banner.seen = self.banner.seen.max(1);
        }
    }

    fn held(&self) -> usize {
        0
    }
}

/// The banner that a text begins with.
pub(super) fn known(bytes: &[u8]) -> Option<usize> {
    let start = bytes.iter().position(|byte| !byte.is_ascii_whitespace())?;
    let text = bytes.get(start..)?;
    BANNERS.iter().position(|(banner, ..)| text.starts_with(banner))
}
