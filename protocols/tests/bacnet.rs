//! BACnet/IP: what is read, what is never, and what hostile bytes lead to.

mod common;

use common::{Lines, decode, protocol, samples};
use holter_protocols::Way::ToServer;
use holter_protocols::bacnet::{Bacnet, DEPTH_MAX, OBJECTS_MAX};
use holter_protocols::{Protocol, Transport, Verdict};

fn unicast(apdu: &[u8]) -> Vec<u8> {
    [&[0x81, 10][..], &(apdu.len() as u16 + 6).to_be_bytes(), &[1, 4], apdu].concat()
}

fn hear(bytes: &[u8]) -> Lines {
    let mut lines = Lines { declared: Some(&Bacnet), ..Lines::default() };
    if let Err(malformed) = Bacnet.datagram(ToServer, bytes, &mut lines) {
        lines.lines.push(format!("weird {}", malformed.field));
    }
    lines
}

fn of(name: &str) -> Vec<String> {
    let all = samples(protocol("bacnet"));
    decode(all.iter().find(|sample| sample.name == name).expect("the sample"), |_| Vec::new())
}

#[test]
fn a_device_is_known_by_what_it_says_of_itself() {
    let lines = of("device.datagrams");
    let has = |part: &str| assert!(lines.iter().any(|line| line.contains(part)), "{part} in {lines:#?}");
    has("bacnet.device bacnet.device.instance=4711 bacnet.device.max_apdu=1476 bacnet.device.segmentation=0 \
         bacnet.device.vendor_id=999");
    has("bacnet.identity bacnet.identity.instance=4711 bacnet.vendor=\"Tessivo\" bacnet.model=\"RoomPilot 3\"");
    has("bacnet.firmware=\"3.1.9\"");
    has("bacnet.software=\"3.1\"");
    has("bacnet.serial=\"RP-0042\"");
}

#[test]
fn services_objects_and_properties_are_told_and_values_are_not() {
    let lines = of("device.datagrams");
    let write = lines.last().expect("a write");
    assert!(
        write.contains("bacnet.confirmed_service=15 bacnet.invoke=11")
            && write.contains("bacnet.object_type=2 bacnet.instance=1 bacnet.property=85"),
        "{write}"
    );
    assert!(!lines.concat().contains("QXJZVKW"), "names and descriptions are free text: {lines:#?}");
}

#[test]
fn every_kind_of_answer_is_told_apart() {
    let lines = of("network.datagrams");
    for part in [
        "bacnet.apdu=2 bacnet.confirmed_service=15",
        "bacnet.error_class=1 bacnet.error_code=31",
        "bacnet.apdu=6 bacnet.invoke=13 bacnet.segmented=false bacnet.reason=9",
        "bacnet.apdu=7 bacnet.invoke=14 bacnet.segmented=false bacnet.reason=4",
        "bacnet.origin=10.1.2.3 bacnet.origin_port=47808 bacnet.source_network=5",
        "bacnet.link=11 bacnet.network_message=0",
        "bacnet.link=0 bacnet.link_result=0",
        "bacnet.segmented=true bacnet.sequence=0",
        "bacnet.apdu=4 bacnet.invoke=15",
    ] {
        assert!(lines.iter().any(|line| line.contains(part)), "{part} in {lines:#?}");
    }
    assert!(!lines.iter().any(|line| line.starts_with("weird")), "{lines:#?}");
}

#[test]
fn a_password_or_a_text_never_leaves() {
    let marker = b"QXJZVKWAAAAA";
    let text = [&[0x75, 13, 0][..], marker].concat();
    let context = |number: u8| [&[number << 4 | 0x0d, 13, 0][..], marker].concat();
    // Communication control and reinitialise with passwords, text messages, files, property writes, I-Have.
    for apdu in [
        [&[0, 5, 1, 17][..], &context(2)].concat(),
        [&[0, 5, 1, 20, 0x09, 0][..], &context(1)].concat(),
        [&[0, 5, 1, 19, 0x0c, 2, 0, 0, 1][..], &context(3)].concat(),
        [&[0x10, 5, 0x0c, 2, 0, 0, 1][..], &context(3)].concat(),
        [&[0, 5, 1, 7][..], &[0x65, 12], marker].concat(),
        [&[0, 5, 1, 15, 0x0c, 2, 0, 0, 1, 0x19, 121, 0x3e][..], &text, &[0x3f]].concat(),
        [&[0x10, 1, 0xc4, 2, 0, 0, 1, 0xc4, 0, 0, 0, 1][..], &text].concat(),
        // Answers: the description of a device, and the vendor's name of what is no device.
        [&[0x30, 1, 12, 0x0c, 2, 0, 0, 1, 0x19, 28, 0x3e][..], &text, &[0x3f]].concat(),
        [&[0x30, 1, 12, 0x0c, 0, 0, 0, 1, 0x19, 121, 0x3e][..], &text, &[0x3f]].concat(),
    ] {
        let lines = hear(&unicast(&apdu));
        let all = format!("{:?} {} {}", lines.lines, lines.debug, String::from_utf8_lossy(&lines.plain));
        assert!(all.contains("bacnet.message") && !all.contains("QXJZVKW"), "{all}");
    }
}

#[test]
fn objects_are_capped() {
    let many = [&[0x30, 1, 3][..], &[0xc4, 0, 0, 0, 1].repeat(OBJECTS_MAX + 5)].concat();
    let lines = hear(&unicast(&many)).lines;
    assert_eq!(lines[0], "weird bacnet.objects");
    assert_eq!(lines[1].matches("bacnet.instance=").count(), OBJECTS_MAX);
}

#[test]
fn values_nested_too_deep_and_tags_without_end_are_malformed() {
    let deep = [&[0x30, 1, 14][..], &[0x0e].repeat(DEPTH_MAX + 1)].concat();
    assert_eq!(hear(&unicast(&deep)).lines.last().map(String::as_str), Some("weird bacnet.depth"));
    let as_deep = [&[0x30, 1, 14][..], &[0x0e].repeat(DEPTH_MAX), &[0x0f].repeat(DEPTH_MAX)].concat();
    assert!(!hear(&unicast(&as_deep)).lines.concat().contains("weird"));
    let closed = hear(&unicast(&[0x30, 1, 14, 0x0f])).lines;
    assert_eq!(closed[1], "weird bacnet.closing");
    let long = hear(&unicast(&[0x30, 1, 12, 0x0c, 2, 0, 0, 1, 0x65, 255, 255, 255, 255, 255])).lines;
    assert!(long[0].contains("bacnet.instance=1") && long[1] == "weird bacnet.tag_length", "{long:?}");
}

#[test]
fn a_wrong_length_of_the_link_is_counted_and_what_is_there_is_read() {
    let mut long = unicast(&[0x20, 4, 20]);
    long[3] += 8;
    let lines = hear(&long).lines;
    assert!(lines[0].contains("bacnet.confirmed_service=20") && lines[1] == "weird bacnet.link_length", "{lines:?}");
    let trailing = hear(&[unicast(&[0x20, 4, 20]), vec![0]].concat()).lines;
    assert_eq!(trailing[0], "weird bacnet.trailing");
}

#[test]
fn a_message_cut_at_any_byte_is_survived() {
    for sample in samples(protocol("bacnet")) {
        for (_, bytes) in &sample.chunks {
            for cut in 0..bytes.len() {
                hear(&bytes[..cut]);
            }
        }
    }
}

#[test]
fn only_bacnet_is_taken_for_bacnet() {
    let probe = |bytes: &[u8]| Bacnet.probe(Transport::Udp, ToServer, bytes);
    let good = unicast(&[0x10, 8]);
    assert_eq!(probe(&good), Verdict::Yes);
    for cut in 0..good.len() {
        assert_eq!(probe(&good[..cut]), Verdict::No, "{cut}");
    }
    assert_eq!(probe(&[&good[..], &[0]].concat()), Verdict::Likely, "padded");
    assert_eq!(probe(&[0x81, 5, 0, 6, 0, 60]), Verdict::Likely, "too short to be sure");
    let mut other = good.clone();
    other[4] = 2;
    assert_eq!(probe(&other), Verdict::No, "another version");
    assert_eq!(Bacnet.probe(Transport::Tcp, ToServer, &good), Verdict::No);
}
