//! Every bound is reached, counted, and survived.

use crate::talk::{Talk, Told};
use crate::toy;
use holter_engine::flow::{Close, Limits, MAX_PIECES};
use holter_engine::link::Flags;
use holter_protocols::Way::{ToClient, ToServer};
use std::net::Ipv4Addr;

#[test]
fn a_flood_of_syns_displaces_half_open_conversations_and_none_that_speaks() {
    let mut talk = Talk::with(Limits { conversations: 100, ..Limits::default() });
    talk.handshake();
    talk.say(ToServer, &toy::read(3, b'a'));
    let next = talk.next;
    for k in 0..10_000u32 {
        talk.client = (Ipv4Addr::from(0x0b00_0000 + k), 1024);
        talk.send(ToServer, k, 0, Flags::SYN, b"");
        assert!(talk.flows.len() <= 100);
    }
    talk.client = crate::talk::CLIENT;
    talk.next = next;
    talk.say(ToServer, &toy::read(3, b'b'));
    assert_eq!(talk.messages().len(), 2);
    assert_eq!(talk.told(&Told::Closed(1, Close::Evicted)), 0);
    assert_eq!(talk.flows.counts().evicted, 10_001 - 100);
}

#[test]
fn conversations_that_all_speak_give_way_oldest_first() {
    let mut talk = Talk::with(Limits { conversations: 3, ..Limits::default() });
    for k in 1..=5u8 {
        talk.client = (Ipv4Addr::new(10, 1, 0, k), 2000);
        talk.next = [10, 20];
        talk.say(ToServer, &toy::read(3, b'a'));
    }
    let evicted = |id| Told::Closed(id, Close::Evicted);
    assert_eq!([1, 2, 3].map(|id| talk.told(&evicted(id))), [1, 1, 0]);
    assert_eq!(talk.messages().len(), 5);
}

#[test]
fn a_stream_that_holds_too_much_out_of_order_gives_up_its_first_hole() {
    let limits = Limits { held_per_stream: 20_000, ..Limits::default() };
    let mut talk = Talk::with(limits);
    talk.handshake();
    talk.say(ToServer, &toy::read(3, b'a'));
    talk.lose(ToServer, 100);
    for _ in 0..40 {
        talk.say(ToServer, &toy::read(996, b'b'));
        assert!(talk.flows.held() <= 21_000 + 2000, "{}", talk.flows.held());
    }
    assert_eq!(talk.flows.counts().stream_full, 1);
    assert_eq!(talk.messages().len(), 41);
}

#[test]
fn tcp_16_a_stream_of_more_holes_than_pieces_are_kept_gives_up_the_first_ones() {
    let mut talk = Talk::connected();
    talk.say(ToServer, &toy::read(1, b'a'));
    for _ in 0..MAX_PIECES * 3 {
        talk.lose(ToServer, 1);
        talk.say(ToServer, &toy::read(1, b'b'));
    }
    assert_eq!(talk.flows.counts().stream_full, 2 * MAX_PIECES as u64);
    talk.finish();
    assert_eq!(talk.messages().len(), 1 + MAX_PIECES * 3);
    assert_eq!(talk.account.closed[0].missed, MAX_PIECES as u64 * 3);
    assert_eq!(talk.flows.held(), 0);
}

#[test]
fn what_all_conversations_hold_together_is_bounded_and_the_excess_counted() {
    let mut talk = Talk::with(Limits { held: 50_000, ..Limits::default() });
    for k in 1..=200u8 {
        talk.client = (Ipv4Addr::new(10, 1, 0, k), 2000);
        talk.next = [10, 20];
        talk.handshake();
        talk.say(ToServer, &toy::read(3, b'a'));
        talk.lose(ToServer, 10);
        talk.say(ToServer, &[b'h'; 1000]);
        assert!(talk.flows.held() <= 50_000);
    }
    assert!(talk.flows.counts().held_full > 0);
    talk.finish();
    assert_eq!(talk.flows.held(), 0);
    assert_eq!(talk.messages().len(), 200);
}

#[test]
fn messages_that_never_end_are_held_up_to_the_bound_and_the_excess_counted() {
    let mut talk = Talk::with(Limits { held: 100_000, ..Limits::default() });
    let message = toy::read(30_000, b'a');
    for k in 1..=20u8 {
        talk.client = (Ipv4Addr::new(10, 1, 0, k), 2000);
        talk.next = [10, 20];
        talk.handshake();
        talk.say(ToServer, &message[..10_000]);
        talk.say(ToServer, &message[10_000..20_000]);
        assert!(talk.flows.held() <= 100_000);
    }
    assert!(talk.flows.counts().held_full > 0);
    talk.say(ToClient, &toy::read(2, b'b'));
    assert_eq!(talk.messages().len(), 1, "the next good message is decoded");
}

#[test]
fn probing_holds_no_more_than_its_budget() {
    let mut talk = Talk::connected();
    // The toy is unsure of one byte only, so the budget of bytes is reached by repeating the unsure beginning.
    for _ in 0..10_000 {
        talk.say(ToServer, b"T");
        talk.say(ToServer, b"q");
    }
    assert_eq!(talk.flows.held(), 0);
    talk.finish();
    assert_eq!(talk.account.closed[0].unknown, 20_000);
}
