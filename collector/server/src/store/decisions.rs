//! What people decided about devices, in the order in which they did.

use super::Store;
use anyhow::Context;
use holter_core::FaceKey;
use holter_core::decree::{Decree, Wish};
use holter_terms::Nanos;
use sqlx::Row;

impl Store {
    /// Keeps a decision and gives it its number.
    pub(crate) async fn keep_decision(
        &self,
        tenant: &str,
        (site, face): (&str, FaceKey),
        who: &str,
        at: Nanos,
        wish: &Wish,
    ) -> sqlx::Result<u64> {
        let wish = serde_json::to_string(wish).map_err(|error| sqlx::Error::Encode(error.into()))?;
        let done = sqlx::query("INSERT INTO decision (tenant, site, face, who, at, wish) VALUES (?, ?, ?, ?, ?, ?)")
            .bind(tenant)
            .bind(site)
            .bind(face.id())
            .bind(who)
            .bind(at)
            .bind(wish)
            .execute(&self.write)
            .await?;
        Ok(done.last_insert_rowid().unsigned_abs())
    }

    pub(super) async fn decisions(&self) -> anyhow::Result<Vec<(String, Decree)>> {
        let rows = sqlx::query("SELECT id, tenant, site, face, who, at, wish FROM decision ORDER BY id")
            .fetch_all(&self.read)
            .await?;
        let read = |row: &sqlx::sqlite::SqliteRow| -> anyhow::Result<(String, Decree)> {
            let id: i64 = row.try_get("id")?;
            let place = || format!("collector.db: decision {id}");
            let decree = Decree {
                id: id.unsigned_abs(),
                site: row.try_get("site")?,
                about: FaceKey::parse(row.try_get("face")?).with_context(place)?,
                who: row.try_get("who")?,
                at: row.try_get("at")?,
                wish: serde_json::from_str(row.try_get("wish")?).ok().with_context(place)?,
                undone: None,
            };
            Ok((row.try_get("tenant")?, decree))
        };
        rows.iter().map(read).collect()
    }
}
