//! What is claimed of foreign traffic: nothing by DICOM and HL7, and by DHCP and DNS only their own.
//!
//! Over the public captures of the shared corpus, where they are at hand. Every payload is offered as if it were the
//! first of its conversation, which is more than an engine would ever offer.

mod common;

use holter_protocols::Way::ToServer;
use holter_protocols::{ALL, Transport, Verdict};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// TCP and UDP payloads over IPv4 in a pcap file of Ethernet frames, with the lower of the two ports.
fn payloads(file: &[u8], mut see: impl FnMut(Transport, u16, &[u8])) -> Option<()> {
    let little = matches!(file.get(..4)?, [0xd4, 0xc3, 0xb2, 0xa1] | [0x4d, 0x3c, 0xb2, 0xa1]);
    let word = |at: usize| {
        let bytes: [u8; 4] = file.get(at..at + 4)?.try_into().ok()?;
        Some(if little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    };
    if word(20)? & 0xffff != 1 {
        return None;
    }
    let mut at = 24;
    while let Some(length) = word(at + 8) {
        let frame = file.get(at + 16..at + 16 + length as usize)?;
        at += 16 + length as usize;
        let mut one = || {
            let packet = frame.get(14..).filter(|_| frame[12..14] == [8, 0])?;
            let header = usize::from(packet.first()? & 15) * 4;
            let total = usize::from(u16::from_be_bytes(packet.get(2..4)?.try_into().ok()?));
            let segment = packet.get(header..total)?;
            let port = |at: usize| Some(u16::from_be_bytes(segment.get(at..at + 2)?.try_into().ok()?));
            let lower = port(0)?.min(port(2)?);
            match packet.get(9)? {
                6 => see(Transport::Tcp, lower, segment.get(usize::from(segment.get(12)? >> 4) * 4..)?),
                17 => see(Transport::Udp, lower, segment.get(8..)?),
                _ => {}
            }
            Some(())
        };
        one();
    }
    Some(())
}

fn captures(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.path() {
                path if path.is_dir() => folders.push(path),
                path if path.extension().is_some_and(|extension| extension == "pcap" || extension == "cap") => {
                    found.push(path);
                }
                _ => {}
            }
        }
    }
    found.sort();
    found
}

#[test]
#[allow(clippy::print_stdout, reason = "says why it did not run")]
fn foreign_traffic_is_claimed_by_nobody_it_does_not_belong_to() {
    let Some(shared) = common::shared() else { return println!("skipped: no shared corpus") };
    let mut files = captures(&shared.join("corpus/captures"));
    files.extend(captures(&shared.join("corpus/iot-sentinel")));
    let mut claims: BTreeMap<(&str, u16), u32> = BTreeMap::new();
    let mut seen = 0u64;
    for path in &files {
        let file = std::fs::read(path).expect("readable");
        payloads(&file, |transport, port, payload| {
            if payload.is_empty() {
                return;
            }
            seen += 1;
            for protocol in ALL.iter().filter(|protocol| protocol.transports().contains(&transport)) {
                let claimed = match protocol.probe(transport, ToServer, payload) {
                    Verdict::Yes => true,
                    Verdict::Likely => protocol.ports().contains(&port),
                    Verdict::Unsure | Verdict::No => false,
                };
                if claimed {
                    *claims.entry((protocol.name(), port)).or_default() += 1;
                }
            }
        });
    }
    assert!(seen > 10_000, "only {seen} payloads in {} files", files.len());
    println!("{seen} payloads, claims by protocol and lower port: {claims:?}");
    let dns = claims.get(&("dns", 53)).copied().unwrap_or_default();
    for ((name, port), count) in claims {
        let own = match name {
            "dicom" | "hl7" => false,
            "dhcp" => matches!(port, 67 | 68),
            // An LLMNR query for a name of several labels cannot be told from a DNS query without recursion.
            "dns" => port == 53 || port == 5355 && count * 100 < dns,
            // The others are compared with an independent decoder, frame by frame, in `tests/conformance`.
            _ => true,
        };
        assert!(own, "{name} claims {count} payloads on port {port}");
    }
}
