//! The head of a CIP message (CIP Volume 1, 2-4, C-1.4).

use crate::event::Code;
use crate::{Malformed, Reader};

#[derive(Default, Clone, Copy)]
pub(super) struct Cip {
    pub(super) service: Option<Code>,
    pub(super) response: Option<bool>,
    pub(super) status: Option<Code>,
    pub(super) class: Option<Code>,
    pub(super) instance: Option<Code>,
}

const RESPONSE: u8 = 0x80;

pub(super) fn read(mut reader: Reader<'_>) -> Result<Cip, Malformed> {
    let mut cip = Cip::default();
    if reader.is_empty() {
        return Ok(cip);
    }
    let service = reader.u8("enip.cip.service")?;
    cip.service = Some(Code(u64::from(service & !RESPONSE)));
    cip.response = Some(service & RESPONSE != 0);
    if service & RESPONSE != 0 {
        reader.u8("enip.cip.status")?;
        cip.status = Some(Code(u64::from(reader.u8("enip.cip.status")?)));
        return Ok(cip);
    }
    let words = usize::from(reader.u8("enip.cip.path")?);
    let mut path = reader.sub(words.saturating_mul(2), "enip.cip.path")?;
    // Logical segments; at another kind the rest of the path is a symbol or data.
    while !path.is_empty() {
        let segment = path.u8("enip.cip.path")?;
        let value = match segment & 0x03 {
            _ if segment >> 5 != 1 => break,
            0 => u32::from(path.u8("enip.cip.path")?),
            1 => {
                path.u8("enip.cip.path")?;
                u32::from(path.u16_le("enip.cip.path")?)
            }
            2 => {
                path.u8("enip.cip.path")?;
                path.u32_le("enip.cip.path")?
            }
            _ => break,
        };
        let value = Some(Code(u64::from(value)));
        match segment >> 2 & 7 {
            0 => cip.class = cip.class.or(value),
            1 => cip.instance = cip.instance.or(value),
            _ => {}
        }
    }
    Ok(cip)
}
