//! What is known of a conversation, and who is told of it.

use crate::link::Packet;
use holter_protocols::{Event, Malformed, Transport, Way};
use holter_terms::{Mac, Nanos, Protocol, Visibility};
use std::net::IpAddr;

/// One end of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Endpoint {
    /// As the frames carried it: the address of a router for what lies behind one. Absent on links without addresses,
    /// and for an end that was only spoken to as a group.
    pub mac: Option<Mac>,
    pub ip: IpAddr,
    pub port: u16,
}

/// A TCP connection, the datagrams between two UDP ports, or one packet of something without ports. Arrays are indexed by [`Way::index`].
#[derive(Debug, Clone)]
pub struct Conversation {
    /// Counts up from 1 in the order in which conversations were first seen; 0 for a packet without ports.
    pub id: u64,
    /// Its place among the conversations that are kept, always below [`Limits::conversations`](super::Limits); free again
    /// once this one is closed. A packet without ports has none.
    pub slot: Option<u32>,
    /// Who opened it; see [`FlowSink::turned`] for how this may become known late.
    pub client: Endpoint,
    pub server: Endpoint,
    pub transport: Transport,
    /// The innermost VLAN of the first packet.
    pub vlan: Option<u16>,
    /// `Other` until recognised.
    pub protocol: Protocol,
    pub visibility: Visibility,
    pub packets: [u64; 2],
    /// Payload bytes of the transport as they were sent, retransmissions included.
    pub bytes: [u64; 2],
    /// Payload bytes, each byte of a stream once, that a decoder accounted for: read, or skipped by its length.
    pub understood: u64,
    /// Payload bytes of conversations recognised as encrypted.
    pub encrypted: u64,
    /// Payload bytes that no decoder accounted for.
    pub unknown: u64,
    /// Payload bytes that were sent but not seen.
    pub missed: u64,
    /// Packet time of the first packet.
    pub first: Nanos,
    /// Packet time of the latest packet; while an event is reported, the time of the packet that completed it.
    pub last: Nanos,
    /// A SYN and the SYN-ACK that answers it were seen.
    pub handshake_seen: bool,
}

impl Conversation {
    /// Of which nothing is known but its ends.
    pub(crate) const fn new(
        id: u64,
        client: Endpoint,
        server: Endpoint,
        transport: Transport,
        vlan: Option<u16>,
        now: Nanos,
    ) -> Self {
        Conversation {
            id,
            slot: None,
            client,
            server,
            transport,
            vlan,
            protocol: Protocol::Other,
            visibility: Visibility::Unknown,
            packets: [0; 2],
            bytes: [0; 2],
            understood: 0,
            encrypted: 0,
            unknown: 0,
            missed: 0,
            first: now,
            last: now,
            handshake_seen: false,
        }
    }

    /// The end that sends this way.
    pub const fn sender(&self, way: Way) -> &Endpoint {
        match way {
            Way::ToServer => &self.client,
            Way::ToClient => &self.server,
        }
    }

    /// The end that receives this way.
    pub const fn receiver(&self, way: Way) -> &Endpoint {
        self.sender(way.other())
    }
}

/// Why a conversation is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Close {
    /// Both ends said that they were done.
    Finished,
    /// One end broke it off.
    Reset,
    /// Nothing was seen of it for the time that its kind is kept.
    Idle,
    /// Its ports began a new conversation.
    Reused,
    /// The table was full and it was the one least recently seen.
    Evicted,
    /// The capture ended.
    End,
}

impl Close {
    pub const fn as_str(self) -> &'static str {
        match self {
            Close::Finished => "finished",
            Close::Reset => "reset",
            Close::Idle => "idle",
            Close::Reused => "reused",
            Close::Evicted => "evicted",
            Close::End => "end",
        }
    }
}

/// Is told what happens in conversations, in packet order.
pub trait FlowSink {
    /// The first packet of a conversation was seen.
    fn opened(&mut self, conversation: &Conversation);

    /// Client and server have changed places: without a handshake the first guess goes by ports, and the content has
    /// now shown that it was wrong. Comes before any event of the conversation.
    fn turned(&mut self, conversation: &Conversation) {
        let _ = conversation;
    }

    /// Its protocol, or that it is encrypted, is now known.
    fn recognised(&mut self, conversation: &Conversation) {
        let _ = conversation;
    }

    /// A decoder reported something. Its time is `conversation.last`.
    fn event(&mut self, conversation: &Conversation, way: Way, event: &dyn Event);

    /// A decoder met bytes that break its protocol.
    fn malformed(&mut self, conversation: &Conversation, malformed: Malformed);

    /// Something against a standard, or ambiguous, that did not stop the decoding. `what` is a counter's name.
    fn weird(&mut self, conversation: &Conversation, what: &'static str);

    /// The last word on a conversation; its counters are final.
    fn closed(&mut self, conversation: &Conversation, why: Close);

    /// A packet that belongs to no conversation: ARP, ICMP, other IP protocols.
    fn packet(&mut self, at: Nanos, packet: &Packet<'_>);
}
