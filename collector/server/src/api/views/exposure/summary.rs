//! All exposures in numbers.

use super::{exception, risk, states};
use crate::api::types::*;
use crate::exposure::Found;
use holter_core::exposure::{Exception, Exceptions, Tables};
use holter_terms::Nanos;
use std::cmp::Reverse;

const ADVISORIES_SHOWN: usize = 50;
const RISKIEST_SHOWN: usize = 20;
const EXCEPTIONS_SHOWN: usize = 100;

pub(crate) fn exposure_summary(found: &Found, exceptions: &Exceptions, tables: &Tables, now: Nanos) -> ExposureSummary {
    let (ledger, library) = (&found.ledger, &found.shelf.library);
    let mut advisories: Vec<_> =
        ledger.by_advisory.iter().filter_map(|(at, counts)| Some((library.shelf.advisory(*at)?, *counts))).collect();
    advisories.sort_by_key(|(advisory, counts)| (Reverse(counts.0), &advisory.id));
    let mut ending: Vec<&Exception> = exceptions.iter().collect();
    ending.sort_by_key(|one| (one.until, &one.id));
    let mut insecure: Vec<InsecureCount> = ledger
        .insecure
        .iter()
        .filter_map(|(at, (devices, since))| {
            let entry = tables.insecure.entries().get(*at)?;
            Some((entry, *devices, *since))
        })
        .map(|(entry, devices, since)| InsecureCount {
            id: entry.id.clone(),
            title: entry.title.clone(),
            grade: entry.grade.into(),
            devices,
            since: Utc(since),
        })
        .collect();
    insecure.sort_by_key(|one| (Reverse(one.grade as u8), Reverse(one.devices)));
    ExposureSummary {
        as_of: Utc(ledger.at),
        devices: ledger.devices,
        advisories: library.shelf.len() as u64,
        catalogue: library.kev.len() as u64,
        counts: states(ledger.counts),
        accepted: ledger.accepted,
        overdue: ledger.overdue,
        by_advisory_total: advisories.len() as u64,
        by_advisory: advisories
            .into_iter()
            .take(ADVISORIES_SHOWN)
            .map(|(advisory, counts)| AdvisoryCount {
                id: advisory.id.clone(),
                title: advisory.title.clone(),
                url: advisory.url.clone(),
                devices: states(counts),
            })
            .collect(),
        riskiest: ledger
            .riskiest(RISKIEST_SHOWN)
            .into_iter()
            .map(|entry| RiskyDevice {
                device: entry.id.clone(),
                name: entry.name.clone(),
                class: entry.class.clone(),
                risk: risk(&entry.risk),
                open: entry.items.iter().filter(|item| item.is_open()).count() as u64,
            })
            .collect(),
        insecure,
        exceptions_total: ending.len() as u64,
        exceptions: ending.into_iter().take(EXCEPTIONS_SHOWN).map(|one| exception(one, now)).collect(),
    }
}
