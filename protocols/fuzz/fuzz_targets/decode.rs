//! One decoder, named by `HOLTER_DECODER`, fed with records of the form of `samples/*.stream`.
#![no_main]

#[path = "../../tests/common/mod.rs"]
mod common;

use common::{Random, Sample, mutate};
use holter_protocols::{ALL, Protocol, Transport, Way};
use libfuzzer_sys::fuzz_target;
use std::sync::OnceLock;

static DECODER: OnceLock<&'static dyn Protocol> = OnceLock::new();

fuzz_target!(|data: &[u8]| {
    let protocol = *DECODER.get_or_init(|| {
        let name = std::env::var("HOLTER_DECODER").expect("HOLTER_DECODER names a decoder");
        *ALL.iter().find(|protocol| protocol.name() == name).expect("a decoder of that name")
    });
    let mut chunks = Vec::new();
    let mut rest = data;
    while let [mark, a, b, c, d, after @ ..] = rest {
        let way = if *mark == b'<' { Way::ToClient } else { Way::ToServer };
        let length = (u32::from_be_bytes([*a, *b, *c, *d]) as usize).min(after.len());
        let (chunk, after) = after.split_at(length);
        chunks.push((way, chunk.to_vec()));
        rest = after;
    }
    for transport in protocol.transports() {
        let sample =
            Sample { name: String::new(), protocol: protocol.name(), transport: *transport, chunks: chunks.clone() };
        // UDP stands for whatever has no streams.
        let transport = if *transport == Transport::Tcp { Transport::Tcp } else { Transport::Udp };
        mutate::execute(protocol, &Sample { transport, ..sample }, &mut Random(data.len() as u64 | 1));
    }
});
