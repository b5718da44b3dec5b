//! Faces, decisions, the past, suggestions and the map, as the types of the API.

use super::super::types::*;
use holter_core::decree::{Decree, Wish};
use holter_core::filter::{self, Query, Sort};
use holter_core::map::{By, Map};
use holter_core::measures::{DEVICE_FIELDS, DeviceView, Horizon};
use holter_core::past::Diff;
use holter_core::usage::{SLOT_MINUTES, Slot, best_slot, may_be_stopped};
use holter_core::{Device, Estate, FaceKey, HOUR, Spans};
use holter_terms::{DeviceKey, Nanos, Visibility, Zone};
use std::net::IpAddr;

/// Nodes of a map at most: more are no picture.
const NODES_SHOWN: usize = 300;
const SUGGESTIONS_SHOWN: usize = 200;

/// Devices as of a time in the order in which they were last seen. To judge every device anew takes long where there are
/// many; who only leafs through the past needs it for the rows of a page.
pub(super) fn seen_by(
    estate: &Estate,
    text: &str,
    query: &Query,
    (from, limit): (usize, usize),
    at: Nanos,
    sort: Sort,
) -> DeviceList {
    let last = |device: &Device| {
        let faces = device.faces.values().filter_map(|face| {
            let seen = face.seen.until(at)?;
            Some(face.sensors.values().filter_map(|spans| Some(spans.newest(at)?.last)).max().unwrap_or(seen.last))
        });
        faces.max()
    };
    let mut all: Vec<_> = estate.devices.values().filter_map(|device| Some((last(device)?, device))).collect();
    all.sort_by(|(a, _), (b, _)| if sort.descending { b.cmp(a) } else { a.cmp(b) });
    let (shown, next_cursor) = super::page(&all, from, limit);
    let horizon = Horizon::default();
    let row = |device: &Device| {
        let then = estate.device_as_of(device, at)?;
        Some(super::device_row(&horizon.then(&then)))
    };
    DeviceList {
        total: all.len() as u64,
        matched: all.len() as u64,
        truncated: shown.len() < all.len(),
        items: shown.iter().filter_map(|(_, device)| row(device)).collect(),
        next_cursor,
        query: super::filtered(text, query, Vec::<DeviceView<'_>>::new(), at, sort).account,
    }
}

pub(super) fn faces(device: &Device) -> Vec<FaceRow> {
    let row = |(key, face): (&FaceKey, &holter_core::Face)| FaceRow {
        id: key.id(),
        kind: if matches!(key.key, DeviceKey::Mac(_)) { "mac" } else { "address" }.to_owned(),
        key: key.key.to_string(),
        randomised: matches!(key.key, DeviceKey::Mac(mac) if holter_core::bond::is_randomised(mac)),
        first_seen: Utc(face.seen.first),
        last_seen: Utc(face.seen.last),
        sources: face
            .sensors
            .iter()
            .filter_map(|(sensor, spans): (_, &Spans)| {
                let seen = spans.whole()?;
                Some(SourceSpan { sensor: sensor.to_string(), first_seen: Utc(seen.first), last_seen: Utc(seen.last) })
            })
            .collect(),
    };
    device.faces.iter().map(row).collect()
}

pub(super) fn joins(estate: &Estate, device: &Device) -> Vec<Join> {
    let bonds = estate.bonds_of(device);
    bonds
        .into_iter()
        .map(|bond| Join {
            a: bond.a.id(),
            b: bond.b.id(),
            rule: bond.rule.as_str().to_owned(),
            why: bond.why(),
            since: Utc(bond.since),
            decision: bond.decree,
        })
        .collect()
}

pub(super) fn decisions(estate: &Estate, device: &Device) -> Vec<DecisionRow> {
    let mut rows: Vec<DecisionRow> = estate.decrees_about(device).into_iter().map(decision).collect();
    rows.reverse();
    rows
}

fn decision(decree: &Decree) -> DecisionRow {
    let what = match &decree.wish {
        Wish::Set { field, value: Some(value) } => format!("Set the {} to {value}.", field.as_str()),
        Wish::Set { field, value: None } => format!("Left the {} to the sensors.", field.as_str()),
        Wish::Tag { tag, on: true } => format!("Tagged it {tag}."),
        Wish::Tag { tag, on: false } => format!("Took the tag {tag} away."),
        Wish::Note { .. } => "Wrote a note.".to_owned(),
        Wish::Merge { with } => format!("Joined it with {with}."),
        Wish::Split { face, .. } => format!("Held {face} apart from it."),
        Wish::Undo { decree } => format!("Took decision {decree} back."),
    };
    DecisionRow {
        id: decree.id,
        at: Utc(decree.at),
        who: decree.who.clone(),
        what,
        note: match &decree.wish {
            Wish::Note { text } => Some(text.clone()),
            _ => None,
        },
        undone_by: decree.undone.as_ref().map(|(who, _)| who.clone()),
        undone: decree.undone.as_ref().map(|(_, at)| Utc(*at)),
        can_undo: decree.undone.is_none() && !matches!(decree.wish, Wish::Undo { .. }),
    }
}

pub(super) fn usage(estate: &Estate, device: &Device, at: Nanos) -> UseAccount {
    let (usage, listening) = (device.usage(), estate.listening(device));
    let daily = usage.daily(&listening, at);
    let slot = may_be_stopped(device).and_then(|()| best_slot(&usage, &listening, at, SLOT_MINUTES));
    let (slot, no_slot) = match slot {
        Ok(slot) => (Some(slot), None),
        Err(why) => (None, Some(why.reason())),
    };
    UseAccount {
        days: daily.days,
        images_per_day: tenth(daily.images),
        procedures_per_day: tenth(daily.procedures),
        messages_per_day: tenth(daily.messages),
        recent: usage
            .days()
            .map(|day| UseDay {
                day: Utc(day.number.saturating_mul(holter_core::DAY)),
                images: day.images,
                procedures: day.procedures,
                messages: day.messages,
            })
            .collect(),
        slot: slot.map(|slot| UseSlot {
            begins: spoken(&slot),
            minutes: slot.minutes,
            weeks: slot.weeks,
            used_in: slot.used_in,
        }),
        no_slot,
    }
}

/// A mean to one decimal.
pub(crate) fn tenth(mean: f64) -> f64 {
    (mean * 10.0).round() / 10.0
}

/// When a slot begins: `Tue 02:30 UTC`.
pub(crate) fn spoken(slot: &Slot) -> String {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let day = DAYS.get(usize::from(slot.weekday())).copied().unwrap_or_default();
    let (hour, minute) = slot.time();
    format!("{day} {hour:02}:{minute:02} UTC")
}

pub(crate) fn suggestions(estate: &Estate, now: Nanos) -> SuggestionList {
    let horizon = estate.horizon(now);
    let row = |site: &str, face: FaceKey| {
        let device = estate.device_by(site, face.key)?;
        Some(super::device_row(&horizon.view(device)))
    };
    let items = estate
        .suggestions(SUGGESTIONS_SHOWN)
        .into_iter()
        .filter_map(|(site, one)| Some(SuggestionRow { a: row(&site, one.a)?, b: row(&site, one.b)?, why: one.why }));
    SuggestionList { items: items.collect() }
}

pub(crate) fn diff(estate: &Estate, [from, to]: [Nanos; 2], hours: u32, limit: usize) -> DiffAnswer {
    let diff: Diff = estate.diff(from, to, i64::from(hours).saturating_mul(HOUR));
    let horizon = Horizon::default();
    let row = |device: &Device| super::device_row(&horizon.view(device));
    let totals = [diff.appeared.len(), diff.returned.len(), diff.gone.len(), diff.changed.len()];
    DiffAnswer {
        from: Utc(from),
        to: Utc(to),
        within_hours: hours,
        appeared_total: diff.appeared.len() as u64,
        returned_total: diff.returned.len() as u64,
        gone_total: diff.gone.len() as u64,
        changed_total: diff.changed.len() as u64,
        truncated: totals.iter().any(|total| *total > limit),
        appeared: diff.appeared.iter().take(limit).map(row).collect(),
        returned: diff.returned.iter().take(limit).map(row).collect(),
        gone: diff
            .gone
            .iter()
            .take(limit)
            .map(|(device, presence)| GoneDevice { row: row(device), presence: presence.as_str().to_owned() })
            .collect(),
        changed: diff
            .changed
            .iter()
            .take(limit)
            .map(|changed| ChangedDevice {
                row: row(&changed.device),
                changes: changed
                    .changes
                    .iter()
                    .map(|change| FieldChange {
                        field: change.field.to_owned(),
                        before: change.before.clone(),
                        after: change.after.clone(),
                    })
                    .collect(),
            })
            .collect(),
    }
}

pub(crate) fn map(estate: &Estate, text: &str, by: By, zone_of: &dyn Fn(IpAddr) -> Zone, now: Nanos) -> MapAnswer {
    let query: Query = filter::parse(text, DEVICE_FIELDS);
    let (horizon, present) = (estate.horizon(now), estate.present(now));
    let shows = |device: &Device| filter::matches(&query, &horizon.view(device), present);
    let Map { nodes, edges, left_out } = holter_core::map::map(estate, by, &shows, zone_of, NODES_SHOWN);
    let filter = |id: &str| match by {
        By::Zone => None,
        By::Network if id.contains('/') => Some(format!("address:{id}")),
        By::Network => None,
        By::Class => Some(format!("class:{id}")),
        By::Role => Some(format!("role:{id}")),
        By::Device => None,
    };
    MapAnswer {
        by: by.as_str().to_owned(),
        nodes: nodes
            .into_iter()
            .map(|(id, node)| MapNode {
                filter: filter(&id),
                id,
                label: node.label,
                class: node.class,
                devices: node.devices,
                findings_open: node.findings_open,
            })
            .collect(),
        edges: edges
            .into_iter()
            .map(|((from, to), edge)| MapEdge {
                from,
                to,
                protocols: edge.protocols.iter().map(|protocol| (*protocol).to_owned()).collect(),
                conversations: edge.conversations,
                bytes: edge.bytes,
                visibility: match edge.clear {
                    0 => Visibility::Encrypted.into(),
                    clear if clear == edge.bytes => Visibility::Clear.into(),
                    _ => Visibility::Unknown.into(),
                },
                last_seen: Utc(edge.last),
            })
            .collect(),
        left_out,
    }
}
