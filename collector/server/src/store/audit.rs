//! The audit log: a chain in which each row's hash covers the row and the hash before it. A changed, removed or swapped
//! row breaks the chain at a row that can be named; rows cut off at the end are found by the head kept beside it.

use super::Store;
use crate::random::{sha256, to_hex};
use holter_terms::Nanos;
use sqlx::{Row, SqliteConnection};

fn hash(seq: i64, utc: i64, words: [&str; 4], previous: &[u8]) -> [u8; 32] {
    let mut bytes = Vec::with_capacity(256);
    bytes.extend_from_slice(&seq.to_be_bytes());
    bytes.extend_from_slice(&utc.to_be_bytes());
    for word in words {
        bytes.extend_from_slice(&(word.len() as u64).to_be_bytes());
        bytes.extend_from_slice(word.as_bytes());
    }
    bytes.extend_from_slice(previous);
    sha256(&bytes)
}

/// Whether the chain is whole.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Chain {
    Whole {
        rows: u64,
        head: String,
    },
    /// The first row that does not fit.
    Broken {
        seq: i64,
        why: &'static str,
    },
}

impl Store {
    pub(crate) async fn audit(
        &self,
        utc: Nanos,
        tenant: &str,
        actor: &str,
        action: &str,
        object: &str,
    ) -> sqlx::Result<()> {
        let mut tx = self.write.begin_with("BEGIN IMMEDIATE").await?;
        append(&mut tx, utc, [tenant, actor, action, object]).await?;
        tx.commit().await
    }

    pub(crate) async fn verify_audit(&self) -> sqlx::Result<Chain> {
        use futures_util::TryStreamExt;
        // One transaction, so that a row written meanwhile cannot look like a fault.
        let mut tx = self.read.begin().await?;
        let head = sqlx::query("SELECT seq, hash FROM audit_head").fetch_optional(&mut *tx).await?;
        let (mut previous, mut at): (Vec<u8>, i64) = (vec![0; 32], 0);
        {
            let mut rows = sqlx::query("SELECT * FROM audit ORDER BY seq").fetch(&mut *tx);
            while let Some(row) = rows.try_next().await? {
                let seq: i64 = row.try_get("seq")?;
                if seq != at.saturating_add(1) {
                    return Ok(Chain::Broken { seq: at.saturating_add(1), why: "the row is missing" });
                }
                let words =
                    [row.try_get("tenant")?, row.try_get("actor")?, row.try_get("action")?, row.try_get("object")?];
                let (before, stored): (Vec<u8>, Vec<u8>) = (row.try_get("prev_hash")?, row.try_get("hash")?);
                if before != previous {
                    return Ok(Chain::Broken { seq, why: "it does not continue the row before it" });
                }
                if stored != hash(seq, row.try_get("utc")?, words, &previous) {
                    return Ok(Chain::Broken { seq, why: "its content is not what was hashed" });
                }
                (previous, at) = (stored, seq);
            }
        }
        let (seq, hash): (i64, Vec<u8>) = match head {
            Some(row) => (row.try_get("seq")?, row.try_get("hash")?),
            None => (0, vec![0; 32]),
        };
        if (seq, &hash) != (at, &previous) {
            return Ok(Chain::Broken { seq: at.saturating_add(1), why: "rows at the end are missing" });
        }
        Ok(Chain::Whole { rows: at.unsigned_abs(), head: to_hex(&previous) })
    }

    /// Rows before `before`, newest first, and how many there are.
    pub(crate) async fn audit_page(
        &self,
        tenant: &str,
        before: Option<i64>,
        limit: usize,
    ) -> sqlx::Result<(u64, Vec<crate::api::types::AuditRow>)> {
        let total: i64 = sqlx::query_scalar("SELECT count(*) FROM audit WHERE tenant = ?")
            .bind(tenant)
            .fetch_one(&self.read)
            .await?;
        let rows = sqlx::query("SELECT * FROM audit WHERE tenant = ? AND seq < ? ORDER BY seq DESC LIMIT ?")
            .bind(tenant)
            .bind(before.unwrap_or(i64::MAX))
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(&self.read)
            .await?;
        let rows = rows
            .iter()
            .map(|row| {
                Ok(crate::api::types::AuditRow {
                    seq: row.try_get::<i64, _>("seq")?.unsigned_abs(),
                    at: crate::api::types::Utc(row.try_get("utc")?),
                    actor: row.try_get("actor")?,
                    action: row.try_get("action")?,
                    object: row.try_get("object")?,
                    hash: to_hex(row.try_get("hash")?),
                })
            })
            .collect::<sqlx::Result<Vec<_>>>()?;
        Ok((total.unsigned_abs(), rows))
    }
}

/// Appends a row inside of a transaction that holds the write lock.
pub(crate) async fn append(tx: &mut SqliteConnection, utc: Nanos, words: [&str; 4]) -> sqlx::Result<()> {
    let head = sqlx::query("SELECT seq, hash FROM audit_head").fetch_optional(&mut *tx).await?;
    let (seq, previous): (i64, Vec<u8>) = match head {
        Some(row) => (row.try_get::<i64, _>("seq")?.saturating_add(1), row.try_get("hash")?),
        None => (1, vec![0; 32]),
    };
    let hash = hash(seq, utc, words, &previous);
    let [tenant, actor, action, object] = words;
    sqlx::query(
        "INSERT INTO audit (seq, utc, tenant, actor, action, object, prev_hash, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(seq)
    .bind(utc)
    .bind(tenant)
    .bind(actor)
    .bind(action)
    .bind(object)
    .bind(previous)
    .bind(hash.as_slice())
    .execute(&mut *tx)
    .await?;
    sqlx::query("INSERT INTO audit_head (one, seq, hash) VALUES (1, ?, ?) ON CONFLICT (one) DO UPDATE SET seq = excluded.seq, hash = excluded.hash")
        .bind(seq).bind(hash.as_slice()).execute(&mut *tx).await.map(drop)
}
