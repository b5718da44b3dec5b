//! All exposures of a tenant's devices, worked out together, in the order in which they ask for somebody.

use super::csaf::Remedy;
use super::due::{Asked, DueTable};
use super::error::FileError;
use super::exception::{Accepted, Exceptions};
use super::import::Library;
use super::insecure::InsecureTable;
use super::risk::{Facts, Risk, Weights};
use super::shelf::AdvisoryAt;
use super::state::{Exposure, State};
use super::subject::Subject;
use super::survey::{Counts, Survey};
use super::told::{Told, known_since};
use crate::device::Device;
use holter_terms::{Nanos, Severity};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// The most items that are listed. What is unknown is listed while half of the room is free, what is not affected while
/// three quarters are; all items are counted.
pub const LISTED_MAX: usize = 1_000_000;

/// The tables that a site can edit.
#[derive(Debug, Clone)]
pub struct Tables {
    pub due: DueTable,
    pub insecure: InsecureTable,
    pub weights: Weights,
}

impl Tables {
    pub fn built_in() -> Result<Tables, FileError> {
        Ok(Tables { due: DueTable::built_in()?, insecure: InsecureTable::built_in()?, weights: Weights::built_in()? })
    }
}

/// What devices are judged by.
#[derive(Debug, Clone, Copy)]
pub struct Grounds<'a> {
    pub library: &'a Library,
    /// When the first document of each advisory was there, by its id.
    pub received: &'a BTreeMap<String, Nanos>,
    pub exceptions: &'a Exceptions,
    pub tables: &'a Tables,
    pub now: Nanos,
}

/// An item with its dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    pub found: Exposure,
    /// Since when it is known.
    pub since: Nanos,
    pub due: Option<Nanos>,
    /// When the exception ends that holds for it now.
    pub accepted_until: Option<Nanos>,
    /// When the last exception ended, if none holds any more.
    pub expired: Option<Nanos>,
    /// Tenths of its base score.
    pub score: Option<u8>,
    pub severity: Option<Severity>,
    pub exploited: bool,
}

impl Item {
    /// Affected or likely, and nobody has accepted it.
    pub fn is_open(&self) -> bool {
        matches!(self.found.state, State::Affected | State::Likely) && self.accepted_until.is_none()
    }

    /// What asks for somebody first comes first.
    pub fn gravity(&self) -> impl Ord + use<> {
        let exploited = self.exploited && self.found.state != State::NotAffected;
        let due = self.due.unwrap_or(Nanos::MAX);
        (
            self.found.state,
            self.accepted_until.is_some(),
            Reverse(exploited),
            Reverse(self.score),
            due,
            self.found.advisory,
            self.found.vulnerability,
        )
    }

    pub fn is_overdue(&self, now: Nanos) -> bool {
        self.is_open() && self.due.is_some_and(|due| due < now)
    }
}

/// A device with what was found of it.
#[derive(Debug, Clone)]
pub struct Entry {
    pub id: String,
    pub name: String,
    pub site: String,
    pub class: String,
    pub maker: Option<String>,
    pub family: Option<String>,
    pub model: Option<String>,
    pub version: Option<String>,
    pub os: Option<String>,
    pub owner: Option<String>,
    pub location: Option<String>,
    pub criticality: Option<&'static str>,
    pub tags: Vec<String>,
    pub addresses: Vec<IpAddr>,
    pub items: Vec<Item>,
    pub risk: Risk,
}

#[derive(Debug, Clone, Default)]
pub struct Ledger {
    /// Devices with an item or a risk.
    pub entries: Vec<Entry>,
    /// Entry and item, the gravest first.
    pub order: Vec<(u32, u32)>,
    /// Of all items, listed or not.
    pub counts: Counts,
    /// Affected or likely, and accepted.
    pub accepted: u64,
    pub overdue: u64,
    /// How many devices stand how to an advisory, by the gravest of its vulnerabilities.
    pub by_advisory: BTreeMap<AdvisoryAt, Counts>,
    /// Devices that speak an insecure protocol, and since when the first of them does, by entry of the table.
    pub insecure: BTreeMap<usize, (u64, Nanos)>,
    pub devices: u64,
    /// Items beyond [`LISTED_MAX`].
    pub left_out: u64,
    /// When it was made.
    pub at: Nanos,
}

impl Grounds<'_> {
    /// One item with its dates.
    pub fn item(&self, subject: &Subject<'_>, life_supporting: bool, found: &Exposure) -> Option<Item> {
        let shelf = &self.library.shelf;
        let advisory = shelf.advisory(found.advisory)?;
        let vulnerability = advisory.vulnerabilities.get(found.vulnerability as usize)?;
        let score = vulnerability.score_of(found.product);
        let exploited = vulnerability.cve.as_deref().and_then(|cve| self.library.kev.get(cve));
        let received = self.received.get(&advisory.id).copied().unwrap_or(self.now);
        let since = known_since(subject, found, received);
        let severity = score.map(super::score::Score::severity);
        let asked = Asked { state: found.state, severity, exploited, life_supporting, since };
        let cve = vulnerability.cve.as_deref();
        let accepted = self.exceptions.accepted(shelf.makers(), subject, &advisory.id, cve, self.now);
        Some(Item {
            found: *found,
            since,
            due: self.tables.due.due(&asked).map(|due| due.at),
            accepted_until: if let Accepted::Until(one) = accepted { Some(one.until) } else { None },
            expired: if let Accepted::Expired(one) = accepted { Some(one.until) } else { None },
            score: score.map(|score| score.tenths),
            severity,
            exploited: exploited.is_some(),
        })
    }

    /// The risk of a device by its items. What is accepted is left out.
    pub fn risk(&self, subject: &Subject<'_>, items: &[Item]) -> Risk {
        let open = || items.iter().filter(|item| item.is_open());
        let states = items.iter().filter(|item| item.accepted_until.is_none()).map(|item| item.found.state);
        let insecure = self.tables.insecure.spoken(subject);
        self.tables.weights.risk(&Facts {
            worst_score: open().filter_map(|item| item.score).max().unwrap_or(0),
            state: states.filter(|state| *state != State::NotAffected).min(),
            exploited: open().any(|item| item.exploited),
            class: subject.class,
            insecure: insecure.iter().map(|spoken| spoken.entry.grade).max(),
            reached_from_outside: subject.reached_from_outside,
            no_fix: open().any(|item| self.has_no_fix(&item.found)),
            overdue: open().any(|item| item.is_overdue(self.now)),
        })
    }

    /// The maker says that there is no fix, and offers none.
    fn has_no_fix(&self, found: &Exposure) -> bool {
        let advisory = self.library.shelf.advisory(found.advisory);
        let vulnerability = advisory.and_then(|advisory| advisory.vulnerabilities.get(found.vulnerability as usize));
        let says = |wanted: &[Remedy]| {
            let remedies = vulnerability.into_iter().flat_map(|one| one.remedies(found.product));
            remedies.into_iter().any(|remedy| wanted.contains(&remedy.category))
        };
        says(&[Remedy::NoneAvailable, Remedy::NoFixPlanned]) && !says(&[Remedy::VendorFix])
    }
}

/// Makes a ledger device by device, so that whoever lends the devices can take a breath in between.
#[derive(Debug)]
pub struct Clerk<'a> {
    grounds: Grounds<'a>,
    survey: Survey<'a>,
    ledger: Ledger,
    listed: usize,
    room: usize,
}

impl<'a> Clerk<'a> {
    pub fn new(grounds: Grounds<'a>) -> Clerk<'a> {
        Clerk::with_room(grounds, LISTED_MAX)
    }

    pub fn with_room(grounds: Grounds<'a>, room: usize) -> Clerk<'a> {
        let ledger = Ledger { at: grounds.now, ..Ledger::default() };
        Clerk { grounds, survey: Survey::of(&grounds.library.shelf), ledger, listed: 0, room }
    }

    pub fn add(&mut self, device: &Device, outside: &dyn Fn(IpAddr) -> bool) {
        let told = Told::of(device, outside);
        let (subject, life_supporting) = (told.subject(), told.life_supporting());
        let grounds = self.grounds;
        let found = self.survey.ask(&subject).iter();
        let items: Vec<Item> = found.filter_map(|one| grounds.item(&subject, life_supporting, one)).collect();
        let risk = grounds.risk(&subject, &items);
        let ledger = &mut self.ledger;
        ledger.devices = ledger.devices.saturating_add(1);
        for item in &items {
            ledger.counts.add(item.found.state);
            let accepted = item.accepted_until.is_some() && matches!(item.found.state, State::Affected | State::Likely);
            ledger.accepted = ledger.accepted.saturating_add(u64::from(accepted));
            ledger.overdue = ledger.overdue.saturating_add(u64::from(item.is_overdue(grounds.now)));
        }
        for of_one in items.chunk_by(|a, b| a.found.advisory == b.found.advisory) {
            let worst = of_one.iter().map(|item| item.found.state).min();
            if let (Some(item), Some(worst)) = (of_one.first(), worst) {
                ledger.by_advisory.entry(item.found.advisory).or_default().add(worst);
            }
        }
        for (at, entry) in grounds.tables.insecure.entries().iter().enumerate() {
            if let Some(since) = entry.since(&subject) {
                let known = ledger.insecure.entry(at).or_insert((0, since));
                *known = (known.0.saturating_add(1), known.1.min(since));
            }
        }
        let all = items.len();
        let mut kept = Vec::new();
        for item in items {
            let room = match item.found.state {
                State::Affected | State::Likely => self.room,
                State::Unknown => self.room / 2,
                State::NotAffected => self.room / 4,
            };
            if self.listed < room {
                kept.push(item);
                self.listed = self.listed.saturating_add(1);
            }
        }
        ledger.left_out = ledger.left_out.saturating_add(all.saturating_sub(kept.len()) as u64);
        if !kept.is_empty() || risk.tenths > 0 {
            ledger.entries.push(entry(device, subject.id, kept, risk));
        }
    }

    pub fn finish(self) -> Ledger {
        let mut ledger = self.ledger;
        let numbered = (0_u32..).zip(&ledger.entries);
        let mut order: Vec<(_, u32, u32)> = numbered
            .flat_map(|(entry, of)| (0_u32..).zip(&of.items).map(move |(at, item)| (item.gravity(), entry, at)))
            .collect();
        order.sort_unstable();
        ledger.order = order.into_iter().map(|(_, entry, item)| (entry, item)).collect();
        ledger
    }
}

fn entry(device: &Device, id: &str, items: Vec<Item>, risk: Risk) -> Entry {
    let card = &device.card;
    let value = |of: &Option<(String, u8)>| of.as_ref().map(|(value, _)| value.clone());
    Entry {
        id: id.to_owned(),
        name: card.name.clone(),
        site: device.site.clone(),
        class: card.class.clone(),
        maker: value(&card.maker),
        family: value(&card.family),
        model: value(&card.model),
        version: value(&card.version),
        os: value(&card.os),
        owner: card.owner.clone(),
        location: card.location.clone(),
        criticality: card.criticality.map(|one| one.as_str()),
        tags: card.tags.clone(),
        addresses: device.newest_addresses(),
        items,
        risk,
    }
}

impl Ledger {
    /// Every listed item with its device, the gravest first.
    pub fn rows(&self) -> impl Iterator<Item = (&Entry, &Item)> {
        self.order.iter().filter_map(|&(entry, item)| {
            let entry = self.entries.get(entry as usize)?;
            Some((entry, entry.items.get(item as usize)?))
        })
    }

    /// Devices with the highest risk first, at most `most`.
    pub fn riskiest(&self, most: usize) -> Vec<&Entry> {
        let mut all: Vec<&Entry> = self.entries.iter().filter(|entry| entry.risk.tenths > 0).collect();
        all.sort_by_key(|entry| (Reverse(entry.risk.tenths), &entry.id));
        all.truncate(most);
        all
    }
}
