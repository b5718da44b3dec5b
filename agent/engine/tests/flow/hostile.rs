//! Segments that no honest end sends.

use crate::talk::Talk;
use crate::toy;
use holter_engine::flow::Limits;
use holter_engine::link::Flags;
use holter_protocols::Way::{ToClient, ToServer};
use proptest::prelude::*;

/// A segment: way, place, acknowledgment, flags, length, cut, time that has passed.
type Segment = (bool, u32, u32, u8, usize, u32, i64);

fn segment() -> impl Strategy<Value = Segment> {
    let number = || prop_oneof![4 => 0u32..3000, 2 => any::<u32>(), 1 => (u32::MAX - 2000)..=u32::MAX];
    let flags = prop_oneof![4 => Just(0x10u8), 2 => Just(0x18), 1 => Just(0x02), 1 => Just(0x12), 1 => any::<u8>()];
    let cut = prop_oneof![8 => Just(0u32), 1 => 0u32..2000, 1 => any::<u32>()];
    let time = prop_oneof![8 => 0i64..2_000_000, 1 => -5_000_000_000i64..5_000_000_000, 1 => any::<i64>()];
    (any::<bool>(), number(), number(), flags, 0usize..1500, cut, time)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_sequence_of_segments_panics_or_keeps_anything_held(
        segments in prop::collection::vec(segment(), 1..60),
        start in number_near_the_end(),
    ) {
        let limits = Limits { held: 40_000, held_per_stream: 8000, ..Limits::default() };
        let mut talk = Talk::with(limits);
        let stream: Vec<u8> =
            [toy::read(300, b'a'), toy::skipped(900), toy::read(700, b'b'), toy::read(20, b'c')].concat().repeat(3);
        for (to_server, place, acknowledgment, flags, length, cut, time) in segments {
            let from = usize::try_from(place).unwrap() % stream.len();
            let payload = &stream[from..(from + length).min(stream.len())];
            let way = if to_server { ToServer } else { ToClient };
            talk.now = talk.now.saturating_add(time).min(i64::MAX - 10_000_000);
            talk.send_cut(way, start.wrapping_add(place), start.wrapping_add(acknowledgment), Flags(flags), payload, cut);
            prop_assert!(talk.flows.held() <= 40_000 + 2 * 64 * 1024);
        }
        talk.finish();
        prop_assert_eq!(talk.flows.held(), 0);
        prop_assert!(talk.flows.is_empty());
        prop_assert_eq!(talk.flows.counts().opened, talk.flows.counts().closed);
    }
}

fn number_near_the_end() -> impl Strategy<Value = u32> {
    prop_oneof![Just(0u32), Just(u32::MAX - 1000), any::<u32>()]
}
