//! BER as SNMP, LDAP and Kerberos use it (X.690 8.1): low tag numbers and definite lengths.
//!
//! Whoever reads says which element comes next, so depth is that of the code that reads and not of the bytes.

use crate::{Malformed, Reader};

pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const OCTETS: u8 = 0x04;
pub(crate) const OID: u8 = 0x06;
pub(crate) const ENUMERATED: u8 = 0x0a;
pub(crate) const SEQUENCE: u8 = 0x30;

/// Parts of an object identifier that are read (RFC 2578 3.5).
pub(crate) const OID_PARTS_MAX: usize = 128;

/// The tag and the length of an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Head {
    /// Its tag, the bytes of tag and length, and the bytes of its contents.
    Is(u8, usize, usize),
    /// More bytes are needed.
    Short,
    Broken,
}

pub(crate) fn head(bytes: &[u8]) -> Head {
    // A low tag number may come in the form of high ones, against the standard (X.690 8.1.2.2).
    let (tag, before, rest) = match *bytes {
        [] | [_] => return Head::Short,
        [tag, number @ ..=0x1e, ref rest @ ..] if tag & 0x1f == 0x1f => (tag & 0xe0 | number, 2, rest),
        [tag, ..] if tag & 0x1f == 0x1f => return Head::Broken,
        [tag, ref rest @ ..] => (tag, 1usize, rest),
    };
    match *rest {
        [] => Head::Short,
        [length @ ..=0x7f, ..] => Head::Is(tag, before.saturating_add(1), usize::from(length)),
        [long @ 0x81..=0x84, ref rest @ ..] => {
            let count = usize::from(long & 0x7f);
            let Some(digits) = rest.get(..count) else { return Head::Short };
            let length = digits.iter().fold(0u32, |length, &digit| length << 8 | u32::from(digit));
            let before = before.saturating_add(1).saturating_add(count);
            usize::try_from(length).map_or(Head::Broken, |length| Head::Is(tag, before, length))
        }
        // Of indefinite length, or longer than anything.
        _ => Head::Broken,
    }
}

/// The next element: its tag and its contents.
pub(crate) fn next<'a>(reader: &mut Reader<'a>, field: &'static str) -> Result<(u8, Reader<'a>), Malformed> {
    match head(reader.rest()) {
        Head::Is(tag, before, length) => {
            let mut after = *reader;
            after.take(before, field)?;
            let body = after.sub(length, field)?;
            *reader = after;
            Ok((tag, body))
        }
        Head::Short | Head::Broken => Err(reader.malformed(field)),
    }
}

/// The contents of the next element, which has this tag.
pub(crate) fn expect<'a>(reader: &mut Reader<'a>, tag: u8, field: &'static str) -> Result<Reader<'a>, Malformed> {
    let malformed = reader.malformed(field);
    match next(reader, field)? {
        (found, body) if found == tag => Ok(body),
        _ => Err(malformed),
    }
}

pub(crate) fn octets<'a>(reader: &mut Reader<'a>, field: &'static str) -> Result<&'a [u8], Malformed> {
    expect(reader, OCTETS, field).map(|body| body.rest())
}

pub(crate) fn integer(reader: &mut Reader<'_>, field: &'static str) -> Result<i64, Malformed> {
    let malformed = reader.malformed(field);
    number(expect(reader, INTEGER, field)?.rest()).ok_or(malformed)
}

/// The contents of an INTEGER or ENUMERATED of up to 64 bits (X.690 8.3).
pub(crate) fn number(bytes: &[u8]) -> Option<i64> {
    let (&first, _) = bytes.split_first()?;
    if bytes.len() > 8 {
        return None;
    }
    let sign = if first & 0x80 == 0 { 0 } else { -1 };
    Some(bytes.iter().fold(sign, |number: i64, &byte| number << 8 | i64::from(byte)))
}

/// The parts of an object identifier (X.690 8.19). `None` where it is cut or outgrows a part.
pub(crate) fn oid_parts(bytes: &[u8], mut see: impl FnMut(u32)) -> Option<()> {
    let mut part = 0u64;
    let (mut first, mut inside, mut parts) = (true, false, 0usize);
    for &byte in bytes {
        part = part << 7 | u64::from(byte & 0x7f);
        inside = byte & 0x80 != 0;
        if part > u64::from(u32::MAX).saturating_add(80) {
            return None;
        }
        if inside {
            continue;
        }
        if std::mem::take(&mut first) {
            let top = (part / 40).min(2);
            see(u32::try_from(top).ok()?);
            part = part.saturating_sub(top.saturating_mul(40));
        }
        see(u32::try_from(part).ok()?);
        part = 0;
        parts = parts.saturating_add(1);
        if parts > OID_PARTS_MAX {
            return None;
        }
    }
    (!inside && !first).then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(bytes: &[u8]) -> Option<Vec<u32>> {
        let mut parts = Vec::new();
        oid_parts(bytes, |part| parts.push(part)).map(|()| parts)
    }

    #[test]
    fn lengths_that_are_indefinite_or_longer_than_four_bytes_are_broken() {
        assert_eq!(head(&[0x30, 0x80, 0, 0]), Head::Broken);
        assert_eq!(head(&[0x30, 0x85, 0, 0, 0, 0, 1]), Head::Broken);
        assert_eq!(head(&[0x3f, 0x81, 1]), Head::Broken);
        assert_eq!(head(&[0x30, 0x84, 0, 0, 1]), Head::Short);
        assert_eq!(head(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]), Head::Is(0x30, 6, 0xffff_ffff));
        assert_eq!(head(&[0x04, 0x7f]), Head::Is(4, 2, 127));
        assert_eq!(head(&[0xbf, 0x04, 0x2a]), Head::Is(0xa4, 3, 42));
    }

    #[test]
    fn an_element_that_promises_more_than_there_is_leaves_the_reader_where_it_was() {
        let mut reader = Reader::new(&[4, 3, 1, 2]);
        assert_eq!(next(&mut reader, "x.y").err(), Some(Malformed { field: "x.y", at: 2 }));
        assert_eq!(reader.at(), 0);
    }

    #[test]
    fn integers_have_a_sign_and_at_most_eight_bytes() {
        assert_eq!(number(&[0xff]), Some(-1));
        assert_eq!(number(&[0, 0xff]), Some(255));
        assert_eq!(number(&[0x7f; 8]), Some(0x7f7f_7f7f_7f7f_7f7f));
        assert_eq!((number(&[]), number(&[0; 9])), (None, None));
    }

    #[test]
    fn object_identifiers_are_bounded() {
        assert_eq!(parts(&[0x2b, 6, 1, 4, 1, 0x82, 0x37]), Some(vec![1, 3, 6, 1, 4, 1, 311]));
        assert_eq!(parts(&[0x88, 0x37, 3]), Some(vec![2, 999, 3]));
        for broken in [&[][..], &[0x2b, 0x82], &[0x2b, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]] {
            assert_eq!(parts(broken), None);
        }
        assert!(parts(&[1; OID_PARTS_MAX]).is_some() && parts(&[1; OID_PARTS_MAX + 1]).is_none());
    }
}
