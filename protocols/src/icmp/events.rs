use crate::event;
use crate::event::{Code, Port, Size, Transaction};
use std::net::IpAddr;

event! {
    /// An ICMP message (RFC 792).
    pub struct Message in message = "icmp.message" {
        /// Type: 0 echo reply, 3 unreachable, 5 redirect, 8 echo, 11 time exceeded (RFC 792).
        kind: Code = "icmp.type" (Code),
        /// Code (RFC 792).
        code: Code = "icmp.code" (Code),
        /// Identifier of an echo, a timestamp or a mask (RFC 792).
        identifier: Option<Transaction> = "icmp.identifier" (Transaction),
        /// Sequence number of an echo, a timestamp or a mask (RFC 792).
        sequence: Option<Transaction> = "icmp.sequence" (Transaction),
        /// Bytes that an echo carries, which are not read (RFC 792).
        payload: Option<Size> = "icmp.payload_size" (Size),
        /// Gateway to use from now on, in a redirect (RFC 792).
        gateway: Option<IpAddr> = "icmp.gateway" (Address),
        /// Size that the next link takes, in an unreachable with code 4 (RFC 1191 4).
        mtu: Option<Size> = "icmp.mtu" (Size),
        /// Source of the datagram that an error quotes (RFC 792).
        quoted_source: Option<IpAddr> = "icmp.quoted_source" (Address),
        /// Destination of the datagram that an error quotes (RFC 792).
        quoted_destination: Option<IpAddr> = "icmp.quoted_destination" (Address),
        /// Protocol of the datagram that an error quotes (RFC 792).
        quoted_protocol: Option<Code> = "icmp.quoted_protocol" (Code),
        /// Destination port of the TCP or UDP datagram that an error quotes (RFC 792).
        quoted_port: Option<Port> = "icmp.quoted_port" (Port),
    }
}
