use crate::event;
use crate::event::{Code, Count, Seconds, Size, Transaction};
use holter_phi::Plain;
use std::net::IpAddr;

event! {
    /// A DNS query or response, with its first question (RFC 1035 4.1).
    pub struct Message<'a> in message = "dns.message" {
        /// True for a response (QR).
        response: bool = "dns.response" (Flag),
        /// Message id.
        transaction: Transaction = "dns.transaction" (Transaction),
        /// Opcode: 0 query, 4 notify, 5 update.
        opcode: Code = "dns.opcode" (Code),
        /// Response code, extended by EDNS where present (RFC 6895 2.3).
        rcode: Code = "dns.rcode" (Code),
        /// Name of the first question, dotted, without the final dot.
        name: Option<Plain<'a>> = "dns.name" (Plain, Site),
        /// Type of the first question.
        qtype: Option<Code> = "dns.qtype" (Code),
        /// Class of the first question.
        qclass: Option<Code> = "dns.qclass" (Code),
        /// Questions, as counted in the header.
        questions: Count = "dns.questions" (Count),
        /// Answer records, as counted in the header.
        answers: Count = "dns.answers" (Count),
        /// Authority records, as counted in the header.
        authority: Count = "dns.authority" (Count),
        /// Additional records, as counted in the header.
        additional: Count = "dns.additional" (Count),
        /// The response was cut to fit (TC).
        truncated: bool = "dns.truncated" (Flag),
        /// The answer is the authority's own (AA).
        authoritative: bool = "dns.authoritative" (Flag),
        /// Version of EDNS, where there is an OPT record (RFC 6891 6.1.3).
        edns: Option<Code> = "dns.edns" (Code),
        /// Size of datagrams that the sender takes (RFC 6891 6.2.3).
        edns_size: Option<Size> = "dns.edns_size" (Size),
    }
}

event! {
    /// A resource record of the response before it (RFC 1035 4.1.3).
    pub struct Record<'a> in record = "dns.record" {
        /// Owner name, dotted, without the final dot.
        name: Plain<'a> = "dns.record.name" (Plain, Site),
        /// Section: 1 answers, 2 authority, 3 additional (RFC 1035 4.1).
        section: Code = "dns.record.section" (Code),
        /// Record type.
        rtype: Code = "dns.record.type" (Code),
        /// Time to live.
        ttl: Seconds = "dns.record.ttl" (Seconds),
        /// Address of an A or AAAA record.
        address: Option<IpAddr> = "dns.record.address" (Address),
        /// Target of a CNAME, PTR, SRV, MX or NS record.
        target: Option<Plain<'a>> = "dns.record.target" (Plain, Site),
        /// Character strings of a TXT record, whose content is free text and never read (RFC 1035 3.3.14).
        text_strings: Option<Count> = "dns.record.text_strings" (Count),
        /// Bytes of a TXT record (RFC 1035 3.3.14).
        text_size: Option<Size> = "dns.record.text_size" (Size),
    }
}
