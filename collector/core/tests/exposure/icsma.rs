//! CISA's 144 medical advisories, rebuilt from tables of their products, vulnerabilities and scores in the shape that
//! CISA gives them (branches before names, one vendor branch, three levels), and read back.

use super::made::{claim, device, library};
use super::shared::table;
use holter_core::exposure::version::Range;
use holter_core::exposure::{State, Subject, Survey, csaf};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

type Row = BTreeMap<String, String>;

/// What no order of versions can be read from: models, options, shipping dates, prose.
const FREE_TEXT: &[&str] = &[
    "053L000091 (global) / 054U000091 (U.S.) and 053L000092 (global) / 054U000092 (U.S.)",
    "653 MCE 3.x",
    "7100 | 7900 MRI",
    "7100 | 7900 | 100 | Protiva Carestation View",
    "882160 Gemini Dual",
    "882300 Gemini 16 Slice",
    "882390 Gemini GXL 6 Slice",
    "882400 Gemini GXL 10 Slice",
    "882410 Gemini GXL 16 Slice",
    "882412 GEMINI LXL",
    "882438 TruFlight Select PET/CT",
    "882470 Gemini TF 16 w/ TOF Performance",
    "882471 Gemini TF 64 w/ TOF Performance",
    "882473 Gemini TF Ready",
    "882476 Gemini TF Big Bore",
    "< august 28",
    "A.01 <= C.0x | 4.0",
    "A10 < A11",
    "Accu-Chek Inform II",
    "Accu-Chek Inform II Base Unit Light",
    "Accu-Chek Inform II Base Unit NEW with Software 04.00.00 or newer",
    "CS2  Avance | Amingo | Avance CS2",
    "CoaguChek Pro II",
    "CoaguChek XS Plus",
    "CoaguChek XS Pro",
    "IGS",
    "MMT-508 MiniMed pump",
    "MMT-511 pump Paradigm",
    "MMT-512 / MMT-712 Paradigm x12",
    "MMT-515 / MMT-715 Paradigm x15",
    "MMT-522 / MMT-722 Paradigm REAL-TIME",
    "MMT-522(K) / MMT-722(K) Paradigm REAL-TIME",
    "MMT-523 / MMT-723 Paradigm Revel",
    "MMT-523(K) / MMT-723(K) Paradigm",
    "MMT-551 / MMT-751 MiniMed 530G",
    "MMT-554 / MMT-754 MiniMed Veo",
    "Product ID/Reorder number 19191 | 40160",
    "UDI/Model/NDC number ZXP425 (10-Pack) | ZXR425 (10-Pack Canada)",
    "Version A, Firmware A.03.09",
    "Version A, Firmware A.03.09, Part #: M8096-67501",
    "Version B, Firmware A.01.09, Part #: N/A (Replaced by Version C)",
    "Windows 10 Professional Operating System U.S. release",
    "Windows 10 Professional Operating System, U.S. and Malaysian Releases, between November 2017 and November 2018",
    "base units (BU)|handheld base units (HBU)",
    "cobas h 232 POC",
    "distributed  < april 1, 2018",
    "with ViewForum option (shipped between 2016-August 2018)",
    "with ViewForum option (shipped between 26-June-2017 through 07-August 2018)",
    "with wireless option (shipped between 2016-August 2018)",
    "with wireless option (shipped between 26-June-2017 through 07-August 2018)",
];

fn by_advisory(rows: Vec<Row>) -> BTreeMap<String, Vec<Row>> {
    let mut groups: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for row in rows {
        groups.entry(row["advisory"].clone()).or_default().push(row);
    }
    groups
}

/// As CISA's generator writes it.
fn rebuild(id: &str, products: &[Row], vulnerabilities: &[Row]) -> Value {
    let leaf = |row: &Row| {
        let category = if row["version_kind"] == "range" { "product_version_range" } else { "product_version" };
        let leaf = json!({
            "category": category,
            "name": row["version"],
            "product": {"name": format!("{}: {}", row["product"], row["version"]), "product_id": row["product_id"]}
        });
        json!({"branches": [leaf], "category": "product_name", "name": row["product"]})
    };
    let vendors: Vec<Value> = products
        .chunk_by(|a, b| a["vendor"] == b["vendor"])
        .map(|of| json!({"branches": of.iter().map(leaf).collect::<Vec<_>>(), "category": "vendor", "name": of[0]["vendor"]}))
        .collect();
    let ids: Vec<&str> = products.iter().map(|row| row["product_id"].as_str()).collect();
    // The tables tell how many products a vulnerability affects, and not which: one after the other here.
    let mut from = 0;
    let mut vulnerability = |row: &Row| {
        let count = row["known_affected"].parse::<usize>().unwrap().min(ids.len());
        let affected: Vec<&str> = ids.iter().copied().cycle().skip(from).take(count).collect();
        from = (from + count) % ids.len();
        let mut score = Map::new();
        score.insert("baseScore".into(), json!(row["cvss_base"].parse::<f64>().unwrap()));
        score.insert("vectorString".into(), json!(row["cvss_vector"]));
        score.insert("version".into(), json!(row["cvss_version"]));
        json!({
            "cve": row["cve"],
            "cwe": {"id": row["cwe"], "name": "as the list of weaknesses names it"},
            "notes": [{"category": "summary", "text": "Own words.", "title": "Vulnerability Summary"}],
            "product_status": {"known_affected": affected},
            "references": [{"category": "external", "summary": "x", "url": "https://example.invalid"}],
            "remediations": [{"category": "vendor_fix", "details": "Own words.", "product_ids": affected}],
            "scores": [{"cvss_v3": score, "products": affected}]
        })
    };
    json!({
        "document": {
            "category": "csaf_security_advisory",
            "csaf_version": "2.0",
            "distribution": {"text": "Disclosure is not limited", "tlp": {"label": "WHITE"}},
            "lang": "en-US",
            "notes": [{"category": "general", "text": "Own words.", "title": "Disclaimer"}],
            "publisher": {"category": "coordinator", "contact_details": "x", "name": "CISA", "namespace": "https://www.cisa.gov/"},
            "references": [
                {"category": "self", "summary": "JSON", "url": format!("https://example.invalid/{id}.json")},
                {"category": "self", "summary": "Web", "url": format!("https://example.invalid/{id}")}
            ],
            "title": id,
            "tracking": {
                "current_release_date": format!("{}T00:00:00.000000Z", products[0]["current"]),
                "generator": {"engine": {"name": "x", "version": "1"}},
                "id": id,
                "initial_release_date": format!("{}T00:00:00.000000Z", products[0]["initial"]),
                "revision_history": [],
                "status": "final",
                "version": "1"
            }
        },
        "product_tree": {"branches": vendors},
        "vulnerabilities": vulnerabilities.iter().map(&mut vulnerability).collect::<Vec<_>>()
    })
}

/// An advisory by its id, products and vulnerabilities.
type Known = (String, Vec<Row>, Vec<Row>);

fn all() -> Option<Vec<Known>> {
    let products = by_advisory(table("csaf_icsma_products.tsv")?);
    let mut vulnerabilities = by_advisory(table("csaf_icsma_cves.tsv")?);
    Some(
        products
            .into_iter()
            .map(|(id, rows)| {
                let found = vulnerabilities.remove(&id).unwrap_or_default();
                (id, rows, found)
            })
            .collect(),
    )
}

#[test]
fn all_144_medical_advisories_are_read_with_every_product_version_and_score() {
    let Some(all) = all() else { return };
    assert_eq!(all.len(), 144);
    let (mut leaves, mut entries) = (0, 0);
    for (id, products, vulnerabilities) in &all {
        let text = serde_json::to_vec_pretty(&rebuild(id, products, vulnerabilities)).unwrap();
        let advisory = csaf::read(id, &text).unwrap();
        assert_eq!((&advisory.id, advisory.cut, advisory.dangling), (id, 0, 0));
        assert_eq!(advisory.products.len(), products.len(), "{id}");
        assert_eq!(advisory.url.as_deref(), Some(format!("https://example.invalid/{id}").as_str()));
        for (product, row) in advisory.products.iter().zip(products) {
            let version = product.version.as_ref().unwrap();
            assert_eq!(product.id, row["product_id"]);
            assert_eq!(product.vendor.as_deref(), Some(row["vendor"].as_str()));
            assert_eq!(product.product.as_deref(), Some(row["product"].as_str()));
            assert_eq!((&*version.text, version.is_range), (row["version"].as_str(), row["version_kind"] == "range"));
            // The pointer leads to the node.
            let document: Value = serde_json::from_slice(&text).unwrap();
            assert_eq!(document.pointer(&product.node).unwrap()["product"]["product_id"], row["product_id"].as_str());
            leaves += 1;
        }
        assert_eq!(advisory.vulnerabilities.len(), vulnerabilities.len(), "{id}");
        for (found, row) in advisory.vulnerabilities.iter().zip(vulnerabilities) {
            assert_eq!(found.cve.as_deref(), Some(row["cve"].as_str()));
            assert_eq!(found.cwe.as_deref(), Some(row["cwe"].as_str()));
            assert_eq!(found.status.len(), row["known_affected"].parse::<usize>().unwrap().min(products.len()));
            let score = &found.scores[0].score;
            assert_eq!(score.vector.as_deref(), Some(row["cvss_vector"].as_str()));
            assert_eq!(score.version, row["cvss_version"]);
            entries += 1;
        }
    }
    assert_eq!((leaves, entries), (607, 433));
}

#[test]
fn every_version_of_the_medical_advisories_is_a_range_or_is_listed_as_free_text() {
    let Some(rows) = table("csaf_icsma_products.tsv") else { return };
    let (mut everything, mut ranges, mut free, mut conditional) = (0, 0, 0, 0);
    for row in &rows {
        let text = row["version"].as_str();
        let (range, condition) = Range::read(text);
        conditional += usize::from(condition.is_some() && range != Range::FreeText);
        match range {
            Range::All => everything += 1,
            Range::Any(_) => ranges += 1,
            Range::FreeText => {
                assert!(FREE_TEXT.contains(&text), "{text} is read as free text and is not listed");
                free += 1;
            }
        }
    }
    for text in FREE_TEXT {
        assert!(rows.iter().any(|row| row["version"] == *text), "{text} is listed and nowhere");
        assert_eq!(Range::read(text).0, Range::FreeText, "{text}");
    }
    eprintln!("{everything} all versions, {ranges} ranges, {free} free text; {conditional} with a condition");
    assert_eq!(everything + ranges + free, 607);
    assert!(free * 9 < 607, "more than a ninth is free text: {free}");
}

#[test]
fn scores_of_the_medical_advisories_agree_with_their_vectors() {
    let Some(all) = all() else { return };
    let mut differing = Vec::new();
    for (id, products, vulnerabilities) in &all {
        let text = rebuild(id, products, vulnerabilities).to_string();
        for (found, row) in csaf::read(id, text.as_bytes()).unwrap().vulnerabilities.iter().zip(vulnerabilities) {
            let stated = (row["cvss_base"].parse::<f64>().unwrap() * 10.0).round() as u8;
            if found.scores[0].score.tenths != stated {
                differing.push(format!("{id} {} {stated} {}", row["cve"], found.scores[0].score.tenths));
            }
        }
    }
    eprintln!("{} of 433 differ: {differing:#?}", differing.len());
    assert!(differing.len() <= 10, "{differing:#?}");
}

#[test]
fn a_vendor_name_alone_never_makes_a_device_affected() {
    let Some(all) = all() else { return };
    let documents: Vec<Value> = all.iter().map(|(id, products, found)| rebuild(id, products, found)).collect();
    let library = library(&documents);
    assert_eq!(library.shelf.len(), 144);
    let mut survey = Survey::of(&library.shelf);
    let mut asked = 0;
    for vendor in all.iter().flat_map(|(_, products, _)| products).map(|row| row["vendor"].as_str()) {
        for version in ["", "1.0", "B.02", "999"] {
            let version = claim(version, 98).filter(|_| !version.is_empty());
            let subject = Subject { id: "d", maker: claim(vendor, 98), version, ..Subject::default() };
            assert_eq!(survey.ask(&subject), [], "{vendor}");
            // Nor with a product that the maker does not have.
            let subject = Subject { family: claim("Quixotic Nonesuch", 98), ..subject };
            assert_eq!(survey.ask(&subject), [], "{vendor}");
            asked += 2;
        }
    }
    assert_eq!(asked, 607 * 8);
}

/// The fingerprints that say which advisory names their product: rule by rule the advisory, maker and family.
fn fingerprints() -> Vec<(String, String, String)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fingerprints/data");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|end| end != "toml") {
            continue;
        }
        let file: toml::Table = std::fs::read_to_string(path).unwrap().parse().unwrap();
        for rule in file.get("rule").and_then(toml::Value::as_array).into_iter().flatten() {
            let origin = rule.get("origin").and_then(toml::Value::as_str).unwrap_or_default();
            let advisory = origin.split([' ', ',']).find(|word| word.starts_with("ICSMA-"));
            let says = |attribute: &str| {
                let claims = rule.get("says").and_then(toml::Value::as_array).into_iter().flatten();
                let of_it =
                    |claim: &&toml::Value| claim.get("attribute").and_then(toml::Value::as_str) == Some(attribute);
                claims.filter(of_it).find_map(|claim| claim.get("value")?.as_str().map(str::to_owned))
            };
            if let (Some(advisory), Some(maker), Some(family)) = (advisory, says("maker"), says("family")) {
                found.push((advisory.to_owned(), maker, family));
            }
        }
    }
    found
}

#[test]
fn what_fingerprints_call_a_device_is_found_in_the_advisory_that_they_cite() {
    let Some(all) = all() else { return };
    let documents: Vec<Value> = all.iter().map(|(id, products, found)| rebuild(id, products, found)).collect();
    let library = library(&documents);
    let fingerprints = fingerprints();
    let mut missed = Vec::new();
    for (advisory, maker, family) in &fingerprints {
        assert!(!library.shelf.makers().find(maker).is_empty(), "{maker} is no maker of the table");
        let items = library.shelf.exposures(&device([maker, family, "", ""], 95));
        if !items.iter().any(|item| library.shelf.advisory(item.advisory).is_some_and(|a| a.id == *advisory)) {
            missed.push(format!("{advisory} {maker} {family}"));
        }
    }
    missed.sort();
    missed.dedup();
    // The fingerprints' families have names of their own here; words do not say that they are the same.
    let apart = ["B. Braun Space", "BD Alaris syringe pump", "GE Healthcare EchoPAC", "Hamilton Medical HAMILTON-T1"];
    assert!(fingerprints.len() > 100, "{}", fingerprints.len());
    assert_eq!(missed.iter().map(|missed| missed.split_once(' ').unwrap().1).collect::<Vec<_>>(), apart);
}

#[test]
fn a_device_named_as_the_medical_advisories_name_it_is_found_in_each_of_them() {
    let Some(all) = all() else { return };
    let documents: Vec<Value> = all.iter().map(|(id, products, found)| rebuild(id, products, found)).collect();
    let library = library(&documents);
    let (mut missed, mut asked) = (Vec::new(), 0);
    for (id, products, found) in &all {
        let named: usize = found.iter().map(|row| row["known_affected"].parse::<usize>().unwrap()).sum();
        for row in products.iter().take(named) {
            let subject = device([&row["vendor"], &row["product"], "", ""], 95);
            let items = library.shelf.exposures(&subject);
            let of_it = items.iter().filter(|item| library.shelf.advisory(item.advisory).is_some_and(|a| a.id == *id));
            let states: Vec<State> = of_it.map(|item| item.state).collect();
            let expected = match Range::read(&row["version"]) {
                (Range::All, None) => State::Affected,
                (Range::All, Some(_)) => State::Likely,
                _ => State::Unknown,
            };
            // Another node of the advisory may name the device, too, and for all versions.
            if !states.contains(&expected) && !states.contains(&State::Affected) {
                missed.push(format!("{id} {} {states:?}", row["product"]));
            }
            asked += 1;
        }
    }
    assert!(asked > 500, "{asked}");
    assert_eq!(missed, Vec::<String>::new());
}

#[test]
fn every_vendor_of_the_medical_advisories_is_in_the_table_of_makers() {
    let Some(rows) = table("csaf_vendor_aliases.tsv") else { return };
    let makers = holter_core::exposure::Makers::built_in().unwrap();
    let mut by_name: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for row in &rows {
        by_name.entry(&row["normalised"]).or_default().push(&row["csaf_vendor"]);
    }
    assert_eq!(rows.len(), 55);
    for spellings in by_name.values() {
        let found: Vec<_> = spellings.iter().map(|spelling| makers.find(spelling)).collect();
        assert!(found.iter().all(|ids| !ids.is_empty()), "{spellings:?}");
        assert!(found.windows(2).all(|pair| pair[0] == pair[1]), "{spellings:?}");
    }
}
