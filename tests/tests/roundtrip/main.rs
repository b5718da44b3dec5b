//! What independent programs encode, ours decode: random valid messages, field by field. `tests/encoders/README.md` says
//! who they are.

#[path = "../../../protocols/tests/common/mod.rs"]
mod common;
mod compare;
mod dhcproto_v4;
mod dhcproto_v6;
mod dicom_items;
mod dicom_rs;
mod dimse;
mod draw;
mod hickory_dns;
mod hickory_mdns;
mod hickory_name;
mod python;

use compare::{Conversation, judge, plant, protocol};
use draw::Draw;

/// Conversations per encoder; fewer of one that is slow.
const COUNT: usize = 300;
const SLOW: usize = 100;

/// hl7apy makes messages, not batches, and none that is longer than is read.
const NO_HL7APY: &[&str] = &[
    "hl7.end.size",
    "hl7.accepted",
    "hl7.batch.segment",
    "hl7.batch.sending_application",
    "hl7.batch.sending_facility",
    "hl7.batch.receiving_application",
    "hl7.batch.receiving_facility",
    "hl7.batch.sending_network",
    "hl7.batch.receiving_network",
    "hl7.batch.promised",
    "hl7.batch.counted",
];

fn from_python(encoder: &str, of: &str, count: usize, unsaid: Option<&[&str]>) {
    let Some(mut talks) = python::conversations(encoder, count) else { return };
    judge(encoder, protocol(of), &talks, unsaid);
    plant(encoder, protocol(of), &mut talks);
}

fn from_rust(encoder: &str, of: &str, unsaid: &[&str], mut encode: impl FnMut(&mut Draw) -> Conversation) {
    let mut draw = Draw::new(0x2026_1125);
    let mut talks: Vec<_> = (0..COUNT).map(|_| encode(&mut draw)).collect();
    judge(encoder, protocol(of), &talks, Some(unsaid));
    plant(encoder, protocol(of), &mut talks);
}

#[test]
fn dns_says_what_scapy_encoded() {
    from_python("dns", "dns", COUNT, None);
}

#[test]
fn dhcp_says_what_scapy_encoded() {
    from_python("dhcp", "dhcp", COUNT, None);
}

#[test]
fn dicom_says_what_pynetdicom_encoded() {
    from_python("dicom", "dicom", COUNT, None);
}

#[test]
fn hl7_says_what_python_hl7_encoded() {
    from_python("hl7", "hl7", COUNT, None);
}

#[test]
fn hl7_says_what_hl7apy_encoded() {
    from_python("hl7apy", "hl7", SLOW, Some(NO_HL7APY));
}

#[test]
fn dicom_says_what_dicom_rs_encoded() {
    from_rust("dicom-rs", "dicom", &[], dicom_rs::association);
}

#[test]
fn dns_says_what_hickory_encoded() {
    from_rust("hickory-proto", "dns", &[], hickory_dns::conversation);
}

#[test]
fn mdns_says_what_hickory_encoded() {
    from_rust("hickory-proto", "mdns", &[], hickory_mdns::conversation);
}

#[test]
fn dhcp_says_what_dhcproto_encoded() {
    from_rust("dhcproto", "dhcp", &[], dhcproto_v4::conversation);
}

#[test]
fn dhcpv6_says_what_dhcproto_encoded() {
    from_rust("dhcproto", "dhcpv6", &[], dhcproto_v6::conversation);
}
