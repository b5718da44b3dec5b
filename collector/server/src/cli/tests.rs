//! The commands on a store of their own, and a NetBox on loopback.

use super::{Cli, Command, Refused};
use crate::store::{Enrolment, SITE, Store, TENANT};
use crate::writer::What;
use axum::Router;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use clap::Parser;
use holter_core::{DAY, HOUR};
use holter_terms::{Attribute, BootId, DeviceKey, Lane, Mac, Nanos, SensorId};
use holter_wire::{Devices, EvidenceRow, Record, Text};
use std::path::Path;

/// Two days ago, on the hour.
fn then() -> Nanos {
    let now = crate::app::now();
    now - now.rem_euclid(HOUR) - 2 * DAY
}

fn row(n: u8, attribute: Attribute, value: &str, at: Nanos) -> EvidenceRow<Text> {
    EvidenceRow {
        device: DeviceKey::Mac(Mac([0, 1, 0, 0, 0, n])),
        attribute,
        value: Text::new(value).unwrap(),
        rule: Text::new("measured:test/rule").unwrap(),
        weight: 90,
        first: at,
        last: at,
        count: 9,
    }
}

/// A scanner, seen, and a pump, seen a day later.
async fn data(folder: &Path) {
    let store = Store::open(folder).await.unwrap();
    let who = Enrolment {
        id: SensorId([1; 16]),
        tenant: TENANT.to_owned(),
        site: SITE.to_owned(),
        name: "a".to_owned(),
        enrolled: 0,
        ends: i64::MAX,
        revoked: false,
        version: String::new(),
    };
    let devices = |rows| holter_wire::codec::encode(&Record::Devices(Devices { rows })).unwrap();
    let frames = vec![
        devices(vec![
            row(1, Attribute::Class, "imaging", then()),
            row(1, Attribute::Maker, "Velmora", then()),
            row(1, Attribute::Model, "Cantor 7", then()),
            row(1, Attribute::Address, "10.20.0.11", then()),
            row(1, Attribute::Hostname, "ct1", then()),
        ]),
        devices(vec![
            row(3, Attribute::Class, "therapy", then() + DAY),
            row(3, Attribute::Address, "10.20.0.13", then() + DAY),
        ]),
    ];
    store.commit(&who, BootId([1; 16]), Lane::P1, 1, &What::Frames(frames), then()).await.unwrap();
}

async fn run(folder: &Path, args: &[&str]) -> anyhow::Result<String> {
    let data = folder.to_str().unwrap();
    let (sub, rest) = match args.split_first() {
        Some((sub @ (&"reconcile" | &"slots"), rest)) => (Some(*sub), rest),
        _ => (None, args),
    };
    let all =
        ["holter-collector", "inventory"].into_iter().chain(sub).chain(["--data", data]).chain(rest.iter().copied());
    let Command::Inventory(options) = Cli::try_parse_from(all)?.command else { panic!("another command") };
    let mut out = Vec::new();
    super::inventory::run(options, &mut out).await?;
    Ok(String::from_utf8(out).unwrap())
}

#[tokio::test]
async fn every_format_tells_of_the_devices_that_the_filter_leaves() {
    let folder = tempfile::tempdir().unwrap();
    data(folder.path()).await;
    for (format, lines) in [("table", 2), ("json", 3), ("csv", 2), ("ocsf", 1), ("cyclonedx", 3)] {
        let text = run(folder.path(), &["--format", format, "--filter", "class:imaging"]).await.unwrap();
        assert_eq!(text.lines().count(), lines, "{format}: {text}");
        assert!(text.contains("main~000100000001") && !text.contains("main~000100000003"), "{format}");
        // Words without an option are a filter, too.
        let words = run(folder.path(), &["--format", format, "class:imaging"]).await.unwrap();
        assert!(words.lines().count() == lines && !words.contains("main~000100000003"), "{format}");
    }
    let both = run(folder.path(), &[]).await.unwrap();
    assert_eq!(both.lines().count(), 3);
}

#[tokio::test]
async fn as_of_a_time_only_what_had_been_seen_is_there() {
    let folder = tempfile::tempdir().unwrap();
    data(folder.path()).await;
    let at = holter_core::export::time(then() + HOUR);
    let text = run(folder.path(), &["--at", &at, "--format", "csv"]).await.unwrap();
    assert_eq!(text.lines().count(), 2);
    let error = run(folder.path(), &["--at", "yesterday"]).await.unwrap_err();
    assert!(error.downcast_ref::<Refused>().is_some());
}

#[tokio::test]
async fn a_list_is_compared_and_a_wrong_one_is_refused_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    data(folder.path()).await;
    let list = folder.path().join("assets.csv");
    std::fs::write(
        &list,
        "Asset Tag,MAC Address,IP,Location\n7,00:01:00:00:00:01,10.20.0.99,R1\n8,02:00:00:00:00:07,10.20.0.7,\n",
    )
    .unwrap();
    let list = list.to_str().unwrap();
    let text = run(folder.path(), &["reconcile", "--cmms", list, "--format", "json"]).await.unwrap();
    let rows: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    let told: Vec<_> = rows.iter().map(|row| (row["outcome"].as_str().unwrap(), row["reason"].as_str())).collect();
    assert_eq!(told, [("seen", None), ("unseen", Some("absent")), ("unlisted", None)]);
    assert_eq!(rows[0]["differences"][0]["seen"], "10.20.0.11");
    assert_eq!(rows[0]["row"], "assets.csv:2");
    let map = folder.path().join("map.toml");
    std::fs::write(&map, "[columns]\nserials = \"x\"\n").unwrap();
    let error =
        run(folder.path(), &["reconcile", "--cmms", list, "--columns", map.to_str().unwrap()]).await.unwrap_err();
    assert!(error.downcast_ref::<Refused>().is_some() && error.to_string().starts_with("map.toml:2:1"), "{error}");
    // One of the three, and not two.
    assert!(run(folder.path(), &["reconcile"]).await.is_err());
    assert!(run(folder.path(), &["reconcile", "--cmms", list, "--mds2", list]).await.is_err());
}

#[tokio::test]
async fn worksheets_tell_of_the_devices_of_their_models() {
    let folder = tempfile::tempdir().unwrap();
    data(folder.path()).await;
    let sheet = concat!(env!("CARGO_MANIFEST_DIR"), "/../core/tests/samples/mds2-2019.xlsx");
    let text = run(folder.path(), &["reconcile", "--format", "json", "--mds2", sheet]).await.unwrap();
    let rows: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    let remote = rows.iter().find(|row| row["topic"] == "remote-service").unwrap();
    assert_eq!((&remote["value"], &remote["devices"][0]), (&"yes".into(), &"main~000100000001".into()));
}

#[tokio::test]
async fn no_slot_is_told_without_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    data(folder.path()).await;
    let text = run(folder.path(), &["slots", "--format", "json"]).await.unwrap();
    let rows: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    assert_eq!(rows.len(), 2);
    for row in &rows {
        assert!(row["slot"].is_null());
        let why = if row["class"] == "therapy" { "alive" } else { "0 of the 2 weeks" };
        assert!(row["reason"].as_str().unwrap().contains(why), "{row}");
    }
    assert!(run(folder.path(), &["slots", "--minutes", "0"]).await.is_err());
}

const PAGES: &str = include_str!("../../../core/tests/samples/netbox.json");

async fn netbox(uri: Uri, headers: HeaderMap) -> (StatusCode, HeaderMap, String) {
    let mut answer = HeaderMap::new();
    match headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()) {
        Some("Token secret") => {}
        Some("Token elsewhere") => {
            answer.insert(header::LOCATION, "http://127.0.0.1:9/".parse().unwrap());
            return (StatusCode::FOUND, answer, String::new());
        }
        _ => return (StatusCode::FORBIDDEN, answer, String::new()),
    }
    let pages: serde_json::Value = serde_json::from_str(PAGES).unwrap();
    match pages.get(uri.to_string().trim_start_matches("/netbox")) {
        Some(page) => (StatusCode::OK, answer, page.to_string()),
        None => (StatusCode::NOT_FOUND, answer, String::new()),
    }
}

#[tokio::test]
async fn a_netbox_is_read_with_its_token_and_nothing_else_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    data(folder.path()).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/netbox/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(netbox)).await });
    let token = folder.path().join("token");
    let ask = async |word: &str, url: &str| {
        std::fs::write(&token, format!("{word}\n")).unwrap();
        let args = ["reconcile", "--netbox", url, "--token-file", token.to_str().unwrap(), "--format", "json"];
        run(folder.path(), &args).await
    };
    let rows: Vec<serde_json::Value> = serde_json::from_str(&ask("secret", &url).await.unwrap()).unwrap();
    let told: Vec<_> = rows.iter().map(|row| (row["row"].as_str(), row["outcome"].as_str().unwrap())).collect();
    assert_eq!(
        told,
        [
            (Some("netbox device 7"), "seen"),
            (Some("netbox device 8"), "seen"),
            (Some("netbox virtual machine 1"), "unseen"),
        ]
    );
    for (word, url, said) in [
        ("wrong", url.as_str(), "refuses the token"),
        ("elsewhere", url.as_str(), "sends elsewhere"),
        ("secret", "http://192.0.2.1", "readable on the way"),
        ("secret", "https://name@netbox.example", "without a name"),
        ("two words", url.as_str(), "no token"),
    ] {
        let error = format!("{:#}", ask(word, url).await.unwrap_err());
        assert!(error.contains(said) && !error.contains("secret"), "{error}");
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_gets_no_token() {
    let folder = tempfile::tempdir().unwrap();
    data(folder.path()).await;
    // The collector's own listener: TLS from an authority that no system trusts, and one that it is told to trust.
    let running = crate::tests::collector(folder.path()).await;
    let token = folder.path().join("token");
    std::fs::write(&token, "secret").unwrap();
    let url = format!("https://127.0.0.1:{}", running.https.port());
    let other = folder.path().join("other.pem");
    let made = rcgen::generate_simple_self_signed(vec!["x".to_owned()]).unwrap();
    std::fs::write(&other, made.cert.pem()).unwrap();
    for (ca, said) in [("ca.pem", "netbox: /api/dcim/devices/"), ("other.pem", "is not trusted")] {
        let ca = folder.path().join(ca);
        let (token, ca) = (token.to_str().unwrap(), ca.to_str().unwrap());
        let all = ["reconcile", "--netbox", &url, "--token-file", token, "--ca", ca];
        let error = format!("{:#}", run(folder.path(), &all).await.unwrap_err());
        // With the right authority it is asked, and is no NetBox.
        assert!(error.contains(said) && error.contains("trusted") == (said == "is not trusted"), "{error}");
    }
    drop(running);
}
