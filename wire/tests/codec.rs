//! What travels is what was said; what was not said well is refused with its place.

use holter_phi::{Because, Label, Names, Plain};
use holter_terms::*;
use holter_wire::codec::{self, CodecError};
use holter_wire::enrol::{Token, TokenError};
use holter_wire::link::{self, Batch, LinkError};
use holter_wire::*;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

fn party(n: u8) -> Party {
    Party {
        device: DeviceKey::Mac(Mac([0, 0x18, 0x65, 0xaa, 0, n])),
        ip: Some(IpAddr::V4(Ipv4Addr::new(10, 20, 0, n))),
    }
}

fn far() -> Party {
    let ip = IpAddr::V6(Ipv6Addr::LOCALHOST);
    Party { device: DeviceKey::Ip(ip), ip: Some(ip) }
}

fn label(text: &str) -> Label {
    Plain::new(text.as_bytes(), Because::Equipment).keep(&Names::shown())
}

/// One record of every kind, with every variant of what it may hold.
fn records() -> Vec<(&'static str, Record<Label>)> {
    vec![
        (
            "boot",
            Record::Boot(BootRecord {
                previous: Some(BootId([7; 16])),
                previous_last: [1, 2, 300, 0],
                reason: BootReason::Crash,
                wall: 1_795_392_421_956_115_700,
                mono: 99,
                version: [0, 1, 0],
                config: [3; 16],
            }),
        ),
        (
            "loss",
            Record::Loss(LossStatement {
                wall: 5,
                rows: vec![
                    LossRow { reason: LossReason::RingFull, lane: None, count: 12 },
                    LossRow { reason: LossReason::Evicted, lane: Some(Lane::P2), count: 1 << 40 },
                ],
            }),
        ),
        (
            "finding",
            Record::Finding(Finding {
                id: [9; 16],
                detection: Label::word("dicom-find-sweep"),
                severity: Severity::High,
                first: 1,
                last: 2,
                subject: party(66),
                peer: Some(far()),
                facts: vec![
                    Fact { name: Label::word("queries"), value: FactValue::Number(400) },
                    Fact { name: Label::word("title"), value: FactValue::Text(label("WS01")) },
                    Fact { name: Label::word("to"), value: FactValue::Address(IpAddr::V4(Ipv4Addr::LOCALHOST)) },
                    Fact { name: Label::word("span"), value: FactValue::Seconds(60) },
                    Fact { name: Label::word("volume"), value: FactValue::Bytes(1 << 30) },
                ],
                partly_blind: true,
            }),
        ),
        (
            "devices",
            Record::Devices(Devices {
                rows: vec![EvidenceRow {
                    device: DeviceKey::Mac(Mac([0, 9, 0xfb, 1, 2, 3])),
                    attribute: Attribute::Maker,
                    value: label("Philips"),
                    rule: Label::word("oui"),
                    weight: -20,
                    first: 1,
                    last: 1_795_392_421_956_115_700,
                    count: 3,
                }],
            }),
        ),
        (
            "window",
            Record::Window(Window {
                start: 60_000_000_000,
                seconds: 60,
                capture: CaptureCounters {
                    received: 10,
                    frames: 9,
                    bytes: 900,
                    ring_dropped: 1,
                    interface_dropped: 0,
                    unreadable: 1,
                },
                coverage: Coverage { understood: 1, encrypted: 2, unknown: 3, missed: 4 },
                protocols: vec![ProtocolRow {
                    protocol: Protocol::Dicom,
                    conversations: 1,
                    events: 2,
                    malformed: 0,
                    bytes: 3,
                }],
                talks: vec![Talk {
                    client: party(21),
                    server: party(10),
                    protocol: Protocol::Dicom,
                    port: 4242,
                    visibility: Visibility::Clear,
                    conversations: 2,
                    packets: 100,
                    bytes_up: 1,
                    bytes_down: 2,
                    first: 3,
                    last: 4,
                }],
                acts: vec![Act { client: party(21), server: party(10), verb: Verb::Store, count: 24, bytes: 1 << 24 }],
                counters: vec![CounterRow { name: Label::word("dicom.pdu_length"), count: 1 }],
            }),
        ),
    ]
}

fn golden(name: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("golden/v{}/{name}.bin", codec::SCHEMA))
}

#[test]
fn the_bytes_of_every_version_stay_readable_and_writable() {
    for (name, record) in records() {
        let frame = codec::encode(&record).expect("encodes");
        if std::env::var_os("HOLTER_BLESS").is_some() {
            std::fs::create_dir_all(golden(name).parent().expect("a folder")).expect("golden");
            std::fs::write(golden(name), &frame).expect("golden");
        }
        let kept = std::fs::read(golden(name)).expect("golden bytes are committed");
        assert_eq!(frame, kept, "{name} is written differently: that is a new schema");
        let read = codec::decode(&kept).expect("decodes");
        assert_eq!(codec::encode(&read).expect("encodes again"), kept, "{name}");
    }
}

#[test]
fn a_flipped_bit_or_a_cut_is_refused_wherever_it_is() {
    for (name, record) in records() {
        let frame = codec::encode(&record).expect("encodes");
        for at in 0..frame.len() {
            assert!(codec::decode(&frame[..at]).is_err(), "{name} cut at {at}");
            for bit in 0..8 {
                let mut flipped = frame.clone();
                flipped[at] ^= 1 << bit;
                assert!(codec::decode(&flipped).is_err(), "{name} flipped at {at}.{bit}");
            }
        }
    }
}

/// A frame whose checksum is right although its payload is not: what a hostile sensor would send.
fn sealed(mut frame: Vec<u8>) -> Vec<u8> {
    let length = (frame.len() - codec::ENVELOPE) as u32;
    frame[5..9].copy_from_slice(&length.to_le_bytes());
    let crc = crc32c::crc32c_append(crc32c::crc32c(&frame[..9]), &frame[codec::ENVELOPE..]);
    frame[9..13].copy_from_slice(&crc.to_le_bytes());
    frame
}

#[test]
fn a_hostile_sensor_is_refused_without_panic_or_growth() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut refused = 0;
    for (_, record) in records() {
        let frame = codec::encode(&record).expect("encodes");
        for _ in 0..20_000 {
            let mut bytes = frame.clone();
            for _ in 0..1 + random() % 4 {
                let at = codec::ENVELOPE + random() as usize % (bytes.len() - codec::ENVELOPE);
                bytes[at] = random() as u8;
            }
            if random() % 8 == 0 {
                bytes.truncate(codec::ENVELOPE + random() as usize % (bytes.len() - codec::ENVELOPE));
            }
            match codec::decode(&sealed(bytes)) {
                Ok(read) => assert!(codec::encode(&read).is_ok()),
                Err(_) => refused += 1,
            }
        }
    }
    assert!(refused > 1000, "{refused}");
}

#[test]
fn a_list_or_a_text_past_its_bound_is_refused() {
    let row = LossRow { reason: LossReason::Corrupt, lane: None, count: 0 };
    let many = Record::<Label>::Loss(LossStatement { wall: 0, rows: vec![row; codec::ROWS_MAX + 1] });
    assert_eq!(codec::decode(&codec::encode(&many).expect("encodes")), Err(CodecError::Rows));
    for text in ["x".repeat(65), "tab\t".to_owned(), "Ä".to_owned()] {
        let record = Record::Window(Window { counters: vec![CounterRow { name: text, count: 1 }], ..empty() });
        assert_eq!(codec::decode(&codec::encode(&record).expect("encodes")), Err(CodecError::Payload));
    }
}

fn empty() -> Window<String> {
    Window {
        start: 0,
        seconds: 60,
        capture: CaptureCounters::default(),
        coverage: Coverage::default(),
        protocols: vec![],
        talks: vec![],
        acts: vec![],
        counters: vec![],
    }
}

#[test]
fn a_batch_gives_back_its_frames() {
    let frames: Vec<Vec<u8>> = records().iter().map(|(_, record)| codec::encode(record).expect("encodes")).collect();
    let batch = Batch::pack(BootId([1; 16]), Lane::P0, 7, &frames).expect("packs");
    let bytes = link::message(&batch).expect("a message");
    let read: Batch = link::read_message(&bytes[4..]).expect("reads");
    assert_eq!(read.unpack().expect("unpacks"), frames);
    assert_eq!(link::message_length(bytes[..4].try_into().expect("4")).expect("fits"), bytes.len() - 4);
}

#[test]
fn a_batch_that_would_burst_is_refused() {
    let boot = BootId([1; 16]);
    let bomb = zstd::bulk::compress(&vec![0; 64 << 20], 3).expect("compresses");
    let batch = Batch { boot, lane: Lane::P3, first: 1, count: 1, packed: bomb };
    assert!(matches!(batch.unpack(), Err(LinkError::Bomb | LinkError::Packed)));
    let lying = Batch { count: 2, ..Batch::pack(boot, Lane::P3, 1, &[b"one"]).expect("packs") };
    assert_eq!(lying.unpack(), Err(LinkError::Count));
    let garbage = Batch { packed: b"not zstd".to_vec(), ..lying };
    assert_eq!(garbage.unpack(), Err(LinkError::Packed));
    assert!(link::message_length(u32::MAX.to_le_bytes()).is_err());
}

#[test]
fn a_token_survives_a_host_with_hyphens_and_no_typing_error() {
    let token = Token { collector: "holter-1.rad-north.example:4433".into(), pin: [0xab; 16], secret: [5; 20] };
    let text = token.to_string();
    assert_eq!(Token::parse(&text), Ok(token.clone()));
    assert_eq!(Token::parse(&format!(" {text}\n")), Ok(token));
    for at in 0..text.len() {
        let mut wrong = text.clone().into_bytes();
        wrong[at] = if wrong[at] == b'1' { b'2' } else { b'1' };
        assert!(Token::parse(std::str::from_utf8(&wrong).expect("ASCII")).is_err(), "typed wrong at {at}");
        assert!(Token::parse(&text[..at]).is_err(), "cut at {at}");
    }
    assert_eq!(Token::parse("HLT1-no-port-x-y-z"), Err(TokenError::Address));
    assert_eq!(Token::parse("HLT2-x"), Err(TokenError::Prefix));
    assert!(!format!("{:?}", Token::parse(&text)).contains("0505"), "the secret is not shown");
}
