//! The bytes of patient data are a private field.
fn main() {
    let who = holter_phi::Phi::new(b"DOE^JANE");
    let _ = who.bytes.to_vec();
}
