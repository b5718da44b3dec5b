use crate::raised::{Fact, Machine, Raised, id};
use crate::table::Table;
use holter_catalogue::Detection;
use holter_terms::{Nanos, Severity};
use std::hash::Hash;

const SECOND: Nanos = 1_000_000_000;

/// What has not become a finding is forgotten after this silence.
pub(crate) const QUIET: Nanos = 600 * SECOND;

/// A finding that changes is reported anew no sooner than this.
const UPDATE: Nanos = 60 * SECOND;

/// A finding is remembered this long after its last event, so that going on makes no new one within a day.
const REMEMBERED: Nanos = 86_400 * SECOND;

/// What a detector gathers before and after it raises.
pub(crate) trait Content {
    /// The severity, once the facts make a finding.
    fn verdict(&self) -> Option<Grade>;

    fn facts(&self, first: Nanos, last: Nanos) -> Vec<Fact>;

    /// What the finding is about beside its machines. Two cases of one detection between the same machines differ in
    /// it.
    fn object(&self) -> &[u8] {
        &[]
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Grade {
    Usual,
    Graver,
}

pub(crate) struct Case<C> {
    pub(crate) subject: Machine,
    pub(crate) peer: Option<Machine>,
    pub(crate) first: Nanos,
    pub(crate) last: Nanos,
    pub(crate) blind: bool,
    pub(crate) content: C,
    /// Something was added since the last report.
    changed: bool,
    reported: Option<(Nanos, Grade)>,
}

/// The cases of one detector.
pub(crate) struct Cases<K, C> {
    detection: &'static str,
    table: Table<K, Case<C>>,
}

impl<K: Hash + Eq + Clone + Ord, C: Content> Cases<K, C> {
    pub(crate) fn new(detection: &'static str, limit: usize, seed: [u8; 16]) -> Self {
        Cases { detection, table: Table::new(limit, seed) }
    }

    pub(crate) const fn refused(&self) -> u64 {
        self.table.refused()
    }

    pub(crate) fn get(&self, key: &K) -> Option<&C> {
        self.table.get(key).map(|case| &case.content)
    }

    /// Adds to a case, which begins now if it is new, and reports it if it is due.
    pub(crate) fn add(
        &mut self,
        key: &K,
        event: &Happening,
        make: impl Fn() -> C,
        change: impl FnOnce(&mut C),
        out: &mut dyn FnMut(Raised),
    ) {
        let detection = self.detection;
        let new = || Case {
            subject: event.subject,
            peer: event.peer,
            first: event.at,
            last: event.at,
            blind: false,
            content: make(),
            changed: false,
            reported: None,
        };
        // The case that was silent for longest gives way: a flood of cases must not hide the one that matters. What was
        // reported of it stays with the collector; should it go on, it is reported under the same id.
        if self.table.is_full_for(key) {
            self.table.evict(|case| (case.reported.is_none(), case.last));
        }
        let Some(case) = self.table.entry(key.clone(), &new) else { return };
        // Silence ends what was no finding yet, also between two ticks.
        if case.reported.is_none() && event.at.saturating_sub(case.last) > QUIET {
            *case = new();
        }
        change(&mut case.content);
        case.last = event.at.max(case.last);
        case.blind |= event.blind;
        case.changed = true;
        report(detection, case, event.at, false, out);
    }

    /// Reports what changed and forgets what has gone quiet.
    pub(crate) fn tick(&mut self, at: Nanos, out: &mut dyn FnMut(Raised)) {
        for key in self.table.sorted_keys() {
            if let Some(case) = self.table.get_mut(&key) {
                report(self.detection, case, at, true, out);
            }
        }
        self.table.retain(|_, case| {
            let silence = at.saturating_sub(case.last);
            silence <= if case.reported.is_some() { REMEMBERED } else { QUIET }
        });
    }
}

/// When and between whom something happened.
pub(crate) struct Happening {
    pub(crate) at: Nanos,
    pub(crate) subject: Machine,
    pub(crate) peer: Option<Machine>,
    pub(crate) blind: bool,
}

fn report<C: Content>(
    detection: &'static str,
    case: &mut Case<C>,
    at: Nanos,
    window_ends: bool,
    out: &mut dyn FnMut(Raised),
) {
    let Some(grade) = case.content.verdict().filter(|_| case.changed) else { return };
    let due = match case.reported {
        None => true,
        Some((when, reported)) => window_ends || grade > reported || at.saturating_sub(when) >= UPDATE,
    };
    if !due {
        return;
    }
    case.changed = false;
    case.reported = Some((at, grade));
    out(Raised {
        id: id(detection, &case.subject, case.peer.as_ref(), case.content.object(), case.first),
        detection,
        severity: severity(detection, grade),
        first: case.first,
        last: case.last,
        subject: case.subject,
        peer: case.peer,
        facts: case.content.facts(case.first, case.last),
        partly_blind: case.blind,
    });
}

/// As the catalogue has it; a test holds that it has every detection that is raised here.
fn severity(detection: &str, grade: Grade) -> Severity {
    let of = |detection: &Detection| match (&detection.graver, grade) {
        (Some(graver), Grade::Graver) => graver.severity,
        _ => detection.severity,
    };
    holter_catalogue::get(detection).map_or(Severity::Medium, of)
}
