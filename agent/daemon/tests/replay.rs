//! `holter-agent replay` as a user meets it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn demo(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demo/capture").join(name)
}

fn replay(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_holter-agent")).arg("replay").args(args).output().expect("the agent starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn two_runs_with_one_seed_write_the_same_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    let captures = [demo("baseline.pcap"), demo("incident.pcap")];
    let runs: Vec<_> = ["first", "second"]
        .into_iter()
        .map(|run| {
            let files = ["events", "inventory", "stats"].map(|kind| folder.path().join(format!("{run}-{kind}")));
            let [events, inventory, stats] = files.each_ref().map(|file| file.to_str().expect("a name"));
            let captures = captures.each_ref().map(|file| file.to_str().expect("a name"));
            let mut args = vec!["--seed", "c0ffee", "--events", events, "--inventory", inventory, "--stats", stats];
            args.extend(captures);
            let output = replay(&args);
            assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
            (output.stdout, files.map(|file| fs::read(file).expect("a file")))
        })
        .collect();
    assert!(runs[0].1.iter().all(|file| file.len() > 500));
    assert!(runs[0] == runs[1], "the tables' key is drawn anew at each start, and nothing written may depend on it");
}

#[test]
fn names_of_machines_are_hashed_unless_they_may_be_shown() {
    let capture = demo("baseline.pcap");
    let capture = capture.to_str().expect("a name");
    let hidden = text(&replay(&["--events", "-", capture]).stdout);
    let shown = text(&replay(&["--events", "-", "--site-data", "show", capture]).stdout);
    assert!(shown.contains("MAINPACS") && !hidden.contains("MAINPACS"));
    assert_eq!(hidden.lines().count(), shown.lines().count());
    assert!(!text(&replay(&[capture]).stdout).contains("MAINPACS"));
}

#[test]
fn a_hashed_name_is_the_same_in_every_file_of_a_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let capture = demo("baseline.pcap");
    let [events, inventory] = ["events", "inventory"].map(|name| folder.path().join(name));
    let files = [&events, &inventory, &capture].map(|file| file.to_str().expect("a name"));
    assert!(replay(&["--quiet", "--events", files[0], "--inventory", files[1], files[2]]).status.success());
    let inventory: serde_json::Value = serde_json::from_slice(&fs::read(inventory).expect("a file")).expect("JSON");
    let events = fs::read_to_string(events).expect("a file");
    let titles: Vec<_> = inventory
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|device| device["identity"]["ae-title"].as_array().into_iter().flatten())
        .filter_map(|title| title["value"].as_str())
        .collect();
    assert!(titles.len() >= 5, "{titles:?}");
    assert!(titles.iter().all(|title| title.starts_with('#') && events.contains(*title)), "{titles:?}");
}

#[test]
fn the_inventory_has_the_members_that_its_page_describes_and_no_others() {
    let capture = demo("baseline.pcap");
    let output = replay(&["--inventory", "-", capture.to_str().expect("a name")]);
    let devices: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).expect("a JSON array");
    assert!(devices.len() > 5);
    let page = include_str!("../../../docs/specs/inventory.md");
    let described =
        |member: &str| page.lines().any(|line| line.starts_with('|') && line.contains(&format!("`{member}`")));
    let mut verdicts = 0;
    for device in &devices {
        let members = device.as_object().expect("an object");
        assert!(members.keys().all(|member| described(member)), "{:?}", members.keys());
        // What docs and other programs rely on.
        for member in ["macs", "addresses", "names", "identity"] {
            assert!(members.contains_key(member), "{member}");
        }
        for verdict in device["identity"].as_object().expect("an object").values() {
            let all = verdict.as_array().cloned().unwrap_or_else(|| vec![verdict.clone()]);
            for verdict in &all {
                verdicts += 1;
                let members = verdict.as_object().expect("an object");
                assert!(members.keys().all(|member| described(member)), "{:?}", members.keys());
                assert!(verdict["confidence"].as_u64().is_some_and(|percent| percent <= 98), "{verdict}");
                let reasons = verdict["evidence"].as_array().expect("an array");
                assert!(verdict["value"].is_string() && !reasons.is_empty(), "{verdict}");
                let reason = reasons.first().and_then(serde_json::Value::as_object).expect("an object");
                assert!(reason.keys().all(|member| described(member)), "{:?}", reason.keys());
            }
        }
    }
    assert!(verdicts > 20, "{verdicts}");
}

#[test]
fn a_cut_capture_is_read_up_to_the_cut_and_says_where_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let whole = fs::read(demo("baseline.pcap")).expect("the demo capture");
    let cut = folder.path().join("cut.pcap");
    fs::write(&cut, &whole[..100_000]).expect("a file");
    let cut = cut.to_str().expect("a name");
    let whole = demo("incident.pcap");
    let output = replay(&["--stats", "-", cut, whole.to_str().expect("a name")]);
    assert_eq!(output.status.code(), Some(1));
    let error = text(&output.stderr);
    assert!(error.contains("cut.pcap: ") && error.contains(" at byte 9"), "{error}");
    let stats: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert!(stats["capture"]["frames"].as_u64() > Some(3000), "the capture after it was read: {stats}");
}

#[test]
fn what_is_no_capture_is_refused_with_exit_code_2() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, bytes) in
        [("empty", &b""[..]), ("one", b"\n"), ("zip", b"PK\x03\x04 and more"), ("text", b"Dear reader, ...")]
    {
        let file = folder.path().join(name);
        fs::write(&file, bytes).expect("a file");
        let output = replay(&["--quiet", file.to_str().expect("a name")]);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{name}");
        assert!(text(&output.stderr).contains(name), "{}", text(&output.stderr));
    }
    assert_eq!(replay(&["/nowhere/at.pcap"]).status.code(), Some(2));
    assert_eq!(replay(&[]).status.code(), Some(2));
    assert_eq!(replay(&["--events", "-", "--stats", "-", "a"]).status.code(), Some(2));
}

#[test]
fn zones_come_from_a_file_whose_faults_are_said_with_their_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("agent.toml");
    let capture = demo("incident.pcap");
    let args = ["--config", file.to_str().expect("a name"), capture.to_str().expect("a name")];
    fs::write(&file, "[[zones]]\nnetwork = \"10.20.0.0/24\"\nzone = \"clinical\"\n").expect("a file");
    assert!(text(&replay(&args).stdout).contains("in clear text between"));
    fs::write(&file, "[[zones]]\nnetwork = \"10.20.0.0/24\"\nzone = \"ward\"\n").expect("a file");
    let output = replay(&args);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("agent.toml:3:8: "), "{}", text(&output.stderr));
}

#[test]
fn stdin_is_a_capture_like_any_other() {
    let bytes = fs::read(demo("incident.pcap")).expect("the demo capture");
    let mut child = Command::new(env!("CARGO_BIN_EXE_holter-agent"))
        .args(["replay", "--stats", "-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the agent starts");
    child.stdin.take().expect("a pipe").write_all(&bytes).expect("it reads");
    let piped = child.wait_with_output().expect("it ends");
    let file = replay(&["--stats", "-", demo("incident.pcap").to_str().expect("a name")]);
    assert!(piped.status.success() && !piped.stdout.is_empty());
    assert_eq!(text(&piped.stdout), text(&file.stdout));
}

#[test]
fn a_connection_met_in_the_middle_is_followed_only_if_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let whole = fs::read(demo("baseline.pcap")).expect("the demo capture");
    // The header, and the second half from a frame's beginning on.
    let mut at = 24;
    while at < whole.len() / 2 {
        let length = u32::from_le_bytes(whole[at + 8..at + 12].try_into().expect("four bytes"));
        at += 16 + length as usize;
    }
    let half = folder.path().join("half.pcap");
    fs::write(&half, [&whole[..24], &whole[at..]].concat()).expect("a file");
    let bytes = |midstream| {
        let output = replay(&["--stats", "-", "--midstream", midstream, half.to_str().expect("a name")]);
        let stats: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        (stats["counters"]["flow.midstream"].as_u64().unwrap_or(0), stats["payload_bytes"]["understood"].as_u64())
    };
    let (followed, left) = (bytes("on"), bytes("off"));
    assert_eq!(followed.0, 0);
    assert!(left.0 > 0 && left.1 < followed.1, "{left:?} {followed:?}");
}

#[test]
fn the_account_names_devices_services_findings_and_what_was_not_seen() {
    let captures = [demo("baseline.pcap"), demo("incident.pcap")];
    let [baseline, incident] = captures.each_ref().map(|file| file.to_str().expect("a name"));
    let zones = ["--zone", "clinical=10.20.0.0/24", "--zone", "corporate=10.30.0.0/24"];
    let output = replay(&[&zones[..], &["--seed", "00", baseline, incident]].concat());
    let account = text(&output.stdout);
    for part in
        ["Findings (", "Devices (", "Services (", "Protocols (", "What could not be seen", "dicom/11112", "imaging"]
    {
        assert!(account.contains(part), "{part}");
    }
    for finding in ["tried AE titles", "which nobody knows", "in clear text", "began to speak"] {
        assert!(account.contains(finding), "{finding}");
    }
    assert!(!account.contains('\x1b'), "no colours but on a terminal");
    assert!(account.lines().all(|line| line.chars().count() <= 100));
}
