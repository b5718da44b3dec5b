//! Both directions of a connection of HTTP/1: where messages begin and end (RFC 9112 6).

use super::message::{self, Framing, SIMPLE};
use super::pending::{Awaited, Pending};
use super::route::hex;
use super::two::{self, Connection};
use crate::fields::{Fields, end_of_head, search_from, split_line};
use crate::{Decoder, Malformed, Progress, Sink, Verdict, Way};
use memchr::{memchr, memrchr};

/// The most of a head that is read as one. Of a longer one no more than the framing is read behind that.
pub const HEAD_MAX: usize = 32 * 1024;
/// The longest line that is read behind [`HEAD_MAX`] bytes of a head, and the longest first line that is looked for
/// once the stream is lost.
pub const LINE_MAX: usize = 4096;
/// The longest line with the size of a chunk, its extensions included (RFC 9112 7.1.1).
pub const CHUNK_LINE_MAX: usize = 1024;
/// A body that lasts until the connection closes.
const ENDLESS: u64 = 1 << 62;

#[derive(Default)]
pub(super) struct Link {
    halves: [Half; 2],
    pending: Pending,
    /// The connection speaks HTTP/2.
    two: Option<Box<Connection>>,
}

#[derive(Default)]
struct Half {
    state: State,
    /// Bytes of a head in which there is no end of it.
    searched: usize,
    /// The first line of the head is one.
    judged: bool,
    /// A message was cut by a gap and is still to be counted.
    cut: bool,
}

#[derive(Clone, Copy, Default)]
enum State {
    /// Where a message must begin.
    #[default]
    Start,
    /// At the start of a line that may begin a message.
    Seek,
    /// In a line that begins none.
    Pass,
    /// In a head.
    Head,
    /// Behind the part of a head that was read, at the start of a line.
    LongHead(After, Framing),
    /// In a line of such a head that is too long.
    LongLine(After, Framing),
    /// At the size of a chunk.
    Chunk,
    /// Behind the data of a chunk.
    ChunkEnd,
    /// Behind the last chunk, at the start of a line.
    Trailer,
    /// In a line of the trailer.
    TrailerLine,
}

/// Of what message a head is, as far as its body depends on that.
#[derive(Clone, Copy)]
enum After {
    Request,
    Response,
    /// A response that has no body whatever its head says.
    Bodiless,
}

impl Decoder for Link {
    fn feed(&mut self, way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<Progress, Malformed> {
        if let Some(two) = &mut self.two {
            return two.feed(way, bytes, sink);
        }
        let [to_server, to_client] = &mut self.halves;
        let half = match way {
            Way::ToServer => to_server,
            Way::ToClient => to_client,
        };
        if bytes.is_empty() {
            return Ok(Progress::Need(1));
        }
        if std::mem::take(&mut half.cut) {
            sink.weird("http.cut");
        }
        loop {
            match half.state {
                State::Start => {
                    let lines = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
                    if lines > 0 {
                        return Ok(Progress::Read(lines));
                    }
                    match two::begins(way, bytes) {
                        Verdict::Yes => return self.two.insert(Box::default()).feed(way, bytes, sink),
                        Verdict::Unsure => return Ok(more(bytes)),
                        Verdict::Likely | Verdict::No => {}
                    }
                    match message::begins(way, bytes) {
                        Verdict::Unsure => return Ok(more(bytes)),
                        Verdict::Yes => half.state = State::Head,
                        _ if way == Way::ToClient && self.pending.is_simple() => {
                            self.pending.answer();
                            return Ok(Progress::Skip { read: bytes.len(), ahead: ENDLESS });
                        }
                        _ => {
                            half.state = State::Seek;
                            return Err(Malformed { field: "http.start_line", at: 0 });
                        }
                    }
                }
                State::Seek => {
                    let within = bytes.get(..LINE_MAX).unwrap_or(bytes);
                    match message::looks(way, within) {
                        Verdict::Yes => half.state = State::Head,
                        Verdict::Unsure if within.len() < LINE_MAX => return Ok(more(bytes)),
                        _ => half.state = State::Pass,
                    }
                }
                State::Pass => return Ok(half.pass_to(State::Seek, State::Pass, bytes)),
                State::Head => return half.head(way, bytes, &mut self.pending, sink),
                State::LongHead(after, framing) => {
                    if let Some(progress) = half.long_head(after, framing, bytes, sink) {
                        return Ok(progress);
                    }
                }
                State::LongLine(after, framing) => {
                    return Ok(half.pass_to(State::LongHead(after, framing), half.state, bytes));
                }
                State::Chunk => return half.chunk(bytes),
                State::ChunkEnd => {
                    let read = match bytes {
                        [b'\n', ..] => 1,
                        [b'\r', b'\n', ..] => 2,
                        [b'\r'] => return Ok(Progress::Need(2)),
                        _ => {
                            half.state = State::Pass;
                            return Err(Malformed { field: "http.chunk_end", at: 0 });
                        }
                    };
                    half.state = State::Chunk;
                    return Ok(Progress::Read(read));
                }
                State::Trailer => match bytes {
                    [b'\r'] => return Ok(Progress::Need(2)),
                    [b'\r', b'\n', ..] | [b'\n', ..] => {
                        half.state = State::Start;
                        return Ok(Progress::Read(if bytes.first() == Some(&b'\r') { 2 } else { 1 }));
                    }
                    _ => half.state = State::TrailerLine,
                },
                State::TrailerLine => return Ok(half.pass_to(State::Trailer, State::TrailerLine, bytes)),
            }
        }
    }

    fn gap(&mut self, way: Way, n: u64) {
        if let Some(two) = &mut self.two {
            return two.gap(way, n);
        }
        let [to_server, to_client] = &mut self.halves;
        let half = match way {
            Way::ToServer => to_server,
            Way::ToClient => to_client,
        };
        half.cut = !matches!(half.state, State::Seek | State::Pass);
        half.searched = 0;
        half.judged = false;
        half.state = State::Seek;
        // What was asked, or what was answered, is not known any more.
        self.pending = Pending::default();
    }

    fn held(&self) -> usize {
        self.two.as_ref().map_or(0, |_| size_of::<Connection>())
    }
}

const fn more(bytes: &[u8]) -> Progress {
    Progress::Need(bytes.len().saturating_add(1))
}

impl Half {
    /// Passes a line; `within` while it has not ended.
    fn pass_to(&mut self, behind: State, within: State, bytes: &[u8]) -> Progress {
        match memchr(b'\n', bytes) {
            Some(at) => {
                self.state = behind;
                Progress::Read(at.saturating_add(1))
            }
            None => {
                self.state = within;
                Progress::Read(bytes.len())
            }
        }
    }

    fn head(
        &mut self,
        way: Way,
        bytes: &[u8],
        pending: &mut Pending,
        sink: &mut dyn Sink,
    ) -> Result<Progress, Malformed> {
        let within = bytes.get(..HEAD_MAX).unwrap_or(bytes);
        // The first line may be all there is: a request of HTTP/0.9, or one that is broken.
        if !self.judged {
            if memchr(b'\n', within.get(self.searched..).unwrap_or_default()).is_none() {
                self.searched = within.len();
                return if within.len() < HEAD_MAX { Ok(more(bytes)) } else { self.broken("http.line_length") };
            }
            let (line, lines) = split_line(within);
            match way {
                Way::ToServer => match message::request_line(line) {
                    Some(line) if line.version == SIMPLE => {
                        message::request(&line, b"", sink);
                        pending.ask(Awaited::Simple);
                        self.state = State::Start;
                        self.searched = 0;
                        return Ok(Progress::Read(within.len().saturating_sub(lines.len())));
                    }
                    Some(_) => {}
                    None => return self.broken("http.request_line"),
                },
                Way::ToClient if message::status_line(line).is_some() => {}
                Way::ToClient => return self.broken("http.status_line"),
            }
            self.judged = true;
        }
        let (end, whole) = match end_of_head(within, search_from(self.searched)) {
            Some(end) => (end, true),
            None if within.len() < HEAD_MAX => {
                self.searched = within.len();
                return Ok(more(bytes));
            }
            None => (memrchr(b'\n', within).map_or(HEAD_MAX, |at| at.saturating_add(1)), false),
        };
        self.searched = 0;
        self.judged = false;
        let (line, lines) = split_line(within.get(..end).unwrap_or_default());
        let (after, framing) = match way {
            Way::ToServer => {
                let Some(line) = message::request_line(line) else { return self.broken("http.request_line") };
                let framing = message::request(&line, lines, sink);
                pending.ask(match line.method {
                    b"HEAD" => Awaited::Head,
                    b"CONNECT" => Awaited::Connect,
                    _ => Awaited::Other,
                });
                (After::Request, framing)
            }
            Way::ToClient => {
                let Some((version, status)) = message::status_line(line) else {
                    return self.broken("http.status_line");
                };
                let framing = message::response(version, status, lines, sink);
                let awaited = if matches!(status, 100 | 102..=199) { Awaited::Other } else { pending.answer() };
                if status == 101 || awaited == Awaited::Connect && (200..300).contains(&status) {
                    return Ok(Progress::Over(end));
                }
                let bodiless = matches!(status, 100..=199 | 204 | 304) || awaited == Awaited::Head;
                (if bodiless { After::Bodiless } else { After::Response }, framing)
            }
        };
        if whole {
            return Ok(self.body(after, framing, end, sink));
        }
        sink.weird("http.head_length");
        self.state = State::LongHead(after, framing);
        Ok(Progress::Read(end))
    }

    fn broken(&mut self, field: &'static str) -> Result<Progress, Malformed> {
        self.searched = 0;
        self.judged = false;
        self.state = State::Pass;
        Err(Malformed { field, at: 0 })
    }

    /// What follows a head of which `read` bytes are still to be read.
    fn body(&mut self, after: After, framing: Framing, read: usize, sink: &mut dyn Sink) -> Progress {
        if framing.is_ambiguous() {
            sink.weird("http.ambiguity");
        }
        self.state = State::Start;
        match after {
            After::Bodiless => Progress::Read(read),
            _ if framing.chunked => {
                self.state = State::Chunk;
                Progress::Read(read)
            }
            _ => match (framing.length, after) {
                (Some(0), _) => Progress::Read(read),
                (Some(length), _) => Progress::Skip { read, ahead: length },
                (None, After::Response) => Progress::Skip { read, ahead: ENDLESS },
                // Where a body of no known length ends only the next request can tell.
                _ => {
                    if framing.broken {
                        self.state = State::Seek;
                    }
                    Progress::Read(read)
                }
            },
        }
    }

    /// A line behind the part of a head that was read: `None` where it is too long, and passed as such.
    fn long_head(&mut self, after: After, mut framing: Framing, bytes: &[u8], sink: &mut dyn Sink) -> Option<Progress> {
        let within = bytes.get(..LINE_MAX).unwrap_or(bytes);
        let Some(end) = memchr(b'\n', within).map(|at| at.saturating_add(1)) else {
            if within.len() < LINE_MAX {
                return Some(more(bytes));
            }
            sink.weird("http.line_length");
            self.state = State::LongLine(after, framing);
            return None;
        };
        let line = within.get(..end).unwrap_or_default();
        if split_line(line).0.is_empty() {
            return Some(self.body(after, framing, end, sink));
        }
        Fields::new(line).flatten().for_each(|field| framing.field(&field));
        self.state = State::LongHead(after, framing);
        Some(Progress::Read(end))
    }

    /// The size of a chunk (RFC 9112 7.1).
    fn chunk(&mut self, bytes: &[u8]) -> Result<Progress, Malformed> {
        let within = bytes.get(..CHUNK_LINE_MAX).unwrap_or(bytes);
        let Some(end) = memchr(b'\n', within).map(|at| at.saturating_add(1)) else {
            if within.len() < CHUNK_LINE_MAX {
                return Ok(more(bytes));
            }
            return self.broken("http.chunk_line");
        };
        let line = split_line(within.get(..end).unwrap_or_default()).0;
        let digits = line.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
        let size = digits.iter().try_fold(0u64, |size, digit| {
            let digit = hex(*digit)?;
            size.checked_mul(16)?.checked_add(u64::from(digit)).filter(|size| *size < ENDLESS)
        });
        match size.filter(|_| !digits.is_empty()) {
            Some(0) => {
                self.state = State::Trailer;
                Ok(Progress::Read(end))
            }
            Some(size) => {
                self.state = State::ChunkEnd;
                Ok(Progress::Skip { read: end, ahead: size })
            }
            None => self.broken("http.chunk_size"),
        }
    }
}
