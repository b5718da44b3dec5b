use super::{finding_row, quiet_devices, seeing, sensor_row, whole_seconds};
use crate::api::types::*;
use crate::app::Live;
use crate::store::Enrolment;
use holter_core::measures::Sight;
use holter_core::{Estate, HOUR, Standing};
use holter_terms::{DeviceClass, Nanos, SensorId, Severity};
use std::collections::BTreeMap;

const SHOWN: usize = 20;

pub(crate) fn today(estate: &Estate, enrolled: &[Enrolment], live: &BTreeMap<SensorId, Live>, now: Nanos) -> Today {
    let horizon = estate.horizon(now);
    let present = estate.present(now);
    let rows: Vec<SensorRow> = enrolled
        .iter()
        .filter(|who| !who.revoked)
        .map(|who| sensor_row(estate, who, live.get(&who.id).copied().unwrap_or_default(), now))
        .collect();

    let open = estate.findings.values().filter(|case| case.standing() != Standing::Closed);
    let findings_open = open.clone().count() as u64;
    // What somebody is at needs nobody else.
    let mut waiting: Vec<_> =
        open.filter(|case| case.standing() == Standing::Open && case.finding.severity >= Severity::Low).collect();
    waiting.sort_by_key(|case| {
        (std::cmp::Reverse(case.finding.severity), std::cmp::Reverse(case.finding.last), case.id.clone())
    });
    let urgent = waiting.iter().filter(|case| case.finding.severity >= Severity::High).count();
    let mut needs: Vec<Need> = waiting
        .iter()
        .take(SHOWN)
        .map(|case| {
            let row = finding_row(estate, case);
            let account = case.account(&|party| estate.name_of(&case.source.site, party, case.finding.last));
            Need {
                kind: NeedKind::Finding,
                id: row.id,
                severity: row.severity,
                title: row.title,
                detail: account.happened,
                since: row.first_seen,
                partly_blind: row.partly_blind,
            }
        })
        .collect();
    let mut needs_total = waiting.len() as u64;
    let mut blind_sensors = Vec::new();
    for row in &rows {
        if !matches!(row.state, SensorState::Away | SensorState::Losing) {
            continue;
        }
        let since = match row.state {
            SensorState::Away => row.last_heard.unwrap_or(Utc(now)),
            _ => row
                .trace
                .iter()
                .find(|beat| beat.ring_dropped > 0 || beat.interface_dropped > 0)
                .map_or(Utc(now), |beat| beat.start),
        };
        let title = match row.state {
            SensorState::Away => format!("Sensor {} is not heard", row.name),
            _ => format!("Sensor {} loses frames", row.name),
        };
        needs_total = needs_total.saturating_add(1);
        needs.push(Need {
            kind: NeedKind::Sensor,
            id: row.id.clone(),
            severity: SeverityWord::Medium,
            title,
            detail: row.verdict.clone(),
            since,
            partly_blind: true,
        });
        blind_sensors.push(BlindSensor {
            id: row.id.clone(),
            name: row.name.clone(),
            since,
            devices: row.devices,
            why: row.verdict.clone(),
        });
    }
    let quiet = quiet_devices(estate, &horizon);
    let missed: Vec<_> = quiet
        .iter()
        .filter_map(|view| {
            let class = DeviceClass::parse(&view.device.card.class).filter(|class| class.is_clinical())?;
            let silent = whole_seconds(present.saturating_sub(view.device.seen.last).max(0)) / 60;
            Some(Need {
                kind: NeedKind::Device,
                id: view.device.id(),
                severity: if class.is_life_supporting() { SeverityWord::Medium } else { SeverityWord::Low },
                title: format!("{} went quiet", view.device.card.name),
                detail: format!(
                    "Nothing was heard from it for {silent} minutes, while its sensor heard others and lost nothing."
                ),
                since: Utc(view.device.seen.last),
                partly_blind: false,
            })
        })
        .collect();
    let silent = missed.len();
    needs_total = needs_total.saturating_add(silent as u64);
    needs.extend(missed.into_iter().take(SHOWN));
    needs.sort_by_key(|need| std::cmp::Reverse(need.severity as u8));
    needs.truncate(SHOWN);

    let mut sight = Sight::default();
    estate.sensors.values().for_each(|sensor| sight.add(sensor));
    let blind_devices = estate.devices.values().filter(|device| horizon.view(device).partly_blind).count() as u64;

    let sentence = if rows.is_empty() {
        "No sensor is enrolled yet, so nothing is seen. Make an enrolment token and start a sensor.".to_owned()
    } else if needs_total == 0 {
        format!(
            "Nothing needs anybody. {} devices are watched by {}.",
            estate.count(),
            plural(rows.len(), "sensor", "sensors")
        )
    } else {
        let parts: Vec<String> = [
            (waiting.len(), "finding", "findings"),
            (blind_sensors.len(), "sensor", "sensors"),
            (silent, "quiet device", "quiet devices"),
        ]
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, many)| plural(count, one, many))
        .collect();
        let verb = if needs_total == 1 { "needs somebody" } else { "need somebody" };
        let what = format!("{} {verb}", parts.join(" and "));
        let haste = match urgent {
            0 => "None is urgent.".to_owned(),
            1 => "One is urgent.".to_owned(),
            urgent => format!("{urgent} are urgent."),
        };
        format!("{what}. {haste}")
    };
    Today {
        at: Utc(now),
        sentence,
        needs,
        needs_total,
        seeing: seeing(&sight, rows.len() as u64, blind_sensors.len() as u64),
        quiet: QuietList {
            total: quiet.len() as u64,
            items: quiet
                .iter()
                .take(SHOWN)
                .map(|view| QuietDevice {
                    id: view.device.id(),
                    name: view.device.card.name.clone(),
                    class: view.device.card.class.clone(),
                    last_seen: Utc(view.device.seen.last),
                    silent_seconds: whole_seconds(present.saturating_sub(view.device.seen.last).max(0)),
                })
                .collect(),
        },
        blind: BlindList { devices: blind_devices, sensors: blind_sensors },
        hours: hours(estate, present),
        devices: estate.count() as u64,
        sensors: rows.len() as u64,
        findings_open,
    }
}

fn hours(estate: &Estate, present: Nanos) -> Vec<Hour> {
    let last = present.saturating_sub(present.rem_euclid(HOUR));
    (0..24)
        .rev()
        .map(|back| {
            let start = last.saturating_sub(HOUR.saturating_mul(back));
            let within = start..start.saturating_add(HOUR);
            let began = estate.findings.values().filter(|case| within.contains(&case.finding.first));
            let (blind_seconds, observed) = estate.blind_in_hour(start, present);
            Hour {
                start: Utc(start),
                findings: began.clone().count() as u64,
                worst: began.map(|case| case.finding.severity).max().map(Into::into),
                blind_seconds,
                not_yet: !observed,
            }
        })
        .collect()
}

fn plural(count: usize, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}
