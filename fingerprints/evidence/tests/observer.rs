//! Whom evidence is about, and what of a name leaves.

use holter_evidence::{About, Fingerprints, Found, Observer, Talkers};
use holter_phi::{Because, LABEL_BYTES, Names, Plain};
use holter_protocols::event::{Code, Codes, Count, Seconds, Size, Transaction};
use holter_protocols::{Event, EventSpec, FieldSpec, Kind, Value, Way, dhcp, dicom, dns, lldp, nbns};
use holter_terms::{Attribute, DeviceKey, Mac, Role};
use proptest::prelude::*;
use std::net::IpAddr;

const CLIENT: Mac = Mac([0, 0x11, 0x22, 0x33, 0x44, 0x55]);

fn site(text: &str) -> Plain<'_> {
    Plain::new(text.as_bytes(), Because::Site)
}

fn word(text: &str) -> Plain<'_> {
    Plain::new(text.as_bytes(), Because::Vocabulary)
}

fn seen(observer: &mut Observer, conversation: u64, way: Way, event: &dyn Event) -> Vec<Found> {
    let mut all = Vec::new();
    observer.event(event, &Talkers { conversation, way }, &mut |found| all.push(found));
    all
}

fn of(found: &[Found], attribute: Attribute) -> Vec<(About, String)> {
    found
        .iter()
        .filter(|found| found.attribute == attribute)
        .map(|found| (found.about, found.value.as_str().to_owned()))
        .collect()
}

fn request<'a>(calling: &'a str, called: &'a str) -> dicom::AssociateRq<'a> {
    dicom::AssociateRq {
        called_ae: site(called),
        calling_ae: site(calling),
        application_context: None,
        max_pdu: None,
        implementation_uid: None,
        implementation_version: None,
        contexts: Count(1),
        user_identity: None,
        async_invoked: None,
        async_performed: None,
    }
}

const ACCEPTED: dicom::AssociateAc<'static> = dicom::AssociateAc {
    max_pdu: None,
    implementation_uid: None,
    implementation_version: None,
    accepted: Count(1),
    refused: Count(0),
};

fn store<'a>(originator: Option<&'a str>) -> dicom::Command<'a> {
    dicom::Command {
        command: Code(1),
        context: Code(1),
        message_id: Some(Transaction(1)),
        responds_to: None,
        sop_class: None,
        status: None,
        move_destination: None,
        move_originator: originator.map(site),
        remaining: None,
        completed: None,
        failed: None,
        has_data: true,
    }
}

fn head<'a>() -> dicom::DataHead<'a> {
    dicom::DataHead {
        command: Some(Code(1)),
        sop_class: None,
        transfer_syntax: None,
        modality: Some(word("CT")),
        manufacturer: Some(Plain::new(b"SIEMENS", Because::Equipment)),
        model: Some(Plain::new(b"SOMATOM Force", Because::Equipment)),
        software: None,
        serial: Some(site("73001")),
        station: Some(site("CT_DOE")),
        patient: None,
    }
}

fn lease(op: u64, kind: u64) -> dhcp::Message<'static> {
    dhcp::Message {
        op: Code(op),
        kind: Some(Code(kind)),
        transaction: Transaction(1),
        client_mac: Some(CLIENT),
        identifier_mac: None,
        client_address: None,
        your_address: Some([10, 20, 0, 129].into()),
        next_server: None,
        relay: None,
        requested_address: None,
        server: Some([10, 20, 0, 2].into()),
        lease: None,
        router: Some([10, 20, 0, 1].into()),
        name_server: None,
        hostname: Some(site("doe-laptop")),
        domain: None,
        fqdn: None,
        vendor_class: Some(site("udhcp 1.35.0")),
        parameters: Some(Codes(&[1, 3, 6, 12, 15, 28, 42])),
        options: Codes(&[53, 57, 55, 12, 60, 61]),
        max_size: Some(Size(576)),
    }
}

#[test]
fn a_called_title_belongs_to_the_server_once_it_accepts() {
    let mut observer = Observer::new(Names::shown());
    let asked = seen(&mut observer, 1, Way::ToServer, &request("CT01", "PACS"));
    assert_eq!(of(&asked, Attribute::AeTitle), [(About::Client, "CT01".to_owned())]);
    let rejected = dicom::AssociateRj { result: Code(1), source: Code(1), reason: Code(7) };
    assert_eq!(of(&seen(&mut observer, 1, Way::ToClient, &rejected), Attribute::AeTitle), []);
    assert_eq!(of(&seen(&mut observer, 1, Way::ToClient, &ACCEPTED), Attribute::AeTitle), [], "it was rejected");

    seen(&mut observer, 2, Way::ToServer, &request("CT01", "MAINPACS"));
    let accepted = seen(&mut observer, 2, Way::ToClient, &ACCEPTED);
    assert_eq!(of(&accepted, Attribute::AeTitle), [(About::Server, "MAINPACS".to_owned())]);
}

#[test]
fn a_conversation_never_answers_for_another() {
    let mut observer = Observer::new(Names::shown());
    for conversation in 0..5000 {
        seen(&mut observer, conversation, Way::ToServer, &request("A", "B"));
    }
    // 4096 places on: the same slot of the memory, another conversation.
    assert_eq!(of(&seen(&mut observer, 3000 + 4096, Way::ToClient, &ACCEPTED), Attribute::AeTitle), []);
}

#[test]
fn an_image_describes_its_sender_unless_it_is_passed_on() {
    let mut observer = Observer::new(Names::shown());
    seen(&mut observer, 1, Way::ToServer, &store(None));
    let own = seen(&mut observer, 1, Way::ToServer, &head());
    assert_eq!(of(&own, Attribute::Modality), [(About::Client, "CT".to_owned())]);
    assert_eq!(of(&own, Attribute::Model), [(About::Client, "SOMATOM Force".to_owned())]);
    assert_eq!(of(&own, Attribute::Maker), [(About::Client, "Siemens Healthineers".to_owned())]);

    seen(&mut observer, 1, Way::ToServer, &store(Some("WS01")));
    let passed_on = seen(&mut observer, 1, Way::ToServer, &head());
    for attribute in [Attribute::Modality, Attribute::Model, Attribute::Maker, Attribute::Serial] {
        assert_eq!(of(&passed_on, attribute), [], "{attribute}");
    }
    seen(&mut observer, 1, Way::ToServer, &store(None));
    assert_eq!(of(&seen(&mut observer, 1, Way::ToServer, &head()), Attribute::Modality).len(), 1, "its own again");
    assert_eq!(
        of(&seen(&mut observer, 1, Way::ToClient, &head()), Attribute::Modality),
        [],
        "sub-operation of a C-GET"
    );
}

#[test]
fn a_lease_speaks_of_its_client_and_of_the_router_it_names() {
    let mut observer = Observer::new(Names::shown());
    let client = About::Device(DeviceKey::Mac(CLIENT));
    let asked = seen(&mut observer, 1, Way::ToServer, &lease(1, 3));
    assert_eq!(of(&asked, Attribute::Hostname), [(client, "doe-laptop".to_owned())]);
    assert_eq!(of(&asked, Attribute::Os), [(client, "BusyBox udhcpc (embedded Linux)".to_owned())]);
    let given = seen(&mut observer, 1, Way::ToClient, &lease(2, 5));
    assert_eq!(of(&given, Attribute::Address), [(client, "10.20.0.129".to_owned())]);
    let router = About::Device(DeviceKey::Ip([10, 20, 0, 1].into()));
    assert_eq!(of(&given, Attribute::Role), [(About::Server, "dhcp-server".to_owned()), (router, "router".to_owned())]);
    assert_eq!(of(&given, Attribute::Os), []);
}

#[test]
fn names_are_hashed_unless_the_site_shows_them_and_a_vendor_class_is_never_quoted() {
    for (names, shown) in [(Names::hashed([7; 32]), false), (Names::shown(), true)] {
        let mut observer = Observer::new(names);
        let mut all = seen(&mut observer, 1, Way::ToServer, &lease(1, 3));
        all.extend(seen(&mut observer, 2, Way::ToServer, &request("DOE", "PACS")));
        all.extend(seen(&mut observer, 2, Way::ToClient, &ACCEPTED));
        all.extend(seen(&mut observer, 3, Way::ToServer, &head()));
        let text = format!("{all:?}");
        for name in ["doe-laptop", "DOE", "PACS", "73001", "CT_DOE"] {
            assert_eq!(text.contains(name), shown, "{name}: {text}");
        }
        assert!(!text.contains("1.35.0"), "{text}");
    }
}

fn record<'a>(section: u64, address: [u8; 4]) -> dns::Record<'a> {
    dns::Record {
        name: site("pacs.hospital.test"),
        section: Code(section),
        rtype: Code(1),
        ttl: Seconds(60),
        address: Some(address.into()),
        target: None,
        text_strings: None,
        text_size: None,
    }
}

#[test]
fn only_the_answer_to_a_question_names_a_host() {
    let mut observer = Observer::new(Names::shown());
    let named = |found: &[Found]| of(found, Attribute::Hostname);
    let answer = seen(&mut observer, 1, Way::ToClient, &record(1, [10, 20, 0, 5]));
    let about = About::Device(DeviceKey::Ip([10, 20, 0, 5].into()));
    assert_eq!(named(&answer), [(about, "pacs.hospital.test".to_owned())]);
    for section in [2, 3] {
        assert_eq!(named(&seen(&mut observer, 1, Way::ToClient, &record(section, [10, 20, 0, 5]))), [], "{section}");
    }
    assert_eq!(named(&seen(&mut observer, 1, Way::ToServer, &record(1, [10, 20, 0, 5]))), [], "nobody asked");
}

#[test]
fn no_address_and_everybodys_address_are_no_devices() {
    let mut observer = Observer::new(Names::shown());
    for address in [[0, 0, 0, 0], [127, 0, 0, 1], [255, 255, 255, 255], [224, 0, 0, 251]] {
        assert_eq!(seen(&mut observer, 1, Way::ToClient, &record(1, address)).len(), 0, "{address:?}");
        let mut all = Vec::new();
        observer.address(address.into(), About::Client, &mut |found| all.push(found));
        assert_eq!(all.len(), 0, "{address:?}");
        let mut given = lease(2, 5);
        given.your_address = Some(address.into());
        given.router = Some(address.into());
        let found = seen(&mut observer, 1, Way::ToClient, &given);
        assert_eq!(of(&found, Attribute::Address), [], "{address:?}");
        assert_eq!(of(&found, Attribute::Role), [(About::Server, "dhcp-server".to_owned())], "{address:?}");
    }
}

fn announcement<'a>(management: &'a [IpAddr]) -> lldp::Message<'a> {
    lldp::Message {
        chassis_kind: Code(4),
        chassis_mac: Some(CLIENT),
        chassis_address: None,
        chassis: None,
        port_kind: Code(5),
        port_mac: None,
        port_address: None,
        port: Some(site("Gi1/0/1")),
        ttl: Seconds(120),
        port_description: None,
        system_name: Some(site("sw-ward-3")),
        system_description: Some(Plain::new(b"Cisco IOS Software, C2960", Because::Equipment)),
        capabilities: Some(Code(20)),
        enabled: Some(Code(4)),
        management,
        vlan: None,
        media_class: None,
        hardware: None,
        firmware: None,
        software: None,
        serial: Some(site("FOC1234")),
        manufacturer: None,
        model: None,
        asset: None,
    }
}

#[test]
fn an_announcement_speaks_of_the_chassis_and_not_of_the_port_that_sent_it() {
    let mut observer = Observer::new(Names::shown());
    let managed = [IpAddr::from([10, 20, 0, 3])];
    let by_address = About::Device(DeviceKey::Ip(managed[0]));
    let by_chassis = About::Device(DeviceKey::Mac(CLIENT));
    for (management, about) in [(&managed[..], by_address), (&[], by_chassis), (&[[0, 0, 0, 0].into()], by_chassis)] {
        let found = seen(&mut observer, 1, Way::ToServer, &announcement(management));
        assert_eq!(of(&found, Attribute::Hostname), [(about, "sw-ward-3".to_owned())]);
        assert_eq!(of(&found, Attribute::Serial), [(about, "FOC1234".to_owned())]);
        assert_eq!(of(&found, Attribute::Os), [(about, "Cisco IOS".to_owned())]);
        assert_eq!(of(&found, Attribute::Role), [(about, "switch".to_owned())]);
    }
}

#[test]
fn a_name_of_a_group_or_of_a_user_is_no_name_of_a_machine() {
    let mut observer = Observer::new(Names::shown());
    let node = |suffix, group| nbns::NodeName { name: site("WARD3"), suffix: Code(suffix), group, active: true };
    let named = |found: Vec<Found>| of(&found, Attribute::Hostname);
    for suffix in [0x00, 0x20] {
        let found = seen(&mut observer, 1, Way::ToClient, &node(suffix, false));
        assert_eq!(named(found), [(About::Server, "WARD3".to_owned())], "{suffix}");
    }
    assert_eq!(named(seen(&mut observer, 1, Way::ToClient, &node(0x00, true))), [], "a domain");
    assert_eq!(named(seen(&mut observer, 1, Way::ToClient, &node(0x03, false))), [], "a user");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the words of this file, no bytes of a packet")]
fn a_domain_is_a_name_or_what_stands_below_it_and_a_denial_wants_the_field() {
    let text = r#"title = "t"
[[rule]]
name = "published:dns/family.below"
origin = "o"
event = "dns.record"
when = [{ field = "dns.record.name", domain = "maker.test" }]
says = [{ attribute = "maker", value = "Maker", weight = 50 }]
[[rule]]
name = "published:dns/family.other"
origin = "o"
event = "dns.record"
when = [{ field = "dns.record.target", is = "a.test", not = true }]
says = [{ attribute = "family", value = "Other", weight = 50 }]
"#;
    let mut all = Fingerprints::empty();
    all.add("family", text).unwrap();
    let mut observer = Observer::with(Box::leak(Box::new(all)), Names::shown());
    let mut said = |name: &'static str, target: Option<&'static str>| {
        let event = dns::Record { name: site(name), target: target.map(site), ..record(2, [1, 2, 3, 4]) };
        seen(&mut observer, 1, Way::ToClient, &event).iter().map(|found| found.attribute).collect::<Vec<_>>()
    };
    for name in ["maker.test", "MAKER.test", "api.eu.Maker.Test"] {
        assert_eq!(said(name, None), [Attribute::Maker], "{name}");
    }
    for name in ["notmaker.test", "maker.test.evil", "test", ""] {
        assert_eq!(said(name, None), [], "{name}");
    }
    assert_eq!(said("", Some("a.test")), []);
    assert_eq!(said("", Some("b.test")), [Attribute::Family]);
}

/// An event of any declared kind with any values.
#[derive(Debug)]
struct Any {
    spec: &'static EventSpec,
    texts: Vec<Vec<u8>>,
    number: u64,
}

impl Any {
    fn value(&self, index: usize, field: &FieldSpec) -> Option<Value<'_>> {
        let text = self.texts.get(index % self.texts.len().max(1))?;
        Some(match field.kind {
            Kind::Plain => Value::Plain(Plain::new(text, field.because.unwrap_or(Because::Site))),
            Kind::Phi => Value::Phi(holter_phi::Phi::new(text)),
            Kind::Flag => Value::Flag(self.number & 1 == 1),
            Kind::Address => {
                Value::Address(u32::try_from(self.number & 0xffff_ffff).ok().map(std::net::Ipv4Addr::from)?.into())
            }
            Kind::Hardware => {
                let [_, _, mac @ ..] = self.number.to_be_bytes();
                Value::Hardware(Mac(mac))
            }
            Kind::Codes => Value::Codes(text),
            _ => Value::Number(self.number >> (index % 60)),
        })
    }
}

impl Event for Any {
    fn spec(&self) -> &'static EventSpec {
        self.spec
    }

    fn visit(&self, visitor: &mut dyn FnMut(&'static FieldSpec, Value<'_>)) {
        for (index, field) in self.spec.fields.iter().enumerate() {
            if let Some(value) = self.value(index, field) {
                visitor(field, value);
            }
        }
    }

    fn first(&self, field: &'static FieldSpec) -> Option<Value<'_>> {
        let index = self.spec.fields.iter().position(|spec| spec.is(field))?;
        self.value(index, field)
    }
}

fn any_event() -> impl Strategy<Value = Any> {
    let specs: Vec<&'static EventSpec> =
        holter_protocols::ALL.iter().flat_map(|protocol| protocol.events()).copied().collect();
    let texts = prop::collection::vec(prop::collection::vec(any::<u8>(), 0..90), 0..6);
    (0..specs.len(), texts, any::<u64>()).prop_map(move |(spec, texts, number)| Any {
        spec: specs[spec],
        texts,
        number,
    })
}

proptest! {
    #[test]
    fn any_event_gives_bounded_evidence_under_rules_that_exist(
        events in prop::collection::vec((any_event(), any::<bool>(), any::<u64>()), 0..40),
    ) {
        let mut observer = Observer::new(Names::hashed([7; 32]));
        for (event, to_server, conversation) in &events {
            let way = if *to_server { Way::ToServer } else { Way::ToClient };
            for found in seen(&mut observer, *conversation, way, event) {
                prop_assert!(!found.value.is_empty() && found.value.as_str().len() <= LABEL_BYTES);
                prop_assert!(found.rule.contains(':') && found.rule.contains('/') && found.rule.len() <= LABEL_BYTES);
                prop_assert!(found.weight != 0);
            }
        }
    }
}

#[test]
fn whom_a_device_speaks_with_in_secret_says_something_only_on_a_port_of_dicom() {
    let observer = Observer::new(Names::shown());
    let said = |role, port| {
        let mut all = Vec::new();
        observer.sealed_with(role, port, &mut |found| all.push((found.about, found.value.as_str().to_owned())));
        all
    };
    assert_eq!(said(Role::ImageArchive, 2762), [(About::Client, "imaging".to_owned())]);
    assert_eq!(said(Role::ImageArchive, 443), [], "somebody's browser");
    assert_eq!(said(Role::FileServer, 2762), []);
}
