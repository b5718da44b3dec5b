//! The flow room, driven by hand-made segments and a protocol of its own.

mod bounds;
mod closing;
mod disorder;
mod handover;
mod hostile;
mod middle;
mod talk;
mod toy;
