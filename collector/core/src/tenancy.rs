//! Who held which address when. DHCP hands an address on; what one sensor tells of the address alone belongs to the
//! machine that another sensor saw hold it at that time.

use crate::DAY;
use crate::spans::Seen;
use holter_terms::{Mac, Nanos};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// The most addresses of one tenant; holders of further ones are counted in `refused`.
pub const ADDRESSES_MAX: usize = 400_000;
/// The most holders remembered of one address; the oldest gives way.
pub const HOLDERS_MAX: usize = 64;
/// So long before it was first seen to hold an address, and so long after it was last seen to, a machine is taken for
/// its holder, unless another was seen to hold it meanwhile. Leases of wireless clients are shorter.
pub const HOLDS: Nanos = DAY;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder {
    pub mac: Mac,
    pub seen: Seen,
}

/// What a sighting told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Held {
    /// It goes on holding it.
    GoesOn,
    /// It took it over, or has it again after somebody else.
    Anew,
    /// There is no room for a further address.
    Refused,
}

#[derive(Debug, Clone, Default)]
pub struct Tenancy {
    /// By site and address, in the order in which they took it.
    holders: BTreeMap<(String, IpAddr), Vec<Holder>>,
    pub refused: u64,
}

impl Tenancy {
    pub(crate) fn holds(&mut self, site: &str, ip: IpAddr, mac: Mac, first: Nanos, last: Nanos) -> Held {
        let place = (site.to_owned(), ip);
        if !self.holders.contains_key(&place) && self.holders.len() >= ADDRESSES_MAX {
            self.refused = self.refused.saturating_add(1);
            return Held::Refused;
        }
        let holders = self.holders.entry(place).or_default();
        // It goes on unless another began to hold it after this one was last seen to.
        let own = holders.iter().rposition(|holder| holder.mac == mac && holder.seen.first <= last);
        if let Some(at) = own
            && let Some(before) = holders.get(at).map(|holder| holder.seen.last)
        {
            let taken = holders.iter().any(|other| {
                other.mac != mac && other.seen.first > before && other.seen.first <= last && other.seen.last <= last
            });
            if !taken || last <= before {
                if let Some(holder) = holders.get_mut(at) {
                    holder.seen.widen(if taken { holder.seen.first } else { first.max(holder.seen.first) }, last);
                }
                return Held::GoesOn;
            }
            // Of the time since then only the end is known to be its own.
            let begins = if first <= before { last } else { first };
            holders.push(Holder { mac, seen: Seen::new(begins, last) });
        } else {
            holders.push(Holder { mac, seen: Seen::new(first, last) });
        }
        holders.sort_by_key(|holder| (holder.seen.first, holder.mac));
        if holders.len() > HOLDERS_MAX {
            holders.remove(0);
        }
        Held::Anew
    }

    /// Who held an address at a time: who took it last before, as long as that may be believed.
    pub fn holder(&self, site: &str, ip: IpAddr, at: Nanos) -> Option<Holder> {
        let holders = self.holders.get(&(site.to_owned(), ip))?;
        let taken = holders.iter().rev().find(|holder| holder.seen.first <= at);
        if let Some(holder) = taken {
            return (at <= holder.seen.last.saturating_add(HOLDS)).then_some(*holder);
        }
        holders.first().filter(|holder| holder.seen.first.saturating_sub(at) <= HOLDS).copied()
    }

    /// All that are remembered of an address, oldest first.
    pub fn holders(&self, site: &str, ip: IpAddr) -> &[Holder] {
        self.holders.get(&(site.to_owned(), ip)).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Mac = Mac([0, 0, 0, 0, 0, 1]);
    const B: Mac = Mac([0, 0, 0, 0, 0, 2]);

    #[test]
    fn an_address_is_whose_it_was_then() {
        let mut tenancy = Tenancy::default();
        let ip: IpAddr = "10.0.0.5".parse().unwrap();
        let day = |n: i64| n * DAY;
        assert_eq!(tenancy.holds("main", ip, A, day(1), day(3)), Held::Anew);
        assert_eq!(tenancy.holds("main", ip, A, day(1), day(3) + 5), Held::GoesOn);
        assert_eq!(tenancy.holds("main", ip, B, day(5), day(6)), Held::Anew);
        assert_eq!(tenancy.holds("main", ip, A, day(9), day(10)), Held::Anew);
        // What comes late belongs where it was.
        assert_eq!(tenancy.holds("main", ip, A, day(2), day(3) + 4), Held::GoesOn);
        let at = |at| tenancy.holder("main", ip, at).map(|holder| holder.mac);
        assert_eq!(
            [day(0), day(2), day(3) + 6, day(5) + 1, day(8), day(9) + 1].map(at),
            [Some(A), Some(A), Some(A), Some(B), None, Some(A)]
        );
        assert_eq!(at(day(0) - 1), None);
        assert_eq!(tenancy.holders("main", ip).len(), 3);
        assert!(tenancy.holders("other", ip).is_empty());
    }

    #[test]
    fn holders_of_one_address_are_bounded() {
        let mut tenancy = Tenancy::default();
        let ip: IpAddr = "10.0.0.5".parse().unwrap();
        for n in 0..200u8 {
            tenancy.holds("main", ip, Mac([0, 0, 0, 0, 1, n]), i64::from(n) * 10, i64::from(n) * 10 + 1);
        }
        assert_eq!(tenancy.holders("main", ip).len(), HOLDERS_MAX);
    }
}
