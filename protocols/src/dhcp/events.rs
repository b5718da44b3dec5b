use crate::event;
use crate::event::{Code, Codes, Seconds, Size, Transaction};
use holter_phi::Plain;
use holter_terms::Mac;
use std::net::IpAddr;

event! {
    /// A DHCP or BOOTP message (RFC 2131 2, options RFC 2132).
    pub struct Message<'a> in message = "dhcp.message" {
        /// 1 request, 2 reply (RFC 2131 2, op).
        op: Code = "dhcp.op" (Code),
        /// Message type, option 53: 1 DISCOVER, 2 OFFER, 3 REQUEST, 4 DECLINE, 5 ACK, 6 NAK, 7 RELEASE, 8 INFORM.
        kind: Option<Code> = "dhcp.type" (Code),
        /// Transaction id, xid.
        transaction: Transaction = "dhcp.transaction" (Transaction),
        /// Client hardware address, where htype is 1 and hlen 6.
        client_mac: Option<Mac> = "dhcp.client_mac" (Hardware),
        /// Client identifier, option 61, where it is a hardware address of type 1 (RFC 2132 9.14).
        identifier_mac: Option<Mac> = "dhcp.identifier_mac" (Hardware),
        /// Client address, ciaddr.
        client_address: Option<IpAddr> = "dhcp.client_address" (Address),
        /// Your address, yiaddr.
        your_address: Option<IpAddr> = "dhcp.your_address" (Address),
        /// Next server, siaddr.
        next_server: Option<IpAddr> = "dhcp.next_server" (Address),
        /// Relay agent, giaddr.
        relay: Option<IpAddr> = "dhcp.relay" (Address),
        /// Requested address, option 50.
        requested_address: Option<IpAddr> = "dhcp.requested_address" (Address),
        /// Server identifier, option 54.
        server: Option<IpAddr> = "dhcp.server" (Address),
        /// Lease time in seconds, option 51.
        lease: Option<Seconds> = "dhcp.lease" (Seconds),
        /// First router, option 3.
        router: Option<IpAddr> = "dhcp.router" (Address),
        /// First name server, option 6.
        name_server: Option<IpAddr> = "dhcp.name_server" (Address),
        /// Host name, option 12.
        hostname: Option<Plain<'a>> = "dhcp.hostname" (Plain, Site),
        /// Domain name, option 15.
        domain: Option<Plain<'a>> = "dhcp.domain" (Plain, Site),
        /// Client FQDN, option 81, without its flags (RFC 4702).
        fqdn: Option<Plain<'a>> = "dhcp.fqdn" (Plain, Site),
        /// Vendor class identifier, option 60. Free text: fingerprints match it and keep words of their own.
        vendor_class: Option<Plain<'a>> = "dhcp.vendor_class" (Plain, Site),
        /// Parameter request list, option 55, in the client's order.
        parameters: Option<Codes<'a>> = "dhcp.parameters" (Codes),
        /// Option codes in the order in which they stand.
        options: Codes<'a> = "dhcp.options" (Codes),
        /// Maximum message size, option 57.
        max_size: Option<Size> = "dhcp.max_size" (Size),
    }
}
