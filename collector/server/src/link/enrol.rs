use super::{HANDSHAKE, REFUSED, read};
use crate::app::{App, count, now, source};
use crate::random;
use holter_core::{DAY, MINUTE};
use holter_terms::SensorId;
use holter_wire::enrol::{Answer, DER_MAX, Enrolled, Request, SiteConfig};
use quinn::Connection;
use sqlx::Row;
use std::sync::Arc;
use tokio::time::timeout;

/// Tries from one address in a minute.
const TRIES: u32 = 5;
/// The same token with the same key gets the same answer for so long: a sensor that was killed may ask again.
const AGAIN: i64 = 10 * MINUTE;

pub(super) async fn serve(app: Arc<App>, connection: Connection) {
    let from = source(connection.remote_address().ip());
    let answer = timeout(HANDSHAKE * 2, async {
        let (mut send, mut receive) = connection.accept_bi().await?;
        let request =
            read::<Request>(&mut receive, DER_MAX + 256).await?.ok_or_else(|| anyhow::anyhow!("no request"))?;
        let outcome =
            if app.allow("enrol", &from, TRIES, MINUTE) { enrol(&app, &request).await } else { Err("too many tries") };
        let (answer, what) = match outcome {
            Ok(enrolled) => (Answer::Enrolled(Box::new(enrolled)), "enrolled"),
            Err(why) => (Answer::Refused, why),
        };
        match &answer {
            Answer::Enrolled(enrolled) => {
                count(&app.counters.enrolments);
                tracing::info!(sensor = %enrolled.sensor, "enrolled");
                app.tell(&enrolled.site.tenant, "sensor", enrolled.sensor.to_string());
            }
            Answer::Refused => count(&app.counters.enrolments_refused),
        }
        app.store.audit(now(), crate::store::TENANT, &format!("address {from}"), "enrol", what).await?;
        send.write_all(&holter_wire::link::message(&answer)?).await?;
        send.finish()?;
        let _ = send.stopped().await;
        anyhow::Ok(())
    })
    .await;
    if !matches!(answer, Ok(Ok(()))) {
        connection.close(REFUSED, b"enrolment");
    }
}

/// Spends the token and makes the certificate in one transaction. The error is for the audit log only.
async fn enrol(app: &App, request: &Request) -> Result<Enrolled, &'static str> {
    let store = |_| "the store failed";
    let now = now();
    if request.csr.len() > DER_MAX {
        return Err("the certificate request is too long");
    }
    let sensor = SensorId(random::bytes());
    let certificate =
        app.authority.sensor(&request.csr, sensor).map_err(|_| "the certificate request cannot be used")?;
    let spki = crate::pki::spki(&certificate).map_err(|_| "the certificate request cannot be used")?;
    let hash = random::sha256(&request.secret);
    let row = sqlx::query("SELECT tenant, site FROM token WHERE hash = ?")
        .bind(hash.as_slice())
        .fetch_optional(&app.store.read)
        .await
        .map_err(store)?;
    let row = row.ok_or("no such token")?;
    let (tenant, site): (String, String) = (row.try_get("tenant").map_err(store)?, row.try_get("site").map_err(store)?);
    let names_key = app.store.names_key(&tenant, &site).await.map_err(store)?;

    let mut tx = app.store.write.begin_with("BEGIN IMMEDIATE").await.map_err(store)?;
    let row = sqlx::query("SELECT * FROM token WHERE hash = ?")
        .bind(hash.as_slice())
        .fetch_one(&mut *tx)
        .await
        .map_err(store)?;
    if let Some(used) = row.try_get::<Option<i64>, _>("used").map_err(store)? {
        let same: Option<Vec<u8>> = row.try_get("spki").map_err(store)?;
        let answer: Option<Vec<u8>> = row.try_get("answer").map_err(store)?;
        return match (same == Some(spki), now.saturating_sub(used) <= AGAIN, answer) {
            (true, true, Some(answer)) => {
                holter_wire::link::read_message(&answer).map_err(|_| "the kept answer cannot be read")
            }
            (true, false, _) => Err("token used before, by the same key, too long ago"),
            _ => Err("token used before, by another key"),
        };
    }
    if now > row.try_get::<i64, _>("ends").map_err(store)? {
        return Err("token has ended");
    }
    let parse = |name: &str| row.try_get::<String, _>(name).map_err(store);
    let enrolled = Enrolled {
        sensor,
        certificate,
        authority: app.authority.der().to_vec(),
        site: SiteConfig {
            tenant: tenant.clone(),
            site: site.clone(),
            names_key,
            site_data: serde_json::from_str(&parse("site_data")?).map_err(|_| "the token cannot be read")?,
            zones: serde_json::from_str(&parse("zones")?).map_err(|_| "the token cannot be read")?,
        },
    };
    let message = holter_wire::link::message(&enrolled).map_err(|_| "the answer cannot be written")?;
    let kept = message.get(4..).unwrap_or_default();
    sqlx::query("UPDATE token SET used = ?, spki = ?, answer = ? WHERE hash = ? AND used IS NULL")
        .bind(now)
        .bind(&spki)
        .bind(kept)
        .bind(hash.as_slice())
        .execute(&mut *tx)
        .await
        .map_err(store)?;
    sqlx::query("INSERT INTO sensor (id, tenant, site, name, enrolled, certificate_ends, spki, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(sensor.to_string()).bind(&tenant).bind(&site).bind(parse("name")?).bind(now)
        .bind(now.saturating_add(crate::pki::SENSOR_DAYS * DAY)).bind(&spki)
        .bind(request.version.map(|part| part.to_string()).join("."))
        .execute(&mut *tx).await.map_err(|_| "this key is enrolled already")?;
    tx.commit().await.map_err(store)?;
    Ok(enrolled)
}
