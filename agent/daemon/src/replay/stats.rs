//! `--stats`: the counters as JSON.

use crate::json::Json;
use holter_engine::Engine;
use holter_phi::Label;
use holter_wire::Finding;
use std::io::{self, Write};

pub(crate) fn write(out: &mut impl Write, engine: &Engine, findings: &[Finding<Label>]) -> io::Result<()> {
    let totals = engine.totals();
    let mut json = Json::default();
    let object = |json: &mut Json, name: &str, members: &[(&str, u64)]| {
        json.key(name);
        json.open('{');
        for (name, value) in members {
            json.key(name);
            json.number(*value);
        }
        json.close('}');
    };
    json.open('{');
    let capture = &totals.capture;
    object(
        &mut json,
        "capture",
        &[
            ("frames", capture.frames),
            ("bytes", capture.bytes),
            ("unreadable", capture.unreadable),
            ("ring_dropped", capture.ring_dropped),
            ("interface_dropped", capture.interface_dropped),
        ],
    );
    let coverage = &totals.coverage;
    object(
        &mut json,
        "payload_bytes",
        &[
            ("understood", coverage.understood),
            ("encrypted", coverage.encrypted),
            ("unknown", coverage.unknown),
            ("missed", coverage.missed),
        ],
    );
    json.key("protocols");
    json.open('{');
    for row in totals.protocols() {
        let members = [
            ("conversations", row.conversations),
            ("events", row.events),
            ("malformed", row.malformed),
            ("bytes", row.bytes),
        ];
        object(&mut json, row.protocol.as_str(), &members);
    }
    json.close('}');
    object(&mut json, "counters", &totals.counters.sorted());
    json.key("windows");
    json.number(totals.windows);
    json.key("devices");
    json.number(engine.devices().len() as u64);
    json.key("evidence_rows");
    json.number(totals.evidence_rows);
    json.key("findings");
    json.number(findings.len() as u64);
    json.close('}');
    out.write_all(json.as_str().as_bytes())?;
    out.write_all(b"\n")?;
    out.flush()
}
