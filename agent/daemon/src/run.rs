//! What each command does with the processes of a sensor.

use crate::cli::{Command, Delivery, Enroll, Forward, Replay, Run, SpoolArgs, SpoolCommand};
use crate::config::Config;
use crate::exit::Failure;
use crate::identity::Identity;
use crate::linked::{Linked, Start, finish};
use crate::sink::Sink;
use crate::spool::{Folder, Next, Spool};
use crate::{doctor, enroll, fingerprints, forward, launch, replay, sense};
use anyhow::{Context, anyhow};
use holter_wire::enrol::Token;
use std::ffi::OsString;
use std::io::Write;

pub(crate) fn command(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Replay(args) => replayed(args),
        Command::Enroll(args) => enrolled(args),
        Command::Run(args) => run(args),
        Command::Doctor(args) => doctor::run(args),
        Command::Spool(SpoolCommand::Ls(args)) => spool(args, false),
        Command::Spool(SpoolCommand::Verify(args)) => spool(args, true),
        Command::Fingerprints(command) => fingerprints::command(command),
        Command::Forward(args) => forwarded(args),
        Command::Sense(args) => sense::run(args),
    }
}

fn replayed(args: &Replay) -> Result<(), Failure> {
    if let Some(link) = args.link {
        let (linked, end) = Linked::begin(link)?;
        let mut sink = Sink::new(end, true);
        let done = replay::run(args, Some(&linked), &mut |record| sink.record(&record));
        return finish(done, &mut sink);
    }
    let Some(collector) = &args.collector else { return replay::run(args, None, &mut |_| Ok(())) };
    if args.captures.iter().any(|path| path.as_os_str() == "-") {
        return Err(Failure::Refused("stdin (`-`) cannot be read together with --collector; give a file".to_owned()));
    }
    let identity = Identity::load(&args.delivery.state)?;
    let mut forward = forward_arguments(&args.delivery);
    forward.extend(["--drain".into(), "--collector".into(), collector.into()]);
    let plan = launch::Plan {
        sense: std::env::args_os().skip(1).collect(),
        start: &Start::of(&identity),
        forward,
        again: false,
    };
    ended(launch::run(&plan)?)
}

fn run(args: &Run) -> Result<(), Failure> {
    let identity = Identity::load(&args.delivery.state)?;
    let mut sense: Vec<OsString> = vec!["sense".into(), "--interface".into(), (&args.interface).into()];
    sense.extend(["--learn".into(), args.learn.to_string().into()]);
    sense.extend(["--ring-mb".into(), args.capture.ring_mb.to_string().into()]);
    sense.extend(["--snaplen".into(), args.capture.snaplen.to_string().into()]);
    if let Some(filter) = &args.capture.filter {
        sense.extend(["--filter".into(), filter.into()]);
    }
    if let Some(path) = &args.events {
        sense.extend(["--events".into(), path.into()]);
    }
    if let Some(path) = &args.eve {
        sense.extend(["--eve".into(), path.into()]);
    }
    if let Some(path) = &args.config {
        // What is wrong with it is said before anything is started.
        Config::read(path)?;
        sense.extend(["--config".into(), path.into()]);
    }
    if args.allow_weaker_sandbox {
        sense.push("--allow-weaker-sandbox".into());
    }
    let plan =
        launch::Plan { sense, start: &Start::of(&identity), forward: forward_arguments(&args.delivery), again: true };
    ended(launch::run(&plan)?)
}

fn forward_arguments(delivery: &Delivery) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = vec!["forward".into(), "--state".into(), (&delivery.state).into()];
    arguments.extend(["--spool-mb".into(), delivery.spool_mb.to_string().into()]);
    if let Some(address) = delivery.metrics {
        arguments.extend(["--metrics".into(), address.to_string().into()]);
    }
    arguments
}

/// The sensing process has said why it failed.
fn ended(code: u8) -> Result<(), Failure> {
    match code {
        0 => Ok(()),
        2 => Err(Failure::Refused("sensing was refused; the reason stands above".to_owned())),
        _ => Err(anyhow!("sensing ended with a failure; the reason stands above").into()),
    }
}

fn forwarded(args: &Forward) -> Result<(), Failure> {
    launch::die_with_launcher()?;
    let end = holter_sandbox::inherited(args.link).context("--link is for the launcher to give")?.into_fd();
    let options = forward::Options {
        state: args.delivery.state.clone(),
        spool_cap: args.delivery.spool_mb << 20,
        drain: args.drain,
        collector: args.collector.clone(),
        metrics: args.delivery.metrics,
    };
    Ok(forward::run(&options, end)?)
}

fn enrolled(args: &Enroll) -> Result<(), Failure> {
    let text = if args.token == "-" {
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).context("stdin")?;
        line
    } else {
        args.token.clone()
    };
    let token = Token::parse(&text).map_err(|error| Failure::Refused(error.to_string()))?;
    let said = enroll::enroll(&token, &args.state)?;
    let _ = writeln!(std::io::stdout(), "{said}");
    Ok(())
}

/// Lists what waits, and reads it back if asked.
fn spool(args: &SpoolArgs, verify: bool) -> Result<(), Failure> {
    let folder = args.state.join("spool");
    if !folder.is_dir() {
        return Err(anyhow!("{}: there is no spool", folder.display()).into());
    }
    let open = || Spool::open(Folder::open(&folder)?, holter_terms::BootId([0; 16]), u64::MAX);
    let mut spool = open().with_context(|| folder.display().to_string())?;
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{:32}  {:4}  {:>12}  {:>12}  {:>10}", "boot", "lane", "first", "last", "records");
    let mut bad = 0;
    for held in spool.holdings() {
        let (lane, records) = (held.lane.as_str(), held.last - held.first + 1);
        let _ = writeln!(out, "{}  {lane:4}  {:>12}  {:>12}  {records:>10}", held.boot, held.first, held.last);
        let mut after = held.first - 1;
        while verify && after < held.last {
            match spool.next((held.boot, held.lane), after, 1 << 20) {
                Next::Frames { first, frames } => {
                    for (number, frame) in (first..).zip(&frames) {
                        if let Err(error) = holter_wire::codec::check(frame) {
                            bad += 1;
                            let _ = writeln!(out, "  {number}: {error}");
                        }
                    }
                    after += frames.len() as u64;
                }
                Next::Gone(gone) => {
                    bad += gone.last - gone.first + 1;
                    let _ = writeln!(out, "  {} to {}: gone ({:?})", gone.first, gone.last, gone.reason);
                    after = gone.last;
                }
                Next::Nothing => break,
            }
        }
    }
    let _ = writeln!(out, "{} bytes on disk", spool.bytes());
    if bad > 0 { Err(anyhow!("{bad} records cannot be read back").into()) } else { Ok(()) }
}
