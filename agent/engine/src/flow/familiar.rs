//! Protocols that are recognised for the sake of coverage and looked into no further.

use holter_protocols::Transport;
use holter_terms::{Protocol, Visibility};

/// What the first bytes of a message or a datagram look like, beside the table of protocols.
pub(super) fn recognise(transport: Transport, bytes: &[u8]) -> Option<(Protocol, Visibility)> {
    (transport == Transport::Udp && is_quic(bytes)).then_some((Protocol::Quic, Visibility::Encrypted))
}

/// A QUIC packet with a long header of version 1 or 2 (RFC 9000 17.2, RFC 9369).
fn is_quic(bytes: &[u8]) -> bool {
    const LEAST: usize = 21;
    let known = matches!(bytes, [first, 0, 0, 0, 1, ..] if first & 0xc0 == 0xc0)
        || matches!(bytes, [first, 0x6b, 0x33, 0x43, 0xcf, ..] if first & 0xc0 == 0xc0);
    known && bytes.len() >= LEAST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quic_is_told_by_its_version() {
        let first = [&[0xc3, 0, 0, 0, 1][..], &[0; 20]].concat();
        assert_eq!(recognise(Transport::Udp, &first), Some((Protocol::Quic, Visibility::Encrypted)));
        assert_eq!(recognise(Transport::Tcp, &first), None);
        assert_eq!(recognise(Transport::Udp, &[0xc3, 0, 0, 0, 9, 0]), None);
    }
}
