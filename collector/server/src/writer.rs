//! The one task that commits what sensors send. A slow or full disk makes its queue full, the streams are read no
//! further, and the sensors keep what they have.

use crate::app::{App, count, now};
use crate::store::Enrolment;
use crate::store::ingest::Outcome;
use holter_core::Source;
use holter_terms::{BootId, Lane};
use holter_wire::LossReason;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::sync::{mpsc, oneshot};

/// Batches that wait for the writer; a connection has at most a few.
pub(crate) const QUEUE: usize = 32;

pub(crate) struct Job {
    pub(crate) who: Arc<Enrolment>,
    pub(crate) boot: BootId,
    pub(crate) lane: Lane,
    pub(crate) first: u64,
    pub(crate) what: What,
    pub(crate) done: oneshot::Sender<Done>,
}

/// What stands behind consecutive numbers of a lane.
#[derive(Debug)]
pub(crate) enum What {
    Frames(Vec<Vec<u8>>),
    /// They will never come: the last of them, and why.
    Gone {
        last: u64,
        reason: LossReason,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Done {
    Through(u64),
    Expected(u64),
    /// Nothing was committed.
    Failed,
}

pub(crate) async fn run(app: Arc<App>, mut jobs: mpsc::Receiver<Job>) {
    while let Some(job) = jobs.recv().await {
        let received = now();
        let result = app.store.commit(&job.who, job.boot, job.lane, job.first, &job.what, received).await;
        app.failing.store(result.is_err(), Ordering::Relaxed);
        let done = match result {
            Ok(Outcome::Gap { expected }) => Done::Expected(expected),
            Ok(Outcome::Committed { through, records }) => {
                count(&app.counters.batches);
                let source = Source { site: job.who.site.clone(), sensor: job.who.id, boot: job.boot };
                for record in &records {
                    let changes = app.change(&job.who.tenant, |estate| estate.apply(&source, record, received));
                    for id in changes.devices.into_iter().take(64) {
                        app.tell(&job.who.tenant, "device", id);
                    }
                    for id in changes.findings {
                        app.tell(&job.who.tenant, "finding", id);
                    }
                }
                app.tell(&job.who.tenant, "sensor", job.who.id.to_string());
                Done::Through(through)
            }
            Err(error) => {
                count(&app.counters.commit_failures);
                tracing::error!(kind = crate::store::kind_of(&error), "a batch was not committed");
                Done::Failed
            }
        };
        // The connection may be gone; the sensor will ask at the next Hello.
        let _ = job.done.send(done);
    }
}
