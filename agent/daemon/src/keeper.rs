//! The one thread that owns the spool. Everybody else asks it; it waits for the disk so that nobody else does.

use crate::spool::{Folder, Holding, Next, Queue, Spool};
use anyhow::anyhow;
use holter_terms::Lane;
use holter_wire::{LossReason, LossRow};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Notify, oneshot};

/// Questions that may wait.
const WAITING: usize = 64;

/// The numbers that frames were given: lane, first, how many.
pub(crate) type Numbers = Vec<(Lane, u64, u32)>;

enum Ask {
    Append(Vec<(Lane, Vec<u8>)>, SyncSender<Numbers>),
    Next(Queue, u64, usize, oneshot::Sender<Next>),
    Holdings(oneshot::Sender<Vec<Holding>>),
    Acknowledge(Queue, u64),
    Lost(oneshot::Sender<Vec<LossRow>>),
    Last(SyncSender<[u64; 4]>),
}

#[derive(Clone)]
pub(crate) struct Keeper {
    ask: SyncSender<Ask>,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    appended: Notify,
    finished: AtomicBool,
    in_memory: AtomicBool,
    bytes: AtomicU64,
    pending: AtomicU64,
    acknowledged: Mutex<BTreeMap<Queue, u64>>,
}

impl Keeper {
    pub(crate) fn start(spool: Spool<Folder>) -> anyhow::Result<Keeper> {
        let (ask, asks) = sync_channel(WAITING);
        let shared = Arc::new(Shared::default());
        let keeper = Keeper { ask, shared: shared.clone() };
        std::thread::Builder::new().name("spool".to_owned()).spawn(move || keep(spool, &asks, &shared))?;
        Ok(keeper)
    }

    /// Appends frames in order; returns when they are durable.
    pub(crate) fn append(&self, frames: Vec<(Lane, Vec<u8>)>) -> anyhow::Result<Numbers> {
        let (answer, answered) = sync_channel(1);
        self.send(Ask::Append(frames, answer))?;
        let numbers = answered.recv().map_err(|_| ended())?;
        self.shared.appended.notify_one();
        Ok(numbers)
    }

    pub(crate) async fn next(&self, queue: Queue, after: u64, bytes: usize) -> anyhow::Result<Next> {
        let (answer, answered) = oneshot::channel();
        self.send(Ask::Next(queue, after, bytes, answer))?;
        answered.await.map_err(|_| ended())
    }

    pub(crate) async fn holdings(&self) -> anyhow::Result<Vec<Holding>> {
        let (answer, answered) = oneshot::channel();
        self.send(Ask::Holdings(answer))?;
        answered.await.map_err(|_| ended())
    }

    pub(crate) async fn acknowledge(&self, queue: Queue, through: u64) -> anyhow::Result<()> {
        self.shared.acknowledged.lock().unwrap_or_else(PoisonError::into_inner).insert(queue, through);
        self.send(Ask::Acknowledge(queue, through))
    }

    /// What the collector last said of a queue.
    pub(crate) fn acknowledged(&self, queue: Queue) -> u64 {
        self.shared.acknowledged.lock().unwrap_or_else(PoisonError::into_inner).get(&queue).copied().unwrap_or(0)
    }

    pub(crate) async fn lost(&self) -> anyhow::Result<Vec<LossRow>> {
        let (answer, answered) = oneshot::channel();
        self.send(Ask::Lost(answer))?;
        answered.await.map_err(|_| ended())
    }

    /// The last number of each lane.
    pub(crate) fn last(&self) -> anyhow::Result<[u64; 4]> {
        let (answer, answered) = sync_channel(1);
        self.send(Ask::Last(answer))?;
        answered.recv().map_err(|_| ended())
    }

    /// Waits until something was appended.
    pub(crate) async fn appended(&self) {
        self.shared.appended.notified().await;
    }

    /// Nothing more will be appended.
    pub(crate) fn finish(&self) {
        self.shared.finished.store(true, Relaxed);
        self.shared.appended.notify_one();
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.shared.finished.load(Relaxed)
    }

    pub(crate) fn in_memory(&self) -> bool {
        self.shared.in_memory.load(Relaxed)
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.shared.bytes.load(Relaxed)
    }

    /// Frames that the collector has not committed.
    pub(crate) fn pending(&self) -> u64 {
        self.shared.pending.load(Relaxed)
    }

    fn send(&self, ask: Ask) -> anyhow::Result<()> {
        self.ask.send(ask).map_err(|_| ended())
    }
}

fn ended() -> anyhow::Error {
    anyhow!("the spool's thread has ended")
}

fn keep(mut spool: Spool<Folder>, asks: &Receiver<Ask>, shared: &Shared) {
    // An answer that nobody waits for any more is no loss, so failed sends are passed over.
    while let Ok(ask) = asks.recv() {
        match ask {
            Ask::Append(frames, answer) => {
                let mut numbers = Numbers::new();
                let mut frames = frames.into_iter().peekable();
                while let Some((lane, frame)) = frames.next() {
                    let mut run = vec![frame];
                    while let Some((_, frame)) = frames.next_if(|(next, _)| *next == lane) {
                        run.push(frame);
                    }
                    let first = spool.append(lane, &run);
                    numbers.push((lane, first, u32::try_from(run.len()).unwrap_or(u32::MAX)));
                }
                if spool.in_memory() && !shared.in_memory.swap(true, Relaxed) {
                    tracing::error!("spool: the disk refused three times; records are now kept in memory only");
                }
                let _ = answer.send(numbers);
            }
            Ask::Next(queue, after, bytes, answer) => {
                let _ = answer.send(spool.next(queue, after, bytes));
            }
            Ask::Holdings(answer) => {
                let _ = answer.send(spool.holdings());
            }
            Ask::Acknowledge(queue, through) => spool.acknowledge(queue, through),
            Ask::Lost(answer) => {
                let rows = spool.lost().map(|(reason, lane, count)| LossRow { reason, lane: Some(lane), count });
                let _ = answer.send(rows.collect());
            }
            Ask::Last(answer) => {
                let _ = answer.send(spool.last());
            }
        }
        shared.bytes.store(spool.bytes(), Relaxed);
        let acknowledged = shared.acknowledged.lock().unwrap_or_else(PoisonError::into_inner);
        let held = spool.holdings();
        let pending = held.iter().map(|held| {
            let done = acknowledged.get(&(held.boot, held.lane)).copied().unwrap_or(0).max(held.first - 1);
            held.last.saturating_sub(done)
        });
        shared.pending.store(pending.sum(), Relaxed);
    }
}

/// A reason that the sensing process named by its position.
pub(crate) fn reason(n: u8) -> Option<LossReason> {
    [
        LossReason::RingFull,
        LossReason::Interface,
        LossReason::Evicted,
        LossReason::Corrupt,
        LossReason::DiskRefused,
        LossReason::QueueFull,
        LossReason::Unconfirmed,
    ]
    .into_iter()
    .find(|reason| *reason as u8 == n)
}
