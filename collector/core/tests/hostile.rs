//! A sensor that says anything: extreme times, addresses of everybody, names of everybody, in any order; and people who
//! merge and split at random. Nothing panics, every face stays in exactly one device, and what is asked is answered.

use holter_core::decree::{Decree, Wish};
use holter_core::map::{By, map};
use holter_core::past::current_addresses;
use holter_core::{Device, Estate, FaceKey, SECOND, Source};
use holter_terms::{Attribute, BootId, DeviceKey, Mac, Nanos, Protocol, SensorId, Verb, Visibility, Zone};
use holter_wire::{Act, CaptureCounters, Coverage, Devices, EvidenceRow, Party, Record, Talk, Text, Window};
use std::collections::BTreeMap;
use std::net::IpAddr;

struct Draw(u64);

impl Draw {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % most
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    fn time(&mut self) -> Nanos {
        let now = 1_772_409_600 * SECOND;
        let edges = [Nanos::MIN, -1, 0, 1, Nanos::MAX - 1, Nanos::MAX];
        match self.below(8) {
            0 => self.pick(&edges),
            _ => now + Nanos::try_from(self.below(40 * 86_400)).unwrap() * SECOND,
        }
    }

    fn mac(&mut self) -> Mac {
        let n = u8::try_from(self.below(12)).unwrap();
        match self.below(10) {
            0 => Mac([0xff; 6]),
            1 => Mac::ZERO,
            2 => Mac([0, 0, 0x5e, 0, 1, n]),
            3 => Mac([0x4a, 0, 0, 0, 0, n]),
            _ => Mac([0, 0x18, 0x65, 0, 0, n]),
        }
    }

    fn ip(&mut self) -> IpAddr {
        let n = self.below(6);
        let all = [
            format!("10.0.0.{n}"),
            format!("10.0.0.{n}"),
            "0.0.0.0".to_owned(),
            "255.255.255.255".to_owned(),
            "224.0.0.251".to_owned(),
            format!("fe80::218:65ff:fe00:{n}"),
            "::".to_owned(),
        ];
        self.pick(&all).parse().unwrap()
    }

    fn key(&mut self) -> DeviceKey {
        if self.below(3) == 0 { DeviceKey::Ip(self.ip()) } else { DeviceKey::Mac(self.mac()) }
    }

    fn party(&mut self) -> Party {
        let ip = (self.below(3) > 0).then(|| self.ip());
        Party { device: self.key(), ip }
    }

    fn record(&mut self) -> Record<Text> {
        if self.below(2) == 0 {
            let values = ["SN-40912", "nb-anna-4711", "10.0.0.1", "imaging", "iphone", "", "fe80::1", "router", "CT"];
            let rules = ["standard:dicom-image/head", "measured:test/rule", "nonsense", "", "a:b/c/d:e"];
            let rows = (0..self.below(6)).map(|_| EvidenceRow {
                device: self.key(),
                attribute: self.pick(Attribute::ALL),
                value: Text::new(self.pick(&values)).unwrap(),
                rule: Text::new(self.pick(&rules)).unwrap(),
                weight: self.pick(&[i8::MIN, -50, 0, 50, 90, i8::MAX]),
                first: self.time(),
                last: self.time(),
                count: self.pick(&[0, 1, 9, u32::MAX]),
            });
            return Record::Devices(Devices { rows: rows.collect() });
        }
        let talks = (0..self.below(4)).map(|_| Talk {
            client: self.party(),
            server: self.party(),
            protocol: self.pick(Protocol::ALL),
            port: self.pick(&[0, 104, u16::MAX]),
            visibility: self.pick(Visibility::ALL),
            conversations: u32::MAX,
            packets: u64::MAX,
            bytes_up: self.pick(&[0, u64::MAX]),
            bytes_down: self.pick(&[0, u64::MAX]),
            first: self.time(),
            last: self.time(),
        });
        let talks = talks.collect();
        let acts = (0..self.below(4)).map(|_| Act {
            client: self.party(),
            server: self.party(),
            verb: self.pick(Verb::ALL),
            count: u64::MAX,
            bytes: u64::MAX,
        });
        let acts = acts.collect();
        Record::Window(Window {
            start: self.time(),
            seconds: self.pick(&[0, 60, u32::MAX]),
            capture: CaptureCounters::default(),
            coverage: Coverage { understood: u64::MAX, encrypted: u64::MAX, unknown: 1, missed: 0 },
            protocols: Vec::new(),
            talks,
            acts,
            counters: Vec::new(),
        })
    }

    fn decree(&mut self, estate: &Estate, id: u64) -> Option<Decree> {
        let devices: Vec<&Device> = estate.devices.values().collect();
        let device = *devices.get(self.below(devices.len().max(1)))?;
        let faces: Vec<FaceKey> = device.faces.keys().copied().collect();
        let face = self.pick(&faces);
        let wish = match self.below(3) {
            0 => Wish::Merge { with: FaceKey::of(self.key()).id() },
            1 => Wish::Split {
                face: face.id(),
                from: faces.iter().filter(|other| **other != face).map(|other| other.id()).collect(),
            },
            _ => Wish::Undo { decree: u64::try_from(self.below(usize::try_from(id).unwrap())).unwrap() },
        };
        let about = faces[0];
        Some(Decree { id, site: "main".to_owned(), about, who: "x".to_owned(), at: self.time(), wish, undone: None })
    }
}

fn holds_together(estate: &Estate) {
    let mut owners: BTreeMap<FaceKey, DeviceKey> = BTreeMap::new();
    for ((site, key), device) in &estate.devices {
        assert_eq!((site, key), (&device.site, &device.key));
        assert!(!device.faces.is_empty());
        for face in device.faces.keys() {
            assert_eq!(owners.insert(*face, device.key), None, "{face} stands in two devices");
        }
        // Its own id leads to it.
        assert_eq!(estate.device(&device.id()).unwrap().key, device.key);
        // Its faces hang together by what is told of them.
        let bonds = estate.bonds_of(device);
        assert!(bonds.iter().all(|bond| device.faces.contains_key(&bond.a) || device.faces.contains_key(&bond.b)));
    }
    for (face, owner) in &owners {
        if let DeviceKey::Mac(_) = face.key {
            assert_eq!(estate.device_by("main", face.key).unwrap().key, *owner);
        }
    }
}

#[test]
fn whatever_a_sensor_says_and_people_decide_every_face_stays_in_one_device() {
    for seed in 1..=12u64 {
        let mut draw = Draw(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut estate = Estate::default();
        let mut taken = 0u64;
        for step in 0..600u64 {
            let sensor = u8::try_from(draw.below(3)).unwrap();
            let source = Source { site: "main".to_owned(), sensor: SensorId([sensor; 16]), boot: BootId([1; 16]) };
            let record = draw.record();
            let received = draw.time();
            estate.apply(&source, &record, received);
            if step % 5 == 0
                && let Some(decree) = draw.decree(&estate, taken + 1)
                && estate.decree(decree).is_ok()
            {
                taken += 1;
            }
            if step % 20 == 0 {
                holds_together(&estate);
            }
        }
        holds_together(&estate);
        assert!(taken > 10, "people decided {taken} times");
        let [a, b] = [draw.time(), draw.time()];
        for at in [Nanos::MIN, a, b, Nanos::MAX] {
            for device in estate.as_of(at) {
                current_addresses(&device);
                let today = estate.device(&device.id()).unwrap();
                estate.presence_at(today, at);
            }
            estate.diff(a.min(b), at, Nanos::MAX);
            estate.horizon(at);
        }
        for device in estate.devices.values() {
            holter_core::history::of(device);
            let listening = estate.listening(device);
            device.usage().daily(&listening, b);
            device.usage().stretches(&listening, a.min(b), a.max(b).min(a.min(b).saturating_add(90 * 86_400 * SECOND)));
        }
        for by in By::ALL {
            map(&estate, by, &|_| true, &|_| Zone::Unknown, 300);
        }
        estate.suggestions(100);
    }
}
