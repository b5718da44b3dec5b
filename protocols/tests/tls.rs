//! TLS and DTLS: what is read, and what hostile bytes lead to. Names follow the list of bad inputs.

mod common;

use common::{Feed, Hears, Lines, Random, Sample, decode, one_way, protocol, samples};
use holter_protocols::Way::{self, ToClient, ToServer};
use holter_protocols::tls::{CHAIN_MAX, MESSAGE_MAX, NAMES_MAX, RECORD_MAX, Tls};
use holter_protocols::{MAX_NEED, Protocol, Sink, Transport, Verdict};
use holter_terms::Visibility;

fn sample(name: &str) -> Sample {
    samples(protocol("tls")).into_iter().find(|sample| sample.name == name).expect("a sample")
}

fn told(name: &str) -> Vec<String> {
    decode(&sample(name), |_| Vec::new())
}

fn u16s(length: usize) -> [u8; 2] {
    (length as u16).to_be_bytes()
}

fn record(content: u8, body: &[u8]) -> Vec<u8> {
    [&[content, 3, 3][..], &u16s(body.len()), body].concat()
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind][..], &(body.len() as u32).to_be_bytes()[1..], body].concat()
}

fn extension(kind: u16, body: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes()[..], &u16s(body.len()), body].concat()
}

fn hello_body(ciphers: &[u8], extensions: &[u8]) -> Vec<u8> {
    let list = if extensions.is_empty() { Vec::new() } else { [&u16s(extensions.len()), extensions].concat() };
    [&[3, 3][..], &[7; 32], &[0], &u16s(ciphers.len()), ciphers, &[1, 0], &list].concat()
}

fn hello(extensions: &[u8]) -> Vec<u8> {
    record(22, &message(1, &hello_body(&[0x13, 1, 0xc0, 0x2b], extensions)))
}

fn names(list: &[(u8, &[u8])]) -> Vec<u8> {
    let list: Vec<u8> = list.iter().flat_map(|(kind, name)| [&[*kind][..], &u16s(name.len()), name].concat()).collect();
    extension(0, &[&u16s(list.len()), &list[..]].concat())
}

fn alpn(list: &[&[u8]]) -> Vec<u8> {
    let list: Vec<u8> = list.iter().flat_map(|name| [&[name.len() as u8][..], name].concat()).collect();
    extension(16, &[&u16s(list.len()), &list[..]].concat())
}

fn hellos(lines: &[String]) -> usize {
    lines.iter().filter(|line| line.starts_with("tls.client_hello")).count()
}

fn has(lines: &[String], wanted: &str) -> bool {
    lines.iter().any(|line| line.contains(wanted))
}

#[test]
fn hellos_and_certificates_of_tls_1_2_are_read() {
    let lines = told("tls12.stream");
    assert!(has(
        &lines,
        r#"tls.client.server_name="pacs.clin.example" tls.client.alpn="http/1.1" tls.client.alpn="dicom""#
    ));
    assert!(has(&lines, r#"tls.client.ja4="t12d"#));
    assert!(has(&lines, r#"tls.server.alpn="dicom" tls.server.retry=false"#), "{lines:#?}");
    assert!(has(
        &lines,
        r#"tls.certificate.position=0 tls.certificate.subject="pacs.clin.example" tls.certificate.dns_name="pacs.clin.example" tls.certificate.dns_name="archive.clin.example" tls.certificate.issuer="Holter Lab Root" tls.certificate.issuer_organization="Holter Lab" tls.certificate.self_issued=false"#
    ));
    assert!(has(&lines, r#"tls.certificate.serial="4a11ce5eed" tls.certificate.key="ec""#));
    assert!(has(&lines, "tls.certificate.position=1 "));
    assert!(has(&lines, "tls.handshake.type=14 ") && has(&lines, "tls.handshake.type=16 "));
    assert!(!has(&lines, "weird"), "{lines:#?}");
}

#[test]
fn tls_1_3_shows_its_hellos_and_hides_the_rest() {
    let lines = told("tls13.stream");
    assert!(has(&lines, "tls.client.highest_version=772") && has(&lines, "tls.server.chosen_version=772"));
    assert!(has(&lines, r#"tls.client.ja4="t13d"#));
    assert!(has(&lines, "tls.record.content=23 ") && !has(&lines, "tls.certificate"), "{lines:#?}");
}

#[test]
fn a_retry_is_told_and_both_hellos_of_each_side_are_read() {
    let lines = told("retry.stream");
    assert_eq!(hellos(&lines), 2);
    let answers: Vec<_> = lines.iter().filter(|line| line.starts_with("tls.server_hello")).collect();
    assert!(answers.len() == 2 && answers[0].contains("retry=true") && answers[1].contains("retry=false"));
}

#[test]
fn the_subject_of_a_clients_certificate_is_counted_and_never_read() {
    let lines = told("mutual.stream");
    let client = lines.iter().rfind(|line| line.starts_with("tls.certificate ")).expect("its certificate");
    assert!(client.contains("tls.certificate.holder=Phi(..)") && !client.contains("serial"), "{client}");
    assert!(!has(&lines, "QXJZVKW"));
    let server = lines.iter().find(|line| line.starts_with("tls.certificate ")).expect("its certificate");
    assert!(server.contains(r#"subject="tessivo-scan" tls.certificate.self_issued=true"#), "{server}");
    assert!(server.contains(r#"tls.certificate.key="rsa""#) && !server.contains("issuer_organization"));
}

#[test]
fn an_alert_in_clear_is_read() {
    assert!(has(&told("refused.stream"), "tls.alert tls.alert.level=2 tls.alert.description=40"));
}

#[test]
fn dtls_is_read_with_its_messages_in_fragments() {
    for name in ["dtls12.datagrams", "dtls-fragments.datagrams"] {
        let lines = told(name);
        assert_eq!(hellos(&lines), 2, "{name}");
        assert!(has(&lines, r#"tls.client.server_name="monitor.clin.example""#));
        assert!(has(&lines, r#"tls.client.ja4="dd2d"#), "{lines:#?}");
        assert!(has(&lines, "tls.handshake.type=3 ") && has(&lines, "tls.server.cipher="));
        assert!(has(&lines, r#"tls.certificate.subject="pacs.clin.example""#), "{name} {lines:#?}");
        assert!(has(&lines, "tls.record.sealed=true") && !has(&lines, "weird"));
    }
    let whole = told("dtls12.datagrams");
    let parts = told("dtls-fragments.datagrams");
    let certificate = |lines: &[String]| lines.iter().find(|line| line.starts_with("tls.certificate ")).cloned();
    assert_eq!(certificate(&whole), certificate(&parts));
}

#[test]
fn the_dtls_of_openssl_before_the_standard_is_read_as_well() {
    // As recorded, but for the version, in records and hellos alike.
    let sample = sample("dtls12.datagrams");
    let mut session = Hears::new(&Tls);
    let mut lines = Lines::default();
    for (way, bytes) in &sample.chunks {
        let mut old = bytes.clone();
        for at in 0..old.len().saturating_sub(1) {
            if old[at..at + 2] == [0xfe, 0xfd] {
                old[at..at + 2].copy_from_slice(&[1, 0]);
            }
        }
        if lines.lines.is_empty() {
            assert_eq!(Tls.probe(Transport::Udp, *way, &old), Verdict::Yes);
        }
        session.datagram(*way, &old, &mut lines).unwrap();
    }
    assert!(has(&lines.lines, "tls.client.version=256 ") && has(&lines.lines, "tls.server.version=256 "));
    // A change of ciphers is longer by a number than in the standard.
    let change = |version: [u8; 2], body: &[u8]| {
        [&[20, version[0], version[1], 0, 0, 0, 0, 0, 0, 0, 7, 0, body.len() as u8][..], body].concat()
    };
    for (version, body, verdict) in [
        ([1, 0], &[1u8, 0, 3][..], Verdict::Yes),
        ([1, 0], &[1], Verdict::No),
        ([0xfe, 0xff], &[1, 0, 3], Verdict::No),
        ([0xfe, 0xff], &[1], Verdict::Yes),
    ] {
        assert_eq!(Tls.probe(Transport::Udp, ToClient, &change(version, body)), verdict, "{version:?} {body:?}");
    }
}

#[test]
fn fragments_of_dtls_in_any_order_say_the_same_and_hold_no_more_than_one_message_a_side() {
    let body = hello_body(&[0x13, 1], &names(&[(0, b"monitor.clin.example")]));
    // A cookie of nothing behind the session.
    let body = [&body[..35], &[0], &body[35..]].concat();
    let fragment = |from: usize, to: usize| {
        let head = message(1, &body)[..4].to_vec();
        let piece = [&head[..], &[0, 0], &(from as u32).to_be_bytes()[1..], &((to - from) as u32).to_be_bytes()[1..]];
        let piece = [&piece.concat()[..], &body[from..to]].concat();
        [&[22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 1][..], &u16s(piece.len()), &piece].concat()
    };
    let cuts = [(0, 10), (30, body.len()), (5, 20), (20, 30)];
    let mut hears = Hears::new(&Tls);
    let mut lines = Lines::default();
    for (from, to) in cuts {
        assert_eq!(hellos(&lines.lines), 0);
        assert_eq!(Tls.probe(Transport::Udp, ToServer, &fragment(from, to)), Verdict::Yes);
        hears.datagram(ToServer, &fragment(from, to), &mut lines).expect("whole");
    }
    assert_eq!(hellos(&lines.lines), 1, "{:#?}", lines.lines);
    let mut session = Tls.session().expect("one");
    for number in 0..2000u32 {
        let mut datagram = fragment(0, 10);
        datagram[17..19].copy_from_slice(&(number as u16).to_be_bytes());
        session.datagram(ToServer, &datagram, &mut lines).expect("whole");
        assert!(session.held() <= 2 * 16 * 1024);
    }
    let mut lying = fragment(0, 10);
    lying[14..17].fill(0xff);
    session.datagram(ToServer, &lying, &mut lines).expect("passed by");
    assert_eq!(lines.lines.last().map(String::as_str), Some("weird tls.handshake.length"));
}

#[test]
fn tls_1_a_hello_over_five_records_is_the_same_hello() {
    let whole = message(1, &hello_body(&[0x13, 1], &names(&[(0, b"pacs")])));
    let expected = one_way(&Tls, &record(22, &whole)).0.pop().expect("a hello");
    let parts: Vec<u8> = whole.chunks(whole.len() / 5 + 1).flat_map(|part| record(22, part)).collect();
    assert_eq!(one_way(&Tls, &parts).0.pop(), Some(expected.clone()));
    let (lines, feed) = one_way(&Tls, &whole.iter().flat_map(|byte| record(22, &[*byte])).collect::<Vec<_>>());
    assert_eq!(lines.last(), Some(&expected), "a record for each byte");
    assert!(feed.decoder.held() <= 2 * MESSAGE_MAX);
}

#[test]
fn tls_1_a_message_that_promises_16_mib_is_kept_to_its_bound_and_the_next_one_is_read() {
    let claimed = 0x00ff_ffffusize;
    let mut feed = Feed::new(&Tls);
    let mut lines = Lines::default();
    feed.bytes(ToServer, &record(22, &[11, 0xff, 0xff, 0xff]), &mut lines);
    let mut sent = 0;
    while sent < claimed {
        let part = vec![0; RECORD_MAX.min(claimed - sent)];
        feed.bytes(ToServer, &record(22, &part), &mut lines);
        sent += part.len();
        assert!(feed.decoder.held() <= 2 * MESSAGE_MAX && feed.kept() < MAX_NEED);
    }
    assert!(has(&lines.lines, "weird tls.handshake.length"));
    feed.bytes(ToServer, &hello(&[]), &mut lines);
    assert_eq!(hellos(&lines.lines), 1);
}

#[test]
fn several_messages_in_a_record_are_each_read_and_a_broken_one_does_not_hide_the_next() {
    let good = message(1, &hello_body(&[0x13, 1], &[]));
    let broken = message(1, &hello_body(&[0x13, 1, 0], &[]));
    let (lines, feed) = one_way(&Tls, &record(22, &[&good[..], &broken, &message(14, b""), &good].concat()));
    assert_eq!(hellos(&lines), 2, "{lines:#?}");
    assert!(has(&lines, "weird tls.hello.ciphers") && has(&lines, "tls.handshake.type=14 "));
    assert_eq!(feed.malformed.len(), 1);
}

#[test]
fn tls_2_a_record_that_is_too_long_is_malformed_and_what_follows_is_found() {
    for (header, field) in [
        ([22, 3, 3, 0x48, 1], "tls.record.length"),
        ([22, 4, 0, 0, 9], "tls.record.version"),
        ([99, 3, 3, 0, 9], "tls.record.content"),
    ] {
        let mut feed = Feed::new(&Tls);
        let mut lines = Lines::default();
        feed.bytes(ToServer, &hello(&[]), &mut lines);
        feed.bytes(ToServer, &[&header[..], &[0; 40], &hello(&[])].concat(), &mut lines);
        assert_eq!(feed.malformed[0].field, field);
        assert_eq!(hellos(&lines.lines), 2, "{:#?}", lines.lines);
        assert_eq!(Tls.probe(Transport::Tcp, ToServer, &header), Verdict::No);
    }
}

#[test]
fn tls_3_of_server_names_the_first_that_could_be_one_is_told() {
    let long = [b'a'; 300];
    for (list, expected) in [
        (&[(0u8, &b""[..])][..], None),
        (&[(0, &long)], None),
        (&[(0, b"a\0b")], None),
        (&[(0, b"caf\xc3\xa9")], None),
        (&[(0, b"10.20.0.10")], Some("10.20.0.10")),
        (&[(0, b""), (0, b"one"), (0, b"two")], Some("one")),
        (&[(1, b"other"), (0, b"one")], Some("one")),
        (&[], None),
    ] {
        let (lines, _) = one_way(&Tls, &hello(&names(list)));
        assert!(has(&lines, "weird tls.hello.server_name"), "{list:?}");
        let name = expected.map(|name| format!("tls.client.server_name={name:?}"));
        assert_eq!(has(&lines, "tls.client.server_name="), expected.is_some(), "{list:?}");
        assert!(name.is_none_or(|name| has(&lines, &name)));
        assert!(has(&lines, r#"tls.client.ja4="t12d0201"#));
    }
    assert!(!has(&one_way(&Tls, &hello(&names(&[(0, b"one")]))).0, "weird"));
    // A list and a name that promise more than there is.
    for body in [&[0xff, 0xff, 0, 0xff, 0xff, b'x'][..], &[0, 9], &[]] {
        assert!(has(&one_way(&Tls, &hello(&extension(0, body))).0, "weird tls.hello.server_name"));
    }
}

#[test]
fn tls_4_alpn_with_high_bytes_or_none_has_a_defined_ja4() {
    for (list, ends) in [
        (&[&b"\x80\xff"[..]][..], "8f"),
        (&[b"\xff"], "ff"),
        (&[b""], "00"),
        (&[b"", b"h2"], "00"),
        (&[b"\x80h2"], "82"),
        (&[b"h2"], "h2"),
    ] {
        let (lines, _) = one_way(&Tls, &hello(&alpn(list)));
        assert!(has(&lines, &format!("tls.client.ja4=\"t12i0201{ends}_")), "{list:?} {lines:#?}");
    }
    for body in [&[0xff, 0xff, 0xff][..], &[0], &[]] {
        assert_eq!(hellos(&one_way(&Tls, &hello(&extension(16, body))).0), 1);
    }
}

#[test]
fn tls_5_extensions_without_end_twice_or_without_meaning_are_bounded() {
    let twice = [extension(23, b""), extension(23, b"")].concat();
    assert!(has(&one_way(&Tls, &hello(&twice)).0, "weird tls.hello.extension_twice"));
    let grease = [extension(0x0a0a, b""), extension(0xfafa, b"x")].concat();
    let (lines, _) = one_way(&Tls, &hello(&grease));
    assert!(has(&lines, "tls.client.extension=2570 ") && has(&lines, r#"tls.client.ja4="t12i020000_"#));
    assert!(has(&lines, "_000000000000\""), "no extension counts");
    let many: Vec<u8> = (0..4000u16).flat_map(|kind| extension(kind + 100, b"")).collect();
    let (lines, _) = one_way(&Tls, &hello(&many));
    assert!(has(&lines, "weird tls.hello.codes"));
    let shown = lines.iter().map(|line| line.matches("tls.client.extension=").count()).max();
    assert_eq!(shown, Some(512));
    // More than a record holds, over several.
    let body = hello_body(&[0x13, 1], &extension(7, b"").repeat(16_383));
    let records: Vec<u8> = message(1, &body).chunks(16_000).flat_map(|part| record(22, part)).collect();
    let (lines, feed) = one_way(&Tls, &[records, hello(&[])].concat());
    assert!(has(&lines, "weird tls.handshake.length") && hellos(&lines) == 1);
    assert!(feed.decoder.held() <= 2 * MESSAGE_MAX);
}

#[test]
fn extensions_that_break_are_malformed_and_the_hello_is_told_with_those_before() {
    let whole = names(&[(0, b"pacs")]);
    for extensions in [[&whole[..], &[0, 9, 0xff, 0xff]].concat(), [&whole[..], &[9]].concat()] {
        let (lines, feed) = one_way(&Tls, &hello(&extensions));
        assert!(
            has(&lines, r#"tls.client.extension=0 tls.client.formats=[] tls.client.server_name="pacs""#),
            "{lines:#?}"
        );
        assert_eq!(feed.malformed[0].field, "tls.hello.extensions");
    }
}

#[test]
fn tls_6_a_list_of_cipher_suites_of_odd_length_is_malformed() {
    let odd = record(22, &message(1, &hello_body(&[0x13, 1, 0], &[])));
    let (lines, feed) = one_way(&Tls, &[&odd[..], &hello(&[])].concat());
    assert_eq!(feed.malformed[0].field, "tls.hello.ciphers");
    assert_eq!(hellos(&lines), 1);
}

fn der(tag: u8, value: &[u8]) -> Vec<u8> {
    [&[tag, 0x82][..], &u16s(value.len()), value].concat()
}

/// A certificate with these times and names.
fn certificate(not_before: &[u8], not_after: &[u8], names: usize) -> Vec<u8> {
    let name = |text: &[u8]| der(0x30, &der(0x31, &der(0x30, &[der(6, &[0x55, 4, 3]), der(0x0c, text)].concat())));
    let list = der(0x30, &der(0x82, b"a.example").repeat(names));
    let alternative = der(0x30, &[der(6, &[0x55, 0x1d, 17]), der(4, &list)].concat());
    let body = [
        der(0xa0, &der(2, &[2])),
        der(2, &[1, 2]),
        der(0x30, b""),
        name(b"CA"),
        der(0x30, &[der(0x18, not_before), der(0x18, not_after)].concat()),
        name(b"device"),
        der(0x30, &der(0x30, &der(6, &[0x2b, 0x65, 0x70]))),
        der(0xa3, &der(0x30, &alternative)),
    ];
    der(0x30, &[der(0x30, &body.concat()), der(0x30, b""), der(3, b"")].concat())
}

fn chain(certificates: &[Vec<u8>]) -> Vec<u8> {
    let length = |bytes: &[u8]| (bytes.len() as u32).to_be_bytes()[1..].to_vec();
    let list: Vec<u8> = certificates.iter().flat_map(|one| [length(one), one.clone()].concat()).collect();
    let whole = message(11, &[length(&list), list].concat());
    whole.chunks(16_000).flat_map(|part| record(22, part)).collect()
}

fn from_server(bytes: &[u8]) -> (Vec<String>, Feed) {
    let mut lines = Lines { declared: Some(&Tls), ..Lines::default() };
    let mut feed = Feed::new(&Tls);
    feed.bytes(ToClient, bytes, &mut lines);
    (lines.lines, feed)
}

#[test]
fn tls_7_chains_names_and_dates_are_bounded() {
    let count = |lines: &[String]| lines.iter().filter(|line| line.starts_with("tls.certificate ")).count();
    let one = certificate(b"20240101000000Z", b"20250101000000Z", 1);
    let (lines, _) = from_server(&chain(&vec![one.clone(); 100]));
    assert_eq!(count(&lines), CHAIN_MAX);
    assert!(has(&lines, "weird tls.certificate.chain"));
    assert!(has(&lines, r#"subject="device" tls.certificate.dns_name="a.example" tls.certificate.issuer="CA""#));
    assert!(has(&lines, "not_before=1704067200 tls.certificate.not_after=1735689600"), "{lines:#?}");
    let (lines, _) = from_server(&chain(&[certificate(b"00000101000000Z", b"99991231235959Z", 1)]));
    assert!(has(&lines, "not_before=0 tls.certificate.not_after=253402300799"));
    let (lines, _) = from_server(&chain(&[certificate(b"x", b"20251301000000Z", NAMES_MAX + 9)]));
    assert!(has(&lines, "weird tls.certificate.dns_names") && !has(&lines, "not_after"));
    assert_eq!(lines.iter().map(|line| line.matches("dns_name=").count()).max(), Some(NAMES_MAX));
    // 10 MiB: what is kept of it still shows the certificate of the server itself.
    let (lines, feed) = from_server(&chain(&[one, vec![0; 10 << 20]]));
    assert!(count(&lines) == 1 && has(&lines, "weird tls.handshake.length"), "{lines:#?}");
    assert!(feed.decoder.held() <= 2 * MESSAGE_MAX);
}

#[test]
fn tls_7_lengths_of_der_that_lie_are_noticed_and_the_next_certificate_is_read() {
    let good = certificate(b"20240101000000Z", b"20250101000000Z", 2);
    let mut random = Random(0x5eed_2001);
    for _ in 0..400 {
        let mut lying = good.clone();
        let at = random.below(lying.len());
        lying[at] = random.next() as u8;
        let (lines, feed) = from_server(&chain(&[lying, good.clone()]));
        assert!(has(&lines, "tls.certificate.position=1 tls.certificate.subject=\"device\""), "{lines:#?}");
        assert!(feed.malformed.is_empty());
    }
    let lying = [&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff][..], &[0; 9]].concat();
    assert!(has(&from_server(&chain(&[lying])).0, "weird tls.certificate.der"));
    // A chain that says it is longer than its message.
    let mut bytes = chain(&[good]);
    bytes[9..12].fill(0xff);
    assert_eq!(from_server(&bytes).1.malformed[0].field, "tls.certificate.chain");
}

fn ssl2(version: [u8; 2], ciphers: &[u8]) -> Vec<u8> {
    let body = [&[1][..], &version, &u16s(ciphers.len()), &[0, 0, 0, 16], ciphers, &[9; 16]].concat();
    [&(0x8000 | body.len() as u16).to_be_bytes()[..], &body].concat()
}

#[test]
fn tls_8_a_hello_of_ssl_2_is_read_and_records_follow_it() {
    let bytes = ssl2([3, 1], &[0, 0, 0x39, 1, 0, 0x80, 0, 0, 0x35]);
    assert_eq!(Tls.probe(Transport::Tcp, ToServer, &bytes), Verdict::Yes);
    let (lines, _) = one_way(&Tls, &[&bytes[..], &record(22, &message(16, b"xy"))].concat());
    assert!(lines[0].contains("tls.client.record_version=2 tls.client.version=769"), "{lines:#?}");
    assert!(lines[0].contains("tls.client.cipher=57 tls.client.cipher=53"));
    assert!(has(&lines, "tls.handshake.type=16 "));
    // An answer in SSL 2.0 itself is followed no further.
    let (lines, feed) = from_server(&[0x83, 0, 4, 0, 1, 0, 2, 3, 0]);
    assert_eq!(lines, ["weird tls.server.ssl2"]);
    assert!(feed.malformed.is_empty());
    for broken in [ssl2([3, 9], &[0, 0, 0x39]), ssl2([3, 1], &[0, 0, 0x39, 1])] {
        assert_eq!(Tls.probe(Transport::Tcp, ToServer, &broken), Verdict::No);
    }
}

#[test]
fn tls_8_tls_on_the_port_of_dicom_is_tls_and_what_is_in_it_stays_sealed() {
    let inner = record(23, &hello(&names(&[(0, b"inner.example")])));
    let (lines, feed) = one_way(&Tls, &[hello(&alpn(&[b"dicom"])), record(20, &[1]), inner].concat());
    assert_eq!(hellos(&lines), 1, "{lines:#?}");
    assert!(!has(&lines, "inner.example") && feed.unseen > 50);
    assert_eq!(protocol("dicom").probe(Transport::Tcp, ToServer, &hello(&[])), Verdict::No);
    assert_eq!(Tls.visibility(), Visibility::Encrypted);
}

#[test]
fn tls_is_known_by_its_first_bytes_and_in_the_middle() {
    let tcp = |bytes: &[u8]| Tls.probe(Transport::Tcp, ToServer, bytes);
    let bytes = hello(&[]);
    (0..=9).for_each(|n| assert_eq!(tcp(&bytes[..n]), Verdict::Unsure, "{n}"));
    assert_eq!(tcp(&bytes[..10]), Verdict::Yes);
    assert_eq!(tcp(&record(23, &[9; 64])), Verdict::Yes);
    assert_eq!(tcp(&record(21, &[2, 40])), Verdict::Yes);
    assert_eq!(tcp(&record(20, &[1])), Verdict::Yes);
    for other in [
        &b"GET / HTTP/1.1\r\n"[..],
        b"\x16\x03\x01\x00\xc8\x01\xff\x00\x00\x03\x03",
        b"\x16\x03\x01\x00\xc8\x01\x00\x00\xc4\x09\x09",
        b"\x03\x00\x00\x13\x0e\xe0\x00\x00\x00\x00\x00",
        b"SSH-2.0-x\r\n",
        &[0; 40],
        &[0xff; 40],
    ] {
        assert_eq!(tcp(other), Verdict::No, "{other:?}");
    }
    let udp = |bytes: &[u8]| Tls.probe(Transport::Udp, ToServer, bytes);
    let first = sample("dtls12.datagrams").chunks[0].1.clone();
    assert_eq!(udp(&first), Verdict::Yes);
    assert_eq!(udp(&first[..first.len() - 1]), Verdict::No);
    assert_eq!(udp(&[&first[..], b"x"].concat()), Verdict::No);
    assert_eq!(udp(b""), Verdict::No);
}

#[test]
fn a_conversation_met_in_the_middle_goes_on_from_the_next_record() {
    let data = record(23, &[0x55; 300]);
    let mut feed = Feed::new(&Tls);
    let mut lines = Lines::default();
    feed.gap(ToServer, 1);
    feed.bytes(ToServer, &[&data[40..], &data, &record(21, &[2, 40])].concat(), &mut lines);
    assert_eq!(lines.lines.len(), 3, "{:#?}", lines.lines);
    assert!(feed.malformed.is_empty() && has(&lines.lines, "tls.alert"));
}

#[test]
fn what_is_sealed_is_never_read_as_messages() {
    // Behind a change of ciphers a sealed record that looks like a key exchange.
    let sealed = record(22, &message(16, b"secret"));
    let (lines, _) = one_way(&Tls, &[hello(&[]), record(20, &[1]), sealed].concat());
    assert!(!has(&lines, "tls.handshake.type"), "{lines:#?}");
    assert!(has(&lines, "tls.record.length=10 tls.record.sealed=true"));
}

#[test]
fn what_a_hello_carries_beside_names_never_leaves() {
    let marker = b"QXJZVKWSECRET";
    let extensions: Vec<u8> = (0..70u16)
        .filter(|kind| ![0, 10, 11, 13, 16, 43].contains(kind))
        .flat_map(|kind| extension(kind, marker))
        .collect();
    let mut body = hello_body(&[0x13, 1], &extensions);
    body[2..15].copy_from_slice(marker);
    let server = [&[3, 3][..], &body[2..34], &[13], marker, &[0x13, 1, 0], &u16s(extensions.len()), &extensions];
    for way in [ToServer, ToClient] {
        let mut lines = Lines { declared: Some(&Tls), ..Lines::default() };
        let mut feed = Feed::new(&Tls);
        for kind in 0..=30u8 {
            let bytes = match kind {
                1 => message(1, &body),
                2 => message(2, &server.concat()),
                11 => message(11, &[&[0, 0, 16, 0, 0, 13][..], marker].concat()),
                kind => message(kind, marker),
            };
            feed.bytes(way, &record(22, &bytes), &mut lines);
        }
        feed.bytes(way, &[record(21, marker), record(24, marker), record(23, marker)].concat(), &mut lines);
        feed.malformed.iter().for_each(|malformed| lines.weird(malformed.field));
        let text = format!("{:?}{}{}", lines.lines, lines.debug, String::from_utf8_lossy(&lines.plain));
        assert!(!text.contains("QXJZ") && !text.contains(r"\x51"), "{text}");
        assert!(lines.lines.len() > 30);
    }
}

#[test]
fn each_way_keeps_its_own_place() {
    let mut feed = Feed::new(&Tls);
    let mut lines = Lines::default();
    let bytes = hello(&[]);
    let ways: [Way; 2] = [ToServer, ToClient];
    for (at, byte) in bytes.iter().enumerate() {
        let _ = at;
        ways.iter().for_each(|way| feed.bytes(*way, &[*byte], &mut lines));
    }
    assert_eq!(hellos(&lines.lines), 2);
}
