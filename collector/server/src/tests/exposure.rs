use super::*;
use crate::exposure::{Shelfful, fetch};
use crate::store::Store;
use crate::store::exposure::{About, NewFile, STORED_MAX};
use holter_core::{DAY, HOUR, Source};
use holter_terms::{BootId, SensorId};
use serde_json::{Value, json};

/// An advisory of a maker that does not exist.
pub(super) fn advisory(id: &str, product: &str, version: &str) -> String {
    let kind = if version.starts_with(['<', '>']) { "product_version_range" } else { "product_version" };
    json!({
        "document": {"category": "csaf_security_advisory", "csaf_version": "2.0", "title": format!("{product}: a fault"),
            "publisher": {"category": "vendor", "name": "Velmora", "namespace": "https://velmora.invalid"},
            "tracking": {"id": id, "status": "final", "version": "1", "current_release_date": "2026-11-01T00:00:00Z",
                "initial_release_date": "2026-11-01T00:00:00Z", "revision_history": []}},
        "product_tree": {"branches": [{"category": "vendor", "name": "Velmora", "branches": [
            {"category": "product_name", "name": product, "branches": [
                {"category": kind, "name": version, "product": {"name": product, "product_id": "P"}}]}]}]},
        "vulnerabilities": [{"cve": "CVE-2026-0001", "product_status": {"known_affected": ["P"]},
            "remediations": [{"category": "vendor_fix", "details": "Install release 2.", "product_ids": ["P"]}],
            "scores": [{"products": ["P"], "cvss_v3": {"version": "3.1", "baseScore": 9.8, "baseSeverity": "CRITICAL",
                "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}}]}]
    })
    .to_string()
}

pub(super) async fn keep(store: &Store, tenant: &str, content: &str) {
    let mut library = holter_core::exposure::Library::new().unwrap();
    let about = About::of(&library.take("made.json", content.as_bytes()).unwrap());
    let file = NewFile { about, name: "made.json", content: content.as_bytes(), received: now(), who: "command line" };
    assert!(store.keep_file(tenant, &file, STORED_MAX).await.unwrap());
}

/// A pump whose maker and more were heard, and which speaks Telnet since two hours.
fn pump(running: &Running, tenant: &str, claims: &[(Attribute, &str)]) {
    let source = Source { site: "main".to_owned(), sensor: SensorId([1; 16]), boot: BootId([2; 16]) };
    let at = now() - 2 * HOUR;
    let rows = claims.iter().flat_map(|(attribute, value)| {
        ["measured:hl7-sender/velmora", "measured:http-server/velmora", "measured:snmp-object/velmora"].map(|rule| {
            EvidenceRow {
                device: SCANNER,
                attribute: *attribute,
                value: text(value),
                rule: text(rule),
                weight: 90,
                first: at,
                last: now(),
                count: 5,
            }
        })
    });
    let mut window = window();
    if let Record::Window(window) = &mut window {
        window.talks = vec![Talk {
            client: party(ARCHIVE, "10.20.0.22"),
            server: party(SCANNER, "10.20.0.21"),
            protocol: Protocol::Telnet,
            port: 23,
            visibility: Visibility::Clear,
            conversations: 1,
            packets: 10,
            bytes_up: 80,
            bytes_down: 20,
            first: at,
            last: at + HOUR,
        }];
    }
    running.app.change(tenant, |estate| {
        estate.apply(&source, &Record::Devices(Devices { rows: rows.collect() }), now());
        estate.apply(&source, &window, now());
    });
}

const KNOWN: &[(Attribute, &str)] = &[
    (Attribute::Maker, "Velmora"),
    (Attribute::Family, "Crate 7000"),
    (Attribute::Version, "1.9"),
    (Attribute::Hostname, "pump-7"),
];

const DEVICE: &str = "/api/v1/devices/main~001865aa0021/exposure";

async fn look(running: &Running, login: &Login, path: &str) -> Value {
    let answer = get(running, login, path).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
    answer.body
}

#[tokio::test]
async fn files_survive_a_restart_and_since_is_when_advisory_and_evidence_were_both_there() {
    let folder = tempfile::tempdir().unwrap();
    let running = collector(folder.path()).await;
    person(&running, "anna", "main", UserRole::Soc).await;
    pump(&running, "main", KNOWN);
    let anna = log_in(&running, "anna").await;
    assert_eq!(look(&running, &anna, "/api/v1/exposure").await["total"], 0);
    let before = now();
    // As a command line does it beside the running collector.
    keep(&running.app.store, "main", &advisory("VEL-1", "Crate 7000", "< 2.0")).await;
    let list = look(&running, &anna, "/api/v1/exposure?q=severity:critical%20device:pump*&state=affected,likely").await;
    let row = &list["items"][0];
    assert_eq!((&list["matched"], &row["advisory"], &row["state"]), (&1.into(), &"VEL-1".into(), &"affected".into()));
    assert_eq!((&row["vulnerability"], &row["score"]), (&"CVE-2026-0001".into(), &9.8.into()));
    let since: jiff::Timestamp = row["since"].as_str().unwrap().parse().unwrap();
    assert!(since.as_nanosecond() >= before.into(), "{since} is before the advisory came");
    assert!(row["due"].is_string() && list["as_of"].is_string());
    running.stop().await;

    let running = collector(folder.path()).await;
    pump(&running, "main", KNOWN);
    let anna = log_in(&running, "anna").await;
    let again = look(&running, &anna, "/api/v1/exposure").await;
    assert_eq!((&again["items"][0]["since"], &again["items"][0]["due"]), (&row["since"], &row["due"]));
    // A newer release takes the place of the older one, and the day on which it was first known stays.
    let newer = advisory("VEL-1", "Crate 7000", "< 3.0").replace("2026-11-01T00:00:00Z", "2026-11-09T00:00:00Z");
    keep(&running.app.store, "main", &newer).await;
    let item = look(&running, &anna, DEVICE).await["items"][0].clone();
    assert_eq!((&item["since"], &item["node"]["versions"]), (&row["since"], &"< 3.0".into()));
    assert_eq!(running.app.store.files("main").await.unwrap().len(), 1);
    running.stop().await;
}

#[tokio::test]
async fn an_item_shows_its_node_its_evidence_and_what_to_do_and_protocols_show_since_when() {
    let folder = tempfile::tempdir().unwrap();
    let running = collector(folder.path()).await;
    person(&running, "anna", "main", UserRole::Biomed).await;
    keep(&running.app.store, "main", &advisory("VEL-1", "Crate 7000", "< 2.0")).await;
    pump(&running, "main", KNOWN);
    let anna = log_in(&running, "anna").await;
    let shown = look(&running, &anna, DEVICE).await;
    let item = &shown["items"][0];
    assert_eq!(item["node"]["pointer"], "/product_tree/branches/0/branches/0/branches/0");
    assert_eq!(item["remedies"][0]["details"], "Install release 2.");
    let evidence = item["evidence"].as_array().unwrap();
    assert!(evidence.iter().any(|one| one["attribute"] == "version" && one["reasons"][0]["rule"].is_string()));
    let telnet = shown["insecure"].as_array().unwrap().iter().find(|one| one["id"] == "telnet").unwrap();
    let since: jiff::Timestamp = telnet["since"].as_str().unwrap().parse().unwrap();
    let ago = i128::from(now()) - since.as_nanosecond();
    assert!((7_190_000_000_000..7_260_000_000_000).contains(&ago), "{ago}");
    let parts = shown["risk"]["parts"].as_array().unwrap();
    let sum: f64 = parts.iter().map(|part| part["adds"].as_f64().unwrap()).sum();
    assert!((sum - shown["risk"]["score"].as_f64().unwrap()).abs() < 0.01 && sum > 30.0);
    let summary = look(&running, &anna, "/api/v1/exposure/summary").await;
    assert_eq!((&summary["counts"]["affected"], &summary["advisories"]), (&1.into(), &1.into()));
    assert_eq!(summary["by_advisory"][0]["devices"]["affected"], 1);
    assert_eq!(summary["riskiest"][0]["name"], "pump-7");
    assert!(summary["insecure"].as_array().unwrap().iter().any(|one| one["id"] == "telnet" && one["devices"] == 2));
    running.stop().await;
}

#[tokio::test]
async fn nobody_is_affected_by_the_name_of_a_vendor_alone() {
    let folder = tempfile::tempdir().unwrap();
    let running = collector(folder.path()).await;
    person(&running, "anna", "main", UserRole::Soc).await;
    keep(&running.app.store, "main", &advisory("VEL-1", "Crate 7000", "vers:all/*")).await;
    let anna = log_in(&running, "anna").await;
    for claims in
        [&KNOWN[..1], &[(Attribute::Maker, "Velmora"), (Attribute::Version, "1.9"), (Attribute::Class, "therapy")]]
    {
        pump(&running, "main", claims);
        assert_eq!(look(&running, &anna, DEVICE).await["items_total"], 0);
        assert_eq!(look(&running, &anna, "/api/v1/exposure").await["total"], 0);
    }
    // What a person sets is as good as what was measured.
    let set = r#"{"kind":"set","field":"family","value":"Crate 7000"}"#;
    assert_eq!(post(&running, &anna, "/api/v1/devices/main~001865aa0021/decisions", set).await.status, StatusCode::OK);
    let item = look(&running, &anna, DEVICE).await["items"][0].clone();
    assert_eq!(item["state"], "affected");
    let family = item["evidence"].as_array().unwrap().iter().find(|one| one["attribute"] == "family").unwrap();
    assert_eq!((&family["confidence"], &family["reasons"][0]["rule"]), (&100.into(), &"person".into()));
    running.stop().await;
}

#[tokio::test]
async fn an_exception_hides_nothing_and_marks_until_when_it_is_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let running = collector(folder.path()).await;
    person(&running, "anna", "main", UserRole::Biomed).await;
    person(&running, "nick", "main", UserRole::Network).await;
    keep(&running.app.store, "main", &advisory("VEL-1", "Crate 7000", "< 2.0")).await;
    pump(&running, "main", KNOWN);
    let (anna, nick) = (log_in(&running, "anna").await, log_in(&running, "nick").await);
    let risk = look(&running, &anna, DEVICE).await["risk"]["score"].as_f64().unwrap();
    let until = crate::api::types::Utc(now() + 30 * DAY).to_string();
    let good = json!({"device": "main~001865aa0021", "advisory": "VEL-1", "why": "It is replaced in spring.",
        "controls": ["It stands in a network of its own."], "until": until});
    let path = "/api/v1/exposure/exceptions";
    assert_eq!(post(&running, &nick, path, &good.to_string()).await.status, StatusCode::FORBIDDEN);
    let with = |field: &str, value: Value| {
        let mut made = good.clone();
        made[field] = value;
        made.to_string()
    };
    for (bad, why) in [
        (with("why", "".into()), "needs a reason"),
        (with("controls", json!([" "])), "compensating control"),
        (with("until", crate::api::types::Utc(now() - DAY).to_string().into()), "ends after now"),
        (with("until", crate::api::types::Utc(now() + 400 * DAY).to_string().into()), "within 366 days"),
        (with("until", "soon".into()), "cannot be read"),
        (with("advisory", "VEL-2".into()), "no advisory here"),
        (with("cve", "CVE-2026-0001".into()), "an advisory or a CVE"),
        (with("device", "main~001865aa0029".into()), "not known here"),
        (with("tenant", "other".into()), "body"),
    ] {
        let refused = post(&running, &anna, path, &bad).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
        assert!(refused.body["error"].as_str().unwrap().contains(why), "{}", refused.body);
    }
    let made = post(&running, &anna, path, &good.to_string()).await;
    assert_eq!((made.status, &made.body["who"]), (StatusCode::OK, &"anna".into()));
    let rows = async |running: &Running, login: &Login| look(running, login, "/api/v1/exposure").await["items"].clone();
    let row = rows(&running, &anna).await[0].clone();
    assert_eq!((&row["state"], &row["accepted_until"]), (&"affected".into(), &made.body["until"]));
    let shown = look(&running, &anna, DEVICE).await;
    assert_eq!(shown["items"][0]["exception"]["controls"][0], "It stands in a network of its own.");
    assert!(shown["risk"]["score"].as_f64().unwrap() < risk);
    let summary = look(&running, &anna, "/api/v1/exposure/summary").await;
    assert_eq!((&summary["counts"]["affected"], &summary["accepted"]), (&1.into(), &1.into()));
    running.stop().await;

    let running = collector(folder.path()).await;
    pump(&running, "main", KNOWN);
    let anna = log_in(&running, "anna").await;
    assert_eq!(rows(&running, &anna).await[0]["accepted_until"], made.body["until"]);
    // Merged with one that was seen before, the device has the other's id.
    let source = Source { site: "main".to_owned(), sensor: SensorId([1; 16]), boot: BootId([2; 16]) };
    let older = EvidenceRow {
        device: DeviceKey::Mac(holter_terms::Mac([0, 0x18, 0x65, 0xaa, 0, 0x29])),
        attribute: Attribute::Hostname,
        value: text("pump-7-old"),
        rule: text("measured:dns-name/test"),
        weight: 50,
        first: now() - 9 * HOUR,
        last: now() - 8 * HOUR,
        count: 1,
    };
    let older = Record::Devices(Devices { rows: vec![older] });
    running.app.change("main", |estate| estate.apply(&source, &older, now()));
    let merge = r#"{"kind":"merge","with":"main~001865aa0029"}"#;
    let merged = post(&running, &anna, "/api/v1/devices/main~001865aa0021/decisions", merge).await;
    assert_eq!((merged.status, &merged.body["id"]), (StatusCode::OK, &"main~001865aa0029".into()));
    let shown = look(&running, &anna, DEVICE).await;
    assert_eq!(shown["items"][0]["accepted_until"], made.body["until"]);
    let revoke = format!("{path}/{}/revoke", made.body["id"].as_str().unwrap());
    assert_eq!(post(&running, &anna, &revoke, r#"{"why":"It was replaced."}"#).await.status, StatusCode::OK);
    assert_eq!(post(&running, &anna, &revoke, "{}").await.status, StatusCode::NOT_FOUND);
    assert_eq!(rows(&running, &anna).await[0]["accepted_until"], Value::Null);
    running.stop().await;
    let running = collector(folder.path()).await;
    assert!(running.app.exposure.exceptions("main").iter().next().is_none());
    running.stop().await;
}

#[tokio::test]
async fn a_tenant_sees_neither_files_nor_exposures_nor_exceptions_of_another() {
    let folder = tempfile::tempdir().unwrap();
    let running = collector(folder.path()).await;
    person(&running, "anna", "main", UserRole::Admin).await;
    person(&running, "otto", "other", UserRole::Admin).await;
    keep(&running.app.store, "main", &advisory("VEL-1", "Crate 7000", "< 2.0")).await;
    pump(&running, "main", KNOWN);
    pump(&running, "other", KNOWN);
    let (anna, otto) = (log_in(&running, "anna").await, log_in(&running, "otto").await);
    assert_eq!(look(&running, &anna, "/api/v1/exposure").await["total"], 1);
    for path in ["/api/v1/exposure", "/api/v1/exposure/summary", DEVICE] {
        assert!(!look(&running, &otto, path).await.to_string().contains("VEL-1"), "{path}");
    }
    let until = crate::api::types::Utc(now() + DAY).to_string();
    let wish =
        json!({"device": "main~001865aa0021", "advisory": "VEL-1", "why": "w", "controls": ["c"], "until": until});
    let theirs = post(&running, &otto, "/api/v1/exposure/exceptions", &wish.to_string()).await;
    assert_eq!(theirs.status, StatusCode::UNPROCESSABLE_ENTITY);
    let ours = post(&running, &anna, "/api/v1/exposure/exceptions", &wish.to_string()).await;
    let revoke = format!("/api/v1/exposure/exceptions/{}/revoke", ours.body["id"].as_str().unwrap());
    assert_eq!(post(&running, &otto, &revoke, "{}").await.status, StatusCode::NOT_FOUND);
    assert_eq!(look(&running, &anna, "/api/v1/exposure/summary").await["exceptions_total"], 1);
    running.stop().await;
}

#[tokio::test]
async fn a_file_beyond_the_room_of_a_tenant_is_not_kept_and_what_was_there_stays() {
    let folder = tempfile::tempdir().unwrap();
    let running = collector(folder.path()).await;
    let store = &running.app.store;
    keep(store, "main", &advisory("VEL-1", "Crate 7000", "< 2.0")).await;
    for id in ["VEL-1", "VEL-2"] {
        let content = advisory(id, "Crate 7000", "< 3.0");
        let about = About::Advisory(id.to_owned());
        let file = NewFile { about, name: "b.json", content: content.as_bytes(), received: now(), who: "anna" };
        assert!(!store.keep_file("main", &file, 100).await.unwrap(), "{id}");
    }
    let kept = store.files("main").await.unwrap();
    assert_eq!((kept.len(), kept[0].who.as_str()), (1, "command line"));
    running.stop().await;
}

#[tokio::test]
async fn weights_of_a_site_are_taken_and_a_fault_in_them_is_told_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let good = include_str!("../../../core/src/exposure/data/risk.toml").replace("insecure = 10", "insecure = 0");
    std::fs::write(folder.path().join("risk.toml"), &good).unwrap();
    let running = collector(folder.path()).await;
    person(&running, "anna", "main", UserRole::Soc).await;
    pump(&running, "main", KNOWN);
    let anna = log_in(&running, "anna").await;
    let parts = look(&running, &anna, DEVICE).await["risk"]["parts"].clone();
    let insecure = parts.as_array().unwrap().iter().find(|part| part["factor"] == "insecure").unwrap();
    assert_eq!((&insecure["weight"], &insecure["adds"]), (&0.into(), &0.0.into()));
    running.stop().await;
    let bad = good.replace("reach = 10", "reach = 900");
    let line = bad.lines().position(|line| line.starts_with("reach")).unwrap() + 1;
    std::fs::write(folder.path().join("risk.toml"), bad).unwrap();
    let any = "127.0.0.1:0".parse().unwrap();
    let data = Data { dir: folder.path().to_owned() };
    let refused = start(&Serve { data, listen_quic: any, listen_https: any, name: Vec::new() }).await.err().unwrap();
    assert!(refused.to_string().contains(&format!("risk.toml:{line}:1: a number of 0 to 100")), "{refused}");
}

#[tokio::test]
async fn a_file_is_fetched_from_an_address_that_this_machine_trusts_and_from_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let running = collector(folder.path()).await;
    let port = running.https.port();
    let roots = vec![running.app.authority.der().clone()];
    let ask = async |url: String, roots: Vec<rustls_pki_types::CertificateDer<'static>>, most: u64| {
        tokio::task::spawn_blocking(move || fetch::fetch(&url, &roots, most)).await.unwrap()
    };
    let file = format!("https://localhost:{port}/api/openapi.json");
    let got = ask(file.clone(), roots.clone(), 8 << 20).await.unwrap();
    assert!(serde_json::from_slice::<Value>(&got).unwrap()["openapi"].is_string());
    assert!(ask(file.clone(), roots.clone(), 1000).await.is_err(), "more than asked for was taken");
    assert!(ask(file.clone(), Vec::new(), 8 << 20).await.is_err(), "an authority that nobody trusts was trusted");
    assert!(ask(file.replace("https", "http"), roots.clone(), 8 << 20).await.is_err());
    assert!(ask(format!("https://localhost:{port}/api/v1/nothing"), roots, 8 << 20).await.is_err());
    running.stop().await;
}

#[tokio::test]
async fn a_ledger_is_kept_until_something_changed() {
    let folder = tempfile::tempdir().unwrap();
    let running = collector(folder.path()).await;
    pump(&running, "main", KNOWN);
    let first = running.app.ledger("main").await.unwrap().ledger;
    let second = running.app.ledger("main").await.unwrap().ledger;
    assert!(std::sync::Arc::ptr_eq(&first, &second));
    keep(&running.app.store, "main", &advisory("VEL-1", "Crate 7000", "< 2.0")).await;
    let third = running.app.ledger("main").await.unwrap().ledger;
    assert_eq!((second.rows().count(), third.rows().count()), (0, 1));
    let mut shelf = Shelfful::new().unwrap();
    shelf.catch_up(&running.app.store, "main").await.unwrap();
    assert_eq!(shelf.library.shelf.len(), 1);
    running.stop().await;
}
