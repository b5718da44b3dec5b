//! A walk from tag to tag in both directions.

use super::tag::{self, Tag};
use super::{Message, Patient};
use crate::event::{Count, Size};
use crate::{Decoder, Malformed, Progress, Sink, Way};
use holter_phi::{Because, Phi, Plain};
use memchr::memchr;

/// The most of a tag that is read; the rest of a longer one passes as text.
pub const TAG_MAX: usize = 4096;
/// Longest value that is taken as one of a device.
pub const VALUE_MAX: usize = 64;
/// A message that is longer is given up.
pub const MESSAGE_MAX: u64 = 64 * 1024 * 1024;

#[derive(Default)]
pub(super) struct Link {
    halves: [Half; 2],
}

#[derive(Default)]
struct Half {
    state: State,
    /// Of the tag that is not whole yet: bytes looked at, and the quote that is open there.
    searched: usize,
    quote: Option<u8>,
    /// The root that is open.
    root: Option<&'static [u8]>,
    device: Device,
    elements: u64,
    size: u64,
    /// Bytes outside any message were reported since the last one.
    stray: bool,
}

#[derive(Default, Clone, Copy)]
enum State {
    #[default]
    Text,
    /// At `<`.
    Tag,
    /// Up to the end of a comment, a section of character data, or an instruction; so much of the end was seen.
    Pass { end: &'static [u8], seen: usize },
}

/// What the device object said, kept until the message ends.
#[derive(Default)]
struct Device {
    id: Kept,
    vendor: Kept,
    model: Kept,
    serial: Kept,
    manufacturer: Kept,
    hardware: Kept,
    software: Kept,
}

struct Kept {
    bytes: [u8; VALUE_MAX],
    length: usize,
}

impl Default for Kept {
    fn default() -> Self {
        Kept { bytes: [0; VALUE_MAX], length: 0 }
    }
}

impl Kept {
    fn set(&mut self, value: &[u8], sink: &mut dyn Sink) {
        let Some(room) = self.bytes.get_mut(..value.len()) else {
            sink.weird("poct1a.value_length");
            return;
        };
        room.copy_from_slice(value);
        self.length = value.len();
    }

    fn plain(&self, because: Because) -> Option<Plain<'_>> {
        let value = self.bytes.get(..self.length)?;
        (!value.is_empty()).then(|| Plain::new(value, because))
    }
}

impl Decoder for Link {
    fn feed(&mut self, way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<Progress, Malformed> {
        let [to_server, to_client] = &mut self.halves;
        let half = match way {
            Way::ToServer => to_server,
            Way::ToClient => to_client,
        };
        loop {
            let progress = match half.state {
                State::Text => match half.text(bytes, sink) {
                    0 => {
                        half.state = State::Tag;
                        continue;
                    }
                    n => Progress::Read(n),
                },
                State::Tag => half.tag(bytes, sink)?,
                State::Pass { end, seen } => Progress::Read(half.pass(end, seen, bytes)),
            };
            if let Progress::Read(n) = progress {
                half.size = half.size.saturating_add(n as u64);
                if half.root.is_some() && half.size > MESSAGE_MAX {
                    half.root = None;
                    sink.weird("poct1a.unterminated");
                }
            }
            return Ok(progress);
        }
    }

    fn gap(&mut self, way: Way, _n: u64) {
        if let Some(half) = self.halves.get_mut(way.index()) {
            *half = Half::default();
        }
    }

    fn held(&self) -> usize {
        0
    }
}

impl Half {
    fn text(&mut self, bytes: &[u8], sink: &mut dyn Sink) -> usize {
        let n = memchr(b'<', bytes).unwrap_or(bytes.len());
        let stray = self.root.is_none() && bytes.iter().take(n).any(|byte| byte.is_ascii_graphic());
        if stray && !std::mem::replace(&mut self.stray, true) {
            sink.weird("poct1a.outside");
        }
        n
    }

    fn pass(&mut self, end: &'static [u8], mut seen: usize, bytes: &[u8]) -> usize {
        for (at, &byte) in bytes.iter().enumerate() {
            seen = if end.get(seen) == Some(&byte) {
                seen.saturating_add(1)
            } else if end.first() == Some(&byte) {
                // `]]]>` ends with the last two brackets: one more of the repeated byte changes nothing.
                if seen == 2 && end.get(1) == Some(&byte) { 2 } else { 1 }
            } else {
                0
            };
            if seen == end.len() {
                self.state = State::Text;
                return at.saturating_add(1);
            }
        }
        self.state = State::Pass { end, seen };
        bytes.len()
    }

    fn tag(&mut self, bytes: &[u8], sink: &mut dyn Sink) -> Result<Progress, Malformed> {
        if let Some(skipped) = special(bytes) {
            let Some((end, past)) = skipped else { return Ok(Progress::Need(bytes.len().saturating_add(1))) };
            self.state = State::Pass { end, seen: 0 };
            return Ok(Progress::Read(past));
        }
        let within = bytes.get(..TAG_MAX).unwrap_or(bytes);
        let mut at = self.searched.max(1);
        let mut end = None;
        while let Some(&byte) = within.get(at) {
            match (self.quote, byte) {
                (Some(quote), byte) if byte == quote => self.quote = None,
                (Some(_), _) => {}
                (None, b'"' | b'\'') => self.quote = Some(byte),
                (None, b'>') => {
                    end = Some(at);
                    break;
                }
                // Another tag begins: this one was none.
                (None, b'<') => {
                    self.leave();
                    sink.weird("poct1a.tag");
                    return Ok(Progress::Read(at));
                }
                (None, _) => {}
            }
            at = at.saturating_add(1);
        }
        let Some(end) = end else {
            if within.len() < TAG_MAX {
                self.searched = at;
                return Ok(Progress::Need(within.len().saturating_add(1)));
            }
            self.leave();
            sink.weird("poct1a.tag_length");
            return Ok(Progress::Read(within.len()));
        };
        self.leave();
        let past = end.saturating_add(1);
        let tag = tag::read(within.get(1..end).unwrap_or_default());
        self.element(&tag, past, sink);
        Ok(Progress::Read(past))
    }

    fn leave(&mut self) {
        self.state = State::Text;
        self.searched = 0;
        self.quote = None;
    }

    fn element(&mut self, tag: &Tag<'_>, length: usize, sink: &mut dyn Sink) {
        let Some(root) = self.root else {
            match tag::root(tag.name) {
                Some(root) if !tag.closes => self.open(root, tag.empty, length, sink),
                _ if !std::mem::replace(&mut self.stray, true) => sink.weird("poct1a.outside"),
                _ => {}
            }
            return;
        };
        if tag.closes {
            if tag.name == root {
                self.close(root, length, sink);
            }
            return;
        }
        if let Some(next) = tag::root(tag.name) {
            // A message begins in another one, whose end was lost.
            sink.weird("poct1a.cut");
            self.open(next, tag.empty, length, sink);
            return;
        }
        self.elements = self.elements.saturating_add(1);
        let Some(value) = tag.value() else { return };
        let device = &mut self.device;
        let kept = match tag.name {
            b"DEV.device_id" => &mut device.id,
            b"DEV.vendor_id" => &mut device.vendor,
            b"DEV.model_id" => &mut device.model,
            b"DEV.serial_id" => &mut device.serial,
            b"DEV.manufacturer_name" => &mut device.manufacturer,
            b"DEV.hw_version" => &mut device.hardware,
            b"DEV.sw_version" => &mut device.software,
            b"PT.patient_id" => return sink.event(&Patient { id: Phi::new(value) }),
            _ => return,
        };
        kept.set(value, sink);
    }

    fn open(&mut self, root: &'static [u8], empty: bool, length: usize, sink: &mut dyn Sink) {
        self.root = Some(root);
        self.device = Device::default();
        self.elements = 1;
        self.size = 0;
        self.stray = false;
        if empty {
            self.close(root, length, sink);
        }
    }

    fn close(&mut self, root: &'static [u8], length: usize, sink: &mut dyn Sink) {
        let device = &self.device;
        sink.event(&Message {
            kind: Plain::new(root, Because::Vocabulary),
            device: device.id.plain(Because::Site),
            vendor: device.vendor.plain(Because::Equipment),
            model: device.model.plain(Because::Equipment),
            serial: device.serial.plain(Because::Site),
            manufacturer: device.manufacturer.plain(Because::Equipment),
            hardware: device.hardware.plain(Because::Equipment),
            software: device.software.plain(Because::Equipment),
            elements: Count(self.elements),
            size: Size(self.size.saturating_add(length as u64)),
        });
        self.root = None;
    }
}

type Ending = (&'static [u8], usize);

/// What begins like a tag and is none: how it ends, and how long its beginning is. Inner `None` where that is not told
/// yet.
fn special(bytes: &[u8]) -> Option<Option<Ending>> {
    const SPECIAL: [(&[u8], &[u8]); 3] = [(b"<!--", b"-->"), (b"<![CDATA[", b"]]>"), (b"<?", b"?>")];
    SPECIAL.iter().find_map(|(begin, end)| {
        if bytes.starts_with(begin) {
            Some(Some((*end, begin.len())))
        } else if bytes.len() > 1 && begin.starts_with(bytes) {
            Some(None)
        } else {
            None
        }
    })
}
