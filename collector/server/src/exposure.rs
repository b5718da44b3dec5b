//! What a tenant knows of vulnerabilities, kept beside its estate: the library of files, exceptions, and the ledger of
//! all exposures, which is worked out when somebody asks and kept for a while.

pub(crate) mod fetch;
pub(crate) mod files;

use crate::api::fault::Fault;
use crate::app::{App, now};
use crate::store::Store;
use anyhow::Context;
use holter_core::estate::Known;
use holter_core::exposure::{
    Clerk, Exception, ExceptionError, Exceptions, Grounds, Ledger, Library, Scope, State, Tables, Taken, is_outside,
};
use holter_core::{Estate, MINUTE, SECOND};
use holter_terms::{Nanos, Zone};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::ops::Bound;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// A ledger that is older is made anew when something changed.
const EVERY: Nanos = 15 * SECOND;
/// One that is older is made anew in any case: due dates pass and exceptions end.
const OLDEST: Nanos = 10 * MINUTE;
/// Devices that are looked at under one lock of the estate.
const CHUNK: usize = 256;

/// The files of a tenant, read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shelfful {
    pub(crate) library: Library,
    /// When the first file of each advisory was there.
    pub(crate) received: BTreeMap<String, Nanos>,
    /// The file that was read last.
    through: i64,
}

#[derive(Debug, Clone)]
struct Kept {
    ledger: Arc<Ledger>,
    shelf: Arc<Shelfful>,
    estates: u64,
    exceptions: u64,
}

#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) tables: Tables,
    shelves: RwLock<BTreeMap<String, Arc<Shelfful>>>,
    exceptions: RwLock<BTreeMap<String, Exceptions>>,
    ledgers: RwLock<BTreeMap<String, Kept>>,
    /// Counts changes of estates.
    pub(crate) estates_changed: AtomicU64,
    exceptions_changed: AtomicU64,
    /// Whoever makes a ledger holds it: one is made at a time, and takes one core.
    turn: tokio::sync::Mutex<()>,
}

/// A ledger with the shelf that its items point into.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) shelf: Arc<Shelfful>,
}

impl Shelfful {
    pub(crate) fn new() -> anyhow::Result<Shelfful> {
        Ok(Shelfful { library: Library::new()?, ..Shelfful::default() })
    }

    /// Reads what was kept since. A file that cannot be read any more is told in the log and left out.
    pub(crate) async fn catch_up(&mut self, store: &Store, tenant: &str) -> sqlx::Result<()> {
        let after = self.through;
        store
            .each_file_after(tenant, after, |filed, content| {
                self.through = self.through.max(filed.id);
                let taken = content.and_then(|content| self.library.take(&filed.name, &content));
                match taken {
                    Ok(Taken::Advisory(id, _)) => drop(self.received.insert(id, filed.first)),
                    Ok(Taken::Catalogue(_)) => {}
                    Err(error) => tracing::warn!(
                        file = filed.id,
                        line = error.line,
                        column = error.column,
                        "a file that was kept cannot be read"
                    ),
                }
            })
            .await
    }
}

/// Exceptions by tenant. One that does not fit any more is told in the log and left out.
pub(crate) async fn exceptions(store: &Store) -> anyhow::Result<BTreeMap<String, Exceptions>> {
    let mut all: BTreeMap<String, Exceptions> = BTreeMap::new();
    for (tenant, exception) in store.exceptions().await? {
        if let Err(error) = all.entry(tenant).or_default().add(exception) {
            tracing::warn!(%error, "an exception that was kept is not taken");
        }
    }
    Ok(all)
}

/// Exceptions under the ids that their devices have now: a device that was merged has another.
pub(crate) fn settled(exceptions: &Exceptions, estate: &Estate) -> Exceptions {
    let mut all = Exceptions::default();
    for one in exceptions.iter() {
        let mut one = one.clone();
        if let Scope::Device { id } = &mut one.scope
            && let Some(device) = estate.device(id)
        {
            *id = device.id();
        }
        // It was taken before, and only its scope has changed.
        let _ = all.add(one);
    }
    all
}

/// The zone that a tenant's sites give an address: of the narrowest network that holds it.
pub(crate) fn zone_of(zones: &[(ipnet::IpNet, Zone)], ip: IpAddr) -> Zone {
    let holding = zones.iter().filter(|(network, _)| network.contains(&ip));
    holding.max_by_key(|(network, _)| network.prefix_len()).map_or(Zone::Unknown, |(_, zone)| *zone)
}

/// States with commas between them; none where one of them is no state.
pub(crate) fn states(text: &str) -> Option<Vec<State>> {
    let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
    words.map(|word| State::ALL.into_iter().find(|state| state.as_str() == word)).collect()
}

/// Everything at once, for a command line that nobody waits beside.
pub(crate) fn ledger_of(grounds: Grounds<'_>, estate: &Estate, zones: &[(ipnet::IpNet, Zone)]) -> Ledger {
    let mut clerk = Clerk::new(grounds);
    let outside = |ip| is_outside(ip, zone_of(zones, ip));
    for device in estate.devices.values().filter(|device| device.shared.is_none()) {
        clerk.add(device, &outside);
    }
    clerk.finish()
}

impl Desk {
    pub(crate) async fn open(data: &Path, store: &Store, tenants: &[String]) -> anyhow::Result<Desk> {
        let mut shelves = BTreeMap::new();
        for tenant in tenants {
            let mut shelf = Shelfful::new()?;
            shelf.catch_up(store, tenant).await.context("advisories cannot be read back")?;
            shelves.insert(tenant.clone(), Arc::new(shelf));
        }
        Ok(Desk {
            tables: files::tables(data)?,
            shelves: RwLock::new(shelves),
            exceptions: RwLock::new(exceptions(store).await?),
            ledgers: RwLock::default(),
            estates_changed: AtomicU64::new(0),
            exceptions_changed: AtomicU64::new(0),
            turn: tokio::sync::Mutex::new(()),
        })
    }

    pub(crate) fn exceptions(&self, tenant: &str) -> Exceptions {
        let all = self.exceptions.read().unwrap_or_else(PoisonError::into_inner);
        all.get(tenant).cloned().unwrap_or_default()
    }

    pub(crate) fn add_exception(&self, tenant: &str, exception: Exception) -> Result<(), ExceptionError> {
        let mut all = self.exceptions.write().unwrap_or_else(PoisonError::into_inner);
        all.entry(tenant.to_owned()).or_default().add(exception)?;
        self.exceptions_changed.fetch_add(1, Ordering::Release);
        Ok(())
    }

    pub(crate) fn revoke_exception(&self, tenant: &str, id: &str) -> Option<Exception> {
        let mut all = self.exceptions.write().unwrap_or_else(PoisonError::into_inner);
        let gone = all.get_mut(tenant)?.revoke(id)?;
        self.exceptions_changed.fetch_add(1, Ordering::Release);
        Some(gone)
    }

    fn shelved(&self, tenant: &str) -> Option<Arc<Shelfful>> {
        self.shelves.read().unwrap_or_else(PoisonError::into_inner).get(tenant).cloned()
    }

    fn kept(&self, tenant: &str) -> Option<Kept> {
        self.ledgers.read().unwrap_or_else(PoisonError::into_inner).get(tenant).cloned()
    }
}

impl App {
    /// The files of a tenant, with those that a command line has added meanwhile.
    pub(crate) async fn shelf(&self, tenant: &str) -> Result<Arc<Shelfful>, Fault> {
        let newest = self.store.newest_file(tenant).await?;
        let is_new = |shelf: &Arc<Shelfful>| shelf.through >= newest;
        if let Some(shelf) = self.exposure.shelved(tenant).filter(is_new) {
            return Ok(shelf);
        }
        let _turn = self.exposure.turn.lock().await;
        let known = self.exposure.shelved(tenant);
        if let Some(shelf) = known.clone().filter(is_new) {
            return Ok(shelf);
        }
        let mut shelf = match known {
            Some(shelf) => Shelfful::clone(&shelf),
            None => Shelfful::new().map_err(|_| Fault::store())?,
        };
        shelf.catch_up(&self.store, tenant).await?;
        let shelf = Arc::new(shelf);
        let mut shelves = self.exposure.shelves.write().unwrap_or_else(PoisonError::into_inner);
        shelves.insert(tenant.to_owned(), Arc::clone(&shelf));
        Ok(shelf)
    }

    /// All exposures of a tenant. Files and exceptions are always the newest; devices are at most [`EVERY`] behind the
    /// last answer, and the time at which they were looked at stands in the ledger.
    pub(crate) async fn ledger(self: &Arc<Self>, tenant: &str) -> Result<Found, Fault> {
        let shelf = self.shelf(tenant).await?;
        let desk = &self.exposure;
        let holds = |kept: &Kept| {
            Arc::ptr_eq(&kept.shelf, &shelf) && kept.exceptions == desk.exceptions_changed.load(Ordering::Acquire)
        };
        let found = |kept: Kept| Found { ledger: kept.ledger, shelf: kept.shelf };
        if let Some(kept) = desk.kept(tenant).filter(&holds) {
            let age = now().saturating_sub(kept.ledger.at);
            let changed = kept.estates != desk.estates_changed.load(Ordering::Acquire);
            if age > OLDEST || (changed && age > EVERY) {
                let (app, tenant) = (Arc::clone(self), tenant.to_owned());
                let shelf = Arc::clone(&shelf);
                tokio::spawn(async move {
                    // Somebody else may be at it.
                    let Ok(_turn) = app.exposure.turn.try_lock() else { return };
                    let _ = app.make(&tenant, shelf).await;
                });
            }
            return Ok(found(kept));
        }
        let _turn = desk.turn.lock().await;
        if let Some(kept) = desk.kept(tenant).filter(&holds) {
            return Ok(found(kept));
        }
        Ok(found(self.make(tenant, shelf.clone()).await?))
    }

    async fn make(self: &Arc<Self>, tenant: &str, shelf: Arc<Shelfful>) -> Result<Kept, Fault> {
        let zones = self.store.zones(tenant).await?;
        let (app, name) = (Arc::clone(self), tenant.to_owned());
        let kept = tokio::task::spawn_blocking(move || {
            let desk = &app.exposure;
            let estates = desk.estates_changed.load(Ordering::Acquire);
            let exceptions_changed = desk.exceptions_changed.load(Ordering::Acquire);
            let exceptions = desk.exceptions(&name);
            let exceptions = app.view(&name, |estate| settled(&exceptions, estate));
            let grounds = Grounds {
                library: &shelf.library,
                received: &shelf.received,
                exceptions: &exceptions,
                tables: &desk.tables,
                now: now(),
            };
            let outside = |ip| is_outside(ip, zone_of(&zones, ip));
            let mut clerk = Clerk::new(grounds);
            let mut after: Option<Known> = None;
            loop {
                let last = app.view(&name, |estate| {
                    let from = after.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
                    let mut last = None;
                    for (known, device) in estate.devices.range((from, Bound::Unbounded)).take(CHUNK) {
                        if device.shared.is_none() {
                            clerk.add(device, &outside);
                        }
                        last = Some(known.clone());
                    }
                    last
                });
                match last {
                    Some(known) => after = Some(known),
                    None => break,
                }
            }
            let ledger = Arc::new(clerk.finish());
            Kept { ledger, shelf, estates, exceptions: exceptions_changed }
        });
        let kept = kept.await.map_err(|_| Fault::store())?;
        let mut ledgers = self.exposure.ledgers.write().unwrap_or_else(PoisonError::into_inner);
        ledgers.insert(tenant.to_owned(), kept.clone());
        Ok(kept)
    }
}
