//! What a sensor says to its collector and hears from it: owned types, their codec and their versions.
//!
//! Nothing here has a lifetime and nothing here is text of the wire of a hospital but through `L`: a sensor writes
//! records of `Label` (made only by the privacy door, serialise only), a collector reads records of [`Text`].

mod record;
mod text;

pub use record::{
    Act, BootReason, BootRecord, CaptureCounters, CounterRow, Coverage, Devices, EvidenceRow, Fact, FactValue, Finding,
    LossReason, LossRow, LossStatement, Party, ProtocolRow, Record, Talk, Window,
};
pub use text::Text;
