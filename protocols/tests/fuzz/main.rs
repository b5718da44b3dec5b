//! `make fuzz`: mutated conversations by the million, in a release build, on any stable compiler.
//!
//! There is no coverage here. What stands in for it is what a decoder said: an input in which two events, fields or errors
//! followed each other for the first time is kept as a seed for others, and now and then one that said things in an order
//! that was not there before. What breaks a promise is written to `protocols/fuzz/corpus/<name>/`, which the short tests
//! replay, and the numbers are added to those in `tests/fuzz/REPORT.md` after each turn.
//!
//! `FUZZ_HOURS` is for all protocols together, those below the aim before the others; `FUZZ_EXECUTIONS` ends each sooner;
//! `FUZZ_ONLY` names some, by commas.

#[path = "../common/mod.rs"]
mod common;

mod code;
mod ledger;

use common::mutate::{Mutant, Pairs};
use common::timing::now;
use common::{Random, Sample, mutate};
use holter_protocols::{ALL, Protocol, Transport, Way};
use ledger::{AIM, Row};
use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, RwLock};
use std::time::Duration;

/// An execution that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(1);
/// One that takes this long will not come back: the program ends, and the input is kept.
const HANG: Duration = Duration::from_secs(20);
/// Inputs kept per decoder as seeds, beside its samples, and the bytes they may have.
const SEEDS: usize = 1024;
const SEED_BYTES: usize = 8 * 1024;
/// Of inputs with an order of their own, one in so many becomes a seed.
const ORDERS: usize = 64;
/// Failures written down per decoder.
const WRITTEN: usize = 20;
/// Each decoder's turn, so that all have had some when the time is over.
const TURNS: u32 = 4;

/// Marks are well mixed as they are.
#[derive(Default, Clone)]
struct Mixed(u64);

impl Hasher for Mixed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("only numbers are hashed")
    }

    fn write_u64(&mut self, mark: u64) {
        self.0 = mark;
    }
}

type Marks = HashSet<u64, BuildHasherDefault<Mixed>>;

#[derive(Default)]
struct Done {
    executions: u64,
    bytes: u64,
    slowest: Duration,
    marks: Marks,
    pairs: Pairs,
    seeds: Vec<Sample>,
    failures: Vec<String>,
    time: Duration,
}

impl Done {
    fn row(&self, name: &str, code: &str) -> Row {
        Row {
            name: name.to_owned(),
            code: code.to_owned(),
            executions: self.executions,
            before: 0,
            seconds: self.time.as_secs_f64(),
            megabytes: self.bytes as f64 / 1e6,
            ways: self.marks.len() as u64,
            slowest: self.slowest,
            failures: self.failures.len() as u64,
        }
    }
}

fn home() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

/// In the form in which samples are read.
fn keep(sample: &Sample, seed: u64) -> String {
    let tcp = sample.transport == Transport::Tcp;
    let bare = !tcp && sample.transport != Transport::Udp;
    let folder = home().join("protocols/fuzz/corpus").join(sample.protocol);
    std::fs::create_dir_all(&folder).expect("a folder for what broke");
    let mut bytes = Vec::new();
    if bare {
        bytes = sample.chunks.first().map(|(_, bytes)| bytes.clone()).unwrap_or_default();
    } else {
        for (way, chunk) in &sample.chunks {
            bytes.push(if *way == Way::ToServer { b'>' } else { b'<' });
            bytes.extend((chunk.len() as u32).to_be_bytes());
            bytes.extend_from_slice(chunk);
        }
    }
    let form = if tcp {
        "stream"
    } else if bare {
        "bin"
    } else {
        "datagrams"
    };
    let name = format!("{seed:016x}.{form}");
    std::fs::write(folder.join(&name), bytes).expect("writable");
    name
}

/// What the watch must know of a worker.
#[derive(Default)]
struct Watched {
    /// Counts executions: one that stays the same for long hangs.
    turn: AtomicU64,
    working: AtomicBool,
    current: RwLock<(Mutant, u64)>,
}

fn turn(protocol: &'static dyn Protocol, done: &mut Done, time: Duration, most: u64, watched: &Watched, seed: u64) {
    let samples = common::samples(protocol);
    let mut random = Random(seed | 1);
    let start = now();
    let mut last = start;
    while last - start < time && done.executions < most {
        let pool = if done.seeds.is_empty() || random.below(2) == 0 { &samples } else { &done.seeds };
        let run = random.next() | 1;
        {
            let mut current = watched.current.write().unwrap_or_else(PoisonError::into_inner);
            current.0.make(pool, &mut random);
            current.1 = run;
        }
        watched.turn.fetch_add(1, Ordering::Relaxed);
        let current = watched.current.read().unwrap_or_else(PoisonError::into_inner);
        let sample = &current.0.sample;
        watched.working.store(true, Ordering::Relaxed);
        let pairs = Some(&mut done.pairs);
        let result = catch_unwind(AssertUnwindSafe(|| mutate::noticed(protocol, sample, &mut Random(run), pairs)));
        watched.working.store(false, Ordering::Relaxed);
        let took = now() - last;
        last += took;
        let bytes = sample.chunks.iter().map(|(_, bytes)| bytes.len()).sum::<usize>();
        done.executions += 1;
        done.bytes += bytes as u64;
        let failed = match result {
            Ok((mark, fresh)) => {
                let order = done.marks.len() < 1 << 20 && done.marks.insert(mark);
                if (fresh || order && random.below(ORDERS) == 0) && bytes <= SEED_BYTES {
                    if done.seeds.len() < SEEDS {
                        done.seeds.push(sample.clone());
                    } else {
                        done.seeds[random.below(SEEDS)] = sample.clone();
                    }
                }
                // The machine may have been elsewhere meanwhile: only what is slow again is slow.
                let mut slow = took;
                if took > PATIENCE {
                    let start = now();
                    mutate::execute(protocol, sample, &mut Random(run));
                    slow = now() - start;
                    last += slow;
                }
                done.slowest = done.slowest.max(slow);
                (slow > PATIENCE).then(|| format!("took {took:?}, and again {slow:?}"))
            }
            Err(panic) => Some(
                panic
                    .downcast_ref::<String>()
                    .cloned()
                    .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
                    .unwrap_or_default(),
            ),
        };
        if let Some(why) = failed
            && done.failures.len() < WRITTEN
        {
            done.failures.push(format!("{why} (input {})", keep(sample, run)));
        }
    }
    done.time += last - start;
}

#[test]
#[ignore = "hours; make fuzz"]
#[allow(clippy::print_stdout, reason = "says how it goes")]
fn millions_of_mutated_conversations_break_nothing() {
    let hours: f64 = std::env::var("FUZZ_HOURS").ok().and_then(|text| text.parse().ok()).unwrap_or(1.0);
    let most: u64 = std::env::var("FUZZ_EXECUTIONS").ok().and_then(|text| text.parse().ok()).unwrap_or(u64::MAX);
    let only = std::env::var("FUZZ_ONLY").unwrap_or_default();
    let wanted =
        |protocol: &&&'static dyn Protocol| only.is_empty() || only.split(',').any(|name| name == protocol.name());
    let page = home().join("tests/fuzz/REPORT.md");
    let known = ledger::read(&std::fs::read_to_string(&page).unwrap_or_default());
    // In the order of the table, whatever the report had.
    let earlier: Vec<Row> = ALL
        .iter()
        .map(|protocol| {
            let row = known.iter().find(|row| row.name == protocol.name());
            row.cloned().unwrap_or_else(|| Row { name: protocol.name().to_owned(), ..Row::default() })
        })
        .collect();
    let source = home().join("protocols/src");
    let codes: Vec<String> = ALL.iter().map(|protocol| code::of(&source, protocol.name())).collect();
    let row = |protocol: &dyn Protocol| ALL.iter().position(|one| one.name() == protocol.name()).expect("in the table");
    let wanted: Vec<&'static dyn Protocol> = ALL.iter().filter(wanted).copied().collect();
    let short = |protocol: &&'static dyn Protocol| {
        let at = row(*protocol);
        earlier[at].executions < AIM || earlier[at].code != codes[at]
    };
    let below: Vec<_> = wanted.iter().copied().filter(short).collect();
    let protocols = if below.is_empty() { wanted } else { below };
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(protocols.len().max(1));
    let slice =
        Duration::from_secs_f64(hours * 3600.0 * workers as f64 / protocols.len().max(1) as f64 / f64::from(TURNS));
    let all: Vec<Mutex<Done>> = protocols.iter().map(|_| Mutex::default()).collect();
    let watched: Vec<Watched> = (0..workers).map(|_| Watched::default()).collect();
    let seed = std::time::UNIX_EPOCH.elapsed().map_or(1, |since| since.as_nanos() as u64);
    println!("{} decoders, {workers} at once, {slice:?} a turn, seed {seed:#x}", protocols.len());
    std::fs::create_dir_all(page.parent().expect("a folder")).expect("writable");
    let rows = Mutex::new(earlier.clone());
    let account = |at: usize, run: &Row| {
        let mut rows = rows.lock().unwrap_or_else(PoisonError::into_inner);
        let mut sum = earlier[at].clone();
        sum.add(run);
        rows[at] = sum;
        std::fs::write(&page, ledger::write(&rows, mutate::HELD)).expect("writable");
    };
    let (next, over) = (AtomicUsize::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| watch(&watched, &over));
        let running: Vec<_> = watched
            .iter()
            .map(|watched| {
                scope.spawn(|| {
                    loop {
                        let n = next.fetch_add(1, Ordering::Relaxed);
                        if n >= protocols.len() * TURNS as usize {
                            return;
                        }
                        let at = n % protocols.len();
                        let mut done = all[at].lock().unwrap_or_else(PoisonError::into_inner);
                        let seed = seed.wrapping_add(n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                        turn(protocols[at], &mut done, slice, most, watched, seed);
                        let name = protocols[at].name();
                        println!("{name}: {} executions, {} failures", done.executions, done.failures.len());
                        account(row(protocols[at]), &done.row(name, &codes[row(protocols[at])]));
                    }
                })
            })
            .collect();
        running.into_iter().for_each(|one| one.join().expect("a worker"));
        over.store(true, Ordering::Relaxed);
    });
    let failures: Vec<String> = protocols
        .iter()
        .zip(all)
        .flat_map(|(protocol, done)| {
            let done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
            done.failures.into_iter().map(move |why| format!("{}: {why}", protocol.name()))
        })
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Ends the program when an execution does not.
#[allow(clippy::print_stdout, reason = "the last words")]
fn watch(watched: &[Watched], over: &AtomicBool) {
    let mut seen: Vec<(u64, Duration)> = vec![(0, Duration::ZERO); watched.len()];
    const LOOK: Duration = Duration::from_millis(500);
    while !over.load(Ordering::Relaxed) {
        std::thread::sleep(LOOK);
        for (one, (turn, stuck)) in watched.iter().zip(&mut seen) {
            let now = one.turn.load(Ordering::Relaxed);
            *stuck = if now == *turn && one.working.load(Ordering::Relaxed) { *stuck + LOOK } else { Duration::ZERO };
            *turn = now;
            if *stuck > HANG {
                let current = one.current.read().unwrap_or_else(PoisonError::into_inner);
                let (Mutant { sample, .. }, run) = &*current;
                println!("{} does not come back (input {})", sample.protocol, keep(sample, *run));
                std::process::exit(3);
            }
        }
    }
}
