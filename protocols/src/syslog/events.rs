use crate::event;
use crate::event::{Code, Size};
use holter_phi::Plain;

event! {
    /// A syslog message, with or without a version (RFC 5424 6, RFC 3164 4.1).
    pub struct Message<'a> in message = "syslog.message" {
        /// Facility (RFC 5424 6.2.1).
        facility: Code = "syslog.facility" (Code),
        /// Severity (RFC 5424 6.2.1).
        severity: Code = "syslog.severity" (Code),
        /// Version, absent in the older form (RFC 5424 6.2.2).
        version: Option<Code> = "syslog.version" (Code),
        /// Host that sends the message (RFC 5424 6.2.4, RFC 3164 4.1.2).
        host: Option<Plain<'a>> = "syslog.host" (Plain, Site),
        /// Application, or the tag of the older form where a colon or a bracket ends it (RFC 5424 6.2.5, RFC 3164 4.1.3).
        application: Option<Plain<'a>> = "syslog.application" (Plain, Equipment),
        /// It carries an audit message of DICOM and IHE ATNA, which is counted and never read (DICOM PS3.15 A.5).
        audit: bool = "syslog.audit" (Flag),
        /// Bytes of the message (RFC 5424 6.1).
        size: Size = "syslog.size" (Size),
    }
}
