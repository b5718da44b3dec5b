use crate::event;
use crate::event::{Code, Count, Seconds, Transaction};
use holter_phi::Plain;
use holter_terms::Mac;
use std::net::IpAddr;

event! {
    /// A DHCPv6 message, with those that relays wrapped around it (RFC 8415 8, 9).
    pub struct Message<'a> in message = "dhcpv6.message" {
        /// Message types, those of relays (12, 13) first: 1 SOLICIT, 2 ADVERTISE, 3 REQUEST, 7 REPLY (RFC 8415 7.3).
        kinds: &'a [Code] = "dhcpv6.type" (Code) list,
        /// Transaction id of the innermost message (RFC 8415 8).
        transaction: Option<Transaction> = "dhcpv6.transaction" (Transaction),
        /// Relays that the message passed (RFC 8415 9).
        relays: Count = "dhcpv6.relays" (Count),
        /// Address by which the outermost relay knows the client's link (RFC 8415 9.1).
        link_address: Option<IpAddr> = "dhcpv6.link_address" (Address),
        /// Address of the one that the outermost relay heard (RFC 8415 9.1).
        peer_address: Option<IpAddr> = "dhcpv6.peer_address" (Address),
        /// Client's link-layer address, as its relay saw it, option 79 (RFC 6939 4).
        relayed_mac: Option<Mac> = "dhcpv6.relayed_mac" (Hardware),
        /// Option codes in the order in which they stand, those within others too (RFC 8415 21).
        options: &'a [Code] = "dhcpv6.options" (Code) list,
        /// Client identifier in hexadecimal, option 1 (RFC 8415 21.2).
        client_duid: Option<Plain<'a>> = "dhcpv6.client_duid" (Plain, Site),
        /// Kind of the client identifier: 1 address and time, 2 maker, 3 address, 4 UUID (RFC 8415 11).
        client_duid_kind: Option<Code> = "dhcpv6.client_duid_type" (Code),
        /// Link-layer address in the client identifier (RFC 8415 11.2, 11.4).
        client_mac: Option<Mac> = "dhcpv6.client_mac" (Hardware),
        /// Server identifier in hexadecimal, option 2 (RFC 8415 21.3).
        server_duid: Option<Plain<'a>> = "dhcpv6.server_duid" (Plain, Site),
        /// Link-layer address in the server identifier (RFC 8415 11.2, 11.4).
        server_mac: Option<Mac> = "dhcpv6.server_mac" (Hardware),
        /// Requested options, option 6, in the client's order (RFC 8415 21.7).
        requested: &'a [Code] = "dhcpv6.requested" (Code) list,
        /// Enterprise number of the vendor class, option 16 (RFC 8415 21.16).
        vendor: Option<Code> = "dhcpv6.vendor" (Code),
        /// First vendor class, option 16: free text, which fingerprints match (RFC 8415 21.16).
        vendor_class: Option<Plain<'a>> = "dhcpv6.vendor_class" (Plain, Site),
        /// Client FQDN, option 39, dotted (RFC 4704 4).
        fqdn: Option<Plain<'a>> = "dhcpv6.fqdn" (Plain, Site),
        /// Addresses of associations, option 5 (RFC 8415 21.6).
        addresses: &'a [IpAddr] = "dhcpv6.address" (Address) list,
        /// Prefixes of associations, option 26 (RFC 8415 21.22).
        prefixes: &'a [IpAddr] = "dhcpv6.prefix" (Address) list,
        /// How long the first address or prefix is valid (RFC 8415 21.6).
        lifetime: Option<Seconds> = "dhcpv6.lifetime" (Seconds),
        /// Name servers, option 23 (RFC 3646 3).
        name_servers: &'a [IpAddr] = "dhcpv6.name_server" (Address) list,
        /// Status, option 13, whose text is not read (RFC 8415 21.13).
        status: Option<Code> = "dhcpv6.status" (Code),
    }
}
