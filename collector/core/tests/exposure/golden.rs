//! Advisories with the devices that they mean, mean perhaps, and do not mean. Their makers and products do not exist. The
//! three documents pass the schema and the mandatory tests of the CSAF validator library of Secvisogram (2.0.10).

use super::made::claim;
use holter_core::exposure::{Kev, Library, Makers, Shelf, Stacks, State, Subject, Why};
use serde::Deserialize;

const FILES: [(&str, &str); 3] = [
    ("zeta-2026-01.json", include_str!("golden/zeta-2026-01.json")),
    ("zeta-2026-02.json", include_str!("golden/zeta-2026-02.json")),
    ("zeta-2026-03.json", include_str!("golden/zeta-2026-03.json")),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    what: String,
    device: Device,
    cve: String,
    state: String,
    why: Option<String>,
    node: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Device {
    maker: Option<String>,
    family: Option<String>,
    model: Option<String>,
    version: Option<String>,
    os: Option<String>,
    confidence: Option<u8>,
}

fn library() -> Library {
    let stacks =
        "[[stack]]\nname = \"IotaOS\"\nwords = [\"iotaos\"]\nnickname = \"IOTA:2\"\nadvisories = [\"ZETA-2026-03\"]\n";
    let shelf = Shelf::with(Makers::built_in().unwrap(), Stacks::read("stacks.toml", stacks).unwrap());
    let mut library = Library { shelf, ..Library::default() };
    for (file, text) in FILES {
        library.take(file, text.as_bytes()).unwrap();
    }
    library
}

fn cases() -> Vec<Case> {
    toml::from_str::<Cases>(include_str!("golden/cases.toml")).unwrap().case
}

fn subject(device: &Device) -> Subject<'_> {
    let sure = device.confidence.unwrap_or(95);
    fn known(value: &Option<String>, sure: u8) -> Option<holter_core::exposure::Claim<'_>> {
        value.as_deref().and_then(|value| claim(value, sure))
    }
    Subject {
        id: "d",
        maker: known(&device.maker, sure),
        family: known(&device.family, sure),
        model: known(&device.model, sure),
        version: known(&device.version, sure),
        os: known(&device.os, sure),
        ..Subject::default()
    }
}

#[test]
fn every_golden_device_is_found_as_its_case_says() {
    let library = library();
    let mut wrong = Vec::new();
    for case in cases() {
        let subject = subject(&case.device);
        let items = library.shelf.exposures(&subject);
        let kev = Kev::default();
        let explained: Vec<_> = items.iter().map(|item| library.shelf.explain(&subject, item, &kev).unwrap()).collect();
        let found = explained.iter().find(|item| item.vulnerability.name == Some(case.cve.as_str()));
        let told = found.map_or(("none".to_owned(), None, None), |item| {
            let why = serde_json::to_value(item.why).unwrap().as_str().map(str::to_owned);
            (item.state.as_str().to_owned(), why, Some(item.node.product_id.to_owned()))
        });
        if told != (case.state.clone(), case.why, case.node) {
            wrong.push(format!("{}: {told:?}", case.what));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_golden_cases_cover_every_state_and_nearly_every_why() {
    let cases = cases();
    for state in State::ALL {
        assert!(cases.iter().any(|case| case.state == state.as_str()), "{state:?}");
    }
    for why in Why::ALL {
        let word = serde_json::to_value(why).unwrap();
        // These two have tests of their own: the documents here are valid, and these take one that is not.
        let elsewhere = matches!(why, Why::Contradiction | Why::NoVersionNamed);
        assert!(elsewhere || cases.iter().any(|case| case.why.as_deref() == word.as_str()), "{why:?}");
        assert!(why.sentence().ends_with('.'));
    }
}

#[test]
fn an_item_shows_the_very_node_the_evidence_and_what_to_do() {
    let library = library();
    let reasons = [holter_identity::Reason {
        rule: "measured:hl7-equipment/zeta.named".to_owned(),
        value: "Infuse 200".to_owned(),
        weight: 95,
        share: 95,
        count: 3,
        first: 1,
        last: 2,
    }];
    let mut subject = super::made::device(["Zeta Medical", "Infuse 200", "", "4.1"], 95);
    subject.family = subject.family.map(|claim| holter_core::exposure::Claim { reasons: &reasons, ..claim });
    let catalogue = r#"{"catalogVersion": "1", "vulnerabilities": [{"cveID": "CVE-2026-10001", "dateAdded": "2026-10-10",
        "dueDate": "2026-10-31", "knownRansomwareCampaignUse": "Unknown"}]}"#;
    let kev = Kev::read("kev.json", catalogue.as_bytes()).unwrap();
    let items = library.shelf.exposures(&subject);
    let shown = library.shelf.explain(&subject, &items[0], &kev).unwrap();
    let document: serde_json::Value = serde_json::from_str(FILES[0].1).unwrap();
    let node = document.pointer(shown.node.pointer).unwrap();
    assert_eq!(node["product"]["product_id"], shown.node.product_id);
    assert_eq!((shown.node.versions, &*shown.node.status), (Some("vers:generic/<4.2"), &["known-affected"][..]));
    assert_eq!(shown.advisory.url, Some("https://zeta.example/advisories/zeta-2026-01"));
    let family = shown.evidence.iter().find(|claim| claim.attribute == "family").unwrap();
    assert_eq!((family.confidence, family.reasons), (95, &reasons[..]));
    assert_eq!(shown.score.unwrap().tenths, 98);
    assert_eq!(shown.exploited.unwrap().due, holter_core::civil::date("2026-10-31"));
    let remedies: Vec<&str> = shown.remedies.iter().map(|remedy| remedy.details).collect();
    assert_eq!(remedies, ["Update Infuse 200 to 4.2.", "Let only the pump server reach port 7000."]);
    assert_eq!(shown.remedies[0].url, Some("https://zeta.example/infuse"));
    // Everything of it can be shown.
    assert!(serde_json::to_string(&shown).unwrap().contains("zeta.named"));
}

#[test]
fn a_group_of_products_has_the_remedies_of_the_group() {
    let library = library();
    let subject = super::made::device(["Eta Imaging", "Vision", "MX500", "M.01"], 95);
    let items = library.shelf.exposures(&subject);
    let kev = Kev::default();
    let shown = library.shelf.explain(&subject, &items[0], &kev).unwrap();
    assert_eq!(shown.remedies.iter().map(|remedy| remedy.details).collect::<Vec<_>>(), ["Update."]);
}
