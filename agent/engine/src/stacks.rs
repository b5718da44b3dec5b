//! What the network stack of a device showed so far: which shapes of it were told, and whether others speak from its address.
//!
//! A router takes one hop off whatever it passes on, also where it puts its own address in place of the sender's (RFC 3022
//! 4.1). So a station from whose address connections begin with 64 hops to go, and by turns with 63 or 128, speaks for
//! another machine. What could be taken for it and is not:
//!
//! - one machine that starts another system: it does not change back and forth within the hour ([`TURNS`] times);
//! - a scanner that makes its own packets with TTLs at random: more than [`WAYS`] of them;
//! - a packet on the other side of a router, and IPv6, whose hop limits stacks choose apart from TTLs: neither is looked at.

use holter_evidence::Behind;
use std::net::Ipv4Addr;

/// Shapes remembered of one device. Another one takes the place of the oldest.
const SHAPES: usize = 4;

/// Different TTLs of one address from which on they are no machines.
const WAYS: usize = 4;

/// Changes from one TTL to another within [`HOUR`].
const TURNS: u8 = 4;

/// In seconds.
const HOUR: u32 = 3600;

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Stacks {
    shapes: [u32; SHAPES],
    next: u8,
    /// A bit for each number of hops to go that was told.
    told: u8,
    ways: Ways,
}

/// The TTLs with which connections begin, of the address that was heard last.
#[derive(Debug, Clone, Copy, Default)]
struct Ways {
    ip: Option<Ipv4Addr>,
    /// 0 is a free place.
    seen: [u8; WAYS],
    last: u8,
    turns: u8,
    /// The second of the first turn.
    since: u32,
    /// More of them than machines could be.
    wild: bool,
    /// A bit for what was told.
    told: u8,
}

impl Stacks {
    /// Whether a shape with this mark is news.
    pub(crate) fn shows(&mut self, mark: u32) -> bool {
        if self.shapes.contains(&mark) {
            return false;
        }
        if let Some(place) = self.shapes.get_mut(usize::from(self.next) % SHAPES) {
            *place = mark;
        }
        self.next = self.next.wrapping_add(1);
        true
    }

    /// Whether it is news that packets start with so many hops to go.
    pub(crate) fn sends(&mut self, initial_ttl: u8) -> bool {
        let bit = match initial_ttl {
            32 => 1,
            64 => 2,
            128 => 4,
            _ => 8,
        };
        let news = self.told & bit == 0;
        self.told |= bit;
        news
    }

    /// A connection began in this second from an address of the device itself, with these hops to go: what that shows, if it is
    /// news.
    pub(crate) fn begins(&mut self, ip: Ipv4Addr, ttl: u8, second: u32) -> Option<Behind> {
        let ways = &mut self.ways;
        if ways.ip != Some(ip) {
            *ways = Ways { ip: Some(ip), told: ways.told, ..Ways::default() };
        }
        if ways.wild || ways.last == ttl {
            return None;
        }
        if !ways.seen.contains(&ttl) {
            match ways.seen.iter_mut().find(|place| **place == 0) {
                Some(place) => *place = ttl,
                None => {
                    ways.wild = true;
                    return None;
                }
            }
        }
        let first = ways.last == 0;
        ways.last = ttl;
        if first {
            return None;
        }
        if ways.turns == 0 || second.wrapping_sub(ways.since) > HOUR {
            ways.since = second;
            ways.turns = 0;
        }
        ways.turns = ways.turns.saturating_add(1);
        if ways.turns < TURNS {
            return None;
        }
        let behind = ways.behind()?;
        let bit = if behind == Behind::Stacks { 1 } else { 2 };
        let news = ways.told & bit == 0;
        ways.told |= bit;
        news.then_some(behind)
    }
}

impl Ways {
    fn behind(&self) -> Option<Behind> {
        let mut initial = self.seen.iter().filter(|ttl| **ttl != 0).map(|&ttl| holter_evidence::initial_ttl(ttl));
        let first = initial.next()??;
        let mut behind = Behind::Hops;
        for other in initial {
            // What says nothing about where it started says nothing about who started it.
            if other? != first {
                behind = Behind::Stacks;
            }
        }
        Some(behind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IP: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 5);

    fn told(ttls: &[(u8, u32)]) -> Vec<Behind> {
        let mut stacks = Stacks::default();
        ttls.iter().filter_map(|&(ttl, second)| stacks.begins(IP, ttl, second)).collect()
    }

    #[test]
    fn by_turns_two_systems_or_hops_behind_one_address_are_told_once() {
        let turns = |a: u8, b: u8| (0..40).map(|n| (if n % 2 == 0 { a } else { b }, n)).collect::<Vec<_>>();
        assert_eq!(told(&turns(64, 127)), [Behind::Stacks]);
        assert_eq!(told(&turns(64, 63)), [Behind::Hops]);
        assert_eq!(told(&turns(128, 127)), [Behind::Hops]);
        assert_eq!(told(&turns(64, 64)), []);
    }

    #[test]
    fn a_machine_that_starts_another_system_is_no_translator() {
        let days: Vec<_> = (0..20).flat_map(|day| [(64, day * 7200), (128, day * 7200 + 3601)]).collect();
        assert_eq!(told(&days), []);
    }

    #[test]
    fn a_scanner_with_hops_at_random_is_no_translator() {
        let probes: Vec<_> = (0..500).map(|n| (37 + (n * 7 % 23) as u8, n / 100)).collect();
        assert_eq!(told(&probes), []);
        let traced: Vec<_> = (0..100).map(|n| (if n % 2 == 0 { 64 } else { 3 }, n)).collect();
        assert_eq!(told(&traced), [], "hops that tell no start");
    }

    #[test]
    fn another_address_begins_anew() {
        let mut stacks = Stacks::default();
        for n in 0..100 {
            let ip = Ipv4Addr::new(10, 0, 0, (n % 2) as u8);
            assert_eq!(stacks.begins(ip, if n % 2 == 0 { 64 } else { 63 }, n), None);
        }
    }

    #[test]
    fn a_shape_is_news_once_and_few_are_kept() {
        let mut stacks = Stacks::default();
        assert_eq!([7, 7, 8, 7, 8].map(|mark| stacks.shows(mark)), [true, false, true, false, false]);
        assert!((100..104).all(|mark| stacks.shows(mark)) && stacks.shows(7));
        assert_eq!([64, 128, 64, 255].map(|ttl| stacks.sends(ttl)), [true, true, false, true]);
        assert!(size_of::<Stacks>() <= 44, "{}", size_of::<Stacks>());
    }
}
