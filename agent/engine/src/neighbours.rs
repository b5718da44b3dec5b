//! Who stands behind an address.
//!
//! A host on the tapped segment is known by its MAC, one behind a router by its IP address: the frames of the latter
//! carry the router's MAC, and nothing that it says may become a name of the router. What is believed, strongest
//! first:
//!
//! 1. A *claim*: a station says in ARP that an address is its own, or a DHCP server leased the address to it. It holds
//!    wherever the address is seen, also in frames of a router on a second mirrored segment. A station that claims
//!    more addresses than [`PROXY_CLAIMS`] answers for others (proxy ARP) and is believed for none. Another station's
//!    claim of the same address is not believed before its owner was silent for [`OWNER_SILENT`]: who forges ARP must
//!    not take over the identity of the one whose traffic he draws to himself.
//! 2. A *routed* TTL: hosts start at 32, 64, 128 or 255, and each router takes one off. A packet between these came
//!    through a router. Up to 31 says nothing (groups, traceroute). Some hosts start elsewhere; they use ARP as well.
//! 3. A *router*: the gateway that DHCP names, or a station that sent for [`ROUTER_FOREIGN`] IPv4 addresses that it
//!    never claimed. Whatever it sends and did not claim is somebody else's.
//! 4. A station that claimed an IPv4 address and sends from another one is not believed for that one either: a device
//!    held twice can be merged later, two devices merged into one cannot be told apart.
//! 5. Else the MAC of the frame.

use crate::aged::{Aged, NONE, Place};
use holter_terms::{DeviceKey, Mac, Nanos};
use std::net::IpAddr;

/// The most addresses held; beyond it the one silent for longest is forgotten.
pub(crate) const ADDRESSES_MAX: usize = 131_072;

/// The most stations (MACs) held; beyond it the one silent for longest is forgotten.
pub(crate) const STATIONS_MAX: usize = 65_536;

/// From this number of unclaimed IPv4 addresses on a station is a router.
pub(crate) const ROUTER_FOREIGN: u32 = 4;

/// A station with more claims answers for others.
pub(crate) const PROXY_CLAIMS: u32 = 16;

/// After this silence of the owner of an address another station may claim it.
pub(crate) const OWNER_SILENT: Nanos = 60 * 1_000_000_000;

/// The most gateways remembered from DHCP.
pub(crate) const GATEWAYS_MAX: usize = 64;

/// Counts changes of what is believed, of some addresses or stations each, so that an answer of [`Neighbours::behind`]
/// can be kept until it may have changed.
struct Versions {
    addresses: Box<[u32; SHARDS]>,
    stations: Box<[u32; SHARDS]>,
}

const SHARDS: usize = 512;

impl Versions {
    fn new() -> Self {
        Versions { addresses: Box::new([0; SHARDS]), stations: Box::new([0; SHARDS]) }
    }

    fn address(ip: IpAddr) -> usize {
        let bits = match ip {
            IpAddr::V4(ip) => u64::from(ip.to_bits()),
            IpAddr::V6(ip) => ip.to_bits() as u64,
        };
        (bits ^ bits >> 9 ^ bits >> 18) as usize % SHARDS
    }

    fn station(Mac([.., c, d, e, f]): Mac) -> usize {
        let bits = u32::from_be_bytes([c, d, e, f]);
        (bits ^ bits >> 9 ^ bits >> 18) as usize % SHARDS
    }

    fn of(&self, ip: IpAddr, by: Option<Mac>) -> Version {
        Version(self.addresses[Self::address(ip)], by.map_or(0, |mac| self.stations[Self::station(mac)]))
    }

    fn address_changed(&mut self, ip: IpAddr) {
        let count = &mut self.addresses[Self::address(ip)];
        *count = count.wrapping_add(1);
    }

    fn station_changed(&mut self, mac: Mac) {
        let count = &mut self.stations[Self::station(mac)];
        *count = count.wrapping_add(1);
    }
}

/// See [`Neighbours::version`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Version(u32, u32);

impl Version {
    /// Of nothing that was ever believed.
    pub(crate) const NONE: Version = Version(u32::MAX, u32::MAX);
}

#[derive(Default, Clone, Copy)]
struct Address {
    claimed: Option<Mac>,
    /// When the owner was last heard from this address.
    owned: Nanos,
    seen: Option<Mac>,
    /// `seen` sent with a TTL that no router has touched.
    direct: bool,
    /// Sent with a TTL that a router has touched, and never directly.
    routed: bool,
}

/// Where an address and a station were found last time: looked at first.
#[derive(Clone, Copy)]
pub(crate) struct Places {
    address: Place,
    station: Place,
}

impl Places {
    pub(crate) const UNKNOWN: Places = Places { address: NONE, station: NONE };
}

#[derive(Default, Clone, Copy)]
struct Station {
    router: bool,
    /// IPv4 addresses claimed.
    claims: u32,
    /// IPv4 addresses sent from and not claimed.
    foreign: u32,
}

impl Station {
    /// All of it that decides who stands behind an address.
    const fn decides(&self) -> (bool, bool, bool) {
        (self.router, self.claims > 0, self.claims > PROXY_CLAIMS)
    }
}

pub(crate) struct Neighbours {
    addresses: Aged<IpAddr, Address>,
    stations: Aged<Mac, Station>,
    gateways: Vec<IpAddr>,
    versions: Versions,
    pub(crate) forgotten: u64,
    /// Claims of an address by another station than before, which was silent.
    pub(crate) moved: u64,
    /// Claims of an address by another station than its owner, which was not silent.
    pub(crate) contested: u64,
    /// Gateways beyond [`GATEWAYS_MAX`].
    pub(crate) gateways_refused: u64,
}

impl Neighbours {
    pub(crate) fn new(seed: [u8; 16]) -> Self {
        Neighbours {
            addresses: Aged::new(ADDRESSES_MAX, seed),
            stations: Aged::new(STATIONS_MAX, seed),
            gateways: Vec::new(),
            versions: Versions::new(),
            forgotten: 0,
            moved: 0,
            contested: 0,
            gateways_refused: 0,
        }
    }

    /// A frame of `mac` carried a packet from `ip`.
    pub(crate) fn sent(&mut self, at: Nanos, mac: Mac, ip: IpAddr, ttl: u8, places: &mut Places) {
        if !names_a_host(ip) || mac.is_group() {
            return;
        }
        let direct = matches!(ttl, 32 | 64 | 128 | 255);
        let routed = matches!(ttl, 33..=63 | 65..=127 | 129..=254);
        if self.addresses.at(places.address, &ip).is_none() {
            self.address(ip);
            places.address = self.addresses.place(&ip).unwrap_or(NONE);
        }
        if self.stations.at(places.station, &mac).is_none() {
            places.station = self.stations.place(&mac).unwrap_or(NONE);
        }
        self.addresses.renew(places.address);
        self.stations.renew(places.station);
        let Some(address) = self.addresses.at(places.address, &ip) else { return };
        let before = *address;
        let now = address;
        if direct || now.seen.is_none() || (now.seen != Some(mac) && !now.direct) {
            now.seen = Some(mac);
        }
        now.direct |= direct;
        now.routed = (now.routed || routed) && !now.direct;
        if now.claimed == Some(mac) {
            now.owned = at;
        }
        let now = *now;
        if before.seen == now.seen && before.direct == now.direct && before.routed == now.routed {
            return;
        }
        self.versions.address_changed(ip);
        if now.seen == Some(mac) && before.seen != Some(mac) && now.claimed != Some(mac) && ip.is_ipv4() {
            self.station(mac, |station| {
                station.foreign = station.foreign.saturating_add(1);
                station.router |= station.foreign >= ROUTER_FOREIGN;
            });
        }
    }

    /// `mac` says, or is told by DHCP, that `ip` is its own.
    pub(crate) fn claims(&mut self, at: Nanos, mac: Mac, ip: IpAddr) {
        if !names_a_host(ip) || mac.is_group() || mac == Mac::ZERO {
            return;
        }
        let before = self.address(ip);
        let same = before.claimed == Some(mac);
        if !same && before.claimed.is_some() && at.saturating_sub(before.owned) < OWNER_SILENT {
            self.contested += 1;
            return;
        }
        self.addresses.touch(&ip);
        if let Some(address) = self.addresses.get_mut(&ip) {
            address.claimed = Some(mac);
            address.owned = at;
        }
        if same {
            return;
        }
        self.versions.address_changed(ip);
        if let Some(other) = before.claimed {
            self.moved += 1;
            self.station(other, |station| station.claims = station.claims.saturating_sub(1));
        }
        let gateway = self.gateways.contains(&ip);
        self.station(mac, |station| {
            station.router |= gateway;
            station.claims = station.claims.saturating_add(u32::from(ip.is_ipv4()));
            if before.seen == Some(mac) && ip.is_ipv4() {
                station.foreign = station.foreign.saturating_sub(1);
            }
        });
    }

    /// DHCP hands out `ip` as the way to other networks.
    pub(crate) fn gateway(&mut self, ip: IpAddr) {
        if self.gateways.contains(&ip) || !names_a_host(ip) {
            return;
        }
        if self.gateways.len() >= GATEWAYS_MAX {
            self.gateways_refused += 1;
            return;
        }
        self.gateways.push(ip);
        if let Some(mac) = self.addresses.get(&ip).and_then(|address| address.claimed) {
            self.station(mac, |station| station.router = true);
        }
    }

    /// The device behind `ip`, seen in a frame from or to `mac`.
    #[cfg(test)]
    pub(crate) fn behind(&self, mac: Option<Mac>, ip: IpAddr) -> DeviceKey {
        self.decided(mac, ip).0
    }

    /// What must be the same for an answer of [`Neighbours::decided`] to be the same.
    pub(crate) fn version(&self, ip: IpAddr, by: Option<Mac>) -> Version {
        self.versions.of(ip, by)
    }

    /// The device behind `ip`, seen in a frame from or to `mac`, and the station whose state decided it.
    pub(crate) fn decided(&self, mac: Option<Mac>, ip: IpAddr) -> (DeviceKey, Option<Mac>) {
        let mac = mac.filter(|mac| !mac.is_group() && *mac != Mac::ZERO);
        if ip.is_unspecified() {
            return (mac.map_or(DeviceKey::Ip(ip), DeviceKey::Mac), mac);
        }
        if !names_a_host(ip) {
            return (DeviceKey::Ip(ip), None);
        }
        let address = self.addresses.get(&ip).copied().unwrap_or_default();
        let station = |mac: Mac| self.stations.get(&mac).copied().unwrap_or_default();
        if let Some(owner) = address.claimed {
            let for_others = station(owner).claims > PROXY_CLAIMS;
            return (if for_others { DeviceKey::Ip(ip) } else { DeviceKey::Mac(owner) }, Some(owner));
        }
        let Some(mac) = address.seen.or(mac) else { return (DeviceKey::Ip(ip), None) };
        if is_link_local(ip) {
            return (DeviceKey::Mac(mac), Some(mac));
        }
        let Station { router, claims, .. } = station(mac);
        let another = claims > 0 && ip.is_ipv4();
        let key = if address.routed || router || another { DeviceKey::Ip(ip) } else { DeviceKey::Mac(mac) };
        (key, Some(mac))
    }

    /// Whether a station was seen to send for another: it is a router, and not just called one.
    pub(crate) fn forwards(&mut self, mac: Mac, places: &Places) -> bool {
        let forwards = |station: &Station| station.router && station.foreign > 0;
        match self.stations.at(places.station, &mac) {
            Some(station) => forwards(station),
            None => self.stations.get(&mac).is_some_and(forwards),
        }
    }

    #[cfg(test)]
    fn is_router(&self, mac: Mac) -> bool {
        self.stations.get(&mac).is_some_and(|station| station.router)
    }

    fn address(&mut self, ip: IpAddr) -> Address {
        if let Some(address) = self.addresses.get(&ip) {
            return *address;
        }
        if let Some((forgotten, old)) = self.addresses.insert(ip, Address::default()) {
            self.forgotten += 1;
            self.versions.address_changed(forgotten);
            if let Some(owner) = old.claimed {
                self.station(owner, |station| station.claims = station.claims.saturating_sub(1));
            }
        }
        Address::default()
    }

    fn station(&mut self, mac: Mac, change: impl FnOnce(&mut Station)) {
        if self.stations.get(&mac).is_none()
            && let Some((forgotten, _)) = self.stations.insert(mac, Station::default())
        {
            self.forgotten += 1;
            self.versions.station_changed(forgotten);
        }
        if let Some(station) = self.stations.get_mut(&mac) {
            let before = station.decides();
            change(station);
            if station.decides() != before {
                self.versions.station_changed(mac);
            }
        }
    }
}

/// Whether an address can be one machine's.
pub(crate) fn names_a_host(ip: IpAddr) -> bool {
    let broadcast = matches!(ip, IpAddr::V4(ip) if ip.is_broadcast());
    !(ip.is_unspecified() || ip.is_multicast() || broadcast)
}

/// Never forwarded by a router (RFC 3927 2.7, RFC 4291 2.5.6).
fn is_link_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: Mac = Mac([2, 0, 0, 0, 0, 1]);
    const ROUTER: Mac = Mac([2, 0, 0, 0, 0, 254]);

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn neighbours() -> Neighbours {
        Neighbours::new([1; 16])
    }

    #[test]
    fn a_host_on_the_segment_is_its_mac() {
        let mut n = neighbours();
        n.sent(0, HOST, ip("10.0.0.5"), 64, &mut { Places::UNKNOWN });
        assert_eq!(n.behind(Some(HOST), ip("10.0.0.5")), DeviceKey::Mac(HOST));
        assert_eq!(n.behind(Some(HOST), ip("0.0.0.0")), DeviceKey::Mac(HOST));
    }

    #[test]
    fn a_host_behind_a_router_is_its_address_from_the_first_packet() {
        let mut n = neighbours();
        n.sent(0, ROUTER, ip("10.1.0.5"), 63, &mut { Places::UNKNOWN });
        assert_eq!(n.behind(Some(ROUTER), ip("10.1.0.5")), DeviceKey::Ip(ip("10.1.0.5")));
    }

    #[test]
    fn what_goes_through_the_gateway_is_not_the_gateway() {
        let mut n = neighbours();
        n.claims(0, ROUTER, ip("10.0.0.1"));
        assert_eq!(n.behind(Some(ROUTER), ip("10.0.0.1")), DeviceKey::Mac(ROUTER));
        assert_eq!(n.behind(Some(ROUTER), ip("10.1.0.5")), DeviceKey::Ip(ip("10.1.0.5")), "to it, before any answer");
        n.sent(0, ROUTER, ip("10.1.0.5"), 128, &mut { Places::UNKNOWN });
        assert_eq!(n.behind(Some(ROUTER), ip("10.1.0.5")), DeviceKey::Ip(ip("10.1.0.5")));
    }

    #[test]
    fn who_sends_for_many_is_a_router_even_if_nobody_says_so() {
        let mut n = neighbours();
        for last in 1..=ROUTER_FOREIGN {
            assert!(!n.is_router(ROUTER));
            n.sent(0, ROUTER, ip(&format!("10.1.0.{last}")), 128, &mut { Places::UNKNOWN });
        }
        assert!(n.is_router(ROUTER));
        assert_eq!(n.behind(None, ip("10.1.0.1")), DeviceKey::Ip(ip("10.1.0.1")));
    }

    #[test]
    fn the_gateway_that_dhcp_names_is_a_router_in_either_order() {
        for gateway_first in [false, true] {
            let mut n = neighbours();
            if gateway_first {
                n.gateway(ip("10.0.0.1"));
            }
            n.claims(0, ROUTER, ip("10.0.0.1"));
            n.gateway(ip("10.0.0.1"));
            assert!(n.is_router(ROUTER));
            assert!(!n.forwards(ROUTER, &Places::UNKNOWN), "it is called one, and sent for nobody yet");
            n.sent(0, ROUTER, ip("10.1.0.5"), 63, &mut { Places::UNKNOWN });
            assert!(n.forwards(ROUTER, &Places::UNKNOWN));
        }
    }

    #[test]
    fn a_claim_holds_where_a_router_forwarded_the_frame() {
        let mut n = neighbours();
        n.claims(0, HOST, ip("10.0.0.5"));
        n.sent(0, ROUTER, ip("10.0.0.5"), 63, &mut { Places::UNKNOWN });
        assert_eq!(n.behind(Some(ROUTER), ip("10.0.0.5")), DeviceKey::Mac(HOST));
    }

    #[test]
    fn a_mirror_of_both_sides_of_a_router_keeps_a_host_one_device() {
        let mut n = neighbours();
        for _ in 0..3 {
            n.sent(0, HOST, ip("10.0.0.5"), 64, &mut { Places::UNKNOWN });
            n.sent(0, ROUTER, ip("10.0.0.5"), 63, &mut { Places::UNKNOWN });
            assert_eq!(n.behind(Some(ROUTER), ip("10.0.0.5")), DeviceKey::Mac(HOST));
        }
    }

    #[test]
    fn who_answers_for_everybody_is_believed_for_nobody() {
        let mut n = neighbours();
        for last in 0..=PROXY_CLAIMS {
            n.claims(0, ROUTER, ip(&format!("10.1.0.{}", last + 1)));
        }
        assert_eq!(n.behind(Some(ROUTER), ip("10.1.0.1")), DeviceKey::Ip(ip("10.1.0.1")));
    }

    #[test]
    fn an_address_that_moves_is_counted_and_follows_its_new_owner() {
        let mut n = neighbours();
        n.claims(0, HOST, ip("10.0.0.5"));
        n.claims(OWNER_SILENT, ROUTER, ip("10.0.0.5"));
        assert_eq!((n.moved, n.behind(None, ip("10.0.0.5"))), (1, DeviceKey::Mac(ROUTER)));
    }

    #[test]
    fn forged_arp_does_not_take_over_an_identity() {
        let mut n = neighbours();
        n.claims(0, HOST, ip("10.0.0.5"));
        for second in 1..300 {
            let at = second * 1_000_000_000;
            n.sent(at, HOST, ip("10.0.0.5"), 64, &mut { Places::UNKNOWN });
            n.claims(at, ROUTER, ip("10.0.0.5"));
        }
        assert_eq!((n.contested, n.behind(None, ip("10.0.0.5"))), (299, DeviceKey::Mac(HOST)));
    }

    #[test]
    fn a_flood_of_addresses_and_stations_is_bounded_and_counted() {
        let mut n = neighbours();
        for i in 0..(ADDRESSES_MAX as u32 + 10) {
            let [a, b, c, d] = i.to_be_bytes();
            n.claims(0, Mac([2, 1, a, b, c, d]), IpAddr::from([10, b, c, d]));
        }
        assert_eq!((n.addresses.len(), n.stations.len()), (ADDRESSES_MAX, STATIONS_MAX));
        assert!(n.forgotten >= 10);
        (0..200u8).for_each(|d| n.gateway(IpAddr::from([10, 0, 0, d.max(1)])));
        assert_eq!((n.gateways.len() as u64 + n.gateways_refused, n.gateways.len()), (199, GATEWAYS_MAX));
    }
}
