use crate::raised::Machine;
use holter_protocols::Way;
use holter_terms::{DeviceClass, DeviceKey, Nanos, Protocol, Role, Visibility, Zone};
use std::net::IpAddr;

/// One end of a conversation, as far as a detector may know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Party {
    pub key: DeviceKey,
    pub ip: Option<IpAddr>,
    pub zone: Zone,
    pub class: DeviceClass,
    /// Of the class, percent.
    pub confidence: u8,
    pub role: Role,
    /// When the device was first seen, in packet time.
    pub first_seen: Nanos,
    /// It was seen during the learning time, or is known from an earlier run.
    pub known_before: bool,
}

impl Party {
    pub const fn machine(&self) -> Machine {
        Machine { device: self.key, ip: self.ip }
    }
}

/// Where an event happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scene {
    /// Names the conversation as long as it lasts.
    pub conversation: u64,
    /// Which way the bytes of the event went.
    pub way: Way,
    pub client: Party,
    pub server: Party,
    pub protocol: Protocol,
    pub visibility: Visibility,
    /// The learning time is not over: what happens now is what is usual.
    pub learning: bool,
    /// Frames were lost in this window.
    pub partly_blind: bool,
}

impl Scene {
    /// Who sent the event.
    pub const fn sender(&self) -> &Party {
        match self.way {
            Way::ToServer => &self.client,
            Way::ToClient => &self.server,
        }
    }

    /// Whom it was meant for.
    pub const fn receiver(&self) -> &Party {
        match self.way {
            Way::ToServer => &self.server,
            Way::ToClient => &self.client,
        }
    }
}
