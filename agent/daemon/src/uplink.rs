//! The uplink: sends what the spool holds to the collector until it is committed there.
//!
//! One QUIC connection (TLS 1.3, both sides proven), one bidirectional stream. The sensor says what it holds, the
//! collector what it has committed, and batches follow in the order of the lanes, P0 first, at most [`WINDOW`] of them
//! unanswered. An answer means committed and synced; only then may the spool forget. Whatever goes wrong, the connection
//! is given up and made anew after a pause that doubles to [`LONGEST_PAUSE`] and is never quite regular.

use crate::enroll::local_for;
use crate::identity::Identity;
use crate::keeper::Keeper;
use crate::spool::{Next, Queue};
use crate::tls;
use anyhow::{Context, bail};
use holter_wire::link::{self, Batch, CollectorSays, Held, SERVER_NAME, SensorSays};
use ring::rand::{SecureRandom, SystemRandom};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use tokio::sync::mpsc;

/// Batches that may be unanswered at once.
const WINDOW: usize = 8;
/// An unanswered batch is given this long before the connection is given up.
const ANSWER: Duration = Duration::from_secs(20);
const PING: Duration = Duration::from_secs(10);
const HANDSHAKE: Duration = Duration::from_secs(5);
const SHORTEST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// What the uplink has done, for metrics.
#[derive(Default)]
pub(crate) struct Counters {
    pub(crate) connected: AtomicBool,
    pub(crate) connections: AtomicU64,
    pub(crate) batches: AtomicU64,
    pub(crate) bytes: AtomicU64,
    pub(crate) acknowledged: AtomicU64,
}

/// Runs until `done` says that everything is committed and nothing more will come. A sensor's boots are sent oldest
/// lane by lane; within a lane numbers never go back but on the collector's word.
pub(crate) async fn run(identity: &Identity, keeper: &Keeper, counters: &Arc<Counters>) -> anyhow::Result<()> {
    let config = tls::for_records(identity)?;
    let mut pause = SHORTEST_PAUSE;
    loop {
        let ended = session(identity, &config, keeper, counters, &mut pause).await;
        counters.connected.store(false, Relaxed);
        match ended {
            Ok(()) => return Ok(()),
            Err(error) => tracing::warn!("uplink: {error:#}; next try in about {} ms", pause.as_millis()),
        }
        tokio::time::sleep(irregular(pause)).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Between three quarters and five quarters of `pause`, so that sensors do not return all at once.
fn irregular(pause: Duration) -> Duration {
    let mut byte = [128];
    // Without randomness the pause is merely regular.
    let _ = SystemRandom::new().fill(&mut byte);
    pause * (384 + u32::from(byte[0])) / 512
}

struct InFlight {
    queue: Queue,
    through: u64,
    since: tokio::time::Instant,
}

async fn session(
    identity: &Identity,
    config: &quinn::ClientConfig,
    keeper: &Keeper,
    counters: &Arc<Counters>,
    pause: &mut Duration,
) -> anyhow::Result<()> {
    let address = resolve(&identity.collector).await?;
    let mut endpoint = quinn::Endpoint::client(local_for(address)).context("no UDP socket can be opened")?;
    endpoint.set_default_client_config(config.clone());
    let connection = tokio::time::timeout(HANDSHAKE, endpoint.connect(address, SERVER_NAME)?)
        .await
        .map_err(|_| anyhow::anyhow!("the collector does not answer at {}", identity.collector))?
        .with_context(|| format!("the collector at {} is not reached", identity.collector))?;
    let (mut send, receive) = connection.open_bi().await?;
    let holdings = keeper.holdings().await?;
    let boots = holdings
        .iter()
        .take(link::BOOTS_MAX)
        .map(|held| Held { boot: held.boot, lane: held.lane, first: held.first, last: held.last, closed: held.closed })
        .collect();
    let hello = SensorSays::Hello { protocol: link::PROTOCOL, version: crate::VERSION, wall: crate::wall(), boots };
    write(&mut send, &hello).await?;

    // Reading a message cannot be broken off half way, so a task of its own reads.
    let (heard, mut hears) = mpsc::channel(64);
    let reader = tokio::spawn(async move {
        let mut receive = receive;
        loop {
            let message = read::<CollectorSays>(&mut receive).await;
            let ended = message.is_err();
            if heard.send(message).await.is_err() || ended {
                return;
            }
        }
    });
    let result = converse(&mut send, &mut hears, keeper, counters, pause).await;
    reader.abort();
    connection.close(0u8.into(), b"");
    // The collector learns of the end now and not after its idle time.
    let _ = tokio::time::timeout(Duration::from_secs(1), endpoint.wait_idle()).await;
    result
}

async fn converse(
    send: &mut quinn::SendStream,
    hears: &mut mpsc::Receiver<anyhow::Result<CollectorSays>>,
    keeper: &Keeper,
    counters: &Arc<Counters>,
    pause: &mut Duration,
) -> anyhow::Result<()> {
    let mut cursors: BTreeMap<Queue, u64> = BTreeMap::new();
    match tokio::time::timeout(ANSWER, hears.recv()).await.context("no welcome")?.context("closed")?? {
        CollectorSays::Welcome { committed, .. } => {
            for known in committed {
                let queue = (known.boot, known.lane);
                keeper.acknowledge(queue, known.through).await?;
                cursors.insert(queue, known.through);
            }
        }
        CollectorSays::Incompatible { protocol: (first, last) } => {
            bail!("the collector speaks versions {first} to {last} of the protocol and this sensor does not")
        }
        _ => bail!("the collector did not welcome this sensor"),
    }
    counters.connected.store(true, Relaxed);
    counters.connections.fetch_add(1, Relaxed);
    tracing::info!("uplink: connected");

    let mut in_flight: VecDeque<InFlight> = VecDeque::new();
    let mut held_back: Option<tokio::time::Instant> = None;
    let mut ping = tokio::time::interval(PING);
    loop {
        let mut idle = true;
        if in_flight.len() < WINDOW && held_back.is_none() {
            if let Some((queue, message, through)) = next_message(keeper, &mut cursors).await? {
                idle = false;
                counters.batches.fetch_add(1, Relaxed);
                let bytes = link::message(&message)?;
                counters.bytes.fetch_add(bytes.len() as u64, Relaxed);
                send.write_all(&bytes).await?;
                cursors.insert(queue, through);
                in_flight.push_back(InFlight { queue, through, since: tokio::time::Instant::now() });
            } else if in_flight.is_empty() && keeper.is_finished() {
                // Asked once more: something may have been appended between the two questions.
                if next_message(keeper, &mut cursors).await?.is_none() {
                    send.finish()?;
                    return Ok(());
                }
            }
        }
        if in_flight.front().is_some_and(|first| first.since.elapsed() > ANSWER) {
            bail!("the collector did not answer a batch within {} s", ANSWER.as_secs());
        }
        let deadline = held_back.unwrap_or_else(|| tokio::time::Instant::now() + Duration::from_secs(1));
        tokio::select! {
            biased;
            message = hears.recv() => match message.context("the collector closed the stream")?? {
                CollectorSays::Ack(known) => {
                    let queue = (known.boot, known.lane);
                    if cursors.get(&queue).is_none_or(|sent| known.through > *sent) {
                        bail!("the collector acknowledged what was never sent");
                    }
                    in_flight.retain(|one| one.queue != queue || one.through > known.through);
                    counters.acknowledged.fetch_add(1, Relaxed);
                    keeper.acknowledge(queue, known.through).await?;
                    *pause = SHORTEST_PAUSE;
                }
                CollectorSays::Nak { boot, lane, expected } => {
                    in_flight.retain(|one| one.queue != (boot, lane));
                    cursors.insert((boot, lane), expected.saturating_sub(1));
                }
                CollectorSays::Busy { retry_ms } => {
                    // What was in flight was not committed; the collector says where each queue stands when it is ready.
                    for one in in_flight.drain(..) {
                        let cursor = cursors.entry(one.queue).or_insert(one.through);
                        *cursor = (*cursor).min(keeper.acknowledged(one.queue));
                    }
                    held_back = Some(tokio::time::Instant::now() + Duration::from_millis(retry_ms.clamp(50, 60_000).into()));
                }
                CollectorSays::Pong { .. } => {}
                CollectorSays::Welcome { .. } | CollectorSays::Incompatible { .. } => bail!("a second welcome"),
            },
            _ = ping.tick() => {
                let pending = keeper.pending();
                write(send, &SensorSays::Ping { wall: crate::wall(), pending }).await?;
            }
            () = keeper.appended(), if idle && held_back.is_none() && in_flight.len() < WINDOW => {}
            () = tokio::time::sleep_until(deadline), if idle => held_back = None,
            () = std::future::ready(()), if !idle => {}
        }
    }
}

/// The next batch of the most important queue that has something to say.
async fn next_message(
    keeper: &Keeper,
    cursors: &mut BTreeMap<Queue, u64>,
) -> anyhow::Result<Option<(Queue, SensorSays, u64)>> {
    let mut holdings = keeper.holdings().await?;
    // Within a lane, boots that have ended come first.
    holdings.sort_by_key(|held| (held.lane, !held.closed, held.boot));
    for held in holdings {
        let queue = (held.boot, held.lane);
        let after = *cursors.entry(queue).or_insert(0);
        if after >= held.last {
            continue;
        }
        let (boot, lane) = queue;
        if after + 1 < held.first {
            // An earlier connection had these committed, or an older copy of the collector's data is being used.
            let message = SensorSays::Gone {
                boot,
                lane,
                first: after + 1,
                last: held.first - 1,
                reason: holter_wire::LossReason::Unconfirmed,
            };
            return Ok(Some((queue, message, held.first - 1)));
        }
        match keeper.next(queue, after, link::BATCH_RAW).await? {
            Next::Frames { first, frames } => {
                let through = first + frames.len() as u64 - 1;
                return Ok(Some((queue, SensorSays::Batch(Batch::pack(boot, lane, first, &frames)?), through)));
            }
            Next::Gone(gone) => {
                let message = SensorSays::Gone { boot, lane, first: gone.first, last: gone.last, reason: gone.reason };
                return Ok(Some((queue, message, gone.last)));
            }
            Next::Nothing => {}
        }
    }
    Ok(None)
}

pub(crate) async fn resolve(collector: &str) -> anyhow::Result<SocketAddr> {
    let found = tokio::net::lookup_host(collector).await;
    let mut addresses = found.with_context(|| format!("the collector's name in {collector} is not resolved"))?;
    addresses.next().with_context(|| format!("the collector's name in {collector} has no address"))
}

pub(crate) async fn write<T: Serialize>(send: &mut quinn::SendStream, message: &T) -> anyhow::Result<()> {
    Ok(send.write_all(&link::message(message)?).await?)
}

pub(crate) async fn read<T: DeserializeOwned>(receive: &mut quinn::RecvStream) -> anyhow::Result<T> {
    let mut prefix = [0; 4];
    receive.read_exact(&mut prefix).await.context("the collector closed the stream")?;
    let mut bytes = vec![0; link::message_length(prefix)?];
    receive.read_exact(&mut bytes).await.context("the collector closed the stream")?;
    Ok(link::read_message(&bytes)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use holter_terms::Lane;

    #[test]
    fn pauses_are_irregular_and_bounded() {
        for _ in 0..100 {
            let pause = irregular(LONGEST_PAUSE);
            assert!(pause >= LONGEST_PAUSE * 3 / 4 && pause <= LONGEST_PAUSE * 5 / 4);
        }
        assert!(Lane::P0 < Lane::P3, "the order of lanes is the order of sending");
    }
}
