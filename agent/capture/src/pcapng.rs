//! The block format (draft-ietf-opsawg-pcapng): sections, interfaces with a link type and a clock each, packets.
//!
//! Blocks that carry no packet (names, statistics, secrets, comments) are passed over unread: they may hold keys and
//! what people wrote.

use crate::file::Record;
use crate::input::Input;
use crate::{CaptureError, MAX_BLOCK, MAX_FRAME, MAX_INTERFACES};
use holter_terms::{LinkType, Nanos};
use std::io::Read;

/// The type of a section header block, the same in both byte orders.
pub(crate) const SECTION: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];

mod block {
    pub(super) const SECTION: u32 = 0x0a0d_0d0a;
    pub(super) const INTERFACE: u32 = 1;
    /// Obsolete, but written by old programs.
    pub(super) const PACKET: u32 = 2;
    pub(super) const SIMPLE: u32 = 3;
    pub(super) const ENHANCED: u32 = 6;
}

/// The type and length before, and the length behind, the body of each block.
const AROUND: usize = 12;

#[derive(Clone, Copy)]
struct Interface {
    link: LinkType,
    snaplen: usize,
    clock: Clock,
}

#[derive(Clone, Copy)]
struct Clock {
    /// Units per second.
    units: u128,
    /// Seconds to add.
    offset: i64,
}

impl Clock {
    const MICROSECONDS: Clock = Clock { units: 1_000_000, offset: 0 };

    fn nanos(self, units: u64) -> Nanos {
        let nanos = u128::from(units).saturating_mul(1_000_000_000).checked_div(self.units).unwrap_or(0);
        Nanos::try_from(nanos).unwrap_or(Nanos::MAX).saturating_add(self.offset.saturating_mul(1_000_000_000))
    }
}

#[derive(Default)]
pub(crate) struct Sections {
    big_endian: bool,
    interfaces: Vec<Interface>,
    /// The time of the latest packet that had one: a simple packet block has none.
    latest: Nanos,
}

impl Sections {
    fn u16(&self, bytes: [u8; 2]) -> u16 {
        if self.big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) }
    }

    fn u32(&self, bytes: [u8; 4]) -> u32 {
        if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    }

    fn word<R: Read>(&self, input: &Input<R>, at: usize) -> usize {
        usize::try_from(self.u32(input.peek_at(at).unwrap_or_default())).unwrap_or(usize::MAX)
    }

    fn half<R: Read>(&self, input: &Input<R>, at: usize) -> u16 {
        self.u16(input.peek_at(at).unwrap_or_default())
    }

    pub(crate) fn next<R: Read>(&mut self, input: &mut Input<R>) -> Result<Option<Record>, CaptureError> {
        loop {
            if !input.has(AROUND)? {
                return match input.standing() {
                    0 => Ok(None),
                    _ => Err(input.damaged("the file ends within the header of a block")),
                };
            }
            if input.peek_at::<4>(0) == Some(SECTION) {
                self.big_endian = match input.peek_at::<4>(8) {
                    Some([0x1a, 0x2b, 0x3c, 0x4d]) => true,
                    Some([0x4d, 0x3c, 0x2b, 0x1a]) => false,
                    _ => return Err(input.damaged("a section without its byte-order mark")),
                };
                self.interfaces.clear();
            }
            let kind = self.u32(input.peek_at(0).unwrap_or_default());
            let length = self.word(input, 4);
            if length < AROUND || !length.is_multiple_of(4) {
                return Err(input.damaged("the length of a block is below 12 or no multiple of 4"));
            }
            let looked_into =
                matches!(kind, block::INTERFACE | block::PACKET | block::SIMPLE | block::ENHANCED | block::SECTION);
            if !looked_into {
                self.pass_over(input, length)?;
                continue;
            }
            if length > MAX_BLOCK {
                return Err(input.damaged("a block of a packet or an interface is longer than 327,680 bytes"));
            }
            if !input.has(length)? {
                return Err(input.damaged("the file ends within a block"));
            }
            if self.word(input, length.saturating_sub(4)) != length {
                return Err(input.damaged("the two lengths of a block differ"));
            }
            let record = match kind {
                block::SECTION => {
                    if self.half(input, 12) != 1 {
                        return Err(input.damaged("a section of another major version than 1"));
                    }
                    None
                }
                block::INTERFACE => {
                    self.interface(input, length)?;
                    None
                }
                _ => Some(self.packet(input, kind, length)?),
            };
            input.advance(length);
            if let Some(record) = record {
                self.latest = record.at;
                return Ok(Some(record));
            }
        }
    }

    fn pass_over<R: Read>(&self, input: &mut Input<R>, length: usize) -> Result<(), CaptureError> {
        let body = u64::try_from(length.saturating_sub(4)).unwrap_or(u64::MAX);
        let begin = input.offset();
        if !input.discard(body)? || !input.has(4)? {
            return Err(CaptureError::Damaged { offset: begin, what: "the file ends within a block" });
        }
        if self.word(input, 0) != length {
            return Err(CaptureError::Damaged { offset: begin, what: "the two lengths of a block differ" });
        }
        input.advance(4);
        Ok(())
    }

    fn interface<R: Read>(&mut self, input: &Input<R>, length: usize) -> Result<(), CaptureError> {
        if length < AROUND.saturating_add(8) {
            return Err(input.damaged("an interface block is too short"));
        }
        if self.interfaces.len() >= MAX_INTERFACES {
            return Err(input.damaged("more than 4,096 interfaces in a section"));
        }
        let mut interface = Interface {
            link: LinkType(self.half(input, 8)),
            snaplen: match self.word(input, 12) {
                0 => MAX_FRAME,
                snaplen => snaplen.min(MAX_FRAME),
            },
            clock: Clock::MICROSECONDS,
        };
        let body = input.peek(length.saturating_sub(4));
        let mut options = body.get(16..).unwrap_or_default();
        while let Some((&[a, b, c, d], rest)) = options.split_first_chunk::<4>() {
            let (code, size) = (self.u16([a, b]), usize::from(self.u16([c, d])));
            if code == 0 {
                break;
            }
            let Some(value) = rest.get(..size) else { break };
            match (code, value) {
                (TIME_RESOLUTION, [resolution]) => {
                    interface.clock.units = units(*resolution)
                        .ok_or(input.damaged("an interface with a clock finer than can be counted"))?;
                }
                (TIME_OFFSET, [_, _, _, _, _, _, _, _]) => {
                    let bytes: [u8; 8] = value.try_into().unwrap_or_default();
                    interface.clock.offset =
                        if self.big_endian { i64::from_be_bytes(bytes) } else { i64::from_le_bytes(bytes) };
                }
                _ => {}
            }
            options = rest.get(size.next_multiple_of(4)..).unwrap_or_default();
        }
        self.interfaces.push(interface);
        Ok(())
    }

    fn packet<R: Read>(&self, input: &Input<R>, kind: u32, length: usize) -> Result<Record, CaptureError> {
        /// Offsets of the fields in an enhanced packet block; the obsolete one differs in the first.
        const HEAD: usize = 28;
        let least = if kind == block::SIMPLE { AROUND.saturating_add(4) } else { HEAD.saturating_add(4) };
        if length < least {
            return Err(input.damaged("a packet block is too short"));
        }
        let number = match kind {
            block::SIMPLE => 0,
            block::PACKET => usize::from(self.half(input, 8)),
            _ => self.word(input, 8),
        };
        let interface =
            *self.interfaces.get(number).ok_or(input.damaged("a packet of an interface that was not described"))?;
        let (head, captured, wire_len, at) = if kind == block::SIMPLE {
            let wire = self.word(input, 8);
            (12, wire.min(interface.snaplen), wire, self.latest)
        } else {
            let (high, low) = (self.word(input, 12), self.word(input, 16));
            let units = (u64::try_from(high).unwrap_or(0) << 32) | u64::try_from(low).unwrap_or(0);
            (HEAD, self.word(input, 20), self.word(input, 24), interface.clock.nanos(units))
        };
        if captured > length.saturating_sub(head).saturating_sub(4) || captured > MAX_FRAME {
            return Err(input.damaged("a packet is longer than its block"));
        }
        Ok(Record {
            at,
            link: interface.link,
            wire_len: u32::try_from(wire_len).unwrap_or(u32::MAX),
            back: length.saturating_sub(head),
            length: captured,
            odd_fraction: false,
        })
    }
}

const TIME_RESOLUTION: u16 = 9;
const TIME_OFFSET: u16 = 14;

/// Units per second: a power of ten, or of two where the highest bit is set.
fn units(resolution: u8) -> Option<u128> {
    /// Finer than this, 64 bits count less than a year.
    const FINEST: (u32, u32) = (12, 40);
    let power = u32::from(resolution & 0x7f);
    if resolution & 0x80 == 0 {
        if power > FINEST.0 { None } else { 10u128.checked_pow(power) }
    } else if power > FINEST.1 {
        None
    } else {
        2u128.checked_pow(power)
    }
}
