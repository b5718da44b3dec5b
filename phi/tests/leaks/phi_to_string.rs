//! Patient data cannot be turned into text.
fn main() {
    let who = holter_phi::Phi::new(b"DOE^JANE");
    let _ = who.to_string();
}
