//! Names of elements, and the value that an element holds in its attribute V.

use crate::Verdict;

/// Roots of the messages (POCT1-A appendix B, and those of its second release).
const ROOTS: &[&[u8]] = &[
    b"ACK.R01", b"DST.R01", b"DST.R02", b"DTV.R01", b"DTV.R02", b"END.R01", b"EOT.R01", b"ESC.R01", b"EVS.R01",
    b"HEL.R01", b"HEL.R02", b"KPA.R01", b"OBS.R01", b"OBS.R02", b"OBS.R03", b"OPL.R01", b"OPL.R02", b"PTL.R01",
    b"PTL.R02", b"REQ.R01", b"PCL.R01", b"RGT.R01",
];

pub(super) fn root(name: &[u8]) -> Option<&'static [u8]> {
    ROOTS.iter().find(|root| **root == name).copied()
}

pub(super) fn begins_root(bytes: &[u8]) -> Verdict {
    let Some((&first, name)) = bytes.split_first() else { return Verdict::Unsure };
    if first != b'<' {
        return Verdict::No;
    }
    match (name.get(..7), name.get(7)) {
        (Some(name), Some(b'>' | b' ' | b'\t' | b'\r' | b'\n')) if root(name).is_some() => Verdict::Yes,
        (Some(name), None) if root(name).is_some() => Verdict::Unsure,
        (None, _) if ROOTS.iter().any(|root| root.starts_with(name)) => Verdict::Unsure,
        _ => Verdict::No,
    }
}

/// A tag, from behind `<` to before `>`.
pub(super) struct Tag<'a> {
    pub(super) name: &'a [u8],
    pub(super) closes: bool,
    /// It closes itself.
    pub(super) empty: bool,
    attributes: &'a [u8],
}

pub(super) fn read(inside: &[u8]) -> Tag<'_> {
    let (closes, rest) = inside.strip_prefix(b"/").map_or((false, inside), |rest| (true, rest));
    let (empty, rest) = rest.strip_suffix(b"/").map_or((false, rest), |rest| (true, rest));
    let end = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
    let (name, attributes) = rest.split_at_checked(end).unwrap_or((rest, &[]));
    Tag { name, closes, empty, attributes }
}

impl<'a> Tag<'a> {
    /// The value of the attribute V.
    pub(super) fn value(&self) -> Option<&'a [u8]> {
        let mut rest = self.attributes.trim_ascii_start();
        while !rest.is_empty() {
            let equals = memchr::memchr(b'=', rest)?;
            let name = rest.get(..equals)?.trim_ascii();
            let after = rest.get(equals.saturating_add(1)..)?.trim_ascii_start();
            let (&quote, after) = after.split_first()?;
            if quote != b'"' && quote != b'\'' {
                return None;
            }
            let end = memchr::memchr(quote, after)?;
            let value = after.get(..end)?;
            if name == b"V" {
                return Some(value).filter(|value| !value.is_empty());
            }
            rest = after.get(end.saturating_add(1)..)?.trim_ascii_start();
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_that_of_v_and_of_no_other_attribute() {
        let value = |inside: &'static str| read(inside.as_bytes()).value();
        assert_eq!(value("DEV.model_id V=\"X200\"/"), Some(&b"X200"[..]));
        assert_eq!(value("DEV.model_id SN = 'V=\"no\"'  V='a>b'"), Some(&b"a>b"[..]));
        for none in ["DEV.model_id", "DEV.model_id V=X", "DEV.model_id V=\"", "DEV.model_id VV=\"a\"", "a V=\"\""] {
            assert_eq!(value(none), None, "{none}");
        }
        assert!(read(b"/DEV").closes && read(b"DEV V=\"a\"/").empty);
    }
}
