use crate::event;
use crate::event::{Code, Count, Port, Seconds, Size, Transaction};
use holter_terms::Mac;
use std::net::IpAddr;

event! {
    /// An ICMPv6 message (RFC 4443 2.1).
    pub struct Message in message = "icmpv6.message" {
        /// Type: 1 unreachable, 128 echo, 133 to 137 neighbour discovery, 143 listener report (RFC 4443 2.1).
        kind: Code = "icmpv6.type" (Code),
        /// Code (RFC 4443 2.1).
        code: Code = "icmpv6.code" (Code),
        /// Identifier of an echo (RFC 4443 4.1).
        identifier: Option<Transaction> = "icmpv6.identifier" (Transaction),
        /// Sequence number of an echo (RFC 4443 4.1).
        sequence: Option<Transaction> = "icmpv6.sequence" (Transaction),
        /// Bytes that an echo carries, which are not read (RFC 4443 4.1).
        payload: Option<Size> = "icmpv6.payload_size" (Size),
        /// Size that the next link takes, in a message too big (RFC 4443 3.2).
        mtu: Option<Size> = "icmpv6.mtu" (Size),
        /// Source of the packet that an error quotes (RFC 4443 2.4).
        quoted_source: Option<IpAddr> = "icmpv6.quoted_source" (Address),
        /// Destination of the packet that an error quotes (RFC 4443 2.4).
        quoted_destination: Option<IpAddr> = "icmpv6.quoted_destination" (Address),
        /// Next header of the packet that an error quotes (RFC 4443 2.4).
        quoted_protocol: Option<Code> = "icmpv6.quoted_protocol" (Code),
        /// Destination port of the TCP or UDP packet that an error quotes (RFC 4443 2.4).
        quoted_port: Option<Port> = "icmpv6.quoted_port" (Port),
    }
}

event! {
    /// A neighbour or router that is asked for, or a neighbour that answers (RFC 4861 4.1, 4.3, 4.4).
    pub struct Neighbor in neighbor = "icmpv6.neighbor" {
        /// Target of a neighbour solicitation or advertisement (RFC 4861 4.3).
        target: Option<IpAddr> = "icmpv6.neighbor.target" (Address),
        /// The sender is a router (R, RFC 4861 4.4).
        router: bool = "icmpv6.neighbor.router" (Flag),
        /// The advertisement was asked for (S, RFC 4861 4.4).
        solicited: bool = "icmpv6.neighbor.solicited" (Flag),
        /// What is cached is to be replaced (O, RFC 4861 4.4).
        over: bool = "icmpv6.neighbor.override" (Flag),
        /// Sender's link-layer address, option 1 (RFC 4861 4.6.1).
        source_mac: Option<Mac> = "icmpv6.neighbor.source_mac" (Hardware),
        /// Target's link-layer address, option 2 (RFC 4861 4.6.1).
        target_mac: Option<Mac> = "icmpv6.neighbor.target_mac" (Hardware),
    }
}

event! {
    /// A router that advertises itself (RFC 4861 4.2).
    pub struct Router<'a> in router = "icmpv6.router" {
        /// Hop limit to use (RFC 4861 4.2).
        hops: Count = "icmpv6.router.hops" (Count),
        /// Addresses come from DHCPv6 (M, RFC 4861 4.2).
        managed: bool = "icmpv6.router.managed" (Flag),
        /// Other configuration comes from DHCPv6 (O, RFC 4861 4.2).
        other: bool = "icmpv6.router.other" (Flag),
        /// Preference: 0 medium, 1 high, 3 low (RFC 4191 2.2).
        preference: Code = "icmpv6.router.preference" (Code),
        /// How long it is a default router; 0 is never (RFC 4861 4.2).
        lifetime: Seconds = "icmpv6.router.lifetime" (Seconds),
        /// Its link-layer address, option 1 (RFC 4861 4.6.1).
        source_mac: Option<Mac> = "icmpv6.router.source_mac" (Hardware),
        /// Size that the link takes, option 5 (RFC 4861 4.6.4).
        mtu: Option<Size> = "icmpv6.router.mtu" (Size),
        /// Name servers, option 25 (RFC 8106 5.1).
        name_servers: &'a [IpAddr] = "icmpv6.router.name_server" (Address) list,
    }
}

event! {
    /// A prefix of the router before it, option 3 (RFC 4861 4.6.2).
    pub struct Prefix in prefix = "icmpv6.prefix" {
        /// Prefix (RFC 4861 4.6.2).
        prefix: IpAddr = "icmpv6.prefix.address" (Address),
        /// Bits of the prefix (RFC 4861 4.6.2).
        length: Count = "icmpv6.prefix.length" (Count),
        /// Addresses of the prefix are on the link (L, RFC 4861 4.6.2).
        on_link: bool = "icmpv6.prefix.on_link" (Flag),
        /// Hosts make their own addresses from it (A, RFC 4861 4.6.2).
        autonomous: bool = "icmpv6.prefix.autonomous" (Flag),
        /// How long it is valid (RFC 4861 4.6.2).
        lifetime: Seconds = "icmpv6.prefix.lifetime" (Seconds),
    }
}

event! {
    /// A better first hop (RFC 4861 4.5).
    pub struct Redirect in redirect = "icmpv6.redirect" {
        /// Address to send to from now on (RFC 4861 4.5).
        target: IpAddr = "icmpv6.redirect.target" (Address),
        /// Destination that is meant (RFC 4861 4.5).
        destination: IpAddr = "icmpv6.redirect.destination" (Address),
        /// Target's link-layer address, option 2 (RFC 4861 4.6.1).
        target_mac: Option<Mac> = "icmpv6.redirect.target_mac" (Hardware),
    }
}

event! {
    /// A multicast group that is asked for, listened to or left (RFC 2710 3, RFC 3810 5).
    pub struct Group in group = "icmpv6.group" {
        /// Group (RFC 2710 3.6).
        group: IpAddr = "icmpv6.group.address" (Address),
        /// Kind of record in a report of version 2: 1 include, 2 exclude, 3 and 4 changes (RFC 3810 5.2.12).
        kind: Option<Code> = "icmpv6.group.record_type" (Code),
    }
}
