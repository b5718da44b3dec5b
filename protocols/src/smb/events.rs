use crate::event;
use crate::event::{Code, Size, Transaction};
use holter_phi::Plain;
use std::net::IpAddr;

event! {
    /// An SMB message: each of a compound (MS-CIFS 2.2.3, MS-SMB2 2.2.1). Names of files and what they hold are passed.
    pub struct Message<'a> in message = "smb.message" {
        /// Version by the protocol's mark: 1, or 2 for versions 2 and 3 (MS-SMB2 2.2.1).
        version: Code = "smb.version" (Code),
        /// Command (MS-CIFS 2.2.2.1, MS-SMB2 2.2.1.2).
        command: Option<Code> = "smb.command" (Code),
        /// Commands chained to the first of version 1 (MS-CIFS 2.2.3.4).
        chained: &'a [Code] = "smb.chained" (Code) list,
        /// True for a response (MS-CIFS 2.2.3.1, MS-SMB2 2.2.1.2).
        response: Option<bool> = "smb.response" (Flag),
        /// Status of a response (MS-ERREF 2.3).
        status: Option<Code> = "smb.status" (Code),
        /// Multiplex or message id (MS-CIFS 2.2.3.1, MS-SMB2 2.2.1.2).
        transaction: Option<Transaction> = "smb.transaction" (Transaction),
        /// Tree id (MS-CIFS 2.2.3.1, MS-SMB2 2.2.1.2).
        tree: Option<Code> = "smb.tree_id" (Code),
        /// The message is signed (MS-CIFS 2.2.3.1, MS-SMB2 2.2.1.2).
        signed: bool = "smb.signed" (Flag),
        /// What stands behind a transform header is encrypted (MS-SMB2 2.2.41).
        encrypted: bool = "smb.encrypted" (Flag),
        /// What stands behind a transform header is compressed (MS-SMB2 2.2.42).
        compressed: bool = "smb.compressed" (Flag),
        /// Length of the message.
        size: Size = "smb.size" (Size),
    }
}

event! {
    /// A negotiation, with the message before it (MS-CIFS 2.2.4.52, MS-SMB2 2.2.3 and 2.2.4).
    pub struct Negotiate<'a> in negotiate = "smb.negotiate" {
        /// Dialects offered, where they are known ones (MS-SMB2 2.2.3).
        offered: &'a [Plain<'a>] = "smb.offered" (Plain, Vocabulary) list,
        /// Dialect chosen, where it is a known one (MS-SMB2 2.2.4).
        dialect: Option<Plain<'a>> = "smb.dialect" (Plain, Vocabulary),
        /// Signing is required (MS-SMB2 2.2.4).
        signing_required: Option<bool> = "smb.signing_required" (Flag),
    }
}

event! {
    /// The setup of a session, with the message before it (MS-CIFS 2.2.4.53, MS-SMB2 2.2.5 and 2.2.6).
    pub struct Session<'a> in session = "smb.session" {
        /// Operating system of the sender (MS-CIFS 2.2.4.53.1).
        native_os: Option<Plain<'a>> = "smb.native_os" (Plain, Site),
        /// LAN manager of the sender (MS-CIFS 2.2.4.53.1).
        lan_manager: Option<Plain<'a>> = "smb.lan_manager" (Plain, Site),
        /// Kind of the NTLMSSP message: 1 negotiate, 2 challenge, 3 authenticate (MS-NLMP 2.2.1).
        ntlm: Option<Code> = "smb.ntlm" (Code),
        /// Host: of the client, or in a challenge of the server (MS-NLMP 2.2.1.3).
        host: Option<Plain<'a>> = "smb.host" (Plain, Site),
        /// Domain (MS-NLMP 2.2.1.3, MS-CIFS 2.2.4.53.1).
        domain: Option<Plain<'a>> = "smb.domain" (Plain, Site),
        /// User or account (MS-NLMP 2.2.1.3, MS-CIFS 2.2.4.53.1).
        user: Option<Plain<'a>> = "smb.user" (Plain, Site),
        /// Version of the operating system in the NTLMSSP message (MS-NLMP 2.2.2.10).
        ntlm_version: Option<Plain<'a>> = "smb.ntlm_version" (Plain, Equipment),
        /// The session is a guest's or nobody's (MS-SMB2 2.2.6).
        guest: Option<bool> = "smb.guest" (Flag),
    }
}

event! {
    /// The connection to a share, with the message before it (MS-CIFS 2.2.4.55, MS-SMB2 2.2.9 and 2.2.10).
    pub struct Tree<'a> in tree = "smb.tree" {
        /// Path of the share (MS-SMB2 2.2.9).
        share: Option<Plain<'a>> = "smb.share" (Plain, Site),
        /// Service of version 1, where it is a word of the standard (MS-CIFS 2.2.4.55.1).
        service: Option<Plain<'a>> = "smb.service" (Plain, Vocabulary),
        /// Kind of share: 1 disk, 2 pipe, 3 printer (MS-SMB2 2.2.10).
        kind: Option<Code> = "smb.share_type" (Code),
    }
}

event! {
    /// DCE/RPC in a named pipe, with the message before it (MS-RPCE 2.1.1.2).
    pub struct Pipe<'a> in pipe = "smb.pipe" {
        /// Type of the fragment: 0 request, 2 response, 3 fault, 11 bind (C706 12.6.4).
        kind: Code = "smb.pipe.type" (Code),
        /// Interfaces that a bind asks for (C706 12.6.4.3).
        interfaces: &'a [Plain<'a>] = "smb.pipe.interface" (Plain, Vocabulary) list,
        /// Context id (C706 12.6.4.9).
        context: Option<Code> = "smb.pipe.context" (Code),
        /// Operation number of a request (C706 12.6.4.9).
        opnum: Option<Code> = "smb.pipe.opnum" (Code),
    }
}

event! {
    /// A NetBIOS session packet that is no message (RFC 1002 4.3).
    pub struct Netbios<'a> in netbios = "smb.netbios" {
        /// Type: 129 request, 130 positive response, 131 negative response, 132 retarget, 133 keep-alive (RFC 1002 4.3.1).
        kind: Code = "smb.netbios.type" (Code),
        /// Called name, without its padding and its suffix (RFC 1002 4.3.2).
        called: Option<Plain<'a>> = "smb.netbios.called" (Plain, Site),
        /// Calling name, without its padding and its suffix (RFC 1002 4.3.2).
        calling: Option<Plain<'a>> = "smb.netbios.calling" (Plain, Site),
        /// Error code of a negative response (RFC 1002 4.3.4).
        error: Option<Code> = "smb.netbios.error" (Code),
    }
}

event! {
    /// A NetBIOS datagram (RFC 1002 4.4), before the message that it holds.
    pub struct Datagram<'a> in datagram = "smb.datagram" {
        /// Type: 16 to one name, 17 to a group, 18 to all (RFC 1002 4.4.1).
        kind: Code = "smb.datagram.type" (Code),
        /// Address that the sender states (RFC 1002 4.4.1).
        address: IpAddr = "smb.datagram.address" (Address),
        /// Name of the sender, without its padding and its suffix (RFC 1002 4.4.2).
        source: Option<Plain<'a>> = "smb.datagram.source" (Plain, Site),
        /// Name of the receiver, without its padding and its suffix (RFC 1002 4.4.2).
        destination: Option<Plain<'a>> = "smb.datagram.destination" (Plain, Site),
        /// Mail slot that is written to, where it is one of the standards (MS-MAIL 2.2.1).
        slot: Option<Plain<'a>> = "smb.datagram.slot" (Plain, Vocabulary),
        /// What is announced: 1 a host, 2 a wish for announcements, 8 an election, 12 a domain, 15 a browser (MS-BRWS 2.2).
        announcement: Option<Code> = "smb.announcement" (Code),
        /// Name of the host or domain that is announced (MS-BRWS 2.2.1).
        host: Option<Plain<'a>> = "smb.announced_name" (Plain, Site),
        /// Major version of its system (MS-BRWS 2.2.1).
        major: Option<Code> = "smb.announced_major" (Code),
        /// Minor version of its system (MS-BRWS 2.2.1).
        minor: Option<Code> = "smb.announced_minor" (Code),
        /// Roles of the host, a bit each: 1 workstation, 2 server, 8 domain controller, 0x200 prints (MS-BRWS 2.3).
        roles: Option<Code> = "smb.announced_roles" (Code),
    }
}
