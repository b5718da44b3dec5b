//! DIMSE command sets: always implicit VR little endian (PS3.7 6.3.1).

use super::Operation;
use super::text::{trimmed, uid};
use crate::event::{Code, Count, Transaction};
use crate::{Malformed, Reader, Sink};
use holter_phi::{Because, Plain};

/// (0000,0800) of a message without a data set.
const NO_DATA_SET: u16 = 0x0101;

const KNOWN: &[u16] = &[
    0x0001, 0x0010, 0x0020, 0x0021, 0x0030, 0x0100, 0x0110, 0x0120, 0x0130, 0x0140, 0x0150, 0x0fff, 0x8001, 0x8010,
    0x8020, 0x8021, 0x8030, 0x8100, 0x8110, 0x8120, 0x8130, 0x8140, 0x8150,
];

/// Reports the command set in `bytes`. What could be read is reported even if the set breaks later on; a set without a
/// command field is not a message and is only counted.
pub(super) fn parse<'a>(
    bytes: &'a [u8],
    context: u8,
    sink: &mut dyn Sink,
) -> (Option<super::Command<'a>>, Option<Operation>, Result<(), Malformed>) {
    let mut command = super::Command {
        command: Code(0),
        context: Code(u64::from(context)),
        message_id: None,
        responds_to: None,
        sop_class: None,
        status: None,
        move_destination: None,
        move_originator: None,
        remaining: None,
        completed: None,
        failed: None,
        has_data: false,
    };
    let mut operation = Operation {
        command: Code(0),
        priority: None,
        event_type: None,
        action_type: None,
        warnings: None,
        error_id: None,
        offending: None,
        attributes: None,
    };
    let mut field = None;
    let result = elements(bytes, &mut command, &mut operation, &mut field, sink);
    let Some(code) = field else {
        sink.weird("dicom.command_field");
        return (None, None, result);
    };
    command.command = Code(u64::from(code));
    if !KNOWN.contains(&code) {
        sink.weird("dicom.command_unknown");
    }
    let is_answer = code & 0x8000 != 0 || code == 0x0fff;
    if (is_answer && command.responds_to.is_none()) || (!is_answer && command.message_id.is_none()) {
        sink.weird("dicom.message_id");
    }
    operation.command = command.command;
    (Some(command), says(&operation).then_some(operation), result)
}

/// Whether it says anything.
fn says(operation: &Operation) -> bool {
    let codes = [operation.priority, operation.event_type, operation.action_type, operation.error_id];
    let counts = [operation.warnings, operation.offending, operation.attributes];
    codes.iter().any(Option::is_some) || counts.iter().any(Option::is_some)
}

fn elements<'a>(
    bytes: &'a [u8],
    command: &mut super::Command<'a>,
    operation: &mut Operation,
    field: &mut Option<u16>,
    sink: &mut dyn Sink,
) -> Result<(), Malformed> {
    let mut reader = Reader::new(bytes);
    let mut said = [false; 2];
    let mut once = |which: usize, name: &'static str, sink: &mut dyn Sink| {
        if let Some(said) = said.get_mut(which)
            && !std::mem::replace(said, true)
        {
            sink.weird(name);
        }
    };
    while !reader.is_empty() {
        let group = reader.u16_le("dicom.command_element")?;
        let element = reader.u16_le("dicom.command_element")?;
        let length = reader.u32_le("dicom.command_element")?;
        let value = reader.take(usize::try_from(length).unwrap_or(usize::MAX), "dicom.command_length")?;
        if group != 0 {
            return Err(Malformed { field: "dicom.command_group", at: reader.at() });
        }
        let number = || value.first_chunk::<2>().map(|chunk| u16::from_le_bytes(*chunk));
        let wide = || number().map(u64::from);
        match element {
            0x0002 | 0x0003 => {
                command.sop_class = command.sop_class.or(uid(value).map(|uid| Plain::new(uid, Because::Vocabulary)));
                if uid(value).is_none() {
                    once(0, "dicom.uid", sink);
                }
            }
            0x0100 => *field = field.or(number()),
            0x0110 => command.message_id = command.message_id.or(wide().map(Transaction)),
            0x0120 => command.responds_to = command.responds_to.or(wide().map(Transaction)),
            0x0600 => command.move_destination = command.move_destination.or(title(value, &mut once, sink)),
            0x0800 => command.has_data = number().is_some_and(|kind| kind != NO_DATA_SET),
            0x0900 => command.status = command.status.or(wide().map(Code)),
            0x1020 => command.remaining = command.remaining.or(wide().map(Count)),
            0x1021 => command.completed = command.completed.or(wide().map(Count)),
            0x1022 => command.failed = command.failed.or(wide().map(Count)),
            0x0700 => operation.priority = operation.priority.or(wide().map(Code)),
            // Each is a tag of four bytes.
            0x0901 => operation.offending = operation.offending.or(Some(Count(u64::from(length >> 2)))),
            0x0903 => operation.error_id = operation.error_id.or(wide().map(Code)),
            0x1002 => operation.event_type = operation.event_type.or(wide().map(Code)),
            0x1005 => operation.attributes = operation.attributes.or(Some(Count(u64::from(length >> 2)))),
            0x1008 => operation.action_type = operation.action_type.or(wide().map(Code)),
            0x1023 => operation.warnings = operation.warnings.or(wide().map(Count)),
            0x1030 => command.move_originator = command.move_originator.or(title(value, &mut once, sink)),
            _ => {}
        }
    }
    Ok(())
}

fn title<'a>(
    value: &'a [u8],
    once: &mut impl FnMut(usize, &'static str, &mut dyn Sink),
    sink: &mut dyn Sink,
) -> Option<Plain<'a>> {
    if value.len() > 16 {
        once(1, "dicom.ae_title", sink);
        return None;
    }
    Some(Plain::new(trimmed(value), Because::Site))
}
