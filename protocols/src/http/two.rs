//! A connection of HTTP/2 (RFC 9113): frames, and the header blocks in them.

use super::hpack::{Name, Table, VALUE_MAX};
use super::message::{Answered, Asked, prefix};
use crate::fields::{decimal, media_type, scheme};
use crate::{Malformed, Progress, Sink, Verdict, Way};

pub(super) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const HEADER: usize = 9;
/// The longest header block that is read, in one frame or joined from several.
pub const BLOCK_MAX: usize = 16 * 1024;
/// Frames that a header block may go on over.
pub const CONTINUATIONS_MAX: u32 = 32;
/// The longest frame that a search takes for one.
const SOUGHT_MAX: usize = 16 * 1024;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const PRIORITY: u8 = 2;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PUSH_PROMISE: u8 = 5;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;
const END_HEADERS: u8 = 4;
const PADDED: u8 = 8;
const WITH_PRIORITY: u8 = 0x20;

/// Whether a connection of HTTP/2 begins here: the client's preface, or the settings that a server begins with.
pub(super) fn begins(way: Way, bytes: &[u8]) -> Verdict {
    match way {
        Way::ToServer => prefix(PREFACE, bytes),
        Way::ToClient => {
            let fits = bytes.iter().take(11).enumerate().all(|(at, byte)| match at {
                2 => (6..=96).contains(byte) && byte % 6 == 0,
                3 => *byte == SETTINGS,
                10 => (1..=9).contains(byte),
                _ => *byte == 0,
            });
            match fits {
                false => Verdict::No,
                true if bytes.len() < 11 => Verdict::Unsure,
                true => Verdict::Yes,
            }
        }
    }
}

#[derive(Default)]
pub(super) struct Connection {
    sides: [Side; 2],
}

struct Side {
    state: State,
    table: Table,
    head: Head,
    block: [u8; BLOCK_MAX],
    filled: usize,
    /// The header block that is being joined.
    joining: Option<Joining>,
    cut: bool,
}

#[derive(Clone, Copy)]
struct Joining {
    stream: u32,
    frames: u32,
    /// Of a promised request.
    promised: bool,
    /// Too long: it is passed, and the table is lost.
    dropped: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Where the client's preface stands, if it does.
    Preface,
    Frame,
    /// Looking for a frame.
    Seek,
}

impl Default for Side {
    fn default() -> Self {
        Side {
            state: State::Preface,
            table: Table::default(),
            head: Head::default(),
            block: [0; BLOCK_MAX],
            filled: 0,
            joining: None,
            cut: false,
        }
    }
}

#[derive(Clone, Copy)]
struct Frame {
    length: usize,
    kind: u8,
    flags: u8,
    stream: u32,
}

fn frame(bytes: &[u8]) -> Option<Frame> {
    let [a, b, c, kind, flags, stream @ ..] = bytes.first_chunk::<HEADER>()?;
    let length = usize::try_from(u32::from_be_bytes([0, *a, *b, *c])).ok()?;
    Some(Frame { length, kind: *kind, flags: *flags, stream: u32::from_be_bytes(*stream) & 0x7fff_ffff })
}

impl Frame {
    /// Its length and its stream are such as its kind may have (RFC 9113 6).
    fn holds(&self) -> bool {
        match self.kind {
            DATA => true,
            HEADERS | CONTINUATION => self.stream != 0,
            PUSH_PROMISE => self.stream != 0 && self.length >= 4,
            PRIORITY => self.stream != 0 && self.length == 5,
            RST_STREAM => self.stream != 0 && self.length == 4,
            SETTINGS => self.stream == 0 && self.length.is_multiple_of(6) && (self.flags & 1 == 0 || self.length == 0),
            PING => self.stream == 0 && self.length == 8,
            GOAWAY => self.stream == 0 && self.length >= 8,
            WINDOW_UPDATE => self.length == 4,
            // What extensions define.
            _ => self.length <= SOUGHT_MAX,
        }
    }

    /// Nothing speaks against it being a frame.
    fn plausible(&self) -> bool {
        let flags = match self.kind {
            DATA => 0x09,
            HEADERS => 0x2d,
            SETTINGS | PING => 0x01,
            PUSH_PROMISE => 0x0c,
            CONTINUATION => 0x04,
            PRIORITY | RST_STREAM | GOAWAY | WINDOW_UPDATE => 0,
            _ => return false,
        };
        let own = self.kind != DATA || self.stream != 0;
        self.holds() && own && self.flags & !flags == 0 && self.length <= SOUGHT_MAX
    }
}

impl Connection {
    pub(super) fn feed(&mut self, way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<Progress, Malformed> {
        let side = self.side(way);
        if bytes.is_empty() {
            return Ok(Progress::Need(1));
        }
        if std::mem::take(&mut side.cut) {
            sink.weird("http.cut");
        }
        loop {
            match side.state {
                State::Preface => {
                    side.state = match (way, prefix(PREFACE, bytes)) {
                        (Way::ToServer, Verdict::Unsure) => return Ok(Progress::Need(bytes.len().saturating_add(1))),
                        (Way::ToServer, Verdict::Yes) => {
                            side.state = State::Frame;
                            return Ok(Progress::Read(PREFACE.len()));
                        }
                        (Way::ToServer, _) => State::Seek,
                        (Way::ToClient, _) => State::Frame,
                    };
                }
                State::Frame => return side.frame(way, bytes, sink),
                State::Seek => {
                    if let Some(progress) = side.seek(bytes) {
                        return Ok(progress);
                    }
                }
            }
        }
    }

    pub(super) fn gap(&mut self, way: Way, _n: u64) {
        let side = self.side(way);
        side.cut |= side.state != State::Seek;
        side.lose();
    }

    fn side(&mut self, way: Way) -> &mut Side {
        let [to_server, to_client] = &mut self.sides;
        match way {
            Way::ToServer => to_server,
            Way::ToClient => to_client,
        }
    }
}

impl Side {
    fn lose(&mut self) {
        self.state = State::Seek;
        self.joining = None;
        self.table.lose();
    }

    /// Looks for two frames in a row; `None` once they are there.
    fn seek(&mut self, bytes: &[u8]) -> Option<Progress> {
        let windows = bytes.len().saturating_sub(HEADER.saturating_sub(1));
        let found = (0..windows).find_map(|at| {
            let frame = bytes.get(at..).and_then(frame).filter(Frame::plausible)?;
            Some((at, frame))
        });
        match found {
            None if windows == 0 => Some(Progress::Need(HEADER)),
            None => Some(Progress::Read(windows)),
            Some((0, first)) => {
                let next = first.length.saturating_add(HEADER);
                match bytes.get(next..).and_then(frame) {
                    Some(second) if second.plausible() => {
                        self.state = State::Frame;
                        None
                    }
                    Some(_) => Some(Progress::Read(1)),
                    None => Some(Progress::Need(next.saturating_add(HEADER))),
                }
            }
            Some((at, _)) => Some(Progress::Read(at)),
        }
    }

    fn frame(&mut self, way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<Progress, Malformed> {
        let Some(frame) = frame(bytes) else { return Ok(Progress::Need(HEADER)) };
        if !frame.holds() {
            self.lose();
            return Err(Malformed { field: "http.frame", at: 0 });
        }
        let whole = frame.length.saturating_add(HEADER);
        let passed = Progress::Skip { read: HEADER, ahead: frame.length as u64 };
        let block = matches!(frame.kind, HEADERS | PUSH_PROMISE | CONTINUATION);
        if block && frame.length <= BLOCK_MAX && bytes.len() < whole {
            return Ok(Progress::Need(whole));
        }
        let goes_on = frame.kind == CONTINUATION && self.joining.is_some_and(|joining| joining.stream == frame.stream);
        if !goes_on && self.joining.take().is_some() {
            // Nothing may stand between the frames of a header block (RFC 9113 6.10).
            sink.weird("http.interleaved");
            self.table.lose();
        }
        if !block {
            if frame.kind == DATA && frame.stream == 0 {
                sink.weird("http.data_on_stream_0");
            }
            return Ok(passed);
        }
        if frame.kind == CONTINUATION && !goes_on {
            sink.weird("http.continuation");
            self.table.lose();
            return Ok(passed);
        }
        let Some(payload) = bytes.get(HEADER..whole).filter(|_| frame.length <= BLOCK_MAX) else {
            self.join(&frame, None, sink);
            return Ok(passed);
        };
        let Some(fragment) = fragment(&frame, payload) else {
            // The next frame stands where its length says, whatever this one holds.
            sink.weird("http.padding");
            self.table.lose();
            return Ok(Progress::Read(whole));
        };
        if frame.kind != CONTINUATION && frame.flags & END_HEADERS != 0 {
            self.head.clear();
            let read = self.table.block(fragment, |name, value| self.head.set(name, value));
            self.report(way, frame.kind == PUSH_PROMISE, read, sink);
            return Ok(Progress::Read(whole));
        }
        self.join(&frame, Some(fragment), sink);
        if frame.flags & END_HEADERS != 0
            && let Some(joining) = self.joining.take()
            && !joining.dropped
        {
            self.head.clear();
            let block = self.block.get(..self.filled).unwrap_or_default();
            let read = self.table.block(block, |name, value| self.head.set(name, value));
            self.report(way, joining.promised, read, sink);
        }
        Ok(Progress::Read(whole))
    }

    /// Adds a fragment to the block that is being joined.
    fn join(&mut self, frame: &Frame, fragment: Option<&[u8]>, sink: &mut dyn Sink) {
        let mut joining = match self.joining {
            Some(joining) if frame.kind == CONTINUATION => {
                Joining { frames: joining.frames.saturating_add(1), ..joining }
            }
            _ => {
                self.filled = 0;
                let promised = frame.kind == PUSH_PROMISE;
                Joining { stream: frame.stream, frames: 0, promised, dropped: false }
            }
        };
        if !joining.dropped {
            let room = fragment.filter(|_| joining.frames <= CONTINUATIONS_MAX).and_then(|fragment| {
                let end = self.filled.checked_add(fragment.len())?;
                Some((self.block.get_mut(self.filled..end)?, fragment, end))
            });
            match room {
                Some((room, fragment, end)) => {
                    room.copy_from_slice(fragment);
                    self.filled = end;
                }
                None => {
                    joining.dropped = true;
                    sink.weird("http.header_block");
                    self.table.lose();
                }
            }
        }
        let over = joining.dropped && frame.flags & END_HEADERS != 0;
        self.joining = (!over).then_some(joining);
    }

    fn report(&mut self, way: Way, promised: bool, read: Option<()>, sink: &mut dyn Sink) {
        if read.is_none() {
            sink.weird("http.hpack");
            return;
        }
        match way {
            Way::ToServer => self.head.request(sink),
            Way::ToClient if promised => {}
            Way::ToClient => self.head.response(sink),
        }
    }
}

/// The part of a header block in a frame, without padding and priority.
fn fragment<'a>(frame: &Frame, payload: &'a [u8]) -> Option<&'a [u8]> {
    if frame.kind == CONTINUATION {
        return Some(payload);
    }
    let mut rest = payload;
    let mut padding = 0;
    if frame.flags & PADDED != 0 {
        let (first, after) = rest.split_first()?;
        padding = usize::from(*first);
        rest = after;
    }
    let lead = match frame.kind {
        PUSH_PROMISE => 4,
        _ if frame.flags & WITH_PRIORITY != 0 => 5,
        _ => 0,
    };
    let rest = rest.get(lead..)?;
    rest.get(..rest.len().checked_sub(padding)?)
}

/// The fields of a header block that are reported.
struct Head {
    method: Text<24>,
    path: Text<VALUE_MAX>,
    authority: Text<256>,
    user_agent: Text<256>,
    server: Text<256>,
    content_type: Text<128>,
    content_length: Option<u64>,
    authorization: Option<&'static str>,
    status: Option<u16>,
}

impl Default for Head {
    fn default() -> Self {
        Head {
            method: Text::NONE,
            path: Text::NONE,
            authority: Text::NONE,
            user_agent: Text::NONE,
            server: Text::NONE,
            content_type: Text::NONE,
            content_length: None,
            authorization: None,
            status: None,
        }
    }
}

struct Text<const N: usize> {
    bytes: [u8; N],
    length: Option<usize>,
}

impl<const N: usize> Text<N> {
    const NONE: Self = Text { bytes: [0; N], length: None };

    fn set(&mut self, value: &[u8]) {
        for (slot, byte) in self.bytes.iter_mut().zip(value) {
            *slot = *byte;
        }
        self.length = Some(value.len().min(N));
    }

    fn bytes(&self) -> Option<&[u8]> {
        self.bytes.get(..self.length?)
    }
}

impl Head {
    fn clear(&mut self) {
        self.method.length = None;
        self.path.length = None;
        self.authority.length = None;
        self.user_agent.length = None;
        self.server.length = None;
        self.content_type.length = None;
        (self.content_length, self.authorization, self.status) = (None, None, None);
    }

    fn set(&mut self, name: Name, value: &[u8]) {
        match name {
            Name::Other => {}
            Name::Method => self.method.set(value),
            Name::Path => self.path.set(value),
            Name::Authority => self.authority.set(value),
            Name::Host if self.authority.length.is_none() => self.authority.set(value),
            Name::Host => {}
            Name::Status => self.status = decimal(value).and_then(|code| u16::try_from(code).ok()),
            Name::UserAgent => self.user_agent.set(value),
            Name::Server => self.server.set(value),
            Name::ContentType => self.content_type.set(value),
            Name::ContentLength => self.content_length = decimal(value),
            // What the table kept is the scheme alone.
            Name::Authorization => self.authorization = Some(scheme(value)),
        }
    }

    /// A block without a method ends a request: fields behind its body.
    fn request(&self, sink: &mut dyn Sink) {
        let Some(method) = self.method.bytes() else { return };
        let asked = Asked {
            method,
            target: self.path.bytes().or(self.authority.bytes()).unwrap_or_default(),
            host: self.authority.bytes(),
            user_agent: self.user_agent.bytes(),
            content_type: self.content_type.bytes().and_then(media_type),
            content_length: self.content_length,
            authorization: self.authorization,
            upgrade: None,
            version: "2",
        };
        asked.report(sink);
    }

    fn response(&self, sink: &mut dyn Sink) {
        let Some(status) = self.status else { return };
        let answered = Answered {
            status,
            server: self.server.bytes(),
            content_type: self.content_type.bytes().and_then(media_type),
            content_length: self.content_length,
            version: "2",
        };
        answered.report(sink);
    }
}
