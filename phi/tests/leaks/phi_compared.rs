//! Patient data cannot be compared: equality would answer whether it is a given person.
fn main() {
    let who = holter_phi::Phi::new(b"DOE^JANE");
    let _ = who == holter_phi::Phi::new(b"DOE^JOHN");
}
