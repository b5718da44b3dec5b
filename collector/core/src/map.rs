//! Who talks to whom, by group.

use crate::device::Device;
use crate::estate::Estate;
use crate::face::Side;
use holter_terms::{Nanos, Visibility, Zone};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// By what devices are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    /// The part of the hospital that its address belongs to, as the site's configuration says.
    Zone,
    /// The IPv4 network of 256 addresses, or the IPv6 /64.
    Network,
    Class,
    /// What it does for others; the most credible role.
    Role,
    /// Not at all: each device stands for itself.
    Device,
}

impl By {
    pub const ALL: [By; 5] = [By::Zone, By::Network, By::Class, By::Role, By::Device];

    pub const fn as_str(self) -> &'static str {
        match self {
            By::Zone => "zone",
            By::Network => "network",
            By::Class => "class",
            By::Role => "role",
            By::Device => "device",
        }
    }

    pub fn parse(text: &str) -> Option<By> {
        By::ALL.into_iter().find(|by| by.as_str() == text)
    }
}

#[derive(Debug, Clone, Default)]
pub struct Node {
    pub label: String,
    /// Of all its devices, or `mixed`.
    pub class: String,
    pub devices: u64,
    pub findings_open: u64,
}

/// What went from clients in one group to servers in another.
#[derive(Debug, Clone, Default)]
pub struct Edge {
    pub protocols: BTreeSet<&'static str>,
    pub conversations: u64,
    /// Payload both ways.
    pub bytes: u64,
    /// Of these, in conversations that anybody on the way could read.
    pub clear: u64,
    pub last: Nanos,
}

#[derive(Debug, Clone, Default)]
pub struct Map {
    pub nodes: BTreeMap<String, Node>,
    pub edges: BTreeMap<(String, String), Edge>,
    /// Nodes that were left out, those with the least traffic.
    pub left_out: u64,
}

/// In which group a device is: an id and what it is called.
fn group(device: &Device, by: By, zone_of: &dyn Fn(IpAddr) -> Zone) -> (String, String) {
    let newest = device.newest_addresses();
    let plain = |text: String| (text.clone(), text);
    match by {
        By::Device => (device.id(), device.card.name.clone()),
        By::Class => plain(device.card.class.clone()),
        By::Role => plain(device.card.roles.first().cloned().unwrap_or_else(|| "none".to_owned())),
        By::Zone => plain(newest.first().map_or(Zone::Unknown, |ip| zone_of(*ip)).as_str().to_owned()),
        By::Network => plain(match newest.iter().find(|ip| ip.is_ipv4()).or(newest.first()) {
            Some(IpAddr::V4(ip)) => {
                let [a, b, c, _] = ip.octets();
                format!("{a}.{b}.{c}.0/24")
            }
            Some(IpAddr::V6(ip)) => {
                let network = ip.to_bits() >> 64 << 64;
                format!("{}/64", std::net::Ipv6Addr::from_bits(network))
            }
            None => "no address".to_owned(),
        }),
    }
}

/// The map of the devices that `shows` names and of those they talk with. At most `room` nodes, the busiest.
pub fn map(
    estate: &Estate,
    by: By,
    shows: &dyn Fn(&Device) -> bool,
    zone_of: &dyn Fn(IpAddr) -> Zone,
    room: usize,
) -> Map {
    let mut map = Map::default();
    let mut counted: BTreeSet<String> = BTreeSet::new();
    let mut add = |nodes: &mut BTreeMap<String, Node>, device: &Device| -> String {
        let (id, label) = group(device, by, zone_of);
        let node = nodes.entry(id.clone()).or_insert_with(|| Node {
            label,
            class: device.card.class.clone(),
            ..Node::default()
        });
        if counted.insert(device.id()) {
            node.devices = node.devices.saturating_add(1);
            node.findings_open = node.findings_open.saturating_add(device.open);
            if node.class != device.card.class {
                node.class = "mixed".to_owned();
            }
        }
        id
    };
    for device in estate.devices.values() {
        let shown = shows(device);
        let mut from = shown.then(|| add(&mut map.nodes, device));
        for (key, sum) in device.faces.values().flat_map(|face| &face.talks) {
            // Each conversation stands at both ends: it is counted at its client's.
            if key.side != Side::Client {
                continue;
            }
            let Some(peer) = estate.device_by(&device.site, key.peer) else { continue };
            if !shown && !shows(peer) {
                continue;
            }
            let from = from.get_or_insert_with(|| add(&mut map.nodes, device)).clone();
            let to = add(&mut map.nodes, peer);
            let edge = map.edges.entry((from, to)).or_default();
            let bytes = sum.sent.saturating_add(sum.received);
            edge.protocols.insert(key.protocol.as_str());
            edge.conversations = edge.conversations.saturating_add(sum.conversations);
            edge.bytes = edge.bytes.saturating_add(bytes);
            if key.visibility == Visibility::Clear {
                edge.clear = edge.clear.saturating_add(bytes);
            }
            edge.last = edge.last.max(sum.last);
        }
    }
    prune(&mut map, room);
    map
}

fn prune(map: &mut Map, room: usize) {
    if map.nodes.len() <= room {
        return;
    }
    let mut weight: BTreeMap<&str, u64> = map.nodes.keys().map(|id| (id.as_str(), 0)).collect();
    for ((from, to), edge) in &map.edges {
        for end in [from, to] {
            if let Some(sum) = weight.get_mut(end.as_str()) {
                *sum = sum.saturating_add(edge.bytes).saturating_add(1);
            }
        }
    }
    let mut order: Vec<(std::cmp::Reverse<u64>, String)> =
        weight.into_iter().map(|(id, sum)| (std::cmp::Reverse(sum), id.to_owned())).collect();
    order.sort();
    let kept: BTreeSet<String> = order.into_iter().take(room).map(|(_, id)| id).collect();
    map.left_out = (map.nodes.len().saturating_sub(kept.len())) as u64;
    map.nodes.retain(|id, _| kept.contains(id));
    map.edges.retain(|(from, to), _| kept.contains(from) && kept.contains(to));
}
