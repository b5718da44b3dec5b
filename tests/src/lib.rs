//! What the end-to-end tests share: where things are, how programs are run and watched, and the search for markers.
//!
//! Tests under `tests/` start the real programs. They send traffic to loopback and to network namespaces of their own,
//! and say why where they cannot run.

pub mod capture;
pub mod house;
pub mod markers;
pub mod mirror;
pub mod places;
pub mod programs;
pub mod seen;
pub mod truth;
