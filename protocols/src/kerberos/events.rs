use crate::event;
use crate::event::Code;
use holter_phi::Plain;

event! {
    /// A Kerberos message (RFC 4120 5). Keys, tickets and what is encrypted are passed.
    pub struct Message<'a> in message = "kerberos.message" {
        /// Message type: 10 and 11 AS, 12 and 13 TGS, 14 and 15 AP, 30 error (RFC 4120 7.5.7).
        kind: Code = "kerberos.type" (Code),
        /// Name of the client, its parts joined by a slash (RFC 4120 5.2.2).
        cname: Option<Plain<'a>> = "kerberos.cname" (Plain, Site),
        /// Realm of the client, in replies and errors (RFC 4120 5.4.2).
        client_realm: Option<Plain<'a>> = "kerberos.client_realm" (Plain, Site),
        /// Name of the service, its parts joined by a slash (RFC 4120 5.2.2).
        sname: Option<Plain<'a>> = "kerberos.sname" (Plain, Site),
        /// Realm of the service, as asked for or as in the ticket (RFC 4120 5.4.1).
        realm: Option<Plain<'a>> = "kerberos.realm" (Plain, Site),
        /// Encryption types that a request offers, in the order of its choice (RFC 4120 5.4.1).
        etypes: &'a [Code] = "kerberos.etype" (Code) list,
        /// Encryption type of the ticket (RFC 4120 5.3).
        ticket_etype: Option<Code> = "kerberos.ticket_etype" (Code),
        /// Encryption type of the reply to the client (RFC 4120 5.4.2).
        reply_etype: Option<Code> = "kerberos.reply_etype" (Code),
        /// Options of a request, or of an AP request (RFC 4120 5.4.1).
        options: Option<Code> = "kerberos.options" (Code),
        /// Types of the pre-authentication data (RFC 4120 5.2.7).
        padata: &'a [Code] = "kerberos.padata" (Code) list,
        /// Error code (RFC 4120 7.5.9).
        error: Option<Code> = "kerberos.error" (Code),
    }
}
