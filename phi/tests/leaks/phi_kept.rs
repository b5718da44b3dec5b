//! Patient data does not outlive its packet.
struct Cache {
    last: Option<holter_phi::Phi<'static>>,
}

fn remember(cache: &mut Cache, packet: &[u8]) {
    cache.last = Some(holter_phi::Phi::new(packet));
}

fn main() {
    remember(&mut Cache { last: None }, b"DOE^JANE");
}
