//! One unit (IEEE 802.1Q-2018 14.4).

use super::Message;
use crate::event::{Code, Count, Seconds};
use crate::{Malformed, Reader, Sink, Verdict};
use holter_phi::{Because, Plain};
use holter_terms::Mac;

/// LLC of bridges.
const BRIDGES: &[u8] = &[0x42, 0x42, 0x03];
/// LLC with SNAP, Cisco's number and that of a tree per VLAN.
const PER_VLAN: &[u8] = &[0xaa, 0xaa, 0x03, 0x00, 0x00, 0x0c, 0x01, 0x0b];

const CONFIGURATION: u8 = 0;
const TOPOLOGY_CHANGE: u8 = 128;
const RAPID: u8 = 2;
const MULTIPLE: u8 = 3;
/// Bytes of MSTP's part (version 3) before its instances, and of each of these.
const COMMON: usize = 64;
const INSTANCE: usize = 16;

pub(super) fn decode(frame: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
    let per_vlan = frame.starts_with(PER_VLAN);
    let mut reader = Reader::new(frame);
    let head = if per_vlan { PER_VLAN } else { BRIDGES };
    if reader.take(head.len(), "stp.llc")? != head {
        return Err(Malformed { field: "stp.llc", at: 0 });
    }
    let begin = reader;
    if reader.u16("stp.protocol")? != 0 {
        return Err(begin.malformed("stp.protocol"));
    }
    let version = reader.u8("stp.version")?;
    let at = reader;
    let kind = reader.u8("stp.type")?;
    if !matches!(kind, CONFIGURATION | RAPID | TOPOLOGY_CHANGE) {
        return Err(at.malformed("stp.type"));
    }
    let mut message = Message {
        version: Code(u64::from(version)),
        kind: Code(u64::from(kind)),
        flags: None,
        role: None,
        root_priority: None,
        root_mac: None,
        root_cost: None,
        bridge_priority: None,
        bridge_mac: None,
        port: None,
        age: None,
        max_age: None,
        hello: None,
        forward_delay: None,
        region: None,
        revision: None,
        own_priority: None,
        own_mac: None,
        instances: None,
        vlan: None,
    };
    if kind == TOPOLOGY_CHANGE {
        sink.event(&message);
        return Ok(());
    }
    let flags = reader.u8("stp.flags")?;
    let (root_priority, root_mac) = bridge(&mut reader)?;
    let root_cost = reader.u32("stp.root_cost")?;
    let (bridge_priority, bridge_mac) = bridge(&mut reader)?;
    let port = reader.u16("stp.port")?;
    let mut seconds = || reader.u16("stp.times").map(|time| Some(Seconds(u64::from(time >> 8))));
    message = Message {
        flags: Some(Code(u64::from(flags))),
        role: (kind == RAPID).then_some(Code(u64::from(flags >> 2 & 3))),
        root_priority: Some(root_priority),
        root_mac: Some(root_mac),
        root_cost: Some(Code(u64::from(root_cost))),
        bridge_priority: Some(bridge_priority),
        bridge_mac: Some(bridge_mac),
        port: Some(Code(u64::from(port))),
        age: seconds()?,
        max_age: seconds()?,
        hello: seconds()?,
        forward_delay: seconds()?,
        ..message
    };
    let result = match (per_vlan, version >= MULTIPLE && kind == RAPID) {
        (true, _) => vlan(&mut reader, kind, &mut message),
        (false, true) => multiple(&mut reader, &mut message),
        (false, false) => Ok(()),
    };
    sink.event(&message);
    result
}

/// A bridge's priority and address.
fn bridge(reader: &mut Reader<'_>) -> Result<(Code, Mac), Malformed> {
    let priority = reader.u16("stp.bridge")?;
    Ok((Code(u64::from(priority)), Mac(reader.array("stp.bridge")?)))
}

/// What MSTP adds: the region, the bridge itself and the trees.
fn multiple<'a>(reader: &mut Reader<'a>, message: &mut Message<'a>) -> Result<(), Malformed> {
    let begin = *reader;
    if reader.u8("stp.version_1_length")? != 0 {
        return Err(begin.malformed("stp.version_1_length"));
    }
    let begin = *reader;
    let length = usize::from(reader.u16("stp.version_3_length")?);
    let trees = length.checked_sub(COMMON).ok_or(begin.malformed("stp.version_3_length"))?;
    if trees.checked_rem(INSTANCE) != Some(0) {
        return Err(begin.malformed("stp.version_3_length"));
    }
    reader.take(1, "stp.region")?;
    let region = reader.take(32, "stp.region")?;
    let revision = reader.u16("stp.region")?;
    // The digest of the table of VLANs, and the cost within the region.
    reader.take(16 + 4, "stp.region")?;
    let (own_priority, own_mac) = bridge(reader)?;
    reader.take(1, "stp.hops")?;
    let end = region.iter().position(|byte| *byte == 0).unwrap_or(region.len());
    let region = region.get(..end).filter(|name| !name.is_empty());
    message.region = region.map(|name| Plain::new(name, Because::Site));
    message.revision = Some(Code(u64::from(revision)));
    message.own_priority = Some(own_priority);
    message.own_mac = Some(own_mac);
    message.instances = Some(Count(trees.checked_div(INSTANCE).unwrap_or(0) as u64));
    reader.take(trees, "stp.instances").map(|_| ())
}

/// Cisco's element behind the unit: type 0, length 2, the VLAN. A rapid unit has a length of version 1 before it, and some
/// devices a byte more.
fn vlan(reader: &mut Reader<'_>, kind: u8, message: &mut Message<'_>) -> Result<(), Malformed> {
    if kind == RAPID {
        reader.take(1, "stp.version_1_length")?;
    }
    message.vlan = match *reader.rest() {
        [0, 0, 0, 2, high, low, ..] | [0, 0, 0, 0, 2, high, low, ..] => {
            Some(Code(u64::from(u16::from_be_bytes([high, low]))))
        }
        _ => None,
    };
    Ok(())
}

pub(super) fn looks(bytes: &[u8]) -> Verdict {
    let unit = bytes.strip_prefix(BRIDGES).or(bytes.strip_prefix(PER_VLAN));
    match unit {
        Some([0, 0, 0, CONFIGURATION | TOPOLOGY_CHANGE, ..] | [0, 0, 2..=255, RAPID, ..]) => Verdict::Yes,
        Some(_) => Verdict::Likely,
        None => Verdict::No,
    }
}
