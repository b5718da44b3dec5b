use siphasher::sip::SipHasher24;
use std::fmt;
use std::hash::Hasher;

/// 2^12 registers: standard error 1.04 / sqrt(4096) = 1.6 %.
const REGISTER_BITS: u32 = 12;
const REGISTERS: usize = 1 << REGISTER_BITS;

/// The key under which people are counted. Sensors of one site share it; a collector never holds it, since with it a
/// sketch could be asked about one known person.
#[derive(Clone)]
pub struct TallyKey([u8; 16]);

impl TallyKey {
    pub const fn new(key: [u8; 16]) -> Self {
        TallyKey(key)
    }
}

impl fmt::Debug for TallyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TallyKey(..)")
    }
}

/// A count of distinct people (HyperLogLog). It cannot be asked for a member.
#[derive(Clone)]
pub struct Tally {
    key: TallyKey,
    registers: Box<[u8; REGISTERS]>,
}

impl Tally {
    pub fn new(key: TallyKey) -> Self {
        Tally { key, registers: Box::new([0; REGISTERS]) }
    }

    pub(crate) fn add(&mut self, person: &[u8]) {
        let mut hasher = SipHasher24::new_with_key(&self.key.0);
        for byte in person.trim_ascii() {
            hasher.write_u8(byte.to_ascii_uppercase());
        }
        let hash = hasher.finish();
        let rank = (hash << REGISTER_BITS | 1 << (REGISTER_BITS - 1)).leading_zeros() as u8 + 1;
        if let Some(register) = self.registers.get_mut((hash >> (64 - REGISTER_BITS)) as usize) {
            *register = (*register).max(rank);
        }
    }

    /// Counts everyone that `other` counted too. Only tallies under one key may be merged.
    pub fn merge(&mut self, other: &Tally) {
        for (mine, theirs) in self.registers.iter_mut().zip(other.registers.iter()) {
            *mine = (*mine).max(*theirs);
        }
    }

    /// How many distinct people were counted, about: linear counting while registers are free, HyperLogLog after.
    pub fn estimate(&self) -> u64 {
        let m = REGISTERS as f64;
        let free = self.registers.iter().filter(|&&register| register == 0).count();
        let sum: f64 = self.registers.iter().map(|&register| 2f64.powi(-i32::from(register))).sum();
        let raw = 0.7213 / (1.0 + 1.079 / m) * m * m / sum;
        let estimate = if raw <= 2.5 * m && free > 0 { m * (m / free as f64).ln() } else { raw };
        estimate.round() as u64
    }

    pub fn is_empty(&self) -> bool {
        self.registers.iter().all(|&register| register == 0)
    }

    pub fn clear(&mut self) {
        self.registers.fill(0);
    }
}

impl fmt::Debug for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tally(about {})", self.estimate())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Phi;

    fn count(people: impl Iterator<Item = u32>) -> Tally {
        let mut tally = Tally::new(TallyKey::new([3; 16]));
        people.for_each(|n| Phi::new(format!("PAT{n:06}").as_bytes()).tally(&mut tally));
        tally
    }

    #[test]
    fn a_count_is_within_three_standard_errors() {
        for n in [1u32, 30, 500, 5_000, 100_000] {
            let estimate = count(0..n).estimate() as f64;
            assert!((estimate - f64::from(n)).abs() <= (f64::from(n) * 0.0488).max(1.0), "{n}: {estimate}");
        }
    }

    #[test]
    fn a_person_is_counted_once_however_often_and_wherever_seen() {
        let mut tally = count((0..300).chain(0..300));
        assert_eq!(tally.estimate(), count(0..300).estimate());
        tally.merge(&count(200..400));
        assert_eq!(tally.estimate(), count(0..400).estimate());
    }

    #[test]
    fn nobody_is_counted_for_an_empty_field() {
        let mut tally = count(0..0);
        Phi::new(b"").tally(&mut tally);
        assert!(tally.is_empty());
    }
}
