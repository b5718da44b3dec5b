use crate::event;
use crate::event::{Code, Seconds};
use holter_phi::Plain;
use std::net::IpAddr;

event! {
    /// What a device says of itself on one of its ports (Cisco Discovery Protocol, frame format).
    pub struct Message<'a> in message = "cdp.message" {
        /// Version of the protocol (first byte of the frame).
        version: Code = "cdp.version" (Code),
        /// How long to remember it (second byte of the frame).
        ttl: Seconds = "cdp.ttl" (Seconds),
        /// Device id: a host name or a serial number (type 0x0001).
        device: Option<Plain<'a>> = "cdp.device" (Plain, Site),
        /// Addresses of the device (type 0x0002).
        addresses: &'a [IpAddr] = "cdp.address" (Address) list,
        /// Name of the port (type 0x0003).
        port: Option<Plain<'a>> = "cdp.port" (Plain, Site),
        /// What the device can be, as bits: 1 router, 8 switch, 16 host, 128 telephone (type 0x0004).
        capabilities: Option<Code> = "cdp.capabilities" (Code),
        /// Software and its version (type 0x0005).
        software: Option<Plain<'a>> = "cdp.software" (Plain, Site),
        /// Platform (type 0x0006).
        platform: Option<Plain<'a>> = "cdp.platform" (Plain, Site),
        /// Domain of the VLAN trunking protocol (type 0x0009).
        domain: Option<Plain<'a>> = "cdp.vtp_domain" (Plain, Site),
        /// VLAN of untagged frames (type 0x000a).
        vlan: Option<Code> = "cdp.native_vlan" (Code),
        /// The port sends and receives at once (type 0x000b).
        duplex: Option<bool> = "cdp.full_duplex" (Flag),
        /// VLAN of telephones (type 0x000e).
        voice_vlan: Option<Code> = "cdp.voice_vlan" (Code),
        /// System name (type 0x0014).
        system_name: Option<Plain<'a>> = "cdp.system_name" (Plain, Site),
        /// Addresses under which it is managed (type 0x0016).
        management: &'a [IpAddr] = "cdp.management_address" (Address) list,
    }
}
