use crate::event;
use crate::event::{Code, Count, Port, Size};
use holter_phi::{Phi, Plain};
use std::net::IpAddr;

event! {
    /// A command of the client (RFC 959 4.1).
    pub struct Command<'a> in command = "ftp.command" {
        /// The command, where it is a word of the protocol; in capital letters.
        verb: Option<Plain<'a>> = "ftp.verb" (Plain, Vocabulary),
        /// The user name of USER (RFC 959 4.1.1).
        user: Option<Plain<'a>> = "ftp.user" (Plain, Site),
        /// A password or account was sent, by PASS or ACCT (RFC 959 4.1.1).
        secret: bool = "ftp.secret" (Flag),
        /// The file or folder that the command names (RFC 959 4.1.3): counted, never read.
        path: Option<Phi<'a>> = "ftp.path" (Phi),
        /// The mechanism of AUTH, where it is a known one (RFC 2228 3, RFC 4217 4).
        mechanism: Option<Plain<'a>> = "ftp.mechanism" (Plain, Vocabulary),
        /// The address that PORT or EPRT names for data (RFC 959 4.1.2, RFC 2428 2).
        address: Option<IpAddr> = "ftp.active_address" (Address),
        /// The port that PORT or EPRT names for data (RFC 959 4.1.2, RFC 2428 2).
        port: Option<Port> = "ftp.active_port" (Port),
        /// Bytes of the argument, as far as they were read (RFC 959 5.3).
        size: Size = "ftp.argument_size" (Size),
    }
}

event! {
    /// A reply of the server, once its last line came (RFC 959 4.2).
    pub struct Reply<'a> in reply = "ftp.reply" {
        /// Reply code (RFC 959 4.2).
        code: Code = "ftp.code" (Code),
        /// Lines of the reply (RFC 959 4.2).
        lines: Count = "ftp.reply_lines" (Count),
        /// The server software that a greeting or the reply to SYST names, where it is one of a table (RFC 959 5.4).
        product: Option<Plain<'a>> = "ftp.product" (Plain, Vocabulary),
        /// The version behind that name (RFC 959 5.4).
        version: Option<Plain<'a>> = "ftp.product_version" (Plain, Equipment),
        /// The address of a 227 reply, to which the client is to connect for data (RFC 959 4.1.2).
        address: Option<IpAddr> = "ftp.passive_address" (Address),
        /// The port of a 227 or 229 reply (RFC 959 4.1.2, RFC 2428 3).
        port: Option<Port> = "ftp.passive_port" (Port),
    }
}
