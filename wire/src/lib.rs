//! What a sensor says to its collector and hears from it: owned types, their codec and their versions.
//!
//! Nothing here has a lifetime and nothing here is text of the wire of a hospital but through `L`: a sensor writes
//! records of `Label` (made only by the privacy door, serialise only), a collector reads records of [`Text`].

#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic
    )
)]

pub mod codec;
pub mod enrol;
pub mod link;
mod record;
mod text;

pub use record::{
    Act, BootReason, BootRecord, CaptureCounters, CounterRow, Coverage, Devices, EvidenceRow, Fact, FactValue, Finding,
    LossReason, LossRow, LossStatement, Party, ProtocolRow, Record, Talk, Window,
};
pub use text::Text;
