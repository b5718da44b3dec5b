//! When it was used, when it was idle, and when nobody looked.

use super::{DAYS, Day, HALF, Usage};
use crate::spans::Spans;
use crate::{DAY, MINUTE};
use holter_terms::Nanos;

/// Of a half hour that counts as observed, sensors listened to at least so much.
const HEARD: Nanos = 27 * MINUTE;
/// Half hours of a day that counts as observed.
const HALVES_OF_DAY: usize = 24;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It did something clinical.
    Busy,
    /// Sensors listened, and it did nothing.
    Idle,
    /// It may have been either.
    Unobserved,
}

/// A stretch of half hours, from the first moment to behind the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    pub from: Nanos,
    pub to: Nanos,
    pub state: State,
}

/// What a device does on a day, over the days of the last 35 that were observed for half or more.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Daily {
    pub days: u32,
    pub images: f64,
    pub procedures: f64,
    pub messages: f64,
}

/// Which half hours from `begin` to before `end`, both counted from 1970, sensors listened to.
pub(super) fn heard(listening: &Spans, begin: i64, end: i64) -> Vec<bool> {
    let mut sums = vec![0 as Nanos; usize::try_from(end.saturating_sub(begin)).unwrap_or(0)];
    for span in listening.all() {
        let mut number = span.first.div_euclid(HALF).max(begin);
        while number < end && number.saturating_mul(HALF) < span.last {
            let from = span.first.max(number.saturating_mul(HALF));
            let to = span.last.min(number.saturating_add(1).saturating_mul(HALF));
            if let Some(sum) = usize::try_from(number.saturating_sub(begin)).ok().and_then(|at| sums.get_mut(at)) {
                *sum = sum.saturating_add(to.saturating_sub(from));
            }
            number = number.saturating_add(1);
        }
    }
    sums.into_iter().map(|sum| sum >= HEARD).collect()
}

/// The first half hour of what is kept, and the one that is not over yet.
pub(super) fn span(now: Nanos) -> (i64, i64) {
    let kept = i64::try_from(DAYS).unwrap_or(0).saturating_mul(DAY);
    (now.saturating_sub(kept).div_euclid(HALF), now.div_euclid(HALF))
}

impl Usage {
    /// Busy, idle and unobserved stretches between two times, at most 35 days.
    pub fn stretches(&self, listening: &Spans, from: Nanos, to: Nanos) -> Vec<Stretch> {
        let (first, end) = span(to);
        let begin = from.div_euclid(HALF).max(first);
        let mut out: Vec<Stretch> = Vec::new();
        for (number, heard) in (begin..end).zip(heard(listening, begin, end)) {
            let state = match self.at(number) {
                Some(half) if half.acts > 0 => State::Busy,
                _ if heard => State::Idle,
                _ => State::Unobserved,
            };
            let to = number.saturating_add(1).saturating_mul(HALF);
            match out.last_mut() {
                Some(last) if last.state == state => last.to = to,
                _ => out.push(Stretch { from: number.saturating_mul(HALF), to, state }),
            }
        }
        out
    }

    /// Means over whole days that were observed.
    pub fn daily(&self, listening: &Spans, now: Nanos) -> Daily {
        let (begin, end) = span(now);
        let heard = heard(listening, begin, end);
        let observed = |day: i64| {
            let of_day = (day.saturating_mul(48)..day.saturating_add(1).saturating_mul(48)).filter(|number| {
                usize::try_from(number.saturating_sub(begin))
                    .ok()
                    .and_then(|at| heard.get(at))
                    .is_some_and(|heard| *heard)
            });
            of_day.count() >= HALVES_OF_DAY
        };
        let days: Vec<i64> = (begin.div_euclid(48)..now.div_euclid(DAY)).filter(|day| observed(*day)).collect();
        let count = f64::from(u32::try_from(days.len()).unwrap_or(u32::MAX)).max(1.0);
        let sum = |of: fn(&Day) -> u32| {
            let counted = self.days().filter(|day| days.contains(&day.number));
            counted.map(|day| f64::from(of(day))).sum::<f64>() / count
        };
        Daily {
            days: u32::try_from(days.len()).unwrap_or(u32::MAX),
            images: sum(|day| day.images),
            procedures: sum(|day| day.procedures),
            messages: sum(|day| day.messages),
        }
    }
}
