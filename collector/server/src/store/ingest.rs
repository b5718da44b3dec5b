//! One batch, one transaction: frames, quarantine, losses and the cursor, synced before anything is acknowledged.

use super::{Enrolment, Store};
use crate::random::sha256;
use crate::writer::What;
use holter_terms::{BootId, Lane, Nanos};
use holter_wire::{Record, Text};
use sqlx::{Row, SqliteConnection};

/// The most of an unreadable frame that is kept.
pub(crate) const QUARANTINE_MAX: usize = 64 << 10;

/// What became of a batch.
#[derive(Debug)]
pub(crate) enum Outcome {
    Committed { through: u64, records: Vec<Record<Text>> },
    Gap { expected: u64 },
}

#[derive(Debug, Default)]
struct Tally {
    committed: i64,
    duplicate: i64,
    quarantined: i64,
    equivocation: i64,
    gap: i64,
}

fn number(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

impl Store {
    pub(crate) async fn cursor(&self, sensor: &str, boot: BootId, lane: Lane) -> sqlx::Result<Option<u64>> {
        let through: Option<i64> =
            sqlx::query_scalar("SELECT through FROM cursor WHERE sensor = ? AND boot = ? AND lane = ?")
                .bind(sensor)
                .bind(boot.to_string())
                .bind(lane as i64)
                .fetch_optional(&self.read)
                .await?;
        Ok(through.map(i64::unsigned_abs))
    }

    /// Commits what continues the cursor. Nothing else ever moves it.
    pub(crate) async fn commit(
        &self,
        who: &Enrolment,
        boot: BootId,
        lane: Lane,
        first: u64,
        what: &What,
        now: Nanos,
    ) -> sqlx::Result<Outcome> {
        let mut tx = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let known: Option<i64> =
            sqlx::query_scalar("SELECT through FROM cursor WHERE sensor = ? AND boot = ? AND lane = ?")
                .bind(who.id.to_string())
                .bind(boot.to_string())
                .bind(lane as i64)
                .fetch_optional(&mut *tx)
                .await?;
        let place = Place { who, sensor: who.id.to_string(), boot: boot.to_string(), lane, now };
        let mut tally = Tally::default();
        let next = known.map_or(1, |through| through.unsigned_abs().saturating_add(1));
        if first > next {
            tally.gap = 1;
            place.keep(&mut tx, &tally).await?;
            tx.commit().await?;
            return Ok(Outcome::Gap { expected: next });
        }
        let mut records = Vec::new();
        let next = match what {
            What::Frames(frames) => place.frames(&mut tx, first, frames, next, &mut tally, &mut records).await?,
            // Numbers that were committed before are not lost, whatever is said of them now.
            What::Gone { last, .. } if *last < next => next,
            What::Gone { last, reason } => {
                let lost = last.saturating_sub(next).saturating_add(1);
                let reason = format!("gone: {reason:?}");
                place.lose(&mut tx, &reason, Some(lane), lost, now, true).await?;
                last.saturating_add(1)
            }
        };
        let through = next.saturating_sub(1);
        // Compare and set: whoever else moved the cursor meanwhile makes this fail as a whole.
        let moved = match known {
            None => {
                sqlx::query("INSERT INTO cursor (through, tenant, site, sensor, boot, lane) VALUES (?, ?, ?, ?, ?, ?)")
                    .bind(number(through))
                    .bind(&who.tenant)
                    .bind(&who.site)
                    .bind(&place.sensor)
                    .bind(&place.boot)
                    .bind(lane as i64)
                    .execute(&mut *tx)
                    .await?
            }
            Some(known) => {
                sqlx::query("UPDATE cursor SET through = ? WHERE sensor = ? AND boot = ? AND lane = ? AND through = ?")
                    .bind(number(through))
                    .bind(&place.sensor)
                    .bind(&place.boot)
                    .bind(lane as i64)
                    .bind(known)
                    .execute(&mut *tx)
                    .await?
            }
        };
        if moved.rows_affected() != 1 {
            return Err(sqlx::Error::RowNotFound);
        }
        place.keep(&mut tx, &tally).await?;
        tx.commit().await?;
        Ok(Outcome::Committed { through, records })
    }
}

/// Where in the numbering a transaction works.
struct Place<'a> {
    who: &'a Enrolment,
    sensor: String,
    boot: String,
    lane: Lane,
    now: Nanos,
}

impl Place<'_> {
    /// Keeps the frames from `next` on and checks those before it; the number that is expected then.
    async fn frames(
        &self,
        tx: &mut SqliteConnection,
        first: u64,
        frames: &[Vec<u8>],
        mut next: u64,
        tally: &mut Tally,
        records: &mut Vec<Record<Text>>,
    ) -> sqlx::Result<u64> {
        for (seq, frame) in (first..).zip(frames) {
            let hash = sha256(frame);
            if seq < next {
                tally.duplicate = tally.duplicate.saturating_add(1);
                let stored: Option<Vec<u8>> = sqlx::query_scalar(
                    "SELECT sha256 FROM frame WHERE sensor = ? AND boot = ? AND lane = ? AND seq = ?",
                )
                .bind(&self.sensor)
                .bind(&self.boot)
                .bind(self.lane as i64)
                .bind(number(seq))
                .fetch_optional(&mut *tx)
                .await?;
                if stored.is_some_and(|stored| stored != hash) {
                    tally.equivocation = tally.equivocation.saturating_add(1);
                    let words = [self.who.tenant.as_str(), "collector", "equivocation", &self.sensor];
                    super::audit::append(&mut *tx, self.now, words).await?;
                }
                continue;
            }
            let decoded = match holter_wire::codec::decode(frame) {
                Ok(record) if record.lane() == self.lane => Ok(record),
                Ok(_) => Err("frame: it does not belong on this lane".to_owned()),
                Err(error) => Err(error.to_string()),
            };
            let kept = if decoded.is_ok() { frame.as_slice() } else { frame.get(..QUARANTINE_MAX).unwrap_or(frame) };
            sqlx::query(
                "INSERT INTO frame (tenant, site, sensor, boot, lane, seq, received, sha256, payload, fault)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            )
            .bind(&self.who.tenant)
            .bind(&self.who.site)
            .bind(&self.sensor)
            .bind(&self.boot)
            .bind(self.lane as i64)
            .bind(number(seq))
            .bind(self.now)
            .bind(hash.as_slice())
            .bind(kept)
            .bind(decoded.as_ref().err())
            .execute(&mut *tx)
            .await?;
            match decoded {
                Ok(record) => {
                    if let Record::Loss(loss) = &record {
                        for row in &loss.rows {
                            let reason = format!("{:?}", row.reason);
                            self.lose(&mut *tx, &reason, row.lane, row.count, loss.wall, false).await?;
                        }
                    }
                    tally.committed = tally.committed.saturating_add(1);
                    records.push(record);
                }
                Err(_) => tally.quarantined = tally.quarantined.saturating_add(1),
            }
            next = seq.saturating_add(1);
        }
        Ok(next)
    }

    async fn keep(&self, tx: &mut SqliteConnection, tally: &Tally) -> sqlx::Result<()> {
        sqlx::query(
            "INSERT INTO delivery (tenant, site, sensor, committed, duplicate, quarantined, equivocation, gap)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (sensor) DO UPDATE SET committed = committed + excluded.committed,
             duplicate = duplicate + excluded.duplicate, quarantined = quarantined + excluded.quarantined,
             equivocation = equivocation + excluded.equivocation, gap = gap + excluded.gap",
        )
        .bind(&self.who.tenant)
        .bind(&self.who.site)
        .bind(&self.sensor)
        .bind(tally.committed)
        .bind(tally.duplicate)
        .bind(tally.quarantined)
        .bind(tally.equivocation)
        .bind(tally.gap)
        .execute(tx)
        .await
        .map(drop)
    }

    /// A row of the loss ledger: what a sensor states rises and replaces; what is gone by number adds up.
    async fn lose(
        &self,
        tx: &mut SqliteConnection,
        reason: &str,
        lane: Option<Lane>,
        count: u64,
        at: Nanos,
        adds: bool,
    ) -> sqlx::Result<()> {
        sqlx::query(
            "INSERT INTO loss (tenant, site, sensor, boot, reason, lane, count, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (sensor, boot, reason, lane) DO UPDATE SET at = excluded.at,
             count = CASE WHEN ? THEN count + excluded.count ELSE max(count, excluded.count) END",
        )
        .bind(&self.who.tenant)
        .bind(&self.who.site)
        .bind(&self.sensor)
        .bind(&self.boot)
        .bind(reason)
        .bind(lane.map_or(-1, |lane| lane as i64))
        .bind(number(count))
        .bind(at)
        .bind(adds)
        .execute(tx)
        .await
        .map(drop)
    }
}

/// Numbers that a sensor said will never come.
#[derive(Debug, Clone)]
pub(crate) struct GoneRow {
    pub(crate) boot: String,
    pub(crate) reason: String,
    pub(crate) lane: Option<Lane>,
    pub(crate) count: u64,
    pub(crate) at: Nanos,
}

impl Store {
    pub(crate) async fn gone(&self, sensor: &str) -> sqlx::Result<Vec<GoneRow>> {
        let rows =
            sqlx::query("SELECT * FROM loss WHERE sensor = ? AND reason LIKE 'gone: %' ORDER BY at DESC LIMIT 200")
                .bind(sensor)
                .fetch_all(&self.read)
                .await?;
        let read = |row: &sqlx::sqlite::SqliteRow| {
            Ok(GoneRow {
                boot: row.try_get("boot")?,
                reason: row.try_get("reason")?,
                lane: u8::try_from(row.try_get::<i64, _>("lane")?).ok().and_then(Lane::from_u8),
                count: row.try_get::<i64, _>("count")?.unsigned_abs(),
                at: row.try_get("at")?,
            })
        };
        rows.iter().map(read).collect()
    }
}
