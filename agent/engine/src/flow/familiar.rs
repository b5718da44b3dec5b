//! Protocols that are recognised for the sake of coverage and looked into no further.

use holter_protocols::Transport;
use holter_terms::{Protocol, Visibility};

/// What the first bytes of a message or a datagram look like, beside the table of protocols.
pub(super) fn recognise(transport: Transport, bytes: &[u8]) -> Option<(Protocol, Visibility)> {
    match transport {
        Transport::Tcp => {
            if is_http(bytes) {
                Some((Protocol::Http, Visibility::Clear))
            } else {
                None
            }
        }
        Transport::Udp => {
            if is_quic(bytes) {
                Some((Protocol::Other, Visibility::Encrypted))
            } else {
                None
            }
        }
        _ => None,
    }
}

/// A request or status line of HTTP/1 (RFC 9112 2).
fn is_http(bytes: &[u8]) -> bool {
    const METHODS: [&[u8]; 9] =
        [b"GET ", b"POST ", b"PUT ", b"HEAD ", b"DELETE ", b"OPTIONS ", b"PATCH ", b"CONNECT ", b"TRACE "];
    METHODS.iter().any(|method| bytes.starts_with(method)) || bytes.starts_with(b"HTTP/1.")
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
    fn clear_http_is_told_from_what_only_begins_like_it() {
        let tcp = |bytes: &[u8]| recognise(Transport::Tcp, bytes);
        assert_eq!(tcp(b"GET /x HTTP/1.1\r\n"), Some((Protocol::Http, Visibility::Clear)));
        assert_eq!(tcp(b"GETTING"), None);
    }
}
