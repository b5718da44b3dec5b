//! Exposures, as the types of the API.

mod summary;

pub(crate) use summary::exposure_summary;

use super::super::types::*;
use crate::exposure::Found;
use holter_core::Device;
use holter_core::exposure::{
    Accepted, Asked, Counts, EXPOSURE_FIELDS, Exception, Factor, Grounds, Item, ItemView, Library, ReadAs, Risk, Scope,
    Spoken, State, Target, Told,
};
use holter_core::filter::{self, Query};
use holter_terms::Nanos;
use std::net::IpAddr;

const ITEMS_SHOWN: usize = 500;

impl From<State> for ExposureState {
    fn from(state: State) -> Self {
        match state {
            State::Affected => Self::Affected,
            State::Likely => Self::Likely,
            State::Unknown => Self::Unknown,
            State::NotAffected => Self::NotAffected,
        }
    }
}

fn tenths(tenths: u16) -> f64 {
    f64::from(tenths) / 10.0
}

/// A word as it is serialised.
fn word(of: impl serde::Serialize) -> String {
    match serde_json::to_value(of) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

fn states(counts: Counts) -> StateCounts {
    StateCounts {
        affected: counts.of(State::Affected),
        likely: counts.of(State::Likely),
        unknown: counts.of(State::Unknown),
        not_affected: counts.of(State::NotAffected),
    }
}

/// `None` for an item of another shelf.
fn row((device, name, class): (&str, &str, &str), library: &Library, item: &Item, now: Nanos) -> Option<ExposureRow> {
    let advisory = library.shelf.advisory(item.found.advisory)?;
    let vulnerability = advisory.vulnerabilities.get(item.found.vulnerability as usize)?;
    Some(ExposureRow {
        device: device.to_owned(),
        device_name: name.to_owned(),
        device_class: class.to_owned(),
        advisory: advisory.id.clone(),
        advisory_title: advisory.title.clone(),
        vulnerability: vulnerability.name().map(str::to_owned),
        score: item.score.map(|score| tenths(score.into())),
        severity: item.severity.map(Into::into),
        exploited: item.exploited,
        state: item.found.state.into(),
        confidence: item.found.confidence,
        why: item.found.why.sentence().to_owned(),
        since: Utc(item.since),
        due: item.due.map(Utc),
        overdue: item.is_overdue(now),
        accepted_until: item.accepted_until.map(Utc),
        acceptance_ended: item.expired.map(Utc),
    })
}

/// `only`: states of which items are listed; empty for all.
pub(crate) fn exposure_list(
    found: &Found,
    text: &str,
    only: &[State],
    from: usize,
    limit: usize,
    now: Nanos,
) -> ExposureList {
    let query: Query = filter::parse(text, EXPOSURE_FIELDS);
    let library = &found.shelf.library;
    let views = found.ledger.rows().map(|(entry, item)| ItemView { library, entry, item, now });
    let all = views.filter(|view| only.is_empty() || only.contains(&view.item.found.state)).collect();
    let left = super::filtered(text, &query, all, now, None);
    let (shown, next_cursor) = super::page(&left.rows, from, limit);
    ExposureList {
        total: left.total,
        matched: left.rows.len() as u64,
        truncated: shown.len() < left.rows.len(),
        items: shown
            .iter()
            .filter_map(|view| row((&view.entry.id, &view.entry.name, &view.entry.class), library, view.item, now))
            .collect(),
        next_cursor,
        query: left.account,
        as_of: Utc(found.ledger.at),
        left_out: found.ledger.left_out,
    }
}

fn factor(factor: Factor) -> &'static str {
    match factor {
        Factor::Severity => "The gravest base score among what it is affected by or likely to be.",
        Factor::Certainty => "How sure the gravest of its exposures is.",
        Factor::Exploited => "One of them is known to be exploited.",
        Factor::Consequence => "What a failure of its class can do.",
        Factor::Insecure => "The worst insecure protocol that it speaks.",
        Factor::Reach => "Somebody outside the clinical networks talked to it.",
        Factor::NoFix => "The maker offers no fix for one of them.",
        Factor::Overdue => "One of them is past its due date and not accepted.",
    }
}

fn risk(risk: &Risk) -> RiskAccount {
    let part = |part: &holter_core::exposure::Part| RiskPart {
        factor: part.factor.as_str().to_owned(),
        what: factor(part.factor).to_owned(),
        weight: part.weight,
        value: part.value,
        adds: tenths(part.adds),
    };
    RiskAccount { score: tenths(risk.tenths), parts: risk.parts.iter().map(part).collect() }
}

pub(crate) fn exception(one: &Exception, now: Nanos) -> ExceptionRow {
    let (device, maker, product) = match &one.scope {
        Scope::Device { id } => (Some(id.clone()), None, None),
        Scope::Product { maker, product } => (None, Some(maker.clone()), Some(product.clone())),
    };
    let (advisory, cve) = match &one.target {
        Target::Advisory(id) => (Some(id.clone()), None),
        Target::Cve(cve) => (None, Some(cve.clone())),
    };
    ExceptionRow {
        id: one.id.clone(),
        device,
        maker,
        product,
        advisory,
        cve,
        who: one.who.clone(),
        why: one.why.clone(),
        controls: one.controls.clone(),
        made: Utc(one.made),
        until: Utc(one.until),
        ended: one.until <= now,
    }
}

fn insecure(spoken: &Spoken<'_>) -> InsecureProtocol {
    InsecureProtocol {
        id: spoken.entry.id.clone(),
        title: spoken.entry.title.clone(),
        protocol: spoken.entry.protocol.to_string(),
        grade: spoken.entry.grade.into(),
        why: spoken.entry.why.clone(),
        action: spoken.entry.action.clone(),
        since: Utc(spoken.since),
        last_seen: Utc(spoken.last),
        ports: spoken.ports.iter().copied().collect(),
    }
}

/// The exposures of one device, worked out anew.
pub(crate) fn device_exposure(
    grounds: &Grounds<'_>,
    device: &Device,
    outside: &dyn Fn(IpAddr) -> bool,
) -> DeviceExposure {
    let told = Told::of(device, outside);
    let subject = told.subject();
    let shelf = &grounds.library.shelf;
    let found = shelf.exposures(&subject);
    let mut items: Vec<Item> =
        found.iter().filter_map(|one| grounds.item(&subject, told.life_supporting(), one)).collect();
    let total = grounds.risk(&subject, &items);
    items.sort_by_key(Item::gravity);
    let item = |item: &Item| {
        let shown = shelf.explain(&subject, &item.found, &grounds.library.kev)?;
        let advisory = shelf.advisory(item.found.advisory)?;
        let vulnerability = advisory.vulnerabilities.get(item.found.vulnerability as usize)?;
        let asked = Asked {
            state: item.found.state,
            severity: item.severity,
            exploited: shown.exploited,
            life_supporting: told.life_supporting(),
            since: item.since,
        };
        let due = grounds.tables.due.due(&asked);
        let accepted = grounds.exceptions.accepted(
            shelf.makers(),
            &subject,
            shown.advisory.id,
            vulnerability.cve.as_deref(),
            grounds.now,
        );
        let text = |text: Option<&str>| text.map(str::to_owned);
        Some(ExposureItem {
            row: row((subject.id, &device.card.name, &device.card.class), grounds.library, item, grounds.now)?,
            publisher: shown.advisory.publisher.to_owned(),
            released: shown.advisory.released.to_owned(),
            advisory_version: shown.advisory.version.to_owned(),
            advisory_url: text(shown.advisory.url),
            vulnerability_title: text(shown.vulnerability.title),
            summary: text(shown.vulnerability.summary),
            cwe: text(shown.vulnerability.cwe),
            cvss_version: shown.score.map(|score| score.version.to_owned()),
            vector: shown.score.and_then(|score| score.vector.clone()),
            node: AdvisoryNode {
                pointer: shown.node.pointer.to_owned(),
                product_id: shown.node.product_id.to_owned(),
                name: shown.node.name.to_owned(),
                vendor: text(shown.node.vendor),
                product: text(shown.node.product),
                versions: text(shown.node.versions),
                read_as: read_as(shown.node.read_as).to_owned(),
                conditions: shown.node.conditions.iter().map(|one| (*one).to_owned()).collect(),
                status: shown.node.status.iter().map(|one| (*one).to_owned()).collect(),
            },
            evidence: shown
                .evidence
                .iter()
                .map(|one| ExposureEvidence {
                    attribute: one.attribute.to_owned(),
                    value: one.value.to_owned(),
                    confidence: one.confidence,
                    reasons: one.reasons.iter().map(super::reason).collect(),
                })
                .collect(),
            scheme: shown.scheme.map(word),
            stack: text(shown.stack),
            kev: shown.exploited.map(|one| ExploitedAccount {
                name: one.name.clone(),
                added: one.added.map(Utc),
                due: one.due.map(Utc),
                action: one.action.clone(),
                ransomware: one.ransomware,
            }),
            remedies: shown
                .remedies
                .iter()
                .map(|one| RemedyText {
                    category: word(one.category),
                    details: one.details.to_owned(),
                    url: text(one.url),
                })
                .collect(),
            due_rule: due.map(|due| due.rule.to_owned()),
            due_by_catalogue: due.is_some_and(|due| due.by_catalogue),
            exception: match accepted {
                Accepted::No => None,
                Accepted::Until(one) | Accepted::Expired(one) => Some(exception(one, grounds.now)),
            },
        })
    };
    DeviceExposure {
        device: subject.id.to_owned(),
        as_of: Utc(grounds.now),
        risk: risk(&total),
        items_total: items.len() as u64,
        items: items.iter().take(ITEMS_SHOWN).filter_map(item).collect(),
        insecure: grounds.tables.insecure.spoken(&subject).iter().map(insecure).collect(),
        advisories: shelf.len() as u64,
    }
}

const fn read_as(one: ReadAs) -> &'static str {
    match one {
        ReadAs::NoVersion => "no-version",
        ReadAs::AllVersions => "all-versions",
        ReadAs::Ranges => "ranges",
        ReadAs::FreeText => "free-text",
    }
}
