//! The fixed header and what stands behind it.

use super::{Connect, Packet};
use crate::event::{Code, Count, Seconds, Size, Transaction};
use crate::{Malformed, Reader, Sink, Verdict, Way};
use holter_phi::{Because, Plain};

/// Topics reported of one packet.
pub const TOPICS_MAX: usize = 64;

pub(super) const CONNECT: u8 = 1;
pub(super) const CONNACK: u8 = 2;
pub(super) const PUBLISH: u8 = 3;
pub(super) const PUBREL: u8 = 6;
pub(super) const SUBSCRIBE: u8 = 8;
pub(super) const UNSUBSCRIBE: u8 = 10;
const PINGREQ: u8 = 12;
const PINGRESP: u8 = 13;
const DISCONNECT: u8 = 14;
const AUTH: u8 = 15;

/// The fixed header (MQTT 5.0 2.1.1).
#[derive(Clone, Copy)]
pub(super) struct Header {
    pub(super) kind: u8,
    pub(super) flags: u8,
    /// Bytes of the header itself.
    pub(super) length: usize,
    /// Bytes behind it.
    pub(super) remaining: u64,
}

pub(super) enum Fixed {
    Is(Header),
    /// More bytes are needed.
    Short,
    /// No header; the offset of what is wrong.
    Broken(usize),
}

pub(super) fn fixed(bytes: &[u8]) -> Fixed {
    let Some((&first, rest)) = bytes.split_first() else { return Fixed::Short };
    let (kind, flags) = (first >> 4, first & 15);
    let flags_hold = match kind {
        0 => false,
        PUBLISH => flags & 6 != 6,
        // MQTT 3.1 has QoS 1 and perhaps DUP here, which later is fixed.
        PUBREL | SUBSCRIBE | UNSUBSCRIBE => flags & 7 == 2,
        _ => flags == 0,
    };
    if !flags_hold {
        return Fixed::Broken(0);
    }
    let mut remaining = 0u64;
    for (at, byte) in rest.iter().enumerate().take(4) {
        remaining |= u64::from(byte & 0x7f) << (7usize.saturating_mul(at));
        if byte & 0x80 == 0 {
            return Fixed::Is(Header { kind, flags, length: at.saturating_add(2), remaining });
        }
    }
    if rest.len() < 4 { Fixed::Short } else { Fixed::Broken(1) }
}

/// A number of one to four bytes, seven bits in each (MQTT 5.0 1.5.5).
fn variable(reader: &mut Reader<'_>) -> Result<u64, Malformed> {
    let mut value = 0u64;
    for shift in [0u32, 7, 14, 21] {
        let byte = reader.u8("mqtt.properties")?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(reader.malformed("mqtt.properties"))
}

fn skip_properties(reader: &mut Reader<'_>) -> Result<u64, Malformed> {
    let length = variable(reader)?;
    reader.take(usize::try_from(length).unwrap_or(usize::MAX), "mqtt.properties")?;
    Ok(length)
}

fn string<'a>(reader: &mut Reader<'a>, field: &'static str) -> Result<&'a [u8], Malformed> {
    let length = reader.u16(field)?;
    reader.take(usize::from(length), field)
}

/// Level, flags and keep alive of a CONNECT; or nothing where the name is not that of MQTT.
fn greeting(reader: &mut Reader<'_>) -> Result<Option<(u8, u8, u16)>, Malformed> {
    let name = string(reader, "mqtt.name")?;
    let level = reader.u8("mqtt.level")?;
    // A bridge sets the highest bit.
    let holds = matches!((name, level & 0x7f), (b"MQTT", 4 | 5) | (b"MQIsdp", 3));
    let (flags, keep_alive) = (reader.u8("mqtt.flags")?, reader.u16("mqtt.keep_alive")?);
    Ok(holds.then_some((level & 0x7f, flags, keep_alive)))
}

/// Reports a packet of which `head` are the first bytes behind the header; `whole` if they are all. Returns the level
/// that a CONNECT names.
pub(super) fn decode(
    header: Header,
    head: &[u8],
    whole: bool,
    level: Option<u8>,
    sink: &mut dyn Sink,
) -> Result<Option<u8>, Malformed> {
    let mut reader = Reader::based(head, header.length);
    let mut topics = [Plain::new(b"", Because::Site); TOPICS_MAX];
    let mut used = 0usize;
    let mut packet = Packet {
        kind: Code(u64::from(header.kind)),
        size: Size(header.remaining),
        qos: None,
        retain: None,
        repeated: None,
        transaction: None,
        reason: None,
        topics: &[],
    };
    let mut named = None;
    let result = match header.kind {
        CONNECT => connect(&mut reader, sink).map(|level| named = Some(level)),
        PUBLISH => {
            let qos = header.flags >> 1 & 3;
            packet.qos = Some(Code(u64::from(qos)));
            packet.retain = Some(header.flags & 1 != 0);
            packet.repeated = Some(header.flags & 8 != 0);
            publish(&mut reader, qos, &mut packet, &mut topics).map(|n| used = n)
        }
        SUBSCRIBE | UNSUBSCRIBE => {
            let mut filters = Filters { topics: &mut topics, used: 0, options: header.kind == SUBSCRIBE };
            let result = filters.read(reader, whole, level, &mut packet, sink);
            used = filters.used;
            result
        }
        PINGREQ | PINGRESP => Ok(()),
        _ => acknowledgement(&mut reader, header, level, &mut packet),
    };
    packet.topics = topics.get(..used).unwrap_or_default();
    sink.event(&packet);
    result.map(|()| named)
}

fn connect(reader: &mut Reader<'_>, sink: &mut dyn Sink) -> Result<u8, Malformed> {
    let at = reader.at();
    let Some((level, flags, keep_alive)) = greeting(reader)? else {
        return Err(Malformed { field: "mqtt.name", at });
    };
    let properties = if level == 5 { Some(skip_properties(reader)?) } else { None };
    let client = string(reader, "mqtt.client")?;
    sink.event(&Connect {
        level: Code(u64::from(level)),
        client: (!client.is_empty()).then(|| Plain::new(client, Because::Site)),
        user: flags & 0x80 != 0,
        password: flags & 0x40 != 0,
        will: flags & 4 != 0,
        clean: flags & 2 != 0,
        keep_alive: Seconds(u64::from(keep_alive)),
        properties: properties.map(Count),
    });
    if flags & 1 != 0 || flags & 0x38 != 0 && flags & 4 == 0 || flags & 0x18 == 0x18 {
        sink.weird("mqtt.flags");
    }
    Ok(level)
}

fn publish<'a>(
    reader: &mut Reader<'a>,
    qos: u8,
    packet: &mut Packet<'_>,
    topics: &mut [Plain<'a>; TOPICS_MAX],
) -> Result<usize, Malformed> {
    let topic = string(reader, "mqtt.topic")?;
    if qos > 0 {
        packet.transaction = Some(Transaction(u64::from(reader.u16("mqtt.transaction")?)));
    }
    // An alias stands in for an empty topic (MQTT 5.0 3.3.2.3.4).
    let [first, ..] = topics;
    *first = Plain::new(topic, Because::Site);
    Ok(usize::from(!topic.is_empty()))
}

struct Filters<'t, 'a> {
    topics: &'t mut [Plain<'a>; TOPICS_MAX],
    used: usize,
    /// Each filter is followed by a byte of options.
    options: bool,
}

impl<'a> Filters<'_, 'a> {
    fn read(
        &mut self,
        mut reader: Reader<'a>,
        whole: bool,
        level: Option<u8>,
        packet: &mut Packet<'_>,
        sink: &mut dyn Sink,
    ) -> Result<(), Malformed> {
        packet.transaction = Some(Transaction(u64::from(reader.u16("mqtt.transaction")?)));
        let plain = reader;
        match level {
            Some(5) => {
                skip_properties(&mut reader)?;
            }
            // The CONNECT was not seen: properties stand here if nothing fits without them.
            None if whole && !self.fits(plain) => {
                skip_properties(&mut reader)?;
            }
            _ => {}
        }
        while !reader.is_empty() {
            let one = string(&mut reader, "mqtt.filter").and_then(|filter| {
                if self.options {
                    reader.u8("mqtt.filter")?;
                }
                Ok(filter)
            });
            let filter = match one {
                Ok(filter) => filter,
                Err(malformed) if whole => return Err(malformed),
                Err(_) => break,
            };
            match self.topics.get_mut(self.used) {
                Some(slot) => {
                    *slot = Plain::new(filter, Because::Site);
                    self.used = self.used.saturating_add(1);
                }
                None => {
                    sink.weird("mqtt.topics");
                    break;
                }
            }
        }
        Ok(())
    }

    fn fits(&self, mut reader: Reader<'_>) -> bool {
        while !reader.is_empty() {
            let filter = string(&mut reader, "mqtt.filter");
            if filter.is_err() || self.options && reader.u8("mqtt.filter").is_err() {
                return false;
            }
        }
        true
    }
}

fn acknowledgement(
    reader: &mut Reader<'_>,
    header: Header,
    level: Option<u8>,
    packet: &mut Packet<'_>,
) -> Result<(), Malformed> {
    match header.kind {
        CONNACK => {
            reader.u8("mqtt.connack")?;
            packet.reason = Some(Code(u64::from(reader.u8("mqtt.connack")?)));
        }
        DISCONNECT | AUTH => {
            packet.reason = if reader.is_empty() { None } else { Some(Code(u64::from(reader.u8("mqtt.reason")?))) };
        }
        kind => {
            packet.transaction = Some(Transaction(u64::from(reader.u16("mqtt.transaction")?)));
            // SUBACK and UNSUBACK have a list of codes, in MQTT 5 behind properties.
            if kind == 9 && level == Some(4) || kind < 8 {
                packet.reason = reader.u8("mqtt.reason").ok().map(|code| Code(u64::from(code)));
            }
        }
    }
    Ok(())
}

/// The first bytes that a look needs.
pub(super) const LOOK: usize = 160;

/// A CONNECT is named; the others are no more than likely.
pub(super) fn looks(way: Way, bytes: &[u8]) -> Verdict {
    let header = match fixed(bytes) {
        Fixed::Is(header) => header,
        Fixed::Short => return if bytes.is_empty() || bytes.len() < 5 { Verdict::Unsure } else { Verdict::No },
        Fixed::Broken(_) => return Verdict::No,
    };
    let head = bytes.get(header.length..).unwrap_or_default();
    if header.kind == CONNECT {
        if way == Way::ToClient || header.remaining < 12 {
            return Verdict::No;
        }
        return match greeting(&mut Reader::new(head)) {
            Ok(Some(_)) => Verdict::Yes,
            Ok(None) => Verdict::No,
            Err(_) if [&b"\0\x04MQTT"[..], b"\0\x06MQIsdp"].iter().any(|name| common(name, head)) => Verdict::Unsure,
            Err(_) => Verdict::No,
        };
    }
    if (head.len() as u64) < header.remaining.min(LOOK as u64) {
        return if bytes.len() < LOOK { Verdict::Unsure } else { Verdict::No };
    }
    if recognisable(header, head) { Verdict::Likely } else { Verdict::No }
}

fn common(name: &[u8], head: &[u8]) -> bool {
    let length = name.len().min(head.len());
    name.get(..length) == head.get(..length)
}

/// Whether a packet's length and first fields agree. `head` is all of it, or its first bytes.
pub(super) fn recognisable(header: Header, head: &[u8]) -> bool {
    let whole = head.len() as u64 >= header.remaining;
    let mut reader = Reader::new(head);
    match header.kind {
        CONNECT => matches!(greeting(&mut reader), Ok(Some(_))),
        CONNACK => matches!(head, [0 | 1, 0..=5] | [0 | 1, 0 | 0x80..=0x9f, _, ..]) && header.remaining < 1024,
        PUBLISH => {
            let Ok(topic) = string(&mut reader, "mqtt.topic") else { return false };
            topic.len() > 2 && topic.iter().all(|byte| (0x20..0x7f).contains(byte) && !matches!(byte, b'+' | b'#'))
        }
        SUBSCRIBE | UNSUBSCRIBE => {
            let mut topics = [Plain::new(b"", Because::Site); TOPICS_MAX];
            let filters = Filters { topics: &mut topics, used: 0, options: header.kind == SUBSCRIBE };
            whole && header.remaining > 4 && reader.take(2, "").is_ok() && filters.fits(reader)
        }
        PINGREQ | PINGRESP => header.remaining == 0,
        DISCONNECT | AUTH => header.remaining < 2,
        _ => header.remaining == 2,
    }
}
