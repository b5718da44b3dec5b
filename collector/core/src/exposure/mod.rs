//! Exposure: which device is affected by which advisory, and how we know.

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

pub mod csaf;
mod error;
mod explain;
mod judge;
mod kev;
mod list;
mod maker;
mod score;
mod shelf;
mod stack;
mod subject;
mod survey;
pub mod version;
mod words;

pub use error::FileError;
pub use explain::{Cited, Explained, Named, NodeShown, ReadAs, Remedied, Shown};
pub use judge::{Exposure, State, Why};
pub use kev::{Exploited, KEV_FILE_MAX, KEV_MAX, Kev};
pub use maker::{MakerId, Makers};
pub use score::{Origin, Score};
pub use shelf::{ADVISORIES_MAX, AdvisoryAt, NODES_MAX, Put, Shelf};
pub use stack::{Stack, Stacks};
pub use subject::{Claim, Service, Subject};
pub use survey::{Counts, KINDS_MAX, Survey};
