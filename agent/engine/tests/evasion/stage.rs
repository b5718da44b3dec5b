//! Raw frames into the link and the flow room, and an account of what came out.

use holter_engine::flow::{Close, Conversation, FlowSink, Flows, Limits};
use holter_engine::link::{Checksums, Link, Packet, Transport};
use holter_engine::{OverlapPolicy, Overlaps};
use holter_protocols::{
    Decoder, Event, EventSpec, Malformed, Progress, Protocol, Sink, Transport as Carried, Verdict, Way,
};
use holter_terms::{LinkType, Nanos};
use std::cell::RefCell;
use std::fmt::Write as _;

pub(crate) const MILLISECOND: Nanos = 1_000_000;
pub(crate) const SECOND: Nanos = 1000 * MILLISECOND;

pub(crate) const FIN: u8 = 1;
pub(crate) const SYN: u8 = 2;
pub(crate) const RST: u8 = 4;
pub(crate) const PSH: u8 = 8;
pub(crate) const ACK: u8 = 16;
pub(crate) const URG: u8 = 32;

/// The number of the first byte of client and server.
pub(crate) const FIRST: [u32; 2] = [1001, 9001];
const PORTS: [u16; 2] = [40_000, 5000];

thread_local! {
    /// What the decoder of this thread was shown, by way; `_` for a gap.
    static HEARD: RefCell<[Vec<u8>; 2]> = const { RefCell::new([Vec::new(), Vec::new()]) };
}

/// A protocol that begins with `#` and keeps every byte.
struct Ear;

static TABLE: &[&dyn Protocol] = &[&Ear];

impl Protocol for Ear {
    fn word(&self) -> holter_terms::Protocol {
        holter_terms::Protocol::Hl7
    }

    fn name(&self) -> &'static str {
        "ear"
    }

    fn transports(&self) -> &'static [Carried] {
        &[Carried::Tcp]
    }

    fn ports(&self) -> &'static [u16] {
        &[5000]
    }

    fn probe(&self, _: Carried, _: Way, bytes: &[u8]) -> Verdict {
        if bytes.first() == Some(&b'#') { Verdict::Yes } else { Verdict::No }
    }

    fn datagram(&self, _: Way, _: &[u8], _: &mut dyn Sink) -> Result<(), Malformed> {
        Ok(())
    }

    fn stream(&self) -> Option<Box<dyn Decoder>> {
        Some(Box::new(Ear))
    }

    fn events(&self) -> &'static [&'static EventSpec] {
        &[]
    }
}

impl Decoder for Ear {
    fn feed(&mut self, way: Way, bytes: &[u8], _: &mut dyn Sink) -> Result<Progress, Malformed> {
        HEARD.with_borrow_mut(|heard| heard[way.index()].extend_from_slice(bytes));
        Ok(Progress::Read(bytes.len()))
    }

    fn gap(&mut self, way: Way, _: u64) {
        HEARD.with_borrow_mut(|heard| heard[way.index()].push(b'_'));
    }

    fn held(&self) -> usize {
        0
    }
}

#[derive(Default)]
struct Told {
    weird: Vec<&'static str>,
    closed: Vec<&'static str>,
}

impl FlowSink for Told {
    fn opened(&mut self, _: &Conversation) {}
    fn event(&mut self, _: &Conversation, _: Way, _: &dyn Event) {}
    fn malformed(&mut self, _: &Conversation, _: Malformed) {}

    fn weird(&mut self, _: &Conversation, what: &'static str) {
        self.weird.push(what);
    }

    fn closed(&mut self, _: &Conversation, why: Close) {
        self.closed.push(why.as_str());
    }

    fn packet(&mut self, _: Nanos, _: &Packet<'_>) {}
}

/// The fields of a TCP segment that a case may want to have otherwise.
#[derive(Clone, Copy)]
pub(crate) struct Segment<'a> {
    pub(crate) back: bool,
    /// From the first byte of its direction.
    pub(crate) at: u32,
    pub(crate) ack: u32,
    pub(crate) flags: u8,
    pub(crate) ttl: u8,
    pub(crate) window: u16,
    pub(crate) urgent: u16,
    pub(crate) checksum: u16,
    /// A multiple of four bytes.
    pub(crate) options: &'a [u8],
    pub(crate) data: &'a [u8],
}

pub(crate) fn segment(at: u32, data: &[u8]) -> Segment<'_> {
    let flags = ACK | PSH;
    Segment { back: false, at, ack: 0, flags, ttl: 64, window: 8192, urgent: 0, checksum: 0, options: &[], data }
}

pub(crate) struct Stage {
    pub(crate) link: Link,
    pub(crate) flows: Flows,
    told: Told,
    pub(crate) now: Nanos,
    /// The identification of the next IPv4 packet.
    pub(crate) id: u16,
    /// Payloads of UDP.
    pub(crate) datagrams: Vec<Vec<u8>>,
}

impl Stage {
    pub(crate) fn new(policy: OverlapPolicy) -> Self {
        HEARD.with_borrow_mut(|heard| heard.iter_mut().for_each(Vec::clear));
        let overlaps = Overlaps::new(policy, []);
        let limits = Limits { history: 65_536, ..Limits::default() };
        Stage {
            link: Link::new(Checksums::Verify, [7; 16]).with_overlaps(overlaps.clone()),
            flows: Flows::with_table(limits, [7; 16], TABLE).with_overlaps(overlaps),
            told: Told::default(),
            now: SECOND,
            id: 1,
            datagrams: Vec::new(),
        }
    }

    /// With the handshake done.
    pub(crate) fn connected(policy: OverlapPolicy) -> Self {
        let mut stage = Stage::new(policy);
        stage.handshake();
        stage
    }

    pub(crate) fn handshake(&mut self) {
        self.send(Segment { flags: SYN, ..segment(u32::MAX, b"") });
        self.send(Segment { back: true, flags: SYN | ACK, ..segment(u32::MAX, b"") });
        self.send(Segment { flags: ACK, ..segment(0, b"") });
    }

    pub(crate) fn send(&mut self, segment: Segment<'_>) {
        let bytes = tcp(segment);
        self.ipv4(segment.back, segment.ttl, 6, &bytes);
    }

    /// Data of the client.
    pub(crate) fn say(&mut self, at: u32, data: &[u8]) {
        self.send(segment(at, data));
    }

    /// The server acknowledges all before `at`.
    pub(crate) fn acknowledged(&mut self, at: u32) {
        self.send(Segment { back: true, ack: at, flags: ACK, ..segment(0, b"") });
    }

    pub(crate) fn ipv4(&mut self, back: bool, ttl: u8, protocol: u8, body: &[u8]) {
        let id = self.id;
        self.id = self.id.wrapping_add(1);
        self.frame(&ethernet(0x0800, &ipv4(back, ttl, id, 0, protocol, body)));
    }

    pub(crate) fn frame(&mut self, frame: &[u8]) {
        self.now += MILLISECOND;
        self.frame_of(LinkType::ETHERNET, frame);
    }

    pub(crate) fn frame_of(&mut self, link: LinkType, frame: &[u8]) {
        if let Ok(Some(packet)) = self.link.packet(self.now, link, frame) {
            if let Transport::Udp(udp) = packet.transport {
                self.datagrams.push(udp.payload.to_vec());
            }
            self.flows.segment(self.now, &packet, &mut self.told);
        }
    }

    pub(crate) fn heard(&self, way: Way) -> Vec<u8> {
        HEARD.with_borrow(|heard| heard[way.index()].clone())
    }

    pub(crate) fn told(&self, what: &str) -> usize {
        self.told.weird.iter().filter(|weird| **weird == what).count()
    }

    /// All that came out, in one line.
    pub(crate) fn said(&mut self) -> String {
        self.flows.finish(&mut self.told);
        assert_eq!(self.flows.held(), 0);
        let mut line = String::new();
        for (mark, way) in [(">", Way::ToServer), ("<", Way::ToClient)] {
            let heard = self.heard(way);
            if !heard.is_empty() {
                write!(line, "`{mark}{}` ", short(&heard)).unwrap();
            }
        }
        for datagram in &self.datagrams {
            write!(line, "`udp {}` ", short(datagram)).unwrap();
        }
        let fragments = self.link.fragment_counts();
        let fragments = [
            ("fragment.joined", fragments.joined),
            ("fragment.expired", fragments.expired),
            ("fragment.pieces", fragments.pieces),
            ("fragment.repeated", fragments.repeated),
            ("fragment.ambiguous", fragments.ambiguous),
            ("fragment.overlapped", fragments.overlapped),
        ];
        let ordinary = ["flow.opened", "flow.closed", "flow.packets", "flow.others"];
        let flow = self.flows.counts().iter().filter(|(name, _)| !ordinary.contains(name));
        let link = self.link.counts().errors.iter().chain([("link.duplicates", self.link.counts().duplicates)]);
        for (name, count) in link.chain(fragments).chain(flow).filter(|(_, count)| *count > 0) {
            write!(line, "{name} {count}, ").unwrap();
        }
        let mut weird = self.told.weird.clone();
        weird.sort_unstable();
        weird.dedup();
        for name in weird {
            write!(line, "told {name}, ").unwrap();
        }
        if !self.told.closed.is_empty() {
            write!(line, "closed: {}", self.told.closed.join(", ")).unwrap();
        }
        line.trim_end_matches([',', ' ']).to_owned()
    }
}

fn short(bytes: &[u8]) -> String {
    let text: String = bytes.iter().map(|byte| if byte.is_ascii_graphic() { char::from(*byte) } else { '?' }).collect();
    if text.len() > 60 { format!("{}...({} bytes)", &text[..24], text.len()) } else { text }
}

pub(crate) fn ethernet(kind: u16, payload: &[u8]) -> Vec<u8> {
    [&[2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1][..], &kind.to_be_bytes(), payload].concat()
}

/// An IPv4 packet; `place` is the field of fragment flags and offset.
pub(crate) fn ipv4(back: bool, ttl: u8, id: u16, place: u16, protocol: u8, body: &[u8]) -> Vec<u8> {
    let [a, b] = u16::try_from(20 + body.len()).unwrap().to_be_bytes();
    let ([c, d], [e, f]) = (id.to_be_bytes(), place.to_be_bytes());
    let (from, to) = if back { (2, 1) } else { (1, 2) };
    let header = [0x45, 0, a, b, c, d, e, f, ttl, protocol, 0, 0, 10, 0, 0, from, 10, 0, 0, to];
    [&header[..], body].concat()
}

pub(crate) fn ipv6(next: u8, body: &[u8]) -> Vec<u8> {
    let [a, b] = u16::try_from(body.len()).unwrap().to_be_bytes();
    let mut packet = vec![0x60, 0, 0, 0, a, b, next, 64];
    for last in [1, 2] {
        packet.extend([0xfd; 15]);
        packet.push(last);
    }
    packet.extend(body);
    packet
}

pub(crate) fn ipv6_fragment(id: u32, offset: u16, more: bool, body: &[u8]) -> Vec<u8> {
    let [a, b] = (offset | u16::from(more)).to_be_bytes();
    ipv6(44, &[&[17, 0, a, b][..], &id.to_be_bytes(), body].concat())
}

pub(crate) fn udp(payload: &[u8]) -> Vec<u8> {
    let [a, b] = u16::try_from(8 + payload.len()).unwrap().to_be_bytes();
    [&[0x9c, 0x40, 0, 99, a, b, 0, 0][..], payload].concat()
}

pub(crate) fn tcp(segment: Segment<'_>) -> Vec<u8> {
    let (mine, theirs) = if segment.back { (1, 0) } else { (0, 1) };
    let mut bytes = [PORTS[mine].to_be_bytes(), PORTS[theirs].to_be_bytes()].concat();
    bytes.extend(FIRST[mine].wrapping_add(segment.at).to_be_bytes());
    bytes.extend(FIRST[theirs].wrapping_add(segment.ack).to_be_bytes());
    bytes.push(u8::try_from((20 + segment.options.len()) / 4).unwrap() << 4);
    bytes.push(segment.flags);
    bytes.extend(segment.window.to_be_bytes());
    bytes.extend(segment.checksum.to_be_bytes());
    bytes.extend(segment.urgent.to_be_bytes());
    bytes.extend(segment.options);
    bytes.extend(segment.data);
    bytes
}
