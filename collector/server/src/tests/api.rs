use super::*;
use crate::store::audit::Chain;
use holter_core::{HOUR, MINUTE, Source};
use holter_terms::{BootId, SensorId};

fn fill(running: &Running, tenant: &str, name: &str) {
    let source = Source { site: "main".to_owned(), sensor: SensorId([1; 16]), boot: BootId([2; 16]) };
    running.app.change(tenant, |estate| {
        for record in [devices(name), window(), finding()] {
            estate.apply(&source, &record, now());
        }
    });
}

#[tokio::test]
async fn pages_show_what_was_delivered() {
    let folder = tempfile::tempdir().unwrap();
    let running = collector(folder.path()).await;
    person(&running, "anna", "main", UserRole::Soc).await;
    fill(&running, "main", "ct-2");
    let login = log_in(&running, "anna").await;
    let list = get(&running, &login, "/api/v1/devices?q=class:imaging%20address:10.20.0.0/24%20devise:x").await;
    assert_eq!((list.status, &list.body["matched"]), (StatusCode::OK, &1.into()));
    assert_eq!(list.body["query"]["terms"][2]["nearest"], "device:x");
    let id = list.body["items"][0]["id"].as_str().unwrap();
    let device = get(&running, &login, &format!("/api/v1/devices/{id}")).await.body;
    assert_eq!(device["name"], "ct-2");
    assert_eq!(device["peer_rows"][0]["bytes_sent"], 800);
    assert_eq!(device["findings"][0]["severity"], "high");
    let finding = "/api/v1/findings/07070707070707070707070707070707";
    let moved = post(&running, &login, &format!("{finding}/state"), r#"{"state":"closed","note":"a test"}"#).await;
    assert_eq!((moved.status, &moved.body["moves"][0]["who"]), (StatusCode::OK, &"anna".into()));
    assert_eq!(get(&running, &login, "/api/v1/findings?state=open").await.body["matched"], 0);
    assert_eq!(get(&running, &login, "/api/v1/today").await.body["findings_open"], 0);
    assert_eq!(get(&running, &login, "/api/v1/devices?limit=1000000000").await.status, StatusCode::OK);
    running.stop().await;
}

#[tokio::test]
async fn a_change_needs_the_word_of_its_session_and_comes_from_our_page() {
    let folder = tempfile::tempdir().unwrap();
    let running = collector(folder.path()).await;
    person(&running, "anna", "main", UserRole::Soc).await;
    fill(&running, "main", "ct-2");
    let login = log_in(&running, "anna").await;
    let path = "/api/v1/findings/07070707070707070707070707070707/state";
    let build = |headers: &[(&str, &str)]| {
        let mut request = Request::post(path).header("cookie", &login.cookie).header("host", "collector:8443");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(Body::from(r#"{"state":"closed"}"#)).unwrap()
    };
    let json = ("content-type", "application/json");
    for refused in [
        build(&[json]),
        build(&[json, ("x-holter-csrf", "0123456789abcdef0123456789abcdef")]),
        build(&[json, ("x-holter-csrf", &login.csrf), ("sec-fetch-site", "cross-site")]),
        build(&[json, ("x-holter-csrf", &login.csrf), ("origin", "https://evil.example")]),
    ] {
        assert_eq!(ask(&running, refused).await.status, StatusCode::FORBIDDEN);
    }
    let plain = build(&[("content-type", "text/plain"), ("x-holter-csrf", &login.csrf)]);
    assert_eq!(ask(&running, plain).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let unasked = post(&running, &login, path, r#"{"state":"closed","tenant":"other"}"#).await;
    assert_eq!(unasked.status, StatusCode::UNPROCESSABLE_ENTITY);
    let large = post(&running, &login, path, &format!("{{\"note\":\"{}\"}}", "a".repeat(2 << 20))).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
    let deep = post(&running, &login, path, &"[".repeat(100_000)).await;
    assert_eq!(deep.status, StatusCode::UNPROCESSABLE_ENTITY);
    let good = build(&[
        json,
        ("x-holter-csrf", &login.csrf),
        ("sec-fetch-site", "same-origin"),
        ("origin", "https://collector:8443"),
    ]);
    assert_eq!(ask(&running, good).await.status, StatusCode::OK);
    running.stop().await;
}

#[tokio::test]
async fn a_session_is_fresh_at_login_and_ends_when_idle_when_old_and_at_logout() {
    let folder = tempfile::tempdir().unwrap();
    let running = collector(folder.path()).await;
    person(&running, "anna", "main", UserRole::Soc).await;
    let first = log_in(&running, "anna").await;
    let second = log_in(&running, "anna").await;
    assert_ne!(first.cookie, second.cookie);
    let planted = Login { cookie: format!("__Host-holter={}", "a".repeat(64)), csrf: String::new() };
    assert_eq!(get(&running, &planted, "/api/v1/session").await.status, StatusCode::UNAUTHORIZED);
    let age = async |column: &str, by: i64| {
        let sql = format!("UPDATE session SET {column} = {column} - ?");
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(by).execute(&running.app.store.write).await.unwrap();
    };
    age("used", 14 * MINUTE).await;
    assert_eq!(get(&running, &first, "/api/v1/session").await.status, StatusCode::OK);
    age("used", 16 * MINUTE).await;
    assert_eq!(get(&running, &first, "/api/v1/session").await.status, StatusCode::UNAUTHORIZED);
    let third = log_in(&running, "anna").await;
    age("made", 13 * HOUR).await;
    assert_eq!(get(&running, &third, "/api/v1/session").await.status, StatusCode::UNAUTHORIZED);
    let fourth = log_in(&running, "anna").await;
    assert_eq!(post(&running, &fourth, "/api/v1/logout", "").await.status, StatusCode::NO_CONTENT);
    assert_eq!(get(&running, &fourth, "/api/v1/session").await.status, StatusCode::UNAUTHORIZED);
    running.stop().await;
}

#[tokio::test]
async fn no_route_shows_one_tenant_what_another_has() {
    let folder = tempfile::tempdir().unwrap();
    let running = collector(folder.path()).await;
    person(&running, "anna", "main", UserRole::Admin).await;
    person(&running, "otto", "other", UserRole::Admin).await;
    fill(&running, "main", "secret-scanner");
    sqlx::query("INSERT INTO sensor (id, tenant, site, name, enrolled, certificate_ends, spki, version) VALUES ('01010101010101010101010101010101', 'main', 'main', 'secret-scanner', 1, 2, x'00', '')")
        .execute(&running.app.store.write).await.unwrap();
    let anna = log_in(&running, "anna").await;
    let otto = log_in(&running, "otto").await;
    let wish = serde_json::json!({ "maker": "Velmora", "product": "Crate", "cve": "CVE-2026-0001", "why": "secret-scanner",
        "controls": ["secret-scanner"], "until": crate::api::types::Utc(now() + HOUR).to_string() });
    super::exposure::keep(&running.app.store, "main", &super::exposure::advisory("VEL-1", "secret-scanner", "1.0"))
        .await;
    let made = post(&running, &anna, "/api/v1/exposure/exceptions", &wish.to_string()).await;
    let ids = [
        ("exposure", made.body["id"].as_str().unwrap()),
        ("devices", "main~001865aa0021"),
        ("findings", "07070707070707070707070707070707"),
        ("sensors", "01010101010101010101010101010101"),
    ];
    for permission in crate::api::guard::PERMISSIONS {
        if matches!(permission.operation, "stream" | "login" | "logout" | "metrics") {
            continue;
        }
        let kind = permission.path.trim_start_matches("/api/v1/").split('/').next().unwrap();
        let id = ids.iter().find(|(name, _)| *name == kind).map_or("", |(_, id)| id);
        let path = permission.path.replace("{id}", id);
        let body = match permission.operation {
            "set_finding_state" => r#"{"state":"closed"}"#,
            "decide" => r#"{"kind":"tag","tag":"seen","on":true}"#,
            "make_exception" => &wish.to_string(),
            _ => "{}",
        };
        let ask = async |login: &Login| match permission.method.as_str() {
            "GET" => get(&running, login, &path).await,
            _ => post(&running, login, &path, body).await,
        };
        let theirs = ask(&otto).await;
        let shown = theirs.body.to_string();
        // Their own audit rows repeat the ids that they asked for themselves.
        let asked = permission.operation == "audit";
        assert!(!shown.contains("secret-scanner") && (asked || !shown.contains("001865aa0021")), "{path}: {shown}");
        if permission.path.contains("{id}") {
            assert_eq!(theirs.status, StatusCode::NOT_FOUND, "{path}");
            assert_eq!(ask(&anna).await.status, StatusCode::OK, "{path}");
        }
    }
    running.stop().await;
}

#[tokio::test]
async fn every_route_but_the_open_ones_wants_a_session_and_a_role() {
    let folder = tempfile::tempdir().unwrap();
    let running = collector(folder.path()).await;
    person(&running, "ada", "main", UserRole::Auditor).await;
    let ada = log_in(&running, "ada").await;
    let nobody = Login { cookie: String::new(), csrf: String::new() };
    for permission in crate::api::guard::PERMISSIONS {
        let open = matches!(permission.rule, crate::api::guard::Rule::Open);
        let path = permission.path.replace("{id}", "x");
        let status = match permission.method.as_str() {
            "GET" => get(&running, &nobody, &path).await.status,
            _ => post(&running, &nobody, &path, "{}").await.status,
        };
        assert_eq!(status == StatusCode::UNAUTHORIZED, !open, "{path}: {status}");
    }
    for path in ["/api/v1/enrolment-tokens", "/api/v1/sensors/x/revoke", "/api/v1/findings/x/state"] {
        assert_eq!(post(&running, &ada, path, "{}").await.status, StatusCode::FORBIDDEN, "{path}");
    }
    running.stop().await;
}

#[tokio::test]
async fn hostile_words_are_data() {
    let folder = tempfile::tempdir().unwrap();
    let running = collector(folder.path()).await;
    person(&running, "anna", "main", UserRole::Soc).await;
    fill(&running, "main", "x'); DROP TABLE frame;--");
    let login = log_in(&running, "anna").await;
    for q in [
        "'%3B%20DROP%20TABLE%20person%3B--",
        "%00",
        "name:%22'%20OR%201%3D1%22",
        "%28%28%28%28%28%28a",
        "a:b:c,,,",
        "-",
        "%22",
        "sort:",
        "address:1/999",
        "last:99999999999999999999w",
    ] {
        let answer = get(&running, &login, &format!("/api/v1/devices?q={q}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{q}");
    }
    for path in [
        "/api/v1/devices/..%2f..%2fca.key",
        "/api/v1/devices/%00",
        "/api/v1/findings/'%20OR%201=1",
        "/api/v1/sensors/%F0%9F%92%A9",
        "/../ca.key",
        "/api/v1/nothing",
        "/assets/../../ca.key",
    ] {
        assert_eq!(get(&running, &login, path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    for path in [
        "/api/v1/devices?limit=-1",
        "/api/v1/devices?limit=x",
        "/api/v1/devices?cursor=-1",
        "/api/v1/devices?tenant=other",
    ] {
        assert_eq!(get(&running, &login, path).await.status, StatusCode::BAD_REQUEST, "{path}");
    }
    assert_eq!(get(&running, &login, "/api/v1/devices").await.status, StatusCode::OK);
    running.stop().await;
}

#[tokio::test]
async fn guesses_are_limited_and_look_the_same_for_known_and_unknown_names() {
    let folder = tempfile::tempdir().unwrap();
    let running = collector(folder.path()).await;
    person(&running, "anna", "main", UserRole::Soc).await;
    let guess = |name: &str| {
        let body = serde_json::json!({ "user": name, "password": "wrong" }).to_string();
        Request::post("/api/v1/login").header("content-type", "application/json").body(Body::from(body)).unwrap()
    };
    let known = ask(&running, guess("anna")).await;
    let unknown = ask(&running, guess("nobody")).await;
    assert_eq!((known.status, &known.body["error"]), (unknown.status, &unknown.body["error"]));
    let mut statuses = Vec::new();
    for _ in 0..9 {
        statuses.push(ask(&running, guess("anna")).await.status);
    }
    assert_eq!(statuses.last(), Some(&StatusCode::TOO_MANY_REQUESTS));
    running.stop().await;
}

#[tokio::test]
async fn a_changed_removed_or_cut_audit_row_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let running = collector(folder.path()).await;
    let store = &running.app.store;
    for n in 0..6 {
        store.audit(n, "main", "anna", "device", "x").await.unwrap();
    }
    assert!(matches!(store.verify_audit().await.unwrap(), Chain::Whole { rows: 6, .. }));
    let tamper = async |sql: &'static str, undo: &'static str, at: i64| {
        sqlx::query(sql).execute(&store.write).await.unwrap();
        assert!(matches!(store.verify_audit().await.unwrap(), Chain::Broken { seq, .. } if seq == at), "{sql}");
        sqlx::query(undo).execute(&store.write).await.unwrap();
    };
    tamper("UPDATE audit SET actor = 'otto' WHERE seq = 3", "UPDATE audit SET actor = 'anna' WHERE seq = 3", 3).await;
    tamper("UPDATE audit SET utc = 9 WHERE seq = 4", "UPDATE audit SET utc = 3 WHERE seq = 4", 4).await;
    tamper("UPDATE audit SET hash = x'00' WHERE seq = 2", "SELECT 1", 2).await;
    sqlx::query("DELETE FROM audit WHERE seq >= 2").execute(&store.write).await.unwrap();
    assert!(matches!(store.verify_audit().await.unwrap(), Chain::Broken { seq: 2, .. }));
    running.stop().await;
}

#[tokio::test]
async fn every_view_is_written_down_before_it_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let running = collector(folder.path()).await;
    person(&running, "anna", "main", UserRole::Auditor).await;
    let login = log_in(&running, "anna").await;
    get(&running, &login, "/api/v1/devices").await;
    let page = get(&running, &login, "/api/v1/audit").await.body;
    let actions: Vec<&str> =
        page["items"].as_array().unwrap().iter().map(|row| row["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["audit", "devices", "login"]);
    sqlx::query("DROP TABLE audit").execute(&running.app.store.write).await.unwrap();
    let refused = get(&running, &login, "/api/v1/devices").await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.headers["retry-after"], "5");
    running.stop().await;
}

#[tokio::test]
async fn leafing_through_the_past_shows_what_judging_all_of_it_shows() {
    let folder = tempfile::tempdir().unwrap();
    let running = collector(folder.path()).await;
    person(&running, "anna", "main", UserRole::Soc).await;
    let begin = now() - 40 * HOUR;
    let source = |byte| Source { site: "north".to_owned(), sensor: SensorId([byte; 16]), boot: BootId([byte; 16]) };
    running.app.change("main", |estate| {
        // Twelve machines, heard by one or two sensors, every few hours, some no more after a while.
        for step in 0..36u8 {
            for n in (0..12u8).filter(|n| step % (n + 1) == 0 && step < 20 + n) {
                let at = begin + i64::from(step) * HOUR + i64::from(n) * 7;
                let row = EvidenceRow {
                    device: DeviceKey::Mac(Mac([0, 0x18, 0x65, 0, 0, n])),
                    attribute: Attribute::Hostname,
                    value: text(&format!("host-{n}")),
                    rule: text("measured:dhcp-request/hostname"),
                    weight: 90,
                    first: at,
                    last: at,
                    count: 1,
                };
                estate.apply(&source(1 + step % (1 + n % 2)), &Record::Devices(Devices { rows: vec![row] }), at);
            }
        }
    });
    let login = log_in(&running, "anna").await;
    for hours in [0i64, 1, 5, 17, 30, 39] {
        let at = crate::api::types::Utc(begin + hours * HOUR + 50);
        for order in ["desc", "asc"] {
            let list = |more: &str| format!("/api/v1/devices?at={at}&limit=5&{more}");
            // A `sort:` in the filter takes the long way.
            let quick = get(&running, &login, &list(&format!("sort=last-{order}"))).await;
            let whole = get(&running, &login, &list(&format!("q=sort:last-{order}"))).await;
            assert_eq!(quick.status, StatusCode::OK);
            for member in ["items", "total", "matched", "truncated", "next_cursor"] {
                assert_eq!(quick.body[member], whole.body[member], "{member}, {hours} hours, {order}");
            }
            assert!(!quick.body["items"].as_array().unwrap().is_empty());
            let second = get(&running, &login, &list(&format!("sort=last-{order}&cursor=5"))).await;
            let whole = get(&running, &login, &list(&format!("q=sort:last-{order}&cursor=5"))).await;
            assert_eq!(second.body["items"], whole.body["items"]);
        }
    }
    running.stop().await;
}
