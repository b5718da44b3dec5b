use crate::event;
use crate::event::{Code, Size, Transaction};
use holter_phi::Plain;

event! {
    /// A DCE/RPC fragment of a connection (C706 12.6). What a call carries is passed.
    pub struct Pdu<'a> in pdu = "dcerpc.pdu" {
        /// Type: 0 request, 2 response, 3 fault, 11 bind, 12 its acknowledgement, 13 its refusal, 14 and 15 alter context, 16 auth3 (C706 12.6.4).
        kind: Code = "dcerpc.type" (Code),
        /// Call id (C706 12.6.3.1).
        transaction: Transaction = "dcerpc.transaction" (Transaction),
        /// The first fragment of its call (C706 12.6.3.1).
        first: bool = "dcerpc.first" (Flag),
        /// The last fragment of its call (C706 12.6.3.1).
        last: bool = "dcerpc.last" (Flag),
        /// Length of the fragment (C706 12.6.3.1).
        size: Size = "dcerpc.size" (Size),
        /// Interfaces that a bind asks for (C706 12.6.4.3).
        interfaces: &'a [Plain<'a>] = "dcerpc.interface" (Plain, Vocabulary) list,
        /// Versions of these interfaces: the major one, and times 65536 the minor one (C706 12.6.3.1).
        versions: &'a [Code] = "dcerpc.interface_version" (Code) list,
        /// Results of a bind, by its contexts: 0 is acceptance (C706 12.6.3.1).
        results: &'a [Code] = "dcerpc.result" (Code) list,
        /// Context id of a request, a response or a fault, or the first of a bind (C706 12.6.4.9).
        context: Option<Code> = "dcerpc.context" (Code),
        /// Operation number of a request (C706 12.6.4.9).
        opnum: Option<Code> = "dcerpc.opnum" (Code),
        /// Interface to which the context of a request was bound (C706 12.6.4.9).
        called: Option<Plain<'a>> = "dcerpc.called" (Plain, Vocabulary),
        /// Status of a fault (C706 12.6.4.7).
        status: Option<Code> = "dcerpc.status" (Code),
        /// Type of the security trailer: 9 SPNEGO, 10 NTLM, 16 Kerberos (MS-RPCE 2.2.1.1.7).
        security: Option<Code> = "dcerpc.security" (Code),
        /// Level of protection: 6 is privacy (MS-RPCE 2.2.1.1.8).
        level: Option<Code> = "dcerpc.level" (Code),
        /// Kind of the NTLMSSP message in the trailer: 1 negotiate, 2 challenge, 3 authenticate (MS-NLMP 2.2.1).
        ntlm: Option<Code> = "dcerpc.ntlm" (Code),
        /// Host in the NTLMSSP message (MS-NLMP 2.2.1.3).
        ntlm_host: Option<Plain<'a>> = "dcerpc.ntlm_host" (Plain, Site),
        /// Domain in the NTLMSSP message (MS-NLMP 2.2.1.3).
        ntlm_domain: Option<Plain<'a>> = "dcerpc.ntlm_domain" (Plain, Site),
        /// User in the NTLMSSP message (MS-NLMP 2.2.1.3).
        ntlm_user: Option<Plain<'a>> = "dcerpc.ntlm_user" (Plain, Site),
        /// Version of the operating system in the NTLMSSP message (MS-NLMP 2.2.2.10).
        ntlm_version: Option<Plain<'a>> = "dcerpc.ntlm_version" (Plain, Equipment),
    }
}
