//! One data unit: elements of a type of seven bits and a length of nine (IEEE 802.1AB-2016 8.4).

use super::Message;
use crate::event::{Code, Seconds};
use crate::{Malformed, Reader, Sink, Verdict};
use holter_phi::{Because, Plain};
use holter_terms::Mac;
use std::net::{IpAddr, Ipv4Addr};

/// Elements read of one unit.
pub const ELEMENTS_MAX: usize = 256;
/// Management addresses reported of one unit.
pub const ADDRESSES_MAX: usize = 8;

const CHASSIS: u8 = 1;
const PORT: u8 = 2;
const TTL: u8 = 3;
const ORGANISATION: u8 = 127;
/// IEEE 802.1 and TIA.
const BRIDGES: [u8; 3] = [0x00, 0x80, 0xc2];
const MEDIA: [u8; 3] = [0x00, 0x12, 0xbb];

pub(super) fn decode(unit: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
    let mut reader = Reader::new(unit);
    let mut first = [&[][..]; 3];
    for (value, (wanted, field)) in
        first.iter_mut().zip([(CHASSIS, "lldp.chassis"), (PORT, "lldp.port"), (TTL, "lldp.ttl")])
    {
        let begin = reader;
        let (kind, content) = element(&mut reader)?;
        if kind != wanted || content.len() < 2 {
            return Err(begin.malformed(field));
        }
        *value = content;
    }
    let [chassis, port, ttl] = first;
    let chassis = Id::read(chassis, 4, 5);
    let port = Id::read(port, 3, 4);
    let seconds = ttl.first_chunk::<2>().map_or(0, |bytes| u16::from_be_bytes(*bytes));
    let mut room = [IpAddr::V4(Ipv4Addr::UNSPECIFIED); ADDRESSES_MAX];
    let mut message = Message {
        chassis_kind: Code(u64::from(chassis.kind)),
        chassis_mac: chassis.mac,
        chassis_address: chassis.address,
        chassis: chassis.name,
        port_kind: Code(u64::from(port.kind)),
        port_mac: port.mac,
        port_address: port.address,
        port: port.name,
        ttl: Seconds(u64::from(seconds)),
        port_description: None,
        system_name: None,
        system_description: None,
        capabilities: None,
        enabled: None,
        management: &[],
        vlan: None,
        media_class: None,
        hardware: None,
        firmware: None,
        software: None,
        serial: None,
        manufacturer: None,
        model: None,
        asset: None,
    };
    let mut used = 0usize;
    let mut result = Ok(());
    for n in 0.. {
        if reader.is_empty() {
            break;
        }
        if n >= ELEMENTS_MAX {
            sink.weird("lldp.elements");
            break;
        }
        let (kind, content) = match element(&mut reader) {
            Ok((0, _)) => break,
            Ok(element) => element,
            Err(malformed) => {
                result = Err(malformed);
                break;
            }
        };
        match (kind, content) {
            (CHASSIS | PORT | TTL, _) => sink.weird("lldp.repeated"),
            (4, _) => message.port_description = text(content, Because::Site),
            (5, _) => message.system_name = text(content, Because::Site),
            (6, _) => message.system_description = text(content, Because::Equipment),
            (7, [a, b, c, d, ..]) => {
                message.capabilities = Some(number(*a, *b));
                message.enabled = Some(number(*c, *d));
            }
            (8, [length, rest @ ..]) => {
                let address = rest.get(..usize::from(*length)).and_then(address);
                match (address, room.get_mut(used)) {
                    (Some(address), Some(slot)) => {
                        *slot = address;
                        used = used.saturating_add(1);
                    }
                    (Some(_), None) => sink.weird("lldp.addresses"),
                    (None, _) => {}
                }
            }
            (ORGANISATION, [a, b, c, subtype, rest @ ..]) => organisation([*a, *b, *c], *subtype, rest, &mut message),
            (7 | 8 | ORGANISATION, _) => sink.weird("lldp.element"),
            _ => {}
        }
    }
    sink.event(&Message { management: room.get(..used).unwrap_or_default(), ..message });
    result
}

/// An element; an end is type 0.
fn element<'a>(reader: &mut Reader<'a>) -> Result<(u8, &'a [u8]), Malformed> {
    let head = reader.u16("lldp.element")?;
    let [kind, _] = head.to_be_bytes();
    Ok((kind >> 1, reader.take(usize::from(head & 0x01ff), "lldp.element_length")?))
}

/// The id of a chassis or a port.
struct Id<'a> {
    kind: u8,
    mac: Option<Mac>,
    address: Option<IpAddr>,
    name: Option<Plain<'a>>,
}

impl<'a> Id<'a> {
    /// `link` and `network` are the kinds whose value is an address.
    fn read(content: &'a [u8], link: u8, network: u8) -> Id<'a> {
        let (kind, value) = content.split_first().map_or((0, &[][..]), |(kind, value)| (*kind, value));
        let mac = if kind == link { value.try_into().ok().map(Mac) } else { None };
        let address = if kind == network { address(value) } else { None };
        let name = if kind == link || kind == network { None } else { text(value, Because::Site) };
        Id { kind, mac, address, name }
    }
}

/// An address behind the number of its family (1 IPv4, 2 IPv6).
fn address(value: &[u8]) -> Option<IpAddr> {
    match value {
        [1, v4 @ ..] => <[u8; 4]>::try_from(v4).ok().map(IpAddr::from),
        [2, v6 @ ..] => <[u8; 16]>::try_from(v6).ok().map(IpAddr::from),
        _ => None,
    }
}

fn organisation<'a>(who: [u8; 3], subtype: u8, value: &'a [u8], message: &mut Message<'a>) {
    let equipment = text(value, Because::Equipment);
    match (who, subtype, value) {
        (BRIDGES, 1, [high, low, ..]) => message.vlan = Some(number(*high, *low)),
        (MEDIA, 1, [_, _, class, ..]) => message.media_class = Some(Code(u64::from(*class))),
        (MEDIA, 5, _) => message.hardware = equipment,
        (MEDIA, 6, _) => message.firmware = equipment,
        (MEDIA, 7, _) => message.software = equipment,
        (MEDIA, 8, _) => message.serial = text(value, Because::Site),
        (MEDIA, 9, _) => message.manufacturer = equipment,
        (MEDIA, 10, _) => message.model = equipment,
        (MEDIA, 11, _) => message.asset = text(value, Because::Site),
        // Where the device stands and whom it calls in an emergency (subtype 3) is not read.
        _ => {}
    }
}

fn number(high: u8, low: u8) -> Code {
    Code(u64::from(u16::from_be_bytes([high, low])))
}

/// Text without the NULs that some devices send behind it.
fn text(value: &[u8], because: Because) -> Option<Plain<'_>> {
    let end = value.iter().rposition(|&byte| byte != 0).map_or(0, |last| last.saturating_add(1));
    value.get(..end).filter(|text| !text.is_empty()).map(|text| Plain::new(text, because))
}

pub(super) fn looks(bytes: &[u8]) -> Verdict {
    let mut reader = Reader::new(bytes);
    let mut next = |wanted: u8| element(&mut reader).is_ok_and(|(kind, value)| kind == wanted && value.len() >= 2);
    if next(CHASSIS) && next(PORT) && next(TTL) {
        Verdict::Yes
    } else if matches!(bytes.first(), Some(0x02 | 0x03)) {
        Verdict::Likely
    } else {
        Verdict::No
    }
}
