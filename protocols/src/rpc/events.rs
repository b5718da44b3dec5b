use crate::event;
use crate::event::{Code, Port, Size, Transaction};
use holter_phi::Plain;

event! {
    /// A call (RFC 5531 9).
    pub struct Call<'a> in call = "rpc.call" {
        /// Transaction id, xid.
        transaction: Transaction = "rpc.call.transaction" (Transaction),
        /// Program number: 100000 port mapper, 100003 NFS, 100005 mount (RFC 5531 8.1).
        program: Code = "rpc.program" (Code),
        /// Program version (RFC 5531 9).
        version: Code = "rpc.version" (Code),
        /// Procedure (RFC 5531 9).
        procedure: Code = "rpc.procedure" (Code),
        /// Flavour of the credential: 0 none, 1 system, 6 GSS (RFC 5531 8.2).
        credential: Code = "rpc.credential" (Code),
        /// Name of the client's machine in a system credential (RFC 5531 appendix A).
        machine: Option<Plain<'a>> = "rpc.machine" (Plain, Site),
        /// Program whose port is asked of the port mapper (RFC 1833 3.2, 2.2.1).
        wanted_program: Option<Code> = "rpc.wanted_program" (Code),
        /// Its version (RFC 1833 3.2, 2.2.1).
        wanted_version: Option<Code> = "rpc.wanted_version" (Code),
        /// Protocol number of the transport that is asked for: 6 TCP, 17 UDP (RFC 1833 3.1).
        wanted_transport: Option<Code> = "rpc.wanted_transport" (Code),
        /// Folder that is to be mounted or unmounted (RFC 1813 5.2.1).
        path: Option<Plain<'a>> = "rpc.path" (Plain, Site),
        /// Bytes of the message, of its first fragment over TCP (RFC 5531 11).
        size: Size = "rpc.call.size" (Size),
    }
}

event! {
    /// A reply (RFC 5531 9).
    pub struct Reply in reply = "rpc.reply" {
        /// Transaction id, xid.
        transaction: Transaction = "rpc.reply.transaction" (Transaction),
        /// Program of the call that it answers, where that was seen.
        program: Option<Code> = "rpc.answered_program" (Code),
        /// Procedure of the call that it answers, where that was seen.
        procedure: Option<Code> = "rpc.answered_procedure" (Code),
        /// The call was denied: its version or its credential (RFC 5531 9).
        denied: bool = "rpc.denied" (Flag),
        /// Why it was denied, or how far an accepted call came: 0 success (RFC 5531 9).
        status: Code = "rpc.status" (Code),
        /// Status in the result of an NFS or mount procedure: 0 success (RFC 1813 2.6, 5.1.5).
        result: Option<Code> = "rpc.result" (Code),
        /// Port that the port mapper gives; 0 where the program is not there (RFC 1833 3.2).
        port: Option<Port> = "rpc.port" (Port),
        /// Bytes of the message, of its first fragment over TCP (RFC 5531 11).
        size: Size = "rpc.reply.size" (Size),
    }
}
