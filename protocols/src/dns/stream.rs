use super::message;
use crate::{Decoder, MAX_NEED, Malformed, Progress, Sink, Way};

/// DNS over TCP: each message follows its length in two bytes (RFC 1035 4.2.2).
#[derive(Default)]
pub(super) struct Stream {
    /// A message that broke, by direction: it is passed over whole on the next call.
    broken: [bool; 2],
}

impl Decoder for Stream {
    fn feed(&mut self, way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<Progress, Malformed> {
        let Some((length, rest)) = bytes.split_first_chunk::<2>() else { return Ok(Progress::Need(2)) };
        let length = usize::from(u16::from_be_bytes(*length));
        let whole = length.saturating_add(2);
        let broken = match way {
            Way::ToServer => &mut self.broken[0],
            Way::ToClient => &mut self.broken[1],
        };
        if whole > MAX_NEED {
            sink.weird("dns.length");
            return Ok(Progress::Skip { read: 2, ahead: length as u64 });
        }
        if std::mem::take(broken) {
            return Ok(Progress::Skip { read: 2, ahead: length as u64 });
        }
        match rest.get(..length) {
            None => Ok(Progress::Need(whole)),
            Some([]) => Ok(Progress::Read(2)),
            Some(one) => match message(one, 2, sink) {
                Ok(()) => Ok(Progress::Read(whole)),
                Err(malformed) => {
                    *broken = true;
                    Err(malformed)
                }
            },
        }
    }

    fn gap(&mut self, way: Way, _n: u64) {
        // The framing has no mark to find again; the engine gives such a stream up by its errors.
        match way {
            Way::ToServer => self.broken[0] = false,
            Way::ToClient => self.broken[1] = false,
        }
    }

    fn held(&self) -> usize {
        0
    }
}
