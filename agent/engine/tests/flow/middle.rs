//! Conversations of which the beginning, or one direction, is not seen.

use crate::talk::{Talk, Told};
use crate::toy;
use holter_engine::link::Flags;
use holter_protocols::Way::{ToClient, ToServer};
use holter_terms::{Protocol, Visibility};

#[test]
fn tcp_12_a_conversation_met_in_the_middle_is_decoded_from_its_next_message() {
    let mut talk = Talk::new();
    for _ in 0..50 {
        talk.say(ToServer, &[b'm'; 1000]);
    }
    talk.say(ToServer, &toy::read(5, b'a'));
    talk.say(ToClient, b"tail");
    talk.say(ToClient, &toy::read(1, b'b'));
    talk.finish();
    assert_eq!(talk.messages(), [(true, 5, 485), (false, 1, 98)]);
    let closed = &talk.account.closed[0];
    assert!(!closed.handshake_seen);
    assert_eq!(closed.server.port, 104, "the usual port is the server's");
    assert_eq!((closed.protocol, closed.visibility), (Protocol::Dicom, Visibility::Clear));
}

#[test]
fn tcp_12_one_direction_alone_is_decoded() {
    let mut talk = Talk::new();
    let [client, _] = talk.next;
    talk.send(ToServer, client, 0, Flags::SYN, b"");
    talk.lose(ToServer, 1);
    talk.say(ToServer, &toy::read(5, b'a'));
    talk.say(ToServer, &toy::read(6, b'b'));
    talk.finish();
    assert_eq!(talk.messages().len(), 2);

    let mut talk = Talk::new();
    let [client, server] = talk.next;
    talk.send(ToClient, server, client.wrapping_add(1), Flags::SYN.and(Flags::ACK), b"");
    talk.next = [client.wrapping_add(1), server.wrapping_add(1)];
    talk.say(ToClient, &toy::read(5, b'a'));
    talk.finish();
    assert_eq!(talk.messages(), [(false, 5, 485)]);
    assert_eq!(talk.account.closed[0].client.port, 40_000);
}

#[test]
fn tcp_12_an_acknowledgment_of_what_was_never_seen_stops_nothing() {
    let mut talk = Talk::connected();
    talk.lose(ToServer, 5000);
    talk.ack(ToClient);
    talk.say(ToServer, &toy::read(5, b'a'));
    assert_eq!(talk.messages(), [(true, 5, 485)]);
}

#[test]
fn a_lost_answer_to_the_syn_does_not_make_the_servers_first_byte_a_middle() {
    let mut talk = Talk::new();
    let [client, server] = talk.next;
    talk.send(ToServer, client, 0, Flags::SYN, b"");
    talk.next = [client.wrapping_add(1), server.wrapping_add(1)];
    talk.ack(ToServer);
    talk.say(ToServer, &toy::read(1, b'a'));
    // With its place lost, the decoder would take the T within for a message.
    talk.say(ToClient, &toy::read(1, b'b'));
    talk.finish();
    assert_eq!(talk.messages().len(), 2);
    assert_eq!(talk.account.closed[0].unknown, 0);
}

#[test]
fn a_message_divided_before_it_can_be_recognised_is_recognised() {
    let mut talk = Talk::connected();
    for byte in toy::read(5, b'a') {
        talk.say(ToServer, &[byte]);
    }
    assert_eq!(talk.messages(), [(true, 5, 485)]);
    assert_eq!(talk.flows.held(), 0);
}

#[test]
fn what_no_protocol_claims_is_other_and_its_bytes_are_unknown() {
    let mut talk = Talk::connected();
    for _ in 0..20 {
        talk.say(ToServer, b"hello there");
    }
    talk.say(ToServer, &toy::read(5, b'a'));
    talk.finish();
    assert_eq!(talk.messages(), [], "the budget was spent before");
    let closed = &talk.account.closed[0];
    assert_eq!((closed.protocol, closed.visibility), (Protocol::Other, Visibility::Unknown));
    assert_eq!(closed.unknown, 20 * 11 + 9);
}

#[test]
fn datagrams_are_recognised_and_decoded_each_on_its_own() {
    let mut talk = Talk::new();
    talk.datagram(ToServer, b"no message");
    talk.datagram(ToClient, &toy::read(5, b'a'));
    talk.datagram(ToServer, b"T");
    talk.datagram(ToServer, &toy::read(6, b'a'));
    talk.finish();
    assert_eq!(talk.messages(), [(false, 5, 0), (true, 6, 0)]);
    assert_eq!(talk.told(&Told::Malformed("toy.header")), 1);
    let closed = &talk.account.closed[0];
    assert_eq!((closed.understood, closed.unknown), (9 + 10, 10 + 1));
}
