//! Protocols that are recognised for the sake of coverage and looked into no further.

use holter_protocols::Transport;
use holter_terms::{Protocol, Visibility};

/// What the first bytes of a message or a datagram look like, beside the table of protocols.
pub(super) fn recognise(transport: Transport, bytes: &[u8]) -> Option<(Protocol, Visibility)> {
    match transport {
        Transport::Tcp => {
            if is_tls(bytes) {
                Some((Protocol::Tls, Visibility::Encrypted))
            } else if bytes.starts_with(b"SSH-2.0-") || bytes.starts_with(b"SSH-1.99-") {
                Some((Protocol::Other, Visibility::Encrypted))
            } else {
                None
            }
        }
        Transport::Udp => {
            if is_dtls(bytes) {
                Some((Protocol::Tls, Visibility::Encrypted))
            } else if is_quic(bytes) {
                Some((Protocol::Other, Visibility::Encrypted))
            } else {
                None
            }
        }
        _ => None,
    }
}

/// A record of TLS (RFC 8446 5.1): handshake with a client or server hello, or what comes later in a conversation.
fn is_tls(bytes: &[u8]) -> bool {
    const LONGEST: u16 = (1 << 14) + 2048;
    let Some(&[kind, major, minor, high, low]) = bytes.first_chunk() else { return false };
    let length = u16::from_be_bytes([high, low]);
    if major != 3 || minor > 4 || length == 0 || length > LONGEST {
        return false;
    }
    match kind {
        20 => length == 1,
        21 => length == 2 || length >= 16,
        22 => bytes.get(5).is_none_or(|message| matches!(message, 1 | 2 | 4 | 8 | 11..=16 | 20)),
        // Sealed data carries at least its tag.
        23 => length >= 16,
        _ => false,
    }
}

/// A record of DTLS 1.0 to 1.2, or of 1.3 before its keys are there (RFC 9147 4).
fn is_dtls(bytes: &[u8]) -> bool {
    matches!(bytes, [20..=23 | 25, 0xfe, 0xff | 0xfd, ..]) && bytes.len() >= 13
}

/// A QUIC packet with a long header of version 1 or 2 (RFC 9000 17.2, RFC 9369).
fn is_quic(bytes: &[u8]) -> bool {
    const LEAST: usize = 21;
    matches!(bytes, [first, 0, 0, 0, 1, ..] if first & 0xc0 == 0xc0)
        || matches!(bytes, [first, 0x6b, 0x33, 0x43, 0xcf, ..] if first & 0xc0 == 0xc0) && bytes.len() >= LEAST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tls_is_told_from_what_only_begins_like_it() {
        let tcp = |bytes: &[u8]| recognise(Transport::Tcp, bytes);
        assert_eq!(tcp(&[22, 3, 1, 0, 200, 1, 0]), Some((Protocol::Tls, Visibility::Encrypted)));
        assert_eq!(tcp(&[23, 3, 3, 0, 64, 9]), Some((Protocol::Tls, Visibility::Encrypted)));
        assert_eq!(tcp(&[22, 3, 1, 0xff, 0xff, 1]), None);
        assert_eq!(tcp(&[22, 3, 1, 0, 200, 99]), None);
        assert_eq!(tcp(&[22, 3]), None);
    }

    #[test]
    fn sealed_ssh_is_told_from_other_text() {
        let tcp = |bytes: &[u8]| recognise(Transport::Tcp, bytes);
        assert_eq!(tcp(b"SSH-2.0-x"), Some((Protocol::Other, Visibility::Encrypted)));
        assert_eq!(tcp(b"GETTING"), None);
    }
}
