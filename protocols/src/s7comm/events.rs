use crate::event;
use crate::event::{Code, Count, Size, Transaction};
use holter_phi::Plain;

event! {
    /// A transport connection is asked for, confirmed or ended (RFC 905 13.3, 13.4, 13.5).
    pub struct Connect in connect = "s7comm.connect" {
        /// Type of the unit: 0xe0 request, 0xd0 confirm, 0x80 disconnect (RFC 905 13.1).
        kind: Code = "s7comm.connect.type" (Code),
        /// Transport address of the caller, where it has two bytes (RFC 905 13.3.4).
        source: Option<Code> = "s7comm.source_tsap" (Code),
        /// Transport address of the called, where it has two bytes: kind of access, rack and slot (RFC 905 13.3.4).
        destination: Option<Code> = "s7comm.destination_tsap" (Code),
    }
}

event! {
    /// An S7 message (Wireshark's s7comm: header and parameters).
    pub struct Message in message = "s7comm.message" {
        /// Kind of message: 1 job, 2 acknowledgement, 3 its data, 7 user data (header).
        rosctr: Code = "s7comm.rosctr" (Code),
        /// Reference, which joins a job and its answer (header).
        reference: Transaction = "s7comm.reference" (Transaction),
        /// Function of a job or its answer: 0x04 read, 0x05 write, 0x1a to 0x1f transfer, 0x28 and 0x29 control (parameters).
        function: Option<Code> = "s7comm.function" (Code),
        /// Variables that a read or write names (parameters).
        items: Option<Count> = "s7comm.items" (Count),
        /// Largest message that both will use, when it is negotiated (parameters of function 0xf0).
        pdu_size: Option<Size> = "s7comm.pdu_size" (Size),
        /// Class of the error of an answer; 0 is none (header).
        error_class: Option<Code> = "s7comm.error_class" (Code),
        /// Code of the error of an answer (header).
        error_code: Option<Code> = "s7comm.error_code" (Code),
        /// User data is a response (parameters).
        response: Option<bool> = "s7comm.userdata.response" (Flag),
        /// Group of functions of user data: 3 blocks, 4 processor, 5 security, 7 time (parameters).
        group: Option<Code> = "s7comm.userdata.group" (Code),
        /// Function within its group (parameters).
        subfunction: Option<Code> = "s7comm.userdata.subfunction" (Code),
        /// System status list that is read (data of group 4, subfunction 1).
        list: Option<Code> = "s7comm.szl" (Code),
        /// Index within that list (data of group 4, subfunction 1).
        list_index: Option<Code> = "s7comm.szl_index" (Code),
        /// Bytes of the parameters (header).
        parameters: Size = "s7comm.parameters" (Size),
        /// Bytes of the data (header).
        data: Size = "s7comm.data" (Size),
    }
}

event! {
    /// What a station says of itself: system status list 0x11, modules, or 0x1c, components.
    pub struct Module<'a> in module = "s7comm.module" {
        /// System status list that it stands in (data).
        list: Code = "s7comm.module.szl" (Code),
        /// Order number of the module (list 0x11, index 1).
        order_number: Option<Plain<'a>> = "s7comm.order_number" (Plain, Equipment),
        /// Order number of the basic hardware (list 0x11, index 6).
        hardware: Option<Plain<'a>> = "s7comm.hardware" (Plain, Equipment),
        /// Version of the basic hardware (list 0x11, index 6).
        hardware_version: Option<Code> = "s7comm.hardware_version" (Code),
        /// Version of the firmware, as `V` and three numbers in four bytes (list 0x11, index 7).
        firmware_version: Option<Code> = "s7comm.firmware_version" (Code),
        /// Name that the site gave the station (list 0x1c, index 1).
        station: Option<Plain<'a>> = "s7comm.station" (Plain, Site),
        /// Name that the site gave the module (list 0x1c, index 2).
        name: Option<Plain<'a>> = "s7comm.module_name" (Plain, Site),
        /// Plant identification (list 0x1c, index 3).
        plant: Option<Plain<'a>> = "s7comm.plant" (Plain, Site),
        /// Copyright: who made it (list 0x1c, index 4).
        copyright: Option<Plain<'a>> = "s7comm.copyright" (Plain, Equipment),
        /// Serial number of the module (list 0x1c, index 5).
        serial: Option<Plain<'a>> = "s7comm.serial" (Plain, Site),
        /// Type of the module (list 0x1c, index 7).
        kind: Option<Plain<'a>> = "s7comm.module_type" (Plain, Equipment),
        /// Serial number of the memory card (list 0x1c, index 8).
        card: Option<Plain<'a>> = "s7comm.memory_card" (Plain, Site),
        /// Location identification (list 0x1c, index 11).
        location: Option<Plain<'a>> = "s7comm.location" (Plain, Site),
    }
}
