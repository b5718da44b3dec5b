//! OPC UA: what is read, what is never, and what hostile bytes lead to.

mod common;

use common::{Feed, Lines, Sample, decode, protocol, samples};
use holter_protocols::Way::{self, ToClient, ToServer};
use holter_protocols::opcua::{Opcua, READ_MAX};
use holter_protocols::{Protocol, Transport, Verdict};

fn chunk(kind: &str, body: &[u8]) -> Vec<u8> {
    [kind.as_bytes(), &(body.len() as u32 + 8).to_le_bytes(), body].concat()
}

fn string(text: &[u8]) -> Vec<u8> {
    [&(text.len() as u32).to_le_bytes()[..], text].concat()
}

fn message(request: u32) -> Vec<u8> {
    let numbers = [9, 1, request, request].map(u32::to_le_bytes).concat();
    chunk("MSGF", &[&numbers[..], &[1, 0, 0x77, 2], &[0; 20]].concat())
}

fn open(policy: &[u8]) -> Vec<u8> {
    chunk("OPNF", &[&[0; 4][..], &string(policy), &[0xff; 8], &[0; 60]].concat())
}

fn said(way: Way, bytes: &[u8]) -> Vec<String> {
    let chunks = vec![(way, bytes.to_vec()), (way, message(999))];
    let sample = Sample { name: String::new(), protocol: "opcua", transport: Transport::Tcp, chunks };
    let mut whole = decode(&sample, |_| Vec::new());
    assert_eq!(decode(&sample, |bytes| vec![1; bytes.len()]), whole, "segments must not matter");
    assert!(whole.pop().is_some_and(|last| last.contains("opcua.type=\"MSG\"")), "the next is read: {whole:#?}");
    whole
}

fn of(name: &str) -> Vec<String> {
    let all = samples(protocol("opcua"));
    decode(all.iter().find(|sample| sample.name == name).expect("the sample"), |_| Vec::new())
}

#[test]
fn a_session_without_security_tells_its_endpoint_and_services() {
    let lines = of("open.stream");
    for part in [
        "opcua.endpoint=\"opc.tcp://127.0.0.1:14840/holter/gateway\"",
        "opcua.acknowledge.receive_buffer=65535",
        "opcua.security_policy=\"http://opcfoundation.org/UA/SecurityPolicy#None\" opcua.unsecured=true opcua.certificate=0",
        "opcua.request=4 opcua.service=631",
        "opcua.type=\"CLO\"",
    ] {
        assert!(lines.iter().any(|line| line.contains(part)), "{part} in {lines:#?}");
    }
}

#[test]
fn of_a_secured_channel_only_the_frame_is_told() {
    let lines = of("secured.stream");
    assert!(lines[1].contains("opcua.hello.reverse=true opcua.endpoint=\"opc.tcp://gateway:4840\""), "{}", lines[1]);
    assert!(lines.iter().any(|line| line.contains("#Basic256Sha256\" opcua.unsecured=false opcua.certificate=300")));
    let messages: Vec<_> = lines.iter().filter(|line| line.contains("opcua.type=\"MSG\"")).collect();
    assert_eq!(messages.len(), 2);
    assert!(messages.iter().all(|line| !line.contains("opcua.service") && !line.contains("opcua.request")));
    assert!(lines.last().is_some_and(|line| line.contains("opcua.error.status=2148728832")), "{lines:#?}");
    assert!(!lines.concat().contains("QXJZVKW"), "a reason is free text");
}

#[test]
fn what_a_message_holds_never_leaves() {
    let marker = b"QXJZVKWAAAAA";
    for bytes in [
        chunk("MSGF", &[&[0; 16][..], &[1, 0, 0x77, 2], marker].concat()),
        chunk("ERRF", &[&[0; 4][..], &string(marker)].concat()),
        chunk("CLOF", &[&[0; 16][..], marker].concat()),
        open(marker),
        open(b"http://opcfoundation.org/UA/SecurityPolicy#QXJZVKW AAAAA"),
        chunk("OPNF", &[&[0; 4][..], &string(b""), &string(marker), &string(marker), marker].concat()),
    ] {
        let mut lines = Lines { declared: Some(&Opcua), ..Lines::default() };
        Feed::new(&Opcua).bytes(ToServer, &bytes, &mut lines);
        let all = format!("{:?} {} {}", lines.lines, lines.debug, String::from_utf8_lossy(&lines.plain));
        assert!(!lines.lines.is_empty() && !all.contains("QXJZVKW"), "{all}");
    }
}

#[test]
fn a_policy_that_is_none_of_the_standard_is_not_kept() {
    let lines = said(ToServer, &open(b"http://example.invalid/policy"));
    assert_eq!(lines[1], "weird opcua.security_policy");
    assert_eq!(lines[2], "opcua.open opcua.unsecured=false opcua.certificate=0");
}

#[test]
fn a_long_chunk_is_read_at_its_beginning_and_passed() {
    let long = chunk("MSGC", &[&[0; 16][..], &[1, 0, 0x77, 2], &[7; 100_000]].concat());
    let lines = said(ToClient, &long);
    assert!(lines[0].contains("opcua.part=\"C\"") && lines[0].contains("opcua.service=631"), "{lines:?}");
    let mut feed = Feed::new(&Opcua);
    feed.bytes(ToClient, &long[..READ_MAX], &mut common::Silent);
    assert_eq!(feed.kept(), 0);
    feed.bytes(ToClient, &long[READ_MAX..], &mut common::Silent);
    assert_eq!(feed.unseen, (long.len() - READ_MAX) as u64);
}

#[test]
fn broken_strings_and_headers_leave_what_is_behind_them() {
    let hello = chunk("HELF", &[&[0; 20][..], &[0xff, 0xff, 0, 0], b"opc"].concat());
    let lines = said(ToServer, &hello);
    assert!(lines[1].starts_with("opcua.hello") && lines[2] == "weird opcua.endpoint", "{lines:?}");
    assert_eq!(said(ToServer, b"HELF\x05\0\0\0"), ["weird opcua.header"]);
    assert_eq!(said(ToServer, b"MSGX\xff\0\0\0"), ["weird opcua.header"]);
    assert_eq!(said(ToServer, b"ACKF\x1d\0\0\0"), ["weird opcua.header"]);
}

#[test]
fn after_a_gap_anywhere_a_later_message_is_read() {
    let body = message(1).repeat(4);
    for from in 0..body.len() {
        let to = (from + 21).min(body.len());
        let mut lines = Lines::default();
        let mut feed = Feed::new(&Opcua);
        feed.bytes(ToServer, &body[..from], &mut lines);
        feed.gap(ToServer, (to - from) as u64);
        feed.bytes(ToServer, &body[to..], &mut lines);
        feed.bytes(ToServer, &message(777), &mut lines);
        assert!(lines.lines.last().is_some_and(|line| line.contains("=777 ")), "{from}: {:?}", lines.lines);
    }
}

#[test]
fn only_opcua_is_taken_for_opcua() {
    let probe = |bytes: &[u8]| Opcua.probe(Transport::Tcp, ToServer, bytes);
    assert_eq!(probe(&message(1)), Verdict::Yes);
    for cut in 0..8 {
        assert_eq!(probe(&message(1)[..cut]), Verdict::Unsure, "{cut}");
    }
    for other in
        [&b"HELO mail.example\r\n"[..], b"HELP\r\n", b"MSGF\xff\xff\xff\xff", b"ACKF\0\0\0\0", b"OPTIONS * RTSP"]
    {
        assert_eq!(probe(other), Verdict::No, "{}", String::from_utf8_lossy(other));
    }
    assert_eq!(Opcua.probe(Transport::Udp, ToServer, &message(1)), Verdict::No);
}
