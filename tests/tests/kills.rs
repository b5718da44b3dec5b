//! Fifty kills at random under load: what was confirmed as durable is in the collector once, and byte for byte; what
//! was not confirmed stands in a loss statement.
//!
//! The test takes the place of the sensing process: it gives records to the real forwarding process and writes down
//! itself what was confirmed. Neither program knows that it is watched.

use anyhow::{Context, Result, bail, ensure};
use holter_sandbox::pair::{Heard, SenseEnd, Sent, ToSense};
use holter_sandbox::{keep_across_exec, pair};
use holter_terms::{DeviceKey, Mac, Protocol, Severity};
use holter_tests::programs::{Background, binary, run, wait_for};
use holter_wire::*;
use std::collections::{BTreeMap, VecDeque};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const KILLS: u32 = 50;
const BETWEEN_MS: std::ops::Range<u64> = 60..400;

/// xorshift: a run is named by its seed, and a failing one can be repeated.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

fn text(text: &str) -> Text {
    Text::new(text).expect("plain")
}

fn record(n: i64) -> Record<Text> {
    let party = Party { device: DeviceKey::Mac(Mac([2, 0, 0, 0, 0, (n % 7) as u8])), ip: None };
    match n % 3 {
        0 => Record::Finding(Finding {
            id: (n as u128).to_le_bytes(),
            detection: text("dicom-find-sweep"),
            severity: Severity::Low,
            first: n,
            last: n,
            subject: party,
            peer: None,
            facts: vec![],
            partly_blind: false,
        }),
        1 => Record::Devices(Devices {
            rows: vec![EvidenceRow {
                device: party.device,
                attribute: holter_terms::Attribute::Maker,
                value: text(&format!("Maker {}", n % 3)),
                rule: text("published:oui/medical-maker"),
                weight: 50,
                first: n,
                last: n,
                count: 1,
            }],
        }),
        _ => Record::Window(Window {
            start: n * 60_000_000_000,
            seconds: 60,
            capture: CaptureCounters { frames: n as u64, ..CaptureCounters::default() },
            coverage: Coverage::default(),
            protocols: vec![ProtocolRow {
                protocol: Protocol::Dicom,
                conversations: 1,
                events: 2,
                malformed: 0,
                bytes: n as u64,
            }],
            talks: vec![],
            acts: vec![],
            counters: vec![CounterRow { name: text("noise"), count: n as u64 }; (n % 40) as usize],
        }),
    }
}

/// What the test knows for sure.
#[derive(Default)]
struct Truth {
    boot: [u8; 16],
    booted: bool,
    /// Sent and not yet answered: number, lane, bytes.
    sent: VecDeque<(u64, u8, Vec<u8>)>,
    confirmed: BTreeMap<(String, u8, u64), Vec<u8>>,
    /// Sent to a process that died before it confirmed: may or may not be durable.
    uncertain: Vec<(u8, Vec<u8>)>,
    untold: Vec<(u8, u64)>,
    telling: VecDeque<(u8, u64)>,
    /// Processes that said that they began, which they do once that is on disk.
    boots: u32,
    /// The last answer to the question how far it has come.
    far: Option<u64>,
    /// Ask again how far the successor has come.
    ask: bool,
}

impl Truth {
    fn hear(&mut self, heard: ToSense) -> Result<()> {
        match heard {
            ToSense::Boot(boot) => {
                self.boot = boot;
                self.boots += 1;
                if std::mem::replace(&mut self.booted, true) {
                    self.untold.extend(self.telling.drain(..));
                    self.ask = true;
                }
            }
            ToSense::Appended { lane, first, count, number } => {
                self.answered_before(number);
                let boot: String = self.boot.iter().map(|byte| format!("{byte:02x}")).collect();
                for at in 0..u64::from(count) {
                    let (sent, of, frame) = self.sent.pop_front().context("confirmed what was never sent")?;
                    ensure!((sent, of) == (number + at, lane), "confirmed out of order");
                    let known = self.confirmed.insert((boot.clone(), lane, first + at), frame);
                    ensure!(known.is_none(), "a number was given twice");
                }
            }
            ToSense::ThisFar(number) => {
                self.far = Some(number);
                self.answered_before(number);
            }
            ToSense::Noted => {
                self.telling.pop_front();
            }
            ToSense::Unread => bail!("a message that cannot be read"),
        }
        Ok(())
    }

    /// What a process that died took with it.
    fn answered_before(&mut self, number: u64) {
        while let Some((_, lane, frame)) = self.sent.pop_front_if(|(at, ..)| *at < number) {
            self.untold.push((lane, 1));
            self.uncertain.push((lane, frame));
        }
    }

    fn settled(&self) -> bool {
        self.sent.is_empty() && self.untold.is_empty() && self.telling.is_empty()
    }
}

fn free_port() -> u16 {
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").expect("a port");
    socket.local_addr().expect("an address").port()
}

fn collector(data: &Path, quic: u16, https: u16, n: u32) -> Result<Background> {
    let mut command = Command::new(binary("holter-collector"));
    command.args([
        "serve",
        "--listen-quic",
        &format!("127.0.0.1:{quic}"),
        "--listen-https",
        &format!("127.0.0.1:{https}"),
    ]);
    command.arg("--data").arg(data);
    Background::start(&mut command, data.parent().context("a folder")?, &format!("collector-{n}"))
}

fn forward(state: &Path, end: &OwnedFd, log: &Path) -> Result<Child> {
    let copy = end.try_clone()?;
    let number = keep_across_exec(&copy)?;
    let log = std::fs::OpenOptions::new().create(true).append(true).open(log)?;
    let mut command = Command::new(binary("holter-agent"));
    command.args(["--log", "info", "forward", "--drain", "--link", &number.to_string(), "--state"]).arg(state);
    Ok(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn()?)
}

fn kills(seed: u64, kills: u32) -> Result<()> {
    let mut random = Random(seed);
    let folder = tempfile::tempdir()?;
    let (data, state) = (folder.path().join("collector"), folder.path().join("sensor"));
    std::fs::create_dir(&data)?;
    let (quic, https) = (free_port(), free_port());
    let mut server = collector(&data, quic, https, 0)?;
    let mut started = 0;
    let host = format!("127.0.0.1:{quic}");
    let token = wait_for("a token", Duration::from_secs(30), || {
        let mut command = Command::new(binary("holter-collector"));
        command.args(["token", "create", "--name", "killed", "--host", &host]).arg("--data").arg(&data);
        let text = run(&mut command, Duration::from_secs(20)).ok()?.ok().ok()?.stdout();
        text.split_whitespace().find(|word| word.starts_with("HLT1-")).map(str::to_owned)
    })?;
    wait_for("enrolment", Duration::from_secs(30), || {
        let mut command = Command::new(binary("holter-agent"));
        command.args(["enroll", &token]).arg("--state").arg(&state);
        let done = run(&mut command, Duration::from_secs(20)).ok()?;
        done.ok().map_err(|error| eprintln!("{error:#}")).ok()
    })?;

    let (sense_end, forward_end) = pair::pair()?;
    let log = folder.path().join("forward.err");
    let mut sender = forward(&state, &forward_end, &log)?;
    let mut end = SenseEnd::new(sense_end);
    let mut truth = Truth::default();
    let (mut done, mut n) = (0, 0i64);
    let mut next_kill = holter_tests::programs::now() + Duration::from_millis(500);
    let mut killed = [0u32; 2];
    while done < kills {
        while let Heard::Message(heard) = end.hear(Some(0))? {
            truth.hear(heard)?;
        }
        while let Some((lane, count)) = truth.untold.pop() {
            ensure!(end.lost(LossReason::Unconfirmed as u8, Some(lane), count, true)? == Sent::Whole);
            truth.telling.push_back((lane, count));
        }
        for _ in 0..random.below(8) {
            let record = record(n);
            let (lane, frame) = (record.lane() as u8, codec::encode(&record)?);
            if end.frame(lane, n as u64, &frame, false)? == Sent::Whole {
                truth.sent.push_back((n as u64, lane, frame));
                n += 1;
            }
        }
        if holter_tests::programs::now() >= next_kill {
            if random.below(2) == 0 {
                sender.kill()?;
                sender.wait()?;
                sender = forward(&state, &forward_end, &log)?;
                killed[0] += 1;
            } else {
                drop(server); // SIGKILL
                started += 1;
                server = collector(&data, quic, https, started)?;
                killed[1] += 1;
            }
            done += 1;
            next_kill = holter_tests::programs::now()
                + Duration::from_millis(BETWEEN_MS.start + random.below(BETWEEN_MS.end - BETWEEN_MS.start));
        }
        std::thread::sleep(Duration::from_millis(random.below(6)));
    }
    let began = holter_tests::programs::now();
    truth.ask = true;
    loop {
        while let Some((lane, count)) = truth.untold.pop() {
            end.lost(LossReason::Unconfirmed as u8, Some(lane), count, true)?;
            truth.telling.push_back((lane, count));
        }
        if std::mem::take(&mut truth.ask) {
            end.how_far(n as u64)?;
        }
        // Nobody is killed any more: whoever answers this is the last of them.
        if truth.settled() && truth.far == Some(n as u64) {
            break;
        }
        ensure!(began.elapsed() < Duration::from_secs(60), "the last records were not confirmed");
        if let Heard::Message(heard) = end.hear(Some(100))? {
            truth.hear(heard)?;
        }
    }
    end.farewell()?;
    let status =
        wait_for("the forwarding process to drain", Duration::from_secs(90), || sender.try_wait().ok().flatten());
    let status = status.with_context(|| std::fs::read_to_string(&log).unwrap_or_default())?;
    ensure!(status.success(), "{status}: {}", std::fs::read_to_string(&log)?);
    server.stop(Duration::from_secs(20))?;
    check(&data, &truth, killed, n)
}

/// The collector's rows against what the test wrote down.
fn check(data: &Path, truth: &Truth, killed: [u32; 2], made: i64) -> Result<()> {
    let database = std::fs::read_dir(data)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.extension().is_some_and(|extension| extension == "db" || extension == "sqlite"))
        .context("the database")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let rows: Vec<(String, i64, i64, Vec<u8>)> = runtime.block_on(async {
        let pool = sqlx::SqlitePool::connect(&format!("sqlite://{}?mode=ro", database.display())).await?;
        sqlx::query_as("SELECT boot, lane, seq, payload FROM frame").fetch_all(&pool).await
    })?;
    let mut found: BTreeMap<(String, u8, u64), Vec<u8>> = BTreeMap::new();
    for (boot, lane, seq, payload) in rows {
        let twice = found.insert((boot, lane as u8, seq as u64), payload);
        ensure!(twice.is_none(), "a row stands twice");
    }
    for (key, frame) in &truth.confirmed {
        let row = found.remove(key).with_context(|| format!("{key:?} was confirmed and is not there"))?;
        ensure!(row == *frame, "{key:?} has other bytes than were sent");
    }
    let (mut stated, mut boots, mut durable_all_the_same) = (BTreeMap::new(), 0, 0);
    let mut uncertain = truth.uncertain.clone();
    for ((boot, lane, seq), payload) in found {
        match codec::decode(&payload)? {
            Record::Boot(_) => boots += 1,
            Record::Loss(loss) => {
                for row in loss.rows.iter().filter(|row| row.reason == LossReason::Unconfirmed) {
                    let counted: &mut u64 = stated.entry((boot.clone(), row.lane)).or_default();
                    *counted = row.count.max(*counted);
                }
            }
            _ => {
                let at = uncertain.iter().position(|(of, frame)| *of == lane && *frame == payload);
                uncertain.swap_remove(at.with_context(|| format!("{boot} {lane} {seq}: nobody sent it"))?);
                durable_all_the_same += 1;
            }
        }
    }
    let stated: u64 = stated.values().sum();
    let unconfirmed = truth.uncertain.len() as u64;
    eprintln!(
        "{} kills of the sensor, {} of the collector; {made} records, {} confirmed and there, {unconfirmed} not confirmed \
         ({durable_all_the_same} of them durable all the same), {stated} stated as unconfirmed, {boots} boots",
        killed[0],
        killed[1],
        truth.confirmed.len()
    );
    ensure!(stated >= unconfirmed, "{unconfirmed} records were not confirmed and only {stated} are stated");
    let heard = truth.boots;
    ensure!(
        (heard..=killed[0] + 1).contains(&boots),
        "{boots} boots are told, {heard} said so, {} began",
        killed[0] + 1
    );
    ensure!(truth.confirmed.len() > 500, "only {} records were confirmed: no load", truth.confirmed.len());
    Ok(())
}

#[test]
fn fifty_kills_lose_nothing_that_was_confirmed_and_state_the_rest() -> Result<()> {
    let long = std::env::var("HOLTER_LONG").is_ok_and(|long| long == "1");
    kills(0x9e37_79b9_7f4a_7c15, if long { 1000 } else { KILLS })
}
