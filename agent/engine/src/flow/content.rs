//! What a conversation carries: finding out the protocol, then feeding its decoder.

use super::conversation::{Conversation, FlowSink};
use super::history::History;
use super::index::Index;
use super::key::Side;
use super::limits::{FlowCounts, HANDOVERS, PROBE_BYTES, PROBES, PROBES_BLIND, add, bump, wide};
use holter_protocols::{
    Decoder, Event, MAX_NEED, Malformed, Progress, Protocol, Session, Sink, Transport, Verdict, Way,
};
use holter_terms::Visibility;

/// Protocols to look for, in the order in which they are tried among equals.
pub type ProtocolTable = &'static [&'static dyn Protocol];

/// What all conversations share.
pub(super) struct Shared<'s> {
    pub(super) table: &'s Index,
    pub(super) counts: &'s mut FlowCounts,
    /// Bytes held back in all conversations.
    pub(super) held: &'s mut usize,
    pub(super) held_limit: usize,
    pub(super) held_per_stream: usize,
    pub(super) history: &'s mut History,
    pub(super) sink: &'s mut dyn FlowSink,
}

impl Shared<'_> {
    pub(super) fn may_hold(&self, n: usize) -> bool {
        self.held.saturating_add(n) <= self.held_limit
    }

    pub(super) fn hold(&mut self, n: usize) {
        *self.held = self.held.saturating_add(n);
    }

    pub(super) fn release(&mut self, n: usize) {
        *self.held = self.held.saturating_sub(n);
    }
}

/// Hands a decoder's events on with their conversation.
pub(super) struct Tap<'a> {
    pub(super) conversation: &'a Conversation,
    pub(super) way: Way,
    pub(super) sink: &'a mut dyn FlowSink,
}

impl Sink for Tap<'_> {
    fn event(&mut self, event: &dyn Event) {
        self.sink.event(self.conversation, self.way, event);
    }

    fn weird(&mut self, field: &'static str) {
        self.sink.weird(self.conversation, field);
    }
}

enum Found {
    Probing,
    Stream(Box<dyn Decoder>),
    Datagrams(&'static dyn Protocol),
    Session(Box<dyn Session>),
    /// Of no protocol that is known, or of one that is not looked into.
    Opaque,
}

/// One direction.
#[derive(Default)]
struct Lane {
    /// Contiguous bytes that end where the stream stands, kept until more have come.
    held: Vec<u8>,
    /// How many the decoder asked for, at most [`MAX_NEED`].
    need: u32,
    /// Bytes to come that the decoder does not want to see.
    skip: u64,
    /// The next bytes may begin a message: the stream begins here, the other end has spoken, or the segment before
    /// ended with a push.
    fresh: bool,
    /// Bytes that went by before the protocol was known.
    passed: u64,
    /// Bytes before those that are known were not seen.
    headless: bool,
}

impl Lane {
    fn need(&self) -> usize {
        usize::try_from(self.need).unwrap_or(usize::MAX)
    }
}

pub(super) struct Content {
    found: Found,
    lanes: [Lane; 2],
    /// The client is the lower of the two ends: see [`Side`].
    client_is_low: bool,
    /// Whether the client is known by a handshake, not by ports.
    sure: bool,
    probes: u16,
    /// How often a decoder said that another protocol follows.
    handovers: u8,
    /// Whether what the decoder does not look at is encrypted.
    sealed: bool,
    /// The decoder's memory, as counted in the budget.
    kept: usize,
}

impl Content {
    pub(super) fn new(client: Side, sure: bool) -> Self {
        let lane = || Lane { fresh: true, ..Lane::default() };
        Content {
            found: Found::Probing,
            lanes: [lane(), lane()],
            client_is_low: client == 0,
            sure,
            probes: 0,
            handovers: 0,
            sealed: false,
            kept: 0,
        }
    }

    pub(super) fn way(&self, side: Side) -> Way {
        if (side == 0) == self.client_is_low { Way::ToServer } else { Way::ToClient }
    }

    /// The direction of `side` is met in the middle.
    pub(super) fn headless(&mut self, side: Side) {
        let way = self.way(side);
        if let Some(lane) = self.lanes.get_mut(side) {
            lane.headless = true;
        }
        if let Found::Stream(decoder) = &mut self.found {
            decoder.gap(way, 1);
        }
    }

    fn limit(&self) -> u16 {
        if self.lanes.iter().any(|lane| lane.headless) { PROBES_BLIND } else { PROBES }
    }

    /// How many bytes to come of this direction nobody wants to see.
    pub(super) fn unwanted(&self, side: Side) -> u64 {
        match self.found {
            Found::Opaque => u64::MAX,
            _ => self.lanes.get(side).map_or(0, |lane| lane.skip),
        }
    }

    /// `n` bytes that nobody wants to see went by unseen: see [`Content::unwanted`].
    pub(super) fn jump(&mut self, side: Side, n: u64) {
        if let Some(lane) = self.lanes.get_mut(side) {
            lane.skip = lane.skip.saturating_sub(n);
        }
    }

    /// Bytes of a part that was jumped came late.
    pub(super) fn late(&self, conversation: &mut Conversation, n: u64) {
        conversation.missed = conversation.missed.saturating_sub(n);
        *self.counter(conversation) = self.counter(conversation).saturating_add(n);
    }

    /// The counter for bytes that are seen but not shown to a decoder.
    fn counter<'c>(&self, conversation: &'c mut Conversation) -> &'c mut u64 {
        match self.found {
            Found::Stream(_) | Found::Session(_) if self.sealed => &mut conversation.encrypted,
            Found::Stream(_) => &mut conversation.understood,
            _ => &mut conversation.unknown,
        }
    }

    /// The next bytes of a direction. `push` where their sender marked the end of what it had to say.
    pub(super) fn bytes(
        &mut self,
        cx: &mut Shared<'_>,
        conversation: &mut Conversation,
        side: Side,
        bytes: &[u8],
        push: bool,
    ) {
        match self.found {
            Found::Stream(_) => self.decode(cx, conversation, side, bytes),
            Found::Opaque => {
                let counter = self.counter(conversation);
                *counter = counter.saturating_add(wide(bytes.len()));
            }
            Found::Probing => self.probe(cx, conversation, side, bytes, push),
            Found::Datagrams(_) | Found::Session(_) => {}
        }
    }

    /// `n` bytes of a direction were sent and never seen.
    pub(super) fn gap(&mut self, cx: &mut Shared<'_>, conversation: &mut Conversation, side: Side, n: u64) {
        conversation.missed = conversation.missed.saturating_add(n);
        // For the decoder a gap begins where it last stopped, so what is let go belongs to it.
        let held = self.lanes.get(side).map_or(0, |lane| wide(lane.held.len()));
        self.let_go(cx, conversation, side);
        let way = self.way(side);
        let Some(lane) = self.lanes.get_mut(side) else { return };
        let unwanted = lane.skip.min(n);
        lane.skip = lane.skip.saturating_sub(unwanted);
        let wanted = n.saturating_sub(unwanted);
        match &mut self.found {
            Found::Stream(decoder) if wanted > 0 => decoder.gap(way, wanted.saturating_add(held)),
            Found::Probing => {
                lane.headless = true;
                lane.fresh = true;
            }
            _ => {}
        }
    }

    /// Nothing more will come: what is held back is let go.
    pub(super) fn end(&mut self, cx: &mut Shared<'_>, conversation: &mut Conversation) {
        self.let_go(cx, conversation, 0);
        self.let_go(cx, conversation, 1);
        self.found = Found::Opaque;
        cx.release(self.kept);
        self.kept = 0;
    }

    /// What is held back of a direction will not be completed.
    fn let_go(&mut self, cx: &mut Shared<'_>, conversation: &mut Conversation, side: Side) {
        if let Some(lane) = self.lanes.get_mut(side) {
            conversation.unknown = conversation.unknown.saturating_add(wide(lane.held.len()));
            cx.release(lane.held.len());
            lane.held = Vec::new();
            lane.need = 0;
        }
    }

    fn probe(&mut self, cx: &mut Shared<'_>, conversation: &mut Conversation, side: Side, bytes: &[u8], push: bool) {
        if let Some(lane) = self.lanes.get_mut(1 ^ side) {
            lane.fresh = true;
        }
        let Some(lane) = self.lanes.get_mut(side) else { return };
        if lane.held.is_empty() && !lane.fresh {
            lane.fresh = push;
            lane.passed = lane.passed.saturating_add(wide(bytes.len()));
            conversation.unknown = conversation.unknown.saturating_add(wide(bytes.len()));
            return;
        }
        let whole = if lane.held.is_empty() {
            None
        } else {
            lane.held.extend_from_slice(bytes);
            cx.hold(bytes.len());
            Some(std::mem::take(&mut lane.held))
        };
        let looked_at = whole.as_deref().unwrap_or(bytes);
        let verdict = self.ask(cx.table, conversation, Transport::Tcp, side, looked_at);
        if matches!(verdict, Answer::Unsure) && looked_at.len() < PROBE_BYTES && cx.may_hold(looked_at.len()) {
            let Some(lane) = self.lanes.get_mut(side) else { return };
            match whole {
                Some(whole) => lane.held = whole,
                None => {
                    lane.held.extend_from_slice(bytes);
                    cx.hold(bytes.len());
                }
            }
            return;
        }
        // From here on, `looked_at` is no longer held.
        if let Some(whole) = &whole {
            cx.release(whole.len());
        }
        match verdict {
            Answer::Protocol(protocol, way) => {
                self.turn(cx, conversation, side, way);
                self.take_for(conversation, protocol);
                self.found = match protocol.stream() {
                    Some(decoder) => Found::Stream(decoder),
                    None => Found::Opaque,
                };
                cx.sink.recognised(conversation);
                self.begin(cx, conversation, side);
                self.bytes(cx, conversation, side, looked_at, push);
            }
            Answer::Unsure | Answer::No => {
                self.probes = self.probes.saturating_add(1);
                let over = self.probes >= self.limit();
                if let Some(lane) = self.lanes.get_mut(side) {
                    lane.fresh = push;
                    lane.passed = lane.passed.saturating_add(wide(looked_at.len()));
                }
                conversation.unknown = conversation.unknown.saturating_add(wide(looked_at.len()));
                if over {
                    self.let_go(cx, conversation, 1 ^ side);
                    self.found = Found::Opaque;
                }
            }
        }
    }

    fn take_for(&mut self, conversation: &mut Conversation, protocol: &dyn Protocol) {
        conversation.protocol = protocol.word();
        conversation.visibility = protocol.visibility();
        self.sealed = conversation.visibility == Visibility::Encrypted;
    }

    /// What follows is another protocol's: it is looked for anew.
    fn hand_over(&mut self, cx: &mut Shared<'_>, conversation: &mut Conversation) {
        self.let_go(cx, conversation, 0);
        self.let_go(cx, conversation, 1);
        cx.release(self.kept);
        self.kept = 0;
        self.probes = 0;
        self.handovers = self.handovers.saturating_add(1);
        for lane in &mut self.lanes {
            *lane = Lane { fresh: true, headless: lane.headless, ..Lane::default() };
        }
        self.found = if self.handovers > HANDOVERS { Found::Opaque } else { Found::Probing };
    }

    /// The decoder starts: each direction goes on from what is held of it, or after what went by before.
    fn begin(&mut self, cx: &mut Shared<'_>, conversation: &mut Conversation, told: Side) {
        let asked = 1 ^ told;
        let way = self.way(asked);
        let Some(lane) = self.lanes.get_mut(asked) else { return };
        let missed = if lane.headless { lane.passed.max(1) } else { lane.passed };
        if let Found::Stream(decoder) = &mut self.found
            && missed > 0
        {
            decoder.gap(way, missed);
        }
        let held = std::mem::take(&mut lane.held);
        if !held.is_empty() {
            cx.release(held.len());
            self.bytes(cx, conversation, asked, &held, false);
        }
    }

    fn turn(&mut self, cx: &mut Shared<'_>, conversation: &mut Conversation, side: Side, way: Way) {
        if self.way(side) == way {
            return;
        }
        self.client_is_low = !self.client_is_low;
        std::mem::swap(&mut conversation.client, &mut conversation.server);
        conversation.packets.reverse();
        conversation.bytes.reverse();
        cx.sink.turned(conversation);
    }

    /// Asks every protocol, those with a usual port of the conversation first.
    fn ask(
        &self,
        table: &Index,
        conversation: &Conversation,
        transport: Transport,
        side: Side,
        bytes: &[u8],
    ) -> Answer {
        let ports = [conversation.server.port, conversation.client.port];
        // The port of a client that is known to be one was drawn by chance, and says nothing though it be a usual one.
        let ports = if self.sure { ports.get(..1).unwrap_or_default() } else { &ports };
        let guessed = self.way(side);
        let ways: &[Way] = if self.sure { &[guessed] } else { &[guessed, guessed.other()] };
        let mut unsure = false;
        for way in ways {
            for protocol in ports.iter().flat_map(|port| table.on(*port)) {
                if !protocol.transports().contains(&transport) {
                    continue;
                }
                match protocol.probe(transport, *way, bytes) {
                    Verdict::Yes | Verdict::Likely => return Answer::Protocol(protocol, *way),
                    Verdict::Unsure => unsure = true,
                    Verdict::No => {}
                }
            }
        }
        for way in ways {
            for protocol in table.of(transport) {
                match protocol.probe(transport, *way, bytes) {
                    Verdict::Yes => return Answer::Protocol(*protocol, *way),
                    Verdict::Unsure => unsure = true,
                    Verdict::Likely | Verdict::No => {}
                }
            }
        }
        if unsure { Answer::Unsure } else { Answer::No }
    }

    /// Shows bytes to the decoder, in place as far as it can be.
    fn decode(&mut self, cx: &mut Shared<'_>, conversation: &mut Conversation, side: Side, bytes: &[u8]) {
        let way = self.way(side);
        let Found::Stream(decoder) = &mut self.found else { return };
        let Some(lane) = self.lanes.get_mut(side) else { return };
        let mut feed = Feed { decoder: decoder.as_mut(), lane, way, sealed: self.sealed, over: None };
        let well = feed.take(cx, conversation, bytes);
        if let Some(rest) = feed.over {
            self.hand_over(cx, conversation);
            if !rest.is_empty() {
                self.bytes(cx, conversation, side, &rest, true);
            }
            return;
        }
        let kept = feed.decoder.held();
        if kept > self.kept {
            cx.hold(kept.saturating_sub(self.kept));
        } else {
            cx.release(self.kept.saturating_sub(kept));
        }
        self.kept = kept;
        let full = *cx.held > cx.held_limit && kept > 0;
        if full {
            bump(&mut cx.counts.decoders_full);
        }
        if !well {
            bump(&mut cx.counts.decoders_stalled);
        }
        if full || !well {
            self.end(cx, conversation);
        }
    }

    /// One datagram.
    pub(super) fn datagram(
        &mut self,
        cx: &mut Shared<'_>,
        conversation: &mut Conversation,
        side: Side,
        bytes: &[u8],
        cut: u64,
    ) {
        conversation.missed = conversation.missed.saturating_add(cut);
        if bytes.is_empty() {
            return;
        }
        if matches!(self.found, Found::Probing) {
            match self.ask(cx.table, conversation, Transport::Udp, side, bytes) {
                Answer::Protocol(protocol, way) => {
                    self.turn(cx, conversation, side, way);
                    self.take_for(conversation, protocol);
                    self.found = match protocol.session() {
                        Some(session) => Found::Session(session),
                        None => Found::Datagrams(protocol),
                    };
                    cx.sink.recognised(conversation);
                }
                Answer::Unsure | Answer::No => {
                    self.probes = self.probes.saturating_add(1);
                    if self.probes >= PROBES {
                        self.found = Found::Opaque;
                    }
                }
            }
        }
        let way = self.way(side);
        let result = match &mut self.found {
            Found::Datagrams(protocol) => protocol.datagram(way, bytes, &mut Tap { conversation, way, sink: cx.sink }),
            Found::Session(session) => session.datagram(way, bytes, &mut Tap { conversation, way, sink: cx.sink }),
            _ => Err(Malformed { field: "", at: 0 }),
        };
        let read = matches!(self.found, Found::Datagrams(_) | Found::Session(_));
        if let (true, Err(malformed)) = (read, result) {
            cx.sink.malformed(conversation, malformed);
        }
        if let Found::Session(session) = &self.found {
            let kept = session.held();
            cx.hold(kept.saturating_sub(self.kept));
            cx.release(self.kept.saturating_sub(kept));
            self.kept = kept;
            if *cx.held > cx.held_limit && kept > 0 {
                bump(&mut cx.counts.decoders_full);
                self.end(cx, conversation);
            }
        }
        let counter = match result {
            Ok(()) if self.sealed => &mut conversation.encrypted,
            Ok(()) => &mut conversation.understood,
            Err(_) => self.counter(conversation),
        };
        *counter = counter.saturating_add(wide(bytes.len()));
    }
}

/// What came of asking the protocols.
enum Answer {
    Protocol(&'static dyn Protocol, Way),
    Unsure,
    No,
}

/// A decoder with the direction that it is fed from.
struct Feed<'a> {
    decoder: &'a mut dyn Decoder,
    lane: &'a mut Lane,
    way: Way,
    /// What is skipped is encrypted.
    sealed: bool,
    /// The decoder said that another protocol follows: what is already there of it.
    over: Option<Vec<u8>>,
}

/// What is left when a decoder stops.
enum Stopped {
    /// All is done with.
    Empty,
    /// This many bytes at the end wait for more.
    Wants { left: usize, need: usize },
    /// It broke its contract.
    Stalled,
}

impl Feed<'_> {
    /// `false` when the decoder broke its contract.
    fn take(&mut self, cx: &mut Shared<'_>, conversation: &mut Conversation, mut bytes: &[u8]) -> bool {
        // First what is held back: with as little more as the decoder asked for, so that a long body after a divided
        // header is not copied; then, if that was not enough, with all there is, so that no byte is looked at often.
        for attempt in 0..2 {
            if self.lane.held.is_empty() || bytes.is_empty() {
                break;
            }
            let missing = self.lane.need().saturating_sub(self.lane.held.len());
            let more = if attempt == 0 { missing.min(bytes.len()) } else { bytes.len() };
            let Some((now, rest)) = bytes.split_at_checked(more) else { break };
            bytes = rest;
            if !cx.may_hold(now.len()) {
                let lost = self.lane.held.len().saturating_add(now.len());
                add(&mut cx.counts.held_full, lost);
                add(&mut conversation.unknown, lost);
                cx.release(self.lane.held.len());
                self.lane.held = Vec::new();
                self.decoder.gap(self.way, wide(lost));
                break;
            }
            self.lane.held.extend_from_slice(now);
            cx.hold(now.len());
            if self.lane.held.len() < self.lane.need() {
                return true;
            }
            let mut held = std::mem::take(&mut self.lane.held);
            let before = held.len();
            let left = match self.run(cx, conversation, &held) {
                Stopped::Empty => 0,
                Stopped::Wants { left, need } => {
                    self.lane.need = u32::try_from(need).unwrap_or(u32::MAX);
                    left
                }
                Stopped::Stalled => {
                    cx.release(before);
                    conversation.unknown = conversation.unknown.saturating_add(wide(bytes.len()));
                    return false;
                }
            };
            if let Some(over) = &mut self.over {
                over.extend_from_slice(bytes);
                cx.release(before);
                return true;
            }
            held.drain(..before.saturating_sub(left));
            cx.release(before.saturating_sub(left));
            self.lane.held = held;
        }
        if bytes.is_empty() {
            return true;
        }
        match self.run(cx, conversation, bytes) {
            Stopped::Empty => true,
            Stopped::Wants { left, need } => {
                let rest = bytes.get(bytes.len().saturating_sub(left)..).unwrap_or_default();
                if cx.may_hold(left) {
                    self.lane.held.extend_from_slice(rest);
                    self.lane.need = u32::try_from(need).unwrap_or(u32::MAX);
                    cx.hold(left);
                } else {
                    add(&mut cx.counts.held_full, left);
                    conversation.unknown = conversation.unknown.saturating_add(wide(left));
                    self.decoder.gap(self.way, wide(left));
                }
                true
            }
            Stopped::Stalled => false,
        }
    }

    /// Feeds until the bytes are used up or more are needed.
    fn run(&mut self, cx: &mut Shared<'_>, conversation: &mut Conversation, mut bytes: &[u8]) -> Stopped {
        let mut failed = false;
        loop {
            if self.lane.skip > 0 {
                let skipped = usize::try_from(self.lane.skip).unwrap_or(usize::MAX).min(bytes.len());
                self.lane.skip = self.lane.skip.saturating_sub(wide(skipped));
                add(if self.sealed { &mut conversation.encrypted } else { &mut conversation.understood }, skipped);
                bytes = bytes.get(skipped..).unwrap_or_default();
            }
            if bytes.is_empty() {
                return Stopped::Empty;
            }
            let result = self.decoder.feed(self.way, bytes, &mut Tap { conversation, way: self.way, sink: cx.sink });
            let (read, ahead) = match result {
                Ok(Progress::Read(read)) => (read, 0),
                Ok(Progress::Skip { read, ahead }) => (read, ahead),
                Ok(Progress::Over(read)) if read <= bytes.len() => {
                    add(&mut conversation.understood, read);
                    self.over = Some(bytes.get(read..).unwrap_or_default().to_vec());
                    return Stopped::Empty;
                }
                Ok(Progress::Over(_)) => break,
                Ok(Progress::Need(need)) => {
                    if need <= bytes.len() || need > MAX_NEED {
                        break;
                    }
                    return Stopped::Wants { left: bytes.len(), need };
                }
                Err(malformed) => {
                    cx.sink.malformed(conversation, malformed);
                    if failed {
                        break;
                    }
                    failed = true;
                    continue;
                }
            };
            if read > bytes.len() || (read == 0 && ahead == 0) {
                break;
            }
            failed = false;
            add(&mut conversation.understood, read);
            bytes = bytes.get(read..).unwrap_or_default();
            self.lane.skip = ahead;
        }
        conversation.unknown = conversation.unknown.saturating_add(wide(bytes.len()));
        Stopped::Stalled
    }
}
