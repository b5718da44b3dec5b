//! System status lists: of the records of two of them, what names the equipment.

use super::Module;
use crate::event::Code;
use crate::{Reader, Sink};
use holter_phi::{Because, Plain};

/// Records read of one list.
pub const RECORDS_MAX: usize = 64;

const MODULES: u16 = 0x11;
const COMPONENTS: u16 = 0x1c;
/// Text of a record of components.
const TEXT: usize = 32;
/// Order number of a record of modules.
const ORDER: usize = 20;

/// The data of a request for a list, or of its answer.
pub(super) struct Status<'a> {
    pub(super) list: u16,
    pub(super) index: u16,
    records: Reader<'a>,
}

impl<'a> Status<'a> {
    /// `None` where there is none: an answer without success, or a later part of a long one.
    pub(super) fn read(mut data: Reader<'a>) -> Option<Status<'a>> {
        // The return code and the kind of transport, then a length.
        data.take(2, "s7comm.szl").ok()?;
        data.u16("s7comm.szl").ok()?;
        let list = data.u16("s7comm.szl").ok()?;
        let index = data.u16("s7comm.szl").ok()?;
        Some(Status { list, index, records: data })
    }

    pub(super) fn tell(self, sink: &mut dyn Sink) {
        // The upper four bits say what kind of module it is, the next four which part of the list this is.
        let kind = self.list & 0xff;
        if !matches!(kind, MODULES | COMPONENTS) {
            return;
        }
        let mut module = Module {
            list: Code(u64::from(self.list)),
            order_number: None,
            hardware: None,
            hardware_version: None,
            firmware_version: None,
            station: None,
            name: None,
            plant: None,
            copyright: None,
            serial: None,
            kind: None,
            card: None,
            location: None,
        };
        if records(self.records, kind, &mut module).is_none() {
            sink.weird("s7comm.szl_records");
        }
        sink.event(&module);
    }
}

fn records<'a>(mut reader: Reader<'a>, kind: u16, module: &mut Module<'a>) -> Option<()> {
    let length = usize::from(reader.u16("s7comm.szl").ok()?);
    let count = usize::from(reader.u16("s7comm.szl").ok()?);
    for _ in 0..count.min(RECORDS_MAX) {
        // The last record of a part may be cut.
        let Ok(mut record) = reader.sub(length, "s7comm.szl") else { break };
        let index = record.u16("s7comm.szl").ok()?;
        if kind == MODULES {
            modules(index, record, module)?;
        } else {
            components(index, record, module)?;
        }
    }
    Some(())
}

fn modules<'a>(index: u16, mut record: Reader<'a>, module: &mut Module<'a>) -> Option<()> {
    let order = text(record.take(ORDER, "s7comm.szl").ok()?, Because::Equipment);
    // The type of the module, which names nothing.
    record.u16("s7comm.szl").ok()?;
    let version = record.u32("s7comm.szl").ok();
    match index {
        1 => module.order_number = module.order_number.or(order),
        6 => {
            module.hardware = module.hardware.or(order);
            module.hardware_version = version.map(|version| Code(u64::from(version >> 16)));
        }
        7 => module.firmware_version = version.map(|version| Code(u64::from(version))),
        _ => {}
    }
    Some(())
}

fn components<'a>(index: u16, mut record: Reader<'a>, module: &mut Module<'a>) -> Option<()> {
    let (slot, because) = match index {
        1 => (&mut module.station, Because::Site),
        2 => (&mut module.name, Because::Site),
        3 => (&mut module.plant, Because::Site),
        4 => (&mut module.copyright, Because::Equipment),
        5 => (&mut module.serial, Because::Site),
        7 => (&mut module.kind, Because::Equipment),
        8 => (&mut module.card, Because::Site),
        11 => (&mut module.location, Because::Site),
        _ => return Some(()),
    };
    *slot = slot.or(text(record.take(TEXT, "s7comm.szl").ok()?, because));
    Some(())
}

/// Text up to its first zero, without the spaces that fill it.
fn text(value: &[u8], because: Because) -> Option<Plain<'_>> {
    let value = value.split(|&byte| byte == 0).next().unwrap_or_default().trim_ascii();
    (!value.is_empty()).then_some(Plain::new(value, because))
}
