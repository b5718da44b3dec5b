use super::{HANDSHAKE, REFUSED, REVOKED, STOPPING, read};
use crate::app::{App, count, now};
use crate::store::Enrolment;
use crate::writer::{Done, Job, What};
use holter_terms::{BootId, Lane};
use holter_wire::link::{BOOTS_MAX, Batch, CollectorSays, Committed, MESSAGE_MAX, PROTOCOL, SensorSays, message};
use quinn::{Connection, RecvStream, SendStream};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

/// What a sensor is told to wait when nothing can be committed.
const BUSY_MS: u32 = 2_000;
/// Answers that wait to be written.
const ANSWERS: usize = 64;

pub(super) async fn serve(app: Arc<App>, connection: Connection) {
    let Some(who) = identify(&app, &connection).await else {
        count(&app.counters.connections_refused);
        connection.close(REFUSED, b"identity");
        return;
    };
    tracing::info!(sensor = %who.id, "connected");
    app.live().entry(who.id).or_default().connections += 1;
    let ended = tokio::select! {
        () = app.stop.cancelled() => { connection.close(STOPPING, b"stopping"); Ok(()) }
        () = revoked(&app, &connection) => { connection.close(REVOKED, b"revoked"); Ok(()) }
        ended = converse(&app, &connection, &who) => ended,
    };
    if ended.is_err() {
        connection.close(REFUSED, b"message");
    }
    if let Some(live) = app.live().get_mut(&who.id) {
        live.connections = live.connections.saturating_sub(1);
    }
    tracing::info!(sensor = %who.id, "disconnected");
    app.tell(&who.tenant, "sensor", who.id.to_string());
}

/// Who it is: by the key of its certificate and nothing that it says.
async fn identify(app: &App, connection: &Connection) -> Option<Arc<Enrolment>> {
    let spki = peer_key(connection)?;
    let who = app.store.enrolment_of(&spki).await.ok()??;
    (!who.revoked).then(|| Arc::new(who))
}

fn peer_key(connection: &Connection) -> Option<Vec<u8>> {
    let chain = connection.peer_identity()?.downcast::<Vec<rustls::pki_types::CertificateDer<'static>>>().ok()?;
    crate::pki::spki(chain.first()?).ok()
}

/// Ends when the sensor is no longer enrolled. The database is asked, since another process may have revoked it.
async fn revoked(app: &App, connection: &Connection) {
    let Some(spki) = peer_key(connection) else { return };
    let mut tick = tokio::time::interval(Duration::from_millis(900));
    loop {
        tick.tick().await;
        if let Ok(known) = app.store.enrolment_of(&spki).await
            && known.is_none_or(|known| known.revoked)
        {
            return;
        }
    }
}

async fn converse(app: &Arc<App>, connection: &Connection, who: &Arc<Enrolment>) -> anyhow::Result<()> {
    let (mut send, mut receive) = timeout(HANDSHAKE, connection.accept_bi()).await??;
    let hello = timeout(HANDSHAKE, read::<SensorSays>(&mut receive, MESSAGE_MAX)).await??;
    let Some(SensorSays::Hello { protocol, version, wall, boots }) = hello else { anyhow::bail!("no Hello") };
    if protocol.0 > PROTOCOL.1 || protocol.1 < PROTOCOL.0 {
        say(&mut send, &CollectorSays::Incompatible { protocol: PROTOCOL }).await?;
        send.finish()?;
        let _ = timeout(HANDSHAKE, send.stopped()).await;
        return Ok(());
    }
    anyhow::ensure!(boots.len() <= BOOTS_MAX, "more boots than are allowed");
    let version = version.map(|part| part.to_string()).join(".");
    let told = sqlx::query("UPDATE sensor SET version = ? WHERE id = ?")
        .bind(version)
        .bind(who.id.to_string())
        .execute(&app.store.write)
        .await;
    // While a batch is being committed this may have to wait too long; the next connection says it again.
    if let Err(error) = told {
        tracing::warn!(kind = crate::store::kind_of(&error), "a sensor's version was not noted");
    }
    heard(app, who, wall, None);
    let mut committed = Vec::new();
    for held in &boots {
        if let Some(through) = app.store.cursor(&who.id.to_string(), held.boot, held.lane).await? {
            committed.push(Committed { boot: held.boot, lane: held.lane, through });
        }
    }
    say(&mut send, &CollectorSays::Welcome { protocol: PROTOCOL.1, wall: now(), committed }).await?;

    let (answers, mut waiting) = mpsc::channel::<CollectorSays>(ANSWERS);
    let control = listen(Arc::clone(app), Arc::clone(who), receive, answers.clone());
    let lanes = async {
        let mut tasks = tokio::task::JoinSet::new();
        loop {
            tokio::select! {
                stream = connection.accept_uni() => {
                    let stream = stream?;
                    tasks.spawn(listen(Arc::clone(app), Arc::clone(who), stream, answers.clone()));
                }
                Some(ended) = tasks.join_next() => ended??,
            }
        }
        #[expect(unreachable_code, reason = "names the type of the loop's errors")]
        anyhow::Ok(())
    };
    let writing = async {
        while let Some(answer) = waiting.recv().await {
            say(&mut send, &answer).await?;
        }
        anyhow::Ok(())
    };
    // The control stream ends the conversation; the lanes alone do not.
    tokio::select! {
        ended = control => ended,
        ended = lanes => ended,
        ended = writing => ended,
    }
}

async fn say(send: &mut SendStream, what: &CollectorSays) -> anyhow::Result<()> {
    Ok(send.write_all(&message(what)?).await?)
}

fn heard(app: &App, who: &Enrolment, wall: i64, pending: Option<u64>) {
    let now = now();
    let mut live = app.live();
    let live = live.entry(who.id).or_default();
    live.offset = Some(wall.saturating_sub(now));
    live.heard = Some(now);
    live.pending = pending.or(live.pending);
}

/// Reads one stream to its end. The next message is read when the one before it is answered.
async fn listen(
    app: Arc<App>,
    who: Arc<Enrolment>,
    mut stream: RecvStream,
    answers: mpsc::Sender<CollectorSays>,
) -> anyhow::Result<()> {
    while let Some(said) = read::<SensorSays>(&mut stream, MESSAGE_MAX).await? {
        let answer = match said {
            SensorSays::Hello { boots, .. } => {
                // More boots than one Hello names come in rounds.
                anyhow::ensure!(boots.len() <= BOOTS_MAX, "more boots than are allowed");
                let mut committed = Vec::new();
                for held in &boots {
                    if let Some(through) = app.store.cursor(&who.id.to_string(), held.boot, held.lane).await? {
                        committed.push(Committed { boot: held.boot, lane: held.lane, through });
                    }
                }
                CollectorSays::Welcome { protocol: PROTOCOL.1, wall: now(), committed }
            }
            SensorSays::Ping { wall, pending } => {
                heard(&app, &who, wall, Some(pending));
                CollectorSays::Pong { wall: now(), echo: wall }
            }
            SensorSays::Batch(batch) => {
                let place = (batch.boot, batch.lane, batch.first);
                let what = unpack(&who, batch).await?;
                deliver(&app, &who, place, what).await?
            }
            SensorSays::Gone { boot, lane, first, last, reason } => {
                anyhow::ensure!(first <= last, "what is gone ends before it begins");
                deliver(&app, &who, (boot, lane, first), What::Gone { last, reason }).await?
            }
        };
        answers.send(answer).await?;
    }
    Ok(())
}

async fn unpack(who: &Enrolment, batch: Batch) -> anyhow::Result<What> {
    let unpacked = tokio::task::spawn_blocking(move || batch.unpack()).await?;
    match unpacked {
        Ok(frames) => Ok(What::Frames(frames)),
        Err(error) => {
            tracing::warn!(sensor = %who.id, %error, "a batch was refused");
            Err(error.into())
        }
    }
}

async fn deliver(
    app: &App,
    who: &Arc<Enrolment>,
    (boot, lane, first): (BootId, Lane, u64),
    what: What,
) -> anyhow::Result<CollectorSays> {
    let (done, answer) = oneshot::channel();
    let job = Job { who: Arc::clone(who), boot, lane, first, what, done };
    app.writer.send(job).await.map_err(|_| anyhow::anyhow!("the writer has ended"))?;
    Ok(match answer.await.unwrap_or(Done::Failed) {
        Done::Through(through) => CollectorSays::Ack(Committed { boot, lane, through }),
        Done::Expected(expected) => CollectorSays::Nak { boot, lane, expected },
        Done::Failed => CollectorSays::Busy { retry_ms: BUSY_MS },
    })
}
