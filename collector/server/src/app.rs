//! What the listeners share.

use crate::pki::Authority;
use crate::store::Store;
use holter_core::{Estate, MINUTE};
use holter_terms::{Nanos, SensorId};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};
use tokio::sync::{broadcast, mpsc};
use tokio_util::sync::CancellationToken;

/// Something changed; whoever watches may look.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub(crate) tenant: String,
    /// `device`, `finding` or `sensor`.
    pub(crate) kind: &'static str,
    pub(crate) id: String,
}

/// What is known of a connected sensor.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Live {
    pub(crate) connections: u32,
    /// Records that wait on the sensor.
    pub(crate) pending: Option<u64>,
    /// Sensor clock minus ours.
    pub(crate) offset: Option<Nanos>,
    pub(crate) heard: Option<Nanos>,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) batches: AtomicU64,
    pub(crate) commit_failures: AtomicU64,
    pub(crate) connections_refused: AtomicU64,
    pub(crate) enrolments: AtomicU64,
    pub(crate) enrolments_refused: AtomicU64,
    pub(crate) logins_refused: AtomicU64,
    pub(crate) requests: AtomicU64,
}

pub(crate) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

#[derive(Debug)]
pub(crate) struct App {
    pub(crate) data: PathBuf,
    pub(crate) store: Store,
    pub(crate) authority: Authority,
    pub(crate) estates: RwLock<BTreeMap<String, Estate>>,
    pub(crate) live: Mutex<BTreeMap<SensorId, Live>>,
    pub(crate) changes: broadcast::Sender<Change>,
    pub(crate) writer: mpsc::Sender<crate::writer::Job>,
    pub(crate) failing: AtomicBool,
    pub(crate) counters: Counters,
    pub(crate) tries: Mutex<Tries>,
    /// Where sensors reach this collector, unless a token says otherwise.
    pub(crate) reached_at: String,
    /// A password hash of nobody, so that an unknown name costs the same time.
    pub(crate) decoy: String,
    pub(crate) metrics_token: String,
    pub(crate) stop: CancellationToken,
    /// Logins that may hash at once: each takes 19 MiB.
    pub(crate) hashing: tokio::sync::Semaphore,
    /// Exports that may be made at once: each stands in memory until it is sent.
    pub(crate) exporting: std::sync::Arc<tokio::sync::Semaphore>,
    pub(crate) exposure: crate::exposure::Desk,
}

impl App {
    /// Looks at what one tenant has. There is no way to ask for all.
    pub(crate) fn view<T>(&self, tenant: &str, look: impl FnOnce(&Estate) -> T) -> T {
        let estates = self.estates.read().unwrap_or_else(PoisonError::into_inner);
        match estates.get(tenant) {
            Some(estate) => look(estate),
            None => look(&Estate::default()),
        }
    }

    pub(crate) fn change<T>(&self, tenant: &str, change: impl FnOnce(&mut Estate) -> T) -> T {
        let mut estates = self.estates.write().unwrap_or_else(PoisonError::into_inner);
        count(&self.exposure.estates_changed);
        change(estates.entry(tenant.to_owned()).or_default())
    }

    pub(crate) fn live(&self) -> MutexGuard<'_, BTreeMap<SensorId, Live>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn allow(&self, what: &'static str, who: &str, limit: u32, span: Nanos) -> bool {
        self.tries.lock().unwrap_or_else(PoisonError::into_inner).allow(what, who, limit, span, now())
    }

    pub(crate) fn tell(&self, tenant: &str, kind: &'static str, id: String) {
        // Nobody may be watching.
        let _ = self.changes.send(Change { tenant: tenant.to_owned(), kind, id });
    }
}

/// Wall time.
#[expect(clippy::disallowed_methods, reason = "the shell owns the clock")]
pub(crate) fn now() -> Nanos {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
}

/// The most sources whose tries are remembered. Further ones are refused until the oldest are forgotten.
const SOURCES_MAX: usize = 20_000;

/// Tries by purpose and source.
#[derive(Debug, Default)]
pub(crate) struct Tries(BTreeMap<(&'static str, String), (u32, Nanos)>);

impl Tries {
    pub(crate) fn allow(&mut self, what: &'static str, who: &str, limit: u32, span: Nanos, now: Nanos) -> bool {
        if self.0.len() >= SOURCES_MAX {
            self.0.retain(|_, (_, began)| now.saturating_sub(*began) < 5 * MINUTE);
        }
        let key = (what, who.to_owned());
        if !self.0.contains_key(&key) && self.0.len() >= SOURCES_MAX {
            return false;
        }
        let (tries, began) = self.0.entry(key).or_insert((0, now));
        if now.saturating_sub(*began) >= span {
            (*tries, *began) = (0, now);
        }
        *tries = tries.saturating_add(1);
        *tries <= limit
    }
}

/// An address as a source of tries: of IPv6 the network of the host.
pub(crate) fn source(ip: IpAddr) -> String {
    match ip.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => format!("{:x}", v6.to_bits() >> 64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sixth_try_in_a_minute_is_refused_and_the_next_minute_is_free() {
        let mut tries = Tries::default();
        for _ in 0..5 {
            assert!(tries.allow("enrol", "a", 5, MINUTE, 0));
        }
        assert!(!tries.allow("enrol", "a", 5, MINUTE, 1));
        assert!(tries.allow("enrol", "b", 5, MINUTE, 1));
        assert!(tries.allow("enrol", "a", 5, MINUTE, MINUTE));
    }

    #[test]
    fn sources_beyond_the_bound_are_refused_not_remembered() {
        let mut tries = Tries::default();
        for n in 0..SOURCES_MAX {
            assert!(tries.allow("enrol", &n.to_string(), 5, MINUTE, 0));
        }
        assert!(!tries.allow("enrol", "one more", 5, MINUTE, 0));
        assert_eq!(tries.0.len(), SOURCES_MAX);
        assert!(tries.allow("enrol", "one more", 5, MINUTE, 10 * MINUTE));
    }
}
