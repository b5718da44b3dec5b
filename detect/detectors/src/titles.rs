use crate::associations::{Step, Title, What};
use crate::known::is_one_device;
use crate::raised::Machine;
use crate::scene::{Party, Scene};
use crate::table::Table;

/// AE titles that are remembered.
const MAX_TITLES: usize = 8192;

#[derive(Default)]
struct Entry {
    owner: Option<Machine>,
    /// Several devices use it, as they do the default name of a tool: it is nobody's.
    shared: bool,
    /// Images were sent there while holter learned.
    destination: bool,
}

/// Which name belongs to which device: AE titles as learned from associations that were accepted, or HL7 applications.
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

    /// `party` uses the title by right, if it is known and nobody had it before.
    pub(crate) fn belongs(&mut self, title: Option<Title>, party: &Party, learning: bool) {
        let Some(title) = title.filter(|_| learning || party.known_before) else { return };
        // After the learning time a title changes hands no more: else the second use of a borrowed one is its own.
        if !learning && self.table.get(&title.hash).is_some_and(|entry| entry.owner.is_some()) {
            return;
        }
        let Some(entry) = self.table.entry(title.hash, Entry::default) else { return };
        match entry.owner {
            None => entry.owner = Some(party.machine()),
            Some(owner) => entry.shared |= !is_one_device(&owner, &party.machine()),
        }
    }

    /// The one device that a title belongs to, if it is not `user`.
    pub(crate) fn borrowed_from(&self, title: &Title, user: &Party) -> Option<Machine> {
        let entry = self.table.get(&title.hash).filter(|entry| !entry.shared)?;
        entry.owner.filter(|owner| !is_one_device(owner, &user.machine()))
    }

    /// A known device has this title, or images were sent there before.
    pub(crate) fn is_known(&self, title: &Title) -> bool {
        self.table.get(&title.hash).is_some_and(|entry| entry.destination || entry.owner.is_some())
    }
}
