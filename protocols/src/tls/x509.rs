//! A certificate (RFC 5280 4.1), walked from the outside in. Each step goes one element deeper by name, so there is no
//! recursion, and what the lengths inside promise is never believed beyond the bytes around them.

use super::Certificate;
use crate::event::{Count, Seconds, Size};
use crate::{Reader, Sink, Way, tls_prints};
use holter_phi::{Because, Phi, Plain};

/// Certificates reported of one chain.
pub const CHAIN_MAX: usize = 16;
/// Host names reported of one certificate.
pub const NAMES_MAX: usize = 256;
/// Longest serial number (RFC 5280 4.1.2.2 allows 20 bytes).
const SERIAL_MAX: usize = 24;

const INTEGER: u8 = 0x02;
const OID: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OCTETS: u8 = 0x04;
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;
const DNS_NAME: u8 = 0x82;

const COMMON_NAME: &[u8] = &[0x55, 4, 3];
const ORGANIZATION: &[u8] = &[0x55, 4, 10];
const ALTERNATIVE_NAME: &[u8] = &[0x55, 0x1d, 17];

/// One element of DER: its tag, its value, and all of it.
struct Element<'a> {
    tag: u8,
    value: &'a [u8],
    whole: &'a [u8],
}

/// Takes elements from the front.
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    fn next(&mut self) -> Option<Element<'a>> {
        let mut reader = Reader::new(self.0);
        let tag = reader.u8("").ok()?;
        let length = match reader.u8("").ok()? {
            short @ 0..=0x7f => usize::from(short),
            0x81 => usize::from(reader.u8("").ok()?),
            0x82 => usize::from(reader.u16("").ok()?),
            0x83 => {
                let [a, b, c] = reader.array("").ok()?;
                usize::try_from(u32::from_be_bytes([0, a, b, c])).ok()?
            }
            _ => return None,
        };
        let value = reader.take(length, "").ok()?;
        let whole = self.0.get(..reader.at())?;
        self.0 = reader.rest();
        Some(Element { tag, value, whole })
    }

    fn expect(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.next().filter(|element| element.tag == tag).map(|element| element.value)
    }
}

#[derive(Default)]
struct Fields<'a> {
    serial: Option<&'a [u8]>,
    issuer: &'a [u8],
    subject: &'a [u8],
    not_before: Option<u64>,
    not_after: Option<u64>,
    key: Option<&'a [u8]>,
    alternatives: &'a [u8],
}

/// As far as the elements can be told apart; `None` where they end too early.
fn walk<'a>(der: &'a [u8], fields: &mut Fields<'a>) -> Option<()> {
    let mut body = Der(Der(Der(der).expect(SEQUENCE)?).expect(SEQUENCE)?);
    let mut first = body.next()?;
    if first.tag == VERSION {
        first = body.next()?;
    }
    fields.serial = Some(first.value).filter(|_| first.tag == INTEGER);
    body.expect(SEQUENCE)?;
    fields.issuer = body.next()?.whole;
    let mut validity = Der(body.expect(SEQUENCE)?);
    fields.not_before = time(&validity.next()?);
    fields.not_after = time(&validity.next()?);
    fields.subject = body.next()?.whole;
    fields.key = Der(Der(body.expect(SEQUENCE)?).expect(SEQUENCE)?).expect(OID);
    while let Some(part) = body.next() {
        if part.tag == EXTENSIONS {
            fields.alternatives = alternatives(part.value).unwrap_or_default();
        }
    }
    body.0.is_empty().then_some(())
}

/// The general names of the subject alternative name.
fn alternatives(extensions: &[u8]) -> Option<&[u8]> {
    let mut list = Der(Der(extensions).expect(SEQUENCE)?);
    while let Some(extension) = list.next() {
        let mut parts = Der(extension.value);
        if parts.expect(OID) == Some(ALTERNATIVE_NAME) {
            while let Some(part) = parts.next() {
                if part.tag == OCTETS {
                    return Der(part.value).expect(SEQUENCE);
                }
            }
        }
    }
    None
}

/// The last attribute of its kind in a name, which is the most specific. Only strings of single bytes.
fn attribute<'a>(name: &'a [u8], wanted: &[u8]) -> Option<&'a [u8]> {
    const STRINGS: [u8; 4] = [0x0c, 0x13, 0x14, 0x16];
    let mut sets = Der(Der(name).expect(SEQUENCE)?);
    let mut found = None;
    while let Some(set) = sets.next().filter(|set| set.tag == SET) {
        let Some(pair) = Der(set.value).expect(SEQUENCE) else { continue };
        let mut pair = Der(pair);
        if pair.expect(OID) == Some(wanted)
            && let Some(text) = pair.next().filter(|text| STRINGS.contains(&text.tag))
        {
            found = Some(text.value);
        }
    }
    found
}

/// Seconds since 1970; times before are 0 (RFC 5280 4.1.2.5).
fn time(element: &Element<'_>) -> Option<u64> {
    let (year, rest) = match element.tag {
        UTC_TIME => {
            let (year, rest) = number(element.value, 2)?;
            (if year < 50 { year.saturating_add(2000) } else { year.saturating_add(1900) }, rest)
        }
        TIME => number(element.value, 4)?,
        _ => return None,
    };
    let (month, rest) = number(rest, 2)?;
    let (day, rest) = number(rest, 2)?;
    let (hour, rest) = number(rest, 2)?;
    let (minute, rest) = number(rest, 2)?;
    // Seconds may be missing in old ones.
    let second = number(rest, 2).map_or(0, |(second, _)| second);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let days = days(year, month, day);
    let clock = hour.saturating_mul(3600).saturating_add(minute.saturating_mul(60)).saturating_add(second);
    Some(u64::try_from(days.saturating_mul(86_400).saturating_add(clock)).unwrap_or(0))
}

fn number(text: &[u8], digits: usize) -> Option<(i64, &[u8])> {
    let (number, rest) = text.split_at_checked(digits)?;
    let number = std::str::from_utf8(number).ok()?;
    number.bytes().all(|byte| byte.is_ascii_digit()).then(|| number.parse().ok())?.map(|number| (number, rest))
}

/// Days since 1970 in the Gregorian calendar, years beginning with March.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year.saturating_sub(1) } else { year };
    let month = if month <= 2 { month.saturating_add(9) } else { month.saturating_sub(3) };
    let leaps = year.div_euclid(4).saturating_sub(year.div_euclid(100)).saturating_add(year.div_euclid(400));
    let months = month.saturating_mul(153).saturating_add(2) / 5;
    year.saturating_mul(365)
        .saturating_add(leaps)
        .saturating_add(months)
        .saturating_add(day.saturating_sub(1))
        .saturating_sub(719_468)
}

fn key(oid: &[u8]) -> &'static [u8] {
    match oid {
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1 | 10] => b"rsa",
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1] => b"ec",
        [0x2b, 0x65, 0x70] => b"ed25519",
        [0x2b, 0x65, 0x71] => b"ed448",
        [0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1] => b"dsa",
        _ => b"other",
    }
}

/// Reports one certificate.
pub(super) fn report(way: Way, position: usize, der: &[u8], sink: &mut dyn Sink) {
    let mut fields = Fields::default();
    if walk(der, &mut fields).is_none() {
        sink.weird("tls.certificate.der");
    }
    let mut names = [Plain::new(b"", Because::Site); NAMES_MAX];
    let mut count = 0usize;
    let mut list = Der(fields.alternatives);
    while let Some(name) = list.next() {
        if name.tag != DNS_NAME {
            continue;
        }
        let Some(slot) = names.get_mut(count) else {
            sink.weird("tls.certificate.dns_names");
            break;
        };
        *slot = Plain::new(name.value, Because::Site);
        count = count.saturating_add(1);
    }
    let mut digits = [0; SERIAL_MAX * 2];
    let of_a_server = way == Way::ToClient;
    let serial = fields.serial.filter(|serial| of_a_server && serial.len() <= SERIAL_MAX).and_then(|serial| {
        tls_prints::hex(serial, &mut digits);
        digits.get(..serial.len().saturating_mul(2))
    });
    let subject = attribute(fields.subject, COMMON_NAME);
    let self_issued = !fields.subject.is_empty() && fields.subject == fields.issuer;
    let issued = |wanted, because| {
        attribute(fields.issuer, wanted).filter(|_| !self_issued).map(|name| Plain::new(name, because))
    };
    sink.event(&Certificate {
        position: Count(position as u64),
        subject: subject.filter(|_| of_a_server).map(|name| Plain::new(name, Because::Site)),
        holder: subject.filter(|_| !of_a_server).map(Phi::new),
        names: names.get(..count).unwrap_or_default(),
        issuer: issued(COMMON_NAME, Because::Site),
        organization: issued(ORGANIZATION, Because::Equipment),
        self_issued,
        not_before: fields.not_before.map(Seconds),
        not_after: fields.not_after.map(Seconds),
        serial: serial.map(|serial| Plain::new(serial, Because::Site)),
        key: Plain::new(key(fields.key.unwrap_or_default()), Because::Vocabulary),
        length: Size(der.len() as u64),
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_any_year_are_seconds_or_nothing() {
        let at = |tag, value: &[u8]| time(&Element { tag, value, whole: value });
        assert_eq!(at(UTC_TIME, b"700101000000Z"), Some(0));
        assert_eq!(at(UTC_TIME, b"240229120000Z"), Some(1_709_208_000));
        assert_eq!(at(UTC_TIME, b"500101000000Z"), Some(0));
        assert_eq!(at(TIME, b"00000101000000Z"), Some(0));
        assert_eq!(at(TIME, b"99991231235959Z"), Some(253_402_300_799));
        assert_eq!(at(TIME, b"20241301000000Z"), None);
        assert_eq!(at(UTC_TIME, b"24+1"), None);
    }
}
