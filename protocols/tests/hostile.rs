//! What somebody would send who wants a decoder to be slow or to fill memory, made of each protocol's own samples.

mod common;

use common::mutate::{HELD, within_bounds};
use common::timing::check_uneven;
use common::{Chunk, Feed, Hears, Random, Sample, Silent};
use holter_protocols::{ALL, Protocol, Transport};

/// Bytes of the shortest measurement. The longest is four times as long: for a datagram all that UDP can carry.
const SHORT: usize = 16_000;
const SEGMENT: usize = 1448;
/// Chunks per protocol that are turned into attacks.
const MOST: usize = 4;

const ATTACKS: [&str; 8] = [
    "the sample again and again",
    "its head, then zeros",
    "its head, then 0xff",
    "its head, then its last byte",
    "each byte doubled",
    "its first chunk again and again",
    "its head, then noise",
    "its longest text inflated",
];

/// `n` bytes of the attack on what a sample says from one chunk on.
fn attack(kind: usize, sample: &Sample, at: usize, n: usize) -> Vec<u8> {
    let (way, chunk) = &sample.chunks[at];
    let head = &chunk[..chunk.len().div_ceil(2)];
    let again = |unit: &[u8]| -> Vec<u8> { unit.iter().copied().cycle().take(n).collect() };
    let then = |tail: &mut dyn FnMut() -> u8| {
        let mut bytes: Vec<u8> = head.iter().copied().take(n).collect();
        while bytes.len() < n {
            bytes.push(tail());
        }
        bytes
    };
    match kind {
        0 => {
            let all: Vec<u8> =
                sample.chunks[at..].iter().filter(|(one, _)| one == way).flat_map(|(_, bytes)| bytes.clone()).collect();
            again(&all)
        }
        1 => then(&mut || 0),
        2 => then(&mut || 0xff),
        3 => then(&mut || chunk.last().copied().unwrap_or_default()),
        4 => again(&chunk.iter().flat_map(|byte| [*byte; 2]).collect::<Vec<u8>>()),
        5 => again(chunk),
        6 => {
            let mut random = Random(0x5eed_4001);
            then(&mut || random.next() as u8)
        }
        _ => inflate(chunk, n),
    }
}

/// The chunk with its longest run of printable bytes repeated in its place until it has `n` bytes.
fn inflate(chunk: &[u8], n: usize) -> Vec<u8> {
    let (mut best, mut from) = (0..0, 0);
    for at in 0..=chunk.len() {
        if chunk.get(at).is_none_or(|byte| !(0x20..0x7f).contains(byte)) {
            if at - from > best.len() {
                best = from..at;
            }
            from = at + 1;
        }
    }
    let run = if best.is_empty() { &chunk[..1.min(chunk.len())] } else { &chunk[best.clone()] };
    let more = n.saturating_sub(chunk.len());
    let mut bytes = chunk[..best.end].to_vec();
    bytes.extend(run.iter().copied().cycle().take(more));
    bytes.extend_from_slice(&chunk[best.end..]);
    bytes.truncate(n);
    bytes
}

/// The first chunk of each way of samples that are spread over all there are.
fn targets(samples: &[Sample]) -> Vec<(&Sample, usize)> {
    let all: Vec<(&Sample, usize)> = samples
        .iter()
        .flat_map(|sample| {
            common::mutate::ways(sample).filter_map(move |way| {
                let at = sample.chunks.iter().position(|(one, bytes)| *one == way && !bytes.is_empty())?;
                Some((sample, at))
            })
        })
        .collect();
    let step = all.len().div_ceil(MOST).max(1);
    all.into_iter().step_by(step).collect()
}

/// The decoder of a conversation that has come to the chunk that is attacked.
fn stream(protocol: &'static dyn Protocol, lead: &[Chunk], (way, bytes): &Chunk) -> Feed {
    let mut feed = Feed::new(protocol);
    for (way, bytes) in lead {
        feed.bytes(*way, bytes, &mut Silent);
    }
    for segment in bytes.chunks(SEGMENT) {
        feed.bytes(*way, segment, &mut Silent);
    }
    feed
}

fn datagram(protocol: &'static dyn Protocol, lead: &[Chunk], (way, bytes): &Chunk) -> Hears {
    let mut hears = Hears::new(protocol);
    for (way, bytes) in lead {
        let _ = hears.datagram(*way, bytes, &mut Silent);
    }
    let _ = hears.datagram(*way, bytes, &mut Silent);
    hears
}

#[test]
fn no_attack_made_of_a_sample_makes_a_decoder_slow_or_greedy() {
    for protocol in ALL {
        let samples = common::samples(*protocol);
        for (sample, at) in targets(&samples) {
            let (lead, way) = (&sample.chunks[..at], sample.chunks[at].0);
            for (kind, attacked) in ATTACKS.iter().enumerate() {
                let attacks = [1, 2, 4].map(|times| (way, attack(kind, sample, at, times * SHORT)));
                let of = |n: usize| &attacks[if n == SHORT { 0 } else { n / SHORT / 2 }];
                let name = format!("{} {}: {attacked}", protocol.name(), sample.name);
                if sample.transport == Transport::Tcp {
                    within_bounds(*protocol, &stream(*protocol, lead, &attacks[2]));
                    check_uneven(&name, SHORT, 1, |n| drop(stream(*protocol, lead, of(n))));
                } else {
                    let held = datagram(*protocol, lead, &attacks[2]).held();
                    assert!(held <= HELD, "{name}: holds {held}");
                    // One datagram may be done in less time than a clock can tell.
                    const ROUNDS: u32 = 8;
                    let rounds = |n| (0..ROUNDS).for_each(|_| drop(datagram(*protocol, lead, of(n))));
                    check_uneven(&name, SHORT, ROUNDS, rounds);
                }
            }
        }
    }
}

#[test]
fn the_attacks_have_the_length_they_are_asked_for() {
    let sample = Sample {
        name: "x.stream".to_owned(),
        protocol: "dns",
        transport: Transport::Tcp,
        chunks: vec![(holter_protocols::Way::ToServer, b"\x00GET /index\r\n".to_vec())],
    };
    for (kind, name) in ATTACKS.iter().enumerate() {
        assert_eq!(attack(kind, &sample, 0, 500).len(), 500, "{name}");
    }
    assert!(attack(7, &sample, 0, 500).ends_with(b"index\r\n") || attack(7, &sample, 0, 500).ends_with(b"\r\n"));
}

#[test]
#[should_panic(expected = "times as long")]
fn a_reader_that_looks_back_at_all_it_read_is_caught() {
    check_uneven("quadratic", 500, 1, |n| {
        let looked = (0..n).map(|at| (0..at).fold(0usize, |sum, back| std::hint::black_box(sum.wrapping_add(back))));
        std::hint::black_box(looked.fold(0, usize::wrapping_add));
    });
}
