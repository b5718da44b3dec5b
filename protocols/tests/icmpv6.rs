//! ICMPv6: what is read, and what hostile messages lead to.

mod common;

use common::{hear, sample};
use holter_protocols::icmpv6::{GROUPS_MAX, Icmpv6, NAME_SERVERS_MAX, OPTIONS_MAX, PREFIXES_MAX};

fn advertised(options: &[u8]) -> Vec<String> {
    hear(&Icmpv6, &[&[134, 0, 0, 0, 64, 0, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0][..], options].concat()).lines
}

const PREFIX: &[u8] =
    &[3, 4, 64, 0xc0, 0, 0, 0, 60, 0, 0, 0, 60, 0, 0, 0, 0, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

#[test]
fn a_router_says_its_lifetime_prefix_and_servers() {
    let lines = hear(&Icmpv6, &sample(&Icmpv6, "router-advertisement.bin"));
    for part in [
        "icmpv6.type=134",
        "icmpv6.router.managed=true icmpv6.router.other=true",
        "icmpv6.router.lifetime=12 icmpv6.router.source_mac=02:00:5e:20:00:01",
        "icmpv6.router.name_server=fd20:9::1",
        "icmpv6.prefix.address=fd20:9:: icmpv6.prefix.length=64 icmpv6.prefix.on_link=true",
    ] {
        assert!(lines.shows(part), "{part} in {:?}", lines.lines);
    }
}

#[test]
fn neighbours_redirects_and_groups_are_read() {
    for (name, part) in [
        ("neighbor-solicitation.bin", "target=fe80::5eff:fe20:1 icmpv6.neighbor.router=false"),
        (
            "neighbor-advertisement.bin",
            "solicited=true icmpv6.neighbor.override=true icmpv6.neighbor.target_mac=02:00:5e",
        ),
        ("redirect.bin", "icmpv6.redirect.target=fe80::9 icmpv6.redirect.destination=fd20::10"),
        ("listener-report.bin", "icmpv6.group.address=ff02::6a icmpv6.group.record_type=4"),
        ("listener-done.bin", "icmpv6.group.address=ff02::fb"),
        (
            "unreachable.bin",
            "icmpv6.quoted_destination=fe80::5eff:fe20:1 icmpv6.quoted_protocol=17 icmpv6.quoted_port=9999",
        ),
        ("too-big.bin", "icmpv6.mtu=1400 icmpv6.quoted_source=fd20::2"),
    ] {
        let lines = hear(&Icmpv6, &sample(&Icmpv6, name));
        assert!(lines.shows(part), "{part} in {:?}", lines.lines);
    }
}

#[test]
fn an_option_of_no_length_or_past_the_end_is_malformed_and_the_earlier_ones_are_kept() {
    let mac = [1, 1, 2, 0, 0x5e, 0x20, 0, 1];
    for broken in [&[5, 0, 0, 0, 0, 0, 0, 0][..], &[5, 2, 0, 0, 0, 0, 0, 0], &[5]] {
        let lines = advertised(&[&mac[..], broken].concat());
        assert!(lines[1].contains("source_mac=02:00:5e:20:00:01"), "{lines:?}");
        assert_eq!(lines[2], "weird icmpv6.option_length");
    }
    for cut in 0..40 {
        let bytes = sample(&Icmpv6, "neighbor-solicitation.bin");
        let lines = hear(&Icmpv6, &bytes[..cut.min(bytes.len() - 1)]).lines;
        assert!(lines.last().is_some_and(|line| line.starts_with("weird icmpv6.") || cut == 24), "{cut}: {lines:?}");
    }
}

#[test]
fn options_prefixes_servers_and_groups_beyond_the_caps_are_not_kept() {
    let lines = advertised(&PREFIX.repeat(PREFIXES_MAX + 1));
    assert_eq!(lines.iter().filter(|line| line.starts_with("icmpv6.prefix ")).count(), PREFIXES_MAX);
    assert_eq!(lines[1], "weird icmpv6.prefixes");
    assert!(advertised(&[1, 1, 2, 0, 0, 0, 0, 1].repeat(OPTIONS_MAX + 1)).contains(&"weird icmpv6.options".to_owned()));
    let servers = [&[25, 41, 0, 0, 0, 0, 0, 0][..], &[0xfd; 320]].concat();
    assert_eq!(advertised(&servers)[1].matches("name_server=").count(), NAME_SERVERS_MAX);
    let record = [&[4, 0, 0, 0][..], &[0xff; 16]].concat();
    let many = GROUPS_MAX as u16 + 1;
    let report = [&[143, 0, 0, 0, 0, 0][..], &many.to_be_bytes(), &record.repeat(usize::from(many))].concat();
    let lines = hear(&Icmpv6, &report).lines;
    assert_eq!(lines.iter().filter(|line| line.starts_with("icmpv6.group ")).count(), GROUPS_MAX);
    assert_eq!(lines.last().map(String::as_str), Some("weird icmpv6.groups"));
}

#[test]
fn a_report_that_promises_more_records_or_sources_than_there_are_is_malformed() {
    let record = [&[4, 0, 0xff, 0xff][..], &[0xff; 16]].concat();
    for (count, records) in [(0xffffu16, &record[..0]), (1, &record[..])] {
        let report = [&[143, 0, 0, 0, 0, 0][..], &count.to_be_bytes(), records].concat();
        assert_eq!(hear(&Icmpv6, &report).lines[1..], ["weird icmpv6.record"]);
    }
}

#[test]
fn what_is_carried_is_not_read() {
    for kind in [1, 2, 128, 129, 139, 140, 200] {
        assert!(!hear(&Icmpv6, &[&[kind, 0, 0, 0, 0, 1, 0, 1][..], b"QXJZVKW"].concat()).shows("QXJZVKW"));
    }
    // A search list of a router (option 31) is not kept either.
    assert!(!advertised(b"\x1f\x02\0\0\0\0\0\0\x07QXJZVKW").concat().contains("QXJZVKW"));
}
