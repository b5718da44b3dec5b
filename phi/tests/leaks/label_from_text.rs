//! A word that is not part of the program is no label.
fn main() {
    let name = String::from("DOE^JANE");
    let _ = holter_phi::Label::word(&name);
}
