//! The link room: wrappings, bad lengths, fragments.

use holter_engine::link::{
    Checksums, Flags, Link, LinkError, MAX_DATAGRAMS, MAX_NESTED, MAX_PIECES, PATIENCE, Packet, Reason, Transport,
    dissect,
};
use holter_terms::{LinkType, Mac};
use proptest::prelude::*;
use std::net::{IpAddr, Ipv6Addr};

const FROM: [u8; 4] = [10, 0, 0, 1];
const TO: [u8; 4] = [10, 0, 0, 2];

fn ethernet(kind: u16, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1];
    frame.extend(kind.to_be_bytes());
    frame.extend(payload);
    frame
}

fn udp(payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len() + 8).unwrap();
    let mut bytes = [40_000u16.to_be_bytes(), 53u16.to_be_bytes(), length.to_be_bytes(), [0, 0]].concat();
    bytes.extend(payload);
    bytes
}

fn udp_to(port: u16, payload: &[u8]) -> Vec<u8> {
    let mut bytes = udp(payload);
    bytes[2..4].copy_from_slice(&port.to_be_bytes());
    bytes
}

/// An IPv4 packet; `place` is the field of fragment flags and offset.
fn ipv4_part(protocol: u8, id: u16, place: u16, payload: &[u8]) -> Vec<u8> {
    let total = u16::try_from(20 + payload.len()).unwrap().to_be_bytes();
    let (id, place) = (id.to_be_bytes(), place.to_be_bytes());
    let mut bytes = vec![0x45, 0, total[0], total[1], id[0], id[1], place[0], place[1], 64, protocol, 0, 0];
    bytes.extend(FROM);
    bytes.extend(TO);
    bytes.extend(payload);
    bytes
}

fn ipv4(protocol: u8, payload: &[u8]) -> Vec<u8> {
    ipv4_part(protocol, 0, 0, payload)
}

fn ipv6(next: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x60, 0, 0, 0];
    bytes.extend(u16::try_from(payload.len()).unwrap().to_be_bytes());
    bytes.extend([next, 64]);
    bytes.extend([0x20; 16]);
    bytes.extend([0x30; 16]);
    bytes.extend(payload);
    bytes
}

fn ipv6_fragment(id: u32, offset: u16, more: bool, payload: &[u8]) -> Vec<u8> {
    let place = (offset | u16::from(more)).to_be_bytes();
    let mut bytes = vec![17, 0, place[0], place[1]];
    bytes.extend(id.to_be_bytes());
    bytes.extend(payload);
    ipv6(44, &bytes)
}

fn look(frame: &[u8]) -> Result<Option<Packet<'_>>, LinkError> {
    dissect(LinkType::ETHERNET, frame, Checksums::Verify)
}

fn payload<'a>(packet: &Packet<'a>) -> &'a [u8] {
    match packet.transport {
        Transport::Udp(udp) => udp.payload,
        Transport::Tcp(tcp) => tcp.payload,
        _ => panic!("{packet:?}"),
    }
}

fn hello_in(frame: &[u8]) -> (u8, Option<u16>) {
    let packet = look(frame).unwrap().unwrap();
    assert_eq!(payload(&packet), b"hello");
    assert_eq!((packet.src, packet.dst), (IpAddr::from(FROM), IpAddr::from(TO)));
    (packet.tunnels, packet.vlan)
}

fn refused(frame: &[u8]) -> Reason {
    look(frame).unwrap_err().reason
}

fn inner() -> Vec<u8> {
    ipv4(17, &udp(b"hello"))
}

#[test]
fn a_datagram_is_read_with_its_ends() {
    let frame = ethernet(0x0800, &inner());
    let packet = look(&frame).unwrap().unwrap();
    assert_eq!(packet.src_mac, Some(Mac([2, 0, 0, 0, 0, 1])));
    assert_eq!(packet.dst_mac, Some(Mac([2, 0, 0, 0, 0, 2])));
    assert_eq!((packet.ttl, packet.truncated, packet.vlan), (64, false, None));
    let Transport::Udp(udp) = packet.transport else { panic!() };
    assert_eq!((udp.source, udp.destination, udp.payload, udp.cut), (40_000, 53, &b"hello"[..], 0));
}

#[test]
fn tags_are_taken_off_and_the_innermost_is_told() {
    let tag = |id: u16, kind: u16, rest: &[u8]| [&id.to_be_bytes()[..], &kind.to_be_bytes(), rest].concat();
    assert_eq!(hello_in(&ethernet(0x8100, &tag(30, 0x0800, &inner()))), (0, Some(30)));
    assert_eq!(hello_in(&ethernet(0x88a8, &tag(900, 0x8100, &tag(0xe000 | 30, 0x0800, &inner())))), (0, Some(30)));
    assert_eq!(hello_in(&ethernet(0x8100, &tag(0xa000, 0x0800, &inner()))), (0, None), "a priority tag");
    assert_eq!(hello_in(&ethernet(0x9100, &tag(7, 0x8100, &tag(0, 0x0800, &inner())))), (0, Some(7)));
}

#[test]
fn ip_11_a_frame_of_ten_tags_is_refused_at_the_bound() {
    let tags = |n: u8| {
        let mut rest = [&[0x08, 0][..], &inner()].concat();
        for _ in 0..n {
            rest = [&[0x81, 0, 0, 5][..], &rest].concat();
        }
        [&[2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1][..], &rest].concat()
    };
    assert_eq!(hello_in(&tags(MAX_NESTED)), (0, Some(5)));
    assert_eq!(refused(&tags(10)), Reason::Nested);
}

#[test]
fn ip_11_tunnels_are_taken_off_up_to_the_bound() {
    let whole = ethernet(0x0800, &inner());
    let gre = |kind: u16, rest: &[u8]| ipv4(47, &[&[0, 0][..], &kind.to_be_bytes(), rest].concat());
    let sequenced = |kind: u16, header: &[u8]| {
        ipv4(47, &[&[0x10, 0][..], &kind.to_be_bytes(), &[0, 0, 0, 1], header, &whole].concat())
    };
    let mut wrapped = vec![
        ipv4(4, &inner()),
        gre(0x0800, &inner()),
        gre(0x6558, &whole),
        gre(0x88be, &whole),
        sequenced(0x88be, &[0x10, 0, 0, 0, 0, 0, 0, 0]),
        sequenced(0x22eb, &[0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        sequenced(0x22eb, &[0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]),
        ipv4(17, &udp_to(4789, &[&[8, 0, 0, 0, 0, 0, 42, 0][..], &whole].concat())),
        ipv4(17, &udp_to(6081, &[&[1, 0, 0x65, 0x58, 0, 0, 9, 0, 0, 0, 0, 0][..], &whole].concat())),
    ];
    for tunnel in &wrapped {
        assert_eq!(hello_in(&ethernet(0x0800, tunnel)), (1, None));
    }
    assert_eq!(hello_in(&ethernet(0x86dd, &ipv6(4, &inner()))), (1, None));
    let mut deep = inner();
    for _ in 0..MAX_NESTED {
        deep = ipv4(4, &deep);
    }
    assert_eq!(hello_in(&ethernet(0x0800, &deep)), (MAX_NESTED, None));
    for _ in MAX_NESTED..64 {
        deep = ipv4(4, &deep);
    }
    assert_eq!(refused(&ethernet(0x0800, &deep)), Reason::Nested);
    for tunnel in &mut wrapped {
        tunnel.truncate(27);
        assert!(look(&ethernet(0x0800, tunnel)).is_err() || look(&ethernet(0x0800, tunnel)).unwrap().is_some());
    }
}

const SNAP: [u8; 8] = [0xaa, 0xaa, 3, 0, 0, 0, 8, 0];

/// A packet behind PPPoE and PPP.
fn in_session(packet: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(packet.len() + 2).unwrap().to_be_bytes();
    [&[0x11, 0, 0, 1, high, low, 0, 0x21][..], packet].concat()
}

/// A packet in a data frame of 802.11; `rest` is what the header has behind its three addresses.
fn wlan(control: u8, flags: u8, rest: &[u8], packet: &[u8]) -> Vec<u8> {
    let addresses = [[1; 6], [2; 6], [3; 6]].concat();
    [&[control, flags, 0, 0][..], &addresses, &[0x10, 0], rest, &SNAP, packet].concat()
}

#[test]
fn data_of_wireless_frames_is_read_with_its_ends() {
    let ends = |link, frame: &[u8]| {
        let packet = dissect(LinkType(link), frame, Checksums::Verify).unwrap()?;
        assert_eq!(payload(&packet), b"hello");
        Some((packet.src_mac?.0[0], packet.dst_mac?.0[0]))
    };
    // (to, from) the distribution system: which addresses are the ends (IEEE 802.11-2020 table 9-30).
    assert_eq!(ends(105, &wlan(0x08, 0, &[], &inner())), Some((2, 1)));
    assert_eq!(ends(105, &wlan(0x08, 1, &[], &inner())), Some((2, 3)));
    assert_eq!(ends(105, &wlan(0x08, 2, &[], &inner())), Some((3, 1)));
    assert_eq!(ends(105, &wlan(0x08, 3, &[4; 6], &inner())), Some((4, 3)));
    let quality = [5, 0];
    assert_eq!(ends(105, &wlan(0x88, 2, &quality, &inner())), Some((3, 1)));
    assert_eq!(ends(105, &wlan(0x88, 0x82, &[5, 0, 9, 9, 9, 9], &inner())), Some((3, 1)), "HT control");
    let captured = |header: &[u8], rest: &[u8]| [header, &wlan(0x88, 2, rest, &inner())].concat();
    // With a time stamp and flags that tell of padding, the header of 26 bytes is padded to 28.
    let padded = [0, 0, 17, 0, 3, 0, 0, 0, 9, 9, 9, 9, 9, 9, 9, 9, 0x20];
    assert_eq!(ends(127, &captured(&padded, &[5, 0, 0, 0])), Some((3, 1)));
    let longer = [0, 0, 13, 0, 2, 0, 0, 0x80, 0, 0, 0, 0, 0];
    assert_eq!(ends(127, &captured(&longer, &quality)), Some((3, 1)), "a second bitmap");
    for (control, flags, rest) in
        [(0x08, 0x42, &[][..]), (0x48, 2, &[]), (0x80, 0, &[]), (0xb4, 0, &[]), (0x88, 2, &[0x85, 0]), (0x08, 6, &[])]
    {
        assert_eq!(ends(105, &wlan(control, flags, rest, &inner())), None, "{control:#x} {flags:#x}");
    }
    for cut in 0..40 {
        let _ = dissect(LinkType(127), &captured(&padded, &quality)[..cut], Checksums::Verify);
    }
    assert_eq!(dissect(LinkType(127), &[0, 0, 3, 0], Checksums::Verify).unwrap_err().reason, Reason::Link);
}

#[test]
fn tunnels_of_mobile_networks_are_taken_off_and_their_signalling_is_a_datagram() {
    let gtp = |flags: u8, kind: u8, options: &[u8], packet: &[u8]| {
        let [high, low] = u16::try_from(options.len() + packet.len()).unwrap().to_be_bytes();
        let header = [&[flags, kind, high, low, 0, 0, 0, 7][..], options, packet].concat();
        ethernet(0x0800, &ipv4(17, &udp_to(2152, &header)))
    };
    assert_eq!(hello_in(&gtp(0x30, 255, &[], &inner())), (1, None));
    assert_eq!(hello_in(&gtp(0x32, 255, &[0, 9, 0, 0xc0], &inner())), (1, None), "a number, and no header by the flag");
    assert_eq!(hello_in(&gtp(0x34, 255, &[0, 0, 0, 0x85, 1, 0, 9, 0], &inner())), (1, None));
    let two = [0, 0, 0, 0x85, 2, 0, 9, 0, 0, 0, 0, 0xc0, 1, 0, 0, 0];
    assert_eq!(hello_in(&gtp(0x36, 255, &two, &inner())), (1, None));
    let chain = [&[0, 0, 0, 0x85][..], &[1, 0, 0, 0x85].repeat(20)].concat();
    let endless = [0, 0, 0, 0x85, 0, 0, 0, 0];
    for frame in [
        gtp(0x30, 1, &[], &inner()),
        gtp(0x50, 255, &[], &inner()),
        gtp(0x20, 255, &[], &inner()),
        gtp(0x34, 255, &chain, &inner()),
        gtp(0x34, 255, &endless, &inner()),
        gtp(0x30, 255, &[], b"words of its own"),
        gtp(0x34, 255, &[0, 0, 0], &[]),
    ] {
        let packet = look(&frame).unwrap().unwrap();
        assert!(matches!(packet.transport, Transport::Udp(udp) if udp.destination == 2152), "{packet:?}");
    }
}

#[test]
fn teredo_is_taken_off_where_its_packet_fills_the_datagram_and_bears_its_prefix() {
    let mut packet = ipv6(17, &udp(b"hello"));
    packet[8..12].copy_from_slice(&[0x20, 1, 0, 0]);
    let sent = |headers: &[u8], packet: &[u8]| {
        let mut datagram = udp_to(3544, &[headers, packet].concat());
        let towards = ethernet(0x0800, &ipv4(17, &datagram));
        datagram.swap(0, 2);
        datagram.swap(1, 3);
        [towards, ethernet(0x0800, &ipv4(17, &datagram))]
    };
    let authentication = [&[0, 1, 2, 3][..], &[9; 2 + 3 + 8 + 1]].concat();
    let origin = [0, 0, 0xf0, 0x12, 1, 2, 3, 4];
    for headers in [&[][..], &authentication, &origin, &[&authentication[..], &origin].concat()] {
        for frame in sent(headers, &packet) {
            let inside = look(&frame).unwrap().unwrap();
            assert_eq!((payload(&inside), inside.tunnels), (&b"hello"[..], 1));
            assert!(inside.src.is_ipv6());
        }
    }
    let mut other = packet.clone();
    other[8] = 0x30;
    for (headers, packet) in [(&[][..], &other[..]), (&[], &[&packet[..], &[0]].concat()), (&[0, 1, 250, 250], &packet)]
    {
        for frame in sent(headers, packet) {
            let inside = look(&frame).unwrap().unwrap();
            assert_eq!((inside.tunnels, inside.src), (0, IpAddr::from(FROM)));
        }
    }
}

#[test]
fn tags_of_security_groups_and_redirections_are_taken_off() {
    let tag = [1, 1, 0, 1, 0, 7];
    assert_eq!(hello_in(&ethernet(0x8909, &[&tag[..], &[8, 0], &inner()].concat())), (0, None));
    let vlan = [&[0, 30, 0x89, 9][..], &tag, &[8, 0], &inner()].concat();
    assert_eq!(hello_in(&ethernet(0x8100, &vlan)), (0, Some(30)));
    let gre = |rest: &[u8]| ethernet(0x0800, &ipv4(47, rest));
    assert_eq!(hello_in(&gre(&[&[0, 0, 0x89, 9, 8, 0][..], &tag, &inner()].concat())), (1, None));
    assert_eq!(hello_in(&gre(&[&[0, 0, 0x88, 0x3e][..], &[0, 0, 0, 0], &inner()].concat())), (1, None));
    assert_eq!(hello_in(&gre(&[&[0, 0, 0x88, 0x3e][..], &inner()].concat())), (1, None));
}

#[test]
fn labels_and_sessions_are_taken_off() {
    let labels = [&[0, 0, 16, 64, 0, 0, 0x21, 64][..], &inner()].concat();
    assert_eq!(hello_in(&ethernet(0x8847, &labels)), (0, None));
    let pseudowire = [&[0, 0, 0x21, 64, 0, 0, 0, 0][..], &ethernet(0x0800, &inner())].concat();
    assert_eq!(hello_in(&ethernet(0x8847, &pseudowire)), (0, None));
    assert_eq!(hello_in(&ethernet(0x8864, &in_session(&inner()))), (0, None));
    assert_eq!(refused(&ethernet(0x8847, &[0; 100])), Reason::Mpls, "a stack without a bottom");
}

#[test]
fn every_link_type_that_is_read_gives_the_same_packet() {
    let cooked = [&[0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0][..], &inner()].concat();
    let cooked2 = [&[8, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0][..], &inner()].concat();
    let null = [&[2, 0, 0, 0][..], &inner()].concat();
    for (link, frame) in [
        (LinkType::LINUX_SLL, &cooked),
        (LinkType::LINUX_SLL2, &cooked2),
        (LinkType::NULL, &null),
        (LinkType::LOOP, &null),
        (LinkType::RAW, &inner()),
        (LinkType::IPV4, &inner()),
        (LinkType(10), &[&[0x50][..], &[2; 12], &SNAP, &inner()].concat()),
        (LinkType(51), &in_session(&inner())),
        (LinkType(105), &wlan(0x08, 0x02, &[], &inner())),
        (LinkType(127), &[&[0, 0, 8, 0, 0, 0, 0, 0][..], &wlan(0x08, 0x02, &[], &inner())].concat()),
    ] {
        let packet = dissect(link, frame, Checksums::Verify).unwrap().unwrap();
        assert_eq!(payload(&packet), b"hello", "{link:?}");
        assert_eq!(packet.dst, IpAddr::from(TO));
    }
    assert_eq!(
        dissect(LinkType::LINUX_SLL2, &cooked2, Checksums::Verify).unwrap().unwrap().src_mac,
        Some(Mac([2, 0, 0, 0, 0, 1]))
    );
    assert_eq!(dissect(LinkType(147), &cooked, Checksums::Verify).unwrap_err().reason, Reason::LinkType);
}

#[test]
fn ip_12_snap_frames_are_read_and_other_802_3_frames_handed_on_whole() {
    let length = u16::try_from(inner().len() + 8).unwrap();
    let snap = [&[0xaa, 0xaa, 3, 0, 0, 0, 8, 0][..], &inner()].concat();
    assert_eq!(hello_in(&ethernet(length, &snap)), (0, None));
    let tree = [0x42, 0x42, 3, 0, 0, 0];
    let padded = ethernet(6, &[&tree[..], &[0; 40]].concat());
    assert_eq!(look(&padded).unwrap().unwrap().transport, Transport::Llc(&tree), "spanning tree");
    assert_eq!(refused(&ethernet(2, &[0xaa, 0xaa, 3, 0, 0, 0])), Reason::Llc);
}

#[test]
fn ip_12_arp_is_read_and_one_that_lies_about_its_lengths_is_counted() {
    let mut arp = vec![0, 1, 8, 0, 6, 4, 0, 2, 2, 0, 0, 0, 0, 1];
    arp.extend(FROM);
    arp.extend([2, 0, 0, 0, 0, 2]);
    arp.extend(TO);
    let frame = ethernet(0x0806, &arp);
    let packet = look(&frame).unwrap().unwrap();
    let Transport::Arp(said) = packet.transport else { panic!() };
    assert_eq!((said.operation, said.sender), (2, Mac([2, 0, 0, 0, 0, 1])));
    assert_eq!((packet.src, packet.dst), (IpAddr::from(FROM), IpAddr::from(TO)));
    arp[4] = 255;
    assert_eq!(refused(&ethernet(0x0806, &arp)), Reason::Arp);
    assert_eq!(refused(&ethernet(0x0806, &arp[..20])), Reason::Arp);
}

#[test]
fn ip_12_trailing_bytes_of_ethernet_are_not_payload() {
    let mut frame = ethernet(0x0800, &inner());
    frame.extend([0xee; 40]);
    assert_eq!(hello_in(&frame), (0, None));
}

#[test]
fn ip_9_a_packet_cut_by_the_capture_length_is_told_and_its_beginning_read() {
    let frame = ethernet(0x0800, &ipv4(17, &udp(&[b'a'; 500])));
    let packet = look(&frame[..142]).unwrap().unwrap();
    assert!(packet.truncated);
    let Transport::Udp(udp) = packet.transport else { panic!() };
    assert_eq!((udp.payload.len(), udp.cut), (100, 400));
}

#[test]
fn ip_9_lengths_that_contradict_the_header_are_counted_by_reason() {
    let mut short = inner();
    short[2..4].copy_from_slice(&19u16.to_be_bytes());
    assert_eq!(refused(&ethernet(0x0800, &short)), Reason::Ipv4Header);
    let mut header = inner();
    header[0] = 0x44;
    assert_eq!(refused(&ethernet(0x0800, &header)), Reason::Ipv4Header);
    header[0] = 0x65;
    assert_eq!(refused(&ethernet(0x0800, &header)), Reason::IpVersion);
    let mut datagram = udp(b"hello");
    datagram[5] = 200;
    assert_eq!(refused(&ethernet(0x0800, &ipv4(17, &datagram))), Reason::UdpLength);
    datagram[5] = 7;
    assert_eq!(refused(&ethernet(0x0800, &ipv4(17, &datagram))), Reason::UdpLength);
    assert_eq!(refused(&ethernet(0x0800, &ipv4(6, &[0; 19]))), Reason::TcpHeader);
    let mut offset = [0; 20];
    offset[12] = 0x40;
    assert_eq!(refused(&ethernet(0x0800, &ipv4(6, &offset))), Reason::TcpHeader);
    assert_eq!(refused(&[2, 0, 0]), Reason::Link);
}

#[test]
fn ip_7_a_wrong_checksum_is_refused_unless_it_is_to_be_ignored_or_was_left_to_the_card() {
    let mut header = inner();
    header[10] = 0x12;
    assert_eq!(refused(&ethernet(0x0800, &header)), Reason::Ipv4Checksum);
    let mut datagram = udp(b"hello");
    // Computed by hand: the sum of the pseudo header alone, as a card is handed it.
    let pseudo = (0x0a00u32 + 0x0001 + 0x0a00 + 0x0002 + 17 + 13) as u16;
    for (given, right) in [(0, true), (0x1234, false), (pseudo, true)] {
        datagram[6..8].copy_from_slice(&u16::to_be_bytes(given));
        let frame = ethernet(0x0800, &ipv4(17, &datagram));
        assert_eq!(look(&frame).is_ok(), right, "{given:#x}");
        assert!(dissect(LinkType::ETHERNET, &frame, Checksums::Ignore).is_ok());
    }
    // The right one: the complement of the sum of pseudo header, header and payload.
    let sum = u32::from(pseudo) + 40_000 + 53 + 13 + 0x6865 + 0x6c6c + 0x6f00;
    let folded = (sum & 0xffff) + (sum >> 16);
    datagram[6..8].copy_from_slice(&(!(folded as u16)).to_be_bytes());
    assert!(look(&ethernet(0x0800, &ipv4(17, &datagram))).is_ok());
}

#[test]
fn tcp_15_a_tcp_checksum_of_zero_counts_as_left_to_the_card() {
    let mut segment = [0u8; 20];
    segment[12] = 0x50;
    segment[13] = Flags::SYN.0;
    assert!(look(&ethernet(0x0800, &ipv4(6, &segment))).is_ok());
    segment[17] = 9;
    assert_eq!(refused(&ethernet(0x0800, &ipv4(6, &segment))), Reason::TcpChecksum);
}

#[test]
fn ip_10_extension_headers_are_passed_up_to_the_bound() {
    let chained = |n: usize| {
        let mut rest = udp(b"hello");
        for k in 0..n {
            rest = [&[if k == 0 { 17 } else { 60 }, 0, 0, 0, 0, 0, 0, 0][..], &rest].concat();
        }
        ethernet(0x86dd, &ipv6(60, &rest))
    };
    let frame = chained(7);
    let packet = look(&frame).unwrap().unwrap();
    assert_eq!(payload(&packet), b"hello");
    assert_eq!(packet.src, IpAddr::V6(Ipv6Addr::from([0x20; 16])));
    assert_eq!(refused(&chained(100)), Reason::Nested);
    let mut jumbo = ipv6(0, &[17, 0, 0xc2, 4, 0, 1, 0, 0]);
    jumbo[4..6].copy_from_slice(&[0, 0]);
    assert_eq!(refused(&ethernet(0x86dd, &jumbo)), Reason::Ipv6Jumbo);
    assert_eq!(refused(&ethernet(0x86dd, &ipv6(60, &[17, 200, 0, 0, 0, 0, 0, 0]))), Reason::Ipv6Extension);
}

#[test]
fn ip_10_an_atomic_fragment_is_a_packet() {
    let frame = ethernet(0x86dd, &ipv6_fragment(5, 0, false, &udp(b"hello")));
    assert_eq!(payload(&look(&frame).unwrap().unwrap()), b"hello");
}

/// Sends IPv4 fragments, as pairs of offset and bytes of `whole`; the last byte of `whole` ends the datagram.
struct Joining {
    link: Link,
    id: u16,
}

impl Joining {
    fn new() -> Self {
        Joining { link: Link::new(Checksums::Verify, [9; 16]), id: 1 }
    }

    fn part(&mut self, at: i64, offset: usize, bytes: &[u8], more: bool) -> Option<Vec<u8>> {
        let place = u16::try_from(offset / 8).unwrap() | if more { 0x2000 } else { 0 };
        let frame = ethernet(0x0800, &ipv4_part(17, self.id, place, bytes));
        let packet = self.link.packet(at, LinkType::ETHERNET, &frame).unwrap()?;
        Some(payload(&packet).to_vec())
    }
}

#[test]
fn fragments_are_joined_in_any_order() {
    let whole = udp(&(0..200u8).collect::<Vec<_>>());
    let parts: [(usize, usize); 4] = [(0, 8), (8, 80), (80, 120), (120, 208)];
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1], [1, 3, 0, 2]] {
        let mut joining = Joining::new();
        let mut joined = None;
        for (k, part) in order.into_iter().enumerate() {
            let (from, to) = parts[part];
            joined = joining.part(0, from, &whole[from..to], to != 208);
            assert_eq!(joined.is_some(), k == 3);
        }
        assert_eq!(joined.unwrap(), whole[8..]);
        assert_eq!(joining.link.fragments_held(), (0, 0));
        assert_eq!(joining.link.fragment_counts().joined, 1);
    }
}

#[test]
fn ip_1_a_tiny_first_fragment_hides_nothing() {
    let whole = udp(b"sixteen bytes...");
    let mut joining = Joining::new();
    joining.part(0, 0, &whole[..8], true);
    assert_eq!(joining.part(0, 8, &whole[8..], false).unwrap(), b"sixteen bytes...");
}

#[test]
fn ip_2_fragments_that_contradict_each_other_are_told_and_the_first_wins() {
    let whole = udp(&[b'a'; 40]);
    let mut joining = Joining::new();
    joining.part(0, 0, &whole[..24], true);
    joining.part(0, 16, &[b'z'; 16], true);
    let joined = joining.part(0, 32, &whole[32..], false).unwrap();
    assert_eq!(joined, [&[b'a'; 16][..], &[b'z'; 8], &[b'a'; 16]].concat());
    assert_eq!(joining.link.fragment_counts().ambiguous, 1);
}

#[test]
fn ip_2_fragments_that_repeat_each_other_are_no_ambiguity() {
    let whole = udp(&(0..40u8).collect::<Vec<_>>());
    let mut joining = Joining::new();
    for (from, to) in [(0, 24), (0, 24), (16, 40), (8, 32)] {
        joining.part(0, from, &whole[from..to], true);
    }
    assert_eq!(joining.part(0, 40, &whole[40..], false).unwrap(), whole[8..]);
    assert_eq!(joining.link.fragment_counts().ambiguous, 0);
}

#[test]
fn ip_3_a_fragment_beyond_the_longest_datagram_is_refused() {
    let mut link = Link::new(Checksums::Verify, [9; 16]);
    let frame = ethernet(0x0800, &ipv4_part(17, 1, 0x1fff, &[0; 64]));
    assert_eq!(link.packet(0, LinkType::ETHERNET, &frame).unwrap_err().reason, Reason::Fragment);
    assert_eq!(link.counts().errors.of(Reason::Fragment), 1);
}

#[test]
fn ip_4_a_fragment_without_bytes_is_refused_and_a_second_end_is_told() {
    let mut link = Link::new(Checksums::Verify, [9; 16]);
    let frame = ethernet(0x0800, &ipv4_part(17, 1, 0x2000, &[]));
    assert_eq!(link.packet(0, LinkType::ETHERNET, &frame).unwrap_err().reason, Reason::Fragment);
    let whole = udp(&[b'a'; 40]);
    let mut joining = Joining::new();
    joining.part(0, 40, &whole[40..], false);
    joining.part(0, 40, &[whole[40..].to_vec(), vec![b'z'; 8]].concat(), false);
    assert_eq!(joining.part(0, 0, &whole[..40], true).unwrap(), [b'a'; 40]);
    assert_eq!(joining.link.fragment_counts().ambiguous, 1);
}

#[test]
fn ip_5_a_datagram_is_waited_for_as_long_as_stated() {
    let whole = udp(&[b'a'; 40]);
    for (late, joined) in [(PATIENCE, true), (PATIENCE + 1, false)] {
        let mut joining = Joining::new();
        joining.part(0, 0, &whole[..24], true);
        assert_eq!(joining.part(late, 24, &whole[24..], false).is_some(), joined);
        assert_eq!(joining.link.fragment_counts().expired, u64::from(!joined));
    }
}

#[test]
fn ip_6_a_packet_that_forbids_fragments_and_is_one_is_joined_all_the_same() {
    let whole = udp(&[b'a'; 40]);
    let mut link = Link::new(Checksums::Verify, [9; 16]);
    let first = ethernet(0x0800, &ipv4_part(17, 1, 0x6000, &whole[..24]));
    assert_eq!(link.packet(0, LinkType::ETHERNET, &first), Ok(None));
    let second = ethernet(0x0800, &ipv4_part(17, 1, 0x4003, &whole[24..]));
    assert!(link.packet(0, LinkType::ETHERNET, &second).unwrap().is_some());
}

#[test]
fn ip_10_overlapping_fragments_of_ipv6_drop_their_datagram() {
    let whole = udp(&[b'a'; 40]);
    let send = |link: &mut Link, id, from: usize, to: usize| {
        let frame = ethernet(0x86dd, &ipv6_fragment(id, from as u16, to != 48, &whole[from..to]));
        link.packet(0, LinkType::ETHERNET, &frame).unwrap().is_some()
    };
    let mut link = Link::new(Checksums::Verify, [9; 16]);
    assert!(!send(&mut link, 1, 0, 24));
    assert!(!send(&mut link, 1, 0, 24), "a repetition is none");
    assert!(send(&mut link, 1, 24, 48));
    assert!(!send(&mut link, 2, 0, 24));
    assert!(!send(&mut link, 2, 16, 32));
    assert!(!send(&mut link, 2, 24, 48));
    assert_eq!(link.fragment_counts().overlapped, 1);
}

#[test]
fn a_flood_of_fragments_stays_within_its_bounds_and_the_excess_is_counted() {
    let mut joining = Joining::new();
    for id in 0..=u16::MAX {
        joining.id = id;
        joining.part(0, 8 * usize::from(id % 8000), &[1; 8], true);
        let (bytes, datagrams) = joining.link.fragments_held();
        assert!(bytes <= holter_engine::link::MAX_BYTES && datagrams <= MAX_DATAGRAMS);
    }
    let counts = *joining.link.fragment_counts();
    assert_eq!(counts.fragments, 65_536);
    assert!(counts.evicted >= 65_536 - MAX_DATAGRAMS as u64);
    let whole = udp(&[b'a'; 40]);
    joining.id = 7;
    joining.link.packet(PATIENCE * 2, LinkType::ETHERNET, &ethernet(0x0806, &[])).unwrap_err();
    joining.part(PATIENCE * 2, 0, &whole[..24], true);
    assert!(joining.part(PATIENCE * 2, 24, &whole[24..], false).is_some(), "the next good datagram is joined");
}

#[test]
fn a_datagram_in_too_many_pieces_is_counted() {
    let mut joining = Joining::new();
    for piece in 0..MAX_PIECES + 5 {
        joining.part(0, piece * 16, &[1; 8], true);
    }
    assert_eq!(joining.link.fragment_counts().pieces, 5);
}

#[test]
fn every_reason_is_counted_where_it_happens() {
    let mut link = Link::new(Checksums::Verify, [9; 16]);
    link.packet(0, LinkType::ETHERNET, &[1]).unwrap_err();
    link.packet(0, LinkType::ETHERNET, &ethernet(0x0800, &inner())).unwrap();
    link.packet(0, LinkType::ETHERNET, &ethernet(0x88cc, &[2, 7])).unwrap();
    let counts = link.counts();
    assert_eq!((counts.frames, counts.packets, counts.not_ip, counts.errors.total()), (3, 2, 0, 1));
    let counted: Vec<_> = counts.errors.iter().filter(|(_, count)| *count > 0).collect();
    assert_eq!(counted, [("link.link_short", 1)]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_frame_whatever_it_holds_panics(
        link in prop_oneof![Just(1u16), Just(0), Just(9), Just(101), Just(113), Just(228), Just(276), Just(105), Just(127), any::<u16>()],
        kind in prop_oneof![Just(0x0800u16), Just(0x86dd), Just(0x8100), Just(0x8847), Just(0x0806), any::<u16>()],
        mut bytes in prop::collection::vec(any::<u8>(), 0..200),
        version in any::<u8>(),
    ) {
        if let (Some(field), Some(first)) = (bytes.get_mut(12..14).map(|field| field.copy_from_slice(&kind.to_be_bytes())), bytes.get_mut(14)) {
            let () = field;
            *first = if kind == 0x86dd { 0x60 | version & 15 } else { 0x40 | version & 15 };
        }
        let mut room = Link::new(Checksums::Ignore, [0; 16]);
        let _ = room.packet(0, LinkType(link), &bytes);
        let _ = room.packet(0, LinkType(link), &bytes);
        prop_assert_eq!(room.counts().frames, 2);
    }

    #[test]
    fn a_frame_cut_anywhere_is_read_or_refused(cut in 0usize..90) {
        let whole = ethernet(0x0800, &ipv4(17, &udp_to(4789, &[&[8, 0, 0, 0, 0, 0, 42, 0][..], &ethernet(0x0800, &inner())].concat())));
        let _ = look(&whole[..cut.min(whole.len())]);
    }
}

fn arp_request() -> Vec<u8> {
    let mut arp = vec![0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1];
    arp.extend(FROM);
    arp.extend([0; 6]);
    arp.extend(TO);
    ethernet(0x0806, &arp)
}

#[test]
fn tcp_13_a_frame_shown_twice_is_a_copy_also_under_a_tag_in_a_tunnel_and_behind_a_router() {
    let tag = |frame: &[u8]| [&frame[..12], &[0x81, 0, 0, 30][..], &frame[12..]].concat();
    let plain = ethernet(0x0800, &inner());
    let mut routed = plain.clone();
    routed[..12].fill(6);
    routed[22] -= 1;
    let tunnel = ethernet(0x0800, &ipv4(47, &[&[0, 0, 0x65, 0x58][..], &plain].concat()));
    for copy in [plain.clone(), tag(&plain), routed, tunnel] {
        let mut link = Link::new(Checksums::Verify, [9; 16]);
        assert!(!link.packet(0, LinkType::ETHERNET, &plain).unwrap().unwrap().is_copy());
        assert!(link.packet(1000, LinkType::ETHERNET, &copy).unwrap().unwrap().is_copy());
        assert_eq!((link.counts().packets, link.counts().duplicates), (2, 1));
    }
    let mut link = Link::new(Checksums::Verify, [9; 16]);
    for frame in
        [arp_request(), tag(&arp_request()), ethernet(0x88cc, &[2, 7, 4]), ethernet(0x86dd, &ipv6(58, &[128, 0, 0, 0]))]
    {
        assert!(
            !link.packet(0, LinkType::ETHERNET, &frame).unwrap().unwrap().is_copy() || frame == tag(&arp_request())
        );
        assert!(link.packet(1, LinkType::ETHERNET, &frame).unwrap().unwrap().is_copy());
    }
}

#[test]
fn what_is_said_again_is_no_copy() {
    // The same question a second later, another packet with the same words, and the same words to somebody else.
    let question = ethernet(0x0800, &ipv4_part(17, 7, 0, &udp(b"who?")));
    let again = ethernet(0x0800, &ipv4_part(17, 8, 0, &udp(b"who?")));
    let mut other = question.clone();
    other[33] = 9;
    let differs = ethernet(0x0800, &ipv4_part(17, 7, 0, &udp(b"why?")));
    let mut link = Link::new(Checksums::Verify, [9; 16]);
    for (at, frame) in [
        (0, &question),
        (10, &again),
        (20, &other),
        (30, &differs),
        (1_000_000_000, &question),
        (1_000_000_010, &again),
    ] {
        assert!(!link.packet(at, LinkType::ETHERNET, frame).unwrap().unwrap().is_copy(), "{at}");
    }
    for second in 0..3 {
        let packet =
            link.packet(second * 1_000_000_000, LinkType::ETHERNET, &arp_request()).unwrap().unwrap().is_copy();
        assert!(!packet, "{second}");
    }
    assert_eq!(link.counts().duplicates, 0);
}

#[test]
fn fragments_shown_twice_are_joined_once_and_none_waits_for_more() {
    let whole = udp(&[b'a'; 40]);
    let mut joining = Joining::new();
    for (offset, to) in [(0, 24), (24, 48)] {
        let joined = joining.part(0, offset, &whole[offset..to], to != 48);
        assert_eq!(joined.is_some(), to == 48);
        assert!(joining.part(1000, offset, &whole[offset..to], to != 48).is_none());
    }
    assert_eq!(joining.link.fragments_held(), (0, 0));
    assert_eq!((joining.link.counts().duplicates, joining.link.fragment_counts().joined), (2, 1));
}
