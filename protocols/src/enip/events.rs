use crate::event;
use crate::event::{Code, Count, Port, Size, Transaction};
use holter_phi::Plain;
use std::net::IpAddr;

event! {
    /// A packet of the encapsulation (CIP Volume 2, 2-3).
    pub struct Message in message = "enip.message" {
        /// True for what a target sent (2-3.1).
        response: bool = "enip.response" (Flag),
        /// Command: 0x63 list identity, 0x65 register session, 0x6f send request, 0x70 send unit data (2-3.2).
        command: Code = "enip.command" (Code),
        /// Session handle (2-3.4).
        session: Transaction = "enip.session" (Transaction),
        /// Status of the encapsulation; 0 is success (2-3.5).
        status: Code = "enip.status" (Code),
        /// Bytes behind the header (2-3.3).
        size: Size = "enip.size" (Size),
        /// Items of the common packet format (2-6).
        items: Option<Count> = "enip.items" (Count),
        /// Connection that the data belongs to (2-6.2.2).
        connection: Option<Transaction> = "enip.connection" (Transaction),
        /// CIP service, without the mark of a response (CIP Volume 1, 2-4).
        service: Option<Code> = "enip.cip.service" (Code),
        /// The CIP message is a response (CIP Volume 1, 2-4).
        service_response: Option<bool> = "enip.cip.response" (Flag),
        /// General status of a CIP response; 0 is success (CIP Volume 1, 2-4.2, B).
        service_status: Option<Code> = "enip.cip.status" (Code),
        /// Class that a CIP request is for (CIP Volume 1, C-1.4).
        class: Option<Code> = "enip.cip.class" (Code),
        /// Instance that a CIP request is for (CIP Volume 1, C-1.4).
        instance: Option<Code> = "enip.cip.instance" (Code),
    }
}

event! {
    /// What a device says of itself: an item of the answer to list identity (CIP Volume 2, 2-4.2).
    pub struct Identity<'a> in identity = "enip.identity" {
        /// Version of the encapsulation protocol (2-4.2.3).
        protocol_version: Code = "enip.protocol_version" (Code),
        /// Address that the device gives for itself (2-4.2.3).
        address: Option<IpAddr> = "enip.address" (Address),
        /// Port that the device gives for itself (2-4.2.3).
        port: Port = "enip.port" (Port),
        /// Identifier of the vendor, as ODVA gives them out (CIP Volume 1, 5-2.2.1).
        vendor_id: Code = "enip.vendor_id" (Code),
        /// Type of the device (CIP Volume 1, 5-2.2.2).
        device_type: Code = "enip.device_type" (Code),
        /// Product code of the vendor (CIP Volume 1, 5-2.2.3).
        product_code: Code = "enip.product_code" (Code),
        /// Major revision (CIP Volume 1, 5-2.2.4).
        major: Code = "enip.revision_major" (Code),
        /// Minor revision (CIP Volume 1, 5-2.2.4).
        minor: Code = "enip.revision_minor" (Code),
        /// Status word: owned, configured, faults (CIP Volume 1, 5-2.2.5).
        status: Code = "enip.identity_status" (Code),
        /// Serial number, as eight hexadecimal digits (CIP Volume 1, 5-2.2.6).
        serial: Plain<'a> = "enip.serial" (Plain, Site),
        /// Product name (CIP Volume 1, 5-2.2.7).
        product: Plain<'a> = "enip.product" (Plain, Equipment),
        /// State: 0 nonexistent, 3 operational (CIP Volume 1, 5-2.2.8).
        state: Option<Code> = "enip.state" (Code),
    }
}
