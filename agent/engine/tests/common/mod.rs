//! An engine with keys that stay the same.

use holter_engine::{Config, Engine, Overlaps, Seeds, Zones};
use holter_phi::{Names, TallyKey};
use holter_terms::{Nanos, Zone};

pub(crate) const SECOND: Nanos = 1_000_000_000;

pub(crate) fn engine(hash: u8) -> Engine {
    let clinical = ("10.20.0.0/24".parse().expect("a network"), Zone::Clinical);
    let config = Config {
        zones: Zones::new([clinical]),
        learning: 0,
        midstream: true,
        overlaps: Overlaps::default(),
        verify_checksums: false,
    };
    let seeds = Seeds { hash: [hash; 16], names: Names::hashed([7; 32]), people: TallyKey::new([9; 16]) };
    Engine::new(config, seeds)
}
