//! Of every frame of the public captures, the innermost packet is the one that tshark sees innermost.

use holter_capture::CaptureFile;
use holter_engine::link::{Checksums, Link, LinkError, Packet, Transport};
use holter_tests::places::shared;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::path::Path;

/// What both sides can say of a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Innermost {
    /// Ends, transport, ports.
    Ip(IpAddr, IpAddr, &'static str, Option<(u16, u16)>),
    Arp,
    /// A frame without any of these.
    Bare,
    /// A fragment, or what ends before the transport.
    Part(IpAddr, IpAddr),
    Refused(&'static str),
}

fn ours(seen: &Result<Option<Packet<'_>>, LinkError>) -> Innermost {
    let packet = match seen {
        Ok(Some(packet)) => packet,
        Ok(None) => return Innermost::Bare,
        Err(error) => return Innermost::Refused(error.reason.as_str()),
    };
    let (transport, ports) = match packet.transport {
        Transport::Tcp(tcp) => ("tcp", Some((tcp.source, tcp.destination))),
        Transport::Udp(udp) => ("udp", Some((udp.source, udp.destination))),
        Transport::Icmp(_) => ("icmp", None),
        Transport::Other(..) => ("other", None),
        Transport::Arp(_) => return Innermost::Arp,
        Transport::Ether(..) | Transport::Llc(_) => return Innermost::Bare,
    };
    Innermost::Ip(packet.src, packet.dst, transport, ports)
}

/// A row of tshark's: the innermost packet, but not what an ICMP error quotes.
struct Row<'a>(BTreeMap<&'a str, &'a str>);

impl<'a> Row<'a> {
    fn values(&self, column: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        self.0.get(column).copied().unwrap_or_default().split('|').filter(|value| !value.is_empty())
    }

    fn innermost(&self) -> Innermost {
        let mut v4 = self.values("ip.src").zip(self.values("ip.dst"));
        let mut v6 = self.values("ipv6.src").zip(self.values("ipv6.dst"));
        let mut tcp = self.values("tcp.srcport").zip(self.values("tcp.dstport"));
        let mut udp = self.values("udp.srcport").zip(self.values("udp.dstport"));
        let ends = |pair: Option<(&str, &str)>| pair.map(|(src, dst)| (src.parse().unwrap(), dst.parse().unwrap()));
        let ports = |pair: Option<(&str, &str)>| pair.map(|(src, dst)| (src.parse().unwrap(), dst.parse().unwrap()));
        let mut found = Innermost::Bare;
        for protocol in self.0["frame.protocols"].split(':') {
            let below = match &found {
                Innermost::Ip(src, dst, ..) | Innermost::Part(src, dst) => Some((*src, *dst)),
                _ => None,
            };
            found = match (protocol, below) {
                // What is inside counts.
                ("eth" | "gre", _) => Innermost::Bare,
                ("arp", _) => Innermost::Arp,
                ("ip", _) => ends(v4.next()).map_or(found, |(src, dst)| Innermost::Part(src, dst)),
                ("ipv6", _) => ends(v6.next()).map_or(found, |(src, dst)| Innermost::Part(src, dst)),
                ("tcp", Some((src, dst))) => Innermost::Ip(src, dst, "tcp", ports(tcp.next())),
                ("udp", Some((src, dst))) => Innermost::Ip(src, dst, "udp", ports(udp.next())),
                ("icmp" | "icmpv6", Some((src, dst))) => return Innermost::Ip(src, dst, "icmp", None),
                _ => found,
            };
        }
        found
    }
}

/// Why the innermost packet differs: part of a capture's name, what tshark says, what we say, the reason.
const KNOWN: &[(&str, &str, &str, &str)] = &[
    (
        "denial6-6",
        "part",
        "link.fragment",
        "a fragment with more to follow whose length is no multiple of 8: RFC 8200 4.5 has it discarded",
    ),
    (
        "transform-base64-7296",
        "tcp",
        "link.tcp_header",
        "the capture lacks four bytes of an IP header, so a TCP header is told to be shorter than one can be",
    ),
    (
        "arkime_synthetic",
        "icmp",
        "bare",
        "a network service header (RFC 8300), found within data centres only, is not taken off",
    ),
    ("arkime_synthetic", "udp", "udp", "VXLAN-GPE (port 4790), found within data centres only, is not taken off"),
    ("be__test202", "bare", "udp", "the oracle counts custom blocks as frames, so its rows are shifted"),
    ("be__test202", "udp", "udp", "the oracle counts custom blocks as frames, so its rows are shifted"),
    ("FuzzTarget-5114733584449536", "udp", "link.udp_length", "a UDP length beyond the IP packet"),
    ("FuzzTarget-5421416466481152", "udp", "link.udp_length", "a UDP length beyond the IP packet"),
    ("383379789-decrypt-crash", "udp", "link.udp_length", "a UDP length beyond the IP packet"),
    ("FuzzTarget-5165927376355328", "bare", "link.link_type", "a link type that carries no IP is not read"),
    ("icmp6_nodeinfo_oobr", "bare", "link.link_type", "SLIP is not read"),
    (
        "FuzzTarget-6223613626941440",
        "bare",
        "link.ip_version",
        "an IP header of another version than announced; tshark shows data",
    ),
    (
        "kday3",
        "part",
        "link.ip_version",
        "an IP header of another version than announced; tshark reads it as the other one",
    ),
    (
        "383379789-decrypt-crash",
        "bare",
        "link.ip_version",
        "an IP header of another version than announced; tshark shows data",
    ),
    (
        "regression_samples__igmplayer",
        "bare",
        "icmp",
        "tshark takes the file for Nokia's variant and its frames for damaged; as written they are whole",
    ),
    (
        "regression_samples__igmplayer",
        "bare",
        "other",
        "tshark takes the file for Nokia's variant and its frames for damaged; as written they are whole",
    ),
    (
        "dhcp6_reconf_asan",
        "udp",
        "link.fragment_cut",
        "a fragment of which the capture left out a part; tshark reads on",
    ),
    (
        "383379789-decrypt-crash",
        "part",
        "link.fragment_cut",
        "a fragment of which the capture left out a part; tshark tells its ends",
    ),
    ("various_gre", "bare", "other", "a GRE header that carries nothing is the packet"),
    ("arp-leak", "arp", "link.arp", "an ARP message that lies about its lengths"),
    ("mpls-6in6-broken", "bare", "link.ip_version", "noise behind MPLS labels, made to break readers"),
    ("mpls-6in6-broken", "bare", "link.ipv4_header", "noise behind MPLS labels, made to break readers"),
    ("mpls-6in6-broken", "bare", "link.mpls", "noise behind MPLS labels, made to break readers"),
    ("mpls-6in6-broken", "part", "link.ip_version", "noise behind MPLS labels, made to break readers"),
    ("mpls-6in6-broken", "part", "link.mpls", "noise behind MPLS labels, made to break readers"),
    ("ayiya-large-identity", "udp", "udp", "AYIYA is not taken off: its one service ended in 2017"),
];

fn kind(innermost: &Innermost) -> String {
    match innermost {
        Innermost::Ip(_, _, transport, _) => (*transport).to_owned(),
        Innermost::Arp => "arp".to_owned(),
        Innermost::Bare => "bare".to_owned(),
        Innermost::Part(..) => "part".to_owned(),
        Innermost::Refused(reason) => (*reason).to_owned(),
    }
}

/// Whether the two say the same. A protocol other than TCP, UDP and ICMP is a part for tshark's row.
fn agree(theirs: &Innermost, ours: &Innermost) -> bool {
    match (theirs, ours) {
        (Innermost::Part(src, dst), Innermost::Ip(from, to, "other", _)) => (src, dst) == (from, to),
        (theirs, ours) => theirs == ours,
    }
}

#[derive(Default)]
struct Tally {
    frames: u64,
    agreed: u64,
    differences: BTreeMap<(String, String, String), (u64, u64)>,
}

impl Tally {
    fn differ(&mut self, name: &str, theirs: String, ours: String, number: u64) {
        let (count, _) = self.differences.entry((name.to_owned(), theirs, ours)).or_insert((0, number));
        *count += 1;
    }
}

fn compare(path: &Path, name: &str, oracle: &str, tally: &mut Tally) {
    let mut lines = oracle.lines();
    let header: Vec<_> = lines.next().unwrap().split('\t').collect();
    let Ok(mut capture) = CaptureFile::open(path) else { return };
    let mut link = Link::new(Checksums::Ignore, [3; 16]);
    for (number, line) in (1u64..).zip(lines) {
        let row = Row(header.iter().copied().zip(line.split('\t')).collect());
        let Ok(Some(frame)) = capture.next() else { return };
        let before = link.fragment_counts().fragments;
        let packet = link.packet(frame.at, frame.link, frame.bytes);
        let vlan = packet.ok().flatten().map(|packet| packet.vlan);
        let seen = ours(&packet);
        let waits = seen == Innermost::Bare && link.fragment_counts().fragments > before;
        let theirs = row.innermost();
        tally.frames += 1;
        let tag =
            row.values("vlan.id").map(|id| id.parse::<u16>().unwrap()).filter(|id| !matches!(id, 0 | 4095)).last();
        if vlan.is_some_and(|vlan| vlan != tag) {
            tally.differ(name, format!("{tag:?}"), format!("{vlan:?}"), number);
            continue;
        }
        if agree(&theirs, &seen) || (waits && matches!(theirs, Innermost::Part(..))) {
            tally.agreed += 1;
            continue;
        }
        let ours = if waits { "waits".to_owned() } else { kind(&seen) };
        tally.differ(name, kind(&theirs), ours, number);
    }
}

#[test]
fn the_innermost_packet_is_tsharks_or_the_difference_is_explained() {
    let Some(corpus) = shared("corpus") else { return };
    let index = std::fs::read_to_string(corpus.join("oracle/index.tsv")).unwrap();
    let mut tally = Tally::default();
    for line in index.lines().skip(1) {
        let name = line.split('\t').next().unwrap();
        let Ok(oracle) = std::fs::read(corpus.join(format!("oracle/{name}.frame.tsv"))) else { continue };
        let path = match name.strip_prefix("clinical__") {
            Some(clinical) => corpus.join("clinical").join(clinical),
            None => corpus.join("captures").join(name),
        };
        compare(&path, name, &String::from_utf8_lossy(&oracle), &mut tally);
    }
    let mut unexplained = Vec::new();
    let mut used = BTreeSet::new();
    let mut reasons: BTreeMap<&str, u64> = BTreeMap::new();
    for ((name, theirs, ours), (count, first)) in &tally.differences {
        let known =
            KNOWN.iter().position(|(capture, one, other, _)| name.contains(capture) && one == theirs && other == ours);
        match known {
            Some(known) => {
                used.insert(known);
                let (_, _, _, why) = KNOWN[known];
                *reasons.entry(why).or_default() += count;
            }
            None => unexplained.push(format!("{name}: frame {first} and so {count}: tshark {theirs}, here {ours}")),
        }
    }
    eprintln!("{} frames, {} the same", tally.frames, tally.agreed);
    reasons.iter().for_each(|(why, count)| eprintln!("{count}: {why}"));
    assert!(unexplained.is_empty(), "{}", unexplained.join("\n"));
    assert!(tally.frames > 100_000, "{} frames", tally.frames);
    let unused: Vec<_> = KNOWN.iter().enumerate().filter(|(n, _)| !used.contains(n)).map(|(_, known)| known).collect();
    assert!(unused.is_empty(), "explained and not met: {unused:?}");
}
