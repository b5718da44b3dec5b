//! Samples, broken at random: the one set of mutations for the short tests and for `make fuzz`.

use super::{Feed, Hears, Random, Sample};
use holter_protocols::{Event, Kind, MAX_NEED, Protocol, Sink, Transport, Value, Way};

/// The most that any decoder may hold beyond its own size, whatever it is fed.
pub const HELD: usize = 128 * 1024;
/// The longest conversation that is tried, over all its chunks.
pub const LONGEST: usize = 96 * 1024;

/// Bytes that mean something to many protocols.
const ODD: [u8; 16] = [0, 1, 2, 3, 4, 0x0a, 0x0b, 0x0d, 0x1c, 0x20, 0x30, 0x3a, 0x7f, 0x80, 0xfe, 0xff];
const NUMBERS: [u64; 10] = [0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0xffff_ffff];

/// A few changes in one chunk.
pub fn bytes(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..1 + random.below(6) {
        let at = random.below(bytes.len());
        match random.below(10) {
            0 if !bytes.is_empty() => bytes[at] = random.next() as u8,
            1 if !bytes.is_empty() => bytes[at] = ODD[random.below(ODD.len())],
            2 if !bytes.is_empty() => bytes[at] ^= 1 << random.below(8),
            3 => bytes.truncate(at),
            4 => {
                let end = (at + random.below(40)).min(bytes.len());
                bytes.drain(at..end);
            }
            5 => {
                let end = (at + random.below(200)).min(bytes.len());
                let copy = bytes[at..end].to_vec();
                let place = random.below(bytes.len() + 1);
                bytes.splice(place..place, copy);
            }
            6 if !bytes.is_empty() => {
                // A length that is a little off.
                bytes[at] = bytes[at].wrapping_add([1u8, 2, 255, 254][random.below(4)]);
            }
            7 => {
                let value = [ODD[random.below(ODD.len())], random.next() as u8][random.below(2)];
                let place = random.below(bytes.len() + 1);
                let run = [1, 3, 64, 300, 2000][random.below(5)];
                bytes.splice(place..place, std::iter::repeat_n(value, run));
            }
            _ => {
                let value = NUMBERS[random.below(NUMBERS.len())];
                let width = [1, 2, 3, 4, 8][random.below(5)];
                let big = value.to_be_bytes();
                let little = value.to_le_bytes();
                let number = if random.below(3) > 0 { &big[8 - width..] } else { &little[..width] };
                for (slot, byte) in bytes.iter_mut().skip(at).zip(number) {
                    *slot = *byte;
                }
            }
        }
    }
}

/// A conversation made of a sample: chunks changed, dropped, said twice, turned round, or taken from another.
pub fn conversation(samples: &[Sample], random: &mut Random) -> Sample {
    let mut sample = samples[random.below(samples.len())].clone();
    for _ in 0..random.below(3) {
        let at = random.below(sample.chunks.len());
        match random.below(6) {
            0 if sample.chunks.len() > 1 => drop(sample.chunks.remove(at)),
            1 if !sample.chunks.is_empty() => {
                let again = sample.chunks[at].clone();
                sample.chunks.insert(random.below(sample.chunks.len() + 1), again);
            }
            2 if !sample.chunks.is_empty() => sample.chunks[at].0 = sample.chunks[at].0.other(),
            3 if !sample.chunks.is_empty() => {
                let other = &samples[random.below(samples.len())];
                if let Some((way, chunk)) = other.chunks.get(random.below(other.chunks.len())) {
                    let (from, to) = (random.below(chunk.len() + 1), random.below(sample.chunks[at].1.len() + 1));
                    let tail = chunk[from..].to_vec();
                    sample.chunks[at].1.truncate(to);
                    sample.chunks[at].1.extend(tail);
                    sample.chunks[at].0 = *way;
                }
            }
            _ => {}
        }
    }
    for (_, chunk) in &mut sample.chunks {
        if random.below(3) > 0 {
            bytes(chunk, random);
        }
    }
    let mut left = LONGEST;
    for (_, chunk) in &mut sample.chunks {
        chunk.truncate(left.min(65_535));
        left -= chunk.len();
    }
    sample
}

/// Keeps the promises of a sink's side of the contract without making text, and takes a short mark of what was said.
#[derive(Default)]
pub struct Checks {
    pub declared: Option<&'static dyn Protocol>,
    /// Differs for what took another way through the decoder, as far as events and errors show it.
    pub mark: u64,
}

impl Checks {
    fn mark(&mut self, name: &'static str) {
        let word = (name.as_ptr() as u64) ^ (name.len() as u64) << 48;
        self.mark = (self.mark.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

impl Sink for Checks {
    fn event(&mut self, event: &dyn Event) {
        let spec = event.spec();
        if let Some(protocol) = self.declared {
            assert!(protocol.events().iter().any(|known| known.is(spec)), "{} is not declared", spec.name);
        }
        self.mark(spec.name);
        event.visit(&mut |field, value| {
            let fits = match value {
                Value::Plain(plain) => {
                    std::hint::black_box(plain.bytes().iter().fold(0u8, |all, byte| all ^ byte));
                    field.kind == Kind::Plain && field.because == Some(plain.because())
                }
                Value::Phi(_) => field.kind == Kind::Phi,
                Value::Flag(_) => field.kind == Kind::Flag,
                Value::Address(_) => field.kind == Kind::Address,
                Value::Hardware(_) => field.kind == Kind::Hardware,
                Value::Codes(codes) => {
                    std::hint::black_box(codes.iter().fold(0u8, |all, byte| all ^ byte));
                    field.kind == Kind::Codes
                }
                Value::Number(_) => !matches!(
                    field.kind,
                    Kind::Plain | Kind::Phi | Kind::Flag | Kind::Address | Kind::Hardware | Kind::Codes
                ),
            };
            assert!(fits, "{} shows what it did not declare", field.name);
            self.mark(field.name);
        });
    }

    fn weird(&mut self, field: &'static str) {
        self.mark(field);
    }
}

/// Feeds one conversation in full: probed, cut at random, with a gap now and then. Panics where a promise is broken;
/// returns the mark of what was said.
pub fn execute(protocol: &'static dyn Protocol, sample: &Sample, random: &mut Random) -> u64 {
    let mut checks = Checks { declared: Some(protocol), ..Checks::default() };
    let mut feed = (sample.transport == Transport::Tcp).then(|| protocol.stream().map(Feed::with)).flatten();
    let mut hears = Hears::new(protocol);
    for (way, bytes) in &sample.chunks {
        for transport in protocol.transports() {
            protocol.probe(*transport, *way, bytes);
        }
        let Some(feed) = &mut feed else {
            if let Err(malformed) = hears.datagram(*way, bytes, &mut checks) {
                assert!(malformed.at <= bytes.len(), "{malformed:?} of {}", bytes.len());
                checks.weird(malformed.field);
            }
            continue;
        };
        let at = if random.below(2) == 0 { random.below(bytes.len() + 1) } else { bytes.len() };
        feed.bytes(*way, &bytes[..at], &mut checks);
        if random.below(12) == 0 {
            feed.gap(*way, random.next() >> random.below(64));
        }
        feed.bytes(*way, &bytes[at..], &mut checks);
    }
    if let Some(feed) = &feed {
        within_bounds(protocol, feed);
    }
    assert!(hears.held() <= HELD, "{}: a session holds {}", protocol.name(), hears.held());
    checks.mark
}

/// What a decoder holds, and what it has the engine hold, is bounded.
pub fn within_bounds(protocol: &dyn Protocol, feed: &Feed) {
    let held = feed.decoder.held();
    assert!(held <= HELD, "{}: the decoder holds {held}", protocol.name());
    assert!(feed.kept() <= 2 * MAX_NEED, "{}: {} are kept for it", protocol.name(), feed.kept());
}

/// Which ways a sample speaks.
pub fn ways(sample: &Sample) -> impl Iterator<Item = Way> + '_ {
    [Way::ToServer, Way::ToClient].into_iter().filter(|way| sample.chunks.iter().any(|(one, _)| one == way))
}
