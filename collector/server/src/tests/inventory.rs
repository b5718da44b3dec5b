use super::*;
use holter_core::{HOUR, Source};
use holter_terms::{BootId, SensorId};
use holter_wire::{Devices, EvidenceRow};

const START: holter_terms::Nanos = 1_772_409_600_000_000_000;

/// What a sensor tells of a device, as it is delivered and kept.
fn told(mac: u8, rows: &[(Attribute, &str)], at: holter_terms::Nanos) -> Record<Text> {
    let row = |(attribute, value): &(Attribute, &str)| EvidenceRow {
        device: DeviceKey::Mac(Mac([0, 0x18, 0x65, 0, 0, mac])),
        attribute: *attribute,
        value: Text::new(value).unwrap(),
        rule: Text::new("standard:dns-name/address-record").unwrap(),
        weight: 85,
        first: at,
        last: at,
        count: 5,
    };
    Record::Devices(Devices { rows: rows.iter().map(row).collect() })
}

async fn deliver(running: &Running, records: &[Record<Text>]) {
    let who = crate::store::Enrolment {
        id: SensorId([1; 16]),
        tenant: "main".to_owned(),
        site: "main".to_owned(),
        name: "icu".to_owned(),
        enrolled: 0,
        ends: i64::MAX,
        revoked: false,
        version: String::new(),
    };
    let boot = BootId([2; 16]);
    let frames: Vec<Vec<u8>> = records.iter().map(|record| holter_wire::codec::encode(record).unwrap()).collect();
    let what = crate::writer::What::Frames(frames);
    running.app.store.commit(&who, boot, holter_terms::Lane::P1, 1, &what, START).await.unwrap();
    let source = Source { site: "main".to_owned(), sensor: who.id, boot };
    for record in records {
        running.app.change("main", |estate| estate.apply(&source, record, START));
    }
}

#[tokio::test]
async fn what_people_decide_survives_a_restart_and_more_learning_and_can_be_undone() {
    let folder = tempfile::tempdir().unwrap();
    let running = collector(folder.path()).await;
    person(&running, "anna", "main", UserRole::Biomed).await;
    person(&running, "audra", "main", UserRole::Auditor).await;
    let name = |n| match n {
        1 => [(Attribute::Hostname, "ct-1.clin.example"), (Attribute::Class, "imaging")],
        _ => [(Attribute::Hostname, "ct-1-old.clin.example"), (Attribute::Class, "imaging")],
    };
    deliver(&running, &[told(1, &name(1), START), told(2, &name(2), START + HOUR)]).await;
    let anna = log_in(&running, "anna").await;
    let (one, two) = ("/api/v1/devices/main~001865000001", "/api/v1/devices/main~001865000002");
    let decide = async |running: &Running, login: &Login, device: &str, body: &str| {
        post(running, login, &format!("{device}/decisions"), body).await
    };
    let audra = log_in(&running, "audra").await;
    let refused = decide(&running, &audra, one, r#"{"kind":"note","text":"x"}"#).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    for (body, status) in [
        (r#"{"kind":"set","field":"owner","value":"Radiology"}"#, StatusCode::OK),
        (r#"{"kind":"set","field":"class","value":"therapy"}"#, StatusCode::OK),
        (r#"{"kind":"set","field":"class","value":"toaster"}"#, StatusCode::UNPROCESSABLE_ENTITY),
        (r#"{"kind":"set","field":"patient","value":"x"}"#, StatusCode::UNPROCESSABLE_ENTITY),
        (r#"{"kind":"split","face":"001865000001"}"#, StatusCode::UNPROCESSABLE_ENTITY),
        (r#"{"kind":"merge","with":"main~001865000001"}"#, StatusCode::UNPROCESSABLE_ENTITY),
        (r#"{"kind":"merge","with":"main~001865000002"}"#, StatusCode::OK),
        (r#"{"kind":"undo","decision":999}"#, StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let answer = decide(&running, &anna, one, body).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.body);
    }
    let look = async |running: &Running, login: &Login, path: &str| get(running, login, path).await.body;
    let before = look(&running, &anna, one).await;
    assert_eq!(
        (&before["owner"], &before["class"], &before["faces"]),
        (&"Radiology".into(), &"therapy".into(), &2.into())
    );
    assert_eq!(before["joins"][0]["rule"], "person");
    assert_eq!(before["decisions"].as_array().unwrap().len(), 3);
    assert_eq!(look(&running, &anna, two).await["id"], before["id"]);
    running.stop().await;

    let running = collector(folder.path()).await;
    let anna = log_in(&running, "anna").await;
    assert_eq!(look(&running, &anna, one).await, before);
    // Learning more changes what sensors hold it to be, not what people said.
    let more = told(1, &[(Attribute::Class, "office")], START + 5 * HOUR);
    let source = Source { site: "main".to_owned(), sensor: SensorId([1; 16]), boot: BootId([2; 16]) };
    running.app.change("main", |estate| estate.apply(&source, &more, START));
    assert_eq!(look(&running, &anna, one).await["class"], "therapy");
    let merge = before["joins"][0]["decision"].as_u64().unwrap();
    let undone = decide(&running, &anna, one, &format!(r#"{{"kind":"undo","decision":{merge}}}"#)).await;
    assert_eq!((undone.status, &undone.body["faces"]), (StatusCode::OK, &1.into()));
    assert_eq!(look(&running, &anna, two).await["name"], "ct-1-old.clin.example");
    running.stop().await;
}

#[tokio::test]
async fn the_past_and_what_changed_can_be_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let running = collector(folder.path()).await;
    person(&running, "anna", "main", UserRole::Network).await;
    let named = |mac, name, at| told(mac, &[(Attribute::Hostname, name)], at);
    deliver(&running, &[named(1, "ct-1", START), named(2, "us-2", START + 3 * HOUR)]).await;
    let login = log_in(&running, "anna").await;
    let count = async |path: &str, field: &str| get(&running, &login, path).await.body[field].clone();
    assert_eq!(count("/api/v1/devices", "total").await, 2);
    assert_eq!(count("/api/v1/devices?at=2026-03-02T01:00:00Z", "total").await, 1);
    assert_eq!(count("/api/v1/devices?at=2026-03-01T01:00:00Z", "total").await, 0);
    let changes = "/api/v1/changes?from=2026-03-02T01:00:00Z&to=2026-03-02T04:00:00Z";
    assert_eq!(count(changes, "appeared").await[0]["name"], "us-2");
    for (path, status) in [
        ("/api/v1/devices/main~001865000002?at=2026-03-02T01:00:00Z", StatusCode::NOT_FOUND),
        ("/api/v1/devices?at=yesterday", StatusCode::BAD_REQUEST),
        ("/api/v1/changes?from=2026-03-02T01:00:00Z&to=2026-03-02T01:00:00Z", StatusCode::BAD_REQUEST),
        ("/api/v1/changes?from=2026-03-02T01:00:00Z&within_hours=0", StatusCode::BAD_REQUEST),
        ("/api/v1/map?by=colour", StatusCode::BAD_REQUEST),
        ("/api/v1/map?by=class", StatusCode::OK),
        ("/api/v1/suggestions", StatusCode::OK),
        ("/api/v1/export?format=xml", StatusCode::BAD_REQUEST),
        ("/api/v1/export", StatusCode::BAD_REQUEST),
        ("/api/v1/export?format=csv", StatusCode::OK),
        ("/api/v1/export?format=ocsf&q=name:ct-1", StatusCode::OK),
    ] {
        assert_eq!(get(&running, &login, path).await.status, status, "{path}");
    }
    let exported = async |query: &str| get(&running, &login, &format!("/api/v1/export?{query}")).await;
    let names = |body: &serde_json::Value| -> Vec<String> {
        body.as_array().unwrap().iter().map(|device| device["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&exported("format=json").await.body), ["us-2", "ct-1"]);
    assert_eq!(names(&exported("format=json&at=2026-03-02T01:00:00Z").await.body), ["ct-1"]);
    let boxes = exported("format=cyclonedx&q=name:us-2").await;
    assert_eq!(
        (&boxes.body["bomFormat"], &boxes.body["components"][1]),
        (&"CycloneDX".into(), &serde_json::Value::Null)
    );
    assert!(boxes.headers["content-disposition"].to_str().unwrap().contains("devices.cdx.json"));
    running.stop().await;
}
