//! A count of people cannot be asked for a member.
fn main() {
    let tally = holter_phi::Tally::new(holter_phi::TallyKey::new([0; 16]));
    let _ = tally.registers;
}
