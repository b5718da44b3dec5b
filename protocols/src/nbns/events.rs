use crate::event;
use crate::event::{Code, Count, Seconds, Transaction};
use holter_phi::Plain;
use holter_terms::Mac;
use std::net::IpAddr;

event! {
    /// A request or response of the name service, with its first question (RFC 1002 4.2).
    pub struct Message<'a> in message = "nbns.message" {
        /// True for a response (R, RFC 1002 4.2.1.1).
        response: bool = "nbns.response" (Flag),
        /// Transaction id (RFC 1002 4.2.1.1).
        transaction: Transaction = "nbns.transaction" (Transaction),
        /// Opcode: 0 query, 5 registration, 6 release, 7 wait, 8 refresh (RFC 1002 4.2.1.1).
        opcode: Code = "nbns.opcode" (Code),
        /// Response code (RFC 1002 4.2.6).
        rcode: Code = "nbns.rcode" (Code),
        /// The request was broadcast (B, RFC 1002 4.2.1.1).
        broadcast: bool = "nbns.broadcast" (Flag),
        /// Name asked for, without its padding (RFC 1001 14.1).
        name: Option<Plain<'a>> = "nbns.name" (Plain, Site),
        /// Last byte of the name asked for, which says what bears it (RFC 1001 15.2).
        suffix: Option<Code> = "nbns.suffix" (Code),
        /// Type asked for: 32 name, 33 status (RFC 1002 4.2.1.2).
        qtype: Option<Code> = "nbns.qtype" (Code),
        /// Questions, as counted in the header (RFC 1002 4.2.1.1).
        questions: Count = "nbns.questions" (Count),
        /// Answer records, as counted in the header (RFC 1002 4.2.1.1).
        answers: Count = "nbns.answers" (Count),
    }
}

event! {
    /// A record of the message before it: a name and who bears it (RFC 1002 4.2.1.3).
    pub struct Record<'a> in record = "nbns.record" {
        /// Name, without its padding (RFC 1001 14.1).
        name: Plain<'a> = "nbns.record.name" (Plain, Site),
        /// Last byte of the name (RFC 1001 15.2).
        suffix: Code = "nbns.record.suffix" (Code),
        /// Record type (RFC 1002 4.2.1.3).
        rtype: Code = "nbns.record.type" (Code),
        /// Time to live; 0 is for ever (RFC 1002 4.2.1.3).
        ttl: Seconds = "nbns.record.ttl" (Seconds),
        /// A group bears the name (G, RFC 1002 4.2.2).
        group: Option<bool> = "nbns.record.group" (Flag),
        /// Addresses of those who bear the name (RFC 1002 4.2.2).
        addresses: &'a [IpAddr] = "nbns.record.address" (Address) list,
    }
}

event! {
    /// The status of a node (RFC 1002 4.2.18).
    pub struct Node in node = "nbns.node" {
        /// Names that follow, as counted (RFC 1002 4.2.18).
        names: Count = "nbns.node.names" (Count),
        /// Link-layer address (unit id, RFC 1002 4.2.18).
        mac: Option<Mac> = "nbns.node.mac" (Hardware),
    }
}

event! {
    /// A name of the node before it (RFC 1002 4.2.18).
    pub struct NodeName<'a> in node_name = "nbns.node_name" {
        /// Name of a machine, a domain or a user, without its padding (RFC 1002 4.2.18).
        name: Plain<'a> = "nbns.node_name.name" (Plain, Site),
        /// Last byte of the name (RFC 1001 15.2).
        suffix: Code = "nbns.node_name.suffix" (Code),
        /// A group bears the name (G, RFC 1002 4.2.18).
        group: bool = "nbns.node_name.group" (Flag),
        /// The name is not yet given up and no conflict is known (ACT, RFC 1002 4.2.18).
        active: bool = "nbns.node_name.active" (Flag),
    }
}
