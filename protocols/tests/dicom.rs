//! DICOM: what is read, and what hostile bytes lead to. Names follow the list of bad inputs.

mod common;

use common::dicom::*;
use common::{Chunk, Feed, Lines, Sample, decode};
use holter_protocols::Way::{ToClient, ToServer};
use holter_protocols::dicom::{self, CONTEXTS_MAX, Dicom, HEAD_MAX, SEARCH_AFTER_UNKNOWN_MAX};
use holter_protocols::{MAX_NEED, Protocol, Transport, Verdict};

fn all(chunks: Vec<Chunk>) -> Vec<String> {
    let sample = Sample { name: String::new(), protocol: "dicom", transport: Transport::Tcp, chunks };
    let whole = decode(&sample, |_| Vec::new());
    assert_eq!(decode(&sample, |bytes| vec![7; bytes.len() / 7]), whole, "segments must not matter");
    whole
}

/// Without the lines of the frame and of what goes with another event: tests of their own show them.
fn told(mut lines: Vec<String>) -> Vec<String> {
    let beside = ["dicom.pdu ", "dicom.pdv ", "dicom.negotiation ", "dicom.operation "];
    lines.retain(|line| !beside.iter().any(|name| line.starts_with(name)));
    lines
}

fn run(chunks: Vec<Chunk>) -> Vec<String> {
    told(all(chunks))
}

/// The lines of a conversation behind its negotiation, without the echo that ends it, which must have been found.
fn said(transfer_syntax: &str, body: &[u8]) -> Vec<String> {
    let mut lines = run(conversation(transfer_syntax, body));
    let last = lines.pop().expect("an echo");
    assert!(last.contains("dicom.command=48"), "the association goes on: {lines:#?} {last}");
    let negotiated = lines.iter().rposition(|line| line.starts_with("dicom.context_result")).expect("negotiated");
    lines.split_off(negotiated + 1)
}

fn has(lines: &[String], part: &str) -> bool {
    lines.iter().any(|line| line.contains(part))
}

/// C-STORE of `data` in one fragment.
fn stored(data: &[u8]) -> Vec<u8> {
    [message(1, &store()), pdu(4, &pdv(1, LAST, data))].concat()
}

fn requested(items: &[u8]) -> Vec<String> {
    run(vec![(ToServer, request_with(b"ARCHIVE", b"CT01", items)), (ToServer, message(3, &echo()))])
}

#[test]
fn an_image_is_described_by_its_head_and_counted_by_its_size() {
    let lines = said(EXPLICIT, &stored(&head()));
    assert!(lines[0].contains("dicom.has_data=true"), "{lines:#?}");
    for part in [
        "dicom.data.command=1",
        "dicom.modality=\"CT\"",
        "dicom.manufacturer=\"Tessivo\"",
        "dicom.model=\"Scan 64\"",
        "dicom.software=\"VB10\"",
        "dicom.serial=\"SN42\"",
        "dicom.station=\"ROOM3\"",
        "dicom.patient=Phi(..)",
    ] {
        assert!(lines[1].contains(part), "{part} in {}", lines[1]);
    }
    assert_eq!(
        lines[2],
        format!("dicom.data_end dicom.end.command=1 dicom.data_size={} dicom.fragments=1", head().len())
    );
    assert!(!lines.concat().contains("ROE") && !lines.concat().contains("MRN777"));
}

#[test]
fn a_command_and_its_data_in_one_pdu_read_as_in_two() {
    let two = said(EXPLICIT, &stored(&head()));
    let one = pdu(4, &[pdv(1, COMMAND | LAST, &store()), pdv(1, LAST, &head())].concat());
    assert_eq!(said(EXPLICIT, &one), two);
}

#[test]
fn fragments_of_any_size_give_the_same_head() {
    let data = [head(), explicit(0x7fe0, 0x10, b"OW", &[0; 20_000])].concat();
    let expected = said(EXPLICIT, &stored(&data));
    for size in [2, 30, 1000, HEAD_MAX, HEAD_MAX + 2] {
        let parts: Vec<&[u8]> = data.chunks(size).collect();
        let mut body = message(1, &store());
        for (n, part) in parts.iter().enumerate() {
            body.extend(pdu(4, &pdv(1, if n + 1 == parts.len() { LAST } else { 0 }, part)));
        }
        let lines = said(EXPLICIT, &body);
        assert_eq!(lines[..2], expected[..2], "fragments of {size}");
        assert!(
            lines[2].contains(&format!("data_size={} dicom.fragments={}", data.len(), parts.len())),
            "{size}: {lines:#?}"
        );
    }
}

#[test]
fn dic_1_a_pdu_length_of_all_ones_is_passed_without_memory() {
    for kind in [1, 2, 4] {
        let bytes = [&pdu(5, &[0; 4])[..], &[kind, 0, 0xff, 0xff, 0xff, 0xff], &[0; 9000]].concat();
        let (lines, mut feed) = common::one_way(&Dicom, &bytes);
        assert_eq!(told(lines)[1..], ["weird dicom.pdu_too_long"]);
        feed.bytes(ToServer, &[0; 100_000], &mut common::Silent);
        assert_eq!((feed.kept(), feed.decoder.held()), (0, 0));
        assert_eq!(feed.unseen, 100_000, "passed, not searched");
    }
}

#[test]
fn dic_2_a_pdu_below_its_shortest_is_malformed() {
    for kind in 1..=7u8 {
        for length in [0u8, 1, 3] {
            let short = [&[kind, 0, 0, 0, 0, length][..], &vec![0; usize::from(length)]].concat();
            assert_eq!(said(EXPLICIT, &short), ["weird dicom.pdu_length"], "type {kind} length {length}");
        }
    }
}

#[test]
fn dic_3_an_unknown_pdu_is_searched_past_or_the_direction_is_given_up() {
    for kind in [0u8, 8, 0xff] {
        let noise = [&[kind][..], &[0xaa; 500]].concat();
        assert_eq!(said(EXPLICIT, &noise), ["weird dicom.pdu_type"]);
    }
    let mut chunks = conversation(EXPLICIT, b"");
    chunks[2].1 = [vec![0xff; SEARCH_AFTER_UNKNOWN_MAX as usize + 1], message(3, &echo())].concat();
    let lines = run(chunks);
    assert_eq!(lines[lines.len() - 2..], ["weird dicom.pdu_type", "weird dicom.lost"]);
}

#[test]
fn dic_4_a_request_cut_at_every_byte_waits() {
    let whole = request(EXPLICIT);
    for cut in 0..whole.len() {
        let (lines, feed) = common::one_way(&Dicom, &whole[..cut]);
        assert!(lines.is_empty(), "cut at {cut}: {lines:?}");
        assert_eq!(feed.kept(), cut);
    }
}

#[test]
fn dic_5_an_item_longer_than_its_pdu_is_malformed_and_the_rest_is_kept() {
    let mut long = context(1, CT, &[EXPLICIT]);
    long.extend([0x20, 0, 0xff, 0xff, 3, 0, 0, 0]);
    let lines = requested(&long);
    assert!(lines[0].contains("dicom.calling_ae=\"CT01\"") && lines[1].starts_with("dicom.context "), "{lines:#?}");
    assert_eq!(lines[2], "weird dicom.item_length");
    assert!(lines[3].contains("dicom.command=48"));
}

#[test]
fn dic_6_items_without_end_are_bounded() {
    let items = item(0x60, b"").repeat(15_000);
    let lines = requested(&items);
    assert!(has(&lines, "weird dicom.items"));
    assert!(lines.len() < dicom::ITEMS_MAX + 10);
}

#[test]
fn dic_7_contexts_beyond_the_ids_are_counted_and_the_first_of_two_wins() {
    let items: Vec<u8> = (0..=255u8).flat_map(|id| context(id, CT, &[IMPLICIT])).collect();
    let lines = requested(&items);
    assert!(has(&lines, "dicom.contexts=256"));
    assert!(has(&lines, "weird dicom.context_id") && has(&lines, "weird dicom.contexts"));
    assert_eq!(lines.iter().filter(|line| line.starts_with("dicom.context ")).count(), CONTEXTS_MAX);
    let twice = [context(1, CT, &[IMPLICIT]), context(1, VERIFICATION, &[IMPLICIT])].concat();
    let lines = requested(&twice);
    assert!(has(&lines, "weird dicom.context_duplicate"));
    let kept: Vec<_> = lines.iter().filter(|line| line.starts_with("dicom.context ")).collect();
    assert!(kept.len() == 1 && kept[0].contains(CT), "{kept:?}");
}

#[test]
fn dic_8_transfer_syntaxes_are_capped() {
    let lines = requested(&context(1, CT, &[IMPLICIT; 1000]));
    assert!(has(&lines, "weird dicom.transfer_syntaxes"));
    let context = lines.iter().find(|line| line.starts_with("dicom.context ")).expect("the context");
    assert_eq!(context.matches("dicom.transfer_syntax=").count(), dicom::TRANSFER_SYNTAXES_MAX);
}

#[test]
fn dic_9_odd_ae_titles_are_marked_and_still_site_data() {
    for title in [&b"\x1b[31mRED"[..], b"\xc3\xa9t\xc3\xa9", b"A\nB"] {
        let lines = run(vec![(ToServer, request_with(title, b"CT01", &user(&[])))]);
        assert_eq!(lines[0], "weird dicom.ae_title");
    }
    for title in [&[b' '; 16][..], &[0; 16]] {
        let lines = run(vec![(ToServer, request_with(title, b"CT01", &user(&[])))]);
        assert!(lines[0].contains("dicom.called_ae=\"\""), "{lines:?}");
    }
}

#[test]
fn dic_10_of_a_user_identity_only_the_type_is_told() {
    let identity = [&[2u8, 1, 0, 5][..], b"ALICE", &[0, 8], b"PASSWORD"].concat();
    let mut lines = Lines::default();
    Feed::new(&Dicom).bytes(ToServer, &request_with(b"A", b"B", &user(&item(0x58, &identity))), &mut lines);
    assert!(has(&lines.lines, "dicom.user_identity=2"));
    let everything = format!("{:?} {} {:?}", lines.lines, lines.debug, String::from_utf8_lossy(&lines.plain));
    assert!(!everything.contains("ALICE") && !everything.contains("PASSWORD"));
}

#[test]
fn dic_11_wrong_fragments_are_counted_and_the_association_is_kept() {
    for length in [0u32, 1, 1000, u32::MAX] {
        let body = [&length.to_be_bytes()[..], &[1, 3, 0, 0, 0, 0]].concat();
        assert_eq!(said(EXPLICIT, &pdu(4, &body)), ["weird dicom.pdv_length"], "length {length}");
    }
    assert_eq!(said(EXPLICIT, &pdu(4, &[0, 0, 0])), ["weird dicom.pdu_length"]);
    let odd = pdu(4, &pdv(1, LAST, b"123"));
    assert!(has(&said(EXPLICIT, &odd), "weird dicom.pdv_odd"));
    assert!(has(&said(EXPLICIT, &message(77, &echo())), "weird dicom.context_unknown"));
    assert!(has(&said(EXPLICIT, &pdu(4, &pdv(3, 0x80 | COMMAND | LAST, &echo()))), "weird dicom.pdv_control"));
}

#[test]
fn dic_12_a_command_set_in_thousands_of_fragments_is_capped() {
    let set = command_set(1, &[implicit(0, 0x110, &[7, 0]), implicit(0, 0x5000, &vec![0; 50_000])]);
    let split = |set: &[u8]| {
        let count = set.chunks(5).count();
        let last = |n: usize| if n + 1 == count { LAST } else { 0 };
        set.chunks(5).enumerate().flat_map(|(n, part)| pdu(4, &pdv(1, COMMAND | last(n), part))).collect::<Vec<u8>>()
    };
    let lines = said(EXPLICIT, &split(&set));
    assert!(has(&lines, "dicom.command=1 ") && !has(&lines, "dicom.command_too_long"), "put together: {lines:#?}");
    let long = command_set(1, &[implicit(0, 0x5000, &vec![0; dicom::COMMAND_MAX])]);
    let lines: Vec<_> = said(EXPLICIT, &split(&long)).into_iter().filter(|line| !line.ends_with("pdv_odd")).collect();
    assert_eq!(lines, ["weird dicom.command_too_long"]);
}

#[test]
fn dic_12_a_long_command_set_gives_its_memory_back() {
    let mut lines = Lines::default();
    let mut feed = Feed::new(&Dicom);
    feed.bytes(ToServer, &request(EXPLICIT), &mut lines);
    for part in vec![0u8; 60_000].chunks(1000) {
        feed.bytes(ToServer, &pdu(4, &pdv(1, COMMAND, part)), &mut lines);
    }
    assert!(feed.decoder.held() >= 60_000, "counted while it is held");
    feed.bytes(ToServer, &pdu(4, &pdv(1, COMMAND | LAST, &[0; 6000])), &mut lines);
    assert!(feed.decoder.held() < 2 * HEAD_MAX, "{} held", feed.decoder.held());
}

#[test]
fn dic_13_a_wrong_group_length_is_ignored() {
    let mut set = echo();
    set[8..12].copy_from_slice(&[0xff; 4]);
    let lines = said(EXPLICIT, &message(3, &set));
    assert!(lines.len() == 1 && lines[0].contains("dicom.message_id=9"), "{lines:?}");
}

#[test]
fn dic_14_missing_or_unknown_command_fields_are_counted() {
    let none = implicit(0, 0x110, &[1, 0]);
    assert_eq!(said(EXPLICIT, &message(3, &none)), ["weird dicom.command_field"]);
    let no_id = command_set(0x30, &[implicit(0, 0x800, &[1, 1])]);
    assert!(has(&said(EXPLICIT, &message(3, &no_id)), "weird dicom.message_id"));
    let unknown = command_set(0x3eef, &[implicit(0, 0x110, &[1, 0]), implicit(0, 0x800, &[1, 1])]);
    let lines = said(EXPLICIT, &message(3, &unknown));
    assert!(has(&lines, "weird dicom.command_unknown") && has(&lines, &format!("dicom.command={}", 0x3eef)));
}

#[test]
fn dic_15_an_encoding_other_than_agreed_is_detected() {
    let data = [implicit(8, 0x16, CT.as_bytes()), implicit(8, 0x60, b"MR"), implicit(8, 0x70, b"Tessivo ")].concat();
    let lines = said(EXPLICIT, &stored(&data));
    assert!(has(&lines, "weird dicom.vr_not_as_agreed") && has(&lines, "dicom.modality=\"MR\""), "{lines:#?}");
    let lines = said(IMPLICIT, &stored(&head()));
    assert!(has(&lines, "weird dicom.vr_not_as_agreed") && has(&lines, "dicom.modality=\"CT\""), "{lines:#?}");
    assert!(has(&said(IMPLICIT, &stored(&data)), "dicom.manufacturer=\"Tessivo\""));
}

#[test]
fn dic_16_a_vr_that_is_none_is_a_malformed_element() {
    for vr in [b"??", b"cs", b"C ", b"ZZ"] {
        let data = [explicit(8, 0x60, b"CS", b"CT"), explicit(8, 0x70, vr, b"Tessivo ")].concat();
        let lines = said(EXPLICIT, &stored(&data));
        assert!(has(&lines, "weird dicom.vr") && has(&lines, "dicom.modality=\"CT\""), "{lines:#?}");
        let first = explicit(8, 0x60, vr, b"CT");
        assert!(has(&said(EXPLICIT, &stored(&first)), "weird dicom.vr"), "{vr:?} first");
    }
}

/// An element header with undefined length.
fn undefined(group: u16, element: u16, vr: &[u8; 2]) -> Vec<u8> {
    [&group.to_le_bytes()[..], &element.to_le_bytes(), vr, &[0, 0], &[0xff; 4]].concat()
}

const ITEM: [u8; 8] = [0xfe, 0xff, 0x00, 0xe0, 0xff, 0xff, 0xff, 0xff];
const ITEM_END: [u8; 8] = [0xfe, 0xff, 0x0d, 0xe0, 0, 0, 0, 0];
const SEQUENCE_END: [u8; 8] = [0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0];

#[test]
fn dic_17_undefined_length_is_for_sequences_only() {
    let data = [explicit(8, 0x60, b"CS", b"CT"), undefined(8, 0x70, b"UT"), head()].concat();
    let lines = said(EXPLICIT, &stored(&data));
    assert!(has(&lines, "weird dicom.element_length") && has(&lines, "dicom.modality=\"CT\""), "{lines:#?}");
}

#[test]
fn dic_18_sequences_nested_without_end_are_cut_at_a_depth() {
    let nested = [undefined(8, 0x1140, b"SQ"), ITEM.to_vec()].concat();
    let lines = said(EXPLICIT, &stored(&nested.repeat(65_535 / 2)));
    assert!(has(&lines, "weird dicom.depth"), "{lines:#?}");
    let depth = dicom::DEPTH_MAX / 2;
    let end = [ITEM_END, SEQUENCE_END].concat().repeat(depth);
    let data = [nested.repeat(depth), end, explicit(0x18, 0x1020, b"LO", b"VB10")].concat();
    let lines = said(EXPLICIT, &stored(&data));
    assert!(has(&lines, "dicom.software=\"VB10\"") && !has(&lines, "weird"), "as deep as is followed: {lines:#?}");
}

#[test]
fn dic_18_what_stands_in_a_sequence_does_not_describe_the_machine() {
    let inner = explicit(8, 0x70, b"LO", b"Referenced maker");
    let open = [undefined(8, 0x1140, b"SQ"), ITEM.to_vec(), inner.clone(), ITEM_END.to_vec(), SEQUENCE_END.to_vec()];
    let sized =
        explicit(8, 0x1110, b"SQ", &[&[0xfe, 0xff, 0, 0xe0][..], &(inner.len() as u32).to_le_bytes(), &inner].concat());
    let lines = said(EXPLICIT, &stored(&[sized, open.concat(), explicit(8, 0x1090, b"LO", b"Own")].concat()));
    assert!(has(&lines, "dicom.model=\"Own\"") && !lines.concat().contains("Referenced"), "{lines:#?}");
}

#[test]
fn dic_19_stray_delimiters_and_open_sequences_are_bounded() {
    let stray = [ITEM_END.to_vec(), SEQUENCE_END.to_vec(), head()].concat();
    let lines = said(EXPLICIT, &stored(&stray));
    assert!(has(&lines, "weird dicom.item") && has(&lines, "dicom.model=\"Scan 64\""), "{lines:#?}");
    let open = [undefined(8, 0x1140, b"SQ"), ITEM.to_vec(), head()].concat();
    assert!(has(&said(EXPLICIT, &stored(&open)), "weird dicom.item"));
}

#[test]
fn dic_20_of_two_elements_the_first_wins_and_order_is_noticed() {
    let data = [
        explicit(8, 0x70, b"LO", b"First"),
        explicit(8, 0x70, b"LO", b"Second"),
        explicit(8, 0x60, b"CS", b"CT"),
        explicit(0x10, 0x20, b"LO", b"A"),
        explicit(0x10, 0x20, b"LO", b"B"),
    ]
    .concat();
    let lines = said(EXPLICIT, &stored(&data));
    assert!(has(&lines, "dicom.manufacturer=\"First\"") && has(&lines, "dicom.modality=\"CT\""), "{lines:#?}");
    assert!(has(&lines, "weird dicom.tag_order") && has(&lines, "weird dicom.tag_duplicate"));
}

#[test]
fn dic_21_odd_lengths_and_wrong_uids_are_noticed_and_not_kept() {
    let odd = [&[8, 0, 0x60, 0][..], b"CS\x03\0CT ", &explicit(8, 0x70, b"LO", b"Tessivo ")].concat();
    let lines = said(EXPLICIT, &stored(&odd));
    assert!(has(&lines, "weird dicom.odd_length") && has(&lines, "dicom.manufacturer=\"Tessivo\""), "{lines:#?}");
    for uid in ["1.2.ROE.RICHARD", &"1.".repeat(40)] {
        let lines = said(EXPLICIT, &stored(&explicit(8, 0x16, b"UI", uid.as_bytes())));
        assert!(has(&lines, "weird dicom.uid") && !lines.concat().contains(uid));
        let mut set = implicit(0, 2, uid.as_bytes());
        set.extend(implicit(0, 0x100, &[0x30, 0]));
        let lines = said(EXPLICIT, &message(3, &set));
        assert!(has(&lines, "weird dicom.uid") && !lines.concat().contains(uid));
        let lines = requested(&[context(1, uid, &[uid]), user(&item(0x52, uid.as_bytes()))].concat());
        assert!(has(&lines, "weird dicom.uid") && !lines.concat().contains(uid));
    }
}

#[test]
fn dic_22_absurd_dimensions_mean_nothing() {
    let rows = [0x28u16, 0x10].map(u16::to_le_bytes).concat();
    let data = [head(), [&rows[..], b"UL\x04\0\xff\xff\xff\xff"].concat()].concat();
    let lines = said(EXPLICIT, &stored(&data));
    assert!(!has(&lines, "weird") && has(&lines, "dicom.model=\"Scan 64\""), "{lines:#?}");
}

#[test]
fn dic_23_a_deflated_data_set_is_never_inflated() {
    let lines = said(DEFLATED, &stored(&[0x78; 5000]));
    assert!(has(&lines, "weird dicom.deflated") && has(&lines, "dicom.data_size=5000"), "{lines:#?}");
}

#[test]
fn dic_24_big_endian_is_decoded() {
    let element = |element: u16, vr: &[u8; 2], value: &[u8]| {
        [&[0, 8][..], &element.to_be_bytes(), vr, &(value.len() as u16).to_be_bytes(), value].concat()
    };
    let data = [element(0x60, b"CS", b"MR"), element(0x70, b"LO", b"Tessivo ")].concat();
    let lines = said(BIG, &stored(&data));
    assert!(has(&lines, "dicom.modality=\"MR\"") && has(&lines, "dicom.manufacturer=\"Tessivo\""), "{lines:#?}");
}

#[test]
fn dic_25_encapsulated_pixels_are_not_looked_into() {
    let pixels = [undefined(0x7fe0, 0x10, b"OB"), [0xfe, 0xff, 0, 0xe0, 4, 0, 0, 0, 0xff, 0xff, 0xff, 0x7f].to_vec()];
    let lines = said("1.2.840.10008.1.2.4.50", &stored(&[head(), pixels.concat(), vec![0xff; 9000]].concat()));
    assert!(!has(&lines, "weird") && has(&lines, "dicom.model=\"Scan 64\""), "{lines:#?}");
}

#[test]
fn dic_26_an_abort_within_a_data_set_closes_it() {
    let begun = [message(1, &store()), pdu(4, &pdv(1, 0, &head()))].concat();
    let lines = said(EXPLICIT, &[begun.clone(), pdu(7, &[0, 0, 2, 1])].concat());
    assert!(has(&lines, "weird dicom.cut") && has(&lines, "dicom.abort dicom.abort.source=2 dicom.abort.reason=1"));
    assert!(!has(&lines, "dicom.data_end"), "it did not end: {lines:#?}");
    let lines = said(EXPLICIT, &[begun, pdu(5, &[0; 4])].concat());
    assert!(has(&lines, "weird dicom.cut") && has(&lines, "dicom.release.answer=false"));
    let mut crossing = conversation(EXPLICIT, &pdu(5, &[0; 4]));
    crossing.push((ToClient, [pdu(5, &[0; 4]), pdu(6, &[0; 4])].concat()));
    crossing.push((ToServer, pdu(6, &[0; 4])));
    assert_eq!(run(crossing).iter().filter(|line| line.starts_with("dicom.release")).count(), 4);
}

#[test]
fn dic_27_requests_from_both_sides_are_noticed() {
    let lines = run(vec![(ToServer, request(EXPLICIT)), (ToClient, request(EXPLICIT))]);
    assert!(has(&lines, "weird dicom.both_request"));
    let lines = run(vec![(ToServer, request(EXPLICIT)), (ToServer, accept(EXPLICIT))]);
    assert!(has(&lines, "weird dicom.accepts_itself"));
}

#[test]
fn dic_28_four_gigabytes_cost_no_memory_and_are_counted() {
    let mut lines = Lines::default();
    let mut feed = Feed::new(&Dicom);
    for (way, bytes) in conversation(EXPLICIT, &message(1, &store())).iter().take(2) {
        feed.bytes(*way, bytes, &mut lines);
    }
    feed.bytes(ToServer, &message(1, &store()), &mut lines);
    let size = 1u64 << 30;
    for n in 0..5u8 {
        let header =
            [&[4, 0][..], &(size as u32 + 6).to_be_bytes(), &(size as u32 + 2).to_be_bytes(), &[1, LAST * (n / 4)]];
        feed.bytes(ToServer, &header.concat(), &mut lines);
        if n == 0 {
            feed.bytes(ToServer, &[head(), vec![0; HEAD_MAX]].concat(), &mut lines);
            feed.gap(ToServer, size - (head().len() + HEAD_MAX) as u64);
        } else {
            feed.bytes(ToServer, &[0; 100], &mut lines);
            feed.gap(ToServer, size - 100);
        }
        assert!(feed.decoder.held() <= 2 * HEAD_MAX && feed.kept() == 0);
    }
    feed.bytes(ToServer, &message(3, &echo()), &mut lines);
    let lines = told(lines.lines);
    assert!(has(&lines, &format!("dicom.data_size={} dicom.fragments=5", 5 * size)), "{lines:#?}");
    assert!(lines.last().is_some_and(|line| line.contains("dicom.command=48")));
}

#[test]
fn dic_29_tls_is_not_taken_for_dicom() {
    let hello = [&[0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3][..], &[7; 505]].concat();
    assert_eq!(Dicom.probe(Transport::Tcp, ToServer, &hello), Verdict::No);
}

#[test]
fn dic_30_a_file_with_a_preamble_is_no_association_and_a_preamble_in_a_data_set_is_no_element() {
    // A preamble is sent where a file is, by HTTP or SMB, and never by C-STORE.
    for preamble in [&b"MZ\x90\0"[..], b"\x7fELF", b"II*\0", b"\0\0\0\0"] {
        let file = [preamble, &[0; 124], b"DICM", &explicit(2, 2, b"UI", CT.as_bytes()), &head()].concat();
        assert_eq!(Dicom.probe(Transport::Tcp, ToServer, &file), Verdict::No, "{preamble:?}");
        let lines = said(EXPLICIT, &stored(&file));
        assert!(has(&lines, "weird dicom.") && !has(&lines, "dicom.model="), "{lines:#?}");
    }
}

#[test]
fn dic_31_ten_thousand_associations_that_nobody_closes_hold_little_each() {
    let mut open = Vec::new();
    for _ in 0..10_000 {
        let mut feed = Feed::new(&Dicom);
        for (way, bytes) in conversation(EXPLICIT, b"") {
            feed.bytes(way, &bytes, &mut common::Silent);
        }
        assert_eq!(feed.kept(), 0);
        open.push(feed.decoder);
    }
    // Evicting the oldest is the engine's work; it goes by what each says that it holds.
    assert!(open.iter().map(|decoder| decoder.held()).max() < Some(1024));
}

#[test]
fn dic_32_interleaved_messages_are_told_by_their_ids() {
    let with = |id: u8| command_set(0x30, &[implicit(0, 0x110, &[id, 0xff]), implicit(0, 0x800, &[1, 1])]);
    let window = user(&item(0x53, &[0xff; 4]));
    let lines = requested(&[context(3, VERIFICATION, &[IMPLICIT]), window].concat());
    assert!(has(&lines, "dicom.async_invoked=65535 dicom.async_performed=65535"));
    let all: Vec<u8> = (0..200).flat_map(|id| message(3, &with(id))).collect();
    let lines = said(EXPLICIT, &all);
    for id in 0..200u64 {
        assert!(has(&lines, &format!("dicom.message_id={} ", 0xff00 + id)), "{id}");
    }
}

#[test]
fn dic_33_a_conversation_met_in_the_middle_is_read_from_its_next_pdu() {
    let middle = [vec![0x55; 3000], pdu(4, &pdv(1, LAST, &[0x77; 600])), message(3, &echo())].concat();
    let lines = told(common::one_way(&Dicom, &middle).0);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("dicom.command=48"));
    assert_eq!(Dicom.probe(Transport::Tcp, ToServer, &message(3, &echo())), Verdict::Yes);
    assert_eq!(Dicom.probe(Transport::Tcp, ToServer, &pdu(4, &pdv(1, LAST, &[0; 600]))), Verdict::No, "too weak");
}

#[test]
fn a_gap_in_a_fragment_loses_the_head_and_nothing_else() {
    let data = [head(), vec![0; 5000]].concat();
    for (from, lost) in [(20, 100), (head().len() + 300, 2000)] {
        let mut lines = Lines::default();
        let mut feed = Feed::new(&Dicom);
        for (way, bytes) in conversation(EXPLICIT, b"").iter().take(2) {
            feed.bytes(*way, bytes, &mut lines);
        }
        feed.bytes(ToServer, &message(1, &store()), &mut lines);
        let body = pdu(4, &pdv(1, LAST, &data));
        feed.bytes(ToServer, &body[..12 + from], &mut lines);
        feed.gap(ToServer, lost as u64);
        feed.bytes(ToServer, &body[12 + from + lost..], &mut lines);
        feed.bytes(ToServer, &message(3, &echo()), &mut lines);
        let lines = told(lines.lines);
        assert!(
            has(&lines, "weird dicom.cut") && has(&lines, &format!("dicom.data_size={}", data.len())),
            "{lines:#?}"
        );
        assert!(lines.last().is_some_and(|line| line.contains("dicom.command=48")));
    }
}

#[test]
fn a_gap_across_pdus_is_searched_past() {
    let mut lines = Lines::default();
    let mut feed = Feed::new(&Dicom);
    for (way, bytes) in conversation(EXPLICIT, b"").iter().take(2) {
        feed.bytes(*way, bytes, &mut lines);
    }
    let body = [message(1, &store()), pdu(4, &pdv(1, 0, &head())), pdu(4, &pdv(1, LAST, &[0; 800]))].concat();
    feed.bytes(ToServer, &body[..60], &mut lines);
    feed.gap(ToServer, 200);
    feed.bytes(ToServer, &body[260..], &mut lines);
    feed.bytes(ToServer, &message(3, &echo()), &mut lines);
    assert!(lines.lines.last().is_some_and(|line| line.contains("dicom.command=48")), "{:#?}", lines.lines);
}

#[test]
fn a_query_by_pattern_names_nobody() {
    let keys = |id: &[u8]| [explicit(8, 0x52, b"CS", b"STUDY"), explicit(0x10, 0x20, b"LO", id)].concat();
    let find = command_set(0x20, &[implicit(0, 0x110, &[1, 0]), implicit(0, 0x800, &[0, 0])]);
    let ask = |id: &[u8]| said(EXPLICIT, &[message(1, &find), pdu(4, &pdv(1, LAST, &keys(id)))].concat());
    assert!(!has(&ask(b"MRN*"), "dicom.patient") && !has(&ask(b""), "dicom.patient"));
    assert!(has(&ask(b"MRN777"), "dicom.patient=Phi(..)"));
}

#[test]
fn an_association_never_holds_more_than_its_bounds() {
    // As many contexts as there are ids, with the longest UIDs, accepted again and again.
    let uid = "1.".repeat(31) + "11";
    let items: Vec<u8> = (0..128u8).flat_map(|n| context(2 * n + 1, &uid, &[&uid])).collect();
    let results: Vec<u8> = (0..128u8)
        .flat_map(|n| item(0x21, &[&[2 * n + 1, 0, 0, 0][..], &item(0x40, uid.as_bytes())].concat()))
        .collect();
    let mut answer = accept(EXPLICIT);
    answer.truncate(6 + 68 + 25);
    answer.extend(results);
    let length = (answer.len() - 6) as u32;
    answer[2..6].copy_from_slice(&length.to_be_bytes());
    let mut feed = Feed::new(&Dicom);
    let mut lines = Lines::default();
    for _ in 0..20 {
        feed.bytes(ToServer, &request_with(b"A", b"B", &items), &mut lines);
        feed.bytes(ToClient, &answer, &mut lines);
    }
    assert!(feed.decoder.held() < MAX_NEED, "{}", feed.decoder.held());
}

#[test]
fn after_a_gap_anywhere_a_later_message_is_read() {
    let mut random = common::Random(0x5eed_2001);
    let data = [head(), explicit(0x7fe0, 0x10, b"OW", &[0; 3000])].concat();
    let parts: Vec<u8> = data.chunks(500).flat_map(|part| pdu(4, &pdv(1, 0, part))).collect();
    let body =
        [message(3, &echo()), message(1, &store()), parts, pdu(4, &pdv(1, LAST, b"")), message(3, &echo())].concat();
    for _ in 0..400 {
        let mut lines = Lines::default();
        let mut feed = Feed::new(&Dicom);
        for (way, bytes) in conversation(EXPLICIT, b"").iter().take(2) {
            feed.bytes(*way, bytes, &mut lines);
        }
        let from = random.below(body.len());
        let to = from + 1 + random.below((body.len() - from).min(1500));
        feed.bytes(ToServer, &body[..from], &mut lines);
        feed.gap(ToServer, (to - from) as u64);
        feed.bytes(ToServer, &body[to..], &mut lines);
        let last = command_set(0x30, &[implicit(0, 0x110, &[0x39, 0x30]), implicit(0, 0x800, &[1, 1])]);
        feed.bytes(ToServer, &message(3, &last), &mut lines);
        assert!(
            lines.lines.last().is_some_and(|line| line.contains("dicom.message_id=12345")),
            "gap {from}..{to}: {:#?}",
            lines.lines
        );
    }
}

#[test]
fn every_pdu_and_every_value_in_it_is_told_with_its_length() {
    let one = pdu(4, &[pdv(1, COMMAND | LAST, &store()), pdv(1, 0, b"ab"), pdv(1, LAST, b"cdef")].concat());
    let lines = all(vec![(ToServer, [&request(EXPLICIT)[..], &one, &pdu(5, &[0; 4])].concat())]);
    let frame: Vec<_> = lines.iter().filter(|line| line.starts_with("dicom.pd")).cloned().collect();
    let request = request(EXPLICIT).len() - 6;
    assert_eq!(
        frame,
        [
            format!("dicom.pdu dicom.pdu.type=1 dicom.pdu.length={request}"),
            format!("dicom.pdu dicom.pdu.type=4 dicom.pdu.length={}", one.len() - 6),
            format!("dicom.pdv dicom.pdv.context_id=1 dicom.pdv.flags=3 dicom.pdv.length={}", store().len() + 2),
            "dicom.pdv dicom.pdv.context_id=1 dicom.pdv.flags=0 dicom.pdv.length=4".into(),
            "dicom.pdv dicom.pdv.context_id=1 dicom.pdv.flags=2 dicom.pdv.length=6".into(),
            "dicom.pdu dicom.pdu.type=5 dicom.pdu.length=4".into(),
        ]
    );
}

#[test]
fn roles_and_extended_negotiation_are_told_and_their_content_is_not() {
    let role = |user: u8, provider: u8| {
        item(0x54, &[&(CT.len() as u16).to_be_bytes()[..], CT.as_bytes(), &[user, provider]].concat())
    };
    let identity = [&[5u8, 1, 0, 7][..], b"QXJZVKW", &[0, 0]].concat();
    let items = [
        role(0, 1),
        role(1, 1),
        item(0x53, &[0, 5, 0, 6]),
        item(0x56, b"QXJZVKW"),
        item(0x57, b"QXJZVKW"),
        item(0x58, &identity),
    ];
    let asked = all(vec![(ToServer, request_with(b"ARCHIVE", b"CT01", &user(&items.concat())))]);
    assert!(
        has(
            &asked,
            "dicom.negotiation dicom.negotiation.answer=false dicom.negotiation.version=1 \
             dicom.negotiation.called_ae=\"ARCHIVE\" dicom.negotiation.calling_ae=\"CT01\" \
             dicom.negotiation.async_invoked=5 dicom.negotiation.async_performed=6 dicom.negotiation.roles=2 \
             dicom.negotiation.extended=1 dicom.negotiation.common_extended=1 \
             dicom.negotiation.identity_response=true dicom.negotiation.identity_accepted=false"
        ),
        "{asked:#?}"
    );
    for roles in ["dicom.role.scu=false dicom.role.scp=true", "dicom.role.scu=true dicom.role.scp=true"] {
        assert!(has(&asked, &format!("dicom.role dicom.role.answer=false dicom.role.sop_class=\"{CT}\" {roles}")));
    }
    assert!(has(&asked, "dicom.user_identity=5") && !asked.concat().contains("QXJZVKW"));
    let answer = item(0x59, &[&[0, 7][..], b"QXJZVKW"].concat());
    let accepted = request_with(b"ARCHIVE", b"CT01", &user(&[role(1, 0), answer].concat()));
    let answered = all(vec![(ToClient, [&[2u8][..], &accepted[1..]].concat())]);
    assert!(has(&answered, "dicom.negotiation.roles=1") && has(&answered, "dicom.negotiation.identity_accepted=true"));
    assert!(has(&answered, "dicom.role.answer=true") && !answered.concat().contains("QXJZVKW"), "{answered:#?}");
    let broken = all(vec![(ToServer, request_with(b"A", b"B", &user(&item(0x54, &[0, 99, b'1']))))]);
    assert!(has(&broken, "weird dicom.role"), "{broken:#?}");
}

#[test]
fn every_command_of_the_standard_is_known_with_what_it_says() {
    for field in [
        0x0001u16, 0x0010, 0x0020, 0x0021, 0x0030, 0x0100, 0x0110, 0x0120, 0x0130, 0x0140, 0x0150, 0x0fff, 0x8001,
        0x8010, 0x8020, 0x8021, 0x8030, 0x8100, 0x8110, 0x8120, 0x8130, 0x8140, 0x8150,
    ] {
        let set = command_set(
            field,
            &[
                implicit(0, 0x110, &[1, 0]),
                implicit(0, 0x120, &[1, 0]),
                implicit(0, 0x700, &[2, 0]),
                implicit(0, 0x800, &[1, 1]),
                implicit(0, 0x900, &[0x11, 0xc1]),
                implicit(0, 0x901, &[0; 8]),
                implicit(0, 0x902, b"QXJZVKW"),
                implicit(0, 0x903, &[3, 0]),
                implicit(0, 0x1002, &[4, 0]),
                implicit(0, 0x1005, &[0; 12]),
                implicit(0, 0x1008, &[5, 0]),
                implicit(0, 0x1023, &[6, 0]),
            ],
        );
        let lines = all(conversation(EXPLICIT, &message(1, &set)));
        assert!(has(&lines, &format!("dicom.command={field} ")) && has(&lines, "dicom.status=49425"), "{lines:#?}");
        assert!(
            has(
                &lines,
                &format!(
                    "dicom.operation dicom.operation.command={field} dicom.priority=2 dicom.event_type=4 \
                     dicom.action_type=5 dicom.warnings=6 dicom.error_id=3 dicom.offending=2 dicom.attributes=3"
                )
            ),
            "{lines:#?}"
        );
        assert!(!has(&lines, "weird") && !lines.concat().contains("QXJZVKW"), "{lines:#?}");
    }
}

#[test]
fn a_head_tells_the_identifiers_of_its_machine() {
    let data = [
        explicit(8, 0x60, b"CS", b"OT"),
        explicit(0x18, 0x1002, b"UI", b"1.2.3.4"),
        explicit(0x18, 0x1008, b"LO", b"GANTRY 1"),
        explicit(0x18, 0x1009, b"UT", b"(01)00000000000000"),
        explicit(0x18, 0x1016, b"LO", b"Tessivo"),
        explicit(0x18, 0x1018, b"LO", b"Grabber"),
        explicit(0x18, 0x1019, b"LO", b"1.0"),
    ];
    let lines = said(EXPLICIT, &stored(&data.concat()));
    assert!(
        has(
            &lines,
            "dicom.machine dicom.device_uid=\"1.2.3.4\" dicom.gantry=\"GANTRY 1\" dicom.udi=\"(01)00000000000000\" \
             dicom.capture_manufacturer=\"Tessivo\" dicom.capture_model=\"Grabber\" dicom.capture_software=\"1.0\""
        ),
        "{lines:#?}"
    );
    assert!(!has(&said(EXPLICIT, &stored(&head())), "dicom.machine"), "nothing to tell");
}
