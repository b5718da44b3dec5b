//! Frames of IEEE 802.11, as a monitoring card hands them over, with or without a radiotap header. Only data that is not
//! encrypted carries anything to read.

use super::cursor::Cursor;
use super::error::{LinkError, Reason};
use super::layers::{Around, Layer};
use holter_terms::Mac;

/// The first byte of frame control (IEEE 802.11-2020 9.2.4.1).
mod control {
    pub(super) const VERSION_AND_TYPE: u8 = 0x0f;
    pub(super) const DATA: u8 = 0x08;
    /// Subtypes of data.
    pub(super) const NULL: u8 = 0x40;
    pub(super) const QOS: u8 = 0x80;
}

/// The second byte.
mod flag {
    pub(super) const TO_DS: u8 = 0x01;
    pub(super) const FROM_DS: u8 = 0x02;
    pub(super) const MORE_FRAGMENTS: u8 = 0x04;
    pub(super) const PROTECTED: u8 = 0x40;
    pub(super) const HT_CONTROL: u8 = 0x80;
}

/// In QoS control: several frames in one.
const AGGREGATED: u8 = 0x80;

/// Takes off a radiotap header; gives whether the header behind it is padded to words of four bytes.
pub(super) fn radiotap(cursor: &mut Cursor<'_>) -> Result<bool, LinkError> {
    const MORE_BITMAPS: u32 = 1 << 31;
    const TSFT: u32 = 1;
    const FLAGS: u32 = 2;
    const PADDED: u8 = 0x20;
    let header = cursor.rest();
    let [version, _, low, high] = cursor.array::<4>(Reason::Link)?;
    if version != 0 {
        return Err(cursor.fail(Reason::Link));
    }
    let length = usize::from(u16::from_le_bytes([low, high]));
    let header = header.get(..length).ok_or(cursor.fail(Reason::Link))?;
    cursor.skip(length.checked_sub(4).ok_or(cursor.fail(Reason::Link))?, Reason::Link)?;
    let (_, bitmaps) = header.split_at_checked(4).ok_or(cursor.fail(Reason::Link))?;
    let bitmaps = bitmaps.as_chunks::<4>().0.iter().map(|bytes| u32::from_le_bytes(*bytes));
    let present = bitmaps.clone().next().unwrap_or_default();
    let more = bitmaps.take_while(|bitmap| bitmap & MORE_BITMAPS != 0).count();
    let mut at = more.saturating_mul(4).saturating_add(8);
    if present & TSFT != 0 {
        at = at.next_multiple_of(8).saturating_add(8);
    }
    Ok(present & FLAGS != 0 && header.get(at).is_some_and(|flags| flags & PADDED != 0))
}

/// What lies in a frame; nothing where it is not data, or not to be read.
pub(super) fn frame(cursor: &mut Cursor<'_>, around: &mut Around, padded: bool) -> Result<Option<Layer>, LinkError> {
    let [control, flags, _, _] = cursor.array::<4>(Reason::Link)?;
    if control & control::VERSION_AND_TYPE != control::DATA || control & control::NULL != 0 {
        return Ok(None);
    }
    let mut address = || cursor.array(Reason::Link).map(Mac);
    let (first, second, third) = (address()?, address()?, address()?);
    let sequence = cursor.u16(Reason::Link)?;
    let mut length: usize = 24;
    let (dst, src) = match (flags & flag::TO_DS != 0, flags & flag::FROM_DS != 0) {
        (false, false) => (first, second),
        (true, false) => (third, second),
        (false, true) => (first, third),
        (true, true) => {
            length = length.saturating_add(6);
            (third, Mac(cursor.array(Reason::Link)?))
        }
    };
    let mut aggregated = false;
    if control & control::QOS != 0 {
        let [qos, _] = cursor.array::<2>(Reason::Link)?;
        aggregated = qos & AGGREGATED != 0;
        length = length.saturating_add(2);
        if flags & flag::HT_CONTROL != 0 {
            cursor.skip(4, Reason::Link)?;
            length = length.saturating_add(4);
        }
    }
    // The low four bits of sequence control, read as big-endian, number the fragment.
    let fragment = flags & flag::MORE_FRAGMENTS != 0 || sequence & 0x0f00 != 0;
    if flags & flag::PROTECTED != 0 || aggregated || fragment {
        return Ok(None);
    }
    if padded {
        cursor.skip(length.next_multiple_of(4).saturating_sub(length), Reason::Link)?;
    }
    around.src_mac = Some(src);
    around.dst_mac = Some(dst);
    Ok(Some(Layer::Llc))
}
