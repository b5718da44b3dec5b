//! The same traffic in other wrappings, file formats and orders gives the same events.

use holter_capture::CaptureFile;
use holter_engine::flow::{Close, Conversation, FlowSink, Flows, Limits};
use holter_engine::link::{Checksums, Link, Packet};
use holter_protocols::{Event, Malformed, Way};
use holter_terms::{Nanos, Protocol};
use holter_tests::places;
use std::path::Path;
use std::process::Command;

/// What a capture told: each event with its ends and fields, sorted.
#[derive(Default)]
struct Events {
    tcp: Vec<String>,
    udp: Vec<String>,
    /// Of packets without ports.
    bare: Vec<String>,
    malformed: usize,
}

impl FlowSink for Events {
    fn opened(&mut self, _: &Conversation) {}

    fn event(&mut self, conversation: &Conversation, way: Way, event: &dyn Event) {
        let mut text = format!(
            "{}:{} {}:{} {way:?} {}",
            conversation.client.ip,
            conversation.client.port,
            conversation.server.ip,
            conversation.server.port,
            event.spec().name
        );
        event.visit(&mut |field, value| text.push_str(&format!(" {}={value:?}", field.name)));
        if !conversation.transport.has_ports() {
            self.bare.push(text);
            return;
        }
        let list =
            if conversation.protocol == Protocol::Dhcp || conversation.transport == holter_protocols::Transport::Udp {
                &mut self.udp
            } else {
                &mut self.tcp
            };
        list.push(text);
    }

    fn malformed(&mut self, _: &Conversation, _: Malformed) {
        self.malformed += 1;
    }

    fn weird(&mut self, _: &Conversation, _: &'static str) {}
    fn closed(&mut self, _: &Conversation, _: Close) {}
    fn packet(&mut self, _: Nanos, _: &Packet<'_>) {}
}

fn events(path: &Path) -> Events {
    let mut events = Events::default();
    let mut link = Link::new(Checksums::Verify, [5; 16]);
    let mut flows = Flows::new(Limits::default(), [6; 16]);
    let mut capture = CaptureFile::open(path).unwrap();
    while let Some(frame) = capture.next().unwrap() {
        if let Ok(Some(packet)) = link.packet(frame.at, frame.link, frame.bytes) {
            flows.segment(frame.at, &packet, &mut events);
        }
    }
    flows.finish(&mut events);
    assert_eq!(flows.held(), 0);
    events.bare.sort();
    events.tcp.sort();
    events.udp.sort();
    events
}

/// Whether the ends of an event have addresses of IPv6.
fn is_v6(row: &str) -> bool {
    row.split(' ').next().is_some_and(|end| end.matches(':').count() > 1)
}

#[test]
fn tags_tunnels_formats_order_and_doubling_change_no_event() {
    if !places::installed("python3") {
        return places::skipped("python3 is not installed");
    }
    let root = places::root();
    let folder = tempfile::tempdir().unwrap();
    let status = Command::new("python3")
        .arg(root.join("tests/lab/derive.py"))
        .arg(root.join("demo/capture/baseline.pcap"))
        .arg(folder.path())
        .args(["--skip", "238"])
        .output()
        .unwrap();
    assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stderr));
    let variant = |name: &str| events(&folder.path().join(format!("{name}.pcap")));
    let plain = variant("plain");
    assert!(plain.tcp.len() > 50 && plain.udp.len() > 20, "{} {}", plain.tcp.len(), plain.udp.len());
    for name in [
        "vlan",
        "qinq",
        "qinq9100",
        "vlan_prio",
        "gretap",
        "erspan1",
        "erspan2",
        "erspan3",
        "vxlan",
        "geneve",
        "mpls",
        "raw_ip",
        "sll",
        "sll2",
        "null",
        "padded",
        "nano_be",
    ] {
        let other = variant(name);
        // Two labels over IPv4 frames only: what IPv6 said is not there.
        let there = |row: &&String| name != "mpls" || !is_v6(row);
        assert!(other.tcp.iter().eq(plain.tcp.iter().filter(there)), "{name}");
        if name != "mpls" {
            assert_eq!(other.udp, plain.udp, "{name}");
        }
        // These carry IP alone: what stands beside it in a frame, such as ARP, is not there.
        if !matches!(name, "mpls" | "raw_ip" | "null") {
            assert_eq!(other.bare, plain.bare, "{name}");
        }
        assert_eq!(other.malformed, plain.malformed, "{name}");
    }
    let reordered = variant("reorder");
    let only = |one: &[String], other: &[String]| -> Vec<String> {
        one.iter().filter(|row| !other.contains(row)).cloned().collect()
    };
    assert_eq!(only(&reordered.tcp, &plain.tcp), Vec::<String>::new(), "reorder");
    // One sealed record of 19 bytes, the goodbye of a TLS session, comes behind the end of its conversation here.
    let late = only(&plain.tcp, &reordered.tcp);
    assert!(
        late.len() <= 1 && late.iter().all(|row| row.contains("tls.record.length=Number(19)")),
        "reorder: {late:?}"
    );
    assert_eq!(reordered.udp, plain.udp, "reorder");
    let doubled = variant("dup");
    assert_eq!((doubled.tcp, doubled.udp), (plain.tcp.clone(), plain.udp.clone()), "a doubled mirror");
    let lossy = variant("loss2pct");
    assert!(lossy.tcp.len() * 10 >= plain.tcp.len() * 7, "{} of {}", lossy.tcp.len(), plain.tcp.len());
}
