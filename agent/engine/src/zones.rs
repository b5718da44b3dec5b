//! Which part of the hospital an address belongs to.

use holter_terms::Zone;
use ipnet::IpNet;
use std::net::IpAddr;

/// The networks that the site's configuration names. The most specific one decides.
#[derive(Debug, Clone, Default)]
pub struct Zones(Vec<(IpNet, Zone)>);

impl Zones {
    /// The most networks that a configuration may name.
    pub const MAX: usize = 1024;

    /// Of several entries for one network the first stands. More than [`Zones::MAX`] are cut off: the configuration's
    /// reader refuses them first, with their place.
    pub fn new(networks: impl IntoIterator<Item = (IpNet, Zone)>) -> Self {
        let mut networks: Vec<_> =
            networks.into_iter().take(Self::MAX).map(|(net, zone)| (net.trunc(), zone)).collect();
        networks.sort_by_key(|(net, _)| std::cmp::Reverse(net.prefix_len()));
        Zones(networks)
    }

    /// An address that no network names is outside the site if it is routed in the Internet, and of an unknown zone
    /// if it is private (RFC 1918, RFC 4193), local to a link, or speaks to a group: a hospital's own networks are
    /// private and it would be wrong to call them anything without having been told.
    pub fn of(&self, ip: IpAddr) -> Zone {
        let ip = ip.to_canonical();
        match self.0.iter().find(|(net, _)| net.contains(&ip)) {
            Some((_, zone)) => *zone,
            None if is_public(ip) => Zone::External,
            None => Zone::Unknown,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            let shared = a == 100 && (64..128).contains(&b);
            !(ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || ip.is_multicast()
                || ip.is_broadcast()
                || ip.is_documentation()
                || a == 0
                || a >= 240
                || shared)
        }
        // Global unicast is 2000::/3 (RFC 4291 2.4, IANA); 2001:db8::/32 is for documents.
        IpAddr::V6(ip) => {
            let [first, second, ..] = ip.segments();
            first & 0xe000 == 0x2000 && !(first == 0x2001 && second == 0xdb8)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zones(list: &[(&str, Zone)]) -> Zones {
        Zones::new(list.iter().map(|&(net, zone)| (net.parse().expect("a network"), zone)))
    }

    #[test]
    fn the_most_specific_network_decides() {
        let zones =
            zones(&[("10.0.0.0/8", Zone::Corporate), ("10.20.0.0/24", Zone::Clinical), ("fd20::/64", Zone::Clinical)]);
        for (ip, zone) in [
            ("10.20.0.7", Zone::Clinical),
            ("10.21.0.7", Zone::Corporate),
            ("::ffff:10.20.0.7", Zone::Clinical),
            ("fd20::7", Zone::Clinical),
            ("192.168.0.7", Zone::Unknown),
            ("9.9.9.9", Zone::External),
            ("2620:fe::fe", Zone::External),
            ("224.0.0.251", Zone::Unknown),
        ] {
            assert_eq!(zones.of(ip.parse().expect("an address")), zone, "{ip}");
        }
    }

    #[test]
    fn nothing_private_is_named_without_configuration() {
        for ip in
            ["10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.0.1", "fe80::1", "fd00::1", "100.64.0.1", "0.0.0.0"]
        {
            assert_eq!(Zones::default().of(ip.parse().expect("an address")), Zone::Unknown, "{ip}");
        }
    }
}
