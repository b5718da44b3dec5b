//! Counters in Prometheus' text format. No name, address or id of a machine or person is in them.

use crate::app::App;
use std::fmt::Write;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

pub(crate) fn text(app: &App) -> String {
    let counters = &app.counters;
    let mut out = String::new();
    for (name, help, counter) in [
        ("batches_committed", "Batches committed and synced.", &counters.batches),
        ("commit_failures", "Batches that could not be committed.", &counters.commit_failures),
        ("connections_refused", "QUIC connections refused.", &counters.connections_refused),
        ("enrolments", "Sensors enrolled.", &counters.enrolments),
        ("enrolments_refused", "Enrolments refused.", &counters.enrolments_refused),
        ("logins_refused", "Logins refused.", &counters.logins_refused),
        ("http_requests", "Requests to the API.", &counters.requests),
    ] {
        let value = counter.load(Ordering::Relaxed);
        let _ = write!(
            out,
            "# HELP holter_{name}_total {help}\n# TYPE holter_{name}_total counter\nholter_{name}_total {value}\n"
        );
    }
    let connected = app.live().values().filter(|live| live.connections > 0).count();
    let estates = app.estates.read().unwrap_or_else(PoisonError::into_inner);
    let devices: usize = estates.values().map(|estate| estate.devices.len()).sum();
    let findings: usize = estates.values().map(|estate| estate.findings.len()).sum();
    let refused: u64 = estates.values().map(|estate| estate.refused.saturating_add(estate.tenancy.refused)).sum();
    let failing = u64::from(app.failing.load(Ordering::Relaxed));
    for (name, help, value) in [
        ("sensors_connected", "Sensors connected now.", connected as u64),
        ("devices", "Devices known.", devices as u64),
        ("findings", "Findings known.", findings as u64),
        ("rows_refused", "Rows that found no room in memory.", refused),
        ("store_failing", "1 while nothing can be committed.", failing),
    ] {
        let _ = write!(out, "# HELP holter_{name} {help}\n# TYPE holter_{name} gauge\nholter_{name} {value}\n");
    }
    out
}
