use crate::event;
use crate::event::{Code, Count, Port, Size, Transaction};
use holter_phi::{Phi, Plain};
use holter_terms::Mac;
use std::net::IpAddr;

event! {
    /// An association is asked for, accepted, refused, released or aborted (Data Export guide, association control).
    pub struct Association in association = "intellivue.association" {
        /// Type of the session header: 13 connect, 14 accept, 12 refuse, 9 finish, 10 disconnect, 25 abort (Data Export guide, session header).
        kind: Code = "intellivue.association.type" (Code),
        /// Version of the protocol, as a bit (Data Export guide, MDSE user info).
        version: Option<Code> = "intellivue.protocol_version" (Code),
        /// Whose info it is: 0x80000000 a client's, 0x00800000 a monitor's (Data Export guide, MDSE user info).
        role: Option<Code> = "intellivue.association.system_type" (Code),
        /// How it starts: 0x80000000 hot, 0x40000000 warm, 0x20000000 cold (Data Export guide, MDSE user info).
        startup: Option<Code> = "intellivue.startup_mode" (Code),
        /// Largest message that is sent (Data Export guide, poll profile support).
        largest: Option<Size> = "intellivue.max_mtu" (Size),
        /// Options of extended polls, as bits; 0x08000000 are waves (Data Export guide, poll profile extension).
        options: Option<Code> = "intellivue.poll_options" (Code),
    }
}

event! {
    /// A message of the data export (Data Export guide, remote operations).
    pub struct Message in message = "intellivue.message" {
        /// Operation: 1 invoke, 2 result, 3 error, 5 a part of a result (Data Export guide, ROapdus).
        operation: Code = "intellivue.operation" (Code),
        /// Number of the operation, which joins it and its result (Data Export guide, ROIVapdu).
        invoke: Transaction = "intellivue.invoke" (Transaction),
        /// Command: 0 and 1 event report, 3 get, 4 and 5 set, 7 action (Data Export guide, ROIVapdu).
        command: Option<Code> = "intellivue.command" (Code),
        /// Why an operation failed (Data Export guide, ROERapdu).
        error: Option<Code> = "intellivue.error" (Code),
    }
}

event! {
    /// What a monitor says of itself, to all when it looks for clients and to one when an association begins (Data Export guide, connect indication and MDS create).
    pub struct System<'a> in system = "intellivue.system" {
        /// Event by which it says so: 3351 connect indication, 3334 MDS create (Data Export guide, event types).
        event: Code = "intellivue.event" (Code),
        /// Version of the nomenclature: major number in the upper byte, minor in the lower (Data Export guide, connect indication).
        nomenclature: Option<Code> = "intellivue.nomenclature" (Code),
        /// Type of the system, in the nomenclature of devices (Data Export guide, attribute 0x0986).
        kind: Option<Code> = "intellivue.system_type" (Code),
        /// Who made it (Data Export guide, attribute 0x0928).
        manufacturer: Option<Plain<'a>> = "intellivue.manufacturer" (Plain, Equipment),
        /// Number of the model (Data Export guide, attribute 0x0928).
        model: Option<Plain<'a>> = "intellivue.model" (Plain, Equipment),
        /// Serial number (Data Export guide, attribute 0x092d, type 1).
        serial: Option<Plain<'a>> = "intellivue.serial" (Plain, Site),
        /// Number of the part (Data Export guide, attribute 0x092d, type 2).
        part: Option<Plain<'a>> = "intellivue.part" (Plain, Equipment),
        /// Revision of the hardware (Data Export guide, attribute 0x092d, type 3).
        hardware: Option<Plain<'a>> = "intellivue.hardware_revision" (Plain, Equipment),
        /// Revision of the software (Data Export guide, attribute 0x092d, type 4).
        software: Option<Plain<'a>> = "intellivue.software_revision" (Plain, Equipment),
        /// Link-layer address (Data Export guide, attribute 0xf100).
        mac: Option<Mac> = "intellivue.mac" (Hardware),
        /// Address (Data Export guide, attribute 0xf100).
        address: Option<IpAddr> = "intellivue.address" (Address),
        /// UDP port of the data export (Data Export guide, attribute 0xf101).
        port: Option<Port> = "intellivue.port" (Port),
        /// Label of the bed, which stands for who lies in it (Data Export guide, attribute 0x091e).
        bed: Option<Phi<'a>> = "intellivue.bed" (Phi),
    }
}

event! {
    /// Data is asked for, or comes; of it only how many objects there are (Data Export guide, poll data).
    pub struct Poll in poll = "intellivue.poll" {
        /// It is data that comes.
        result: bool = "intellivue.poll.result" (Flag),
        /// Action: 3094 one poll, 61755 an extended one (Data Export guide, action types).
        action: Code = "intellivue.poll.action" (Code),
        /// Class of the objects: 6 numerics, 9 waves, 42 the patient's data, 54 alarms (Data Export guide, object classes).
        class: Code = "intellivue.poll.class" (Code),
        /// Group of their attributes; 0 is all (Data Export guide, attribute groups).
        group: Code = "intellivue.poll.group" (Code),
        /// Contexts in which objects come (Data Export guide, poll info list).
        contexts: Option<Count> = "intellivue.poll.contexts" (Count),
        /// Objects that come (Data Export guide, single context poll).
        objects: Option<Count> = "intellivue.poll.objects" (Count),
    }
}
