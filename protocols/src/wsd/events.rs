use crate::event;
use crate::event::Count;
use holter_phi::Plain;

event! {
    /// A message of WS-Discovery; one for each match of an answer (OASIS WS-Discovery 1.1 4 to 6).
    pub struct Message<'a> in message = "wsd.message" {
        /// Action: Hello, Bye, Probe, ProbeMatches, Resolve, ResolveMatches (OASIS WS-Discovery 1.1 3).
        action: Option<Plain<'a>> = "wsd.action" (Plain, Vocabulary),
        /// Version by its namespace: 2005/04 or 2009/01 (OASIS WS-Discovery 1.1 2.4).
        version: Option<Plain<'a>> = "wsd.version" (Plain, Vocabulary),
        /// Types without their prefixes, such as Device or MedicalDevice (OASIS WS-Discovery 1.1 4.1).
        types: &'a [Plain<'a>] = "wsd.types" (Plain, Vocabulary) list,
        /// One of the types is MedicalDevice (IEEE 11073-20702 9.2).
        medical: bool = "wsd.medical" (Flag),
        /// Scopes (OASIS WS-Discovery 1.1 4.1).
        scopes: Count = "wsd.scopes" (Count),
        /// A scope names a participant key purpose, as SDC service providers do (IEEE 11073-20701 9).
        sdc: bool = "wsd.sdc" (Flag),
        /// Location context among the scopes: facility, building, point of care, bed (IEEE 11073-20701 9.4).
        location: Option<Plain<'a>> = "wsd.location" (Plain, Site),
        /// Address of the endpoint reference, mostly a `urn:uuid:` (OASIS WS-Discovery 1.1 2.6).
        endpoint: Option<Plain<'a>> = "wsd.endpoint" (Plain, Site),
        /// Transport addresses (OASIS WS-Discovery 1.1 4.1).
        xaddrs: &'a [Plain<'a>] = "wsd.xaddrs" (Plain, Site) list,
    }
}
