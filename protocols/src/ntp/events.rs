use crate::event;
use crate::event::{Code, Size};
use holter_phi::Plain;

event! {
    /// A time message (RFC 5905 7.3).
    pub struct Message<'a> in message = "ntp.message" {
        /// Mode: 1 and 2 symmetric, 3 client, 4 server, 5 broadcast (RFC 5905 7.3).
        mode: Code = "ntp.mode" (Code),
        /// Version (RFC 5905 7.3).
        version: Code = "ntp.version" (Code),
        /// Leap indicator; 3 is a clock that is not set (RFC 5905 7.3).
        leap: Code = "ntp.leap" (Code),
        /// Stratum: 1 a server with a clock, 2 to 15 one that follows, 0 not said (RFC 5905 7.3).
        stratum: Code = "ntp.stratum" (Code),
        /// Time between two messages, as a power of two of seconds (RFC 5905 7.3).
        poll: Code = "ntp.poll" (Code),
        /// Clock of a server of stratum 1, or the reason of one that refuses, where the table knows it (RFC 5905 7.3, 7.4).
        reference: Option<Plain<'a>> = "ntp.reference" (Plain, Vocabulary),
        /// A key or extensions stand behind the message (RFC 5905 7.3, 7.5).
        extended: bool = "ntp.extended" (Flag),
    }
}

event! {
    /// A control message, mode 6 (RFC 9327 2).
    pub struct Control in control = "ntp.control" {
        /// Version (RFC 9327 2).
        version: Code = "ntp.control.version" (Code),
        /// Operation: 1 status, 2 read variables, 10 read the clients (RFC 9327 2).
        operation: Code = "ntp.control.operation" (Code),
        /// True for a response (R, RFC 9327 2).
        response: bool = "ntp.control.response" (Flag),
        /// The response is an error (E, RFC 9327 2).
        error: bool = "ntp.control.error" (Flag),
        /// Bytes of data, which are not read (RFC 9327 2).
        size: Size = "ntp.control.size" (Size),
    }
}

event! {
    /// A private message of ntpd, mode 7 (ntp_request.h; reserved in RFC 5905 7.3).
    pub struct Private in private = "ntp.private" {
        /// Version (RFC 5905 7.3).
        version: Code = "ntp.private.version" (Code),
        /// True for a response (ntp_request.h, R).
        response: bool = "ntp.private.response" (Flag),
        /// Implementation (ntp_request.h).
        implementation: Code = "ntp.private.implementation" (Code),
        /// Request code: 20 and 42 list the clients (ntp_request.h).
        request: Code = "ntp.private.request" (Code),
    }
}
