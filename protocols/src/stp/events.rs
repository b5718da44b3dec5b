use crate::event;
use crate::event::{Code, Count, Seconds};
use holter_phi::Plain;
use holter_terms::Mac;

event! {
    /// A bridge protocol data unit (IEEE 802.1Q-2018 14.4).
    pub struct Message<'a> in message = "stp.message" {
        /// Version: 0 STP, 2 RSTP, 3 MSTP (IEEE 802.1Q 14.4).
        version: Code = "stp.version" (Code),
        /// Type: 0 configuration, 128 topology change, 2 rapid or multiple (IEEE 802.1Q 14.4).
        kind: Code = "stp.type" (Code),
        /// Flags: 1 topology change, 2 proposal, 16 learning, 32 forwarding, 64 agreement, 128 acknowledged (IEEE 802.1Q 14.4).
        flags: Option<Code> = "stp.flags" (Code),
        /// Role of the port: 1 alternate or backup, 2 root, 3 designated (IEEE 802.1Q 14.4).
        role: Option<Code> = "stp.port_role" (Code),
        /// Priority of the root, with its VLAN (IEEE 802.1Q 14.2.5).
        root_priority: Option<Code> = "stp.root_priority" (Code),
        /// Address of the root (IEEE 802.1Q 14.2.5).
        root_mac: Option<Mac> = "stp.root_mac" (Hardware),
        /// Cost of the path to the root (IEEE 802.1Q 14.4).
        root_cost: Option<Code> = "stp.root_cost" (Code),
        /// Priority of the bridge, or in MSTP of the root of its region, with its VLAN (IEEE 802.1Q 14.2.5).
        bridge_priority: Option<Code> = "stp.bridge_priority" (Code),
        /// Address of the bridge, or in MSTP of the root of its region (IEEE 802.1Q 14.2.5).
        bridge_mac: Option<Mac> = "stp.bridge_mac" (Hardware),
        /// Port of the bridge, with its priority (IEEE 802.1Q 14.2.7).
        port: Option<Code> = "stp.port" (Code),
        /// Age of what is said, in whole seconds (IEEE 802.1Q 14.4).
        age: Option<Seconds> = "stp.message_age" (Seconds),
        /// Age at which it is forgotten (IEEE 802.1Q 14.4).
        max_age: Option<Seconds> = "stp.max_age" (Seconds),
        /// Time between two messages (IEEE 802.1Q 14.4).
        hello: Option<Seconds> = "stp.hello_time" (Seconds),
        /// Time that a port waits in each state (IEEE 802.1Q 14.4).
        forward_delay: Option<Seconds> = "stp.forward_delay" (Seconds),
        /// Name of the region (MSTP, IEEE 802.1Q 13.8).
        region: Option<Plain<'a>> = "stp.region" (Plain, Site),
        /// Revision of the region (MSTP, IEEE 802.1Q 13.8).
        revision: Option<Code> = "stp.revision" (Code),
        /// Priority of the bridge itself (MSTP, IEEE 802.1Q 14.4).
        own_priority: Option<Code> = "stp.own_priority" (Code),
        /// Address of the bridge itself (MSTP, IEEE 802.1Q 14.4).
        own_mac: Option<Mac> = "stp.own_mac" (Hardware),
        /// Trees besides the common one (MSTP, IEEE 802.1Q 14.4).
        instances: Option<Count> = "stp.instances" (Count),
        /// VLAN of the tree, where Cisco keeps one for each (PVST+, behind the unit).
        vlan: Option<Code> = "stp.vlan" (Code),
    }
}
