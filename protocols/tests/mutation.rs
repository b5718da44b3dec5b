//! Nothing that can be sent makes a decoder panic, stall or break its contract. The harness checks the contract.
//!
//! `HOLTER_FUZZ_SECONDS` sets the seconds per protocol; `make fuzz` does the same for hours.

mod common;

use common::timing::now;
use common::{Feed, Hears, Lines, Random, mutate};
use holter_protocols::{ALL, Way};
use std::time::Duration;

fn seconds() -> Duration {
    let asked = std::env::var("HOLTER_FUZZ_SECONDS").ok().and_then(|text| text.parse().ok());
    Duration::from_secs_f64(asked.unwrap_or(1.0))
}

#[test]
fn no_mutation_of_a_sample_makes_a_decoder_panic() {
    for protocol in ALL {
        let samples = common::samples(*protocol);
        let mut random = Random(0x5eed_1001);
        let (start, mut runs) = (now(), 0u64);
        while start.elapsed() < seconds() {
            runs += 1;
            let sample = mutate::conversation(&samples, &mut random);
            mutate::execute(*protocol, &sample, &mut random);
        }
        assert!(runs > 20, "{}: only {runs} runs", protocol.name());
    }
}

#[test]
fn what_once_broke_a_decoder_does_not_break_it_again() {
    for protocol in ALL {
        for sample in common::kept(*protocol) {
            for seed in 1..40 {
                mutate::execute(*protocol, &sample, &mut Random(seed));
            }
            common::decode(&sample, |_| Vec::new());
        }
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
