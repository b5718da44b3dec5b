use crate::event;
use crate::event::{Code, Count};
use std::net::IpAddr;

event! {
    /// An IGMP message, or one of the protocols that share its number (RFC 1112 A.I, RFC 2236 2, RFC 3376 4).
    pub struct Message in message = "igmp.message" {
        /// Type: 0x11 query, 0x12, 0x16 and 0x22 report of version 1 to 3, 0x17 leave (RFC 3376 4).
        kind: Code = "igmp.type" (Code),
        /// Version that is spoken: of a query by its length and response time (RFC 3376 7.1).
        version: Option<Code> = "igmp.version" (Code),
        /// Group that is asked for, joined or left; a general query has none (RFC 2236 2.4).
        group: Option<IpAddr> = "igmp.group" (Address),
        /// In what time to answer a query, as its code in tenths of a second (RFC 3376 4.1.1).
        response: Option<Code> = "igmp.max_response" (Code),
        /// Sources that a query asks for (RFC 3376 4.1.8).
        sources: Option<Count> = "igmp.sources" (Count),
        /// Groups that a report of version 3 is about (RFC 3376 4.2.3).
        records: Option<Count> = "igmp.records" (Count),
    }
}

event! {
    /// A group in a report of version 3 (RFC 3376 4.2.4).
    pub struct Record in record = "igmp.record" {
        /// Kind: 1 these sources and 2 all others are wanted, 3 and 4 changes to that, 5 and 6 more or fewer sources (RFC 3376 4.2.12).
        kind: Code = "igmp.record.type" (Code),
        /// Group (RFC 3376 4.2.9).
        group: IpAddr = "igmp.record.group" (Address),
        /// Sources that are listed; none and kind 3 is to leave, none and kind 4 to join (RFC 3376 4.2.7).
        sources: Count = "igmp.record.sources" (Count),
    }
}
