//! The version that a side speaks, and what it means for the handshake (RFC 6143 7.1.1).

use crate::Verdict;

/// `RFB 003.008` and a line feed.
pub(super) const LENGTH: usize = 12;
const SHAPE: &[u8; LENGTH] = b"RFB 000.000\n";

/// How the handshake goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// The server says which security is used.
    Told,
    /// The viewer chooses it, and where it is none nothing confirms that.
    Chosen,
    /// The viewer chooses it, and the server always says how it ended.
    Confirmed,
}

impl Level {
    /// Of a whole version. Those that were never published stand for 3.3, but higher ones for the newest.
    pub(super) fn of(message: &[u8; LENGTH]) -> Option<Level> {
        let number = |digits: [u8; 3]| {
            digits.iter().all(u8::is_ascii_digit).then(|| {
                digits.iter().fold(0u16, |all, digit| {
                    all.saturating_mul(10).saturating_add(u16::from(digit.saturating_sub(b'0')))
                })
            })
        };
        let &[b'R', b'F', b'B', b' ', a, b, c, b'.', d, e, f, b'\n'] = message else { return None };
        Some(match (number([a, b, c])?, number([d, e, f])?) {
            (..=2, _) | (3, ..=6) => Level::Told,
            (3, 7) => Level::Chosen,
            _ => Level::Confirmed,
        })
    }
}

pub(super) fn looks(bytes: &[u8]) -> Verdict {
    let shaped = bytes.iter().zip(SHAPE).all(|(byte, shape)| match shape {
        b'0' => byte.is_ascii_digit(),
        _ => byte == shape,
    });
    match shaped {
        false => Verdict::No,
        true if bytes.len() < LENGTH => Verdict::Unsure,
        true => Verdict::Yes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_between_the_published_ones_stand_for_the_oldest_and_later_ones_for_the_newest() {
        for (version, level) in [
            (b"RFB 003.003\n", Some(Level::Told)),
            (b"RFB 003.006\n", Some(Level::Told)),
            (b"RFB 003.007\n", Some(Level::Chosen)),
            (b"RFB 003.008\n", Some(Level::Confirmed)),
            (b"RFB 003.889\n", Some(Level::Confirmed)),
            (b"RFB 004.001\n", Some(Level::Confirmed)),
            (b"RFB 000.000\n", Some(Level::Told)),
            (b"RFB 0x3.008\n", None),
            (b"RFB 003.008\r", None),
        ] {
            assert_eq!(Level::of(version), level);
        }
    }
}
