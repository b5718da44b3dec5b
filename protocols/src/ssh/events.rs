use crate::event;
use holter_phi::Plain;

event! {
    /// The identification of one side (RFC 4253 4.2).
    pub struct Banner<'a> in banner = "ssh.banner" {
        /// All of it without the end of line: protocol, software and its comment (RFC 4253 4.2).
        protocol: Plain<'a> = "ssh.protocol" (Plain, Site),
    }
}

event! {
    /// What one side offers for the exchange of keys: the first name of each list, its favourite (RFC 4253 7.1).
    pub struct Offer<'a> in offer = "ssh.offer" {
        /// Method of key exchange (RFC 4253 7.1).
        kex: Option<Plain<'a>> = "ssh.offer.kex" (Plain, Vocabulary),
        /// Kind of key of the server (RFC 4253 7.1).
        host_key: Option<Plain<'a>> = "ssh.offer.host_key" (Plain, Vocabulary),
        /// Cipher to the server (RFC 4253 7.1).
        cipher_to_server: Option<Plain<'a>> = "ssh.offer.cipher_to_server" (Plain, Vocabulary),
        /// Cipher to the client (RFC 4253 7.1).
        cipher_to_client: Option<Plain<'a>> = "ssh.offer.cipher_to_client" (Plain, Vocabulary),
        /// Authentication code to the server (RFC 4253 7.1).
        mac_to_server: Option<Plain<'a>> = "ssh.offer.mac_to_server" (Plain, Vocabulary),
        /// Authentication code to the client (RFC 4253 7.1).
        mac_to_client: Option<Plain<'a>> = "ssh.offer.mac_to_client" (Plain, Vocabulary),
        /// Compression to the server (RFC 4253 7.1).
        compression: Option<Plain<'a>> = "ssh.offer.compression" (Plain, Vocabulary),
    }
}
