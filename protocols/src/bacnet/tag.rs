//! Tagged values (ASHRAE 135 20.2.1).

use crate::{Malformed, Reader};

/// Nested constructed values that are followed.
pub const DEPTH_MAX: usize = 16;

/// What a tag begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag<'a> {
    /// A value whose type the tag says.
    Application(u8, &'a [u8]),
    /// A value whose type the service says.
    Context(u8, &'a [u8]),
    Opening(u8),
    Closing(u8),
}

pub(super) fn next<'a>(reader: &mut Reader<'a>) -> Result<Tag<'a>, Malformed> {
    let first = reader.u8("bacnet.tag")?;
    let number = match first >> 4 {
        15 => reader.u8("bacnet.tag")?,
        number => number,
    };
    let context = first & 0x08 != 0;
    let length = match first & 0x07 {
        6 if context => return Ok(Tag::Opening(number)),
        7 if context => return Ok(Tag::Closing(number)),
        // The length of a Boolean is its value.
        _ if !context && number == 1 => return Ok(Tag::Application(1, &[])),
        5 => match reader.u8("bacnet.tag")? {
            254 => u32::from(reader.u16("bacnet.tag")?),
            255 => reader.u32("bacnet.tag")?,
            length => u32::from(length),
        },
        length => u32::from(length),
    };
    let value = reader.take(usize::try_from(length).unwrap_or(usize::MAX), "bacnet.tag_length")?;
    Ok(if context { Tag::Context(number, value) } else { Tag::Application(number, value) })
}

/// An unsigned or enumerated value of at most four bytes.
pub(super) fn unsigned(value: &[u8]) -> Option<u32> {
    match *value {
        [a] => Some(u32::from(a)),
        [a, b] => Some(u32::from(u16::from_be_bytes([a, b]))),
        [a, b, c] => Some(u32::from_be_bytes([0, a, b, c])),
        [a, b, c, d] => Some(u32::from_be_bytes([a, b, c, d])),
        _ => None,
    }
}

/// An object identifier: ten bits of type, twenty-two of instance.
pub(super) fn object(value: &[u8]) -> Option<(u32, u32)> {
    let number = u32::from_be_bytes(value.try_into().ok()?);
    Some((number >> 22, number & 0x003f_ffff))
}
