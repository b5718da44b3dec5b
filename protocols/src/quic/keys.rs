//! Keys of Initial packets: whoever sees a client's first packet has them (RFC 9001 5.2, RFC 9369 3.3). They hide
//! nothing from anybody, and are made for one packet and forgotten.

use super::packet::Version;
use crate::Way;
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey, quic};
use ring::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};

/// Longest Initial packet that is opened; they fit into a frame of Ethernet.
pub const INITIAL_MAX: usize = 2048;

const DRAFT_SALT: [u8; 20] = [
    0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97, 0x86, 0xf1, 0x9c, 0x61, 0x11, 0xe0, 0x43, 0x90, 0xa8,
    0x99,
];
const SALT: [u8; 20] = [
    0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f,
    0x0a,
];
const SALT_2: [u8; 20] = [
    0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93, 0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e,
    0xd9,
];

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

/// HKDF-Expand-Label without a context (RFC 8446 7.1).
fn expand<const N: usize>(secret: &Prk, label: &[u8]) -> Option<[u8; N]> {
    let length = u16::try_from(N).ok()?.to_be_bytes();
    let named = [u8::try_from(label.len().saturating_add(6)).ok()?];
    let info = [&length[..], &named, b"tls13 ", label, &[0]];
    let mut key = [0; N];
    secret.expand(&info, Length(N)).ok()?.fill(&mut key).ok()?;
    Some(key)
}

struct Keys {
    key: [u8; 16],
    iv: [u8; 12],
    header: [u8; 16],
}

impl Keys {
    fn of(version: Version, id: &[u8], way: Way) -> Option<Keys> {
        let salt = match version {
            Version::Draft => &DRAFT_SALT,
            Version::One => &SALT,
            Version::Two => &SALT_2,
        };
        let initial = Salt::new(HKDF_SHA256, salt).extract(id);
        let sender: &[u8] = if way == Way::ToServer { b"client in" } else { b"server in" };
        let secret = Prk::new_less_safe(HKDF_SHA256, &expand::<32>(&initial, sender)?);
        let labels: [&[u8]; 3] = match version {
            Version::Draft | Version::One => [b"quic key", b"quic iv", b"quic hp"],
            Version::Two => [b"quicv2 key", b"quicv2 iv", b"quicv2 hp"],
        };
        let [key, iv, header] = labels;
        Some(Keys { key: expand(&secret, key)?, iv: expand(&secret, iv)?, header: expand(&secret, header)? })
    }
}

/// Room in which a packet is opened.
pub(super) struct Room([u8; INITIAL_MAX]);

impl Room {
    pub(super) const fn new() -> Self {
        Room([0; INITIAL_MAX])
    }

    /// The frames of an Initial packet, which was sealed with keys of this connection id. `None` where it was not.
    pub(super) fn open(
        &mut self,
        version: Version,
        id: &[u8],
        way: Way,
        packet: &[u8],
        payload: usize,
    ) -> Option<&[u8]> {
        let keys = Keys::of(version, id, way)?;
        let room = self.0.get_mut(..packet.len())?;
        room.copy_from_slice(packet);
        let sample = packet.get(payload.checked_add(4)?..)?.get(..16)?;
        let protection = quic::HeaderProtectionKey::new(&quic::AES_128, &keys.header).ok()?;
        let [mask, masks @ ..] = protection.new_mask(sample).ok()?;
        let first = room.first_mut()?;
        *first ^= mask & 0x0f;
        let length = usize::from(*first & 3).saturating_add(1);
        let (header, sealed) = room.split_at_mut_checked(payload.checked_add(length)?)?;
        let mut nonce = keys.iv;
        let number = header.get_mut(payload..)?;
        number.iter_mut().zip(masks).for_each(|(byte, mask)| *byte ^= mask);
        nonce.iter_mut().rev().zip(number.iter().rev()).for_each(|(byte, number)| *byte ^= number);
        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &keys.key).ok()?);
        let nonce = Nonce::assume_unique_for_key(nonce);
        key.open_in_place(nonce, Aad::from(&*header), sealed).ok().map(|frames| &*frames)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9001 A.1 and RFC 9369 A.1.
    #[test]
    fn keys_are_those_of_the_standards_examples() {
        let id = [0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08];
        let one = Keys::of(Version::One, &id, Way::ToServer).expect("keys");
        assert_eq!(one.key[..4], [0x1f, 0x36, 0x96, 0x13]);
        assert_eq!(one.iv[..4], [0xfa, 0x04, 0x4b, 0x2f]);
        assert_eq!(one.header[..4], [0x9f, 0x50, 0x44, 0x9e]);
        let two = Keys::of(Version::Two, &id, Way::ToServer).expect("keys");
        assert_eq!(two.key[..4], [0x8b, 0x1a, 0x0b, 0xc1]);
        assert_eq!(two.iv[..4], [0x91, 0xf7, 0x3e, 0x23]);
    }
}
