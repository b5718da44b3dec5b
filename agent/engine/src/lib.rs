//! The engine: frames in, records out. Pure: told the time, handed its randomness.

pub mod flow;
pub mod link;
