//! Patient data cannot be borrowed as bytes.
fn main() {
    let who = holter_phi::Phi::new(b"DOE^JANE");
    let _: &[u8] = who.as_ref();
}
