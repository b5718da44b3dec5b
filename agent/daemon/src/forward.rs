//! The forwarding process: keys, spool and uplink. It never looks into a frame.
//!
//! A boot is one start of this process. Its first record on P0 says which boot came before, how that ended and what it
//! had numbered; a [`LossStatement`] follows whenever what was given up has changed.

use crate::identity::{Identity, write_private};
use crate::keeper::{Keeper, reason};
use crate::spool::{Folder, Spool};
use crate::uplink;
use anyhow::{Context, bail};
use holter_phi::Label;
use holter_sandbox::pair::{ForwardEnd, Heard, ToForward};
use holter_terms::{BootId, Lane};
use holter_wire::{BootReason, BootRecord, LossReason, LossRow, LossStatement, Record, codec};
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How often what was given up is looked at.
const LOSS_EVERY: Duration = Duration::from_secs(10);

/// Frames that one sync covers at most, and their bytes.
const GROUP: usize = 256;
const GROUP_BYTES: usize = 1 << 20;

/// How long the collector is waited for once nothing more will come.
const DRAIN: Duration = Duration::from_secs(60);
/// How long a sensor that is stopped tries to deliver its last window. What is left waits in the spool for its next start.
const LAST_WORD: Duration = Duration::from_secs(5);

pub(crate) struct Options {
    pub(crate) state: PathBuf,
    pub(crate) spool_cap: u64,
    /// Stay until the collector has everything, at most [`DRAIN`].
    pub(crate) drain: bool,
    /// Where the collector is, if not where the token said.
    pub(crate) collector: Option<String>,
    pub(crate) metrics: Option<std::net::SocketAddr>,
}

/// What is remembered of a boot outside the spool, so that the next can name it.
#[derive(Serialize, Deserialize)]
struct Remembered {
    boot: BootId,
    last: [u64; 4],
    clean: bool,
}

const REMEMBERED: &str = "boot.json";

pub(crate) fn run(options: &Options, end: OwnedFd) -> anyhow::Result<()> {
    let mut identity = Identity::load(&options.state)?;
    if let Some(collector) = &options.collector {
        identity.collector.clone_from(collector);
    }
    let _lock = lock(&options.state)?;
    let boot = new_boot()?;
    let folder = options.state.join("spool");
    let spool = Folder::open(&folder).and_then(|disk| Spool::open(disk, boot, options.spool_cap));
    let spool = spool.with_context(|| format!("{}: the spool cannot be opened", folder.display()))?;
    let previous = previous(&options.state, &spool);
    let keeper = Keeper::start(spool)?;
    keeper.append(vec![(Lane::P0, boot_record(previous, &options.state)?)])?;
    remember(&options.state, &Remembered { boot, last: keeper.last()?, clean: false })?;

    let told = Arc::new(Mutex::new(BTreeMap::new()));
    let listener = {
        let (keeper, told) = (keeper.clone(), told.clone());
        let mut end = ForwardEnd::new(end);
        end.boot(boot.0)?;
        std::thread::Builder::new().name("pair".to_owned()).spawn(move || listen(&mut end, &keeper, &told))?
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let counters = Arc::new(uplink::Counters::default());
    runtime.block_on(async {
        let state = LossWatch { keeper: keeper.clone(), told, state: options.state.clone(), boot };
        let watch = tokio::spawn(state.run());
        if let Some(address) = options.metrics {
            crate::metrics::serve(address, keeper.clone(), counters.clone()).await?;
        }
        let finished = async {
            while !keeper.is_finished() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            tokio::time::sleep(if options.drain { DRAIN } else { LAST_WORD }).await;
        };
        tokio::select! {
            ended = uplink::run(&identity, &keeper, &counters) => ended?,
            () = finished => {}
        }
        watch.abort();
        anyhow::Ok(())
    })?;
    listener.join().map_err(|_| anyhow::anyhow!("the thread of the pair ended badly"))??;
    remember(&options.state, &Remembered { boot, last: keeper.last()?, clean: true })?;
    let pending = keeper.pending();
    let (batches, bytes) = (counters.batches.load(Relaxed), counters.bytes.load(Relaxed));
    tracing::info!(batches, bytes, pending, "forward: ended; bytes as they went into QUIC");
    if options.drain && pending > 0 {
        bail!("{pending} records wait in {} for a collector that did not take them", folder.display());
    }
    Ok(())
}

/// Two processes on one state folder would be two boots that deny each other.
fn lock(state: &Path) -> anyhow::Result<std::fs::File> {
    let path = state.join("lock");
    let file = std::fs::OpenOptions::new().create(true).truncate(false).write(true).open(&path);
    let file = file.with_context(|| format!("{}: cannot be opened", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(_) => bail!("{}: another holter-agent runs on this state folder", state.display()),
    }
}

fn new_boot() -> anyhow::Result<BootId> {
    let mut id = [0; 16];
    SystemRandom::new().fill(&mut id).map_err(|_| anyhow::anyhow!("the system has no randomness"))?;
    Ok(BootId(id))
}

/// The boot before this one: as it was remembered, with what the spool shows it to have numbered since.
fn previous(state: &Path, spool: &Spool<Folder>) -> Option<Remembered> {
    let bytes = std::fs::read(state.join(REMEMBERED)).ok()?;
    let mut remembered: Remembered = serde_json::from_slice(&bytes).ok()?;
    for held in spool.holdings().iter().filter(|held| held.boot == remembered.boot) {
        let last = &mut remembered.last[held.lane as usize];
        *last = (*last).max(held.last);
    }
    Some(remembered)
}

fn remember(state: &Path, remembered: &Remembered) -> anyhow::Result<()> {
    write_private(state, REMEMBERED, &serde_json::to_vec(remembered)?)
}

fn boot_record(previous: Option<Remembered>, state: &Path) -> anyhow::Result<Vec<u8>> {
    let reason = match &previous {
        None => BootReason::Unknown,
        Some(before) if before.clean => BootReason::Clean,
        Some(_) => BootReason::Crash,
    };
    let config =
        ring::digest::digest(&ring::digest::SHA256, &std::fs::read(state.join("agent.toml")).unwrap_or_default());
    let record: Record<Label> = Record::Boot(BootRecord {
        previous_last: previous.as_ref().map_or([0; 4], |before| before.last),
        previous: previous.map(|before| before.boot),
        reason,
        wall: crate::wall(),
        mono: crate::mono(),
        version: crate::VERSION,
        config: config.as_ref().first_chunk::<16>().copied().unwrap_or_default(),
    });
    Ok(codec::encode(&record)?)
}

type Told = Arc<Mutex<BTreeMap<(LossReason, Option<Lane>), u64>>>;

/// Takes frames from the sensing process, makes them durable in groups, and says so.
fn listen(end: &mut ForwardEnd, keeper: &Keeper, told: &Told) -> anyhow::Result<()> {
    let mut farewell = false;
    while !farewell {
        let mut group: Vec<(Lane, Vec<u8>)> = Vec::new();
        let (mut number, mut asked) = (0, None);
        let mut bytes = 0;
        let mut heard_of_loss = 0;
        let mut wait = None;
        while group.len() < GROUP && bytes < GROUP_BYTES {
            match end.hear(wait)? {
                Heard::Message(ToForward::Frame { lane, number: at, frame }) => match Lane::from_u8(lane) {
                    Some(lane) => {
                        if group.is_empty() {
                            number = at;
                        }
                        bytes += frame.len();
                        group.push((lane, frame));
                    }
                    None => tracing::warn!("pair: a frame for a lane that does not exist"),
                },
                Heard::Message(ToForward::Lost { reason: n, lane, count }) => {
                    heard_of_loss += 1;
                    if let Some(reason) = reason(n) {
                        let key = (reason, lane.and_then(Lane::from_u8));
                        *told.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default() += count;
                    }
                }
                Heard::Message(ToForward::HowFar(at)) => {
                    asked = Some(at);
                    break;
                }
                Heard::Message(ToForward::Farewell) | Heard::Closed => {
                    farewell = true;
                    break;
                }
                Heard::Message(ToForward::Unread) => tracing::warn!("pair: a message that cannot be read"),
                Heard::Nothing => break,
            }
            wait = Some(0);
        }
        if !group.is_empty() {
            for (lane, first, count) in keeper.append(group)? {
                end.appended(lane as u8, first, count, number)?;
                number += u64::from(count);
            }
        }
        if let Some(asked) = asked {
            end.this_far(asked)?;
        }
        // A loss that was told is stated before it is confirmed; until then the sensing process tells it again.
        if heard_of_loss > 0 {
            if let Some(statement) = statement(told, Vec::new()) {
                keeper.append(vec![(Lane::P0, statement)])?;
            }
            for _ in 0..heard_of_loss {
                end.noted()?;
            }
        }
    }
    keeper.finish();
    Ok(())
}

fn statement(told: &Told, spooled: Vec<LossRow>) -> Option<Vec<u8>> {
    let told = told.lock().unwrap_or_else(PoisonError::into_inner);
    let mut rows: Vec<_> = told.iter().map(|(&(reason, lane), &count)| LossRow { reason, lane, count }).collect();
    rows.extend(spooled);
    if rows.is_empty() {
        return None;
    }
    codec::encode::<Label>(&Record::Loss(LossStatement { wall: crate::wall(), rows })).ok()
}

/// States what was given up, whenever it has changed, and keeps the memory of this boot fresh.
struct LossWatch {
    keeper: Keeper,
    told: Told,
    state: PathBuf,
    boot: BootId,
}

impl LossWatch {
    async fn run(self) {
        let mut stated: Vec<(LossReason, Option<Lane>, u64)> = Vec::new();
        loop {
            tokio::time::sleep(LOSS_EVERY).await;
            let Ok(spooled) = self.keeper.lost().await else { return };
            let now: Vec<_> = {
                let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
                let told = told.iter().map(|(&(reason, lane), &count)| (reason, lane, count));
                told.chain(spooled.iter().map(|row| (row.reason, row.lane, row.count))).collect()
            };
            let keeper = self.keeper.clone();
            let frame = (now != stated).then(|| statement(&self.told, spooled)).flatten();
            let (state, boot) = (self.state.clone(), self.boot);
            let written = tokio::task::spawn_blocking(move || {
                if let Some(frame) = frame {
                    keeper.append(vec![(Lane::P0, frame)])?;
                }
                remember(&state, &Remembered { boot, last: keeper.last()?, clean: false })
            });
            match written.await {
                Ok(Ok(())) => stated = now,
                _ => tracing::warn!("forward: what was given up could not be written; it is tried again"),
            }
        }
    }
}
