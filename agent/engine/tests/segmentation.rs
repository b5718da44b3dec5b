//! However a stream is divided, ordered and repeated on its way, it tells the same.
//!
//! `HOLTER_LONG=1` tries each sample 10,000 times.

mod common;

use common::{SECOND, engine};
use holter_engine::flow::Conversation;
use holter_engine::{Engine, Outlet};
use holter_phi::Label;
use holter_protocols::{Event, Way};
use holter_terms::{LinkType, Nanos};
use holter_wire::Record;
use std::path::{Path, PathBuf};

const SEGMENT: usize = 1460;
const MICROSECOND: Nanos = 1000;
const SYN: u8 = 2;
const PSH: u8 = 8;
const ACK: u8 = 16;
const FIN: u8 = 1;

/// Turns of a conversation: whether the server speaks, and what it says.
type Turns = Vec<(bool, Vec<u8>)>;

fn samples() -> Vec<(PathBuf, Turns)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../protocols/src");
    let mut paths = Vec::new();
    for protocol in std::fs::read_dir(folder).unwrap() {
        let Ok(samples) = std::fs::read_dir(protocol.unwrap().path().join("samples")) else { continue };
        paths.extend(samples.map(|sample| sample.unwrap().path()));
    }
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "stream"));
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), turns(&std::fs::read(path).unwrap()))).collect()
}

fn turns(mut rest: &[u8]) -> Turns {
    let mut turns = Vec::new();
    while let [mark, a, b, c, d, after @ ..] = rest {
        let (said, after) = after.split_at(u32::from_be_bytes([*a, *b, *c, *d]) as usize);
        turns.push((*mark == b'<', said.to_vec()));
        rest = after;
    }
    turns
}

/// Numbers that look random and are the same in each run: xorshift64*.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    /// Below `n`.
    fn below(&mut self, n: usize) -> usize {
        self.roll() as usize % n.max(1)
    }

    fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.below(at + 1));
        }
    }
}

#[derive(Default)]
struct Events(Vec<String>);

impl Outlet for Events {
    fn event(&mut self, _: Nanos, conversation: &Conversation, way: Way, event: &dyn Event) {
        let mut text = format!("{:?} {way:?} {}", conversation.protocol, event.spec().name);
        event.visit(&mut |field, value| text.push_str(&format!(" {}={value:?}", field.name)));
        self.0.push(text);
    }

    fn record(&mut self, _: Record<Label>) {}
}

/// One conversation on its way through an engine.
struct Talk<'a> {
    engine: &'a mut Engine,
    events: Events,
    now: Nanos,
    port: u16,
    id: u16,
    /// The next number of client and server.
    next: [u32; 2],
}

impl Talk<'_> {
    fn frame(&mut self, back: bool, at: u32, flags: u8, payload: &[u8]) -> Vec<u8> {
        let (from, to) = if back { (2, 1) } else { (1, 2) };
        let mut frame = vec![2, 0, 0, 0, 0, to, 2, 0, 0, 0, 0, from, 8, 0, 0x45, 0];
        frame.extend(u16::try_from(40 + payload.len()).unwrap().to_be_bytes());
        frame.extend(self.id.to_be_bytes());
        frame.extend([0, 0, 64, 6, 0, 0, 10, 20, 0, from, 10, 20, 0, to]);
        let ports = if back { [4242, self.port] } else { [self.port, 4242] };
        ports.iter().for_each(|port| frame.extend(port.to_be_bytes()));
        frame.extend(at.to_be_bytes());
        frame.extend(self.next[usize::from(!back)].to_be_bytes());
        frame.extend([0x50, flags, 0x20, 0, 0, 0, 0, 0]);
        frame.extend(payload);
        self.id = self.id.wrapping_add(1);
        frame
    }

    fn show(&mut self, frame: &[u8]) {
        self.now += 10 * MICROSECOND;
        self.engine.frame(self.now, LinkType::ETHERNET, frame, &mut self.events);
    }

    /// A segment without data that takes up a number.
    fn mark(&mut self, back: bool, flags: u8) {
        let frame = self.frame(back, self.next[usize::from(back)], flags, b"");
        self.show(&frame);
        self.next[usize::from(back)] = self.next[usize::from(back)].wrapping_add(1);
    }

    fn acknowledge(&mut self, back: bool) {
        let frame = self.frame(back, self.next[usize::from(back)], ACK, b"");
        self.show(&frame);
    }
}

/// How the bytes of a turn are divided and in which order they are sent.
type Division<'a> = &'a mut dyn FnMut(usize) -> Vec<(usize, usize, bool)>;

/// What a sample tells; `division` gives parts of a turn, and whether each is shown twice.
fn told(
    engine: &mut Engine,
    start: (Nanos, u16),
    first: [u32; 2],
    turns: &Turns,
    division: Division<'_>,
) -> Vec<String> {
    let (now, port) = start;
    let mut talk = Talk { engine, events: Events::default(), now, port, id: 1, next: first };
    talk.mark(false, SYN);
    talk.mark(true, SYN | ACK);
    talk.acknowledge(false);
    for (back, said) in turns {
        let place = talk.next[usize::from(*back)];
        for (from, to, twice) in division(said.len()) {
            let flags = if to == said.len() { ACK | PSH } else { ACK };
            let frame = talk.frame(*back, place.wrapping_add(from as u32), flags, &said[from..to]);
            talk.show(&frame);
            if twice {
                talk.show(&frame);
            }
        }
        talk.next[usize::from(*back)] = place.wrapping_add(said.len() as u32);
        talk.acknowledge(!back);
    }
    talk.mark(false, FIN | ACK);
    talk.mark(true, FIN | ACK);
    talk.acknowledge(false);
    talk.events.0
}

fn in_order(length: usize) -> Vec<(usize, usize, bool)> {
    (0..length).step_by(SEGMENT).map(|from| (from, (from + SEGMENT).min(length), false)).collect()
}

fn scrambled(dice: &mut Dice, length: usize) -> Vec<(usize, usize, bool)> {
    if length == 0 {
        return Vec::new();
    }
    let longest = match dice.below(4) {
        0 => 1 + dice.below(4),
        1 => 1 + dice.below(64),
        _ => 1 + dice.below(SEGMENT),
    };
    // Long turns in tiny parts would take the machine for hours.
    let longest = longest.max(length / 400 + 1).min(SEGMENT);
    let mut parts = Vec::new();
    let mut from = 0;
    while from < length {
        let to = (from + 1 + dice.below(longest)).min(length);
        parts.push((from, to, false));
        from = to;
    }
    for _ in 0..dice.below(parts.len() / 2 + 2) {
        let from = dice.below(length);
        let to = (from + 1 + dice.below(SEGMENT)).min(length);
        let at = dice.below(parts.len() + 1);
        parts.insert(at, (from, to, false));
    }
    match dice.below(4) {
        0 => {}
        1 => parts.reverse(),
        2 => {
            // Neighbours change places, as they do on two paths.
            for at in 1..parts.len() {
                if dice.below(3) == 0 {
                    parts.swap(at - 1, at);
                }
            }
        }
        _ => dice.shuffle(&mut parts),
    }
    parts.iter().map(|&(from, to, _)| (from, to, dice.below(5) == 0)).collect()
}

#[test]
fn random_divisions_orders_and_repetitions_of_every_stream_tell_the_same() {
    let long = std::env::var("HOLTER_LONG").is_ok_and(|long| long == "1");
    let tries = if long { 10_000 } else { 40 };
    let samples = samples();
    let count = samples.len();
    assert!(count >= 10, "{count} samples");
    let (mut wrong, mut silent) = (Vec::new(), 0);
    for (path, turns) in samples {
        let mut engine = engine(1);
        let expected = told(&mut engine, (SECOND, 1024), [1, 1], &turns, &mut in_order);
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
        for n in 1..=tries {
            let seed = dice.roll() | 1;
            let mut own = Dice(seed);
            let first = [own.roll() as u32, own.roll() as u32];
            let start = (SECOND + Nanos::from(n) * SECOND / 2, 1025 + u16::try_from(n % 60_000).unwrap());
            let told = told(&mut engine, start, first, &turns, &mut |length| scrambled(&mut own, length));
            if told != expected {
                let differs = told.iter().zip(&expected).find(|(told, expected)| told != expected);
                let (some, all) = (told.len(), expected.len());
                wrong.push(format!("{}, try {n}: {some} events for {all}, first {differs:?}", path.display()));
                break;
            }
        }
        silent += usize::from(expected.is_empty());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(silent * 5 <= count, "{silent} samples of {count} tell nothing");
}

#[test]
fn the_port_that_a_client_drew_decides_nothing() {
    // 2525 is usual for SMTP, whose greeting looks like that of FTP.
    for (path, turns) in samples().into_iter().filter(|(path, _)| path.to_string_lossy().contains("ftp")) {
        let mut engine = engine(1);
        let expected = told(&mut engine, (SECOND, 50_000), [1, 1], &turns, &mut in_order);
        let drawn = told(&mut engine, (2 * SECOND, 2525), [1, 1], &turns, &mut in_order);
        assert!(!expected.is_empty() && drawn == expected, "{}", path.display());
    }
}
