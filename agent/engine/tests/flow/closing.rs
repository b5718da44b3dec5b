//! How conversations begin and end, and what tries to make them seem to.

use crate::talk::{SECOND, Talk, Told};
use crate::toy;
use holter_engine::flow::Close;
use holter_engine::link::Flags;
use holter_protocols::Way::{ToClient, ToServer};

#[test]
fn tcp_1_data_in_a_syn_is_the_beginning_of_the_stream() {
    let mut talk = Talk::new();
    let ([client, server], message) = (talk.next, toy::read(8, b'a'));
    talk.send(ToServer, client, 0, Flags::SYN, &message[..6]);
    talk.send(ToClient, server, client.wrapping_add(7), Flags::SYN.and(Flags::ACK), b"");
    talk.next = [client.wrapping_add(7), server.wrapping_add(1)];
    talk.say(ToServer, &message[6..]);
    assert_eq!(talk.messages(), [(true, 8, 8 * 97)]);
}

#[test]
fn tcp_1_data_in_a_syn_that_is_sent_again_without_it_is_read_once() {
    let mut talk = Talk::new();
    let ([client, server], message) = (talk.next, toy::read(8, b'a'));
    talk.send(ToServer, client, 0, Flags::SYN, &message);
    talk.send(ToServer, client, 0, Flags::SYN, b"");
    talk.send(ToClient, server, client.wrapping_add(1), Flags::SYN.and(Flags::ACK), b"");
    talk.next = [client.wrapping_add(1), server.wrapping_add(1)];
    talk.say(ToServer, &message);
    assert_eq!(talk.messages().len(), 1);
}

#[test]
fn tcp_2_a_second_syn_with_another_number_counts_only_if_it_is_answered() {
    let mut talk = Talk::new();
    let [client, server] = talk.next;
    talk.send(ToServer, client, 0, Flags::SYN, b"");
    talk.send(ToServer, client.wrapping_add(90_000), 0, Flags::SYN, b"");
    talk.send(ToClient, server, client.wrapping_add(1), Flags::SYN.and(Flags::ACK), b"");
    talk.next = [client.wrapping_add(1), server.wrapping_add(1)];
    talk.say(ToServer, &toy::read(3, b'a'));
    assert_eq!(talk.messages().len(), 1);

    let mut talk = Talk::new();
    let [client, server] = talk.next;
    let second = client.wrapping_add(90_000);
    talk.send(ToServer, client, 0, Flags::SYN, b"");
    talk.send(ToServer, second, 0, Flags::SYN, b"");
    talk.send(ToClient, server, second.wrapping_add(1), Flags::SYN.and(Flags::ACK), b"");
    talk.next = [second.wrapping_add(1), server.wrapping_add(1)];
    talk.say(ToServer, &toy::read(3, b'a'));
    assert_eq!(talk.messages().len(), 1);
    assert_eq!(talk.told(&Told::Weird("tcp.stray_syn")), 1);
}

#[test]
fn tcp_2_of_two_answers_the_one_that_the_client_acknowledges_counts() {
    let mut talk = Talk::new();
    let [client, server] = talk.next;
    let second = server.wrapping_add(777_777);
    talk.send(ToServer, client, 0, Flags::SYN, b"");
    talk.send(ToClient, server, client.wrapping_add(1), Flags::SYN.and(Flags::ACK), b"");
    talk.send(ToClient, second, client.wrapping_add(1), Flags::SYN.and(Flags::ACK), b"");
    talk.next = [client.wrapping_add(1), second.wrapping_add(1)];
    talk.say(ToServer, &toy::read(3, b'a'));
    talk.say(ToClient, &toy::read(4, b'b'));
    assert_eq!(talk.messages(), [(true, 3, 291), (false, 4, 392)]);
}

#[test]
fn tcp_2_a_syn_thrown_into_a_conversation_does_not_end_it() {
    let mut talk = Talk::connected();
    talk.say(ToServer, &toy::read(3, b'a'));
    talk.send(ToServer, 77, 0, Flags::SYN, b"");
    talk.say(ToServer, &toy::read(3, b'b'));
    talk.say(ToClient, &toy::read(3, b'c'));
    assert_eq!(talk.messages().len(), 3);
    assert_eq!(talk.flows.counts().opened, 1);
}

#[test]
fn tcp_3_flags_that_contradict_each_other_are_told_and_not_followed() {
    let mut talk = Talk::connected();
    talk.say(ToServer, &toy::read(3, b'a'));
    let [client, server] = talk.next;
    for flags in [Flags::SYN.and(Flags::FIN), Flags::SYN.and(Flags::RST), Flags(0), Flags::FIN.and(Flags::URG)] {
        talk.send(ToServer, client, server, flags, b"Tr\0\x01q");
    }
    talk.say(ToServer, &toy::read(3, b'b'));
    assert_eq!(talk.messages(), [(true, 3, 291), (true, 3, 294)]);
    assert_eq!(talk.told(&Told::Weird("tcp.flags")), 4);
}

#[test]
fn tcp_4_a_reset_with_a_number_out_of_place_is_told_and_ends_nothing() {
    let mut talk = Talk::connected();
    talk.say(ToServer, &toy::read(3, b'a'));
    let [client, server] = talk.next;
    talk.send(ToServer, client.wrapping_sub(5000), server, Flags::RST, b"");
    talk.send(ToServer, client.wrapping_add(50_000_000), server, Flags::RST, b"");
    talk.say(ToServer, &toy::read(3, b'b'));
    assert_eq!(talk.messages().len(), 2);
    assert_eq!(talk.flows.counts().bad_resets, 2);
}

#[test]
fn tcp_4_after_a_reset_that_the_receiver_did_not_believe_the_conversation_goes_on() {
    let mut talk = Talk::connected();
    talk.say(ToServer, &toy::read(3, b'a'));
    let [client, server] = talk.next;
    talk.send(ToServer, client, server, Flags::RST, b"");
    assert_eq!(talk.told(&Told::Closed(1, Close::Reset)), 1);
    for _ in 0..6 {
        talk.say(ToServer, &toy::read(3, b'b'));
    }
    assert!(talk.messages().len() >= 3, "{:?}", talk.messages());
}

#[test]
fn a_refused_connection_is_closed_by_its_reset() {
    let mut talk = Talk::new();
    let [client, _] = talk.next;
    talk.send(ToServer, client, 0, Flags::SYN, b"");
    talk.send(ToClient, 0, client.wrapping_add(1), Flags::RST.and(Flags::ACK), b"");
    assert_eq!(talk.told(&Told::Closed(1, Close::Reset)), 1);
}

#[test]
fn tcp_5_data_after_a_fin_is_told_and_not_read() {
    let mut talk = Talk::connected();
    talk.say(ToServer, &toy::read(3, b'a'));
    talk.fin(ToServer);
    talk.say(ToServer, &toy::read(3, b'b'));
    talk.say(ToClient, &toy::read(3, b'c'));
    talk.fin(ToClient);
    assert_eq!(talk.messages(), [(true, 3, 291), (false, 3, 297)]);
    assert_eq!(talk.told(&Told::Weird("tcp.data_after_fin")), 1);
    assert_eq!(talk.told(&Told::Closed(1, Close::Finished)), 1);
}

#[test]
fn tcp_9_urgent_data_is_counted_and_read_as_data() {
    let mut talk = Talk::connected();
    let [client, server] = talk.next;
    talk.send(ToServer, client, server, Flags::ACK.and(Flags::URG), &toy::read(3, b'a'));
    assert_eq!(talk.messages().len(), 1);
    assert_eq!(talk.flows.counts().urgent, 1);
}

#[test]
fn tcp_14_ports_used_again_begin_a_conversation_of_their_own() {
    let mut talk = Talk::connected();
    talk.say(ToServer, &toy::read(3, b'a'));
    talk.fin(ToServer);
    talk.fin(ToClient);
    talk.ack(ToServer);
    assert_eq!(talk.flows.counts().late, 1, "the last acknowledgment begins nothing");
    talk.next = [5_000_000, 9_000_000];
    talk.handshake();
    talk.say(ToServer, &toy::read(4, b'a'));
    talk.finish();
    assert_eq!(talk.messages(), [(true, 3, 291), (true, 4, 388)]);
    assert_eq!(talk.flows.counts().opened, 2);
    assert_eq!(talk.told(&Told::Closed(1, Close::Finished)), 1);
    assert_eq!(talk.told(&Told::Closed(2, Close::End)), 1);
}

#[test]
fn tcp_14_ports_used_again_without_an_end_begin_a_conversation_of_their_own() {
    let mut talk = Talk::connected();
    talk.say(ToServer, &toy::read(3, b'a'));
    talk.next = [3_000_000_000, 3_500_000_000];
    talk.handshake();
    talk.say(ToServer, &toy::read(4, b'a'));
    assert_eq!(talk.messages().len(), 2);
    assert_eq!(talk.told(&Told::Closed(1, Close::Reused)), 1);
}

#[test]
fn tcp_16_a_gap_of_a_gigabyte_is_passed_once_segments_agree_on_the_new_place() {
    let mut talk = Talk::connected();
    talk.say(ToServer, &toy::read(3, b'a'));
    talk.lose(ToServer, 1 << 30);
    for _ in 0..6 {
        talk.say(ToServer, &toy::read(3, b'b'));
    }
    assert_eq!(talk.messages().len(), 1 + 3, "the first three of the new place had to agree");
    assert_eq!(talk.flows.counts().resynced, 1);
}

#[test]
fn chaff_outside_the_window_moves_nothing() {
    let mut talk = Talk::connected();
    talk.say(ToServer, &toy::read(3, b'a'));
    for k in 0..40u32 {
        let [_, server] = talk.next;
        talk.send(ToServer, 700_000_000 + k * 90_000, server, Flags::ACK, b"Tr\0\x01z");
    }
    talk.say(ToServer, &toy::read(3, b'b'));
    assert_eq!(talk.messages(), [(true, 3, 291), (true, 3, 294)]);
    assert_eq!(talk.flows.counts().out_of_window, 40);
}

#[test]
fn what_is_not_heard_of_is_closed_by_packet_time_and_a_long_lived_link_is_kept() {
    let mut talk = Talk::connected();
    talk.say(ToServer, &toy::read(3, b'a'));
    talk.now += 1800 * SECOND;
    talk.say(ToServer, &toy::read(3, b'b'));
    assert_eq!(talk.flows.counts().opened, 1);
    talk.now += 3 * 3600 * SECOND;
    let (now, flows, account) = (talk.now, &mut talk.flows, &mut talk.account);
    flows.expire(now, account);
    assert_eq!(talk.told(&Told::Closed(1, Close::Idle)), 1);
    assert!(talk.flows.is_empty());
}

#[test]
fn cap_6_time_that_runs_backwards_neither_closes_nor_panics() {
    let mut talk = Talk::connected();
    talk.say(ToServer, &toy::read(3, b'a'));
    talk.now = -5 * SECOND;
    talk.say(ToServer, &toy::read(3, b'b'));
    talk.now = i64::MAX - SECOND;
    talk.finish();
    assert_eq!(talk.messages().len(), 2);
    assert!(talk.account.closed[0].last >= talk.account.closed[0].first);
}
