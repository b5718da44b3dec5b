//! What names or describes a person never becomes a value that can be read, nor part of any name or `Debug` text.
//!
//! Every field that may hold such a thing is filled with a marker of its own. Whatever the decoders then say, in
//! `Plain` values, in event and error names and in `Debug`, is searched for the markers. What a site gave its machines
//! (AE titles, host names, applications) is let through by declaration and is not marked.

mod common;

use common::dicom::*;
use common::{Feed, Lines, protocol};
use holter_protocols::Way::{self, ToClient, ToServer};
use holter_protocols::{Protocol, Sink};

/// Makes markers, and remembers them.
#[derive(Default)]
struct Markers(Vec<String>);

impl Markers {
    fn next(&mut self) -> String {
        let n = self.0.len();
        // Letters only, 12 of them, so that a marker is text in any field.
        let letters = |n: usize| (0..5u32).rev().map(move |at| char::from(b'A' + (n / 26usize.pow(at) % 26) as u8));
        self.0.push(format!("QXJZVKW{}", letters(n).collect::<String>()));
        self.0[n].clone()
    }

    fn search(&self, lines: &Lines, context: &str) {
        let found = self.found(lines);
        assert!(found.is_empty(), "{context}: {found:?} in {:#?}", lines.lines);
    }

    /// What the lines show of the markers; a part of one counts too.
    fn found(&self, lines: &Lines) -> Vec<String> {
        let everything =
            format!("{}\n{}\n{}", lines.lines.join("\n"), lines.debug, String::from_utf8_lossy(&lines.plain));
        let everything = everything.to_ascii_uppercase();
        if !everything.contains("QXJZVKW") {
            return Vec::new();
        }
        let whole = self.0.iter().filter(|marker| everything.contains(&marker[..])).cloned();
        std::iter::once("a marker".to_owned()).chain(whole).collect()
    }
}

fn hear(protocol: &'static dyn Protocol, chunks: &[(Way, Vec<u8>)]) -> Lines {
    let mut lines = Lines { declared: Some(protocol), ..Lines::default() };
    let mut feed = Feed::new(protocol);
    for (way, bytes) in chunks {
        feed.bytes(*way, bytes, &mut lines);
    }
    feed.malformed.iter().for_each(|malformed| lines.debug.push_str(&format!("{malformed:?}")));
    lines
}

/// Elements that describe the machine. All others are marked.
const KEPT: [(u16, u16); 12] = [
    (8, 0x60),
    (8, 0x70),
    (8, 0x1010),
    (8, 0x1090),
    (0x18, 0x1000),
    (0x18, 0x1002),
    (0x18, 0x1008),
    (0x18, 0x1009),
    (0x18, 0x1016),
    (0x18, 0x1018),
    (0x18, 0x1019),
    (0x18, 0x1020),
];

fn marked_data(markers: &mut Markers, explicit_vr: bool) -> Vec<u8> {
    let mut data = Vec::new();
    let tags = [8u16, 9, 0x10, 0x11, 0x12, 0x18, 0x20, 0x32, 0x38, 0x40].into_iter().flat_map(|group| {
        let elements =
            [0x5u16, 0x10, 0x12, 0x14, 0x18, 0x20, 0x21, 0x22, 0x30, 0x40, 0x50, 0x60, 0x70, 0x80, 0x81, 0x90];
        let more =
            [0x92u16, 0x94, 0x1000, 0x1001, 0x1010, 0x1020, 0x1030, 0x1040, 0x1048, 0x1050, 0x1060, 0x1070, 0x1090];
        elements.into_iter().chain(more).chain([0x2154, 0x2160, 0x21b0, 0x4000]).map(move |element| (group, element))
    });
    for tag in tags.filter(|tag| !KEPT.contains(tag)) {
        let marker = markers.next();
        let nested = if explicit_vr {
            explicit(8, 0x70, b"LO", marker.as_bytes())
        } else {
            implicit(8, 0x70, marker.as_bytes())
        };
        let item = [&[0xfe, 0xff, 0, 0xe0][..], &(nested.len() as u32).to_le_bytes(), &nested].concat();
        match (explicit_vr, tag.1 % 3) {
            (true, 0) => data.extend(explicit(tag.0, tag.1, b"SQ", &item)),
            (true, 1) => data.extend(explicit(tag.0, tag.1, b"UN", marker.as_bytes())),
            (true, _) => data.extend(explicit(tag.0, tag.1, b"PN", marker.as_bytes())),
            (false, 0) => data.extend(implicit(tag.0, tag.1, &item)),
            (false, _) => data.extend(implicit(tag.0, tag.1, marker.as_bytes())),
        }
    }
    data
}

#[test]
fn nothing_of_a_dicom_patient_can_be_read() {
    for (syntax, explicit_vr) in [(EXPLICIT, true), (IMPLICIT, false), (EXPLICIT, false), (IMPLICIT, true)] {
        let mut markers = Markers::default();
        let mut chunks = Vec::new();
        let identity = [&[2u8, 1, 0, 12][..], markers.next().as_bytes(), &[0, 12], markers.next().as_bytes()].concat();
        let secret =
            [item(0x58, &identity), item(0x56, markers.next().as_bytes()), item(0x59, markers.next().as_bytes())];
        let items = [context(1, CT, &[syntax]), context(3, VERIFICATION, &[IMPLICIT]), user(&secret.concat())].concat();
        chunks.push((ToServer, request_with(b"ARCHIVE", b"CT01", &items)));
        chunks.push((ToClient, accept(syntax)));
        let data = marked_data(&mut markers, explicit_vr);
        for field in [1u16, 0x20, 0x21, 0x10, 0x100, 0x120, 0x130, 0x140, 0x8020] {
            let command = command_set(
                field,
                &[
                    implicit(0, 0x110, &[1, 0]),
                    implicit(0, 0x800, &[0, 0]),
                    implicit(0, 0x902, markers.next().as_bytes()),
                    implicit(0, 0x1000, markers.next().as_bytes()),
                    implicit(0, 0x1001, markers.next().as_bytes()),
                ],
            );
            let mut body = message(1, &command);
            let parts: Vec<_> = data.chunks(if field == 1 { 100_000 } else { 300 }).collect();
            for (n, part) in parts.iter().enumerate() {
                body.extend(pdu(4, &pdv(1, if n + 1 == parts.len() { LAST } else { 0 }, part)));
            }
            chunks.push((ToServer, body));
        }
        let lines = hear(protocol("dicom"), &chunks);
        assert!(lines.lines.iter().filter(|line| line.contains("dicom.patient=Phi(..)")).count() >= 9, "counted");
        assert!(markers.0.len() > 300, "{} markers", markers.0.len());
        markers.search(&lines, syntax);
        // What is rejected leaks most: the same, cut anywhere and closed as if it were whole.
        for cut in (0..data.len()).step_by(37) {
            let body = [message(1, &store()), pdu(4, &pdv(1, LAST, &data[..cut]))].concat();
            let lines = hear(protocol("dicom"), &[chunks[0].clone(), chunks[1].clone(), (ToServer, body)]);
            markers.search(&lines, "cut");
        }
    }
}

/// Fields that describe a system or a machine, by segment; all others are marked.
fn open_fields(segment: &str) -> &'static [usize] {
    match segment {
        // Sender, receiver, type, version, character set, profile, network addresses.
        "MSH" => &[2, 3, 4, 5, 6, 9, 12, 18, 21, 24, 25],
        "SFT" => &[1, 2, 3],
        "MSA" => &[1],
        "OBX" => &[18],
        "PRT" => &[10, 16, 20],
        "EQU" => &[1],
        _ => &[],
    }
}

fn marked_message(markers: &mut Markers) -> String {
    let mut text = String::from("MSH|^~\\&|HIS|H|ENG|H");
    for field in 7..=25usize {
        text += "|";
        text += &match field {
            9 => "ADT^A01^ADT_A01".to_owned(),
            12 => "2.5.1".to_owned(),
            18 | 21 | 24 | 25 => String::new(),
            _ => markers.next(),
        };
    }
    text += "\r";
    let segments = [
        "SFT", "MSA", "ERR", "EVN", "PID", "PD1", "NK1", "PV1", "PV2", "GT1", "IN1", "IN2", "IN3", "MRG", "DG1", "AL1",
        "IAM", "NTE", "ACC", "ROL", "CON", "TXA", "FT1", "RXA", "RXE", "RXO", "ORC", "OBR", "OBX", "PRT", "EQU", "SCH",
        "AIP", "AIL", "QRD", "QPD", "UAC", "ZPI", "ZZZ", "SPM", "TQ1", "DSP",
    ];
    for segment in segments {
        text += segment;
        for field in 1..=40usize {
            text += "|";
            if open_fields(segment).contains(&field) {
                text += if segment == "MSA" { "AA" } else { "X" };
            } else {
                // Components, subcomponents and repetitions too.
                text += &format!("{}^{}&{}~{}", markers.next(), markers.next(), markers.next(), markers.next());
            }
        }
        text += "\r";
    }
    text
}

#[test]
fn nothing_of_an_hl7_patient_can_be_read() {
    let mut markers = Markers::default();
    let text = marked_message(&mut markers);
    let whole = |text: &[u8]| [b"\x0b", text, b"\x1c\r"].concat();
    let hl7 = protocol("hl7");
    let lines = hear(hl7, &[(ToServer, whole(text.as_bytes())), (ToClient, whole(text.as_bytes()))]);
    assert!(lines.lines[0].contains("hl7.patient=Phi(..)") && markers.0.len() > 6000, "{} markers", markers.0.len());
    markers.search(&lines, "whole");
    for cut in (0..text.len()).step_by(211) {
        let lines = hear(hl7, &[(ToServer, whole(&text.as_bytes()[..cut]))]);
        markers.search(&lines, "cut");
    }
    // Too long for the buffer, so that its end is never read.
    let lines = hear(hl7, &[(ToServer, whole(text.repeat(4).as_bytes()))]);
    markers.search(&lines, "long");
    // Words that are not of the standard's tables, and headers that break.
    for header in [
        "MSH|^~\\&|A|B|C|D|1||{}^{}^{}|X|P|{}||||||{}|||{}^{}^{}",
        "MSH{}",
        "MSH|{}|",
        "{}",
        "BHS|^~\\&|||||{}|{}|{}|{}|{}|{}\rBTS|{}|{}|{}",
    ] {
        let text =
            header.split("{}").fold(String::new(), |text, part| match text.is_empty() && header.starts_with("MSH") {
                true => part.to_owned(),
                false => text + &markers.next() + part,
            });
        let lines = hear(hl7, &[(ToServer, whole(text.as_bytes()))]);
        markers.search(&lines, header);
    }
    let ack =
        format!("MSH|^~\\&|A|B|C|D|1||ACK|X|P|2.5\rMSA|{}|{}|{}\r", markers.next(), markers.next(), markers.next());
    markers.search(&hear(hl7, &[(ToClient, whole(ack.as_bytes()))]), "ack");
}

fn datagram(name: &'static str, bytes: &[u8]) -> Lines {
    let mut lines = Lines { declared: Some(protocol(name)), ..Lines::default() };
    if let Err(malformed) = protocol(name).datagram(ToServer, bytes, &mut lines) {
        lines.weird(malformed.field);
        lines.debug.push_str(&format!("{malformed:?}"));
    }
    lines
}

#[test]
fn nothing_but_names_of_machines_can_be_read_from_dhcp() {
    let mut markers = Markers::default();
    let mut bytes = vec![1, 1, 6, 0, 1, 2, 3, 4, 0, 0, 0, 0];
    bytes.extend([0; 16]);
    bytes.extend([0, 0x18, 0x65, 0xaa, 0, 0x21]);
    bytes.extend([0; 10]);
    for room in [64usize, 128] {
        let mut text = markers.next().into_bytes();
        text.resize(room, 0);
        bytes.extend(text);
    }
    bytes.extend([99, 130, 83, 99]);
    // Numbers and addresses are not text; names and the vendor class are site data by declaration.
    let open = [1u8, 3, 6, 12, 15, 50, 51, 52, 53, 54, 55, 57, 60, 81];
    for code in (1..255u8).filter(|code| !open.contains(code)) {
        let marker = markers.next();
        bytes.extend([code, marker.len() as u8]);
        bytes.extend(marker.as_bytes());
    }
    bytes.push(255);
    let lines = datagram("dhcp", &bytes);
    assert!(lines.lines.last().is_some_and(|line| line.contains("client_mac")));
    markers.search(&lines, "dhcp");
    for cut in 0..bytes.len() {
        markers.search(&datagram("dhcp", &bytes[..cut]), "cut");
    }
}

#[test]
fn nothing_but_names_can_be_read_from_dns() {
    let mut markers = Markers::default();
    let mut bytes = vec![0, 1, 0x81, 0x80, 0, 1, 0, 40, 0, 1, 0, 1];
    bytes.extend(b"\x04pacs\x00\x00\x01\x00\x01");
    // Every type whose data is not an address or a name: TXT, HINFO, NULL, SOA's authority section, unknown ones.
    for kind in (1..u16::MAX).filter(|kind| ![1, 2, 5, 12, 15, 28, 33, 39, 41].contains(kind)).take(40) {
        let marker = markers.next();
        bytes.extend([0xc0, 12]);
        bytes.extend(kind.to_be_bytes());
        bytes.extend([0, 1, 0, 0, 0, 1, 0, 13, 12]);
        bytes.extend(marker.as_bytes());
    }
    let authority = markers.next();
    bytes.extend([&[0xc0, 12, 0, 6, 0, 1, 0, 0, 0, 1, 0, 13, 12][..], authority.as_bytes()].concat());
    let subnet = markers.next();
    bytes.extend([&[0, 0, 41, 16, 0, 0, 0, 0, 0, 0, 16, 0, 8, 0, 12][..], subnet.as_bytes()].concat());
    let lines = datagram("dns", &bytes);
    assert_eq!(lines.lines.len(), 42, "{:#?}", lines.lines);
    markers.search(&lines, "dns");
    for cut in 0..bytes.len() {
        markers.search(&datagram("dns", &bytes[..cut]), "cut");
    }
}

/// A search that cannot find is no proof.
#[test]
fn the_search_finds_a_marker_wherever_it_stands() {
    let found = |lines: Lines| {
        let mut markers = Markers::default();
        markers.next();
        !markers.found(&lines).is_empty()
    };
    let marker = Markers::default().next();
    assert!(found(Lines { lines: vec![format!("x {marker} y")], ..Lines::default() }));
    assert!(found(Lines { debug: format!("x{}y", marker.to_ascii_lowercase()), ..Lines::default() }));
    assert!(found(Lines { plain: marker.into_bytes(), ..Lines::default() }));
    assert!(!found(Lines { plain: b"nothing".to_vec(), ..Lines::default() }));
}
