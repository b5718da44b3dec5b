//! Conversations to try the flow room with, and an account of what it tells.

use crate::toy;
use holter_engine::flow::{Close, Conversation, FlowSink, Flows, Limits};
use holter_engine::link::{Flags, Packet, Sight, Tcp, Transport, Udp};
use holter_protocols::{Event, Malformed, Value, Way};
use holter_terms::{Mac, Nanos};
use std::net::{IpAddr, Ipv4Addr};

pub(crate) const MILLISECOND: Nanos = 1_000_000;
pub(crate) const SECOND: Nanos = 1_000_000_000;

pub(crate) const CLIENT: (Ipv4Addr, u16) = (Ipv4Addr::new(10, 0, 0, 1), 40_000);
pub(crate) const SERVER: (Ipv4Addr, u16) = (Ipv4Addr::new(10, 0, 0, 2), 104);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Told {
    Opened(u64),
    Turned,
    Message { to_server: bool, length: u64, sum: u64 },
    Malformed(&'static str),
    Weird(&'static str),
    Closed(u64, Close),
    Other,
}

#[derive(Default)]
pub(crate) struct Account {
    pub(crate) told: Vec<Told>,
    /// Conversations as they were when they closed.
    pub(crate) closed: Vec<Conversation>,
}

impl FlowSink for Account {
    fn opened(&mut self, conversation: &Conversation) {
        self.told.push(Told::Opened(conversation.id));
    }

    fn turned(&mut self, _: &Conversation) {
        self.told.push(Told::Turned);
    }

    fn event(&mut self, _: &Conversation, way: Way, event: &dyn Event) {
        let number = |field| match event.first(field) {
            Some(Value::Number(number)) => number,
            _ => panic!("a toy message has numbers"),
        };
        self.told.push(Told::Message {
            to_server: way == Way::ToServer,
            length: number(&toy::message::length),
            sum: number(&toy::message::sum),
        });
    }

    fn malformed(&mut self, _: &Conversation, malformed: Malformed) {
        self.told.push(Told::Malformed(malformed.field));
    }

    fn weird(&mut self, _: &Conversation, what: &'static str) {
        self.told.push(Told::Weird(what));
    }

    fn closed(&mut self, conversation: &Conversation, why: Close) {
        self.told.push(Told::Closed(conversation.id, why));
        self.closed.push(conversation.clone());
    }

    fn packet(&mut self, _: Nanos, _: &Packet<'_>) {
        self.told.push(Told::Other);
    }
}

pub(crate) fn packet(src: Ipv4Addr, dst: Ipv4Addr, transport: Transport<'_>) -> Packet<'_> {
    Packet {
        src_mac: Some(Mac([2, 0, 0, 0, 0, src.octets()[3]])),
        dst_mac: Some(Mac([2, 0, 0, 0, 0, dst.octets()[3]])),
        vlan: None,
        src: IpAddr::V4(src),
        dst: IpAddr::V4(dst),
        ttl: 64,
        whole: false,
        tunnels: 0,
        transport,
        truncated: false,
        ambiguous: false,
        sight: Sight::First,
    }
}

/// A flow room with one conversation in it, driven from both ends.
pub(crate) struct Talk {
    pub(crate) flows: Flows,
    pub(crate) account: Account,
    pub(crate) now: Nanos,
    /// The next sequence number of client and server.
    pub(crate) next: [u32; 2],
    pub(crate) client: (Ipv4Addr, u16),
}

impl Talk {
    pub(crate) fn new() -> Self {
        Talk::with(Limits::default())
    }

    pub(crate) fn with(limits: Limits) -> Self {
        Talk {
            flows: Flows::with_table(limits, [7; 16], toy::TABLE),
            account: Account::default(),
            now: SECOND,
            next: [1000, 500_000],
            client: CLIENT,
        }
    }

    /// The same with the handshake done.
    pub(crate) fn connected() -> Self {
        let mut talk = Talk::new();
        talk.handshake();
        talk
    }

    pub(crate) fn handshake(&mut self) {
        let [client, server] = self.next;
        self.send(Way::ToServer, client, 0, Flags::SYN, b"");
        self.send(Way::ToClient, server, client.wrapping_add(1), Flags::SYN.and(Flags::ACK), b"");
        self.next = [client.wrapping_add(1), server.wrapping_add(1)];
        self.ack(Way::ToServer);
    }

    pub(crate) fn send(&mut self, way: Way, sequence: u32, acknowledgment: u32, flags: Flags, payload: &[u8]) {
        self.send_cut(way, sequence, acknowledgment, flags, payload, 0);
    }

    pub(crate) fn send_cut(
        &mut self,
        way: Way,
        sequence: u32,
        acknowledgment: u32,
        flags: Flags,
        payload: &[u8],
        cut: u32,
    ) {
        let (from, to) = match way {
            Way::ToServer => (self.client, SERVER),
            Way::ToClient => (SERVER, self.client),
        };
        let tcp = Tcp {
            source: from.1,
            destination: to.1,
            sequence,
            acknowledgment,
            flags,
            window: 8192,
            urgent: 0,
            options: &[],
            payload,
            cut,
        };
        self.now += MILLISECOND;
        self.flows.segment(self.now, &packet(from.0, to.0, Transport::Tcp(tcp)), &mut self.account);
    }

    pub(crate) fn datagram(&mut self, way: Way, payload: &[u8]) {
        let (from, to) = match way {
            Way::ToServer => (self.client, SERVER),
            Way::ToClient => (SERVER, self.client),
        };
        let udp = Udp { source: from.1, destination: to.1, payload, cut: 0 };
        self.now += MILLISECOND;
        self.flows.segment(self.now, &packet(from.0, to.0, Transport::Udp(udp)), &mut self.account);
    }

    /// Data at an offset from the expected place; the expected place stays.
    pub(crate) fn data_at(&mut self, way: Way, offset: usize, payload: &[u8]) {
        let sequence = self.next[way.index()].wrapping_add(offset as u32);
        self.send(way, sequence, self.next[way.other().index()], Flags::ACK.and(Flags::PSH), payload);
    }

    /// Data at the expected place.
    pub(crate) fn say(&mut self, way: Way, payload: &[u8]) {
        self.data_at(way, 0, payload);
        self.lose(way, payload.len());
    }

    /// Data that was sent and not seen.
    pub(crate) fn lose(&mut self, way: Way, n: usize) {
        self.next[way.index()] = self.next[way.index()].wrapping_add(n as u32);
    }

    /// An acknowledgment of all that the other end has said.
    pub(crate) fn ack(&mut self, way: Way) {
        let [mine, theirs] = [self.next[way.index()], self.next[way.other().index()]];
        self.send(way, mine, theirs, Flags::ACK, b"");
    }

    pub(crate) fn fin(&mut self, way: Way) {
        let [mine, theirs] = [self.next[way.index()], self.next[way.other().index()]];
        self.send(way, mine, theirs, Flags::FIN.and(Flags::ACK), b"");
        self.lose(way, 1);
    }

    pub(crate) fn finish(&mut self) {
        self.flows.finish(&mut self.account);
    }

    pub(crate) fn messages(&self) -> Vec<(bool, u64, u64)> {
        let message = |told: &Told| match told {
            Told::Message { to_server, length, sum } => Some((*to_server, *length, *sum)),
            _ => None,
        };
        self.account.told.iter().filter_map(message).collect()
    }

    pub(crate) fn told(&self, what: &Told) -> usize {
        self.account.told.iter().filter(|told| *told == what).count()
    }
}
