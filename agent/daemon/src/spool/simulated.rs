//! A disk that fails, tears and forgets on purpose: what is not synced is lost in a crash, a name that the folder was
//! not synced for is lost with it, and the Nth operation may fail.

use super::Disk;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;

#[derive(Default, Clone)]
struct Content {
    /// What a read sees.
    seen: Vec<u8>,
    /// What a crash leaves.
    kept: Vec<u8>,
}

#[derive(Default)]
pub(super) struct State {
    files: BTreeMap<u64, Content>,
    /// Names as they are seen and as a crash leaves them.
    seen: BTreeMap<String, u64>,
    kept: BTreeMap<String, u64>,
    next: u64,
    pub(super) operations: u64,
    /// From this operation on, nothing works any more: the power is gone.
    pub(super) power_until: Option<u64>,
    /// Syncs fail from this operation on, this many times.
    pub(super) fail_syncs: Option<(u64, u32)>,
    pub(super) full: bool,
    /// A mutant: the folder is never synced.
    pub(super) forgets_folder: bool,
    random: u64,
}

#[derive(Clone, Default)]
pub(super) struct Simulated(pub(super) Rc<RefCell<State>>);

impl Simulated {
    pub(super) fn seeded(seed: u64) -> Self {
        let disk = Simulated::default();
        disk.0.borrow_mut().random = seed | 1;
        disk
    }

    /// What the disk is after a power cut: each file keeps its synced bytes and a random part of the rest.
    pub(super) fn after_power_cut(&self) -> Simulated {
        let mut state = self.0.borrow_mut();
        let mut files = BTreeMap::new();
        for (id, content) in state.files.clone() {
            let mut kept = content.kept.clone();
            if let Some(more) = content.seen.get(kept.len()..).filter(|more| !more.is_empty()) {
                state.random ^= state.random << 13;
                state.random ^= state.random >> 7;
                state.random ^= state.random << 17;
                let torn = state.random as usize % (more.len() + 1);
                kept.extend_from_slice(&more[..torn]);
            }
            files.insert(id, Content { seen: kept.clone(), kept });
        }
        let names = state.kept.clone();
        let random = state.random;
        let next = state.next;
        Simulated(Rc::new(RefCell::new(State {
            files,
            seen: names.clone(),
            kept: names,
            next,
            random,
            ..State::default()
        })))
    }

    pub(super) fn flip(&self, name: &str, at: usize) {
        let mut state = self.0.borrow_mut();
        let id = state.seen[name];
        if let Some(content) = state.files.get_mut(&id) {
            content.seen[at] ^= 0x40;
            content.kept = content.seen.clone();
        }
    }

    fn operation(&self) -> io::Result<std::cell::RefMut<'_, State>> {
        let mut state = self.0.borrow_mut();
        state.operations += 1;
        match state.power_until {
            Some(until) if state.operations > until => Err(io::Error::other("no power")),
            _ => Ok(state),
        }
    }
}

impl Disk for Simulated {
    type File = u64;

    fn list(&mut self) -> io::Result<Vec<String>> {
        Ok(self.operation()?.seen.keys().cloned().collect())
    }

    fn read(&mut self, name: &str) -> io::Result<Vec<u8>> {
        let state = self.operation()?;
        let id = state.seen.get(name).ok_or(io::ErrorKind::NotFound)?;
        Ok(state.files[id].seen.clone())
    }

    fn create(&mut self, name: &str) -> io::Result<u64> {
        let mut state = self.operation()?;
        if state.full {
            return Err(io::ErrorKind::StorageFull.into());
        }
        state.next += 1;
        let id = state.next;
        state.files.insert(id, Content::default());
        state.seen.insert(name.to_owned(), id);
        Ok(id)
    }

    fn write(&mut self, file: &mut u64, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.operation()?;
        let full = state.full;
        let content = state.files.get_mut(file).ok_or(io::ErrorKind::NotFound)?;
        if full {
            content.seen.extend_from_slice(&bytes[..bytes.len() / 2]);
            return Err(io::ErrorKind::StorageFull.into());
        }
        content.seen.extend_from_slice(bytes);
        Ok(())
    }

    fn sync(&mut self, file: &mut u64) -> io::Result<()> {
        let mut state = self.operation()?;
        if let Some((from, times)) = state.fail_syncs
            && state.operations >= from
            && times > 0
        {
            state.fail_syncs = Some((from, times - 1));
            // The kernel marks the pages clean all the same: a second sync of this file would lie.
            return Err(io::Error::other("input/output error"));
        }
        let content = state.files.get_mut(file).ok_or(io::ErrorKind::NotFound)?;
        content.kept = content.seen.clone();
        Ok(())
    }

    fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        let mut state = self.operation()?;
        let id = state.seen.remove(from).ok_or(io::ErrorKind::NotFound)?;
        state.seen.insert(to.to_owned(), id);
        Ok(())
    }

    fn remove(&mut self, name: &str) -> io::Result<()> {
        self.operation()?.seen.remove(name);
        Ok(())
    }

    fn sync_folder(&mut self) -> io::Result<()> {
        let mut state = self.operation()?;
        if !state.forgets_folder {
            state.kept = state.seen.clone();
        }
        Ok(())
    }
}
