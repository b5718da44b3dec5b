//! DHCPv4 by dhcproto: every type of message, some fifty options, those of more than 255 bytes too.

use crate::compare::Conversation;
use crate::draw::{Draw, mac_text};
use crate::hickory_name::{name, text};
use dhcproto::Encodable as _;
use dhcproto::v4::fqdn::{ClientFQDN, FqdnFlags};
use dhcproto::v4::relay::{RelayAgentInformation, RelayInfo};
use dhcproto::v4::{DhcpOption, Flags, Message, MessageType, NodeType, Opcode, OptionCode};
use holter_protocols::Way;
use serde_json::{Value, json};
use std::net::Ipv4Addr;

/// Longest value in one part (RFC 3396).
const PART: usize = 255;

/// What is told of some options, and how many bytes those have that may need more than one part.
struct Options {
    said: Value,
    long: Vec<(u8, usize)>,
}

impl Options {
    fn text(&mut self, draw: &mut Draw, code: u8, field: &str) -> String {
        let longest = draw.pick(&[10, 60, 400]);
        let text = draw.text(1, longest);
        self.said[field] = json!(text);
        self.long.push((code, text.len()));
        text
    }

    fn address(&mut self, draw: &mut Draw, field: &str) -> Ipv4Addr {
        let address = draw.v4();
        self.said[field] = json!(address.to_string());
        address
    }
}

/// Those of which something is told.
fn told(draw: &mut Draw, which: usize, of: &mut Options) -> DhcpOption {
    match which {
        0 => DhcpOption::Hostname(of.text(draw, 12, "dhcp.hostname")),
        1 => DhcpOption::DomainName(of.text(draw, 15, "dhcp.domain")),
        2 => DhcpOption::ClassIdentifier(of.text(draw, 60, "dhcp.vendor_class").into_bytes()),
        3 => DhcpOption::RequestedIpAddress(of.address(draw, "dhcp.requested_address")),
        4 => DhcpOption::ServerIdentifier(of.address(draw, "dhcp.server")),
        5 => {
            let seconds = draw.u32();
            of.said["dhcp.lease"] = json!(seconds);
            DhcpOption::AddressLeaseTime(seconds)
        }
        6 => DhcpOption::Router([vec![of.address(draw, "dhcp.router")], draw.list(0, 3, Draw::v4)].concat()),
        7 => DhcpOption::DomainNameServer(
            [vec![of.address(draw, "dhcp.name_server")], draw.list(0, 3, Draw::v4)].concat(),
        ),
        8 => {
            let size = draw.u16();
            of.said["dhcp.max_size"] = json!(size);
            DhcpOption::MaxMessageSize(size)
        }
        9 => {
            let codes = draw.list(1, 40, |draw| draw.u8().clamp(1, 254));
            of.said["dhcp.parameters"] = json!(codes);
            DhcpOption::ParameterRequestList(codes.into_iter().map(OptionCode::from).collect())
        }
        10 => {
            // A hardware address of type 1, or whatever else a client makes up.
            if draw.chance(60) {
                let mac = draw.mac();
                of.said["dhcp.identifier_mac"] = json!(mac_text(mac));
                return DhcpOption::ClientIdentifier([&[1], &mac[..]].concat());
            }
            DhcpOption::ClientIdentifier([vec![255], draw.bytes(4, 20)].concat())
        }
        _ => {
            let labels: Vec<Vec<u8>> = draw.list(1, 4, |draw| draw.word(1, 20).into_bytes());
            of.said["dhcp.fqdn"] = json!(text(&labels));
            DhcpOption::ClientFQDN(ClientFQDN::new(FqdnFlags::new(0).set_e(true).set_s(draw.chance(50)), name(&labels)))
        }
    }
}

/// Those of which only the code is told.
fn silent(draw: &mut Draw) -> Vec<DhcpOption> {
    let mut relay = RelayAgentInformation::default();
    relay.insert(RelayInfo::AgentCircuitId(draw.bytes(1, 20)));
    relay.insert(RelayInfo::AgentRemoteId(draw.bytes(1, 20)));
    let all = [
        DhcpOption::SubnetMask(Ipv4Addr::new(255, 255, 255, 0)),
        DhcpOption::TimeOffset(-3600),
        DhcpOption::TimeServer(draw.list(1, 3, Draw::v4)),
        DhcpOption::LogServer(draw.list(1, 3, Draw::v4)),
        DhcpOption::LprServer(draw.list(1, 3, Draw::v4)),
        DhcpOption::BootFileSize(draw.u16()),
        DhcpOption::RootPath(draw.text(1, 30)),
        DhcpOption::IpForwarding(draw.chance(50)),
        DhcpOption::PolicyFilter(vec![(draw.v4(), draw.v4())]),
        DhcpOption::DefaultIpTtl(draw.u8()),
        DhcpOption::PathMtuPlateauTable(draw.list(1, 5, Draw::u16)),
        DhcpOption::InterfaceMtu(draw.u16()),
        DhcpOption::BroadcastAddr(draw.v4()),
        DhcpOption::StaticRoutingTable(vec![(draw.v4(), draw.v4())]),
        DhcpOption::ArpCacheTimeout(draw.u32()),
        DhcpOption::NisDomain(draw.word(1, 20)),
        DhcpOption::NtpServers(draw.list(1, 3, Draw::v4)),
        DhcpOption::VendorExtensions(draw.bytes(2, 40)),
        DhcpOption::NetBiosNameServers(draw.list(1, 3, Draw::v4)),
        DhcpOption::NetBiosNodeType(NodeType::H),
        DhcpOption::NetBiosScope(draw.word(1, 20)),
        DhcpOption::Message(draw.text(1, 80)),
        DhcpOption::Renewal(draw.u32()),
        DhcpOption::Rebinding(draw.u32()),
        DhcpOption::TFTPServerName(draw.word(1, 30).into_bytes()),
        DhcpOption::BootfileName(draw.word(1, 60).into_bytes()),
        DhcpOption::SmtpServer(draw.list(1, 3, Draw::v4)),
        DhcpOption::UserClass(draw.bytes(1, 30)),
        DhcpOption::RapidCommit,
        DhcpOption::RelayAgentInformation(relay),
        DhcpOption::ClientLastTransactionTime(draw.u32()),
        DhcpOption::ClientNetworkInterface(1, 3, draw.u8()),
        DhcpOption::ClientMachineIdentifier(draw.bytes(17, 17)),
        DhcpOption::TimezonePosixString(draw.word(3, 9)),
        DhcpOption::Ipv6OnlyPreferred(draw.u32()),
        DhcpOption::CaptivePortal(draw.word(10, 40)),
        DhcpOption::SubnetSelection(draw.v4()),
        DhcpOption::DomainSearch(vec![name(&[draw.word(1, 9).into_bytes(), b"example".to_vec()])]),
        DhcpOption::TFTPServerAddress(draw.v4()),
    ];
    let share = draw.pick(&[0, 20, 60]);
    all.into_iter().filter(|_| draw.chance(share)).collect()
}

pub(crate) fn conversation(draw: &mut Draw) -> Conversation {
    let kind = draw.within(1, 18) as u8;
    let reply = matches!(kind, 2 | 5 | 6 | 9 | 11..=13 | 15 | 17);
    let mac = draw.mac();
    // RFC 2131 4.3.1 and 4.4.1 say who may fill which; a relay agent counts itself (RFC 1542 4.1.1).
    let some = |draw: &mut Draw, may: bool| if may && draw.chance(50) { draw.v4() } else { Ipv4Addr::UNSPECIFIED };
    let (client, yours, next, relay) = (some(draw, kind != 1), some(draw, reply), some(draw, true), some(draw, true));
    let mut message = Message::new_with_id(draw.u32(), client, yours, next, relay, &mac);
    message.set_opcode(if reply { Opcode::BootReply } else { Opcode::BootRequest }).set_secs(draw.u16());
    message.set_hops(if relay.is_unspecified() { 0 } else { draw.within(1, 16) as u8 });
    if draw.chance(30) {
        message.set_flags(Flags::default().set_broadcast());
    }
    if draw.chance(30) {
        message.set_sname_str(draw.word(1, 60)).set_fname_str(draw.word(1, 120));
    }
    let present = |address: Ipv4Addr| (!address.is_unspecified()).then(|| address.to_string());
    let mut of = Options {
        said: json!({
            "dhcp.op": if reply { 2 } else { 1 }, "dhcp.type": kind, "dhcp.transaction": message.xid(),
            "dhcp.client_mac": mac_text(mac), "dhcp.client_address": present(client),
            "dhcp.your_address": present(yours), "dhcp.next_server": present(next), "dhcp.relay": present(relay),
            "dhcp.identifier_mac": null, "dhcp.requested_address": null, "dhcp.server": null, "dhcp.lease": null,
            "dhcp.router": null, "dhcp.name_server": null, "dhcp.hostname": null, "dhcp.domain": null, "dhcp.fqdn": null,
            "dhcp.vendor_class": null, "dhcp.parameters": null, "dhcp.max_size": null,
        }),
        long: Vec::new(),
    };
    message.opts_mut().insert(DhcpOption::MessageType(MessageType::from(kind)));
    for which in 0..12 {
        if draw.chance(40) {
            let option = told(draw, which, &mut of);
            message.opts_mut().insert(option);
        }
    }
    for option in silent(draw) {
        message.opts_mut().insert(option);
    }
    let mut codes: Vec<u8> = Vec::new();
    for (code, _) in message.opts().iter() {
        let code = u8::from(*code);
        let length = of.long.iter().find(|(long, _)| *long == code).map_or(1, |(_, length)| *length);
        codes.extend(std::iter::repeat_n(code, length.div_ceil(PART)));
    }
    // What the relay added is last (RFC 3046 2.1).
    codes.sort_by_key(|code| *code == 82);
    of.said["dhcp.options"] = json!(codes);
    let way = if reply { Way::ToClient } else { Way::ToServer };
    let bytes = message.to_vec().expect("encodes");
    Conversation { stream: false, chunks: vec![(way, bytes)], events: vec![json!(["dhcp.message", of.said])] }
}
