//! The key under which people are counted cannot be read back.
fn main() {
    let key = holter_phi::TallyKey::new([0; 16]);
    let _ = key.0;
}
