//! A site's own data files, and what becomes of one that is wrong, through the program.

use anyhow::{Result, ensure};
use holter_tests::places::root;
use holter_tests::programs::{binary, run};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const RULES: &str = r#"title = "What stands on our wards"

[[rule]]
name = "measured:dicom-association/our-wards.theatre"
origin = "seen on the ward"
event = "dicom.associate_rq"
when = [{ field = "dicom.implementation_version", is = "OFFIS_DCMTK_367" }]
says = [{ attribute = "family", value = "Theatre console", weight = 90 }]

[[example]]
event = "dicom.associate_rq"
fields = { "dicom.implementation_version" = "OFFIS_DCMTK_367" }
expect = { family = "Theatre console" }
origin = "seen on the ward"
"#;

/// The inventory and the counters of the demo, replayed with this configuration, and what was logged.
fn replayed(folder: &Path, config: &str) -> Result<(String, Value, String)> {
    let path = folder.join("holter.toml");
    fs::write(&path, config)?;
    let (inventory, stats) = (folder.join("inventory.json"), folder.join("stats.json"));
    let mut command = Command::new(binary("holter-agent"));
    command.args(["replay", "--quiet", "--config"]).arg(&path).arg("--inventory").arg(&inventory);
    command.arg("--stats").arg(&stats).arg(root().join("demo/capture/baseline.pcap"));
    let done = run(&mut command, Duration::from_secs(120))?.ok()?;
    Ok((fs::read_to_string(inventory)?, serde_json::from_str(&fs::read_to_string(stats)?)?, done.stderr()))
}

#[test]
fn a_site_adds_its_own_rules_and_a_wrong_one_is_counted_and_said_with_its_place() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let site = folder.path().join("fingerprints.d");
    fs::create_dir(&site)?;
    let config = format!("[fingerprints]\nfolder = \"{}\"\n", site.display());
    let (before, counters, _) = replayed(folder.path(), &config)?;
    ensure!(!before.contains("Theatre console") && counters["counters"]["fingerprints.refused"].is_null());

    fs::write(site.join("our-wards.toml"), RULES)?;
    let (after, counters, _) = replayed(folder.path(), &config)?;
    ensure!(after.contains("Theatre console") && counters["counters"]["fingerprints.refused"].is_null());

    fs::write(
        site.join("wrong.toml"),
        RULES.replace("our-wards", "wrong").replace("dicom.implementation_version\", is", "dicom.colour\", is"),
    )?;
    let (after, counters, said) =
        replayed(folder.path(), &format!("{config}bundle = \"/nowhere.json\"\nkey = \"RWQx\"\n"))?;
    // The bundle that is not there, and the file.
    ensure!(counters["counters"]["fingerprints.refused"] == 2, "{counters}");
    ensure!(after.contains("Theatre console"));
    ensure!(said.contains("wrong.toml:7:"), "{said}");
    ensure!(said.contains("/nowhere.json"), "{said}");
    Ok(())
}

#[test]
fn a_bundle_without_its_key_is_no_configuration() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let refused = replayed(folder.path(), "[fingerprints]\nbundle = \"b.json\"\n");
    ensure!(refused.is_err_and(|error| error.to_string().contains("holter.toml:1:1: ")));
    Ok(())
}
