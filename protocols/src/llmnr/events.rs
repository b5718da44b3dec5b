use crate::event;
use crate::event::{Code, Count, Seconds, Size, Transaction};
use holter_phi::Plain;
use std::net::IpAddr;

event! {
    /// An LLMNR query or response, with its first question (RFC 4795 2.1).
    pub struct Message<'a> in message = "llmnr.message" {
        /// True for a response (QR, RFC 4795 2.1.1).
        response: bool = "llmnr.response" (Flag),
        /// Message id (RFC 4795 2.1.1).
        transaction: Transaction = "llmnr.transaction" (Transaction),
        /// Opcode, 0 (RFC 4795 2.1.1).
        opcode: Code = "llmnr.opcode" (Code),
        /// Response code (RFC 4795 2.1.1).
        rcode: Code = "llmnr.rcode" (Code),
        /// The name is held by more than one host (C, RFC 4795 2.1.1).
        conflict: bool = "llmnr.conflict" (Flag),
        /// The response was cut to fit (TC, RFC 4795 2.1.1).
        truncated: bool = "llmnr.truncated" (Flag),
        /// The responder is not yet sure that the name is its own (T, RFC 4795 2.1.1).
        tentative: bool = "llmnr.tentative" (Flag),
        /// Name of the first question, dotted (RFC 4795 2.1).
        name: Option<Plain<'a>> = "llmnr.name" (Plain, Site),
        /// Type of the first question (RFC 4795 2.1).
        qtype: Option<Code> = "llmnr.qtype" (Code),
        /// Class of the first question (RFC 4795 2.1).
        qclass: Option<Code> = "llmnr.qclass" (Code),
        /// Questions, as counted in the header (RFC 4795 2.1.1).
        questions: Count = "llmnr.questions" (Count),
        /// Answer records, as counted in the header (RFC 4795 2.1.1).
        answers: Count = "llmnr.answers" (Count),
        /// Authority records, as counted in the header (RFC 4795 2.1.1).
        authority: Count = "llmnr.authority" (Count),
        /// Additional records, as counted in the header (RFC 4795 2.1.1).
        additional: Count = "llmnr.additional" (Count),
    }
}

event! {
    /// A record of the response before it (RFC 4795 2.1).
    pub struct Record<'a> in record = "llmnr.record" {
        /// Owner name, dotted (RFC 1035 4.1.3).
        name: Plain<'a> = "llmnr.record.name" (Plain, Site),
        /// Section: 1 answers, 2 authority, 3 additional (RFC 1035 4.1).
        section: Code = "llmnr.record.section" (Code),
        /// Record type (RFC 1035 3.2.2).
        rtype: Code = "llmnr.record.type" (Code),
        /// Time to live (RFC 4795 2.8).
        ttl: Seconds = "llmnr.record.ttl" (Seconds),
        /// Address of an A or AAAA record (RFC 1035 3.4.1).
        address: Option<IpAddr> = "llmnr.record.address" (Address),
        /// Target of a PTR, CNAME or SRV record (RFC 1035 3.3).
        target: Option<Plain<'a>> = "llmnr.record.target" (Plain, Site),
        /// Character strings of a TXT record, whose content is free text and never read (RFC 1035 3.3.14).
        text_strings: Option<Count> = "llmnr.record.text_strings" (Count),
        /// Bytes of a TXT record (RFC 1035 3.3.14).
        text_size: Option<Size> = "llmnr.record.text_size" (Size),
    }
}
