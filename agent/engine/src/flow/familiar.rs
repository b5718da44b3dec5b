//! Protocols that are recognised for the sake of coverage and looked into no further.

use holter_protocols::Transport;
use holter_terms::{Protocol, Visibility};

/// What the first bytes of a message or a datagram look like, beside the table of protocols.
pub(super) fn recognise(transport: Transport, bytes: &[u8]) -> Option<(Protocol, Visibility)> {
    (transport == Transport::Tcp && is_http(bytes)).then_some((Protocol::Http, Visibility::Clear))
}

/// A request or status line of HTTP/1 (RFC 9112 2).
fn is_http(bytes: &[u8]) -> bool {
    const METHODS: [&[u8]; 9] =
        [b"GET ", b"POST ", b"PUT ", b"HEAD ", b"DELETE ", b"OPTIONS ", b"PATCH ", b"CONNECT ", b"TRACE "];
    METHODS.iter().any(|method| bytes.starts_with(method)) || bytes.starts_with(b"HTTP/1.")
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
