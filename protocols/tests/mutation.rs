//! Nothing that can be sent makes a decoder panic, stall or break its contract. The harness checks the contract.

mod common;

use common::{Feed, Hears, Lines, Random};
use holter_protocols::{ALL, Transport, Way};
use std::time::{Duration, Instant};

const TIME: Duration = Duration::from_millis(1500);

fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    const ODD: [u8; 12] = [0, 1, 2, 3, 4, 0x0b, 0x0d, 0x1c, 0x7f, 0x80, 0xfe, 0xff];
    for _ in 0..1 + random.below(6) {
        let at = random.below(bytes.len());
        match random.below(7) {
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
            _ => {
                let value = [0u32, 1, 0xffff_ffff, 0x7fff_ffff, 0xffff, random.next() as u32][random.below(6)];
                let place = at.min(bytes.len().saturating_sub(4));
                for (slot, byte) in bytes[place..].iter_mut().zip(value.to_be_bytes()) {
                    *slot = byte;
                }
            }
        }
    }
}

#[allow(clippy::disallowed_methods, reason = "a test of so many seconds")]
fn now() -> Instant {
    Instant::now()
}

#[test]
fn no_mutation_of_a_sample_makes_a_decoder_panic() {
    for protocol in ALL {
        let samples = common::samples(*protocol);
        let mut random = Random(0x5eed_1001);
        let (start, mut runs) = (now(), 0u64);
        while start.elapsed() < TIME {
            runs += 1;
            let sample = &samples[random.below(samples.len())];
            let mut lines = Lines { declared: Some(*protocol), ..Lines::default() };
            let mut feed = protocol.stream().map(Feed::with);
            let mut hears = Hears::new(*protocol);
            for (way, bytes) in &sample.chunks {
                let mut bytes = bytes.clone();
                if random.below(3) > 0 {
                    mutate(&mut bytes, &mut random);
                }
                for transport in protocol.transports() {
                    protocol.probe(*transport, *way, &bytes);
                }
                match (&mut feed, sample.transport) {
                    (Some(feed), Transport::Tcp) => {
                        let at = random.below(bytes.len() + 1);
                        feed.bytes(*way, &bytes[..at], &mut lines);
                        if random.below(12) == 0 {
                            feed.gap(*way, random.next() >> random.below(64));
                        }
                        feed.bytes(*way, &bytes[at..], &mut lines);
                    }
                    _ => {
                        if let Err(malformed) = hears.datagram(*way, &bytes, &mut lines) {
                            assert!(malformed.at <= bytes.len());
                        }
                    }
                }
            }
        }
        assert!(runs > 100, "{}: only {runs} runs", protocol.name());
    }
}

#[test]
fn no_random_bytes_make_a_decoder_panic_or_are_claimed() {
    let mut random = Random(0x5eed_1002);
    for protocol in ALL {
        for _ in 0..4000 {
            let length = random.below(700);
            let bytes: Vec<u8> = (0..length).map(|_| random.next() as u8).collect();
            for transport in protocol.transports() {
                assert_ne!(
                    protocol.probe(*transport, Way::ToServer, &bytes),
                    holter_protocols::Verdict::Yes,
                    "{} claims noise",
                    protocol.name()
                );
            }
            let mut lines = Lines::default();
            let _ = Hears::new(*protocol).datagram(Way::ToServer, &bytes, &mut lines);
            if let Some(decoder) = protocol.stream() {
                Feed::with(decoder).bytes(Way::ToClient, &bytes, &mut lines);
            }
        }
    }
}
