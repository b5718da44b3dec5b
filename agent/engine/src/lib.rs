//! The engine: frames in, records out. Pure: told the time, handed its randomness.
//!
//! [`link`] takes the wrapping off a frame, [`flow`] makes conversations of packets and events of conversations, and
//! the rest makes of them what is worth telling: [`devices`] and the evidence about them, findings, and a summary of
//! each minute. Everything the network can make grow has a bound and a counter; nothing that is told depends on the
//! order of a hash table.

mod acts;
mod aged;
pub mod devices;
mod engine;
mod faces;
pub mod flow;
pub mod link;
pub mod metrics;
mod neighbours;
mod overlap;
mod seeded;
mod sense;
mod stacks;
mod told;
mod totals;
pub mod window;
mod zones;

/// The rules by which machines are known, and what a site may bring.
pub mod fingerprints {
    pub use holter_evidence::{
        BYTES_MAX, Brought, DataError, FILE_BYTES_MAX, FILES_MAX, Fingerprints, Loaded, RULES_MAX,
    };
}

pub use engine::{Config, Engine, Lost, Odd, Outlet, Seeds};
pub use overlap::{OverlapPolicy, Overlaps};
pub use totals::Totals;
pub use zones::Zones;
