//! Whether a conversation begins as Telnet does. Two bytes of a command are found in much that is binary: samples of 24
//! bits near zero look like negotiations for a while. So what stands behind the first ones counts, too.

use super::decoder::{IAC, SB, SE, VERBS};
use crate::{Verdict, line};
use memchr::{memchr, memmem};

/// Bytes that are looked at.
const LOOK_WITHIN: usize = 256;
/// The options that are registered, but for those of games and the list of extended ones.
const OPTION_MAX: u8 = 49;
/// The first code that is a command (RFC 1184 2.3 has the lowest ones).
const COMMAND_MIN: u8 = 236;

#[derive(Default)]
struct Seen {
    negotiations: usize,
    /// Something that may be, and seldom is.
    odd: bool,
    /// A command that is cut.
    cut: bool,
}

pub(super) fn looks(bytes: &[u8]) -> Verdict {
    let bytes = bytes.get(..LOOK_WITHIN).unwrap_or(bytes);
    if bytes.is_empty() {
        return Verdict::Unsure;
    }
    match walk(bytes) {
        None => Verdict::No,
        Some(Seen { negotiations: 2.., odd, .. }) => {
            if odd {
                Verdict::Likely
            } else {
                Verdict::Yes
            }
        }
        Some(Seen { odd: true, .. }) => Verdict::No,
        Some(Seen { negotiations: 0, cut: true, .. }) if bytes.len() < 3 => Verdict::Unsure,
        Some(_) => Verdict::Likely,
    }
}

/// `None` for what no Telnet would say.
fn walk(bytes: &[u8]) -> Option<Seen> {
    let mut seen = Seen::default();
    let mut rest = bytes;
    while !rest.is_empty() {
        let text = memchr(IAC, rest).unwrap_or(rest.len());
        let (text, after) = rest.split_at_checked(text)?;
        seen.odd |= !text.split(|byte| b"\r\n\0\x1b\x07\x08".contains(byte)).all(line::is_text);
        let taken = match *after {
            [] => break,
            // Cut, or a byte of data.
            [_] => 1,
            [_, IAC, ..] => {
                seen.odd = true;
                2
            }
            [_, SB, ..] => match memmem::find(after, &[IAC, SE]) {
                Some(end) => end.saturating_add(2),
                None => after.len(),
            },
            [_, verb, ref option @ ..] if VERBS.iter().any(|(code, _)| *code == verb) => {
                match option.first() {
                    Some(..=OPTION_MAX) => seen.negotiations = seen.negotiations.saturating_add(1),
                    Some(_) => seen.odd = true,
                    None => seen.cut = true,
                }
                3
            }
            [_, COMMAND_MIN..=u8::MAX, ..] => 2,
            _ => return None,
        };
        seen.cut |= after.len() == 1;
        rest = after.get(taken..).unwrap_or_default();
    }
    Some(seen)
}
