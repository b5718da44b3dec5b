//! How long a question over many devices and many advisories takes.
//!
//!     cargo run --release -p holter-core --example exposure [devices] [advisories]

use holter_core::exposure::{
    Claim, Clerk, Counts, EXPOSURE_FIELDS, Exceptions, Grounds, ItemView, Ledger, Library, State, Subject, Survey,
    Tables,
};
use holter_core::{Estate, Source, filter};
use holter_terms::{Attribute, BootId, DeviceKey, Mac, SensorId};
use holter_wire::{Devices, EvidenceRow, Record, Text};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

const MAKERS: usize = 60;
/// Of each maker.
const FAMILIES: usize = 25;
const MODELS: usize = 4;

/// CPU time of this program so far, as Linux accounts it: the machine may be busy with others.
fn cpu() -> Duration {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    Duration::from_nanos(text.split(' ').next().and_then(|nanoseconds| nanoseconds.parse().ok()).unwrap_or(0))
}

/// CPU time and time on the wall.
#[expect(clippy::disallowed_methods, reason = "a measurement asks the clock")]
fn timed<T>(work: impl FnOnce() -> T) -> (T, [Duration; 2]) {
    let (before, start) = (cpu(), std::time::Instant::now());
    let made = work();
    (made, [cpu().saturating_sub(before), start.elapsed()])
}

fn told([cpu, wall]: [Duration; 2]) -> String {
    format!("{:.0} ms of CPU, {:.0} ms on the wall", cpu.as_secs_f64() * 1e3, wall.as_secs_f64() * 1e3)
}

/// Numbers that look like chance and are the same every time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % end
    }
}

fn maker(n: usize) -> String {
    format!("Maker{n} Medical")
}

fn family(n: usize) -> String {
    ["Infuse", "Vision", "Scope", "Archive", "Gateway"][n % 5].to_owned()
        + ["", " Max", " Pro", " Go", " Duo"][n / 5 % 5]
}

fn advisory(n: usize, numbers: &mut Numbers) -> Value {
    let maker = maker(n % MAKERS);
    let mut ids = Vec::new();
    let leaves: Vec<Value> = (0..1 + numbers.below(8))
        .map(|at| {
            let id = format!("P{at}");
            let (family, model) = (family(numbers.below(FAMILIES)), 100 * (1 + numbers.below(MODELS)));
            let (product, version) = match numbers.below(4) {
                0 => (family, "vers:all/*".to_owned()),
                1 => {
                    (format!("{family} M{model}"), format!(">= 1.0 | < {}.{}", 1 + numbers.below(6), numbers.below(10)))
                }
                2 => (format!("{family} M100-M{model}"), format!("<= {}.{}.1", numbers.below(6), numbers.below(10))),
                _ => (format!("{family} M{model}"), format!("{}.{}", numbers.below(6), numbers.below(10))),
            };
            ids.push(id.clone());
            json!({"category": "product_name", "name": product, "branches": [{"category": "product_version_range",
                "name": version, "product": {"name": product, "product_id": id}}]})
        })
        .collect();
    let vulnerability = |at: usize| {
        json!({"cve": format!("CVE-2026-{n:05}{at}"), "product_status": {"known_affected": ids},
            "scores": [{"products": ids, "cvss_v3": {"version": "3.1", "baseScore": 9.8,
                "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}}],
            "remediations": [{"category": "vendor_fix", "details": "Update.", "product_ids": ids}]})
    };
    json!({
        "document": {"category": "csaf_security_advisory", "csaf_version": "2.0", "title": "x",
            "publisher": {"category": "vendor", "name": "x", "namespace": "https://x.invalid"},
            "tracking": {"id": format!("X-{n}"), "status": "final", "version": "1", "revision_history": [],
                "current_release_date": "2026-11-01T00:00:00Z", "initial_release_date": "2026-11-01T00:00:00Z"}},
        "product_tree": {"branches": [{"category": "vendor", "name": maker, "branches": leaves}]},
        "vulnerabilities": (0..1 + numbers.below(5)).map(vulnerability).collect::<Vec<_>>()
    })
}

/// The same devices as sensors tell of them.
fn told_of(known: &[[String; 4]]) -> Estate {
    let mut estate = Estate::default();
    let source = Source { site: "main".to_owned(), sensor: SensorId([1; 16]), boot: BootId([2; 16]) };
    for (n, values) in known.iter().enumerate() {
        let [_, _, a, b, c, d, e, f] = (n as u64).to_be_bytes();
        let attributes = [Attribute::Maker, Attribute::Family, Attribute::Model, Attribute::Version];
        let rows = attributes.iter().zip(values).filter(|(_, value)| !value.is_empty()).map(|(attribute, value)| {
            EvidenceRow {
                device: DeviceKey::Mac(Mac([a, b, c, d, e, f])),
                attribute: *attribute,
                value: Text::new(value).expect("a short text"),
                rule: Text::new("measured:hl7-sender/made").expect("a short text"),
                weight: 95,
                first: 1,
                last: 2,
                count: 1,
            }
        });
        estate.apply(&source, &Record::Devices(Devices { rows: rows.collect() }), 2);
    }
    estate
}

/// How long the ledger of all exposures takes, the longest stretch of 256 devices in it, and a question to its list.
#[expect(clippy::print_stdout, reason = "a measurement is printed")]
fn ledger(library: &Library, estate: &Estate) {
    let tables = Tables::built_in().expect("the tables of the house are read");
    let (received, exceptions) = (BTreeMap::new(), Exceptions::default());
    let grounds = Grounds { library, received: &received, exceptions: &exceptions, tables: &tables, now: 3 };
    let all: Vec<_> = estate.devices.values().collect();
    let mut longest = Duration::ZERO;
    let (ledger, took): (Ledger, _) = timed(|| {
        let mut clerk = Clerk::new(grounds);
        for chunk in all.chunks(256) {
            let ((), [cpu, _]) = timed(|| chunk.iter().for_each(|device| clerk.add(device, &|_| false)));
            longest = longest.max(cpu);
        }
        clerk.finish()
    });
    println!(
        "ledger of {} devices: {}; the longest 256 of them {:.1} ms of CPU",
        ledger.devices,
        told(took),
        longest.as_secs_f64() * 1e3
    );
    let query = filter::parse("maker:Maker1* severity:critical version:1.*", EXPOSURE_FIELDS);
    let (left, took) = timed(|| {
        let views = ledger.rows().map(|(entry, item)| ItemView { library, entry, item, now: 3 });
        views.filter(|view| filter::matches(&query, view, 3)).count()
    });
    println!(
        "{} listed, {} left out; a filter of three terms leaves {left}: {}",
        ledger.order.len(),
        ledger.left_out,
        told(took)
    );
}

#[expect(clippy::print_stdout, reason = "a measurement is printed")]
fn main() {
    let mut arguments = std::env::args().skip(1).filter_map(|argument| argument.parse().ok());
    let (devices, advisories) = (arguments.next().unwrap_or(50_000), arguments.next().unwrap_or(3_000));
    let mut numbers = Numbers(1);
    let files: Vec<String> = (0..advisories).map(|n| advisory(n, &mut numbers).to_string()).collect();
    let (library, import) = timed(|| {
        let mut library = Library::new().expect("the tables of the house are read");
        for file in &files {
            library.take("made.json", file.as_bytes()).expect("a made document is read");
        }
        library
    });
    // Maker, family, model, version; a tenth without a version, a fifth less sure.
    let estate: Vec<[String; 4]> = (0..devices)
        .map(|_| {
            let version = format!("{}.{}.{}", numbers.below(7), numbers.below(10), numbers.below(50));
            [
                maker(numbers.below(MAKERS)),
                family(numbers.below(FAMILIES)),
                format!("M{}", 100 * (1 + numbers.below(MODELS))),
                if numbers.below(10) == 0 { String::new() } else { version },
            ]
        })
        .collect();
    let ask = |ask: &mut dyn FnMut(&Subject<'_>) -> Counts| {
        let mut counts = Counts::default();
        for (n, known) in estate.iter().enumerate() {
            let confidence = if n % 5 == 0 { 80 } else { 95 };
            let [maker, family, model, version] =
                known.each_ref().map(|value| (!value.is_empty()).then_some(Claim { value, confidence, reasons: &[] }));
            let of_it = ask(&Subject { id: "d", maker, family, model, version, ..Subject::default() });
            counts.0.iter_mut().zip(of_it.0).for_each(|(sum, more)| *sum += more);
        }
        counts
    };
    let tally = |items: &[holter_core::exposure::Exposure]| {
        let mut counts = Counts::default();
        items.iter().for_each(|item| counts.add(item.state));
        counts
    };
    let mut best = [Duration::MAX; 2];
    let mut counts = Counts::default();
    for _ in 0..5 {
        let mut survey = Survey::of(&library.shelf);
        let (found, took) = timed(|| ask(&mut |subject| tally(survey.ask(subject))));
        (counts, best) = (found, best.min(took));
    }
    let (again, anew) = timed(|| ask(&mut |subject| tally(&library.shelf.exposures(subject))));
    assert_eq!(again, counts, "a survey says what each device is told alone");
    let total: u64 = counts.0.iter().sum();
    let megabytes = files.iter().map(String::len).sum::<usize>() as f64 / 1e6;
    println!("{advisories} advisories ({megabytes:.1} MB) imported: {}", told(import));
    println!("{} products, each with {} devices", MAKERS * FAMILIES * MODELS, devices / (MAKERS * FAMILIES * MODELS));
    println!("{devices} devices in one survey: {}, least of 5", told(best));
    println!("{devices} devices, each anew: {}", told(anew));
    let of = |state| counts.of(state);
    println!(
        "{total} items: {} affected, {} likely, {} unknown, {} not affected",
        of(State::Affected),
        of(State::Likely),
        of(State::Unknown),
        of(State::NotAffected)
    );
    ledger(&library, &told_of(&estate));
}
