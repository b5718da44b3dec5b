//! What holter tells equals what the peers logged: of the demo's captures, and of the lab live and from its own capture.

use anyhow::{Result, ensure};
use holter_tests::house::House;
use holter_tests::places::{lab_python, root, skipped};
use holter_tests::programs::{binary, run, wait_for};
use holter_tests::seen::Seen;
use holter_tests::truth::{Rows, Truth, difference};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const PHASES: [&str; 2] = ["baseline", "incident"];

/// A replay of a capture on its own.
fn replayed(capture: &Path, folder: &Path) -> Result<Seen> {
    let events = folder.join("events.jsonl");
    let mut command = Command::new(binary("holter-agent"));
    command.args(["replay", "--quiet", "--site-data", "show", "--events"]).arg(&events).arg(capture);
    run(&mut command, Duration::from_secs(120))?.ok()?;
    Seen::read(&events)
}

fn equals(what: &str, seen: &Rows, logged: &Rows) -> Result<()> {
    let differ = difference(seen, logged);
    let lines: Vec<String> = differ.iter().map(|(row, n)| format!("  {n:+} {row}")).collect();
    ensure!(lines.is_empty(), "{what}: told (+) or logged (-) too often:\n{}", lines.join("\n"));
    Ok(())
}

/// A log that holds little proves little.
fn is_rich(phase: &str, logged: &Rows) {
    for kind in ["dicom association", "dicom store", "hl7 ", "dns "] {
        assert!(logged.keys().any(|row| row.starts_with(kind)), "{phase}: the peers logged no {kind}");
    }
    assert!(logged.values().sum::<i64>() > 150, "{phase}: {} rows", logged.values().sum::<i64>());
}

#[test]
fn the_demo_is_told_as_its_peers_logged_it() -> Result<()> {
    let folder = tempfile::tempdir()?;
    for phase in PHASES {
        let capture = root().join(format!("demo/capture/{phase}.pcap"));
        let truth = Truth::read(&capture.with_extension("truth.json"))?;
        let logged = truth.rows();
        is_rich(phase, &logged);
        equals(phase, &replayed(&capture, folder.path())?.rows(&truth), &logged)?;
    }
    Ok(())
}

#[test]
fn the_lab_is_told_as_its_peers_logged_it_live_and_from_its_capture() -> Result<()> {
    let Some(python) = lab_python() else { return Ok(()) };
    if !nix::unistd::geteuid().is_root() {
        skipped("the lab makes network namespaces and needs root");
        return Ok(());
    }
    let house = House::open("warn")?;
    house.enrol_shown()?;
    let password = house.person("auditor")?;
    let live = house.folder.path().join("live.jsonl");
    let out = house.folder.path().join("lab");
    let sensor = format!(
        "'{}' --log info run --interface \"$LAB_TAP\" --state '{}' --learn 60 --events '{}'",
        binary("holter-agent").display(),
        house.state().display(),
        live.display(),
    );
    let tap = format!("hlt{}", std::process::id() % 100_000);
    let mut lab = Command::new(python);
    lab.arg(root().join("tests/lab/lab.py")).arg("--out").arg(&out);
    lab.args(["--rounds", "1", "--phases", "baseline,incident", "--tap-here", &tap, "--sensor-command", &sensor]);
    run(&mut lab, Duration::from_secs(400))?.ok()?;
    let ended = std::fs::read_to_string(out.join("work/sensor-exit"))?;
    let said = std::fs::read_to_string(out.join("work/log/sensor.log"))?;
    ensure!(ended.trim() == "0", "the sensor ended with {ended}: {said}");

    let live = Seen::read(&live)?;
    let (mut told, mut logged) = (Rows::new(), Rows::new());
    for phase in PHASES {
        let truth = Truth::read(&out.join(format!("{phase}.truth.json")))?;
        ensure!(truth.dropped_by_kernel == Some(0), "the witness itself lost {:?} frames", truth.dropped_by_kernel);
        ensure!(truth.tap_transmitted == Some(0), "{:?} frames left the tap", truth.tap_transmitted);
        let rows = truth.rows();
        is_rich(phase, &rows);
        let folder = tempfile::tempdir()?;
        let capture = out.join(format!("{phase}.pcap"));
        equals(&format!("{phase}, from the file"), &replayed(&capture, folder.path())?.rows(&truth), &rows)?;
        for (row, n) in rows {
            *logged.entry(row).or_default() += n;
        }
        told = live.rows(&truth);
    }
    equals("both phases, live", &told, &logged)?;
    // What the sensor delivered while it listened, as the pages of all devices add it up.
    let console = house.log_in("auditor", &password)?;
    let told = live.acts();
    let collected = wait_for("the collector to have every act", Duration::from_secs(60), || {
        console.acts().ok().filter(|acts| *acts == told)
    });
    collected.map(drop).map_err(|error| error.context(format!("told {told:?}, collected {:?}", console.acts())))
}
