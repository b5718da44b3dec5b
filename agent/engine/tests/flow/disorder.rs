//! Streams whose segments come late, twice, overlapping or not at all.

use crate::talk::{SECOND, Talk, Told};
use crate::toy;
use holter_engine::link::Flags;
use holter_protocols::Way::{ToClient, ToServer};
use proptest::prelude::*;

#[test]
fn messages_in_order_are_decoded_both_ways_and_every_byte_is_accounted_for() {
    let mut talk = Talk::connected();
    talk.say(ToServer, &toy::read(5, b'a'));
    talk.say(ToClient, &toy::read(2, b'b'));
    talk.say(ToServer, &toy::skipped(600));
    talk.finish();
    assert_eq!(talk.messages(), [(true, 5, 5 * 97), (false, 2, 2 * 98), (true, 600, 0)]);
    let closed = &talk.account.closed[0];
    assert_eq!((closed.understood, closed.unknown, closed.missed), (9 + 6 + 604, 0, 0));
    assert_eq!(closed.bytes, [613, 6]);
    assert!(closed.handshake_seen);
}

#[test]
fn tcp_8_a_sequence_number_that_wraps_within_a_message_is_only_a_number() {
    let mut talk = Talk::new();
    talk.next = [u32::MAX - 6, u32::MAX];
    talk.handshake();
    let message = toy::read(100, b'a');
    talk.data_at(ToServer, 50, &message[50..]);
    talk.data_at(ToServer, 0, &message[..50]);
    talk.lose(ToServer, message.len());
    talk.say(ToClient, &toy::read(3, b'b'));
    assert_eq!(talk.messages(), [(true, 100, 9700), (false, 3, 294)]);
}

#[test]
fn tcp_8_a_keep_alive_with_a_byte_of_garbage_changes_nothing() {
    let mut talk = Talk::connected();
    talk.say(ToServer, &toy::read(4, b'a'));
    let [client, server] = talk.next;
    talk.send(ToServer, client.wrapping_sub(1), server, Flags::ACK, b"\x55");
    talk.send(ToServer, client.wrapping_sub(1), server, Flags::ACK, b"");
    talk.say(ToServer, &toy::read(4, b'c'));
    talk.finish();
    assert_eq!(talk.messages().len(), 2);
    assert_eq!(talk.flows.counts().keep_alives, 2);
    assert_eq!(talk.flows.counts().ambiguous, 0);
}

#[test]
fn tcp_10_of_two_segments_that_contradict_each_other_the_first_wins_and_it_is_told() {
    let mut talk = Talk::connected();
    let (first, second) = (toy::read(10, b'a'), toy::read(10, b'z'));
    talk.data_at(ToServer, 4, &first[4..10]);
    talk.data_at(ToServer, 4, &second[4..14]);
    talk.data_at(ToServer, 0, &first[..4]);
    // Six bytes of the first, four that only the second had.
    assert_eq!(talk.messages(), [(true, 10, 6 * 97 + 4 * 122)]);
    assert_eq!(talk.told(&Told::Weird("tcp.ambiguity")), 1);
}

#[test]
fn tcp_10_overlaps_of_the_same_data_are_no_ambiguity() {
    let mut talk = Talk::connected();
    let message = toy::read(40, b'a');
    for (from, to) in [(20, 30), (10, 40), (25, 44), (5, 12), (0, 44)] {
        talk.data_at(ToServer, from, &message[from..to]);
    }
    assert_eq!(talk.messages(), [(true, 40, 40 * 97)]);
    assert_eq!(talk.flows.counts().ambiguous, 0);
}

#[test]
fn tcp_11_bytes_one_by_one_in_reverse_are_put_in_order() {
    let mut talk = Talk::connected();
    let message = toy::read(300, b'q');
    for at in (0..message.len()).rev() {
        talk.data_at(ToServer, at, &message[at..=at]);
    }
    assert_eq!(talk.messages(), [(true, 300, 300 * 113)]);
    assert_eq!(talk.flows.held(), 0);
}

#[test]
fn tcp_13_a_mirror_that_shows_everything_twice_is_decoded_once() {
    let mut talk = Talk::connected();
    for _ in 0..2 {
        talk.data_at(ToServer, 0, &toy::read(7, b'a'));
    }
    talk.lose(ToServer, 11);
    for _ in 0..2 {
        talk.data_at(ToClient, 0, &toy::read(7, b'b'));
    }
    assert_eq!(talk.messages().len(), 2);
    assert_eq!(talk.flows.counts().repeated, 2);
}

#[test]
fn a_hole_that_the_other_end_has_acknowledged_is_a_gap_and_the_next_message_is_decoded() {
    let mut talk = Talk::connected();
    talk.say(ToServer, &toy::read(5, b'a'));
    talk.lose(ToServer, 700);
    talk.say(ToServer, &toy::read(6, b'b'));
    assert_eq!(talk.messages().len(), 1, "it may still come");
    talk.ack(ToClient);
    assert_eq!(talk.messages(), [(true, 5, 485), (true, 6, 588)]);
    talk.finish();
    assert_eq!(talk.account.closed[0].missed, 700);
    assert_eq!((talk.flows.counts().gaps, talk.flows.counts().gap_bytes), (1, 700));
}

#[test]
fn a_hole_that_nobody_acknowledges_is_a_gap_once_it_is_old() {
    let mut talk = Talk::connected();
    talk.say(ToServer, &toy::read(5, b'a'));
    talk.lose(ToServer, 700);
    talk.say(ToServer, &toy::read(6, b'b'));
    talk.now += 3 * SECOND;
    talk.say(ToServer, &toy::read(7, b'c'));
    assert_eq!(talk.messages().len(), 3);
}

#[test]
fn a_hole_that_is_left_at_the_end_is_a_gap() {
    let mut talk = Talk::connected();
    talk.say(ToServer, &toy::read(5, b'a'));
    talk.lose(ToServer, 700);
    talk.say(ToServer, &toy::read(6, b'b'));
    talk.finish();
    assert_eq!(talk.messages().len(), 2);
    assert_eq!(talk.account.closed[0].missed, 700);
}

#[test]
fn a_segment_lost_within_a_skipped_body_is_no_gap_for_the_decoder() {
    let mut talk = Talk::connected();
    let body = toy::skipped(5000);
    talk.say(ToServer, &body[..1000]);
    talk.lose(ToServer, 2000);
    talk.say(ToServer, &body[3000..]);
    talk.say(ToServer, &toy::read(3, b'a'));
    talk.finish();
    assert_eq!(talk.messages(), [(true, 5000, 0), (true, 3, 291)]);
    assert_eq!(talk.flows.counts().gaps, 0);
    let closed = &talk.account.closed[0];
    assert_eq!((closed.missed, closed.understood), (2000, 3004 + 7));
}

#[test]
fn bytes_of_a_skipped_body_that_come_late_are_not_missed() {
    let mut talk = Talk::connected();
    let body = toy::skipped(5000);
    talk.say(ToServer, &body[..1000]);
    talk.data_at(ToServer, 2000, &body[3000..]);
    talk.data_at(ToServer, 0, &body[1000..2000]);
    talk.data_at(ToServer, 1000, &body[2000..3000]);
    talk.finish();
    let closed = &talk.account.closed[0];
    assert_eq!((closed.missed, closed.understood), (0, 5004));
    assert_eq!(talk.flows.held(), 0);
}

#[test]
fn a_skipped_body_is_never_held_whatever_its_order() {
    let mut talk = Talk::connected();
    let body = toy::skipped(60_000);
    talk.say(ToServer, &body[..4]);
    for part in (0..60).rev() {
        talk.data_at(ToServer, part * 1000, &body[4 + part * 1000..4 + (part + 1) * 1000]);
        assert_eq!(talk.flows.held(), 0);
    }
}

#[test]
fn a_frame_cut_by_the_capture_length_costs_its_tail_only() {
    let mut talk = Talk::connected();
    let (mut message, [client, server]) = (toy::skipped(1000), talk.next);
    message.truncate(100);
    talk.send_cut(ToServer, client, server, Flags::ACK, &message, 904);
    talk.lose(ToServer, 1004);
    let [client, server] = talk.next;
    talk.send_cut(ToServer, client, server, Flags::ACK, &toy::read(50, b'a')[..20], 34);
    talk.lose(ToServer, 54);
    talk.say(ToServer, &toy::read(2, b'b'));
    talk.finish();
    assert_eq!(talk.messages(), [(true, 1000, 0), (true, 2, 196)]);
    assert_eq!(talk.account.closed[0].missed, 904 + 34);
}

#[test]
fn malformed_bytes_are_told_and_the_next_message_is_decoded() {
    let mut talk = Talk::connected();
    talk.say(ToServer, &toy::read(2, b'a'));
    talk.say(ToServer, b"no message");
    talk.say(ToServer, &toy::read(2, b'b'));
    assert_eq!(talk.messages().len(), 2);
    assert_eq!(talk.told(&Told::Malformed("toy.header")), 1);
}

/// A stream of messages and the pieces of it that are sent, in order, repeated and overlapping.
fn scrambled() -> impl Strategy<Value = (Vec<u8>, Vec<(usize, usize)>)> {
    let message = (any::<bool>(), 0usize..900, b'a'..=b'z')
        .prop_map(|(skip, length, letter)| if skip { toy::skipped(length) } else { toy::read(length, letter) });
    prop::collection::vec(message, 1..12).prop_map(|messages| messages.concat()).prop_flat_map(|stream| {
        let length = stream.len();
        let cuts = prop::collection::vec(0..=length, 0..40);
        let extra = prop::collection::vec((0..length, 1usize..400), 0..12);
        (Just(stream), cuts, extra).prop_flat_map(move |(stream, mut cuts, extra)| {
            cuts.extend([0, length]);
            cuts.sort_unstable();
            cuts.dedup();
            let mut pieces: Vec<_> = cuts.windows(2).map(|pair| (pair[0], pair[1])).collect();
            pieces.extend(extra.iter().map(|&(from, n)| (from, (from + n).min(length))));
            (Just(stream), Just(pieces).prop_shuffle())
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_order_division_and_repetition_of_a_stream_gives_the_events_of_its_order(
        (stream, pieces) in scrambled(),
        start in any::<u32>(),
    ) {
        let mut straight = Talk::new();
        straight.next[0] = start;
        straight.handshake();
        straight.say(ToServer, &stream);
        straight.finish();
        let mut talk = Talk::new();
        talk.next[0] = start;
        talk.handshake();
        for (from, to) in pieces {
            talk.data_at(ToServer, from, &stream[from..to]);
        }
        talk.lose(ToServer, stream.len());
        talk.ack(ToClient);
        talk.finish();
        prop_assert_eq!(talk.messages(), straight.messages());
        prop_assert_eq!(talk.flows.counts().gaps, 0);
        prop_assert_eq!(talk.flows.counts().ambiguous, 0);
        prop_assert_eq!(talk.flows.held(), 0);
        // Of many parts of a skipped body that come late, some stay counted as missed.
        let (closed, straight) = (&talk.account.closed[0], &straight.account.closed[0]);
        prop_assert_eq!(closed.understood + closed.missed, straight.understood);
    }

    #[test]
    fn whatever_is_lost_no_byte_is_counted_twice_and_nothing_stays_held(
        (stream, pieces) in scrambled(),
        keep in prop::collection::vec(any::<bool>(), 60),
    ) {
        let mut talk = Talk::connected();
        for ((from, to), _) in pieces.into_iter().zip(keep).filter(|(_, keep)| *keep) {
            talk.data_at(ToServer, from, &stream[from..to]);
        }
        talk.lose(ToServer, stream.len());
        talk.fin(ToServer);
        talk.ack(ToClient);
        talk.fin(ToClient);
        talk.finish();
        prop_assert_eq!(talk.flows.held(), 0);
        let closed = &talk.account.closed[0];
        let counted = closed.understood + closed.unknown + closed.missed;
        prop_assert!(counted <= stream.len() as u64, "{counted} of {}", stream.len());
    }
}
