//! NTLMSSP, as SMB, LDAP and DCE/RPC carry it (MS-NLMP 2.2).

use crate::event::Code;
use crate::joined::Joined;
use holter_phi::{Because, Plain};
use memchr::memmem;

const SIGNATURE: &[u8] = b"NTLMSSP\0";
/// Longest name that is told, in UTF-8.
pub(crate) const NAME_MAX: usize = 128;
/// Pairs that are read of the information on a target.
const PAIRS_MAX: usize = 16;

const UNICODE: u32 = 0x0000_0001;
const VERSION: u32 = 0x0200_0000;

/// What a message says of machine and user; of its responses and keys nothing.
pub(crate) struct Ntlm {
    kind: u32,
    host: Joined<NAME_MAX>,
    domain: Joined<NAME_MAX>,
    user: Joined<NAME_MAX>,
    version: Joined<16>,
}

fn u16_at(message: &[u8], at: usize) -> Option<u16> {
    message.get(at..)?.first_chunk().map(|&bytes| u16::from_le_bytes(bytes))
}

fn u32_at(message: &[u8], at: usize) -> Option<u32> {
    message.get(at..)?.first_chunk().map(|&bytes| u32::from_le_bytes(bytes))
}

/// The bytes that a length and an offset at `at` lead to.
fn payload(message: &[u8], at: usize) -> Option<&[u8]> {
    let length = usize::from(u16_at(message, at)?);
    let offset = usize::try_from(u32_at(message, at.checked_add(4)?)?).ok()?;
    message.get(offset..offset.checked_add(length)?)
}

fn text(message: &[u8], at: usize, unicode: bool, into: &mut Joined<NAME_MAX>) {
    let bytes = payload(message, at).unwrap_or_default();
    if unicode { into.push_utf16(bytes) } else { into.push(bytes) }
}

impl Ntlm {
    /// The first message in a token, however it is wrapped.
    pub(crate) fn find(token: &[u8]) -> Option<Ntlm> {
        let message = token.get(memmem::find(token, SIGNATURE)?..)?;
        let kind = u32_at(message, 8).filter(|kind| matches!(kind, 1..=3))?;
        let mut ntlm =
            Ntlm { kind, host: Joined::new(), domain: Joined::new(), user: Joined::new(), version: Joined::new() };
        let flags = u32_at(
            message,
            match kind {
                1 => 12,
                2 => 20,
                _ => 60,
            },
        )
        .unwrap_or(0);
        let unicode = flags & UNICODE != 0;
        match kind {
            1 => {
                text(message, 16, false, &mut ntlm.domain);
                text(message, 24, false, &mut ntlm.host);
            }
            2 => {
                text(message, 12, unicode, &mut ntlm.domain);
                ntlm.target(payload(message, 40).unwrap_or_default());
            }
            _ => {
                text(message, 28, unicode, &mut ntlm.domain);
                text(message, 36, unicode, &mut ntlm.user);
                text(message, 44, unicode, &mut ntlm.host);
            }
        }
        let at = match kind {
            1 => 32,
            2 => 48,
            _ => 64,
        };
        if let (true, Some(&[major, minor, low, high, ..])) =
            (flags & VERSION != 0, message.get(at..).and_then(<[u8]>::first_chunk::<8>))
        {
            ntlm.version.push_number(u64::from(major));
            ntlm.version.push(b".");
            ntlm.version.push_number(u64::from(minor));
            ntlm.version.push(b".");
            ntlm.version.push_number(u64::from(u16::from_le_bytes([low, high])));
        }
        Some(ntlm)
    }

    /// The NetBIOS name of the computer, and of its domain (MS-NLMP 2.2.2.1).
    fn target(&mut self, mut pairs: &[u8]) {
        for _ in 0..PAIRS_MAX {
            let (Some(id), Some(length)) = (u16_at(pairs, 0), u16_at(pairs, 2)) else { return };
            let end = usize::from(length).saturating_add(4);
            let Some(value) = pairs.get(4..end) else { return };
            match id {
                0 => return,
                1 => self.host.push_utf16(value),
                2 if self.domain.is_empty() => self.domain.push_utf16(value),
                _ => {}
            }
            pairs = pairs.get(end..).unwrap_or_default();
        }
    }

    pub(crate) fn kind(&self) -> Code {
        Code(u64::from(self.kind))
    }

    pub(crate) fn host(&self) -> Option<Plain<'_>> {
        self.host.some().map(|text| Plain::new(text, Because::Site))
    }

    pub(crate) fn domain(&self) -> Option<Plain<'_>> {
        self.domain.some().map(|text| Plain::new(text, Because::Site))
    }

    pub(crate) fn user(&self) -> Option<Plain<'_>> {
        self.user.some().map(|text| Plain::new(text, Because::Site))
    }

    pub(crate) fn version(&self) -> Option<Plain<'_>> {
        self.version.some().map(|text| Plain::new(text, Because::Equipment))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A message of kind 3 with these names, in UTF-16 or as bytes.
    fn authenticate(names: [&[u8]; 3], flags: u32) -> Vec<u8> {
        let mut head = [SIGNATURE, &3u32.to_le_bytes()].concat();
        let mut body = Vec::new();
        for name in [&[0x51; 24], &[0x51; 24], names[0], names[1], names[2], &[0x51; 16]] {
            head.extend((name.len() as u16).to_le_bytes());
            head.extend((name.len() as u16).to_le_bytes());
            head.extend((72 + body.len() as u32).to_le_bytes());
            body.extend(name);
        }
        [&head[..], &flags.to_le_bytes(), &[10, 0, 0x63, 0x45, 0, 0, 0, 15], &body].concat()
    }

    #[test]
    fn names_are_read_in_both_encodings_and_secrets_are_not() {
        let token = [&b"\x60\x48"[..], &authenticate([b"C\0L\0", b"\xf6\0", b"W\0\x31\0"], UNICODE | VERSION)].concat();
        let ntlm = Ntlm::find(&token).expect("a message");
        assert_eq!(ntlm.kind(), Code(3));
        assert_eq!(
            (ntlm.domain.bytes(), ntlm.user.bytes(), ntlm.host.bytes()),
            (&b"CL"[..], "ö".as_bytes(), &b"W1"[..])
        );
        assert_eq!(ntlm.version.bytes(), b"10.0.17763");
        let ntlm = Ntlm::find(&authenticate([b"CL", b"roe", b"W1"], 0)).expect("a message");
        assert_eq!((ntlm.user.bytes(), ntlm.version.some()), (&b"roe"[..], None));
    }

    #[test]
    fn lengths_and_offsets_past_the_end_lead_to_nothing() {
        let whole = authenticate([b"CL", b"roe", b"W1"], 0);
        for cut in 0..whole.len() {
            let _ = Ntlm::find(&whole[..cut]);
        }
        let mut far = whole;
        far[40..44].fill(0xff);
        assert!(Ntlm::find(&far).expect("a message").user().is_none());
    }

    #[test]
    fn long_names_and_many_pairs_are_bounded() {
        let long = b"\xf6\0".repeat(NAME_MAX);
        let ntlm = Ntlm::find(&authenticate([b"", &long, b""], UNICODE)).expect("a message");
        assert_eq!(ntlm.user.bytes().len(), NAME_MAX);
        let mut ntlm = Ntlm::find(&authenticate([b""; 3], UNICODE)).expect("a message");
        ntlm.target(&[&[9, 0, 0, 0].repeat(PAIRS_MAX)[..], &[1, 0, 2, 0, b'H', 0]].concat());
        assert!(ntlm.host().is_none());
        ntlm.target(&[&[9, 0, 0, 0].repeat(PAIRS_MAX - 1)[..], &[1, 0, 2, 0, b'H', 0]].concat());
        assert!(ntlm.host().is_some());
    }
}
