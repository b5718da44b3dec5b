use crate::event;
use crate::event::{Code, Transaction};
use holter_phi::Plain;

event! {
    /// An LDAP message (RFC 4511 4). Filters, entries, attributes, passwords and diagnostic texts are never told.
    pub struct Message<'a> in message = "ldap.message" {
        /// Message id (RFC 4511 4.1.1.1).
        transaction: Transaction = "ldap.transaction" (Transaction),
        /// Operation by its application tag: 0 and 1 bind, 2 unbind, 3 search, 4 entry, 5 search done, 6 modify, 8 add, 10 delete, 23 and 24 extended (RFC 4511 4.2 to 4.12).
        operation: Code = "ldap.operation" (Code),
        /// Version of a bind request (RFC 4511 4.2).
        version: Option<Code> = "ldap.version" (Code),
        /// Name of a bind request (RFC 4511 4.2).
        name: Option<Plain<'a>> = "ldap.name" (Plain, Site),
        /// Method of a bind request: 0 simple, 3 SASL, 9 to 11 those of Windows (RFC 4511 4.2).
        method: Option<Code> = "ldap.method" (Code),
        /// Mechanism of a SASL bind, where it has the form of one (RFC 4422 3.1).
        mechanism: Option<Plain<'a>> = "ldap.mechanism" (Plain, Vocabulary),
        /// A simple bind sent a password in clear text (RFC 4513 5.1.3).
        password: Option<bool> = "ldap.password" (Flag),
        /// Base of a search (RFC 4511 4.5.1.1).
        base: Option<Plain<'a>> = "ldap.base" (Plain, Site),
        /// Scope of a search (RFC 4511 4.5.1.2).
        scope: Option<Code> = "ldap.scope" (Code),
        /// Result code of a response (RFC 4511 4.1.9).
        result: Option<Code> = "ldap.result" (Code),
        /// Object identifier of an extended operation (RFC 4511 4.12).
        extension: Option<Plain<'a>> = "ldap.extension" (Plain, Vocabulary),
        /// Kind of the NTLMSSP message in a bind: 1 negotiate, 2 challenge, 3 authenticate (MS-NLMP 2.2.1).
        ntlm: Option<Code> = "ldap.ntlm" (Code),
        /// Host in the NTLMSSP message of a bind (MS-NLMP 2.2.1.3).
        ntlm_host: Option<Plain<'a>> = "ldap.ntlm_host" (Plain, Site),
        /// Domain in the NTLMSSP message of a bind (MS-NLMP 2.2.1.3).
        ntlm_domain: Option<Plain<'a>> = "ldap.ntlm_domain" (Plain, Site),
        /// User in the NTLMSSP message of a bind (MS-NLMP 2.2.1.3).
        ntlm_user: Option<Plain<'a>> = "ldap.ntlm_user" (Plain, Site),
        /// Version of the operating system in the NTLMSSP message of a bind (MS-NLMP 2.2.2.10).
        ntlm_version: Option<Plain<'a>> = "ldap.ntlm_version" (Plain, Equipment),
    }
}
