//! One frame: a head of four bytes, then elements whose length counts their own head.

use super::Message;
use crate::event::{Code, Seconds};
use crate::{Malformed, Reader, Sink, Verdict};
use holter_phi::{Because, Plain};
use std::net::{IpAddr, Ipv4Addr};

/// Elements read of one frame.
pub const ELEMENTS_MAX: usize = 256;
/// Addresses reported of one list.
pub const ADDRESSES_MAX: usize = 8;

/// Of the protocol among those of Cisco, and as an EtherType within GRE.
pub(super) const NUMBER: u16 = 0x2000;
/// LLC with SNAP, Cisco's number and that of the protocol.
const SNAP: [u8; 8] = [0xaa, 0xaa, 0x03, 0x00, 0x00, 0x0c, 0x20, 0x00];
/// Protocol number of IPv6 in a list of addresses: its LLC and EtherType.
const IPV6: [u8; 8] = [0xaa, 0xaa, 0x03, 0x00, 0x00, 0x00, 0x86, 0xdd];
const IPV4: u8 = 0xcc;

pub(super) fn decode(frame: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
    let mut reader = Reader::new(frame);
    // No version is as high as the first byte of LLC.
    if frame.first() == SNAP.first() && reader.array::<8>("cdp.snap")? != SNAP {
        return Err(Malformed { field: "cdp.snap", at: 0 });
    }
    let version = reader.u8("cdp.version")?;
    let ttl = reader.u8("cdp.ttl")?;
    reader.take(2, "cdp.checksum")?;
    let mut rooms = [[IpAddr::V4(Ipv4Addr::UNSPECIFIED); ADDRESSES_MAX]; 2];
    let mut used = [0usize; 2];
    let mut message = Message {
        version: Code(u64::from(version)),
        ttl: Seconds(u64::from(ttl)),
        device: None,
        addresses: &[],
        port: None,
        capabilities: None,
        software: None,
        platform: None,
        domain: None,
        vlan: None,
        duplex: None,
        voice_vlan: None,
        system_name: None,
        management: &[],
    };
    let mut result = Ok(());
    for n in 0.. {
        if reader.is_empty() {
            break;
        }
        if n >= ELEMENTS_MAX {
            sink.weird("cdp.elements");
            break;
        }
        let (kind, value) = match element(&mut reader) {
            Ok(element) => element,
            Err(malformed) => {
                result = Err(malformed);
                break;
            }
        };
        let [own, managed] = &mut rooms;
        let [own_used, managed_used] = &mut used;
        match (kind, value) {
            (1, _) => message.device = text(value, Because::Site),
            (2, _) => addresses(value, own, own_used, sink),
            (3, _) => message.port = text(value, Because::Site),
            (4, &[a, b, c, d]) => message.capabilities = Some(Code(u64::from(u32::from_be_bytes([a, b, c, d])))),
            (5, _) => message.software = text(value, Because::Site),
            (6, _) => message.platform = text(value, Because::Site),
            (9, _) => message.domain = text(value, Because::Site),
            (10, &[high, low]) => message.vlan = Some(number(high, low)),
            (11, &[duplex]) => message.duplex = Some(duplex != 0),
            (14, &[_, high, low]) => message.voice_vlan = Some(number(high, low)),
            (20, _) => message.system_name = text(value, Because::Site),
            (22, _) => addresses(value, managed, managed_used, sink),
            // Where the device stands (23) is free text.
            _ => {}
        }
    }
    let [own, managed] = &rooms;
    let [own_used, managed_used] = used;
    sink.event(&Message {
        addresses: own.get(..own_used).unwrap_or_default(),
        management: managed.get(..managed_used).unwrap_or_default(),
        ..message
    });
    result
}

fn element<'a>(reader: &mut Reader<'a>) -> Result<(u16, &'a [u8]), Malformed> {
    let begin = *reader;
    let kind = reader.u16("cdp.element")?;
    let length = usize::from(reader.u16("cdp.element")?);
    let length = length.checked_sub(4).ok_or(begin.malformed("cdp.element_length"))?;
    Ok((kind, reader.take(length, "cdp.element_length")?))
}

/// A count, then of each address the kind and number of its protocol, and itself.
fn addresses(value: &[u8], room: &mut [IpAddr; ADDRESSES_MAX], used: &mut usize, sink: &mut dyn Sink) {
    let mut reader = Reader::new(value);
    let count = reader.u32("cdp.addresses").unwrap_or(0);
    for _ in 0..count {
        let Ok((protocol, address)) = one_address(&mut reader) else { return sink.weird("cdp.addresses") };
        let address = if protocol == [IPV4] {
            <[u8; 4]>::try_from(address).ok().map(IpAddr::from)
        } else if protocol == IPV6 {
            <[u8; 16]>::try_from(address).ok().map(IpAddr::from)
        } else {
            None
        };
        let Some(address) = address else { continue };
        let Some(slot) = room.get_mut(*used) else { return sink.weird("cdp.more_addresses") };
        *slot = address;
        *used = used.saturating_add(1);
    }
}

fn one_address<'a>(reader: &mut Reader<'a>) -> Result<(&'a [u8], &'a [u8]), Malformed> {
    reader.u8("cdp.addresses")?;
    let length = usize::from(reader.u8("cdp.addresses")?);
    let protocol = reader.take(length, "cdp.addresses")?;
    let length = usize::from(reader.u16("cdp.addresses")?);
    Ok((protocol, reader.take(length, "cdp.addresses")?))
}

fn number(high: u8, low: u8) -> Code {
    Code(u64::from(u16::from_be_bytes([high, low])))
}

fn text(value: &[u8], because: Because) -> Option<Plain<'_>> {
    let end = value.iter().rposition(|&byte| byte != 0).map_or(0, |last| last.saturating_add(1));
    value.get(..end).filter(|text| !text.is_empty()).map(|text| Plain::new(text, because))
}

pub(super) fn looks(bytes: &[u8]) -> Verdict {
    if bytes.starts_with(&SNAP) { Verdict::Yes } else { Verdict::No }
}

/// Without LLC: a version, and an element behind the head.
pub(super) fn looks_bare(bytes: &[u8]) -> Verdict {
    let mut reader = Reader::new(bytes);
    let fits = matches!(reader.u8(""), Ok(1 | 2)) && reader.take(3, "").is_ok() && element(&mut reader).is_ok();
    if fits { Verdict::Yes } else { Verdict::No }
}
