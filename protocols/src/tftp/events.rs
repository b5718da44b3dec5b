use crate::event;
use crate::event::{Code, Size};
use holter_phi::Plain;

event! {
    /// A TFTP packet (RFC 1350 5).
    pub struct Message<'a> in message = "tftp.message" {
        /// Opcode: 1 read, 2 write, 3 data, 4 acknowledgment, 5 error, 6 options (RFC 1350 5, RFC 2347).
        opcode: Code = "tftp.opcode" (Code),
        /// Name of the file that is asked for (RFC 1350 5).
        file: Option<Plain<'a>> = "tftp.file" (Plain, Site),
        /// Transfer mode: netascii, octet or mail (RFC 1350 1).
        mode: Option<Plain<'a>> = "tftp.mode" (Plain, Vocabulary),
        /// Size of the file, as the option tsize says (RFC 2349).
        file_size: Option<Size> = "tftp.file_size" (Size),
        /// Number of a block that is sent or acknowledged (RFC 1350 5).
        block: Option<Code> = "tftp.block" (Code),
        /// Bytes of the block, which are not read (RFC 1350 5).
        block_size: Option<Size> = "tftp.block_size" (Size),
        /// Error code, whose text is not read (RFC 1350 appendix).
        error: Option<Code> = "tftp.error" (Code),
    }
}
