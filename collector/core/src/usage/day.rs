use crate::face::Side;
use holter_terms::Verb;

/// What a device did on one day, UTC.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Day {
    /// Days since 1970.
    pub number: i64,
    /// Images that it sent (C-STORE requests), and their bytes.
    pub images: u32,
    pub image_bytes: u64,
    /// Images that others sent to it.
    pub received: u32,
    /// Stretches of sending with no more than 10 minutes between two images: an estimate of procedures that needs no
    /// patient. One procedure with a long pause counts twice, two without a pause count once.
    pub procedures: u32,
    /// DICOM associations that it opened, to send or to ask.
    pub associations: u32,
    /// Questions that it asked (C-FIND, C-MOVE, C-GET), and other DICOM requests of its own.
    pub requests: u32,
    /// HL7 messages that it sent.
    pub messages: u32,
}

impl Day {
    pub(super) fn act(&mut self, side: Side, verb: Verb, count: u64, bytes: u64) {
        let own = side == Side::Client;
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let into = match verb {
            Verb::Store if own => &mut self.images,
            Verb::Store => &mut self.received,
            Verb::Associate if own => &mut self.associations,
            Verb::Find | Verb::Move | Verb::Get | Verb::Normalized if own => &mut self.requests,
            Verb::Message if own => &mut self.messages,
            _ => return,
        };
        *into = into.saturating_add(count);
        if verb == Verb::Store && own {
            self.image_bytes = self.image_bytes.saturating_add(bytes);
        }
    }

    pub(super) fn add(&mut self, other: &Day) {
        for (into, from) in [
            (&mut self.images, other.images),
            (&mut self.received, other.received),
            (&mut self.procedures, other.procedures),
            (&mut self.associations, other.associations),
            (&mut self.requests, other.requests),
            (&mut self.messages, other.messages),
        ] {
            *into = into.saturating_add(from);
        }
        self.image_bytes = self.image_bytes.saturating_add(other.image_bytes);
    }
}
