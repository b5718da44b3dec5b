//! No text becomes a label but through `Plain::keep`.
fn main() {
    let _ = holter_phi::Label { bytes: [0; 64], len: 0 };
}
