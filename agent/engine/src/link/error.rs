//! Why a frame could not be read, and how often.

/// Declares the reasons once: variant, counter name, meaning.
macro_rules! reasons {
    ($($(#[doc = $doc:literal])+ $variant:ident = $text:literal,)+) => {
        /// Why a frame, or what it carries, was not read. Each has its counter.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Reason { $($(#[doc = $doc])+ $variant,)+ }

        impl Reason {
            pub const ALL: &'static [Reason] = &[$(Reason::$variant,)+];

            /// The name of its counter.
            pub const fn as_str(self) -> &'static str {
                match self { $(Reason::$variant => concat!("link.", $text),)+ }
            }
        }
    };
}

reasons! {
    /// A link type that holter does not read.
    LinkType = "link_type",
    /// The frame ends within its link header.
    Link = "link_short",
    /// The frame ends within an 802.1Q or a security group tag.
    Vlan = "vlan_short",
    /// The frame ends within an MPLS label stack, or the stack has no bottom.
    Mpls = "mpls",
    /// The frame ends within a PPPoE or PPP header, or the header is wrong.
    Ppp = "ppp",
    /// The frame ends within an LLC or SNAP header.
    Llc = "llc_short",
    /// More tags and tunnels within each other than `MAX_NESTED`.
    Nested = "nested",
    /// An ARP packet that is short, or whose lengths are not those of Ethernet and IPv4.
    Arp = "arp",
    /// The version of an IP header is not the one announced.
    IpVersion = "ip_version",
    /// An IPv4 header that is short or whose lengths contradict each other.
    Ipv4Header = "ipv4_header",
    /// The checksum of an IPv4 header is wrong.
    Ipv4Checksum = "ipv4_checksum",
    /// An IPv6 header that is short.
    Ipv6Header = "ipv6_header",
    /// An IPv6 extension header that is short.
    Ipv6Extension = "ipv6_extension",
    /// A jumbogram, or an IPv6 header that claims no payload where one is due.
    Ipv6Jumbo = "ipv6_jumbo",
    /// A fragment that ends after byte 65,535, that is empty, or whose length is not a multiple of 8.
    Fragment = "fragment",
    /// A fragment of which the capture left out a part.
    FragmentCut = "fragment_cut",
    /// A TCP header that is short or whose length is wrong.
    TcpHeader = "tcp_header",
    /// A TCP checksum is wrong.
    TcpChecksum = "tcp_checksum",
    /// A UDP header that is short.
    UdpHeader = "udp_header",
    /// A UDP length that is below 8 or beyond the packet.
    UdpLength = "udp_length",
    /// A UDP checksum is wrong.
    UdpChecksum = "udp_checksum",
    /// An ICMP message of less than four bytes.
    Icmp = "icmp_short",
    /// A GRE, ERSPAN, VXLAN, Geneve or GTP-U header that is short or of an unknown version.
    Tunnel = "tunnel",
}

/// Where a frame broke; never what it held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{} at byte {at} of the frame", reason.as_str())]
pub struct LinkError {
    pub reason: Reason,
    /// Offset in the frame. In a joined datagram, offset in what was joined.
    pub at: usize,
}

/// How often each reason came.
#[derive(Debug, Clone)]
pub struct Errors([u64; Reason::ALL.len()]);

impl Default for Errors {
    fn default() -> Self {
        Errors([0; Reason::ALL.len()])
    }
}

impl Errors {
    pub(super) fn add(&mut self, reason: Reason) {
        if let Some(count) = self.0.get_mut(reason as usize) {
            *count = count.saturating_add(1);
        }
    }

    pub fn of(&self, reason: Reason) -> u64 {
        self.0.get(reason as usize).copied().unwrap_or(0)
    }

    pub fn total(&self) -> u64 {
        self.0.iter().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// Every reason with its count, in the order of the declaration.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        Reason::ALL.iter().map(|reason| (reason.as_str(), self.of(*reason)))
    }
}
