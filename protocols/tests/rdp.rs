//! RDP: what is read before a session is encrypted, and what hostile bytes lead to.

mod common;

use common::{Feed, Lines, decode, protocol, samples};
use holter_protocols::Way::{self, ToClient, ToServer};
use holter_protocols::rdp::{BLOCKS_MAX, Rdp};
use holter_protocols::{Decoder, Progress, Protocol, Transport, Verdict};

fn tpkt(body: &[u8]) -> Vec<u8> {
    [&[3, 0][..], &(body.len() as u16 + 4).to_be_bytes(), body].concat()
}

fn unit(kind: u8, variable: &[u8]) -> Vec<u8> {
    tpkt(&[&[variable.len() as u8 + 6, kind, 0, 0, 0, 0, 0][..], variable].concat())
}

fn negotiation(kind: u8, flags: u8, number: u8) -> Vec<u8> {
    vec![kind, flags, 8, 0, number, 0, 0, 0]
}

fn data(body: &[u8]) -> Vec<u8> {
    tpkt(&[&[2, 0xf0, 0x80][..], body].concat())
}

/// A connection of the conference service with these blocks.
fn initial(blocks: &[u8]) -> Vec<u8> {
    let two = |length: usize| (length as u16).to_be_bytes();
    let per = |length: usize| (length as u16 | 0x8000).to_be_bytes();
    let inner = [&[0, 8, 0, 0x10, 0, 1, 0xc0, 0][..], b"Duca", &per(blocks.len()), blocks].concat();
    let user = [&[0, 5, 0, 0x14, 0x7c, 0, 1][..], &per(inner.len()), &inner].concat();
    let parameters = [0x30, 3, 2, 1, 1].repeat(3);
    let head = [&[4, 1, 1, 4, 1, 1, 1, 1, 0xff][..], &parameters, &[4, 0x82], &two(user.len())].concat();
    data(&[&[0x7f, 0x65, 0x82][..], &two(head.len() + user.len()), &head, &user].concat())
}

fn block(kind: u16, body: &[u8]) -> Vec<u8> {
    [&kind.to_le_bytes()[..], &(body.len() as u16 + 4).to_le_bytes(), body].concat()
}

fn core(name: &[u8]) -> Vec<u8> {
    let mut body = vec![4, 0, 8, 0, 0, 4, 0, 3, 0, 0, 0, 0, 9, 4, 0, 0, 0x70, 0x17, 0, 0];
    body.extend(name.iter().flat_map(|byte| [*byte, 0]));
    body.resize(20 + 32, 0);
    body.extend([4, 0, 0, 0]);
    block(0xc001, &body)
}

fn of(name: &str) -> Vec<String> {
    let all = samples(protocol("rdp"));
    decode(all.iter().find(|sample| sample.name == name).expect("the sample"), |_| Vec::new())
}

fn hear(chunks: &[(Way, &[u8])]) -> Lines {
    let mut lines = Lines { declared: Some(&Rdp), ..Lines::default() };
    let mut feed = Feed::new(&Rdp);
    chunks.iter().for_each(|(way, bytes)| feed.bytes(*way, bytes, &mut lines));
    lines
}

#[test]
fn a_session_of_rdps_own_security_says_who_and_with_what() {
    let lines = of("standard.stream");
    assert_eq!(
        lines,
        [
            "rdp.request rdp.user=\"LAB\\\\mtate\" rdp.request.flags=0 rdp.request.protocols=0",
            "rdp.confirm rdp.negotiated=true rdp.confirm.flags=0 rdp.confirm.protocol=0",
            "rdp.client rdp.client.version=524292 rdp.client.build=18363 rdp.client.name=\"LAB-WS-07\" \
             rdp.client.keyboard_layout=1031 rdp.client.keyboard_type=4 rdp.client.encryption_methods=27 rdp.client.channels=2",
            "rdp.server rdp.server.version=524292 rdp.server.requested_protocols=0 rdp.server.encryption_method=2 \
             rdp.server.encryption_level=3",
        ]
    );
    let old = of("old.stream");
    assert_eq!(old[..2], ["rdp.request", "rdp.confirm rdp.negotiated=false"]);
    assert!(old[2].contains("rdp.client.build=3790 rdp.client.name=\"VIEW2\"") && !old[2].contains("channels"));
    assert_eq!(
        old[3],
        "rdp.server rdp.server.version=524289 rdp.server.encryption_method=0 rdp.server.encryption_level=0"
    );
}

#[test]
fn tokens_and_refusals_are_told() {
    assert_eq!(
        of("refused.stream"),
        [
            "rdp.request rdp.routing_token=\"3640205228.15629.0000\" rdp.request.flags=0 rdp.request.protocols=0",
            "rdp.confirm rdp.negotiated=true rdp.confirm.flags=0 rdp.confirm.failure=5",
        ]
    );
}

/// What follows the last of these.
fn next(chunks: &[(Way, &[u8])]) -> Progress {
    let mut decoder: Box<dyn Decoder> = Rdp.stream().expect("a stream");
    let (last, lead) = chunks.split_last().expect("something");
    for (way, bytes) in lead {
        assert_eq!(decoder.feed(*way, bytes, &mut Lines::default()), Ok(Progress::Read(bytes.len())));
    }
    decoder.feed(last.0, last.1, &mut Lines::default()).expect("well formed")
}

#[test]
fn where_tls_is_chosen_another_decoder_goes_on() {
    let ask = unit(0xe0, &negotiation(1, 0, 11));
    for chosen in [1, 2, 4, 8] {
        let answer = unit(0xd0, &negotiation(2, 0, chosen));
        for way in [ToServer, ToClient] {
            assert_eq!(next(&[(ToServer, &ask), (ToClient, &answer), (way, &[0x16])]), Progress::Over(0), "{chosen}");
        }
    }
    // Without it nothing is handed over, unless it is TLS that comes.
    let answer = unit(0xd0, &negotiation(2, 0, 0));
    let joins = data(&[0x28]);
    assert_eq!(next(&[(ToServer, &ask), (ToClient, &answer), (ToServer, &joins)]), Progress::Read(joins.len()));
    assert_eq!(next(&[(ToServer, &ask), (ToServer, &[0x16, 3, 1, 0, 9])]), Progress::Over(0));
    let refused = unit(0xd0, &negotiation(3, 0, 2));
    assert_eq!(next(&[(ToClient, &refused), (ToClient, &joins)]), Progress::Read(joins.len()));
}

#[test]
fn short_packets_pass_by_their_length_once_there_is_a_session() {
    let ask = unit(0xe0, &negotiation(1, 0, 0));
    let short = [&[0x40, 6][..], b"QXJZ", &[0x80, 0x81, 0x00], &[7; 253], &[0, 2]].concat();
    let lines = hear(&[(ToServer, &data(&[0x28])), (ToServer, &short), (ToServer, &ask)]);
    assert_eq!(lines.lines, ["rdp.request rdp.request.flags=0 rdp.request.protocols=0"]);
    assert_eq!(hear(&[(ToServer, &ask), (ToServer, &short)]).lines[1..], ["weird rdp.tpkt"], "none before");
    // One that is shorter than its head is none.
    assert_eq!(hear(&[(ToServer, &data(&[0x28])), (ToServer, &[0, 1, 9])]).lines, ["weird rdp.tpkt"]);
}

#[test]
fn keys_and_what_a_session_carries_never_leave() {
    let marker = b"QXJZVKWAAAAA";
    let blocks = [core(b"WS1"), block(0xc002, &[&[1, 0, 0, 0][..], marker].concat()), block(0xc0ff, marker)].concat();
    let channels = [core(b"WS1"), block(0xc003, &[&[1, 0, 0, 0][..], marker].concat())].concat();
    let correlation = [negotiation(1, 8, 0), vec![6, 0, 36, 0], marker.to_vec(), vec![0; 20]].concat();
    let lines = hear(&[
        (ToServer, &unit(0xe0, &correlation)),
        (ToServer, &initial(&blocks)),
        (ToServer, &initial(&channels)),
        (ToServer, &data(&[&[0x64, 0, 6, 3, 0xeb, 0x70, 12][..], marker].concat())),
        (ToServer, &[&[0, 14][..], marker].concat()),
        (ToServer, &unit(0x80, marker)),
        (ToServer, &[&[0xff][..], marker].concat()),
    ]);
    assert!(lines.lines.iter().filter(|line| line.starts_with("rdp.client")).count() == 2, "{:?}", lines.lines);
    assert!(!lines.shows("QXJZVKW"), "{:?}", lines.lines);
}

#[test]
fn settings_that_lie_about_their_length_are_malformed_and_what_was_read_is_told() {
    let good = [core(b"WS1"), block(0xc002, &[3, 0, 0, 0, 0, 0, 0, 0])].concat();
    for (blocks, told, field) in [
        (good[..good.len() - 1].to_vec(), 1, "rdp.block"),
        ([core(b"WS1"), vec![2, 0xc0, 3, 0]].concat(), 1, "rdp.block"),
        (block(0xc002, &[0; 8]), 0, "rdp.client_core"),
        (block(0xc001, &[0; 20]), 0, "rdp.client_core"),
        (Vec::new(), 0, "rdp.block"),
    ] {
        let lines = hear(&[(ToServer, &initial(&blocks)), (ToServer, &unit(0xe0, b""))]).lines;
        assert_eq!(lines.iter().filter(|line| line.starts_with("rdp.client")).count(), told, "{lines:?}");
        assert!(lines.contains(&format!("weird {field}")), "{field}: {lines:?}");
        assert_eq!(lines.last().map(String::as_str), Some("rdp.request"), "the next is read");
    }
    let whole = initial(&good);
    for cut in 8..whole.len() - 1 {
        let lines = hear(&[(ToServer, &tpkt(&whole[4..cut])), (ToServer, &unit(0xe0, b""))]).lines;
        assert!(lines[..lines.len() - 1].iter().any(|line| line.starts_with("weird rdp.")), "{cut}: {lines:?}");
    }
    let many = [core(b"WS1"), block(0xc009, b"").repeat(BLOCKS_MAX), block(0xc003, &[1, 0, 0, 0])].concat();
    assert!(!hear(&[(ToServer, &initial(&many))]).lines[0].contains("channels"), "beyond the bound");
    let fits = [core(b"WS1"), block(0xc009, b"").repeat(BLOCKS_MAX - 1), block(0xc003, &[1, 0, 0, 0])].concat();
    assert!(hear(&[(ToServer, &initial(&fits))]).lines[0].contains("channels=1"));
}

#[test]
fn a_cookie_without_an_end_and_a_negotiation_that_is_none_are_malformed() {
    let ask = |variable: &[u8]| hear(&[(ToServer, &unit(0xe0, variable))]).lines;
    assert_eq!(ask(b"Cookie: mstshash=jt"), ["rdp.request rdp.user=\"jt\"", "weird rdp.cookie"]);
    assert_eq!(ask(b"Cookie: mstshash=jt\r\n\x01\0\x09\0"), ["rdp.request rdp.user=\"jt\"", "weird rdp.negotiation"]);
    assert_eq!(ask(&negotiation(2, 0, 0)), ["rdp.request", "weird rdp.cookie"], "what is no text is no token");
}

#[test]
fn after_a_gap_anywhere_a_later_packet_is_read() {
    let body = [data(&[0x28]), data(&[&[0x64][..], &[7; 90]].concat()), vec![0, 50], vec![9; 48]].concat();
    let ask = unit(0xe0, &negotiation(1, 7, 0));
    for from in 0..body.len() {
        let to = (from + 20).min(body.len());
        let mut lines = Lines::default();
        let mut feed = Feed::new(&Rdp);
        feed.bytes(ToServer, &body[..from], &mut lines);
        feed.gap(ToServer, (to - from) as u64);
        feed.bytes(ToServer, &body[to..], &mut lines);
        feed.bytes(ToServer, &ask, &mut lines);
        assert!(lines.lines.last().is_some_and(|line| line.contains("flags=7")), "{from}: {:?}", lines.lines);
    }
}

#[test]
fn the_transport_alone_is_not_enough() {
    let probe = |way: Way, bytes: &[u8]| Rdp.probe(Transport::Tcp, way, bytes);
    let cookie = unit(0xe0, &[&b"Cookie: mstshash=a\r\n"[..], &negotiation(1, 0, 3)].concat());
    assert_eq!(probe(ToServer, &cookie), Verdict::Yes);
    assert_eq!(probe(ToServer, &unit(0xe0, &negotiation(1, 0, 3))), Verdict::Yes);
    assert_eq!(probe(ToClient, &unit(0xd0, &negotiation(2, 0, 3))), Verdict::Yes);
    assert_eq!(probe(ToClient, &cookie), Verdict::No, "a server asks for nothing");
    for cut in 0..cookie.len() {
        assert_eq!(probe(ToServer, &cookie[..cut]), Verdict::Unsure, "{cut}");
    }
    let whole = initial(&core(b"WS1"));
    assert_eq!((probe(ToServer, &whole), probe(ToServer, &whole[..20])), (Verdict::Yes, Verdict::Unsure));
    // A bare connection, and data in the midst of a session.
    assert_eq!(probe(ToServer, &unit(0xe0, b"")), Verdict::Likely);
    assert_eq!(probe(ToServer, &data(&[0x64, 0, 6])), Verdict::Likely);
    // S7 with its racks and slots, its jobs, MMS, H.225, TLS.
    assert_eq!(probe(ToServer, &unit(0xe0, &[0xc1, 2, 1, 0, 0xc2, 2, 1, 2, 0xc0, 1, 10])), Verdict::No);
    assert_eq!(probe(ToServer, &data(&[0x32, 1, 0, 0, 0, 1, 0, 0, 0, 0])), Verdict::No);
    assert_eq!(probe(ToServer, &data(&[0x0d, 5, 0, 0])), Verdict::No);
    assert_eq!(probe(ToServer, &tpkt(&[8, 2, 0, 1, 5, 4])), Verdict::No);
    assert_eq!(probe(ToServer, &[0x16, 3, 1, 0, 9, 1, 0, 0]), Verdict::No);
    let stranger = initial(b"");
    let stranger: Vec<u8> = stranger.iter().map(|byte| if *byte == b'D' { b'd' } else { *byte }).collect();
    assert_eq!(probe(ToServer, &stranger), Verdict::No, "a conference of others");
}
