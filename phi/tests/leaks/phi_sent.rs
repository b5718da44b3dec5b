//! Patient data does not leave the thread that decodes.
fn main() {
    let who = holter_phi::Phi::new(b"DOE^JANE");
    std::thread::spawn(move || drop(who));
}
