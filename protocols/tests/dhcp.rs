//! DHCP for IPv4: what is read, and what hostile messages lead to. Names follow the list of bad inputs.

mod common;

use common::Lines;
use holter_protocols::Way::ToServer;
use holter_protocols::dhcp::{Dhcp, JOINED_MAX, OPTION_FIELD_MAX, OPTIONS_MAX};
use holter_protocols::{Protocol, Sink, Transport, Verdict};

const FIXED: usize = 236;

fn message(options: &[u8]) -> Vec<u8> {
    let mut bytes = vec![1, 1, 6, 0, 0xde, 0xad, 0xbe, 0xef, 0, 0, 0, 0];
    bytes.extend([0; 16]);
    bytes.extend([0, 0x18, 0x65, 0xaa, 0, 0x21]);
    bytes.extend([0; 10 + 64 + 128]);
    bytes.extend([99, 130, 83, 99]);
    bytes.extend(options);
    bytes
}

fn read(bytes: &[u8]) -> Vec<String> {
    let mut lines = Lines { declared: Some(&Dhcp), ..Lines::default() };
    if let Err(malformed) = Dhcp.datagram(ToServer, bytes, &mut lines) {
        lines.weird(malformed.field);
    }
    lines.lines
}

fn option(code: u8, value: &[u8]) -> Vec<u8> {
    [&[code, value.len() as u8][..], value].concat()
}

fn has(lines: &[String], part: &str) -> bool {
    lines.iter().any(|line| line.contains(part))
}

#[test]
fn a_request_says_who_asks_and_how() {
    let lines = read(&message(
        b"\x35\x01\x03\x32\x04\x0a\x14\x00\x81\x0c\x04ct01\x3c\x05udhcp\x37\x03\x01\x1c\x02\x39\x02\x02\x40\xff",
    ));
    assert_eq!(lines.len(), 1, "{lines:?}");
    for part in [
        "dhcp.op=1 dhcp.type=3",
        "dhcp.client_mac=00:18:65:aa:00:21",
        "dhcp.requested_address=10.20.0.129",
        "dhcp.hostname=\"ct01\"",
        "dhcp.vendor_class=\"udhcp\"",
        "dhcp.parameters=[1, 28, 2]",
        "dhcp.options=[53, 50, 12, 60, 55, 57]",
        "dhcp.max_size=576",
    ] {
        assert!(lines[0].contains(part), "{part} in {}", lines[0]);
    }
}

#[test]
fn dhcp_1_an_option_past_the_end_keeps_the_earlier_ones() {
    for end in [&b"\x0c\xffct"[..], b"\x0c"] {
        let bytes = message(&[b"\x35\x01\x01", end].concat());
        let lines = read(&bytes);
        assert!(lines[0].contains("dhcp.type=1"), "{lines:?}");
        assert_eq!(lines[1], "weird dhcp.option_length");
        let malformed = Dhcp.datagram(ToServer, &bytes, &mut common::Silent).expect_err("malformed");
        assert_eq!(malformed.at, FIXED + 4 + 3, "where it stands");
    }
}

#[test]
fn dhcp_2_overload_goes_one_level_deep() {
    let mut bytes = message(b"\x34\x01\x03\xff");
    // file (at 108): its own overload option is no news; sname (at 44).
    bytes[108..115].copy_from_slice(b"\x34\x01\x03\x35\x01\x05\xff");
    bytes[44..51].copy_from_slice(b"\x0c\x04name\xff");
    let lines = read(&bytes);
    assert!(lines[0].contains("dhcp.type=5") && lines[0].contains("dhcp.hostname=\"name\""), "{lines:?}");
    assert!(lines[0].contains("dhcp.options=[52, 52, 53, 12]"), "{lines:?}");
    let mut alone = message(b"\xff");
    alone[108..111].copy_from_slice(b"\x35\x01\x05");
    assert!(!has(&read(&alone), "dhcp.type="), "not without the option");
}

#[test]
fn dhcp_3_and_13_bootp_is_decoded_and_a_message_cut_short_is_malformed() {
    let bytes = message(b"");
    assert!(has(&read(&bytes[..FIXED]), "dhcp.client_mac"));
    let mut vendor = bytes[..FIXED].to_vec();
    vendor.extend([7; 64]);
    assert_eq!(read(&vendor)[0], "weird dhcp.cookie");
    assert_eq!(Dhcp.probe(Transport::Udp, ToServer, &vendor), Verdict::Yes, "300 bytes of BOOTP");
    for cut in 0..FIXED {
        let lines = read(&bytes[..cut]);
        assert!(lines.len() == 1 && lines[0].starts_with("weird dhcp."), "cut at {cut}: {lines:?}");
    }
}

#[test]
fn dhcp_4_an_odd_hardware_address_is_no_mac() {
    for (at, value) in [(1usize, 32u8), (2, 0), (2, 255), (2, 16)] {
        let mut bytes = message(b"\x35\x01\x01\xff");
        bytes[at] = value;
        let lines = read(&bytes);
        assert_eq!(lines[0], "weird dhcp.hardware");
        assert!(!lines[1].contains("client_mac"));
    }
}

#[test]
fn dhcp_5_a_parameter_list_keeps_its_order_and_its_repetitions() {
    let list: Vec<u8> = (0..255u8).rev().collect();
    let lines = read(&message(&[b"\x35\x01\x01".to_vec(), option(55, &list), vec![255]].concat()));
    assert!(has(&lines, &format!("dhcp.parameters={list:?}")));
    assert!(has(&read(&message(&option(55, &[3, 3, 1, 3]))), "dhcp.parameters=[3, 3, 1, 3]"));
}

#[test]
fn dhcp_6_names_are_site_data_whatever_they_hold() {
    for name in [&b"ROE-RICHARD-MRN777"[..], b"\x1b[31mred", &[b'x'; 255], b"a\0b"] {
        let lines = read(&message(&[b"\x35\x01\x01".to_vec(), option(12, name)].concat()));
        assert!(has(&lines, "dhcp.hostname="), "{lines:?}");
    }
    assert!(has(&read(&message(&option(12, b"ct01\0\0"))), "dhcp.hostname=\"ct01\""), "padding is no part of it");
    assert!(!has(&read(&message(&option(12, b"\0\0"))), "dhcp.hostname"));
}

#[test]
fn dhcp_7_relay_information_is_not_looked_into() {
    let lines = read(&message(&[b"\x35\x01\x01".to_vec(), option(82, &[0xff; 255])].concat()));
    assert!(lines.len() == 1 && lines[0].contains("dhcp.options=[53, 82]"), "{lines:?}");
}

#[test]
fn dhcp_8_a_full_name_in_labels_is_read_without_pointers() {
    let named = |value: &[u8]| read(&message(&[b"\x35\x01\x01".to_vec(), option(81, value)].concat()));
    assert!(has(&named(b"\x04\0\0\x04ct01\x04clin\0"), "dhcp.fqdn=\"ct01.clin\""));
    assert!(has(&named(b"\x00\0\0ct01.clin"), "dhcp.fqdn=\"ct01.clin\""));
    for broken in [&b"\x04\0\0\xc0\x00"[..], b"\x04\0\0\x05ct", b"\x04\0\0\x40aaaa"] {
        let lines = named(broken);
        assert!(has(&lines, "weird dhcp.fqdn") && !has(&lines, "dhcp.fqdn="), "{lines:?}");
    }
    assert!(!has(&named(b"\x04\0"), "dhcp.fqdn"));
}

#[test]
fn dhcp_9_an_option_in_parts_is_joined_under_a_cap() {
    let parts = |n: usize, part: &[u8]| read(&message(&option(12, part).repeat(n)));
    assert!(has(&parts(3, b"ab"), "dhcp.hostname=\"ababab\""));
    let lines = parts(100, b"ab");
    assert!(has(&lines, "weird dhcp.joined") && has(&lines, &format!("dhcp.hostname=\"{}\"", "ab".repeat(16))));
    let lines = parts(3, &[b'x'; 255]);
    assert!(has(&lines, "weird dhcp.joined") && has(&lines, &format!("dhcp.hostname=\"{}\"", "x".repeat(JOINED_MAX))));
}

#[test]
fn dhcp_9_more_options_than_are_kept_are_counted() {
    let lines = read(&message(&[0x2b, 0].repeat(OPTIONS_MAX + 50)));
    assert_eq!(lines.iter().filter(|line| *line == "weird dhcp.options").count(), 1);
    let listed = lines.last().expect("the message").matches("43").count();
    assert_eq!(listed, OPTIONS_MAX);
}

#[test]
fn an_option_field_beyond_the_cap_is_read_to_the_cap() {
    let mut options = vec![0; OPTION_FIELD_MAX];
    options[0..3].copy_from_slice(b"\x35\x01\x01");
    assert!(!has(&read(&message(&options)), "weird"));
    options.extend(option(12, b"late"));
    let lines = read(&message(&options));
    assert!(lines[0] == "weird dhcp.size" && lines[1].contains("dhcp.type=1"), "{lines:?}");
    assert!(!has(&lines, "late"));
}

#[test]
fn dhcp_14_addresses_that_contradict_each_other_are_noticed() {
    let mut bytes = message(b"\x35\x01\x01\xff");
    bytes[12..16].copy_from_slice(&[10, 0, 0, 1]);
    assert!(has(&read(&bytes), "weird dhcp.addresses"), "ciaddr in a DISCOVER");
    let mut bytes = message(b"\x35\x01\x01\xff");
    bytes[24..28].copy_from_slice(&[10, 0, 0, 1]);
    assert!(has(&read(&bytes), "weird dhcp.addresses"), "giaddr without a hop");
    bytes[3] = 1;
    assert!(!has(&read(&bytes), "weird"), "a relay");
}

#[test]
fn only_dhcp_is_taken_for_dhcp() {
    let probe = |bytes: &[u8]| Dhcp.probe(Transport::Udp, ToServer, bytes);
    assert_eq!(probe(&message(b"\xff")), Verdict::Yes);
    for other in [vec![0; 300], vec![1; 300], vec![0xff; 240], message(b"")[..FIXED - 1].to_vec()] {
        assert_eq!(probe(&other), Verdict::No);
    }
    let mut odd = message(b"\xff");
    odd[0] = 3;
    assert_eq!(probe(&odd), Verdict::No);
}
