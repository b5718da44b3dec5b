//! The words that both sides of holter share, as types.
//!
//! Nothing here holds text of the wire: enums, numbers and addresses only. Every enum is appended to, never
//! reordered, since its position is what travels (see `wire`).

mod ids;
mod link;
mod vocabulary;
mod words;

pub use ids::{BootId, DeviceKey, Lane, Mac, SensorId};
pub use link::LinkType;
pub use words::{Attribute, DeviceClass, Protocol, Role, Severity, Verb, Visibility, Zone};

/// Nanoseconds since the Unix epoch, in packet time on a sensor and in wall time elsewhere.
pub type Nanos = i64;
