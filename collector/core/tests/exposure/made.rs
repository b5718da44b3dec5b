//! Advisories and devices made for tests, of makers that do not exist.

use holter_core::exposure::{Claim, Library, Subject};
use serde_json::{Value, json};

/// A node: maker, product, its version as the document writes it.
pub(crate) fn leaf(vendor: &str, product: &str, version: &str, id: &str) -> Value {
    let kind = if version.starts_with(['<', '>']) { "product_version_range" } else { "product_version" };
    json!({"category": "vendor", "name": vendor, "branches": [
        {"category": "product_name", "name": product, "branches": [
            {"category": kind, "name": version, "product": {"name": format!("{product} {version}"), "product_id": id}}
        ]}
    ]})
}

pub(crate) fn document(id: &str, branches: Vec<Value>, vulnerabilities: Value) -> Value {
    json!({
        "document": {
            "category": "csaf_security_advisory",
            "csaf_version": "2.0",
            "title": "Made for a test",
            "publisher": {"category": "vendor", "name": "Zeta", "namespace": "https://zeta.invalid"},
            "tracking": {
                "id": id, "status": "final", "version": "1",
                "current_release_date": "2026-11-01T00:00:00Z", "initial_release_date": "2026-11-01T00:00:00Z",
                "revision_history": [{"number": "1", "date": "2026-11-01T00:00:00Z", "summary": "First."}]
            }
        },
        "product_tree": {"branches": branches},
        "vulnerabilities": vulnerabilities
    })
}

/// One vulnerability that affects some products.
pub(crate) fn affecting(ids: &[&str]) -> Value {
    json!([{"cve": "CVE-2026-0001", "product_status": {"known_affected": ids},
        "scores": [{"products": ids, "cvss_v3": {"version": "3.1", "baseScore": 9.8, "baseSeverity": "CRITICAL",
            "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}}]}])
}

pub(crate) fn library(documents: &[Value]) -> Library {
    let mut library = Library::new().unwrap();
    for document in documents {
        library.take("made.json", document.to_string().as_bytes()).unwrap();
    }
    library
}

pub(crate) fn claim(value: &str, confidence: u8) -> Option<Claim<'_>> {
    Some(Claim { value, confidence, reasons: &[] })
}

/// A device of which everything is known equally well; an empty word is nothing.
pub(crate) fn device<'a>([maker, family, model, version]: [&'a str; 4], confidence: u8) -> Subject<'a> {
    let known = |value: &'a str| claim(value, confidence).filter(|_| !value.is_empty());
    Subject {
        id: "d",
        maker: known(maker),
        family: known(family),
        model: known(model),
        version: known(version),
        ..Subject::default()
    }
}
