//! Whatever a peer sends: no panic, bounded reports, the same account under another seed.

use holter_detectors::{Config, Detectors, Party, Raised, Scene};
use holter_phi::{Because, Names, Phi, Plain, TallyKey};
use holter_protocols::{Event, EventSpec, FieldSpec, Kind, Value, Way};
use holter_terms::{DeviceClass, DeviceKey, Mac, Nanos, Protocol, Role, Visibility, Zone};
use proptest::prelude::*;

/// An event of any declared kind with any values.
#[derive(Debug, Clone)]
struct Any {
    spec: &'static EventSpec,
    texts: Vec<Vec<u8>>,
    number: u64,
}

impl Any {
    fn value(&self, index: usize, field: &FieldSpec) -> Option<Value<'_>> {
        let text = self.texts.get(index % self.texts.len().max(1))?;
        Some(match field.kind {
            Kind::Plain => Value::Plain(Plain::new(text, field.because.unwrap_or(Because::Site))),
            Kind::Phi => Value::Phi(Phi::new(text)),
            Kind::Flag => Value::Flag(self.number & 1 == 1),
            Kind::Address | Kind::Hardware => return None,
            Kind::Codes => Value::Codes(text),
            // Small numbers reach the codes that mean something, large ones the edges.
            _ if self.number & 2 == 0 => Value::Number(COMMANDS[self.number as usize % COMMANDS.len()]),
            _ => Value::Number(self.number),
        })
    }
}

const COMMANDS: [u64; 10] = [0x0001, 0x0020, 0x8020, 0x0021, 0x8021, 0x0010, 0xff00, 0xa801, 1, 7];

impl Event for Any {
    fn spec(&self) -> &'static EventSpec {
        self.spec
    }

    fn visit(&self, visitor: &mut dyn FnMut(&'static FieldSpec, Value<'_>)) {
        for (index, field) in self.spec.fields.iter().enumerate() {
            if let Some(value) = self.value(index, field) {
                visitor(field, value);
            }
        }
    }

    fn first(&self, field: &'static FieldSpec) -> Option<Value<'_>> {
        let index = self.spec.fields.iter().position(|spec| spec.is(field))?;
        self.value(index, field)
    }
}

#[derive(Debug, Clone)]
struct Happened {
    event: Any,
    at: Nanos,
    conversation: u64,
    to_server: bool,
    learning: bool,
    ends: [(u8, usize, bool); 2],
}

fn happened() -> impl Strategy<Value = Happened> {
    let specs: Vec<&'static EventSpec> =
        holter_protocols::ALL.iter().flat_map(|protocol| protocol.events()).copied().collect();
    let text = prop_oneof![
        Just(b"WS01".to_vec()),
        Just(b"1.2.840.10008.5.1.4.1.2.2.1".to_vec()),
        prop::collection::vec(any::<u8>(), 0..80),
    ];
    let end = || (0u8..6, 0..Zone::ALL.len(), any::<bool>());
    (
        (0..specs.len(), prop::collection::vec(text, 0..5), any::<u64>()),
        prop_oneof![0i64..1_000_000_000_000, any::<i64>()],
        0u64..5,
        any::<bool>(),
        prop::bool::weighted(0.2),
        [end(), end()],
    )
        .prop_map(move |((spec, texts, number), at, conversation, to_server, learning, ends)| Happened {
            event: Any { spec: specs[spec], texts, number },
            at,
            conversation,
            to_server,
            learning,
            ends,
        })
}

fn run(all: &[Happened], seed: u8) -> Vec<Raised> {
    let config = Config { names: Names::hashed([9; 32]), people: TallyKey::new([3; 16]), seed: [seed; 16] };
    let mut detectors = Detectors::new(config);
    let mut raised = Vec::new();
    for happened in all {
        let [client, server] = happened.ends.map(|(n, zone, known_before)| Party {
            key: DeviceKey::Mac(Mac([0, 0, 0, 0, 0, n])),
            ip: Some([10, 0, 0, n].into()),
            zone: Zone::ALL[zone],
            class: DeviceClass::Unknown,
            confidence: 0,
            role: Role::None,
            first_seen: 0,
            known_before,
        });
        let scene = Scene {
            conversation: happened.conversation,
            way: if happened.to_server { Way::ToServer } else { Way::ToClient },
            client,
            server,
            protocol: Protocol::Dicom,
            visibility: Visibility::Clear,
            learning: happened.learning,
            partly_blind: false,
        };
        detectors.event(happened.at, &scene, &happened.event, &mut |finding| raised.push(finding));
        if happened.event.number & 0xf0 == 0 {
            detectors.closed(scene.conversation);
            detectors.tick(happened.at, &mut |finding| raised.push(finding));
        }
    }
    detectors.tick(Nanos::MAX, &mut |finding| raised.push(finding));
    raised
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_event_at_any_time_is_survived_and_the_seed_changes_nothing(
        all in prop::collection::vec(happened(), 0..60),
    ) {
        let raised = run(&all, 1);
        prop_assert_eq!(&raised, &run(&all, 2));
        for finding in &raised {
            prop_assert!(holter_catalogue::get(finding.detection).is_some());
            prop_assert!(finding.first <= finding.last);
        }
    }
}
