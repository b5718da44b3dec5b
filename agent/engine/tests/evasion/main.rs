//! What an attacker can do to packets and streams so that a sensor reads something else than its target.
//!
//! `tests/evasion.md` lists what comes of each case; `HOLTER_BLESS=1` writes it anew.

mod cases;
mod overlaps;
mod receivers;
mod spans;
mod stage;

use holter_engine::OverlapPolicy;
use overlaps::{Meets, tcp, v4, v6};
use std::fmt::Write as _;
use std::path::Path;

fn table() -> String {
    let mut text = String::from(
        "# Evasion: what comes of each case\n\n\
         Written by `HOLTER_BLESS=1 cargo test -p holter-engine --test evasion`; the test fails where this differs.\n\n\
         ## Single tricks\n\n\
         Receivers keep what came first. `>` is what a decoder of the client's stream was shown, `<` of the server's, \
         `_` a gap; then the counters that moved, what was told of the conversation, and how it was closed.\n\n\
         | | case | what comes of it |\n|---|---|---|\n",
    );
    for case in cases::ALL {
        writeln!(text, "| {} | {} | {} |", case.id, case.what, case.said()).unwrap();
    }
    text.push_str(
        "\n## TCP-10, IP-2: two or three pieces with different data\n\n\
         Pieces A, B, C come in this order; the name gives Allen's relation of A to B (of A to B, A to C, B to C); \
         each letter of a result says whose a place of eight bytes is, `.` what came to fill the rest. *waits*: segments \
         behind a hole; *flows*: segments where all before was read, whose bytes stand once they were passed on (bsd and \
         windows are one there). Fragments of IPv6 that overlap drop their datagram. In the last column, `told` where \
         different data for one place was told: in every case where there was some, over every policy. With the same \
         data in all pieces, each case gives that data, and nothing is told; in the opposite order, each case is \
         another row of the table. The tests hold all of these against receivers in miniature.\n\n```text\n",
    );
    let policies = OverlapPolicy::ALL;
    let streams = [OverlapPolicy::First, OverlapPolicy::Last, OverlapPolicy::Bsd, OverlapPolicy::Linux];
    let names =
        |policies: &[OverlapPolicy]| policies.iter().map(|policy| format!("{:8}", policy.as_str())).collect::<String>();
    let width = 8 * streams.len();
    writeln!(text, "    {:18} {:width$}{:width$}IPv4 fragments", "", "TCP waits", "TCP flows").unwrap();
    writeln!(text, "    {:18} {}{}{}IPv6", "", names(&streams), names(&streams), names(&policies)).unwrap();
    for (name, set) in spans::all() {
        let places: String = set.iter().map(|span| format!("{}-{} ", span.0, span.1)).collect();
        write!(text, "{name:3} {places:18} ").unwrap();
        let mut told = Vec::new();
        let mut row = Vec::new();
        for meets in [Meets::Waiting, Meets::Flowing] {
            row.extend(streams.map(|policy| tcp(policy, meets, &set, false, false)));
        }
        row.extend(policies.map(|policy| v4(policy, &set, false, false)));
        row.push(v6(&set, false, false));
        for outcome in row {
            told.push(outcome.ambiguous);
            write!(text, "{:8}", outcome.text()).unwrap();
        }
        let told = match (told.iter().all(|told| *told), told.iter().any(|told| *told)) {
            (true, _) => "told",
            (false, false) => "-",
            (false, true) => "told in part",
        };
        writeln!(text, "{told}").unwrap();
    }
    text.push_str("```\n");
    text
}

#[test]
fn the_table_is_what_comes_of_the_cases() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/evasion.md");
    let table = table();
    if std::env::var("HOLTER_BLESS").is_ok_and(|bless| bless == "1") {
        std::fs::write(&path, &table).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = written.lines().zip(table.lines()).find(|(written, now)| written != now);
    assert!(written == table, "tests/evasion.md differs, first: {differs:?}");
}
