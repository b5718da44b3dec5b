//! What the engine makes of conversations and events: devices and the evidence about them, findings, windows.

use crate::acts::{self, Actor, Done};
use crate::aged::{NONE, Place};
use crate::devices::{Device, Devices};
use crate::engine::{Config, Odd, Outlet, Seeds};
use crate::faces::{Faces, Hearing};
use crate::flow::{Close, Conversation, Endpoint, FlowSink};
use crate::link::{Flags, Packet, Tcp, Transport};
use crate::neighbours::{Neighbours, names_a_host};
use crate::told::Told;
use crate::totals::Totals;
use crate::window::{Builder, Share, WINDOW};
use crate::zones::Zones;
use holter_detectors::{Detectors, Party as SceneParty, Raised, Scene};
use holter_evidence::{About, Found, Observer, Shape, Talkers, initial_ttl};
use holter_phi::Label;
use holter_protocols::event::Value;
use holter_protocols::{Event, Malformed, Way, dhcp, dns};
use holter_terms::{DeviceClass, DeviceKey, Mac, Nanos, Protocol, Role, Zone};
use holter_wire::{Devices as DevicesRecord, Fact, FactValue, Finding, Party, Record};
use std::net::IpAddr;

/// Evidence that is new is told after at most this time, without waiting for the end of the window.
const TELL: Nanos = 5 * SECOND;

/// A capture whose clock goes back by more than this has begun anew, or one of its stamps was wrong.
const LEAP: Nanos = 3600 * SECOND;

const SECOND: Nanos = 1_000_000_000;

/// Of these flags only SYN is set where a connection begins.
const BEGINS: Flags = Flags::SYN.and(Flags::ACK).and(Flags::RST).and(Flags::FIN);

/// Ports of DHCP, and of DNS among neighbours.
const OWN_HEADERS: [u16; 3] = [67, 68, 5353];

/// What a DHCPACK is called in option 53 (RFC 2132 9.6).
const DHCPACK: u64 = 5;

/// An end of a conversation, as a device.
#[derive(Clone, Copy)]
struct End {
    party: Party,
    /// Where what is known of the device stood last.
    place: Place,
}

pub(crate) struct Sense {
    zones: Zones,
    learning: Nanos,
    learned: Option<Nanos>,
    now: Option<Nanos>,
    tell_at: Nanos,
    observer: Observer,
    detectors: Detectors,
    detectors_refused: [u64; 7],
    faces: Faces,
    told: Told,
    found: Vec<Found>,
    pub(crate) neighbours: Neighbours,
    neighbours_told: [u64; 4],
    pub(crate) devices: Devices,
    pub(crate) window: Builder,
    pub(crate) totals: Totals,
}

impl Sense {
    pub(crate) fn new(observer: Observer, config: Config, seeds: Seeds) -> Self {
        let hash = seeds.hash;
        let detectors = holter_detectors::Config { names: seeds.names.clone(), people: seeds.people, seed: hash };
        Sense {
            zones: config.zones,
            learning: config.learning,
            learned: None,
            now: None,
            tell_at: 0,
            observer,
            detectors: Detectors::new(detectors),
            detectors_refused: [0; 7],
            faces: Faces::new(),
            told: Told::default(),
            found: Vec::new(),
            neighbours: Neighbours::new(hash),
            neighbours_told: [0; 4],
            devices: Devices::new(hash),
            window: Builder::new(hash),
            totals: Totals::default(),
        }
    }

    /// Packet time as the windows go by it, and whether the window that was open is over.
    pub(crate) fn clock(&mut self, at: Nanos) -> bool {
        let now = match self.now {
            Some(now) if at >= now => at,
            Some(now) if now.saturating_sub(at) < LEAP => now,
            Some(_) => {
                self.window.counters.add("time.leapt_back", 1);
                self.now = Some(at);
                return true;
            }
            None => at,
        };
        self.now = Some(now);
        self.learned.get_or_insert(now.saturating_add(self.learning));
        self.window.is_over(now)
    }

    fn now(&self) -> Nanos {
        self.now.unwrap_or_default()
    }

    /// Opens a window for the time that the clock shows, and tells new evidence if that is due.
    pub(crate) fn begin(&mut self, out: &mut dyn Outlet) {
        let now = self.now();
        self.window.open(now);
        if now >= self.tell_at || now < self.tell_at.saturating_sub(TELL) {
            self.tell_at = now.saturating_add(TELL);
            self.tell_devices(out);
        }
    }

    /// Ends the window: everything was told to it by then.
    pub(crate) fn close_window(&mut self, out: &mut dyn Outlet) {
        let now = self.now();
        let mut raised = Vec::new();
        self.detectors.tick(now, &mut |finding| raised.push(finding));
        raised.into_iter().for_each(|finding| self.report(finding, out));
        self.tell_devices(out);
        for ((name, count), told) in self.detectors.refused().into_iter().zip(&mut self.detectors_refused) {
            self.window.counters.add(name, count.saturating_sub(*told));
            *told = count;
        }
        let moves = [
            ("addresses.moved", self.neighbours.moved),
            ("addresses.contested", self.neighbours.contested),
            ("addresses.forgotten", self.neighbours.forgotten),
            ("addresses.gateways_refused", self.neighbours.gateways_refused),
        ];
        for ((name, count), told) in moves.into_iter().zip(&mut self.neighbours_told) {
            self.window.counters.add(name, count.saturating_sub(*told));
            *told = count;
        }
        let refused = std::mem::take(&mut self.devices.refusals);
        self.window.counters.add("devices.probation_evicted", refused.probation);
        self.window.counters.add("devices.established_evicted", refused.established);
        self.window.counters.add("devices.evidence_refused", refused.rows);
        self.window.counters.add("devices.addresses_refused", refused.addresses);
        let counters = self.window.counters.clone();
        if let Some(window) = self.window.close() {
            self.totals.add(&window, &counters);
            out.record(Record::Window(window));
        }
    }

    fn tell_devices(&mut self, out: &mut dyn Outlet) {
        let totals = &mut self.totals;
        self.devices.tell(&mut |rows| {
            totals.evidence_rows += rows.len() as u64;
            out.record(Record::Devices(DevicesRecord { rows }));
        });
    }

    /// A packet was read: who sent it, and from where.
    pub(crate) fn heard(&mut self, at: Nanos, packet: &Packet<'_>) {
        if let Transport::Arp(arp) = packet.transport {
            // A probe (sender address 0.0.0.0) asks and claims nothing (RFC 5227 2.1.1).
            self.neighbours.claims(at, arp.sender, packet.src);
            self.device(at, Some(arp.sender), packet.src);
            return;
        }
        if matches!(packet.transport, Transport::Ether(..) | Transport::Llc(_)) {
            // A switch sends these from an address of each port: they make no device by themselves.
            return;
        }
        self.sender(at, packet);
        if let Transport::Tcp(tcp) = &packet.transport
            && tcp.flags.0 & BEGINS.0 == Flags::SYN.0
        {
            self.begins(at, packet, tcp);
        }
    }

    fn sender(&mut self, at: Nanos, packet: &Packet<'_>) {
        let (mac, ip) = (packet.src_mac, packet.src);
        let second = at.div_euclid(SECOND);
        let face = self.faces.of(&self.neighbours, mac, ip);
        match face.hear(second, packet.ttl) {
            Hearing::Again => return,
            Hearing::Lately if self.devices.goes_on(&face.key(), at, &mut face.device) => return,
            Hearing::Lately | Hearing::Anew => {}
        }
        if let Some(mac) = mac
            && packet.tunnels == 0
        {
            self.neighbours.sent(at, mac, ip, packet.ttl, &mut face.places);
        }
        self.device(at, mac, ip);
        // What was just learned may have made it another's face.
        self.faces.of(&self.neighbours, mac, ip).hear(second, packet.ttl);
        self.sends(at, packet);
    }

    /// With how many hops to go it sends to one receiver. Groups are reached with other numbers, and so are answers to them; DHCP
    /// clients make their own headers (that of ISC begins with 128 on every system).
    fn sends(&mut self, at: Nanos, packet: &Packet<'_>) {
        let alone = match packet.transport {
            Transport::Tcp(_) => true,
            Transport::Udp(udp) => !OWN_HEADERS.contains(&udp.source) && !packet.dst.is_multicast(),
            _ => false,
        };
        let Some(initial) = initial_ttl(packet.ttl).filter(|_| alone && packet.tunnels == 0) else { return };
        let face = self.faces.of(&self.neighbours, packet.src_mac, packet.src);
        let key = face.key();
        if self.devices.at(&mut face.device, &key).is_some_and(|device| device.stacks.sends(initial)) {
            let found = &mut self.found;
            self.observer.sends(initial, About::Device(key), &mut |evidence| found.push(evidence));
            self.learn(at, None);
        }
    }

    /// A sender begins a connection.
    fn begins(&mut self, at: Nanos, packet: &Packet<'_>, tcp: &Tcp<'_>) {
        let shape = Shape::read(packet.ttl, packet.whole, tcp.flags.has(Flags::ECN), tcp.window, tcp.options);
        let face = self.faces.of(&self.neighbours, packet.src_mac, packet.src);
        let key = face.key();
        let Some(device) = self.devices.at(&mut face.device, &key) else { return };
        let found = &mut self.found;
        if device.stacks.shows(shape.mark()) {
            self.observer.begins(&shape, About::Device(key), &mut |evidence| found.push(evidence));
        }
        // Only what the station itself put on the wire: behind a router there is a hop less.
        if packet.tunnels == 0
            && packet.src_mac.is_some_and(|mac| key == DeviceKey::Mac(mac))
            && let IpAddr::V4(ip) = packet.src
            && let Some(behind) = device.stacks.begins(ip, packet.ttl, at.div_euclid(SECOND) as u32)
        {
            self.observer.translates(behind, About::Device(key), &mut |evidence| found.push(evidence));
        }
        self.learn(at, None);
    }

    /// Puts a sender into the device table, with the evidence that lies in its addresses.
    fn device(&mut self, at: Nanos, mac: Option<Mac>, ip: IpAddr) {
        let face = self.faces.of(&self.neighbours, mac, ip);
        let key = face.key();
        if let Some(mac) = mac.filter(|&mac| self.neighbours.forwards(mac, &face.places)) {
            let found = &mut self.found;
            self.observer.forwards(About::Device(DeviceKey::Mac(mac)), &mut |evidence| found.push(evidence));
        }
        let is_host = names_a_host(ip);
        if is_host || matches!(key, DeviceKey::Mac(_)) {
            let place = &mut face.device;
            if self.devices.heard(key, at, place)
                && let DeviceKey::Mac(mac) = key
            {
                let found = &mut self.found;
                self.observer.mac(mac, About::Device(key), &mut |evidence| found.push(evidence));
            }
            if is_host && self.devices.uses(key, ip, place) {
                let found = &mut self.found;
                self.observer.address(ip, About::Device(key), &mut |evidence| found.push(evidence));
            }
        }
        self.learn(at, None);
    }

    /// Files what the observer found.
    fn learn(&mut self, at: Nanos, ends: Option<[End; 2]>) {
        if self.found.is_empty() {
            return;
        }
        let mut found = std::mem::take(&mut self.found);
        for evidence in &found {
            let (key, mut place) = match (evidence.about, ends) {
                (About::Client, Some([client, _])) => (client.party.device, client.place),
                (About::Server, Some([_, server])) => (server.party.device, server.place),
                (About::Device(DeviceKey::Ip(ip)), _) => {
                    let face = self.faces.of(&self.neighbours, None, ip);
                    (face.key(), face.device)
                }
                (About::Device(key), _) => (key, NONE),
                (About::Client | About::Server, None) => continue,
            };
            self.devices.learn(key, at, evidence, &mut place);
        }
        found.clear();
        self.found = found;
    }

    fn end(&mut self, end: &Endpoint) -> End {
        let face = self.faces.of(&self.neighbours, end.mac, end.ip);
        End { party: Party { device: face.key(), ip: Some(end.ip) }, place: face.device }
    }

    fn ends(&mut self, conversation: &Conversation) -> [End; 2] {
        [self.end(&conversation.client), self.end(&conversation.server)]
    }

    fn scene_party(&mut self, end: End) -> SceneParty {
        let End { party, mut place } = end;
        let learned = self.learned.unwrap_or_default();
        let zone = party.ip.map_or(Zone::Unknown, |ip| self.zones.of(ip));
        let now = self.now();
        let mut scene = SceneParty {
            key: party.device,
            ip: party.ip,
            zone,
            class: DeviceClass::Unknown,
            confidence: 0,
            role: Role::None,
            first_seen: now,
            known_before: false,
        };
        if let Some(device) = self.devices.at(&mut place, &party.device) {
            scene.first_seen = device.first;
            scene.known_before = device.first <= learned;
            let verdict = device.verdict();
            scene.class = verdict.class;
            scene.confidence = verdict.confidence;
            scene.role = verdict.role;
        }
        scene
    }

    fn scene(&mut self, conversation: &Conversation, way: Way, [client, server]: [End; 2]) -> Scene {
        Scene {
            conversation: conversation.id,
            way,
            client: self.scene_party(client),
            server: self.scene_party(server),
            protocol: conversation.protocol,
            visibility: conversation.visibility,
            learning: self.learned.is_none_or(|learned| self.now() < learned),
            partly_blind: self.window.is_blind() || conversation.missed > 0,
        }
    }

    fn report(&mut self, raised: Raised, out: &mut dyn Outlet) {
        self.totals.findings += 1;
        let party = |machine: holter_detectors::Machine| Party { device: machine.device, ip: machine.ip };
        out.record(Record::Finding(Finding {
            id: raised.id,
            detection: Label::word(raised.detection),
            severity: raised.severity,
            first: raised.first,
            last: raised.last,
            subject: party(raised.subject),
            peer: raised.peer.map(party),
            facts: raised
                .facts
                .into_iter()
                .map(|fact| Fact { name: Label::word(fact.name), value: value(fact.value) })
                .collect(),
            partly_blind: raised.partly_blind,
        }));
    }

    /// Adds to the window what a conversation did since the last one was told.
    pub(crate) fn share(&mut self, conversation: &Conversation, is_last: bool) {
        let ends = self.ends(conversation);
        self.served(conversation, ends);
        if conversation.protocol == Protocol::Other
            && conversation.bytes.iter().all(|bytes| *bytes > 0)
            && conversation.transport == holter_protocols::Transport::Tcp
            && self.observer.knows_port(conversation.server.port)
        {
            let found = &mut self.found;
            self.observer.unknown_on(conversation.server.port, &mut |evidence| found.push(evidence));
            self.learn(conversation.last, Some(ends));
        }
        let [client, server] = ends.map(|end| end.party);
        let Some((more, new)) = self.told.share(conversation, is_last) else { return };
        let [up, down] = more.bytes;
        self.window.share(&Share {
            client,
            server,
            protocol: conversation.protocol,
            port: conversation.server.port,
            visibility: conversation.visibility,
            new,
            packets: more.packets,
            up,
            down,
            first: conversation.first.max(conversation.last.saturating_sub(WINDOW)),
            last: conversation.last,
            coverage: more.coverage,
        });
    }

    /// Evidence of the service that a conversation uses, once, as soon as the server has answered.
    fn served(&mut self, conversation: &Conversation, ends: [End; 2]) {
        if !self.told.owes_service(conversation) {
            return;
        }
        self.told.served(conversation);
        let [_, End { party, mut place }] = ends;
        let role = match conversation.protocol {
            Protocol::Tls => self.devices.at(&mut place, &party.device).map(Device::named_role),
            _ => None,
        };
        let found = &mut self.found;
        self.observer.served(conversation.protocol, conversation.server.port, &mut |evidence| found.push(evidence));
        if let Some(role) = role {
            self.observer.sealed_with(role, conversation.server.port, &mut |evidence| found.push(evidence));
        }
        self.learn(conversation.last, Some(ends));
    }

    /// Who holds which address, as DHCP says.
    fn lease(&mut self, at: Nanos, event: &dyn Event) {
        if !event.spec().is(&dhcp::message::SPEC) || acts::number(event, &dhcp::message::kind) != Some(DHCPACK) {
            return;
        }
        if let Some(Value::Address(router)) = event.first(&dhcp::message::router) {
            self.neighbours.gateway(router);
        }
        if let (Some(Value::Hardware(mac)), Some(Value::Address(ip))) =
            (event.first(&dhcp::message::client_mac), event.first(&dhcp::message::your_address))
        {
            self.neighbours.claims(at, mac, ip);
        }
    }

    /// Evidence about an address that no known device holds would be filed nowhere.
    fn is_about_nobody(&mut self, event: &dyn Event) -> bool {
        if !event.spec().is(&dns::record::SPEC) || self.observer.has_rules_for(event.spec()) {
            return false;
        }
        let Some(Value::Address(ip)) = event.first(&dns::record::address) else { return true };
        let face = self.faces.of(&self.neighbours, None, ip);
        let (key, place) = (face.key(), &mut face.device);
        self.devices.at(place, &key).is_none()
    }

    fn act(&mut self, done: Done, ends: [End; 2]) {
        let [client, server] = ends.map(|end| end.party);
        let (from, to) = match done.actor {
            Actor::Client => (client, server),
            Actor::Server => (server, client),
            Actor::Lease(mac) => (mac.map_or(client, |mac| Party { device: DeviceKey::Mac(mac), ip: None }), server),
        };
        self.window.act(from, to, done.verb, done.count, done.bytes);
    }
}

/// Adds the outlet of one call to what is kept.
pub(crate) struct Pass<'a> {
    pub(crate) sense: &'a mut Sense,
    pub(crate) out: &'a mut dyn Outlet,
}

impl FlowSink for Pass<'_> {
    fn opened(&mut self, _: &Conversation) {}

    fn event(&mut self, conversation: &Conversation, way: Way, event: &dyn Event) {
        let Pass { sense, out } = self;
        let at = conversation.last;
        out.event(at, conversation, way, event);
        sense.window.event(conversation.protocol);
        sense.lease(at, event);
        let done = acts::done(event, way);
        let (observed, detected) = (sense.observer.looks_at(event.spec()), Detectors::looks_at(event.spec()));
        if done.is_none() && !observed && !detected && !sense.told.owes_service(conversation) {
            return;
        }
        let ends = sense.ends(conversation);
        if let Some(done) = done {
            sense.act(done, ends);
        }
        sense.served(conversation, ends);
        if observed && !sense.is_about_nobody(event) {
            let talkers = Talkers { conversation: conversation.id, way };
            let found = &mut sense.found;
            sense.observer.event(event, &talkers, &mut |evidence| found.push(evidence));
            sense.learn(at, Some(ends));
        }
        if detected {
            let scene = sense.scene(conversation, way, ends);
            let mut raised = Vec::new();
            sense.detectors.event(at, &scene, event, &mut |finding| raised.push(finding));
            raised.into_iter().for_each(|finding| sense.report(finding, *out));
        }
    }

    fn malformed(&mut self, conversation: &Conversation, malformed: Malformed) {
        self.sense.window.malformed(conversation.protocol, malformed.field);
        self.out.odd(conversation, Odd::Malformed, malformed.field);
        tracing::debug!(
            conversation = conversation.id,
            field = malformed.field,
            offset = malformed.at,
            "bytes that break their protocol"
        );
    }

    fn weird(&mut self, conversation: &Conversation, what: &'static str) {
        self.out.odd(conversation, Odd::Weird, what);
        self.sense.window.counters.add(what, 1);
    }

    fn closed(&mut self, conversation: &Conversation, why: Close) {
        self.out.closed(conversation, why);
        self.sense.share(conversation, true);
        self.sense.detectors.closed(conversation.id);
    }

    fn packet(&mut self, _: Nanos, packet: &Packet<'_>) {
        match &packet.transport {
            Transport::Arp(_) => self.sense.window.bytes(Protocol::Arp, ARP_BYTES),
            Transport::Icmp(icmp) => self.sense.window.bytes(Protocol::Icmp, icmp.message.len() as u64),
            Transport::Ether(..) | Transport::Llc(_) => self.sense.window.counters.add("link.not_ip", 1),
            Transport::Other(..) => self.sense.window.counters.add("ip.other_protocol", 1),
            Transport::Tcp(_) | Transport::Udp(_) => {}
        }
    }
}

/// An ARP message for IPv4 over Ethernet (RFC 826).
const ARP_BYTES: u64 = 28;

fn value(value: holter_detectors::FactValue) -> FactValue<Label> {
    match value {
        holter_detectors::FactValue::Number(n) => FactValue::Number(n),
        holter_detectors::FactValue::Text(text) => FactValue::Text(text),
        holter_detectors::FactValue::Address(ip) => FactValue::Address(ip),
        holter_detectors::FactValue::Seconds(n) => FactValue::Seconds(n),
        holter_detectors::FactValue::Bytes(n) => FactValue::Bytes(n),
    }
}
