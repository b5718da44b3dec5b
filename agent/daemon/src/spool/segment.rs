//! The bytes of a segment, and its name.
//!
//! ```text
//! header  | "HSP1" | lane u8 | boot 16 | first u64 | CRC32C |                 33 bytes
//! frame   | length u32 | number u64 | CRC32C over both and the bytes | bytes |   16 + length
//! ```
//!
//! Integers are little-endian. Reading stops at the first frame that is cut, out of order or fails its checksum: bytes
//! behind it were never durable, or are corrupt, which the next segment's first number tells.

use super::Queue;
use holter_terms::{BootId, Lane};
use holter_wire::codec::FRAME_MAX;

const MAGIC: [u8; 4] = *b"HSP1";
const HEADER: usize = 33;

/// A segment as the spool holds it in mind.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) name: String,
    pub(super) size: u64,
    /// Last durable number; one less than the first while there is none.
    pub(super) last: u64,
    pub(super) sealed: bool,
}

pub(super) struct Contents {
    pub(super) last: u64,
    pub(super) frames: Vec<(u64, Vec<u8>)>,
}

pub(super) fn name((boot, lane): Queue, first: u64) -> String {
    format!("{boot}-{}-{first:016x}.seg", lane.as_str())
}

pub(super) fn parse_name(name: &str) -> Option<(Queue, u64)> {
    let mut parts = name.strip_suffix(".seg")?.split('-');
    let boot = BootId::parse(parts.next()?)?;
    let lane = parts.next()?;
    let lane = Lane::ALL.into_iter().find(|known| known.as_str() == lane)?;
    let first = u64::from_str_radix(parts.next()?, 16).ok()?;
    (parts.next().is_none() && first > 0).then_some(((boot, lane), first))
}

pub(super) fn header((boot, lane): Queue, first: u64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEADER);
    bytes.extend_from_slice(&MAGIC);
    bytes.push(lane as u8);
    bytes.extend_from_slice(&boot.0);
    bytes.extend_from_slice(&first.to_le_bytes());
    let crc = crc32c::crc32c(&bytes);
    bytes.extend_from_slice(&crc.to_le_bytes());
    bytes
}

pub(super) fn frame(to: &mut Vec<u8>, number: u64, bytes: &[u8]) {
    let length = (bytes.len() as u32).to_le_bytes();
    let number = number.to_le_bytes();
    to.extend_from_slice(&length);
    to.extend_from_slice(&number);
    to.extend_from_slice(&checksum(length, number, bytes).to_le_bytes());
    to.extend_from_slice(bytes);
}

fn checksum(length: [u8; 4], number: [u8; 8], bytes: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c_append(crc32c::crc32c(&length), &number), bytes)
}

/// Every frame that can be read, in order.
pub(super) fn read(bytes: &[u8], queue: Queue, first: u64) -> Contents {
    let mut contents = Contents { last: first - 1, frames: Vec::new() };
    let Some(mut rest) = bytes.strip_prefix(header(queue, first).as_slice()) else { return contents };
    while let Some((head, after)) = rest.split_first_chunk::<16>() {
        let [l0, l1, l2, l3, n0, n1, n2, n3, n4, n5, n6, n7, c0, c1, c2, c3] = *head;
        let (length, number) = ([l0, l1, l2, l3], [n0, n1, n2, n3, n4, n5, n6, n7]);
        let size = u32::from_le_bytes(length) as usize;
        let Some((frame, more)) = after.split_at_checked(size) else { break };
        let fits = size <= FRAME_MAX
            && u64::from_le_bytes(number) == contents.last + 1
            && checksum(length, number, frame) == u32::from_le_bytes([c0, c1, c2, c3]);
        if !fits {
            break;
        }
        contents.last += 1;
        contents.frames.push((contents.last, frame.to_vec()));
        rest = more;
    }
    contents
}
