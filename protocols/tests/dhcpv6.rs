//! DHCPv6: what is read, and what hostile messages lead to. Names follow the list of bad inputs.

mod common;

use common::{decode, hear, sample};
use holter_protocols::Way::ToServer;
use holter_protocols::dhcpv6::{ADDRESSES_MAX, Dhcpv6, OPTIONS_MAX, RELAYS_MAX, REQUESTED_MAX};
use holter_protocols::{Protocol, Transport, Verdict};

fn option(code: u16, value: &[u8]) -> Vec<u8> {
    [&code.to_be_bytes()[..], &(value.len() as u16).to_be_bytes(), value].concat()
}

fn message(options: &[u8]) -> Vec<u8> {
    [&[1, 1, 2, 3][..], options].concat()
}

fn relayed(message: &[u8]) -> Vec<u8> {
    [&[12, 0][..], &[0xfd; 32], &option(9, message)].concat()
}

const CLIENT: &[u8] = &[0, 3, 0, 1, 2, 0, 0x5e, 0x20, 0, 7];

#[test]
fn a_lease_is_read_from_asking_to_giving_up() {
    let samples = common::samples(&Dhcpv6);
    let lease = samples.iter().find(|sample| sample.name == "lease.datagrams").expect("a sample");
    let lines: Vec<_> = decode(lease, |_| Vec::new()).into_iter().filter(|line| line.starts_with("dhcpv6")).collect();
    for (line, kind) in lines.iter().zip([1, 2, 3, 7, 8, 7]) {
        assert!(line.starts_with(&format!("dhcpv6.message dhcpv6.type={kind} ")), "{line}");
        assert!(line.contains("dhcpv6.client_duid_type=1 dhcpv6.client_mac=02:00:5e:20:00:02"), "{line}");
    }
    assert!(lines[0].contains("dhcpv6.requested=23 dhcpv6.requested=24"));
    assert!(lines[3].contains("dhcpv6.address=fd20:9::184") && lines[3].contains("dhcpv6.name_server=fd20:9::1"));
    assert!(hear(&Dhcpv6, &sample(&Dhcpv6, "prefix-reply.bin")).shows("dhcpv6.prefix=fd20:900:: dhcpv6.lifetime=7200"));
}

#[test]
fn what_relays_wrapped_is_read() {
    let lines = hear(&Dhcpv6, &sample(&Dhcpv6, "relayed.bin"));
    for part in [
        "dhcpv6.type=12 dhcpv6.type=12 dhcpv6.type=1 dhcpv6.transaction=1193046 dhcpv6.relays=2",
        "dhcpv6.peer_address=fd20:7::1 dhcpv6.relayed_mac=02:00:5e:20:00:07",
        "dhcpv6.vendor=40132 dhcpv6.vendor_class=\"Mon74\" dhcpv6.fqdn=\"monitor7.clin.example\"",
    ] {
        assert!(lines.shows(part), "{part} in {:?}", lines.lines);
    }
}

#[test]
fn dhcp_12_relays_are_followed_to_the_cap_and_no_further() {
    for depth in [1, RELAYS_MAX, RELAYS_MAX + 1, 32, 200] {
        let bytes = (0..depth).fold(message(&option(1, CLIENT)), |inner, _| relayed(&inner));
        let lines = hear(&Dhcpv6, &bytes);
        let within = depth <= RELAYS_MAX;
        assert_eq!(lines.shows("dhcpv6.client_mac=02:00:5e:20:00:07"), within, "{depth}: {:?}", lines.lines);
        assert_eq!(lines.shows("weird dhcpv6.relays"), !within, "{depth}: {:?}", lines.lines);
    }
}

#[test]
fn dhcp_12_options_that_lie_about_their_length_are_malformed_and_the_earlier_ones_are_kept() {
    let good = option(1, CLIENT);
    let address = option(5, &[0xfd; 24]);
    for broken in [
        &[0, 39, 0xff, 0xff][..],
        &[0, 39, 0],
        &option(3, &[0; 11]),
        // An address that reaches past its association.
        &option(3, &[&[0; 12][..], &address[..20]].concat()),
        &option(5, &[0; 23]),
        &option(9, &[12, 0, 1]),
        &option(9, b""),
    ] {
        let lines = hear(&Dhcpv6, &message(&[&good[..], broken].concat())).lines;
        assert!(lines[0].contains("client_mac"), "{lines:?}");
        assert!(lines[1].starts_with("weird dhcpv6."), "{lines:?}");
    }
    let whole = message(&good);
    for cut in 0..whole.len() {
        let lines = hear(&Dhcpv6, &whole[..cut]).lines;
        assert!(cut == 4 || lines.last().is_some_and(|line| line.starts_with("weird")), "cut at {cut}: {lines:?}");
    }
    // Associations within associations end like all else.
    let nested = (0..2000)
        .fold(Vec::new(), |inner: Vec<u8>, _| option(4, &[&[0; 4], &inner[..inner.len().min(60_000)]].concat()));
    hear(&Dhcpv6, &message(&nested));
}

#[test]
fn identifiers_of_other_kinds_hold_no_link_address() {
    for duid in [
        &[0, 2, 0, 0, 0, 9, 1, 2, 3, 4, 5, 6][..],
        &[0, 4, 1, 2],
        &[0, 3, 0, 27, 2, 0, 0x5e, 0x20, 0, 7],
        &[0, 3, 0, 1, 2],
    ] {
        let lines = hear(&Dhcpv6, &message(&option(1, duid)));
        assert!(lines.shows("dhcpv6.client_duid=") && !lines.shows("client_mac"), "{:?}", lines.lines);
    }
    let long = hear(&Dhcpv6, &message(&option(1, &[0xab; 400])));
    assert!(long.shows(&"ab".repeat(130)) && !long.shows(&"ab".repeat(131)), "to the longest that is allowed");
}

#[test]
fn lists_beyond_the_caps_are_noticed() {
    let noticed = |options: &[u8], field: &str, most: usize| {
        let lines = hear(&Dhcpv6, &message(options)).lines;
        assert_eq!(lines[0], "weird dhcpv6.options");
        assert_eq!(lines[1].matches(field).count(), most);
    };
    noticed(&option(99, b"").repeat(OPTIONS_MAX + 1), "dhcpv6.options=", OPTIONS_MAX);
    noticed(&option(6, &[0, 23].repeat(REQUESTED_MAX + 1)), "dhcpv6.requested=", REQUESTED_MAX);
    noticed(&option(23, &[0xfd; 16].repeat(ADDRESSES_MAX + 1)), "dhcpv6.name_server=", ADDRESSES_MAX);
    noticed(
        &option(3, &[&[0; 12][..], &option(5, &[0xfd; 24]).repeat(ADDRESSES_MAX + 1)].concat()),
        "dhcpv6.address=",
        ADDRESSES_MAX,
    );
    noticed(
        &option(25, &[&[0; 12][..], &option(26, &[0xfd; 25]).repeat(ADDRESSES_MAX + 1)].concat()),
        "dhcpv6.prefix=",
        ADDRESSES_MAX,
    );
}

#[test]
fn a_full_name_in_broken_labels_is_not_read() {
    for name in [&b"\0\xc0\x00"[..], b"\0\x05ct", b"\0\x40aaaa"] {
        let lines = hear(&Dhcpv6, &message(&option(39, name)));
        assert!(lines.shows("weird dhcpv6.fqdn") && !lines.shows("dhcpv6.fqdn="), "{:?}", lines.lines);
    }
    assert!(hear(&Dhcpv6, &message(&option(39, b"\0\x05mon07"))).shows("dhcpv6.fqdn=\"mon07\""), "without its end");
}

#[test]
fn texts_and_other_options_are_not_read() {
    // Numbers, addresses, names and the vendor class have fields; identifiers are site data.
    let open = [1, 2, 3, 4, 5, 6, 9, 16, 23, 25, 26, 39, 79];
    let mut options = Vec::new();
    for code in (0..300).filter(|code| !open.contains(code)) {
        options.extend(option(code, b"\0\0QXJZVKW"));
    }
    let lines = hear(&Dhcpv6, &message(&options));
    assert!(lines.shows("dhcpv6.status=0") && !lines.shows("QXJZVKW"), "{:?}", lines.lines);
}

#[test]
fn only_options_that_fill_the_datagram_are_sure() {
    let probe = |bytes: &[u8]| Dhcpv6.probe(Transport::Udp, ToServer, bytes);
    assert_eq!(probe(&message(&option(1, CLIENT))), Verdict::Yes);
    assert_eq!(probe(&sample(&Dhcpv6, "relayed.bin")), Verdict::Yes);
    assert_eq!(probe(&message(&option(8, &[0, 0]))), Verdict::Likely);
    assert_eq!(probe(&[&message(&option(1, CLIENT))[..], &[0]].concat()), Verdict::Likely);
    for other in [&[0; 60][..], &[0xff; 60], &[200, 0, 0, 0, 0, 1, 0, 0]] {
        assert_eq!(probe(other), Verdict::No, "{other:?}");
    }
}
