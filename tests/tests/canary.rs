//! No patient leaves: a marker in every place that may hold something about a person, and a search of everything that
//! sensor and collector leave behind, at trace level.

use anyhow::{Context, Result, bail, ensure};
use holter_tests::house::House;
use holter_tests::markers::Markers;
use holter_tests::places::root;
use holter_tests::programs::{Background, binary, wait_for};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// What may leave in no form. Names of machines (`site`) leave where the site shows them, as this test's does; the local
/// files hash them, which is what they do unless they are told otherwise.
const NEVER: [&str; 2] = ["patient", "secret"];

fn markers() -> Markers {
    Markers::read(&root().join("tests/canary/canary.tsv")).expect("the manifest")
}

#[test]
fn the_capture_carries_the_markers_that_its_manifest_names() {
    let markers = markers();
    assert!(markers.len() > 1_000);
    let capture = fs::read(root().join("tests/canary/canary.pcap")).expect("the capture");
    let found: BTreeSet<String> = markers.search(&capture).into_iter().map(|hit| hit.marker).collect();
    // A marker that two segments share is not found in the file, though it is on the wire.
    let cut = markers.len() - found.len();
    assert!(cut * 100 < markers.len(), "{cut} of {} markers are not in the capture in one piece", markers.len());
    for class in ["patient", "secret", "site"] {
        assert!(markers.of_class(class).keys().any(|marker| found.contains(marker)), "no marker of class {class}");
    }
}

fn folder(path: &Path) -> Result<Vec<u8>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(path)? {
        let path = entry?.path();
        if path.is_dir() {
            all.extend(folder(&path)?);
        } else {
            all.extend(fs::read(&path)?);
        }
    }
    Ok(all)
}

/// What waits on disk while the collector is away.
fn spool(house: &House, capture: &Path) -> Result<(Vec<u8>, Vec<u8>)> {
    let stats = house.folder.path().join("away.json");
    let mut command = Command::new(binary("holter-agent"));
    command.args(["--log", "trace", "replay", "--quiet", "--collector", "127.0.0.1:9", "--state"]).arg(house.state());
    command.arg("--stats").arg(&stats).arg(capture);
    let away = Background::start(&mut command, house.folder.path(), "away")?;
    let whole = || fs::metadata(&stats).is_ok_and(|file| file.len() > 0).then_some(());
    wait_for("the replay to end while the collector is away", Duration::from_secs(120), whole)?;
    std::thread::sleep(Duration::from_millis(500));
    let spooled = folder(&house.state().join("spool"))?;
    let said = away.said().into_bytes();
    drop(away);
    Ok((spooled, said))
}

/// Everything that the API says to a person who may see all.
fn api(house: &House, password: &str) -> Result<Vec<u8>> {
    let caller = house.log_in("reader", password)?;
    let ask = |path: &str| caller.ask(path, None);
    let mut all = Vec::new();
    for (list, one) in [
        ("/api/v1/devices?limit=200", "/api/v1/devices/"),
        ("/api/v1/findings?limit=200", "/api/v1/findings/"),
        ("/api/v1/sensors", "/api/v1/sensors/"),
    ] {
        let rows = ask(list)?;
        let parsed: serde_json::Value = serde_json::from_slice(&rows)?;
        for row in parsed["items"].as_array().context("items")? {
            let id = row["id"].as_str().context("an id")?;
            all.extend(ask(&format!("{one}{id}"))?);
        }
        all.extend(rows);
    }
    for path in ["/api/v1/today", "/api/v1/audit", "/api/openapi.json", "/", "/console.js"] {
        all.extend(ask(path)?);
    }
    Ok(all)
}

/// The records as they go into QUIC, which is as they stand in the collector's frames.
fn records(house: &House) -> Result<Vec<u8>> {
    let database = house.data().join("collector.db");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let rows: Vec<(Vec<u8>,)> = runtime.block_on(async {
        let pool = sqlx::SqlitePool::connect(&format!("sqlite://{}?mode=ro", database.display())).await?;
        sqlx::query_as("SELECT payload FROM frame").fetch_all(&pool).await
    })?;
    ensure!(rows.len() > 3, "the collector has only {} frames", rows.len());
    Ok(rows.into_iter().flat_map(|(payload,)| payload).collect())
}

fn sinks() -> Result<(House, BTreeMap<&'static str, Vec<u8>>)> {
    let house = House::open("trace")?;
    let password = house.person("reader")?;
    house.enrol_shown()?;
    let capture = root().join("tests/canary/canary.pcap");
    let (spooled, mut logs) = spool(&house, &capture)?;
    let files: Vec<_> = ["events", "inventory", "stats"].map(|name| house.folder.path().join(name)).into();
    let mut more: Vec<&str> = Vec::new();
    let names: Vec<String> = files.iter().map(|path| path.display().to_string()).collect();
    for (option, path) in ["--events", "--inventory", "--stats"].iter().zip(&names) {
        more.extend([*option, path.as_str()]);
    }
    let done = house.replay(&[&capture], &more)?.ok()?;
    logs.extend(&done.stderr);
    logs.extend(house.collector.said().into_bytes());
    let mut outputs = done.stdout;
    let mut events = Vec::new();
    for path in &files {
        let bytes = fs::read(path)?;
        if path.ends_with("events") { events = bytes } else { outputs.extend(bytes) }
    }
    let mut sinks = BTreeMap::from([
        ("spool", spooled),
        ("records", records(&house)?),
        ("database and its WAL", folder(&house.data())?),
        ("logs at trace", logs),
        ("event file", events),
        ("account, inventory, counters", outputs),
        ("API and console", api(&house, &password)?),
    ]);
    let token = fs::read_to_string(house.data().join("metrics.token")).unwrap_or_default();
    let metrics = Command::new("curl")
        .args(["-sk", "-H", &format!("Authorization: Bearer {}", token.trim())])
        .arg(format!("https://127.0.0.1:{}/metrics", house.https))
        .output()?;
    sinks.insert("metrics", metrics.stdout);
    Ok((house, sinks))
}

#[test]
fn no_marker_of_a_patient_is_in_anything_that_comes_out() -> Result<()> {
    let markers = markers();
    let (_house, sinks) = sinks()?;
    let mut leaks = Vec::new();
    for (name, bytes) in &sinks {
        ensure!(bytes.len() > 100, "{name} is empty: nothing was searched");
        let hits = markers.search(bytes);
        leaks.extend(hits.iter().filter(|hit| NEVER.contains(&hit.class.as_str())).map(|hit| format!("{name}: {hit}")));
    }
    // The search is worth something only if the sinks hold what may be there: names that this site shows.
    for name in ["spool", "records", "database and its WAL", "API and console"] {
        ensure!(
            markers.search(&sinks[name]).iter().any(|hit| hit.class == "site"),
            "{name} shows no name: was it searched?"
        );
    }
    let never: usize = NEVER.iter().map(|class| markers.of_class(class).len()).sum();
    eprintln!("{never} markers of patients and secrets, {} sinks, {} hits", sinks.len(), leaks.len());
    if leaks.is_empty() { Ok(()) } else { bail!("{} leaks:\n{}", leaks.len(), leaks.join("\n")) }
}

#[test]
fn a_leak_planted_in_any_sink_is_found() -> Result<()> {
    let markers = markers();
    let patient = markers.of_class("patient");
    let (marker, _) =
        patient.iter().find(|(marker, _)| marker.bytes().any(|byte| byte.is_ascii_alphabetic())).context("one")?;
    let (_house, sinks) = sinks()?;
    // Each sink is given the marker in the clothes that a leak would wear there.
    let utf16: Vec<u8> = marker.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let hex: String = marker.bytes().map(|byte| format!("{byte:02x}")).collect();
    let packed = zstd::bulk::compress(&[&[b'.'; 300][..], marker.as_bytes()].concat(), 3)?;
    let plants: BTreeMap<&str, Vec<u8>> = BTreeMap::from([
        ("spool", marker.clone().into_bytes()),
        ("records", packed),
        ("database and its WAL", utf16),
        ("logs at trace", hex.into_bytes()),
        ("event file", marker.to_ascii_lowercase().into_bytes()),
        ("account, inventory, counters", marker.chars().rev().collect::<String>().into_bytes()),
        (
            "API and console",
            marker.chars().map(|letter| format!("\\u{:04x}", u32::from(letter))).collect::<String>().into_bytes(),
        ),
        ("metrics", marker.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>().into_bytes()),
    ]);
    ensure!(plants.keys().eq(sinks.keys()), "every sink has its plant");
    for (name, plant) in plants {
        let mut copy = sinks[name].clone();
        let middle = copy.len() / 2;
        // Not within a word of its own: an encoding has edges.
        copy.splice(middle..middle, [b" ".as_slice(), &plant, b" "].concat());
        let found = markers.search(&copy).iter().any(|hit| hit.marker == *marker);
        ensure!(found, "{name}: the planted leak was not found");
    }
    Ok(())
}
