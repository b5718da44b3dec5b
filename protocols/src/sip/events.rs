use crate::event;
use crate::event::{Code, Size};
use holter_phi::{Phi, Plain};

event! {
    /// A SIP request (RFC 3261 7.1).
    pub struct Request<'a> in request = "sip.request" {
        /// Method, where it is a registered one (RFC 3261 7.1, IANA SIP methods).
        method: Option<Plain<'a>> = "sip.method" (Plain, Vocabulary),
        /// Domain of the request URI (RFC 3261 19.1.1).
        domain: Option<Plain<'a>> = "sip.domain" (Plain, Site),
        /// Domain of From (RFC 3261 20.20).
        from_domain: Option<Plain<'a>> = "sip.from_domain" (Plain, Site),
        /// Domain of To (RFC 3261 20.39).
        to_domain: Option<Plain<'a>> = "sip.to_domain" (Plain, Site),
        /// User or number of From: counted, never read (RFC 3261 19.1.1).
        from_user: Option<Phi<'a>> = "sip.from_user" (Phi),
        /// User-Agent (RFC 3261 20.41).
        user_agent: Option<Plain<'a>> = "sip.user_agent" (Plain, Site),
        /// Media type of the body, without parameters (RFC 3261 20.15).
        content_type: Option<Plain<'a>> = "sip.content_type" (Plain, Vocabulary),
        /// Content-Length (RFC 3261 20.14).
        content_length: Option<Size> = "sip.content_length" (Size),
        /// Scheme of Authorization or Proxy-Authorization: none, basic, digest, other and the like (RFC 3261 20.7).
        authorization: Plain<'a> = "sip.authorization" (Plain, Vocabulary),
    }
}

event! {
    /// A SIP response (RFC 3261 7.2).
    pub struct Response<'a> in response = "sip.response" {
        /// Status code (RFC 3261 21).
        status: Code = "sip.status" (Code),
        /// Method that it answers, from CSeq (RFC 3261 20.16).
        method: Option<Plain<'a>> = "sip.response.method" (Plain, Vocabulary),
        /// Domain of From (RFC 3261 20.20).
        from_domain: Option<Plain<'a>> = "sip.response.from_domain" (Plain, Site),
        /// Domain of To (RFC 3261 20.39).
        to_domain: Option<Plain<'a>> = "sip.response.to_domain" (Plain, Site),
        /// Server, or where that is absent User-Agent (RFC 3261 20.35).
        server: Option<Plain<'a>> = "sip.server" (Plain, Site),
        /// Media type of the body, without parameters (RFC 3261 20.15).
        content_type: Option<Plain<'a>> = "sip.response.content_type" (Plain, Vocabulary),
        /// Content-Length (RFC 3261 20.14).
        content_length: Option<Size> = "sip.response.content_length" (Size),
    }
}
