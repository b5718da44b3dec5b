//! Lists of attributes, and those of a system.

use super::System;
use crate::event::{Code, Port};
use crate::line::is_text;
use crate::{Malformed, Reader};
use holter_phi::{Because, Phi, Plain};
use holter_terms::Mac;
use std::net::{IpAddr, Ipv4Addr};

const MODEL: u16 = 0x0928;
const PRODUCTION: u16 = 0x092d;
const BED: u16 = 0x091e;
const TYPE: u16 = 0x0986;
const NETWORK: u16 = 0xf100;
const PROTOCOLS: u16 = 0xf101;

/// The data export, and UDP below it.
const DATA_EXPORT: u16 = 5;
const UDP: u16 = 1;

/// Attributes with their ids, as many as are promised and there.
pub(super) struct Attributes<'a> {
    left: u16,
    body: Reader<'a>,
}

impl<'a> Attributes<'a> {
    pub(super) fn read(reader: &mut Reader<'a>, field: &'static str) -> Result<Attributes<'a>, Malformed> {
        let left = reader.u16(field)?;
        let length = usize::from(reader.u16(field)?);
        Ok(Attributes { left, body: reader.sub(length, field)? })
    }

    fn one(&mut self) -> Result<(u16, Reader<'a>), Malformed> {
        const FIELD: &str = "intellivue.attribute";
        let id = self.body.u16(FIELD)?;
        let length = usize::from(self.body.u16(FIELD)?);
        Ok((id, self.body.sub(length, FIELD)?))
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = Result<(u16, Reader<'a>), Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let one = self.one();
        if one.is_err() {
            self.left = 0;
        }
        Some(one)
    }
}

/// What the attributes of a system say; of those that break nothing is taken.
pub(super) fn system<'a>(reader: &mut Reader<'a>, told: &mut System<'a>) -> Result<(), Malformed> {
    let mut result = Ok(());
    for attribute in Attributes::read(reader, "intellivue.attributes")? {
        let (id, value) = attribute?;
        if let Err(malformed) = attribute_of(id, value, told) {
            result = Err(malformed);
        }
    }
    result
}

fn attribute_of<'a>(id: u16, mut value: Reader<'a>, told: &mut System<'a>) -> Result<(), Malformed> {
    match id {
        MODEL => {
            let maker = label(&mut value, "intellivue.model")?;
            told.manufacturer = told.manufacturer.or(text(maker, Because::Equipment));
            let model = label(&mut value, "intellivue.model")?;
            told.model = told.model.or(text(model, Because::Equipment));
        }
        PRODUCTION => return production(value, told),
        BED => {
            let bed = label(&mut value, "intellivue.bed")?;
            let named = bed.iter().any(|byte| *byte != 0);
            told.bed = told.bed.or(named.then_some(Phi::new(bed)));
        }
        TYPE => {
            value.u16("intellivue.system_type")?;
            told.kind = Some(Code(u64::from(value.u16("intellivue.system_type")?)));
        }
        NETWORK => {
            told.mac = Some(Mac(value.array("intellivue.network")?));
            let address = Ipv4Addr::from(value.array::<4>("intellivue.network")?);
            told.address = (!address.is_unspecified()).then_some(IpAddr::V4(address));
        }
        PROTOCOLS => return protocols(value, told),
        _ => {}
    }
    Ok(())
}

/// Type, component and text of each number and revision. The first of a type is that of the system.
fn production<'a>(mut value: Reader<'a>, told: &mut System<'a>) -> Result<(), Malformed> {
    const FIELD: &str = "intellivue.production";
    let count = value.u16(FIELD)?;
    value.u16(FIELD)?;
    for _ in 0..count {
        let kind = value.u16(FIELD)?;
        value.u16(FIELD)?;
        let label = label(&mut value, FIELD)?;
        let (slot, because) = match kind {
            1 => (&mut told.serial, Because::Site),
            2 => (&mut told.part, Because::Equipment),
            3 => (&mut told.hardware, Because::Equipment),
            4 => (&mut told.software, Because::Equipment),
            _ => continue,
        };
        *slot = slot.or(text(label, because));
    }
    Ok(())
}

/// Protocol, transport, port and options of each that the monitor speaks.
fn protocols(mut value: Reader<'_>, told: &mut System<'_>) -> Result<(), Malformed> {
    const FIELD: &str = "intellivue.protocols";
    let count = value.u16(FIELD)?;
    value.u16(FIELD)?;
    for _ in 0..count {
        let (protocol, transport) = (value.u16(FIELD)?, value.u16(FIELD)?);
        let port = value.u16(FIELD)?;
        value.u16(FIELD)?;
        if (protocol, transport) == (DATA_EXPORT, UDP) {
            told.port = told.port.or(Some(Port(u64::from(port))));
        }
    }
    Ok(())
}

/// A length and as many bytes.
fn label<'a>(value: &mut Reader<'a>, field: &'static str) -> Result<&'a [u8], Malformed> {
    let length = usize::from(value.u16(field)?);
    value.take(length, field)
}

/// Text up to its first zero, without the spaces that fill it.
fn text(value: &[u8], because: Because) -> Option<Plain<'_>> {
    let value = value.split(|&byte| byte == 0).next().unwrap_or_default().trim_ascii();
    (!value.is_empty() && is_text(value)).then_some(Plain::new(value, because))
}
