//! Files that nobody should trust: bounds, faults with their place, and no panic whatever stands in them.

use super::made::{affecting, device, document, leaf, library};
use holter_core::exposure::csaf::{
    DEPTH_MAX, FILE_MAX, LIST_MAX, NAME_MAX, NODES_MAX, PRODUCTS_MAX, TEXT_MAX, VULNERABILITIES_MAX, read,
};
use holter_core::exposure::version::{Range, Version};
use holter_core::exposure::{FileError, Kev, Library};
use proptest::prelude::*;
use serde_json::{Value, json};

fn fault(document: &Value) -> FileError {
    read("a.json", document.to_string().as_bytes()).unwrap_err()
}

fn with_branches(branches: Vec<Value>) -> Value {
    document("A-1", branches, json!([]))
}

#[test]
fn a_file_beyond_its_bound_is_refused_before_it_is_read() {
    let error = read("a.json", &vec![b' '; FILE_MAX + 1]).unwrap_err();
    assert_eq!(error.to_string(), "a.json:0:0: larger than 16 MiB");
}

#[test]
fn branches_beyond_their_depth_are_refused_with_their_place() {
    let nested = |depth: usize| {
        (1..depth).fold(
            json!({"category": "product_name", "name": "x"}),
            |inner, _| json!({"category": "product_family", "name": "x", "branches": [inner]}),
        )
    };
    assert!(read("a", with_branches(vec![nested(DEPTH_MAX)]).to_string().as_bytes()).is_ok());
    let error = fault(&with_branches(vec![nested(DEPTH_MAX + 1)]));
    assert!(error.what.contains("deeper than 30") && error.line == 1 && error.column > 100, "{error}");
    // What is passed over is skipped without recursion, however deep it is; a value of ours that nests is another type.
    let deep = format!("{}{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
    let text = with_branches(vec![]).to_string().replacen('{', &format!("{{\"x\":{deep},"), 1);
    assert!(read("a", text.as_bytes()).is_ok());
    let text = with_branches(vec![]).to_string().replacen("\"Made for a test\"", &deep, 1);
    assert_eq!(read("a", text.as_bytes()).unwrap_err().what, "a value of another form than the format has here");
}

#[test]
fn more_branches_products_vulnerabilities_or_entries_than_their_bounds_are_refused() {
    let branch = json!({"category": "product_name", "name": "x"});
    let error = fault(&with_branches(vec![branch; NODES_MAX + 1]));
    assert!(error.what.contains("more than 100000 branches"), "{error}");

    let product = |n: usize| json!({"category": "product_name", "name": "x", "product": {"name": "x", "product_id": n.to_string()}});
    let error = fault(&with_branches((0..=PRODUCTS_MAX).map(product).collect()));
    assert!(error.what.contains("more than 50000 products"), "{error}");

    let error = fault(&document("A-1", vec![], json!(vec![json!({}); VULNERABILITIES_MAX + 1])));
    assert!(error.what.contains("more than 2000 entries"), "{error}");

    let remedy = json!({"category": "mitigation", "details": "x"});
    let many = json!([{"cve": "CVE-2026-0001", "remediations": vec![remedy; LIST_MAX + 1]}]);
    assert!(fault(&document("A-1", vec![], many)).what.contains("more than 2000 entries"));

    // Relationships make products, too.
    let mut made = with_branches((0..PRODUCTS_MAX).map(product).collect());
    made["product_tree"]["relationships"] = json!([{"category": "installed_on", "product_reference": "0",
        "relates_to_product_reference": "1", "full_product_name": {"name": "x", "product_id": "more"}}]);
    assert!(fault(&made).what.contains("more than 50000 products"));
}

#[test]
fn a_text_beyond_its_bound_is_cut_between_characters_and_counted() {
    let mut long = document("A-1", vec![leaf("Zeta", &"ä".repeat(NAME_MAX), "1.0", "P")], affecting(&["P"]));
    long["vulnerabilities"][0]["notes"] = json!([{"category": "summary", "text": "€".repeat(TEXT_MAX)}]);
    let advisory = read("a", long.to_string().as_bytes()).unwrap();
    assert_eq!(advisory.products[0].product.as_deref().unwrap().len(), NAME_MAX);
    assert!(advisory.vulnerabilities[0].summary.as_ref().unwrap().len() <= TEXT_MAX);
    // The name of the branch, that of the product, and the note.
    assert_eq!(advisory.cut, 3);
}

#[test]
fn a_fault_says_where_and_never_what() {
    let secret = "Password1";
    let mut wrong = document("A-1", vec![leaf("Zeta", "Box", "1.0", "P")], affecting(&["P"]));
    wrong["document"]["tracking"]["id"] = json!([secret]);
    let text = serde_json::to_string_pretty(&wrong).unwrap();
    let line = text.lines().position(|line| line.contains(secret)).unwrap();
    let error = read("a.json", text.as_bytes()).unwrap_err();
    assert!(error.line.abs_diff(line) <= 1 && error.column > 0, "{error}, in line {}", line + 1);
    assert!(!error.to_string().contains(secret), "{error}");

    let mut wrong = wrong.clone();
    wrong["document"]["tracking"]["id"] = Value::Null;
    assert!(!fault(&wrong).to_string().contains("null"));
    wrong["document"]["tracking"].as_object_mut().unwrap().remove("id");
    assert!(fault(&wrong).what.starts_with("missing field `id`"));
    let error = read("a.json", b"{\n\n  \"document\": tru }").unwrap_err();
    assert_eq!((error.line, error.what.as_str()), (3, "not JSON"));
    assert_eq!(read("a.json", b"{\"document\": {").unwrap_err().what, "the file ends early");
}

#[test]
fn two_products_with_one_id_are_refused_and_an_id_of_nothing_is_counted() {
    let twice = document("A-1", vec![leaf("Zeta", "Box", "1.0", "P"), leaf("Zeta", "Crate", "1.0", "P")], json!([]));
    assert!(fault(&twice).what.ends_with("the second at /product_tree/branches/1/branches/0/branches/0"));
    let dangling = document("A-1", vec![leaf("Zeta", "Box", "1.0", "P")], affecting(&["P", "NONE"]));
    // Once as affected, once with the score.
    assert_eq!(read("a", dangling.to_string().as_bytes()).unwrap().dangling, 2);
}

#[test]
fn another_version_of_csaf_is_refused() {
    let mut other = document("A-1", vec![], json!([]));
    other["document"]["csaf_version"] = json!("3.0");
    assert_eq!(fault(&other).what, "document.csaf_version is not 2.0");
}

fn golden() -> Vec<u8> {
    include_bytes!("golden/zeta-2026-02.json").to_vec()
}

/// Whatever is read is indexed, asked and explained.
fn use_it(library: &Library) {
    let versions = ["", "6.0", "N.01", "R4.1L1"];
    for version in versions {
        let subject = device(["Eta Imaging", "Vision Archive Center", "MX500", version], 95);
        let items = library.shelf.exposures(&subject);
        for item in &items {
            assert!(library.shelf.explain(&subject, item, &library.kev).is_some());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_mutated_document_makes_anything_panic(
        changes in prop::collection::vec((0_usize..6000, any::<u8>(), 0_u8..4), 1..12)
    ) {
        let mut bytes = golden();
        for (at, byte, kind) in changes {
            let at = at % bytes.len().max(1);
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.truncate(at.max(1)),
                2 => bytes.insert(at, byte),
                _ => {
                    // A piece of the document once more, somewhere else.
                    let piece = bytes[at..(at + usize::from(byte)).min(bytes.len())].to_vec();
                    let to = usize::from(byte) * 13 % bytes.len();
                    bytes.splice(to..to, piece);
                }
            }
        }
        let mut library = Library::new().unwrap();
        let _ = library.take("mutated.json", &bytes);
        use_it(&library);
    }

    #[test]
    fn no_names_and_versions_make_anything_panic(
        vendor in "\\PC{0,40}", product in "\\PC{0,60}", version in "\\PC{0,40}", seen in "\\PC{0,40}"
    ) {
        let one = document("A-1", vec![leaf(&vendor, &product, &version, "P")], affecting(&["P"]));
        let library = library(&[one]);
        let subject = device([&vendor, &product, "", &seen], 95);
        for item in library.shelf.exposures(&subject) {
            prop_assert!(library.shelf.explain(&subject, &item, &library.kev).is_some());
        }
    }

    #[test]
    fn versions_of_signs_and_digits_are_ordered_without_contradiction(
        a in "[vVRB]?[0-9]{1,3}(\\.[0-9x]{1,3}){0,3}[A-C]?( SP[0-9]| Build [0-9])?",
        b in "[vVRB]?[0-9]{1,3}(\\.[0-9]{1,3}){0,3}[A-C]?( SP[0-9]| Build [0-9])?",
    ) {
        use holter_core::exposure::version::{Order, order};
        let (Some(a), Some(b)) = (Version::of_device(&a), Version::of_device(&b)) else { return Ok(()) };
        let back = match order(&a, &b) {
            Some(Order::Less) => Some(Order::Greater),
            Some(Order::Greater) => Some(Order::Less),
            Some(Order::Extends) => Some(Order::Shortens),
            Some(Order::Shortens) => Some(Order::Extends),
            other => other,
        };
        prop_assert_eq!(order(&b, &a), back);
    }

    #[test]
    fn ranges_of_anything_are_read_without_panic(text in "[-<>=|*().,/ xvRN0-9a-c]{0,60}", version in "[0-9.]{1,12}") {
        let (range, _) = Range::read(&text);
        if let Some(version) = Version::of_device(&version) {
            let _ = range.contains(&version);
        }
    }

    #[test]
    fn no_mutated_catalogue_makes_anything_panic(at in 0_usize..200, byte in any::<u8>()) {
        let mut bytes = br#"{"catalogVersion": "1", "vulnerabilities": [{"cveID": "CVE-2026-1", "dateAdded": "2026-10-10",
            "dueDate": "2026-10-31", "knownRansomwareCampaignUse": "Unknown"}]}"#.to_vec();
        let at = at % bytes.len();
        bytes[at] = byte;
        let _ = Kev::read("kev.json", &bytes);
    }
}
