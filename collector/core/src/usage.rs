//! How much a device is used, by time, from counts of what it did: no patient data, no order numbers, no names.
//!
//! Of each face the last 35 days are kept: by day exact sums, and by half hour what it did and how much it said. Memory
//! is bounded by the time span alone: at most [`HALVES`] pairs of 4 bytes and 35 days, about 10 kB of a device that was
//! never silent; a device that says nothing costs nothing.

mod day;
mod slot;
mod when;

pub use day::Day;
pub use slot::{MINUTES_MAX, NoSlot, SLOT_MINUTES, Slot, WEEKS_MIN, best_slot, may_be_stopped};
pub use when::{Daily, State, Stretch};

use crate::device::Device;
use crate::estate::Estate;
use crate::face::Side;
use crate::spans::Spans;
use crate::{DAY, MINUTE};
use holter_terms::{Nanos, Verb};
use std::collections::VecDeque;

pub const DAYS: usize = 35;
pub const HALF: Nanos = 30 * MINUTE;
/// Half hours kept.
pub const HALVES: usize = DAYS * 48;
/// Half hours of a week.
pub const WEEK: usize = 336;
/// Images follow each other within this time as long as one procedure lasts.
pub const PROCEDURE_GAP: Nanos = 10 * MINUTE;

/// What happened in one half hour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Half {
    /// Clinical acts, at most 65,535.
    pub acts: u16,
    /// Kibibytes sent and received, with 11 significant bits.
    load: Load,
}

impl Half {
    /// KiB sent and received.
    pub const fn kib(&self) -> u64 {
        self.load.kib()
    }
}

/// A count in 16 bits: up to 2,047 exact, above with 11 significant bits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Load(u16);

impl Load {
    const fn kib(self) -> u64 {
        let (exponent, mantissa) = (self.0 >> 10, (self.0 & 1023) as u64);
        match exponent {
            0 | 1 => self.0 as u64,
            _ => (1024 + mantissa) << (exponent - 1),
        }
    }

    fn of(kib: u64) -> Load {
        if kib < 2048 {
            return Load(u16::try_from(kib).unwrap_or(2047));
        }
        let shift = 53u32.saturating_sub(kib.leading_zeros());
        // To the nearest, so that many small additions are not all lost.
        let rounded = kib.saturating_add((1u64 << shift) >> 1) >> shift;
        let (shift, mantissa) = if rounded >= 2048 { (shift + 1, 1024) } else { (shift, rounded) };
        match u16::try_from(shift + 1) {
            Ok(exponent) if exponent < 32 => Load((exponent << 10) | u16::try_from(mantissa - 1024).unwrap_or(0)),
            _ => Load((31 << 10) | 1023),
        }
    }

    fn add(&mut self, kib: u64) {
        *self = Load::of(self.kib().saturating_add(kib));
    }
}

/// The use of one face, or of a device when faces are added up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Usage {
    /// The half hour of the last entry, counted from 1970.
    newest: i64,
    halves: VecDeque<Half>,
    days: VecDeque<Day>,
    /// When an image was last sent.
    stored: Option<Nanos>,
    /// Counts for times before the 35 days.
    pub late: u64,
}

impl Usage {
    /// It did something in the window that began at a time.
    pub fn act(&mut self, at: Nanos, side: Side, verb: Verb, count: u64, bytes: u64) {
        if count == 0 || !is_use(verb) {
            return;
        }
        let Some(half) = self.half(at) else { return };
        half.acts = half.acts.saturating_add(u16::try_from(count).unwrap_or(u16::MAX));
        let images = verb == Verb::Store && side == Side::Client;
        // Windows of two sensors interleave: a store that comes a little late goes on what was begun.
        let begins = images && self.stored.is_none_or(|last| at.saturating_sub(last) > PROCEDURE_GAP);
        if images {
            self.stored = Some(self.stored.map_or(at, |last| last.max(at)));
        }
        if let Some(day) = self.day(at) {
            day.act(side, verb, count, bytes);
            day.procedures = day.procedures.saturating_add(u32::from(begins));
        }
    }

    /// It said or heard so many bytes in a conversation that was last heard at a time.
    pub fn talk(&mut self, at: Nanos, bytes: u64) {
        if bytes > 0
            && let Some(half) = self.half(at)
        {
            half.load.add(bytes.div_ceil(1024));
        }
    }

    fn half(&mut self, at: Nanos) -> Option<&mut Half> {
        let number = at.div_euclid(HALF);
        if self.halves.is_empty() {
            self.newest = number;
            self.halves.push_back(Half::default());
        }
        let ahead = number.saturating_sub(self.newest);
        if ahead > 0 {
            if ahead >= i64::try_from(HALVES).unwrap_or(i64::MAX) {
                self.halves.clear();
            }
            let fresh = usize::try_from(ahead).unwrap_or(HALVES).min(HALVES);
            let fresh = if self.halves.is_empty() { 1 } else { fresh };
            self.halves.extend(std::iter::repeat_n(Half::default(), fresh));
            while self.halves.len() > HALVES {
                self.halves.pop_front();
            }
            self.newest = number;
        }
        let back = usize::try_from(self.newest.saturating_sub(number)).unwrap_or(usize::MAX);
        if back >= HALVES {
            self.late = self.late.saturating_add(1);
            return None;
        }
        // What comes late, but within the 35 days, finds its place.
        while self.halves.len() <= back {
            self.halves.push_front(Half::default());
        }
        let index = self.halves.len().checked_sub(back.saturating_add(1))?;
        self.halves.get_mut(index)
    }

    fn day(&mut self, at: Nanos) -> Option<&mut Day> {
        let number = at.div_euclid(DAY);
        let place = self.days.binary_search_by_key(&number, |day| day.number);
        let index = match place {
            Ok(index) => index,
            Err(index) => {
                if self.days.len() >= DAYS {
                    if index == 0 {
                        return None;
                    }
                    self.days.pop_front();
                }
                let index = index.min(self.days.len());
                self.days.insert(index, Day { number, ..Day::default() });
                index
            }
        };
        self.days.get_mut(index)
    }

    /// What happened in a half hour, counted from 1970. `None` where it is not kept.
    pub fn at(&self, number: i64) -> Option<Half> {
        let back = usize::try_from(self.newest.checked_sub(number)?).ok()?;
        let index = self.halves.len().checked_sub(back.checked_add(1)?)?;
        self.halves.get(index).copied()
    }

    /// Days on which it did something, oldest first.
    pub fn days(&self) -> impl Iterator<Item = &Day> {
        self.days.iter()
    }

    /// Half hours from `from` to before `to` in which it did something clinical, by their number.
    pub fn busy(&self, from: Nanos, to: Nanos) -> Vec<i64> {
        let numbers = from.div_euclid(HALF)..to.div_euclid(HALF);
        let first = self.newest.saturating_sub(i64::try_from(self.halves.len()).unwrap_or(0));
        let numbers = numbers.start.max(first)..numbers.end.min(self.newest.saturating_add(1));
        numbers.filter(|number| self.at(*number).is_some_and(|half| half.acts > 0)).collect()
    }

    /// Adds what another face did.
    pub fn add(&mut self, other: &Usage) {
        for (back, half) in other.halves.iter().rev().enumerate() {
            let number = other.newest.saturating_sub(i64::try_from(back).unwrap_or(i64::MAX));
            if *half == Half::default() {
                continue;
            }
            if let Some(own) = self.half(number.saturating_mul(HALF)) {
                own.acts = own.acts.saturating_add(half.acts);
                own.load.add(half.kib());
            }
        }
        for day in &other.days {
            if let Some(own) = self.day(day.number.saturating_mul(DAY)) {
                own.add(day);
            }
        }
        self.stored = self.stored.max(other.stored);
        self.late = self.late.saturating_add(other.late);
    }
}

/// Acts by which a device is used. That it was asked whether it is there, or asked for a lease or a name, is none.
pub const fn is_use(verb: Verb) -> bool {
    match verb {
        Verb::Associate
        | Verb::Store
        | Verb::Find
        | Verb::Move
        | Verb::Get
        | Verb::Normalized
        | Verb::Message
        | Verb::Accept
        | Verb::Refuse => true,
        Verb::Reject | Verb::Echo | Verb::Lease | Verb::Ask | Verb::Query | Verb::Answer => false,
    }
}

impl Device {
    /// What all its faces did.
    pub fn usage(&self) -> Usage {
        let mut all = Usage::default();
        self.faces.values().for_each(|face| all.add(&face.usage));
        all
    }
}

impl Estate {
    /// When a sensor that has seen the device listened without loss.
    pub fn listening(&self, device: &Device) -> Spans {
        let mut all = Spans::default();
        for sensor in device.sensor_ids().iter().filter_map(|id| self.sensors.get(id)) {
            all.merge(&sensor.listening, 0, crate::sensor::STRETCHES_MAX);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_load_keeps_three_digits_whatever_its_size() {
        for kib in (0..2048).chain([2_048, 4_095, 4_097, 1 << 20, (1 << 25) - 1, 123_456_789]) {
            let kept = Load::of(kib).kib();
            assert!(kept.abs_diff(kib) * 1000 <= kib, "{kib} {kept}");
        }
        assert!(Load::of(u64::MAX).kib() >= 1 << 40);
        let mut load = Load::default();
        (0..1_800).for_each(|_| load.add(1_000));
        // A sum of many errs more than one: by less than a twentieth.
        assert!(load.kib().abs_diff(1_800_000) < 90_000, "{}", load.kib());
    }

    #[test]
    fn memory_is_bounded_by_the_span_however_far_time_jumps() {
        let mut usage = Usage::default();
        for at in [0, 400 * DAY, 401 * DAY, 380 * DAY, 340 * DAY, i64::MAX, 0] {
            usage.act(at, Side::Client, Verb::Store, 1, 0);
            usage.talk(at, 100);
            assert!(usage.halves.len() <= HALVES && usage.days.len() <= DAYS);
        }
        assert!(usage.late > 0);
    }

    #[test]
    fn what_comes_late_is_counted_where_it_belongs() {
        let mut usage = Usage::default();
        for at in [10 * DAY, 12 * DAY, 11 * DAY, 9 * DAY] {
            usage.act(at, Side::Client, Verb::Store, 3, 7);
        }
        let days: Vec<_> = usage.days().map(|day| (day.number, day.images)).collect();
        assert_eq!(days, [(9, 3), (10, 3), (11, 3), (12, 3)]);
        assert_eq!(usage.busy(0, 20 * DAY), [9 * 48, 10 * 48, 11 * 48, 12 * 48]);
    }

    #[test]
    fn faces_add_up_to_their_device() {
        let (mut a, mut b, mut both) = (Usage::default(), Usage::default(), Usage::default());
        for n in 0..200 {
            let (usage, at) = (if n % 3 == 0 { &mut a } else { &mut b }, n * 7 * HALF);
            for usage in [usage, &mut both] {
                usage.act(at, Side::Client, Verb::Find, 2, 0);
                usage.talk(at, 5_000);
            }
        }
        a.add(&b);
        assert_eq!(a.halves, both.halves);
        assert_eq!(a.days, both.days);
    }
}
