//! Once warm, a message in order costs no allocation.

mod common;

use common::{Feed, Hears, Silent};
use holter_protocols::{ALL, Transport};

/// How long a conversation may be until its buffers have their size.
const WARM: usize = 3;

#[test]
fn a_warm_decoder_allocates_nothing() {
    for protocol in ALL {
        for sample in common::samples(*protocol) {
            let allocations = match sample.transport {
                Transport::Tcp => {
                    // The same messages again and again on one conversation, as long-lived links carry them.
                    let mut feed = Feed::new(*protocol);
                    let mut once = || {
                        for (way, bytes) in &sample.chunks {
                            feed.bytes(*way, bytes, &mut Silent);
                        }
                    };
                    (0..WARM).for_each(|_| once());
                    allocation_counter::measure(once).count_total
                }
                _ => {
                    let mut hears = Hears::new(*protocol);
                    let mut once = || {
                        for (way, bytes) in &sample.chunks {
                            let _ = hears.datagram(*way, bytes, &mut Silent);
                        }
                    };
                    // One of its own is made for each conversation; a plain datagram has no warm-up.
                    if protocol.session().is_some() {
                        (0..WARM).for_each(|_| once());
                    }
                    allocation_counter::measure(once).count_total
                }
            };
            assert_eq!(allocations, 0, "{}", sample.name);
        }
    }
}

#[test]
fn the_counter_counts() {
    assert_eq!(allocation_counter::measure(|| drop(std::hint::black_box(vec![1u8; 9]))).count_total, 1);
}
