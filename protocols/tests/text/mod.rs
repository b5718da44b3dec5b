//! Events as text, for tests: patient data as its presence only.

use holter_protocols::{Event, Malformed, Progress, Protocol, Sink, Value, Way};
use std::fmt::Write;

#[derive(Default)]
pub(crate) struct Lines(pub(crate) Vec<String>);

impl Sink for Lines {
    fn event(&mut self, event: &dyn Event) {
        let mut line = event.spec().name.to_owned();
        event.visit(&mut |field, value| {
            let name = field.name.rsplit('.').next().unwrap_or(field.name);
            let _ = match value {
                Value::Plain(plain) => write!(line, " {name}={}", String::from_utf8_lossy(plain.bytes()).trim()),
                Value::Phi(_) => write!(line, " {name}=*"),
                Value::Number(number) => write!(line, " {name}={number}"),
                Value::Flag(flag) => write!(line, " {name}={flag}"),
                Value::Address(address) => write!(line, " {name}={address}"),
                Value::Hardware(mac) => write!(line, " {name}={mac}"),
                Value::Codes(codes) => write!(line, " {name}={codes:?}"),
            };
        });
        self.0.push(line);
    }

    fn weird(&mut self, field: &'static str) {
        self.0.push(format!("weird {field}"));
    }
}

/// Feeds `bytes` in one direction as an engine would, `cut` bytes at a time; every error becomes a line.
pub(crate) fn stream(protocol: &dyn Protocol, parts: &[(Way, &[u8])], cut: usize) -> Vec<String> {
    let mut decoder = protocol.stream().expect("a stream protocol");
    let mut lines = Lines::default();
    let mut held = [Vec::new(), Vec::new()];
    let mut ahead = [0u64; 2];
    for &(way, bytes) in parts {
        for piece in bytes.chunks(cut.max(1)) {
            let held = &mut held[way.index()];
            let ahead = &mut ahead[way.index()];
            let skipped = (*ahead).min(piece.len() as u64);
            *ahead -= skipped;
            held.extend_from_slice(&piece[skipped as usize..]);
            let mut failed = 0;
            while !held.is_empty() {
                match decoder.feed(way, held, &mut lines) {
                    Ok(Progress::Read(n)) => {
                        assert!(n > 0 && n <= held.len(), "read {n} of {}", held.len());
                        held.drain(..n);
                        failed = 0;
                    }
                    Ok(Progress::Skip { read, ahead: more }) => {
                        assert!(read <= held.len() && (read > 0 || more > 0));
                        held.drain(..read);
                        let here = more.min(held.len() as u64);
                        held.drain(..here as usize);
                        *ahead = more - here;
                        failed = 0;
                    }
                    Ok(Progress::Need(n)) => {
                        assert!(n > held.len() && n <= holter_protocols::MAX_NEED, "needs {n}, has {}", held.len());
                        break;
                    }
                    Err(Malformed { field, .. }) => {
                        lines.0.push(format!("malformed {field}"));
                        failed += 1;
                        assert!(failed < 2, "{field} failed twice without reading");
                    }
                }
            }
        }
    }
    lines.0
}

pub(crate) fn datagram(protocol: &dyn Protocol, bytes: &[u8]) -> Vec<String> {
    let mut lines = Lines::default();
    if let Err(malformed) = protocol.datagram(Way::ToServer, bytes, &mut lines) {
        lines.0.push(format!("malformed {} at {}", malformed.field, malformed.at));
    }
    lines.0
}
