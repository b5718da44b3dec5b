use crate::event;
use crate::event::{Code, Seconds};
use holter_phi::Plain;
use holter_terms::Mac;
use std::net::IpAddr;

event! {
    /// What a device says of itself on one of its ports (IEEE 802.1AB-2016 8.2).
    pub struct Message<'a> in message = "lldp.message" {
        /// Kind of chassis id: 4 link-layer address, 5 network address, 7 locally assigned (IEEE 802.1AB 8.5.2.2).
        chassis_kind: Code = "lldp.chassis_type" (Code),
        /// Chassis id, where it is a link-layer address (IEEE 802.1AB 8.5.2.3).
        chassis_mac: Option<Mac> = "lldp.chassis_mac" (Hardware),
        /// Chassis id, where it is a network address (IEEE 802.1AB 8.5.2.3).
        chassis_address: Option<IpAddr> = "lldp.chassis_address" (Address),
        /// Chassis id, where it is a name (IEEE 802.1AB 8.5.2.3).
        chassis: Option<Plain<'a>> = "lldp.chassis" (Plain, Site),
        /// Kind of port id: 3 link-layer address, 5 interface name, 7 locally assigned (IEEE 802.1AB 8.5.3.2).
        port_kind: Code = "lldp.port_type" (Code),
        /// Port id, where it is a link-layer address (IEEE 802.1AB 8.5.3.3).
        port_mac: Option<Mac> = "lldp.port_mac" (Hardware),
        /// Port id, where it is a network address (IEEE 802.1AB 8.5.3.3).
        port_address: Option<IpAddr> = "lldp.port_address" (Address),
        /// Port id, where it is a name (IEEE 802.1AB 8.5.3.3).
        port: Option<Plain<'a>> = "lldp.port" (Plain, Site),
        /// Time to live; 0 when the device leaves (IEEE 802.1AB 8.5.4).
        ttl: Seconds = "lldp.ttl" (Seconds),
        /// Port description (IEEE 802.1AB 8.5.5).
        port_description: Option<Plain<'a>> = "lldp.port_description" (Plain, Site),
        /// System name (IEEE 802.1AB 8.5.6).
        system_name: Option<Plain<'a>> = "lldp.system_name" (Plain, Site),
        /// System description: hardware, operating system and software (IEEE 802.1AB 8.5.7, as sysDescr of RFC 3418).
        system_description: Option<Plain<'a>> = "lldp.system_description" (Plain, Equipment),
        /// What the system can be, as bits: 4 bridge, 16 router, 32 telephone (IEEE 802.1AB 8.5.8.1).
        capabilities: Option<Code> = "lldp.capabilities" (Code),
        /// What of it is enabled (IEEE 802.1AB 8.5.8.2).
        enabled: Option<Code> = "lldp.enabled_capabilities" (Code),
        /// Addresses under which it is managed (IEEE 802.1AB 8.5.9).
        management: &'a [IpAddr] = "lldp.management_address" (Address) list,
        /// VLAN of untagged frames on the port (IEEE 802.1Q-2018 D.2.1).
        vlan: Option<Code> = "lldp.port_vlan" (Code),
        /// Class of a media endpoint: 1 to 3, 4 for network equipment (ANSI/TIA-1057 10.2.2.3).
        media_class: Option<Code> = "lldp.media_class" (Code),
        /// Hardware revision (ANSI/TIA-1057 10.2.6.1).
        hardware: Option<Plain<'a>> = "lldp.hardware_revision" (Plain, Equipment),
        /// Firmware revision (ANSI/TIA-1057 10.2.6.2).
        firmware: Option<Plain<'a>> = "lldp.firmware_revision" (Plain, Equipment),
        /// Software revision (ANSI/TIA-1057 10.2.6.3).
        software: Option<Plain<'a>> = "lldp.software_revision" (Plain, Equipment),
        /// Serial number (ANSI/TIA-1057 10.2.6.4).
        serial: Option<Plain<'a>> = "lldp.serial" (Plain, Site),
        /// Manufacturer (ANSI/TIA-1057 10.2.6.5).
        manufacturer: Option<Plain<'a>> = "lldp.manufacturer" (Plain, Equipment),
        /// Model (ANSI/TIA-1057 10.2.6.6).
        model: Option<Plain<'a>> = "lldp.model" (Plain, Equipment),
        /// Asset id that the site gave (ANSI/TIA-1057 10.2.6.7).
        asset: Option<Plain<'a>> = "lldp.asset" (Plain, Site),
    }
}
