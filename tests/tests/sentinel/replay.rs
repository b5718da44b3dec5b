//! What a capture shows of one station, and what is believed of it.

use crate::looks::{Feature, features};
use holter_engine::flow::{Close, Conversation, FlowSink, Flows, Limits};
use holter_engine::link::{Checksums, Link, Packet};
use holter_evidence::{About, Fingerprints, Found, Observer, Talkers};
use holter_identity::{Evidence, Identity, judge};
use holter_phi::{Label, Names};
use holter_protocols::{Event, Malformed, Way};
use holter_terms::{Attribute, DeviceKey, LinkType, Mac, Nanos};
use holter_tests::capture::Capture;
use std::collections::{BTreeMap, BTreeSet};

/// Takes the events of a capture.
trait Watch {
    fn event(&mut self, conversation: &Conversation, way: Way, event: &dyn Event);
}

struct Tap<'a, W>(&'a mut W);

impl<W: Watch> FlowSink for Tap<'_, W> {
    fn opened(&mut self, _: &Conversation) {}
    fn event(&mut self, conversation: &Conversation, way: Way, event: &dyn Event) {
        self.0.event(conversation, way, event);
    }
    fn malformed(&mut self, _: &Conversation, _: Malformed) {}
    fn weird(&mut self, _: &Conversation, _: &'static str) {}
    fn closed(&mut self, _: &Conversation, _: Close) {}
    fn packet(&mut self, _: Nanos, _: &Packet<'_>) {}
}

fn play(capture: &Capture, watch: &mut impl Watch) {
    let seed = [1; 16];
    let (mut link, mut flows) = (Link::new(Checksums::Ignore, seed), Flows::new(Limits::default(), seed));
    for record in &capture.records {
        let word = |at: usize| u32::from_le_bytes(record[at..at + 4].try_into().unwrap());
        let at = Nanos::from(word(0)) * 1_000_000_000 + Nanos::from(word(4)) * 1000;
        if let Ok(Some(packet)) = link.packet(at, LinkType::ETHERNET, &record[16..]) {
            flows.segment(at, &packet, &mut Tap(watch));
        }
    }
    flows.finish(&mut Tap(watch));
}

/// Each station of a capture with the frames that it sends or gets.
pub(crate) fn stations(capture: &Capture) -> BTreeMap<Mac, usize> {
    let mut stations = BTreeMap::new();
    for frame in capture.records.iter().filter_map(|record| record.get(16..28)) {
        for mac in frame.chunks(6).filter_map(|mac| Some(Mac(mac.try_into().ok()?))).filter(|mac| !mac.is_group()) {
            *stations.entry(mac).or_default() += 1;
        }
    }
    stations
}

struct Seeing {
    station: Mac,
    seen: BTreeSet<Feature>,
}

impl Watch for Seeing {
    fn event(&mut self, conversation: &Conversation, way: Way, event: &dyn Event) {
        let sender = match way {
            Way::ToServer => conversation.client.mac,
            Way::ToClient => conversation.server.mac,
        };
        if sender == Some(self.station) {
            features(event, &mut self.seen);
        }
    }
}

/// What a station shows.
pub(crate) fn seen(capture: &Capture, station: Mac) -> BTreeSet<Feature> {
    let mut seeing = Seeing { station, seen: BTreeSet::new() };
    play(capture, &mut seeing);
    seeing.seen
}

struct Believing {
    station: Mac,
    observer: Observer,
    rows: Rows,
}

impl Watch for Believing {
    fn event(&mut self, conversation: &Conversation, way: Way, event: &dyn Event) {
        let mut all: Vec<Found> = Vec::new();
        let talkers = Talkers { conversation: conversation.id, way };
        self.observer.event(event, &talkers, &mut |found| all.push(found));
        for found in all {
            let mac = match found.about {
                About::Client => conversation.client.mac,
                About::Server => conversation.server.mac,
                About::Device(DeviceKey::Mac(mac)) => Some(mac),
                About::Device(DeviceKey::Ip(_)) => None,
            };
            if mac == Some(self.station) {
                self.rows.entry((found.attribute, found.value, found.rule)).or_insert((found.weight, 0)).1 += 1;
            }
        }
    }
}

/// Evidence by attribute, value and rule, with its weight and how often it was seen.
pub(crate) type Rows = BTreeMap<(Attribute, Label, &'static str), (i8, u32)>;

/// What `fingerprints` say of a station.
pub(crate) fn rows(capture: &Capture, station: Mac, fingerprints: &'static Fingerprints) -> Rows {
    let observer = Observer::with(fingerprints, Names::shown());
    let mut believing = Believing { station, observer, rows: Rows::new() };
    play(capture, &mut believing);
    believing.rows
}

/// What rows add up to, without the rules that are not believed.
pub(crate) fn judged(rows: &Rows, without: &dyn Fn(&str) -> bool) -> Identity {
    let evidence: Vec<Evidence<'_>> = rows
        .iter()
        .filter(|((_, _, rule), _)| !without(rule))
        .map(|((attribute, value, rule), &(weight, count))| Evidence {
            attribute: *attribute,
            value: value.as_str(),
            rule,
            weight,
            count,
            first: 0,
            last: 0,
        })
        .collect();
    judge(&evidence)
}
