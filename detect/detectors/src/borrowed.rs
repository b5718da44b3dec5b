//! `clinical-name-borrowed`: a device speaks under an AE title or HL7 application name that belongs to another.

use crate::associations::{Step, Title, What, plain};
use crate::cases::{Cases, Content, Grade, Happening};
use crate::raised::{Fact, FactValue, Machine, Raised, address_label};
use crate::scene::Scene;
use crate::table::name_hash;
use crate::titles::Titles;
use holter_phi::{Label, Names};
use holter_protocols::{Event, hl7};
use holter_terms::{DeviceKey, Nanos};

const MAX_CASES: usize = 1024;

struct Use {
    kind: &'static str,
    name: Title,
    owner: Machine,
    newcomer: bool,
    uses: u64,
}

impl Content for Use {
    fn verdict(&self) -> Option<Grade> {
        (self.uses > 0).then_some(if self.newcomer { Grade::Graver } else { Grade::Usual })
    }

    fn object(&self) -> &[u8] {
        self.name.label.as_str().as_bytes()
    }

    fn facts(&self, _: Nanos, _: Nanos) -> Vec<Fact> {
        vec![
            Fact { name: "kind", value: FactValue::Text(Label::word(self.kind)) },
            Fact { name: "name", value: FactValue::Text(self.name.label) },
            Fact { name: "owner", value: FactValue::Text(address_label(&self.owner)) },
            Fact { name: "uses", value: FactValue::Number(self.uses) },
        ]
    }
}

pub(crate) struct Borrowed {
    seed: [u8; 16],
    names: Names,
    /// Sending applications by the device that uses them; AE titles are kept beside the associations.
    applications: Titles,
    cases: Cases<(DeviceKey, u64), Use>,
}

impl Borrowed {
    pub(crate) fn new(seed: [u8; 16], names: Names) -> Self {
        Borrowed {
            seed,
            names,
            applications: Titles::new(seed),
            cases: Cases::new("clinical-name-borrowed", MAX_CASES, seed),
        }
    }

    pub(crate) const fn refused(&self) -> u64 {
        self.applications.refused().saturating_add(self.cases.refused())
    }

    pub(crate) fn event(
        &mut self,
        at: Nanos,
        scene: &Scene,
        step: &Step,
        event: &dyn Event,
        titles: &Titles,
        out: &mut dyn FnMut(Raised),
    ) {
        if step.what == What::Accepted {
            let owner = step.calling.and_then(|title| Some((title, titles.borrowed_from(&title, &scene.client)?)));
            if let Some((title, owner)) = owner.filter(|_| !scene.learning) {
                let happening = Happening {
                    at,
                    subject: scene.client.machine(),
                    peer: Some(scene.server.machine()),
                    blind: scene.partly_blind,
                };
                self.add("AE title", title, owner, !scene.client.known_before, &happening, out);
            }
        } else if event.spec().is(&hl7::message::SPEC) && event.first(&hl7::message::ack).is_none() {
            let Some(application) = self.application(event) else { return };
            let sender = scene.sender();
            let happening = Happening {
                at,
                subject: sender.machine(),
                peer: Some(scene.receiver().machine()),
                blind: scene.partly_blind,
            };
            let owner = self.applications.borrowed_from(&application, sender);
            if let Some(owner) = owner.filter(|_| !scene.learning) {
                self.add("HL7 application", application, owner, !sender.known_before, &happening, out);
            }
            self.applications.belongs(Some(application), sender, scene.learning);
        }
    }

    /// The sending application with its facility: only together do they name one sender.
    fn application(&self, event: &dyn Event) -> Option<Title> {
        let application = plain(event, &hl7::message::sending_application)?;
        if application.bytes().trim_ascii().is_empty() {
            return None;
        }
        let facility = plain(event, &hl7::message::sending_facility);
        let of_facility = facility.map_or(0, |facility| name_hash(self.seed, facility.bytes()));
        let hash = name_hash(self.seed, application.bytes()) ^ of_facility.rotate_left(1);
        Some(Title { hash, label: application.keep(&self.names) })
    }

    fn add(
        &mut self,
        kind: &'static str,
        name: Title,
        owner: Machine,
        newcomer: bool,
        happening: &Happening,
        out: &mut dyn FnMut(Raised),
    ) {
        let make = || Use { kind, name, owner, newcomer, uses: 0 };
        let change = |case: &mut Use| case.uses = case.uses.saturating_add(1);
        self.cases.add(&(happening.subject.device, name.hash), happening, make, change, out);
    }

    pub(crate) fn tick(&mut self, at: Nanos, out: &mut dyn FnMut(Raised)) {
        self.cases.tick(at, out);
    }
}
