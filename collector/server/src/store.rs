//! The embedded database: SQLite with a write-ahead log, synced at every commit, one writer.
//!
//! Frames are kept as they came. What the collector knows is a fold over them (see `holter_core`), made anew at start,
//! so a better rule judges the past too, and no folded table can disagree with what was delivered.

pub(crate) mod audit;
pub(crate) mod decisions;
pub(crate) mod exposure;
pub(crate) mod ingest;
pub(crate) mod people;

use anyhow::Context;
use holter_core::{Estate, Move, Source, Standing};
use holter_terms::{BootId, Nanos, SensorId};
use sqlx::Row;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use std::collections::BTreeMap;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::time::Duration;

pub(crate) const TENANT: &str = "main";
pub(crate) const SITE: &str = "main";

#[derive(Debug, Clone)]
pub(crate) struct Store {
    pub(crate) read: SqlitePool,
    /// One connection: whoever writes waits for it.
    pub(crate) write: SqlitePool,
}

impl Store {
    /// Opens the database in the data folder, makes both if they are not there, and checks that commits will be synced.
    pub(crate) async fn open(data: &Path) -> anyhow::Result<Store> {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(data)
            .with_context(|| format!("{}: cannot be made", data.display()))?;
        // Two programs may meet a new folder at once; the second waits until the first has made what is in it.
        let _alone = alone(data)?;
        let file = data.join("collector.db");
        let options = SqliteConnectOptions::new()
            .filename(&file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5));
        let pool = |connections: u32| {
            SqlitePoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(Duration::from_secs(5))
                .connect_with(options.clone())
        };
        let write = pool(1).await.with_context(|| format!("{}: cannot be opened", file.display()))?;
        sqlx::migrate!("./migrations")
            .run(&write)
            .await
            .with_context(|| format!("{}: cannot be brought to this version", file.display()))?;
        let journal: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&write).await?;
        let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous").fetch_one(&write).await?;
        anyhow::ensure!(
            journal == "wal" && synchronous == 2,
            "{}: SQLite does not sync its commits (journal {journal}, synchronous {synchronous})",
            file.display()
        );
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600))?;
        Ok(Store { read: pool(4).await?, write })
    }

    /// Folds every frame and every move into estates, by tenant.
    pub(crate) async fn estates(&self) -> anyhow::Result<BTreeMap<String, Estate>> {
        use futures_util::TryStreamExt;
        let mut estates: BTreeMap<String, Estate> = BTreeMap::new();
        for (tenant, decree) in self.decisions().await? {
            if let Err(error) = estates.entry(tenant).or_default().decree(decree) {
                tracing::warn!(error, "a decision that was kept is not taken");
            }
        }
        let mut rows = sqlx::query(
            "SELECT tenant, site, sensor, boot, received, payload FROM frame WHERE fault IS NULL ORDER BY id",
        )
        .fetch(&self.read);
        while let Some(row) = rows.try_next().await? {
            let (Some(sensor), Some(boot)) =
                (SensorId::parse(row.try_get("sensor")?), BootId::parse(row.try_get("boot")?))
            else {
                anyhow::bail!("collector.db: a frame names no sensor or boot");
            };
            let source = Source { site: row.try_get("site")?, sensor, boot };
            if let Ok(record) = holter_wire::codec::decode(row.try_get("payload")?) {
                estates.entry(row.try_get("tenant")?).or_default().apply(&source, &record, row.try_get("received")?);
            }
        }
        drop(rows);
        for row in sqlx::query("SELECT tenant, finding, state, who, at, note FROM move ORDER BY id")
            .fetch_all(&self.read)
            .await?
        {
            let Some(to) = Standing::parse(row.try_get("state")?) else { continue };
            let step = Move { to, who: row.try_get("who")?, at: row.try_get("at")?, note: row.try_get("note")? };
            estates.entry(row.try_get("tenant")?).or_default().move_finding(row.try_get("finding")?, step);
        }
        Ok(estates)
    }

    pub(crate) async fn keep_move(&self, tenant: &str, finding: &str, step: &Move) -> sqlx::Result<()> {
        sqlx::query("INSERT INTO move (tenant, finding, state, who, at, note) VALUES (?, ?, ?, ?, ?, ?)")
            .bind(tenant)
            .bind(finding)
            .bind(step.to.as_str())
            .bind(&step.who)
            .bind(step.at)
            .bind(&step.note)
            .execute(&self.write)
            .await
            .map(drop)
    }

    /// What is said of the networks of a tenant's sites, in the tokens that sensors were enrolled with.
    pub(crate) async fn zones(&self, tenant: &str) -> sqlx::Result<Vec<(ipnet::IpNet, holter_terms::Zone)>> {
        let rows: Vec<String> =
            sqlx::query_scalar("SELECT DISTINCT zones FROM token WHERE tenant = ? AND used IS NOT NULL LIMIT 1000")
                .bind(tenant)
                .fetch_all(&self.read)
                .await?;
        let zones = rows.iter().filter_map(|text| serde_json::from_str::<Vec<holter_wire::enrol::ZoneRow>>(text).ok());
        Ok(zones.flatten().filter_map(|row| Some((row.network.parse().ok()?, row.zone))).collect())
    }

    /// The key that hashes names of machines at a site, made when it is first asked for.
    pub(crate) async fn names_key(&self, tenant: &str, site: &str) -> sqlx::Result<[u8; 32]> {
        sqlx::query("INSERT OR IGNORE INTO site (tenant, site, names_key) VALUES (?, ?, ?)")
            .bind(tenant)
            .bind(site)
            .bind(crate::random::bytes::<32>().as_slice())
            .execute(&self.write)
            .await?;
        let key: Vec<u8> = sqlx::query_scalar("SELECT names_key FROM site WHERE tenant = ? AND site = ?")
            .bind(tenant)
            .bind(site)
            .fetch_one(&self.write)
            .await?;
        key.try_into().map_err(|_| sqlx::Error::RowNotFound)
    }
}

/// What a sensor is enrolled as.
#[derive(Debug, Clone)]
pub(crate) struct Enrolment {
    pub(crate) id: SensorId,
    pub(crate) tenant: String,
    pub(crate) site: String,
    pub(crate) name: String,
    pub(crate) enrolled: Nanos,
    pub(crate) ends: Nanos,
    pub(crate) revoked: bool,
    pub(crate) version: String,
}

impl Store {
    pub(crate) async fn enrolments(&self) -> sqlx::Result<Vec<Enrolment>> {
        let rows = sqlx::query("SELECT * FROM sensor ORDER BY enrolled, id LIMIT 5000").fetch_all(&self.read).await?;
        rows.iter().map(enrolment).collect()
    }

    pub(crate) async fn enrolment_of(&self, spki: &[u8]) -> sqlx::Result<Option<Enrolment>> {
        let row = sqlx::query("SELECT * FROM sensor WHERE spki = ?").bind(spki).fetch_optional(&self.read).await?;
        row.as_ref().map(enrolment).transpose()
    }

    pub(crate) async fn revoke(&self, tenant: &str, sensor: &str, now: Nanos) -> sqlx::Result<bool> {
        let done = sqlx::query("UPDATE sensor SET revoked = ? WHERE tenant = ? AND id = ?")
            .bind(now)
            .bind(tenant)
            .bind(sensor)
            .execute(&self.write)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    pub(crate) async fn deliveries(&self) -> sqlx::Result<BTreeMap<String, crate::api::types::Delivery>> {
        let rows = sqlx::query("SELECT * FROM delivery").fetch_all(&self.read).await?;
        let count = |row: &sqlx::sqlite::SqliteRow, name: &str| -> sqlx::Result<u64> {
            Ok(row.try_get::<i64, _>(name)?.unsigned_abs())
        };
        rows.iter()
            .map(|row| {
                Ok((
                    row.try_get("sensor")?,
                    crate::api::types::Delivery {
                        committed: count(row, "committed")?,
                        duplicate: count(row, "duplicate")?,
                        quarantined: count(row, "quarantined")?,
                        equivocation: count(row, "equivocation")?,
                        gap: count(row, "gap")?,
                    },
                ))
            })
            .collect()
    }
}

fn enrolment(row: &sqlx::sqlite::SqliteRow) -> sqlx::Result<Enrolment> {
    Ok(Enrolment {
        id: SensorId::parse(row.try_get("id")?).ok_or(sqlx::Error::RowNotFound)?,
        tenant: row.try_get("tenant")?,
        site: row.try_get("site")?,
        name: row.try_get("name")?,
        enrolled: row.try_get("enrolled")?,
        ends: row.try_get("certificate_ends")?,
        revoked: row.try_get::<Option<i64>, _>("revoked")?.is_some(),
        version: row.try_get("version")?,
    })
}

/// The kind of a failure, without its text, which may quote data.
pub(crate) fn kind_of(error: &sqlx::Error) -> &'static str {
    match error {
        sqlx::Error::Database(_) => "database",
        sqlx::Error::PoolTimedOut => "busy",
        sqlx::Error::Io(_) => "io",
        _ => "other",
    }
}

/// Holds the data folder to oneself while something in it is made. Let go when dropped.
pub(crate) fn alone(data: &Path) -> anyhow::Result<std::fs::File> {
    let path = data.join("making.lock");
    let open = || {
        let file = std::fs::OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path)?;
        file.lock()?;
        Ok::<_, std::io::Error>(file)
    };
    open().with_context(|| format!("{}: cannot be locked", path.display()))
}
