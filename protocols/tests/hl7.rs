//! HL7 v2 over MLLP: what is read, what is only counted, and what hostile blocks lead to. Names follow the list of bad
//! inputs.

mod common;

use common::{Chunk, Feed, Lines, Sample, Silent, decode};
use holter_protocols::Way::{ToClient, ToServer};
use holter_protocols::hl7::{self, BLOCK_MAX, Hl7, UNTERMINATED_MAX};
use holter_protocols::{MAX_NEED, Protocol, Transport, Verdict};

const ORU: &[u8] =
    b"\x0bMSH|^~\\&|MONITOR^0009FBFFFF123456^EUI-64|ICU|ENGINE|HOSP|20261124||ORU^R01^ORU_R01|CTRL0001|P|2.6\
||||||UNICODE UTF-8|||IHE_PCD_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.1.1^ISO\rSFT|Tessivo^L|4.2|Gate\r\
PID|||MRN777^^^HOSP^MR||ROE^RICHARD||19700101|M\rOBR|1\rOBX|1|NM|8867-4^HR^LN||72|bpm|||||F|||||||\
0009FBFFFF123456^^^EUI-64\r\x1c\r";
const ACK: &[u8] = b"\x0bMSH|^~\\&|ENGINE|HOSP|MONITOR|ICU|20261124||ACK^R01^ACK|A1|P|2.6\rMSA|AA|CTRL0001\r\x1c\r";

fn all(chunks: &[(holter_protocols::Way, &[u8])]) -> Vec<String> {
    let chunks: Vec<Chunk> = chunks.iter().map(|(way, bytes)| (*way, bytes.to_vec())).collect();
    let sample = Sample { name: String::new(), protocol: "hl7", transport: Transport::Tcp, chunks };
    let whole = decode(&sample, |_| Vec::new());
    assert_eq!(decode(&sample, |bytes| vec![5; bytes.len() / 5]), whole, "segments must not matter");
    whole
}

/// Without the lines that go with a message: tests of their own show them.
fn told(mut lines: Vec<String>) -> Vec<String> {
    lines.retain(|line| !line.starts_with("hl7.details ") && !line.starts_with("hl7.batch "));
    lines
}

fn run(chunks: &[(holter_protocols::Way, &[u8])]) -> Vec<String> {
    told(all(chunks))
}

fn one(bytes: &[u8]) -> Vec<String> {
    run(&[(ToServer, bytes)])
}

/// What is said of a block, before the good message behind it, which must be read.
fn before_a_good_one(block: &[u8]) -> Vec<String> {
    let mut lines = one(&[block, ORU].concat());
    let last = lines.pop().expect("the good one");
    assert!(last.contains("hl7.code=\"ORU\"") && last.contains("hl7.whole=true"), "{lines:#?} {last}");
    lines
}

fn block(text: &str) -> Vec<u8> {
    [b"\x0b", text.as_bytes(), b"\x1c\r"].concat()
}

fn count(lines: &[String], part: &str) -> usize {
    lines.iter().filter(|line| line.contains(part)).count()
}

#[test]
fn a_message_and_its_acknowledgement_are_read_and_joined() {
    let lines = run(&[(ToServer, ORU), (ToClient, ACK)]);
    assert_eq!(lines.len(), 2, "{lines:#?}");
    for part in [
        "hl7.code=\"ORU\" hl7.trigger=\"R01\" hl7.structure=\"ORU_R01\" hl7.version=\"2.6\" hl7.charset=\"UNICODE UTF-8\"",
        "hl7.sending_application=\"MONITOR\" hl7.sending_facility=\"ICU\"",
        "hl7.receiving_application=\"ENGINE\" hl7.receiving_facility=\"HOSP\"",
        "hl7.profile=\"1.3.6.1.4.1.19376.1.6.1.1.1\"",
        "hl7.software_vendor=\"Tessivo\" hl7.software_version=\"4.2\" hl7.software_product=\"Gate\"",
        "hl7.equipment=\"MONITOR^0009FBFFFF123456^EUI-64\" hl7.equipment=\"0009FBFFFF123456^^^EUI-64\"",
        "hl7.patient=Phi(..) hl7.segments=5",
        "hl7.whole=true",
    ] {
        assert!(lines[0].contains(part), "{part} in {}", lines[0]);
    }
    assert!(lines[1].contains("hl7.ack=\"AA\" hl7.answers=true"), "{}", lines[1]);
}

#[test]
fn every_patient_of_a_message_is_counted() {
    let text = "MSH|^~\\&|A|B|C|D|1||RSP^K22|X|P|2.5\rPID|1||ONE\rPID|2||TWO^^^H\rPID|3||\rPID|4||THREE~FOUR\r";
    assert_eq!(one(&block(text))[0].matches("hl7.patient=Phi(..)").count(), 3);
    let many: String = (0..100).map(|n| format!("PID|{n}||ID{n}\r")).collect();
    let lines = one(&block(&format!("MSH|^~\\&|A|B|C|D|1||RSP^K22|X|P|2.5\r{many}")));
    assert_eq!(count(&lines, "weird hl7.patients"), 1);
    assert_eq!(lines[1].matches("hl7.patient=").count(), hl7::PATIENTS_MAX);
}

#[test]
fn hl7_1_a_block_without_end_is_read_once_and_streamed_past() {
    let long = [&ORU[..ORU.len() - 2], &vec![b'x'; 300_000], b"\x1c\r", ORU].concat();
    let lines = one(&long);
    assert_eq!(lines.len(), 3, "{lines:#?}");
    assert!(lines[0].contains("hl7.code=\"ORU\"") && lines[0].contains("hl7.whole=false"));
    assert_eq!(lines[1], format!("hl7.end hl7.end.size={}", ORU.len() - 3 + 300_000));
    assert!(lines[2].contains("hl7.whole=true"));
}

#[test]
fn hl7_1_a_block_that_never_ends_is_given_up_in_constant_memory() {
    let mut feed = Feed::new(&Hl7);
    let mut lines = Lines::default();
    feed.bytes(ToServer, &ORU[..ORU.len() - 2], &mut lines);
    let piece = vec![b'x'; 1 << 20];
    for _ in 0..=UNTERMINATED_MAX >> 20 {
        feed.bytes(ToServer, &piece, &mut lines);
        assert!(feed.kept() + feed.decoder.held() <= MAX_NEED);
    }
    assert_eq!(count(&lines.lines, "weird mllp.unterminated"), 1, "{:#?}", lines.lines);
    feed.bytes(ToServer, ORU, &mut lines);
    assert!(told(lines.lines).last().is_some_and(|line| line.contains("hl7.whole=true")));
}

#[test]
fn hl7_2_bytes_without_a_start_are_not_hl7() {
    assert_eq!(Hl7.probe(Transport::Tcp, ToServer, &ORU[1..]), Verdict::No);
    assert_eq!(before_a_good_one(&ORU[1..]), ["weird hl7.outside"]);
}

#[test]
fn hl7_3_an_end_without_its_return_closes_the_message() {
    let lines = before_a_good_one(&ORU[..ORU.len() - 1]);
    assert!(lines[0].contains("hl7.whole=true") && lines[1] == "weird hl7.end_without_cr", "{lines:#?}");
}

#[test]
fn hl7_4_a_start_within_a_block_cuts_the_old_message() {
    assert_eq!(before_a_good_one(&ORU[..40]), ["weird hl7.cut"]);
    let long = [&ORU[..ORU.len() - 2], &vec![b'x'; 100_000]].concat();
    let lines = before_a_good_one(&long);
    assert_eq!(lines[1..], [format!("hl7.end hl7.end.size={}", long.len() - 1), "weird hl7.cut".into()]);
}

#[test]
fn hl7_5_two_messages_in_one_segment_are_two() {
    let lines = run(&[(ToServer, &[ORU, ORU].concat())]);
    assert_eq!(count(&lines, "hl7.message"), 2);
}

#[test]
fn hl7_6_one_byte_at_a_time_says_the_same() {
    let sample = Sample {
        name: String::new(),
        protocol: "hl7",
        transport: Transport::Tcp,
        chunks: vec![(ToServer, [ORU, ORU].concat())],
    };
    assert_eq!(decode(&sample, |bytes| vec![1; bytes.len()]), decode(&sample, |_| Vec::new()));
}

#[test]
fn hl7_7_a_header_without_usable_delimiters_is_malformed_and_the_next_is_read() {
    let feed = |bytes: &[u8]| {
        let (_, feed) = common::one_way(&Hl7, bytes);
        feed.malformed.first().map(|malformed| (malformed.field, malformed.at))
    };
    for (broken, at) in [
        (&b"\x0bMSH\x1c\r"[..], 4),
        (b"\x0bMSH\r\x1c\r", 4),
        (b"\x0bMSHA^~\\&AX\r\x1c\r", 4),
        (b"\x0bMSH\0^~\\&|X\r\x1c\r", 4),
        (b"\x0bMSH||\r\x1c\r", 5),
        (b"\x0bMSH|||\r\x1c\r", 5),
        (b"\x0bMSH|^^\\&|\r\x1c\r", 5),
        (b"\x0bMSH|^\r~&|\r\x1c\r", 5),
        (b"\x0bMSH|^~\\&\r\x1c\r", 5),
    ] {
        assert_eq!(before_a_good_one(broken), ["weird hl7.delimiters"], "{broken:?}");
        assert_eq!(feed(broken), Some(("hl7.delimiters", at)), "{broken:?}");
    }
}

#[test]
fn hl7_8_line_ends_of_any_kind_are_accepted() {
    let with = |end: &str| {
        let text = String::from_utf8(ORU[1..ORU.len() - 2].to_vec()).expect("ASCII").replace('\r', end);
        let line = one(&block(&text)).remove(0);
        line.split(" hl7.size").next().map(str::to_owned)
    };
    assert_eq!(with("\n"), with("\r"));
    assert_eq!(with("\r\n"), with("\r"));
}

#[test]
fn hl7_9_and_10_floods_of_segments_fields_and_repetitions_are_bounded() {
    let header = "MSH|^~\\&|A|B|C|D|1||ORU^R01|X|P|2.5\r";
    for flood in ["\r", "|", "~", "ZZZ\r", "OBX|||||||||||||||||A~\r"] {
        let body = flood.repeat(3_000_000 / flood.len());
        let mut feed = Feed::new(&Hl7);
        let mut lines = Lines::default();
        feed.bytes(ToServer, &block(&format!("{header}OBX|1{body}\r")), &mut lines);
        feed.bytes(ToServer, ORU, &mut lines);
        assert!(lines.lines.len() < 9 && feed.decoder.held() == 0, "{:?}", lines.lines.len());
        assert!(told(lines.lines).last().is_some_and(|line| line.contains("hl7.whole=true")));
    }
}

#[test]
fn hl7_11_escapes_are_left_alone() {
    for text in ["\\X", "\\X4", "\\Z\\Znested\\\\", &"\\H\\".repeat(5000)] {
        let text = format!("MSH|^~\\&|A|B|C|D|1||ADT^A01|X|P|2.5\rPID|||ID||{text}\r");
        let lines = before_a_good_one(&block(&text));
        assert!(lines.len() == 1 && lines[0].contains("hl7.code=\"ADT\""), "{lines:#?}");
    }
}

#[test]
fn hl7_12_text_whose_framing_is_in_doubt_is_classified_and_not_quoted() {
    let wide: Vec<u8> = "MSH|^~\\&|A".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(before_a_good_one(&[b"\x0b\xff\xfe", &wide[..], b"\x1c\r"].concat()), ["weird hl7.not_v2"]);
    // Half of a two-byte character may look like a delimiter, so nothing behind it is where it seems to be.
    let shifted = [
        &b"\x0bMSH|^~\\&|A|B|C|D|1||ORU^R01|X|P|2.3||||||ISO IR87\rPID|||ID\r"[..],
        b"OBX|1|ST|X||\x1b$B||||||||||||ROE RICHARD|\x1b(B\r\x1c\r",
    ]
    .concat();
    let lines = before_a_good_one(&shifted);
    assert_eq!(lines[0], "weird hl7.iso2022");
    assert!(!lines[1].contains("ROE") && lines[1].contains("hl7.charset=\"ISO IR87\""), "{lines:#?}");
    let lying = "MSH|^~\\&|A|B|C|D|1||ORU^R01|X|P|2.3||||||ROE RICHARD\rPID|||\u{e9}\u{fffd}\r";
    assert!(!before_a_good_one(&block(lying)).concat().contains("ROE"));
}

#[test]
fn hl7_13_a_type_that_is_no_word_of_the_standard_is_not_kept() {
    let long = "ROE^".repeat(50);
    for kind in ["", "ROE^JANE^MARY", "ROE_J01", "adt^a01", long.as_str()] {
        let lines = before_a_good_one(&block(&format!("MSH|^~\\&|A|B|C|D|1||{kind}|X|P|two\r")));
        assert_eq!(lines[0], "weird hl7.type");
        assert!(!lines[1].contains("hl7.code="), "{lines:?}");
        for text in ["ROE", "JANE", "MARY", "two", "adt"] {
            assert!(!lines.concat().contains(text), "{text}");
        }
    }
    let lines = before_a_good_one(&block("MSH|^~\\&|A|B|C|D|1||ADT^^^|X|P|2.5\r"));
    assert!(lines[0].contains("hl7.code=\"ADT\"") && !lines[0].contains("hl7.trigger"));
}

#[test]
fn hl7_14_batches_are_read_message_by_message_and_wrong_counts_are_noticed() {
    let body = String::from_utf8(ORU[1..ORU.len() - 2].to_vec()).expect("ASCII");
    let batch = |bts: &str, fts: &str| {
        let head = "FHS|^~\\&|A\rBHS|^~\\&|A\r";
        before_a_good_one(&block(&format!("{head}{body}{body}BTS|{bts}\rFTS|{fts}\r")))
    };
    let right = batch("2", "1");
    assert_eq!((right.len(), count(&right, "hl7.whole=true")), (2, 2), "{right:#?}");
    assert_eq!(count(&batch("3", "1"), "weird hl7.batch_count"), 1);
    assert_eq!(count(&batch("2", "99999999999999999999"), "weird hl7.batch_count"), 1);
    assert_eq!(count(&batch("", ""), "weird"), 0, "a count may be left out");
}

#[test]
fn hl7_15_repeated_ids_and_acknowledgements_of_nothing_are_marked() {
    let lines = run(&[(ToServer, &[ORU, ORU].concat())]);
    assert!(lines[0].contains("hl7.repeated=false") && lines[1].contains("hl7.repeated=true"));
    let lines = run(&[(ToServer, ACK)]);
    assert!(lines[0].contains("hl7.answers=false"), "nothing was asked");
    let odd = String::from_utf8(ACK.to_vec()).expect("ASCII").replace("MSA|AA", "MSA|ROE");
    let lines = run(&[(ToServer, ORU), (ToClient, odd.as_bytes())]);
    assert_eq!(lines[1], "weird hl7.ack");
    assert!(!lines[2].contains("hl7.ack=") && lines[2].contains("hl7.answers=true") && !lines[2].contains("ROE"));
}

#[test]
fn hl7_16_a_document_of_twenty_megabytes_streams_past() {
    let mut feed = Feed::new(&Hl7);
    let mut lines = Lines::default();
    feed.bytes(ToServer, &ORU[..ORU.len() - 3], &mut lines);
    feed.bytes(ToServer, b"\rOBX|2|ED|PDF||^^^Base64^", &mut lines);
    for _ in 0..20 * 16 {
        feed.bytes(ToServer, &vec![b'A'; 1 << 16], &mut lines);
        assert!(feed.kept() < MAX_NEED);
    }
    feed.bytes(ToServer, b"\r\x1c\r", &mut lines);
    let lines = told(lines.lines);
    assert_eq!(lines.len(), 2, "{lines:#?}");
    assert!(lines[1].starts_with("hl7.end hl7.end.size=2097"), "{lines:#?}");
}

#[test]
fn hl7_17_site_defined_segments_are_dropped_whole() {
    let fields: String = (0..3000).map(|n| format!("|ROE{n}")).collect();
    let lines = before_a_good_one(&block(&format!("MSH|^~\\&|A|B|C|D|1||ADT^A01|X|P|2.5\rZPI{fields}\r")));
    assert!(lines.len() == 1 && !lines[0].contains("ROE"), "{lines:?}");
}

#[test]
fn hl7_18_and_19_other_formats_in_a_block_are_not_read_as_hl7_v2() {
    let bomb = format!("<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a \"{}\">]><x>&a;</x>", "&b;".repeat(1000));
    for other in ["<ClinicalDocument/>", "{\"resourceType\":\"Patient\"}", "H|\\^&|||ROE", "GET / HTTP/1.1", &bomb] {
        assert_eq!(before_a_good_one(&block(other)), ["weird hl7.not_v2"]);
    }
}

#[test]
fn hl7_20_commits_of_release_2_are_recognised() {
    let lines = run(&[(ToServer, ORU), (ToClient, b"\x0b\x06\x1c\r\x0b\x15\x1c\r\x0b\x1c\r")]);
    assert_eq!(lines[1..], ["hl7.acknowledge hl7.accepted=true", "hl7.acknowledge hl7.accepted=false"]);
}

#[test]
fn hl7_21_a_password_in_msh_8_never_becomes_a_value() {
    let lines = before_a_good_one(&block("MSH|^~\\&|A|B|C|D|1|PASSWORD|ADT^A01|X|P|2.5\r"));
    assert!(!lines.concat().contains("PASSWORD"));
}

#[test]
fn a_gap_cuts_its_message_and_the_next_is_read() {
    let mut feed = Feed::new(&Hl7);
    let mut lines = Lines::default();
    feed.bytes(ToServer, &ORU[..100], &mut lines);
    feed.gap(ToServer, 50);
    feed.bytes(ToServer, &ORU[150..], &mut lines);
    feed.bytes(ToServer, ORU, &mut lines);
    let lines = told(lines.lines);
    assert_eq!(lines[0], "weird hl7.cut");
    assert_eq!(lines.len(), 2, "{lines:#?}");
}

#[test]
fn names_and_equipment_are_bounded() {
    let long = "A".repeat(hl7::NAME_MAX + 1);
    let lines = one(&block(&format!("MSH|^~\\&|{long}|B|C|D|1||ADT^A01|X|P|2.5\r")));
    assert!(lines[0] == "weird hl7.name_length" && !lines[1].contains("AAAA"), "{lines:?}");
    let many: String = (0..50).map(|n| format!("EQU|E{n}\rPRT||||||||||P{n}\r")).collect();
    let lines = one(&block(&format!("MSH|^~\\&|A|B|C|D|1||ORU^R01|X|P|2.5\r{many}")));
    assert_eq!(count(&lines, "weird hl7.equipment"), 1);
    assert_eq!(lines[1].matches("hl7.equipment=").count(), hl7::EQUIPMENT_MAX);
}

#[test]
fn half_open_blocks_hold_no_memory_of_the_decoder() {
    let mut feed = Feed::new(&Hl7);
    feed.bytes(ToServer, &[0x0b], &mut Silent);
    feed.bytes(ToServer, &vec![b'M'; BLOCK_MAX - 2], &mut Silent);
    assert_eq!(feed.decoder.held(), 0);
    assert!(feed.kept() < BLOCK_MAX);
}

#[test]
fn only_hl7_is_taken_for_hl7() {
    let probe = |bytes: &[u8]| Hl7.probe(Transport::Tcp, ToServer, bytes);
    assert_eq!(probe(ORU), Verdict::Yes);
    for n in 0..5 {
        assert_eq!(probe(&ORU[..n]), Verdict::Unsure, "{n}");
    }
    assert_eq!(probe(&[b"rest of one|before\r\x1c\r", ORU].concat()), Verdict::Yes);
    assert_eq!(probe(b"\x0b\x06\x1c\r"), Verdict::Unsure);
    assert_eq!(probe(&[b"\x0b\x06\x1c\r", ORU].concat()), Verdict::Yes);
    for other in [
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        b"\x0bHELLO",
        b"\x0bMSHAPE of things",
        b"\x16\x03\x01\x02\x00",
        b"SSH-2.0-x\r\n",
    ] {
        assert_eq!(probe(other), Verdict::No, "{}", String::from_utf8_lossy(other));
    }
    assert_eq!(Hl7.probe(Transport::Udp, ToServer, ORU), Verdict::No);
}

#[test]
fn after_a_gap_anywhere_a_later_message_is_read() {
    let body = ORU.repeat(3);
    let last = String::from_utf8(ORU.to_vec()).expect("ASCII").replace("MONITOR", "LATER");
    for from in 0..body.len() {
        for lost in [1, 2, 90, ORU.len()] {
            let to = (from + lost).min(body.len());
            let mut lines = Lines::default();
            let mut feed = Feed::new(&Hl7);
            feed.bytes(ToServer, &body[..from], &mut lines);
            feed.gap(ToServer, (to - from) as u64);
            feed.bytes(ToServer, &body[to..], &mut lines);
            feed.bytes(ToServer, last.as_bytes(), &mut lines);
            let lines = told(lines.lines);
            let line = lines.last().expect("a message");
            assert!(line.contains("LATER") && line.contains("hl7.whole=true"), "gap {from}..{to}: {lines:#?}");
        }
    }
}

fn details(text: &str) -> String {
    let lines = all(&[(ToServer, &block(text))]);
    lines.iter().find(|line| line.starts_with("hl7.details")).cloned().expect("details")
}

#[test]
fn segments_are_counted_by_their_names_and_unknown_ones_have_none() {
    let line =
        details("MSH|^~\\&|A|B|C|D|1||ORU^R01|X|P|2.5\rPID|1\rOBX|1\rOBX|2\rZPI|ROE\rZZZ|ROE\rROE|1\rPI\rOBX|3\r");
    let names = ["MSH", "PID", "OBX", "Z", "other"].map(|name| format!("hl7.segment={name:?} ")).concat();
    let counts = [1, 1, 3, 2, 2].map(|count| format!("hl7.segment_count={count} ")).concat();
    assert!(line.contains(&format!("{names}{counts}")) && !line.contains("ROE"), "{line}");
}

#[test]
fn names_of_segments_are_capped() {
    const NAMES: &str = "ABS ACC ADD AFF AIG AIL AIP AIS AL1 APR ARQ ARV AUT BLC BLG BPO BPX BTX BUI CDM CDO CER CM0 CM1 \
                         CM2 CNS CON CSP CSR CSS CTD CTI CTR DB1 DEV DG1 DMI DON DPS DRG DSC DSP DST ECD ECR EDU EQL \
                         EQP EQU ERQ ERR EVN FAC FT1 GOL GP1 GP2 GT1 HXX IAM IAR IIM ILT IN1 IN2 IN3 INV IPC IPR ISD";
    let many: String = NAMES.split_whitespace().map(|name| format!("{name}|1\r")).collect();
    let lines = all(&[(ToServer, &block(&format!("MSH|^~\\&|A|B|C|D|1||ORU^R01|X|P|2.5\r{many}")))]);
    assert_eq!(count(&lines, "weird hl7.segment_names"), 1, "{lines:#?}");
    let line = lines.iter().find(|line| line.starts_with("hl7.details")).expect("details");
    assert_eq!(line.matches("hl7.segment=").count(), hl7::SEGMENT_NAMES_MAX);
}

#[test]
fn the_wishes_and_addresses_of_a_header_are_told() {
    let line = details("MSH|^~\\&|A|B|C|D|1||ORU^R01|X|T^ROE|2.5|||AL|NE||||||^10.0.0.1^IP|^10.0.0.2^IP|\rPID|1\r");
    assert!(line.contains("hl7.processing=\"T\" hl7.accept_ack=\"AL\" hl7.application_ack=\"NE\""), "{line}");
    assert!(!line.contains("10.0.0"), "MSH-22 and 23 are none: {line}");
    let line = details("MSH|^~\\&|A|B|C|D|1||ORU^R01|X|ROE|2.5|||ROE|ROE||||||||10.0.0.1^^IP|^10.0.0.2^IP\rPID|1\r");
    assert!(line.contains("hl7.sending_network=\"10.0.0.1\" hl7.receiving_network=\"10.0.0.2\""), "{line}");
    assert!(!line.contains("ROE"));
    let line = details("MSH|^~\\&|A|B|C|D|1||ROE|X|P|2.5||||||||||||ROE|ROE\rPID|1\r");
    assert!(!line.contains("network"), "a header that is none may hold anything: {line}");
}

#[test]
fn credentials_in_clear_are_told_without_being_told() {
    let with = |security: &str, uac: &str| {
        details(&format!("MSH|^~\\&|A|B|C|D|1|{security}|ORU^R01|X|P|2.7\rUAC|KERB|{uac}\rPID|1\r"))
    };
    assert!(with("", "").contains("hl7.credentials=false"));
    for line in [with("QXJZVKW", ""), with("", "QXJZVKW^AP^x^Base64^QXJZVKW")] {
        assert!(line.contains("hl7.credentials=true") && !line.contains("QXJZVKW"), "{line}");
    }
}

#[test]
fn an_acknowledgement_tells_which_message_it_answers_and_the_error_it_reports() {
    let other = |id: &str| String::from_utf8(ORU.to_vec()).expect("ASCII").replace("CTRL0001", id).into_bytes();
    let nack = block(
        "MSH|^~\\&|ENGINE|HOSP|MONITOR|ICU|1||ACK^R01^ACK|A1|P|2.6\rMSA|AE|CTRL0001|ROE\r\
         ERR||PID^1^3|204^ROE^HL70357|E|ROE||ROE|ROE\rERR|||101|F\r",
    );
    let lines = all(&[(ToServer, ORU), (ToServer, &other("B2")), (ToServer, &other("C3")), (ToClient, &nack)]);
    let line = lines.last().expect("details");
    assert!(line.contains("hl7.errors=2 hl7.error_code=204 hl7.error_severity=\"E\" hl7.answers_back=2"), "{line}");
    assert!(!line.contains("ROE"));
    let next = all(&[(ToServer, ORU), (ToClient, ACK)]);
    assert!(next.last().is_some_and(|line| line.contains("hl7.answers_back=0")), "{next:#?}");
    let none = all(&[(ToClient, ACK)]);
    assert!(none.last().is_some_and(|line| !line.contains("hl7.answers_back")), "{none:#?}");
}

#[test]
fn of_a_filler_number_only_the_address_of_its_monitor_is_told() {
    let with = |filler: &str| {
        one(&block(&format!("MSH|^~\\&|A|B|C|D|1||ORU^R01|X|P|2.6\rOBR|1|P1|{filler}|69965^MDC\r"))).remove(0)
    };
    let line = with("ROE777^MON^0009FBFFFF123456^EUI-64");
    assert!(line.contains("hl7.equipment=\"0009FBFFFF123456\"") && !line.contains("ROE777"), "{line}");
    for filler in ["ROE777", "ROE777^MON^ROE777^EUI-64", "ROE777^MON^0009FBFFFF123456^ISO", "0009FBFFFF123456^^^EUI-64"]
    {
        assert!(!with(filler).contains("hl7.equipment"), "{filler}");
    }
}

#[test]
fn devices_of_a_participation_are_told() {
    let line = one(&block(
        "MSH|^~\\&|A|B|C|D|1||ORU^R01|X|P|2.8\rPRT|1||||ROE^JANE|||||PUMP1^^001122FFFE334455^EUI-64||||||UDI1||||SN9\r",
    ));
    let line = &line[0];
    for id in ["PUMP1^^001122FFFE334455^EUI-64", "UDI1", "SN9"] {
        assert!(line.contains(&format!("hl7.equipment={id:?}")), "{line}");
    }
    assert!(!line.contains("ROE"));
}

#[test]
fn batches_tell_their_sender_and_what_they_promise() {
    let body = String::from_utf8(ORU[1..ORU.len() - 2].to_vec()).expect("ASCII");
    let head =
        "FHS|^~\\&|LAB|L|ENGINE|H|1|QXJZVKW|QXJZVKW|QXJZVKW|||10.0.0.1|10.0.0.2\rBHS|^~\\&|ANALYSER|L|ENGINE|H\r";
    let lines = all(&[(ToServer, &block(&format!("{head}{body}{body}BTS|3|QXJZVKW\rFTS|1\r")))]);
    let batch: Vec<_> = lines.iter().filter(|line| line.starts_with("hl7.batch")).collect();
    assert_eq!(
        batch,
        [
            "hl7.batch hl7.batch.segment=\"FHS\" hl7.batch.sending_application=\"LAB\" \
             hl7.batch.sending_facility=\"L\" hl7.batch.receiving_application=\"ENGINE\" \
             hl7.batch.receiving_facility=\"H\" hl7.batch.sending_network=\"10.0.0.1\" \
             hl7.batch.receiving_network=\"10.0.0.2\"",
            "hl7.batch hl7.batch.segment=\"BHS\" hl7.batch.sending_application=\"ANALYSER\" \
             hl7.batch.sending_facility=\"L\" hl7.batch.receiving_application=\"ENGINE\" \
             hl7.batch.receiving_facility=\"H\"",
            "hl7.batch hl7.batch.segment=\"BTS\" hl7.batch.promised=3 hl7.batch.counted=2",
            "hl7.batch hl7.batch.segment=\"FTS\" hl7.batch.promised=1 hl7.batch.counted=1",
        ]
    );
    assert!(!lines.concat().contains("QXJZVKW"), "{lines:#?}");
}
