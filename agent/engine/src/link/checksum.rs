//! The Internet checksum, RFC 1071.

use std::net::IpAddr;

/// Whether checksums of IPv4, TCP and UDP are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Checksums {
    /// A packet with a wrong one is counted and dropped, as its receiver does. Those that the sender's card was to
    /// fill in (zero, or the sum of the pseudo header alone) count as right.
    #[default]
    Verify,
    Ignore,
}

/// The sum of `bytes` as 16-bit words, not folded.
pub(super) fn sum(bytes: &[u8]) -> u64 {
    let (words, tail) = bytes.as_chunks::<4>();
    // The order of bytes within the sum does not matter as long as the whole sum is swapped (RFC 1071 2(B)); 32-bit
    // words fold to the same 16 bits.
    let mut total: u64 = 0;
    for word in words {
        total = total.wrapping_add(u64::from(u32::from_be_bytes(*word)));
    }
    let mut last = [0u8; 4];
    for (slot, byte) in last.iter_mut().zip(tail) {
        *slot = *byte;
    }
    total.wrapping_add(u64::from(u32::from_be_bytes(last)))
}

pub(super) fn fold(mut sum: u64) -> u16 {
    while sum >> 16 != 0 {
        sum = (sum & 0xffff).wrapping_add(sum >> 16);
    }
    // The loop leaves 16 bits.
    (sum & 0xffff) as u16
}

/// The sum of the pseudo header of TCP and UDP (RFC 9293 3.1, RFC 8200 8.1).
fn pseudo(src: IpAddr, dst: IpAddr, protocol: u8, length: usize) -> u64 {
    let ends = match (src, dst) {
        (IpAddr::V4(src), IpAddr::V4(dst)) => sum(&src.octets()).wrapping_add(sum(&dst.octets())),
        (IpAddr::V6(src), IpAddr::V6(dst)) => sum(&src.octets()).wrapping_add(sum(&dst.octets())),
        _ => 0,
    };
    ends.wrapping_add(u64::from(protocol)).wrapping_add(u64::try_from(length).unwrap_or(0))
}

/// Whether the checksum `given` of a whole TCP or UDP segment, header included, is right or was left to the sender's
/// card.
pub(super) fn holds(src: IpAddr, dst: IpAddr, protocol: u8, segment: &[u8], given: u16) -> bool {
    if given == 0 {
        return true;
    }
    let pseudo = pseudo(src, dst, protocol, segment.len());
    fold(pseudo.wrapping_add(sum(segment))) == 0xffff || fold(pseudo) == given
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_of_rfc_1071_is_met() {
        assert_eq!(fold(sum(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7])), 0xddf2);
    }

    #[test]
    fn an_odd_byte_counts_as_the_high_half_of_a_word() {
        assert_eq!(fold(sum(&[0x12])), 0x1200);
        assert_eq!(fold(sum(&[0, 1, 0, 2, 0x03])), 0x0303);
    }
}
