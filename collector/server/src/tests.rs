//! The collector as a whole: real QUIC on loopback, the real database in a folder of its own, the real router.

mod api;
mod exposure;
mod inventory;
mod link;

use crate::api::types::UserRole;
use crate::app::now;
use crate::cli::{Data, Serve};
use crate::serve::{Running, start};
use crate::store::people::hash_password;
use crate::tokens::{Grant, make};
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use holter_terms::{Attribute, DeviceKey, Mac, Protocol, Severity, Visibility};
use holter_wire::enrol::{SiteData, Token};
use holter_wire::{CaptureCounters, Coverage, Devices, EvidenceRow, Finding, Party, Record, Talk, Text, Window};
use std::path::Path;
use tower::ServiceExt;

pub(super) const PASSWORD: &str = "correct horse battery";

pub(super) async fn collector(data: &Path) -> Running {
    let any = "127.0.0.1:0".parse().unwrap();
    let data = Data { dir: data.to_owned() };
    start(&Serve { data, listen_quic: any, listen_https: any, name: Vec::new() }).await.unwrap()
}

pub(super) async fn person(running: &Running, name: &str, tenant: &str, role: UserRole) {
    let phc = hash_password(PASSWORD).unwrap();
    running.app.store.add_person(name, tenant, role, &phc, now()).await.unwrap();
}

pub(super) async fn token(running: &Running) -> Token {
    let grant = Grant {
        tenant: "main".to_owned(),
        name: "Imaging B".to_owned(),
        host: running.quic.to_string(),
        hours: 1,
        site_data: SiteData::Hash,
        zones: Vec::new(),
    };
    make(&running.app.store, &running.app.authority, &grant).await.unwrap().0
}

pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: serde_json::Value,
}

pub(super) async fn ask(running: &Running, request: Request<Body>) -> Answer {
    let mut request = request;
    request.extensions_mut().insert(crate::http::Peer("192.0.2.7:5000".parse().unwrap()));
    let response = crate::http::router(running.app.clone()).oneshot(request).await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let bytes = to_bytes(response.into_body(), 8 << 20).await.unwrap();
    Answer { status, headers, body: serde_json::from_slice(&bytes).unwrap_or_default() }
}

/// A session: its cookie and its anti-forgery word.
pub(super) struct Login {
    pub(super) cookie: String,
    pub(super) csrf: String,
}

pub(super) async fn log_in(running: &Running, name: &str) -> Login {
    let body = serde_json::json!({ "user": name, "password": PASSWORD }).to_string();
    let request =
        Request::post("/api/v1/login").header("content-type", "application/json").body(Body::from(body)).unwrap();
    let answer = ask(running, request).await;
    assert_eq!(answer.status, StatusCode::OK);
    let cookie = answer.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    Login { cookie, csrf: answer.body["csrf"].as_str().unwrap().to_owned() }
}

pub(super) async fn get(running: &Running, login: &Login, path: &str) -> Answer {
    ask(running, Request::get(path).header("cookie", &login.cookie).body(Body::empty()).unwrap()).await
}

pub(super) async fn post(running: &Running, login: &Login, path: &str, body: &str) -> Answer {
    let request = Request::post(path)
        .header("cookie", &login.cookie)
        .header("x-holter-csrf", &login.csrf)
        .header("content-type", "application/json");
    ask(running, request.body(Body::from(body.to_owned())).unwrap()).await
}

pub(super) fn text(text: &str) -> Text {
    Text::new(text).unwrap()
}

pub(super) const SCANNER: DeviceKey = DeviceKey::Mac(Mac([0, 0x18, 0x65, 0xaa, 0, 0x21]));
pub(super) const ARCHIVE: DeviceKey = DeviceKey::Mac(Mac([0, 0x18, 0x65, 0xaa, 0, 0x22]));

pub(super) fn devices(name: &str) -> Record<Text> {
    let row = |attribute, value: &str, weight| EvidenceRow {
        device: SCANNER,
        attribute,
        value: text(value),
        rule: text("measured:dicom-association/test"),
        weight,
        first: now(),
        last: now(),
        count: 3,
    };
    Record::Devices(Devices {
        rows: vec![
            row(Attribute::Hostname, name, 90),
            row(Attribute::Class, "imaging", 95),
            row(Attribute::Address, "10.20.0.21", 95),
        ],
    })
}

pub(super) fn party(device: DeviceKey, ip: &str) -> Party {
    Party { device, ip: Some(ip.parse().unwrap()) }
}

pub(super) fn window() -> Record<Text> {
    Record::Window(Window {
        start: now() - 60_000_000_000,
        seconds: 60,
        capture: CaptureCounters { received: 600, frames: 600, bytes: 9000, ..CaptureCounters::default() },
        coverage: Coverage { understood: 700, encrypted: 200, unknown: 100, missed: 0 },
        protocols: Vec::new(),
        talks: vec![Talk {
            client: party(SCANNER, "10.20.0.21"),
            server: party(ARCHIVE, "10.20.0.22"),
            protocol: Protocol::Dicom,
            port: 104,
            visibility: Visibility::Clear,
            conversations: 1,
            packets: 10,
            bytes_up: 800,
            bytes_down: 200,
            first: now() - 30_000_000_000,
            last: now(),
        }],
        acts: Vec::new(),
        counters: Vec::new(),
    })
}

pub(super) fn finding() -> Record<Text> {
    Record::Finding(Finding {
        id: [7; 16],
        detection: text("dicom-find-sweep"),
        severity: Severity::High,
        first: now(),
        last: now(),
        subject: party(SCANNER, "10.20.0.21"),
        peer: Some(party(ARCHIVE, "10.20.0.22")),
        facts: Vec::new(),
        partly_blind: false,
    })
}
