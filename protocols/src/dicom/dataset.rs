//! The head of a data set (PS3.5 7): walks element headers, keeps what describes the machine, skips everything else by
//! its length. Sequences are walked with a small stack and never by recursion.

use super::text::{modality, trimmed, uid};
use super::{DataHead, Machine};
use crate::{Malformed, Sink};
use holter_phi::{Because, Phi, Plain};

/// Nested sequences that are followed.
pub const DEPTH_MAX: usize = 16;
const UNDEFINED: u32 = u32::MAX;
/// Software versions: nothing that describes the machine stands behind it.
const LAST_WANTED: (u16, u16) = (0x0018, 0x1020);

/// How elements are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    ImplicitLittle,
    ExplicitLittle,
    ExplicitBig,
    /// Compressed as a whole; never inflated here.
    Deflated,
}

impl Encoding {
    /// What a transfer syntax says of the encoding (PS3.5 10, A). All others are explicit VR little endian.
    pub(super) fn of(transfer_syntax: &[u8]) -> Encoding {
        match transfer_syntax {
            b"1.2.840.10008.1.2" | b"1.2.840.113619.5.2" => Encoding::ImplicitLittle,
            b"1.2.840.10008.1.2.2" => Encoding::ExplicitBig,
            b"1.2.840.10008.1.2.1.99" | b"1.2.840.10008.1.2.4.95" | b"1.2.840.10008.1.2.4.205" => Encoding::Deflated,
            _ => Encoding::ExplicitLittle,
        }
    }

    fn u16(self, bytes: [u8; 2]) -> u16 {
        if self == Encoding::ExplicitBig { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) }
    }

    fn u32(self, bytes: [u8; 4]) -> u32 {
        if self == Encoding::ExplicitBig { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    }
}

/// Whether a VR has a two-byte length, a four-byte length, or is none (PS3.5 7.1.2).
fn wide(vr: [u8; 2]) -> Option<bool> {
    match &vr {
        b"AE" | b"AS" | b"AT" | b"CS" | b"DA" | b"DS" | b"DT" | b"FL" | b"FD" | b"IS" | b"LO" | b"LT" | b"PN"
        | b"SH" | b"SL" | b"SS" | b"ST" | b"TM" | b"UI" | b"UL" | b"US" => Some(false),
        b"OB" | b"OD" | b"OF" | b"OL" | b"OV" | b"OW" | b"SQ" | b"SV" | b"UC" | b"UN" | b"UR" | b"UT" | b"UV" => {
            Some(true)
        }
        _ => None,
    }
}

struct Element<'a> {
    tag: (u16, u16),
    vr: Option<[u8; 2]>,
    length: u32,
    /// What follows the header.
    rest: &'a [u8],
}

fn header<'a>(bytes: &'a [u8], encoding: Encoding) -> Result<Option<Element<'a>>, &'static str> {
    let Some((&[a, b, c, d, e, f, g, h], rest)) = bytes.split_first_chunk::<8>() else { return Ok(None) };
    let tag = (encoding.u16([a, b]), encoding.u16([c, d]));
    if encoding == Encoding::ImplicitLittle || tag.0 == 0xfffe {
        return Ok(Some(Element { tag, vr: None, length: encoding.u32([e, f, g, h]), rest }));
    }
    match wide([e, f]) {
        Some(false) => Ok(Some(Element { tag, vr: Some([e, f]), length: u32::from(encoding.u16([g, h])), rest })),
        Some(true) => Ok(rest.split_first_chunk::<4>().map(|(length, rest)| Element {
            tag,
            vr: Some([e, f]),
            length: encoding.u32(*length),
            rest,
        })),
        None => Err("dicom.vr"),
    }
}

/// The encoding that the bytes show, which need not be the one that was agreed. `true` if they differ.
fn encoding_of(bytes: &[u8], agreed: Option<Encoding>) -> (Encoding, bool) {
    let Some(&[a, b, c, d, e, f, g, h]) = bytes.first_chunk::<8>() else {
        return (agreed.unwrap_or(Encoding::ImplicitLittle), false);
    };
    if matches!([a, b], [0xfe, 0xff] | [0xff, 0xfe]) {
        // A delimiter has no VR and says nothing.
        return (agreed.unwrap_or(Encoding::ImplicitLittle), false);
    }
    let explicit = wide([e, f]).is_some();
    let big = a == 0 && b != 0;
    match agreed {
        Some(Encoding::ImplicitLittle) if explicit => (Encoding::ExplicitLittle, true),
        Some(agreed @ (Encoding::ExplicitLittle | Encoding::ExplicitBig)) if !explicit => {
            // Implicit only if its length leads to a later element or to the end; else the VR is simply wrong.
            let length = usize::try_from(u32::from_le_bytes([e, f, g, h])).unwrap_or(usize::MAX);
            let next = bytes.get(length.saturating_add(8)..);
            let first = (u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d]));
            let leads = next.is_some_and(|next| match next.first_chunk::<4>() {
                Some(&[a, b, c, d]) => (u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d])) > first,
                None => next.is_empty(),
            });
            if leads { (Encoding::ImplicitLittle, true) } else { (agreed, false) }
        }
        Some(agreed) => (agreed, false),
        None if explicit && big => (Encoding::ExplicitBig, false),
        None if explicit => (Encoding::ExplicitLittle, false),
        None => (Encoding::ImplicitLittle, false),
    }
}

/// Oddities, each reported once per data set.
#[derive(Default)]
struct Oddities(u8);

impl Oddities {
    const NAMES: [&'static str; 8] = [
        "dicom.vr_not_as_agreed",
        "dicom.tag_order",
        "dicom.tag_duplicate",
        "dicom.odd_length",
        "dicom.uid",
        "dicom.item",
        "dicom.modality",
        "dicom.value_length",
    ];

    fn say(&mut self, name: &'static str, sink: &mut dyn Sink) {
        let bit = Self::NAMES.iter().position(|known| *known == name).map_or(0, |index| 1u8 << (index & 7));
        if self.0 & bit == 0 {
            self.0 |= bit;
            sink.weird(name);
        }
    }
}

/// An open sequence or item, with the encoding to go back to when it closes.
#[derive(Clone, Copy)]
struct Open {
    item: bool,
    outside: Encoding,
}

/// Fills `head` from the first bytes of a data set. `whole`: these are all its bytes, so an element cut by the end is
/// broken and not merely longer than what is read.
pub(super) fn walk<'a>(
    bytes: &'a [u8],
    agreed: Option<Encoding>,
    whole: bool,
    head: &mut DataHead<'a>,
    machine: &mut Machine<'a>,
    sink: &mut dyn Sink,
) -> Result<(), Malformed> {
    if agreed == Some(Encoding::Deflated) {
        sink.weird("dicom.deflated");
        return Ok(());
    }
    let mut odd = Oddities::default();
    let (mut encoding, differs) = encoding_of(bytes, agreed);
    if differs {
        odd.say("dicom.vr_not_as_agreed", sink);
    }
    let mut open = [Open { item: false, outside: encoding }; DEPTH_MAX];
    let mut depth = 0usize;
    let mut previous = (0, 0);
    let mut rest = bytes;
    while !rest.is_empty() {
        let at = bytes.len().saturating_sub(rest.len());
        let malformed = |field| Malformed { field, at };
        let Some(element) = header(rest, encoding).map_err(malformed)? else {
            return if whole { Err(malformed("dicom.element")) } else { Ok(()) };
        };
        rest = element.rest;
        let top = depth.checked_sub(1).and_then(|top| open.get(top)).copied();
        let mut push = |item: bool, outside: Encoding, depth: &mut usize| {
            let slot = open.get_mut(*depth).ok_or(malformed("dicom.depth"))?;
            *slot = Open { item, outside };
            *depth = depth.saturating_add(1);
            Ok(())
        };
        if element.tag.0 == 0xfffe {
            match (element.tag.1, top) {
                (0xe000, Some(Open { item: false, .. })) if element.length == UNDEFINED => {
                    push(true, encoding, &mut depth)?;
                    continue;
                }
                (0xe00d, Some(Open { item: true, outside })) | (0xe0dd, Some(Open { item: false, outside })) => {
                    encoding = outside;
                    depth = depth.saturating_sub(1);
                }
                (0xe000, Some(Open { item: false, .. })) => {}
                _ => odd.say("dicom.item", sink),
            }
        } else {
            if depth == 0 {
                if element.tag > LAST_WANTED {
                    return Ok(());
                }
                if element.tag < previous {
                    odd.say("dicom.tag_order", sink);
                }
                previous = element.tag;
            }
            if element.length == UNDEFINED {
                let inside = match element.vr.as_ref() {
                    // CP-246: the content of an unknown sequence is implicit VR little endian.
                    Some(b"UN") => Encoding::ImplicitLittle,
                    None | Some(b"SQ" | b"OB" | b"OW") => encoding,
                    Some(_) => return Err(malformed("dicom.element_length")),
                };
                push(false, encoding, &mut depth)?;
                encoding = inside;
                continue;
            }
        }
        let length = if element.length == UNDEFINED { 0 } else { element.length };
        if length & 1 == 1 {
            odd.say("dicom.odd_length", sink);
        }
        let Some((value, after)) = usize::try_from(length).ok().and_then(|length| rest.split_at_checked(length)) else {
            return if whole { Err(malformed("dicom.element_length")) } else { Ok(()) };
        };
        rest = after;
        if depth == 0 {
            keep(element.tag, value, head, machine, &mut odd, sink);
        }
    }
    if whole && depth > 0 {
        odd.say("dicom.item", sink);
    }
    Ok(())
}

pub(super) fn is_empty(machine: &Machine<'_>) -> bool {
    let Machine { device_uid, gantry, udi, capture_manufacturer, capture_model, capture_software } = machine;
    [device_uid, gantry, udi, capture_manufacturer, capture_model, capture_software].iter().all(|value| value.is_none())
}

/// The first of two values wins. Everything that is not named here is dropped.
fn keep<'a>(
    tag: (u16, u16),
    value: &'a [u8],
    head: &mut DataHead<'a>,
    machine: &mut Machine<'a>,
    odd: &mut Oddities,
    sink: &mut dyn Sink,
) {
    /// Longest LO value (PS3.5 6.2); software versions hold several.
    const LONG_STRING: usize = 64;
    const VERSIONS: usize = 1024;
    let (slot, because, longest) = match tag {
        (0x0008, 0x0016) => {
            if uid(value).is_none() {
                odd.say("dicom.uid", sink);
            }
            return;
        }
        (0x0008, 0x0060) => {
            match (modality(value), head.modality) {
                (Some(word), None) => head.modality = Some(Plain::new(word, Because::Vocabulary)),
                (Some(_), Some(_)) => odd.say("dicom.tag_duplicate", sink),
                (None, _) if trimmed(value).is_empty() => {}
                (None, _) => odd.say("dicom.modality", sink),
            }
            return;
        }
        (0x0010, 0x0020) => {
            let id = trimmed(value);
            if head.patient.is_some() {
                odd.say("dicom.tag_duplicate", sink);
            } else if !id.is_empty() && !id.iter().any(|byte| matches!(byte, b'*' | b'?')) {
                // A pattern in a query names nobody.
                head.patient = Some(Phi::new(id));
            }
            return;
        }
        (0x0008, 0x0070) => (&mut head.manufacturer, Because::Equipment, LONG_STRING),
        (0x0008, 0x1090) => (&mut head.model, Because::Equipment, LONG_STRING),
        (0x0008, 0x1010) => (&mut head.station, Because::Site, LONG_STRING),
        (0x0018, 0x1000) => (&mut head.serial, Because::Site, LONG_STRING),
        (0x0018, 0x1020) => (&mut head.software, Because::Equipment, VERSIONS),
        (0x0018, 0x1002) => (&mut machine.device_uid, Because::Site, LONG_STRING),
        (0x0018, 0x1008) => (&mut machine.gantry, Because::Site, LONG_STRING),
        (0x0018, 0x1009) => (&mut machine.udi, Because::Site, VERSIONS),
        (0x0018, 0x1016) => (&mut machine.capture_manufacturer, Because::Equipment, LONG_STRING),
        (0x0018, 0x1018) => (&mut machine.capture_model, Because::Equipment, LONG_STRING),
        (0x0018, 0x1019) => (&mut machine.capture_software, Because::Equipment, VERSIONS),
        _ => return,
    };
    let text = trimmed(value);
    if slot.is_some() {
        odd.say("dicom.tag_duplicate", sink);
    } else if text.len() > longest {
        odd.say("dicom.value_length", sink);
    } else if !text.is_empty() {
        *slot = Some(Plain::new(text, because));
    }
}
