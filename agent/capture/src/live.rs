//! Live ports through libpcap.
//!
//! Only packets that come in are taken. Tags of 802.1Q that the card or the kernel took off are put back by libpcap
//! from what the kernel tells of each packet, so frames look as they did on the wire; a filter, which runs in the
//! kernel, meets them without the tag unless it asks for `vlan`. See [`Offload`] for what the card does.

use crate::{CaptureError, Frame, MAX_FRAME};
use holter_terms::{LinkType, Nanos};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use pcap::{Active, Capture, Direction, Error, Linktype, Precision};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

mod offload;

pub use offload::Offload;

/// How to open a port.
#[derive(Debug, Clone)]
pub struct LiveOptions {
    pub interface: String,
    /// Takes packets for others too. A mirror port has little else.
    pub promiscuous: bool,
    /// Bytes kept of each packet, 64 to 262,144.
    pub snaplen: u32,
    /// Bytes of the kernel's buffer, 65,536 to 2,147,483,647.
    pub ring: u32,
    /// Packets are handed over one by one, without waiting for a block to fill: less delay, more load.
    pub immediate: bool,
    /// The longest wait for packets in milliseconds, 1 to 10,000; also how soon a stop is heard.
    pub timeout_ms: u32,
    /// A filter in the language of pcap-filter(7).
    pub filter: Option<String>,
}

impl LiveOptions {
    pub fn new(interface: &str) -> Self {
        LiveOptions {
            interface: interface.to_owned(),
            promiscuous: true,
            snaplen: 65_535,
            ring: 16 * 1024 * 1024,
            immediate: false,
            timeout_ms: 100,
            filter: None,
        }
    }
}

/// Asks a live capture to end; may be used from a signal handler.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    pub fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub fn is_stopped(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What a live port has to say.
#[derive(Debug)]
pub enum Next<'a> {
    Frame(Frame<'a>),
    /// All that came was given; the next call waits for more, up to the timeout.
    Idle,
    /// The capture was asked to stop.
    Stopped,
}

/// Packets since the port was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Drops {
    /// That passed the filter, dropped ones included.
    pub received: u64,
    /// Dropped since the kernel's buffer was full.
    pub ring_dropped: u64,
    /// Dropped by the card or its driver, where it tells.
    pub interface_dropped: u64,
}

/// A port that is listened to.
pub struct Live {
    capture: Capture<Active>,
    interface: String,
    link: LinkType,
    nanoseconds: bool,
    stop: Stop,
    /// The longest wait, in milliseconds.
    timeout: u16,
    /// The ring held nothing when it was last looked at.
    dry: bool,
    drops: Drops,
    /// The counters as they were last read: 32 bits that wrap.
    last: [u32; 3],
}

impl Live {
    pub fn open(options: &LiveOptions, stop: Stop) -> Result<Self, CaptureError> {
        let refuse = |reason: String| CaptureError::Live { interface: options.interface.clone(), reason };
        let snaplen = bounded(options.snaplen, 64, u32::try_from(MAX_FRAME).unwrap_or(u32::MAX))
            .ok_or_else(|| refuse("snaplen must be 64 to 262144 bytes".into()))?;
        let ring = bounded(options.ring, 65_536, i32::MAX.unsigned_abs())
            .ok_or_else(|| refuse("the ring must have 65536 to 2147483647 bytes".into()))?;
        let timeout =
            bounded(options.timeout_ms, 1, 10_000).ok_or_else(|| refuse("the timeout must be 1 to 10000 ms".into()))?;
        let open = |precision| {
            Capture::from_device(options.interface.as_str())?
                .promisc(options.promiscuous)
                .snaplen(snaplen)
                .buffer_size(ring)
                .immediate_mode(options.immediate)
                .timeout(timeout)
                .precision(precision)
                .open()?
                // libpcap's own wait may last for ever where no packet comes; the wait here does not.
                .setnonblock()
        };
        let (mut capture, nanoseconds) = match open(Precision::Nano) {
            Ok(capture) => (capture, true),
            // Not every kind of port has a clock that fine.
            Err(_) => (open(Precision::Micro).map_err(|error| refuse(reason(error)))?, false),
        };
        // Not every kind of port can tell; then packets of this host are taken too.
        let _ = capture.direction(Direction::In);
        if let Some(filter) = &options.filter {
            capture
                .filter(filter, true)
                .map_err(|error| CaptureError::Filter { filter: filter.clone(), reason: reason(error) })?;
        }
        let link = LinkType(u16::try_from(capture.get_datalink().0).unwrap_or(u16::MAX));
        Ok(Live {
            capture,
            interface: options.interface.clone(),
            link,
            nanoseconds,
            stop,
            timeout: u16::try_from(timeout).unwrap_or(u16::MAX),
            dry: false,
            drops: Drops::default(),
            last: [0; 3],
        })
    }

    pub const fn link(&self) -> LinkType {
        self.link
    }

    /// Whether times have nanoseconds, or microseconds.
    pub const fn nanoseconds(&self) -> bool {
        self.nanoseconds
    }

    /// What the card does to packets before they are seen; nothing where it does not tell.
    pub fn offload(&self) -> Option<Offload> {
        Offload::of(&self.interface)
    }

    #[expect(clippy::should_implement_trait, reason = "a frame borrows from the ring, which an iterator cannot say")]
    pub fn next(&mut self) -> Result<Next<'_>, CaptureError> {
        if self.stop.is_stopped() {
            return Ok(Next::Stopped);
        }
        if std::mem::take(&mut self.dry) {
            let mut wait = [PollFd::new(self.capture.as_fd(), PollFlags::POLLIN)];
            match poll(&mut wait, PollTimeout::from(self.timeout)) {
                Ok(0) | Err(Errno::EINTR) => {
                    self.dry = true;
                    return Ok(if self.stop.is_stopped() { Next::Stopped } else { Next::Idle });
                }
                // A port that has gone says so when it is read.
                Ok(_) => {}
                Err(error) => {
                    let reason = format!("cannot wait: {error}");
                    return Err(CaptureError::Live { interface: self.interface.clone(), reason });
                }
            }
        }
        match self.capture.next_packet() {
            Ok(packet) => {
                let fraction = Nanos::from(packet.header.ts.tv_usec);
                let nanos = if self.nanoseconds { fraction } else { fraction.saturating_mul(1000) };
                Ok(Next::Frame(Frame {
                    at: Nanos::from(packet.header.ts.tv_sec).saturating_mul(1_000_000_000).saturating_add(nanos),
                    link: self.link,
                    bytes: packet.data,
                    wire_len: packet.header.len,
                }))
            }
            Err(Error::TimeoutExpired) => {
                self.dry = true;
                Ok(Next::Idle)
            }
            Err(error) => Err(CaptureError::Live { interface: self.interface.clone(), reason: reason(error) }),
        }
    }

    /// How many packets were lost before they could be read.
    pub fn drops(&mut self) -> Result<Drops, CaptureError> {
        let stat = self
            .capture
            .stats()
            .map_err(|error| CaptureError::Live { interface: self.interface.clone(), reason: reason(error) })?;
        let now = [stat.received, stat.dropped, stat.if_dropped];
        let totals = [&mut self.drops.received, &mut self.drops.ring_dropped, &mut self.drops.interface_dropped];
        for ((total, now), last) in totals.into_iter().zip(now).zip(&mut self.last) {
            *total = total.saturating_add(u64::from(now.wrapping_sub(*last)));
            *last = now;
        }
        Ok(self.drops)
    }
}

/// Whether a filter can be understood for Ethernet; no port is opened.
pub fn check_filter(filter: &str) -> Result<(), CaptureError> {
    let refuse = |error| CaptureError::Filter { filter: filter.to_owned(), reason: reason(error) };
    Capture::dead(Linktype::ETHERNET).map_err(refuse)?.compile(filter, true).map_err(refuse)?;
    Ok(())
}

fn bounded(value: u32, least: u32, most: u32) -> Option<i32> {
    if (least..=most).contains(&value) { i32::try_from(value).ok() } else { None }
}

fn reason(error: Error) -> String {
    match error {
        Error::PcapError(text) => text,
        Error::InvalidInputString => "holds a NUL character".to_owned(),
        other => other.to_string(),
    }
}
