//! What we say of a capture: every field of every event, with the frame that completed it.

use holter_capture::CaptureFile;
use holter_engine::flow::{Close, Conversation, FlowSink, Flows, Limits};
use holter_engine::link::{Checksums, Link, Packet, Transport};
use holter_protocols::{Event, Malformed, Value, Way};
use holter_terms::{Nanos, Protocol};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use std::path::Path;

/// A value, owned: the comparison outlives the packet. Nothing of it is told but in what is written beside the build.
#[derive(Clone)]
pub(crate) enum Said {
    Bytes(Vec<u8>),
    Number(u64),
    Flag(bool),
    Address(IpAddr),
    Mac(String),
    Codes(Vec<u8>),
    /// That there is a value is all that can be said of patient data.
    Present,
}

/// Frames are shown to the link room this much further apart than they were, so that none is held to be a mirror's copy
/// of the one before: the oracle knows no copies.
const APART: Nanos = 11_000_000;

/// Which conversation a frame belongs to; 0 for none.
pub(crate) type Talk = u64;

#[derive(Default)]
pub(crate) struct Ours {
    /// By field: frame and value, in the order in which they were told.
    pub(crate) fields: HashMap<&'static str, Vec<(u64, Said)>>,
    /// By frame, from 1 on.
    pub(crate) talks: Vec<Talk>,
    /// As what each conversation was ever recognised.
    pub(crate) recognised: BTreeMap<Talk, BTreeSet<Protocol>>,
    /// What frames without ports were recognised as.
    pub(crate) bare: BTreeMap<u64, Protocol>,
    /// By frame, what the link room handed on: `packet`, `nothing` (a fragment that waits, or not IP), or why it refused.
    pub(crate) link: Vec<&'static str>,
    /// Frames in which each protocol told of something.
    pub(crate) told: BTreeSet<(Protocol, u64)>,
}

impl Ours {
    pub(crate) fn talk(&self, frame: u64) -> Talk {
        usize::try_from(frame).ok().and_then(|frame| self.talks.get(frame)).copied().unwrap_or(0)
    }

    pub(crate) fn link(&self, frame: u64) -> &'static str {
        usize::try_from(frame).ok().and_then(|frame| self.link.get(frame)).copied().unwrap_or("unread")
    }

    /// What a frame was taken for.
    pub(crate) fn claims(&self, frame: u64, protocol: Protocol) -> bool {
        self.bare.get(&frame) == Some(&protocol)
            || self.recognised.get(&self.talk(frame)).is_some_and(|words| words.contains(&protocol))
    }
}

type Ends = (bool, (IpAddr, u16), (IpAddr, u16));

#[derive(Default)]
struct Listener {
    ours: Ours,
    frame: u64,
    latest: HashMap<Ends, Talk>,
}

fn ends(tcp: bool, one: (IpAddr, u16), other: (IpAddr, u16)) -> Ends {
    (tcp, one.min(other), one.max(other))
}

impl Listener {
    fn says(&mut self, field: &'static str, said: Said) {
        self.ours.fields.entry(field).or_default().push((self.frame, said));
    }

    fn heard(&mut self, conversation: &Conversation) {
        if conversation.id == 0 {
            self.ours.bare.insert(self.frame, conversation.protocol);
        }
        self.ours.told.insert((conversation.protocol, self.frame));
    }

    /// The packet itself, as fields of the link room.
    fn link(&mut self, packet: &Packet<'_>) {
        let number = |n: u64| Said::Number(n);
        for (mac, field) in [(packet.src_mac, "link.src_mac"), (packet.dst_mac, "link.dst_mac")] {
            if let Some(mac) = mac {
                self.says(field, Said::Mac(mac.to_string()));
            }
        }
        if let Some(vlan) = packet.vlan {
            self.says("link.vlan", number(vlan.into()));
        }
        if let Transport::Arp(arp) = &packet.transport {
            self.says("link.arp.operation", number(arp.operation.into()));
            self.says("link.arp.sender", Said::Mac(arp.sender.to_string()));
            self.says("link.arp.source", Said::Address(packet.src));
            self.says("link.arp.destination", Said::Address(packet.dst));
            return;
        }
        match packet.transport {
            Transport::Ether(..) | Transport::Llc(_) => return,
            _ if packet.src.is_ipv4() => {
                self.says("link.ip.source", Said::Address(packet.src));
                self.says("link.ip.destination", Said::Address(packet.dst));
                self.says("link.ip.ttl", number(packet.ttl.into()));
            }
            _ => {
                self.says("link.ipv6.source", Said::Address(packet.src));
                self.says("link.ipv6.destination", Said::Address(packet.dst));
                self.says("link.ipv6.hops", number(packet.ttl.into()));
            }
        }
        match &packet.transport {
            Transport::Tcp(tcp) => {
                self.says("link.tcp.source", number(tcp.source.into()));
                self.says("link.tcp.destination", number(tcp.destination.into()));
                self.says("link.tcp.sequence", number(tcp.sequence.into()));
                self.says("link.tcp.acknowledgment", number(tcp.acknowledgment.into()));
                self.says("link.tcp.flags", number(tcp.flags.0.into()));
                self.says("link.tcp.window", number(tcp.window.into()));
                self.says("link.tcp.length", number(tcp.payload.len() as u64 + u64::from(tcp.cut)));
            }
            Transport::Udp(udp) => {
                self.says("link.udp.source", number(udp.source.into()));
                self.says("link.udp.destination", number(udp.destination.into()));
            }
            Transport::Icmp(icmp) if icmp.number == 1 => {
                self.says("link.icmp.type", number(icmp.kind.into()));
                self.says("link.icmp.code", number(icmp.code.into()));
            }
            Transport::Icmp(icmp) => self.says("link.icmpv6.type", number(icmp.kind.into())),
            _ => {}
        }
    }
}

impl FlowSink for Listener {
    fn opened(&mut self, conversation: &Conversation) {
        let (one, other) = (conversation.client, conversation.server);
        let tcp = conversation.transport == holter_protocols::Transport::Tcp;
        self.latest.insert(ends(tcp, (one.ip, one.port), (other.ip, other.port)), conversation.id);
    }

    fn recognised(&mut self, conversation: &Conversation) {
        self.ours.recognised.entry(conversation.id).or_default().insert(conversation.protocol);
    }

    fn event(&mut self, conversation: &Conversation, _way: Way, event: &dyn Event) {
        self.heard(conversation);
        event.visit(&mut |field, value| {
            let said = match value {
                Value::Plain(plain) => Said::Bytes(plain.bytes().to_vec()),
                Value::Phi(phi) if phi.is_empty() => return,
                Value::Phi(_) => Said::Present,
                Value::Number(number) => Said::Number(number),
                Value::Flag(flag) => Said::Flag(flag),
                Value::Address(address) => Said::Address(address),
                Value::Hardware(mac) => Said::Mac(mac.to_string()),
                Value::Codes(codes) => Said::Codes(codes.to_vec()),
            };
            self.ours.fields.entry(field.name).or_default().push((self.frame, said));
        });
    }

    fn malformed(&mut self, conversation: &Conversation, _malformed: Malformed) {
        self.heard(conversation);
    }

    fn weird(&mut self, _conversation: &Conversation, _what: &'static str) {}

    fn closed(&mut self, _conversation: &Conversation, _why: Close) {}

    fn packet(&mut self, _at: Nanos, _packet: &Packet<'_>) {}
}

/// What the link room, the flow room and the decoders say of a capture.
pub(crate) fn replay(path: &Path) -> Ours {
    let mut listener = Listener::default();
    listener.ours.talks.push(0);
    listener.ours.link.push("nothing");
    // The oracle does not verify checksums either, and many public captures have wrong ones.
    let mut link = Link::new(Checksums::Ignore, [0; 16]);
    let mut flows = Flows::new(Limits::default(), [0; 16]);
    let Ok(mut capture) = CaptureFile::open(path) else { return listener.ours };
    let mut later = 0;
    while let Ok(Some(frame)) = capture.next() {
        listener.frame += 1;
        let mut talk = 0;
        later += APART;
        let packet = link.packet(frame.at.saturating_add(later), frame.link, frame.bytes);
        listener.ours.link.push(match &packet {
            Ok(Some(_)) => "packet",
            Ok(None) => "nothing",
            Err(error) => error.reason.as_str(),
        });
        if let Ok(Some(packet)) = packet {
            listener.link(&packet);
            flows.segment(frame.at, &packet, &mut listener);
            let ports = match &packet.transport {
                Transport::Tcp(tcp) => Some((true, tcp.source, tcp.destination)),
                Transport::Udp(udp) => Some((false, udp.source, udp.destination)),
                _ => None,
            };
            if let Some((tcp, source, destination)) = ports {
                let key = ends(tcp, (packet.src, source), (packet.dst, destination));
                talk = listener.latest.get(&key).copied().unwrap_or(0);
            }
        }
        listener.ours.talks.push(talk);
    }
    flows.finish(&mut listener);
    listener.ours
}
