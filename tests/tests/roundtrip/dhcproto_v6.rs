//! DHCPv6 by dhcproto: every type of message, options within options, and relays around relays.

use crate::compare::Conversation;
use crate::draw::{Draw, mac_text};
use crate::hickory_name::{name, text};
use dhcproto::v6::duid::Duid;
use dhcproto::v6::{
    DhcpOption, DhcpOptions, IAAddr, IANA, IAPD, IAPrefix, IATA, Message, MessageType, ORO, OptionCode, RelayMessage,
    Status, StatusCode, UnknownOption,
};
use dhcproto::{Decodable as _, Decoder, Encodable as _};
use hickory_proto::serialize::binary::BinEncodable as _;
use holter_protocols::Way;
use serde_json::{Value, json};

const USER_CLASS: u16 = 15;
const VENDOR_CLASS: u16 = 16;
const FQDN: u16 = 39;
const CLIENT_LINK_ADDRESS: u16 = 79;
const LEASE_QUERY_REPLY: u8 = 15;

fn unknown(code: u16, data: Vec<u8>) -> DhcpOption {
    DhcpOption::Unknown(UnknownOption::new(OptionCode::from(code), data))
}

/// Each behind its length. dhcproto 0.15 gives classes the number of their items for the length of the option, so they are
/// written here.
fn counted(items: &[Vec<u8>]) -> Vec<u8> {
    items.iter().flat_map(|item| [&(item.len() as u16).to_be_bytes()[..], item].concat()).collect()
}

/// An identifier of one of the four kinds, its kind, and the link-layer address in it.
fn identifier(draw: &mut Draw) -> (Vec<u8>, u8, Option<String>) {
    let mac = draw.mac();
    match draw.within(1, 4) {
        1 => ([&[0, 1, 0, 1], &draw.u32().to_be_bytes()[..], &mac].concat(), 1, Some(mac_text(mac))),
        2 => (Duid::enterprise(draw.u32(), &draw.bytes(4, 16)).as_ref().to_vec(), 2, None),
        3 => ([&[0, 3, 0, 1], &mac[..]].concat(), 3, Some(mac_text(mac))),
        _ => (Duid::uuid(&draw.bytes(16, 16)).as_ref().to_vec(), 4, None),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn status(draw: &mut Draw) -> DhcpOption {
    let status =
        draw.pick(&[Status::Success, Status::UnspecFail, Status::NoAddrsAvail, Status::NoBinding, Status::NotOnLink]);
    DhcpOption::StatusCode(StatusCode { status, msg: draw.text(1, 40) })
}

fn within(options: impl IntoIterator<Item = DhcpOption>) -> DhcpOptions {
    options.into_iter().collect()
}

fn address(draw: &mut Draw) -> DhcpOption {
    let opts = within(draw.maybe(status));
    DhcpOption::IAAddr(IAAddr { addr: draw.v6(), preferred_life: draw.u32(), valid_life: draw.u32(), opts })
}

fn prefix(draw: &mut Draw) -> DhcpOption {
    let opts = within(draw.maybe(status));
    let (preferred_lifetime, valid_lifetime) = (draw.u32(), draw.u32());
    DhcpOption::IAPrefix(IAPrefix { preferred_lifetime, valid_lifetime, prefix_len: 56, prefix_ip: draw.v6(), opts })
}

fn association(draw: &mut Draw) -> DhcpOption {
    let (id, t1, t2) = (draw.u32(), draw.u32(), draw.u32());
    let held = |list: Vec<DhcpOption>, draw: &mut Draw| within(list.into_iter().chain(draw.maybe(status)));
    match draw.below(3) {
        0 => {
            let list = draw.list(0, 3, address);
            DhcpOption::IANA(IANA { id, t1, t2, opts: held(list, draw) })
        }
        1 => {
            let list = draw.list(0, 3, address);
            DhcpOption::IATA(IATA { id, opts: held(list, draw) })
        }
        _ => {
            let list = draw.list(0, 3, prefix);
            DhcpOption::IAPD(IAPD { id, t1, t2, opts: held(list, draw) })
        }
    }
}

fn options(draw: &mut Draw, said: &mut Value) -> DhcpOptions {
    let mut opts = DhcpOptions::new();
    for (field, server) in [("client", false), ("server", true)] {
        if draw.chance(70) {
            let (duid, kind, mac) = identifier(draw);
            said[format!("dhcpv6.{field}_duid")] = json!(hex(&duid));
            said[format!("dhcpv6.{field}_mac")] = json!(mac);
            if !server {
                said["dhcpv6.client_duid_type"] = json!(kind);
            }
            opts.insert(if server { DhcpOption::ServerId(duid) } else { DhcpOption::ClientId(duid) });
        }
    }
    if draw.chance(60) {
        let codes = draw.list(1, 12, Draw::u16);
        said["dhcpv6.requested"] = json!(codes);
        opts.insert(DhcpOption::ORO(ORO { opts: codes.into_iter().map(OptionCode::from).collect() }));
    }
    if draw.chance(50) {
        let (num, class) = (draw.u32(), draw.text(1, 50));
        said["dhcpv6.vendor"] = json!(num);
        said["dhcpv6.vendor_class"] = json!(class);
        let more = draw.list(0, 2, |draw| draw.bytes(1, 10));
        let all = counted(&[vec![class.into_bytes()], more].concat());
        opts.insert(unknown(VENDOR_CLASS, [&num.to_be_bytes()[..], &all].concat()));
    }
    if draw.chance(50) {
        let labels: Vec<Vec<u8>> = draw.list(1, 4, |draw| draw.word(1, 20).into_bytes());
        said["dhcpv6.fqdn"] = json!(text(&labels));
        opts.insert(unknown(FQDN, [vec![1], name(&labels).to_bytes().expect("encodes")].concat()));
    }
    if draw.chance(50) {
        let servers = draw.list(1, 3, Draw::v6);
        said["dhcpv6.name_server"] = json!(servers.iter().map(ToString::to_string).collect::<Vec<_>>());
        opts.insert(DhcpOption::DomainNameServers(servers));
    }
    for _ in 0..draw.below(4) {
        let association = association(draw);
        opts.insert(association);
    }
    let rest = [
        DhcpOption::Preference(draw.u8()),
        DhcpOption::ElapsedTime(draw.u16()),
        DhcpOption::RapidCommit,
        DhcpOption::ReconfAccept,
        unknown(USER_CLASS, counted(&[draw.bytes(1, 9)])),
        DhcpOption::InterfaceId(draw.bytes(1, 9)),
        DhcpOption::InformationRefreshTime(draw.u32()),
        DhcpOption::ServerUnicast(draw.v6()),
        status(draw),
    ];
    draw.some(&rest).into_iter().for_each(|option| opts.insert(option));
    opts
}

/// Everything that stands in options, in the order in which it is written: codes, addresses, lifetime and status.
fn walk(opts: &DhcpOptions, codes: &mut Vec<u16>, found: &mut Value) {
    for option in opts.iter() {
        codes.push(OptionCode::from(option).into());
        let mut add = |list: &str, text: String| found[list].as_array_mut().expect("a list").push(json!(text));
        match option {
            DhcpOption::IAAddr(held) => add("dhcpv6.address", held.addr.to_string()),
            DhcpOption::IAPrefix(held) => add("dhcpv6.prefix", held.prefix_ip.to_string()),
            _ => {}
        }
        let first = |slot: &mut Value, value: u32| {
            if slot.is_null() {
                *slot = json!(value);
            }
        };
        match option {
            DhcpOption::IAAddr(held) => first(&mut found["dhcpv6.lifetime"], held.valid_life),
            DhcpOption::IAPrefix(held) => first(&mut found["dhcpv6.lifetime"], held.valid_lifetime),
            DhcpOption::StatusCode(held) => first(&mut found["dhcpv6.status"], u32::from(u16::from(held.status))),
            _ => {}
        }
        match option {
            DhcpOption::IANA(IANA { opts, .. })
            | DhcpOption::IATA(IATA { opts, .. })
            | DhcpOption::IAPD(IAPD { opts, .. })
            | DhcpOption::IAAddr(IAAddr { opts, .. })
            | DhcpOption::IAPrefix(IAPrefix { opts, .. }) => walk(opts, codes, found),
            _ => {}
        }
    }
}

/// The message within a relay's. dhcproto has no way to begin a relay message but to read one.
fn relayed(draw: &mut Draw, reply: bool, inner: Vec<u8>, mac: Option<[u8; 6]>) -> (RelayMessage, Vec<u8>) {
    let head =
        [&[if reply { 13 } else { 12 }, draw.below(8) as u8], &draw.v6().octets()[..], &draw.v6().octets()].concat();
    let mut message = RelayMessage::decode(&mut Decoder::new(&head)).expect("a head");
    if let Some(mac) = mac {
        message.opts_mut().insert(unknown(CLIENT_LINK_ADDRESS, [&[0, 1], &mac[..]].concat()));
    }
    message.opts_mut().insert(unknown(9, inner));
    let bytes = message.to_vec().expect("encodes");
    (message, bytes)
}

pub(crate) fn conversation(draw: &mut Draw) -> Conversation {
    let kind = draw.pick(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 14, LEASE_QUERY_REPLY]);
    let reply = matches!(kind, 2 | 7 | 10 | LEASE_QUERY_REPLY);
    let mut said = json!({
        "dhcpv6.link_address": null, "dhcpv6.peer_address": null, "dhcpv6.relayed_mac": null, "dhcpv6.client_duid": null,
        "dhcpv6.client_duid_type": null, "dhcpv6.client_mac": null, "dhcpv6.server_duid": null,
        "dhcpv6.server_mac": null, "dhcpv6.requested": null, "dhcpv6.vendor": null, "dhcpv6.vendor_class": null,
        "dhcpv6.fqdn": null, "dhcpv6.address": [], "dhcpv6.prefix": [], "dhcpv6.lifetime": null,
        "dhcpv6.name_server": null, "dhcpv6.status": null,
    });
    let xid = draw.u32() & 0x00ff_ffff;
    let mut message = Message::new(MessageType::from(kind));
    message.set_xid_num(xid).set_opts(options(draw, &mut said));
    let mut codes = Vec::new();
    walk(message.opts(), &mut codes, &mut said);
    let mut bytes = message.to_vec().expect("encodes");
    let mut kinds = vec![kind];
    let relays = draw.pick(&[0, 0, 1, 2, 3]);
    for _ in 0..relays {
        let mac = draw.maybe(Draw::mac);
        let (relay, wrapped) = relayed(draw, reply, bytes, mac);
        bytes = wrapped;
        kinds.insert(0, relay.msg_type().into());
        // The outermost was added last.
        said["dhcpv6.link_address"] = json!(relay.link_addr().to_string());
        said["dhcpv6.peer_address"] = json!(relay.peer_addr().to_string());
        if mac.is_some() && said["dhcpv6.relayed_mac"].is_null() {
            said["dhcpv6.relayed_mac"] = json!(mac.map(mac_text));
        }
        let own = mac.map(|_| CLIENT_LINK_ADDRESS);
        codes = [vec![9], codes, own.into_iter().collect()].concat();
    }
    said["dhcpv6.type"] = json!(kinds);
    said["dhcpv6.transaction"] = json!(xid);
    said["dhcpv6.relays"] = json!(relays);
    said["dhcpv6.options"] = json!(codes);
    let way = if reply { Way::ToClient } else { Way::ToServer };
    Conversation { stream: false, chunks: vec![(way, bytes)], events: vec![json!(["dhcpv6.message", said])] }
}
