//! When a device could be taken out of use: the stretch of a week in which it was used least.

use super::Usage;
use super::when::{heard, span};
use crate::card::Card;
use crate::decree::Criticality;
use crate::device::Device;
use crate::spans::Spans;
use holter_terms::{Attribute, DeviceClass, Nanos, Role};

/// The usual length of a slot.
pub const SLOT_MINUTES: u32 = 30;
/// The longest slot that is looked for.
pub const MINUTES_MAX: u32 = 12 * 60;
/// Nothing is said of a time of the week that was not observed in so many weeks.
pub const WEEKS_MIN: u32 = 2;
const WEEK_HALVES: i64 = super::WEEK as i64;
/// 5 January 1970 was a Monday.
const MONDAY: i64 = 4 * 48;

/// A stretch of the week, UTC.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slot {
    /// Half hours since Monday 00:00 UTC.
    pub half_of_week: u16,
    pub minutes: u32,
    /// The weeks in which this stretch was observed in whole: what stands behind it.
    pub weeks: u32,
    /// Of these, the weeks in which the device was used in it.
    pub used_in: u32,
    /// Clinical acts in it, all weeks together.
    pub acts: u64,
    /// KiB said and heard in it, all weeks together.
    pub kib: u64,
}

impl Slot {
    /// 0 is Monday.
    pub const fn weekday(&self) -> u16 {
        self.half_of_week / 48
    }

    /// Hour and minute of its begin.
    pub const fn time(&self) -> (u16, u16) {
        let half = self.half_of_week % 48;
        (half / 2, half % 2 * 30)
    }
}

/// Why no slot is suggested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoSlot {
    /// A patient may depend on it at any time, whatever the network shows.
    LifeSupporting,
    Monitoring,
    /// It may be either.
    UnknownClass,
    /// No stretch of the week was observed in two weeks; the most in which one was.
    TooShort(u32),
    /// Nobody asks for a slot of that length.
    Length,
}

impl NoSlot {
    pub fn reason(self) -> String {
        match self {
            NoSlot::LifeSupporting => {
                "It may keep a patient alive: no network traffic does not mean that nobody depends on it.".to_owned()
            }
            NoSlot::Monitoring => {
                "It may watch a patient: no network traffic does not mean that nobody depends on it.".to_owned()
            }
            NoSlot::UnknownClass => {
                "What it is is not known well enough to say that no patient depends on it.".to_owned()
            }
            NoSlot::TooShort(weeks) => {
                format!("Observed without a gap for {weeks} of the 2 weeks that are needed, at any time of the week.")
            }
            NoSlot::Length => "A slot has 1 to 720 minutes.".to_owned(),
        }
    }
}

/// Whether a slot may be suggested for it at all. What is only hinted at counts too, where it speaks for caution.
pub fn may_be_stopped(device: &Device) -> Result<(), NoSlot> {
    let card: &Card = &device.card;
    let verdicts = device.identity.verdicts.iter().filter(|verdict| verdict.confidence > 0);
    let mut hints: Vec<DeviceClass> = verdicts
        .clone()
        .filter(|verdict| verdict.attribute == Attribute::Class)
        .filter_map(|verdict| DeviceClass::parse(&verdict.value))
        .collect();
    let said = DeviceClass::parse(&card.class);
    // What a person set stands before what sensors say.
    let by_hand = device.said.field(crate::decree::Field::Class).and_then(DeviceClass::parse);
    match by_hand {
        Some(class) => hints = vec![class],
        None => hints.extend(said),
    }
    if card.criticality == Some(Criticality::LifeSupport) || hints.iter().any(|class| class.is_life_supporting()) {
        return Err(NoSlot::LifeSupporting);
    }
    let watches = [Role::VitalsSource.as_str(), Role::Hl7Observer.as_str()];
    let shows = |role: &String| by_hand.is_none() && watches.contains(&role.as_str()) && card.class != "laboratory";
    if hints.contains(&DeviceClass::Monitoring) || card.roles.iter().any(shows) {
        return Err(NoSlot::Monitoring);
    }
    match by_hand.or(said) {
        None | Some(DeviceClass::Unknown | DeviceClass::Embedded) => Err(NoSlot::UnknownClass),
        Some(_) => Ok(()),
    }
}

/// The stretch of the week in which it was used least, over the weeks in which its sensors listened. Of stretches that
/// were used alike the one that fewer weeks used, then the quieter one, the one with more weeks behind it, the earlier.
pub fn best_slot(usage: &Usage, listening: &Spans, now: Nanos, minutes: u32) -> Result<Slot, NoSlot> {
    if minutes == 0 || minutes > MINUTES_MAX {
        return Err(NoSlot::Length);
    }
    let length = i64::from(minutes.div_ceil(30));
    let (begin, end) = span(now);
    let heard = heard(listening, begin, end);
    let observed = |number: i64| {
        usize::try_from(number.saturating_sub(begin)).ok().and_then(|at| heard.get(at).copied()).unwrap_or(false)
    };
    let (mut best, mut most): (Option<Slot>, u32) = (None, 0);
    for start in 0..WEEK_HALVES {
        let mut slot =
            Slot { half_of_week: u16::try_from(start).unwrap_or(0), minutes, weeks: 0, used_in: 0, acts: 0, kib: 0 };
        // The first such stretch that begins in the span, and every week after it.
        let first = begin.saturating_add((start + MONDAY - begin).rem_euclid(WEEK_HALVES));
        let mut number = first;
        while number.saturating_add(length) <= end {
            let all = number..number.saturating_add(length);
            if all.clone().all(observed) {
                let halves = all.filter_map(|number| usage.at(number));
                let (acts, kib) = halves.fold((0u64, 0u64), |(acts, kib), half| {
                    (acts.saturating_add(u64::from(half.acts)), kib.saturating_add(half.kib()))
                });
                slot.weeks += 1;
                slot.used_in += u32::from(acts > 0);
                slot.acts = slot.acts.saturating_add(acts);
                slot.kib = slot.kib.saturating_add(kib);
            }
            number = number.saturating_add(WEEK_HALVES);
        }
        most = most.max(slot.weeks);
        if slot.weeks >= WEEKS_MIN && best.is_none_or(|best| is_better(&slot, &best)) {
            best = Some(slot);
        }
    }
    best.ok_or(NoSlot::TooShort(most))
}

fn is_better(a: &Slot, b: &Slot) -> bool {
    // Means over different numbers of weeks, compared without a fraction.
    let by_week = |sum: u64, other: &Slot| u128::from(sum) * u128::from(other.weeks);
    (by_week(a.acts, b), u64::from(a.used_in), by_week(a.kib, b), std::cmp::Reverse(a.weeks))
        < (by_week(b.acts, a), u64::from(b.used_in), by_week(b.kib, a), std::cmp::Reverse(b.weeks))
}
