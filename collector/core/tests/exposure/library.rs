//! Files as a site gives them, one after the other.

use super::made::{affecting, claim, device, document, leaf, library};
use super::shared::table;
use holter_core::exposure::{
    ADVISORIES_MAX, Accepted, Asked, Counts, DueTable, Exception, Exceptions, Facts, Kev, Library, Put, Scope, Shelf,
    State, Subject, Survey, Taken, Target, Weights, Why, csaf,
};
use holter_core::{DAY, civil};
use holter_identity::{Evidence, judge};
use holter_terms::{Attribute, DeviceClass};
use serde_json::json;

fn one(released: &str, version: &str) -> serde_json::Value {
    let mut made = document("A-1", vec![leaf("Zeta", "Crate 7000", version, "P")], affecting(&["P"]));
    made["document"]["tracking"]["current_release_date"] = json!(released);
    made
}

fn state(library: &Library, version: &str) -> State {
    library.shelf.exposures(&device(["Zeta", "Crate 7000", "", version], 95))[0].state
}

#[test]
fn a_newer_advisory_takes_the_place_of_the_older_one_and_not_the_other_way_round() {
    let mut library = library(&[one("2026-11-01", "< 2.0")]);
    assert_eq!(state(&library, "2.5"), State::NotAffected);
    let newer = library.take("b.json", one("2026-11-02", "< 3.0").to_string().as_bytes()).unwrap();
    assert_eq!(newer, Taken::Advisory("A-1".to_owned(), Put::Replaced));
    assert_eq!(state(&library, "2.5"), State::Affected);
    let older = library.take("c.json", one("2026-11-01", "< 2.0").to_string().as_bytes()).unwrap();
    assert_eq!(older, Taken::Advisory("A-1".to_owned(), Put::Older));
    assert_eq!(state(&library, "2.5"), State::Affected);
    assert_eq!((library.shelf.len(), library.counts.new, library.counts.replaced, library.counts.older), (1, 1, 1, 1));
}

#[test]
fn of_two_of_one_day_the_higher_version_is_newer() {
    let numbered = |version: &str| {
        let mut made = one("2026-11-01", "< 2.0");
        made["document"]["tracking"]["version"] = json!(version);
        csaf::read("a", made.to_string().as_bytes()).unwrap()
    };
    assert!(numbered("10").is_newer_than(&numbered("9")) && numbered("1.0.1").is_newer_than(&numbered("1.0.0")));
    assert!(!numbered("9").is_newer_than(&numbered("10")) && !numbered("9").is_newer_than(&numbered("9")));
}

#[test]
fn an_advisory_that_is_replaced_for_ever_takes_no_more_room() {
    let mut library = library(&[one("2026-11-01", "< 2.0")]);
    for n in 0..500 {
        let text = one(&format!("2027-{n:04}"), "< 3.0").to_string();
        library.take("b.json", text.as_bytes()).unwrap();
        assert_eq!(library.shelf.exposures(&device(["Zeta", "Crate 7000", "", "2.5"], 95)).len(), 1);
        assert!(library.shelf.room() <= 4, "{}", library.shelf.room());
    }
}

#[test]
fn more_advisories_than_the_bound_are_refused_and_counted() {
    let mut shelf = Shelf::new().unwrap();
    let advisory = csaf::read("a", one("2026-11-01", "1.0").to_string().as_bytes()).unwrap();
    for n in 0..ADVISORIES_MAX {
        assert_eq!(shelf.put(csaf::Advisory { id: n.to_string(), ..advisory.clone() }), Put::New);
    }
    assert_eq!(shelf.put(csaf::Advisory { id: "more".to_owned(), ..advisory }), Put::Refused);
    assert_eq!((shelf.refused, shelf.len()), (1, ADVISORIES_MAX));
}

#[test]
fn a_file_of_no_known_kind_changes_nothing_and_is_counted() {
    let mut library = library(&[one("2026-11-01", "< 2.0")]);
    for text in ["{}", "[]", "{\"document\": {}, \"catalogVersion\": \"1\"}", "not json", ""] {
        assert!(library.take("x.json", text.as_bytes()).is_err(), "{text}");
    }
    assert_eq!((library.counts.faulty, library.shelf.len()), (5, 1));
    let kev = library.take("k.json", b"{\"catalogVersion\": \"1\", \"vulnerabilities\": []}").unwrap();
    assert_eq!(kev, Taken::Catalogue(0));
}

#[test]
fn an_advisory_that_contradicts_itself_is_unknown() {
    let leaves = vec![leaf("Zeta", "Crate 7000", "<= 2.0", "OLD"), leaf("Zeta", "Crate 7000", ">= 1.5", "NEW")];
    let both = json!([{"cve": "CVE-2026-0001", "product_status": {"known_affected": ["OLD"], "fixed": ["NEW"]}}]);
    let library = library(&[document("A-1", leaves, both)]);
    let item = |version| library.shelf.exposures(&device(["Zeta", "Crate 7000", "", version], 95))[0];
    assert_eq!((item("1.8").state, item("1.8").why), (State::Unknown, Why::Contradiction));
    assert_eq!((item("1.0").state, item("2.1").state), (State::Affected, State::NotAffected));
}

#[test]
fn a_product_without_any_version_is_likely_at_most() {
    let product = json!({"category": "vendor", "name": "Zeta", "branches": [{"category": "product_name",
        "name": "Crate 7000", "product": {"name": "Crate 7000", "product_id": "P"}}]});
    let library = library(&[document("A-1", vec![product], affecting(&["P"]))]);
    let items = library.shelf.exposures(&device(["Zeta", "Crate 7000", "", "1.0"], 95));
    assert_eq!((items[0].state, items[0].why), (State::Likely, Why::NoVersionNamed));
}

#[test]
fn identity_on_published_rules_alone_is_likely_and_measured_ones_make_it_affected() {
    let library = library(&[one("2026-11-01", "< 2.0")]);
    let found = |origin: &str| {
        let rule = |signal: &str| format!("{origin}:{signal}/zeta");
        let rules = [rule("hl7"), rule("http"), rule("snmp")];
        let mut evidence = Vec::new();
        let values = [(Attribute::Maker, "Zeta"), (Attribute::Family, "Crate 7000"), (Attribute::Version, "1.9")];
        for rule in &rules {
            for (attribute, value) in values {
                evidence.push(Evidence { attribute, value, rule, weight: 80, count: 1, first: 0, last: 0 });
            }
        }
        let identity = judge(&evidence);
        let items = library.shelf.exposures(&Subject::of("d", &identity));
        (items[0].state, items[0].confidence)
    };
    assert_eq!(found("published").0, State::Likely);
    assert_eq!(found("measured").0, State::Affected);
    assert!(found("measured").1 >= 90);
}

#[test]
fn a_survey_says_what_each_device_is_told_alone() {
    let library = library(&[one("2026-11-01", "< 2.0")]);
    let mut survey = Survey::of(&library.shelf);
    let mut counts = Counts::default();
    for (version, sure) in [("1.0", 95), ("1.0", 80), ("2.5", 95), ("", 95), ("1.0", 95)] {
        let subject = device(["Zeta", "Crate 7000", "", version], sure);
        let items = survey.ask(&subject).to_vec();
        assert_eq!(items, library.shelf.exposures(&subject));
        items.iter().for_each(|item| counts.add(item.state));
    }
    assert_eq!(counts, Counts([2, 1, 1, 1]));
}

#[test]
fn the_exploited_of_the_medical_advisories_are_marked_with_their_dates() {
    let Some(rows) = table("kev_icsma.tsv") else { return };
    let entries: Vec<_> = rows
        .iter()
        .map(|row| {
            json!({"cveID": row["cve"], "vendorProject": row["kev_vendor"], "product": row["kev_product"],
                "vulnerabilityName": "x", "dateAdded": row["kev_added"], "dueDate": row["kev_added"],
                "shortDescription": "x", "requiredAction": "x", "knownRansomwareCampaignUse": row["ransomware"]})
        })
        .collect();
    let kev =
        json!({"title": "x", "catalogVersion": "1", "dateReleased": "x", "count": 12, "vulnerabilities": entries});
    let kev = Kev::read("kev.json", kev.to_string().as_bytes()).unwrap();
    // CVE-2017-0143 stands in two advisories.
    assert_eq!((rows.len(), kev.len(), kev.undated), (12, 11, 0));
    for row in &rows {
        let found = kev.get(&row["cve"]).unwrap();
        assert_eq!(found.added, civil::date(&row["kev_added"]));
        assert_eq!(found.ransomware, row["ransomware"] == "Known");
    }
}

#[test]
fn from_an_exposure_to_its_due_date_its_exception_and_its_risk() {
    let mut library = library(&[one("2026-11-01", "< 2.0")]);
    let kev = r#"{"catalogVersion": "1", "vulnerabilities": [{"cveID": "CVE-2026-0001", "dateAdded": "1970-01-03",
        "dueDate": "1970-01-05"}]}"#;
    library.take("kev.json", kev.as_bytes()).unwrap();
    let subject = Subject { class: Some(DeviceClass::Therapy), ..device(["Zeta", "Crate 7000", "", "1.0"], 95) };
    let items = library.shelf.exposures(&subject);
    let shown = library.shelf.explain(&subject, &items[0], &library.kev).unwrap();
    let (table, weights) = (DueTable::built_in().unwrap(), Weights::built_in().unwrap());
    let asked = Asked {
        state: shown.state,
        severity: shown.score.map(|score| score.severity()),
        exploited: shown.exploited,
        life_supporting: subject.class.is_some_and(DeviceClass::is_life_supporting),
        since: 2 * DAY,
    };
    let due = table.due(&asked).unwrap();
    assert_eq!((due.at, due.by_catalogue), (4 * DAY, true));
    let facts = Facts {
        worst_score: shown.score.unwrap().tenths,
        state: Some(shown.state),
        exploited: true,
        class: subject.class,
        overdue: 10 * DAY > due.at,
        ..Facts::default()
    };
    // 25 x 0.98 + 15 + 15 + 15 + 5
    assert_eq!(weights.risk(&facts).tenths, 745);

    let mut exceptions = Exceptions::default();
    let exception = Exception {
        id: "e".to_owned(),
        scope: Scope::Product { maker: "Zeta".to_owned(), product: "Crate 7000".to_owned() },
        target: Target::Advisory("A-1".to_owned()),
        who: "A. Keeper".to_owned(),
        why: "It is replaced in spring.".to_owned(),
        controls: vec!["It stands in a network of its own.".to_owned()],
        made: 2 * DAY,
        until: 90 * DAY,
    };
    exceptions.add(exception).unwrap();
    let accepted = exceptions.accepted(library.shelf.makers(), &subject, "A-1", Some("CVE-2026-0001"), 10 * DAY);
    assert!(matches!(accepted, Accepted::Until(exception) if exception.until == 90 * DAY));
}

#[test]
fn an_archive_of_a_maker_that_is_named_like_its_product_is_found() {
    let library = library(&[document("A-1", vec![leaf("Orthanc", "Orthanc", "< 1.12", "P")], affecting(&["P"]))]);
    let subject = Subject {
        maker: claim("Orthanc", 95),
        family: claim("Orthanc", 95),
        version: claim("1.11.2", 95),
        ..Subject::default()
    };
    assert_eq!(library.shelf.exposures(&subject)[0].state, State::Affected);
}
