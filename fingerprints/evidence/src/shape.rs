//! What the network stack of a machine shows without being asked: how it begins a TCP connection, and with how many hops to
//! go its packets start.
//!
//! Both are events of their own, so that data files can have rules about them. They are made from header fields, once per
//! machine and shape.

use holter_protocols::event::{Code, Codes, Count, Size};
use holter_protocols::{EventSpec, event};

event! {
    /// The first segment of a TCP connection (RFC 9293 3.5), as its sender's stack makes it.
    pub struct Syn<'a> in syn = "tcp.syn" {
        /// Hops to go that it was sent with, as far as those left tell: 32, 64, 128 or 255; 0 where they do not tell.
        initial: Code = "tcp.syn.initial_ttl" (Code),
        /// Must not be split on its way (RFC 791 3.1, DF).
        whole: bool = "tcp.syn.dont_fragment" (Flag),
        /// Explicit congestion notification is offered (RFC 3168 6.1.1).
        congestion: bool = "tcp.syn.ecn" (Flag),
        /// Window (RFC 9293 3.1), which is never scaled in a SYN.
        window: Size = "tcp.syn.window" (Size),
        /// Largest segment that it can take (RFC 9293 3.7.1).
        segment: Option<Size> = "tcp.syn.mss" (Size),
        /// How many whole segments the window is, where it is a multiple.
        segments: Option<Count> = "tcp.syn.window_segments" (Count),
        /// By how many bits the window will be shifted (RFC 7323 2).
        scale: Option<Code> = "tcp.syn.window_scale" (Code),
        /// Kinds of the options in the order in which they were sent, padding included (IANA, TCP Option Kind Numbers).
        options: Codes<'a> = "tcp.syn.options" (Codes),
    }
}

event! {
    /// A packet that a machine sent on its own account to one receiver (RFC 791 3.2, TTL; RFC 8200 3, hop limit).
    pub struct Hops in hops = "ip.hops" {
        /// Hops to go that it was sent with, as far as those left tell: 32, 64, 128 or 255.
        initial: Code = "ip.initial_ttl" (Code),
    }
}

/// What is looked at here and not by a decoder.
pub(crate) static EVENTS: [&EventSpec; 2] = [&syn::SPEC, &hops::SPEC];

/// The most kinds of options that are kept: forty bytes of options cannot hold more that are of use.
const KINDS: usize = 20;

/// Hops to go that packets start with, by what is left after at most 31 routers. Between these nothing can be said, and below 32
/// belongs to groups and to programs that count routers.
pub const fn initial_ttl(left: u8) -> Option<u8> {
    match left {
        32 => Some(32),
        33..=64 => Some(64),
        97..=128 => Some(128),
        224..=255 => Some(255),
        _ => None,
    }
}

/// A SYN, read from its header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    initial: u8,
    whole: bool,
    congestion: bool,
    window: u16,
    segment: Option<u16>,
    scale: Option<u8>,
    kinds: [u8; KINDS],
    known: u8,
}

impl Shape {
    /// `options` are the bytes behind the fixed header. What breaks off there is as far as it is read.
    pub fn read(ttl: u8, dont_fragment: bool, ecn: bool, window: u16, options: &[u8]) -> Self {
        let mut shape = Shape {
            initial: initial_ttl(ttl).unwrap_or(0),
            whole: dont_fragment,
            congestion: ecn,
            window,
            segment: None,
            scale: None,
            kinds: [0; KINDS],
            known: 0,
        };
        let mut rest = options;
        while let Some((&kind, behind)) = rest.split_first() {
            let Some(place) = shape.kinds.get_mut(usize::from(shape.known)) else { break };
            *place = kind;
            shape.known = shape.known.saturating_add(1);
            rest = behind;
            if kind <= 1 {
                continue;
            }
            // The length counts kind and length themselves (RFC 9293 3.1).
            let Some(&length) = rest.first() else { break };
            let Some(body) = usize::from(length).checked_sub(1).and_then(|end| rest.get(1..end)) else { break };
            match (kind, body) {
                (2, &[high, low]) => shape.segment = Some(u16::from_be_bytes([high, low])),
                (3, &[bits]) => shape.scale = Some(bits),
                _ => {}
            }
            rest = rest.get(usize::from(length).saturating_sub(1)..).unwrap_or_default();
        }
        shape
    }

    /// A number that tells shapes apart: two that differ share it once in four thousand million.
    pub fn mark(&self) -> u32 {
        let head =
            [self.initial, u8::from(self.whole), u8::from(self.congestion), self.scale.map_or(0xff, |bits| bits)];
        let segment = self.segment.unwrap_or(0).to_be_bytes();
        let bytes = head.into_iter().chain(self.window.to_be_bytes()).chain(segment).chain(self.kinds());
        // FNV-1a. Who makes two shapes with one mark hides his own second one.
        bytes.fold(0x811c_9dc5, |mark: u32, byte| (mark ^ u32::from(byte)).wrapping_mul(0x0100_0193))
    }

    fn kinds(&self) -> impl Iterator<Item = u8> {
        self.kinds.into_iter().take(usize::from(self.known))
    }

    pub fn event(&self) -> Syn<'_> {
        let segments =
            |size: u16| if self.window.checked_rem(size)? == 0 { self.window.checked_div(size) } else { None };
        Syn {
            initial: Code(u64::from(self.initial)),
            whole: self.whole,
            congestion: self.congestion,
            window: Size(u64::from(self.window)),
            segment: self.segment.map(|size| Size(u64::from(size))),
            segments: self.segment.and_then(segments).map(|count| Count(u64::from(count))),
            scale: self.scale.map(|bits| Code(u64::from(bits))),
            options: Codes(self.kinds.get(..usize::from(self.known)).unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use holter_protocols::{Event, Value};

    /// MSS 1460, SACK permitted, timestamps, padding, scale 10.
    const LINUX: [u8; 20] = [2, 4, 5, 0xb4, 4, 2, 8, 10, 1, 2, 3, 4, 0, 0, 0, 0, 1, 3, 3, 10];

    #[test]
    fn options_are_told_in_their_order_and_without_what_changes() {
        let shape = Shape::read(63, true, false, 64_240, &LINUX);
        let syn = shape.event();
        assert_eq!(syn.options.0, [2, 4, 8, 1, 3]);
        assert_eq!((syn.initial.0, syn.segment, syn.segments), (64, Some(Size(1460)), Some(Count(44))));
        assert_eq!(syn.scale, Some(Code(10)));
        assert!(matches!(syn.first(&super::syn::whole), Some(Value::Flag(true))));
        let mut later = LINUX;
        later[8..12].copy_from_slice(&[9, 9, 9, 9]);
        assert_eq!(
            Shape::read(64, true, false, 64_240, &later).mark(),
            shape.mark(),
            "time passes, the stack is the same"
        );
        assert_ne!(Shape::read(128, true, false, 64_240, &LINUX).mark(), shape.mark());
    }

    #[test]
    fn whatever_stands_in_the_options_is_read_to_its_end() {
        for options in [&[2u8][..], &[2, 0], &[2, 1], &[3, 200, 1], &[8, 10, 0], &[1; 60], &[255, 2, 254, 2]] {
            let shape = Shape::read(64, false, false, 0, options);
            assert!(shape.event().options.0.len() <= KINDS, "{options:?}");
            assert_eq!(shape.event().segments, None);
        }
        assert_eq!(Shape::read(64, false, false, 5, &[2, 4, 0, 0]).event().segments, None, "a segment of no bytes");
    }

    #[test]
    fn what_hops_do_not_tell_is_left_open() {
        let told: Vec<_> = [0, 1, 31, 32, 33, 64, 65, 96, 97, 128, 129, 223, 224, 255].map(initial_ttl).into();
        let (n, a, b, c, d) = (None, Some(32), Some(64), Some(128), Some(255));
        assert_eq!(told, [n, n, n, a, b, b, n, n, c, c, n, n, d, d]);
    }
}
