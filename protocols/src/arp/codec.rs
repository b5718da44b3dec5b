//! One message (RFC 826).

use super::Message;
use crate::event::Code;
use crate::{Malformed, Reader, Sink, Verdict};
use holter_terms::Mac;
use std::net::{IpAddr, Ipv4Addr};

const IPV4: u16 = 0x0800;
/// Lengths of a link-layer address and of an IPv4 address.
const LENGTHS: [u8; 2] = [6, 4];
/// Bytes of a whole message.
const WHOLE: usize = 28;

pub(super) fn decode(message: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
    let mut reader = Reader::new(message);
    reader.u16("arp.hardware")?;
    let at = reader.at();
    if reader.u16("arp.protocol")? != IPV4 {
        return Err(Malformed { field: "arp.protocol", at });
    }
    let at = reader.at();
    if reader.array::<2>("arp.lengths")? != LENGTHS {
        return Err(Malformed { field: "arp.lengths", at });
    }
    let opcode = reader.u16("arp.opcode")?;
    let sender_mac = Mac(reader.array("arp.sender_mac")?);
    let sender = address(reader.array("arp.sender")?);
    let target_mac = Mac(reader.array("arp.target_mac")?);
    let target = address(reader.array("arp.target")?);
    if sender_mac.is_group() {
        sink.weird("arp.sender_mac");
    }
    sink.event(&Message {
        opcode: Code(u64::from(opcode)),
        sender_mac,
        sender,
        target_mac: Some(target_mac).filter(|mac| *mac != Mac::ZERO),
        target,
    });
    Ok(())
}

/// Zero is none.
fn address(bytes: [u8; 4]) -> Option<IpAddr> {
    let address = Ipv4Addr::from(bytes);
    (!address.is_unspecified()).then_some(IpAddr::V4(address))
}

pub(super) fn looks(bytes: &[u8]) -> Verdict {
    match *bytes {
        [0, 1 | 6, 8, 0, 6, 4, ..] if bytes.len() >= WHOLE => Verdict::Yes,
        // Kind or lengths that lie are this protocol's to tell.
        [_, _, 8, 0, _, _, _, _, ..] | [0, 1, ..] => Verdict::Likely,
        _ => Verdict::No,
    }
}
