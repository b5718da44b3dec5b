//! The course of a TCP conversation: who opened it, what its flags mean, when it is over.

use super::conversation::Close;
use super::history::History;
use super::key::{Side, other};
use super::limits::{WINDOW, bump};
use super::stream::{Data, Flowing, Stream, ahead};
use super::table::Class;
use crate::link::{Flags, Tcp};
use crate::overlap::OverlapPolicy;

/// What a segment means for its conversation.
pub(super) enum Course {
    Goes,
    Over(Close),
    /// Its ports have begun a new conversation, to which this segment belongs.
    Anew {
        opener: Option<(Side, u32)>,
    },
}

#[derive(Default)]
pub(super) struct Connection {
    streams: [Stream; 2],
    over: bool,
    /// Segments with data since it was over.
    late: u8,
}

/// Segments with data after which a conversation held to be over is not: the reset was not the receiver's truth.
const LATE: u8 = 3;

/// The client of a conversation, where its first segment tells.
pub(super) fn opener(tcp: &Tcp<'_>, side: Side) -> Option<Side> {
    if !tcp.flags.has(Flags::SYN) {
        None
    } else if tcp.flags.has(Flags::ACK) {
        Some(other(side))
    } else {
        Some(side)
    }
}

impl Connection {
    /// `policies` are those of the receiver of what `side` sends, and of its other end.
    pub(super) fn new(side: Side, policies: [OverlapPolicy; 2]) -> Self {
        let mut connection = Connection::default();
        let [to_other, to_side] = policies;
        let (mine, theirs) = connection.pair(side);
        mine.policy = to_other;
        theirs.policy = to_side;
        connection
    }

    /// Whether every byte of a segment is known, so that its copy says nothing new.
    pub(super) fn repeats(&mut self, side: Side, tcp: &Tcp<'_>, history: &History) -> bool {
        let (mine, _) = self.pair(side);
        let at = if tcp.flags.has(Flags::SYN) { tcp.sequence.wrapping_add(1) } else { tcp.sequence };
        mine.repeats(at, tcp.payload, history)
    }

    pub(super) fn class(&self) -> Class {
        if self.over {
            Class::Closed
        } else if self.streams.iter().any(Stream::has_fin) {
            Class::Closing
        } else if self.streams.iter().any(Stream::flowed) {
            Class::Established
        } else {
            Class::Opening
        }
    }

    pub(super) const fn is_over(&self) -> bool {
        self.over
    }

    /// An opener whose SYN was taken for a stray.
    pub(super) fn begin(&mut self, side: Side, first: u32) {
        if let Some(stream) = self.streams.get_mut(side) {
            stream.begin(first);
        }
    }

    fn pair(&mut self, side: Side) -> (&mut Stream, &mut Stream) {
        let [low, high] = &mut self.streams;
        if side == 0 { (low, high) } else { (high, low) }
    }

    /// A segment of a conversation that is over.
    pub(super) fn after(&mut self, side: Side, tcp: &Tcp<'_>) -> Course {
        let (mine, _) = self.pair(side);
        if tcp.flags.has(Flags::RST) {
            return Course::Goes;
        }
        if tcp.flags.has(Flags::SYN) {
            let again = tcp.flags.has(Flags::ACK) && mine.by_syn() && mine.first() == tcp.sequence.wrapping_add(1);
            return if again { Course::Goes } else { Course::Anew { opener: None } };
        }
        if !tcp.payload.is_empty() && ahead(tcp.sequence, mine.next()) >= 0 {
            self.late = self.late.saturating_add(1);
            if self.late > LATE {
                return Course::Anew { opener: None };
            }
        }
        Course::Goes
    }

    pub(super) fn segment(&mut self, flow: &mut Flowing<'_, '_>, tcp: &Tcp<'_>) -> Course {
        let flags = tcp.flags;
        let syn = flags.has(Flags::SYN);
        if (syn && (flags.has(Flags::FIN) || flags.has(Flags::RST)))
            || flags.0 & Flags::SYN.and(Flags::RST).and(Flags::ACK).0 == 0
        {
            bump(&mut flow.cx.counts.bad_flags);
            flow.cx.sink.weird(flow.conversation, "tcp.flags");
            return Course::Goes;
        }
        if flags.has(Flags::URG) {
            bump(&mut flow.cx.counts.urgent);
        }
        if flags.has(Flags::RST) {
            return self.reset(flow, tcp);
        }
        if syn && let Some(anew) = self.syn(flow, tcp) {
            return anew;
        }
        let (mine, theirs) = self.pair(flow.side);
        if flags.has(Flags::ACK) {
            if theirs.rival == Some(tcp.acknowledgment) && !theirs.flowed() && theirs.by_syn() && !syn {
                // Of two SYN-ACKs, the opener's acknowledgment tells which one it believed.
                theirs.begin(tcp.acknowledgment);
                theirs.rival = None;
            }
            let mut back = Flowing {
                cx: &mut *flow.cx,
                content: &mut *flow.content,
                conversation: &mut *flow.conversation,
                side: other(flow.side),
                now: flow.now,
            };
            theirs.acknowledge(&mut back, tcp.acknowledgment);
        }
        let at = if syn { tcp.sequence.wrapping_add(1) } else { tcp.sequence };
        if !tcp.payload.is_empty() {
            let data = Data { at, bytes: tcp.payload, cut: tcp.cut, push: flags.has(Flags::PSH) };
            if mine.data(flow, data, theirs.by_syn()) {
                return Course::Anew { opener: Some((flow.side, at)) };
            }
        } else if !syn {
            mine.bare(flow, at);
        }
        if flags.has(Flags::FIN) {
            let length = u32::try_from(tcp.payload.len()).unwrap_or(u32::MAX).wrapping_add(tcp.cut);
            mine.fin(at.wrapping_add(length));
        }
        if mine.finished() && theirs.finished() {
            self.over = true;
            return Course::Over(Close::Finished);
        }
        Course::Goes
    }

    fn syn(&mut self, flow: &mut Flowing<'_, '_>, tcp: &Tcp<'_>) -> Option<Course> {
        let side = flow.side;
        let answer = tcp.flags.has(Flags::ACK);
        let first = tcp.sequence.wrapping_add(1);
        let (mine, theirs) = self.pair(side);
        if answer && theirs.rival == Some(tcp.acknowledgment) {
            if mine.flowed() || theirs.flowed() {
                return Some(Course::Anew { opener: None });
            }
            theirs.begin(tcp.acknowledgment);
            theirs.rival = None;
        }
        if mine.synced() && mine.by_syn() && mine.first() == first {
            // Sent again.
            return None;
        }
        if mine.synced() {
            bump(&mut flow.cx.counts.stray_syns);
            flow.cx.sink.weird(flow.conversation, "tcp.stray_syn");
            mine.rival = Some(first);
            return Some(Course::Goes);
        }
        mine.begin(first);
        if answer {
            if theirs.by_syn() && theirs.first() == tcp.acknowledgment {
                flow.conversation.handshake_seen = true;
            } else if theirs.unseen() {
                // The SYN itself was missed.
                theirs.begin(tcp.acknowledgment);
            }
        }
        None
    }

    fn reset(&mut self, flow: &mut Flowing<'_, '_>, tcp: &Tcp<'_>) -> Course {
        let (mine, theirs) = self.pair(flow.side);
        let fits = if mine.synced() {
            let place = ahead(tcp.sequence, mine.next());
            // RFC 5961 3.2 takes a reset at the next number; segments that were lost here lie between.
            place == -1 || u32::try_from(place).is_ok_and(|place| place <= WINDOW / 32)
        } else {
            !tcp.flags.has(Flags::ACK) || !theirs.synced() || ahead(tcp.acknowledgment, theirs.first()) >= 0
        };
        if !fits {
            bump(&mut flow.cx.counts.bad_resets);
            flow.cx.sink.weird(flow.conversation, "tcp.stray_reset");
            return Course::Goes;
        }
        self.over = true;
        Course::Over(Close::Reset)
    }

    /// Every hole is a gap now.
    pub(super) fn flush(&mut self, flow: &mut Flowing<'_, '_>) {
        for side in [0, 1] {
            flow.side = side;
            let (mine, _) = self.pair(side);
            mine.flush(flow);
        }
    }
}
