//! DHCP and BOOTP for IPv4 (RFC 2131 2, RFC 2132): the fixed part, and the options that say who a machine is.
//!
//! Options are read in place, and from `file` and `sname` where option 52 says so, one level deep. An option that is
//! split (RFC 3396) is read from its first part; nothing that holter keeps is long enough to be split in earnest.

mod events;

pub use events::*;

use crate::event::{Code, Codes, Seconds, Size, Transaction};
use crate::{Decoder, EventSpec, Malformed, Protocol, Reader, Sink, Transport, Verdict, Way};
use holter_phi::{Because, Plain};
use holter_terms::{Mac, Protocol as Word};
use std::net::{IpAddr, Ipv4Addr};

pub struct Dhcp;

/// Option codes kept in order per message. A message of 1,500 bytes holds fewer in earnest; the rest is weird.
pub const MAX_OPTIONS: usize = 128;

const FIXED: usize = 236;
const COOKIE: [u8; 4] = [99, 130, 83, 99];

impl Protocol for Dhcp {
    fn word(&self) -> Word {
        Word::Dhcp
    }

    fn name(&self) -> &'static str {
        "dhcp"
    }

    fn transports(&self) -> &'static [Transport] {
        &[Transport::Udp]
    }

    fn ports(&self) -> &'static [u16] {
        &[67, 68]
    }

    fn probe(&self, transport: Transport, _way: Way, bytes: &[u8]) -> Verdict {
        if transport != Transport::Udp {
            return Verdict::No;
        }
        let (Some([op, _, hlen, ..]), Some(cookie)) = (bytes.first_chunk::<4>(), bytes.get(FIXED..FIXED + 4)) else {
            return Verdict::No;
        };
        if matches!(op, 1 | 2) && *hlen <= 16 && cookie == COOKIE { Verdict::Yes } else { Verdict::No }
    }

    fn stream(&self) -> Option<Box<dyn Decoder>> {
        None
    }

    fn datagram(&self, _way: Way, bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
        let mut reader = Reader::new(bytes);
        let op = reader.u8("dhcp.op")?;
        let htype = reader.u8("dhcp.htype")?;
        let hlen = reader.u8("dhcp.hlen")?;
        reader.take(1, "dhcp.hops")?;
        let transaction = reader.u32("dhcp.xid")?;
        reader.take(4, "dhcp.secs")?;
        let client_address = address(reader.array("dhcp.ciaddr")?);
        let your_address = address(reader.array("dhcp.yiaddr")?);
        let next_server = address(reader.array("dhcp.siaddr")?);
        let relay = address(reader.array("dhcp.giaddr")?);
        let hardware = reader.array::<16>("dhcp.chaddr")?;
        let sname = reader.sub(64, "dhcp.sname")?;
        let file = reader.sub(128, "dhcp.file")?;
        let [a, b, c, d, e, f, ..] = hardware;
        let client_mac = (htype == 1 && hlen == 6).then_some(Mac([a, b, c, d, e, f]));
        if client_mac.is_none() {
            sink.weird("dhcp.chaddr");
        }

        let mut options = Options::default();
        let mut broken = Ok(());
        if reader.rest().starts_with(&COOKIE) {
            reader.take(4, "dhcp.cookie")?;
            broken = options.read(reader, sink);
            // Overload (RFC 2132 9.3): one level, file before sname.
            let overload = options.overload;
            for (field, bit) in [(file, 1), (sname, 2)] {
                if overload & bit != 0 && broken.is_ok() {
                    broken = options.read(field, sink);
                }
            }
        } else if !reader.is_empty() {
            sink.weird("dhcp.cookie");
        }
        if relay.is_some() && client_address.is_some() && client_address == relay {
            sink.weird("dhcp.giaddr");
        }
        sink.event(&Message {
            op: Code(op.into()),
            kind: options.kind,
            transaction: Transaction(transaction.into()),
            client_mac,
            client_address,
            your_address,
            next_server,
            relay,
            requested_address: options.requested,
            server: options.server,
            lease: options.lease,
            router: options.router,
            name_server: options.name_server,
            hostname: options.hostname,
            domain: options.domain,
            fqdn: options.fqdn,
            vendor_class: options.vendor_class,
            parameters: options.parameters,
            options: Codes(options.codes.get(..options.count).unwrap_or_default()),
            max_size: options.max_size,
        });
        broken
    }

    fn events(&self) -> &'static [&'static EventSpec] {
        static EVENTS: &[&EventSpec] = &[&message::SPEC];
        EVENTS
    }
}

fn address(octets: [u8; 4]) -> Option<IpAddr> {
    (octets != [0; 4]).then(|| IpAddr::V4(Ipv4Addr::from(octets)))
}

/// What the options said; of an option that stands twice, the first is kept.
struct Options<'a> {
    codes: [u8; MAX_OPTIONS],
    count: usize,
    overload: u8,
    kind: Option<Code>,
    requested: Option<IpAddr>,
    server: Option<IpAddr>,
    lease: Option<Seconds>,
    router: Option<IpAddr>,
    name_server: Option<IpAddr>,
    hostname: Option<Plain<'a>>,
    domain: Option<Plain<'a>>,
    fqdn: Option<Plain<'a>>,
    vendor_class: Option<Plain<'a>>,
    parameters: Option<Codes<'a>>,
    max_size: Option<Size>,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Options {
            codes: [0; MAX_OPTIONS],
            count: 0,
            overload: 0,
            kind: None,
            requested: None,
            server: None,
            lease: None,
            router: None,
            name_server: None,
            hostname: None,
            domain: None,
            fqdn: None,
            vendor_class: None,
            parameters: None,
            max_size: None,
        }
    }
}

impl<'a> Options<'a> {
    fn read(&mut self, mut reader: Reader<'a>, sink: &mut dyn Sink) -> Result<(), Malformed> {
        const FIELD: &str = "dhcp.option";
        while !reader.is_empty() {
            let at = reader.at();
            let code = reader.u8(FIELD)?;
            match code {
                0 => continue,
                255 => return Ok(()),
                _ => {}
            }
            let length = reader.u8(FIELD).map_err(|_| Malformed { field: FIELD, at })?;
            let value = reader.take(usize::from(length), FIELD).map_err(|_| Malformed { field: FIELD, at })?;
            match self.codes.get_mut(self.count) {
                Some(slot) => {
                    *slot = code;
                    self.count = self.count.saturating_add(1);
                }
                None => sink.weird("dhcp.options"),
            }
            if !self.option(code, value) {
                sink.weird("dhcp.option_length");
            }
        }
        // Pads may follow the end mark, and a message may end without one.
        Ok(())
    }

    /// False if the value does not have the length that its code asks for.
    fn option(&mut self, code: u8, value: &'a [u8]) -> bool {
        let first4 = value.first_chunk::<4>().copied();
        match (code, value) {
            (3, _) => self.router = self.router.or(first4.and_then(address)),
            (6, _) => self.name_server = self.name_server.or(first4.and_then(address)),
            (12, _) => self.hostname = self.hostname.or(site(value)),
            (15, _) => self.domain = self.domain.or(site(value)),
            (50, &[a, b, c, d]) => self.requested = self.requested.or(address([a, b, c, d])),
            (51, &[a, b, c, d]) => {
                self.lease = self.lease.or(Some(Seconds(u32::from_be_bytes([a, b, c, d]).into())));
            }
            (52, &[bits]) => self.overload |= bits,
            (53, &[kind]) => self.kind = self.kind.or(Some(Code(kind.into()))),
            (54, &[a, b, c, d]) => self.server = self.server.or(address([a, b, c, d])),
            (55, codes) => self.parameters = self.parameters.or(Some(Codes(codes))),
            (57, &[a, b]) => self.max_size = self.max_size.or(Some(Size(u16::from_be_bytes([a, b]).into()))),
            (60, _) => self.vendor_class = self.vendor_class.or(site(value)),
            // Flags and two deprecated octets stand before the name (RFC 4702 2).
            (81, [flags, _, _, name @ ..]) => {
                // The E bit says that the name is in labels; only the older plain form is kept as text.
                if flags & 4 == 0 {
                    self.fqdn = self.fqdn.or(site(name));
                } else {
                    self.fqdn = self.fqdn.or(first_label(name));
                }
            }
            (50 | 51 | 52 | 53 | 54 | 57 | 81, _) => return false,
            _ => {}
        }
        if matches!(code, 3 | 6) { first4.is_some() } else { true }
    }
}

fn site(value: &[u8]) -> Option<Plain<'_>> {
    let text = value.split(|&byte| byte == 0).next().unwrap_or_default();
    (!text.is_empty()).then(|| Plain::new(text, Because::Site))
}

/// The host part of a name in DNS labels. No pointer is followed: RFC 4702 2.3.1 forbids them here.
fn first_label(name: &[u8]) -> Option<Plain<'_>> {
    let (&length, rest) = name.split_first()?;
    site(rest.get(..usize::from(length))?)
}
