use crate::event;
use crate::event::{Code, Count, Size};
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

event! {
    /// What else a message says: beside the `hl7.message` before it (HL7 v2.5.1 2.15).
    pub struct Details<'a> in details = "hl7.details" {
        /// Names of the segments, each once, in the order in which they first came; `Z` is any that a site defines, `other` any that the standard does not know (HL7 v2.9 A.5).
        names: &'a [Plain<'a>] = "hl7.segment" (Plain, Vocabulary) list,
        /// How many of each, in the same order (HL7 v2.9 A.5).
        counts: &'a [Count] = "hl7.segment_count" (Count) list,
        /// Processing id, MSH-11.1: P production, T training, D debugging (table 0103).
        processing: Option<Plain<'a>> = "hl7.processing" (Plain, Vocabulary),
        /// When an acceptance is wanted, MSH-15: AL, NE, ER, SU (table 0155).
        accept_ack: Option<Plain<'a>> = "hl7.accept_ack" (Plain, Vocabulary),
        /// When an application's acknowledgement is wanted, MSH-16: AL, NE, ER, SU (table 0155).
        application_ack: Option<Plain<'a>> = "hl7.application_ack" (Plain, Vocabulary),
        /// Network address that the sender gives for itself, MSH-24.1, else MSH-24.2.
        sending_network: Option<Plain<'a>> = "hl7.sending_network" (Plain, Site),
        /// Network address that the sender gives for the receiver, MSH-25.1, else MSH-25.2.
        receiving_network: Option<Plain<'a>> = "hl7.receiving_network" (Plain, Site),
        /// Credentials stand in the message in clear, UAC-2 or MSH-8: never what they are.
        credentials: bool = "hl7.credentials" (Flag),
        /// Errors that it reports, ERR segments.
        errors: Count = "hl7.errors" (Count),
        /// Code of the first error, ERR-3.1, where it is a word of table 0357.
        error_code: Option<Code> = "hl7.error_code" (Code),
        /// Severity of the first error, ERR-4: W, I, E, F (table 0516).
        error_severity: Option<Plain<'a>> = "hl7.error_severity" (Plain, Vocabulary),
        /// For an acknowledgement: how many messages the other side sent after the one that it answers.
        answers_back: Option<Count> = "hl7.answers_back" (Count),
    }
}

event! {
    /// A header or trailer of a batch or a file (HL7 v2.5.1 2.15.2, 2.15.3, 2.15.6, 2.15.7).
    pub struct Batch<'a> in batch = "hl7.batch" {
        /// Name of the segment: FHS, BHS, BTS or FTS.
        segment: Plain<'a> = "hl7.batch.segment" (Plain, Vocabulary),
        /// Sending application of a header, FHS-3 or BHS-3.
        sending_application: Option<Plain<'a>> = "hl7.batch.sending_application" (Plain, Site),
        /// Sending facility of a header, FHS-4 or BHS-4.
        sending_facility: Option<Plain<'a>> = "hl7.batch.sending_facility" (Plain, Site),
        /// Receiving application of a header, FHS-5 or BHS-5.
        receiving_application: Option<Plain<'a>> = "hl7.batch.receiving_application" (Plain, Site),
        /// Receiving facility of a header, FHS-6 or BHS-6.
        receiving_facility: Option<Plain<'a>> = "hl7.batch.receiving_facility" (Plain, Site),
        /// Network address that the sender gives for itself, FHS-13 or BHS-13.
        sending_network: Option<Plain<'a>> = "hl7.batch.sending_network" (Plain, Site),
        /// Network address that the sender gives for the receiver, FHS-14 or BHS-14.
        receiving_network: Option<Plain<'a>> = "hl7.batch.receiving_network" (Plain, Site),
        /// Messages of a batch, or batches of a file, that a trailer promises, BTS-1 or FTS-1.
        promised: Option<Count> = "hl7.batch.promised" (Count),
        /// Messages of the batch, or batches of the file, that came before a trailer.
        counted: Option<Count> = "hl7.batch.counted" (Count),
    }
}
