//! The sensing process of `run`: a live port, the engine, and the pair. Ends when its standard input is closed.

use crate::cli::SenseArgs;
use crate::config;
use crate::eve::EveWriter;
use crate::events::EventWriter;
use crate::exit::Failure;
use crate::linked::{Linked, finish};
use crate::sink::Sink;
use anyhow::{Context, anyhow};
use holter_capture::{Live, LiveOptions, Next, Stop};
use holter_engine::flow::{Close, Conversation};
use holter_engine::{Config, Engine, Lost, Odd, Outlet, Zones};
use holter_phi::Label;
use holter_protocols::{Event, Way};
use holter_terms::Nanos;
use holter_wire::Record;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter};
use std::os::fd::{AsFd, AsRawFd};
use std::path::Path;

/// Frames between two looks at the launcher.
const LOOK_EVERY: u32 = 4096;

struct Out {
    sink: Sink,
    events: Option<EventWriter<BufWriter<File>>>,
    eve: Option<EveWriter<BufWriter<File>>>,
    failed: Option<anyhow::Error>,
}

impl Out {
    fn eve(&mut self, write: impl FnOnce(&mut EveWriter<BufWriter<File>>) -> io::Result<()>) {
        if let Some(eve) = &mut self.eve
            && let Err(error) = write(eve)
        {
            tracing::error!("--eve: {error}; nothing more is written there");
            self.eve = None;
        }
    }
}

impl Outlet for Out {
    fn odd(&mut self, conversation: &Conversation, odd: Odd, what: &'static str) {
        self.eve(|eve| eve.odd(conversation, odd, what));
    }

    fn closed(&mut self, conversation: &Conversation, why: Close) {
        self.eve(|eve| eve.closed(conversation, why));
    }

    fn event(&mut self, at: Nanos, conversation: &Conversation, way: Way, event: &dyn Event) {
        self.eve(|eve| eve.event(at, conversation, way, event));
        if let Some(events) = &mut self.events
            && let Err(error) = events.write(at, conversation, way, event)
        {
            // The disk of a test is full; the sensor goes on.
            tracing::error!("--events: {error}; no more events are written");
            self.events = None;
        }
    }

    fn record(&mut self, record: Record<Label>) {
        if let Record::Finding(finding) = &record {
            self.eve(|eve| eve.finding(finding));
        }
        if let Err(error) = self.sink.record(&record) {
            self.failed.get_or_insert(error);
        }
    }
}

pub(crate) fn run(args: &SenseArgs) -> Result<(), Failure> {
    let (linked, end) = Linked::begin(args.link)?;
    let mut options = LiveOptions::new(&args.interface);
    options.filter.clone_from(&args.capture.filter);
    options.ring = args.capture.ring_mb.saturating_mul(1 << 20);
    options.snaplen = args.capture.snaplen;
    let mut live = Live::open(&options, Stop::default()).map_err(|error| Failure::Refused(error.to_string()))?;
    let create = |path: &Path| File::create(path).with_context(|| path.display().to_string());
    let events = args.events.as_deref().map(create).transpose()?;
    // A process that is started again goes on where the one before it stopped.
    let append = |path: &Path| {
        OpenOptions::new().create(true).append(true).open(path).with_context(|| path.display().to_string())
    };
    let eve = args.eve.as_deref().map(append).transpose()?;
    let outputs: Vec<_> = events.iter().chain(&eve).map(AsRawFd::as_raw_fd).collect();
    let file = args.config.as_deref().map(config::Config::read).transpose()?.unwrap_or_default();
    let known = file.fingerprints().load();
    let config = Config {
        zones: Zones::new(file.zones().chain(linked.start.zones())),
        learning: Nanos::from(args.learn).saturating_mul(1_000_000_000),
        midstream: true,
        overlaps: file.overlaps(),
        verify_checksums: false,
    };
    let mut engine = Engine::knowing(&known, config, linked.start.seeds()?);
    let names = linked.start.seeds()?.names;
    let mut out = Out {
        sink: Sink::new(end, false),
        eve: eve.map(|file| EveWriter::new(BufWriter::new(file), names.clone())),
        events: events.map(|file| EventWriter::new(BufWriter::new(file), names)),
        failed: None,
    };
    linked.confine(&outputs, args.allow_weaker_sandbox)?;
    tracing::info!(interface = args.interface, "sense: listening");

    let before = live.drops().unwrap_or_default();
    let mut frames = 0u32;
    let done = loop {
        let idle = match live.next() {
            Ok(Next::Frame(frame)) => {
                engine.frame(frame.at, frame.link, frame.bytes, &mut out);
                false
            }
            Ok(Next::Idle) => {
                engine.time(crate::wall(), &mut out);
                out.eve(EveWriter::flush);
                true
            }
            Ok(Next::Stopped) => break Ok(()),
            Err(error) => break Err(anyhow!(error)),
        };
        frames = frames.wrapping_add(1);
        if idle || frames.is_multiple_of(LOOK_EVERY) {
            if let Ok(now) = live.drops() {
                engine.lost(Lost {
                    received: now.received - before.received,
                    ring_dropped: now.ring_dropped - before.ring_dropped,
                    interface_dropped: now.interface_dropped - before.interface_dropped,
                });
            }
            if let Err(error) = out.sink.pump() {
                break Err(error);
            }
            if let Some(error) = out.failed.take() {
                break Err(error);
            }
            if told_to_end() {
                break Ok(());
            }
        }
    };
    engine.finish(&mut out);
    if let Some(events) = out.events.take() {
        events.finish().context("--events")?;
    }
    if let Some(eve) = out.eve.take() {
        eve.finish().context("--eve")?;
    }
    finish(done.map_err(Failure::Failed), &mut out.sink)
}

/// The launcher closed our standard input.
fn told_to_end() -> bool {
    let input = std::io::stdin();
    let mut ask = [PollFd::new(input.as_fd(), PollFlags::POLLIN)];
    let told = PollFlags::POLLHUP | PollFlags::POLLERR | PollFlags::POLLNVAL;
    poll(&mut ask, PollTimeout::ZERO).is_ok_and(|ready| ready > 0)
        && ask[0].revents().is_some_and(|events| events.intersects(told))
}
