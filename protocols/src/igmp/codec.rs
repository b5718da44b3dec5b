//! One message.

use super::{Message, Record};
use crate::event::{Code, Count};
use crate::{Malformed, Reader, Sink, Verdict};
use std::net::{IpAddr, Ipv4Addr};

/// Groups that are told of one report.
pub const RECORDS_MAX: usize = 256;

const QUERY: u8 = 0x11;
const REPORT_1: u8 = 0x12;
const REPORT_2: u8 = 0x16;
const LEAVE: u8 = 0x17;
const REPORT_3: u8 = 0x22;

/// Type, code, checksum and a group, which every version has.
const LEAST: usize = 8;
/// Of a query of version 3, without its sources.
const QUERY_3: usize = 12;

pub(super) fn looks(bytes: &[u8]) -> Verdict {
    if bytes.len() < LEAST { Verdict::No } else { Verdict::Likely }
}

pub(super) fn decode(message: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
    let mut reader = Reader::new(message);
    let kind = reader.u8("igmp.type")?;
    let code = reader.u8("igmp.code")?;
    reader.take(2, "igmp.checksum")?;
    let last = reader.array::<4>("igmp.group")?;
    let [_, _, high, low] = last;
    let mut told = Message {
        kind: Code(u64::from(kind)),
        version: None,
        group: None,
        response: None,
        sources: None,
        records: None,
    };
    let group = Some(IpAddr::V4(Ipv4Addr::from(last))).filter(|group| !group.is_unspecified());
    let mut result = Ok(());
    let mut records = 0;
    match kind {
        QUERY => {
            told.group = group;
            told.version = match (message.len(), code) {
                (LEAST, 0) => Some(1),
                (LEAST, _) => Some(2),
                (QUERY_3.., _) => Some(3),
                // Receivers ignore it (RFC 3376 7.1).
                _ => None,
            }
            .map(Code);
            told.response = (told.version != Some(Code(1))).then_some(Code(u64::from(code)));
            result = query(reader, &mut told);
        }
        REPORT_1 => (told.version, told.group) = (Some(Code(1)), group),
        REPORT_2 | LEAVE => (told.version, told.group) = (Some(Code(2)), group),
        REPORT_3 => {
            records = u16::from_be_bytes([high, low]);
            (told.version, told.records) = (Some(Code(3)), Some(Count(u64::from(records))));
        }
        _ => {}
    }
    sink.event(&told);
    result?;
    report(usize::from(records), reader, sink)
}

/// What a query of version 3 has behind its group.
fn query(mut reader: Reader<'_>, told: &mut Message) -> Result<(), Malformed> {
    if told.version.is_none() {
        return Err(reader.malformed("igmp.query"));
    }
    if told.version == Some(Code(3)) {
        // How robust the querier is, and how often it asks.
        reader.take(2, "igmp.query")?;
        let sources = reader.u16("igmp.query")?;
        told.sources = Some(Count(u64::from(sources)));
        reader.take(usize::from(sources).saturating_mul(4), "igmp.sources")?;
    }
    Ok(())
}

fn report(records: usize, mut reader: Reader<'_>, sink: &mut dyn Sink) -> Result<(), Malformed> {
    if records > RECORDS_MAX {
        sink.weird("igmp.records");
    }
    for _ in 0..records.min(RECORDS_MAX) {
        let kind = reader.u8("igmp.record")?;
        let auxiliary = usize::from(reader.u8("igmp.record")?);
        let sources = reader.u16("igmp.record")?;
        let group = reader.array::<4>("igmp.record")?;
        sink.event(&Record {
            kind: Code(u64::from(kind)),
            group: IpAddr::V4(Ipv4Addr::from(group)),
            sources: Count(u64::from(sources)),
        });
        let words = usize::from(sources).saturating_add(auxiliary);
        reader.take(words.saturating_mul(4), "igmp.record_length")?;
    }
    Ok(())
}
