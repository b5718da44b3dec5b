//! Zero-copy decoders: bytes in, events that borrow them out.
//!
//! A decoder knows one protocol and nothing else: no time, no socket, no other protocol, no disk. It cannot serialise
//! what it reads (this crate has no serde) and cannot keep it either, since an event borrows from the packet.
//!
//! # Contract of a stream decoder
//!
//! The engine feeds it the contiguous bytes of one direction, from where it last stopped:
//!
//! - [`Progress::Read`]`(n)`: `n` bytes are done with. Call again with what is left, if anything.
//! - [`Progress::Skip`]: `read` bytes are done with, and so are the `ahead` bytes that follow them, which need not be
//!   shown, buffered or even captured. This is how a 500 MB image passes in constant memory.
//! - [`Progress::Need`]`(n)`: nothing can be said before `n` contiguous bytes stand here (`n` is more than was given
//!   and at most [`MAX_NEED`]). The engine keeps what there is until then.
//! - `Err(`[`Malformed`]`)`: the bytes break the protocol at `at`. The decoder has already chosen where it will go on
//!   and must be called again with the same bytes; it never fails twice without reading in between.
//!
//! [`Decoder::gap`]`(n)` counts from where the decoder last stopped: bytes that it asked to keep with `Need`, and that
//! the engine gives up because those after them were never seen, are part of `n`. After `Skip`, what is missing within
//! `ahead` is the engine's own affair.
//!
//! - [`Progress::Over`]`(n)`: `n` bytes are done with, and what follows, both ways, is another protocol's (TLS after a
//!   STARTTLS, say). The engine looks for it anew; the decoder is not called again.
//!
//! A decoder that starts in the middle of a conversation, or after [`Decoder::gap`], goes on from the first message
//! boundary that it recognises.
//!
//! # How to add a protocol
//!
//! One folder (`mod.rs` with the decoder, `events.rs` with one [`event!`] per event, `samples/`) and two lines here:
//! its `mod` and its place in [`ALL`]. The tests in `tests/` run over [`ALL`].

#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic
    )
)]

pub mod arp;
pub mod astm;
pub mod bacnet;
mod ber;
pub mod cdp;
pub mod dcerpc;
pub mod dhcp;
pub mod dhcpv6;
pub mod dicom;
pub mod dnp3;
pub mod dns;
mod domain;
pub mod enip;
pub mod event;
mod fields;
mod framed;
mod frames;
pub mod ftp;
pub mod hl7;
pub mod http;
pub mod icmp;
pub mod icmpv6;
pub mod igmp;
pub mod intellivue;
mod joined;
pub mod kerberos;
pub mod ldap;
mod line;
pub mod lldp;
pub mod llmnr;
pub mod mdns;
pub mod modbus;
pub mod mqtt;
pub mod nbns;
mod ntlmssp;
pub mod ntp;
pub mod opcua;
mod pieces;
pub mod poct1a;
pub mod quic;
pub mod radius;
pub mod rdp;
mod reader;
pub mod rpc;
pub mod s7comm;
pub mod sip;
pub mod smb;
pub mod smtp;
pub mod snmp;
pub mod ssdp;
pub mod ssh;
pub mod stp;
pub mod syslog;
pub mod telnet;
pub mod tftp;
pub mod tls;
mod tls_hello;
mod tls_prints;
pub mod vnc;
pub mod wsd;

pub use event::{Event, EventSpec, FieldSpec, Kind, Value};
pub use reader::Reader;

use holter_terms::Protocol as Word;
use holter_terms::Visibility;

/// The one table of protocols.
#[rustfmt::skip]
pub static ALL: &[&dyn Protocol] = &[
    &dicom::Dicom,
    &hl7::Hl7,
    &dhcp::Dhcp,
    &dns::Dns,
    &modbus::Modbus,
    &bacnet::Bacnet,
    &enip::Enip,
    &s7comm::S7comm,
    &rdp::Rdp,
    &opcua::Opcua,
    &dnp3::Dnp3,
    &http::Http,
    &ssdp::Ssdp,
    &wsd::WsDiscovery,
    &sip::Sip,
    &ftp::Ftp,
    &smtp::Smtp,
    &mqtt::Mqtt,
    &astm::Astm,
    &poct1a::Poct1a,
    &intellivue::Intellivue,
    &rpc::Rpc,
    &syslog::Syslog,
    &telnet::Telnet,
    &tls::Tls,
    &ssh::Ssh,
    &vnc::Vnc,
    &snmp::Snmp,
    &radius::Radius,
    &kerberos::Kerberos,
    &ldap::Ldap,
    &dcerpc::Dcerpc,
    &smb::Smb,
    &mdns::Mdns,
    &llmnr::Llmnr,
    &nbns::Nbns,
    &arp::Arp,
    &icmp::Icmp,
    &icmpv6::Icmpv6,
    &igmp::Igmp,
    &lldp::Lldp,
    &cdp::Cdp,
    &stp::Stp,
    &dhcpv6::Dhcpv6,
    &ntp::Ntp,
    &tftp::Tftp,
    &quic::Quic,
];

/// The most contiguous bytes that a decoder may ask for.
pub const MAX_NEED: usize = 64 * 1024;

/// Which way bytes go within a conversation. The client is the one that opened it, or, where that was not seen, the
/// one with the higher port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    ToServer,
    ToClient,
}

impl Way {
    pub const fn index(self) -> usize {
        match self {
            Way::ToServer => 0,
            Way::ToClient => 1,
        }
    }

    pub const fn other(self) -> Way {
        match self {
            Way::ToServer => Way::ToClient,
            Way::ToClient => Way::ToServer,
        }
    }
}

/// What came of a look at the first bytes of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is this protocol.
    Yes,
    /// It has the form, but so may others: it is this protocol if one of the ports is usual for it.
    Likely,
    /// It is not, and more bytes will not change that.
    No,
    /// More bytes are needed to say.
    Unsure,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    Read(usize),
    Skip { read: usize, ahead: u64 },
    Need(usize),
    Over(usize),
}

/// Where the bytes broke the protocol; never what they were.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed {
    /// The element that broke, as `protocol.element`: also the label of its counter.
    pub field: &'static str,
    /// Offset of the element in the bytes that were given.
    pub at: usize,
}

/// Takes the events of a decoder while the bytes they borrow are there.
pub trait Sink {
    fn event(&mut self, event: &dyn Event);

    /// Something against the standard that did not stop the decoding, such as a duplicate context id.
    fn weird(&mut self, field: &'static str);
}

/// One transport that a protocol is carried by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    Tcp,
    Udp,
    /// A frame with this EtherType: bytes behind it.
    Ether(u16),
    /// A frame of 802.3: bytes from the LLC header (IEEE 802.2) on, without the padding of the frame.
    Llc,
    /// An IP packet with this protocol number: bytes behind the IP header.
    Ip(u8),
}

impl Transport {
    /// Whether it has ports, and so conversations. What it has not is looked at packet by packet.
    pub const fn has_ports(self) -> bool {
        matches!(self, Transport::Tcp | Transport::Udp)
    }
}

/// A protocol: what it is called, how it is recognised and who decodes it.
pub trait Protocol: Sync {
    /// The word under which it is counted.
    fn word(&self) -> Word;

    /// Its name: the folder, and the first part of each of its field names.
    fn name(&self) -> &'static str;

    fn transports(&self) -> &'static [Transport];

    /// Ports on which it is usual. They order the probing, and decide only what is merely [`Verdict::Likely`].
    fn ports(&self) -> &'static [u16];

    /// Looks at the first contiguous bytes of one direction, or at one datagram.
    fn probe(&self, transport: Transport, way: Way, bytes: &[u8]) -> Verdict;

    /// Whether others can read what it carries. Bytes that the decoder of an encrypted protocol skips, and its datagrams,
    /// count as encrypted.
    fn visibility(&self) -> Visibility {
        Visibility::Clear
    }

    /// A decoder for one TCP conversation, both directions. `None` where the protocol has no streams.
    fn stream(&self) -> Option<Box<dyn Decoder>>;

    /// A decoder for the datagrams of one conversation, where one datagram does not say enough. `None` where each is read
    /// on its own, by [`Protocol::datagram`].
    fn session(&self) -> Option<Box<dyn Session>> {
        None
    }

    /// Decodes one datagram. `Err` after the events that could still be read.
    fn datagram(&self, way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed>;

    /// Every event that its decoders may report.
    fn events(&self) -> &'static [&'static EventSpec];
}

/// A decoder of one conversation. See the contract at the top.
pub trait Decoder: Send {
    fn feed(&mut self, way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<Progress, Malformed>;

    /// `n` bytes of one direction were never seen.
    fn gap(&mut self, way: Way, n: u64);

    /// Memory held beyond the decoder's own size, in bytes; part of the engine's budget.
    fn held(&self) -> usize;
}

/// A decoder of the datagrams of one conversation.
pub trait Session: Send {
    /// As [`Protocol::datagram`], with what the datagrams before it left.
    fn datagram(&mut self, way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed>;

    /// Memory held beyond the session's own size, in bytes; part of the engine's budget.
    fn held(&self) -> usize;
}
