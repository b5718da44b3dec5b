//! S7 communication: what is read, what is never, and what hostile bytes lead to.

mod common;

use common::{Feed, Lines, Sample, decode, protocol, samples};
use holter_protocols::Way::{self, ToClient, ToServer};
use holter_protocols::s7comm::{RECORDS_MAX, S7comm};
use holter_protocols::{Protocol, Transport, Verdict};

fn tpkt(body: &[u8]) -> Vec<u8> {
    [&[3, 0][..], &(body.len() as u16 + 4).to_be_bytes(), body].concat()
}

fn s7(rosctr: u8, reference: u16, parameters: &[u8], data: &[u8]) -> Vec<u8> {
    let lengths = [reference, parameters.len() as u16, data.len() as u16].map(u16::to_be_bytes).concat();
    [&[0x32, rosctr, 0, 0][..], &lengths, parameters, data].concat()
}

fn unit(message: &[u8]) -> Vec<u8> {
    tpkt(&[&[2, 0xf0, 0x80][..], message].concat())
}

fn job(reference: u16) -> Vec<u8> {
    unit(&s7(1, reference, &[0x29, 0, 0, 0, 0, 0, 9, b'P', b'_', b'P', b'R', b'O', b'G', b'R', b'A', b'M'], b""))
}

fn list(id: u16, length: u16, records: &[u8], count: u16) -> Vec<u8> {
    let body = [&[id, 0, length, count].map(u16::to_be_bytes).concat()[..], records].concat();
    let data = [&[0xff, 9][..], &(body.len() as u16).to_be_bytes(), &body].concat();
    unit(&s7(7, 1, &[0, 1, 0x12, 8, 0x12, 0x84, 1, 0, 0, 0, 0, 0], &data))
}

fn said(way: Way, bytes: &[u8]) -> Vec<String> {
    let chunks = vec![(way, bytes.to_vec()), (way, job(999))];
    let sample = Sample { name: String::new(), protocol: "s7comm", transport: Transport::Tcp, chunks };
    let mut whole = decode(&sample, |_| Vec::new());
    assert_eq!(decode(&sample, |bytes| vec![1; bytes.len()]), whole, "segments must not matter");
    assert!(whole.pop().is_some_and(|last| last.contains("reference=999 ")), "the next is read: {whole:#?}");
    whole
}

fn of(name: &str) -> Vec<String> {
    let all = samples(protocol("s7comm"));
    decode(all.iter().find(|sample| sample.name == name).expect("the sample"), |_| Vec::new())
}

#[test]
fn a_connection_and_its_jobs_are_told() {
    let lines = of("station.stream");
    assert_eq!(lines[0], "s7comm.connect s7comm.connect.type=224 s7comm.source_tsap=256 s7comm.destination_tsap=258");
    assert!(lines[2].contains("s7comm.rosctr=1 s7comm.reference=1 s7comm.function=240 s7comm.pdu_size=480"));
    assert!(
        lines.iter().any(|line| line.contains("s7comm.rosctr=1 s7comm.reference=5 s7comm.function=5 s7comm.items=1"))
    );
    assert!(lines.iter().any(|line| line.contains("s7comm.function=41")), "stop: {lines:#?}");
}

#[test]
fn a_station_says_what_it_is() {
    let lines = of("modules.stream");
    assert!(lines[2].contains("s7comm.order_number=\"6ES7 315-2EH14-0AB0\""), "{}", lines[2]);
    assert!(lines[2].contains(&format!("s7comm.firmware_version={}", u32::from_be_bytes(*b"V\x03\x02\x07"))));
    for part in [
        "s7comm.station=\"HVAC-WEST\" s7comm.module_name=\"PLC_1\" s7comm.plant=\"PLANT 4\"",
        "s7comm.copyright=\"Original Siemens Equipment\" s7comm.serial=\"S C-B1U300000001\"",
        "s7comm.module_type=\"CPU 315-2 PN/DP\" s7comm.memory_card=\"MMC 00000001\" s7comm.location=\"ROOF\"",
    ] {
        assert!(lines[5].contains(part), "{part} in {}", lines[5]);
    }
    assert!(lines.last().is_some_and(|line| line.contains("s7comm.error_class=129 s7comm.error_code=4")));
}

#[test]
fn what_is_read_or_written_never_leaves() {
    let marker = b"QXJZVKWAAAAA";
    let text = |index: u16| [&index.to_be_bytes()[..], marker, &[0; 20]].concat();
    let module = |index: u16| [&index.to_be_bytes()[..], marker, &[b' '; 8], &[0; 6]].concat();
    for (way, bytes) in [
        (ToServer, unit(&s7(1, 1, &[5, 1, 0x12, 10, 0x10, 2, 0, 12, 0, 1, 0x84, 0, 0, 0], marker))),
        (ToClient, unit(&s7(3, 1, &[0, 0, 4, 1], marker))),
        (ToServer, unit(&s7(1, 1, &[&[0x1d, 0, 0, 0, 0, 0, 0, 0, 12][..], marker].concat(), b""))),
        (ToServer, unit(&s7(7, 1, &[0, 1, 0x12, 4, 0x11, 0x45, 1, 0], &[&[0xff, 9, 0, 12][..], marker].concat()))),
        (ToClient, list(0x1c, 34, &text(9), 1)),
        (ToClient, list(0x11, 28, &module(0x81), 1)),
        (ToClient, list(0x74, 14, marker, 1)),
        (ToServer, unit(&[&[0x72, 1][..], marker].concat())),
    ] {
        let mut lines = Lines { declared: Some(&S7comm), ..Lines::default() };
        Feed::new(&S7comm).bytes(way, &bytes, &mut lines);
        let all = format!("{:?} {} {}", lines.lines, lines.debug, String::from_utf8_lossy(&lines.plain));
        assert!(!lines.lines.is_empty() && !all.contains("QXJZVKW"), "{all}");
    }
}

#[test]
fn records_are_capped() {
    let record = |text: u8| [&[0, 7][..], &[text; 32]].concat();
    let many = [record(b' ').repeat(RECORDS_MAX), record(b'X')].concat();
    let lines = said(ToClient, &list(0x1c, 34, &many, RECORDS_MAX as u16 + 1));
    assert!(!lines[1].contains("module_type"), "beyond the cap: {lines:?}");
    let one_less = [record(b' ').repeat(RECORDS_MAX - 1), record(b'X')].concat();
    assert!(said(ToClient, &list(0x1c, 34, &one_less, u16::MAX))[1].contains("s7comm.module_type=\"XXX"));
    assert_eq!(said(ToClient, &list(0x11, 1, &[0; 9], 9))[1], "weird s7comm.szl_records");
}

#[test]
fn the_later_units_of_a_message_are_passed() {
    let whole = s7(3, 5, &[0, 0, 4, 1], &[7; 900]);
    let (first, rest) = whole.split_at(500);
    let bytes = [tpkt(&[&[2, 0xf0, 0][..], first].concat()), unit(rest)].concat();
    let lines = said(ToClient, &bytes);
    assert!(lines.len() == 1 && lines[0].contains("s7comm.reference=5"), "{lines:?}");
}

#[test]
fn broken_messages_leave_those_behind_them() {
    assert_eq!(said(ToServer, &unit(&[0x32, 1, 0]))[0], "weird s7comm.header");
    assert_eq!(said(ToServer, &unit(&[0x72, 1, 0]))[0], "weird s7comm.protocol");
    let short = said(ToServer, &unit(&[0x32, 1, 0, 0, 0, 1, 0, 200, 0, 0, 4]));
    assert!(short[0].contains("s7comm.parameters=200") && short[1] == "weird s7comm.parameters", "{short:?}");
    assert_eq!(said(ToServer, &unit(&s7(1, 1, &[5], b"")))[1], "weird s7comm.items");
    let mut lying = s7(1, 1, &[0x29], b"");
    lying[9] = 77;
    assert_eq!(said(ToServer, &unit(&lying))[0], "weird s7comm.length");
    assert_eq!(said(ToServer, &[3, 0, 0, 3, 0xff]), ["weird s7comm.tpkt"]);
}

#[test]
fn after_a_gap_anywhere_a_later_message_is_read() {
    let body = [job(1), job(2), job(3)].concat();
    for from in 0..body.len() {
        let to = (from + 20).min(body.len());
        let mut lines = Lines::default();
        let mut feed = Feed::new(&S7comm);
        feed.bytes(ToServer, &body[..from], &mut lines);
        feed.gap(ToServer, (to - from) as u64);
        feed.bytes(ToServer, &body[to..], &mut lines);
        feed.bytes(ToServer, &job(777), &mut lines);
        assert!(lines.lines.last().is_some_and(|line| line.contains("=777 ")), "{from}: {:?}", lines.lines);
    }
}

#[test]
fn the_transport_alone_is_not_enough() {
    let probe = |bytes: &[u8]| S7comm.probe(Transport::Tcp, ToServer, bytes);
    assert_eq!(probe(&job(1)), Verdict::Yes);
    for cut in 0..17 {
        assert_eq!(probe(&job(1)[..cut]), Verdict::Unsure, "{cut}");
    }
    let connect = |parameters: &[u8]| {
        let body = [&[parameters.len() as u8 + 6, 0xe0, 0, 0, 0, 1, 0][..], parameters].concat();
        tpkt(&body)
    };
    let own = connect(&[0xc1, 2, 1, 0, 0xc2, 2, 1, 2, 0xc0, 1, 10]);
    assert_eq!(probe(&own), Verdict::Likely, "other stacks may form them so");
    assert_eq!(probe(&[&own[..], &job(1)].concat()), Verdict::Yes);
    assert_eq!(probe(&own[..own.len() - 1]), Verdict::Unsure);
    // RDP with a cookie and with a negotiation, MMS, and a unit of RDP.
    assert_eq!(probe(&connect(b"Cookie: mstshash=admin\r\n\x01\0\x08\0\x03\0\0\0")), Verdict::No);
    assert_eq!(probe(&connect(&[1, 0, 8, 0, 3, 0, 0, 0])), Verdict::No);
    assert_eq!(probe(&connect(b"")), Verdict::No);
    assert_eq!(probe(&connect(&[0xc0, 1, 13, 0xc2, 2, 0, 1, 0xc1, 2, 0, 1])), Verdict::No);
    assert_eq!(probe(&unit(&[0x7f, 0x65, 0x82, 1, 0x94, 4, 1, 1, 4, 1, 1])), Verdict::No);
    assert_eq!(probe(&unit(&[0x0d, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])), Verdict::No);
}
