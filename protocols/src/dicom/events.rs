use crate::event;
use crate::event::{Code, Count, Size, Transaction};
use holter_phi::{Phi, Plain};

event! {
    /// A-ASSOCIATE-RQ: somebody asks for an association (PS3.8 9.3.2).
    pub struct AssociateRq<'a> in associate_rq = "dicom.associate_rq" {
        /// Called AE title, 16 bytes, space padded (PS3.8 9.3.2).
        called_ae: Plain<'a> = "dicom.called_ae" (Plain, Site),
        /// Calling AE title, 16 bytes, space padded (PS3.8 9.3.2).
        calling_ae: Plain<'a> = "dicom.calling_ae" (Plain, Site),
        /// Application context name (PS3.8 9.3.2.1).
        application_context: Option<Plain<'a>> = "dicom.application_context" (Plain, Vocabulary),
        /// Largest P-DATA-TF PDU that the sender can receive; 0 is no limit (PS3.8 D.1.1).
        max_pdu: Option<Size> = "dicom.max_pdu" (Size),
        /// Implementation class UID: which software speaks (PS3.7 D.3.3.2.1).
        implementation_uid: Option<Plain<'a>> = "dicom.implementation_uid" (Plain, Equipment),
        /// Implementation version name (PS3.7 D.3.3.2.3).
        implementation_version: Option<Plain<'a>> = "dicom.implementation_version" (Plain, Equipment),
        /// Presentation contexts proposed.
        contexts: Count = "dicom.contexts" (Count),
        /// User identity type: 1 user name, 2 user name and passcode, 3 Kerberos, 4 SAML, 5 JWT (PS3.7 D.3.3.7).
        user_identity: Option<Code> = "dicom.user_identity" (Code),
        /// Operations that the requestor wants to have outstanding; 0 is no limit (PS3.7 D.3.3.3).
        async_invoked: Option<Count> = "dicom.async_invoked" (Count),
        /// Operations that the requestor lets be outstanding; 0 is no limit (PS3.7 D.3.3.3).
        async_performed: Option<Count> = "dicom.async_performed" (Count),
    }
}

event! {
    /// A presentation context proposed in the A-ASSOCIATE-RQ before it (PS3.8 9.3.2.2).
    pub struct Context<'a> in context = "dicom.context" {
        /// Presentation context id, odd, 1 to 255.
        id: Code = "dicom.context_id" (Code),
        /// Abstract syntax: the SOP class asked for.
        abstract_syntax: Plain<'a> = "dicom.abstract_syntax" (Plain, Vocabulary),
        /// Transfer syntaxes offered, in order.
        transfer_syntaxes: &'a [Plain<'a>] = "dicom.transfer_syntax" (Plain, Vocabulary) list,
    }
}

event! {
    /// A-ASSOCIATE-AC: the association is accepted (PS3.8 9.3.3).
    pub struct AssociateAc<'a> in associate_ac = "dicom.associate_ac" {
        /// Largest P-DATA-TF PDU that the acceptor can receive; 0 is no limit (PS3.8 D.1.1).
        max_pdu: Option<Size> = "dicom.accept.max_pdu" (Size),
        /// Implementation class UID of the acceptor (PS3.7 D.3.3.2.2).
        implementation_uid: Option<Plain<'a>> = "dicom.accept.implementation_uid" (Plain, Equipment),
        /// Implementation version name of the acceptor (PS3.7 D.3.3.2.4).
        implementation_version: Option<Plain<'a>> = "dicom.accept.implementation_version" (Plain, Equipment),
        /// Presentation contexts accepted.
        accepted: Count = "dicom.accept.contexts" (Count),
        /// Presentation contexts refused.
        refused: Count = "dicom.refuse.contexts" (Count),
    }
}

event! {
    /// The answer to one presentation context, in the A-ASSOCIATE-AC before it (PS3.8 9.3.3.2).
    pub struct ContextResult<'a> in context_result = "dicom.context_result" {
        /// Presentation context id, odd, 1 to 255.
        id: Code = "dicom.result.context_id" (Code),
        /// 0 acceptance, 1 user rejection, 2 no reason, 3 abstract syntax, 4 transfer syntaxes not supported.
        result: Code = "dicom.result" (Code),
        /// Abstract syntax that was proposed under this id, where the request was seen.
        abstract_syntax: Option<Plain<'a>> = "dicom.result.abstract_syntax" (Plain, Vocabulary),
        /// Transfer syntax chosen.
        transfer_syntax: Option<Plain<'a>> = "dicom.result.transfer_syntax" (Plain, Vocabulary),
    }
}

event! {
    /// A-ASSOCIATE-RJ: the association is rejected (PS3.8 9.3.4).
    pub struct AssociateRj in associate_rj = "dicom.associate_rj" {
        /// 1 rejected permanent, 2 rejected transient.
        result: Code = "dicom.reject.result" (Code),
        /// 1 service user, 2 service provider (ACSE), 3 service provider (presentation).
        source: Code = "dicom.reject.source" (Code),
        /// Reason, by source; for source 1: 3 calling AE title and 7 called AE title not recognised.
        reason: Code = "dicom.reject.reason" (Code),
    }
}

event! {
    /// A-RELEASE-RQ or A-RELEASE-RP (PS3.8 9.3.6, 9.3.7).
    pub struct Release in release = "dicom.release" {
        /// True for the answer (A-RELEASE-RP).
        answer: bool = "dicom.release.answer" (Flag),
    }
}

event! {
    /// A-ABORT (PS3.8 9.3.8).
    pub struct Abort in abort = "dicom.abort" {
        /// 0 service user, 2 service provider.
        source: Code = "dicom.abort.source" (Code),
        /// Reason, where the source is the provider.
        reason: Code = "dicom.abort.reason" (Code),
    }
}

event! {
    /// A DIMSE command set (PS3.7 9.3, 10.3, E.1).
    pub struct Command<'a> in command = "dicom.command" {
        /// Command field (0000,0100); bit 15 set is a response.
        command: Code = "dicom.command" (Code),
        /// Presentation context id that carries it.
        context: Code = "dicom.command.context_id" (Code),
        /// Message id (0000,0110).
        message_id: Option<Transaction> = "dicom.message_id" (Transaction),
        /// Message id being responded to (0000,0120).
        responds_to: Option<Transaction> = "dicom.responds_to" (Transaction),
        /// Affected or requested SOP class UID (0000,0002), (0000,0003).
        sop_class: Option<Plain<'a>> = "dicom.sop_class" (Plain, Vocabulary),
        /// Status (0000,0900), in responses.
        status: Option<Code> = "dicom.status" (Code),
        /// Move destination AE title (0000,0600).
        move_destination: Option<Plain<'a>> = "dicom.move_destination" (Plain, Site),
        /// Move originator AE title (0000,1030).
        move_originator: Option<Plain<'a>> = "dicom.move_originator" (Plain, Site),
        /// Sub-operations remaining (0000,1020).
        remaining: Option<Count> = "dicom.remaining" (Count),
        /// Sub-operations completed (0000,1021).
        completed: Option<Count> = "dicom.completed" (Count),
        /// Sub-operations failed (0000,1022).
        failed: Option<Count> = "dicom.failed" (Count),
        /// A data set follows ((0000,0800) is not 0101H).
        has_data: bool = "dicom.has_data" (Flag),
    }
}

event! {
    /// The head of a data set: what it says of the machine that made it (PS3.3 C.7.5.1).
    pub struct DataHead<'a> in data_head = "dicom.data_head" {
        /// Command that the data set belongs to, where it was seen.
        command: Option<Code> = "dicom.data.command" (Code),
        /// SOP class of that command.
        sop_class: Option<Plain<'a>> = "dicom.data.sop_class" (Plain, Vocabulary),
        /// Transfer syntax of the presentation context, where the negotiation was seen.
        transfer_syntax: Option<Plain<'a>> = "dicom.data.transfer_syntax" (Plain, Vocabulary),
        /// Modality (0008,0060).
        modality: Option<Plain<'a>> = "dicom.modality" (Plain, Vocabulary),
        /// Manufacturer (0008,0070).
        manufacturer: Option<Plain<'a>> = "dicom.manufacturer" (Plain, Equipment),
        /// Manufacturer's model name (0008,1090).
        model: Option<Plain<'a>> = "dicom.model" (Plain, Equipment),
        /// Software versions (0018,1020).
        software: Option<Plain<'a>> = "dicom.software" (Plain, Equipment),
        /// Device serial number (0018,1000).
        serial: Option<Plain<'a>> = "dicom.serial" (Plain, Site),
        /// Station name (0008,1010).
        station: Option<Plain<'a>> = "dicom.station" (Plain, Site),
        /// Patient id (0010,0020): counted, never read.
        patient: Option<Phi<'a>> = "dicom.patient" (Phi),
    }
}

event! {
    /// A data set ended.
    pub struct DataEnd in data_end = "dicom.data_end" {
        /// Command that the data set belonged to, where it was seen.
        command: Option<Code> = "dicom.end.command" (Code),
        /// Bytes of the data set in P-DATA-TF fragments, headers not counted.
        size: Size = "dicom.data_size" (Size),
        /// Fragments (PDVs) that carried it.
        fragments: Count = "dicom.fragments" (Count),
    }
}

event! {
    /// A PDU of whatever type (PS3.8 9.3.1).
    pub struct Pdu in unit = "dicom.pdu" {
        /// Type: 1 request, 2 accept, 3 reject, 4 data, 5 and 6 release, 7 abort (PS3.8 9.3.1).
        kind: Code = "dicom.pdu.type" (Code),
        /// Bytes behind the header (PS3.8 9.3.1).
        length: Size = "dicom.pdu.length" (Size),
    }
}

event! {
    /// A presentation data value: a fragment of a command set or of a data set (PS3.8 9.3.5.1, E.2).
    pub struct Pdv in pdv = "dicom.pdv" {
        /// Presentation context id (PS3.8 9.3.5.1).
        context: Code = "dicom.pdv.context_id" (Code),
        /// Message control header: bit 0 command, bit 1 last (PS3.8 E.2).
        flags: Code = "dicom.pdv.flags" (Code),
        /// Bytes of the value with its control header and context id (PS3.8 9.3.5.1).
        length: Size = "dicom.pdv.length" (Size),
    }
}

event! {
    /// What else the A-ASSOCIATE-RQ or -AC before it negotiates (PS3.8 9.3.2, 9.3.3; PS3.7 D.3.3).
    pub struct Negotiation<'a> in negotiation = "dicom.negotiation" {
        /// True for the A-ASSOCIATE-AC (PS3.8 9.3.3).
        answer: bool = "dicom.negotiation.answer" (Flag),
        /// Protocol version, a bit each; 1 is the only one there is (PS3.8 9.3.2).
        version: Code = "dicom.negotiation.version" (Code),
        /// Called AE title, which an answer sends back and nobody tests (PS3.8 9.3.3).
        called_ae: Plain<'a> = "dicom.negotiation.called_ae" (Plain, Site),
        /// Calling AE title, which an answer sends back and nobody tests (PS3.8 9.3.3).
        calling_ae: Plain<'a> = "dicom.negotiation.calling_ae" (Plain, Site),
        /// Operations that the sender may have outstanding; 0 is no limit (PS3.7 D.3.3.3).
        async_invoked: Option<Count> = "dicom.negotiation.async_invoked" (Count),
        /// Operations that the sender lets be outstanding; 0 is no limit (PS3.7 D.3.3.3).
        async_performed: Option<Count> = "dicom.negotiation.async_performed" (Count),
        /// SOP classes whose roles are negotiated (PS3.7 D.3.3.4).
        roles: Count = "dicom.negotiation.roles" (Count),
        /// SOP classes with extended negotiation, whose content is not read (PS3.7 D.3.3.5).
        extended: Count = "dicom.negotiation.extended" (Count),
        /// SOP classes with common extended negotiation (PS3.7 D.3.3.6).
        common_extended: Count = "dicom.negotiation.common_extended" (Count),
        /// The requestor wants its user identity answered (PS3.7 D.3.3.7.1).
        identity_response: Option<bool> = "dicom.negotiation.identity_response" (Flag),
        /// The acceptor answered a user identity, so it took it (PS3.7 D.3.3.7.2).
        identity_accepted: bool = "dicom.negotiation.identity_accepted" (Flag),
    }
}

event! {
    /// The roles that one side proposes or takes for a SOP class (PS3.7 D.3.3.4).
    pub struct Role<'a> in role = "dicom.role" {
        /// True in the A-ASSOCIATE-AC (PS3.7 D.3.3.4.2).
        answer: bool = "dicom.role.answer" (Flag),
        /// SOP class (PS3.7 D.3.3.4).
        sop_class: Plain<'a> = "dicom.role.sop_class" (Plain, Vocabulary),
        /// The requestor may be the user of the service (PS3.7 D.3.3.4).
        user: bool = "dicom.role.scu" (Flag),
        /// The requestor may be the provider of the service (PS3.7 D.3.3.4).
        provider: bool = "dicom.role.scp" (Flag),
    }
}

event! {
    /// What else the command set before it says, where it does (PS3.7 9.3, 10.3, C, E.1).
    pub struct Operation in operation = "dicom.operation" {
        /// Command field of that command set (0000,0100).
        command: Code = "dicom.operation.command" (Code),
        /// Priority (0000,0700): 0 medium, 1 high, 2 low.
        priority: Option<Code> = "dicom.priority" (Code),
        /// Event type id (0000,1002).
        event_type: Option<Code> = "dicom.event_type" (Code),
        /// Action type id (0000,1008).
        action_type: Option<Code> = "dicom.action_type" (Code),
        /// Sub-operations with a warning (0000,1023).
        warnings: Option<Count> = "dicom.warnings" (Count),
        /// Error id (0000,0903).
        error_id: Option<Code> = "dicom.error_id" (Code),
        /// Elements that a response calls offending (0000,0901).
        offending: Option<Count> = "dicom.offending" (Count),
        /// Attributes that an N-GET asks for (0000,1005).
        attributes: Option<Count> = "dicom.attributes" (Count),
    }
}

event! {
    /// What else the head before it says of machines, where it does (PS3.3 C.7.5.1, C.8.6.1).
    pub struct Machine<'a> in machine = "dicom.machine" {
        /// Device UID (0018,1002).
        device_uid: Option<Plain<'a>> = "dicom.device_uid" (Plain, Site),
        /// Gantry id (0018,1008).
        gantry: Option<Plain<'a>> = "dicom.gantry" (Plain, Site),
        /// Unique device identifier (0018,1009).
        udi: Option<Plain<'a>> = "dicom.udi" (Plain, Site),
        /// Manufacturer of the device that made a secondary capture (0018,1016).
        capture_manufacturer: Option<Plain<'a>> = "dicom.capture_manufacturer" (Plain, Equipment),
        /// Model of the device that made a secondary capture (0018,1018).
        capture_model: Option<Plain<'a>> = "dicom.capture_model" (Plain, Equipment),
        /// Software of the device that made a secondary capture (0018,1019).
        capture_software: Option<Plain<'a>> = "dicom.capture_software" (Plain, Equipment),
    }
}
