use crate::event;
use crate::event::{Code, Codes};
use holter_phi::Plain;

event! {
    /// The ClientHello in the first packets of a client (RFC 9001 4, RFC 8446 4.1.2).
    pub struct Hello<'a> in hello = "quic.hello" {
        /// Version of QUIC: 1, or 0x6b3343cf for version 2 (RFC 9000 15, RFC 9369 3).
        quic: Code = "quic.client.version" (Code),
        /// Version of TLS that the hello states itself (RFC 8446 4.1.2).
        legacy: Code = "quic.client.tls_version" (Code),
        /// Highest version of TLS that it offers (RFC 8446 4.2.1).
        highest: Code = "quic.client.highest_tls_version" (Code),
        /// Cipher suites, in their order (RFC 8446 4.1.2).
        ciphers: &'a [Code] = "quic.client.cipher" (Code) list,
        /// Types of its extensions, in their order (RFC 8446 4.2).
        extensions: &'a [Code] = "quic.client.extension" (Code) list,
        /// Groups for the key exchange, in their order (RFC 8446 4.2.7).
        groups: &'a [Code] = "quic.client.group" (Code) list,
        /// Signature algorithms, in their order (RFC 8446 4.2.3).
        signatures: &'a [Code] = "quic.client.signature" (Code) list,
        /// Formats of points on curves (RFC 8422 5.1.2).
        formats: Codes<'a> = "quic.client.formats" (Codes),
        /// Name of the server that is wanted (RFC 6066 3).
        server_name: Option<Plain<'a>> = "quic.client.server_name" (Plain, Site),
        /// Application protocols that are offered (RFC 7301 3.1).
        alpn: &'a [Plain<'a>] = "quic.client.alpn" (Plain, Site) list,
        /// JA3: MD5 of version, cipher suites, extensions, groups and formats (RFC 8446 4.1.2).
        ja3: Plain<'a> = "quic.client.ja3" (Plain, Equipment),
        /// JA4 of the client (RFC 8446 4.1.2).
        ja4: Plain<'a> = "quic.client.ja4" (Plain, Equipment),
    }
}

event! {
    /// The ServerHello in the first packets of a server (RFC 9001 4, RFC 8446 4.1.3).
    pub struct ServerHello<'a> in server_hello = "quic.server_hello" {
        /// Version of QUIC (RFC 9000 15, RFC 9369 3).
        quic: Code = "quic.server.version" (Code),
        /// Version of TLS that the hello states itself (RFC 8446 4.1.3).
        legacy: Code = "quic.server.tls_version" (Code),
        /// Version of TLS that is spoken from here on (RFC 8446 4.2.1).
        chosen: Code = "quic.server.chosen_tls_version" (Code),
        /// Cipher suite that is used (RFC 8446 4.1.3).
        cipher: Code = "quic.server.cipher" (Code),
        /// Types of its extensions, in their order (RFC 8446 4.2).
        extensions: &'a [Code] = "quic.server.extension" (Code) list,
        /// It asks for another ClientHello (RFC 8446 4.1.4).
        retry: bool = "quic.server.hello_retry" (Flag),
        /// JA3S: MD5 of version, cipher suite and extensions (RFC 8446 4.1.3).
        ja3s: Plain<'a> = "quic.server.ja3s" (Plain, Equipment),
    }
}

event! {
    /// A server has the client prove its address first (RFC 9000 17.2.5).
    pub struct Retry in retry = "quic.retry" {
        /// Version of QUIC (RFC 9000 15, RFC 9369 3).
        quic: Code = "quic.retry.version" (Code),
    }
}

event! {
    /// A server does not speak the version of the client (RFC 9000 17.2.1).
    pub struct Negotiation<'a> in negotiation = "quic.negotiation" {
        /// Versions that it speaks, in their order (RFC 9000 17.2.1).
        versions: &'a [Code] = "quic.negotiation.version" (Code) list,
    }
}
