//! A label cannot be read back from anywhere.
fn needs<T: serde::de::DeserializeOwned>() {}

fn main() {
    needs::<holter_phi::Label>();
}
