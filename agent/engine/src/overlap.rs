//! Which of two pieces of data for the same place of a stream or datagram counts.
//!
//! Receivers differ in it, so an attacker can show a sensor one text and its target another. No choice is right for
//! every receiver; that there was something to choose is told whatever was chosen.

use ipnet::IpNet;
use serde::Deserialize;
use std::net::IpAddr;

/// What a receiver makes of data that overlaps what waits already, after Novak and Sturges, "Target-Based TCP Stream
/// Reassembly" (2007), and Novak, "Target-Based Fragmentation Reassembly" (2005). What was passed on stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OverlapPolicy {
    /// What came first: Windows since Vista.
    #[default]
    First,
    /// What came last: Cisco IOS.
    Last,
    /// What begins first, and of two that begin together the first to come: FreeBSD, NetBSD, OpenBSD, macOS.
    Bsd,
    /// What begins first, and of two that begin together the longer segment or the later fragment.
    Linux,
    /// Windows 2000, XP and 2003. Segments as [`OverlapPolicy::Bsd`]; of fragments what came first, unless the later
    /// one begins before it and ends after it.
    Windows,
}

/// First byte, and the one after the last.
pub(crate) type Span<T> = (T, T);

impl OverlapPolicy {
    pub const ALL: [OverlapPolicy; 5] =
        [OverlapPolicy::First, OverlapPolicy::Last, OverlapPolicy::Bsd, OverlapPolicy::Linux, OverlapPolicy::Windows];

    pub const fn as_str(self) -> &'static str {
        match self {
            OverlapPolicy::First => "first",
            OverlapPolicy::Last => "last",
            OverlapPolicy::Bsd => "bsd",
            OverlapPolicy::Linux => "linux",
            OverlapPolicy::Windows => "windows",
        }
    }

    /// Whether a segment takes the place that it shares with one that waits. Both as places relative to one base.
    pub(crate) fn segment_takes(self, new: Span<i32>, old: Span<i32>) -> bool {
        match self {
            OverlapPolicy::First => false,
            OverlapPolicy::Last => true,
            OverlapPolicy::Bsd | OverlapPolicy::Windows => new.0 < old.0,
            OverlapPolicy::Linux => new.0 < old.0 || (new.0 == old.0 && new.1 > old.1),
        }
    }

    /// The same for a fragment.
    pub(crate) fn fragment_takes(self, new: Span<usize>, old: Span<usize>) -> bool {
        match self {
            OverlapPolicy::First => false,
            OverlapPolicy::Last => true,
            OverlapPolicy::Bsd => new.0 < old.0,
            OverlapPolicy::Linux => new.0 <= old.0,
            OverlapPolicy::Windows => new.0 < old.0 && new.1 > old.1,
        }
    }

    /// Whether a receiver forgets where a piece began once it has cut another piece out of it.
    pub(crate) const fn trims(self) -> bool {
        !matches!(self, OverlapPolicy::Linux)
    }
}

/// The policy of each receiver: that of the most specific network it lies in, else the default.
#[derive(Debug, Clone, Default)]
pub struct Overlaps {
    default: OverlapPolicy,
    networks: Vec<(IpNet, OverlapPolicy)>,
}

impl Overlaps {
    /// The most networks that a configuration may name. More are cut off.
    pub const MAX: usize = 1024;

    /// Of several entries for one network the first stands.
    pub fn new(default: OverlapPolicy, networks: impl IntoIterator<Item = (IpNet, OverlapPolicy)>) -> Self {
        let mut networks: Vec<_> =
            networks.into_iter().take(Self::MAX).map(|(net, policy)| (net.trunc(), policy)).collect();
        networks.sort_by_key(|(net, _)| std::cmp::Reverse(net.prefix_len()));
        Overlaps { default, networks }
    }

    /// What the machine of this address is held to do.
    pub fn of(&self, receiver: IpAddr) -> OverlapPolicy {
        let receiver = receiver.to_canonical();
        self.networks.iter().find(|(net, _)| net.contains(&receiver)).map_or(self.default, |(_, policy)| *policy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_specific_network_decides_and_the_default_where_none_does() {
        let networks = [("10.0.0.0/8", OverlapPolicy::Linux), ("10.1.0.0/16", OverlapPolicy::Bsd)];
        let overlaps = Overlaps::new(OverlapPolicy::Last, networks.map(|(net, policy)| (net.parse().unwrap(), policy)));
        let of = |ip: &str| overlaps.of(ip.parse().unwrap());
        assert_eq!(
            [of("10.1.2.3"), of("10.2.2.3"), of("::ffff:10.2.2.3"), of("fd00::1")],
            [OverlapPolicy::Bsd, OverlapPolicy::Linux, OverlapPolicy::Linux, OverlapPolicy::Last]
        );
        assert_eq!(Overlaps::default().of("10.1.2.3".parse().unwrap()), OverlapPolicy::First);
    }
}
