//! The rules of the house that no compiler checks.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ stands in the workspace").to_path_buf()
}

fn target() -> String {
    format!("{}-unknown-linux-gnu", std::env::consts::ARCH)
}

fn metadata() -> cargo_metadata::Metadata {
    cargo_metadata::MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        // Of the platform that is built for: crates of other platforms need not be there.
        .other_options(["--locked".to_owned(), "--filter-platform".to_owned(), target()])
        .exec()
        .expect("cargo metadata")
}

/// Crates that look across rooms in order to test or measure them.
const ACROSS: &[&str] = &["holter-tests", "holter-benches"];

#[test]
fn no_arrow_that_is_not_drawn() {
    let page = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let table =
        page.split("<!-- arrows -->").nth(1).and_then(|rest| rest.split("<!-- /arrows -->").next()).expect("table");
    let drawn: BTreeMap<String, BTreeSet<String>> = table
        .lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(from, to)| (from.to_owned(), to.split_whitespace().map(str::to_owned).collect()))
        .collect();

    let metadata = metadata();
    let members: BTreeSet<&str> = metadata.workspace_packages().iter().map(|package| package.name.as_str()).collect();
    let mut found = BTreeMap::new();
    for package in metadata.workspace_packages() {
        if ACROSS.contains(&package.name.as_str()) {
            continue;
        }
        let arrows: BTreeSet<String> = package
            .dependencies
            .iter()
            .filter(|dependency| dependency.kind == cargo_metadata::DependencyKind::Normal)
            .filter(|dependency| members.contains(dependency.name.as_str()))
            .map(|dependency| dependency.name.clone())
            .collect();
        found.insert(package.name.to_string(), arrows);
    }
    for (from, arrows) in &found {
        let allowed = drawn.get(from).unwrap_or_else(|| panic!("{from} is not on the map"));
        let undrawn: Vec<_> = arrows.difference(allowed).collect();
        assert!(undrawn.is_empty(), "{from} uses {undrawn:?}: draw the arrow in ARCHITECTURE.md, or remove it");
    }
    for from in drawn.keys() {
        assert!(found.contains_key(from), "{from} is on the map and not in the workspace");
    }
}

/// What the walls rest on: these may never be linked there, directly or not.
#[test]
fn the_walls_hold() {
    let metadata = metadata();
    let resolve = metadata.resolve.as_ref().expect("resolved");
    let closure = |of: &str| {
        let mut seen = BTreeSet::new();
        let mut open: Vec<_> = metadata
            .workspace_packages()
            .iter()
            .filter(|package| package.name.as_str() == of)
            .map(|package| package.id.clone())
            .collect();
        while let Some(id) = open.pop() {
            if seen.insert(metadata[&id].name.to_string()) {
                let node = resolve.nodes.iter().find(|node| node.id == id).expect("node");
                let normal = |kinds: &[cargo_metadata::DepKindInfo]| {
                    kinds.iter().any(|kind| kind.kind == cargo_metadata::DependencyKind::Normal)
                };
                open.extend(node.deps.iter().filter(|dep| normal(&dep.dep_kinds)).map(|dep| dep.pkg.clone()));
            }
        }
        seen
    };
    for (crate_name, never) in [
        ("holter-collector", &["holter-protocols", "holter-engine", "holter-capture", "etherparse", "pcap"][..]),
        ("holter-protocols", &["tokio", "quinn", "nix", "serde_json", "postcard"]),
        ("holter-engine", &["tokio", "quinn", "nix", "pcap", "socket2", "mio"]),
        ("holter-capture", &["holter-protocols", "holter-engine", "tokio"]),
        ("holter-core", &["tokio", "sqlx", "axum"]),
        ("holter-identity", &["holter-phi", "holter-protocols", "tokio"]),
    ] {
        let linked = closure(crate_name);
        assert!(linked.contains(crate_name), "{crate_name} is not in the workspace");
        for other in never {
            assert!(!linked.contains(*other), "{crate_name} must not link {other}");
        }
    }
}

#[test]
fn unsafe_stands_only_where_it_is_allowed() {
    let allowed = ["holter-capture", "holter-sandbox"];
    for package in metadata().workspace_packages() {
        let manifest = fs::read_to_string(&package.manifest_path).expect("manifest");
        let inherits = manifest.contains("[lints]\nworkspace = true");
        assert!(
            inherits || allowed.contains(&package.name.as_str()),
            "{} must inherit the workspace lints, which forbid unsafe code",
            package.name
        );
    }
}

#[test]
fn every_dependency_has_a_licence_that_fits() {
    const FITS: &[&str] = &[
        "MIT",
        "Apache-2.0",
        "Apache-2.0 WITH LLVM-exception",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "ISC",
        "Zlib",
        "Unicode-3.0",
        "0BSD",
        "CC0-1.0",
        "CDLA-Permissive-2.0",
        "Unlicense",
        "BSL-1.0",
        "MIT-0",
    ];
    fn fits(expression: &str) -> bool {
        let expression = expression.replace('/', " OR ").replace(['(', ')'], " ");
        expression.split(" AND ").all(|part| part.split(" OR ").any(|licence| FITS.contains(&licence.trim())))
    }
    let metadata = metadata();
    let odd: Vec<_> = metadata
        .packages
        .iter()
        .filter(|package| !package.license.as_deref().is_some_and(fits))
        .map(|package| format!("{} {}: {:?}", package.name, package.version, package.license))
        .collect();
    assert!(odd.is_empty(), "{odd:#?}");
}

#[test]
fn every_direct_dependency_is_argued() {
    let page = fs::read_to_string(root().join("docs/dependencies.md")).expect("docs/dependencies.md");
    let manifest: toml::Table =
        fs::read_to_string(root().join("Cargo.toml")).expect("Cargo.toml").parse().expect("a TOML document");
    let dependencies = manifest["workspace"]["dependencies"].as_table().expect("workspace.dependencies");
    let outside = || dependencies.keys().filter(|name| !name.starts_with("holter-"));
    let missing: Vec<_> =
        outside().filter(|name| !page.lines().any(|line| line.starts_with(&format!("| {name} ")))).collect();
    assert!(missing.is_empty(), "docs/dependencies.md says nothing of {missing:?}");
    let used: BTreeSet<String> = metadata()
        .workspace_packages()
        .iter()
        .flat_map(|package| package.dependencies.iter().map(|dependency| dependency.name.clone()))
        .collect();
    let idle: Vec<_> = outside().filter(|name| !used.contains(*name)).collect();
    assert!(idle.is_empty(), "declared in the workspace and used by no crate: {idle:?}");
}

#[test]
fn every_hazard_names_a_test_that_exists() {
    let page = fs::read_to_string(root().join("SAFETY.md")).expect("SAFETY.md");
    let sources = sources(&root());
    let mut rows = 0;
    for line in page.lines().filter(|line| line.starts_with("| H")) {
        rows += 1;
        let guards: Vec<_> = line.split('`').skip(1).step_by(2).collect();
        assert!(!guards.is_empty(), "no guard in: {line}");
        for guard in guards {
            let found = sources.iter().any(|text| text.contains(&format!("fn {guard}(")));
            assert!(found, "SAFETY.md names `{guard}`, and no such test exists");
        }
    }
    assert!(rows >= 8, "the hazard log has {rows} rows");
}

#[test]
fn decisions_are_numbered_without_a_gap() {
    let mut numbers: Vec<u32> = fs::read_dir(root().join("docs/decisions"))
        .expect("docs/decisions")
        .filter_map(|entry| entry.expect("entry").file_name().to_str()?.get(..3)?.parse().ok())
        .collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=numbers.len() as u32).collect::<Vec<_>>());
}

fn sources(folder: &Path) -> Vec<String> {
    let mut texts = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
        if path.is_dir() && !matches!(name, "target" | "node_modules" | ".git" | "venv" | "dist") {
            texts.extend(sources(&path));
        } else if name.ends_with(".rs") {
            texts.push(fs::read_to_string(&path).expect("a source file"));
        }
    }
    texts
}
