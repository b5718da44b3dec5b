//! ARP: what is read, and what hostile messages lead to.

mod common;

use common::{hear, sample};
use holter_protocols::Way::ToServer;
use holter_protocols::arp::Arp;
use holter_protocols::{Protocol, Transport, Verdict};

fn probe(bytes: &[u8]) -> Verdict {
    Arp.probe(Transport::Ether(0x0806), ToServer, bytes)
}

#[test]
fn who_asks_for_whom_is_read() {
    assert_eq!(
        hear(&Arp, &sample(&Arp, "answer-reply.bin")).lines,
        ["arp.message arp.opcode=2 arp.sender_mac=02:00:5e:20:00:01 arp.sender=10.20.9.1 \
          arp.target_mac=02:00:5e:20:00:02 arp.target=10.20.9.2"]
    );
    let lines = hear(&Arp, &sample(&Arp, "probe.bin")).lines;
    assert!(!lines[0].contains("arp.sender=") && !lines[0].contains("arp.target_mac"), "{lines:?}");
}

#[test]
fn ip_12_lengths_that_lie_are_malformed_wherever_they_lie() {
    let good = sample(&Arp, "request.bin");
    for (at, field) in [(2, "arp.protocol"), (4, "arp.lengths"), (5, "arp.lengths")] {
        for value in [0, 7, 16, 255] {
            let mut bytes = good.clone();
            bytes[at] = value;
            assert_eq!(hear(&Arp, &bytes).lines, [format!("weird {field}")]);
            assert_ne!(probe(&bytes), Verdict::Yes);
        }
    }
    for cut in 0..good.len() {
        let lines = hear(&Arp, &good[..cut]).lines;
        assert!(lines.len() == 1 && lines[0].starts_with("weird arp."), "cut at {cut}: {lines:?}");
        assert_ne!(probe(&good[..cut]), Verdict::Yes);
    }
    // Padding of the frame is no part of it.
    assert_eq!(hear(&Arp, &[&good[..], &[0; 18]].concat()).lines, hear(&Arp, &good).lines);
}

#[test]
fn a_group_as_a_sender_is_noticed() {
    let mut bytes = sample(&Arp, "request.bin");
    bytes[8] = 0xff;
    assert_eq!(hear(&Arp, &bytes).lines[0], "weird arp.sender_mac");
}
