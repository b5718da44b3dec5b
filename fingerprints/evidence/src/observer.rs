use crate::data::{self, Fingerprints, Rule, Said, Whom};
use crate::matcher::Looked;
use crate::names::{self, Naming};
use crate::oui::{self, Strength};
use crate::ports;
use crate::shape::{self, Shape};
use crate::text::Text;
use holter_identity::Evidence;
use holter_phi::{Label, Names, Plain};
use holter_protocols::event::Code;
use holter_protocols::{Event, EventSpec, FieldSpec, Value, Way, dhcp, dicom, dns, hl7};
use holter_terms::{Attribute, DeviceClass, DeviceKey, Mac, Protocol, Role};
use std::net::IpAddr;

/// Whom a piece of evidence is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum About {
    /// The client of the conversation.
    Client,
    /// Its server.
    Server,
    /// A machine that the event names. Evidence about an address that no known device holds is of no use.
    Device(DeviceKey),
}

/// One reason to believe something about somebody.
#[derive(Debug, Clone, Copy)]
pub struct Found {
    pub about: About,
    pub attribute: Attribute,
    pub value: Label,
    /// `origin:signal/rule`, see `holter_identity`.
    pub rule: &'static str,
    pub weight: i8,
}

/// How it shows that several machines speak from one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behind {
    /// Connections begin with different numbers of hops to go, by turns: two systems.
    Stacks,
    /// Some connections had passed a router when they left the device, and others had not.
    Hops,
}

impl Found {
    /// The reason as if it was seen once.
    pub fn once(&self) -> Evidence<'_> {
        Evidence {
            attribute: self.attribute,
            value: self.value.as_str(),
            rule: self.rule,
            weight: self.weight,
            count: 1,
            first: 0,
            last: 0,
        }
    }
}

/// Which conversation an event belongs to.
#[derive(Debug, Clone, Copy)]
pub struct Talkers {
    /// Names the conversation as long as it lasts.
    pub conversation: u64,
    /// Which way the bytes went that the event was read from.
    pub way: Way,
}

/// Conversations of which something is remembered between two events. A newer conversation takes the place of an
/// older one; what was remembered of that one is then no longer used.
const REMEMBERED: usize = 1024;

/// `REMEMBERED` is a power of two.
const REMEMBERED_MASK: u64 = REMEMBERED as u64 - 1;

#[derive(Clone, Copy, Default)]
struct Memory {
    conversation: u64,
    used: bool,
    /// The AE title that the association asks for, until it is accepted.
    called: Option<Label>,
    /// The last C-STORE request was a sub-operation of somebody's C-MOVE: its sender passes images on.
    forwards: bool,
}

/// Turns events, link-layer addresses and conversations into evidence.
pub struct Observer {
    fingerprints: &'static Fingerprints,
    /// Addresses of declarations, sorted: most events of a network are asked for here and not looked at.
    looked_at: Vec<usize>,
    names: Names,
    memory: Vec<Memory>,
    /// Looks at nothing.
    blind: bool,
}

/// Events that are looked at without a rule: for names, addresses, and what later events of their conversation mean.
static NAMING: [&EventSpec; 8] = [
    &dns::record::SPEC,
    &hl7::message::SPEC,
    &dicom::command::SPEC,
    &dicom::data_head::SPEC,
    &dhcp::message::SPEC,
    &dicom::associate_rq::SPEC,
    &dicom::associate_ac::SPEC,
    &dicom::associate_rj::SPEC,
];

/// DIMSE command fields (PS3.7 E.1).
const C_STORE_RQ: u64 = 0x0001;

impl Observer {
    pub fn new(names: Names) -> Self {
        Observer::with(Fingerprints::builtin(), names)
    }

    pub fn with(fingerprints: &'static Fingerprints, names: Names) -> Self {
        let all = NAMING.iter().copied().chain(names::events()).chain(fingerprints.events());
        let mut looked_at: Vec<usize> = all.map(data::address).collect();
        looked_at.sort_unstable();
        looked_at.dedup();
        Observer { fingerprints, looked_at, names, memory: vec![Memory::default(); REMEMBERED], blind: false }
    }

    /// One that looks at nothing and finds nothing: what evidence costs is measured against it.
    pub fn blind(names: Names) -> Self {
        Observer { blind: true, ..Observer::with(Fingerprints::none(), names) }
    }

    /// Whether events of this kind can give evidence.
    pub fn looks_at(&self, spec: &EventSpec) -> bool {
        !self.blind && self.looked_at.binary_search(&data::address(spec)).is_ok()
    }

    /// Whether a rule of a data file looks at events of this kind.
    pub fn has_rules_for(&self, spec: &EventSpec) -> bool {
        !self.fingerprints.of(spec).is_empty()
    }

    /// Evidence that an event gives.
    pub fn event(&mut self, event: &dyn Event, talkers: &Talkers, out: &mut dyn FnMut(Found)) {
        if !self.looks_at(event.spec()) {
            return;
        }
        let forwards = self.remember(event, talkers);
        self.rules(event, talkers, forwards, out);
        self.names_and_addresses(event, talkers, forwards, out);
    }

    fn rules(&self, event: &dyn Event, talkers: &Talkers, forwards: bool, out: &mut dyn FnMut(Found)) {
        let mut looked = Looked::at(event);
        for rule in self.fingerprints.of(event.spec()) {
            if rule.to_server.is_some_and(|to_server| to_server != (talkers.way == Way::ToServer))
                || (forwards && rule.own_images)
                || !rule.tests.iter().all(|test| test.holds(&mut looked))
            {
                continue;
            }
            let Some(about) = whom(rule, event, talkers) else { continue };
            for says in &rule.says {
                let value = match says.value {
                    Said::Word(word) => word,
                    Said::Field(field) => match plain(event, field).map(|field| field.keep(&self.names)) {
                        Some(value) if !value.is_empty() => value,
                        _ => continue,
                    },
                };
                out(Found { about, attribute: says.attribute, value, rule: rule.name, weight: says.weight });
            }
        }
    }

    /// Evidence of how the stack of a machine begins a connection.
    pub fn begins(&self, shape: &Shape, about: About, out: &mut dyn FnMut(Found)) {
        self.stack(&shape.event(), about, out);
    }

    /// Evidence of the hops to go that a machine's packets start with.
    pub fn sends(&self, initial_ttl: u8, about: About, out: &mut dyn FnMut(Found)) {
        self.stack(&shape::Hops { initial: Code(u64::from(initial_ttl)) }, about, out);
    }

    /// Such an event belongs to no conversation.
    fn stack(&self, event: &dyn Event, about: About, out: &mut dyn FnMut(Found)) {
        if self.blind {
            return;
        }
        let talkers = Talkers { conversation: 0, way: Way::ToServer };
        self.rules(event, &talkers, false, &mut |found| out(Found { about, ..found }));
    }

    /// Evidence that several machines speak from a device's address.
    pub fn translates(&self, behind: Behind, about: About, out: &mut dyn FnMut(Found)) {
        if self.blind {
            return;
        }
        let (rule, weight) = match behind {
            Behind::Stacks => ("standard:ip-stack/translates.stacks", 75),
            Behind::Hops => ("standard:ip-stack/translates.hops", 70),
        };
        let value = Label::word(Role::AddressTranslator.as_str());
        out(Found { about, attribute: Attribute::Role, value, rule, weight });
    }

    /// Evidence that a link-layer address gives about the device that sends from it.
    pub fn mac(&self, mac: Mac, about: About, out: &mut dyn FnMut(Found)) {
        if self.blind {
            return;
        }
        let Some(adapter) = oui::adapter(mac) else { return };
        let found = |attribute, value: &'static str, rule, weight| Found {
            about,
            attribute,
            value: Label::word(value),
            rule,
            weight,
        };
        match adapter.strength {
            Strength::Strong => out(found(Attribute::Maker, adapter.maker, "published:oui/medical-maker", 50)),
            Strength::Mixed => out(found(Attribute::Maker, adapter.maker, "published:oui/mixed-maker", 30)),
            Strength::Keyword => out(found(Attribute::Maker, adapter.maker, "published:oui/health-word", 20)),
            Strength::Module => out(found(Attribute::Class, "embedded", "published:oui/network-module", 25)),
            Strength::Computer => out(found(Attribute::Maker, adapter.maker, "published:oui/computer-maker", 30)),
            Strength::Virtual => out(found(Attribute::Model, adapter.maker, "published:oui/virtual-machine", 40)),
        }
    }

    /// Evidence of a service that a conversation used: the server answered as `protocol` on `port`.
    pub fn served(&self, protocol: Protocol, port: u16, out: &mut dyn FnMut(Found)) {
        if self.blind {
            return;
        }
        let value = Text::new(format_args!("{protocol}/{port}")).label(&self.names);
        let found = |about, attribute, rule| Found { about, attribute, value, rule, weight: 90 };
        out(found(About::Server, Attribute::Serves, "standard:conversation/served"));
        out(found(About::Client, Attribute::Uses, "standard:conversation/used"));
        ports::evidence(protocol, port, out);
    }

    /// Whether the port of a TCP conversation says something though nobody knows what is spoken there.
    pub fn knows_port(&self, port: u16) -> bool {
        ports::speaks(port)
    }

    /// Evidence of such a port.
    pub fn unknown_on(&self, port: u16, out: &mut dyn FnMut(Found)) {
        if self.blind {
            return;
        }
        ports::evidence(Protocol::Other, port, out);
    }

    /// Evidence that a device gives by whom it speaks with in secret on a port of DICOM: what the server is known as is all there
    /// is to see. On other ports the same machine may serve anybody's browser.
    pub fn sealed_with(&self, server: Role, port: u16, out: &mut dyn FnMut(Found)) {
        let (rule, weight) = match server {
            Role::ImageArchive => ("standard:peer-role/of-image-archive", 25),
            Role::WorklistServer => ("standard:peer-role/of-worklist-server", 35),
            _ => return,
        };
        if ports::DICOM.contains(&port) {
            let value = Label::word(DeviceClass::Imaging.as_str());
            out(Found { about: About::Client, attribute: Attribute::Class, value, rule, weight });
        }
    }

    /// Evidence of an address that a device sends from.
    pub fn address(&self, address: IpAddr, about: About, out: &mut dyn FnMut(Found)) {
        if self.blind {
            return;
        }
        if !names::is_of_a_host(address) {
            return;
        }
        let value = Text::new(format_args!("{address}")).label(&self.names);
        let rule = "standard:frame/source-address";
        out(Found { about, attribute: Attribute::Address, value, rule, weight: 80 });
    }

    /// Evidence that a device forwards packets of others: frames from its link-layer address carry addresses that
    /// are not its own.
    pub fn forwards(&self, about: About, out: &mut dyn FnMut(Found)) {
        if self.blind {
            return;
        }
        let value = Label::word(Role::Router.as_str());
        out(Found { about, attribute: Attribute::Role, value, rule: "standard:frame/forwards", weight: 80 });
    }

    /// Keeps what a later event of the conversation needs, and says whether images of it are passed on for another.
    fn remember(&mut self, event: &dyn Event, talkers: &Talkers) -> bool {
        let slot = slot(talkers.conversation);
        let Some(memory) = self.memory.get_mut(slot) else { return false };
        if memory.conversation != talkers.conversation || !memory.used {
            *memory = Memory { conversation: talkers.conversation, used: true, called: None, forwards: false };
        }
        let spec = event.spec();
        if spec.is(&dicom::associate_rq::SPEC) {
            memory.called = plain(event, &dicom::associate_rq::called_ae).map(|name| name.keep(&self.names));
            memory.forwards = false;
        } else if spec.is(&dicom::associate_rj::SPEC) {
            memory.called = None;
        } else if spec.is(&dicom::command::SPEC) && number(event, &dicom::command::command) == Some(C_STORE_RQ) {
            memory.forwards = event.first(&dicom::command::move_originator).is_some();
        }
        memory.forwards
    }

    /// Evidence whose value is what the event says, by way of the privacy door.
    fn names_and_addresses(
        &mut self,
        event: &dyn Event,
        talkers: &Talkers,
        forwards: bool,
        out: &mut dyn FnMut(Found),
    ) {
        let sender = side(talkers.way);
        let spec = event.spec();
        let names = &self.names;
        let mut keep = |about, attribute, field: Option<Plain<'_>>, rule, weight| {
            if let Some(value) = field.map(|field| field.keep(names)).filter(|value| !value.is_empty()) {
                out(Found { about, attribute, value, rule, weight });
            }
        };
        if spec.is(&dicom::associate_rq::SPEC) {
            let calling = plain(event, &dicom::associate_rq::calling_ae);
            keep(sender, Attribute::AeTitle, calling, "standard:dicom-ae/calling", 80);
        } else if spec.is(&dicom::associate_ac::SPEC) {
            let slot = slot(talkers.conversation);
            let called = self.memory.get(slot).and_then(|memory| memory.called).filter(|name| !name.is_empty());
            if let Some(value) = called {
                let rule = "standard:dicom-ae/accepted-as-called";
                out(Found { about: sender, attribute: Attribute::AeTitle, value, rule, weight: 80 });
            }
        } else if spec.is(&dicom::data_head::SPEC) {
            let stored = number(event, &dicom::data_head::command) == Some(C_STORE_RQ);
            if stored && !forwards && talkers.way == Way::ToServer {
                use dicom::data_head as head;
                let rule = "standard:dicom-image/head";
                keep(sender, Attribute::Model, plain(event, &head::model), rule, 75);
                keep(sender, Attribute::Version, plain(event, &head::software), rule, 78);
                keep(sender, Attribute::Modality, plain(event, &head::modality), rule, 80);
                keep(sender, Attribute::Serial, plain(event, &head::serial), rule, 70);
                keep(sender, Attribute::Hostname, plain(event, &head::station), rule, 50);
            }
        } else if spec.is(&hl7::message::SPEC) {
            use hl7::message;
            let rule = "standard:hl7-header/sending-application";
            keep(sender, Attribute::Application, plain(event, &message::sending_application), rule, 80);
            let rule = "standard:hl7-header/software";
            keep(sender, Attribute::Toolkit, plain(event, &message::software_product), rule, 80);
            keep(sender, Attribute::Version, plain(event, &message::software_version), rule, 50);
            event.each(&message::equipment, &mut |value| {
                if let Value::Plain(equipment) = value {
                    keep(sender, Attribute::Serial, Some(equipment), "standard:hl7-equipment/identifier", 50);
                    if let Some(adapter) = oui::adapter_in(equipment.bytes()) {
                        let maker = Plain::new(adapter.maker.as_bytes(), holter_phi::Because::Vocabulary);
                        keep(sender, Attribute::Maker, Some(maker), "published:hl7-equipment/eui-64", 60);
                    }
                }
            });
        } else if spec.is(&dhcp::message::SPEC) {
            use dhcp::message;
            let Some(client) = names::device(event.first(&message::client_mac)) else { return };
            if number(event, &message::op) == Some(1) {
                keep(client, Attribute::Hostname, plain(event, &message::hostname), "standard:dhcp-name/host-name", 80);
                keep(client, Attribute::Hostname, plain(event, &message::fqdn), "standard:dhcp-name/fqdn", 80);
            } else if number(event, &message::kind) == Some(DHCPACK)
                && let Some(Value::Address(address)) = event.first(&message::your_address)
                && names::is_of_a_host(address)
            {
                self.address_of_lease(address, client, out);
                self.network_of_lease(event, out);
            }
        } else if spec.is(&dns::record::SPEC)
            && talkers.way == Way::ToClient
            // Glue beside an answer names servers of names, and a host that asked for nothing could be made to bear one.
            && number(event, &dns::record::section) == Some(names::ANSWERS)
            && let Some(about) = names::device(event.first(&dns::record::address))
        {
            // What the site's name service calls a machine stands before what it calls itself (mDNS, NetBIOS, NTLM).
            keep(about, Attribute::Hostname, plain(event, &dns::record::name), "standard:dns-name/address-record", 76);
        } else {
            Naming { names, sender, way: talkers.way }.event(event, out);
        }
    }

    fn network_of_lease(&self, event: &dyn Event, out: &mut dyn FnMut(Found)) {
        let named = [
            (&dhcp::message::router, Role::Router, "standard:dhcp-lease/router"),
            (&dhcp::message::name_server, Role::DnsServer, "standard:dhcp-lease/name-server"),
        ];
        for (field, role, rule) in named {
            if let Some(about) = names::device(event.first(field)) {
                let value = Label::word(role.as_str());
                out(Found { about, attribute: Attribute::Role, value, rule, weight: NAMED_IN_LEASE });
            }
        }
    }

    fn address_of_lease(&self, address: IpAddr, about: About, out: &mut dyn FnMut(Found)) {
        let value = Text::new(format_args!("{address}")).label(&self.names);
        out(Found { about, attribute: Attribute::Address, value, rule: "standard:dhcp-lease/address", weight: 80 });
    }
}

const DHCPACK: u64 = 5;

/// Option 3 names a router, option 6 a name server. The client believes it, and so would a victim of a rogue server:
/// hence less weight than what these machines do themselves.
const NAMED_IN_LEASE: i8 = 50;

/// Ids of conversations count up, so neighbours in time never share a slot.
fn slot(conversation: u64) -> usize {
    usize::try_from(conversation & REMEMBERED_MASK).unwrap_or_default()
}

fn side(way: Way) -> About {
    match way {
        Way::ToServer => About::Client,
        Way::ToClient => About::Server,
    }
}

fn whom(rule: &Rule, event: &dyn Event, talkers: &Talkers) -> Option<About> {
    match rule.about {
        Whom::Sender => Some(side(talkers.way)),
        Whom::Receiver => Some(side(talkers.way.other())),
        Whom::DhcpClient => names::device(event.first(&dhcp::message::client_mac)),
        Whom::Announcer => names::announcer(event),
    }
}

pub(crate) fn plain<'a>(event: &'a dyn Event, field: &'static FieldSpec) -> Option<Plain<'a>> {
    match event.first(field)? {
        Value::Plain(field) => Some(field),
        _ => None,
    }
}

fn number(event: &dyn Event, field: &'static FieldSpec) -> Option<u64> {
    match event.first(field)? {
        Value::Number(n) => Some(n),
        _ => None,
    }
}
