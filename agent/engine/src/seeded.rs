use siphasher::sip::SipHasher13;
use std::hash::BuildHasher;

/// Hashes keys that the network chooses under a seed that it cannot know.
#[derive(Clone, Copy)]
pub(crate) struct Seeded([u8; 16]);

impl Seeded {
    pub(crate) const fn new(seed: [u8; 16]) -> Self {
        Seeded(seed)
    }
}

impl BuildHasher for Seeded {
    type Hasher = SipHasher13;

    fn build_hasher(&self) -> SipHasher13 {
        SipHasher13::new_with_key(&self.0)
    }
}
