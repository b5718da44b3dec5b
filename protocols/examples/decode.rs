//! Prints what a decoder says of recorded conversations: `decode dicom FILE.stream...`. For whoever writes a decoder.

#[path = "../tests/common/mod.rs"]
mod common;

#[allow(clippy::print_stdout, reason = "printing is what it is for")]
fn main() {
    let mut arguments = std::env::args().skip(1);
    let Some(name) = arguments.next() else { return println!("usage: decode PROTOCOL FILE...") };
    for path in arguments {
        let bytes = std::fs::read(&path).expect("a readable file");
        let tcp = path.ends_with(".stream");
        let sample = common::Sample {
            name: path.clone(),
            protocol: common::protocol(&name).name(),
            transport: if tcp { holter_protocols::Transport::Tcp } else { holter_protocols::Transport::Udp },
            chunks: if tcp { common::read_stream(&bytes) } else { vec![(holter_protocols::Way::ToServer, bytes)] },
        };
        println!("{path}");
        common::decode(&sample, |_| Vec::new()).iter().for_each(|line| println!("  {line}"));
    }
}
