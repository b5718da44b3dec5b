//! `replay`: the whole engine on capture files.

mod account;
mod pace;
mod progress;
mod stats;

use crate::cli::{Checksums, Replay, SiteData, Switch};
use crate::eve::EveWriter;
use crate::events::EventWriter;
use crate::exit::Failure;
use crate::linked::Linked;
use crate::{config, inventory, keys};
use account::Account;
use anyhow::{Context, Result, anyhow};
use holter_capture::{CaptureError, CaptureFile};
use holter_engine::flow::{Close, Conversation};
use holter_engine::{Config, Engine, Odd, Outlet, Zones};
use holter_phi::{Label, Names};
use holter_protocols::{Event, Way};
use holter_terms::Nanos;
use holter_wire::{Finding, Record};
use pace::Pace;
use progress::Progress;
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::os::fd::{AsRawFd, RawFd};
use std::path::{Path, PathBuf};

/// Findings kept for the account. The detectors' own bounds are below it; more are forwarded and not printed.
const FINDINGS_MAX: usize = 8192;

/// Where records go beside the account, as they are made.
pub(crate) type Forward<'a> = dyn FnMut(Record<Label>) -> Result<()> + 'a;

/// Takes what the engine says during a replay. The first failure of a sink is kept and ends the run.
struct Sinks<'a> {
    events: Option<EventWriter<Box<dyn Write>>>,
    eve: Option<EveWriter<Box<dyn Write>>>,
    findings: Vec<Finding<Label>>,
    forward: &'a mut Forward<'a>,
    failed: Option<anyhow::Error>,
}

impl Sinks<'_> {
    fn eve(&mut self, write: impl FnOnce(&mut EveWriter<Box<dyn Write>>) -> io::Result<()>) {
        if self.failed.is_none()
            && let Some(eve) = &mut self.eve
            && let Err(error) = write(eve)
        {
            self.failed = Some(anyhow!(error).context("--eve"));
        }
    }
}

impl Outlet for Sinks<'_> {
    fn odd(&mut self, conversation: &Conversation, odd: Odd, what: &'static str) {
        self.eve(|eve| eve.odd(conversation, odd, what));
    }

    fn closed(&mut self, conversation: &Conversation, why: Close) {
        self.eve(|eve| eve.closed(conversation, why));
    }

    fn event(&mut self, at: Nanos, conversation: &Conversation, way: Way, event: &dyn Event) {
        self.eve(|eve| eve.event(at, conversation, way, event));
        if self.failed.is_none()
            && let Some(events) = &mut self.events
            && let Err(error) = events.write(at, conversation, way, event)
        {
            self.failed = Some(anyhow!(error).context("--events"));
        }
    }

    fn record(&mut self, record: Record<Label>) {
        if let Record::Finding(finding) = &record {
            self.eve(|eve| eve.finding(finding));
            if let Some(known) = self.findings.iter_mut().find(|known| known.id == finding.id) {
                known.clone_from(finding);
            } else if self.findings.len() < FINDINGS_MAX {
                self.findings.push(finding.clone());
            }
        }
        if self.failed.is_none()
            && let Err(error) = (self.forward)(record)
        {
            self.failed = Some(error);
        }
    }
}

/// Reads every capture, tells what was in them, and fails at the end if a part of one could not be read.
///
/// Where `linked` is given, this is the sensing process of a sensor: keys and zones are the site's, every file is opened
/// first, and all rights are given up before the first frame is read.
pub(crate) fn run<'a>(args: &Replay, linked: Option<&Linked>, forward: &'a mut Forward<'a>) -> Result<(), Failure> {
    let to_stdout = [&args.events, &args.eve, &args.inventory, &args.stats]
        .iter()
        .filter(|path| path.as_deref().is_some_and(is_stdio))
        .count();
    if to_stdout > 1 {
        return Err(Failure::Refused("only one of --events, --eve, --inventory and --stats can be `-`".to_owned()));
    }
    if args.captures.iter().filter(|path| is_stdio(path)).count() > 1 {
        return Err(Failure::Refused("stdin (`-`) can be read once".to_owned()));
    }
    let show = args.site_data == SiteData::Show;
    let seed = args.seed.as_ref().map(|seed| seed.0.as_slice());
    let file = args.config.as_deref().map(config::Config::read).transpose()?.unwrap_or_default();
    let config = Config {
        zones: Zones::new(
            args.zones
                .iter()
                .map(|&(zone, net)| (net, zone))
                .chain(file.zones())
                .chain(linked.iter().flat_map(|linked| linked.start.zones())),
        ),
        learning: Nanos::from(args.learn).saturating_mul(1_000_000_000),
        midstream: args.midstream == Switch::On,
        overlaps: file.overlaps(),
        verify_checksums: args.checksums == Checksums::Verify,
    };
    let seeds = match linked {
        Some(linked) => linked.start.seeds()?,
        None => keys::seeds(seed, show)?,
    };
    // One key for the files and the records: a name must be the same wherever it is written. Where the site shows names
    // to its collector, local files still hash them unless they are told otherwise here.
    let names = match (show, seeds.names.are_shown()) {
        (true, _) => Names::shown(),
        (false, true) => keys::seeds(seed, false)?.names,
        (false, false) => seeds.names.clone(),
    };
    let mut engine = Engine::knowing(&file.fingerprints().load(), config, seeds);
    let mut outputs = Vec::new();
    let events = args.events.as_deref().map(|path| create(path, &mut outputs)).transpose()?;
    let eve = args.eve.as_deref().map(|path| create(path, &mut outputs)).transpose()?;
    let inventory_file = args.inventory.as_deref().map(|path| create(path, &mut outputs)).transpose()?;
    let stats_file = args.stats.as_deref().map(|path| create(path, &mut outputs)).transpose()?;
    let mut files: Vec<_> = args.captures.iter().map(|path| (path, open(path))).collect();
    if let Some(linked) = linked {
        linked.confine(&outputs, args.allow_weaker_sandbox)?;
    }
    let mut sinks = Sinks {
        eve: eve.map(|out| EveWriter::new(out, names.clone())),
        events: events.map(|out| EventWriter::new(out, names)),
        findings: Vec::new(),
        forward,
        failed: None,
    };
    let mut account = Account::default();
    let (mut refused, mut broken) = (0, 0);
    let mut pace = Pace::new(args.speed);
    let mut shift = Shift { wanted: args.as_if_now, by: None };
    for (path, file) in files.drain(..) {
        let mut progress = Progress::new(path);
        let read = file.and_then(|mut file| {
            one(&mut file, &mut engine, &mut sinks, &mut account, &mut pace, &mut shift, &mut progress)
        });
        match read {
            Ok(()) => {}
            Err(error) => {
                progress.clear();
                match error {
                    CaptureError::NotACapture(_) | CaptureError::Open(_) => refused += 1,
                    _ => broken += 1,
                }
                say(&format!("{}: {error}", shown(path)));
            }
        }
        if sinks.failed.is_some() {
            break;
        }
    }
    engine.finish(&mut sinks);
    if let Some(error) = sinks.failed {
        return Err(Failure::Failed(error));
    }
    if let Some(events) = sinks.events {
        events.finish().context("--events")?;
    }
    if let Some(eve) = sinks.eve {
        eve.finish().context("--eve")?;
    }
    let told = !args.quiet && to_stdout == 0;
    let devices = if told || inventory_file.is_some() { inventory::entries(engine.devices()) } else { Vec::new() };
    if let Some(mut file) = inventory_file {
        inventory::write(&mut file, &devices).context("--inventory")?;
    }
    if let Some(mut file) = stats_file {
        stats::write(&mut file, &engine, &sinks.findings).context("--stats")?;
    }
    if told {
        let out = io::stdout();
        let color = out.is_terminal() && std::env::var_os("NO_COLOR").is_none();
        let text = account.text(&engine, &devices, &sinks.findings, &args.captures, color);
        // A reader that went away (`| head`) is no failure.
        match out.lock().write_all(text.as_bytes()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => return Err(anyhow!(error).into()),
            _ => {}
        }
    }
    let all = args.captures.len();
    match (refused, broken) {
        (0, 0) => Ok(()),
        (0, n) => Err(Failure::Failed(anyhow!("{n} of {all} captures could not be read to the end"))),
        (n, _) => Err(Failure::Refused(format!("{n} of {all} captures could not be read at all"))),
    }
}

fn open(path: &Path) -> Result<CaptureFile, CaptureError> {
    if is_stdio(path) { CaptureFile::read(Box::new(io::stdin()) as _) } else { CaptureFile::open(path) }
}

fn one(
    file: &mut CaptureFile,
    engine: &mut Engine,
    sinks: &mut Sinks<'_>,
    account: &mut Account,
    pace: &mut Pace,
    shift: &mut Shift,
    progress: &mut Progress,
) -> Result<(), CaptureError> {
    for number in 1.. {
        let offset = file.offset();
        let Some(frame) = file.next()? else { break };
        let at = shift.of(frame.at);
        if let Some(eve) = &mut sinks.eve {
            eve.frame(number);
        }
        pace.wait(at);
        account.frame(at, frame.bytes.len(), frame.wire_len);
        engine.frame(at, frame.link, frame.bytes, sinks);
        progress.at(offset);
        if sinks.failed.is_some() {
            break;
        }
    }
    progress.clear();
    Ok(())
}

/// Packet time moved by one amount for the whole replay.
struct Shift {
    wanted: bool,
    by: Option<Nanos>,
}

impl Shift {
    fn of(&mut self, at: Nanos) -> Nanos {
        if !self.wanted {
            return at;
        }
        at.saturating_add(*self.by.get_or_insert_with(|| crate::wall().saturating_sub(at)))
    }
}

fn is_stdio(path: &Path) -> bool {
    path == Path::new("-")
}

fn shown(path: &Path) -> String {
    if is_stdio(path) { "stdin".to_owned() } else { path.display().to_string() }
}

fn create(path: &Path, outputs: &mut Vec<RawFd>) -> Result<Box<dyn Write>> {
    if is_stdio(path) {
        return Ok(Box::new(BufWriter::new(io::stdout())));
    }
    let file = File::create(path).with_context(|| format!("{} cannot be written", shown(path)))?;
    outputs.push(file.as_raw_fd());
    Ok(Box::new(BufWriter::with_capacity(256 * 1024, file)))
}

/// Says on stderr what went wrong with one of several inputs, while the rest goes on.
fn say(message: &str) {
    let _ = writeln!(io::stderr(), "holter-agent: {message}");
}

/// The captures by their names, for a headline.
fn names(captures: &[PathBuf]) -> String {
    let mut names: Vec<_> = captures
        .iter()
        .take(3)
        .map(|path| path.file_name().map_or_else(|| shown(path), |name| name.to_string_lossy().into_owned()))
        .collect();
    if captures.len() > names.len() {
        names.push(format!("{} more", captures.len() - names.len()));
    }
    names.join(", ")
}
