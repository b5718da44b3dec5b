//! From events to evidence: which reasons to believe something about a device an event gives.
//!
//! The rules are data: one TOML file per device family in `fingerprints/data/`, compiled in and loaded once. Field
//! names become addresses of declarations at load, so looking at an event compares pointers and bytes and allocates
//! nothing. What leaves here is a [`Label`](holter_phi::Label): a word of a data file, or a field that went through
//! the privacy door. A DHCP vendor class or a host name is never quoted by a rule; it only picks a word.

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

mod brought;
mod data;
mod error;
mod example;
mod files;
mod matcher;
mod names;
mod observer;
mod oui;
mod ports;
mod shape;
mod text;

pub use brought::{BYTES_MAX, Brought, FILE_BYTES_MAX, FILES_MAX, Loaded, RULES_MAX};
pub use data::{Example, Family, Fingerprints, Rule, Said, Sample, Says, Whom};
pub use error::DataError;
pub use observer::{About, Behind, Found, Observer, Talkers};
pub use oui::{Adapter, Strength, adapter};
pub use shape::{Shape, initial_ttl};
