//! A protocol small enough to be right by looking at it.
//!
//! A message is `T`, a kind (`r` read, `s` skipped), a length of two bytes and a body of lower-case letters. A decoder
//! that has lost its place goes on at the next `T`.

use holter_protocols::event::{Code, Size};
use holter_protocols::{Decoder, EventSpec, Malformed, Progress, Protocol, Sink, Transport, Verdict, Way, event};

event! {
    /// A message.
    pub struct Message in message = "toy.message" {
        /// Its length.
        length: Size = "toy.length" (Size),
        /// The sum of its body, 0 where the body was skipped.
        sum: Code = "toy.sum" (Code),
    }
}

pub(crate) struct Toy;

pub(crate) static TABLE: &[&dyn Protocol] = &[&Toy];

const HEADER: usize = 4;

impl Protocol for Toy {
    fn word(&self) -> holter_terms::Protocol {
        holter_terms::Protocol::Dicom
    }

    fn name(&self) -> &'static str {
        "toy"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Tcp, Transport::Udp]
    }

    fn ports(&self) -> &'static [u16] {
        &[104]
    }

    fn probe(&self, _: Transport, _: Way, bytes: &[u8]) -> Verdict {
        match bytes {
            [b'T', b'r' | b's', _, _, ..] => Verdict::Yes,
            [b'T'] | [b'T', b'r' | b's'] | [b'T', b'r' | b's', _] => Verdict::Unsure,
            _ => Verdict::No,
        }
    }

    fn stream(&self) -> Option<Box<dyn Decoder>> {
        Some(Box::new(ToyDecoder { lost: [false; 2] }))
    }

    fn datagram(&self, _: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
        if bytes.len() < HEADER {
            return Err(Malformed { field: "toy.header", at: bytes.len() });
        }
        sink.event(&Message { length: Size((bytes.len() - HEADER) as u64), sum: Code(0) });
        Ok(())
    }

    fn events(&self) -> &'static [&'static EventSpec] {
        static EVENTS: [&EventSpec; 1] = [&message::SPEC];
        &EVENTS
    }
}

struct ToyDecoder {
    lost: [bool; 2],
}

impl Decoder for ToyDecoder {
    fn feed(&mut self, way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<Progress, Malformed> {
        let lost = &mut self.lost[way.index()];
        if *lost {
            return Ok(match bytes.iter().position(|byte| *byte == b'T') {
                Some(0) => {
                    *lost = false;
                    return self.feed(way, bytes, sink);
                }
                Some(at) => Progress::Read(at),
                None => Progress::Read(bytes.len()),
            });
        }
        if bytes.len() < HEADER {
            return Ok(Progress::Need(HEADER));
        }
        let length = usize::from(u16::from_be_bytes([bytes[2], bytes[3]]));
        match (bytes[0], bytes[1]) {
            (b'T', b's') => {
                sink.event(&Message { length: Size(length as u64), sum: Code(0) });
                Ok(Progress::Skip { read: HEADER, ahead: length as u64 })
            }
            (b'T', b'r') if bytes.len() < HEADER + length => Ok(Progress::Need(HEADER + length)),
            (b'T', b'r') => {
                let sum = bytes[HEADER..HEADER + length].iter().map(|byte| u64::from(*byte)).sum();
                sink.event(&Message { length: Size(length as u64), sum: Code(sum) });
                Ok(Progress::Read(HEADER + length))
            }
            _ => {
                *lost = true;
                Err(Malformed { field: "toy.header", at: 0 })
            }
        }
    }

    fn gap(&mut self, way: Way, _: u64) {
        self.lost[way.index()] = true;
    }

    fn held(&self) -> usize {
        0
    }
}

pub(crate) fn read(length: usize, letter: u8) -> Vec<u8> {
    message(b'r', length, letter)
}

pub(crate) fn skipped(length: usize) -> Vec<u8> {
    message(b's', length, b'x')
}

fn message(kind: u8, length: usize, letter: u8) -> Vec<u8> {
    assert!(letter.is_ascii_lowercase());
    let [high, low] = u16::try_from(length).unwrap().to_be_bytes();
    let mut bytes = vec![b'T', kind, high, low];
    bytes.resize(HEADER + length, letter);
    bytes
}
