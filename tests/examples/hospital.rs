//! Plays a sensor that hears a hospital of many devices for thirty days, and delivers what it says by the real
//! forwarding process over the real link. For measuring and for looking at the console, not for judging recognition:
//! machines, names and times are made up by their number, so that two runs differ in nothing but the present.
//!
//!     hospital STATE DEVICES [routed]      # STATE: of an enrolled sensor; routed: hears every 25th device by address

use anyhow::{Context, Result, ensure};
use holter_sandbox::pair::{Heard, SenseEnd, Sent, ToSense};
use holter_sandbox::{keep_across_exec, pair};
use holter_terms::{Attribute, DeviceKey, Mac, Nanos, Protocol, Severity, Visibility};
use holter_wire::*;
use std::net::{IpAddr, Ipv4Addr};
use std::process::{Child, Command, Stdio};

const SECOND: Nanos = 1_000_000_000;
const HOUR: Nanos = 3600 * SECOND;
const DAY: Nanos = 24 * HOUR;
/// Rows of evidence and conversations in one record.
const ROWS: usize = 2_000;
/// Once a day it heard everybody that was there, this many days before the last time, which was five minutes ago.
const DAYS: u64 = 30;

struct Kind {
    share: u32,
    class: &'static str,
    role: &'static str,
    maker: &'static str,
    model: &'static str,
    releases: [&'static str; 3],
    name: &'static str,
    oui: [u8; 3],
    net: u8,
    talks: &'static [(Protocol, u16, Visibility, u32)],
}

const CLEAR: Visibility = Visibility::Clear;
const SEALED: Visibility = Visibility::Encrypted;

macro_rules! kinds {
    ($($share:literal $class:literal $role:literal $maker:literal $model:literal $releases:expr, $name:literal $oui:expr, $net:literal $talks:expr;)+) => {
        &[$(Kind { share: $share, class: $class, role: $role, maker: $maker, model: $model, releases: $releases,
                   name: $name, oui: $oui, net: $net, talks: &$talks },)+]
    };
}

/// Shares are of a thousand.
static KINDS: &[Kind] = kinds! {
    12 "imaging" "image-source" "Siemens Healthineers" "SOMATOM go.Top" ["VA20A", "VA30A", "VA40A"], "ct" [0x00, 0x1b, 0x1b], 20 [(Protocol::Dicom, 104, CLEAR, 90_000_000)];
    10 "imaging" "image-source" "GE HealthCare" "LOGIQ E10" ["R2.0", "R3.1", "R3.2"], "us" [0x00, 0x1e, 0x8c], 21 [(Protocol::Dicom, 11112, CLEAR, 20_000_000)];
    60 "monitoring" "vitals-source" "Philips" "IntelliVue MX800" ["L.01", "M.00", "N.02"], "mon" [0x00, 0x09, 0xfb], 30 [(Protocol::Intellivue, 24105, CLEAR, 4_000_000), (Protocol::Hl7, 2575, CLEAR, 300_000)];
    70 "therapy" "none" "B. Braun" "Space" ["U03", "U12", "U15"], "pump" [0x00, 0x80, 0xa3], 40 [(Protocol::Tls, 8443, SEALED, 90_000)];
    30 "therapy" "none" "BD" "Alaris PCU" ["9.33", "12.1", "12.3"], "alaris" [0x00, 0x11, 0x22], 41 [(Protocol::Tls, 3613, SEALED, 70_000)];
    20 "laboratory" "analyser" "Roche" "cobas pro" ["1.0", "2.0", "2.1"], "lab" [0x00, 0x30, 0x64], 50 [(Protocol::Astm, 4000, CLEAR, 60_000)];
    30 "clinical-it" "image-reader" "Dell" "Precision 3660" ["23H2", "24H2", "24H2.1"], "read" [0x18, 0x66, 0xda], 60 [(Protocol::Dicom, 104, CLEAR, 700_000_000), (Protocol::Ldap, 636, SEALED, 50_000)];
    330 "workstation" "none" "HP" "EliteDesk 800 G9" ["22H2", "23H2", "24H2"], "ws" [0x3c, 0x52, 0x82], 70 [(Protocol::Kerberos, 88, SEALED, 20_000), (Protocol::Smb, 445, SEALED, 9_000_000), (Protocol::Ldap, 389, CLEAR, 60_000)];
    170 "office" "phone" "Cisco" "IP Phone 8845" ["12.8", "14.1", "14.2"], "sip" [0x00, 0x1b, 0xd4], 110 [(Protocol::Sip, 5061, SEALED, 200_000)];
    60 "office" "printer" "Zebra" "ZD621" ["V93.21", "V93.22", "V93.23"], "prn" [0x00, 0x07, 0x4d], 120 [(Protocol::Snmp, 161, CLEAR, 15_000)];
    60 "network" "access-point" "Aruba" "AP-535" ["8.10", "8.11", "8.12"], "ap" [0x20, 0x4c, 0x03], 130 [(Protocol::Radius, 1812, SEALED, 80_000)];
    30 "building" "building-controller" "Siemens" "Desigo PXC4" ["1.20", "1.21", "1.30"], "bms" [0x00, 0xa0, 0x03], 140 [(Protocol::Bacnet, 47808, CLEAR, 300_000)];
    38 "embedded" "camera" "Axis" "P3265-LV" ["11.8", "11.11", "12.1"], "cam" [0xac, 0xcc, 0x8e], 150 [(Protocol::Http, 80, CLEAR, 2_000_000)];
    80 "unknown" "none" "" "" ["", "", ""], "" [0x02, 0x5a, 0x10], 160 [(Protocol::Tls, 443, SEALED, 6_000_000)];
};

/// Who the others ask, and the class of each.
const SERVERS: [(&str, &str, &str); 12] = [
    ("dns1", "server", "dns-server"),
    ("dc01", "server", "directory-server"),
    ("files01", "server", "file-server"),
    ("pacs01", "clinical-it", "image-archive"),
    ("engine01", "clinical-it", "hl7-receiver"),
    ("pumps01", "clinical-it", "none"),
    ("central01", "monitoring", "vitals-source"),
    ("lis01", "laboratory", "analyser-host"),
    ("ntp1", "network", "time-server"),
    ("pbx01", "server", "phone"),
    ("bms01", "building", "building-controller"),
    ("radius01", "server", "none"),
];

fn server_for(protocol: Protocol) -> usize {
    match protocol {
        Protocol::Dicom => 3,
        Protocol::Hl7 => 4,
        Protocol::Intellivue => 6,
        Protocol::Astm => 7,
        Protocol::Smb => 2,
        Protocol::Ldap | Protocol::Kerberos => 1,
        Protocol::Sip => 9,
        Protocol::Bacnet | Protocol::Http | Protocol::Snmp => 10,
        Protocol::Radius => 11,
        Protocol::Ntp => 8,
        Protocol::Tls => 5,
        _ => 0,
    }
}

/// A number that looks drawn and is the same in each run (splitmix64).
fn drawn(n: u64, salt: u64) -> u64 {
    let mut z = n.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(salt.wrapping_mul(0xd1b5_4a32_d192_ed03));
    z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

struct Machine {
    n: u64,
    /// How many of its kind come before it.
    rank: u64,
    kind: Option<&'static Kind>,
}

impl Machine {
    fn of(n: u64) -> Machine {
        let mut left = u32::try_from(drawn(n, 1) % 1000).unwrap_or(0);
        let kind = KINDS.iter().find(|kind| {
            let found = left < kind.share;
            left = left.saturating_sub(kind.share);
            found
        });
        Machine { n, rank: n, kind: if n < SERVERS.len() as u64 { None } else { kind.or(KINDS.last()) } }
    }

    fn all(count: u64) -> Vec<Machine> {
        let mut ranks = [0u64; KINDS.len()];
        let ranked = |mut machine: Machine| {
            let place = KINDS.iter().position(|kind| machine.kind.is_some_and(|own| std::ptr::eq(own, kind)));
            if let Some(next) = place.and_then(|place| ranks.get_mut(place)) {
                machine.rank = *next;
                *next += 1;
            }
            machine
        };
        (0..count).map(Machine::of).map(ranked).collect()
    }

    fn mac(&self) -> Mac {
        let [.., a, b, c] = self.n.to_be_bytes();
        let [x, y, z] = self.kind.map_or([0x00, 0x50, 0x56], |kind| kind.oui);
        Mac([x, y, z, a, b, c])
    }

    fn ip(&self, age: u64) -> IpAddr {
        // One in fifty was given another address in the last days.
        let moved = age <= 3 && drawn(self.n, 2).is_multiple_of(50);
        let net = self.kind.map_or(10, |kind| kind.net);
        let [.., hi, lo] = (self.rank / 125).to_be_bytes();
        let host = 1 + u8::try_from(self.rank % 125).unwrap_or(0) + if moved { 125 } else { 0 };
        IpAddr::V4(Ipv4Addr::new(10, net.saturating_add(hi), lo, host))
    }

    /// Whether it was there so many days ago: most always, some came, some went, some were away for a while.
    fn is_there(&self, age: u64) -> bool {
        let fate = drawn(self.n, 3) % 200;
        match (self.kind, fate) {
            (None, _) => true,
            (_, 0..12) => age <= 2 * fate,
            (_, 12..18) => age > 4 * (fate - 12),
            (_, 18..22) => !(2..5).contains(&age),
            _ => true,
        }
    }

    fn release(&self, age: u64) -> usize {
        match drawn(self.n, 4) % 40 {
            0 => usize::from(age <= 5),
            1 => 1 + usize::from(age == 0),
            other => usize::try_from(other % 3).unwrap_or(0),
        }
    }

    fn name(&self) -> String {
        match (self.kind, SERVERS.get(usize::try_from(self.n).unwrap_or(usize::MAX))) {
            (Some(kind), _) if kind.name.is_empty() => String::new(),
            (Some(kind), _) => format!("{}-{:05}.clin.example", kind.name, self.n),
            (None, Some((name, ..))) => format!("{name}.clin.example"),
            (None, None) => String::new(),
        }
    }

    fn says(&self, age: u64, whole: bool) -> Vec<(Attribute, String, &'static str, i8)> {
        let mut rows = vec![(Attribute::Address, self.ip(age).to_string(), "standard:arp/address", 95)];
        let name = self.name();
        if whole && !name.is_empty() {
            rows.push((Attribute::Hostname, name, "standard:dhcp-request/hostname", 60));
            rows.push((Attribute::Hostname, self.name(), "measured:dns-answer/name", 70));
        }
        let (class, role) = match (self.kind, SERVERS.get(usize::try_from(self.n).unwrap_or(usize::MAX))) {
            (Some(kind), _) => (kind.class, kind.role),
            (None, Some((_, class, role))) => (*class, *role),
            (None, None) => return rows,
        };
        let sure = i8::try_from(72 + drawn(self.n, 5) % 24).unwrap_or(80);
        if whole && class != "unknown" {
            rows.push((Attribute::Class, class.to_owned(), "measured:tls-client/behaviour", sure));
            if role != "none" {
                rows.push((Attribute::Role, role.to_owned(), "measured:conversation/role", 85));
            }
        }
        let Some(kind) = self.kind.filter(|kind| !kind.maker.is_empty()) else { return rows };
        if whole {
            rows.push((Attribute::Maker, kind.maker.to_owned(), "measured:http-banner/maker", 80));
            rows.push((Attribute::Model, kind.model.to_owned(), "measured:http-banner/model", sure));
            // Now and then one number stands on two machines: a card that was moved, or a set-up that was copied.
            let twin =
                || (0..self.n).rev().find(|n| Machine::of(*n).kind.is_some_and(|other| std::ptr::eq(other, kind)));
            let unit = if self.n.is_multiple_of(400) { twin().unwrap_or(self.n) } else { self.n };
            rows.push((Attribute::Serial, format!("SN{unit:07}"), "measured:http-banner/serial", 70));
        }
        let changed = whole || self.release(age) != self.release(age + 1);
        if let Some(release) = kind.releases.get(self.release(age)).filter(|_| changed) {
            rows.push((Attribute::Version, (*release).to_owned(), "measured:http-banner/version", 80));
        }
        rows
    }
}

struct Sender {
    end: SenseEnd,
    number: u64,
    answered: u64,
}

impl Sender {
    fn send(&mut self, record: &Record<Text>) -> Result<()> {
        let frame = codec::encode(record)?;
        ensure!(
            self.end.frame(record.lane() as u8, self.number, &frame, true)? == Sent::Whole,
            "the other side is gone"
        );
        self.number += 1;
        while self.hear(Some(0))? {}
        // What waits for the disk is kept short, so that nothing is given up.
        while self.number - self.answered > 64 && self.hear(Some(1000))? {}
        Ok(())
    }

    fn hear(&mut self, millis: Option<u16>) -> Result<bool> {
        match self.end.hear(millis)? {
            Heard::Message(ToSense::Appended { count, number, .. }) => self.answered = number + u64::from(count),
            Heard::Message(_) => {}
            Heard::Nothing => return Ok(false),
            Heard::Closed => anyhow::bail!("the forwarding process ended"),
        }
        Ok(true)
    }
}

fn text(text: &str) -> Result<Text> {
    Text::new(text).context("a plain text")
}

fn window(start: Nanos, seconds: u32, talks: Vec<Talk>) -> Record<Text> {
    let frames = 40_000 + talks.len() as u64 * 20;
    Record::Window(Window {
        start,
        seconds,
        capture: CaptureCounters { received: frames, frames, bytes: frames * 400, ..CaptureCounters::default() },
        coverage: Coverage { understood: frames * 220, encrypted: frames * 140, unknown: frames * 34, missed: 0 },
        protocols: Vec::new(),
        talks,
        acts: Vec::new(),
        counters: Vec::new(),
    })
}

fn talks(machine: &Machine, age: u64, at: Nanos) -> Vec<Talk> {
    let Some(kind) = machine.kind else { return Vec::new() };
    let usual = [(Protocol::Dns, 53, CLEAR, 9_000), (Protocol::Ntp, 123, CLEAR, 900)];
    let party = |machine: &Machine| Party { device: DeviceKey::Mac(machine.mac()), ip: Some(machine.ip(age)) };
    kind.talks
        .iter()
        .chain(&usual)
        .map(|(protocol, port, visibility, bytes)| {
            let weight = u64::from(*bytes) / 100 * (50 + drawn(machine.n, 6) % 100);
            Talk {
                client: party(machine),
                server: party(&Machine::of(server_for(*protocol) as u64)),
                protocol: *protocol,
                port: *port,
                visibility: *visibility,
                conversations: 3,
                packets: 10 + weight / 600,
                bytes_up: weight / 3,
                bytes_down: weight - weight / 3,
                first: at - 1200 * SECOND,
                last: at,
            }
        })
        .collect()
}

fn hear_day(sender: &mut Sender, at: Nanos, age: u64, machines: &[Machine], routed: bool) -> Result<()> {
    let (mut rows, mut heard) = (Vec::new(), Vec::new());
    for machine in machines.iter().filter(|machine| machine.is_there(age)) {
        if routed && !machine.n.is_multiple_of(25) {
            continue;
        }
        let first = (age + 1..=DAYS).all(|earlier| !machine.is_there(earlier));
        let device = if routed { DeviceKey::Ip(machine.ip(age)) } else { DeviceKey::Mac(machine.mac()) };
        let seen = at - Nanos::try_from(drawn(machine.n, 7) % 240).unwrap_or(0) * SECOND;
        // What a device is, it tells on its first day and on the last; that it is there, every day.
        let whole = first || age == 0;
        for (attribute, value, rule, weight) in machine.says(age, whole) {
            if routed && attribute == Attribute::Address {
                continue;
            }
            let (value, rule) = (text(&value)?, text(rule)?);
            rows.push(EvidenceRow { device, attribute, value, rule, weight, first: seen, last: seen, count: 4 });
        }
        if !routed && whole {
            heard.extend(talks(machine, age, seen));
        }
        if rows.len() >= ROWS {
            sender.send(&Record::Devices(Devices { rows: std::mem::take(&mut rows) }))?;
        }
        if heard.len() >= ROWS {
            sender.send(&window(at - 300 * SECOND, 300, std::mem::take(&mut heard)))?;
        }
    }
    for group in (1..=6).filter(|_| !routed) {
        let (value, rule) = (text(&format!("10.70.{group}.254"))?, text("standard:arp/address")?);
        let device = DeviceKey::Mac(Mac([0, 0, 0x5e, 0, 1, group]));
        let attribute = Attribute::Address;
        rows.push(EvidenceRow { device, attribute, value, rule, weight: 95, first: at, last: at, count: 9 });
    }
    sender.send(&Record::Devices(Devices { rows }))?;
    sender.send(&window(at - 300 * SECOND, 300, heard))
}

fn findings(sender: &mut Sender, now: Nanos, machines: &[Machine]) -> Result<()> {
    for machine in machines.iter().skip(100).step_by((machines.len() / 60).max(1)) {
        let n = machine.n;
        let at = now - Nanos::try_from(drawn(n, 8) % (3 * 86_400)).unwrap_or(0) * SECOND;
        let party = |machine: &Machine| Party { device: DeviceKey::Mac(machine.mac()), ip: Some(machine.ip(0)) };
        sender.send(&Record::Finding(Finding {
            id: u128::from(n).to_le_bytes(),
            detection: text("dicom-find-sweep")?,
            severity: if n.is_multiple_of(3) { Severity::High } else { Severity::Low },
            first: at,
            last: at,
            subject: party(machine),
            peer: Some(party(&Machine::of(3))),
            facts: Vec::new(),
            partly_blind: false,
        }))?;
    }
    Ok(())
}

#[allow(clippy::disallowed_methods, reason = "a shell: the times of what it makes are before its own")]
fn wall() -> Result<Nanos> {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    Ok(Nanos::try_from(since.as_nanos())?)
}

/// The forwarding process, and the end that this program speaks to it by.
fn forward(state: &str) -> Result<(Sender, Child)> {
    let (sense, forward) = pair::pair()?;
    let number = keep_across_exec(&forward)?;
    // An example lies in target/<profile>/examples, the program beside that folder.
    let here = std::env::current_exe()?;
    let mut command = Command::new(here.ancestors().nth(2).context("a folder")?.join("holter-agent"));
    command.args(["--log", "warn", "forward", "--drain", "--link", &number.to_string(), "--state", state]);
    let child = command.stdin(Stdio::null()).stderr(Stdio::null()).spawn()?;
    Ok((Sender { end: SenseEnd::new(sense), number: 0, answered: 0 }, child))
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (state, count) = (arguments.first().context("the state of a sensor")?, arguments.get(1).context("devices")?);
    let (count, routed) = (count.parse::<u64>()?, arguments.get(2).is_some_and(|word| word == "routed"));
    let (mut sender, mut child) = forward(state)?;
    let now = wall()?;
    let machines = Machine::all(count);
    for age in (0..=DAYS).rev() {
        let at = now - 300 * SECOND - Nanos::try_from(age).unwrap_or(0) * DAY;
        hear_day(&mut sender, at, age, &machines, routed)?;
        for hour in (0..24).filter(|_| age > 0) {
            sender.send(&window(at + hour * HOUR, 3600, Vec::new()))?;
        }
    }
    for minute in (1..240).rev() {
        sender.send(&window(now - minute * 60 * SECOND, 60, Vec::new()))?;
    }
    if !routed {
        findings(&mut sender, now, &machines)?;
    }
    // A month at once is more than a sensor waits for when it is stopped; what is in the spool goes with the next start.
    for _ in 0..20 {
        sender.end.farewell()?;
        if child.wait()?.success() {
            return Ok(());
        }
        (sender, child) = forward(state)?;
        while sender.hear(Some(20_000))? {}
    }
    anyhow::bail!("the collector did not take all of it")
}
