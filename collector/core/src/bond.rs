//! Which faces are one machine, and why. Every join states its rule and what it rests on, so that a person can see it,
//! doubt it and undo it.
//!
//! Two devices merged into one cannot be told apart later, while one held twice can still be merged. So a rule joins
//! only what cannot well be two machines, and what is merely likely becomes a suggestion. A name or a serial number is
//! what a machine says: an intruder may say it too. Two faces that were there at the same time are therefore joined by
//! nothing less than both, and no clinical device by its name.

use crate::MINUTE;
use crate::face::{Face, FaceKey};
use holter_identity::{Evidence, Identity, contradicts};
use holter_terms::{Attribute, DeviceClass, DeviceKey, Mac, Nanos};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// Faces with the same serial number beyond this: it is the number of a product, not of a unit.
pub const SERIAL_FACES: usize = 4;
/// Faces with the same name beyond this: it is a name of many.
pub const NAME_FACES: usize = 64;
/// Faces with fixed addresses (not randomised) that may share one name: a notebook, its dock and its wireless card.
pub const FIXED_FACES: usize = 3;
/// So long two faces may be seen together where one takes over from the other.
pub const HANDOVER: Nanos = 10 * MINUTE;
/// The most clues of one kind of one face.
pub const CLUES_MAX: usize = 8;
/// Reasons weaker than this are no clue.
const WEIGHT_MIN: i8 = 50;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// What one sensor tells of an address is of the machine that another saw hold it then.
    Address,
    /// An IPv6 address that was made of a link-layer address (RFC 4291, appendix A).
    Eui64,
    /// The same serial number, at different times, or together with the same name.
    Serial,
    /// The same name, at different times.
    Name,
    /// A person said so.
    Person,
}

impl Rule {
    pub const ALL: [Rule; 5] = [Rule::Address, Rule::Eui64, Rule::Serial, Rule::Name, Rule::Person];

    pub const fn as_str(self) -> &'static str {
        match self {
            Rule::Address => "address",
            Rule::Eui64 => "eui-64",
            Rule::Serial => "serial",
            Rule::Name => "name",
            Rule::Person => "person",
        }
    }
}

/// Why two faces are one machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bond {
    pub a: FaceKey,
    pub b: FaceKey,
    pub rule: Rule,
    /// The address, number or name that it rests on, or who said so.
    pub value: String,
    /// When the second of them was first seen, or the person said so.
    pub since: Nanos,
    /// The decision, where a person said so.
    pub decree: Option<u64>,
}

impl Bond {
    /// One sentence for a person.
    pub fn why(&self) -> String {
        let (a, b, value) = (self.a, self.b, &self.value);
        match self.rule {
            Rule::Address => {
                format!("{value} was held by {b} when a sensor saw the address alone, as it does behind a router.")
            }
            Rule::Eui64 => format!("The address {value} is made of {b} (RFC 4291, appendix A)."),
            Rule::Serial => format!("{a} and {b} tell the same serial number, {value}."),
            Rule::Name => format!("{a} and {b} go by the same name, {value}, and were never there at the same time."),
            Rule::Person => format!("{value} said that {a} and {b} are one device."),
        }
    }
}

/// Two devices that may be one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    pub a: FaceKey,
    pub b: FaceKey,
    pub why: String,
}

/// What is shared by faces of one machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Clue {
    Serial,
    Name,
}

/// Names that makers and installers give to many machines, in lower case; what begins like one of them is one too.
const NAMES_OF_MANY: &[&str] = &[
    "android",
    "admin",
    "aptio",
    "computer",
    "debian",
    "default",
    "desktop",
    "device",
    "espressif",
    "galaxy",
    "host",
    "hostname",
    "ipad",
    "iphone",
    "kali",
    "laptop",
    "linux",
    "localhost",
    "mac",
    "macbook",
    "new-host",
    "none",
    "null",
    "pc",
    "printer",
    "raspberrypi",
    "router",
    "server",
    "switch",
    "test",
    "ubuntu",
    "unknown",
    "user",
    "watch",
    "windows",
    "workstation",
    "wlan0",
];

/// The clues of a face, each kind and value once.
pub(crate) fn clues(face: &Face) -> Vec<(Clue, String)> {
    let mut out: BTreeSet<(Clue, String)> = BTreeSet::new();
    let mut count = [0usize; 2];
    for reason in face.reasons(Nanos::MAX).filter(|reason| reason.weight >= WEIGHT_MIN) {
        let (clue, value) = match reason.attribute {
            Attribute::Serial => (Clue::Serial, serial(reason.value)),
            Attribute::Hostname => (Clue::Name, name(reason.value)),
            _ => continue,
        };
        let kept = &mut count[clue as usize];
        if let Some(value) = value
            && *kept < CLUES_MAX
            && out.insert((clue, value))
        {
            *kept += 1;
        }
    }
    out.into_iter().collect()
}

/// A number that can be a unit's: long enough, with a digit, and not one sign repeated.
fn serial(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let first = text.chars().next()?;
    let is_one_sign = text.chars().all(|sign| sign == first);
    let counts_up = "0123456789".contains(text.as_str()) || "1234567890".contains(text.as_str());
    (text.len() >= 5 && text.bytes().any(|b| b.is_ascii_digit()) && !is_one_sign && !counts_up).then_some(text)
}

/// A name without its domain, unless many machines are called so.
fn name(text: &str) -> Option<String> {
    let short = text.split('.').next().unwrap_or(text).trim().to_lowercase();
    let stem = short.trim_end_matches(|sign: char| sign.is_ascii_digit() || sign == '-' || sign == '_');
    // What an installer drew by lot, as in `desktop-8f3a9qk`, is one machine's own.
    let by_lot = |rest: &str| {
        let sort = |kind: fn(&u8) -> bool| rest.bytes().filter(kind).count();
        sort(u8::is_ascii_digit) >= 1 && sort(u8::is_ascii_alphabetic) >= 1 && rest.len() >= 7 && !rest.contains('-')
    };
    let is_of_many = NAMES_OF_MANY.iter().any(|of_many| {
        let rest = short.strip_prefix(of_many).and_then(|rest| rest.strip_prefix(['-', '_', ' ']));
        stem == *of_many || rest.is_some_and(|rest| !by_lot(rest))
    });
    (short.len() >= 4 && !is_of_many && short.parse::<IpAddr>().is_err()).then_some(short)
}

/// Locally administered: made up, as telephones and notebooks do for privacy (IEEE 802, RFC 9724).
pub const fn is_randomised(mac: Mac) -> bool {
    mac.0[0] & 0b11 == 0b10
}

/// The group of a router or load balancer that several machines answer for, by its link-layer address: VRRP (RFC 9568
/// 7.3), HSRP, GLBP and CARP, and network load balancing. It is nobody's own, so it is no device.
pub fn shared_group(mac: Mac) -> Option<String> {
    match mac.0 {
        [0, 0, 0x5e, 0, 1, group] => Some(format!("VRRP group {group} (IPv4)")),
        [0, 0, 0x5e, 0, 2, group] => Some(format!("VRRP group {group} (IPv6)")),
        [0, 0, 0x0c, 0x07, 0xac, group] => Some(format!("HSRP group {group}")),
        [0, 0, 0x0c, 0x9f, high, low] if high >> 4 == 0xf => {
            Some(format!("HSRP group {}", u16::from(high & 0x0f) << 8 | u16::from(low)))
        }
        [0, 0x07, 0xb4, 0, group, forwarder] => Some(format!("GLBP group {group}, forwarder {forwarder}")),
        [0x02, 0xbf, a, b, c, d] => Some(format!("load balancing cluster {a}.{b}.{c}.{d}")),
        _ => None,
    }
}

/// The link-layer address that an IPv6 address was made of.
pub fn made_of(ip: IpAddr) -> Option<Mac> {
    let IpAddr::V6(ip) = ip else { return None };
    let [.., a, b, c, 0xff, 0xfe, d, e, f] = ip.octets() else { return None };
    let mac = Mac([a ^ 0b10, b, c, d, e, f]);
    (!mac.is_group() && mac != Mac::ZERO).then_some(mac)
}

/// What makes two faces two machines, whatever they share.
fn differ(a: &Identity, b: &Identity) -> bool {
    [Attribute::Maker, Attribute::Family, Attribute::Model, Attribute::Os, Attribute::Class].into_iter().any(
        |attribute| match (a.named(attribute), b.named(attribute)) {
            (Some(a), Some(b)) => contradicts(a, b),
            _ => false,
        },
    )
}

fn is_clinical(identity: &Identity) -> bool {
    identity.named(Attribute::Class).and_then(DeviceClass::parse).is_some_and(DeviceClass::is_clinical)
}

/// A face with what is needed to compare it.
struct Member<'a> {
    key: FaceKey,
    face: &'a Face,
    identity: Identity,
    presence: crate::spans::Spans,
    clues: BTreeSet<(Clue, String)>,
}

impl<'a> Member<'a> {
    fn of((key, face): (FaceKey, &'a Face)) -> Member<'a> {
        let reasons: Vec<Evidence<'_>> = face.reasons(Nanos::MAX).collect();
        Member {
            key,
            face,
            identity: holter_identity::judge(&reasons),
            presence: face.presence(),
            clues: clues(face).into_iter().collect(),
        }
    }

    fn mac(&self) -> Option<Mac> {
        match self.key.key {
            DeviceKey::Mac(mac) => Some(mac),
            DeviceKey::Ip(_) => None,
        }
    }
}

/// What the faces that share one clue are to each other.
pub(crate) fn judge(clue: Clue, value: &str, faces: &BTreeMap<FaceKey, &Face>) -> (Vec<Bond>, Vec<Suggestion>) {
    let room = if clue == Clue::Serial { SERIAL_FACES } else { NAME_FACES };
    if faces.len() < 2 || faces.len() > room {
        return (Vec::new(), Vec::new());
    }
    let mut members: Vec<Member<'_>> = faces.iter().map(|(key, face)| Member::of((*key, face))).collect();
    members.sort_by_key(|member| (member.face.seen.first, member.key));
    match clue {
        Clue::Serial => by_serial(value, &members),
        Clue::Name => by_name(value, &members),
    }
}

fn by_serial(value: &str, members: &[Member<'_>]) -> (Vec<Bond>, Vec<Suggestion>) {
    let (mut bonds, mut suggestions) = (Vec::new(), Vec::new());
    for (at, later) in members.iter().enumerate().skip(1) {
        for earlier in members.iter().take(at).rev() {
            if differ(&earlier.identity, &later.identity) {
                continue;
            }
            let together = earlier.presence.together(&later.presence, HANDOVER);
            let same_name = earlier.clues.intersection(&later.clues).any(|(clue, _)| *clue == Clue::Name);
            if together && !same_name {
                let (a, b) = (earlier.key, later.key);
                let why = format!("{a} and {b} tell the same serial number, {value}, and are there at the same time.");
                suggestions.push(Suggestion { a, b, why });
                continue;
            }
            bonds.push(bond(Rule::Serial, value, earlier, later));
            break;
        }
    }
    (bonds, suggestions)
}

fn by_name(value: &str, members: &[Member<'_>]) -> (Vec<Bond>, Vec<Suggestion>) {
    let pairs = || members.iter().enumerate().flat_map(|(at, a)| members.iter().skip(at + 1).map(move |b| (a, b)));
    let fixed = members.iter().filter(|member| !member.mac().is_some_and(is_randomised)).count();
    let together = pairs().any(|(a, b)| a.presence.together(&b.presence, HANDOVER));
    // Of a hashed name nobody can say whether it is one of many, and telephones that hide all go by one.
    let unreadable = value.starts_with('#') && fixed < members.len();
    let doubtful = pairs().any(|(a, b)| differ(&a.identity, &b.identity))
        || members.iter().any(|member| is_clinical(&member.identity) || member.mac().is_none());
    if together || doubtful || unreadable || fixed > FIXED_FACES {
        let [a, b] = members else { return (Vec::new(), Vec::new()) };
        if differ(&a.identity, &b.identity) {
            return (Vec::new(), Vec::new());
        }
        let why = format!("{} and {} go by the same name, {value}.", a.key, b.key);
        return (Vec::new(), vec![Suggestion { a: a.key, b: b.key, why }]);
    }
    let bonds = members.windows(2).filter_map(|pair| match pair {
        [earlier, later] => Some(bond(Rule::Name, value, earlier, later)),
        _ => None,
    });
    (bonds.collect(), Vec::new())
}

fn bond(rule: Rule, value: &str, earlier: &Member<'_>, later: &Member<'_>) -> Bond {
    Bond { a: earlier.key, b: later.key, rule, value: value.to_owned(), since: later.face.seen.first, decree: None }
}

/// Which faces share which clue, by site.
#[derive(Debug, Clone, Default)]
pub(crate) struct Clues {
    sharing: BTreeMap<(String, Clue, String), BTreeSet<FaceKey>>,
    of: BTreeMap<(String, FaceKey), Vec<(Clue, String)>>,
}

impl Clues {
    /// Notes the clues that a face has now, and returns those it has or had.
    pub(crate) fn set(&mut self, site: &str, key: FaceKey, now: Vec<(Clue, String)>) -> BTreeSet<(Clue, String)> {
        let place = (site.to_owned(), key);
        let before = self.of.remove(&place).unwrap_or_default();
        let touched: BTreeSet<(Clue, String)> = before.iter().chain(&now).cloned().collect();
        for (clue, value) in before.iter().filter(|one| !now.contains(one)) {
            let group = (site.to_owned(), *clue, value.clone());
            if let Some(sharing) = self.sharing.get_mut(&group) {
                sharing.remove(&key);
                if sharing.is_empty() {
                    self.sharing.remove(&group);
                }
            }
        }
        for (clue, value) in &now {
            self.sharing.entry((site.to_owned(), *clue, value.clone())).or_default().insert(key);
        }
        if !now.is_empty() {
            self.of.insert(place, now);
        }
        touched
    }

    pub(crate) fn sharing(&self, site: &str, clue: Clue, value: &str) -> Option<&BTreeSet<FaceKey>> {
        self.sharing.get(&(site.to_owned(), clue, value.to_owned())).filter(|sharing| sharing.len() > 1)
    }

    pub(crate) fn of(&self, site: &str, key: FaceKey) -> &[(Clue, String)] {
        self.of.get(&(site.to_owned(), key)).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_a_product_and_a_name_of_many_are_no_clues() {
        for text in ["", "1234", "00000", "XXXXXX", "123456", "serial", "0123456789"] {
            assert_eq!(serial(text), None, "{text}");
        }
        assert_eq!(serial(" SN-40912 "), Some("sn-40912".to_owned()));
        for text in ["iPhone", "iPhone-7", "android-dhcp-13", "localhost", "DESKTOP-1", "pc", "10.0.0.5", "raspberrypi"]
        {
            assert_eq!(name(text), None, "{text}");
        }
        assert_eq!(name("DESKTOP-8F3A9QK"), Some("desktop-8f3a9qk".to_owned()));
        assert_eq!(name("WS07.clin.example"), Some("ws07".to_owned()));
        assert_eq!(name("printerroom3"), Some("printerroom3".to_owned()));
    }

    #[test]
    fn shared_addresses_of_routers_are_known() {
        let group = |bytes| shared_group(Mac(bytes));
        assert_eq!(group([0, 0, 0x5e, 0, 1, 7]).as_deref(), Some("VRRP group 7 (IPv4)"));
        assert_eq!(group([0, 0, 0x0c, 0x9f, 0xf1, 2]).as_deref(), Some("HSRP group 258"));
        assert_eq!(group([0, 0, 0x0c, 0x9f, 0x01, 2]), None);
        assert_eq!(group([0, 0x18, 0x65, 1, 2, 3]), None);
    }

    #[test]
    fn an_address_made_of_a_mac_gives_it_back() {
        let mac = made_of("fe80::218:65ff:feaa:21".parse().unwrap());
        assert_eq!(mac, Some(Mac([0, 0x18, 0x65, 0xaa, 0, 0x21])));
        assert_eq!(made_of("fe80::1".parse().unwrap()), None);
        assert_eq!(made_of("10.0.0.1".parse().unwrap()), None);
    }
}
