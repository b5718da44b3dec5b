use crate::raised::Machine;
use crate::scene::Party;
use crate::table::Table;
use holter_terms::{DeviceKey, Protocol};

/// Whether two views are of one device. A device that is held by its address may be held by its link-layer address
/// later, once that is known, and the other way round; two link-layer addresses are two devices, also under one IP
/// address.
pub(crate) fn is_one_device(a: &Machine, b: &Machine) -> bool {
    match (a.device, b.device) {
        (DeviceKey::Mac(_), DeviceKey::Ip(_)) | (DeviceKey::Ip(_), DeviceKey::Mac(_)) => a.ip.is_some() && a.ip == b.ip,
        _ => a.device == b.device,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Held {
    /// The device itself.
    Device,
    /// The IP address of a device that is held by its link-layer address.
    Address,
}

/// Devices that were seen to do something while holter learned, by protocol.
pub(crate) struct Known {
    table: Table<(DeviceKey, Protocol), Held>,
}

impl Known {
    pub(crate) fn new(limit: usize, seed: [u8; 16]) -> Self {
        Known { table: Table::new(limit, seed) }
    }

    pub(crate) const fn refused(&self) -> u64 {
        self.table.refused()
    }

    pub(crate) fn add(&mut self, party: &Party, protocol: Protocol) {
        if let Some(held) = self.table.entry((party.key, protocol), || Held::Device) {
            *held = Held::Device;
        }
        if let (DeviceKey::Mac(_), Some(ip)) = (party.key, party.ip) {
            self.table.entry((DeviceKey::Ip(ip), protocol), || Held::Address);
        }
    }

    pub(crate) fn has(&self, party: &Party, protocol: Protocol) -> bool {
        if self.table.get(&(party.key, protocol)).is_some() {
            return true;
        }
        matches!((party.key, party.ip), (DeviceKey::Mac(_), Some(ip))
            if self.table.get(&(DeviceKey::Ip(ip), protocol)) == Some(&Held::Device))
    }
}
