//! A hospital for thirty days: who is in it, who comes and goes with which address, and what three mirrors see of it.

use crate::frames::{self, BROADCAST, Ends, Head, Hop};
use holter_terms::{Mac, Nanos};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::Ipv4Addr;

pub(crate) const SECOND: Nanos = 1_000_000_000;
pub(crate) const MINUTE: Nanos = 60 * SECOND;
pub(crate) const HOUR: Nanos = 60 * MINUTE;
pub(crate) const DAY: Nanos = 24 * HOUR;
/// 2026-03-02, a Monday.
pub(crate) const START: Nanos = 1_772_409_600 * SECOND;
pub(crate) const DAYS: i64 = 30;

/// Where a machine stands. The last is mirrored nowhere: its machines are seen behind the router alone.
pub(crate) const CLINICAL: usize = 0;
pub(crate) const OFFICE: usize = 1;
pub(crate) const SERVERS: usize = 2;
pub(crate) const ANNEX: usize = 3;

pub(crate) const DNS: Ipv4Addr = Ipv4Addr::new(10, 30, 0, 10);
const DHCP: Ipv4Addr = Ipv4Addr::new(10, 30, 0, 11);
const APPLICATION: Ipv4Addr = Ipv4Addr::new(10, 30, 0, 20);
const ARCHIVE: Ipv4Addr = Ipv4Addr::new(10, 30, 0, 21);

#[derive(Debug, Clone)]
pub(crate) struct Machine {
    pub(crate) name: String,
    pub(crate) segment: usize,
    /// Those that it has at once, or one after the other.
    pub(crate) macs: Vec<Mac>,
    pub(crate) fixed: Vec<Ipv4Addr>,
    pub(crate) serial: Option<String>,
    pub(crate) habit: Habit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Habit {
    /// Always there, at one address.
    Stays,
    /// Always there, with two cards at once.
    TwoCards,
    /// Its card was changed on the twelfth day; the address stayed.
    NewCard,
    /// Comes and goes with leases.
    Comes,
    /// The same; in the morning by cable, in the afternoon without.
    Docks,
    /// The same, with another made-up address each day.
    Hides,
    /// The same, with one made-up address, under a name of many.
    Common,
}

/// A generator that is the same in every run.
pub(crate) struct Draw(u64);

impl Draw {
    pub(crate) fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }
}

/// A frame, and the mirror that sees it.
pub(crate) type Sighting = (Nanos, usize, Vec<u8>);

struct Lease {
    mac: Mac,
    until: Nanos,
}

pub(crate) struct World {
    pub(crate) machines: Vec<Machine>,
    draw: Draw,
    routers: [Mac; 2],
    leases: BTreeMap<Ipv4Addr, Lease>,
    /// Addresses that can be given out, by segment, those free for longest first.
    free: [VecDeque<Ipv4Addr>; 4],
    had: BTreeMap<Mac, Ipv4Addr>,
    number: u32,
}

fn mac(kind: u8, n: usize) -> Mac {
    let [.., a, b] = u32::try_from(n).unwrap().to_be_bytes();
    Mac([0x00, 0x1b, kind, 0x40, a, b])
}

impl World {
    pub(crate) fn new() -> World {
        let mut machines = Vec::new();
        let mut push = |name: String, segment, macs, fixed, serial, habit| {
            machines.push(Machine { name, segment, macs, fixed, serial, habit });
        };
        let routers = [mac(0xc0, 1), mac(0xc0, 2)];
        for (n, router) in routers.iter().enumerate() {
            let last = u8::try_from(2 + n).unwrap();
            let fixed = (0..4).map(|segment| gateway(segment, last)).collect();
            push(format!("core-{n}"), SERVERS, vec![*router], fixed, None, Habit::Stays);
        }
        for n in 0..18u8 {
            let name = format!("srv-{n:02}");
            push(name, SERVERS, vec![mac(1, n.into())], vec![Ipv4Addr::new(10, 30, 0, 10 + n)], None, Habit::Stays);
        }
        for n in 0..190usize {
            let (habit, cards) = match n {
                0..3 => (Habit::TwoCards, 2),
                3..7 => (Habit::NewCard, 2),
                _ => (Habit::Stays, 1),
            };
            let last = u8::try_from(20 + n).unwrap();
            let mut fixed = vec![Ipv4Addr::new(10, 10, 0, last)];
            if habit == Habit::TwoCards {
                fixed.push(Ipv4Addr::new(10, 10, 1, last));
            }
            // Of those with a new card the last tells no serial number, as printers do.
            let serial = (n < 60 && n != 6).then(|| format!("SN-{:05}", 40_000 + n * 7));
            let macs = (0..cards).map(|card| mac(2, n + 1000 * card)).collect();
            push(format!("mod-{n:03}"), CLINICAL, macs, fixed, serial, habit);
        }
        for n in 0..60 {
            push(format!("cart-{n:02}"), CLINICAL, vec![mac(3, n)], Vec::new(), None, Habit::Comes);
        }
        for n in 0..150usize {
            let habit = if n < 20 { Habit::Docks } else { Habit::Comes };
            let cards = if habit == Habit::Docks { 2 } else { 1 };
            let macs = (0..cards).map(|card| mac(4, n + 1000 * card)).collect();
            push(format!("nb-{n:03}-adm"), OFFICE, macs, Vec::new(), None, habit);
        }
        for n in 0..40usize {
            let (name, habit) = match n {
                0..8 => ("iPhone".to_owned(), Habit::Common),
                _ => (format!("tab-{n:02}-ward"), Habit::Hides),
            };
            let made_up =
                |day: usize| Mac([0x02 | 0x48, 7, 9, u8::try_from(n).unwrap(), u8::try_from(day).unwrap(), 1]);
            let days = if habit == Habit::Hides { usize::try_from(DAYS).unwrap() } else { 1 };
            push(name, OFFICE, (0..days).map(made_up).collect(), Vec::new(), None, habit);
        }
        for n in 0..40 {
            push(format!("annex-{n:02}"), ANNEX, vec![mac(5, n)], Vec::new(), None, Habit::Comes);
        }
        let pool = |segment: u8, from: u8, many: u8| -> VecDeque<Ipv4Addr> {
            (0..many).map(|n| Ipv4Addr::new(10, segment, 4, from + n)).collect()
        };
        World {
            machines,
            draw: Draw(0x5eed_cafe_f00d),
            routers,
            leases: BTreeMap::new(),
            free: [pool(10, 10, 70), pool(20, 10, 220), VecDeque::new(), pool(40, 10, 45)],
            had: BTreeMap::new(),
            number: 0,
        }
    }

    /// Everything of one day that a mirror sees, in the order of time.
    pub(crate) fn day(&mut self, day: i64) -> Vec<Sighting> {
        let midnight = START + day * DAY;
        let machines = self.machines.clone();
        let mut stays: Vec<(Nanos, usize, usize)> = Vec::new();
        let mut comes: Vec<(Nanos, Nanos, usize, usize)> = Vec::new();
        for (at, machine) in machines.iter().enumerate() {
            let jitter = self.draw.below(50 * 60) as Nanos * SECOND;
            match machine.habit {
                Habit::Stays => stays.push((midnight + jitter, at, 0)),
                Habit::TwoCards => stays.extend([(midnight + jitter, at, 0), (midnight + jitter + 7 * SECOND, at, 1)]),
                Habit::NewCard => stays.push((midnight + jitter, at, usize::from(day >= 12))),
                Habit::Comes | Habit::Common => {
                    if self.draw.below(10) < 7 {
                        let from = midnight + 7 * HOUR + self.draw.below(4 * 3600) as Nanos * SECOND;
                        comes.push((from, from + HOUR + self.draw.below(7 * 3600) as Nanos * SECOND, at, 0));
                    }
                }
                Habit::Docks => {
                    let from = midnight + 8 * HOUR + jitter;
                    let noon = from + 3 * HOUR + self.draw.below(3600) as Nanos * SECOND;
                    comes.extend([(from, noon, at, 0), (noon + MINUTE, noon + 4 * HOUR, at, 1)]);
                }
                Habit::Hides => {
                    let from = midnight + 7 * HOUR + jitter;
                    comes.push((from, from + 5 * HOUR, at, usize::try_from(day).unwrap()));
                }
            }
        }
        let mut out = Vec::new();
        for (from, at, card) in stays {
            for hour in [0, 9, 18] {
                self.works(
                    &machines[at],
                    card,
                    machines[at].fixed[card.min(machines[at].fixed.len() - 1)],
                    from + hour * HOUR,
                    &mut out,
                );
            }
        }
        // Leases are given out in the order in which they are asked for.
        comes.sort_unstable();
        for (from, to, at, card) in comes {
            let machine = &machines[at];
            let Some(ip) = self.lease(machine, machine.macs[card], from, to, &mut out) else { continue };
            let mut when = from + 2 * SECOND;
            while when < to {
                self.works(machine, card, ip, when, &mut out);
                when += 2 * HOUR + self.draw.below(600) as Nanos * SECOND;
            }
        }
        out.sort_by_key(|(at, sensor, _)| (*at, *sensor));
        out
    }

    /// A packet, on every segment that it crosses.
    fn packet(&self, at: Nanos, [from, to]: [(usize, Mac); 2], make: &dyn Fn(Hop) -> Vec<u8>, out: &mut Vec<Sighting>) {
        if from.0 == to.0 {
            if from.0 != ANNEX {
                out.push((at, from.0, make(Hop { from: from.1, to: to.1, ttl: 64 })));
            }
            return;
        }
        // Hosts send to the address that the routers share; a router sends from its own.
        if from.0 != ANNEX {
            out.push((at, from.0, make(Hop { from: from.1, to: shared(from.0), ttl: 64 })));
        }
        if to.0 != ANNEX {
            out.push((at + 100_000, to.0, make(Hop { from: self.routers[0], to: to.1, ttl: 63 })));
        }
    }

    fn lease(
        &mut self,
        machine: &Machine,
        mac: Mac,
        from: Nanos,
        to: Nanos,
        out: &mut Vec<Sighting>,
    ) -> Option<Ipv4Addr> {
        let segment = machine.segment;
        let ended: BTreeSet<Ipv4Addr> =
            self.leases.iter().filter(|(_, lease)| lease.until < from).map(|(ip, _)| *ip).collect();
        for ip in ended {
            self.leases.remove(&ip);
            let at = (0..4).find(|at| gateway(*at, 0).octets()[1] == ip.octets()[1]).unwrap();
            self.free[at].push_back(ip);
        }
        // Half of those who come back get what they had, if it is free.
        let again = self.had.get(&mac).copied().filter(|ip| self.free[segment].contains(ip));
        let again = again.filter(|_| self.draw.below(2) == 0);
        let ip = match again {
            Some(ip) => {
                self.free[segment].retain(|other| *other != ip);
                ip
            }
            None => self.free[segment].pop_front()?,
        };
        self.leases.insert(ip, Lease { mac, until: to + 10 * MINUTE });
        assert_eq!(self.leases[&ip].mac, mac);
        self.had.insert(mac, ip);
        self.number += 1;
        let (xid, none, router) = (self.number, Ipv4Addr::UNSPECIFIED, gateway(segment, 1));
        let server = mac_of_server(1);
        let wide = Ipv4Addr::BROADCAST;
        let asks = Ends { from: (none, 68), to: (wide, 67) };
        for (kind, asked, at) in [(1u8, false, from), (3, true, from + SECOND)] {
            let address = ip.octets();
            let identifier = DHCP.octets();
            let mut options: Vec<(u8, &[u8])> = vec![(12, machine.name.as_bytes()), (55, &[1, 3, 6, 15])];
            if asked {
                options.extend([(50, address.as_slice()), (54, identifier.as_slice())]);
            }
            let message = frames::dhcp(kind, xid, mac, none, none, &options);
            if segment != ANNEX {
                out.push((at, segment, frames::udp(Hop { from: mac, to: BROADCAST, ttl: 64 }, asks, &message)));
            }
            let relayed = frames::dhcp(kind, xid, mac, none, router, &options);
            let way = Ends { from: (router, 67), to: (DHCP, 67) };
            let hop = Hop { from: self.routers[0], to: server, ttl: 64 };
            out.push((at + 200_000, SERVERS, frames::udp(hop, way, &relayed)));
            let lease = 3600u32.to_be_bytes();
            let gateway = router.octets();
            let names = DNS.octets();
            let options: [(u8, &[u8]); 4] = [(54, &identifier), (51, &lease), (3, &gateway), (6, &names)];
            let message = frames::dhcp(kind + if kind == 1 { 1 } else { 2 }, xid, mac, ip, router, &options);
            let hop = Hop { from: server, to: shared(SERVERS), ttl: 64 };
            out.push((at + 400_000, SERVERS, frames::udp(hop, way.back(), &message)));
            if segment != ANNEX {
                let ends = Ends { from: (router, 67), to: (wide, 68) };
                let hop = Hop { from: self.routers[0], to: BROADCAST, ttl: 64 };
                out.push((at + 600_000, segment, frames::udp(hop, ends, &message)));
            }
        }
        Some(ip)
    }

    /// A machine asks for a name, is asked for by name, and talks to a server; a modality stores an image.
    fn works(&mut self, machine: &Machine, card: usize, ip: Ipv4Addr, at: Nanos, out: &mut Vec<Sighting>) {
        self.number += 1;
        let me = (machine.segment, machine.macs[card]);
        if machine.segment != ANNEX {
            // The gateway's address is the one that the routers share.
            let (way_out, shared) = (gateway(machine.segment, 1), shared(machine.segment));
            out.push((at, machine.segment, frames::arp(1, (me.1, ip), (Mac::ZERO, way_out))));
            out.push((at + 50_000, machine.segment, frames::arp(2, (shared, way_out), (me.1, ip))));
        }
        let names = (SERVERS, mac_of_server(0));
        let port = 40_000 + u16::try_from(self.number % 20_000).unwrap();
        let id = u16::try_from(self.number % 65_536).unwrap();
        if ip != DNS && machine.habit != Habit::Common {
            let ends = Ends { from: (ip, port), to: (DNS, 53) };
            let name = format!("{}.clin.example", machine.name);
            let (question, answer) = (frames::dns(id, &name, None), frames::dns(id, &name, Some(ip)));
            self.packet(at + SECOND, [me, names], &|hop| frames::udp(hop, ends, &question), out);
            self.packet(at + SECOND + 1_000_000, [names, me], &|hop| frames::udp(hop, ends.back(), &answer), out);
        }
        let (server, number) = if machine.serial.is_some() { (ARCHIVE, 11) } else { (APPLICATION, 10) };
        if ip == server {
            return;
        }
        let there = (SERVERS, mac_of_server(number));
        let ends = Ends { from: (ip, port), to: (server, if machine.serial.is_some() { 104 } else { 8443 }) };
        let mut talk: Vec<(bool, u8, Vec<u8>)> =
            vec![(false, 2, Vec::new()), (true, 0x12, Vec::new()), (false, 0x10, Vec::new())];
        match &machine.serial {
            Some(serial) => {
                let title = machine.name.to_uppercase();
                let head =
                    Head { maker: "Tessivo Imaging", model: "Orbis 7", station: &title, serial, software: "R4.2" };
                talk.push((false, 0x18, frames::associate(false, "ARCHIVE", &title)));
                talk.push((true, 0x18, frames::associate(true, "ARCHIVE", &title)));
                talk.push((false, 0x18, frames::store(&head)));
            }
            None => talk.extend([(false, 0x18, vec![0; 40]), (true, 0x18, vec![1; 80])]),
        }
        talk.push((false, 0x11, Vec::new()));
        talk.push((true, 0x11, Vec::new()));
        let mut sequence = [1000u32, 9000];
        for (step, (back, flags, payload)) in talk.into_iter().enumerate() {
            let side = usize::from(back);
            let numbers = [sequence[side], sequence[1 - side]];
            let pair = if back { [there, me] } else { [me, there] };
            let ends = if back { ends.back() } else { ends };
            let when = at + 2 * SECOND + i64::try_from(step).unwrap() * 2_000_000;
            self.packet(when, pair, &|hop| frames::tcp(hop, ends, numbers, flags, &payload), out);
            sequence[side] += u32::try_from(payload.len()).unwrap() + u32::from(flags & 3 != 0);
        }
    }
}

fn gateway(segment: usize, last: u8) -> Ipv4Addr {
    Ipv4Addr::new(10, [10, 20, 30, 40][segment], 0, last)
}

/// The address of VRRP that the routers of a segment share.
pub(crate) fn shared(segment: usize) -> Mac {
    Mac([0, 0, 0x5e, 0, 1, u8::try_from(10 * (segment + 1)).unwrap()])
}

fn mac_of_server(n: usize) -> Mac {
    mac(1, n)
}
