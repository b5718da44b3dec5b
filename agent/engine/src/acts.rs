//! What an event says somebody did to somebody.

use holter_protocols::event::Value;
use holter_protocols::{Event, FieldSpec, Way, dhcp, dicom, dns, hl7};
use holter_terms::{Mac, Verb};

/// Who of a conversation's two ends is the one who acts, or in whose name the other answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Actor {
    Client,
    Server,
    /// The DHCP client that the message is about, by its hardware address.
    Lease(Option<Mac>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Done {
    pub(crate) actor: Actor,
    pub(crate) verb: Verb,
    pub(crate) count: u64,
    pub(crate) bytes: u64,
}

/// DIMSE command fields (PS3.7 E.1).
const C_STORE_RQ: u64 = 0x0001;
const C_GET_RQ: u64 = 0x0010;
const C_FIND_RQ: u64 = 0x0020;
const C_MOVE_RQ: u64 = 0x0021;
const C_ECHO_RQ: u64 = 0x0030;
const N_FIRST_RQ: u64 = 0x0100;
const N_LAST_RQ: u64 = 0x0150;

/// The deed that an event shows, counted once: a request by its sender, an answer for whom it answers.
pub(crate) fn done(event: &dyn Event, way: Way) -> Option<Done> {
    let sender = if way == Way::ToServer { Actor::Client } else { Actor::Server };
    let receiver = if way == Way::ToServer { Actor::Server } else { Actor::Client };
    let one = |actor, verb| Some(Done { actor, verb, count: 1, bytes: 0 });
    let spec = event.spec();
    if spec.is(&dicom::associate_ac::SPEC) {
        one(receiver, Verb::Associate)
    } else if spec.is(&dicom::associate_rj::SPEC) {
        one(receiver, Verb::Reject)
    } else if spec.is(&dicom::command::SPEC) {
        let verb = match number(event, &dicom::command::command)? {
            C_STORE_RQ => Verb::Store,
            C_GET_RQ => Verb::Get,
            C_FIND_RQ => Verb::Find,
            C_MOVE_RQ => Verb::Move,
            C_ECHO_RQ => Verb::Echo,
            N_FIRST_RQ..=N_LAST_RQ => Verb::Normalized,
            _ => return None,
        };
        one(sender, verb)
    } else if spec.is(&dicom::data_end::SPEC) {
        let stored = number(event, &dicom::data_end::command) == Some(C_STORE_RQ);
        let bytes = number(event, &dicom::data_end::size)?;
        stored.then_some(Done { actor: sender, verb: Verb::Store, count: 0, bytes })
    } else if spec.is(&hl7::message::SPEC) {
        let bytes = number(event, &hl7::message::size).unwrap_or(0);
        match event.first(&hl7::message::ack) {
            Some(Value::Plain(code)) => {
                let accepted = matches!(code.bytes(), b"AA" | b"CA");
                one(receiver, if accepted { Verb::Accept } else { Verb::Refuse })
            }
            // The rest of a message that outgrew the decoder's buffer comes with its end.
            _ if !flag(event, &hl7::message::whole) => one(sender, Verb::Message),
            _ => Some(Done { actor: sender, verb: Verb::Message, count: 1, bytes }),
        }
    } else if spec.is(&hl7::end::SPEC) {
        Some(Done { actor: sender, verb: Verb::Message, count: 0, bytes: number(event, &hl7::end::size)? })
    } else if spec.is(&dhcp::message::SPEC) {
        let client = match event.first(&dhcp::message::client_mac) {
            Some(Value::Hardware(mac)) => Some(mac),
            _ => None,
        };
        // Option 53: DISCOVER, REQUEST, INFORM ask; ACK gives (RFC 2132 9.6).
        match number(event, &dhcp::message::kind)? {
            1 | 3 | 8 => one(Actor::Lease(client), Verb::Ask),
            5 => one(Actor::Lease(client), Verb::Lease),
            _ => None,
        }
    } else if spec.is(&dns::message::SPEC) {
        if flag(event, &dns::message::response) { one(receiver, Verb::Answer) } else { one(sender, Verb::Query) }
    } else {
        None
    }
}

pub(crate) fn number(event: &dyn Event, field: &'static FieldSpec) -> Option<u64> {
    match event.first(field)? {
        Value::Number(n) => Some(n),
        _ => None,
    }
}

pub(crate) fn flag(event: &dyn Event, field: &'static FieldSpec) -> bool {
    matches!(event.first(field), Some(Value::Flag(true)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use holter_protocols::event::{Code, Count, Size};

    fn command(command: u64) -> dicom::Command<'static> {
        dicom::Command {
            command: Code(command),
            context: Code(1),
            message_id: None,
            responds_to: None,
            sop_class: None,
            status: None,
            move_destination: None,
            move_originator: None,
            remaining: None,
            completed: None,
            failed: None,
            has_data: false,
        }
    }

    #[test]
    fn a_request_is_done_by_its_sender_whichever_way_it_goes() {
        let done = |n, way| super::done(&command(n), way).map(|done| (done.actor, done.verb));
        assert_eq!(done(C_FIND_RQ, Way::ToServer), Some((Actor::Client, Verb::Find)));
        assert_eq!(done(C_STORE_RQ, Way::ToClient), Some((Actor::Server, Verb::Store)), "a sub-operation of C-GET");
        assert_eq!(done(N_LAST_RQ, Way::ToServer), Some((Actor::Client, Verb::Normalized)));
    }

    #[test]
    fn a_response_is_no_deed() {
        for n in [C_STORE_RQ, C_GET_RQ, C_FIND_RQ, C_MOVE_RQ, C_ECHO_RQ, N_FIRST_RQ, N_LAST_RQ] {
            assert_eq!(done(&command(n | 0x8000), Way::ToClient), None);
        }
    }

    #[test]
    fn the_bytes_of_an_image_are_added_without_counting_it_twice() {
        let end = dicom::DataEnd { command: Some(Code(C_STORE_RQ)), size: Size(7), fragments: Count(1) };
        assert_eq!(
            done(&end, Way::ToServer),
            Some(Done { actor: Actor::Client, verb: Verb::Store, count: 0, bytes: 7 })
        );
    }
}
