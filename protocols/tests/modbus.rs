//! Modbus/TCP: what is read, what is never, and what hostile bytes lead to.

mod common;

use common::{Feed, Lines, Sample, decode, one_way, protocol, samples};
use holter_protocols::Way::{self, ToClient, ToServer};
use holter_protocols::modbus::{DATA_MAX, Modbus, OBJECTS_MAX};
use holter_protocols::{Protocol, Transport, Verdict};

fn adu(transaction: u16, unit: u8, pdu: &[u8]) -> Vec<u8> {
    let length = (pdu.len() as u16 + 1).to_be_bytes();
    [&transaction.to_be_bytes()[..], &[0, 0], &length, &[unit], pdu].concat()
}

fn read_registers(transaction: u16) -> Vec<u8> {
    adu(transaction, 1, &[3, 0, 7, 0, 5])
}

fn said(way: Way, bytes: &[u8]) -> Vec<String> {
    let sample = Sample {
        name: String::new(),
        protocol: "modbus",
        transport: Transport::Tcp,
        chunks: vec![(way, bytes.to_vec()), (way, read_registers(9))],
    };
    let whole = decode(&sample, |_| Vec::new());
    assert_eq!(decode(&sample, |bytes| vec![1; bytes.len()]), whole, "segments must not matter");
    let (last, before) = whole.split_last().expect("the good one");
    assert!(last.contains("modbus.transaction=9 "), "the next message is read: {whole:#?}");
    before.iter().filter(|line| *line != "weird modbus.length").cloned().collect()
}

#[test]
fn a_request_and_its_response_are_joined_and_their_values_are_not_read() {
    let lines: Vec<String> = samples(protocol("modbus")).iter().flat_map(|sample| decode(sample, |_| vec![])).collect();
    assert_eq!(
        lines[2..4],
        [
            "modbus.message modbus.response=false modbus.transaction=2 modbus.unit=1 modbus.function=3 \
             modbus.address=7 modbus.quantity=5 modbus.size=5",
            "modbus.message modbus.response=true modbus.transaction=2 modbus.unit=1 modbus.function=3 modbus.size=12",
        ]
    );
    assert!(!lines.iter().any(|line| line.starts_with("weird") || line.contains("1234")), "{lines:#?}");
}

#[test]
fn an_exception_tells_its_function_and_code() {
    let lines = said(ToClient, &adu(7, 3, &[0x84, 2]));
    assert!(lines[0].contains("modbus.unit=3 modbus.function=4 modbus.exception=2"), "{lines:?}");
}

#[test]
fn pipelined_requests_are_read_one_by_one() {
    let all: Vec<u8> = (100..140).flat_map(read_registers).collect();
    let lines = said(ToServer, &all);
    for n in 100..140 {
        assert!(lines[n - 100].contains(&format!("modbus.transaction={n} ")), "{}", lines[n - 100]);
    }
}

#[test]
fn a_device_says_who_made_it() {
    let lines: Vec<String> = samples(protocol("modbus")).iter().flat_map(|sample| decode(sample, |_| vec![])).collect();
    let last = lines.iter().rfind(|line| line.starts_with("modbus.identification")).expect("an identification");
    for part in [
        "modbus.vendor=\"Tessivo\" modbus.product_code=\"AHU-7\" modbus.revision=\"2.4.1\"",
        "modbus.product=\"Air handler\" modbus.model=\"AHU 700\" modbus.application=\"THEATRE-3\"",
    ] {
        assert!(last.contains(part), "{part} in {last}");
    }
}

#[test]
fn objects_that_are_cut_leave_those_before_them() {
    let lines = said(ToClient, &adu(1, 1, &[43, 14, 1, 1, 0, 0, 3, 0, 3, b'A', b'B', b'C', 1, 200, b'x']));
    assert!(lines[1].contains("modbus.vendor=\"ABC\"") && lines[2] == "weird modbus.object_length", "{lines:#?}");
}

#[test]
fn objects_are_bounded_by_their_numbers_and_the_first_of_two_wins() {
    let many = [&[43, 14, 3, 0x83, 0, 0, 255][..], &[0, 0].repeat(120)].concat();
    assert!(said(ToClient, &adu(1, 1, &many)).iter().any(|line| line == "weird modbus.object"));
    assert_eq!(OBJECTS_MAX, 256, "an object number is a byte");
    let twice = [43, 14, 1, 1, 0, 0, 2, 0, 1, b'A', 0, 1, b'B'];
    assert!(said(ToClient, &adu(1, 1, &twice))[1].contains("modbus.vendor=\"A\""));
}

#[test]
fn what_is_written_or_read_never_leaves() {
    let marker = b"QXJZVKWAAAAA";
    let write = [&[16, 0, 1, 0, 6, 12][..], marker].concat();
    let read = [&[3, 12][..], marker].concat();
    let server = [&[17, 13][..], marker, &[0xff]].concat();
    let others = [&[43, 14, 3, 0x83, 0, 0, 2, 3, 12][..], marker, &[0x80, 12], marker].concat();
    let unknown = [&[100][..], marker].concat();
    for (way, pdu) in [(ToServer, write), (ToClient, read), (ToClient, server), (ToClient, others), (ToServer, unknown)]
    {
        let mut lines = Lines { declared: Some(&Modbus), ..Lines::default() };
        Feed::new(&Modbus).bytes(way, &adu(1, 1, &pdu), &mut lines);
        let all = format!("{:?} {} {}", lines.lines, lines.debug, String::from_utf8_lossy(&lines.plain));
        assert!(!lines.lines.is_empty() && !all.contains("QXJZVKW"), "{all}");
    }
}

#[test]
fn lengths_that_do_not_fit_the_function_are_noticed() {
    let (lines, _) = one_way(&Modbus, &adu(1, 1, &[3, 0, 7, 0, 5, 9]));
    assert_eq!(lines[0], "weird modbus.length");
}

#[test]
fn a_length_beyond_the_longest_is_searched_past() {
    let mut long = adu(1, 1, &[3; DATA_MAX - 1]);
    assert!(said(ToServer, &long)[0].contains("modbus.size=253"));
    long[4..6].copy_from_slice(&((DATA_MAX + 1) as u16).to_be_bytes());
    assert_eq!(said(ToServer, &long), ["weird modbus.header"]);
    assert_eq!(said(ToServer, &[0xff; 300]), ["weird modbus.header"]);
}

#[test]
fn after_a_gap_anywhere_a_later_message_is_read() {
    let body: Vec<u8> = (0..6).flat_map(read_registers).collect();
    for from in 0..body.len() {
        for lost in [1, 5, 12, 20] {
            let to = (from + lost).min(body.len());
            let mut lines = Lines::default();
            let mut feed = Feed::new(&Modbus);
            feed.bytes(ToServer, &body[..from], &mut lines);
            feed.gap(ToServer, (to - from) as u64);
            feed.bytes(ToServer, &body[to..], &mut lines);
            feed.bytes(ToServer, &read_registers(777), &mut lines);
            assert!(lines.lines.last().is_some_and(|line| line.contains("=777 ")), "{from}..{to}: {:?}", lines.lines);
        }
    }
}

#[test]
fn a_direction_without_messages_is_given_up() {
    let mut lines = Lines::default();
    let mut feed = Feed::new(&Modbus);
    for _ in 0..20 {
        feed.bytes(ToServer, &[0xaa; 65_536], &mut lines);
    }
    assert_eq!(lines.lines, ["weird modbus.header", "weird modbus.lost"]);
}

#[test]
fn only_modbus_is_taken_for_modbus() {
    let probe = |bytes: &[u8]| Modbus.probe(Transport::Tcp, ToServer, bytes);
    let good = read_registers(1);
    assert_eq!(probe(&good), Verdict::Yes);
    assert_eq!(probe(&[&good[..], &good].concat()), Verdict::Yes);
    for cut in 0..8 {
        assert_eq!(probe(&good[..cut]), Verdict::Unsure, "{cut}");
    }
    assert_eq!(probe(&[&good[..], b"HTTP"].concat()), Verdict::No, "something else follows");
    assert_eq!(probe(&adu(1, 1, &[3, 0, 7])), Verdict::No, "a length of no read");
    assert_eq!(probe(&adu(1, 1, &[90, 0, 2])), Verdict::Likely, "a maker's function");
    assert_eq!(probe(&common::dicom::request(common::dicom::IMPLICIT)), Verdict::No);
    assert_ne!(probe(&[0; 64]), Verdict::Yes);
    let ldap = [&[0x30, 0x84, 0, 0, 0, 0x0c, 2, 1, 9][..], &[0x61; 9]].concat();
    assert_eq!(probe(&ldap), Verdict::Likely, "a message id that is the count of an answer");
    assert_eq!(Modbus.probe(Transport::Udp, ToServer, &good), Verdict::No);
}
