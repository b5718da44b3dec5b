//! Handshake messages (RFC 8446 4, RFC 5246 7.4), each whole.

use super::x509::{self, CHAIN_MAX};
use super::{Alert, ClientHello, Handshake, Record, ServerHello};
use crate::event::{Code, Codes, Size};
use crate::tls_hello::{ALPN_MAX, Carrier, Client, List, Server};
use crate::{Malformed, Reader, Sink, Way, tls_prints};
use holter_phi::{Because, Plain};

pub(super) const CLIENT_HELLO: u8 = 1;
pub(super) const SERVER_HELLO: u8 = 2;
const CERTIFICATE: u8 = 11;

/// Whether a message of this type is sent before the keys are there (RFC 5246 7.4, RFC 6347 4.3.2, RFC 6066 8).
pub(super) const fn is_known(kind: u8) -> bool {
    matches!(kind, 0..=6 | 8 | 11..=16 | 20..=25)
}

/// The body of a message, which began at `base` of what the caller was given.
pub(super) struct Message<'a> {
    pub(super) carrier: Carrier,
    pub(super) way: Way,
    /// Version of the record.
    pub(super) record: u16,
    pub(super) kind: u8,
    pub(super) body: &'a [u8],
    pub(super) base: usize,
    /// Length that the message states; `body` may have been cut.
    pub(super) length: usize,
}

impl Message<'_> {
    pub(super) fn decode(&self, sink: &mut dyn Sink) -> Result<(), Malformed> {
        let mut weird = |field| sink.weird(field);
        match self.kind {
            // What was cut to its bound would have another fingerprint.
            CLIENT_HELLO | SERVER_HELLO if self.body.len() < self.length => {
                Err(Malformed { field: "tls.hello.length", at: self.base })
            }
            CLIENT_HELLO => {
                let hello = Client::read(self.carrier, self.body, self.base, &mut weird)?;
                client_hello(self.record, &hello, sink);
                hello.extensions.whole()
            }
            SERVER_HELLO => {
                let hello = Server::read(self.body, self.base, &mut weird)?;
                server_hello(self.record, &hello, sink);
                hello.extensions.whole()
            }
            kind => {
                sink.event(&Handshake { kind: Code(u64::from(kind)), length: Size(self.length as u64) });
                if kind == CERTIFICATE { self.chain(sink) } else { Ok(()) }
            }
        }
    }

    fn chain(&self, sink: &mut dyn Sink) -> Result<(), Malformed> {
        const FIELD: &str = "tls.certificate.chain";
        let mut reader = Reader::based(self.body, self.base);
        let [a, b, c] = reader.array(FIELD)?;
        if u24([a, b, c]).saturating_add(3) != self.length {
            return Err(Malformed { field: FIELD, at: self.base });
        }
        let mut position = 0usize;
        while !reader.is_empty() {
            if position >= CHAIN_MAX {
                sink.weird(FIELD);
                break;
            }
            let length = u24(reader.array(FIELD)?);
            let der = reader.take(length, FIELD)?;
            x509::report(self.way, position, der, sink);
            position = position.saturating_add(1);
        }
        Ok(())
    }
}

pub(super) fn u24([a, b, c]: [u8; 3]) -> usize {
    usize::try_from(u32::from_be_bytes([0, a, b, c])).unwrap_or(usize::MAX)
}

pub(super) fn client_hello(record: u16, hello: &Client<'_>, sink: &mut dyn Sink) {
    let (ja3, ja4) = (tls_prints::ja3(hello), tls_prints::ja4(hello));
    let mut alpn = [Plain::new(b"", Because::Site); ALPN_MAX];
    let mut count = 0usize;
    for (slot, name) in alpn.iter_mut().zip(hello.alpn().filter(|name| !name.is_empty())) {
        *slot = Plain::new(name, Because::Site);
        count = count.saturating_add(1);
    }
    sink.event(&ClientHello {
        record: Code(u64::from(record)),
        legacy: Code(u64::from(hello.legacy)),
        highest: Code(u64::from(hello.highest())),
        ciphers: List::of(hello.ciphers.iter()).slice(),
        extensions: List::of(hello.extensions.kinds()).slice(),
        groups: List::of(hello.groups().iter()).slice(),
        signatures: List::of(hello.signatures().iter()).slice(),
        formats: Codes(hello.formats()),
        server_name: hello.server_name.map(|name| Plain::new(name, Because::Site)),
        alpn: alpn.get(..count).unwrap_or_default(),
        ja3: Plain::new(&ja3, Because::Equipment),
        ja4: Plain::new(&ja4, Because::Equipment),
    });
}

fn server_hello(record: u16, hello: &Server<'_>, sink: &mut dyn Sink) {
    let ja3s = tls_prints::ja3s(hello);
    sink.event(&ServerHello {
        record: Code(u64::from(record)),
        legacy: Code(u64::from(hello.legacy)),
        chosen: Code(u64::from(hello.version())),
        cipher: Code(u64::from(hello.cipher)),
        extensions: List::of(hello.extensions.kinds()).slice(),
        alpn: hello.alpn().filter(|name| !name.is_empty()).map(|name| Plain::new(name, Because::Site)),
        retry: hello.retry,
        ja3s: Plain::new(&ja3s, Because::Equipment),
    });
}

pub(super) fn record(content: u8, version: u16, length: usize, sealed: bool, sink: &mut dyn Sink) {
    sink.event(&Record {
        content: Code(u64::from(content)),
        version: Code(u64::from(version)),
        length: Size(length as u64),
        sealed,
    });
}

/// An alert in clear is two bytes; a sealed one is longer.
pub(super) fn alert(body: &[u8], sink: &mut dyn Sink) {
    if let [level, description] = body {
        sink.event(&Alert { level: Code(u64::from(*level)), description: Code(u64::from(*description)) });
        if !matches!(level, 1 | 2) {
            sink.weird("tls.alert.level");
        }
    }
}
