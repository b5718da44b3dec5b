use crate::event;
use crate::event::{Code, Count, Port, Size, Transaction};
use holter_phi::Plain;
use std::net::IpAddr;

event! {
    /// A BACnet/IP message (ASHRAE 135 Annex J, 6, 20.1).
    pub struct Message<'a> in message = "bacnet.message" {
        /// Function of the virtual link: 0 result, 4 forwarded, 5 registration, 10 unicast, 11 broadcast (J.2).
        link: Code = "bacnet.link" (Code),
        /// Result of a request to the virtual link (J.2.1).
        link_result: Option<Code> = "bacnet.link_result" (Code),
        /// Address of the device whose message is forwarded (J.2.5).
        origin: Option<IpAddr> = "bacnet.origin" (Address),
        /// Port of the device whose message is forwarded (J.2.5).
        origin_port: Option<Port> = "bacnet.origin_port" (Port),
        /// Network that the message is for; 65535 is all (6.2.2).
        destination_network: Option<Code> = "bacnet.destination_network" (Code),
        /// Network that the message comes from (6.2.2).
        source_network: Option<Code> = "bacnet.source_network" (Code),
        /// Type of a message of the network layer itself (6.2.4).
        network_message: Option<Code> = "bacnet.network_message" (Code),
        /// Type of the application message: 0 and 1 are requests, 2 to 7 answers (20.1).
        apdu: Option<Code> = "bacnet.apdu" (Code),
        /// Service that is confirmed, of the request, its answer or its error (21).
        confirmed: Option<Code> = "bacnet.confirmed_service" (Code),
        /// Service that is not confirmed (21).
        unconfirmed: Option<Code> = "bacnet.unconfirmed_service" (Code),
        /// Invoke id, which joins a request and its answer (20.1.2.6).
        invoke: Option<Transaction> = "bacnet.invoke" (Transaction),
        /// The application message is one of several parts (20.1.2.1).
        segmented: bool = "bacnet.segmented" (Flag),
        /// Number of the part, where there are several (20.1.2.7).
        sequence: Option<Count> = "bacnet.sequence" (Count),
        /// Error class (18).
        error_class: Option<Code> = "bacnet.error_class" (Code),
        /// Error code (18).
        error_code: Option<Code> = "bacnet.error_code" (Code),
        /// Reason of a reject or an abort (20.1.8, 20.1.9).
        reason: Option<Code> = "bacnet.reason" (Code),
        /// Types of the objects that the message names, in order (12).
        object_types: &'a [Code] = "bacnet.object_type" (Code) list,
        /// Instances of the objects that the message names, in the same order (12).
        instances: &'a [Code] = "bacnet.instance" (Code) list,
        /// Properties that the message names, in order (21).
        properties: &'a [Code] = "bacnet.property" (Code) list,
        /// Vendor identifier that the message names (23.5).
        vendor_id: Option<Code> = "bacnet.vendor_id" (Code),
        /// Bytes of the message from the virtual link on (J.2).
        size: Size = "bacnet.size" (Size),
    }
}

event! {
    /// A device says that it is there: I-Am (ASHRAE 135 16.10.1.2).
    pub struct Device in device = "bacnet.device" {
        /// Instance of the device object: the number of the device in its internetwork (16.10.1.2).
        instance: Code = "bacnet.device.instance" (Code),
        /// Longest application message that it takes (16.10.1.2).
        max_apdu: Option<Size> = "bacnet.device.max_apdu" (Size),
        /// Whether it can send or take parts: 0 both, 1 send, 2 take, 3 neither (16.10.1.2).
        segmentation: Option<Code> = "bacnet.device.segmentation" (Code),
        /// Identifier of its vendor, as ASHRAE gives them out (16.10.1.2, 23).
        vendor_id: Option<Code> = "bacnet.device.vendor_id" (Code),
    }
}

event! {
    /// What a device answered of its own make (ASHRAE 135 12.11, 15.5, 15.7).
    pub struct Identity<'a> in identity = "bacnet.identity" {
        /// Instance of the device object that was read (12.11).
        instance: Code = "bacnet.identity.instance" (Code),
        /// Vendor name, property 121 (12.11.7).
        vendor: Option<Plain<'a>> = "bacnet.vendor" (Plain, Equipment),
        /// Model name, property 70 (12.11.9).
        model: Option<Plain<'a>> = "bacnet.model" (Plain, Equipment),
        /// Firmware revision, property 44 (12.11.10).
        firmware: Option<Plain<'a>> = "bacnet.firmware" (Plain, Equipment),
        /// Application software version, property 12 (12.11.11).
        software: Option<Plain<'a>> = "bacnet.software" (Plain, Equipment),
        /// Serial number, property 372 (12.11).
        serial: Option<Plain<'a>> = "bacnet.serial" (Plain, Site),
    }
}
