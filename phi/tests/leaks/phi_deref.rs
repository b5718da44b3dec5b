//! Patient data does not dereference to its bytes.
fn main() {
    let who = holter_phi::Phi::new(b"DOE^JANE");
    let _: &[u8] = *who;
}
