//! The console in a real browser, over what a sensor delivered from the demo's captures.

use anyhow::{Result, ensure};
use holter_tests::house::House;
use holter_tests::places::{installed, root, skipped};
use serde_json::json;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Made-up advisories about machines of the demo: one fits by version, of one the version is not seen.
fn advisories(folder: &Path) -> Result<PathBuf> {
    let folder = folder.join("advisories");
    std::fs::create_dir(&folder)?;
    for (id, maker, product, versions, score) in [
        ("TEST-26-001", "Carestream", "DRX-Evolution", "< 5.8", 9.8),
        ("TEST-26-002", "GE Healthcare", "LOGIQ", "vers:all/*", 7.5),
        ("TEST-26-003", "Philips", "IntelliVue MX800", "< B.05", 6.5),
    ] {
        let tracking = json!({
            "id": id, "status": "final", "version": "1", "revision_history": [],
            "current_release_date": "2026-11-01T00:00:00Z", "initial_release_date": "2026-11-01T00:00:00Z"
        });
        let leaf = json!({"category": "product_version_range", "name": versions,
            "product": {"name": product, "product_id": "P"}});
        let product = json!({"category": "product_name", "name": product, "branches": [leaf]});
        let file = json!({
            "document": {"category": "csaf_security_advisory", "csaf_version": "2.0", "title": "Made for a test",
                "publisher": {"category": "other", "name": "Test press", "namespace": "https://test.invalid"},
                "tracking": tracking},
            "product_tree": {"branches": [{"category": "vendor", "name": maker, "branches": [product]}]},
            "vulnerabilities": [{"cve": format!("CVE-2026-9{}", &id[8..]), "product_status": {"known_affected": ["P"]},
                "remediations": [{"category": "vendor_fix", "details": "Install the next release.", "product_ids": ["P"]}],
                "scores": [{"products": ["P"], "cvss_v3": {"version": "3.1", "baseScore": score}}]}]
        });
        std::fs::write(folder.join(format!("{id}.json")), file.to_string())?;
    }
    Ok(folder)
}

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
    house.advisories(&advisories(house.folder.path())?)?;
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
    ensure!(said.matches("axe finds nothing serious").count() >= 28, "{said}");
    for page in [
        "login",
        "today",
        "devices",
        "device",
        "findings",
        "exposure",
        "exposure-open",
        "changes",
        "map",
        "sensors",
        "sensor",
    ] {
        for theme in ["light", "dark"] {
            ensure!(
                std::fs::metadata(shots.join(format!("{page}-{theme}.png")))?.len() > 5_000,
                "{page}-{theme} is empty"
            );
        }
    }
    Ok(())
}
