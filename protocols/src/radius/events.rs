use crate::event;
use crate::event::{Code, Seconds, Transaction};
use holter_phi::Plain;
use holter_terms::Mac;
use std::net::IpAddr;

event! {
    /// A RADIUS packet (RFC 2865 3, RFC 2866 3, RFC 5176 2.3). Of passwords, keys and texts for a user nothing is told.
    pub struct Message<'a> in message = "radius.message" {
        /// Code: 1 access request, 2 accept, 3 reject, 4 accounting request, 5 its response, 11 challenge (RFC 2865 3).
        code: Code = "radius.code" (Code),
        /// Identifier (RFC 2865 3).
        transaction: Transaction = "radius.transaction" (Transaction),
        /// User-Name (RFC 2865 5.1).
        user: Option<Plain<'a>> = "radius.user" (Plain, Site),
        /// A User-Password or CHAP-Password is there (RFC 2865 5.2).
        password: bool = "radius.password" (Flag),
        /// NAS-IP-Address or NAS-IPv6-Address (RFC 2865 5.4, RFC 3162 2.1).
        nas_address: Option<IpAddr> = "radius.nas_address" (Address),
        /// NAS-Identifier (RFC 2865 5.32).
        nas_identifier: Option<Plain<'a>> = "radius.nas_identifier" (Plain, Site),
        /// NAS-Port-Type: 15 Ethernet, 19 wireless (RFC 2865 5.41).
        nas_port_type: Option<Code> = "radius.nas_port_type" (Code),
        /// Service-Type (RFC 2865 5.6).
        service: Option<Code> = "radius.service" (Code),
        /// Calling-Station-Id, where it is a MAC (RFC 2865 5.31).
        calling_mac: Option<Mac> = "radius.calling_mac" (Hardware),
        /// Calling-Station-Id, where it is none (RFC 2865 5.31).
        calling_station: Option<Plain<'a>> = "radius.calling_station" (Plain, Site),
        /// Called-Station-Id: the access point and its network (RFC 2865 5.30).
        called_station: Option<Plain<'a>> = "radius.called_station" (Plain, Site),
        /// Framed-IP-Address (RFC 2865 5.8).
        framed_address: Option<IpAddr> = "radius.framed_address" (Address),
        /// A Message-Authenticator is there (RFC 3579 3.2).
        message_authenticator: bool = "radius.message_authenticator" (Flag),
        /// Code of the EAP packet: 1 request, 2 response, 3 success, 4 failure (RFC 3748 4).
        eap_code: Option<Code> = "radius.eap_code" (Code),
        /// Type of the EAP request or response (RFC 3748 5).
        eap_type: Option<Code> = "radius.eap_type" (Code),
        /// Acct-Status-Type: 1 start, 2 stop, 3 interim (RFC 2866 5.1).
        accounting_status: Option<Code> = "radius.accounting_status" (Code),
        /// Acct-Session-Time (RFC 2866 5.7).
        session_time: Option<Seconds> = "radius.session_time" (Seconds),
        /// Acct-Terminate-Cause (RFC 2866 5.10).
        terminate_cause: Option<Code> = "radius.terminate_cause" (Code),
        /// Enterprise number of the first Vendor-Specific attribute (RFC 2865 5.26).
        vendor: Option<Code> = "radius.vendor" (Code),
    }
}
