use crate::devices::Devices;
use crate::flow::{Close, Conversation, FlowCounts, Flows, Limits};
use crate::link::{Checksums, FragmentCounts, Link, LinkCounts, Sight};
use crate::metrics::{self, Levels};
use crate::overlap::Overlaps;
use crate::sense::{Pass, Sense};
use crate::totals::Totals;
use crate::zones::Zones;
use holter_evidence::{Loaded, Observer};
use holter_phi::{Label, Names, TallyKey};
use holter_protocols::{Event, Way};
use holter_terms::{LinkType, Nanos};
use holter_wire::Record;

/// How the engine is to look at traffic.
#[derive(Debug, Clone)]
pub struct Config {
    pub zones: Zones,
    /// How long, in packet time from the first frame on, what is seen counts as usual. Devices first seen within it
    /// are known, and nothing in it becomes a finding about novelty.
    pub learning: Nanos,
    /// Follow TCP conversations whose beginning was not seen.
    pub midstream: bool,
    /// What receivers are held to make of data that overlaps.
    pub overlaps: Overlaps,
    /// Leave out packets whose IPv4, TCP or UDP checksum is wrong.
    pub verify_checksums: bool,
}

/// What must not be guessed, or must be the same again in a test. No two of them have anything to do with each other.
pub struct Seeds {
    /// Keys the tables whose keys the network chooses. Nothing that is reported depends on it.
    pub hash: [u8; 16],
    /// Whether names of machines are shown or hashed, and under which key.
    pub names: Names,
    /// The key under which people are counted.
    pub people: TallyKey,
}

/// Takes what the engine has to say.
pub trait Outlet {
    /// Something was decoded. Its bytes are gone when this returns.
    fn event(&mut self, at: Nanos, conversation: &Conversation, way: Way, event: &dyn Event);

    /// Something to be told to the collector.
    fn record(&mut self, record: Record<Label>);

    /// A decoder met something against its standard, at the element of this name.
    fn odd(&mut self, conversation: &Conversation, odd: Odd, what: &'static str) {
        let _ = (conversation, odd, what);
    }

    /// The last word on a conversation; its counters are final.
    fn closed(&mut self, conversation: &Conversation, why: Close) {
        let _ = (conversation, why);
    }
}

/// What kind of oddity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Odd {
    /// The decoding stopped there.
    Malformed,
    /// It did not.
    Weird,
}

/// Frames in, events and records out. It is told the time with each frame and reads no clock.
pub struct Engine {
    link: Link,
    flows: Flows,
    sense: Sense,
    lost: Lost,
    told: Rooms,
}

/// What was lost before the engine, as the capture counts it since it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lost {
    /// Frames that the interface handed over.
    pub received: u64,
    pub ring_dropped: u64,
    pub interface_dropped: u64,
}

/// Counters of the flow room that say nothing odd: they stand elsewhere in a window.
const ORDINARY: [&str; 5] = ["flow.opened", "flow.closed", "flow.packets", "flow.others", "flow.late"];

type FragmentCount = fn(&FragmentCounts) -> u64;

/// What is worth a counter of what became of fragments.
const FRAGMENTS: [(&str, FragmentCount); 6] = [
    ("fragment.expired", |counts| counts.expired),
    ("fragment.evicted", |counts| counts.evicted),
    ("fragment.pieces", |counts| counts.pieces),
    ("fragment.repeated", |counts| counts.repeated),
    ("fragment.ambiguous", |counts| counts.ambiguous),
    ("fragment.overlapped", |counts| counts.overlapped),
];

/// Counters of the rooms before this one, as the last window was told them.
#[derive(Default)]
struct Rooms {
    link: LinkCounts,
    flow: FlowCounts,
    fragments: FragmentCounts,
}

impl Engine {
    pub fn new(config: Config, seeds: Seeds) -> Self {
        let observer = Observer::new(seeds.names.clone());
        Engine::with(observer, config, seeds)
    }

    /// One that goes by these rules, and counts what of them was refused.
    pub fn knowing(loaded: &Loaded, config: Config, seeds: Seeds) -> Self {
        let observer = Observer::with(loaded.fingerprints, seeds.names.clone());
        let mut engine = Engine::with(observer, config, seeds);
        engine.sense.window.counters.add("fingerprints.refused", loaded.refused as u64);
        engine
    }

    /// One that makes no evidence: what that costs is measured against it.
    pub fn without_evidence(config: Config, seeds: Seeds) -> Self {
        let observer = Observer::blind(seeds.names.clone());
        Engine::with(observer, config, seeds)
    }

    fn with(observer: Observer, config: Config, seeds: Seeds) -> Self {
        let checksums = if config.verify_checksums { Checksums::Verify } else { Checksums::Ignore };
        Engine {
            link: Link::new(checksums, seeds.hash).with_overlaps(config.overlaps.clone()),
            flows: Flows::new(Limits { midstream: config.midstream, ..Limits::default() }, seeds.hash)
                .with_overlaps(config.overlaps.clone()),
            sense: Sense::new(observer, config, seeds),
            lost: Lost::default(),
            told: Rooms::default(),
        }
    }

    /// A frame, as captured at `at`.
    pub fn frame(&mut self, at: Nanos, link: LinkType, bytes: &[u8], out: &mut dyn Outlet) {
        self.time(at, out);
        let capture = &mut self.sense.window.capture;
        capture.frames += 1;
        capture.bytes = capture.bytes.saturating_add(bytes.len() as u64);
        match self.link.packet(at, link, bytes) {
            Ok(Some(packet)) => {
                // Behind a router, a packet shows the router.
                if packet.sight != Sight::Again {
                    self.sense.heard(at, &packet);
                }
                self.flows.segment(at, &packet, &mut Pass { sense: &mut self.sense, out });
            }
            Ok(None) => {}
            Err(error) => {
                self.sense.window.capture.unreadable += 1;
                tracing::debug!(%error, "a frame could not be read");
            }
        }
    }

    /// Time has passed. Said with each frame; a live capture says it in silence too, so that windows end and what has
    /// gone quiet is let go.
    pub fn time(&mut self, at: Nanos, out: &mut dyn Outlet) {
        if self.sense.clock(at) {
            self.flows.expire(at, &mut Pass { sense: &mut self.sense, out });
            self.close_window(out);
        }
        self.sense.begin(out);
    }

    /// What the capture has counted as lost so far.
    pub fn lost(&mut self, lost: Lost) {
        let told = std::mem::replace(&mut self.lost, lost);
        let capture = &mut self.sense.window.capture;
        capture.received += lost.received.saturating_sub(told.received);
        capture.ring_dropped += lost.ring_dropped.saturating_sub(told.ring_dropped);
        capture.interface_dropped += lost.interface_dropped.saturating_sub(told.interface_dropped);
    }

    /// The capture has ended: every conversation is closed and the last window told.
    pub fn finish(&mut self, out: &mut dyn Outlet) {
        self.flows.finish(&mut Pass { sense: &mut self.sense, out });
        self.close_window(out);
    }

    pub fn devices(&self) -> &Devices {
        &self.sense.devices
    }

    /// What was counted in the windows that are closed.
    pub fn totals(&self) -> &Totals {
        &self.sense.totals
    }

    pub fn levels(&self) -> Levels {
        Levels { devices: self.sense.devices.len(), conversations: self.flows.len() }
    }

    /// Prometheus text of everything counted here.
    pub fn metrics(&self) -> String {
        let mut text = String::new();
        // A string takes everything.
        let _ = metrics::write(&mut text, self.totals(), self.levels());
        text
    }

    fn close_window(&mut self, out: &mut dyn Outlet) {
        let sense = &mut self.sense;
        self.flows.each(&mut |conversation| sense.share(conversation, false));
        let window = &mut self.sense.window;
        for ((name, now), (_, told)) in self.link.counts().errors.iter().zip(self.told.link.errors.iter()) {
            window.counters.add(name, now.saturating_sub(told));
        }
        for ((name, now), (_, told)) in self.flows.counts().iter().zip(self.told.flow.iter()) {
            if ORDINARY.contains(&name) {
                continue;
            }
            window.counters.add(name, now.saturating_sub(told));
        }
        for (name, count) in FRAGMENTS {
            window.counters.add(name, count(self.link.fragment_counts()).saturating_sub(count(&self.told.fragments)));
        }
        let (now, told) = (self.link.counts(), &self.told.link);
        window.counters.add("link.nothing_in_it", now.not_ip.saturating_sub(told.not_ip));
        window.counters.add("link.duplicates", now.duplicates.saturating_sub(told.duplicates));
        window.counters.add("link.truncated", now.truncated.saturating_sub(told.truncated));
        let capture = &mut window.capture;
        capture.received = capture.received.max(capture.frames);
        self.told = Rooms {
            link: self.link.counts().clone(),
            flow: *self.flows.counts(),
            fragments: *self.link.fragment_counts(),
        };
        self.sense.close_window(out);
    }
}
