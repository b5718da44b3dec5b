use crate::event;
use crate::event::{Code, Size};
use holter_phi::{Phi, Plain};

event! {
    /// A control character by which a turn is asked for, given, refused or ended (ASTM E1381 6.3, 6.4 and 6.5).
    pub struct Turn<'a> in turn = "astm.turn" {
        /// ENQ, ACK, NAK or EOT (ASTM E1381 6.2).
        word: Plain<'a> = "astm.word" (Plain, Vocabulary),
    }
}

event! {
    /// A frame (ASTM E1381 6.3.1).
    pub struct Frame in frame = "astm.frame" {
        /// Frame number, 0 to 7 (ASTM E1381 6.3.1.2).
        number: Code = "astm.number" (Code),
        /// It ends its message (ETX), or another follows (ETB) (ASTM E1381 6.3.1.1).
        last: bool = "astm.last" (Flag),
        /// The checksum holds; records are taken only from such a frame (ASTM E1381 6.3.1.4).
        valid: bool = "astm.valid" (Flag),
        /// It has the number of the frame before it: sent again after a NAK (ASTM E1381 6.3.3.3).
        repeated: bool = "astm.repeated" (Flag),
        /// Bytes of its text (ASTM E1381 6.3.1.1).
        size: Size = "astm.size" (Size),
    }
}

event! {
    /// A record (ASTM E1394 6.6), as far as the frame in which it begins holds it.
    pub struct Record<'a> in record = "astm.record" {
        /// Its letter: H header, P patient, O order, R result, C comment, Q request, M manufacturer, S scientific,
        /// L terminator (ASTM E1394 5.1).
        letter: Plain<'a> = "astm.letter" (Plain, Vocabulary),
        /// Name of the sending instrument, first component of H-5 (ASTM E1394 7.1.5).
        name: Option<Plain<'a>> = "astm.sender" (Plain, Equipment),
        /// Its model, second component of H-5 (ASTM E1394 7.1.5).
        model: Option<Plain<'a>> = "astm.model" (Plain, Equipment),
        /// Its serial number, third component of H-5 up to a slash (ASTM E1394 7.1.5).
        serial: Option<Plain<'a>> = "astm.serial" (Plain, Site),
        /// Its software version, third component of H-5 behind a slash (ASTM E1394 7.1.5).
        version: Option<Plain<'a>> = "astm.version" (Plain, Equipment),
        /// The version of the standard, H-13, where it is a known one (ASTM E1394 7.1.13).
        standard: Option<Plain<'a>> = "astm.standard" (Plain, Vocabulary),
        /// A password stands in H-4 (ASTM E1394 7.1.4).
        secret: bool = "astm.secret" (Flag),
        /// Patient identifier, P-3 or else P-4 (ASTM E1394 8.1.3): counted, never read.
        patient: Option<Phi<'a>> = "astm.patient" (Phi),
        /// Bytes of the record that this frame holds (ASTM E1394 6.6).
        size: Size = "astm.record_size" (Size),
    }
}
