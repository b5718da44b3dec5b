//! DCE/RPC: what is read, and what hostile fragments lead to.

mod common;

use common::{Feed, Lines};
use holter_protocols::Way::ToServer;
use holter_protocols::dcerpc::{CONTEXTS_MAX, Dcerpc, FRAGMENT_MAX, INTERFACES_MAX};
use holter_protocols::{Protocol, Transport, Verdict};

const EPM: [u8; 16] = [8, 0x83, 0xaf, 0xe1, 0x1f, 0x5d, 0xc9, 0x11, 0x91, 0xa4, 8, 0, 0x2b, 0x14, 0xa0, 0xfa];
const NDR: [u8; 20] =
    [4, 0x5d, 0x88, 0x8a, 0xeb, 0x1c, 0xc9, 0x11, 0x9f, 0xe8, 8, 0, 0x2b, 0x10, 0x48, 0x60, 2, 0, 0, 0];

fn fragment(kind: u8, body: &[u8], auth: &[u8]) -> Vec<u8> {
    let trailer = if auth.is_empty() { Vec::new() } else { [&[10, 6, 0, 0, 1, 0, 0, 0][..], auth].concat() };
    let length = (16 + body.len() + trailer.len()) as u16;
    let head = [&[5, 0, kind, 3, 0x10, 0, 0, 0][..], &length.to_le_bytes(), &(auth.len() as u16).to_le_bytes()];
    [&head.concat()[..], &[7, 0, 0, 0], body, &trailer].concat()
}

fn context(id: u16, interface: [u8; 16]) -> Vec<u8> {
    [&id.to_le_bytes()[..], &[1, 0], &interface, &[3, 0, 0, 0], &NDR].concat()
}

fn bind(contexts: &[Vec<u8>]) -> Vec<u8> {
    [&[0xb8, 0x10, 0xb8, 0x10, 0, 0, 0, 0, contexts.len() as u8, 0, 0, 0][..], &contexts.concat()].concat()
}

fn request(context: u16, opnum: u16) -> Vec<u8> {
    fragment(0, &[&[9, 0, 0, 0][..], &context.to_le_bytes(), &opnum.to_le_bytes(), b"QXJZVKW"].concat(), b"")
}

fn read(bytes: &[u8]) -> (Vec<String>, Feed) {
    common::one_way(&Dcerpc, bytes)
}

#[test]
fn a_bind_names_interfaces_and_a_request_the_one_it_calls() {
    let (lines, _) = read(&[fragment(11, &bind(&[context(0, [0; 16]), context(1, EPM)]), b""), request(1, 3)].concat());
    assert_eq!(
        lines,
        [
            "dcerpc.pdu dcerpc.type=11 dcerpc.transaction=7 dcerpc.first=true dcerpc.last=true dcerpc.size=116 \
          dcerpc.interface=\"00000000-0000-0000-0000-000000000000\" \
          dcerpc.interface=\"e1af8308-5d1f-11c9-91a4-08002b14a0fa\" dcerpc.interface_version=3 \
          dcerpc.interface_version=3 dcerpc.context=0",
            "dcerpc.pdu dcerpc.type=0 dcerpc.transaction=7 dcerpc.first=true dcerpc.last=true dcerpc.size=31 \
          dcerpc.context=1 dcerpc.opnum=3 dcerpc.called=\"e1af8308-5d1f-11c9-91a4-08002b14a0fa\""
        ]
    );
    // In the other byte order too.
    let big = [&[5, 0, 0, 3, 0, 0, 0, 0, 0, 24, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 2, 0, 15][..]].concat();
    assert!(read(&big).0[0].contains("dcerpc.transaction=9"), "{:?}", read(&big).0);
    assert!(read(&big).0[0].contains("dcerpc.context=2 dcerpc.opnum=15"));
}

#[test]
fn an_answer_tells_its_results_and_a_fault_its_status() {
    let mut body = vec![0xb8, 0x10, 0xb8, 0x10, 1, 0, 0, 0, 4, 0];
    body.extend(b"135\0\0\0\x02\0\0\0");
    body.extend([&[0; 4][..], &NDR, &[2, 0, 1, 0], &[0; 20]].concat());
    let (lines, feed) = read(&fragment(12, &body, b""));
    assert!(lines[0].contains("dcerpc.result=0 dcerpc.result=2") && feed.malformed.is_empty(), "{lines:?}");
    let (lines, _) = read(&fragment(3, &[0, 0, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0], b""));
    assert!(lines[0].contains("dcerpc.context=1 dcerpc.status=5"), "{lines:?}");
}

#[test]
fn a_trailer_tells_its_level_and_the_names_of_ntlm_and_nothing_secret() {
    let mut token = [&b"NTLMSSP\0"[..], &3u32.to_le_bytes()].concat();
    let names: [&[u8]; 6] = [b"QXJZVKW", b"QXJZVKW", b"CLINIC", b"scan", b"CT01", b"QXJZVKW"];
    let mut at = 64u32;
    for name in names {
        token.extend((name.len() as u16).to_le_bytes().repeat(2));
        token.extend(at.to_le_bytes());
        at += name.len() as u32;
    }
    token.extend([0; 4]);
    token.extend(names.concat());
    let (lines, _) = read(&fragment(16, b"QXJZ", &token));
    assert!(
        lines[0].contains("dcerpc.security=10 dcerpc.level=6 dcerpc.ntlm=3 dcerpc.ntlm_host=\"CT01\""),
        "{lines:?}"
    );
    assert!(lines[0].contains("dcerpc.ntlm_domain=\"CLINIC\" dcerpc.ntlm_user=\"scan\"") && !lines[0].contains("QXJZ"));
}

#[test]
fn interfaces_and_contexts_are_bounded() {
    let many: Vec<_> = (0..INTERFACES_MAX as u16 + 3).map(|id| context(id, EPM)).collect();
    let (lines, _) = read(&fragment(11, &bind(&many), b""));
    assert_eq!(lines[0], "weird dcerpc.interfaces");
    assert_eq!(lines[1].matches("dcerpc.interface=").count(), INTERFACES_MAX);
    let mut conversation = Vec::new();
    for id in 0..CONTEXTS_MAX as u16 + 1 {
        conversation.extend(fragment(14, &bind(&[context(id, EPM)]), b""));
    }
    conversation.extend([request(0, 1), request(1, 1)].concat());
    let (lines, _) = read(&conversation);
    let [forgotten, known] = &lines[lines.len() - 2..] else { panic!("two requests") };
    assert!(!forgotten.contains("dcerpc.called") && known.contains("dcerpc.called"));
}

#[test]
fn what_a_call_carries_is_passed_and_long_negotiations_are_read_at_their_heads() {
    let stub = [&[0, 0, 0, 0, 0, 0, 2, 0][..], &b"QXJZVKW".repeat(900)].concat();
    let long = [bind(&[context(0, EPM)]), vec![0; FRAGMENT_MAX]].concat();
    let (lines, feed) = read(&[fragment(0, &stub, b""), fragment(11, &long, b""), request(0, 4)].concat());
    assert!(feed.unseen > 6000 && feed.malformed.is_empty() && !lines.concat().contains("QXJZVKW"));
    assert!(lines[2].contains("dcerpc.called=\"e1af8308"), "{lines:?}");
}

#[test]
fn a_broken_fragment_is_passed_and_the_next_is_read() {
    let mut cut = bind(&[context(0, EPM)]);
    cut[8] = 9;
    let good = request(0, 1);
    for (bad, field) in [
        (fragment(11, &cut, b""), "dcerpc.context"),
        (b"\x05\0\x00\x03\x10\0\0\0\x0f\0\0\0\0\0\0\0".to_vec(), "dcerpc.header"),
        (b"rubbish".to_vec(), "dcerpc.header"),
    ] {
        let (lines, feed) = read(&[&good[..], &bad, &good].concat());
        assert_eq!(feed.malformed[0].field, field);
        assert_eq!(lines.iter().filter(|line| line.contains("dcerpc.opnum=1")).count(), 2, "{lines:?}");
    }
    let mut feed = Feed::new(&Dcerpc);
    let mut lines = Lines::default();
    feed.bytes(ToServer, &[&good[..], &good[..20]].concat(), &mut lines);
    feed.gap(ToServer, 400);
    feed.bytes(ToServer, &[&b"middle"[..], &good].concat(), &mut lines);
    assert_eq!(lines.lines.iter().filter(|line| line.contains("dcerpc.opnum=1")).count(), 2, "{:?}", lines.lines);
}

#[test]
fn dcerpc_is_known_by_its_header() {
    let good = request(0, 1);
    let tcp = |bytes: &[u8]| Dcerpc.probe(Transport::Tcp, ToServer, bytes);
    assert_eq!(tcp(&good), Verdict::Yes);
    for n in 0..16 {
        assert_eq!(tcp(&good[..n]), Verdict::Unsure, "{n}");
    }
    let mut auth = good.clone();
    auth[10] = 200;
    for other in [&auth[..], b"\x05\x01\x00", b"\x05\0\0\x03\x11", &[5; 30], b"\x04\0\0\0\x10\0\0\0"] {
        let expected = if other.len() == 3 { Verdict::Unsure } else { Verdict::No };
        assert_eq!(tcp(other), expected, "{other:?}");
    }
}
