use crate::event;
use crate::event::{Code, Count};
use holter_phi::Plain;

event! {
    /// A client asks for a connection (MS-RDPBCGR 2.2.1.1).
    pub struct Request<'a> in request = "rdp.request" {
        /// Whom the cookie names, by which a balancer finds the session: mostly a user, cut after nine characters (MS-RDPBCGR 2.2.1.1).
        user: Option<Plain<'a>> = "rdp.user" (Plain, Site),
        /// Token by which a balancer finds the server (MS-RDPBCGR 2.2.1.1).
        token: Option<Plain<'a>> = "rdp.routing_token" (Plain, Site),
        /// Flags: 1 restricted administration, 2 redirected authentication, 8 a correlation id follows (MS-RDPBCGR 2.2.1.1.1).
        flags: Option<Code> = "rdp.request.flags" (Code),
        /// Security protocols that are offered, as bits: 1 TLS, 2 CredSSP, 4 RDSTLS, 8 CredSSP with early authorization; 0 is RDP's own (MS-RDPBCGR 2.2.1.1.1).
        protocols: Option<Code> = "rdp.request.protocols" (Code),
    }
}

event! {
    /// The server confirms the connection, or says why not (MS-RDPBCGR 2.2.1.2).
    pub struct Confirm in confirm = "rdp.confirm" {
        /// Whether the server took part in the negotiation of security; if not, RDP's own is used (MS-RDPBCGR 2.2.1.2).
        negotiated: bool = "rdp.negotiated" (Flag),
        /// Flags of the answer (MS-RDPBCGR 2.2.1.2.1).
        flags: Option<Code> = "rdp.confirm.flags" (Code),
        /// Security protocol that was chosen: 0 RDP's own, 1 TLS, 2 CredSSP, 4 RDSTLS, 8 CredSSP with early authorization (MS-RDPBCGR 2.2.1.2.1).
        protocol: Option<Code> = "rdp.confirm.protocol" (Code),
        /// Why there is no connection: 1 TLS and 5 CredSSP required, 2 TLS not allowed, 3 no certificate (MS-RDPBCGR 2.2.1.2.2).
        failure: Option<Code> = "rdp.confirm.failure" (Code),
    }
}

event! {
    /// What a client says of itself where nothing is encrypted yet (MS-RDPBCGR 2.2.1.3).
    pub struct Client<'a> in client = "rdp.client" {
        /// Version, as its major number in the upper half and its minor one in the lower (MS-RDPBCGR 2.2.1.3.2).
        version: Code = "rdp.client.version" (Code),
        /// Build of the client (MS-RDPBCGR 2.2.1.3.2).
        build: Code = "rdp.client.build" (Code),
        /// Name of the client's machine (MS-RDPBCGR 2.2.1.3.2).
        name: Option<Plain<'a>> = "rdp.client.name" (Plain, Site),
        /// Layout of the keyboard, as Windows numbers input locales (MS-RDPBCGR 2.2.1.3.2).
        layout: Code = "rdp.client.keyboard_layout" (Code),
        /// Type of the keyboard (MS-RDPBCGR 2.2.1.3.2).
        keyboard: Code = "rdp.client.keyboard_type" (Code),
        /// RDP's own methods of encryption that are offered, as bits: 1 40 bits, 2 128 bits, 8 56 bits, 16 FIPS (MS-RDPBCGR 2.2.1.3.3).
        methods: Option<Code> = "rdp.client.encryption_methods" (Code),
        /// Channels that are asked for, such as those of drives and clipboard (MS-RDPBCGR 2.2.1.3.4).
        channels: Option<Count> = "rdp.client.channels" (Count),
    }
}

event! {
    /// What a server answers to it (MS-RDPBCGR 2.2.1.4).
    pub struct Server in server = "rdp.server" {
        /// Version, as its major number in the upper half and its minor one in the lower (MS-RDPBCGR 2.2.1.4.2).
        version: Code = "rdp.server.version" (Code),
        /// Security protocols that the client had asked for, as the server heard them (MS-RDPBCGR 2.2.1.4.2).
        requested: Option<Code> = "rdp.server.requested_protocols" (Code),
        /// RDP's own method of encryption that is used; 0 is none (MS-RDPBCGR 2.2.1.4.3).
        method: Option<Code> = "rdp.server.encryption_method" (Code),
        /// Level of encryption: 0 none, 1 low, 2 as the client can, 3 high, 4 FIPS (MS-RDPBCGR 2.2.1.4.3).
        level: Option<Code> = "rdp.server.encryption_level" (Code),
    }
}
