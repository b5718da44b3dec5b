//! `clear-text-leaves-clinical-zone`: patient data crosses the border of the clinical zone unencrypted.

use crate::associations::{Step, number};
use crate::cases::{Cases, Content, Grade, Happening};
use crate::raised::{Fact, FactValue, Raised, protocol_label};
use crate::scene::Scene;
use holter_phi::{Label, Tally, TallyKey};
use holter_protocols::{Event, Value, dicom, hl7};
use holter_terms::{DeviceKey, Nanos, Protocol, Visibility, Zone};

/// Pairs that may be counted at the same time. Each holds a sketch of 4 KiB.
const MAX_CASES: usize = 512;

/// Fewer people than this are not given as a number.
const FEW: u64 = 10;

struct Crossing {
    protocol: Protocol,
    zone: Zone,
    messages: u64,
    sent: u64,
    received: u64,
    people: Tally,
}

impl Content for Crossing {
    fn verdict(&self) -> Option<Grade> {
        let grade = if self.zone == Zone::Unknown { Grade::Usual } else { Grade::Graver };
        (self.messages > 0).then_some(grade)
    }

    fn object(&self) -> &[u8] {
        self.protocol.as_str().as_bytes()
    }

    fn facts(&self, _: Nanos, _: Nanos) -> Vec<Fact> {
        let mut facts = vec![
            Fact { name: "protocol", value: FactValue::Text(protocol_label(self.protocol)) },
            Fact { name: "zone", value: FactValue::Text(Label::word(self.zone.as_str())) },
            Fact { name: "messages", value: FactValue::Number(self.messages) },
            Fact { name: "bytes", value: FactValue::Bytes(self.sent.saturating_add(self.received)) },
            Fact { name: "sent", value: FactValue::Bytes(self.sent) },
            Fact { name: "received", value: FactValue::Bytes(self.received) },
        ];
        facts.extend(match self.people.estimate() {
            0 => None,
            few if few < FEW => Some(Fact { name: "few_people", value: FactValue::Text(Label::word("fewer than 10")) }),
            people => Some(Fact { name: "people", value: FactValue::Number(people) }),
        });
        facts
    }
}

/// What an event adds: whether it is a message, its bytes.
struct Part {
    message: bool,
    bytes: u64,
}

pub(crate) struct Zones {
    people: TallyKey,
    cases: Cases<(DeviceKey, DeviceKey, Protocol), Crossing>,
}

impl Zones {
    pub(crate) fn new(seed: [u8; 16], people: TallyKey) -> Self {
        Zones { people, cases: Cases::new("clear-text-leaves-clinical-zone", MAX_CASES, seed) }
    }

    pub(crate) const fn refused(&self) -> u64 {
        self.cases.refused()
    }

    pub(crate) fn event(&mut self, at: Nanos, scene: &Scene, _: &Step, event: &dyn Event, out: &mut dyn FnMut(Raised)) {
        if scene.visibility == Visibility::Encrypted {
            return;
        }
        let (inside, outside) = match (scene.client.zone, scene.server.zone) {
            (Zone::Clinical, Zone::Clinical) => return,
            (Zone::Clinical, _) => (&scene.client, &scene.server),
            (_, Zone::Clinical) => (&scene.server, &scene.client),
            _ => return,
        };
        let Some(part) = part(event) else { return };
        let key = (inside.key, outside.key, scene.protocol);
        let happening =
            Happening { at, subject: inside.machine(), peer: Some(outside.machine()), blind: scene.partly_blind };
        let make = || Crossing {
            protocol: scene.protocol,
            zone: outside.zone,
            messages: 0,
            sent: 0,
            received: 0,
            people: Tally::new(self.people.clone()),
        };
        let leaves = scene.sender().key == inside.key;
        let change = |crossing: &mut Crossing| {
            crossing.messages = crossing.messages.saturating_add(u64::from(part.message));
            let bytes = if leaves { &mut crossing.sent } else { &mut crossing.received };
            *bytes = bytes.saturating_add(part.bytes);
            event.visit(&mut |_, value| {
                if let Value::Phi(person) = value {
                    person.tally(&mut crossing.people);
                }
            });
        };
        self.cases.add(&key, &happening, make, change, out);
    }

    pub(crate) fn tick(&mut self, at: Nanos, out: &mut dyn FnMut(Raised)) {
        self.cases.tick(at, out);
    }
}

fn part(event: &dyn Event) -> Option<Part> {
    let spec = event.spec();
    if spec.is(&dicom::data_end::SPEC) {
        return Some(Part { message: true, bytes: number(event, &dicom::data_end::size)? });
    }
    if spec.is(&dicom::data_head::SPEC) {
        return event.first(&dicom::data_head::patient).map(|_| Part { message: false, bytes: 0 });
    }
    if spec.is(&hl7::message::SPEC) {
        // An acknowledgement says nothing of a patient.
        if event.first(&hl7::message::ack).is_some() {
            return None;
        }
        let whole = matches!(event.first(&hl7::message::whole), Some(Value::Flag(true)));
        let bytes = if whole { number(event, &hl7::message::size)? } else { 0 };
        return Some(Part { message: true, bytes });
    }
    if spec.is(&hl7::end::SPEC) {
        return Some(Part { message: false, bytes: number(event, &hl7::end::size)? });
    }
    None
}
