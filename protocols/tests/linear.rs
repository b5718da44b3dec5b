//! Twice the bytes cost twice the time, whatever the bytes are. Super-linear work is how parsers are put out of
//! action; each decoder meets the inputs that would show it.

mod common;

use common::ber::{int, seq, text, tlv};
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
    datagram_of(name, case, 30_000, build);
}

fn datagram_of(name: &'static str, case: &str, size: usize, build: impl Fn(usize) -> Vec<u8>) {
    const ROUNDS: u32 = 20;
    let (one, two) = (build(size), build(2 * size));
    // One datagram is done in microseconds: many are measured.
    check(&format!("{name}: {case}"), size, ROUNDS, |n| {
        for _ in 0..ROUNDS {
            let _ = protocol(name).datagram(Way::ToServer, if n == size { &one } else { &two }, &mut Silent);
        }
    });
}

/// An element of BER of any length.
fn tlv32(tag: u8, body: &[u8]) -> Vec<u8> {
    [&[tag, 0x84][..], &(body.len() as u32).to_be_bytes(), body].concat()
}

fn seq32(body: &[u8]) -> Vec<u8> {
    tlv32(0x30, body)
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
fn snmp_is_linear() {
    let message = |bindings: &[u8]| {
        let pdu = tlv32(0xa2, &[int(1), int(0), int(0), tlv32(0x30, bindings)].concat());
        tlv32(0x30, &[int(1), text(b"public"), pdu].concat())
    };
    let long = seq(&[tlv(6, &[1; 120]), tlv(5, b"")]);
    let short = seq(&[tlv(6, b"+"), tlv(5, b"")]);
    datagram("snmp", "bindings with long names", |n| message(&long.repeat(n / long.len())));
    datagram("snmp", "bindings with short names", |n| message(&short.repeat(n / short.len())));
    datagram("snmp", "empty sequences", |n| message(&[0x30, 0].repeat(n / 2)));
    datagram("snmp", "a name without an end", |n| message(&seq32(&tlv32(6, &vec![0x80; n]))));
}

#[test]
fn ldap_is_linear() {
    let none: &[u8] = b"";
    let bind = seq(&[int(1), tlv(0x60, &[int(3), text(b""), tlv(0xa3, &text(b"GSSAPI"))].concat())]);
    let search = seq(&[int(1), tlv(0x63, &[text(b"dc=clin"), tlv(10, &[2])].concat())]);
    stream("ldap", "a search through sequences", none, |_| vec![0x30; 4096]);
    stream("ldap", "a search through what is almost a message", none, |_| [0x30, 0x0c, 2, 1, 1, 0x60, 7].repeat(500));
    stream("ldap", "broken messages", &search, |_| seq(&[int(1), tlv(0x60, &[0xff; 9])]));
    stream("ldap", "small messages", none, |_| search.clone());
    stream("ldap", "tokens of a bind", none, |_| {
        seq32(&[int(1), tlv32(0x60, &[int(3), text(b""), tlv32(0x83, &b"NTLMSSP".repeat(500))].concat())].concat())
    });
    stream("ldap", "rubbish after binds", &bind, |_| vec![0; 4096]);
    datagram("ldap", "messages", |n| search.repeat(n / search.len()));
}

#[test]
fn kerberos_is_linear() {
    let none: &[u8] = b"";
    let padata = |n: usize| tlv32(0xa3, &tlv32(0x30, &seq(&[tlv(0xa1, &int(2))]).repeat(n / 7)));
    let request = |n: usize| tlv32(0x6a, &seq32(&[tlv(0xa1, &int(5)), tlv(0xa2, &int(10)), padata(n)].concat()));
    let framed = |message: Vec<u8>| [&(message.len() as u32).to_be_bytes()[..], &message].concat();
    stream("kerberos", "a search through zeros", none, |_| vec![0; 4096]);
    stream("kerberos", "a search through lengths", none, |_| [0, 0, 1, 0, 0x6a, 0x81].repeat(700));
    stream("kerberos", "padata", none, |_| framed(request(12_000)));
    stream("kerberos", "padata that is cut", none, |_| framed(request(60_000)));
    datagram("kerberos", "padata", request);
}

#[test]
fn dcerpc_is_linear() {
    let none: &[u8] = b"";
    let fragment = |kind: u8, body: &[u8]| {
        let length = (16 + body.len() as u16).to_le_bytes();
        [&[5, 0, kind, 3, 16, 0, 0, 0, length[0], length[1], 0, 0, 1, 0, 0, 0][..], body].concat()
    };
    stream("dcerpc", "a search through what is almost a header", none, |_| [5, 0, 0, 3, 16, 0, 0, 0].repeat(500));
    stream("dcerpc", "small fragments", none, |_| fragment(17, b""));
    stream("dcerpc", "binds", none, |_| fragment(11, &[&[0; 8][..], &[255, 0, 0, 0], &[0; 7000]].concat()));
    stream("dcerpc", "alternating contexts", none, |n| {
        let context = [&[0; 8][..], &[1, 0, 0, 0, n as u8, (n >> 8) as u8], &[0; 42]].concat();
        fragment(14, &context)
    });
}

#[test]
fn smb_is_linear() {
    let none: &[u8] = b"";
    let framed = |message: Vec<u8>| [&(message.len() as u32).to_be_bytes()[..], &message].concat();
    let v1 = |command: u8, rest: &[u8]| {
        let mut head = b"\xffSMB".to_vec();
        head.extend([command, 0, 0, 0, 0, 0, 0, 0x80]);
        head.resize(32, 0);
        framed([&head, rest].concat())
    };
    let v2 = |command: u8, next: u8| {
        let mut head = b"\xfeSMB\x40\0\0\0\0\0\0\0".to_vec();
        head.extend([command, 0, 0, 0, 0, 0, 0, 0, next]);
        head.resize(64, 0);
        head
    };
    stream("smb", "a search through zeros", none, |_| vec![0; 4096]);
    stream("smb", "a search through almost a mark", none, |_| b"\0\0\x01\0\xfeSMB\x40".repeat(400));
    stream("smb", "a search through session requests", none, |_| {
        b"\x81\0\0\x44\x20AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".repeat(90)
    });
    stream("smb", "keep-alives", &v1(0x2b, &[0, 0, 0]), |_| [0x85, 0, 0, 0].repeat(900));
    stream("smb", "compounds", none, |_| framed([v2(6, 64).repeat(900), v2(6, 0)].concat()));
    stream("smb", "dialects", none, |_| v1(0x72, &[&[0, 0, 60][..], &b"\x02x\0".repeat(5000)].concat()));
    stream("smb", "texts", none, |_| v1(0x73, &[&[3, 0xff, 0, 0, 0, 0, 0, 0, 60][..], &[b'x'; 15_000]].concat()));
    stream("smb", "small messages", none, |_| v1(0x2b, &[0, 0, 0]));
}

#[test]
fn radius_is_linear() {
    let packet = |n: usize, attribute: &[u8]| {
        let n = n / 10;
        let body: Vec<u8> = attribute.repeat((n - 20) / attribute.len());
        [&[1, 1][..], &(20 + body.len() as u16).to_be_bytes(), &[0; 16], &body].concat()
    };
    datagram_of("radius", "empty attributes", 20_000, |n| packet(n, &[18, 2]));
    datagram_of("radius", "stations", 20_000, |n| packet(n, b"\x1f\x1300-50-56-AA-00-40"));
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
fn messages_behind_their_lengths_are_linear() {
    let none: &[u8] = b"";
    let modbus = |pdu: &[u8]| [&[0, 1, 0, 0, 0, pdu.len() as u8 + 1, 1][..], pdu].concat();
    let read = modbus(&[3, 0, 0, 0, 1]);
    stream("modbus", "shortest messages", none, |_| modbus(&[7]).repeat(500));
    stream("modbus", "identifications of empty objects", none, |_| {
        modbus(&[&[43, 14, 3, 0x83, 0, 0, 120][..], &[0, 0].repeat(120)].concat())
    });
    stream("modbus", "a search through what is almost a header", &[0xff; 8], |_| {
        [0, 0, 0, 0, 0, 250, 1, 3].repeat(500)
    });
    stream("modbus", "a search through zeros", &[&read[..], &[0xff; 8]].concat(), |_| vec![0; 4096]);
    let enip = |command: u8, body: &[u8]| {
        [&[command, 0][..], &(body.len() as u16).to_le_bytes(), &[1, 0, 0, 0], &[0; 16], body].concat()
    };
    stream("enip", "empty packets", none, |_| enip(0, b"").repeat(100));
    stream("enip", "packets of empty items", none, |_| {
        enip(0x6f, &[&[0; 6][..], &[0xff, 0xff], &[0; 4].repeat(16_000)].concat())
    });
    stream("enip", "a search through zeros", &[0xff; 24], |_| vec![0; 4096]);
    let s7 = |body: &[u8]| [&[3, 0][..], &(body.len() as u16 + 7).to_be_bytes(), &[2, 0xf0, 0x80], body].concat();
    stream("s7comm", "empty units", none, |_| s7(b"").repeat(500));
    stream("s7comm", "lists of empty records", none, |_| {
        let data = [&[0xff, 9, 0, 0, 0, 0x1c, 0, 0, 0, 2, 0xff, 0xff][..], &[0; 4000]].concat();
        let head = [0x32, 7, 0, 0, 0, 1, 0, 8, 0, 0, 0, 1, 0x12, 4, 0x12, 0x84, 1, 0];
        s7(&[&head[..], &data].concat())
    });
    stream("s7comm", "a search through what is almost a packet", &[0xff; 8], |_| [3, 0, 0, 30, 2, 0xf0, 3].repeat(500));
    let session = s7(b"\x28");
    stream("rdp", "shortest packets", &session, |_| [0, 2].repeat(2000));
    stream("rdp", "settings of empty blocks", none, |_| {
        let blocks = [&[1, 0xc0, 60, 0][..], &[0; 56], &[9, 0xc0, 4, 0].repeat(4000)].concat();
        let length = (blocks.len() as u16 | 0x8000).to_be_bytes();
        let user = [&[0, 5, 0, 20][..], b"Duca", &length, &blocks].concat();
        let head = [4, 0, 4, 0, 1, 0, 0x30, 0, 0x30, 0, 0x30, 0];
        s7(&[&[0x7f][..], &tlv32(0x65, &[&head[..], &tlv32(4, &user)].concat())].concat())
    });
    stream("rdp", "cookies that do not end", none, |_| {
        [&[3, 0, 0, 211, 206, 0xe0, 0, 0, 0, 0, 0][..], &[b'\r'; 200]].concat()
    });
    stream("rdp", "a search through what is almost a packet", &[0xff; 8], |_| [3, 0, 0, 30, 2, 0xf0, 3].repeat(500));
    let ua = |kind: &str, body: &[u8]| [kind.as_bytes(), &(body.len() as u32 + 8).to_le_bytes(), body].concat();
    stream("opcua", "shortest messages", none, |_| ua("MSGF", &[0; 16]).repeat(100));
    stream("opcua", "openings", none, |_| ua("OPNF", &[0; 24]).repeat(100));
    stream("opcua", "a search through what is almost a header", &[0xff; 8], |_| b"MSGFOPNF".repeat(500));
}

#[test]
fn vnc_is_linear() {
    let version: &[u8] = b"RFB 003.008\n";
    stream("vnc", "what waits for the other side", version, |_| vec![1; 4096]);
    stream("vnc", "versions", version, |_| version.repeat(300));
    stream("vnc", "a version that is none", b"RFB 003.008", |_| vec![b'0'; 4096]);
}

#[test]
fn intellivue_is_linear() {
    let numbers = |numbers: &[u16]| numbers.iter().flat_map(|number| number.to_be_bytes()).collect::<Vec<u8>>();
    let operation = |kind: u16, command: u16, argument: Vec<u8>| {
        let length = argument.len() as u16;
        [numbers(&[0xe100, 2, kind, length + 6, 1, command, length]), argument].concat()
    };
    let create = |n: usize, attribute: &[u8]| {
        let list = attribute.repeat(n / attribute.len());
        let length = list.len() as u16;
        operation(1, 1, [numbers(&[33, 0, 0, 0, 0, 3334, length + 10, 33, 0, 0, u16::MAX, length]), list].concat())
    };
    let result = |n: usize, context: &[u8]| {
        let list = context.repeat(n / context.len());
        let length = list.len() as u16;
        let head = numbers(&[33, 0, 0, 3094, length + 24, 0, 0, 0, 0, 0, 0, 0, 1, 6, 0, u16::MAX, length]);
        operation(2, 7, [head, list].concat())
    };
    datagram("intellivue", "empty attributes", |n| create(n, &[0xf0, 1, 0, 0]));
    datagram("intellivue", "productions", |n| {
        create(n, &[9, 0x2d, 0, 12, 0xff, 0xff, 0, 8, 0, 1, 0, 1, 0, 2, b'x', b'y'])
    });
    datagram("intellivue", "empty contexts", |n| result(n, &[0; 6]));
    datagram("intellivue", "objects", |n| result(n, &[0, 1, 0, 1, 0, 6, 0, 1, 0, 0, 0, 0]));
    datagram("intellivue", "almost an info of the user", |n| {
        let body = [0xbe, 0x80, 0x28, 0x80].repeat((n - 4) / 4);
        [&[0x0d, 0xff][..], &(body.len() as u16).to_be_bytes(), &body].concat()
    });
}

#[test]
fn bacnet_is_linear() {
    let message = |n: usize, apdu: &[u8], unit: &[u8]| {
        let mut bytes = [&[0x81, 10][..], &(n as u16).to_be_bytes(), &[1, 4], apdu].concat();
        bytes.extend(unit.iter().cycle().take(n - bytes.len()));
        bytes
    };
    for (case, apdu, unit) in [
        ("empty values", &[0x30, 1, 12][..], &[0x00][..]),
        ("objects", &[0x30, 1, 3], &[0xc4, 0, 0, 0, 1]),
        ("properties", &[0, 5, 1, 14, 0x0c, 2, 0, 0, 1, 0x1e], &[0x09, 77]),
        ("tags that open and close", &[0x30, 1, 14], &[0x1e, 0x1f]),
        ("texts", &[0x30, 1, 12, 0x0c, 2, 0, 0, 1, 0x19, 121, 0x3e], &[0x72, 0, b'x']),
    ] {
        datagram("bacnet", case, |n| message(n, apdu, unit));
    }
}

#[test]
fn http_is_linear() {
    let none: &[u8] = b"";
    let frame = |kind: u8, flags: u8, payload: &[u8]| {
        [&(payload.len() as u32).to_be_bytes()[1..], &[kind, flags, 0, 0, 0, 1], payload].concat()
    };
    stream("http", "a line that does not end", b"GET /x HTTP/1.1\r\nA: ", |_| vec![b'x'; 4096]);
    stream("http", "a first line that does not end", b"GET /", |_| vec![b'x'; 4096]);
    stream("http", "fields", b"GET /x HTTP/1.1\r\n", |_| b"a:\r\n".repeat(1000));
    stream("http", "folds", b"GET /x HTTP/1.1\r\nA: b\r\n", |_| b" \r\n".repeat(1000));
    stream("http", "lengths", b"GET /x HTTP/1.1\r\n", |_| b"Content-Length: 1,1,1,1,1,1,1,1\r\n".repeat(100));
    stream("http", "requests", none, |_| b"GET / HTTP/1.1\r\n\r\n".repeat(100));
    stream("http", "broken lines", none, |_| b"GET \r\n".repeat(100));
    stream("http", "long paths", none, |_| {
        [&b"GET "[..], &b"/Patientx/%50".repeat(2000), b" HTTP/1.1\r\n\r\n"].concat()
    });
    stream("http", "paths of a study", none, |_| {
        [&b"GET /studies"[..], &b"/series/x".repeat(3000), b" HTTP/1.1\r\n\r\n"].concat()
    });
    stream("http", "chunks", b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", |_| b"1\r\nx\r\n".repeat(500));
    stream("http", "a search", b"\x00", |_| b"GET /\n".repeat(500));
    let preface: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    stream("http", "empty frames", preface, |_| frame(9, 0, b"").repeat(200));
    stream("http", "continuations", &[preface, &frame(1, 0, b"x")].concat(), |_| frame(9, 0, &[b'x'; 200]));
    stream("http", "blocks of indexed fields", preface, |_| frame(1, 4, &[0x82; 8000]));
    stream("http", "blocks of inserted fields", preface, |_| frame(1, 4, &b"\x40\x01a\x00".repeat(2000)));
    stream("http", "evictions", preface, |_| frame(1, 4, &b"\x20\x3f\xe1\x1f\x7a\x00".repeat(2000)));
    stream("http", "a code of ones", preface, |_| {
        frame(1, 4, &[&[0x00, 0xff, 0x80, 0x3d][..], &[0xff; 7935]].concat())
    });
    stream("http", "a search for frames", &[preface, &frame(4, 0, b"x")].concat(), |_| {
        [0, 0x3f, 0xff, 0, 0, 0, 0, 0, 1].repeat(400)
    });
}

#[test]
fn sip_ssdp_and_wsd_are_linear() {
    let none: &[u8] = b"";
    stream("sip", "a head that does not end", b"INVITE sip:a SIP/2.0\r\n", |_| b"a:\r\n".repeat(1000));
    stream("sip", "a line that does not end", b"INVITE sip:a", |_| vec![b'x'; 4096]);
    stream("sip", "requests", none, |_| b"ACK sip:a SIP/2.0\r\nl: 0\r\n\r\n".repeat(100));
    stream("sip", "a search", b"-", |_| b"ACK x\n".repeat(500));
    let repeated =
        |lead: &'static [u8], unit: &'static [u8]| move |n: usize| [lead, &unit.repeat(n / unit.len())].concat();
    datagram("sip", "addresses", repeated(b"ACK sip:a SIP/2.0\r\n", b"f: \"\\\"\"<sip:a@b>\r\n"));
    datagram("ssdp", "targets", repeated(b"NOTIFY * HTTP/1.1\r\n", b"NT: urn:a:device:b\r\n"));
    datagram("wsd", "tags", repeated(b"<a>", b"<b>"));
    datagram("wsd", "what does not end", repeated(b"<a ", b"<!--'"));
    datagram("wsd", "comments", repeated(b"<a>", b"<!---->"));
    datagram("wsd", "types", repeated(b"<Types>", b"a:b "));
    datagram("wsd", "devices", repeated(b"<a>", b"<Probe/>"));
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

#[test]
fn the_kin_of_dns_are_linear() {
    let message = |counts: [u16; 4], n: usize, unit: &[u8]| {
        let mut bytes = dns_message(counts, b"");
        bytes.extend(unit.iter().cycle().take(n));
        bytes
    };
    for name in ["mdns", "llmnr"] {
        datagram(name, "records", |n| records(n, &[0xc0, 12]));
        datagram(name, "records with names of their own", |n| records(n, b"\x01a\x01b\x01c\xc0\x0c"));
        datagram(name, "questions", |n| message([u16::MAX, 0, 0, 0], n, b"\x01a\0\0\x01\0\x01"));
        datagram(name, "empty records", |n| message([0, 0, 0, u16::MAX], n, &[0; 11]));
    }
    let letters = [&[32][..], &[b'A'; 32], &[0]].concat();
    datagram("nbns", "questions", |n| message([u16::MAX, 0, 0, 0], n, &[&letters[..], &[0, 32, 0, 1]].concat()));
    datagram("nbns", "records", |n| message([0, 0, 0, u16::MAX], n, &[&letters[..], &[0; 10]].concat()));
    datagram("nbns", "addresses", |n| {
        let head = [&letters[..], &[0, 32, 0, 1, 0, 0, 0, 0, 0xff, 0xff], &[0; 65535]].concat();
        [&dns_message([0, 1, 0, 0], &head)[..], &vec![0; n]].concat()
    });
}

#[test]
fn what_hosts_say_of_themselves_is_linear() {
    let after = |head: &[u8], n: usize, unit: &[u8]| {
        let mut bytes = head.to_vec();
        bytes.extend(unit.iter().cycle().take(n));
        bytes
    };
    let relay = [&[12, 0][..], &[0; 32], &[0, 9, 0xff, 0xff]].concat();
    datagram("dhcpv6", "empty options", |n| after(&[1, 0, 0, 1], n, &[0, 99, 0, 0]));
    datagram("dhcpv6", "empty associations", |n| after(&[1, 0, 0, 1], n, &[0, 4, 0, 4, 0, 0, 0, 0]));
    datagram("dhcpv6", "relays", |n| after(&[], n, &relay));
    datagram("dhcpv6", "requested options", |n| after(&[1, 0, 0, 1, 0, 6, 0xff, 0xff], n, &[0, 23]));
    datagram("icmpv6", "options", |n| {
        after(&[134, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], n, &[1, 1, 0, 0, 0, 0, 0, 0])
    });
    datagram("igmp", "groups", |n| after(&[0x22, 0, 0, 0, 0, 0, 0xff, 0xff], n, &[4, 0, 0, 0, 239, 1, 1, 1]));
    datagram("igmp", "sources", |n| after(&[0x22, 0, 0, 0, 0, 0, 0, 9], n, &[1, 0, 0, 1, 239, 1, 1, 1, 10, 1, 1, 1]));
    datagram("icmpv6", "groups", |n| after(&[143, 0, 0, 0, 0, 0, 0xff, 0xff], n, &[0; 20]));
    datagram("icmp", "an echo", |n| after(&[8, 0, 0, 0, 0, 0, 0, 0], n, &[0]));
    datagram("lldp", "empty elements", |n| after(&[2, 2, 7, 1, 4, 2, 7, 1, 6, 2, 0, 1], n, &[200, 0]));
    datagram("cdp", "empty elements", |n| after(&[0xaa, 0xaa, 3, 0, 0, 12, 32, 0, 2, 9, 0, 0], n, &[0, 99, 0, 4]));
    datagram("cdp", "addresses", |n| {
        after(&[0xaa, 0xaa, 3, 0, 0, 12, 32, 0, 2, 9, 0, 0, 0, 2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], n, &[1, 0, 0, 0])
    });
    datagram("tftp", "options", |n| after(b"\0\x06", n, b"a\0"));
    datagram("tftp", "a name", |n| after(b"\0\x01", n, b"a"));
}
