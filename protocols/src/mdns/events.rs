use crate::event;
use crate::event::{Code, Count, Port, Seconds, Size, Transaction};
use holter_phi::{Phi, Plain};
use std::net::IpAddr;

event! {
    /// A multicast DNS query or response (RFC 6762 18).
    pub struct Message in message = "mdns.message" {
        /// True for a response (QR, RFC 6762 18.2).
        response: bool = "mdns.response" (Flag),
        /// Message id, 0 in multicast (RFC 6762 18.1).
        transaction: Transaction = "mdns.transaction" (Transaction),
        /// Opcode, 0 (RFC 6762 18.3).
        opcode: Code = "mdns.opcode" (Code),
        /// Response code, 0 (RFC 6762 18.11).
        rcode: Code = "mdns.rcode" (Code),
        /// More known answers follow (TC, RFC 6762 18.5).
        truncated: bool = "mdns.truncated" (Flag),
        /// Questions, as counted in the header (RFC 1035 4.1.1).
        questions: Count = "mdns.questions" (Count),
        /// Answer records, as counted in the header (RFC 1035 4.1.1).
        answers: Count = "mdns.answers" (Count),
        /// Authority records, by which a host probes for names, as counted in the header (RFC 6762 8.1).
        authority: Count = "mdns.authority" (Count),
        /// Additional records, as counted in the header (RFC 1035 4.1.1).
        additional: Count = "mdns.additional" (Count),
    }
}

event! {
    /// A question of the message before it (RFC 6762 18.12).
    pub struct Question<'a> in question = "mdns.question" {
        /// Type of service asked for, where the dictionary knows it (RFC 6763 7).
        service: Option<Plain<'a>> = "mdns.question.service" (Plain, Vocabulary),
        /// Name of a host or a reversed address, dotted (RFC 6762 3, 4).
        host: Option<Plain<'a>> = "mdns.question.host" (Plain, Site),
        /// Name of an instance (RFC 6763 4.1.1), or a name of no known form.
        instance: Option<Phi<'a>> = "mdns.question.instance" (Phi),
        /// Type (RFC 1035 3.2.3).
        qtype: Code = "mdns.question.type" (Code),
        /// Class, without the bit above it (RFC 6762 18.12).
        qclass: Code = "mdns.question.class" (Code),
        /// A unicast response is wanted (QU, RFC 6762 5.4).
        unicast: bool = "mdns.question.unicast" (Flag),
    }
}

event! {
    /// A record of the message before it (RFC 6762 18.13).
    pub struct Record<'a> in record = "mdns.record" {
        /// Section: 1 answers, 2 authority, 3 additional (RFC 1035 4.1).
        section: Code = "mdns.record.section" (Code),
        /// Type of service in the owner name, where the dictionary knows it (RFC 6763 7).
        service: Option<Plain<'a>> = "mdns.record.service" (Plain, Vocabulary),
        /// Name of a host or a reversed address that owns the record, dotted (RFC 6762 3, 4).
        host: Option<Plain<'a>> = "mdns.record.host" (Plain, Site),
        /// Name of the instance that owns the record (RFC 6763 4.1.1), or a name of no known form.
        instance: Option<Phi<'a>> = "mdns.record.instance" (Phi),
        /// Record type (RFC 1035 3.2.2).
        rtype: Code = "mdns.record.type" (Code),
        /// Class, without the bit above it (RFC 6762 18.13).
        class: Code = "mdns.record.class" (Code),
        /// The record replaces all that are cached (RFC 6762 10.2).
        flush: bool = "mdns.record.flush" (Flag),
        /// Time to live; 0 is a goodbye (RFC 6762 10.1).
        ttl: Seconds = "mdns.record.ttl" (Seconds),
        /// Address of an A or AAAA record (RFC 1035 3.4.1).
        address: Option<IpAddr> = "mdns.record.address" (Address),
        /// Port of an SRV record (RFC 2782).
        port: Option<Port> = "mdns.record.port" (Port),
        /// Type of service in the target of a PTR record, where the dictionary knows it (RFC 6763 9).
        target_service: Option<Plain<'a>> = "mdns.record.target_service" (Plain, Vocabulary),
        /// Host in the target of an SRV, PTR or CNAME record (RFC 2782).
        target_host: Option<Plain<'a>> = "mdns.record.target_host" (Plain, Site),
        /// Instance in the target of a PTR record (RFC 6763 4.1).
        target_instance: Option<Phi<'a>> = "mdns.record.target_instance" (Phi),
        /// Processor in an HINFO record (RFC 1035 3.3.2).
        cpu: Option<Plain<'a>> = "mdns.record.cpu" (Plain, Equipment),
        /// Operating system in an HINFO record (RFC 1035 3.3.2).
        os: Option<Plain<'a>> = "mdns.record.os" (Plain, Equipment),
        /// Character strings of a TXT record, whose content is free text and never read (RFC 6763 6).
        text_strings: Option<Count> = "mdns.record.text_strings" (Count),
        /// Bytes of a TXT record (RFC 6763 6.1).
        text_size: Option<Size> = "mdns.record.text_size" (Size),
    }
}
