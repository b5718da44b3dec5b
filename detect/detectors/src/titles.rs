use crate::associations::{Step, Title, What};
use crate::raised::Machine;
use crate::scene::{Party, Scene};
use crate::table::Table;

/// AE titles that are remembered.
const MAX_TITLES: usize = 8192;

/// Devices that are remembered for one title. More than a few share only a default name of a tool.
const MAX_OWNERS: usize = 4;

#[derive(Default)]
struct Entry {
    owners: [Option<Machine>; MAX_OWNERS],
    /// More devices used it than are remembered: it is nobody's.
    shared: bool,
    /// Images were sent there while holter learned.
    destination: bool,
}

/// Which AE title belongs to which device, as learned from associations that were accepted.
///
/// Only devices that were known before count: a newcomer cannot make a title its own by using it.
pub(crate) struct Titles {
    table: Table<u64, Entry>,
}

impl Titles {
    pub(crate) fn new(seed: [u8; 16]) -> Self {
        Titles { table: Table::new(MAX_TITLES, seed) }
    }

    pub(crate) const fn refused(&self) -> u64 {
        self.table.refused()
    }

    pub(crate) fn event(&mut self, scene: &Scene, step: &Step) {
        match step.what {
            What::Accepted => {
                self.belongs(step.calling, &scene.client, scene.learning);
                self.belongs(step.called, &scene.server, scene.learning);
            }
            What::Moved { destination, completed, last: true, .. } if scene.learning && completed > 0 => {
                if let Some(entry) = self.table.entry(destination.hash, Entry::default) {
                    entry.destination = true;
                }
            }
            _ => {}
        }
    }

    fn belongs(&mut self, title: Option<Title>, party: &Party, learning: bool) {
        let Some(title) = title.filter(|_| learning || party.known_before) else { return };
        // After the learning time a title changes hands no more: else the second use of a borrowed one is its own.
        if !learning && self.table.get(&title.hash).is_some_and(|entry| entry.owners.iter().any(Option::is_some)) {
            return;
        }
        let Some(entry) = self.table.entry(title.hash, Entry::default) else { return };
        if entry.owners.iter().flatten().any(|owner| owner.device == party.key) {
            return;
        }
        match entry.owners.iter_mut().find(|owner| owner.is_none()) {
            Some(free) => *free = Some(party.machine()),
            None => entry.shared = true,
        }
    }

    /// The device that a title belongs to, if it is not `user`.
    pub(crate) fn borrowed_from(&self, title: &Title, user: &Party) -> Option<Machine> {
        let entry = self.table.get(&title.hash).filter(|entry| !entry.shared)?;
        if entry.owners.iter().flatten().any(|owner| owner.device == user.key) {
            return None;
        }
        entry.owners.iter().flatten().next().copied()
    }

    /// A known device has this title, or images were sent there before.
    pub(crate) fn is_known(&self, title: &Title) -> bool {
        self.table.get(&title.hash).is_some_and(|entry| entry.destination || entry.owners.iter().any(Option::is_some))
    }
}
