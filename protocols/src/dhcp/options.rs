//! The options of a message, over one to three areas (RFC 2132, overload 9.3; long options RFC 3396).

use crate::{Malformed, Sink};

/// Option codes whose order is kept.
pub const OPTIONS_MAX: usize = 256;
/// Parts of one option that are joined (RFC 3396).
pub const PARTS_MAX: usize = 16;
/// Longest option that is joined from parts.
pub const JOINED_MAX: usize = 512;

const PAD: u8 = 0;
const END: u8 = 255;
const OVERLOAD: u8 = 52;

/// Up to three areas, each with its place in the message: options, then file, then sname (RFC 2131 4.1).
pub(super) struct Areas<'a> {
    areas: [(&'a [u8], usize); 3],
}

impl<'a> Areas<'a> {
    /// `options` begins at `at` of the message. Overload is read in the option field only: one level.
    pub(super) fn new(options: (&'a [u8], usize), file: (&'a [u8], usize), sname: (&'a [u8], usize)) -> Self {
        let alone = Areas { areas: [options, (&[], 0), (&[], 0)] };
        let overload = alone.first(OVERLOAD).and_then(|value| value.first().copied()).unwrap_or(0);
        Areas {
            areas: [
                options,
                if overload & 1 == 1 { file } else { (&[], 0) },
                if overload & 2 == 2 { sname } else { (&[], 0) },
            ],
        }
    }

    /// Every option up to the one that breaks its area.
    fn each(&self, mut see: impl FnMut(u8, &'a [u8], usize)) -> Result<(), Malformed> {
        let mut broken = Ok(());
        for (area, base) in self.areas {
            let mut rest = area;
            while let Some((&code, after)) = rest.split_first() {
                let at = base.saturating_add(area.len().saturating_sub(rest.len()));
                rest = after;
                match code {
                    PAD => continue,
                    END => break,
                    _ => {}
                }
                let value = rest.split_first().and_then(|(&length, after)| after.split_at_checked(usize::from(length)));
                let Some((value, after)) = value else {
                    broken = broken.and(Err(Malformed { field: "dhcp.option_length", at }));
                    break;
                };
                rest = after;
                see(code, value, at);
            }
        }
        broken
    }

    /// The codes in their order, and whether an area broke.
    pub(super) fn codes<'c>(
        &self,
        room: &'c mut [u8; OPTIONS_MAX],
        sink: &mut dyn Sink,
    ) -> (&'c [u8], Result<(), Malformed>) {
        let mut used = 0usize;
        let mut more = false;
        let result = self.each(|code, _, _| match room.get_mut(used) {
            Some(slot) => {
                *slot = code;
                used = used.saturating_add(1);
            }
            None => more = true,
        });
        if more {
            sink.weird("dhcp.options");
        }
        (room.get(..used).unwrap_or_default(), result)
    }

    pub(super) fn first(&self, wanted: u8) -> Option<&'a [u8]> {
        let mut found = None;
        let _ = self.each(|code, value, _| {
            if code == wanted && found.is_none() {
                found = Some(value);
            }
        });
        found
    }

    /// An option that may be sent in parts: from the packet if it is one, else joined in `room`.
    pub(super) fn joined<'j>(&self, wanted: u8, room: &'j mut Joined, sink: &mut dyn Sink) -> Option<&'j [u8]>
    where
        'a: 'j,
    {
        let (mut parts, mut first, mut too_long) = (0usize, None, false);
        let _ = self.each(|code, value, _| {
            if code != wanted {
                return;
            }
            first = first.or(Some(value));
            parts = parts.saturating_add(1);
            if parts <= PARTS_MAX {
                too_long |= !room.push(value);
            }
        });
        if too_long || parts > PARTS_MAX {
            sink.weird("dhcp.joined");
        }
        if parts < 2 { first } else { Some(room.get()) }
    }
}

/// Room for one joined option.
pub(super) struct Joined {
    bytes: [u8; JOINED_MAX],
    used: usize,
}

impl Joined {
    pub(super) const fn new() -> Self {
        Joined { bytes: [0; JOINED_MAX], used: 0 }
    }

    /// `false` if it did not fit; what fits is kept.
    pub(super) fn push(&mut self, part: &[u8]) -> bool {
        let room = self.bytes.get_mut(self.used..).unwrap_or_default();
        let fits = part.len().min(room.len());
        room.iter_mut().zip(part).for_each(|(slot, &byte)| *slot = byte);
        self.used = self.used.saturating_add(fits);
        fits == part.len()
    }

    pub(super) fn get(&self) -> &[u8] {
        self.bytes.get(..self.used).unwrap_or_default()
    }
}
