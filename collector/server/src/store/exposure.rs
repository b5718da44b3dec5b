//! Advisories and catalogues as they came, and exceptions. Of two files that say the same thing, an older release and a
//! newer one of an advisory, or two catalogues, the newer one is kept, and when the first of them came.

use super::Store;
use anyhow::Context;
use holter_core::exposure::{Exception, FileError, KEV_FILE_MAX, Taken};
use holter_terms::Nanos;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// The most bytes that the files of a tenant take in the database, compressed.
pub(crate) const STORED_MAX: i64 = 2 << 30;
const LEVEL: i32 = 9;

/// What a file is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum About {
    Advisory(String),
    Catalogue,
}

impl About {
    pub(crate) fn of(taken: &Taken) -> About {
        match taken {
            Taken::Advisory(id, _) => About::Advisory(id.clone()),
            Taken::Catalogue(_) => About::Catalogue,
        }
    }

    pub(crate) fn kind(&self) -> &'static str {
        match self {
            About::Advisory(_) => "advisory",
            About::Catalogue => "catalogue",
        }
    }

    pub(crate) fn subject(&self) -> &str {
        match self {
            About::Advisory(id) => id,
            About::Catalogue => "",
        }
    }
}

/// A file of a tenant, without what stands in it.
#[derive(Debug, Clone)]
pub(crate) struct Filed {
    pub(crate) id: i64,
    pub(crate) about: About,
    pub(crate) name: String,
    pub(crate) sha256: Vec<u8>,
    pub(crate) bytes: u64,
    pub(crate) received: Nanos,
    /// When the first file about the same thing was received.
    pub(crate) first: Nanos,
    pub(crate) who: String,
}

/// A file to be kept.
#[derive(Debug)]
pub(crate) struct NewFile<'a> {
    pub(crate) about: About,
    pub(crate) name: &'a str,
    pub(crate) content: &'a [u8],
    pub(crate) received: Nanos,
    pub(crate) who: &'a str,
}

impl Store {
    /// Keeps a file in the place of an older one about the same thing. False where all would take more than `room` bytes.
    pub(crate) async fn keep_file(&self, tenant: &str, file: &NewFile<'_>, room: i64) -> anyhow::Result<bool> {
        let packed = zstd::bulk::compress(file.content, LEVEL).context("a file cannot be compressed")?;
        let size = i64::try_from(packed.len()).unwrap_or(i64::MAX);
        let (kind, subject) = (file.about.kind(), file.about.subject());
        let mut tx = self.write.begin().await?;
        let first: Option<i64> =
            sqlx::query_scalar("SELECT first FROM advisory_file WHERE tenant = ? AND kind = ? AND subject = ?")
                .bind(tenant)
                .bind(kind)
                .bind(subject)
                .fetch_optional(&mut *tx)
                .await?;
        sqlx::query("DELETE FROM advisory_file WHERE tenant = ? AND kind = ? AND subject = ?")
            .bind(tenant)
            .bind(kind)
            .bind(subject)
            .execute(&mut *tx)
            .await?;
        let stored: i64 =
            sqlx::query_scalar("SELECT COALESCE(SUM(LENGTH(content)), 0) FROM advisory_file WHERE tenant = ?")
                .bind(tenant)
                .fetch_one(&mut *tx)
                .await?;
        if stored.saturating_add(size) > room {
            return Ok(false);
        }
        sqlx::query(
            "INSERT INTO advisory_file (tenant, kind, subject, name, sha256, bytes, received, first, who, content) \
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(tenant)
        .bind(kind)
        .bind(subject)
        .bind(file.name)
        .bind(crate::random::sha256(file.content).as_slice())
        .bind(i64::try_from(file.content.len()).unwrap_or(i64::MAX))
        .bind(file.received)
        .bind(first.unwrap_or(file.received))
        .bind(file.who)
        .bind(packed)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The number of the file that was kept last; 0 where there is none.
    pub(crate) async fn newest_file(&self, tenant: &str) -> sqlx::Result<i64> {
        sqlx::query_scalar("SELECT COALESCE(MAX(id), 0) FROM advisory_file WHERE tenant = ?")
            .bind(tenant)
            .fetch_one(&self.read)
            .await
    }

    pub(crate) async fn files(&self, tenant: &str) -> sqlx::Result<Vec<Filed>> {
        let rows = sqlx::query(
            "SELECT id, kind, subject, name, sha256, bytes, received, first, who FROM advisory_file \
            WHERE tenant = ? ORDER BY id",
        )
        .bind(tenant)
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(filed).collect()
    }

    /// Hands over every file that came after another, in the order in which they came.
    pub(crate) async fn each_file_after(
        &self,
        tenant: &str,
        after: i64,
        mut take: impl FnMut(Filed, Result<Vec<u8>, FileError>),
    ) -> sqlx::Result<()> {
        use futures_util::TryStreamExt;
        let mut rows = sqlx::query(
            "SELECT id, kind, subject, name, sha256, bytes, received, first, who, content FROM advisory_file \
            WHERE tenant = ? AND id > ? ORDER BY id",
        )
        .bind(tenant)
        .bind(after)
        .fetch(&self.read);
        while let Some(row) = rows.try_next().await? {
            let (filed, packed): (Filed, &[u8]) = (filed(&row)?, row.try_get("content")?);
            let content = zstd::bulk::decompress(packed, KEV_FILE_MAX);
            let content = content.map_err(|_| FileError {
                file: filed.name.clone(),
                line: 0,
                column: 0,
                what: "what was kept of it cannot be unpacked".to_owned(),
            });
            take(filed, content);
        }
        Ok(())
    }

    pub(crate) async fn keep_exception(&self, tenant: &str, exception: &Exception) -> sqlx::Result<()> {
        let body = serde_json::to_string(exception).map_err(|error| sqlx::Error::Encode(error.into()))?;
        sqlx::query("INSERT INTO exposure_exception (id, tenant, body) VALUES (?, ?, ?)")
            .bind(&exception.id)
            .bind(tenant)
            .bind(body)
            .execute(&self.write)
            .await
            .map(drop)
    }

    /// False where there is no such exception that holds.
    pub(crate) async fn revoke_exception(
        &self,
        tenant: &str,
        id: &str,
        (who, at): (&str, Nanos),
        why: Option<&str>,
    ) -> sqlx::Result<bool> {
        let done = sqlx::query(
            "UPDATE exposure_exception SET revoked = ?, revoked_by = ?, revoked_why = ? \
            WHERE tenant = ? AND id = ? AND revoked IS NULL",
        )
        .bind(at)
        .bind(who)
        .bind(why)
        .bind(tenant)
        .bind(id)
        .execute(&self.write)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Every exception that was not taken back, with its tenant.
    pub(crate) async fn exceptions(&self) -> anyhow::Result<Vec<(String, Exception)>> {
        let rows = sqlx::query("SELECT id, tenant, body FROM exposure_exception WHERE revoked IS NULL ORDER BY id")
            .fetch_all(&self.read)
            .await?;
        let read = |row: &SqliteRow| -> anyhow::Result<(String, Exception)> {
            let body = serde_json::from_str(row.try_get("body")?).ok();
            let place = || format!("collector.db: exception {}", row.try_get::<String, _>("id").unwrap_or_default());
            Ok((row.try_get("tenant")?, body.with_context(place)?))
        };
        rows.iter().map(read).collect()
    }
}

fn filed(row: &SqliteRow) -> sqlx::Result<Filed> {
    let kind: &str = row.try_get("kind")?;
    Ok(Filed {
        id: row.try_get("id")?,
        about: if kind == "catalogue" { About::Catalogue } else { About::Advisory(row.try_get("subject")?) },
        name: row.try_get("name")?,
        sha256: row.try_get("sha256")?,
        bytes: row.try_get::<i64, _>("bytes")?.unsigned_abs(),
        received: row.try_get("received")?,
        first: row.try_get("first")?,
        who: row.try_get("who")?,
    })
}
