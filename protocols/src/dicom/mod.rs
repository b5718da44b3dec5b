//! DICOM: the upper layer (PS3.8 9.3), DIMSE command sets (PS3.7 9.3, 10.3) and the head of each data set.
//!
//! Association PDUs are read whole. P-DATA-TF PDUs are walked fragment by fragment: command sets are parsed, the first
//! [`HEAD_MAX`] bytes of a data set are searched for what describes the machine, and the rest of it is skipped unread,
//! so that an image costs its fragment headers and nothing more.
//!
//! What was missed inside a fragment is known by its length and costs nothing; what was missed across a PDU boundary
//! is followed by a search for the next PDU.

mod association;
mod dataset;
mod decoder;
mod dimse;
mod events;
mod pdu;
mod text;

pub use association::{CONTEXTS_MAX, ITEMS_MAX, TRANSFER_SYNTAXES_MAX};
pub use dataset::DEPTH_MAX;
pub use decoder::{ASSOCIATE_MAX, COMMAND_MAX, HEAD_MAX, P_DATA_MAX, SEARCH_AFTER_GAP_MAX, SEARCH_AFTER_UNKNOWN_MAX};
pub use events::*;

use crate::{Decoder, EventSpec, Malformed, Protocol, Sink, Transport, Verdict, Way};
use holter_terms::Protocol as Word;

static EVENTS: &[&EventSpec] = &[
    &associate_rq::SPEC,
    &context::SPEC,
    &associate_ac::SPEC,
    &context_result::SPEC,
    &associate_rj::SPEC,
    &release::SPEC,
    &abort::SPEC,
    &command::SPEC,
    &data_head::SPEC,
    &data_end::SPEC,
    &unit::SPEC,
    &pdv::SPEC,
    &negotiation::SPEC,
    &role::SPEC,
    &operation::SPEC,
    &machine::SPEC,
];

pub struct Dicom;

impl Protocol for Dicom {
    fn word(&self) -> Word {
        Word::Dicom
    }

    fn name(&self) -> &'static str {
        "dicom"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Tcp]
    }

    /// Registered (104, 11112), and the defaults of common archives.
    fn ports(&self) -> &'static [u16] {
        &[104, 11112, 4242, 11113]
    }

    /// An association request, its answer, or a P-DATA-TF PDU whose first fragment begins a command set.
    fn probe(&self, transport: Transport, _way: Way, bytes: &[u8]) -> Verdict {
        match (transport, pdu::look(bytes, pdu::Ask::Claim)) {
            (Transport::Tcp, pdu::Look::Yes) => Verdict::Yes,
            (Transport::Tcp, pdu::Look::More(_)) => Verdict::Unsure,
            _ => Verdict::No,
        }
    }

    fn stream(&self) -> Option<Box<dyn Decoder>> {
        Some(Box::<decoder::Association>::default())
    }

    fn datagram(&self, _way: Way, _bytes: &[u8], _sink: &mut dyn Sink) -> Result<(), Malformed> {
        Err(Malformed { field: "dicom.transport", at: 0 })
    }

    fn events(&self) -> &'static [&'static EventSpec] {
        EVENTS
    }
}
