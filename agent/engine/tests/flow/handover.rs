//! Conversations of which another protocol takes over, as the decoders' own samples have them.

use crate::talk::{CLIENT, MILLISECOND, SECOND, SERVER, packet};
use holter_engine::flow::{Close, Conversation, FlowSink, Flows, Limits};
use holter_engine::link::{Flags, Packet, Tcp, Transport};
use holter_protocols::{Event, Malformed, Way};
use holter_terms::{Nanos, Protocol};
use std::path::Path;

#[derive(Default)]
struct Heard {
    recognised: Vec<Protocol>,
    events: Vec<&'static str>,
}

impl FlowSink for Heard {
    fn recognised(&mut self, conversation: &Conversation) {
        self.recognised.push(conversation.protocol);
    }

    fn event(&mut self, _: &Conversation, _: Way, event: &dyn Event) {
        self.events.push(event.spec().name);
    }

    fn malformed(&mut self, _: &Conversation, malformed: Malformed) {
        self.events.push(malformed.field);
    }

    fn weird(&mut self, _: &Conversation, what: &'static str) {
        self.events.push(what);
    }

    fn opened(&mut self, _: &Conversation) {}

    fn closed(&mut self, _: &Conversation, _: Close) {}

    fn packet(&mut self, _: Nanos, _: &Packet<'_>) {}
}

fn sample(name: &str) -> Vec<(Way, Vec<u8>)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../protocols/src").join(name);
    let bytes = std::fs::read(path).expect("a sample");
    let mut rest = &bytes[..];
    let mut chunks = Vec::new();
    while let [mark, a, b, c, d, after @ ..] = rest {
        let (chunk, after) = after.split_at(u32::from_be_bytes([*a, *b, *c, *d]) as usize);
        chunks.push((if *mark == b'>' { Way::ToServer } else { Way::ToClient }, chunk.to_vec()));
        rest = after;
    }
    chunks
}

fn hear(chunks: &[(Way, Vec<u8>)]) -> Heard {
    let mut heard = Heard::default();
    let mut flows = Flows::new(Limits::default(), [7; 16]);
    let mut next = [1000u32, 500_000];
    let mut now = SECOND;
    let opening = [(Way::ToServer, Flags::SYN), (Way::ToClient, Flags::SYN.and(Flags::ACK))];
    let data = chunks.iter().map(|(way, bytes)| (*way, Flags::ACK.and(Flags::PSH), &bytes[..]));
    for (way, flags, payload) in opening.into_iter().map(|(way, flags)| (way, flags, &b""[..])).chain(data) {
        let (from, to) = if way == Way::ToServer { (CLIENT, SERVER) } else { (SERVER, CLIENT) };
        let (sequence, acknowledgment) = (next[way.index()], next[way.other().index()]);
        let tcp = Tcp {
            source: from.1,
            destination: to.1,
            sequence,
            acknowledgment,
            flags,
            window: 8192,
            urgent: 0,
            options: &[],
            payload,
            cut: 0,
        };
        now += MILLISECOND;
        flows.segment(now, &packet(from.0, to.0, Transport::Tcp(tcp)), &mut heard);
        next[way.index()] += payload.len().max(usize::from(flags != Flags::ACK.and(Flags::PSH))) as u32;
    }
    flows.finish(&mut heard);
    heard
}

#[test]
fn tls_behind_another_protocol_is_read_by_its_own_decoder() {
    let hello = sample("tls/samples/tls13.stream");
    for (name, before) in [
        ("smtp/samples/starttls.stream", Protocol::Smtp),
        ("ftp/samples/tls.stream", Protocol::Ftp),
        ("rdp/samples/tls.stream", Protocol::Rdp),
        ("vnc/samples/vencrypt.stream", Protocol::Vnc),
        ("vnc/samples/tls.stream", Protocol::Vnc),
    ] {
        let mut chunks = sample(name);
        // The samples end with what may be the beginning of a hello; a whole one stands in its place.
        let (way, last) = chunks.last_mut().expect("a sample that says something");
        assert_eq!(*way, Way::ToServer, "{name}");
        let begins = last.windows(2).position(|two| two == [0x16, 3]).expect("TLS");
        last.truncate(begins);
        if last.is_empty() {
            chunks.pop();
        }
        chunks.extend(hello.clone());
        let heard = hear(&chunks);
        assert_eq!(heard.recognised, [before, Protocol::Tls], "{name}");
        for event in ["tls.client_hello", "tls.server_hello"] {
            assert!(heard.events.contains(&event), "{name}: {:?}", heard.events);
        }
    }
}

#[test]
fn a_session_without_tls_stays_with_its_protocol() {
    for (name, protocol) in [
        ("rdp/samples/standard.stream", Protocol::Rdp),
        ("rdp/samples/refused.stream", Protocol::Rdp),
        ("vnc/samples/authenticated.stream", Protocol::Vnc),
        ("vnc/samples/logon.stream", Protocol::Vnc),
    ] {
        assert_eq!(hear(&sample(name)).recognised, [protocol], "{name}");
    }
}
