use nix::sys::socket::{AddressFamily, SockFlag, SockType, socket};
use std::os::fd::AsRawFd;

/// What the card does to packets before they are captured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offload {
    /// 802.1Q tags are taken off by the card. libpcap puts them back; a filter does not see them.
    pub vlan_stripped: bool,
    /// Segments of TCP are joined by the card or the kernel: packets longer than the wire carries.
    pub segments_joined: bool,
}

// linux/ethtool.h
const ETHTOOL_GFLAGS: u32 = 0x25;
const ETHTOOL_GGRO: u32 = 0x2b;
const ETH_FLAG_LRO: u32 = 1 << 15;
const ETH_FLAG_RXVLAN: u32 = 1 << 8;

/// `struct ethtool_value`.
#[repr(C)]
struct EthtoolValue {
    command: u32,
    data: u32,
}

impl Offload {
    /// Asks the driver, through a socket that no packet ever passes.
    pub fn of(interface: &str) -> Option<Offload> {
        let flags = ask(interface, ETHTOOL_GFLAGS)?;
        let joined_by_kernel = ask(interface, ETHTOOL_GGRO).unwrap_or(0) != 0;
        Some(Offload {
            vlan_stripped: flags & ETH_FLAG_RXVLAN != 0,
            segments_joined: flags & ETH_FLAG_LRO != 0 || joined_by_kernel,
        })
    }
}

fn ask(interface: &str, command: u32) -> Option<u32> {
    let socket = socket(AddressFamily::Inet, SockType::Datagram, SockFlag::SOCK_CLOEXEC, None).ok()?;
    let mut value = EthtoolValue { command, data: 0 };
    let mut name = [0 as libc::c_char; libc::IFNAMSIZ];
    // The last byte stays zero.
    let room = name.len().saturating_sub(1);
    if interface.len() > room {
        return None;
    }
    for (slot, byte) in name.iter_mut().zip(interface.bytes()) {
        *slot = libc::c_char::from_ne_bytes([byte]);
    }
    let mut request =
        libc::ifreq { ifr_name: name, ifr_ifru: libc::__c_anonymous_ifr_ifru { ifru_data: (&raw mut value).cast() } };
    // SAFETY: SIOCETHTOOL reads and writes one `ifreq`, and through its `ifru_data` one `ethtool_value`, since both
    // commands used here take that type; `request` and `value` are live, writable and of those types, and the kernel
    // keeps neither pointer. The descriptor is open for the length of the call.
    let status = unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCETHTOOL as _, &raw mut request) };
    (status == 0).then_some(value.data)
}
