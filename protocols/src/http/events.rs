use crate::event;
use crate::event::{Code, Size};
use holter_phi::{Phi, Plain};

event! {
    /// An HTTP request, once its head is there (RFC 9112 3, RFC 9113 8.3.1).
    pub struct Request<'a> in request = "http.request" {
        /// Method, where it is a registered one (RFC 9110 9.3, IANA HTTP method registry).
        method: Option<Plain<'a>> = "http.method" (Plain, Vocabulary),
        /// Path of the target up to its query, cut behind what says which kind of patient data it names (RFC 9112 3.2).
        path: Option<Plain<'a>> = "http.path" (Plain, Site),
        /// What the path goes on with behind a clinical route: ids of patients, studies, observations (RFC 9112 3.2).
        rest: Option<Phi<'a>> = "http.rest" (Phi),
        /// The target has a query (RFC 9112 3.2).
        query: bool = "http.query" (Flag),
        /// Clinical route that the path takes: a FHIR resource type, a DICOMweb collection (HL7 FHIR R5 3.2, DICOM PS3.18 10).
        route: Option<Plain<'a>> = "http.route" (Plain, Vocabulary),
        /// What is done on a clinical route: read, search, create, export, store and the like (HL7 FHIR R5 3.2.0, DICOM PS3.18 10).
        operation: Option<Plain<'a>> = "http.operation" (Plain, Vocabulary),
        /// Host, or the authority of the target (RFC 9110 7.2).
        host: Option<Plain<'a>> = "http.host" (Plain, Site),
        /// User-Agent (RFC 9110 10.1.5).
        user_agent: Option<Plain<'a>> = "http.user_agent" (Plain, Site),
        /// Media type of the body, without parameters (RFC 9110 8.3).
        content_type: Option<Plain<'a>> = "http.request.content_type" (Plain, Vocabulary),
        /// Content-Length (RFC 9110 8.6).
        content_length: Option<Size> = "http.request.content_length" (Size),
        /// Scheme of Authorization: none, basic, bearer, digest, negotiate, ntlm, other (RFC 9110 11.6.2).
        authorization: Plain<'a> = "http.authorization" (Plain, Vocabulary),
        /// Protocol that the client offers to change to, where it is a registered one (RFC 9110 7.8).
        upgrade: Option<Plain<'a>> = "http.upgrade" (Plain, Vocabulary),
        /// Version: 0.9, 1.0, 1.1, 2 (RFC 9110 2.5).
        version: Plain<'a> = "http.version" (Plain, Vocabulary),
    }
}

event! {
    /// An HTTP response, once its head is there (RFC 9112 4, RFC 9113 8.3.2).
    pub struct Response<'a> in response = "http.response" {
        /// Status code (RFC 9110 15).
        status: Code = "http.status" (Code),
        /// Server (RFC 9110 10.2.4).
        server: Option<Plain<'a>> = "http.server" (Plain, Site),
        /// Media type of the body, without parameters (RFC 9110 8.3).
        content_type: Option<Plain<'a>> = "http.content_type" (Plain, Vocabulary),
        /// Content-Length (RFC 9110 8.6).
        content_length: Option<Size> = "http.content_length" (Size),
        /// Version: 1.0, 1.1, 2 (RFC 9110 2.5).
        version: Plain<'a> = "http.response.version" (Plain, Vocabulary),
    }
}
