//! From packets to the contiguous bytes of conversations, and through the decoders to events.

mod conversation;

pub use conversation::{Close, Conversation, Endpoint, FlowSink};
