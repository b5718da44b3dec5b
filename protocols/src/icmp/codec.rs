//! One message (RFC 792).

use super::Message;
use crate::event::{Code, Port, Size, Transaction};
use crate::{Malformed, Reader, Sink, Verdict};
use std::net::{IpAddr, Ipv4Addr};

const ECHO_REPLY: u8 = 0;
const UNREACHABLE: u8 = 3;
const QUENCH: u8 = 4;
const REDIRECT: u8 = 5;
const ECHO: u8 = 8;
const EXCEEDED: u8 = 11;
const PARAMETER: u8 = 12;
const FRAGMENTATION_NEEDED: u8 = 4;

/// The head of the datagram that an error quotes.
#[derive(Default)]
struct Quoted {
    source: Option<IpAddr>,
    destination: Option<IpAddr>,
    protocol: Option<u8>,
    port: Option<u16>,
}

pub(super) fn decode(message: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
    let mut reader = Reader::new(message);
    let kind = reader.u8("icmp.type")?;
    let code = reader.u8("icmp.code")?;
    reader.take(2, "icmp.checksum")?;
    // An error without the rest is still told.
    let rest = reader.array::<4>("icmp.rest");
    let [a, b, c, d] = rest.unwrap_or_default();
    let error = matches!(kind, UNREACHABLE | QUENCH | REDIRECT | EXCEEDED | PARAMETER) && rest.is_ok();
    let numbered = matches!(kind, ECHO_REPLY | ECHO | 13..=18) && rest.is_ok();
    let (quoted, result) = if error { quote(reader) } else { (Quoted::default(), Ok(())) };
    let number = |high, low| Transaction(u64::from(u16::from_be_bytes([high, low])));
    let mtu = Some(u16::from_be_bytes([c, d]));
    let code_number = Code(u64::from(code));
    sink.event(&Message {
        kind: Code(u64::from(kind)),
        code: code_number,
        identifier: numbered.then(|| number(a, b)),
        sequence: numbered.then(|| number(c, d)),
        payload: (numbered && matches!(kind, ECHO_REPLY | ECHO)).then_some(Size(reader.len() as u64)),
        gateway: (kind == REDIRECT && rest.is_ok()).then_some(IpAddr::from([a, b, c, d])),
        mtu: mtu
            .filter(|mtu| error && kind == UNREACHABLE && code == FRAGMENTATION_NEEDED && *mtu > 0)
            .map(|mtu| Size(u64::from(mtu))),
        quoted_source: quoted.source,
        quoted_destination: quoted.destination,
        quoted_protocol: quoted.protocol.map(|protocol| Code(u64::from(protocol))),
        quoted_port: quoted.port.map(|port| Port(u64::from(port))),
    });
    rest.map(|_| ()).and(result)
}

/// The quoted datagram; its source and destination first, what it carries only as far as it is there.
fn quote(mut reader: Reader<'_>) -> (Quoted, Result<(), Malformed>) {
    let begin = reader;
    let broken = Err(begin.malformed("icmp.quoted"));
    let Ok(head) = reader.array::<20>("icmp.quoted") else { return (Quoted::default(), broken) };
    let [first, _, _, _, _, _, high, low, _, protocol, _, _, s0, s1, s2, s3, d0, d1, d2, d3] = head;
    if first >> 4 != 4 || first & 15 < 5 {
        return (Quoted::default(), broken);
    }
    let mut quoted = Quoted {
        source: Some(IpAddr::V4(Ipv4Addr::new(s0, s1, s2, s3))),
        destination: Some(IpAddr::V4(Ipv4Addr::new(d0, d1, d2, d3))),
        protocol: Some(protocol),
        port: None,
    };
    let options = usize::from(first & 15).saturating_sub(5).saturating_mul(4);
    let first_fragment = u16::from_be_bytes([high, low]) & 0x1fff == 0;
    if reader.take(options, "icmp.quoted").is_ok() && matches!(protocol, 6 | 17) && first_fragment {
        quoted.port = reader.take(2, "icmp.quoted").and_then(|_| reader.u16("icmp.quoted")).ok();
    }
    (quoted, Ok(()))
}

pub(super) fn looks(bytes: &[u8]) -> Verdict {
    if bytes.len() < 4 { Verdict::No } else { Verdict::Likely }
}
