//! What the windows before were told of the conversations that go on.

use crate::flow::Conversation;
use holter_terms::Protocol;
use holter_wire::Coverage;

/// Sums over a conversation since its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Sums {
    pub(crate) packets: u64,
    pub(crate) bytes: [u64; 2],
    pub(crate) coverage: Coverage,
}

impl Sums {
    fn of(conversation: &Conversation) -> Self {
        Sums {
            packets: conversation.packets.iter().sum(),
            bytes: conversation.bytes,
            coverage: Coverage {
                understood: conversation.understood,
                encrypted: conversation.encrypted,
                unknown: conversation.unknown,
                missed: conversation.missed,
            },
        }
    }

    /// What was unknown may have become understood since: such a row counts from there on.
    fn since(&self, before: &Sums) -> Sums {
        let ([up, down], [up_before, down_before]) = (self.bytes, before.bytes);
        let (now, then) = (&self.coverage, &before.coverage);
        Sums {
            packets: self.packets.saturating_sub(before.packets),
            bytes: [up.saturating_sub(up_before), down.saturating_sub(down_before)],
            coverage: Coverage {
                understood: now.understood.saturating_sub(then.understood),
                encrypted: now.encrypted.saturating_sub(then.encrypted),
                unknown: now.unknown.saturating_sub(then.unknown),
                missed: now.missed.saturating_sub(then.missed),
            },
        }
    }
}

#[derive(Clone, Copy, Default)]
struct Seat {
    /// Of another conversation than asked for, it says nothing.
    conversation: u64,
    sums: Sums,
    shared: bool,
    served: bool,
}

/// By the place of a conversation in the table of the flow room, whose bound is therefore this one's too.
#[derive(Default)]
pub(crate) struct Told {
    seats: Vec<Seat>,
}

impl Told {
    fn seat(&self, conversation: &Conversation) -> Seat {
        let seat = conversation.slot.and_then(|slot| self.seats.get(slot as usize)).copied().unwrap_or_default();
        if seat.conversation == conversation.id {
            seat
        } else {
            Seat { conversation: conversation.id, ..Seat::default() }
        }
    }

    fn keep(&mut self, conversation: &Conversation, seat: Seat) {
        let Some(slot) = conversation.slot.map(|slot| slot as usize) else { return };
        if self.seats.len() <= slot {
            self.seats.resize(slot + 1, Seat::default());
        }
        if let Some(place) = self.seats.get_mut(slot) {
            *place = seat;
        }
    }

    /// What is new of a conversation, and whether all of it is. `None` where nothing is.
    pub(crate) fn share(&mut self, conversation: &Conversation, is_last: bool) -> Option<(Sums, bool)> {
        let seat = self.seat(conversation);
        let sums = Sums::of(conversation);
        let more = sums.since(&seat.sums);
        if seat.shared && more.packets == 0 && more.coverage == Coverage::default() {
            return None;
        }
        if !is_last {
            self.keep(conversation, Seat { sums, shared: true, ..seat });
        }
        Some((more, !seat.shared))
    }

    /// Whether its server has answered, and its service was not told of yet.
    pub(crate) fn owes_service(&self, conversation: &Conversation) -> bool {
        let [_, answered] = conversation.bytes;
        answered > 0 && conversation.protocol != Protocol::Other && !self.seat(conversation).served
    }

    /// Its service was told of.
    pub(crate) fn served(&mut self, conversation: &Conversation) {
        let seat = self.seat(conversation);
        self.keep(conversation, Seat { served: true, ..seat });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::Endpoint;
    use holter_protocols::Transport;
    use std::net::IpAddr;

    fn conversation(id: u64, slot: u32, packets: u64) -> Conversation {
        let end = Endpoint { mac: None, ip: IpAddr::from([10, 0, 0, 1]), port: 1 };
        let mut conversation = Conversation::new(id, end, end, Transport::Udp, None, 0);
        conversation.slot = Some(slot);
        conversation.packets = [packets, 0];
        conversation.bytes = [0, packets];
        conversation.protocol = Protocol::Dns;
        conversation
    }

    #[test]
    fn what_was_told_is_not_told_again() {
        let mut told = Told::default();
        assert_eq!(told.share(&conversation(1, 9, 3), false).map(|(sums, new)| (sums.packets, new)), Some((3, true)));
        assert_eq!(told.share(&conversation(1, 9, 3), false), None);
        assert_eq!(told.share(&conversation(1, 9, 5), true).map(|(sums, new)| (sums.packets, new)), Some((2, false)));
    }

    #[test]
    fn the_next_conversation_in_a_place_begins_anew() {
        let mut told = Told::default();
        told.share(&conversation(1, 9, 3), false);
        assert!(told.owes_service(&conversation(1, 9, 3)));
        told.served(&conversation(1, 9, 3));
        assert!(!told.owes_service(&conversation(1, 9, 3)) && told.owes_service(&conversation(2, 9, 1)));
        assert_eq!(told.share(&conversation(2, 9, 1), false).map(|(sums, new)| (sums.packets, new)), Some((1, true)));
    }
}
