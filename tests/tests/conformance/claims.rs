//! Which conversations ours takes for something that the oracle takes for something else.

use crate::captures::CLINICAL;
use crate::exceptions::{Difference, Exceptions, FOREIGN};
use crate::oracle::Rows;
use crate::ours::Ours;
use crate::table::Table;
use holter_protocols::ALL;
use holter_terms::Protocol;
use std::collections::{BTreeMap, BTreeSet};

/// Layers that carry others and say nothing of the application.
const CARRIERS: &[&str] = &[
    "eth",
    "ethertype",
    "ip",
    "ipv6",
    "tcp",
    "udp",
    "data",
    "vlan",
    "sll",
    "raw",
    "_ws.malformed",
    "_ws.short",
    "_ws.unreassembled",
];

pub(crate) struct Claims<'t> {
    tables: &'t [Table],
    /// Ours, what the oracle says instead: conversations and frames of them.
    pub(crate) other: BTreeMap<(&'static str, String, &'t str), (u64, u64)>,
    /// DICOM and HL7 in captures that hold none.
    pub(crate) clinical: Vec<String>,
    /// Every one of them.
    pub(crate) details: Vec<String>,
    /// Those that nothing explains.
    pub(crate) unexplained: Vec<String>,
}

/// By protocol, frames of conversations that the oracle takes for something else: it has nothing to compare there.
pub(crate) type Foreign = BTreeSet<(&'static str, u64)>;

impl<'t> Claims<'t> {
    pub(crate) fn new(tables: &'t [Table]) -> Claims<'t> {
        Claims { tables, other: BTreeMap::new(), clinical: Vec::new(), details: Vec::new(), unexplained: Vec::new() }
    }

    /// The oracle's layers for one of our protocols.
    fn layers(&self, name: &str) -> Vec<&str> {
        self.tables.iter().filter(|table| table.ours() == name).flat_map(|table| table.layers()).collect()
    }

    pub(crate) fn capture(&mut self, capture: &str, ours: &Ours, frames: &Rows, exceptions: &'t Exceptions) -> Foreign {
        let mut foreign = Foreign::new();
        let mut talks: BTreeMap<u64, (BTreeSet<&str>, u64, u64)> = BTreeMap::new();
        let mut bare: Vec<(u64, Protocol, BTreeSet<&str>)> = Vec::new();
        for row in &frames.rows {
            let layers = frames.layers(row).filter(|layer| !CARRIERS.contains(layer));
            if let Some(protocol) = ours.bare.get(&row.frame) {
                bare.push((row.frame, *protocol, layers.collect()));
                continue;
            }
            let talk = ours.talk(row.frame);
            if talk != 0 {
                let (all, count, first) = talks.entry(talk).or_insert((BTreeSet::new(), 0, row.frame));
                all.extend(layers);
                *count += 1;
                *first = (*first).min(row.frame);
            }
        }
        let mut claims: Vec<(Protocol, BTreeSet<&str>, u64, u64)> =
            bare.into_iter().map(|(frame, protocol, layers)| (protocol, layers, 1, frame)).collect();
        for (talk, (layers, count, first)) in talks {
            for protocol in ours.recognised.get(&talk).into_iter().flatten() {
                claims.push((*protocol, layers.clone(), count, first));
            }
        }
        for (word, layers, count, first) in claims {
            // What has a word and no decoder is recognised for coverage only.
            let names: Vec<&'static str> =
                ALL.iter().filter(|protocol| protocol.word() == word).map(|protocol| protocol.name()).collect();
            let Some(&name) = names.first() else { continue };
            let own: Vec<&str> = names.iter().flat_map(|name| self.layers(name)).chain(names.iter().copied()).collect();
            if own.iter().any(|layer| layers.contains(layer)) {
                continue;
            }
            let said = match layers.is_empty() {
                true => "nothing".to_owned(),
                false => layers.iter().copied().collect::<Vec<_>>().join(" "),
            };
            let line = format!("{capture} {first}: ours {name}, the oracle {said}, {count} frames");
            if matches!(word, Protocol::Dicom | Protocol::Hl7) && !capture.starts_with(CLINICAL) {
                self.clinical.push(line.clone());
            }
            self.details.push(line);
            let difference = Difference {
                capture,
                column: FOREIGN,
                frame: first,
                oracle: None,
                ours: None,
                speaks: true,
                link: ours.link(first),
                rows: frames,
            };
            let why = exceptions.explains(name, &difference, frames);
            if why.is_none() {
                self.unexplained.extend(self.details.last().cloned());
            }
            let entry = self.other.entry((name, said, why.unwrap_or_default())).or_default();
            entry.0 += 1;
            entry.1 += count;
            let talk = ours.talk(first);
            let all = frames.rows.iter().map(|row| row.frame).filter(|&frame| match ours.bare.contains_key(&first) {
                true => frame == first,
                false => ours.talk(frame) == talk,
            });
            foreign.extend(all.map(|frame| (name, frame)));
        }
        for (word, frame) in &ours.told {
            if matches!(word, Protocol::Dicom | Protocol::Hl7) && !capture.starts_with(CLINICAL) {
                self.clinical.push(format!("{capture} {frame}: {word}"));
            }
        }
        foreign
    }
}
