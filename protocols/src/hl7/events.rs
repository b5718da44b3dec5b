use crate::event;
use crate::event::{Count, Size};
use holter_phi::{Phi, Plain};

event! {
    /// An HL7 v2 message or acknowledgement in an MLLP block (HL7 v2.5.1 2.15.9, MLLP release 1).
    ///
    /// Reported once the block ended, or once it outgrew the decoder's buffer (`whole` is then false and `hl7.end`
    /// follows).
    pub struct Message<'a> in message = "hl7.message" {
        /// Message code, MSH-9.1, where it is a word of table 0076.
        code: Option<Plain<'a>> = "hl7.code" (Plain, Vocabulary),
        /// Trigger event, MSH-9.2, where it has the form of one (a letter and two digits).
        trigger: Option<Plain<'a>> = "hl7.trigger" (Plain, Vocabulary),
        /// Message structure, MSH-9.3, where it has the form of one.
        structure: Option<Plain<'a>> = "hl7.structure" (Plain, Vocabulary),
        /// Version id, MSH-12.1.
        version: Option<Plain<'a>> = "hl7.version" (Plain, Vocabulary),
        /// Character set, MSH-18, where it is a word of table 0211.
        charset: Option<Plain<'a>> = "hl7.charset" (Plain, Vocabulary),
        /// Sending application, MSH-3.1; where that is empty, MSH-3.2. The same for the next three.
        sending_application: Option<Plain<'a>> = "hl7.sending_application" (Plain, Site),
        /// Sending facility, MSH-4.
        sending_facility: Option<Plain<'a>> = "hl7.sending_facility" (Plain, Site),
        /// Receiving application, MSH-5.
        receiving_application: Option<Plain<'a>> = "hl7.receiving_application" (Plain, Site),
        /// Receiving facility, MSH-6.
        receiving_facility: Option<Plain<'a>> = "hl7.receiving_facility" (Plain, Site),
        /// Message profile, MSH-21.3, where it is an OID.
        profile: Option<Plain<'a>> = "hl7.profile" (Plain, Vocabulary),
        /// Software vendor organisation, SFT-1.1.
        software_vendor: Option<Plain<'a>> = "hl7.software_vendor" (Plain, Equipment),
        /// Software certified version, SFT-2.
        software_version: Option<Plain<'a>> = "hl7.software_version" (Plain, Equipment),
        /// Software product name, SFT-3.
        software_product: Option<Plain<'a>> = "hl7.software_product" (Plain, Equipment),
        /// Equipment identifiers: OBX-18, PRT-10, EQU-1, and MSH-3 where it is an EUI-64; whole fields, each once.
        equipment: &'a [Plain<'a>] = "hl7.equipment" (Plain, Site) list,
        /// Acknowledgement code, MSA-1: AA, AE, AR, CA, CE, CR.
        ack: Option<Plain<'a>> = "hl7.ack" (Plain, Vocabulary),
        /// For an acknowledgement: MSA-2 names a message that this conversation carried.
        answers: Option<bool> = "hl7.answers" (Flag),
        /// The control id, MSH-10, was seen before on this conversation.
        repeated: bool = "hl7.repeated" (Flag),
        /// Patient identifiers, PID-3.1 of each PID: counted, never read.
        patient: &'a [Phi<'a>] = "hl7.patient" (Phi) list,
        /// Segments, as far as they were read.
        segments: Count = "hl7.segments" (Count),
        /// Bytes of the block between its start and end marks, as far as they were read.
        size: Size = "hl7.size" (Size),
        /// The block was read to its end.
        whole: bool = "hl7.whole" (Flag),
    }
}

event! {
    /// The end of a message that outgrew the decoder's buffer.
    pub struct End in end = "hl7.end" {
        /// Bytes of the block between its start and end marks.
        size: Size = "hl7.end.size" (Size),
    }
}

event! {
    /// A commit acknowledgement of MLLP release 2: one byte in a block of its own.
    pub struct Acknowledge in acknowledge = "hl7.acknowledge" {
        /// True for 06, false for 15.
        accepted: bool = "hl7.accepted" (Flag),
    }
}
