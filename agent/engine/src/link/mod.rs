//! From a frame to a packet: link headers, tags and tunnels are taken off and fragments joined. Knows no conversation.

mod packet;

pub use packet::{Arp, Flags, Icmp, Packet, Tcp, Transport, Udp};
