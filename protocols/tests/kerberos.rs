//! Kerberos: what is read, and what hostile messages lead to.

mod common;

use common::ber::{int, seq, tlv};
use common::{Feed, Lines};
use holter_protocols::Way::ToServer;
use holter_protocols::kerberos::{ETYPES_MAX, Kerberos, MESSAGE_MAX, NAME_MAX, PADATA_MAX};
use holter_protocols::{Protocol, Sink, Transport, Verdict};

fn at(number: u8, value: &[u8]) -> Vec<u8> {
    tlv(0xa0 | number, value)
}

fn string(text: &[u8]) -> Vec<u8> {
    tlv(0x1b, text)
}

fn name(parts: &[&[u8]]) -> Vec<u8> {
    seq(&[at(0, &int(1)), at(1, &seq(&parts.iter().map(|part| string(part)).collect::<Vec<_>>()))])
}

fn request(kind: u8, padata: &[u8], cname: &[u8], etypes: &[Vec<u8>]) -> Vec<u8> {
    let body = seq(&[
        at(0, &tlv(3, &[0, 0x40, 0x81, 0, 0x10])),
        at(1, &name(&[cname])),
        at(2, &string(b"CLINIC.EXAMPLE")),
        at(3, &name(&[b"krbtgt", b"CLINIC.EXAMPLE"])),
        at(5, &tlv(0x18, b"20370101000000Z")),
        at(7, &int(9)),
        at(8, &seq(etypes)),
    ]);
    tlv(0x60 | kind, &seq(&[at(1, &int(5)), at(2, &int(kind)), at(3, padata), at(4, &body)]))
}

fn plain() -> Vec<u8> {
    request(
        10,
        &seq(&[seq(&[at(1, &int(2)), at(2, &tlv(4, b"QXJZVKW"))])]),
        b"scan01",
        &[int(18), int(23), tlv(2, &[0x80])],
    )
}

fn framed(message: &[u8]) -> Vec<u8> {
    [&(message.len() as u32).to_be_bytes()[..], message].concat()
}

fn read(bytes: &[u8]) -> Vec<String> {
    let mut lines = Lines { declared: Some(&Kerberos), ..Lines::default() };
    if let Err(malformed) = Kerberos.datagram(ToServer, bytes, &mut lines) {
        lines.weird(malformed.field);
    }
    lines.lines
}

#[test]
fn a_request_tells_who_wants_what_with_which_encryption() {
    assert_eq!(
        read(&plain()),
        ["kerberos.message kerberos.type=10 kerberos.cname=\"scan01\" kerberos.sname=\"krbtgt/CLINIC.EXAMPLE\" \
          kerberos.realm=\"CLINIC.EXAMPLE\" kerberos.etype=18 kerberos.etype=23 kerberos.etype=4294967168 \
          kerberos.options=1082195984 kerberos.padata=2"]
    );
}

#[test]
fn a_reply_tells_the_encryption_of_its_ticket_and_an_error_its_code() {
    let encrypted = |etype| seq(&[at(0, &int(etype)), at(2, &tlv(4, b"QXJZVKW"))]);
    let ticket = tlv(
        0x61,
        &seq(&[at(0, &int(5)), at(1, &string(b"R")), at(2, &name(&[b"HTTP", b"pacs"])), at(3, &encrypted(23))]),
    );
    let reply = seq(&[
        at(0, &int(5)),
        at(1, &int(13)),
        at(3, &string(b"C")),
        at(4, &name(&[b"scan01"])),
        at(5, &ticket),
        at(6, &encrypted(18)),
    ]);
    let lines = read(&tlv(0x6d, &reply));
    assert_eq!(
        lines,
        ["kerberos.message kerberos.type=13 kerberos.cname=\"scan01\" kerberos.client_realm=\"C\" \
          kerberos.sname=\"HTTP/pacs\" kerberos.realm=\"R\" kerberos.ticket_etype=23 kerberos.reply_etype=18"]
    );
    let error = seq(&[
        at(0, &int(5)),
        at(1, &int(30)),
        at(6, &int(24)),
        at(9, &string(b"R")),
        at(10, &name(&[b"x"])),
        at(11, &string(b"QXJZVKW")),
        at(12, &tlv(4, b"QXJZVKW")),
    ]);
    let lines = read(&tlv(0x7e, &error));
    assert_eq!(
        lines,
        ["kerberos.message kerberos.type=30 kerberos.sname=\"x\" kerberos.realm=\"R\" kerberos.error=24"]
    );
    let ap = seq(&[
        at(0, &int(5)),
        at(1, &int(14)),
        at(2, &tlv(3, &[0, 0x20, 0, 0, 0])),
        at(3, &ticket),
        at(4, &encrypted(18)),
    ]);
    assert!(read(&tlv(0x6e, &ap))[0].contains("kerberos.sname=\"HTTP/pacs\""));
}

#[test]
fn nothing_encrypted_or_free_is_told_wherever_a_message_is_cut() {
    let message = plain();
    for cut in 0..=message.len() {
        assert!(!read(&message[..cut]).concat().contains("QXJZVKW"));
    }
}

#[test]
fn lists_and_names_are_bounded() {
    let etypes = vec![int(18); ETYPES_MAX + 5];
    let padata = seq(&vec![seq(&[at(1, &int(2))]); PADATA_MAX + 5]);
    let lines = read(&request(10, &padata, &[b'x'; NAME_MAX + 9], &etypes));
    assert_eq!(lines[..2], ["weird kerberos.padata_many", "weird kerberos.etypes"]);
    assert_eq!(lines[2].matches("kerberos.etype=").count(), ETYPES_MAX);
    assert_eq!(lines[2].matches("kerberos.padata=").count(), PADATA_MAX);
    assert!(lines[2].contains(&format!("\"{}\"", "x".repeat(NAME_MAX))));
}

#[test]
fn messages_over_tcp_follow_their_lengths_and_survive_what_is_broken() {
    let good = framed(&plain());
    let mut broken = good.clone();
    broken[30] = 0xff;
    let (lines, feed) = common::one_way(&Kerberos, &[&good[..], &broken, &good].concat());
    assert_eq!(lines.iter().filter(|line| line.contains("cname=\"scan01\"")).count(), 2, "{lines:?}");
    assert_eq!(feed.malformed.len(), 1);
    // Rubbish in between, and a start in the middle.
    let (lines, feed) = common::one_way(&Kerberos, &[&good[9..], &good, b"\xff\xff\xff\xff rubbish", &good].concat());
    assert_eq!(lines.iter().filter(|line| line.contains("cname=\"scan01\"")).count(), 2, "{lines:?}");
    assert_eq!(feed.malformed[0].field, "kerberos.length");
    let mut feed = Feed::new(&Kerberos);
    let mut lines = Lines::default();
    feed.bytes(ToServer, &[&good[..], &good[..20]].concat(), &mut lines);
    feed.gap(ToServer, 30);
    feed.bytes(ToServer, &[&good[50..], &good].concat(), &mut lines);
    assert_eq!(
        lines.lines.iter().filter(|line| line.contains("cname=\"scan01\"")).count(),
        2,
        "{lines:?}",
        lines = lines.lines
    );
    assert!(lines.lines.contains(&"weird kerberos.cut".to_owned()));
}

#[test]
fn the_end_of_a_long_message_is_passed_unread() {
    let ticket = tlv(4, &[0x51; MESSAGE_MAX]);
    let long = framed(&request(12, &seq(&[seq(&[at(1, &int(1)), at(2, &ticket)])]), b"late", &[]));
    let good = framed(&plain());
    let (lines, feed) = common::one_way(&Kerberos, &[&long[..], &good].concat());
    assert!(lines[0].contains("kerberos.type=12") && lines[1].contains("scan01"), "{lines:?}");
    assert!(feed.unseen > 0 && feed.malformed.is_empty());
}

#[test]
fn kerberos_is_known_by_its_content() {
    let message = plain();
    let udp = |bytes: &[u8]| Kerberos.probe(Transport::Udp, ToServer, bytes);
    let tcp = |bytes: &[u8]| Kerberos.probe(Transport::Tcp, ToServer, bytes);
    assert_eq!(udp(&message), Verdict::Yes);
    assert_eq!(udp(&message[..message.len() - 1]), Verdict::No);
    let framed = framed(&message);
    assert_eq!(tcp(&framed), Verdict::Yes);
    for n in 0..22 {
        assert_eq!(tcp(&framed[..n]), Verdict::Unsure, "{n}");
    }
    for other in [&b"\0\0\0\x20\xfeSMB@\0"[..], b"\0\0\0\x01\x6a", b"GET / HTTP/1.1", &[0; 30], b"\x6a\x03\x30\x01\0"] {
        assert_eq!(tcp(other), Verdict::No, "{other:?}");
        assert_eq!(udp(other), Verdict::No, "{other:?}");
    }
}
