use crate::event;
use crate::event::Code;
use holter_phi::Plain;

event! {
    /// An option is offered, asked for or refused (RFC 854).
    pub struct Negotiation<'a> in negotiation = "telnet.negotiation" {
        /// WILL, WONT, DO, DONT, or SB for a subnegotiation (RFC 854).
        verb: Plain<'a> = "telnet.verb" (Plain, Vocabulary),
        /// The option (RFC 855): 1 echo, 3 suppress go ahead, 24 terminal type, 31 window size, 39 environment.
        option: Code = "telnet.code" (Code),
    }
}

event! {
    /// The server's first text is one that is known of a device.
    pub struct Banner<'a> in banner = "telnet.banner" {
        /// Maker, as our table names it, never as sent (RFC 854 gives text no meaning).
        vendor: Plain<'a> = "telnet.vendor" (Plain, Vocabulary),
        /// Product, as our table names it, never as sent (RFC 854 gives text no meaning).
        product: Plain<'a> = "telnet.product" (Plain, Vocabulary),
    }
}
