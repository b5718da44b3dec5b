//! Fields of the lists, and sums over an estate: how well we see, who is quiet, where we were blind.

use crate::card::Card;
use crate::device::Device;
use crate::estate::Estate;
use crate::filter::{Field, Kind, Row, Val};
use crate::finding::{Case, Standing};
use crate::sensor::Sensor;
use crate::{HOUR, MINUTE, SECOND};
use holter_terms::{DeviceClass, Nanos, Protocol, Role, SensorId, Severity, Visibility};
use holter_wire::Coverage;

/// A device that talked to nobody for so long, while its sensor heard others, is quiet.
pub const QUIET_AFTER: Nanos = 30 * MINUTE;

pub(crate) fn classes() -> Vec<&'static str> {
    DeviceClass::ALL.iter().map(|word| word.as_str()).collect()
}
fn roles() -> Vec<&'static str> {
    Role::ALL.iter().map(|word| word.as_str()).collect()
}
fn protocols() -> Vec<&'static str> {
    Protocol::ALL.iter().map(|word| word.as_str()).collect()
}
fn visibilities() -> Vec<&'static str> {
    Visibility::ALL.iter().map(|word| word.as_str()).collect()
}
pub(crate) fn severities() -> Vec<&'static str> {
    Severity::ALL.iter().map(|word| word.as_str()).collect()
}
fn standings() -> Vec<&'static str> {
    Standing::ALL.iter().map(|word| word.as_str()).collect()
}
pub(crate) fn criticalities() -> Vec<&'static str> {
    crate::decree::Criticality::ALL.iter().map(|word| word.as_str()).collect()
}
pub(crate) fn yes_no() -> Vec<&'static str> {
    vec!["yes", "no"]
}
fn detections() -> Vec<&'static str> {
    holter_catalogue::all().iter().map(|detection| detection.id).collect()
}

macro_rules! fields {
    ($($name:literal $also:tt $kind:expr, $sortable:literal, $meaning:literal;)+) => {
        &[$(Field { name: $name, also: &$also, meaning: $meaning, kind: $kind, sortable: $sortable },)+]
    };
}
pub(crate) use fields;

pub static DEVICE_FIELDS: &[Field] = fields! {
    "name" ["device"] Kind::Text, true, "The name shown in lists.";
    "class" ["device.class"] Kind::Word(classes), true, "What kind of thing it is.";
    "confidence" ["class.confidence"] Kind::Percent, true, "Confidence in the class, percent.";
    "maker" ["vendor", "manufacturer"] Kind::Text, true, "Who made it.";
    "family" [] Kind::Text, true, "Product family.";
    "model" [] Kind::Text, true, "Model.";
    "version" [] Kind::Text, true, "Software release.";
    "os" [] Kind::Text, true, "Operating system or network stack.";
    "role" [] Kind::Word(roles), false, "What it does for others.";
    "mac" [] Kind::Text, true, "Link-layer address; * stands for any digits.";
    "address" ["ip", "addr"] Kind::Address, true, "IP address or network, such as 10.20.0.0/24.";
    "hostname" ["host"] Kind::Text, true, "Name it gives itself or is given.";
    "ae" ["ae-title", "aet"] Kind::Text, true, "DICOM application entity title.";
    "serial" [] Kind::Text, true, "Serial number.";
    "application" ["app"] Kind::Text, false, "HL7 application or facility that it sends as.";
    "owner" [] Kind::Text, true, "Who is responsible for it, as people set it.";
    "location" [] Kind::Text, true, "Where it stands, as people set it.";
    "criticality" [] Kind::Word(criticalities), true, "How much depends on it, as people set it.";
    "tag" ["label"] Kind::Text, false, "A tag that people gave it.";
    "shared" [] Kind::Word(yes_no), false, "An address that several routers share (VRRP, HSRP), and no machine.";
    "faces" [] Kind::Number, true, "Under how many keys sensors tell of it.";
    "site" [] Kind::Text, true, "Site of the sensor that saw it.";
    "sensor" [] Kind::Text, false, "Id of a sensor that saw it.";
    "protocol" ["proto"] Kind::Word(protocols), false, "A protocol it speaks.";
    "port" [] Kind::Number, false, "A port on which it answers.";
    "visibility" [] Kind::Word(visibilities), false, "Whether what it says can be read on the way.";
    "peers" [] Kind::Number, true, "Machines it talked with.";
    "findings" [] Kind::Number, true, "Findings about it that are not closed.";
    "severity" ["worst"] Kind::Word(severities), false, "The gravest of them.";
    "first" ["first_seen", "new"] Kind::Time, true, "When it was first seen.";
    "last" ["last_seen", "seen"] Kind::Time, true, "When it was last seen.";
    "quiet" [] Kind::Word(yes_no), false, "Silent although we were listening.";
    "blind" ["partly_blind"] Kind::Word(yes_no), false, "A sensor that sees it is away or lost frames.";
};

pub static FINDING_FIELDS: &[Field] = fields! {
    "severity" ["sev"] Kind::Word(severities), true, "How much it asks of its reader.";
    "state" [] Kind::Word(standings), true, "open, acknowledged or closed.";
    "detection" ["rule"] Kind::Word(detections), true, "Which detection.";
    "technique" ["attack"] Kind::Text, false, "ATT&CK id, such as T1213.";
    "device" ["subject", "name"] Kind::Text, true, "Name of the machine that did it.";
    "class" ["device.class"] Kind::Word(classes), true, "Class of that machine.";
    "address" ["ip", "addr"] Kind::Address, true, "Address of either machine, or a network.";
    "mac" [] Kind::Text, false, "Link-layer address of either machine.";
    "peer" [] Kind::Text, true, "Name of the other machine.";
    "site" [] Kind::Text, true, "Site of the sensor.";
    "sensor" [] Kind::Text, false, "Id of the sensor.";
    "blind" ["partly_blind"] Kind::Word(yes_no), false, "Frames were lost while it was gathered.";
    "first" ["first_seen"] Kind::Time, true, "When it began.";
    "last" ["last_seen", "seen"] Kind::Time, true, "When it was last seen.";
};

fn word(yes: bool) -> Val<'static> {
    Val::Text(if yes { "yes" } else { "no" })
}

/// A device as a row, with what only the estate knows.
#[derive(Debug)]
pub struct DeviceView<'a> {
    pub device: &'a Device,
    pub quiet: bool,
    pub partly_blind: bool,
}

impl Row for DeviceView<'_> {
    fn each(&self, field: &str, out: &mut dyn FnMut(Val<'_>)) {
        let (device, card): (&Device, &Card) = (self.device, &self.device.card);
        let mut texts = |list: &[String]| list.iter().for_each(|text| out(Val::Text(text)));
        match field {
            "name" => out(Val::Text(&card.name)),
            "class" => out(Val::Text(&card.class)),
            "confidence" => out(Val::Number(f64::from(card.class_confidence))),
            "maker" => card.maker.iter().for_each(|(text, _)| out(Val::Text(text))),
            "family" => card.family.iter().for_each(|(text, _)| out(Val::Text(text))),
            "model" => card.model.iter().for_each(|(text, _)| out(Val::Text(text))),
            "version" => card.version.iter().for_each(|(text, _)| out(Val::Text(text))),
            "os" => card.os.iter().for_each(|(text, _)| out(Val::Text(text))),
            "role" if card.roles.is_empty() => out(Val::Text("none")),
            "role" => texts(&card.roles),
            "hostname" => texts(&card.hostnames),
            "ae" => texts(&card.ae_titles),
            "serial" => texts(&card.serials),
            "application" => texts(&card.applications),
            "mac" => device.macs().iter().for_each(|mac| out(Val::Text(&mac.to_string()))),
            "owner" => card.owner.iter().for_each(|text| out(Val::Text(text))),
            "location" => card.location.iter().for_each(|text| out(Val::Text(text))),
            "criticality" => card.criticality.iter().for_each(|one| out(Val::Text(one.as_str()))),
            "tag" => texts(&card.tags),
            "shared" => out(word(device.shared.is_some())),
            "faces" => out(Val::Number(device.faces.len() as f64)),
            "address" => device.newest_addresses().into_iter().for_each(|ip| out(Val::Address(ip))),
            "site" => out(Val::Text(&device.site)),
            "sensor" => device.sensor_ids().iter().for_each(|sensor| out(Val::Text(&sensor.to_string()))),
            "protocol" => card.protocols.iter().for_each(|text| out(Val::Text(text))),
            "visibility" => card.visibilities.iter().for_each(|text| out(Val::Text(text))),
            "port" => card.ports.iter().for_each(|port| out(Val::Number(f64::from(*port)))),
            "peers" => out(Val::Number(card.peers as f64)),
            "findings" => out(Val::Number(device.open as f64)),
            "severity" => device.worst.iter().for_each(|worst| out(Val::Text(worst.as_str()))),
            "first" => out(Val::Time(device.seen.first)),
            "last" => out(Val::Time(device.seen.last)),
            "quiet" => out(word(self.quiet)),
            "blind" => out(word(self.partly_blind)),
            _ => {}
        }
    }

    fn holds(&self, lower: &str) -> bool {
        self.device.card.haystack.contains(lower)
    }
}

/// A finding as a row.
#[derive(Debug)]
pub struct CaseView<'a> {
    pub case: &'a Case,
    pub title: String,
    pub subject: String,
    pub peer: String,
    pub class: String,
}

impl Row for CaseView<'_> {
    fn each(&self, field: &str, out: &mut dyn FnMut(Val<'_>)) {
        let finding = &self.case.finding;
        let parties = std::iter::once(&finding.subject).chain(&finding.peer);
        match field {
            "severity" => out(Val::Text(finding.severity.as_str())),
            "state" => out(Val::Text(self.case.standing().as_str())),
            "detection" => out(Val::Text(finding.detection.as_str())),
            "technique" => {
                let techniques = self.case.detection().map(|detection| detection.techniques.as_slice());
                techniques.unwrap_or_default().iter().for_each(|technique| out(Val::Text(&technique.id)));
            }
            "device" => out(Val::Text(&self.subject)),
            "class" => out(Val::Text(&self.class)),
            "peer" => out(Val::Text(&self.peer)),
            "address" => parties.filter_map(|party| party.ip).for_each(|ip| out(Val::Address(ip))),
            "mac" => parties.for_each(|party| {
                if let holter_terms::DeviceKey::Mac(mac) = party.device {
                    out(Val::Text(&mac.to_string()));
                }
            }),
            "site" => out(Val::Text(&self.case.source.site)),
            "sensor" => out(Val::Text(&self.case.source.sensor.to_string())),
            "blind" => out(word(finding.partly_blind)),
            "first" => out(Val::Time(finding.first)),
            "last" => out(Val::Time(finding.last)),
            _ => {}
        }
    }

    fn holds(&self, lower: &str) -> bool {
        [&self.title, &self.subject, &self.peer].iter().any(|text| text.to_lowercase().contains(lower))
            || self.case.finding.detection.as_str().contains(lower)
    }
}

/// Sums of payload bytes and of frames lost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sight {
    pub coverage: Coverage,
    pub dropped: u64,
}

impl Sight {
    pub fn add(&mut self, sensor: &Sensor) {
        for (_, beat) in sensor.last_hour() {
            let (into, from) = (&mut self.coverage, &beat.coverage);
            into.understood = into.understood.saturating_add(from.understood);
            into.encrypted = into.encrypted.saturating_add(from.encrypted);
            into.unknown = into.unknown.saturating_add(from.unknown);
            into.missed = into.missed.saturating_add(from.missed);
            self.dropped = self.dropped.saturating_add(beat.dropped());
        }
    }

    pub const fn bytes(&self) -> u64 {
        let c = &self.coverage;
        c.understood.saturating_add(c.encrypted).saturating_add(c.unknown).saturating_add(c.missed)
    }

    /// Understood, encrypted, unknown, missed in tenths of a percent that sum to exactly 1000; all 0 without bytes.
    pub fn shares(&self) -> [u16; 4] {
        let parts = [self.coverage.understood, self.coverage.encrypted, self.coverage.unknown, self.coverage.missed];
        let total: u128 = parts.iter().map(|part| u128::from(*part)).sum();
        if total == 0 {
            return [0; 4];
        }
        let scaled = parts.map(|part| u128::from(part) * 1000);
        let mut shares = scaled.map(|part| u16::try_from(part / total).unwrap_or(1000));
        // What rounding left over goes to the largest remainders.
        let mut by_remainder = [0usize, 1, 2, 3];
        by_remainder.sort_by_key(|&at| std::cmp::Reverse(scaled[at] % total));
        let left = usize::from(1000u16.saturating_sub(shares.iter().sum()));
        for &at in by_remainder.iter().take(left) {
            shares[at] += 1;
        }
        shares
    }
}

impl Estate {
    /// A sensor that is away, or lost frames in its last hour.
    pub fn is_partly_blind(&self, sensor: SensorId, now: Nanos) -> bool {
        self.sensors.get(&sensor).is_some_and(|sensor| sensor.is_away(now) || sensor.dropped_last_hour() > 0)
    }

    /// Sensors that are away or lost frames, with the time of the newest window of each: made once for a list.
    pub fn horizon(&self, now: Nanos) -> Horizon {
        Horizon {
            blind: self.sensors.keys().copied().filter(|sensor| self.is_partly_blind(*sensor, now)).collect(),
            newest: self
                .sensors
                .iter()
                .filter(|(_, sensor)| !sensor.is_away(now))
                .filter_map(|(id, sensor)| Some((*id, sensor.newest_end()?)))
                .collect(),
        }
    }

    /// The present for lists and charts: now, unless all that was heard is older than a day, as after a replay.
    pub fn present(&self, now: Nanos) -> Nanos {
        let newest = self.sensors.values().filter_map(Sensor::newest_end).max();
        match newest {
            Some(newest) if now.saturating_sub(newest) > crate::DAY => newest,
            _ => now,
        }
    }

    /// Seconds of the hour from `start` in which a sensor lost frames or was not heard, and whether anything at all had
    /// been observed by then. Times are packet times.
    pub fn blind_in_hour(&self, start: Nanos, present: Nanos) -> (u32, bool) {
        let end = start.saturating_add(HOUR).min(present);
        let mut blind = [false; 60];
        let mut observed = false;
        for sensor in self.sensors.values() {
            let Some((first, _)) = sensor.windows.first_key_value() else { continue };
            if *first >= end {
                continue;
            }
            observed = true;
            for (minute, slot) in blind.iter_mut().enumerate() {
                let from = start.saturating_add(MINUTE.saturating_mul(i64::try_from(minute).unwrap_or(0)));
                let to = from.saturating_add(MINUTE);
                if to > end || from < *first {
                    continue;
                }
                // The window that is open now has not been sent yet.
                let open = present.saturating_sub(from) < 3 * MINUTE;
                let mut heard = false;
                for (_, beat) in sensor.windows.range(from.saturating_sub(MINUTE - SECOND)..to) {
                    heard = true;
                    *slot |= beat.dropped() > 0;
                }
                *slot |= !heard && !open;
            }
        }
        let minutes = u32::try_from(blind.iter().filter(|slot| **slot).count()).unwrap_or(0);
        (minutes.saturating_mul(60), observed)
    }
}

/// What decides whether a silent device is quiet or we are blind.
#[derive(Debug, Default)]
pub struct Horizon {
    blind: std::collections::BTreeSet<SensorId>,
    newest: std::collections::BTreeMap<SensorId, Nanos>,
}

impl Horizon {
    /// A device as it was at another time: whether it is quiet now is not said of it.
    pub fn then<'a>(&self, device: &'a Device) -> DeviceView<'a> {
        DeviceView { device, quiet: false, partly_blind: false }
    }

    pub fn view<'a>(&self, device: &'a Device) -> DeviceView<'a> {
        let sensors = device.sensor_ids();
        let partly_blind = sensors.iter().any(|sensor| self.blind.contains(sensor));
        // Its own sensor listened on, without loss, long after it fell silent. It must have been seen for a while
        // before: what passed once is not missed.
        let listened = sensors.iter().filter_map(|sensor| self.newest.get(sensor)).max();
        let lasted = device.seen.last.saturating_sub(device.seen.first) >= QUIET_AFTER;
        let silent = listened.is_some_and(|newest| newest.saturating_sub(device.seen.last) > QUIET_AFTER);
        DeviceView { device, quiet: lasted && silent && !partly_blind, partly_blind }
    }
}
