//! From a frame to a packet: link headers, tags and tunnels are taken off and fragments joined. Knows no conversation.
//!
//! Nothing is copied but fragments, and nothing is allocated but for them. What cannot be read is counted by its
//! reason; a frame of something other than ARP and IP is handed on whole.

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

mod checksum;
mod copies;
mod cursor;
mod error;
mod fragments;
mod ip;
mod layers;
mod packet;
mod tunnel;
mod wlan;

pub use checksum::Checksums;
pub use copies::{COPIES, COPY_WINDOW};
pub use error::{Errors, LinkError, Reason};
pub use fragments::{FragmentCounts, MAX_BYTES, MAX_DATAGRAMS, MAX_PIECES, PATIENCE};
pub use ip::MAX_EXTENSIONS;
pub use layers::MAX_NESTED;
pub use packet::{Arp, Flags, Icmp, Packet, Sight, Tcp, Transport, Udp};

use copies::{Copies, Marker, Place};
use cursor::Cursor;
use fragments::{Fragments, Joined};
use holter_terms::{LinkType, Nanos};
use ip::Within;
use layers::Seen;

/// What became of the frames.
#[derive(Debug, Clone, Default)]
pub struct LinkCounts {
    pub frames: u64,
    /// Packets handed on.
    pub packets: u64,
    /// Frames that hold nothing to hand on, and fragments whose datagram is not whole.
    pub not_ip: u64,
    /// Packets of which the capture left out a part.
    pub truncated: u64,
    /// Packets and fragments that were shown once more, see [`Sight`].
    pub duplicates: u64,
    pub errors: Errors,
}

/// The link room: frames in, packets out.
pub struct Link {
    checksums: Checksums,
    marker: Marker,
    copies: Copies,
    fragments: Fragments,
    /// The datagram that was joined last; the packet handed out borrows from it.
    joined: Vec<u8>,
    counts: LinkCounts,
}

impl Link {
    /// `seed` is drawn at random once per start: what the network sends cannot then be aimed at the table.
    pub fn new(checksums: Checksums, seed: [u8; 16]) -> Self {
        Link {
            checksums,
            marker: Marker::new(seed),
            copies: Copies::new(),
            fragments: Fragments::new(seed),
            joined: Vec::new(),
            counts: LinkCounts::default(),
        }
    }

    pub const fn counts(&self) -> &LinkCounts {
        &self.counts
    }

    pub const fn fragment_counts(&self) -> &FragmentCounts {
        &self.fragments.counts
    }

    /// Bytes of fragments that wait for others, and the datagrams they belong to.
    pub fn fragments_held(&self) -> (usize, usize) {
        (self.fragments.held(), self.fragments.waiting())
    }

    /// The packet of a frame. `Ok(None)` for a frame with nothing to hand on, and for a fragment whose datagram is not
    /// complete.
    pub fn packet<'a>(
        &'a mut self,
        at: Nanos,
        link: LinkType,
        frame: &'a [u8],
    ) -> Result<Option<Packet<'a>>, LinkError> {
        self.counts.frames = self.counts.frames.saturating_add(1);
        let seen = match layers::peel(link, frame, self.checksums, self.marker) {
            Ok(Seen::Fragment(_, mark)) if self.copies.heard(at, mark, Place::ANY) != Sight::First => {
                self.counts.duplicates = self.counts.duplicates.saturating_add(1);
                return Ok(None);
            }
            Ok(Seen::Fragment(fragment, _)) => match self.fragments.add(at, &fragment) {
                Some(joined) => {
                    let Joined { mut around, ends, protocol, bytes, ambiguous } = joined;
                    self.joined = bytes;
                    let mut cursor = Cursor::new(&self.joined);
                    let within = match ip::payload(&mut cursor, &mut around, ends, protocol, 0, 0) {
                        Ok(Within::Layer(layer)) => layers::peel_on(layer, &mut cursor, &mut around),
                        Ok(Within::Seen(seen)) => Ok(seen),
                        Err(error) => Err(error),
                    };
                    match within {
                        Ok(Seen::Packet(packet, _)) => Ok(Some(Packet { ambiguous, ..packet })),
                        // A fragmented packet inside a fragmented packet: no honest tunnel sends it.
                        Ok(Seen::Fragment(..)) => Err(cursor.fail(Reason::Nested)),
                        Ok(Seen::NotIp) => Ok(None),
                        Err(error) => Err(error),
                    }
                }
                None => return Ok(None),
            },
            Ok(Seen::Packet(packet, mark)) => {
                let sight = self.copies.heard(at, mark, Place::of(&packet));
                let packet = Packet { sight, ..packet };
                self.counts.duplicates = self.counts.duplicates.saturating_add(u64::from(packet.is_copy()));
                Ok(Some(packet))
            }
            Ok(Seen::NotIp) => Ok(None),
            Err(error) => Err(error),
        };
        match &seen {
            Ok(Some(packet)) => {
                self.counts.packets = self.counts.packets.saturating_add(1);
                if packet.truncated {
                    self.counts.truncated = self.counts.truncated.saturating_add(1);
                }
            }
            Ok(None) => self.counts.not_ip = self.counts.not_ip.saturating_add(1),
            Err(error) => self.counts.errors.add(error.reason),
        }
        seen
    }
}

/// The packet of a frame on its own, without joining fragments: for looking at single frames.
pub fn dissect(link: LinkType, frame: &[u8], checksums: Checksums) -> Result<Option<Packet<'_>>, LinkError> {
    match layers::peel(link, frame, checksums, Marker::BLANK)? {
        Seen::Packet(packet, _) => Ok(Some(packet)),
        Seen::Fragment(..) | Seen::NotIp => Ok(None),
    }
}
