use crate::event;
use crate::event::{Code, Size, Transaction};
use holter_phi::Plain;

event! {
    /// A message or a part of one (OPC 10000-6, 6.7.2, 7.1.2).
    pub struct Chunk<'a> in chunk = "opcua.chunk" {
        /// Message type: HEL, ACK, ERR, RHE, OPN, MSG or CLO (7.1.2.2, 6.7.2.2).
        kind: Plain<'a> = "opcua.type" (Plain, Vocabulary),
        /// Chunk type: F final, C between, A aborted (6.7.2.2).
        part: Plain<'a> = "opcua.part" (Plain, Vocabulary),
        /// Bytes of the chunk with its header (7.1.2.2).
        size: Size = "opcua.size" (Size),
        /// Secure channel that it belongs to (6.7.2.2).
        channel: Option<Transaction> = "opcua.channel" (Transaction),
        /// Request id, which joins a request and its response, where the channel does not encrypt (6.7.2.4).
        request: Option<Transaction> = "opcua.request" (Transaction),
        /// Node id of the service's binary encoding, where the channel does not encrypt (6.7.2, A).
        service: Option<Code> = "opcua.service" (Code),
    }
}

event! {
    /// A client's hello, or a server's reverse hello (OPC 10000-6, 7.1.2.3, 7.1.2.6).
    pub struct Hello<'a> in hello = "opcua.hello" {
        /// True for a reverse hello (7.1.2.6).
        reverse: bool = "opcua.hello.reverse" (Flag),
        /// Protocol version (7.1.2.3).
        version: Option<Code> = "opcua.hello.version" (Code),
        /// Largest chunk that the sender can receive (7.1.2.3).
        receive_buffer: Option<Size> = "opcua.hello.receive_buffer" (Size),
        /// Largest chunk that the sender will send (7.1.2.3).
        send_buffer: Option<Size> = "opcua.hello.send_buffer" (Size),
        /// URL of the endpoint that the client wants (7.1.2.3).
        endpoint: Option<Plain<'a>> = "opcua.endpoint" (Plain, Site),
    }
}

event! {
    /// A server's answer to a hello (OPC 10000-6, 7.1.2.4).
    pub struct Acknowledge in acknowledge = "opcua.acknowledge" {
        /// Protocol version (7.1.2.4).
        version: Code = "opcua.acknowledge.version" (Code),
        /// Largest chunk that the server can receive (7.1.2.4).
        receive_buffer: Size = "opcua.acknowledge.receive_buffer" (Size),
        /// Largest chunk that the server will send (7.1.2.4).
        send_buffer: Size = "opcua.acknowledge.send_buffer" (Size),
    }
}

event! {
    /// An error that ends the connection (OPC 10000-6, 7.1.2.5).
    pub struct Error in error = "opcua.error" {
        /// Status code (7.1.5, OPC 10000-4, 7.39).
        status: Code = "opcua.error.status" (Code),
    }
}

event! {
    /// A secure channel is opened or renewed (OPC 10000-6, 6.7.2.3).
    pub struct Open<'a> in open = "opcua.open" {
        /// URI of the security policy (6.7.2.3, OPC 10000-7).
        policy: Option<Plain<'a>> = "opcua.security_policy" (Plain, Vocabulary),
        /// The messages of the channel are neither signed nor encrypted by it (OPC 10000-7).
        unsecured: bool = "opcua.unsecured" (Flag),
        /// Bytes of the sender's certificate; 0 is none (6.7.2.3).
        certificate: Size = "opcua.certificate" (Size),
    }
}
