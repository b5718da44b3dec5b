//! Tells a packet that was heard moments ago from a new one.
//!
//! A mirror of several ports, or of both directions of one, shows a frame twice, the second time perhaps under another
//! tag, in a tunnel, or behind a router with its TTL one lower. Packets are known again by a keyed hash: of TCP its
//! ends, its header and its length, of everything else every byte. The tags of the latest packets stand in a ring with
//! an index; which of them are remembered depends on their order alone and never on the hash.

use super::ip::Ends;
use super::packet::{Packet, Sight};
use holter_terms::{Mac, Nanos};
use siphasher::sip::SipHasher13;
use std::hash::Hasher;
use std::net::IpAddr;

/// How long after a packet its like is a copy. Mirrors add far less; a protocol that asks again waits far longer.
pub const COPY_WINDOW: Nanos = 10_000_000;
/// How many packets may lie between a packet and its copy.
pub const COPIES: usize = 8192;

/// What a packet is known again by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark(u64);

/// Where a packet was on its way: its sender's link address and its TTL.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Place(u64);

impl Place {
    /// Of a fragment, where it does not matter.
    pub(super) const ANY: Place = Place(0);

    pub(super) fn of(packet: &Packet<'_>) -> Self {
        let Mac([a, b, c, d, e, f]) = packet.src_mac.unwrap_or(Mac::ZERO);
        Place(u64::from_be_bytes([0, packet.ttl, a, b, c, d, e, f]))
    }
}

/// Makes marks, under a key.
#[derive(Clone, Copy)]
pub(super) struct Marker([u64; 2]);

/// Odd constants without a pattern: the fractions of the square roots of 2, 3 and 5.
const ROOTS: [u64; 3] = [0x6a09_e667_f3bc_c909, 0xbb67_ae85_84ca_a73b, 0x3c6e_f372_fe94_f82b];

/// Both halves of the product depend on every bit of both factors, so long as the key keeps either from being zero.
const fn fold(a: u64, b: u64) -> u64 {
    let [a, b] = [a as u128, b as u128];
    let product = a.wrapping_mul(b);
    (product as u64) ^ ((product >> 64) as u64)
}

fn word(bytes: [u8; 8]) -> u64 {
    u64::from_le_bytes(bytes)
}

fn halves(bytes: [u8; 16]) -> [u64; 2] {
    let both = u128::from_le_bytes(bytes);
    [both as u64, (both >> 64) as u64]
}

impl Marker {
    /// Makes no marks that anyone compares.
    pub(super) const BLANK: Marker = Marker([0; 2]);

    pub(super) fn new(seed: [u8; 16]) -> Self {
        let key = |n: u8| {
            let mut hasher = SipHasher13::new_with_key(&seed);
            hasher.write(b"copies of packets");
            hasher.write_u8(n);
            hasher.finish()
        };
        Marker([key(0), key(1)])
    }

    /// Of a packet of IP. `detail` is what else tells it from others: its identification, length and fragment place.
    pub(super) fn ip(self, ends: Ends, protocol: u8, detail: u64, bytes: &[u8]) -> Mark {
        let Marker([one, two]) = self;
        let ends = match (ends.src, ends.dst) {
            (IpAddr::V4(src), IpAddr::V4(dst)) => u64::from(src.to_bits()) << 32 | u64::from(dst.to_bits()),
            (src, dst) => {
                let [src, dst] = [src, dst].map(|ip| match ip {
                    IpAddr::V4(ip) => ip.to_ipv6_mapped().to_bits(),
                    IpAddr::V6(ip) => ip.to_bits(),
                });
                let [low, high] = [src, dst].map(|ip| fold(one ^ ip as u64, two ^ (ip >> 64) as u64));
                fold(low ^ ROOTS[0], high ^ one)
            }
        };
        self.bytes(fold(ends ^ one, detail ^ two ^ u64::from(protocol) << 56), bytes)
    }

    /// Of a frame of anything else. Nothing changes its link addresses on its way, so they count.
    pub(super) fn link(self, ends: [u64; 2], kind: u32, bytes: &[u8]) -> Mark {
        let Marker([one, two]) = self;
        let [src, dst] = ends;
        self.bytes(fold(src ^ one, dst ^ two) ^ u64::from(kind) << 32, bytes)
    }

    fn bytes(self, start: u64, bytes: &[u8]) -> Mark {
        let Marker([one, two]) = self;
        // Four chains of products, since one alone would wait for itself.
        let [mut p, mut q, mut r, mut s] = [start, start ^ ROOTS[0], start ^ ROOTS[1], start ^ ROOTS[2]];
        let (blocks, rest) = bytes.as_chunks::<64>();
        for block in blocks {
            if let [a, b, c, d, e, f, g, h] = block.as_chunks::<8>().0 {
                p = fold(word(*a) ^ p, word(*b) ^ one);
                q = fold(word(*c) ^ q, word(*d) ^ two);
                r = fold(word(*e) ^ r, word(*f) ^ one);
                s = fold(word(*g) ^ s, word(*h) ^ two);
            }
        }
        let (pairs, rest) = rest.as_chunks::<16>();
        for pair in pairs {
            let [a, b] = halves(*pair);
            p = fold(a ^ p, b ^ one);
        }
        if !rest.is_empty() {
            // The last sixteen bytes, some of them once more, are quicker to read than a few.
            let last = bytes.last_chunk::<16>().copied().unwrap_or_else(|| {
                let mut last = [0; 16];
                last.iter_mut().zip(rest).for_each(|(slot, byte)| *slot = *byte);
                last
            });
            let [a, b] = halves(last);
            q = fold(a ^ q, b ^ two);
        }
        let half = fold(p ^ one, q ^ two);
        Mark(fold(half ^ r, s ^ two ^ bytes.len() as u64))
    }
}

#[derive(Clone, Copy)]
struct Heard {
    mark: Mark,
    place: Place,
    at: Nanos,
    /// The one before it in its row, by number.
    before: u64,
}

/// The packets heard last.
pub(super) struct Copies {
    /// By number, modulo [`COPIES`].
    heard: Vec<Heard>,
    /// The latest number of each row; one below the floor ends it.
    rows: Vec<u64>,
    /// The number of the next packet.
    next: u64,
    /// The number of the first packet that may still have a copy: those before are not looked at.
    floor: u64,
}

/// Twice as many rows as packets: most rows are empty, and a look at one is a look at one number.
const ROWS: usize = 2 * COPIES;

impl Copies {
    pub(super) fn new() -> Self {
        let nothing = Heard { mark: Mark(0), place: Place(0), at: 0, before: 0 };
        Copies { heard: vec![nothing; COPIES], rows: vec![0; ROWS], next: 1, floor: 1 }
    }

    /// Whether this mark was heard within the window; if not, it is heard now.
    pub(super) fn heard(&mut self, at: Nanos, mark: Mark, place: Place) -> Sight {
        self.floor = self.floor.max(self.next.saturating_sub(COPIES as u64));
        while self.floor < self.next
            && self.slot(self.floor).is_some_and(|heard| at.saturating_sub(heard.at) > COPY_WINDOW)
        {
            self.floor = self.floor.saturating_add(1);
        }
        let row = (mark.0 >> 32) as usize % ROWS;
        let before = self.rows.get(row).copied().unwrap_or_default();
        let mut number = before;
        while number >= self.floor {
            let Some(heard) = self.slot(number) else { break };
            if heard.mark == mark {
                // The latest of its like decides: a copy does not renew it, so a station that repeats itself for ever
                // is heard once in each window.
                if heard.at.abs_diff(at) <= COPY_WINDOW.unsigned_abs() {
                    return if heard.place == place { Sight::Again } else { Sight::Elsewhere };
                }
                break;
            }
            number = heard.before;
        }
        if let Some(slot) = self.heard.get_mut(self.next as usize % COPIES) {
            *slot = Heard { mark, place, at, before };
        }
        if let Some(row) = self.rows.get_mut(row) {
            *row = self.next;
        }
        self.next = self.next.saturating_add(1);
        Sight::First
    }

    fn slot(&self, number: u64) -> Option<&Heard> {
        self.heard.get(number as usize % COPIES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(n: u64) -> impl Iterator<Item = Mark> {
        let marker = Marker::new([3; 16]);
        (0..n).map(move |n| marker.link([0, 0], 0, &n.to_be_bytes()))
    }

    const HERE: Place = Place(7);

    #[test]
    fn a_mark_is_a_copy_within_the_window_and_not_beyond() {
        let mut copies = Copies::new();
        let mark = marks(1).next().unwrap();
        use Sight::{Again, First};
        for (at, sight) in [(5, First), (5, Again), (5 + COPY_WINDOW, Again), (6 + COPY_WINDOW, First), (7, Again)] {
            assert_eq!(copies.heard(at, mark, HERE), sight, "{at}");
        }
        assert_eq!(copies.heard(7, mark, Place(8)), Sight::Elsewhere);
    }

    #[test]
    fn a_copy_is_told_after_as_many_packets_as_stated_and_not_after_more() {
        for (between, sight) in [(0, Sight::Again), (COPIES - 1, Sight::Again), (COPIES, Sight::First)] {
            let mut copies = Copies::new();
            let mut marks = marks(COPIES as u64 + 1);
            let first = marks.next().unwrap();
            copies.heard(0, first, HERE);
            marks.take(between).for_each(|mark| assert_eq!(copies.heard(0, mark, HERE), Sight::First));
            assert_eq!(copies.heard(0, first, HERE), sight, "{between}");
        }
    }

    #[test]
    fn every_byte_and_every_length_makes_another_mark() {
        let marker = Marker::new([9; 16]);
        let mut seen = std::collections::HashSet::new();
        for length in 0..200usize {
            let mut bytes = vec![0; length];
            assert!(seen.insert(marker.link([1, 2], 3, &bytes).0), "{length}");
            for at in 0..length {
                bytes[at] = 1;
                assert!(seen.insert(marker.link([1, 2], 3, &bytes).0), "{length} {at}");
                bytes[at] = 0;
            }
        }
        assert_ne!(marker.link([1, 2], 3, b"x"), Marker::new([8; 16]).link([1, 2], 3, b"x"));
        assert_ne!(marker.link([1, 2], 3, b"x"), marker.link([2, 1], 3, b"x"));
    }
}
