//! From packets to the contiguous bytes of conversations, and through the decoders to events.
//!
//! A table of conversations, bounded in number and in what it holds back; TCP streams put in order with gaps told
//! ; protocols recognised by content within a stated budget; decoders fed in place. A packet that
//! comes in order costs no copy and, once tables have their size, no allocation. Time is packet time and never runs
//! backwards. Nothing that is told depends on the seed of the hash.

#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic
    )
)]

mod content;
mod conversation;
mod history;
mod index;
mod key;
mod limits;
mod stream;
mod table;
mod tcp;

pub use content::ProtocolTable;
pub use conversation::{Close, Conversation, Endpoint, FlowSink};
pub use limits::{
    FlowCounts, HANDOVERS, HISTORY_STEPS, HOLE_PATIENCE, Limits, MAX_PIECES, PROBE_BYTES, PROBES, PROBES_BLIND, RESYNC,
    WINDOW,
};

use crate::link::{Packet, Tcp, Transport as Carried, Udp};
use crate::overlap::Overlaps;
use content::{Content, Shared, Tap};
use history::History;
use holter_protocols::{Transport, Verdict, Way};
use holter_terms::{Mac, Nanos};
use index::Index;
use key::{Key, Side};
use limits::{bump, wide};
use stream::Flowing;
use table::{Class, Table};
use tcp::{Connection, Course};

/// Packets are looked at for expiry this often, in packet time.
const EXPIRE_EVERY: Nanos = 1_000_000_000;

/// The EtherType of ARP.
const ARP: u16 = 0x0806;

struct Entry {
    conversation: Conversation,
    content: Content,
    /// Absent for UDP.
    connection: Option<Connection>,
}

/// The flow room.
pub struct Flows {
    limits: Limits,
    overlaps: Overlaps,
    history: History,
    protocols: Index,
    table: Table<Entry>,
    counts: FlowCounts,
    held: usize,
    next_id: u64,
    now: Nanos,
    expired_at: Nanos,
}

impl Flows {
    /// `seed` is drawn at random once per start: what the network sends cannot then be aimed at the table.
    pub fn new(limits: Limits, seed: [u8; 16]) -> Self {
        Flows::with_table(limits, seed, holter_protocols::ALL)
    }

    /// With other protocols than [`holter_protocols::ALL`].
    pub fn with_table(limits: Limits, seed: [u8; 16], protocols: ProtocolTable) -> Self {
        Flows {
            limits,
            overlaps: Overlaps::default(),
            history: History::new(limits.history),
            protocols: Index::new(protocols),
            table: Table::new(seed),
            counts: FlowCounts::default(),
            held: 0,
            next_id: 1,
            now: Nanos::MIN,
            expired_at: Nanos::MIN,
        }
    }

    /// With other receivers than those that keep what came first.
    pub fn with_overlaps(self, overlaps: Overlaps) -> Self {
        Flows { overlaps, ..self }
    }

    pub const fn counts(&self) -> &FlowCounts {
        &self.counts
    }

    /// Conversations in the table, closed ones that are still remembered included.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes held back in all conversations.
    pub const fn held(&self) -> usize {
        self.held
    }

    /// Takes in a packet; tells `sink` what follows from it.
    pub fn segment(&mut self, at: Nanos, packet: &Packet<'_>, sink: &mut dyn FlowSink) {
        self.now = self.now.max(at);
        if self.now.saturating_sub(self.expired_at) >= EXPIRE_EVERY {
            self.expire(at, sink);
        }
        match &packet.transport {
            Carried::Tcp(tcp) if packet.is_copy() => self.copied(packet, tcp, sink),
            // Its bytes are those of the packet that it copies.
            _ if packet.is_copy() => {}
            Carried::Tcp(tcp) => self.tcp(packet, tcp, sink),
            Carried::Udp(udp) => self.udp(packet, udp, sink),
            Carried::Arp(arp) => self.bare(packet, Transport::Ether(ARP), arp.message, sink),
            Carried::Icmp(icmp) => self.bare(packet, Transport::Ip(icmp.number), icmp.message, sink),
            Carried::Other(number, bytes) => self.bare(packet, Transport::Ip(*number), bytes, sink),
            Carried::Ether(kind, bytes) => self.bare(packet, Transport::Ether(*kind), bytes, sink),
            Carried::Llc(bytes) => self.bare(packet, Transport::Llc, bytes, sink),
        }
    }

    /// Closes what was not heard of for too long. Called by itself with packets; a live port without packets calls it
    /// with the time.
    pub fn expire(&mut self, now: Nanos, sink: &mut dyn FlowSink) {
        self.now = self.now.max(now);
        self.expired_at = self.now;
        for class in Class::ALL {
            let patience = match class {
                Class::Closed => self.limits.closed_idle,
                Class::Opening => self.limits.opening_idle,
                Class::Answered => self.limits.answered_idle,
                Class::Closing => self.limits.closing_idle,
                Class::Udp => self.limits.udp_idle,
                Class::Established => self.limits.tcp_idle,
            };
            while let Some((slot, touched)) = self.table.oldest(class)
                && self.now.saturating_sub(touched) > patience
            {
                self.drop(slot, Close::Idle, sink);
            }
        }
    }

    /// Every conversation that is not over, in an order that does not depend on the seed.
    pub fn each(&self, each: &mut dyn FnMut(&Conversation)) {
        for (_, entry) in self.table.slots() {
            if !entry.connection.as_ref().is_some_and(|connection| connection.is_over()) {
                each(&entry.conversation);
            }
        }
    }

    /// The capture is over: closes every conversation, in the order of their ids.
    pub fn finish(&mut self, sink: &mut dyn FlowSink) {
        let mut all: Vec<(u64, u32)> = self.table.slots().map(|(slot, entry)| (entry.conversation.id, slot)).collect();
        all.sort_unstable();
        for (_, slot) in all {
            self.drop(slot, Close::End, sink);
        }
    }

    /// A packet without ports: a conversation of its own, number 0, that ends with it.
    fn bare(&mut self, packet: &Packet<'_>, transport: Transport, bytes: &[u8], sink: &mut dyn FlowSink) {
        bump(&mut self.counts.others);
        sink.packet(self.now, packet);
        let way = Way::ToServer;
        let known = self.protocols.bare(transport).find(|one| one.probe(transport, way, bytes) != Verdict::No);
        let Some(protocol) = known else { return };
        let end = |mac, ip| Endpoint { mac: device(mac), ip, port: 0 };
        let conversation = Conversation {
            protocol: protocol.word(),
            visibility: protocol.visibility(),
            ..Conversation::new(
                0,
                end(packet.src_mac, packet.src),
                end(packet.dst_mac, packet.dst),
                transport,
                packet.vlan,
                self.now,
            )
        };
        let result = protocol.datagram(way, bytes, &mut Tap { conversation: &conversation, way, sink });
        if let Err(malformed) = result {
            sink.malformed(&conversation, malformed);
        }
    }

    fn tcp(&mut self, packet: &Packet<'_>, tcp: &Tcp<'_>, sink: &mut dyn FlowSink) {
        bump(&mut self.counts.packets);
        let (key, side) = Key::new(packet, true, tcp.source, tcp.destination);
        let mut slot = self.table.find(&key);
        if let Some(there) = slot {
            let course = match self.entry(there) {
                Some(Entry { connection: Some(connection), .. }) if connection.is_over() => connection.after(side, tcp),
                _ => Course::Goes,
            };
            if let Course::Anew { .. } = course {
                self.drop(there, Close::Reused, sink);
                slot = None;
            } else if self.entry(there).and_then(|entry| entry.connection.as_ref()).is_some_and(|tcp| tcp.is_over()) {
                bump(&mut self.counts.late);
                self.table.touch(there, Class::Closed, self.now);
                return;
            }
        }
        let slot = match slot {
            Some(slot) => Some(slot),
            None => self.open(key, packet, side, Some(tcp), sink),
        };
        let Some(slot) = slot else { return };
        if let Course::Anew { opener } = self.connected(slot, packet, side, tcp, sink) {
            self.drop(slot, Close::Reused, sink);
            let Some(slot) = self.open(key, packet, side, Some(tcp), sink) else { return };
            if let Some((side, first)) = opener
                && let Some(connection) = self.entry(slot).and_then(|entry| entry.connection.as_mut())
            {
                connection.begin(side, first);
            }
            self.connected(slot, packet, side, tcp, sink);
        }
    }

    /// A segment that is shown once more. By its header it is; its bytes are compared.
    fn copied(&mut self, packet: &Packet<'_>, tcp: &Tcp<'_>, sink: &mut dyn FlowSink) {
        if tcp.payload.is_empty() {
            return;
        }
        let (key, side) = Key::new(packet, true, tcp.source, tcp.destination);
        let Some(slot) = self.table.find(&key) else { return };
        let over = self.entry(slot).and_then(|entry| entry.connection.as_ref()).is_none_or(|tcp| tcp.is_over());
        if !over {
            self.connected(slot, packet, side, tcp, sink);
        }
    }

    /// A segment of a conversation that is under way.
    fn connected(
        &mut self,
        slot: u32,
        packet: &Packet<'_>,
        side: Side,
        tcp: &Tcp<'_>,
        sink: &mut dyn FlowSink,
    ) -> Course {
        let Flows { limits, history, protocols, table, counts, held, now, .. } = self;
        let Some(Entry { conversation, content, connection: Some(connection) }) = table.get_mut(slot) else {
            return Course::Goes;
        };
        if packet.is_copy() {
            if connection.repeats(side, tcp, history) {
                return Course::Goes;
            }
        } else {
            seen(conversation, content.way(side), packet, tcp.payload.len(), tcp.cut, *now);
        }
        let mut cx = Shared {
            table: protocols,
            counts,
            held,
            held_limit: limits.held,
            held_per_stream: limits.held_per_stream,
            history,
            sink,
        };
        if packet.ambiguous {
            cx.sink.weird(conversation, "ip.ambiguity");
        }
        let mut flow = Flowing { cx: &mut cx, content, conversation, side, now: *now };
        let course = connection.segment(&mut flow, tcp);
        if let Course::Over(why) = course {
            connection.flush(&mut flow);
            flow.content.end(flow.cx, flow.conversation);
            bump(&mut flow.cx.counts.closed);
            flow.cx.sink.closed(flow.conversation, why);
        }
        let class = connection.class();
        self.table.touch(slot, class, self.now);
        course
    }

    fn udp(&mut self, packet: &Packet<'_>, udp: &Udp<'_>, sink: &mut dyn FlowSink) {
        bump(&mut self.counts.packets);
        let (key, side) = Key::new(packet, false, udp.source, udp.destination);
        let slot = match self.table.find(&key) {
            Some(slot) => Some(slot),
            None => self.open(key, packet, side, None, sink),
        };
        let Some(slot) = slot else { return };
        let Flows { limits, history, protocols, table, counts, held, now, .. } = self;
        let Some(Entry { conversation, content, .. }) = table.get_mut(slot) else { return };
        seen(conversation, content.way(side), packet, udp.payload.len(), udp.cut, *now);
        let mut cx = Shared {
            table: protocols,
            counts,
            held,
            held_limit: limits.held,
            held_per_stream: limits.held_per_stream,
            history,
            sink,
        };
        if packet.ambiguous {
            cx.sink.weird(conversation, "ip.ambiguity");
        }
        content.datagram(&mut cx, conversation, side, udp.payload, u64::from(udp.cut));
        let conversation_is_answered = conversation.packets == [1, 1];
        let class = if conversation_is_answered { Class::Answered } else { Class::Udp };
        self.table.touch(slot, class, self.now);
    }

    fn entry(&mut self, slot: u32) -> Option<&mut Entry> {
        self.table.get_mut(slot)
    }

    fn open(
        &mut self,
        key: Key,
        packet: &Packet<'_>,
        side: Side,
        tcp: Option<&Tcp<'_>>,
        sink: &mut dyn FlowSink,
    ) -> Option<u32> {
        while self.table.len() >= self.limits.conversations.max(1) {
            bump(&mut self.counts.evicted);
            let slot = self.table.least()?;
            self.drop(slot, Close::Evicted, sink);
        }
        let (source, destination) = match &packet.transport {
            Carried::Tcp(tcp) => (tcp.source, tcp.destination),
            Carried::Udp(udp) => (udp.source, udp.destination),
            _ => return None,
        };
        let from = Endpoint { mac: device(packet.src_mac), ip: packet.src, port: source };
        let to = Endpoint { mac: device(packet.dst_mac), ip: packet.dst, port: destination };
        let told = tcp.and_then(|tcp| tcp::opener(tcp, side));
        if tcp.is_some() && told.is_none() && !self.limits.midstream {
            bump(&mut self.counts.midstream);
            return None;
        }
        let client = told.unwrap_or_else(|| if self.serves(source, destination) { key::other(side) } else { side });
        let (client_end, server_end) = if client == side { (from, to) } else { (to, from) };
        let transport = if tcp.is_some() { Transport::Tcp } else { Transport::Udp };
        let conversation = Conversation {
            slot: self.table.next_slot(),
            ..Conversation::new(self.next_id, client_end, server_end, transport, packet.vlan, self.now)
        };
        self.next_id = self.next_id.saturating_add(1);
        bump(&mut self.counts.opened);
        sink.opened(&conversation);
        let (class, connection) = match tcp {
            Some(_) => {
                let policies = [packet.dst, packet.src].map(|receiver| self.overlaps.of(receiver));
                (Class::Opening, Some(Connection::new(side, policies)))
            }
            None => (Class::Udp, None),
        };
        let entry = Entry { conversation, content: Content::new(client, told.is_some()), connection };
        self.table.insert(key, class, self.now, entry)
    }

    /// Whether, by its ports, the sender of a first packet is the server: a port that is usual for a known protocol
    /// tells, and else the lower one.
    fn serves(&self, source: u16, destination: u16) -> bool {
        match (self.protocols.is_usual(source), self.protocols.is_usual(destination)) {
            (true, false) => true,
            (false, true) => false,
            _ => source < destination,
        }
    }

    /// Takes a conversation out of the table and says the last word on it.
    fn drop(&mut self, slot: u32, why: Close, sink: &mut dyn FlowSink) {
        let Some(Entry { mut conversation, mut content, connection }) = self.table.remove(slot) else { return };
        let over = connection.as_ref().is_some_and(|connection| connection.is_over());
        if over {
            return;
        }
        let mut cx = Shared {
            table: &self.protocols,
            counts: &mut self.counts,
            held: &mut self.held,
            held_limit: self.limits.held,
            held_per_stream: self.limits.held_per_stream,
            history: &mut self.history,
            sink,
        };
        if let Some(mut connection) = connection {
            let mut flow =
                Flowing { cx: &mut cx, content: &mut content, conversation: &mut conversation, side: 0, now: self.now };
            connection.flush(&mut flow);
        }
        content.end(&mut cx, &mut conversation);
        bump(&mut cx.counts.closed);
        cx.sink.closed(&conversation, why);
    }
}

/// The address of a machine, not of a group.
fn device(mac: Option<Mac>) -> Option<Mac> {
    mac.filter(|mac| !mac.is_group() && *mac != Mac::ZERO)
}

fn seen(conversation: &mut Conversation, way: Way, packet: &Packet<'_>, length: usize, cut: u32, now: Nanos) {
    conversation.last = now;
    if let Some(packets) = conversation.packets.get_mut(way.index()) {
        bump(packets);
    }
    if let Some(bytes) = conversation.bytes.get_mut(way.index()) {
        *bytes = bytes.saturating_add(wide(length)).saturating_add(u64::from(cut));
    }
    let (from, to) = match way {
        Way::ToServer => (&mut conversation.client, &mut conversation.server),
        Way::ToClient => (&mut conversation.server, &mut conversation.client),
    };
    if from.mac.is_none() {
        from.mac = device(packet.src_mac);
    }
    if to.mac.is_none() {
        to.mac = device(packet.dst_mac);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conversation_takes_no_more_room_than_stated() {
        assert!(table::node_size::<Entry>() <= 480, "{}", table::node_size::<Entry>());
    }
}
