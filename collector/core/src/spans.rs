//! Stretches of time in which something was seen.

use holter_terms::Nanos;

/// First and last time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    pub first: Nanos,
    pub last: Nanos,
}

impl Seen {
    pub fn new(first: Nanos, last: Nanos) -> Seen {
        Seen { first: first.min(last), last: first.max(last) }
    }

    pub(crate) fn widen(&mut self, first: Nanos, last: Nanos) {
        self.first = self.first.min(first);
        self.last = self.last.max(last);
    }

    /// What of it lies at or before a time.
    pub fn until(self, at: Nanos) -> Option<Seen> {
        (self.first <= at).then_some(Seen { first: self.first, last: self.last.min(at) })
    }
}

/// Stretches, oldest first, that neither overlap nor stand nearer to each other than the gap they were added with.
/// Where there is no room for one more, the two of the older half that stand nearest become one: the recent past stays
/// exact, and the far past keeps its ends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spans(Vec<Seen>);

impl Spans {
    pub fn of(first: Nanos, last: Nanos) -> Spans {
        Spans(vec![Seen::new(first, last)])
    }

    /// Adds a stretch; what stands within `gap` of it becomes one with it. At most `room` stretches are kept.
    pub fn add(&mut self, first: Nanos, last: Nanos, gap: Nanos, room: usize) {
        let mut new = Seen::new(first, last);
        // The newest is nearly always the one that goes on.
        if let Some(newest) = self.0.last_mut()
            && new.first >= newest.first
            && new.first <= newest.last.saturating_add(gap)
        {
            newest.last = newest.last.max(new.last);
            return;
        }
        let (from, to) = (new.first.saturating_sub(gap), new.last.saturating_add(gap));
        let at = self.0.partition_point(|span| span.last < from);
        let end = self.0.partition_point(|span| span.first <= to);
        for touched in self.0.get(at..end.max(at)).unwrap_or_default() {
            new.widen(touched.first, touched.last);
        }
        self.0.splice(at..end.max(at), [new]);
        while self.0.len() > room.max(2) {
            self.coarsen();
        }
    }

    fn coarsen(&mut self) {
        let half = (self.0.len() / 2).max(1);
        let gap = |pair: &[Seen]| match pair {
            [a, b] => b.first.saturating_sub(a.last),
            _ => Nanos::MAX,
        };
        let nearest = self.0.windows(2).take(half).enumerate().min_by_key(|(_, pair)| gap(pair)).map(|(at, _)| at);
        if let Some(at) = nearest
            && at.saturating_add(1) < self.0.len()
        {
            let next = self.0.remove(at.saturating_add(1));
            if let Some(span) = self.0.get_mut(at) {
                span.widen(next.first, next.last);
            }
        }
    }

    /// Begins a stretch of its own at the end, however near the last one stands; earlier than that, it is added.
    pub fn begin(&mut self, first: Nanos, last: Nanos, room: usize) {
        if self.0.last().is_none_or(|newest| first > newest.last) {
            self.0.push(Seen::new(first, last));
            while self.0.len() > room.max(2) {
                self.coarsen();
            }
        } else {
            self.add(first, last, 0, room);
        }
    }

    pub fn all(&self) -> &[Seen] {
        &self.0
    }

    /// From the first to the last.
    pub fn whole(&self) -> Option<Seen> {
        Some(Seen { first: self.0.first()?.first, last: self.0.last()?.last })
    }

    /// The newest that had begun by a time, as it was then.
    pub fn newest(&self, at: Nanos) -> Option<Seen> {
        let begun = self.0.partition_point(|span| span.first <= at);
        self.0.get(begun.checked_sub(1)?)?.until(at)
    }

    /// What lies at or before a time.
    pub fn until(&self, at: Nanos) -> Spans {
        Spans(self.0.iter().filter_map(|span| span.until(at)).collect())
    }

    /// Whether both were there at once, and not one taking over from the other: they share more than `handover`, or more
    /// than half of the shorter stretch, or one was heard at a moment within a stretch of the other.
    pub fn together(&self, other: &Spans, handover: Nanos) -> bool {
        let (mut a, mut b) = (self.0.iter().peekable(), other.0.iter().peekable());
        while let (Some(x), Some(y)) = (a.peek(), b.peek()) {
            let both = x.last.min(y.last).saturating_sub(x.first.max(y.first));
            if both >= 0 {
                let length = |span: &Seen| span.last.saturating_sub(span.first);
                let shorter = length(x).min(length(y));
                let within = (x.first < y.first && y.last < x.last) || (y.first < x.first && x.last < y.last);
                if both > handover || both.saturating_mul(2) > shorter || within {
                    return true;
                }
            }
            if x.last < y.last {
                a.next()
            } else {
                b.next()
            };
        }
        false
    }

    pub(crate) fn merge(&mut self, other: &Spans, gap: Nanos, room: usize) {
        for span in &other.0 {
            self.add(span.first, span.last, gap, room);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(spans: &Spans) -> Vec<(Nanos, Nanos)> {
        spans.all().iter().map(|span| (span.first, span.last)).collect()
    }

    #[test]
    fn stretches_come_in_any_order_and_join_where_they_touch() {
        let parts = [(10, 20), (22, 30), (100, 120), (50, 60), (31, 49)];
        let fold = |order: &[usize]| {
            let mut spans = Spans::default();
            order.iter().for_each(|&at| spans.add(parts[at].0, parts[at].1, 2, 16));
            list(&spans)
        };
        for order in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 0, 3, 1, 4], [3, 4, 0, 2, 1]] {
            assert_eq!(fold(&order), [(10, 60), (100, 120)]);
        }
    }

    #[test]
    fn a_full_list_forgets_gaps_of_the_far_past_and_no_time_seen() {
        let mut spans = Spans::default();
        for n in 0..100 {
            spans.add(n * 100, n * 100 + 10, 5, 8);
        }
        assert_eq!(spans.all().len(), 8);
        assert_eq!(spans.whole(), Some(Seen { first: 0, last: 9_910 }));
        assert_eq!(list(&spans)[5..], [(9_700, 9_710), (9_800, 9_810), (9_900, 9_910)]);
    }

    #[test]
    fn as_it_was_then() {
        let mut spans = Spans::of(10, 20);
        spans.begin(21, 30, 8);
        assert_eq!(list(&spans), [(10, 20), (21, 30)]);
        assert_eq!(spans.newest(9), None);
        assert_eq!(spans.newest(15), Some(Seen { first: 10, last: 15 }));
        assert_eq!(spans.newest(25), Some(Seen { first: 21, last: 25 }));
        assert_eq!(list(&spans.until(25)), [(10, 20), (21, 25)]);
    }

    #[test]
    fn who_takes_over_is_not_there_together_with_whom_he_relieves() {
        let day = Spans::of(0, 1000);
        for (first, last, together) in [
            (1000, 2000, false),
            (995, 2000, false),
            (900, 2000, true),
            (400, 420, true),
            (500, 500, true),
            (1000, 1000, false),
            (1001, 1200, false),
            (0, 1000, true),
        ] {
            let other = Spans::of(first, last);
            assert_eq!((day.together(&other, 10), other.together(&day, 10)), (together, together), "{first} {last}");
        }
        // Two that were heard for a moment only, at the same moments.
        let (mut a, mut b) = (Spans::of(0, 80), Spans::of(2, 86));
        assert!(a.together(&b, 600));
        a.add(1000, 1100, 0, 8);
        b.add(500, 600, 0, 8);
        assert!(b.together(&a, 600));
    }
}
