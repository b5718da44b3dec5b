//! The device table: what is believed of each device, and what of it the collector has not heard yet.
//!
//! A flood of made-up devices must not push out the real ones. A device is on *probation* until it was seen in
//! [`ESTABLISHED_SECONDS`] different seconds; when the table is full, newcomers push out the probationer that was
//! silent for longest. Only one that becomes established may take the place of another established device, and then
//! of the one silent for longest.
//!
//! A row of evidence goes to the collector when it is new, when its weight changed, and once more when it was last
//! seen [`REFRESH`] after the collector last heard of it: a network in which nothing new happens costs next to nothing.

use crate::aged::{Aged, NONE, Place};
use crate::stacks::Stacks;
use holter_evidence::Found;
use holter_identity::{Evidence, Identity, NAMED};
use holter_phi::Label;
use holter_terms::{Attribute, DeviceClass, DeviceKey, Nanos, Role};
use holter_wire::EvidenceRow;
use std::net::IpAddr;

/// The most devices held.
pub const DEVICES_MAX: usize = 65_536;

/// How much of the table newcomers always have.
pub const PROBATION_SHARE: usize = 16;

/// Different seconds in which a device is seen before it may push out another one.
pub const ESTABLISHED_SECONDS: u32 = 8;

/// The most rows of evidence about one device; beyond it new ones are refused and counted.
pub const ROWS_MAX: usize = 96;

/// The most values of one attribute by one rule, so that one talkative field leaves room for the others.
pub const VALUES_MAX: usize = 16;

/// The most addresses remembered of one device, for its zone and for a reader.
pub const ADDRESSES_PER_DEVICE: usize = 16;

/// After this time an unchanged row is repeated, if it was seen again.
pub const REFRESH: Nanos = 60 * 60 * SECOND;

/// The most rows in one record.
pub const RECORD_ROWS: usize = 512;

pub(crate) const SECOND: Nanos = 1_000_000_000;

/// One reason to believe something about a device.
#[derive(Debug, Clone)]
pub struct Row {
    pub attribute: Attribute,
    pub value: Label,
    pub rule: &'static str,
    pub weight: i8,
    pub count: u32,
    pub first: Nanos,
    pub last: Nanos,
    told: Option<Nanos>,
}

/// A device and what is believed of it.
#[derive(Debug)]
pub struct Device {
    pub first: Nanos,
    /// To the second: the first frame of the last second in which it was heard.
    pub last: Nanos,
    pub rows: Vec<Row>,
    /// Oldest first.
    pub addresses: Vec<IpAddr>,
    /// Rows that found no room.
    pub refused: u32,
    seconds: u32,
    /// What of the identity is asked for at every look, judged from the rows as they stand; dropped when they change. The whole
    /// identity would be larger than all rows.
    verdict: Option<Verdict>,
    untold: bool,
    pub(crate) stacks: Stacks,
}

/// What a device is held to be, in the words of a scene.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) class: DeviceClass,
    /// Of the class, percent.
    pub(crate) confidence: u8,
    pub(crate) role: Role,
    /// The role has a name.
    named: bool,
}

impl Verdict {
    fn of(identity: &Identity) -> Self {
        let class = identity.best(Attribute::Class);
        let role = identity.best(Attribute::Role);
        Verdict {
            class: class.and_then(|best| DeviceClass::parse(&best.value)).unwrap_or(DeviceClass::Unknown),
            confidence: class.map_or(0, |best| best.confidence),
            role: role.and_then(|best| Role::parse(&best.value)).unwrap_or(Role::None),
            named: role.is_some_and(|best| best.confidence >= NAMED),
        }
    }
}

impl Device {
    fn new(at: Nanos) -> Self {
        Device {
            first: at,
            last: at,
            rows: Vec::new(),
            addresses: Vec::new(),
            refused: 0,
            seconds: 1,
            verdict: None,
            untold: false,
            stacks: Stacks::default(),
        }
    }

    pub(crate) fn verdict(&mut self) -> Verdict {
        if let Some(verdict) = self.verdict {
            return verdict;
        }
        let verdict = Verdict::of(&judge(&self.rows));
        self.verdict = Some(verdict);
        verdict
    }

    /// Its foremost role, if that has a name.
    pub(crate) fn named_role(&mut self) -> Role {
        let verdict = self.verdict();
        if verdict.named { verdict.role } else { Role::None }
    }

    fn changed(&mut self) {
        self.verdict = None;
    }

    /// The rows in an order that does not depend on that of their coming.
    pub fn sorted_rows(&self) -> Vec<&Row> {
        let mut rows: Vec<_> = self.rows.iter().collect();
        rows.sort_by(|a, b| (a.attribute, a.value, a.rule).cmp(&(b.attribute, b.value, b.rule)));
        rows
    }
}

/// Judges rows as they stand, counts included.
pub fn judge(rows: &[Row]) -> Identity {
    let evidence: Vec<Evidence<'_>> = rows
        .iter()
        .map(|row| Evidence {
            attribute: row.attribute,
            value: row.value.as_str(),
            rule: row.rule,
            weight: row.weight,
            count: row.count,
            first: row.first,
            last: row.last,
        })
        .collect();
    holter_identity::judge(&evidence)
}

fn is_later_second(at: Nanos, than: Nanos) -> bool {
    at.div_euclid(SECOND) > than.div_euclid(SECOND)
}

/// What the table had no room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Refusals {
    /// Probationers pushed out by newcomers.
    pub probation: u64,
    /// Established devices pushed out by others that became so.
    pub established: u64,
    /// Rows of evidence beyond [`ROWS_MAX`] or [`VALUES_MAX`].
    pub rows: u64,
    /// Sightings of an address beyond [`ADDRESSES_PER_DEVICE`].
    pub addresses: u64,
}

pub struct Devices {
    probation: Aged<DeviceKey, Device>,
    established: Aged<DeviceKey, Device>,
    /// Devices with something to tell, in the order in which it came up.
    untold: Vec<DeviceKey>,
    pub refusals: Refusals,
    capacity: usize,
}

impl Devices {
    pub(crate) fn new(seed: [u8; 16]) -> Self {
        Devices::with_capacity(DEVICES_MAX, seed)
    }

    fn with_capacity(capacity: usize, seed: [u8; 16]) -> Self {
        Devices {
            probation: Aged::new(capacity, seed),
            established: Aged::new(capacity - capacity / PROBATION_SHARE, seed),
            untold: Vec::new(),
            refusals: Refusals::default(),
            capacity,
        }
    }

    pub fn len(&self) -> usize {
        self.probation.len() + self.established.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn get(&self, key: &DeviceKey) -> Option<&Device> {
        self.established.get(key).or_else(|| self.probation.get(key))
    }

    pub fn get_mut(&mut self, key: &DeviceKey) -> Option<&mut Device> {
        match self.established.get_mut(key) {
            Some(device) => Some(device),
            None => self.probation.get_mut(key),
        }
    }

    /// Every device, by key.
    pub fn sorted(&self) -> Vec<(DeviceKey, &Device)> {
        let mut all: Vec<_> = self.established.iter().chain(self.probation.iter()).map(|(key, d)| (*key, d)).collect();
        all.sort_by_key(|(key, _)| *key);
        all
    }

    /// The device of a key, looked for in `place` first, which then says where it stands.
    pub(crate) fn at(&mut self, place: &mut Place, key: &DeviceKey) -> Option<&mut Device> {
        if self.established.at(*place, key).is_none() && self.probation.at(*place, key).is_none() {
            *place = self.established.place(key).or_else(|| self.probation.place(key)).unwrap_or(NONE);
        }
        match self.established.at(*place, key) {
            Some(device) => Some(device),
            None => self.probation.at(*place, key),
        }
    }

    /// A known device was heard again as before. False if it is not known, or if hearing it makes it established.
    pub(crate) fn goes_on(&mut self, key: &DeviceKey, at: Nanos, place: &mut Place) -> bool {
        let Some(device) = self.at(place, key) else { return false };
        if is_later_second(at, device.last) {
            if device.seconds.saturating_add(1) == ESTABLISHED_SECONDS {
                return false;
            }
            device.last = at;
            device.seconds = device.seconds.saturating_add(1);
        }
        true
    }

    /// A device was heard. True if it was not known before.
    pub(crate) fn heard(&mut self, key: DeviceKey, at: Nanos, place: &mut Place) -> bool {
        let Some(device) = self.at(place, &key) else {
            let full = self.len() >= self.capacity;
            if full && self.probation.pop_oldest().is_some() {
                self.refusals.probation += 1;
            }
            self.probation.insert(key, Device::new(at));
            *place = self.probation.place(&key).unwrap_or(NONE);
            return true;
        };
        if !is_later_second(at, device.last) {
            return false;
        }
        device.last = at;
        device.seconds = device.seconds.saturating_add(1);
        let ready = device.seconds >= ESTABLISHED_SECONDS;
        if self.established.at(*place, &key).is_some() {
            self.established.renew(*place);
            return false;
        }
        self.probation.renew(*place);
        if ready && let Some(device) = self.probation.remove(&key) {
            if self.established.insert(key, device).is_some() {
                self.refusals.established += 1;
            }
            *place = self.established.place(&key).unwrap_or(NONE);
        }
        false
    }

    /// A known device was seen to use an address. True if that is news.
    pub(crate) fn uses(&mut self, key: DeviceKey, ip: IpAddr, place: &mut Place) -> bool {
        let Some(device) = self.at(place, &key) else { return false };
        if device.addresses.contains(&ip) {
            return false;
        }
        if device.addresses.len() >= ADDRESSES_PER_DEVICE {
            self.refusals.addresses += 1;
            return false;
        }
        device.addresses.push(ip);
        true
    }

    /// Keeps a reason to believe something about a known device. True if it is news.
    pub(crate) fn learn(&mut self, key: DeviceKey, at: Nanos, found: &Found, place: &mut Place) -> bool {
        let Some(device) = self.at(place, &key) else { return false };
        let mut values = 0;
        for row in &mut device.rows {
            if row.attribute == found.attribute && row.rule == found.rule {
                values += 1;
                if row.value == found.value {
                    let changed = row.weight != found.weight;
                    row.weight = found.weight;
                    row.count = row.count.saturating_add(1);
                    row.last = row.last.max(at);
                    let stale = row.told.is_none_or(|told| at.saturating_sub(told) >= REFRESH);
                    if changed {
                        row.told = None;
                        device.changed();
                    }
                    if (changed || stale) && !device.untold {
                        device.untold = true;
                        self.untold.push(key);
                    }
                    return changed;
                }
            }
        }
        if values >= VALUES_MAX || device.rows.len() >= ROWS_MAX {
            device.refused = device.refused.saturating_add(1);
            self.refusals.rows += 1;
            return false;
        }
        device.rows.push(Row {
            attribute: found.attribute,
            value: found.value,
            rule: found.rule,
            weight: found.weight,
            count: 1,
            first: at,
            last: at,
            told: None,
        });
        device.changed();
        if !device.untold {
            device.untold = true;
            self.untold.push(key);
        }
        true
    }

    /// What the collector has not heard yet, in pieces of at most [`RECORD_ROWS`].
    pub(crate) fn tell(&mut self, out: &mut dyn FnMut(Vec<EvidenceRow<Label>>)) {
        if self.untold.is_empty() {
            return;
        }
        let mut keys = std::mem::take(&mut self.untold);
        let mut rows = Vec::new();
        for key in keys.drain(..) {
            let Some(device) = self.get_mut(&key) else { continue };
            device.untold = false;
            for row in &mut device.rows {
                if row.told.is_some_and(|told| row.last.saturating_sub(told) < REFRESH) {
                    continue;
                }
                row.told = Some(row.last);
                rows.push(EvidenceRow {
                    device: key,
                    attribute: row.attribute,
                    value: row.value,
                    rule: Label::word(row.rule),
                    weight: row.weight,
                    first: row.first,
                    last: row.last,
                    count: row.count,
                });
                if rows.len() >= RECORD_ROWS {
                    out(std::mem::take(&mut rows));
                }
            }
        }
        self.untold = keys;
        if !rows.is_empty() {
            out(rows);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use holter_evidence::About;
    use holter_terms::Mac;

    fn key(n: u32) -> DeviceKey {
        let [a, b, c, d] = n.to_be_bytes();
        DeviceKey::Mac(Mac([2, 0, a, b, c, d]))
    }

    fn found(value: &'static str, weight: i8) -> Found {
        Found {
            about: About::Client,
            attribute: Attribute::Maker,
            value: Label::word(value),
            rule: "measured:test/one",
            weight,
        }
    }

    const LETTERS: &str = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz";

    fn told(devices: &mut Devices) -> Vec<EvidenceRow<Label>> {
        let mut all = Vec::new();
        devices.tell(&mut |rows| all.extend(rows));
        all
    }

    #[test]
    fn steady_state_is_silent_until_the_refresh() {
        let mut devices = Devices::new([1; 16]);
        devices.heard(key(1), 0, &mut { NONE });
        assert!(devices.learn(key(1), 0, &found("Tessivo", 50), &mut { NONE }));
        assert_eq!(told(&mut devices).len(), 1);
        for second in 1..3600 {
            devices.learn(key(1), second * SECOND, &found("Tessivo", 50), &mut { NONE });
        }
        assert_eq!(told(&mut devices), []);
        devices.learn(key(1), REFRESH, &found("Tessivo", 50), &mut { NONE });
        let again = told(&mut devices);
        assert_eq!((again.len(), again[0].count, again[0].last), (1, 3601, REFRESH));
        devices.learn(key(1), REFRESH + 1, &found("Tessivo", 60), &mut { NONE });
        assert_eq!(told(&mut devices).len(), 1, "a changed weight is news");
    }

    #[test]
    fn evidence_beyond_the_bounds_is_refused_and_counted() {
        let mut devices = Devices::new([1; 16]);
        devices.heard(key(1), 0, &mut { NONE });
        let names: Vec<&'static str> = (1..=40).map(|n| LETTERS.split_at(n).0).collect();
        names.iter().for_each(|name| {
            let _ = devices.learn(key(1), 0, &found(name, 10), &mut { NONE });
        });
        assert_eq!((devices.refusals.rows, told(&mut devices).len()), (40 - VALUES_MAX as u64, VALUES_MAX));
        for (n, rule) in names.iter().enumerate().map(|(n, name)| (n, *name)) {
            for value in &names[..VALUES_MAX] {
                devices.learn(key(1), n as i64, &Found { rule, ..found(value, 10) }, &mut { NONE });
            }
        }
        assert_eq!(devices.get(&key(1)).map(|device| device.rows.len()), Some(ROWS_MAX));
    }

    #[test]
    fn addresses_beyond_the_bound_are_refused_and_counted() {
        let mut devices = Devices::new([1; 16]);
        devices.heard(key(1), 0, &mut { NONE });
        let news =
            (0..100u8).filter(|&last| devices.uses(key(1), IpAddr::from([10, 0, 0, last]), &mut { NONE })).count();
        assert_eq!((news, devices.refusals.addresses), (ADDRESSES_PER_DEVICE, 100 - ADDRESSES_PER_DEVICE as u64));
    }

    #[test]
    fn a_flood_of_made_up_devices_leaves_the_real_ones() {
        let mut devices = Devices::with_capacity(1024, [1; 16]);
        for second in 0..i64::from(ESTABLISHED_SECONDS) {
            (0..500).for_each(|n| {
                let _ = devices.heard(key(n), second * SECOND, &mut { NONE });
            });
        }
        (1000..200_000).for_each(|n| {
            let _ = devices.heard(key(n), 100 * SECOND + i64::from(n) * 1000, &mut { NONE });
        });
        assert!((0..500).all(|n| devices.get(&key(n)).is_some()));
        assert_eq!(devices.len(), 1024);
        assert_eq!(devices.refusals, Refusals { probation: 199_000 - 524, established: 0, rows: 0, addresses: 0 });
    }

    #[test]
    fn patient_made_up_devices_never_take_the_whole_table() {
        let mut devices = Devices::with_capacity(64, [1; 16]);
        for n in 0..200 {
            (0..i64::from(ESTABLISHED_SECONDS)).for_each(|s| {
                let _ = devices.heard(key(n), (i64::from(n) * 10 + s) * SECOND, &mut { NONE });
            });
        }
        assert!(devices.heard(key(9999), 5000 * SECOND, &mut { NONE }) && devices.get(&key(9999)).is_some());
        assert!(devices.len() <= 64);
        assert_eq!(devices.refusals.established, 200 - 60);
    }
}
