use crate::event;
use crate::event::{Code, Count, Size};
use holter_phi::{Phi, Plain};

event! {
    /// A command of the client (RFC 5321 4.1).
    pub struct Command<'a> in command = "smtp.command" {
        /// The command, where it is a word of the protocol; in capital letters.
        verb: Option<Plain<'a>> = "smtp.verb" (Plain, Vocabulary),
        /// The name by which the client greets, of HELO, EHLO or LHLO (RFC 5321 4.1.1.1).
        helo: Option<Plain<'a>> = "smtp.helo" (Plain, Site),
        /// The mailbox of MAIL, RCPT, VRFY or EXPN (RFC 5321 4.1.1): counted, never read.
        address: Option<Phi<'a>> = "smtp.address" (Phi),
        /// The domain of that mailbox (RFC 5321 4.1.2).
        domain: Option<Plain<'a>> = "smtp.domain" (Plain, Site),
        /// The size that MAIL declares (RFC 1870 3), or that of a BDAT chunk (RFC 3030 2).
        size: Option<Size> = "smtp.declared_size" (Size),
        /// The mechanism of AUTH, where it is a known one (RFC 4954 3).
        mechanism: Option<Plain<'a>> = "smtp.mechanism" (Plain, Vocabulary),
        /// AUTH came with a response to no challenge, which may hold a password (RFC 4954 4).
        secret: bool = "smtp.secret" (Flag),
    }
}

event! {
    /// A reply of the server, once its last line came (RFC 5321 4.2).
    pub struct Reply<'a> in reply = "smtp.reply" {
        /// Reply code (RFC 5321 4.2.3).
        code: Code = "smtp.code" (Code),
        /// Lines of the reply (RFC 5321 4.2.1).
        lines: Count = "smtp.reply_lines" (Count),
        /// One of its lines offers STARTTLS (RFC 3207 4).
        offers_tls: bool = "smtp.offers_tls" (Flag),
        /// The server software that the greeting names, where it is one of a table (RFC 5321 4.3.1).
        product: Option<Plain<'a>> = "smtp.product" (Plain, Vocabulary),
    }
}

event! {
    /// A message was handed over by DATA, up to the dot that ends it (RFC 5321 4.1.1.4).
    pub struct Data in data = "smtp.data" {
        /// Bytes of the message as sent, without the line of the dot.
        size: Size = "smtp.data_size" (Size),
    }
}
