//! What machines are called, and which serial numbers they tell.

use crate::observer::{About, Found, plain};
use holter_phi::{Names, Plain};
use holter_protocols::{Event, EventSpec, FieldSpec, Value, Way};
use holter_protocols::{
    astm, bacnet, cdp, dhcpv6, enip, intellivue, lldp, llmnr, mdns, nbns, poct1a, rdp, s7comm, smb, snmp,
};
use holter_terms::{Attribute, DeviceKey, Mac};
use std::net::IpAddr;

/// A name that the sender of an event says of itself.
struct Own {
    event: &'static EventSpec,
    field: &'static FieldSpec,
    /// Where only one way counts: an answer to SNMP names who answers, a request nobody.
    way: Option<Way>,
    attribute: Attribute,
    rule: &'static str,
    weight: i8,
}

const fn own(
    event: &'static EventSpec,
    field: &'static FieldSpec,
    attribute: Attribute,
    rule: &'static str,
    weight: i8,
) -> Own {
    Own { event, field, way: None, attribute, rule, weight }
}

const fn answered(own: Own) -> Own {
    Own { way: Some(Way::ToClient), ..own }
}

use Attribute::{Hostname, Serial};

// What a client calls itself where it logs in is whatever it was told to say, and nobody answers to it: too little to go by.

static OWN: [Own; 11] = [
    answered(own(&snmp::message::SPEC, &snmp::message::sys_name, Hostname, "standard:snmp-name/sys-name", 80)),
    own(&smb::session::SPEC, &smb::session::host, Hostname, "standard:smb-name/ntlm", 50),
    own(&rdp::client::SPEC, &rdp::client::name, Hostname, "standard:rdp-name/client", 50),
    own(&nbns::node_name::SPEC, &nbns::node_name::name, Hostname, "standard:nbns-name/node", 75),
    answered(own(&bacnet::identity::SPEC, &bacnet::identity::serial, Serial, "standard:bacnet-object/serial", 80)),
    answered(own(&enip::identity::SPEC, &enip::identity::serial, Serial, "standard:enip-identity/serial", 80)),
    answered(own(&s7comm::module::SPEC, &s7comm::module::serial, Serial, "standard:s7-module/serial", 80)),
    own(&poct1a::message::SPEC, &poct1a::message::serial, Serial, "standard:poct1a-device/serial", 80),
    own(&astm::record::SPEC, &astm::record::serial, Serial, "standard:astm-header/serial", 60),
    own(&intellivue::system::SPEC, &intellivue::system::serial, Serial, "standard:data-export/serial", 80),
    answered(own(&s7comm::module::SPEC, &s7comm::module::name, Hostname, "standard:s7-module/name", 60)),
];

/// Events that tell what another machine than their sender is called.
static TELLING: [&EventSpec; 6] = [
    &mdns::record::SPEC,
    &llmnr::record::SPEC,
    &nbns::record::SPEC,
    &lldp::message::SPEC,
    &cdp::message::SPEC,
    &dhcpv6::message::SPEC,
];

/// The events that are looked at here.
pub(crate) fn events() -> impl Iterator<Item = &'static EventSpec> {
    OWN.iter().map(|own| own.event).chain(TELLING.iter().copied())
}

pub(crate) struct Naming<'a> {
    pub(crate) names: &'a Names,
    pub(crate) sender: About,
    pub(crate) way: Way,
}

impl Naming<'_> {
    pub(crate) fn event(&self, event: &dyn Event, out: &mut dyn FnMut(Found)) {
        let spec = event.spec();
        for own in OWN.iter().filter(|own| own.event.is(spec) && own.way.is_none_or(|way| way == self.way)) {
            if own.event.is(&nbns::node_name::SPEC)
                && !is_a_machine(event, &nbns::node_name::suffix, &nbns::node_name::group)
            {
                continue;
            }
            self.keep(self.sender, own.attribute, plain(event, own.field), own.rule, own.weight, out);
        }
        if spec.is(&mdns::record::SPEC) {
            // A time to live of 0 takes the record back (RFC 6762 10.1).
            let gone = number(event, &mdns::record::ttl) == Some(0);
            let name = plain(event, &mdns::record::host).filter(|_| !gone);
            self.of_address(event, &mdns::record::address, name, "standard:mdns-name/address-record", 70, out);
        } else if spec.is(&llmnr::record::SPEC) {
            let name =
                plain(event, &llmnr::record::name).filter(|_| number(event, &llmnr::record::section) == Some(ANSWERS));
            self.of_address(event, &llmnr::record::address, name, "standard:llmnr-name/address-record", 70, out);
        } else if spec.is(&nbns::record::SPEC) {
            use nbns::record;
            let name = plain(event, &record::name).filter(|_| is_a_machine(event, &record::suffix, &record::group));
            self.of_address(event, &record::addresses, name, "standard:nbns-name/record", 60, out);
        } else if spec.is(&lldp::message::SPEC) {
            use lldp::message;
            let Some(about) = announcer(event) else { return };
            self.keep(about, Hostname, plain(event, &message::system_name), "standard:lldp-name/system-name", 80, out);
            self.keep(about, Serial, plain(event, &message::serial), "standard:lldp-inventory/serial", 80, out);
        } else if spec.is(&cdp::message::SPEC) {
            use cdp::message;
            let Some(about) = announcer(event) else { return };
            let name = plain(event, &message::system_name).or_else(|| plain(event, &message::device));
            self.keep(about, Hostname, name, "standard:cdp-name/device", 75, out);
        } else if spec.is(&dhcpv6::message::SPEC)
            && let Some(about) = device(event.first(&dhcpv6::message::client_mac))
        {
            self.keep(about, Hostname, plain(event, &dhcpv6::message::fqdn), "standard:dhcpv6-name/fqdn", 70, out);
        }
    }

    /// A name that stands beside addresses belongs to whoever holds them.
    fn of_address(
        &self,
        event: &dyn Event,
        addresses: &'static FieldSpec,
        name: Option<Plain<'_>>,
        rule: &'static str,
        weight: i8,
        out: &mut dyn FnMut(Found),
    ) {
        if name.is_none() {
            return;
        }
        event.each(addresses, &mut |value| {
            if let Some(about) = device(Some(value)) {
                self.keep(about, Hostname, name, rule, weight, out);
            }
        });
    }

    fn keep(
        &self,
        about: About,
        attribute: Attribute,
        field: Option<Plain<'_>>,
        rule: &'static str,
        weight: i8,
        out: &mut dyn FnMut(Found),
    ) {
        if let Some(value) = field.map(|field| field.keep(self.names)).filter(|value| !value.is_empty()) {
            out(Found { about, attribute, value, rule, weight });
        }
    }
}

/// Section of a record in a response (RFC 1035 4.1).
pub(crate) const ANSWERS: u64 = 1;

/// Whether a NetBIOS name is that of a machine: its workstation (0x00) or server (0x20) service, and no group's.
fn is_a_machine(event: &dyn Event, suffix: &'static FieldSpec, group: &'static FieldSpec) -> bool {
    matches!(number(event, suffix), Some(0x00 | 0x20)) && matches!(event.first(group), Some(Value::Flag(false)))
}

/// Whom an LLDP or CDP frame describes: who holds the address under which it is managed, else the chassis.
pub(crate) fn announcer(event: &dyn Event) -> Option<About> {
    let spec = event.spec();
    let fields: &[&FieldSpec] = if spec.is(&lldp::message::SPEC) {
        &[&lldp::message::management, &lldp::message::chassis_address, &lldp::message::chassis_mac]
    } else if spec.is(&cdp::message::SPEC) {
        &[&cdp::message::management, &cdp::message::addresses]
    } else {
        return None;
    };
    fields.iter().find_map(|field| device(event.first(field)))
}

/// The device that an address names, where it names one.
pub(crate) fn device(value: Option<Value<'_>>) -> Option<About> {
    match value? {
        Value::Address(address) if is_of_a_host(address) => Some(About::Device(DeviceKey::Ip(address))),
        Value::Hardware(mac) if !mac.is_group() && mac != Mac::ZERO => Some(About::Device(DeviceKey::Mac(mac))),
        _ => None,
    }
}

/// 0.0.0.0 is whoever has no address yet; loopback is everybody.
pub(crate) fn is_of_a_host(address: IpAddr) -> bool {
    let broadcast = matches!(address, IpAddr::V4(v4) if v4.is_broadcast());
    !(address.is_unspecified() || address.is_multicast() || address.is_loopback() || broadcast)
}

fn number(event: &dyn Event, field: &'static FieldSpec) -> Option<u64> {
    match event.first(field)? {
        Value::Number(n) => Some(n),
        _ => None,
    }
}
