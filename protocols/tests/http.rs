//! HTTP: what is read of heads, what is never shown, and what hostile ones lead to. Names follow the list of bad inputs.

mod common;

use common::{Chunk, Feed, Lines, Sample, decode};
use holter_protocols::Way::{self, ToClient, ToServer};
use holter_protocols::http::{
    BLOCK_MAX, CHUNK_LINE_MAX, CONTINUATIONS_MAX, ENTRIES_MAX, HEAD_MAX, Http, LINE_MAX, PENDING_MAX,
};
use holter_protocols::{Protocol, Transport, Verdict};

fn run(chunks: &[(Way, &[u8])]) -> Vec<String> {
    let chunks: Vec<Chunk> = chunks.iter().map(|(way, bytes)| (*way, bytes.to_vec())).collect();
    let sample = Sample { name: String::new(), protocol: "http", transport: Transport::Tcp, chunks };
    let whole = decode(&sample, |_| Vec::new());
    assert_eq!(decode(&sample, |bytes| vec![7; bytes.len() / 7]), whole, "segments must not matter");
    whole
}

fn requests(bytes: &[u8]) -> Vec<String> {
    run(&[(ToServer, bytes)])
}

fn count(lines: &[String], begin: &str) -> usize {
    lines.iter().filter(|line| line.starts_with(begin)).count()
}

const GET: &[u8] = b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n";

fn probe(way: Way, bytes: &[u8]) -> Verdict {
    Http.probe(Transport::Tcp, way, bytes)
}

#[test]
fn a_request_and_its_response_are_read() {
    let lines = run(&[
        (
            ToServer,
            b"POST /viewer/a?id=7 HTTP/1.1\r\nHOST: pacs:80\r\nuser-agent:  Viewer/2 \r\nContent-Type: text/xml; x=y\r\n\
              Content-Length: 4\r\nAuthorization: Digest x\r\n\r\nbody",
        ),
        (ToClient, b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nServer: Apache\r\nContent-Length: 0\r\n\r\n"),
    ]);
    assert_eq!(
        lines,
        [
            "http.request http.method=\"POST\" http.path=\"/viewer/a\" http.query=true http.host=\"pacs:80\" \
             http.user_agent=\"Viewer/2\" http.request.content_type=\"text/xml\" http.request.content_length=4 \
             http.authorization=\"digest\" http.version=\"1.1\"",
            "http.response http.status=100 http.response.version=\"1.1\"",
            "http.response http.status=200 http.server=\"Apache\" http.content_length=0 http.response.version=\"1.1\"",
        ]
    );
}

#[test]
fn pipelined_requests_are_matched_to_answers_without_bodies() {
    let lines = run(&[
        (ToServer, &[b"HEAD /a HTTP/1.1\r\n\r\n", GET, GET, GET].concat()),
        (
            ToClient,
            b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nHTTP/1.1 304 X\r\nContent-Length: 900\r\n\r\n\
              HTTP/1.1 204 X\r\n\r\nHTTP/1.1 200 OK\r\n\r\nHTTP/1.1 500 all of this is a body\r\n\r\n",
        ),
    ]);
    let statuses: Vec<_> = lines[4..].iter().filter_map(|line| line.split(' ').nth(1)).collect();
    assert_eq!(statuses, ["http.status=200", "http.status=304", "http.status=204", "http.status=200"]);
}

#[test]
fn more_requests_than_are_remembered_cost_nothing() {
    let mut bytes = GET.repeat(PENDING_MAX);
    bytes.extend(b"HEAD /x HTTP/1.1\r\n\r\n");
    let answers = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nxx".repeat(PENDING_MAX + 1);
    let lines = run(&[(ToServer, &bytes), (ToClient, &answers)]);
    assert_eq!(count(&lines, "http.response"), PENDING_MAX + 1);
    assert_eq!(count(&lines, "weird"), 0, "{lines:#?}");
}

#[test]
fn chunks_pass_and_their_trailer_with_them() {
    let chunked = b"POST /x HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n3;a=b\r\nGET\r\nA\r\n0123456789\r\n0\r\nX: y\r\n\r\n";
    let lines = requests(&[&chunked[..], GET].concat());
    assert_eq!(count(&lines, "http.request"), 2);
    assert_eq!(count(&lines, "weird"), 0, "{lines:#?}");
}

#[test]
fn another_protocol_begins_behind_an_upgrade_or_a_tunnel() {
    for (ask, answer) in [
        (&b"GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"[..], &b"HTTP/1.1 101 Switching\r\n\r\n\x81\x05hello"[..]),
        (b"CONNECT pacs:443 HTTP/1.1\r\n\r\n", b"HTTP/1.1 200 Established\r\nContent-Length: 9\r\n\r\n\x16\x03\x01"),
    ] {
        let mut lines = Lines { declared: Some(&Http), ..Lines::default() };
        let mut feed = Feed::new(&Http);
        feed.bytes(ToServer, ask, &mut lines);
        feed.bytes(ToClient, answer, &mut lines);
        assert!(feed.over && lines.lines.len() == 2, "{:#?}", lines.lines);
    }
}

#[test]
fn a_request_of_http_0_9_is_one_line_and_its_answer_has_no_head() {
    let lines = run(&[(ToServer, b"GET /old\r\n"), (ToClient, b"<html>\r\n\r\nHTTP/1.1 200 OK\r\n\r\n")]);
    assert_eq!(lines.len(), 1, "{lines:#?}");
    assert!(lines[0].contains("http.path=\"/old\"") && lines[0].ends_with("http.version=\"0.9\""));
    assert_eq!(probe(ToServer, b"GET /old\r\n"), Verdict::Likely);
}

#[test]
fn http_1_heads_without_end_are_capped_and_the_next_request_is_read() {
    let long_line =
        [&b"GET /a HTTP/1.1\r\nCookie: "[..], &vec![b'x'; 10 << 20], b"\r\nContent-Length: 3\r\n\r\nGET"].concat();
    let many = [&b"GET /a HTTP/1.1\r\n"[..], &b"a: b\r\n".repeat(1_000_000), b"\r\n"].concat();
    let folded = [&b"GET /a HTTP/1.1\r\nX: y\r\n"[..], &b" more\r\n".repeat(100_000), b"\r\n"].concat();
    for bytes in [long_line, many, folded] {
        let mut lines = Lines { declared: Some(&Http), ..Lines::default() };
        let mut feed = Feed::new(&Http);
        for segment in [bytes, GET.to_vec()].concat().chunks(1448) {
            feed.bytes(ToServer, segment, &mut lines);
            assert!(feed.kept() <= HEAD_MAX);
        }
        assert_eq!(count(&lines.lines, "http.request"), 2, "{:#?}", lines.lines);
        assert_eq!(count(&lines.lines, "weird http.head_length"), 1);
    }
    let lines = requests(&[&vec![b'x'; 20][..], b" ", &vec![b'y'; HEAD_MAX], b"\r\n", GET].concat());
    assert_eq!(lines[0], "weird http.line_length");
    assert_eq!(count(&lines, "http.request"), 1);
    let long =
        [&b"GET /a HTTP/1.1\r\n"[..], &b"a: b\r\n".repeat(HEAD_MAX / 6), &[b'c'; LINE_MAX], b"\r\n\r\n", GET].concat();
    let lines = requests(&long);
    assert_eq!(count(&lines, "weird http.line_length"), 1, "{lines:#?}");
    assert_eq!(count(&lines, "http.request"), 2);
}

#[test]
fn http_2_lengths_that_peers_could_read_differently_are_counted() {
    for fields in [
        "Content-Length: 2\r\nTransfer-Encoding: chunked",
        "Content-Length: -1",
        "Content-Length: 18446744073709551616",
        "Content-Length: 9223372036854775807",
        "Content-Length: 2\r\nContent-Length: 3",
        "Content-Length: 2, 3",
        "Content-Length : 2",
        "Content-Length:\r\n 2",
        "Transfer-Encoding: chunked, gzip",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
    ] {
        let lines = requests(format!("POST /x HTTP/1.1\r\n{fields}\r\n\r\n0\r\n\r\n").as_bytes());
        assert!(lines.contains(&"weird http.ambiguity".to_owned()), "{fields}: {lines:#?}");
    }
    let lines = requests(&[b"POST /x HTTP/1.1\r\nContent-Length: 2, 2\r\n\r\nxx", GET].concat());
    assert_eq!((lines.len(), count(&lines, "http.request")), (2, 2), "a list of one length is that length");
    let lines = requests(&[b"POST /x HTTP/1.1\r\nContent-Length: x\r\n\r\nsome body\r\n", GET].concat());
    assert_eq!(count(&lines, "http.request"), 2, "the next request is found: {lines:#?}");
}

#[test]
fn four_gigabytes_pass_without_being_seen() {
    let mut lines = Lines::default();
    let mut feed = Feed::new(&Http);
    feed.bytes(ToServer, b"PUT /x HTTP/1.1\r\nContent-Length: 4294967296\r\n\r\n", &mut lines);
    feed.gap(ToServer, 4_294_967_296);
    feed.bytes(ToServer, GET, &mut lines);
    assert_eq!(lines.lines.len(), 2, "{:#?}", lines.lines);
}

#[test]
fn http_3_chunk_sizes_that_overflow_or_are_none_are_malformed() {
    let lead = b"POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    let long = [b'1'; CHUNK_LINE_MAX];
    for (chunk, field) in [
        (&b"ffffffffffffffffff\r\n"[..], "http.chunk_size"),
        (b"-1\r\n", "http.chunk_size"),
        (b"\r\n", "http.chunk_size"),
        (b"2\r\nabc\r\n", "http.chunk_end"),
        (&long, "http.chunk_line"),
    ] {
        let lines = requests(&[&lead[..], chunk, b"\r\n", GET].concat());
        assert_eq!(lines[1], format!("weird {field}"), "{lines:#?}");
        assert_eq!(count(&lines, "http.request"), 2, "{lines:#?}");
    }
}

#[test]
fn http_4_what_a_url_says_of_a_patient_is_not_shown() {
    for target in [
        "/fhir/Patient/QXJZVKW?family=QXJZVKW",
        "/fhir/Observation?patient=QXJZVKW",
        "/a/Patient/QXJZVKW/_history/QXJZVKW",
        "/fhir/Patient/QXJZVKW/$everything",
        "/dicom-web/studies/QXJZVKW/series/QXJZVKW/instances/QXJZVKW/frames/1",
        "/wado?requestType=WADO&studyUID=QXJZVKW",
        "/wado/QXJZVKW",
        "/PATIENTS/QXJZVKW",
        "/api/%50atient/QXJZVKW",
        "/mrn/QXJZVKW",
        "/x;jsessionid=QXJZVKW",
        "/x?QXJZVKW",
        "/x#QXJZVKW",
        "http://QXJZVKW:QXJZVKW@pacs/x?QXJZVKW",
        "https://QXJZVKW@pacs/studies/QXJZVKW",
        "/fhir/metadata/QXJZVKW",
    ] {
        for method in ["GET", "CONNECT", "SEARCH"] {
            if method == "CONNECT" && target.starts_with("http") {
                continue;
            }
            let head = format!(
                "{method} {target} HTTP/1.1\r\nHost: QXJZVKW@pacs\r\nCookie: QXJZVKW\r\nReferer: /QXJZVKW\r\n\
                 Authorization: Basic QXJZVKW\r\nX-Patient: QXJZVKW\r\nUpgrade: QXJZVKW\r\nProxy-Authorization: \
                 QXJZVKW\r\nContent-Type: QXJZVKW\r\nContent-Length: 7\r\n\r\nQXJZVKW"
            );
            let answer =
                b"HTTP/1.1 404 QXJZVKW\r\nSet-Cookie: QXJZVKW\r\nLocation: /QXJZVKW\r\nWWW-Authenticate: Basic \
                           realm=QXJZVKW\r\nContent-Length: 7\r\n\r\nQXJZVKW";
            let lines = run(&[(ToServer, head.as_bytes()), (ToClient, answer)]);
            assert_eq!(count(&lines, "http."), 2, "{lines:#?}");
            assert!(!lines.concat().contains("QXJZVKW"), "{lines:#?}");
        }
    }
    let lines = requests(b"QXJZVKW /x HTTP/1.1\r\n\r\nQXJZVKW\r\n\r\nGET QXJZVKW\x01 HTTP/1.1\r\n\r\n");
    assert_eq!(lines[0], "weird http.method");
    assert!(!lines.concat().contains("QXJZVKW"), "{lines:#?}");
}

#[test]
fn http_5_a_compressed_body_passes_as_it_is() {
    let mut lines = Lines::default();
    let mut feed = Feed::new(&Http);
    let bomb = [&b"POST /x HTTP/1.1\r\nContent-Encoding: gzip\r\nContent-Length: 1000\r\n\r\n"[..], &[0x1f; 1000], GET];
    feed.bytes(ToServer, &bomb.concat(), &mut lines);
    assert_eq!((lines.lines.len(), feed.unseen), (2, 1000));
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u32).to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// GET / of www.example.com, RFC 7541 C.4.1: puts the authority into the dynamic table.
const BLOCK: &[u8] =
    &[0x82, 0x86, 0x84, 0x41, 0x8c, 0xf1, 0xe3, 0xc2, 0xe5, 0xf2, 0x3a, 0x6b, 0xa0, 0xab, 0x90, 0xf4, 0xff];
const AGAIN: &[u8] = &[0x82, 0x86, 0x84, 0xbe];

fn begun(frames: &[Vec<u8>]) -> Vec<u8> {
    [PREFACE, &frame(4, 0, 0, &[]), &frames.concat()].concat()
}

#[test]
fn http_6_an_upgrade_to_http_2_is_followed() {
    let chunks =
        common::samples(&Http).into_iter().find(|sample| sample.name.starts_with("h2c")).expect("there").chunks;
    let mut lines = Lines { declared: Some(&Http), ..Lines::default() };
    let (mut feed, mut handed_over) = (Feed::new(&Http), 0);
    for (way, bytes) in chunks {
        feed.bytes(way, &bytes, &mut lines);
        if feed.over {
            // What an engine does: the rest is looked at anew.
            let at = bytes.windows(4).position(|end| end == b"\r\n\r\n").expect("a head") + 4;
            feed = Feed::new(&Http);
            handed_over += 1;
            feed.bytes(way, &bytes[at..], &mut lines);
        }
    }
    assert_eq!(handed_over, 1);
    let last = lines.lines.last().expect("events");
    assert!(last.starts_with("http.response http.status=200") && last.ends_with("\"2\""), "{:#?}", lines.lines);
}

#[test]
fn http_6_a_header_block_over_several_frames_is_one() {
    let (a, b) = BLOCK.split_at(5);
    let padded = [&[3][..], &[0, 0, 0, 0, 9], a, &[0; 3]].concat();
    let lines = requests(&begun(&[
        frame(1, 0x28, 1, &padded),
        frame(9, 0, 1, &[]),
        frame(9, 4, 1, b),
        frame(0, 1, 1, b"body"),
        frame(1, 5, 3, AGAIN),
    ]));
    assert_eq!(count(&lines, "http.request"), 2, "{lines:#?}");
    assert!(lines[1].contains("http.host=\"www.example.com\""), "{lines:#?}");
}

#[test]
fn http_6_a_flood_of_continuations_is_bounded_and_counted() {
    let flood = |n: usize, size: usize| {
        let mut frames = vec![frame(1, 0, 1, BLOCK)];
        frames.extend((0..n).map(|_| frame(9, 0, 1, &vec![0; size])));
        frames.extend([frame(9, 4, 1, &[]), frame(1, 5, 3, AGAIN)]);
        requests(&begun(&frames))
    };
    for (n, size) in [(CONTINUATIONS_MAX as usize + 1, 0), (3, BLOCK_MAX / 2), (2, BLOCK_MAX + 1)] {
        let lines = flood(n, size);
        assert_eq!(count(&lines, "weird http.header_block"), 1, "{lines:#?}");
        let last = lines.last().expect("the next request is read");
        assert!(last.starts_with("http.request") && !last.contains("http.host"), "{lines:#?}");
    }
    let lines = requests(&begun(&[
        frame(9, 4, 1, BLOCK),
        frame(1, 0, 1, BLOCK),
        frame(6, 0, 0, &[0; 8]),
        frame(1, 5, 3, BLOCK),
    ]));
    assert_eq!(lines[..2], ["weird http.continuation", "weird http.interleaved"]);
    assert_eq!(count(&lines, "http.request"), 1);
}

#[test]
fn http_6_data_of_no_stream_is_counted() {
    let lines = requests(&begun(&[frame(0, 0, 0, b"body"), frame(1, 5, 3, BLOCK)]));
    assert_eq!(lines[0], "weird http.data_on_stream_0");
    assert_eq!(count(&lines, "http.request"), 1);
}

#[test]
fn http_6_frames_that_cannot_be_are_malformed_and_a_later_one_is_found() {
    for broken in [frame(4, 0, 0, &[0; 5]), frame(6, 0, 0, &[]), frame(1, 4, 0, BLOCK), frame(1, 12, 1, &[9])] {
        let after = [frame(1, 5, 3, BLOCK), frame(1, 5, 5, AGAIN), frame(6, 0, 0, &[0; 8])].concat();
        let lines = requests(&begun(&[broken, after]));
        assert!(lines[0].starts_with("weird http."), "{lines:#?}");
        assert_eq!(count(&lines, "http.request"), 2, "{lines:#?}");
    }
    let lines = requests(&begun(&[frame(1, 5, 1, &[0x80]), frame(1, 5, 3, BLOCK)]));
    assert_eq!(lines[0], "weird http.hpack");
    assert_eq!(count(&lines, "http.request"), 1);
}

#[test]
fn a_dynamic_table_larger_than_is_kept_still_reads_its_newest() {
    let mut block = vec![0x3f, 0xe1, 0xff, 0x03];
    for n in 0..ENTRIES_MAX + 50 {
        block.extend(format!("\x40\x01a\x03{n:03}").as_bytes());
    }
    let lines = requests(&begun(&[frame(1, 5, 1, &block), frame(1, 5, 3, BLOCK), frame(1, 5, 5, AGAIN)]));
    assert!(lines.last().expect("events").contains("http.host=\"www.example.com\""), "{lines:#?}");
}

#[test]
fn after_a_gap_the_next_message_is_read() {
    for frames in [false, true] {
        let (lead, rest) = if frames {
            let rest = [frame(1, 5, 3, BLOCK), frame(0, 1, 3, b"x"), frame(1, 5, 5, BLOCK)].concat();
            (begun(&[frame(1, 5, 1, BLOCK)]), rest)
        } else {
            (GET.to_vec(), [b"\x00\x01rest of a body\n", GET, GET].concat())
        };
        let mut lines = Lines { declared: Some(&Http), ..Lines::default() };
        let mut feed = Feed::new(&Http);
        feed.bytes(ToServer, &lead, &mut lines);
        feed.gap(ToServer, 100);
        feed.bytes(ToServer, &rest, &mut lines);
        assert_eq!(count(&lines.lines, "http.request"), 3, "{:#?}", lines.lines);
        assert_eq!(count(&lines.lines, "weird http.cut"), 1);
    }
}

#[test]
fn a_probe_is_sure_of_nothing_but_http() {
    for bytes in [&b"GET /x HTTP/1.1\r\n"[..], b"OPTIONS * HTTP/1.0\n", PREFACE] {
        assert_eq!(probe(ToServer, bytes), Verdict::Yes);
        assert_eq!(probe(ToClient, bytes), Verdict::No);
    }
    for bytes in [&b"G"[..], b"GET", b"GET /x", b"GET /x HTTP/1.1", b"PRI * HTTP/2.0\r\n"] {
        assert_eq!(probe(ToServer, bytes), Verdict::Unsure, "{bytes:?}");
    }
    for bytes in [
        &b"OPTIONS sip:a SIP/2.0\r\n"[..],
        b"OPTIONS rtsp://a/b RTSP/1.0\r\n",
        b"GET \r\n",
        b"GET x\r\n",
        b"GETTING",
        b"\x16\x03\x01",
        b"POST /x\r\n",
        b"GET /\x00\x01\x02",
    ] {
        assert_eq!(probe(ToServer, bytes), Verdict::No, "{bytes:?}");
    }
    assert_eq!(probe(ToClient, b"HTTP/1.1 200 OK\r\n"), Verdict::Yes);
    assert_eq!(probe(ToClient, b"HTTP/1.1 abc"), Verdict::No);
    assert_eq!(probe(ToClient, &frame(4, 0, 0, &[0, 3, 0, 0, 0, 100])), Verdict::Yes);
    assert_eq!(probe(ToClient, &frame(4, 0, 0, &[])), Verdict::No);
    let long = [b"GET /", &[b'x'; 4000][..]].concat();
    assert_eq!(probe(ToServer, &long), Verdict::Yes);
}
