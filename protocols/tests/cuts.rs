//! However TCP cuts a conversation, the decoder says the same.

mod common;

use common::{Feed, Lines, Random, Sample, all_samples, decode};
use holter_protocols::{ALL, Transport};

/// What is compared: all lines. Where a broken element stood is not among them, since it counts from the last cut.
fn whole(sample: &Sample) -> Vec<String> {
    decode(sample, |_| Vec::new())
}

#[test]
fn a_cut_anywhere_changes_nothing() {
    for sample in all_samples().into_iter().filter(|sample| sample.transport == Transport::Tcp) {
        let expected = whole(&sample);
        let longest = sample.chunks.iter().map(|(_, bytes)| bytes.len()).max().unwrap_or(0);
        // Every place of a small sample; of a long one every place near the start and a spread of others.
        let step = |at: usize| if at < 1200 { 1 } else { 97 };
        let mut at = 1;
        while at < longest {
            assert_eq!(decode(&sample, |_| vec![at]), expected, "{} cut at {at}", sample.name);
            at += step(at);
        }
    }
}

#[test]
fn one_byte_at_a_time_changes_nothing() {
    for sample in all_samples().into_iter().filter(|sample| sample.transport == Transport::Tcp) {
        assert_eq!(decode(&sample, |bytes| vec![1; bytes.len()]), whole(&sample), "{}", sample.name);
    }
}

#[test]
fn random_segments_change_nothing() {
    let mut random = Random(0x5eed_0001);
    for sample in all_samples().into_iter().filter(|sample| sample.transport == Transport::Tcp) {
        let expected = whole(&sample);
        for _ in 0..60 {
            let most = [3, 17, 200, 1448, 9000][random.below(5)];
            let cut = |bytes: &[u8]| {
                let mut sizes = Vec::new();
                let mut left = bytes.len();
                while left > 0 {
                    let size = 1 + random.below(most.min(left));
                    sizes.push(size);
                    left -= size.min(left);
                }
                sizes
            };
            assert_eq!(decode(&sample, cut), expected, "{}", sample.name);
        }
    }
}

/// The same for bytes that break the protocol: what is wrong must not depend on segments either.
#[test]
fn random_segments_of_broken_samples_change_nothing() {
    let mut random = Random(0x5eed_0002);
    for sample in all_samples().into_iter().filter(|sample| sample.transport == Transport::Tcp) {
        for _ in 0..40 {
            let mut broken = sample.clone();
            for (_, bytes) in &mut broken.chunks {
                for _ in 0..1 + random.below(3) {
                    let at = random.below(bytes.len());
                    bytes[at] = random.next() as u8;
                }
            }
            let expected = whole(&broken);
            for most in [1, 40, 1448] {
                let cut = |bytes: &[u8]| vec![1 + random.below(most); bytes.len().min(40_000)];
                let got = decode(&broken, cut);
                assert_eq!(got, expected, "{} in pieces of {most}", sample.name);
            }
        }
    }
}

/// After a gap at any place the decoder goes on, and finds the messages behind it.
#[test]
fn a_gap_anywhere_is_survived() {
    let mut random = Random(0x5eed_0003);
    for protocol in ALL.iter().filter(|protocol| protocol.stream().is_some()) {
        for sample in common::samples(*protocol).into_iter().filter(|sample| sample.transport == Transport::Tcp) {
            for _ in 0..60 {
                let mut feed = Feed::new(*protocol);
                let mut lines = Lines { declared: Some(*protocol), ..Lines::default() };
                for (way, bytes) in &sample.chunks {
                    let from = random.below(bytes.len());
                    let lost = (1 + random.below(300)).min(bytes.len() - from);
                    feed.bytes(*way, &bytes[..from], &mut lines);
                    feed.gap(*way, lost as u64);
                    feed.bytes(*way, &bytes[from + lost..], &mut lines);
                }
                assert!(feed.kept() <= holter_protocols::MAX_NEED);
            }
        }
    }
}
