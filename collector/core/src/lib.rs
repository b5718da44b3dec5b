//! What a collector knows, as pure state: no socket, no disk, no clock. It is handed records with the time at which they
//! arrived, and it is asked with the time that it is.
//!
//! An [`Estate`] is all that one tenant has. Nothing in it can name another tenant, so a request that is answered from
//! its own tenant's estate cannot see another's. Everything is kept in ordered maps: answers do not depend on hashing,
//! and names chosen by an attacker cost no more than others.
//!
//! An estate is a fold over records: the same records give the same estate, whatever restarts lay between them.

pub mod bond;
pub mod card;
pub mod civil;
pub mod decree;
pub mod device;
pub mod estate;
pub mod exposure;
pub mod face;
pub mod filter;
pub mod finding;
pub mod history;
pub mod map;
pub mod measures;
pub mod past;
pub mod sensor;
pub mod spans;
pub mod tenancy;

pub mod export;
pub mod reconcile;
pub mod usage;

pub use card::Card;
pub use device::Device;
pub use estate::{Changes, Estate, Known, Source};
pub use face::{Face, FaceKey, Side, TalkKey, TalkSum};
pub use finding::{Case, Move, Standing};
pub use sensor::{Beat, Sensor};
pub use spans::{Seen, Spans};

use holter_terms::Nanos;

pub const SECOND: Nanos = 1_000_000_000;
pub const MINUTE: Nanos = 60 * SECOND;
pub const HOUR: Nanos = 60 * MINUTE;
pub const DAY: Nanos = 24 * HOUR;
