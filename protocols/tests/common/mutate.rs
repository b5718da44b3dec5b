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
                let place = random.below(bytes.len() + 1);
                bytes.extend_from_within(at..end);
                bytes[place..].rotate_right(end - at);
            }
            6 if !bytes.is_empty() => {
                // A length that is a little off.
                bytes[at] = bytes[at].wrapping_add([1u8, 2, 255, 254][random.below(4)]);
            }
            7 => {
                let value = [ODD[random.below(ODD.len())], random.next() as u8][random.below(2)];
                let place = random.below(bytes.len() + 1);
                // Long ones cost most of the time and find what short ones do: they are few.
                let run = [1, 1, 1, 2, 3, 3, 8, 16, 64, 64, 64, 300, 300, 300, 300, 2000][random.below(16)];
                let before = bytes.len();
                bytes.resize(before + run, value);
                bytes.copy_within(place..before, place + run);
                bytes[place..place + run].fill(value);
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

/// A conversation made of a sample. What it has allocated serves for the next one.
pub struct Mutant {
    pub sample: Sample,
    spare: Vec<Vec<u8>>,
}

impl Default for Mutant {
    fn default() -> Self {
        let sample = Sample { name: String::new(), protocol: "", transport: Transport::Udp, chunks: Vec::new() };
        Mutant { sample, spare: Vec::new() }
    }
}

impl Mutant {
    fn chunk(&mut self, at: usize, way: Way, of: &[u8]) {
        let mut bytes = self.spare.pop().unwrap_or_default();
        bytes.clear();
        bytes.extend_from_slice(of);
        self.sample.chunks.insert(at, (way, bytes));
    }

    fn copy(&mut self, of: &Sample) {
        self.spare.extend(self.sample.chunks.drain(..).map(|(_, bytes)| bytes));
        (self.sample.protocol, self.sample.transport) = (of.protocol, of.transport);
        for (at, (way, bytes)) in of.chunks.iter().enumerate() {
            self.chunk(at, *way, bytes);
        }
    }

    /// Chunks of one of the samples: changed, dropped, said twice, turned round, or taken from another.
    pub fn make(&mut self, samples: &[Sample], random: &mut Random) {
        // Of two the shorter, mostly: the same time sees more of it.
        let [one, two] = [(); 2].map(|()| &samples[random.below(samples.len())]);
        let size = |sample: &Sample| sample.chunks.iter().map(|(_, bytes)| bytes.len()).sum::<usize>();
        self.copy(if random.below(4) == 0 || size(one) <= size(two) { one } else { two });
        for _ in 0..random.below(3) {
            let count = self.sample.chunks.len();
            let at = random.below(count);
            match random.below(6) {
                0 if count > 1 => self.spare.push(self.sample.chunks.remove(at).1),
                1 if count > 0 => {
                    let (way, mut bytes) = (self.sample.chunks[at].0, self.spare.pop().unwrap_or_default());
                    bytes.clear();
                    bytes.extend_from_slice(&self.sample.chunks[at].1);
                    self.sample.chunks.insert(random.below(count + 1), (way, bytes));
                }
                2 if count > 0 => self.sample.chunks[at].0 = self.sample.chunks[at].0.other(),
                3 if count > 0 => {
                    let other = &samples[random.below(samples.len())];
                    if let Some((way, chunk)) = other.chunks.get(random.below(other.chunks.len())) {
                        let (to, bytes) = &mut self.sample.chunks[at];
                        let (from, keep) = (random.below(chunk.len() + 1), random.below(bytes.len() + 1));
                        bytes.truncate(keep);
                        bytes.extend_from_slice(&chunk[from..]);
                        *to = *way;
                    }
                }
                _ => {}
            }
        }
        for (_, chunk) in &mut self.sample.chunks {
            if random.below(3) > 0 {
                bytes(chunk, random);
            }
        }
        let mut left = LONGEST;
        for (_, chunk) in &mut self.sample.chunks {
            chunk.truncate(left.min(65_535));
            left -= chunk.len();
        }
    }
}

/// A conversation made of one of the samples.
pub fn conversation(samples: &[Sample], random: &mut Random) -> Sample {
    let mut mutant = Mutant::default();
    mutant.make(samples, random);
    mutant.sample
}

/// Which two things followed each other in what decoders said, as far as a small table tells them apart.
pub struct Pairs(Vec<bool>);

impl Default for Pairs {
    fn default() -> Self {
        Pairs(vec![false; 1 << 16])
    }
}

/// Keeps the promises of a sink's side of the contract without making text, and takes a short mark of what was said.
struct Checks<'p> {
    declared: &'static dyn Protocol,
    /// Differs for what took another way through the decoder, as far as events and errors show it.
    mark: u64,
    last: u64,
    pairs: Option<&'p mut Pairs>,
    /// A pair came that was not there before.
    fresh: bool,
}

impl Checks<'_> {
    fn mark(&mut self, name: &'static str) {
        const MIX: u64 = 0x9e37_79b9_7f4a_7c15;
        let word = ((name.as_ptr() as u64) ^ (name.len() as u64) << 48).wrapping_mul(MIX);
        self.mark = (self.mark.rotate_left(5) ^ word).wrapping_mul(MIX);
        if let Some(pairs) = &mut self.pairs {
            let pair = (self.last.rotate_left(7) ^ word) >> 48;
            self.fresh |= !std::mem::replace(&mut pairs.0[pair as usize], true);
        }
        self.last = word;
    }
}

impl Sink for Checks<'_> {
    fn event(&mut self, event: &dyn Event) {
        let spec = event.spec();
        let known = self.declared.events().iter().any(|known| known.is(spec));
        assert!(known, "{} is not declared", spec.name);
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

/// Feeds one conversation in full: probed, cut at random, with a gap now and then. Panics where a promise is broken.
pub fn execute(protocol: &'static dyn Protocol, sample: &Sample, random: &mut Random) {
    noticed(protocol, sample, random, None);
}

/// As [`execute`]; returns the mark of what was said, and whether two things followed each other for the first time.
pub fn noticed(
    protocol: &'static dyn Protocol,
    sample: &Sample,
    random: &mut Random,
    pairs: Option<&mut Pairs>,
) -> (u64, bool) {
    let mut checks = Checks { declared: protocol, mark: 0, last: 0, pairs, fresh: false };
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
    (checks.mark, checks.fresh)
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
