use crate::event;
use crate::event::{Code, Codes, Count, Seconds, Size};
use holter_phi::{Phi, Plain};

event! {
    /// A record, or what follows it sealed (RFC 8446 5.1, RFC 6347 4.1).
    pub struct Record in record = "tls.record" {
        /// Content type: 20 change of ciphers, 21 alert, 22 handshake, 23 application data.
        content: Code = "tls.record.content" (Code),
        /// Version of the record layer; 0x0303 also for TLS 1.3 (RFC 8446 5.1).
        version: Code = "tls.record.version" (Code),
        /// Length of its body (RFC 8446 5.1).
        length: Size = "tls.record.length" (Size),
        /// Sealed: the content type of the standard's TLS 1.3 is hidden, and its body is not read (RFC 8446 5.2).
        sealed: bool = "tls.record.sealed" (Flag),
    }
}

event! {
    /// A ClientHello (RFC 8446 4.1.2), also in the form of SSL 2.0 (RFC 5246 E.2).
    pub struct ClientHello<'a> in client_hello = "tls.client_hello" {
        /// Version of the record that it came in; 2 for the form of SSL 2.0 (RFC 8446 5.1).
        record: Code = "tls.client.record_version" (Code),
        /// Version that it states itself (RFC 8446 4.1.2).
        legacy: Code = "tls.client.version" (Code),
        /// Highest version that it offers (RFC 8446 4.2.1).
        highest: Code = "tls.client.highest_version" (Code),
        /// Cipher suites, in their order (RFC 8446 4.1.2).
        ciphers: &'a [Code] = "tls.client.cipher" (Code) list,
        /// Types of its extensions, in their order (RFC 8446 4.2).
        extensions: &'a [Code] = "tls.client.extension" (Code) list,
        /// Groups for the key exchange, in their order (RFC 8446 4.2.7).
        groups: &'a [Code] = "tls.client.group" (Code) list,
        /// Signature algorithms, in their order (RFC 8446 4.2.3).
        signatures: &'a [Code] = "tls.client.signature" (Code) list,
        /// Formats of points on curves (RFC 8422 5.1.2).
        formats: Codes<'a> = "tls.client.formats" (Codes),
        /// Name of the server that is wanted (RFC 6066 3).
        server_name: Option<Plain<'a>> = "tls.client.server_name" (Plain, Site),
        /// Application protocols that are offered (RFC 7301 3.1).
        alpn: &'a [Plain<'a>] = "tls.client.alpn" (Plain, Site) list,
        /// JA3: MD5 of version, cipher suites, extensions, groups and formats (RFC 8446 4.1.2).
        ja3: Plain<'a> = "tls.client.ja3" (Plain, Equipment),
        /// JA4 of the client (RFC 8446 4.1.2).
        ja4: Plain<'a> = "tls.client.ja4" (Plain, Equipment),
    }
}

event! {
    /// A ServerHello, or the wish for another ClientHello (RFC 8446 4.1.3, 4.1.4).
    pub struct ServerHello<'a> in server_hello = "tls.server_hello" {
        /// Version of the record that it came in (RFC 8446 5.1).
        record: Code = "tls.server.record_version" (Code),
        /// Version that it states itself (RFC 8446 4.1.3).
        legacy: Code = "tls.server.version" (Code),
        /// Version that is spoken from here on (RFC 8446 4.2.1).
        chosen: Code = "tls.server.chosen_version" (Code),
        /// Cipher suite that is used (RFC 8446 4.1.3).
        cipher: Code = "tls.server.cipher" (Code),
        /// Types of its extensions, in their order (RFC 8446 4.2).
        extensions: &'a [Code] = "tls.server.extension" (Code) list,
        /// Application protocol that was chosen (RFC 7301 3.2).
        alpn: Option<Plain<'a>> = "tls.server.alpn" (Plain, Site),
        /// It is a HelloRetryRequest (RFC 8446 4.1.4).
        retry: bool = "tls.server.retry" (Flag),
        /// JA3S: MD5 of version, cipher suite and extensions (RFC 8446 4.1.3).
        ja3s: Plain<'a> = "tls.server.ja3s" (Plain, Equipment),
    }
}

event! {
    /// A handshake message other than the hellos (RFC 8446 4, RFC 5246 7.4).
    pub struct Handshake in handshake = "tls.handshake" {
        /// Type of the message: 11 certificate, 12 key exchange, 14 end of the server's, 16 key exchange of the client.
        kind: Code = "tls.handshake.type" (Code),
        /// Length of its body (RFC 8446 4).
        length: Size = "tls.handshake.length" (Size),
    }
}

event! {
    /// One certificate of the chain in the Certificate message before it (RFC 5246 7.4.2, RFC 5280 4.1).
    pub struct Certificate<'a> in certificate = "tls.certificate" {
        /// Its place in the chain, the sender's own being 0 (RFC 5246 7.4.2).
        position: Count = "tls.certificate.position" (Count),
        /// Common name of the subject, where a server sent it (RFC 5280 4.1.2.6).
        subject: Option<Plain<'a>> = "tls.certificate.subject" (Plain, Site),
        /// Common name of the subject, where a client sent it: cards of staff hold names (RFC 5280 4.1.2.6).
        holder: Option<Phi<'a>> = "tls.certificate.holder" (Phi),
        /// Host names that it is good for (RFC 5280 4.2.1.6).
        names: &'a [Plain<'a>] = "tls.certificate.dns_name" (Plain, Site) list,
        /// Common name of the issuer, unless it issued itself; a CA of the site bears its name (RFC 5280 4.1.2.4).
        issuer: Option<Plain<'a>> = "tls.certificate.issuer" (Plain, Site),
        /// Organization of the issuer, unless it issued itself (RFC 5280 4.1.2.4).
        organization: Option<Plain<'a>> = "tls.certificate.issuer_organization" (Plain, Equipment),
        /// Subject and issuer are the same (RFC 5280 3.2).
        self_issued: bool = "tls.certificate.self_issued" (Flag),
        /// Begin of its validity, since 1970 (RFC 5280 4.1.2.5).
        not_before: Option<Seconds> = "tls.certificate.not_before" (Seconds),
        /// End of its validity, since 1970 (RFC 5280 4.1.2.5).
        not_after: Option<Seconds> = "tls.certificate.not_after" (Seconds),
        /// Serial number in hexadecimal digits, where a server sent it (RFC 5280 4.1.2.2).
        serial: Option<Plain<'a>> = "tls.certificate.serial" (Plain, Site),
        /// Kind of its key: `rsa`, `ec`, `ed25519`, `ed448`, `dsa` or `other` (RFC 5280 4.1.2.7).
        key: Plain<'a> = "tls.certificate.key" (Plain, Vocabulary),
        /// Length of the whole certificate (RFC 5280 4.1).
        length: Size = "tls.certificate.length" (Size),
    }
}

event! {
    /// An alert in clear (RFC 8446 6).
    pub struct Alert in alert = "tls.alert" {
        /// Level: 1 warning, 2 fatal (RFC 8446 6).
        level: Code = "tls.alert.level" (Code),
        /// What is wrong (RFC 8446 6.2).
        description: Code = "tls.alert.description" (Code),
    }
}
