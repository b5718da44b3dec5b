//! Identification, then packets in clear until new keys are taken (RFC 4253 4.2, 6, 7).

use super::{Banner, Offer};
use crate::{Decoder, Malformed, Progress, Reader, Sink, Way};
use holter_phi::{Because, Plain};
use memchr::memchr;

/// Longest line of an identification, with its end (RFC 4253 4.2).
pub const LINE_MAX: usize = 255;
/// Lines that a server may say before its identification.
pub const LINES_MAX: u16 = 64;
/// Longest packet (RFC 4253 6.1).
pub const PACKET_MAX: usize = 35_000;
/// Longest name of an algorithm (RFC 4251 6).
const NAME_MAX: usize = 64;
/// All that will ever come.
const REST: u64 = u64::MAX >> 1;

const KEXINIT: u8 = 20;
const NEWKEYS: u8 = 21;

#[derive(Default)]
pub(super) struct Stream {
    halves: [Half; 2],
}

#[derive(Default)]
struct Half {
    state: State,
    /// Lines that were none of its identification.
    lines: u16,
}

#[derive(Clone, Copy, Default)]
enum State {
    #[default]
    Banner,
    /// Passes the rest of a line.
    Line,
    Packet,
    /// Bytes of a broken packet to pass.
    Pass(usize),
    /// Sealed, or no longer to be followed.
    Sealed,
}

impl Decoder for Stream {
    fn feed(&mut self, way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<Progress, Malformed> {
        let [to_server, to_client] = &mut self.halves;
        let half = match way {
            Way::ToServer => to_server,
            Way::ToClient => to_client,
        };
        match half.state {
            State::Banner => half.banner(bytes, sink),
            State::Line => Ok(Progress::Read(match memchr(b'\n', bytes) {
                Some(end) => {
                    half.state = State::Banner;
                    end.saturating_add(1)
                }
                None => bytes.len(),
            })),
            State::Packet => half.packet(bytes, sink),
            State::Pass(left) => {
                half.state = State::Packet;
                Ok(Progress::Read(left.min(bytes.len())))
            }
            State::Sealed => Ok(Progress::Skip { read: 0, ahead: REST }),
        }
    }

    fn gap(&mut self, way: Way, _n: u64) {
        if let Some(half) = self.halves.get_mut(way.index()) {
            // Where a packet begins cannot be seen.
            half.state = State::Sealed;
        }
    }

    fn held(&self) -> usize {
        0
    }
}

impl Half {
    fn banner(&mut self, bytes: &[u8], sink: &mut dyn Sink) -> Result<Progress, Malformed> {
        let head = bytes.get(..LINE_MAX).unwrap_or(bytes);
        let Some(end) = memchr(b'\n', head) else {
            if head.len() < LINE_MAX {
                return Ok(Progress::Need(head.len().saturating_add(1)));
            }
            self.next_line(State::Line);
            return if head.starts_with(b"SSH-") {
                Err(Malformed { field: "ssh.banner", at: 0 })
            } else {
                Ok(Progress::Read(LINE_MAX))
            };
        };
        let read = end.saturating_add(1);
        let line = head.get(..end).unwrap_or_default();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let Some(version) = line.strip_prefix(b"SSH-") else {
            self.next_line(State::Banner);
            return Ok(Progress::Read(read));
        };
        sink.event(&Banner { protocol: Plain::new(line, Because::Site) });
        let newer = version.starts_with(b"2.0-") || version.starts_with(b"1.99-");
        self.state = if newer { State::Packet } else { State::Sealed };
        Ok(Progress::Read(read))
    }

    fn next_line(&mut self, state: State) {
        self.lines = self.lines.saturating_add(1);
        self.state = if self.lines > LINES_MAX { State::Sealed } else { state };
    }

    fn packet(&mut self, bytes: &[u8], sink: &mut dyn Sink) -> Result<Progress, Malformed> {
        const HEAD: usize = 6;
        let Some(&[a, b, c, d, padding, kind]) = bytes.first_chunk::<HEAD>() else { return Ok(Progress::Need(HEAD)) };
        let length = usize::try_from(u32::from_be_bytes([a, b, c, d])).unwrap_or(usize::MAX);
        let whole = length.saturating_add(4);
        if length > PACKET_MAX || usize::from(padding).saturating_add(2) > length {
            self.state = State::Sealed;
            return Err(Malformed { field: "ssh.packet", at: 0 });
        }
        match kind {
            KEXINIT => {
                let Some(packet) = bytes.get(..whole) else { return Ok(Progress::Need(whole)) };
                let end = whole.saturating_sub(usize::from(padding));
                self.state = State::Pass(whole);
                offer(packet.get(..end).unwrap_or_default(), sink)?;
                self.state = State::Packet;
                Ok(Progress::Read(whole))
            }
            NEWKEYS => {
                self.state = State::Sealed;
                let Some(ahead) = whole.checked_sub(bytes.len()) else { return Ok(Progress::Read(whole)) };
                Ok(pass(bytes.len(), ahead))
            }
            _ => Ok(pass(whole.min(bytes.len()), whole.saturating_sub(bytes.len()))),
        }
    }
}

fn pass(read: usize, ahead: usize) -> Progress {
    if ahead == 0 { Progress::Read(read) } else { Progress::Skip { read, ahead: ahead as u64 } }
}

/// Ten lists of names behind a cookie.
fn offer(packet: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
    const FIELD: &str = "ssh.offer";
    let mut reader = Reader::new(packet);
    reader.take(6 + 16, FIELD)?;
    let mut first = [None; 10];
    let mut result = Ok(());
    for slot in &mut first {
        let list =
            reader.u32(FIELD).and_then(|length| reader.take(usize::try_from(length).unwrap_or(usize::MAX), FIELD));
        let list = match list {
            Ok(list) => list,
            Err(malformed) => {
                result = Err(malformed);
                break;
            }
        };
        let name = list.split(|byte| *byte == b',').next().filter(|name| !name.is_empty());
        *slot = name.filter(|name| is_name(name)).map(|name| Plain::new(name, Because::Vocabulary));
        if name.is_some() && slot.is_none() {
            sink.weird("ssh.offer.name");
        }
    }
    let [kex, host_key, cipher_to_server, cipher_to_client, mac_to_server, mac_to_client, compression, ..] = first;
    sink.event(&Offer { kex, host_key, cipher_to_server, cipher_to_client, mac_to_server, mac_to_client, compression });
    result
}

/// The form of a name, a domain behind it where it is not a registered one (RFC 4251 6).
fn is_name(name: &[u8]) -> bool {
    name.len() <= NAME_MAX && name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.@+/=".contains(byte))
}
