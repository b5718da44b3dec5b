use crate::event;
use crate::event::Code;
use holter_phi::Plain;

event! {
    /// A search, an answer to one, or a notice of a UPnP device (UPnP Device Architecture 2.0 1.2 and 1.3).
    pub struct Message<'a> in message = "ssdp.message" {
        /// Method, M-SEARCH or NOTIFY; absent from an answer (UPnP Device Architecture 2.0 1.1.2).
        method: Option<Plain<'a>> = "ssdp.method" (Plain, Vocabulary),
        /// Status code of an answer (UPnP Device Architecture 2.0 1.3.3).
        status: Option<Code> = "ssdp.status" (Code),
        /// NTS: ssdp:alive, ssdp:byebye, ssdp:update (UPnP Device Architecture 2.0 1.2).
        notice: Option<Plain<'a>> = "ssdp.nts" (Plain, Vocabulary),
        /// ST or NT where it is a type of devices or services; `uuid` where it names one device (UPnP Device Architecture 2.0 1.2.2).
        target: Option<Plain<'a>> = "ssdp.target" (Plain, Vocabulary),
        /// A unique service name, USN, is given (UPnP Device Architecture 2.0 1.2.2).
        usn: bool = "ssdp.usn" (Flag),
        /// LOCATION of the description (UPnP Device Architecture 2.0 1.2.2).
        location: Option<Plain<'a>> = "ssdp.location" (Plain, Site),
        /// HOST (UPnP Device Architecture 2.0 1.2.2).
        host: Option<Plain<'a>> = "ssdp.host" (Plain, Site),
        /// SERVER: operating system, UPnP version, product (UPnP Device Architecture 2.0 1.2.2).
        server: Option<Plain<'a>> = "ssdp.server" (Plain, Site),
        /// USER-AGENT of a search (UPnP Device Architecture 2.0 1.3.2).
        user_agent: Option<Plain<'a>> = "ssdp.user_agent" (Plain, Site),
    }
}
