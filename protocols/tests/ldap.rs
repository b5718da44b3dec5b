//! LDAP: what is read, and what hostile messages lead to.

mod common;

use common::ber::{int, seq, text, tlv};
use common::{Feed, Lines};
use holter_protocols::Way::{ToClient, ToServer};
use holter_protocols::ldap::{HEAD_MAX, Ldap, MECHANISM_MAX, MESSAGE_MAX};
use holter_protocols::{Protocol, Transport, Verdict};

fn message(id: u8, tag: u8, body: &[Vec<u8>]) -> Vec<u8> {
    seq(&[int(id), tlv(tag, &body.concat())])
}

fn bind(method: &[u8]) -> Vec<u8> {
    message(1, 0x60, &[int(3), text(b"cn=scan01,dc=clin"), method.to_vec()])
}

fn sasl(mechanism: &[u8], token: &[u8]) -> Vec<u8> {
    bind(&tlv(0xa3, &[text(mechanism), text(token)].concat()))
}

fn result(id: u8, tag: u8, code: u8) -> Vec<u8> {
    message(id, tag, &[tlv(10, &[code]), text(b"QXJZVKW"), text(b"QXJZVKW")])
}

fn search() -> Vec<u8> {
    let filter = tlv(0xa3, &[text(b"cn"), text(b"QXJZVKW")].concat());
    let body = [
        text(b"dc=clin"),
        tlv(10, &[2]),
        tlv(10, &[0]),
        int(0),
        int(0),
        tlv(1, &[0]),
        filter,
        seq(&[text(b"QXJZVKW")]),
    ];
    message(2, 0x63, &body)
}

const STARTTLS: &[u8] = b"1.3.6.1.4.1.1466.20037";

#[test]
fn a_bind_and_a_search_are_read_and_nothing_of_filters_entries_and_passwords() {
    let entry = message(2, 0x64, &[text(b"cn=QXJZVKW"), seq(&[seq(&[text(b"cn"), tlv(0x31, &text(b"QXJZVKW"))])])]);
    let add = message(4, 0x68, &[text(b"cn=QXJZVKW"), seq(&[])]);
    let delete = message(5, 0x4a, &[b"cn=QXJZVKW".to_vec()]);
    let mut feed = Feed::new(&Ldap);
    let mut lines = Lines { declared: Some(&Ldap), ..Lines::default() };
    feed.bytes(ToServer, &[bind(&tlv(0x80, b"QXJZVKW")), search()].concat(), &mut lines);
    feed.bytes(ToClient, &[result(1, 0x61, 49), entry, result(2, 0x65, 0)].concat(), &mut lines);
    feed.bytes(ToServer, &[add, delete, message(3, 0x42, &[])].concat(), &mut lines);
    let expected = [
        "ldap.transaction=1 ldap.operation=0 ldap.version=3 ldap.name=\"cn=scan01,dc=clin\" ldap.method=0 ldap.password=true",
        "ldap.transaction=2 ldap.operation=3 ldap.base=\"dc=clin\" ldap.scope=2",
        "ldap.transaction=1 ldap.operation=1 ldap.result=49",
        "ldap.transaction=2 ldap.operation=4",
        "ldap.transaction=2 ldap.operation=5 ldap.result=0",
        "ldap.transaction=4 ldap.operation=8",
        "ldap.transaction=5 ldap.operation=10",
        "ldap.transaction=3 ldap.operation=2",
    ];
    assert_eq!(lines.lines, expected.map(|line| format!("ldap.message {line}")));
    assert!(!lines.debug.contains("QXJZVKW") && feed.malformed.is_empty());
}

#[test]
fn a_mechanism_is_told_only_in_the_form_of_one() {
    let told = |mechanism: &[u8]| common::one_way(&Ldap, &sasl(mechanism, b"QXJZVKW")).0.concat();
    assert!(told(b"GSS-SPNEGO").contains("ldap.method=3 ldap.mechanism=\"GSS-SPNEGO\""));
    for other in [&b"roe jane"[..], b"", &[b'X'; MECHANISM_MAX + 1]] {
        let line = told(other);
        assert!(!line.contains("ldap.mechanism") && line.contains("ldap.method=3"), "{line}");
    }
}

#[test]
fn after_start_tls_another_protocol_follows() {
    let request = message(7, 0x77, &[tlv(0x80, STARTTLS)]);
    for (id, code, over) in [(7, 0, true), (7, 2, false), (6, 0, false)] {
        let mut feed = Feed::new(&Ldap);
        let mut lines = Lines::default();
        feed.bytes(ToServer, &request, &mut lines);
        feed.bytes(ToClient, &result(id, 0x78, code), &mut lines);
        assert_eq!(feed.over, over, "{id} {code}");
        assert!(lines.lines[0].contains("ldap.extension=\"1.3.6.1.4.1.1466.20037\""));
    }
    // Without a request a response ends nothing.
    let mut feed = Feed::new(&Ldap);
    feed.bytes(ToClient, &result(7, 0x78, 0), &mut Lines::default());
    assert!(!feed.over);
}

#[test]
fn what_a_sasl_layer_wraps_is_passed_by_its_lengths() {
    let mut feed = Feed::new(&Ldap);
    let mut lines = Lines::default();
    feed.bytes(ToServer, &sasl(b"GSSAPI", b"x"), &mut lines);
    feed.bytes(ToClient, &result(1, 0x61, 0), &mut lines);
    let wrapped = [&[0, 0, 0, 200][..], &search().repeat(9)[..200]].concat();
    feed.bytes(ToServer, &[wrapped.clone(), wrapped, message(3, 0x42, &[])].concat(), &mut lines);
    assert_eq!(lines.lines.len(), 3, "{:?}", lines.lines);
    assert!(feed.malformed.is_empty() && lines.lines[2].contains("ldap.operation=2"));
}

#[test]
fn what_a_sasl_layer_only_signs_is_read() {
    let kerberos = [&[5, 4, 4, 0xff, 0, 12, 0, 12][..], &[0; 8], &[0x51; 12]].concat();
    let ntlm = [&[1, 0, 0, 0][..], &[0x51; 12]].concat();
    let sealed = [&[5, 4, 6, 0xff, 0, 12, 0, 12][..], &[0; 8], &[0x51; 12]].concat();
    for (token, read) in [(kerberos, 2), (ntlm, 2), (sealed, 0)] {
        let mut feed = Feed::new(&Ldap);
        let mut lines = Lines::default();
        feed.bytes(ToServer, &sasl(b"GSSAPI", b"x"), &mut lines);
        feed.bytes(ToClient, &result(1, 0x61, 0), &mut lines);
        let buffer = [token, search(), search()].concat();
        feed.bytes(ToServer, &[&(buffer.len() as u32).to_be_bytes()[..], &buffer].concat(), &mut lines);
        assert_eq!(lines.lines.len(), 2 + read, "{:?}", lines.lines);
        assert!(feed.malformed.is_empty());
    }
}

#[test]
fn a_signed_buffer_is_read_to_its_end_however_long_it_is_and_wherever_its_checksum_stands() {
    let many = search().repeat(3000);
    assert!(many.len() > holter_protocols::MAX_NEED);
    for first in [0, 0x30, 0x51] {
        let checksum = [&[first][..], &[0x42; 11]].concat();
        let rotated = [&[5, 4, 4, 0xff, 0, 12, 0, 12][..], &[0; 8], &checksum, &many].concat();
        let trailing = [&[5, 4, 4, 0xff, 0, 12, 0, 0][..], &[0; 8], &many, &checksum].concat();
        for buffer in [rotated, trailing] {
            let mut feed = Feed::new(&Ldap);
            let mut lines = Lines::default();
            feed.bytes(ToServer, &sasl(b"GSSAPI", b"x"), &mut lines);
            feed.bytes(ToClient, &result(1, 0x61, 0), &mut lines);
            let buffer = [&(buffer.len() as u32).to_be_bytes()[..], &buffer].concat();
            feed.bytes(ToServer, &[&buffer[..], &buffer].concat(), &mut lines);
            assert_eq!(lines.lines.len(), 2 + 6000, "{first}");
            assert!(feed.malformed.is_empty(), "{first} {:?}", feed.malformed);
        }
    }
}

#[test]
fn after_a_gap_a_deletion_is_known_by_its_name() {
    let mut feed = Feed::new(&Ldap);
    let mut lines = Lines::default();
    feed.bytes(ToServer, &search(), &mut lines);
    feed.gap(ToServer, 100);
    feed.bytes(ToServer, &message(5, 0x4a, &[b"cn=b.smith,dc=clin".to_vec()]), &mut lines);
    assert!(lines.lines[1].contains("ldap.transaction=5 ldap.operation=10"), "{:?}", lines.lines);
}

#[test]
fn the_names_of_an_ntlm_bind_are_read_and_its_responses_are_not() {
    let mut token = [&b"NTLMSSP\0"[..], &3u32.to_le_bytes()].concat();
    let mut at = 64u32;
    let names: [&[u8]; 6] = [b"QXJZVKW", b"QXJZVKW", b"CLINIC", b"scan", b"CT01", b"QXJZVKW"];
    for name in names {
        token.extend((name.len() as u16).to_le_bytes().repeat(2));
        token.extend(at.to_le_bytes());
        at += name.len() as u32;
    }
    token.extend([0; 4]);
    token.extend(names.concat());
    for bind in [sasl(b"GSS-SPNEGO", &token), bind(&tlv(0x8b, &token))] {
        let line = common::one_way(&Ldap, &bind).0.concat();
        let expected = "ldap.ntlm=3 ldap.ntlm_host=\"CT01\" ldap.ntlm_domain=\"CLINIC\" ldap.ntlm_user=\"scan\"";
        assert!(line.contains(expected) && !line.contains("QXJZVKW"), "{line}");
    }
}

#[test]
fn long_messages_are_read_at_their_heads_only() {
    let entry = message(2, 0x64, &[text(&[b'x'; 60_000])]);
    let long = message(3, 0x63, &[text(b"dc=clin"), tlv(10, &[2]), text(&[b'x'; 60_000])]);
    let (lines, feed) = common::one_way(&Ldap, &[entry, long, search()].concat());
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(feed.unseen as usize > 120_000 - MESSAGE_MAX - HEAD_MAX - 100, "{}", feed.unseen);
    assert!(lines[1].contains("ldap.base=\"dc=clin\"") && feed.malformed.is_empty());
}

#[test]
fn a_broken_message_is_passed_and_the_next_is_read() {
    let broken = message(1, 0x60, &[int(3), vec![4, 0x7f, b'x']]);
    for (bad, field) in
        [(&broken[..], "ldap.name"), (b"\xff\xff\xff", "ldap.frame"), (&[0x30, 0x80, 2, 1], "ldap.frame")]
    {
        let (lines, feed) = common::one_way(&Ldap, &[&search()[..], bad, &search()].concat());
        assert_eq!(feed.malformed[0].field, field);
        assert_eq!(lines.iter().filter(|line| line.contains("ldap.base")).count(), 2, "{bad:?} {lines:?}");
    }
}

#[test]
fn a_datagram_may_hold_several_messages() {
    let mut lines = Lines::default();
    let both = [search(), result(2, 0x65, 0)].concat();
    assert!(Ldap.datagram(ToServer, &both, &mut lines).is_ok());
    assert_eq!(lines.lines.len(), 2);
    assert!(Ldap.datagram(ToServer, &both[..both.len() - 1], &mut lines).is_err());
    assert_eq!(lines.lines.len(), 3);
}

#[test]
fn ldap_is_known_by_its_content() {
    let tcp = |bytes: &[u8]| Ldap.probe(Transport::Tcp, ToServer, bytes);
    for message in [search(), bind(&tlv(0x80, b"")), result(1, 0x61, 0), message(1, 0x77, &[tlv(0x80, STARTTLS)])] {
        assert_eq!(tcp(&message), Verdict::Yes);
        assert_eq!(Ldap.probe(Transport::Udp, ToServer, &message), Verdict::Yes);
        assert_eq!(tcp(&message[..4]), Verdict::Unsure);
    }
    let snmp = seq(&[int(1), text(b"public"), tlv(0xa0, &[int(1), int(0), int(0)].concat())]);
    for other in
        [&snmp[..], &[0x30; 40], &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 2, 1, 0, 2], b"0\x05\x02\x01\x01\x42\x05"]
    {
        assert_eq!(tcp(other), Verdict::No, "{other:?}");
    }
}
