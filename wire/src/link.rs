//! What sensor and collector say to each other over QUIC (ALPN [`ALPN`]), apart from the records themselves.
//!
//! The sensor opens one bidirectional stream for [`SensorSays::Hello`] and, once welcomed, sends batches on it or on
//! one unidirectional stream per lane; the collector answers on the bidirectional stream. Each message stands in a
//! [`message`] frame: its length as a u32, little-endian, then its postcard bytes.

use crate::LossReason;
use crate::codec::FRAME_MAX;
use holter_terms::{BootId, Lane, Nanos};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub const ALPN: &[u8] = b"holter/1";

/// The name in a collector's certificate for sensors. Sensors trust one authority, so the name only says which of its
/// certificates is the collector's; where the collector stands is in the token.
pub const SERVER_NAME: &str = "collector.holter.internal";

/// Versions of this protocol that are spoken here: the first and the last.
pub const PROTOCOL: (u16, u16) = (1, 1);

/// The largest message, its length not counted.
pub const MESSAGE_MAX: usize = 2 << 20;

/// Raw bytes of the frames in one batch, unless a single frame is larger.
pub const BATCH_RAW: usize = 256 << 10;

/// What a batch may unpack to, and how many times its packed size.
pub const UNPACKED_MAX: usize = 4 << 20;
pub const RATIO_MAX: usize = 200;

/// Frames in one batch.
pub const BATCH_FRAMES_MAX: usize = 512;

/// Boots that one Hello names.
pub const BOOTS_MAX: usize = 256;

/// What a sensor still holds of one lane of one boot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    pub boot: BootId,
    pub lane: Lane,
    pub first: u64,
    pub last: u64,
    /// The boot has ended; nothing will be added.
    pub closed: bool,
}

/// What a collector has committed of one lane of one boot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Committed {
    pub boot: BootId,
    pub lane: Lane,
    pub through: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SensorSays {
    Hello {
        protocol: (u16, u16),
        version: [u16; 3],
        wall: Nanos,
        boots: Vec<Held>,
    },
    Batch(Batch),
    /// Numbers that will never come, and why. They follow what was sent before them in their lane.
    Gone {
        boot: BootId,
        lane: Lane,
        first: u64,
        last: u64,
        reason: LossReason,
    },
    /// Every 10 s: keeps the clock offset and the lag known.
    Ping {
        wall: Nanos,
        pending: u64,
    },
}

/// Frames with consecutive numbers of one lane of one boot, packed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    pub boot: BootId,
    pub lane: Lane,
    pub first: u64,
    pub count: u32,
    /// zstd of the frames, each behind its length as a u32, little-endian.
    pub packed: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum CollectorSays {
    Welcome {
        protocol: u16,
        wall: Nanos,
        committed: Vec<Committed>,
    },
    /// Committed in a transaction and synced, up to and with `through`.
    Ack(Committed),
    /// The batch does not continue what is committed: send from `expected`.
    Nak {
        boot: BootId,
        lane: Lane,
        expected: u64,
    },
    /// The collector cannot commit now; send again after this many milliseconds.
    Busy {
        retry_ms: u32,
    },
    Pong {
        wall: Nanos,
        echo: Nanos,
    },
    /// No version in common.
    Incompatible {
        protocol: (u16, u16),
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    #[error("link: a message of {0} bytes is more than the {MESSAGE_MAX} allowed")]
    TooLarge(usize),
    #[error("link: a message cannot be read")]
    Message,
    #[error("link: a batch cannot be unpacked")]
    Packed,
    #[error("link: a batch would unpack to more than is allowed")]
    Bomb,
    #[error("link: a batch does not hold the frames that it counts")]
    Count,
}

/// A message with its length before it.
pub fn message<T: Serialize>(message: &T) -> Result<Vec<u8>, LinkError> {
    let mut bytes = postcard::to_extend(message, vec![0; 4]).map_err(|_| LinkError::Message)?;
    let length = bytes.len().saturating_sub(4);
    if length > MESSAGE_MAX {
        return Err(LinkError::TooLarge(length));
    }
    if let Some(slot) = bytes.get_mut(..4) {
        slot.copy_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
    }
    Ok(bytes)
}

/// The length that stands before a message, if it is allowed.
pub fn message_length(prefix: [u8; 4]) -> Result<usize, LinkError> {
    let length = u32::from_le_bytes(prefix) as usize;
    if length > MESSAGE_MAX { Err(LinkError::TooLarge(length)) } else { Ok(length) }
}

/// The message in `bytes`, which stood behind its length.
pub fn read_message<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, LinkError> {
    match postcard::take_from_bytes(bytes) {
        Ok((message, [])) => Ok(message),
        _ => Err(LinkError::Message),
    }
}

impl Batch {
    /// Packs frames that have the numbers `first`, `first + 1`, ...
    pub fn pack<F: AsRef<[u8]>>(boot: BootId, lane: Lane, first: u64, frames: &[F]) -> Result<Batch, LinkError> {
        let mut raw = Vec::with_capacity(BATCH_RAW);
        for frame in frames {
            let frame = frame.as_ref();
            let length = u32::try_from(frame.len()).map_err(|_| LinkError::TooLarge(frame.len()))?;
            raw.extend_from_slice(&length.to_le_bytes());
            raw.extend_from_slice(frame);
        }
        if raw.len() > UNPACKED_MAX {
            return Err(LinkError::Bomb);
        }
        let packed = zstd::bulk::compress(&raw, 3).map_err(|_| LinkError::Packed)?;
        let count = u32::try_from(frames.len()).map_err(|_| LinkError::Count)?;
        Ok(Batch { boot, lane, first, count, packed })
    }

    /// The frames, each at most [`FRAME_MAX`] bytes. Output is bounded before it is made, whatever the header says.
    pub fn unpack(&self) -> Result<Vec<Vec<u8>>, LinkError> {
        let limit = self.packed.len().saturating_mul(RATIO_MAX).saturating_add(1024).min(UNPACKED_MAX);
        if zstd::bulk::Decompressor::upper_bound(&self.packed).is_some_and(|bound| bound > limit) {
            return Err(LinkError::Bomb);
        }
        let raw = zstd::bulk::decompress(&self.packed, limit).map_err(|_| LinkError::Packed)?;
        let mut frames = Vec::new();
        let mut rest = raw.as_slice();
        while let Some((length, more)) = rest.split_first_chunk::<4>() {
            let length = u32::from_le_bytes(*length) as usize;
            if length > FRAME_MAX {
                return Err(LinkError::TooLarge(length));
            }
            let (frame, more) = more.split_at_checked(length).ok_or(LinkError::Count)?;
            if frames.len() >= BATCH_FRAMES_MAX {
                return Err(LinkError::Count);
            }
            frames.push(frame.to_vec());
            rest = more;
        }
        let counted = usize::try_from(self.count).unwrap_or(usize::MAX);
        if !rest.is_empty() || frames.len() != counted { Err(LinkError::Count) } else { Ok(frames) }
    }
}
