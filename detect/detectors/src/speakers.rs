//! `new-clinical-speaker`: a device begins to speak DICOM or HL7 after the learning time.

use crate::associations::{Step, plain};
use crate::cases::{Cases, Content, Grade, Happening};
use crate::known::Known;
use crate::raised::{Fact, FactValue, Raised, protocol_label, seconds};
use crate::scene::Scene;
use holter_phi::{Label, Names};
use holter_protocols::{Event, dicom, hl7};
use holter_terms::{DeviceKey, Nanos, Protocol};

/// Devices and their addresses, by protocol, that are known to speak.
const MAX_SPEAKERS: usize = 65_536;

const MAX_CASES: usize = 1024;

struct Speaker {
    protocol: Protocol,
    newcomer: bool,
    /// From the device's first frame to its first message, seconds.
    age: u64,
    messages: u64,
    name: Option<Label>,
}

impl Content for Speaker {
    fn verdict(&self) -> Option<Grade> {
        (self.messages > 0).then_some(if self.newcomer { Grade::Graver } else { Grade::Usual })
    }

    fn object(&self) -> &[u8] {
        self.protocol.as_str().as_bytes()
    }

    fn facts(&self, _: Nanos, _: Nanos) -> Vec<Fact> {
        let mut facts = vec![
            Fact { name: "protocol", value: FactValue::Text(protocol_label(self.protocol)) },
            Fact { name: "messages", value: FactValue::Number(self.messages) },
            Fact { name: "age", value: FactValue::Seconds(self.age) },
        ];
        facts.extend(self.name.map(|name| Fact { name: "name", value: FactValue::Text(name) }));
        facts
    }
}

pub(crate) struct Speakers {
    known: Known,
    cases: Cases<(DeviceKey, Protocol), Speaker>,
}

impl Speakers {
    pub(crate) fn new(seed: [u8; 16]) -> Self {
        Speakers { known: Known::new(MAX_SPEAKERS, seed), cases: Cases::new("new-clinical-speaker", MAX_CASES, seed) }
    }

    pub(crate) const fn refused(&self) -> u64 {
        self.known.refused().saturating_add(self.cases.refused())
    }

    pub(crate) fn event(
        &mut self,
        at: Nanos,
        scene: &Scene,
        step: &Step,
        event: &dyn Event,
        names: &Names,
        out: &mut dyn FnMut(Raised),
    ) {
        let spec = event.spec();
        let is_message = spec.is(&dicom::associate_rq::SPEC)
            || spec.is(&dicom::associate_ac::SPEC)
            || spec.is(&dicom::associate_rj::SPEC)
            || spec.is(&dicom::command::SPEC)
            || spec.is(&hl7::message::SPEC);
        if !is_message {
            return;
        }
        let sender = scene.sender();
        let key = (sender.key, scene.protocol);
        if scene.learning {
            self.known.add(sender, scene.protocol);
            return;
        }
        if self.known.has(sender, scene.protocol) {
            return;
        }
        let name = if spec.is(&hl7::message::SPEC) {
            plain(event, &hl7::message::sending_application).map(|name| name.keep(names))
        } else if sender.key == scene.client.key {
            step.calling.map(|title| title.label)
        } else {
            step.called.map(|title| title.label)
        };
        let happening = Happening {
            at,
            subject: sender.machine(),
            peer: Some(scene.receiver().machine()),
            blind: scene.partly_blind,
        };
        let make = || Speaker {
            protocol: scene.protocol,
            newcomer: !sender.known_before,
            age: seconds(sender.first_seen, at),
            messages: 0,
            name: None,
        };
        let change = |speaker: &mut Speaker| {
            speaker.messages = speaker.messages.saturating_add(1);
            speaker.name = speaker.name.or(name.filter(|name| !name.is_empty()));
        };
        self.cases.add(&key, &happening, make, change, out);
    }

    pub(crate) fn tick(&mut self, at: Nanos, out: &mut dyn FnMut(Raised)) {
        self.cases.tick(at, out);
    }
}
