//! Files about vulnerabilities, given on the command line.

use anyhow::Result;
use holter_tests::programs::{Done, binary, run};
use serde_json::json;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

fn collector(data: &Path, arguments: &[&str]) -> Result<Done> {
    let mut command = Command::new(binary("holter-collector"));
    command.args(arguments);
    if arguments.get(1) != Some(&"check") {
        command.arg("--data").arg(data);
    }
    run(&mut command, Duration::from_secs(60))
}

fn advisory(id: &str) -> String {
    json!({
        "document": {"category": "csaf_security_advisory", "csaf_version": "2.0", "title": "Made for a test",
            "publisher": {"category": "other", "name": "Test press", "namespace": "https://test.invalid"},
            "tracking": {"id": id, "status": "final", "version": "1", "revision_history": [],
                "current_release_date": "2026-11-01T00:00:00Z", "initial_release_date": "2026-11-01T00:00:00Z"}},
        "product_tree": {"branches": []},
        "vulnerabilities": []
    })
    .to_string()
}

#[test]
fn a_file_with_a_fault_is_refused_with_its_place_and_the_others_are_taken() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (files, data) = (folder.path().join("files"), folder.path().join("data"));
    std::fs::create_dir_all(files.join("deep/er"))?;
    std::fs::write(files.join("a.json"), advisory("TEST-1"))?;
    std::fs::write(files.join("broken.json"), "{\"document\": {\n  \"csaf_version\": [\"secret\"]}}")?;
    std::fs::write(files.join("deep/er/z.json"), advisory("TEST-2"))?;
    std::fs::write(files.join("kev.json"), r#"{"catalogVersion": "1", "vulnerabilities": []}"#)?;
    std::fs::write(files.join("notes.txt"), "not asked for")?;
    let path = files.to_string_lossy();

    let checked = collector(&data, &["advisories", "check", &path])?;
    assert_eq!(checked.code(), Some(2));
    assert!(checked.stdout().contains("advisory TEST-2, products: 0"), "{}", checked.stdout());
    assert!(!data.exists(), "a check has made a data folder");
    for _ in 0..2 {
        let added = collector(&data, &["advisories", "add", &path])?;
        assert_eq!(added.code(), Some(2));
        let said = added.stderr();
        assert!(said.contains("broken.json:2:") && !said.contains("secret"), "{said}");
    }
    let listed = collector(&data, &["advisories", "list", "--format", "json"])?.ok()?;
    let rows: Vec<serde_json::Value> = serde_json::from_slice(&listed.stdout)?;
    let kinds: Vec<_> = rows.iter().map(|row| (row["kind"].as_str(), row["id"].as_str())).collect();
    assert_eq!(
        kinds,
        [(Some("advisory"), Some("TEST-1")), (Some("advisory"), Some("TEST-2")), (Some("catalogue"), Some(""))]
    );
    assert_eq!(rows[0]["sha256"].as_str().map(str::len), Some(64));
    let exposed = collector(&data, &["exposure", "--format", "json", "--state", "affected,likely"])?.ok()?;
    assert_eq!(exposed.stdout().trim(), "[]");
    assert_eq!(collector(&data, &["exposure", "--state", "perhaps"])?.code(), Some(2));
    assert_eq!(collector(&data, &["advisories", "add", "--url", "http://127.0.0.1/x.json"])?.code(), Some(2));
    Ok(())
}
