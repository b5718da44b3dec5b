//! Application messages (ASHRAE 135 20.1).

use super::Message;
use super::objects::{Body, Named};
use crate::event::{Code, Count, Transaction};
use crate::{Malformed, Reader, Sink};

const CONFIRMED: u8 = 0;
const UNCONFIRMED: u8 = 1;
const SIMPLE_ACK: u8 = 2;
const COMPLEX_ACK: u8 = 3;
const SEGMENT_ACK: u8 = 4;
const ERROR: u8 = 5;
const REJECT: u8 = 6;
const ABORT: u8 = 7;

const SEGMENTED: u8 = 0x08;

pub(super) fn read(mut reader: Reader<'_>, message: &mut Message<'_>, sink: &mut dyn Sink) -> Result<(), Malformed> {
    let mut named = Named::new();
    let result = match head(&mut reader, message) {
        // A part of a message is cut in the middle of a value.
        Ok(Some(body)) if message.segmented => named.read(reader, body, false, sink).or(Ok(())),
        Ok(Some(body)) => named.read(reader, body, true, sink),
        Ok(None) => Ok(()),
        Err(malformed) => Err(malformed),
    };
    let mut told = *message;
    told.object_types = named.object_types();
    told.instances = named.instances();
    told.properties = named.properties();
    told.vendor_id = named.vendor_id();
    told.error_class = named.error_class();
    told.error_code = named.error_code();
    sink.event(&told);
    named.tell(sink);
    result
}

/// The fixed part; what follows it, if that can be read.
fn head(reader: &mut Reader<'_>, message: &mut Message<'_>) -> Result<Option<Body>, Malformed> {
    let first = reader.u8("bacnet.apdu")?;
    let kind = first >> 4;
    message.apdu = Some(Code(u64::from(kind)));
    if kind == CONFIRMED {
        // How many parts of what length the answer may have.
        reader.u8("bacnet.apdu")?;
    }
    if kind == UNCONFIRMED {
        let service = reader.u8("bacnet.service")?;
        message.unconfirmed = Some(Code(u64::from(service)));
        return Ok(Some(Body::Unconfirmed(service)));
    }
    message.invoke = Some(Transaction(u64::from(reader.u8("bacnet.invoke")?)));
    let mut middle = false;
    if matches!(kind, CONFIRMED | COMPLEX_ACK) && first & SEGMENTED != 0 {
        let sequence = reader.u8("bacnet.sequence")?;
        // The window.
        reader.u8("bacnet.sequence")?;
        message.segmented = true;
        message.sequence = Some(Count(u64::from(sequence)));
        middle = sequence != 0;
    }
    match kind {
        CONFIRMED | SIMPLE_ACK | COMPLEX_ACK | ERROR => {
            let service = reader.u8("bacnet.service")?;
            message.confirmed = Some(Code(u64::from(service)));
            Ok(match kind {
                _ if middle => None,
                CONFIRMED => Some(Body::Request(service)),
                COMPLEX_ACK => Some(Body::Answer(service)),
                ERROR => Some(Body::Error(service)),
                _ => None,
            })
        }
        SEGMENT_ACK => {
            message.sequence = Some(Count(u64::from(reader.u8("bacnet.sequence")?)));
            reader.u8("bacnet.sequence")?;
            Ok(None)
        }
        REJECT | ABORT => {
            message.reason = Some(Code(u64::from(reader.u8("bacnet.reason")?)));
            Ok(None)
        }
        _ => Err(reader.malformed("bacnet.apdu")),
    }
}
