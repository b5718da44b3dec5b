//! One message (RFC 5905 7.3, RFC 9327 2).

use super::{Control, Message, Private};
use crate::event::{Code, Size};
use crate::{Malformed, Reader, Sink, Verdict};
use holter_phi::{Because, Plain};

/// Bytes of a message without key and extensions.
const WHOLE: usize = 48;
const CONTROL: u8 = 6;
const PRIVATE: u8 = 7;

/// Clocks (RFC 5905 figure 12, with those that servers say besides), and reasons to refuse (RFC 5905 figure 13).
static REFERENCES: &[&str] = &[
    "ACST", "ACTS", "AUTH", "AUTO", "BCST", "CDMA", "CHU", "CRYP", "DCF", "DCFa", "DCFp", "DENY", "DROP", "GAL",
    "GOES", "GPS", "HBG", "INIT", "IRIG", "JJY", "LOCL", "LORC", "MCST", "MRS", "MSF", "NIST", "NKEY", "NMEA", "OMEG",
    "PPS", "PTB", "PTP", "RATE", "RMOT", "RSTR", "SHM", "STEP", "TDF", "USNO", "WWV", "WWVB", "WWVH", "XFAC",
];

pub(super) fn decode(message: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
    let mut reader = Reader::new(message);
    let first = reader.u8("ntp.mode")?;
    let version = Code(u64::from(first >> 3 & 7));
    match first & 7 {
        CONTROL => control(version, &mut reader, sink),
        PRIVATE => private(version, first, &mut reader, sink),
        0 => Err(Malformed { field: "ntp.mode", at: 0 }),
        mode => {
            let stratum = reader.u8("ntp.stratum")?;
            let poll = reader.u8("ntp.poll")?;
            // Precision, delay and dispersion.
            reader.take(9, "ntp.message")?;
            let reference: [u8; 4] = reader.array("ntp.reference")?;
            let times = reader.take(32, "ntp.times");
            if stratum > 16 {
                sink.weird("ntp.stratum");
            }
            sink.event(&Message {
                mode: Code(u64::from(mode)),
                version,
                leap: Code(u64::from(first >> 6)),
                stratum: Code(u64::from(stratum)),
                poll: Code(u64::from(poll)),
                reference: if stratum < 2 { word(&reference) } else { None },
                extended: times.is_ok() && !reader.is_empty(),
            });
            times.map(|_| ())
        }
    }
}

fn control(version: Code, reader: &mut Reader<'_>, sink: &mut dyn Sink) -> Result<(), Malformed> {
    let second = reader.u8("ntp.operation")?;
    // Sequence, status, association and offset.
    reader.take(8, "ntp.control")?;
    let at = *reader;
    let size = reader.u16("ntp.control_size")?;
    sink.event(&Control {
        version,
        operation: Code(u64::from(second & 0x1f)),
        response: second & 0x80 != 0,
        error: second & 0x40 != 0,
        size: Size(u64::from(size)),
    });
    if usize::from(size) > reader.len() { Err(at.malformed("ntp.control_size")) } else { Ok(()) }
}

fn private(version: Code, first: u8, reader: &mut Reader<'_>, sink: &mut dyn Sink) -> Result<(), Malformed> {
    reader.u8("ntp.private")?;
    let implementation = reader.u8("ntp.private")?;
    let request = reader.u8("ntp.private")?;
    sink.event(&Private {
        version,
        response: first & 0x80 != 0,
        implementation: Code(u64::from(implementation)),
        request: Code(u64::from(request)),
    });
    Ok(())
}

/// The word of the table, without the zeros behind it.
fn word(reference: &[u8; 4]) -> Option<Plain<'static>> {
    let end = reference.iter().position(|byte| *byte == 0).unwrap_or(4);
    let known = REFERENCES.iter().find(|word| reference.get(..end) == Some(word.as_bytes()))?;
    Some(Plain::new(known.as_bytes(), Because::Vocabulary))
}

pub(super) fn looks(bytes: &[u8]) -> Verdict {
    let Some(&[first, second, third, fourth, ..]) = bytes.first_chunk::<12>() else { return Verdict::No };
    let (version, mode) = (first >> 3 & 7, first & 7);
    if !(1..=4).contains(&version) {
        return Verdict::No;
    }
    match mode {
        1..=5 if bytes.len() >= WHOLE && second <= 16 => {
            if mode == 4 && is_answer(bytes, second, third, fourth) {
                Verdict::Yes
            } else {
                Verdict::Likely
            }
        }
        CONTROL | PRIVATE if first & 0xc0 == 0 || mode == PRIVATE => Verdict::Likely,
        _ => Verdict::No,
    }
}

/// The answer of a server whose clock is set: nothing stands behind it, and its four times follow each other within a day.
fn is_answer(bytes: &[u8], stratum: u8, poll: u8, precision: u8) -> bool {
    const DAY: u32 = 86_400;
    let seconds = |at: usize| {
        let bytes = bytes.get(at..).and_then(|rest| rest.first_chunk::<4>());
        bytes.map_or(0, |bytes| u32::from_be_bytes(*bytes))
    };
    let [updated, received, sent] = [seconds(16), seconds(32), seconds(40)];
    let soon = |from: u32, to: u32| to.checked_sub(from).is_some_and(|later| later <= DAY);
    bytes.len() == WHOLE
        && (1..=15).contains(&stratum)
        && poll <= 17
        && precision >= 0xe0
        && updated > 0
        && soon(updated, received)
        && soon(received, sent)
}
