use crate::event;
use crate::event::{Code, Size, Transaction};

event! {
    /// A link frame (IEEE 1815 9.2).
    pub struct Link in link = "dnp3.link" {
        /// Link address of the sender (9.2.4.1.5).
        source: Code = "dnp3.source" (Code),
        /// Link address of the receiver; from 65533 on it is all (9.2.4.1.4).
        destination: Code = "dnp3.destination" (Code),
        /// The frame comes from a master (DIR, 9.2.4.1.3).
        master: bool = "dnp3.master" (Flag),
        /// The frame comes from the station that began (PRM, 9.2.4.1.3).
        primary: bool = "dnp3.primary" (Flag),
        /// Function of the link: with PRM 0 reset, 3 and 4 data, 9 status; without it 0 and 1 acknowledge (9.2.4.1.3).
        function: Code = "dnp3.link_function" (Code),
        /// Bytes that the frame carries for the transport, CRCs not counted (9.2.4.1.2).
        size: Size = "dnp3.size" (Size),
    }
}

event! {
    /// The beginning of an application fragment (IEEE 1815 4.2.2).
    pub struct Application in application = "dnp3.application" {
        /// Function: 1 read, 2 write, 3 to 6 select and operate, 13 and 14 restart, 129 response, 130 unsolicited (4.2.2.4).
        function: Code = "dnp3.function" (Code),
        /// Sequence number, which joins a request and its response (4.2.2.3).
        sequence: Transaction = "dnp3.sequence" (Transaction),
        /// It is the first fragment of its message (4.2.2.3).
        first: bool = "dnp3.first" (Flag),
        /// It is the last fragment of its message (4.2.2.3).
        last: bool = "dnp3.last" (Flag),
        /// Its sender wants it confirmed (4.2.2.3).
        confirm: bool = "dnp3.confirm" (Flag),
        /// It is or answers an unsolicited response (4.2.2.3).
        unsolicited: bool = "dnp3.unsolicited" (Flag),
        /// Internal indications of a response: restarted, trouble, not understood (4.2.2.5).
        indications: Option<Code> = "dnp3.indications" (Code),
        /// Group and variation of the first objects, in a byte each (4.2.2.6, 11).
        object: Option<Code> = "dnp3.object" (Code),
        /// Whether the fragment ends in this frame (8.2.1).
        whole: bool = "dnp3.whole" (Flag),
    }
}
