//! The state machine of one association.

use super::association::{self, Contexts};
use super::dataset::{self, Encoding};
use super::pdu::{self, Ask, Look};
use super::text::KeptUid;
use super::{Abort, AssociateRj, DataEnd, DataHead, Machine, Pdu, Pdv, Release, dimse};
use crate::event::{Code, Count, Size};
use crate::{Decoder, MAX_NEED, Malformed, Progress, Sink, Way};
use holter_phi::{Because, Plain};

/// Longest A-ASSOCIATE-RQ or -AC body: about four times the longest seen.
pub const ASSOCIATE_MAX: usize = MAX_NEED - pdu::HEADER;
/// Longest body of the PDUs whose body has four bytes.
const FIXED_MAX: u64 = 1024;
/// Longest P-DATA-TF body. Some senders put a whole data set into one PDU.
pub const P_DATA_MAX: u64 = 1 << 31;
/// Longest command set put together from fragments.
pub const COMMAND_MAX: usize = 64 * 1024;
/// Bytes of a data set that are searched for what describes the machine.
pub const HEAD_MAX: usize = 8 * 1024;
/// Bytes searched for a PDU after bytes that are none.
pub const SEARCH_AFTER_UNKNOWN_MAX: u64 = 64 * 1024;
/// Bytes searched for a PDU after a gap, or from the middle of a conversation: a PDU of an image may be long.
pub const SEARCH_AFTER_GAP_MAX: u64 = 64 * 1024 * 1024;
/// Memory for a command set that a direction keeps between messages.
const BUFFER_KEPT: usize = HEAD_MAX;

#[derive(Default)]
pub(super) struct Association {
    contexts: Contexts,
    /// Which way the A-ASSOCIATE-RQ went.
    requested: Option<Way>,
    halves: [Half; 2],
}

/// One direction.
#[derive(Default)]
struct Half {
    state: State,
    message: Message,
    about: About,
    /// A command set, or the head of a data set, put together from fragments.
    buffer: Vec<u8>,
    /// A message was cut by a gap and is still to be counted.
    cut: bool,
    /// The last call failed and nothing was read since.
    failed: bool,
}

#[derive(Clone, Copy, Default)]
enum State {
    /// Nothing seen yet: perhaps the middle of a conversation.
    #[default]
    Start,
    /// At the start of a PDU.
    Boundary,
    /// Bytes to pass to the end of a PDU.
    Body(u64),
    /// At a fragment header, with so much of the P-DATA-TF PDU left.
    Pdv(u64),
    Fragment(Fragment),
    /// Looking for a PDU in so many bytes.
    Search(u64),
    /// Given up.
    Lost,
}

#[derive(Clone, Copy)]
struct Fragment {
    /// Bytes of this fragment still to come.
    left: u64,
    /// Bytes of the PDU behind this fragment.
    behind: u64,
    context: u8,
    last: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Message {
    /// Picked up in the middle: a data set may be under way.
    #[default]
    Unknown,
    Between,
    /// Fragments of a command set are in the buffer.
    Command,
    /// A command set that is passed without being read.
    Refused,
    /// A command announced a data set.
    Announced,
    /// The head of the data set is being collected in the buffer.
    Head,
    /// The rest of the data set.
    Data,
}

/// The message under way.
#[derive(Clone, Copy, Default)]
struct About {
    command: Option<u16>,
    sop_class: Option<KeptUid>,
    size: u64,
    fragments: u64,
}

/// `n` bytes from here are done with, whether or not all of them were given.
fn pass(n: u64, bytes: &[u8]) -> Progress {
    match usize::try_from(n) {
        Ok(n) if n <= bytes.len() => Progress::Read(n),
        _ => Progress::Skip { read: bytes.len(), ahead: n.saturating_sub(bytes.len() as u64) },
    }
}

/// What was put together from fragments has no place in the bytes given now.
fn without_place(malformed: Malformed) -> Malformed {
    Malformed { at: 0, ..malformed }
}

impl Decoder for Association {
    fn feed(&mut self, way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<Progress, Malformed> {
        loop {
            match self.step(way, bytes, sink) {
                Ok(None) => {}
                Ok(Some(progress)) => {
                    self.half(way).failed = false;
                    return Ok(progress);
                }
                // What was put together from fragments and the bytes behind it can both be broken.
                Err(second) if self.half(way).failed => sink.weird(second.field),
                Err(malformed) => {
                    self.half(way).failed = true;
                    return Err(malformed);
                }
            }
        }
    }

    fn gap(&mut self, way: Way, n: u64) {
        self.half(way).gap(n);
    }

    fn held(&self) -> usize {
        let buffers = self.halves.iter().map(|half| half.buffer.capacity()).sum::<usize>();
        buffers.saturating_add(self.contexts.held())
    }
}

impl Association {
    fn half(&mut self, way: Way) -> &mut Half {
        let [to_server, to_client] = &mut self.halves;
        match way {
            Way::ToServer => to_server,
            Way::ToClient => to_client,
        }
    }

    /// One step of one direction; `None` where only the state changed. Every such change leads on to a step that
    /// reads, needs or fails.
    fn step(&mut self, way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<Option<Progress>, Malformed> {
        if bytes.is_empty() {
            return Ok(Some(Progress::Need(1)));
        }
        let half = self.half(way);
        if std::mem::take(&mut half.cut) {
            sink.weird("dicom.cut");
        }
        match half.state {
            State::Start => match pdu::look(bytes, Ask::Boundary) {
                Look::More(n) => return Ok(Some(Progress::Need(n))),
                Look::No if !matches!(bytes, [1..=3, 0, ..]) => half.state = State::Search(SEARCH_AFTER_GAP_MAX),
                _ => half.state = State::Boundary,
            },
            State::Boundary => return self.boundary(way, bytes, sink),
            State::Body(left) => {
                half.state = State::Boundary;
                return Ok(Some(pass(left, bytes)));
            }
            State::Pdv(left) => return self.pdv(way, left, bytes, sink),
            State::Fragment(fragment) => {
                let progress = self.fragment(way, fragment, bytes, sink)?;
                return Ok(Some(progress).filter(|progress| *progress != Progress::Read(0)));
            }
            State::Search(left) => return Ok(half.search(left, bytes, sink)),
            State::Lost => return Ok(Some(Progress::Read(bytes.len()))),
        }
        Ok(None)
    }

    fn boundary(&mut self, way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<Option<Progress>, Malformed> {
        let Some(&[kind, reserved, a, b, c, d]) = bytes.first_chunk::<{ pdu::HEADER }>() else {
            return Ok(Some(Progress::Need(pdu::HEADER)));
        };
        let length = u64::from(u32::from_be_bytes([a, b, c, d]));
        let whole = length.saturating_add(pdu::HEADER as u64);
        let (shortest, longest) = match kind {
            pdu::ASSOCIATE_RQ | pdu::ASSOCIATE_AC => (pdu::ASSOCIATE_FIXED as u64, ASSOCIATE_MAX as u64),
            pdu::P_DATA => (pdu::PDV_HEADER as u64, P_DATA_MAX),
            pdu::ASSOCIATE_RJ | pdu::RELEASE_RQ | pdu::RELEASE_RP | pdu::ABORT => (4, FIXED_MAX),
            _ => {
                let half = self.half(way);
                half.lose(SEARCH_AFTER_UNKNOWN_MAX);
                return Err(Malformed { field: "dicom.pdu_type", at: 0 });
            }
        };
        if length < shortest || length > longest {
            self.half(way).state = State::Body(whole);
            let field = if length < shortest { "dicom.pdu_length" } else { "dicom.pdu_too_long" };
            return Err(Malformed { field, at: 2 });
        }
        if kind == pdu::P_DATA {
            sink.event(&Pdu { kind: Code(u64::from(kind)), length: Size(length) });
            if reserved != 0 {
                sink.weird("dicom.reserved");
            }
            self.half(way).state = State::Pdv(length);
            return Ok(Some(Progress::Read(pdu::HEADER)));
        }
        let whole = usize::try_from(whole).unwrap_or(MAX_NEED);
        let Some(body) = bytes.get(pdu::HEADER..whole) else { return Ok(Some(Progress::Need(whole))) };
        sink.event(&Pdu { kind: Code(u64::from(kind)), length: Size(length) });
        if reserved != 0 {
            sink.weird("dicom.reserved");
        }
        if body.len() > 4 && shortest == 4 {
            sink.weird("dicom.pdu_length");
        }
        let byte = |at: usize| Code(body.get(at).copied().map_or(0, u64::from));
        self.half(way).state = State::Body(whole as u64);
        let result = match kind {
            pdu::ASSOCIATE_RQ => {
                if self.requested.is_some_and(|requested| requested != way) {
                    sink.weird("dicom.both_request");
                }
                self.requested = Some(way);
                self.begin();
                association::request(body, &mut self.contexts, sink)
            }
            pdu::ASSOCIATE_AC => {
                if self.requested == Some(way) {
                    sink.weird("dicom.accepts_itself");
                }
                self.begin();
                association::acceptance(body, &mut self.contexts, sink)
            }
            pdu::ASSOCIATE_RJ => {
                sink.event(&AssociateRj { result: byte(1), source: byte(2), reason: byte(3) });
                Ok(())
            }
            pdu::ABORT => {
                self.end(sink);
                sink.event(&Abort { source: byte(2), reason: byte(3) });
                Ok(())
            }
            _ => {
                let half = self.half(way);
                half.close(sink);
                sink.event(&Release { answer: kind == pdu::RELEASE_RP });
                Ok(())
            }
        };
        result?;
        self.half(way).state = State::Boundary;
        Ok(Some(Progress::Read(whole)))
    }

    /// An association begins: whatever was under way is over.
    fn begin(&mut self) {
        for half in &mut self.halves {
            half.message = Message::Between;
            half.about = About::default();
            half.buffer.clear();
        }
    }

    fn end(&mut self, sink: &mut dyn Sink) {
        for half in &mut self.halves {
            half.close(sink);
        }
    }

    fn pdv(&mut self, way: Way, left: u64, bytes: &[u8], sink: &mut dyn Sink) -> Result<Option<Progress>, Malformed> {
        let settled = self.contexts.settled;
        if left == 0 {
            self.half(way).state = State::Boundary;
            return Ok(None);
        }
        if left < pdu::PDV_HEADER as u64 {
            self.half(way).state = State::Body(left);
            return Err(Malformed { field: "dicom.pdv_length", at: 0 });
        }
        let Some(&[a, b, c, d, context, control]) = bytes.first_chunk::<{ pdu::PDV_HEADER }>() else {
            return Ok(Some(Progress::Need(pdu::PDV_HEADER)));
        };
        let length = u64::from(u32::from_be_bytes([a, b, c, d]));
        let (Some(size), Some(behind)) = (length.checked_sub(2), left.saturating_sub(4).checked_sub(length)) else {
            let half = self.half(way);
            half.state = State::Body(left);
            half.message = Message::Unknown;
            return Err(Malformed { field: "dicom.pdv_length", at: 0 });
        };
        sink.event(&Pdv { context: Code(u64::from(context)), flags: Code(u64::from(control)), length: Size(length) });
        let command = control & 1 == 1;
        let known = !settled || self.contexts.knows(context);
        let half = self.half(way);
        let first = matches!(half.message, Message::Between | Message::Announced | Message::Unknown);
        if control > 3 {
            sink.weird("dicom.pdv_control");
        }
        if size & 1 == 1 {
            sink.weird("dicom.pdv_odd");
        }
        if first && !known {
            sink.weird("dicom.context_unknown");
        }
        half.message = match (half.message, command) {
            (Message::Command | Message::Refused, true) => half.message,
            (before, true) => {
                if matches!(before, Message::Announced | Message::Head | Message::Data) {
                    half.close(sink);
                }
                half.buffer.clear();
                half.about = About::default();
                Message::Command
            }
            (Message::Announced, false) => {
                half.buffer.clear();
                Message::Head
            }
            (Message::Between | Message::Command | Message::Refused, false) => {
                sink.weird("dicom.data_without_command");
                half.about = About::default();
                Message::Data
            }
            // From the middle of a data set: what was before is not known, so neither is its size.
            (before, false) => before,
        };
        if !command {
            half.about.size = half.about.size.saturating_add(size);
            half.about.fragments = half.about.fragments.saturating_add(1);
        }
        let fragment = Fragment { left: size, behind, context, last: control & 2 == 2 };
        half.state = State::Fragment(fragment);
        if size == 0
            && let Err(malformed) = self.fragment(way, fragment, &[], sink)
        {
            // What was put together before has no place in these bytes.
            sink.weird(malformed.field);
            self.finish(way, fragment, sink);
        }
        Ok(Some(Progress::Read(pdu::PDV_HEADER)))
    }

    /// Reads from a fragment. Where it fails, nothing of it was read, and the next call passes it unread.
    fn fragment(
        &mut self,
        way: Way,
        fragment: Fragment,
        bytes: &[u8],
        sink: &mut dyn Sink,
    ) -> Result<Progress, Malformed> {
        let here = bytes.get(..usize::try_from(fragment.left).unwrap_or(usize::MAX)).unwrap_or(bytes);
        let ends = here.len() as u64 == fragment.left && fragment.last;
        let half = self.half(way);
        let assembled = !half.buffer.is_empty();
        let read = match half.message {
            Message::Command if half.buffer.len().saturating_add(here.len()) > COMMAND_MAX => {
                half.message = Message::Refused;
                half.shrink();
                return Err(Malformed { field: "dicom.command_too_long", at: 0 });
            }
            Message::Command if ends && !assembled => {
                // The usual case: the whole command set stands in the packet.
                half.message = Message::Refused;
                self.command(way, fragment.context, here, sink)?;
                here.len()
            }
            Message::Command => {
                half.buffer.extend_from_slice(here);
                if ends {
                    half.message = Message::Refused;
                    let buffer = std::mem::take(&mut half.buffer);
                    let result = self.command(way, fragment.context, &buffer, sink);
                    let half = self.half(way);
                    half.buffer = buffer;
                    half.shrink();
                    result.map_err(without_place)?;
                }
                here.len()
            }
            Message::Head => {
                let wanted = HEAD_MAX.saturating_sub(half.buffer.len());
                let head = here.get(..wanted).unwrap_or(here);
                let whole = ends && head.len() == here.len();
                let full = head.len() == wanted;
                if whole || full {
                    half.message = Message::Data;
                    if assembled {
                        half.buffer.extend_from_slice(head);
                        let result = self.head(way, fragment.context, None, whole, sink);
                        self.half(way).shrink();
                        result.map_err(without_place)?;
                    } else {
                        self.head(way, fragment.context, Some(head), whole, sink)?;
                    }
                } else {
                    half.buffer.extend_from_slice(head);
                }
                head.len()
            }
            _ => {
                // Nothing is wanted of the rest of the fragment; if it was the last, its message ends here.
                self.finish(way, fragment, sink);
                return Ok(pass(fragment.left, bytes));
            }
        };
        let left = fragment.left.saturating_sub(read as u64);
        if left == 0 {
            self.finish(way, fragment, sink);
        } else {
            self.half(way).state = State::Fragment(Fragment { left, ..fragment });
        }
        Ok(Progress::Read(read))
    }

    /// All bytes of a fragment have passed.
    fn finish(&mut self, way: Way, fragment: Fragment, sink: &mut dyn Sink) {
        let half = self.half(way);
        half.state = State::Pdv(fragment.behind);
        if !fragment.last {
            return;
        }
        match half.message {
            Message::Data => {
                sink.event(&DataEnd {
                    command: half.about.command.map(|command| Code(u64::from(command))),
                    size: Size(half.about.size),
                    fragments: Count(half.about.fragments),
                });
                half.message = Message::Between;
                half.about = About::default();
            }
            Message::Announced => {}
            _ => half.message = Message::Between,
        }
    }

    fn command(&mut self, way: Way, context: u8, bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
        let (command, operation, result) = dimse::parse(bytes, context, sink);
        let half = self.half(way);
        if let Some(command) = command {
            half.about = About {
                command: u16::try_from(command.command.0).ok(),
                sop_class: command.sop_class.and_then(|uid| KeptUid::new(uid.bytes())),
                ..About::default()
            };
            half.message = if command.has_data { Message::Announced } else { Message::Between };
            sink.event(&command);
            if let Some(operation) = operation {
                sink.event(&operation);
            }
        }
        result
    }

    /// Reports the head of a data set: `given`, or what is in the buffer.
    fn head(
        &mut self,
        way: Way,
        context: u8,
        given: Option<&[u8]>,
        whole: bool,
        sink: &mut dyn Sink,
    ) -> Result<(), Malformed> {
        let [to_server, to_client] = &self.halves;
        let half = match way {
            Way::ToServer => to_server,
            Way::ToClient => to_client,
        };
        let bytes = given.unwrap_or(&half.buffer);
        let transfer_syntax = self.contexts.transfer_syntax(context);
        let mut head = DataHead {
            command: half.about.command.map(|command| Code(u64::from(command))),
            sop_class: half.about.sop_class.as_ref().map(|uid| Plain::new(uid.bytes(), Because::Vocabulary)),
            transfer_syntax: transfer_syntax.map(|uid| Plain::new(uid, Because::Vocabulary)),
            modality: None,
            manufacturer: None,
            model: None,
            software: None,
            serial: None,
            station: None,
            patient: None,
        };
        let mut machine = Machine {
            device_uid: None,
            gantry: None,
            udi: None,
            capture_manufacturer: None,
            capture_model: None,
            capture_software: None,
        };
        let agreed = transfer_syntax.map(Encoding::of);
        let result = dataset::walk(bytes, agreed, whole, &mut head, &mut machine, sink);
        sink.event(&head);
        if !dataset::is_empty(&machine) {
            sink.event(&machine);
        }
        result
    }
}

impl Half {
    /// A message that was under way ends here, incomplete.
    fn close(&mut self, sink: &mut dyn Sink) {
        if !matches!(self.message, Message::Between | Message::Unknown) {
            sink.weird("dicom.cut");
        }
        self.message = Message::Between;
        self.about = About::default();
        self.shrink();
    }

    /// Empties the buffer, and gives back what one long message made it.
    fn shrink(&mut self) {
        self.buffer.clear();
        self.buffer.shrink_to(BUFFER_KEPT);
    }

    /// Looks for the next PDU in `bytes` and further.
    fn lose(&mut self, search: u64) {
        self.state = State::Search(search);
        self.cut |= !matches!(self.message, Message::Between | Message::Unknown);
        self.message = Message::Unknown;
        self.about = About::default();
        self.shrink();
    }

    fn search(&mut self, left: u64, bytes: &[u8], sink: &mut dyn Sink) -> Option<Progress> {
        let within = bytes.get(..usize::try_from(left).unwrap_or(usize::MAX)).unwrap_or(bytes);
        // Every PDU begins with a type and a zero byte.
        for at in memchr::memchr_iter(0, within).filter_map(|zero| zero.checked_sub(1)) {
            match pdu::look(bytes.get(at..).unwrap_or_default(), Ask::Boundary) {
                Look::No => {}
                Look::Yes if at == 0 => {
                    self.state = State::Boundary;
                    return None;
                }
                Look::More(n) if at == 0 => return Some(Progress::Need(n)),
                _ => return self.searched(left, at, sink),
            }
        }
        // The last byte may be the type of a PDU whose second byte is still to come.
        let undecided = within.len() == bytes.len()
            && within.last().is_some_and(|last| (pdu::ASSOCIATE_RQ..=pdu::ABORT).contains(last));
        match within.len().saturating_sub(usize::from(undecided)) {
            0 if undecided => Some(Progress::Need(2)),
            n => self.searched(left, n, sink),
        }
    }

    fn searched(&mut self, left: u64, n: usize, sink: &mut dyn Sink) -> Option<Progress> {
        match left.checked_sub(n as u64) {
            Some(left @ 1..) => self.state = State::Search(left),
            _ => {
                self.state = State::Lost;
                sink.weird("dicom.lost");
            }
        }
        Some(Progress::Read(n))
    }

    fn gap(&mut self, n: u64) {
        match self.state {
            State::Start | State::Search(_) | State::Lost => {}
            State::Body(left) if n < left => self.state = State::Body(left.saturating_sub(n)),
            State::Body(left) if n == left => self.state = State::Boundary,
            State::Fragment(fragment) if n <= fragment.left => {
                let left = fragment.left.saturating_sub(n);
                self.state = State::Fragment(Fragment { left, ..fragment });
                match self.message {
                    // The head is lost; the size is not.
                    Message::Head => {
                        self.cut = true;
                        self.message = Message::Data;
                        self.shrink();
                    }
                    Message::Command => {
                        self.cut = true;
                        self.message = Message::Refused;
                        self.shrink();
                    }
                    _ => {}
                }
            }
            State::Fragment(Fragment { left, behind, .. }) => self.gap_in_pdu(n, left.saturating_add(behind)),
            State::Pdv(left) => self.gap_in_pdu(n, left),
            State::Boundary | State::Body(_) => self.lose(SEARCH_AFTER_GAP_MAX),
        }
    }

    fn gap_in_pdu(&mut self, n: u64, left: u64) {
        self.lose(SEARCH_AFTER_GAP_MAX);
        match left.checked_sub(n) {
            Some(0) => self.state = State::Boundary,
            Some(left) => self.state = State::Body(left),
            None => {}
        }
    }
}
