use crate::event;
use crate::event::{Code, Codes, Count};
use holter_phi::Plain;

event! {
    /// The version that one side speaks (RFC 6143 7.1.1).
    pub struct Version<'a> in version = "vnc.version" {
        /// Major and minor number, three digits each; 003.889 is Apple's (RFC 6143 7.1.1).
        version: Plain<'a> = "vnc.protocol_version" (Plain, Vocabulary),
        /// It is the server's, who speaks first; with a viewer that listens that is the one that opened the connection (RFC 6143 7.1.1).
        server: bool = "vnc.from_server" (Flag),
    }
}

event! {
    /// The kinds of security that a server offers; none where it refuses the connection (RFC 6143 7.1.2).
    pub struct Offer<'a> in offer = "vnc.offer" {
        /// Kinds: 1 none, 2 VNC authentication, 16 Tight, 18 TLS, 19 VeNCrypt, 30 Apple's (RFC 6143 7.1.2, 8.1.2).
        kinds: Codes<'a> = "vnc.security_types" (Codes),
    }
}

event! {
    /// The kind of security that is used: the viewer's choice, in version 3.3 the server's (RFC 6143 7.1.2).
    pub struct Choice in choice = "vnc.choice" {
        /// Kind; 1 lets everybody in (RFC 6143 7.1.2).
        kind: Code = "vnc.security_type" (Code),
        /// Kind within VeNCrypt: 256 to 264, of which 256 sends a password in clear; within Tight: 1 none, 2 VNC authentication, 129 a user's (RFC 6143 8.1.2 registers the kinds).
        within: Option<Code> = "vnc.security_subtype" (Code),
    }
}

event! {
    /// How the authentication ended (RFC 6143 7.1.3).
    pub struct Outcome in outcome = "vnc.outcome" {
        /// 0 is success, 1 failure, 2 too many attempts (RFC 6143 7.1.3).
        status: Code = "vnc.status" (Code),
    }
}

event! {
    /// The desktop that a server shows (RFC 6143 7.3.2).
    pub struct Desktop<'a> in desktop = "vnc.desktop" {
        /// Pixels in a row (RFC 6143 7.3.2).
        width: Count = "vnc.width" (Count),
        /// Rows (RFC 6143 7.3.2).
        height: Count = "vnc.height" (Count),
        /// Its name, mostly that of the machine (RFC 6143 7.3.2).
        name: Option<Plain<'a>> = "vnc.desktop_name" (Plain, Site),
    }
}
