//! The console in a real browser, over what a sensor delivered from the demo's captures.

use anyhow::{Result, ensure};
use holter_tests::house::House;
use holter_tests::places::{installed, root, skipped};
use std::io::Write;
use std::process::{Command, Stdio};

#[test]
fn a_person_logs_in_and_sees_the_labs_devices_and_findings() -> Result<()> {
    let console = root().join("console");
    if !installed("chromium") || !installed("node") {
        skipped("the console is not walked through: no chromium or no node");
        return Ok(());
    }
    if !console.join("node_modules/playwright-core").is_dir() {
        let got = Command::new("npm").args(["ci", "--silent"]).current_dir(&console).status()?;
        if !got.success() {
            skipped("the console is not walked through: its packages cannot be had");
            return Ok(());
        }
    }
    let house = House::open("info")?;
    let password = house.person("walker")?;
    let readers = house.person_as("reader", "auditor")?;
    house.enrol_shown()?;
    let captures = [root().join("demo/capture/baseline.pcap"), root().join("demo/capture/incident.pcap")];
    house.replay(&[&captures[0], &captures[1]], &["--quiet", "--as-if-now"])?.ok()?;

    let shots = house.folder.path().join("shots");
    let mut walk = Command::new("node");
    walk.current_dir(&console)
        .arg("e2e/walk.mjs")
        .arg(format!("https://127.0.0.1:{}/", house.https))
        .arg("walker")
        .args([shots.as_os_str(), "reader".as_ref()]);
    let mut child = walk.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(format!("{password}\n{readers}\n").as_bytes())?;
    }
    let done = child.wait_with_output()?;
    let said = String::from_utf8_lossy(&done.stdout);
    ensure!(done.status.success(), "{said}");
    ensure!(said.matches("axe finds nothing serious").count() >= 24, "{said}");
    for page in ["login", "today", "devices", "device", "findings", "changes", "map", "sensors", "sensor"] {
        for theme in ["light", "dark"] {
            ensure!(
                std::fs::metadata(shots.join(format!("{page}-{theme}.png")))?.len() > 5_000,
                "{page}-{theme} is empty"
            );
        }
    }
    Ok(())
}
