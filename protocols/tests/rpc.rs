//! ONC RPC: what is read of calls and replies, and what hostile ones lead to.

mod common;

use common::{Feed, Hears, Lines, decode, one_way, protocol, samples};
use holter_protocols::Way::{ToClient, ToServer};
use holter_protocols::rpc::{FRAGMENT_MAX, HEAD_MAX, NAME_MAX, PENDING_MAX};
use holter_protocols::{Sink, Transport, Verdict};

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

fn text(text: &[u8]) -> Vec<u8> {
    let padding = vec![0; text.len().wrapping_neg() % 4];
    [&(text.len() as u32).to_be_bytes()[..], text, &padding].concat()
}

fn call(transaction: u32, program: u32, version: u32, procedure: u32, arguments: &[u8]) -> Vec<u8> {
    [&words(&[transaction, 0, 2, program, version, procedure, 0, 0, 0, 0])[..], arguments].concat()
}

fn reply(transaction: u32, results: &[u8]) -> Vec<u8> {
    [&words(&[transaction, 1, 0, 0, 0, 0])[..], results].concat()
}

fn marked(message: &[u8]) -> Vec<u8> {
    [&words(&[1 << 31 | message.len() as u32])[..], message].concat()
}

fn datagram(bytes: &[u8]) -> Vec<String> {
    let mut lines = Lines { declared: Some(protocol("rpc")), ..Lines::default() };
    if let Err(malformed) = protocol("rpc").datagram(ToServer, bytes, &mut lines) {
        lines.weird(malformed.field);
    }
    lines.lines
}

fn sample(name: &str) -> Vec<String> {
    let sample = samples(protocol("rpc")).into_iter().find(|sample| sample.name == name).expect("a sample");
    decode(&sample, |_| Vec::new())
}

#[test]
fn a_port_is_asked_for_and_given_and_a_folder_is_mounted() {
    let lines = sample("mount.datagrams");
    let has = |part: &str| assert!(lines.iter().any(|line| line.contains(part)), "{part} in {lines:#?}");
    has("rpc.wanted_program=100005 rpc.wanted_version=3 rpc.wanted_transport=17");
    has("rpc.denied=false rpc.status=0 rpc.port=20048");
    has("rpc.machine=\"ct01\" rpc.path=\"/srv/images1\"");
    has("rpc.answered_program=100005 rpc.answered_procedure=1 rpc.denied=false rpc.status=0 rpc.result=0");
    has("rpc.denied=false rpc.status=2");
    has("rpc.denied=true rpc.status=1");
    assert!(sample("absent.stream")[1].contains("rpc.port=0"));
    assert!(sample("portmap.datagrams").iter().any(|line| line.contains("rpc.port=111")));
}

#[test]
fn files_pass_unread_also_in_several_fragments() {
    let lines = sample("nfs.stream");
    assert_eq!(lines.len(), 8, "{lines:#?}");
    assert!(lines[1].contains("rpc.answered_procedure=3 rpc.denied=false rpc.status=0 rpc.result=2"), "not found");
    let body = call(1, 100_003, 3, 7, &vec![b'x'; HEAD_MAX * 4]);
    let (lines, feed) = one_way(protocol("rpc"), &[marked(&body), marked(&call(2, 100_003, 3, 0, b""))].concat());
    assert_eq!((lines.len(), feed.unseen), (2, (body.len() - HEAD_MAX) as u64));
}

#[test]
fn broken_messages_are_malformed_and_the_next_is_read() {
    let good = call(9, 100_003, 3, 0, b"");
    for (broken, field) in [
        (words(&[1, 2, 0, 0, 0, 0]), "rpc.type"),
        (words(&[1, 0, 3, 100_003, 3, 0, 0, 0, 0, 0]), "rpc.rpc_version"),
        (words(&[1, 0, 2, 100_003, 3, 0, 1, 401, 0, 0]), "rpc.credential"),
        (words(&[1, 0, 2, 100_003, 3, 0, 1, u32::MAX, 0, 0]), "rpc.credential"),
        (words(&[1, 0, 2, 100_003, 3, 0, 0, 0, 1, 8]), "rpc.verifier"),
        (words(&[1, 1, 7, 0, 0, 0]), "rpc.reply"),
        (call(1, 100_005, 3, 1, &words(&[NAME_MAX as u32 + 1])), "rpc.path"),
        (call(1, 100_000, 2, 3, &words(&[1])), "rpc.mapping"),
        (words(&[1]), "rpc.header"),
    ] {
        assert!(datagram(&broken).contains(&format!("weird {field}")), "{field}");
        let (lines, feed) = one_way(protocol("rpc"), &[marked(&broken), marked(&good)].concat());
        assert_eq!(feed.malformed[0].field, field);
        assert!(lines.last().is_some_and(|line| line.contains("transaction=9")), "{field}: {lines:?}");
    }
}

#[test]
fn after_a_broken_mark_or_a_gap_the_next_call_of_a_known_program_is_found() {
    let good = marked(&call(9, 100_003, 3, 1, b"1234"));
    let broken = words(&[FRAGMENT_MAX + 1, 7, 7]);
    let (lines, feed) = one_way(protocol("rpc"), &[broken, good.clone()].concat());
    assert_eq!(feed.malformed[0].field, "rpc.mark");
    assert!(lines.last().is_some_and(|line| line.contains("transaction=9")), "{lines:?}");
    let mut lines = Lines::default();
    let mut feed = Feed::new(protocol("rpc"));
    feed.bytes(ToServer, &good[..30], &mut lines);
    feed.gap(ToServer, 77);
    feed.gap(ToClient, 5);
    feed.bytes(ToServer, &[&[0; 99], &good[..]].concat(), &mut lines);
    feed.bytes(ToClient, &[&[0; 31], &marked(&reply(9, &[0; 4]))[..]].concat(), &mut lines);
    assert_eq!(lines.lines.len(), 2, "{:?}", lines.lines);
    assert!(lines.lines[1].contains("rpc.answered_program=100003"));
}

#[test]
fn replies_are_matched_with_the_last_calls_only() {
    let mut lines = Lines::default();
    let mut hears = Hears::new(protocol("rpc"));
    for transaction in 1..=PENDING_MAX as u32 + 1 {
        hears.datagram(ToServer, &call(transaction, 100_003, 3, 1, b""), &mut lines).expect("whole");
    }
    for transaction in [1, 2] {
        hears.datagram(ToClient, &reply(transaction, &[0; 4]), &mut lines).expect("whole");
    }
    let [.., first, second] = &lines.lines[..] else { panic!("two") };
    assert!(!first.contains("answered") && second.contains("answered_program=100003"));
}

#[test]
fn a_call_of_a_known_program_is_claimed_and_a_reply_is_likely() {
    let probe = |transport, way, bytes: &[u8]| protocol("rpc").probe(transport, way, bytes);
    let (known, other) = (call(1, 100_003, 3, 1, b""), call(1, 0x2000_0001, 1, 1, b""));
    assert_eq!(probe(Transport::Udp, ToServer, &known), Verdict::Yes);
    assert_eq!(probe(Transport::Tcp, ToServer, &marked(&known)), Verdict::Yes);
    assert_eq!(probe(Transport::Udp, ToServer, &other), Verdict::Likely);
    assert_eq!(probe(Transport::Udp, ToClient, &reply(1, b"")), Verdict::Likely);
    assert_eq!(probe(Transport::Tcp, ToClient, &marked(&reply(1, b""))), Verdict::Likely);
    for cut in 0..44 {
        assert_eq!(probe(Transport::Tcp, ToServer, &marked(&known)[..cut]), Verdict::Unsure, "{cut}");
        if cut < 40 {
            assert_eq!(probe(Transport::Udp, ToServer, &known[..cut]), Verdict::No, "{cut}");
        }
    }
    assert_eq!(probe(Transport::Udp, ToServer, &[0; 64]), Verdict::No);
    assert_eq!(probe(Transport::Tcp, ToServer, b"GET / HTTP/1.1\r\n"), Verdict::No);
}

#[test]
fn no_file_name_or_content_can_be_read() {
    let marker = b"MARKER".repeat(20);
    let mut stream = Vec::new();
    for procedure in 0..=22 {
        stream.extend(marked(&call(procedure, 100_003, 3, procedure, &[text(&marker), text(&marker)].concat())));
    }
    for program in [100_000, 100_005, 100_021, 100_227] {
        for procedure in [0, 2, 4, 6, 7] {
            stream.extend(marked(&call(procedure, program, 3, procedure, &text(&marker))));
        }
    }
    let mut lines = Lines::default();
    let mut feed = Feed::new(protocol("rpc"));
    feed.bytes(ToServer, &stream, &mut lines);
    (0..=22).for_each(|transaction| feed.bytes(ToClient, &marked(&reply(transaction, &text(&marker))), &mut lines));
    assert!(lines.lines.len() > 60 && !lines.lines.join("\n").contains("MARK"), "{:#?}", lines.lines);
}
