use crate::event;
use crate::event::Code;
use holter_terms::Mac;
use std::net::IpAddr;

event! {
    /// An ARP message (RFC 826, packet format).
    pub struct Message in message = "arp.message" {
        /// Opcode: 1 request, 2 reply (RFC 826, ar$op).
        opcode: Code = "arp.opcode" (Code),
        /// Sender's link-layer address (RFC 826, ar$sha).
        sender_mac: Mac = "arp.sender_mac" (Hardware),
        /// Sender's address; absent in a probe (RFC 826, ar$spa; RFC 5227 1.1).
        sender: Option<IpAddr> = "arp.sender" (Address),
        /// Target's link-layer address, where one is given (RFC 826, ar$tha).
        target_mac: Option<Mac> = "arp.target_mac" (Hardware),
        /// Target's address (RFC 826, ar$tpa).
        target: Option<IpAddr> = "arp.target" (Address),
    }
}
