//! What the core knows, as the types of the API.

mod exposure;
mod inventory;
mod today;

pub(crate) use exposure::{device_exposure, exception, exposure_list, exposure_summary};
pub(crate) use inventory::{diff, map, spoken, suggestions, tenth};
pub(crate) use today::today;

use super::types::*;
use crate::app::Live;
use crate::store::Enrolment;
use holter_core::face::{ActKey, ActSum};
use holter_core::filter::{self, Field, Query, Row, Sort};
use holter_core::measures::{CaseView, DEVICE_FIELDS, DeviceView, FINDING_FIELDS, Horizon, Sight};
use holter_core::{Case, Estate, SECOND, Side, TalkKey, TalkSum};
use holter_terms::{Attribute, DeviceKey, Nanos};
use holter_wire::{FactValue, Party};
use std::collections::BTreeMap;

const PEERS_SHOWN: usize = 200;

pub(crate) fn fields(fields: &[Field]) -> Vec<FieldAccount> {
    fields
        .iter()
        .map(|field| FieldAccount {
            name: field.name.to_owned(),
            meaning: field.meaning.to_owned(),
            kind: field.kind.as_str().to_owned(),
            values: match field.kind {
                filter::Kind::Word(words) => words().into_iter().map(str::to_owned).collect(),
                _ => Vec::new(),
            },
            sortable: field.sortable,
        })
        .collect()
}

/// Rows that a query leaves, in order, and how it was understood.
struct Filtered<R> {
    account: QueryAccount,
    rows: Vec<R>,
    total: u64,
}

fn filtered<R: Row>(
    text: &str,
    query: &Query,
    all: Vec<R>,
    now: Nanos,
    otherwise: impl Into<Option<Sort>>,
) -> Filtered<R> {
    let total = all.len() as u64;
    let mut alone = vec![0u64; query.terms.len()];
    let mut rows = Vec::new();
    for row in all {
        let mut left = true;
        for (term, alone) in query.terms.iter().zip(&mut alone) {
            let found = filter::term_matches(term, &row, now);
            *alone += u64::from(found);
            left &= found;
        }
        if left {
            rows.push(row);
        }
    }
    let sort = query.sort.or(otherwise.into());
    if let Some(sort) = sort {
        // A stable sort over rows that come in the order of their ids.
        rows.sort_by(|a, b| {
            let order = filter::compare(sort.field, a, b);
            if sort.descending { order.reverse() } else { order }
        });
    }
    let terms = query.terms.iter().zip(alone).map(|(term, alone)| TermAccount {
        text: term.text.clone(),
        start: u32::try_from(term.start).unwrap_or(u32::MAX),
        end: u32::try_from(term.end).unwrap_or(u32::MAX),
        negated: term.negated,
        wrong: term.what.as_ref().err().map(|wrong| wrong.why.clone()),
        nearest: term.what.as_ref().err().and_then(|wrong| wrong.nearest.clone()),
        matches: term.what.is_ok().then_some(alone),
    });
    let account = QueryAccount {
        text: text.to_owned(),
        terms: terms.collect(),
        sorted: sort.map_or_else(
            || "gravity, descending".to_owned(),
            |sort| format!("{}, {}", sort.field, if sort.descending { "descending" } else { "ascending" }),
        ),
    };
    Filtered { account, rows, total }
}

fn page<R>(rows: &[R], from: usize, limit: usize) -> (&[R], Option<String>) {
    let shown = rows.get(from..).unwrap_or_default();
    let shown = shown.get(..limit).unwrap_or(shown);
    let end = from.saturating_add(shown.len());
    (shown, (end < rows.len()).then(|| end.to_string()))
}

pub(crate) fn device_list(
    estate: &Estate,
    text: &str,
    sort: Option<&str>,
    from: usize,
    limit: usize,
    now: Nanos,
    at: Option<Nanos>,
) -> DeviceList {
    let mut query = filter::parse(text, DEVICE_FIELDS);
    if query.sort.is_none()
        && let Some(sort) = sort
    {
        query.sort = filter::parse(&format!("sort:{sort}"), DEVICE_FIELDS).sort;
    }
    let otherwise = Sort { field: "last", descending: true };
    let sort = query.sort.unwrap_or(otherwise);
    if let (Some(at), true, "last") = (at, query.terms.is_empty(), sort.field) {
        return inventory::seen_by(estate, text, &query, (from, limit), at, sort);
    }
    let horizon = estate.horizon(now);
    let then = at.map(|at| estate.as_of(at));
    let all = match &then {
        None => estate.devices.values().map(|device| horizon.view(device)).collect(),
        Some(then) => then.iter().map(|device| horizon.then(device)).collect(),
    };
    let found = filtered(text, &query, all, at.unwrap_or_else(|| estate.present(now)), otherwise);
    let (shown, next_cursor) = page(&found.rows, from, limit);
    DeviceList {
        total: found.total,
        matched: found.rows.len() as u64,
        truncated: shown.len() < found.rows.len(),
        items: shown.iter().map(device_row).collect(),
        next_cursor,
        query: found.account,
    }
}

fn device_row(view: &DeviceView<'_>) -> DeviceRow {
    let (device, card) = (view.device, &view.device.card);
    let value = |of: &Option<(String, u8)>| of.as_ref().map(|(value, _)| value.clone());
    DeviceRow {
        id: device.id(),
        name: card.name.clone(),
        site: device.site.clone(),
        mac: match device.key {
            DeviceKey::Mac(mac) => Some(mac.to_string()),
            DeviceKey::Ip(_) => None,
        },
        addresses: device.newest_addresses().iter().take(8).map(ToString::to_string).collect(),
        class: card.class.clone(),
        class_confidence: card.class_confidence,
        maker: value(&card.maker),
        maker_confidence: card.maker.as_ref().map_or(0, |(_, confidence)| *confidence),
        family: value(&card.family),
        model: value(&card.model),
        version: value(&card.version),
        os: value(&card.os),
        roles: card.roles.clone(),
        first_seen: Utc(device.seen.first),
        last_seen: Utc(device.seen.last),
        sensors: device.sensor_ids().iter().map(ToString::to_string).collect(),
        peers: card.peers,
        findings_open: device.open,
        worst: device.worst.map(Into::into),
        quiet: view.quiet,
        partly_blind: view.partly_blind,
        owner: card.owner.clone(),
        location: card.location.clone(),
        criticality: card.criticality.map(|one| one.as_str().to_owned()),
        tags: card.tags.clone(),
        faces: device.faces.len() as u64,
        shared: device.shared.clone(),
    }
}

fn reason(reason: &holter_identity::Reason) -> Reason {
    Reason {
        rule: reason.rule.clone(),
        value: reason.value.clone(),
        weight: reason.weight,
        share: reason.share,
        count: reason.count,
        first_seen: Utc(reason.first),
        last_seen: Utc(reason.last),
    }
}

pub(crate) fn device(estate: &Estate, id: &str, now: Nanos, at: Option<Nanos>) -> Option<Device> {
    let today = estate.device(id)?;
    let then = match at {
        None => None,
        Some(at) => Some(estate.device_as_of(today, at)?),
    };
    let device = then.as_ref().unwrap_or(today);
    let horizon = estate.horizon(now);
    let view = if then.is_some() { horizon.then(device) } else { horizon.view(device) };
    let presence = estate.presence_at(today, at.unwrap_or_else(|| estate.present(now)));
    let identity = device.identity.verdicts.iter().map(|verdict| Verdict {
        attribute: verdict.attribute.to_string(),
        value: verdict.value.clone(),
        confidence: verdict.confidence,
        reasons: verdict.reasons.iter().map(reason).collect(),
        against: verdict.against.iter().map(reason).collect(),
    });
    let addresses = device.addresses();
    let (talks, acts) = (device.talks(), device.acts());
    let mut peers: Vec<_> = talks.iter().collect();
    peers.sort_by_key(|(key, sum)| (std::cmp::Reverse(sum.sent.saturating_add(sum.received)), (*key).clone()));
    // What was done without a conversation of one's own comes first, so that a scan's many rows do not push it out: a
    // C-GET's images come back in the asker's, and a lease is asked for by whoever the message names.
    let served = |key: &(DeviceKey, Side, holter_terms::Verb)| {
        talks.keys().any(|talk| (talk.peer, talk.side, talk.protocol) == (key.0, key.1, key.2.protocol()))
    };
    let mut silent: Vec<_> =
        acts.keys().filter(|key| !served(key)).map(|key| (key.0, key.1, key.2.protocol())).collect();
    silent.dedup();
    let silent = silent.into_iter().map(|(with, side, protocol)| {
        let key = TalkKey { peer: with, side, protocol, port: 0, visibility: holter_terms::Visibility::Clear };
        let sum = TalkSum { first: device.seen.first, last: device.seen.last, ..TalkSum::default() };
        peer(estate, device, &acts, &key, &sum)
    });
    let peer_rows =
        silent.chain(peers.iter().map(|(key, sum)| peer(estate, device, &acts, key, sum))).take(PEERS_SHOWN);
    let findings = estate.findings.values().filter(|case| {
        let parties = std::iter::once(&case.finding.subject).chain(&case.finding.peer);
        parties.into_iter().any(|party| {
            estate
                .device_at(&case.source.site, party.device, Some(case.finding.last))
                .is_some_and(|other| std::ptr::eq(other, today))
        })
    });
    let mut findings: Vec<FindingRow> = findings.map(|case| finding_row(estate, case)).collect();
    findings.sort_by_key(|row| std::cmp::Reverse(row.last_seen));
    let class = device.identity.named(Attribute::Class).and_then(holter_terms::DeviceClass::parse);
    Some(Device {
        row: device_row(&view),
        life_supporting: class.is_some_and(holter_terms::DeviceClass::is_life_supporting),
        identity: identity.collect(),
        wanted: device
            .identity
            .wanted
            .iter()
            .map(|wanted| Wanted {
                attribute: wanted.attribute.to_string(),
                signal: wanted.signal.to_owned(),
                what: wanted.what.to_owned(),
            })
            .collect(),
        address_history: device
            .newest_addresses()
            .iter()
            .filter_map(|ip| {
                let seen = addresses.get(ip)?;
                Some(AddressSpan { address: ip.to_string(), first_seen: Utc(seen.first), last_seen: Utc(seen.last) })
            })
            .collect(),
        peers_total: device.card.peers,
        peer_rows: peer_rows.collect(),
        findings,
        history: holter_core::history::of(device)
            .into_iter()
            .map(|(at, what)| HistoryRow { at: Utc(at), what })
            .collect(),
        as_of: at.map(Utc),
        presence: presence.unwrap_or(holter_core::past::Presence::Unseen).as_str().to_owned(),
        face_rows: inventory::faces(device),
        joins: inventory::joins(estate, device),
        decisions: inventory::decisions(estate, today),
        usage: inventory::usage(estate, today, estate.present(now)),
        refused: device.refused(),
    })
}

fn peer(
    estate: &Estate,
    device: &holter_core::Device,
    acts: &BTreeMap<ActKey, ActSum>,
    key: &TalkKey,
    sum: &TalkSum,
) -> Peer {
    let other = estate.device_by(&device.site, key.peer);
    Peer {
        id: holter_core::device::id_of(&device.site, &other.map_or(key.peer, |other| other.key)),
        name: other.map_or_else(|| key.peer.to_string(), |other| other.card.name.clone()),
        address: sum.peer_ip.map(|ip| ip.to_string()),
        class: other.map_or_else(|| "unknown".to_owned(), |other| other.card.class.clone()),
        side: key.side.as_str().to_owned(),
        protocol: key.protocol.to_string(),
        port: key.port,
        visibility: key.visibility.into(),
        conversations: sum.conversations,
        packets: sum.packets,
        bytes_sent: sum.sent,
        bytes_received: sum.received,
        verbs: verbs(acts, key.peer, key.side, key.protocol),
        first_seen: Utc(sum.first),
        last_seen: Utc(sum.last),
    }
}

/// What was done with a peer by this protocol.
fn verbs(
    acts: &BTreeMap<ActKey, ActSum>,
    peer: DeviceKey,
    side: Side,
    protocol: holter_terms::Protocol,
) -> Vec<VerbCount> {
    acts.iter()
        .filter(|((with, on, verb), _)| *with == peer && *on == side && verb.protocol() == protocol)
        .map(|((_, _, verb), sum)| VerbCount { verb: verb.to_string(), count: sum.count, bytes: sum.bytes })
        .collect()
}

fn party(estate: &Estate, site: &str, party: &Party, at: Nanos) -> PartyAccount {
    let device = estate.device_at(site, party.device, Some(at));
    PartyAccount {
        device: holter_core::device::id_of(site, &device.map_or(party.device, |device| device.key)),
        name: estate.name_of(site, party, at),
        address: party.ip.map(|ip| ip.to_string()),
        class: device.map_or_else(|| "unknown".to_owned(), |device| device.card.class.clone()),
        class_confidence: device.map_or(0, |device| device.card.class_confidence),
    }
}

fn state(case: &Case) -> FindingState {
    FindingState::parse(case.standing().as_str()).unwrap_or(FindingState::Open)
}

fn finding_row(estate: &Estate, case: &Case) -> FindingRow {
    let site = &case.source.site;
    FindingRow {
        id: case.id.clone(),
        title: case.account(&|party| estate.name_of(site, party, case.finding.last)).title,
        severity: case.finding.severity.into(),
        state: state(case),
        detection: case.finding.detection.to_string(),
        first_seen: Utc(case.finding.first),
        last_seen: Utc(case.finding.last),
        subject: party(estate, site, &case.finding.subject, case.finding.last),
        peer: case.finding.peer.as_ref().map(|peer| party(estate, site, peer, case.finding.last)),
        sensor: case.source.sensor.to_string(),
        site: site.clone(),
        partly_blind: case.finding.partly_blind,
    }
}

pub(crate) fn finding_list(
    estate: &Estate,
    text: &str,
    only: Option<FindingState>,
    from: usize,
    limit: usize,
    now: Nanos,
) -> FindingList {
    let query = filter::parse(text, FINDING_FIELDS);
    let all = estate.findings.values().filter(|case| only.is_none_or(|only| state(case) == only));
    let all = all.map(|case| {
        let site = &case.source.site;
        let subject = estate.device_at(site, case.finding.subject.device, Some(case.finding.last));
        CaseView {
            case,
            title: case.account(&|party| estate.name_of(site, party, case.finding.last)).title,
            subject: estate.name_of(site, &case.finding.subject, case.finding.last),
            peer: case
                .finding
                .peer
                .as_ref()
                .map(|peer| estate.name_of(site, peer, case.finding.last))
                .unwrap_or_default(),
            class: subject.map_or_else(|| "unknown".to_owned(), |subject| subject.card.class.clone()),
        }
    });
    let otherwise = Sort { field: "last", descending: true };
    let found = filtered(text, &query, all.collect(), estate.present(now), otherwise);
    let (shown, next_cursor) = page(&found.rows, from, limit);
    FindingList {
        total: found.total,
        matched: found.rows.len() as u64,
        truncated: shown.len() < found.rows.len(),
        items: shown.iter().map(|view| finding_row(estate, view.case)).collect(),
        next_cursor,
        query: found.account,
    }
}

pub(crate) fn finding(estate: &Estate, id: &str) -> Option<Finding> {
    let case = estate.findings.get(id)?;
    let site = &case.source.site;
    let account = case.account(&|party| estate.name_of(site, party, case.finding.last));
    let detection = case.detection();
    let facts = case.finding.facts.iter().map(|fact| {
        let (kind, value) = match &fact.value {
            FactValue::Number(number) => ("number", number.to_string()),
            FactValue::Text(text) => ("text", text.to_string()),
            FactValue::Address(address) => ("address", address.to_string()),
            FactValue::Seconds(seconds) => ("seconds", seconds.to_string()),
            FactValue::Bytes(bytes) => ("bytes", bytes.to_string()),
        };
        let meaning = detection.and_then(|detection| detection.fact(fact.name.as_str())).map(|spec| spec.what.clone());
        FactAccount { name: fact.name.to_string(), meaning: meaning.unwrap_or_default(), kind: kind.to_owned(), value }
    });
    Some(Finding {
        row: finding_row(estate, case),
        happened: account.happened,
        unusual: account.unusual,
        check: account.check,
        against: account.against,
        techniques: detection
            .map(|detection| {
                detection
                    .techniques
                    .iter()
                    .map(|technique| Technique { id: technique.id.clone(), name: technique.name.clone() })
                    .collect()
            })
            .unwrap_or_default(),
        facts: facts.collect(),
        moves: case
            .moves
            .iter()
            .map(|step| StateMove {
                state: FindingState::parse(step.to.as_str()).unwrap_or(FindingState::Open),
                who: step.who.clone(),
                at: Utc(step.at),
                note: step.note.clone(),
            })
            .collect(),
    })
}

pub(crate) fn seeing(sight: &Sight, sensors: u64, blind: u64) -> Seeing {
    let [understood, encrypted, unknown, missed] = sight.shares().map(|share| f64::from(share) / 10.0);
    let sentence = if sensors == 0 {
        "No sensor is enrolled.".to_owned()
    } else if sight.bytes() == 0 {
        "No payload was seen in the last hour.".to_owned()
    } else {
        let lost = if sight.dropped > 0 { format!(" {} frames were lost.", sight.dropped) } else { String::new() };
        format!(
            "Of what passed, {understood} % was understood, {encrypted} % encrypted, {unknown} % unknown, {missed} % missed.{lost}"
        )
    };
    Seeing {
        sentence,
        understood,
        encrypted,
        unknown,
        missed,
        bytes: sight.bytes(),
        sensors,
        sensors_partly_blind: blind,
    }
}

fn beat((start, beat): (Nanos, &holter_core::Beat)) -> Beat {
    Beat {
        start: Utc(start),
        seconds: beat.seconds,
        frames: beat.capture.frames,
        bytes: beat.capture.bytes,
        ring_dropped: beat.capture.ring_dropped,
        interface_dropped: beat.capture.interface_dropped,
        unreadable: beat.capture.unreadable,
        understood: beat.coverage.understood,
        encrypted: beat.coverage.encrypted,
        unknown: beat.coverage.unknown,
        missed: beat.coverage.missed,
    }
}

fn seconds(span: Nanos) -> f64 {
    (span as f64 / 1e6).round() / 1e3
}

pub(crate) fn sensor_row(estate: &Estate, who: &Enrolment, live: Live, now: Nanos) -> SensorRow {
    let nothing = holter_core::Sensor::default();
    let known = estate.sensors.get(&who.id);
    let sensor = known.unwrap_or(&nothing);
    let heard = sensor.heard.max(live.heard);
    let dropped = sensor.dropped_last_hour();
    let away = heard.is_some_and(|heard| now.saturating_sub(heard) > holter_core::sensor::AWAY_AFTER);
    let state = match heard {
        _ if who.revoked => SensorState::Revoked,
        None => SensorState::New,
        Some(_) if away => SensorState::Away,
        Some(_) if dropped > 0 => SensorState::Losing,
        Some(_) => SensorState::Good,
    };
    let mut sight = Sight::default();
    sight.add(sensor);
    let devices = estate.devices.values().filter(|device| device.sensor_ids().contains(&who.id)).count() as u64;
    let newest = sensor.windows.last_key_value().map(|(_, beat)| beat);
    let blind = u64::from(matches!(state, SensorState::Away | SensorState::Losing));
    let seeing = seeing(&sight, 1, blind);
    let verdict = match state {
        SensorState::Revoked => "Its certificate was revoked: it can deliver nothing more.".to_owned(),
        SensorState::New => "It is enrolled and was not heard yet. Start it, or look at its own status.".to_owned(),
        SensorState::Away => format!(
            "Not heard since {}. It keeps recording while it has power and room. {devices} devices cannot be judged meanwhile.",
            Utc(heard.unwrap_or_default())
        ),
        SensorState::Losing => format!(
            "It lost {dropped} frames in its last hour: the mirror brings more than it can take. {}",
            seeing.sentence
        ),
        SensorState::Good if newest.is_none() => "It is connected; its first window is not complete yet.".to_owned(),
        SensorState::Good => format!("Nothing was lost in its last hour. {}", seeing.sentence),
    };
    SensorRow {
        id: who.id.to_string(),
        name: who.name.clone(),
        site: who.site.clone(),
        state,
        verdict,
        connected: live.connections > 0,
        last_heard: heard.map(Utc),
        version: Some(who.version.clone()).filter(|version| !version.is_empty()),
        lag_seconds: sensor.lag.map(seconds),
        frames_per_second: newest.map_or(0.0, |beat| beat.capture.frames as f64 / f64::from(beat.seconds.max(1))),
        dropped_frames: dropped,
        spool_pending: live.pending,
        devices,
        seeing,
        trace: {
            let mut last: Vec<_> =
                sensor.windows.iter().rev().take(60).map(|(start, window)| beat((*start, window))).collect();
            last.reverse();
            last
        },
    }
}

pub(crate) fn sensor(
    estate: &Estate,
    who: &Enrolment,
    live: Live,
    delivery: Delivery,
    gone: &[crate::store::ingest::GoneRow],
    now: Nanos,
) -> Sensor {
    let nothing = holter_core::Sensor::default();
    let sensor = estate.sensors.get(&who.id).unwrap_or(&nothing);
    let (mut protocols, mut counters) = (BTreeMap::<_, ProtocolShare>::new(), BTreeMap::<String, u64>::new());
    for (_, window) in sensor.last_hour() {
        for row in &window.protocols {
            let sum = protocols.entry(row.protocol).or_insert_with(|| ProtocolShare {
                protocol: row.protocol.to_string(),
                from_specification: row.protocol.is_from_specification(),
                conversations: 0,
                events: 0,
                malformed: 0,
                bytes: 0,
            });
            sum.conversations = sum.conversations.saturating_add(row.conversations);
            sum.events = sum.events.saturating_add(row.events);
            sum.malformed = sum.malformed.saturating_add(row.malformed);
            sum.bytes = sum.bytes.saturating_add(row.bytes);
        }
        for row in &window.counters {
            let sum = counters.entry(row.name.to_string()).or_default();
            *sum = sum.saturating_add(row.count);
        }
    }
    let boots = sensor.boots.iter().enumerate().rev().map(|(index, (id, boot))| Boot {
        boot: id.to_string(),
        previous: boot.record.previous.map(|previous| previous.to_string()),
        at: Utc(boot.record.wall),
        reason: format!("{:?}", boot.record.reason).to_lowercase(),
        version: boot.record.version.map(|part| part.to_string()).join("."),
        chain_broken: sensor.chain_broken(index),
        fork: sensor.forks(index),
    });
    let mut losses: Vec<Loss> = sensor
        .losses
        .iter()
        .map(|((boot, reason, lane), lost)| Loss {
            boot: boot.to_string(),
            reason: words(&format!("{reason:?}")),
            lane: lane.map(|lane| lane.as_str().to_owned()),
            count: lost.count,
            at: Utc(lost.at),
        })
        .collect();
    losses.extend(gone.iter().map(|lost| Loss {
        boot: lost.boot.clone(),
        reason: format!("never came, {}", words(lost.reason.trim_start_matches("gone: "))),
        lane: lost.lane.map(|lane| lane.as_str().to_owned()),
        count: lost.count,
        at: Utc(lost.at),
    }));
    losses.sort_by_key(|loss| std::cmp::Reverse(loss.at));
    Sensor {
        row: sensor_row(estate, who, live, now),
        enrolled: Utc(who.enrolled),
        certificate_ends: Utc(who.ends),
        clock_offset_seconds: live.offset.map(seconds),
        windows: sensor.last_day().map(beat).collect(),
        boots: boots.collect(),
        losses,
        delivery,
        protocols: protocols.into_values().collect(),
        counters: counters.into_iter().map(|(name, count)| CounterRow { name, count }).collect(),
    }
}

/// `RingFull` as `ring full`.
fn words(name: &str) -> String {
    let mut out = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !out.is_empty() {
            out.push(' ');
        }
        out.extend(letter.to_lowercase());
    }
    out
}

/// Devices of an estate as its own horizon shows them.
pub(crate) fn quiet_devices<'a>(estate: &'a Estate, horizon: &Horizon) -> Vec<DeviceView<'a>> {
    let mut quiet: Vec<_> =
        estate.devices.values().map(|device| horizon.view(device)).filter(|view| view.quiet).collect();
    quiet.sort_by_key(|view| view.device.seen.last);
    quiet
}

pub(crate) const fn whole_seconds(span: Nanos) -> u64 {
    (span / SECOND).unsigned_abs()
}
