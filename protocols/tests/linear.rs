//! Twice the bytes cost twice the time, whatever the bytes are. Super-linear work is how parsers are put out of
//! action; each decoder meets the inputs that would show it.

mod common;

use common::dicom::*;
use common::{Feed, Silent, protocol};
use holter_protocols::Way;
use std::time::{Duration, Instant};

/// time(2n) / time(n) that is still called linear.
const RATIO: f64 = 2.3;
/// A shared machine is noisy: this often may a measurement be repeated.
const TRIES: usize = 12;
/// In a build without optimisation; a quadratic decoder needs many times as much.
const LONGEST: Duration = Duration::from_nanos(2000);

#[allow(clippy::disallowed_methods, reason = "a test that measures")]
fn now() -> Instant {
    Instant::now()
}

/// The shortest of three runs.
fn time(mut run: impl FnMut()) -> Duration {
    (0..3)
        .map(|_| {
            let start = now();
            run();
            start.elapsed()
        })
        .min()
        .unwrap_or_default()
}

fn check(name: &str, n: usize, rounds: u32, run: impl Fn(usize)) {
    let mut worst = f64::MAX;
    let mut slow = Duration::MAX;
    for _ in 0..TRIES {
        let (one, two) = (time(|| run(n)), time(|| run(2 * n)));
        worst = worst.min(two.as_secs_f64() / one.as_secs_f64().max(1e-9));
        slow = slow.min(two / (2 * n) as u32 / rounds);
        if worst <= RATIO && slow <= LONGEST {
            return;
        }
    }
    panic!("{name}: twice the bytes take {worst:.2} times as long, {slow:?} per byte");
}

/// Feeds `lead`, then `unit` over and over until there are `n` bytes, in segments as TCP has them.
fn stream(name: &'static str, case: &str, lead: &[u8], unit: impl Fn(usize) -> Vec<u8>) {
    const N: usize = 128 * 1024;
    let mut bytes = lead.to_vec();
    let mut count = 0;
    while bytes.len() < 2 * N {
        bytes.extend(unit(count));
        count += 1;
    }
    check(&format!("{name}: {case}"), N, 1, |n| {
        let mut feed = Feed::new(protocol(name));
        for segment in bytes[..n].chunks(1448) {
            feed.bytes(Way::ToServer, segment, &mut Silent);
        }
    });
}

fn datagram(name: &'static str, case: &str, build: impl Fn(usize) -> Vec<u8>) {
    const N: usize = 30_000;
    const ROUNDS: u32 = 20;
    let (one, two) = (build(N), build(2 * N));
    // One datagram is done in microseconds: many are measured.
    check(&format!("{name}: {case}"), N, ROUNDS, |n| {
        for _ in 0..ROUNDS {
            let _ = protocol(name).datagram(Way::ToServer, if n == N { &one } else { &two }, &mut Silent);
        }
    });
}

#[test]
fn dicom_is_linear() {
    let lead = request(EXPLICIT);
    let none: &[u8] = b"";
    stream("dicom", "empty fragments", &lead, |_| pdu(4, &pdv(1, 0, b"").repeat(200)));
    stream("dicom", "a command set in fragments of a byte", &lead, |_| pdu(4, &pdv(1, COMMAND, b"x")));
    stream("dicom", "a data set in fragments of two bytes", &[&lead[..], &message(1, &store())].concat(), |_| {
        pdu(4, &pdv(1, 0, b"xx"))
    });
    stream("dicom", "requests full of contexts", none, |_| {
        let items: Vec<u8> = (0..128u8).flat_map(|n| context(2 * n + 1, CT, &[IMPLICIT; 8])).collect();
        request_with(b"A", b"B", &items)
    });
    stream("dicom", "requests full of empty items", none, |_| request_with(b"A", b"B", &item(0x60, b"").repeat(5000)));
    stream("dicom", "commands of many elements", &lead, |_| {
        message(3, &command_set(0x30, &vec![implicit(0, 0x5000, b""); 2000]))
    });
    stream("dicom", "heads of nested sequences", &lead, |_| {
        let open = [8, 0, 0x40, 0x11, b'S', b'Q', 0, 0, 255, 255, 255, 255, 0xfe, 0xff, 0, 0xe0, 255, 255, 255, 255];
        [message(1, &store()), pdu(4, &pdv(1, LAST, &open.repeat(400)))].concat()
    });
    stream("dicom", "heads of empty elements", &lead, |_| {
        [message(1, &store()), pdu(4, &pdv(1, LAST, &explicit(8, 5, b"CS", b"").repeat(1000)))].concat()
    });
    stream("dicom", "a search through zeros", &[0xff, 1], |_| vec![0; 4096]);
    stream("dicom", "a search through what may be PDUs", &[0xff, 1], |_| [1, 0, 0, 1, 4, 0, 7, 0].repeat(500));
    stream("dicom", "a search through what is almost a request", &[0xff, 1], |_| request(EXPLICIT)[..76].to_vec());
    stream("dicom", "broken fragments", &lead, |_| pdu(4, &[0xff; 10]));
}

#[test]
fn hl7_is_linear() {
    let header = b"\x0bMSH|^~\\&|A|B|C|D|1||ORU^R01|X|P|2.5\r";
    let none: &[u8] = b"";
    stream("hl7", "a block that does not end", header, |_| vec![b'x'; 4096]);
    stream("hl7", "starts", none, |_| vec![0x0b; 4096]);
    stream("hl7", "ends", none, |_| vec![0x1c; 4096]);
    stream("hl7", "empty blocks", none, |_| b"\x0b\x1c\r".repeat(1000));
    let full = |unit: Vec<u8>| [&header[..], &unit.repeat(60_000 / unit.len()), b"\x1c\r"].concat();
    for (case, unit) in [
        ("empty segments", b"\r".to_vec()),
        ("empty fields", b"|".to_vec()),
        ("repetitions", b"~".to_vec()),
        ("components", b"^".to_vec()),
        ("headers in a block", b"MSH|^~\\&|||||||ORU^R01|X\r".to_vec()),
        ("broken headers in a block", b"MSH\r".to_vec()),
        ("patients", b"PID|||X\r".to_vec()),
        ("escapes of ISO 2022", b"OBX\x1b||||||||||||||||||X\r".to_vec()),
        ("batch trailers", b"BTS|9\r".to_vec()),
    ] {
        stream("hl7", case, none, move |_| full(unit.clone()));
    }
    stream("hl7", "equipment", none, |n| {
        let all: Vec<u8> = (0..4000).flat_map(|m| format!("EQU|{n}-{m}\r").into_bytes()).collect();
        [&header[..], &all, b"\x1c\r"].concat()
    });
}

fn dns_message(counts: [u16; 4], body: &[u8]) -> Vec<u8> {
    [&[0, 1, 0x81, 0x80][..], &counts.map(u16::to_be_bytes).concat(), body].concat()
}

/// As many records as fit into `n` bytes, each named by a pointer to the longest name there is.
fn records(n: usize, name: &[u8]) -> Vec<u8> {
    let label = [&[63][..], &[b'x'; 63]].concat();
    let body = [&label.repeat(3)[..], &[61], &[b'x'; 61], &[0, 0, 1, 0, 1]].concat();
    let one = [name, &[0, 5, 0, 1, 0, 0, 0, 1, 0, 2, 0xc0, 12]].concat();
    let many = n.saturating_sub(body.len() + 12) / one.len();
    dns_message([1, many as u16, 0, 0], &[body, one.repeat(many)].concat())
}

#[test]
fn dns_is_linear() {
    let framed = |message: Vec<u8>| [&(message.len() as u16).to_be_bytes()[..], &message].concat();
    let none: &[u8] = b"";
    stream("dns", "records with the longest names", none, |_| framed(records(60_000, &[0xc0, 12])));
    stream("dns", "records with names of their own", none, |_| framed(records(60_000, b"\x01a\x01b\x01c\xc0\x0c")));
    stream("dns", "questions", none, |_| framed(dns_message([9000, 0, 0, 0], &b"\x01a\0\0\x01\0\x01".repeat(8000))));
    stream("dns", "lengths of nothing", &framed(records(600, &[0xc0, 12])), |_| vec![0; 4096]);
    stream("dns", "messages of headers only", &framed(records(600, &[0xc0, 12])), |_| framed(vec![0; 12]));
    datagram("dns", "records", |n| records(n, &[0xc0, 12]));
    datagram("dns", "empty records", |n| dns_message([0, 0, 0, (n / 11) as u16], &[0; 11].repeat(n / 11)));
    datagram("dns", "options", |n| {
        dns_message([0, 0, 0, (n / 11) as u16], &b"\0\0\x29\0\0\0\x09\0\0\0\0".repeat(n / 11))
    });
}

#[test]
fn dhcp_is_linear() {
    let message = |n: usize, options: &[u8]| {
        let mut bytes = vec![1, 1, 6, 0];
        bytes.resize(236, 0);
        bytes.extend([99, 130, 83, 99]);
        bytes.extend(options.iter().cycle().take(n - 240));
        bytes
    };
    for (case, options) in [
        ("padding", vec![0]),
        ("empty options", vec![77, 0]),
        ("parts of a name", vec![12, 1, b'x']),
        ("parts of every name", [12, 15, 60, 55, 81].iter().flat_map(|code| [*code, 3, 4, 1, b'x']).collect()),
        ("long options", [vec![12, 255], vec![b'x'; 255]].concat()),
        ("overload", vec![52, 1, 3]),
        ("full names", [vec![81, 255, 4, 0, 0], [1, b'a'].repeat(126)].concat()),
    ] {
        datagram("dhcp", case, |n| message(n, &options));
    }
}

#[test]
fn tls_is_linear() {
    let none: &[u8] = b"";
    let record = |content: u8, body: &[u8]| [&[content, 3, 3][..], &(body.len() as u16).to_be_bytes(), body].concat();
    let message = |kind: u8, body: &[u8]| [&[kind][..], &(body.len() as u32).to_be_bytes()[1..], body].concat();
    let hello = |ciphers: usize, extensions: Vec<u8>| {
        let lengths = [ciphers * 2, extensions.len()].map(|length| (length as u16).to_be_bytes());
        let lead = [&[3, 3][..], &[7; 32], &[0], &lengths[0], &vec![0x13; ciphers * 2], &[1, 0]].concat();
        message(1, &[&lead[..], &lengths[1], &extensions].concat())
    };
    stream("tls", "records of nothing", none, |_| record(23, b"").repeat(800));
    stream("tls", "records of a byte of a message", none, |_| record(22, b"\x0b").repeat(600));
    stream("tls", "messages of nothing", none, |_| record(22, &[14, 0, 0, 0].repeat(4000)));
    stream("tls", "hellos full of extensions", none, |_| record(22, &hello(1, [0, 9, 0, 0].repeat(3900))));
    stream("tls", "hellos full of ciphers", none, |_| record(22, &hello(7900, Vec::new())));
    stream("tls", "hellos full of names", none, |_| {
        let list = [&[0, 0, 0x3c, 0x8c, 0x3c, 0x8a][..], &[0, 0, 1, b'a'].repeat(3874)].concat();
        record(22, &hello(1, list))
    });
    stream("tls", "a chain of small certificates", none, |_| {
        let list = [0, 0, 4, 0x30, 0x82, 0, 0].repeat(2000);
        let chain = [&(list.len() as u32).to_be_bytes()[1..], &list].concat();
        record(22, &message(11, &chain))
    });
    stream("tls", "a search through zeros", &[0xff; 5], |_| vec![0; 4096]);
    stream("tls", "a search through what may be records", &[0xff; 5], |_| [22, 3, 3, 0, 4, 0].repeat(700));
    stream("tls", "a search through what is almost a record", &[0xff; 5], |_| [22, 3, 9, 0, 4].repeat(800));
    datagram("tls", "records", |n| [21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 0].repeat(n / 15));
    datagram("tls", "fragments", |n| {
        // A record for each, since one holds no more than 16 KiB; each of another place in the message.
        let one = |at: usize| {
            let place = (at as u32 * 7 % 16_000).to_be_bytes();
            [&[22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 13, 1, 0, 0x40, 0, 0, 1][..], &place[1..], &[0, 0, 1, 9]]
                .concat()
        };
        (0..n / 26).flat_map(one).collect()
    });
}

#[test]
fn ssh_is_linear() {
    let banner = b"SSH-2.0-x\r\n";
    let none: &[u8] = b"";
    let packet = |body: &[u8]| [&(body.len() as u32 + 5).to_be_bytes()[..], &[4], body, &[0; 4]].concat();
    stream("ssh", "a line without end", b"SSH-2.0-", |_| vec![b'x'; 4096]);
    stream("ssh", "lines without end", none, |_| [&[b'x'; 300][..], b"\n"].concat());
    stream("ssh", "small packets", banner, |_| packet(&[2]).repeat(400));
    stream("ssh", "offers of many names", banner, |_| {
        let list = [&30_000u32.to_be_bytes()[..], &b"a,".repeat(15_000), &[0; 36], &[0; 5]].concat();
        packet(&[&[20][..], &[7; 16], &list].concat())
    });
}

#[test]
fn quic_is_linear() {
    let head = |length: usize| {
        [&[0xe0, 0, 0, 0, 1, 8][..], &[7; 8], &[0], &(0x8000_0000 | length as u32).to_be_bytes()].concat()
    };
    datagram("quic", "small packets", |n| {
        let one = [head(20), vec![0; 20]].concat();
        one.repeat(n / one.len())
    });
    datagram("quic", "a packet of a length", |n| [head(n - 19), vec![0; n - 19]].concat());
    datagram("quic", "versions", |n| [&[0x80, 0, 0, 0, 0, 0, 0][..], &vec![1; n]].concat());
    datagram("quic", "packets that do not open", |n| {
        let one = [&[0xc0, 0, 0, 0, 1, 8][..], &[7; 8], &[0, 0, 0x40, 40], &[9; 40]].concat();
        one.repeat(n / one.len())
    });
}
