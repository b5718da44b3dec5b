//! `tests/fuzz/REPORT.md`: what all runs together did, decoder by decoder. A run adds to it, as long as the code of the
//! decoder is the same; where it changed, counting begins anew, and what the code before it saw stands beside it.

use std::fmt::Write as _;
use std::time::Duration;

/// Executions that each decoder is to see.
pub(crate) const AIM: u64 = 10_000_000;

#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) code: String,
    pub(crate) executions: u64,
    /// By code before this one.
    pub(crate) before: u64,
    pub(crate) seconds: f64,
    pub(crate) megabytes: f64,
    /// The most of one run.
    pub(crate) ways: u64,
    pub(crate) slowest: Duration,
    pub(crate) failures: u64,
}

impl Row {
    /// Adds what another run did.
    pub(crate) fn add(&mut self, run: &Row) {
        if self.code != run.code {
            let before = self.before + self.executions;
            *self = Row { before, ..run.clone() };
            return;
        }
        self.executions += run.executions;
        self.seconds += run.seconds;
        self.megabytes += run.megabytes;
        self.ways = self.ways.max(run.ways);
        self.slowest = self.slowest.max(run.slowest);
        self.failures += run.failures;
    }
}

/// The rows of a report; a row of another form is passed over.
pub(crate) fn read(report: &str) -> Vec<Row> {
    let row = |line: &str| {
        let cells: Vec<&str> = line.strip_prefix("| ")?.strip_suffix(" |")?.split(" | ").collect();
        let [name, code, executions, before, seconds, _, megabytes, ways, slowest, failures] = cells[..] else {
            return None;
        };
        Some(Row {
            name: name.to_owned(),
            code: code.to_owned(),
            executions: executions.parse().ok()?,
            before: before.parse().ok()?,
            seconds: seconds.parse().ok()?,
            megabytes: megabytes.parse().ok()?,
            ways: ways.parse().ok()?,
            slowest: Duration::from_secs_f64(slowest.parse::<f64>().ok()? / 1000.0),
            failures: failures.parse().ok()?,
        })
    };
    report.lines().filter_map(row).collect()
}

pub(crate) fn write(rows: &[Row], held: usize) -> String {
    let mut text = format!(
        "# Fuzzing\n\nMade by `make fuzz` (`protocols/tests/fuzz`): mutated sample conversations and datagrams, each fed in \
         full to a decoder in a\nrelease build with overflow checks, under the checks of the contract (no panic, no stall, \
         nothing undeclared, at most {} KiB\nheld) and of time (1 s). *Code* is a digest of the decoder and of what it uses; \
         runs add up as long as it is the same, and what\nearlier code saw stands under *Before*. *Ways* are different \
         sequences of events and errors, the most of one run.\n\n| Decoder | Code | Executions | Before | Seconds | per \
         second | MB | Ways | Slowest ms | Failures |\n|---|---|--:|--:|--:|--:|--:|--:|--:|--:|\n",
        held / 1024
    );
    for row in rows {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {:.0} | {:.0} | {:.0} | {} | {:.1} | {} |",
            row.name,
            row.code,
            row.executions,
            row.before,
            row.seconds,
            row.executions as f64 / row.seconds.max(1e-9),
            row.megabytes,
            row.ways,
            row.slowest.as_secs_f64() * 1000.0,
            row.failures
        );
    }
    let short = rows.iter().filter(|row| row.executions < AIM).count();
    let all: u64 = rows.iter().map(|row| row.executions).sum();
    let _ = writeln!(
        text,
        "\n{all} executions; {short} of {} decoders are below the aim of {AIM} with the code as it is.",
        rows.len()
    );
    text
}

#[test]
fn runs_add_up_and_new_code_begins_anew() {
    let run = |code: &str| Row {
        name: "dns".into(),
        code: code.into(),
        executions: 100,
        seconds: 2.0,
        megabytes: 3.0,
        ways: 7,
        slowest: Duration::from_millis(5),
        ..Row::default()
    };
    let mut row = Row { name: "dns".into(), ..Row::default() };
    row.add(&run("aa"));
    row.add(&run("aa"));
    assert_eq!((row.executions, row.before, row.ways), (200, 0, 7));
    let again = read(&write(std::slice::from_ref(&row), 1024));
    assert_eq!(again, [row.clone()], "it reads what it wrote");
    row.add(&run("bb"));
    assert_eq!((row.executions, row.before, row.code.as_str()), (100, 200, "bb"));
}
