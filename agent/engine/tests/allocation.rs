//! Once tables have their size, a packet that comes in order costs no allocation.

use holter_engine::flow::{Close, Conversation, FlowSink, Flows, Limits};
use holter_engine::link::{Checksums, Link, Packet};
use holter_protocols::{Event, Malformed, Way};
use holter_terms::{LinkType, Nanos};

struct Deaf;

impl FlowSink for Deaf {
    fn opened(&mut self, _: &Conversation) {}
    fn event(&mut self, _: &Conversation, _: Way, _: &dyn Event) {}
    fn malformed(&mut self, _: &Conversation, _: Malformed) {}
    fn weird(&mut self, _: &Conversation, _: &'static str) {}
    fn closed(&mut self, _: &Conversation, _: Close) {}
    fn packet(&mut self, _: Nanos, _: &Packet<'_>) {}
}

/// An Ethernet frame of TCP from port 40,000 of one machine to port 11,112 of another.
fn frame(back: bool, sequence: u32, acknowledgment: u32, flags: u8, payload: &[u8]) -> Vec<u8> {
    let (from, to) = if back { (2, 1) } else { (1, 2) };
    let mut frame = vec![2, 0, 0, 0, 0, to, 2, 0, 0, 0, 0, from, 8, 0];
    let total = u16::try_from(40 + payload.len()).unwrap().to_be_bytes();
    frame.extend([0x45, 0, total[0], total[1], 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, from, 10, 0, 0, to]);
    let ports: (u16, u16) = if back { (11_112, 40_000) } else { (40_000, 11_112) };
    frame.extend(ports.0.to_be_bytes());
    frame.extend(ports.1.to_be_bytes());
    frame.extend(sequence.to_be_bytes());
    frame.extend(acknowledgment.to_be_bytes());
    frame.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
    frame.extend(payload);
    frame
}

#[test]
fn packets_in_order_allocate_nothing_once_warm() {
    let mut link = Link::new(Checksums::Verify, [3; 16]);
    let mut flows = Flows::new(Limits::default(), [4; 16]);
    let mut frames = vec![frame(false, 99, 0, 2, b""), frame(true, 499, 100, 0x12, b"")];
    let (mut client, mut server) = (100u32, 500u32);
    for _ in 0..2000 {
        // A data transfer of a peer that is of no known protocol, after it was found to be so, with its answers.
        frames.push(frame(false, client, server, 0x18, &[0x55; 1400]));
        client = client.wrapping_add(1400);
        frames.push(frame(true, server, client, 0x18, b"ok"));
        server = server.wrapping_add(2);
    }
    let (warm_up, measured) = frames.split_at(200);
    let mut run = |frames: &[Vec<u8>]| {
        let work = || {
            for (at, bytes) in frames.iter().enumerate() {
                let at = i64::try_from(at).unwrap() * 1000;
                let packet = link.packet(at, LinkType::ETHERNET, bytes).unwrap().unwrap();
                flows.segment(at, &packet, &mut Deaf);
            }
        };
        allocation_counter::measure(work).count_total
    };
    assert!(run(warm_up) > 0, "the allocator counts");
    assert_eq!(run(measured), 0);
}

#[test]
fn a_dicom_association_in_order_allocates_nothing_per_packet_of_its_images() {
    let mut link = Link::new(Checksums::Verify, [3; 16]);
    let mut flows = Flows::new(Limits::default(), [4; 16]);
    let mut client = 100u32;
    let mut frames = vec![frame(false, 99, 0, 2, b""), frame(true, 499, 100, 0x12, b"")];
    let mut request = vec![1, 0, 0, 0, 0, 0, 0, 1, 0, 0];
    request.extend([b'A'; 16]);
    request.extend([b'B'; 16]);
    request.extend([0; 32]);
    request.extend([0x10, 0, 0, 21]);
    request.extend(b"1.2.840.10008.3.1.1.1");
    let length = u32::try_from(request.len() - 6).unwrap().to_be_bytes();
    request[2..6].copy_from_slice(&length);
    frames.push(frame(false, client, 500, 0x18, &request));
    client += u32::try_from(request.len()).unwrap();
    // P-DATA-TF with one value of data set bytes that ends far away.
    let mut pdu = vec![4, 0, 0, 0x3d, 0x09, 0x06, 0, 0x3d, 0x09, 0x02, 1, 0];
    pdu.resize(1400, 0);
    frames.push(frame(false, client, 500, 0x18, &pdu));
    client += 1400;
    for _ in 0..2000 {
        frames.push(frame(false, client, 500, 0x10, &[0; 1400]));
        client += 1400;
    }
    let mut run = |frames: &[Vec<u8>]| {
        let work = || {
            for (at, bytes) in frames.iter().enumerate() {
                let at = i64::try_from(at).unwrap() * 1000;
                let packet = link.packet(at, LinkType::ETHERNET, bytes).unwrap().unwrap();
                flows.segment(at, &packet, &mut Deaf);
            }
        };
        allocation_counter::measure(work).count_total
    };
    let (warm_up, measured) = frames.split_at(100);
    run(warm_up);
    assert_eq!(run(measured), 0);
    assert_eq!(flows.held(), 0);
}
