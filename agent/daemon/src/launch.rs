//! The launcher: starts the process that senses and the process that forwards, joins them, and starts again what dies.
//!
//! It holds both ends of the pair and reads neither. Children run in process groups of their own, so that a Ctrl-C at
//! the terminal reaches the launcher alone; it then closes the sensing process's standard input, which is the sign to
//! end, and the sensing process's farewell ends the forwarding process. Children die with their launcher.

use anyhow::{Context, bail};
use holter_sandbox::{keep_across_exec, pair};
use serde::Serialize;
use std::os::fd::OwnedFd;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, ChildStdin, Command};
use tokio::signal::unix::{SignalKind, signal};

/// Tells a child who started it.
const LAUNCHER: &str = "HOLTER_LAUNCHER";

const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// A child that lived this long is not what the last pause was for.
const STEADY: Duration = Duration::from_secs(60);
/// How long children may take to end in order.
const ENDING: Duration = Duration::from_secs(90);

pub(crate) struct Plan<'a, S: Serialize> {
    /// Arguments of the sensing process; `--link N` is added.
    pub(crate) sense: Vec<std::ffi::OsString>,
    /// What it is told on its standard input: keys and choices that no command line may show.
    pub(crate) start: &'a S,
    /// Arguments of the forwarding process; `--link N` is added.
    pub(crate) forward: Vec<std::ffi::OsString>,
    /// Start sensing again when it dies. A replay is over when it ends.
    pub(crate) again: bool,
}

/// Runs until told to end, or until sensing has ended where it is not to be started again. Answers with the exit code of
/// the sensing process.
pub(crate) fn run<S: Serialize>(plan: &Plan<'_, S>) -> anyhow::Result<u8> {
    let (sense_end, forward_end) = pair::pair().context("a socket pair cannot be made")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(supervise(plan, &sense_end, &forward_end))
}

async fn supervise<S: Serialize>(plan: &Plan<'_, S>, sense_end: &OwnedFd, forward_end: &OwnedFd) -> anyhow::Result<u8> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut forward = start(&plan.forward, forward_end, Stdio::null())?;
    let (mut sense, mut leash) = start_sense(plan, sense_end).await?;
    let mut pause = SHORTEST_PAUSE;
    let mut since = tokio::time::Instant::now();
    loop {
        tokio::select! {
            status = forward.wait() => {
                let status = status?;
                if status.code().is_some() {
                    // It ended by itself, so it said why; starting it again would say it again.
                    let _ = sense.kill().await;
                    bail!("the forwarding process ended with {status}");
                }
                tracing::error!("launcher: the forwarding process was ended by {status}; it is started again");
                rest(&mut pause, &mut since).await;
                forward = start(&plan.forward, forward_end, Stdio::null())?;
            }
            status = sense.wait() => {
                let status = status?;
                if !plan.again {
                    let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
                    if status.code().is_none() {
                        farewell(sense_end)?;
                    }
                    end(&mut forward).await?;
                    return Ok(code);
                }
                if status.code().is_some_and(|code| code == 2) {
                    farewell(sense_end)?;
                    end(&mut forward).await?;
                    return Ok(2);
                }
                tracing::error!("launcher: the sensing process ended with {status}; it is started again");
                rest(&mut pause, &mut since).await;
                (sense, leash) = start_sense(plan, sense_end).await?;
            }
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
        }
    }
    drop(leash);
    end(&mut sense).await?;
    end(&mut forward).await?;
    Ok(0)
}

/// Says farewell in the place of a sensing process that could not.
fn farewell(sense_end: &OwnedFd) -> anyhow::Result<()> {
    pair::SenseEnd::new(sense_end.try_clone()?).farewell()?;
    Ok(())
}

async fn rest(pause: &mut Duration, since: &mut tokio::time::Instant) {
    if since.elapsed() > STEADY {
        *pause = SHORTEST_PAUSE;
    }
    tokio::time::sleep(*pause).await;
    *pause = (*pause * 2).min(LONGEST_PAUSE);
    *since = tokio::time::Instant::now();
}

async fn end(child: &mut Child) -> anyhow::Result<()> {
    match tokio::time::timeout(ENDING, child.wait()).await {
        Ok(status) => {
            let status = status?;
            if status.success() { Ok(()) } else { bail!("a process of the sensor ended with {status}") }
        }
        Err(_) => {
            let _ = child.kill().await;
            bail!("a process of the sensor did not end within {} s and was ended", ENDING.as_secs())
        }
    }
}

/// The sensing process, and the standard input whose end tells it to end. The two are held apart: waiting for a child
/// that still holds its input closes the input first.
async fn start_sense<S: Serialize>(plan: &Plan<'_, S>, end: &OwnedFd) -> anyhow::Result<(Child, ChildStdin)> {
    let mut child = start(&plan.sense, end, Stdio::piped())?;
    let mut leash = child.stdin.take().context("a child without standard input")?;
    let mut line = serde_json::to_vec(plan.start)?;
    line.push(b'\n');
    // A child that died already is noticed by its status.
    let _ = leash.write_all(&line).await;
    let _ = leash.flush().await;
    Ok((child, leash))
}

fn start(arguments: &[std::ffi::OsString], end: &OwnedFd, input: Stdio) -> anyhow::Result<Child> {
    // The copy is the child's: it is open across its start and closed here afterwards.
    let copy = end.try_clone()?;
    let number = keep_across_exec(&copy)?;
    let mut command = Command::new("/proc/self/exe");
    command.args(arguments).arg("--link").arg(number.to_string()).stdin(input).process_group(0).kill_on_drop(true);
    command.env(LAUNCHER, std::process::id().to_string()).env(crate::logs::VARIABLE, crate::logs::wanted());
    command.spawn().context("a process of the sensor cannot be started")
}

/// To be called by a child first of all: it is not to outlive its launcher.
pub(crate) fn die_with_launcher() -> anyhow::Result<()> {
    nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGKILL)?;
    let launcher = std::env::var(LAUNCHER).ok().and_then(|id| id.parse().ok());
    if launcher.is_some_and(|id: i32| id != nix::unistd::getppid().as_raw()) {
        bail!("the launcher is gone");
    }
    Ok(())
}
