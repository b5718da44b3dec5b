//! SNMP: what is read, and what hostile messages lead to.

mod common;

use common::Lines;
use common::ber::{int, tlv};
use holter_protocols::Way::{ToClient, ToServer};
use holter_protocols::snmp::{OIDS_MAX, Snmp};
use holter_protocols::{Protocol, Sink, Transport, Verdict};

fn binding(oid: &[u8], tag: u8, value: &[u8]) -> Vec<u8> {
    tlv(0x30, &[tlv(6, oid), tlv(tag, value)].concat())
}

fn pdu(tag: u8, bindings: &[Vec<u8>]) -> Vec<u8> {
    tlv(tag, &[int(7), int(0), int(0), tlv(0x30, &bindings.concat())].concat())
}

fn v2c(community: &[u8], pdu: &[u8]) -> Vec<u8> {
    tlv(0x30, &[int(1), tlv(4, community), pdu.to_vec()].concat())
}

fn v3(flags: u8, engine: &[u8], user: &[u8], data: &[u8]) -> Vec<u8> {
    let header = tlv(0x30, &[int(9), tlv(2, &[0x7f, 0xff]), tlv(4, &[flags]), int(3)].concat());
    let usm = [tlv(4, engine), int(2), int(61), tlv(4, user), tlv(4, b""), tlv(4, b"QXJZVKW")].concat();
    tlv(0x30, &[int(3), header, tlv(4, &tlv(0x30, &usm)), data.to_vec()].concat())
}

const SYS_DESCR: &[u8] = &[0x2b, 6, 1, 2, 1, 1, 1, 0];
const SYS_OBJECT_ID: &[u8] = &[0x2b, 6, 1, 2, 1, 1, 2, 0];
const SYS_CONTACT: &[u8] = &[0x2b, 6, 1, 2, 1, 1, 4, 0];
const SYS_NAME: &[u8] = &[0x2b, 6, 1, 2, 1, 1, 5, 0];
const SYS_LOCATION: &[u8] = &[0x2b, 6, 1, 2, 1, 1, 6, 0];

fn read(bytes: &[u8]) -> Vec<String> {
    let mut lines = Lines { declared: Some(&Snmp), ..Lines::default() };
    if let Err(malformed) = Snmp.datagram(ToServer, bytes, &mut lines) {
        lines.weird(malformed.field);
    }
    lines.lines
}

fn probe(bytes: &[u8]) -> Verdict {
    Snmp.probe(Transport::Udp, ToClient, bytes)
}

#[test]
fn the_system_group_and_the_names_of_bindings_are_read() {
    let lines = read(&v2c(
        b"public",
        &pdu(
            0xa2,
            &[
                binding(SYS_DESCR, 4, b"Tessivo Scan 64"),
                binding(SYS_OBJECT_ID, 6, &[0x2b, 6, 1, 4, 1, 0x86, 0x8d, 0x1f, 64]),
                binding(SYS_NAME, 4, b"ct-01"),
            ],
        ),
    ));
    assert_eq!(
        lines,
        ["snmp.message snmp.version=1 snmp.default_community=true snmp.pdu=2 snmp.transaction=7 snmp.error_status=0 \
          snmp.error_index=0 snmp.bindings=3 snmp.oid=\"1.3.6.1.2.1.1.1.0\" snmp.oid=\"1.3.6.1.2.1.1.2.0\" \
          snmp.oid=\"1.3.6.1.2.1.1.5.0\" snmp.sys_descr=\"Tessivo Scan 64\" snmp.sys_object_id=\"1.3.6.1.4.1.99999.64\" \
          snmp.sys_name=\"ct-01\""]
    );
}

#[test]
fn a_community_and_the_values_of_bindings_are_never_told() {
    let marked = [SYS_CONTACT, SYS_LOCATION, &[0x2b, 6, 1, 4, 1, 9, 1]].map(|oid| binding(oid, 4, b"QXJZVKW"));
    let marked = [&marked[..], &[binding(SYS_DESCR, 0x44, b"QXJZVKW"), binding(SYS_NAME, 6, b"QXJZVKW")]].concat();
    let spelled = [&[0x2b, 6, 1, 4, 1, 77, 1, 2, 25, 1, 1, 7][..], b"QXJZVKW"].concat();
    let message = v2c(b"QXJZVKW", &pdu(0xa2, &[marked, vec![binding(&spelled, 4, b"QXJZVKW")]].concat()));
    for cut in 0..=message.len() {
        let lines = read(&message[..cut]).concat();
        assert!(!lines.contains("QXJZVKW") && !lines.contains("81.88"), "{cut}: {lines}");
    }
    let lines = read(&message).concat();
    assert!(lines.contains("snmp.default_community=false") && lines.contains("77.1.2.25.1.1.7\""), "{lines}");
    let lines = read(&v3(0, b"QXJZVKW", b"", &tlv(0x30, &[tlv(4, b"QXJZVKW"), tlv(4, b"QXJZVKW")].concat()))).concat();
    assert!(!lines.contains("QXJZVKW"), "{lines}");
}

#[test]
fn version_3_tells_the_engine_the_user_and_the_level_of_security() {
    let engine = [&[0x80, 0, 0x1f, 0x88, 3][..], &[0, 0x50, 0x56, 0xaa, 0, 0x40]].concat();
    let scoped = tlv(0x30, &[tlv(4, &engine), tlv(4, b""), pdu(0xa0, &[binding(SYS_NAME, 5, b"")])].concat());
    let lines = read(&v3(5, &engine, b"scan", &scoped));
    for part in [
        "snmp.version=3 snmp.pdu=0",
        "snmp.message_id=9 snmp.authenticated=true snmp.encrypted=false snmp.security_model=3",
        "snmp.engine_enterprise=8072 snmp.engine_mac=00:50:56:aa:00:40",
        "snmp.engine_boots=2 snmp.engine_time=61 snmp.user=\"scan\"",
    ] {
        assert!(lines[0].contains(part), "{part}: {lines:?}");
    }
    let lines = read(&v3(7, &[0x80, 0, 0x1f, 0x88, 1, 10, 20, 0, 9], b"scan", &tlv(4, b"QXJZVKW")));
    assert!(
        lines[0].contains("snmp.encrypted=true") && lines[0].contains("snmp.engine_address=10.20.0.9"),
        "{lines:?}"
    );
    assert!(!lines[0].contains("snmp.pdu"), "{lines:?}");
}

#[test]
fn names_beyond_the_cap_are_counted() {
    let lines = read(&v2c(b"x", &pdu(0xa2, &vec![binding(SYS_CONTACT, 5, b""); OIDS_MAX + 9])));
    assert_eq!(lines[0], "weird snmp.oids");
    assert_eq!(lines[1].matches("snmp.oid=").count(), OIDS_MAX);
    assert!(lines[1].contains(&format!("snmp.bindings={} ", OIDS_MAX + 9)));
}

#[test]
fn what_stands_before_a_broken_element_is_kept() {
    let whole = v2c(b"public", &pdu(0xa2, &[binding(SYS_NAME, 4, b"ct-01"), vec![0x30, 0x84, 0xff, 0xff, 0xff, 0xff]]));
    let lines = read(&whole);
    assert!(lines[0].contains("snmp.sys_name=\"ct-01\"") && lines[0].contains("snmp.bindings=1"), "{lines:?}");
    assert_eq!(lines[1], "weird snmp.binding");
    for (body, field) in [
        (int(2), "snmp.version"),
        ([int(1), tlv(5, b"")].concat(), "snmp.community"),
        ([int(1), tlv(4, b"x"), tlv(0xaf, b"")].concat(), "snmp.pdu"),
        ([int(1), tlv(4, b"x"), tlv(0xa0, &tlv(2, &[0; 9]))].concat(), "snmp.request_id"),
        ([int(3), tlv(0x30, &[int(1), int(1), tlv(4, b"")].concat())].concat(), "snmp.flags"),
    ] {
        assert_eq!(read(&tlv(0x30, &body)).last(), Some(&format!("weird {field}")), "{body:?}");
    }
}

#[test]
fn snmp_is_known_by_its_content() {
    let message = v2c(b"public", &pdu(0xa0, &[binding(SYS_NAME, 5, b"")]));
    assert_eq!(probe(&message), Verdict::Yes);
    assert_eq!(probe(&v3(4, b"", b"", &tlv(0x30, b"")).clone()), Verdict::Yes);
    let mut longer = message.clone();
    longer.push(0);
    // An LDAP bind and a Kerberos request are sequences too.
    let ldap = tlv(0x30, &[int(1), tlv(0x60, &[int(3), tlv(4, b""), tlv(0x80, b"")].concat())].concat());
    let kerberos = tlv(0x6a, &tlv(0x30, &[tlv(0xa1, &int(5)), tlv(0xa2, &int(10))].concat()));
    for other in [&longer[..], &message[..message.len() - 1], &ldap, &kerberos, &[0x30; 64], b""] {
        assert_eq!(probe(other), Verdict::No, "{other:?}");
    }
}
