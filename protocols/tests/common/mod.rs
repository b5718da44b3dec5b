//! What the tests share: samples, an engine in miniature that keeps the contract of a stream decoder, and events as
//! text. Each test binary uses a part of it.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part of it")]

pub mod ber;
pub mod dicom;
pub mod mutate;
pub mod timing;

use holter_protocols::{
    ALL, Decoder, Event, Kind, Malformed, Progress, Protocol, Session, Sink, Transport, Value, Way,
};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Bytes of one direction, in the order in which they were sent.
pub type Chunk = (Way, Vec<u8>);

/// A recorded conversation, or one datagram.
#[derive(Clone, Debug)]
pub struct Sample {
    pub name: String,
    pub protocol: &'static str,
    pub transport: Transport,
    pub chunks: Vec<Chunk>,
}

pub fn protocol(name: &str) -> &'static dyn Protocol {
    *ALL.iter().find(|protocol| protocol.name() == name).expect("in the table")
}

pub fn folder(protocol: &dyn Protocol) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(protocol.name())
}

/// A `.stream` file, or a `.datagrams` file: records of `>` (to the server) or `<`, a big-endian length of four bytes, and the bytes.
pub fn read_stream(bytes: &[u8]) -> Vec<Chunk> {
    let mut rest = bytes;
    let mut chunks = Vec::new();
    while let [mark, a, b, c, d, after @ ..] = rest {
        let way = if *mark == b'>' { Way::ToServer } else { Way::ToClient };
        let (chunk, after) = after.split_at(u32::from_be_bytes([*a, *b, *c, *d]) as usize);
        chunks.push((way, chunk.to_vec()));
        rest = after;
    }
    assert!(rest.is_empty(), "a cut stream file");
    chunks
}

/// Every sample of a protocol, in the order of their names.
pub fn samples(protocol: &'static dyn Protocol) -> Vec<Sample> {
    samples_in(&folder(protocol).join("samples"), protocol)
}

/// Inputs of the same form that `make fuzz` kept because they broke something.
pub fn kept(protocol: &'static dyn Protocol) -> Vec<Sample> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(protocol.name());
    if folder.is_dir() { samples_in(&folder, protocol) } else { Vec::new() }
}

fn samples_in(folder: &Path, protocol: &'static dyn Protocol) -> Vec<Sample> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("a folder of samples")
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.extension().is_some_and(|extension| extension != "md"))
        .collect();
    files.sort();
    files
        .into_iter()
        .map(|path| {
            let bytes = std::fs::read(&path).expect("readable");
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            let way = if name.contains("-reply") { Way::ToClient } else { Way::ToServer };
            let (transport, chunks) = if name.ends_with(".stream") {
                (Transport::Tcp, read_stream(&bytes))
            } else if name.ends_with(".datagrams") {
                (Transport::Udp, read_stream(&bytes))
            } else {
                // Of a protocol without ports, samples are of its first transport.
                let bare = protocol.transports().iter().find(|transport| !transport.has_ports());
                (bare.copied().unwrap_or(Transport::Udp), vec![(way, bytes)])
            };
            Sample { name, protocol: protocol.name(), transport, chunks }
        })
        .collect()
}

pub fn all_samples() -> Vec<Sample> {
    ALL.iter().flat_map(|protocol| samples(*protocol)).collect()
}

/// An event as one line. Patient data shows only that it is there.
pub fn line(event: &dyn Event) -> String {
    let mut text = event.spec().name.to_owned();
    event.visit(&mut |field, value| {
        let _ = write!(text, " {}=", field.name);
        let _ = match value {
            Value::Plain(plain) => write!(text, "{:?}", String::from_utf8_lossy(plain.bytes())),
            Value::Phi(phi) => write!(text, "{phi:?}"),
            Value::Number(number) => write!(text, "{number}"),
            Value::Flag(flag) => write!(text, "{flag}"),
            Value::Address(address) => write!(text, "{address}"),
            Value::Hardware(mac) => write!(text, "{mac}"),
            Value::Codes(codes) => write!(text, "{codes:?}"),
        };
    });
    text
}

/// Collects events as lines and checks that each is one that its protocol declared.
#[derive(Default)]
pub struct Lines {
    pub lines: Vec<String>,
    pub declared: Option<&'static dyn Protocol>,
    /// Everything that `Debug` says of the events.
    pub debug: String,
    /// The bytes of every `Plain` value.
    pub plain: Vec<u8>,
}

impl Sink for Lines {
    fn event(&mut self, event: &dyn Event) {
        if let Some(protocol) = self.declared {
            let spec = event.spec();
            assert!(protocol.events().iter().any(|known| known.is(spec)), "{} is not declared", spec.name);
        }
        event.visit(&mut |field, value| {
            let _ = write!(self.debug, "{}={value:?} ", field.name);
            let fits = match value {
                Value::Plain(plain) => {
                    self.plain.extend_from_slice(plain.bytes());
                    self.plain.push(b'\n');
                    field.kind == Kind::Plain && field.because == Some(plain.because())
                }
                Value::Phi(_) => field.kind == Kind::Phi,
                Value::Flag(_) => field.kind == Kind::Flag,
                Value::Address(_) => field.kind == Kind::Address,
                Value::Hardware(_) => field.kind == Kind::Hardware,
                Value::Codes(_) => field.kind == Kind::Codes,
                Value::Number(_) => {
                    use Kind::*;
                    matches!(field.kind, Count | Size | Code | Port | Seconds | Transaction)
                }
            };
            assert!(fits, "{} shows what it did not declare", field.name);
        });
        self.lines.push(line(event));
    }

    fn weird(&mut self, field: &'static str) {
        self.lines.push(format!("weird {field}"));
    }
}

impl Lines {
    /// Whether anything that is said holds `text`, in whatever case.
    pub fn shows(&self, text: &str) -> bool {
        let said = format!("{}\n{}\n{}", self.lines.join("\n"), self.debug, String::from_utf8_lossy(&self.plain));
        said.to_ascii_uppercase().contains(&text.to_ascii_uppercase())
    }
}

/// What is said of one datagram, or one packet without ports, on its way to the server.
pub fn hear(protocol: &'static dyn Protocol, bytes: &[u8]) -> Lines {
    let mut lines = Lines { declared: Some(protocol), ..Lines::default() };
    if let Err(malformed) = Hears::new(protocol).datagram(Way::ToServer, bytes, &mut lines) {
        assert!(malformed.at <= bytes.len(), "{malformed:?} of {}", bytes.len());
        let _ = write!(lines.debug, "{malformed:?}");
        lines.weird(malformed.field);
    }
    lines
}

/// The bytes of a sample of one datagram.
pub fn sample(protocol: &'static dyn Protocol, name: &str) -> Vec<u8> {
    std::fs::read(folder(protocol).join("samples").join(name)).expect("a sample")
}

/// Says nothing: for the tests that measure.
pub struct Silent;

impl Sink for Silent {
    fn event(&mut self, event: &dyn Event) {
        event.visit(&mut |_, value| {
            std::hint::black_box(&value);
        });
    }

    fn weird(&mut self, _field: &'static str) {}
}

/// The datagrams of one conversation.
pub struct Hears {
    protocol: &'static dyn Protocol,
    session: Option<Box<dyn Session>>,
}

impl Hears {
    pub fn new(protocol: &'static dyn Protocol) -> Hears {
        Hears { protocol, session: protocol.session() }
    }

    pub fn datagram(&mut self, way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
        match &mut self.session {
            Some(session) => session.datagram(way, bytes, sink),
            None => self.protocol.datagram(way, bytes, sink),
        }
    }

    pub fn held(&self) -> usize {
        self.session.as_ref().map_or(0, |session| session.held())
    }
}

/// The engine in miniature: keeps what a decoder needs and skips what it does not want to see.
pub struct Feed {
    pub decoder: Box<dyn Decoder>,
    kept: [Vec<u8>; 2],
    ahead: [u64; 2],
    needs: [usize; 2],
    pub malformed: Vec<Malformed>,
    /// The decoder said that another protocol follows: it is fed no more.
    pub over: bool,
    /// Bytes of both directions that the decoder was never shown.
    pub unseen: u64,
    pub calls: u64,
}

impl Feed {
    pub fn new(protocol: &dyn Protocol) -> Feed {
        Feed::with(protocol.stream().expect("a stream decoder"))
    }

    pub fn with(decoder: Box<dyn Decoder>) -> Feed {
        Feed {
            decoder,
            kept: Default::default(),
            ahead: [0; 2],
            needs: [0; 2],
            malformed: Vec::new(),
            over: false,
            unseen: 0,
            calls: 0,
        }
    }

    /// Bytes that the engine keeps because the decoder asked for more.
    pub fn kept(&self) -> usize {
        self.kept.iter().map(Vec::len).sum()
    }

    pub fn bytes(&mut self, way: Way, bytes: &[u8], sink: &mut dyn Sink) {
        if self.over {
            return;
        }
        let side = way.index();
        let skipped = (self.ahead[side].min(bytes.len() as u64)) as usize;
        self.ahead[side] -= skipped as u64;
        self.unseen += skipped as u64;
        let bytes = &bytes[skipped..];
        if self.kept[side].is_empty() {
            let read = self.run(way, bytes, sink);
            self.kept[side].extend_from_slice(bytes.get(read..).unwrap_or_default());
        } else {
            let mut kept = std::mem::take(&mut self.kept[side]);
            kept.extend_from_slice(bytes);
            let read = if kept.len() >= self.needs[side] { self.run(way, &kept, sink) } else { 0 };
            kept.drain(..read.min(kept.len()));
            self.kept[side] = kept;
        }
    }

    /// Feeds all of `bytes` that the decoder takes; returns how many.
    fn run(&mut self, way: Way, bytes: &[u8], sink: &mut dyn Sink) -> usize {
        let mut at = 0;
        let mut failed = false;
        while at < bytes.len() && !self.over {
            let rest = &bytes[at..];
            self.calls += 1;
            match self.decoder.feed(way, rest, sink) {
                Ok(Progress::Read(n)) => {
                    assert!(n > 0 && n <= rest.len(), "read {n} of {}", rest.len());
                    at += n;
                    failed = false;
                }
                Ok(Progress::Skip { read, ahead }) => {
                    assert!(read <= rest.len() && read as u64 + ahead > 0);
                    at += read;
                    let here = ahead.min((bytes.len() - at) as u64) as usize;
                    at += here;
                    self.unseen += here as u64;
                    self.ahead[way.index()] = ahead - here as u64;
                    failed = false;
                }
                Ok(Progress::Over(n)) => {
                    assert!(n <= rest.len(), "over after {n} of {}", rest.len());
                    self.over = true;
                    at = bytes.len();
                }
                Ok(Progress::Need(n)) => {
                    assert!(n > rest.len() && n <= holter_protocols::MAX_NEED, "needs {n}, has {}", rest.len());
                    self.needs[way.index()] = n;
                    break;
                }
                Err(malformed) => {
                    assert!(!failed, "fails twice without reading: {malformed:?}");
                    assert!(malformed.at <= rest.len(), "{malformed:?} of {}", rest.len());
                    failed = true;
                    sink.weird(malformed.field);
                    self.malformed.push(malformed);
                }
            }
        }
        at
    }

    /// `n` bytes are lost; what was kept is given up with them.
    pub fn gap(&mut self, way: Way, n: u64) {
        let side = way.index();
        let skipped = self.ahead[side].min(n);
        self.ahead[side] -= skipped;
        let n = n - skipped + self.kept[side].len() as u64;
        self.kept[side].clear();
        if n > 0 {
            self.decoder.gap(way, n);
        }
    }
}

/// The events of a sample, each chunk cut as `cut` says.
pub fn decode(sample: &Sample, mut cut: impl FnMut(&[u8]) -> Vec<usize>) -> Vec<String> {
    let protocol = protocol(sample.protocol);
    let mut lines = Lines { declared: Some(protocol), ..Lines::default() };
    match sample.transport {
        Transport::Tcp => {
            let mut feed = Feed::new(protocol);
            for (way, bytes) in &sample.chunks {
                let mut rest = &bytes[..];
                for size in cut(bytes) {
                    let (piece, after) = rest.split_at(size.clamp(1, rest.len().max(1)).min(rest.len()));
                    feed.bytes(*way, piece, &mut lines);
                    rest = after;
                }
                feed.bytes(*way, rest, &mut lines);
            }
        }
        _ => {
            let mut hears = Hears::new(protocol);
            for (way, bytes) in &sample.chunks {
                if let Err(malformed) = hears.datagram(*way, bytes, &mut lines) {
                    lines.weird(malformed.field);
                }
            }
        }
    }
    lines.lines
}

/// The events of one direction's bytes.
pub fn one_way(protocol: &dyn Protocol, bytes: &[u8]) -> (Vec<String>, Feed) {
    let mut lines = Lines::default();
    let mut feed = Feed::new(protocol);
    feed.bytes(Way::ToServer, bytes, &mut lines);
    (lines.lines, feed)
}

/// A small generator (xorshift64*), seeded by each test so that a failure can be repeated.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
}

/// Our own clinical captures, where they are at hand.
pub fn shared() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
    std::env::var_os("HOLTER_SHARED")
        .map(PathBuf::from)
        .into_iter()
        .chain([root.join("../shared"), root.join("../../shared")])
        .find(|path| path.join("corpus").is_dir())
}
