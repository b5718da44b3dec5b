//! Frames as they stand on the wire of the simulated hospital.

use holter_terms::Mac;
use std::net::Ipv4Addr;

pub(crate) const BROADCAST: Mac = Mac([0xff; 6]);

fn ethernet(from: Mac, to: Mac, kind: u16, payload: &[u8]) -> Vec<u8> {
    let mut frame = [to.0.as_slice(), &from.0, &kind.to_be_bytes(), payload].concat();
    frame.resize(frame.len().max(60), 0);
    frame
}

/// Who sends a packet to whom on one segment.
#[derive(Clone, Copy)]
pub(crate) struct Hop {
    pub(crate) from: Mac,
    pub(crate) to: Mac,
    pub(crate) ttl: u8,
}

#[derive(Clone, Copy)]
pub(crate) struct Ends {
    pub(crate) from: (Ipv4Addr, u16),
    pub(crate) to: (Ipv4Addr, u16),
}

impl Ends {
    pub(crate) fn back(self) -> Ends {
        Ends { from: self.to, to: self.from }
    }
}

fn ipv4(hop: Hop, ends: Ends, protocol: u8, payload: &[u8]) -> Vec<u8> {
    let mut header = vec![0x45, 0];
    header.extend(u16::try_from(20 + payload.len()).unwrap().to_be_bytes());
    header.extend([0, 0, 0x40, 0, hop.ttl, protocol, 0, 0]);
    header.extend(ends.from.0.octets());
    header.extend(ends.to.0.octets());
    header.extend(payload);
    ethernet(hop.from, hop.to, 0x0800, &header)
}

pub(crate) fn udp(hop: Hop, ends: Ends, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(8 + payload.len()).unwrap();
    let ports = [ends.from.1, ends.to.1, length, 0].map(u16::to_be_bytes).concat();
    ipv4(hop, ends, 17, &[ports.as_slice(), payload].concat())
}

pub(crate) fn tcp(hop: Hop, ends: Ends, [sequence, acknowledgment]: [u32; 2], flags: u8, payload: &[u8]) -> Vec<u8> {
    let mut segment = [ends.from.1, ends.to.1].map(u16::to_be_bytes).concat();
    segment.extend(sequence.to_be_bytes());
    segment.extend(acknowledgment.to_be_bytes());
    segment.extend([0x50, flags, 0xfa, 0xf0, 0, 0, 0, 0]);
    segment.extend(payload);
    ipv4(hop, ends, 6, &segment)
}

/// A question of ARP (RFC 826), to all, or an answer, to who asked.
pub(crate) fn arp(operation: u8, sender: (Mac, Ipv4Addr), target: (Mac, Ipv4Addr)) -> Vec<u8> {
    let mut body = vec![0, 1, 8, 0, 6, 4, 0, operation];
    for (mac, ip) in [sender, target] {
        body.extend(mac.0);
        body.extend(ip.octets());
    }
    let to = if operation == 1 { BROADCAST } else { target.0 };
    ethernet(sender.0, to, 0x0806, &body)
}

/// A DHCP message (RFC 2131) with its type and a few options.
pub(crate) fn dhcp(kind: u8, xid: u32, mac: Mac, yours: Ipv4Addr, relay: Ipv4Addr, options: &[(u8, &[u8])]) -> Vec<u8> {
    let reply = matches!(kind, 2 | 5);
    let mut message = vec![if reply { 2 } else { 1 }, 1, 6, 0];
    message.extend(xid.to_be_bytes());
    message.extend([0; 8]);
    message.extend(yours.octets());
    message.extend([0; 4]);
    message.extend(relay.octets());
    message.extend(mac.0);
    message.resize(236, 0);
    message.extend([99, 130, 83, 99, 53, 1, kind]);
    for (code, value) in options {
        message.extend([*code, u8::try_from(value.len()).unwrap()]);
        message.extend(*value);
    }
    message.push(255);
    message
}

fn dns_name(name: &str) -> Vec<u8> {
    let mut out = Vec::new();
    for label in name.split('.') {
        out.push(u8::try_from(label.len()).unwrap());
        out.extend(label.bytes());
    }
    out.push(0);
    out
}

/// A question for the address of a name, and with an address its answer.
pub(crate) fn dns(id: u16, name: &str, answer: Option<Ipv4Addr>) -> Vec<u8> {
    let mut message = id.to_be_bytes().to_vec();
    message.extend(if answer.is_some() { [0x85, 0x80] } else { [0x01, 0x00] });
    message.extend([0, 1, 0, u8::from(answer.is_some()), 0, 0, 0, 0]);
    message.extend(dns_name(name));
    message.extend([0, 1, 0, 1]);
    if let Some(answer) = answer {
        message.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 0x2c, 0, 4]);
        message.extend(answer.octets());
    }
    message
}

fn pdu(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind, 0], u32::try_from(body.len()).unwrap().to_be_bytes().as_slice(), body].concat()
}

fn item(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind, 0], u16::try_from(body.len()).unwrap().to_be_bytes().as_slice(), body].concat()
}

const CT_IMAGE: &[u8] = b"1.2.840.10008.5.1.4.1.1.2";
const IMPLICIT: &[u8] = b"1.2.840.10008.1.2";

/// An association request, or its acceptance (PS3.8 9.3.2, 9.3.3).
pub(crate) fn associate(accept: bool, called: &str, calling: &str) -> Vec<u8> {
    let mut body = vec![0, 1, 0, 0];
    body.extend(format!("{called:16}{calling:16}").bytes());
    body.extend([0; 32]);
    body.extend(item(0x10, b"1.2.840.10008.3.1.1.1"));
    let mut context = vec![1, 0, 0, 0];
    if !accept {
        context.extend(item(0x30, CT_IMAGE));
    }
    context.extend(item(0x40, IMPLICIT));
    body.extend(item(if accept { 0x21 } else { 0x20 }, &context));
    let user = [item(0x51, &16384u32.to_be_bytes()), item(0x52, b"1.2.999.1.1")].concat();
    body.extend(item(0x50, &user));
    pdu(if accept { 2 } else { 1 }, &body)
}

fn element(group: u16, number: u16, value: &[u8]) -> Vec<u8> {
    let mut value = value.to_vec();
    if value.len() % 2 == 1 {
        value.push(b' ');
    }
    let length = u32::try_from(value.len()).unwrap();
    [&group.to_le_bytes(), &number.to_le_bytes(), length.to_le_bytes().as_slice(), &value].concat()
}

fn data(control: u8, bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len() + 2).unwrap();
    pdu(4, &[length.to_be_bytes().as_slice(), &[1, control], bytes].concat())
}

/// What a modality says of itself in each image.
pub(crate) struct Head<'a> {
    pub(crate) maker: &'a str,
    pub(crate) model: &'a str,
    pub(crate) station: &'a str,
    pub(crate) serial: &'a str,
    pub(crate) software: &'a str,
}

/// A C-STORE request with the head of its data set (PS3.7 9.3.1, PS3.3 C.7.5.1).
pub(crate) fn store(head: &Head<'_>) -> Vec<u8> {
    let command = [
        element(0, 0x0002, CT_IMAGE),
        element(0, 0x0100, &1u16.to_le_bytes()),
        element(0, 0x0110, &1u16.to_le_bytes()),
        element(0, 0x0700, &0u16.to_le_bytes()),
        element(0, 0x0800, &1u16.to_le_bytes()),
        element(0, 0x1000, b"1.2.999.1.2"),
    ]
    .concat();
    let length = u32::try_from(command.len()).unwrap().to_le_bytes();
    let command = [element(0, 0, &length), command].concat();
    let set = [
        element(0x0008, 0x0016, CT_IMAGE),
        element(0x0008, 0x0060, b"CT"),
        element(0x0008, 0x0070, head.maker.as_bytes()),
        element(0x0008, 0x1010, head.station.as_bytes()),
        element(0x0008, 0x1090, head.model.as_bytes()),
        element(0x0018, 0x1000, head.serial.as_bytes()),
        element(0x0018, 0x1020, head.software.as_bytes()),
        element(0x0020, 0x0013, b"1"),
    ]
    .concat();
    [data(3, &command), data(2, &set)].concat()
}
