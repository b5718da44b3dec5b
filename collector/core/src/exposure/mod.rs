//! Exposure: which device is affected by which advisory, and how we know.
//!
//! A site gives files ([`Library::take`]): CSAF 2.0 advisories and the catalogue of known exploited vulnerabilities. A
//! device is a [`Subject`]; [`Shelf::exposures`] says of it, vulnerability by vulnerability, one of four states
//! ([`State`]) and why; [`Shelf::explain`] shows the node of the advisory, the evidence and what to do. How a state comes
//! about stands in `judge` and `naming`, how names are compared in `words`, how versions are in [`version`].
//!
//! Pure: told files, devices and the time.

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
mod due;
mod error;
mod exception;
mod explain;
mod import;
mod insecure;
mod judge;
mod kev;
mod ledger;
mod list;
mod maker;
mod naming;
mod risk;
mod rows;
mod score;
mod shelf;
mod stack;
mod state;
mod subject;
mod survey;
mod told;
pub mod version;
mod vocabulary;
mod words;

pub use due::{Asked, Due, DueTable};
pub use error::FileError;
pub use exception::{Accepted, Exception, ExceptionError, Exceptions, Scope, Target};
pub use exception::{CONTROLS_MAX, EXCEPTION_DAYS_MAX, EXCEPTION_TEXT_MAX, EXCEPTIONS_MAX};
pub use explain::{Cited, Explained, Named, NodeShown, ReadAs, Remedied, Shown};
pub use import::{ImportCounts, Library, Taken};
pub use insecure::{Insecure, InsecureTable, Spoken};
pub use kev::{Exploited, KEV_FILE_MAX, KEV_MAX, Kev};
pub use ledger::{Clerk, Entry, Grounds, Item, LISTED_MAX, Ledger, Tables};
pub use maker::{MakerId, Makers};
pub use risk::{Factor, Facts, Part, Risk, Weights};
pub use rows::{EXPOSURE_FIELDS, ItemView};
pub use score::{Origin, Score};
pub use shelf::{ADVISORIES_MAX, AdvisoryAt, NODES_MAX, Put, Shelf};
pub use stack::{Stack, Stacks};
pub use state::{Exposure, State, Why};
pub use subject::{Claim, Service, Subject};
pub use survey::{Counts, KINDS_MAX, Survey};
pub use told::{BY_HAND, TRAITS, Told, is_outside, known_since};
