//! Patient data cannot be part of anything that is serialised.
#[derive(serde::Serialize)]
struct Row<'a> {
    who: holter_phi::Phi<'a>,
}

fn main() {}
