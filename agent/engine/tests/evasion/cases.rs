//! Single tricks: what each is and what comes of it.

use crate::stage::{
    ACK, FIN, PSH, RST, SECOND, SYN, Segment, Stage, URG, ethernet, ipv4, ipv6, ipv6_fragment, segment, tcp, udp,
};
use holter_engine::OverlapPolicy;
use holter_engine::link::PATIENCE;
use holter_terms::LinkType;

pub(crate) struct Case {
    pub(crate) id: &'static str,
    pub(crate) what: &'static str,
    play: fn(&mut Stage),
}

impl Case {
    pub(crate) fn said(&self) -> String {
        let mut stage = Stage::new(OverlapPolicy::First);
        (self.play)(&mut stage);
        stage.said()
    }
}

macro_rules! cases {
    ($($id:literal $what:literal $play:expr;)+) => {
        pub(crate) const ALL: &[Case] = &[$(Case { id: $id, what: $what, play: $play },)+];
    };
}

cases! {
    "IP-1" "a first fragment of eight bytes" |s| parts(s, 1, &[(0, 8), (8, 24)]);
    "IP-1" "a first fragment of eight bytes of a TCP header" |s| {
        let bytes = tcp(Segment { flags: SYN, ..segment(u32::MAX, b"") });
        s.frame(&ethernet(0x0800, &ipv4(false, 64, 1, 0x2000, 6, &bytes[..8])));
        s.frame(&ethernet(0x0800, &ipv4(false, 64, 1, 1, 6, &bytes[8..])));
    };
    "IP-2" "fragments that contradict each other" |s| {
        fragment(s, 1, 0, true, &whole()[..16]);
        fragment(s, 1, 8, true, b"XXXXXXXX");
        fragment(s, 1, 16, false, &whole()[16..]);
    };
    "IP-2" "fragments that repeat each other, and lie across each other with the same data" |s| {
        parts(s, 1, &[(0, 16), (8, 16), (0, 16), (8, 24)]);
    };
    "IP-3" "a fragment that ends after byte 65,535" |s| fragment(s, 1, 65_528, false, b"beyond the end");
    "IP-4" "a fragment without bytes" |s| fragment(s, 1, 8, true, b"");
    "IP-4" "the identification used again by the next datagram" |s| {
        parts(s, 1, &[(0, 16), (16, 24)]);
        s.now += SECOND;
        parts(s, 1, &[(0, 16), (16, 24)]);
    };
    "IP-4" "the identification used again while the first datagram is not whole" |s| {
        fragment(s, 1, 0, true, &whole()[..16]);
        fragment(s, 1, 0, true, &udp(b"ANOTHER.")[..16]);
        fragment(s, 1, 16, false, &whole()[16..]);
    };
    "IP-4" "two last fragments of different length" |s| {
        fragment(s, 1, 16, false, &whole()[16..]);
        fragment(s, 1, 16, false, b"YYYYYYYYYYYY");
        fragment(s, 1, 0, true, &whole()[..16]);
    };
    "IP-4" "two last fragments, the second ending before what is there" |s| {
        fragment(s, 1, 8, true, &whole()[8..24]);
        fragment(s, 1, 8, false, b"ENDSHERE");
        fragment(s, 1, 0, true, &whole()[..8]);
    };
    "IP-5" "the second fragment a second before patience ends" |s| {
        fragment(s, 1, 0, true, &whole()[..16]);
        s.now += PATIENCE - 2 * SECOND;
        fragment(s, 1, 16, false, &whole()[16..]);
    };
    "IP-5" "the second fragment a second after patience has ended" |s| {
        fragment(s, 1, 0, true, &whole()[..16]);
        s.now += PATIENCE;
        fragment(s, 1, 16, false, &whole()[16..]);
    };
    "IP-6" "fragments that forbid to be fragmented" |s| {
        for (place, from, to) in [(0x6000, 0, 16), (0x4002, 16, 24)] {
            s.frame(&ethernet(0x0800, &ipv4(false, 64, 1, place, 17, &whole()[from..to])));
        }
    };
    "IP-7" "a wrong header checksum" |s| {
        let mut packet = ipv4(false, 64, 1, 0, 17, &whole());
        packet[11] = 9;
        s.frame(&ethernet(0x0800, &packet));
    };
    "IP-7" "an option that claims more than the header" |s| {
        s.frame(&ethernet(0x0800, &with_options(&[0x83, 200, 4, 0])));
    };
    "IP-7" "a loose source route" |s| {
        s.frame(&ethernet(0x0800, &with_options(&[0x83, 7, 4, 10, 0, 0, 9, 0])));
    };
    "IP-8" "chaff whose TTL ends on the way, then the truth" |s| {
        begin(s);
        s.send(Segment { ttl: 1, ..segment(1, b"chaff") });
        s.say(1, b"truth");
    };
    "IP-8" "chaff whose TTL ends on the way, behind a hole" |s| {
        begin(s);
        s.send(Segment { ttl: 1, ..segment(2, b"haff") });
        s.say(2, b"ruth");
        s.say(1, b"t");
    };
    "IP-9" "a total length beyond the frame" |s| {
        let mut packet = ipv4(false, 64, 1, 0, 17, &whole());
        packet[3] = 200;
        s.frame(&ethernet(0x0800, &packet));
    };
    "IP-9" "a total length below the header" |s| {
        let mut packet = ipv4(false, 64, 1, 0, 17, &whole());
        packet[3] = 19;
        s.frame(&ethernet(0x0800, &packet));
    };
    "IP-10" "an atomic fragment" |s| s.frame(&ethernet(0x86dd, &ipv6_fragment(1, 0, false, &whole())));
    "IP-10" "a hundred extension headers" |s| {
        let chain = [60, 0, 0, 0, 0, 0, 0, 0].repeat(100);
        s.frame(&ethernet(0x86dd, &ipv6(60, &chain)));
    };
    "IP-10" "a jumbogram of length 0" |s| {
        let mut packet = ipv6(0, &[17, 0, 0xc2, 4, 0, 0, 0, 0]);
        packet[5] = 0;
        s.frame(&ethernet(0x86dd, &packet));
    };
    "IP-10" "routing headers that lead back to each other" |s| {
        let route = [43, 2, 0, 1, 0, 0, 0, 0, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1].repeat(20);
        s.frame(&ethernet(0x86dd, &ipv6(43, &route)));
    };
    "IP-10" "fragments of IPv6 that overlap with the same data" |s| {
        for (offset, more, bytes) in [(0, true, &whole()[..16]), (8, true, &whole()[8..24]), (16, false, &whole()[16..])] {
            s.frame(&ethernet(0x86dd, &ipv6_fragment(1, offset, more, bytes)));
        }
    };
    "IP-11" "64 packets of IP within each other" |s| {
        let deep = (0..64).fold(ipv4(false, 64, 1, 0, 17, &whole()), |inner, _| ipv4(false, 64, 1, 0, 4, &inner));
        s.frame(&ethernet(0x0800, &deep));
    };
    "IP-11" "IPv6 in IPv4, in GRE, in VXLAN" |s| {
        let inner = ipv4(false, 64, 1, 0, 41, &ipv6(17, &whole()));
        let gre = ipv4(false, 64, 1, 0, 47, &[&[0, 0, 8, 0][..], &inner].concat());
        let mut vxlan = udp(&[&[8, 0, 0, 0, 0, 0, 7, 0][..], &ethernet(0x0800, &gre)].concat());
        vxlan[2..4].copy_from_slice(&4789u16.to_be_bytes());
        s.frame(&ethernet(0x0800, &ipv4(false, 64, 1, 0, 17, &vxlan)));
    };
    "IP-11" "ten tags" |s| {
        let tagged = (0..10).fold(packet(), |frame, _| [&frame[..12], &[0x81, 0, 0, 5], &frame[12..]].concat());
        s.frame(&tagged);
    };
    "IP-11" "each direction under a VLAN of its own" |s| {
        for (back, at, flags, data) in
            [(false, u32::MAX, SYN, &b""[..]), (true, u32::MAX, SYN | ACK, b""), (false, 0, ACK, b"#asked"), (true, 0, ACK, b"told")]
        {
            let bytes = tcp(Segment { back, flags, ..segment(at, data) });
            let frame = ethernet(0x0800, &ipv4(back, 64, s.id, 0, 6, &bytes));
            s.id += 1;
            s.frame(&[&frame[..12], &[0x81, 0, 0, 10 + u8::from(back)], &frame[12..]].concat());
        }
    };
    "IP-12" "an ARP message that lies about its lengths" |s| {
        s.frame(&ethernet(0x0806, &[&[0, 1, 8, 0, 200, 4, 0, 1][..], &[0; 20]].concat()));
    };
    "IP-12" "a SNAP frame that ends within its header" |s| s.frame(&ethernet(6, &[0xaa, 0xaa, 3, 0, 0, 0]));
    "IP-12" "trailing bytes of Ethernet" |s| s.frame(&[packet(), b"NOT PAYLOAD".to_vec()].concat());
    "IP-12" "a frame cut by the capture length" |s| s.frame(&packet()[..44]);
    "IP-12" "a frame of another link type" |s| s.frame_of(LinkType(147), &packet());

    "TCP-1" "data in the SYN" |s| {
        s.send(Segment { flags: SYN, ..segment(u32::MAX, b"#early") });
        s.send(Segment { back: true, ack: 6, flags: SYN | ACK, ..segment(u32::MAX, b"") });
        s.say(6, b"late");
    };
    "TCP-1" "data in the SYN that is not accepted and sent again" |s| {
        s.send(Segment { flags: SYN, ..segment(u32::MAX, b"#early") });
        s.send(Segment { back: true, flags: SYN | ACK, ..segment(u32::MAX, b"") });
        s.say(0, b"#early");
        s.say(6, b"late");
    };
    "TCP-1" "data in the SYN, and other data for its place" |s| {
        s.send(Segment { flags: SYN, ..segment(u32::MAX, b"#early") });
        s.send(Segment { back: true, flags: SYN | ACK, ..segment(u32::MAX, b"") });
        s.say(0, b"#OTHER");
    };
    "TCP-1" "data in the SYN-ACK" |s| {
        s.send(Segment { flags: SYN, ..segment(u32::MAX, b"") });
        s.send(Segment { back: true, flags: SYN | ACK, ..segment(u32::MAX, b"hi") });
        s.say(0, b"#asked");
        s.send(Segment { back: true, ..segment(2, b"told") });
    };
    "TCP-2" "a SYN with another number before the answer" |s| {
        s.send(Segment { flags: SYN, ..segment(77_000, b"") });
        s.handshake();
        s.say(0, b"#data");
    };
    "TCP-2" "a SYN with another number into the conversation" |s| {
        begin(s);
        s.send(Segment { flags: SYN, ..segment(77_000, b"") });
        s.say(1, b"goes on");
    };
    "TCP-2" "two SYN-ACKs with different numbers" |s| {
        s.send(Segment { flags: SYN, ..segment(u32::MAX, b"") });
        s.send(Segment { back: true, flags: SYN | ACK, ..segment(55_000, b"") });
        s.send(Segment { back: true, flags: SYN | ACK, ..segment(u32::MAX, b"") });
        s.send(Segment { flags: ACK, ..segment(0, b"#asked") });
        s.send(Segment { back: true, ack: 6, ..segment(0, b"told") });
    };
    "TCP-3" "SYN and FIN, SYN and RST, no flag, all flags" |s| {
        begin(s);
        for flags in [SYN | FIN, SYN | RST, 0, 0x3f] {
            s.send(Segment { flags, ..segment(1, b"bad") });
        }
        s.say(1, b"good");
    };
    "TCP-4" "a reset out of the window" |s| {
        begin(s);
        s.send(Segment { flags: RST, ..segment(900_000_000, b"") });
        s.say(1, b"goes on");
    };
    "TCP-4" "a reset in the window, behind the next number, that the receiver does not believe" |s| {
        begin(s);
        s.send(Segment { flags: RST, ..segment(500, b"") });
        for (at, data) in [(1, &b"on "[..]), (4, b"and "), (8, b"on "), (11, b"#and on")] {
            s.say(at, data);
        }
    };
    "TCP-4" "a reset with data" |s| {
        begin(s);
        s.send(Segment { flags: RST | ACK, ..segment(1, b"reason") });
    };
    "TCP-4" "a reset with an MD5 signature" |s| {
        begin(s);
        s.send(Segment { flags: RST, options: &MD5, ..segment(1, b"") });
    };
    "TCP-4" "a reset with a wrong checksum" |s| {
        begin(s);
        s.send(Segment { flags: RST, checksum: 0x1234, ..segment(1, b"") });
        s.say(1, b"goes on");
    };
    "TCP-5" "data after a FIN" |s| {
        begin(s);
        s.send(Segment { flags: FIN | ACK, ..segment(1, b"end") });
        s.say(4, b"more");
    };
    "TCP-5" "a FIN that nobody acknowledges" |s| {
        begin(s);
        s.send(Segment { flags: FIN | ACK, ..segment(1, b"") });
        s.send(Segment { back: true, ..segment(0, b"still here") });
    };
    "TCP-5" "both open at once" |s| {
        s.send(Segment { flags: SYN, ..segment(u32::MAX, b"") });
        s.send(Segment { back: true, flags: SYN, ..segment(u32::MAX, b"") });
        s.send(Segment { flags: SYN | ACK, ..segment(u32::MAX, b"") });
        s.send(Segment { back: true, flags: SYN | ACK, ..segment(u32::MAX, b"") });
        s.say(0, b"#asked");
        s.send(Segment { back: true, ..segment(0, b"told") });
    };
    "TCP-6" "a segment with an old time stamp, then the one that counts" |s| {
        begin_at(s, 1000);
        s.send(Segment { options: &stamp(5), ..segment(1, b"chaff") });
        s.send(Segment { options: &stamp(1001), ..segment(1, b"truth") });
    };
    "TCP-6" "time stamps now and then" |s| {
        begin_at(s, 1000);
        s.say(1, b"without");
        s.send(Segment { options: &stamp(1001), ..segment(8, b"with") });
    };
    "TCP-7" "data into a window of 0" |s| {
        begin(s);
        s.send(Segment { back: true, window: 0, flags: ACK, ack: 1, ..segment(0, b"") });
        s.say(1, b"probe");
    };
    "TCP-7" "a window that shrinks, and one that a scale of 15 makes too large" |s| {
        s.send(Segment { flags: SYN, options: &[3, 3, 15, 1], ..segment(u32::MAX, b"") });
        s.send(Segment { back: true, flags: SYN | ACK, options: &[3, 3, 15, 1], ..segment(u32::MAX, b"") });
        s.say(0, b"#");
        s.send(Segment { back: true, window: 65_535, flags: ACK, ack: 1, ..segment(0, b"") });
        s.send(Segment { back: true, window: 1, flags: ACK, ack: 1, ..segment(0, b"") });
        s.say(1, b"data");
        s.say(700_000_000, b"far");
        s.say(5, b"more");
    };
    "TCP-8" "the sequence number wraps within the data" |s| {
        let at = 0u32.wrapping_sub(1001).wrapping_sub(3);
        s.send(Segment { flags: SYN, ..segment(at.wrapping_sub(1), b"") });
        s.send(Segment { back: true, ack: at, flags: SYN | ACK, ..segment(u32::MAX, b"") });
        s.say(at, b"#wraps");
        s.say(at.wrapping_add(6), b"here");
    };
    "TCP-8" "chaff out of the window" |s| {
        begin(s);
        s.say(900_000_000, b"chaff");
        s.say(1, b"truth");
    };
    "TCP-8" "a keep-alive with a byte of garbage" |s| {
        begin(s);
        s.say(1, b"data");
        s.say(4, b"?");
        s.say(5, b"more");
    };
    "TCP-9" "an urgent pointer to a byte within" |s| urgent(s, 1);
    "TCP-9" "an urgent pointer to the second byte" |s| urgent(s, 2);
    "TCP-9" "an urgent pointer beyond the segment" |s| urgent(s, 5000);
    "TCP-9" "an urgent pointer in the SYN" |s| {
        s.send(Segment { flags: SYN | URG, urgent: 1, ..segment(u32::MAX, b"") });
        s.send(Segment { back: true, flags: SYN | ACK, ..segment(u32::MAX, b"") });
        s.say(0, b"#data");
    };
    "TCP-11" "bytes one by one from behind" |s| {
        begin(s);
        for at in (1..10).rev() {
            s.say(at, &b"#backwards"[index(at)..][..1]);
        }
    };
    "TCP-11" "other data for a place that is read and acknowledged" |s| {
        begin(s);
        s.say(1, b"truth");
        s.acknowledged(6);
        s.say(1, b"chaff");
        s.say(6, b"more");
    };
    "TCP-11" "the same data for a place that is read and acknowledged, divided otherwise" |s| {
        begin(s);
        s.say(1, b"tr");
        s.say(3, b"uth");
        s.acknowledged(6);
        s.say(2, b"ru");
        s.say(1, b"truth");
        s.say(4, b"th and more");
    };
    "TCP-12" "an acknowledgment of what was never seen" |s| {
        begin(s);
        s.acknowledged(5000);
        s.say(1, b"data");
    };
    "TCP-12" "a hole that is acknowledged" |s| {
        begin(s);
        s.say(100, b"behind");
        s.acknowledged(106);
    };
    "TCP-12" "met in the middle" |s| {
        s.say(50_000, b"the end of one");
        s.say(50_014, b"#another");
    };
    "TCP-12" "one direction only" |s| {
        s.send(Segment { flags: SYN, ..segment(u32::MAX, b"") });
        s.send(Segment { flags: ACK, ..segment(0, b"") });
        s.say(0, b"#alone");
        s.say(100, b"behind a hole");
        s.now += 3 * SECOND;
        s.say(113, b"later");
    };
    "TCP-13" "every frame twice" |s| {
        for (back, at, flags, data) in
            [(false, u32::MAX, SYN, &b""[..]), (true, u32::MAX, SYN | ACK, b""), (false, 0, ACK, b"#asked"), (true, 0, ACK, b"told")]
        {
            let frame = ethernet(0x0800, &ipv4(back, 64, s.id, 0, 6, &tcp(Segment { back, flags, ..segment(at, data) })));
            s.id += 1;
            s.frame(&frame);
            s.frame(&frame);
        }
    };
    "TCP-13" "a frame that looks like the one before by its headers, with other data" |s| {
        begin(s);
        for data in [b"truth", b"chaff"] {
            s.id = 99;
            s.say(1, data);
        }
        s.say(6, b"more");
    };
    "TCP-14" "the ports used again within a second of the end" |s| {
        begin(s);
        s.send(Segment { flags: FIN | ACK, ..segment(1, b"") });
        s.send(Segment { back: true, ack: 2, flags: FIN | ACK, ..segment(0, b"") });
        s.send(Segment { flags: SYN, ..segment(70_000, b"") });
        s.send(Segment { back: true, ack: 70_001, flags: SYN | ACK, ..segment(80_000, b"") });
        s.say(70_001, b"#again");
    };
    "TCP-14" "the ports used again after a reset" |s| {
        begin(s);
        s.send(Segment { back: true, flags: RST, ..segment(0, b"") });
        s.send(Segment { flags: SYN, ..segment(70_000, b"") });
        s.send(Segment { back: true, ack: 70_001, flags: SYN | ACK, ..segment(80_000, b"") });
        s.say(70_001, b"#again");
    };
    "TCP-15" "a checksum that was left to the card" |s| {
        begin(s);
        s.send(Segment { checksum: 0, ..segment(1, b"zero") });
        // The sum of the pseudo header alone: ends, protocol, length.
        s.send(Segment { checksum: 0x0a00 + 1 + 0x0a00 + 2 + 6 + 26, ..segment(5, b"pseudo") });
        s.send(Segment { checksum: 0x4321, ..segment(11, b"wrong") });
    };
    "TCP-16" "65,536 holes" |s| {
        begin(s);
        for hole in 0..65_536u32 {
            s.say(2 + 2 * hole, b"x");
        }
    };
    "TCP-16" "a hole of a gigabyte" |s| {
        begin(s);
        for (at, data) in [(0, b"far "), (4, b"away"), (8, b" and"), (12, b" on ")] {
            s.say(0x4000_0000 + at, data);
        }
    };
    "TCP-16" "sent again with a TTL one lower" |s| {
        begin(s);
        s.say(1, b"data");
        s.send(Segment { ttl: 63, ..segment(1, b"data") });
    };
    "TCP-16" "sent again with a TTL one lower and other data" |s| {
        begin(s);
        s.say(1, b"data");
        s.send(Segment { ttl: 63, ..segment(1, b"DATA") });
    };
    "TCP-16" "other data for a place that so much followed that it is forgotten" |s| {
        begin(s);
        s.say(1, b"truth");
        for n in 0..70u32 {
            s.say(6 + n * 1000, &[b'.'; 1000]);
        }
        s.say(1, b"chaff");
    };
}

const MD5: [u8; 20] = [19, 18, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 0, 0];

fn stamp(value: u32) -> [u8; 12] {
    let [a, b, c, d] = value.to_be_bytes();
    [1, 1, 8, 10, a, b, c, d, 0, 0, 0, 0]
}

fn index(at: u32) -> usize {
    usize::try_from(at).unwrap()
}

fn whole() -> Vec<u8> {
    udp(b"sixteen bytes...")
}

fn packet() -> Vec<u8> {
    ethernet(0x0800, &ipv4(false, 64, 1, 0, 17, &whole()))
}

fn with_options(options: &[u8]) -> Vec<u8> {
    let plain = ipv4(false, 64, 1, 0, 17, &whole());
    let mut packet = [&plain[..20], options, &plain[20..]].concat();
    packet[0] += u8::try_from(options.len() / 4).unwrap();
    packet[3] += u8::try_from(options.len()).unwrap();
    packet
}

fn fragment(s: &mut Stage, id: u16, offset: usize, more: bool, bytes: &[u8]) {
    let place = u16::try_from(offset / 8).unwrap() | if more { 0x2000 } else { 0 };
    // Not within the window of copies.
    s.now += SECOND;
    s.frame(&ethernet(0x0800, &ipv4(false, 64, id, place, 17, bytes)));
}

fn parts(s: &mut Stage, id: u16, parts: &[(usize, usize)]) {
    for &(from, to) in parts {
        fragment(s, id, from, to != whole().len(), &whole()[from..to]);
    }
}

/// The handshake and a first byte.
fn begin(s: &mut Stage) {
    s.handshake();
    s.say(0, b"#");
}

/// The same with time stamps.
fn begin_at(s: &mut Stage, value: u32) {
    s.send(Segment { flags: SYN, options: &stamp(value), ..segment(u32::MAX, b"") });
    s.send(Segment { back: true, flags: SYN | ACK, options: &stamp(1), ..segment(u32::MAX, b"") });
    s.send(Segment { options: &stamp(value), ..segment(0, b"#") });
}

fn urgent(s: &mut Stage, pointer: u16) {
    begin(s);
    s.send(Segment { flags: ACK | PSH | URG, urgent: pointer, ..segment(1, b"urgent") });
}

#[test]
fn every_row_of_the_list_of_tricks_is_played() {
    let played = |id: &str| ALL.iter().any(|case| case.id == id);
    // TCP-10 is the table of overlaps.
    assert!((1..=12).all(|n| played(&format!("IP-{n}"))));
    assert!((1..=16).filter(|n| *n != 10).all(|n| played(&format!("TCP-{n}"))));
}
