//! The page that is committed: numbers and reasons, no content of any capture.

use crate::claims::Claims;
use crate::compare::{Account, Standing};
use crate::table::Exceptions;
use holter_protocols::ALL;
use std::fmt::Write as _;

/// Frames of known protocols that ours is to claim, in percent.
const AIM: f64 = 95.0;

pub(crate) fn text(accounts: &[Account<'_>], claims: &Claims<'_>, exceptions: &Exceptions) -> String {
    let mut text = String::from(
        "# Conformance\n\nMade by `tests/tests/conformance`: our decoders and tshark 4.0.17 over 300 public captures and our own \
         clinical ones,\nframe by frame. `HOLTER_BLESS=1 cargo test -p holter-tests --test conformance` rewrites it. \
         *Elsewhere*: the same value in another\nframe of the same conversation (who joins a message names the frame at \
         which it did). *Explained*: a row of\n`exceptions.toml` says why. A table that is *strict* fails the test on \
         anything unexplained.\n\n",
    );
    let _ = writeln!(
        text,
        "| Protocol | Captures | Frames | Claimed | % | Values | Agreed | Elsewhere | Explained | Unexplained | |"
    );
    let _ = writeln!(text, "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|");
    for account in accounts {
        let name = &account.table.name;
        if account.pending() {
            let _ = writeln!(text, "| {name} | {} | {} | | | | | | | | pending |", account.captures, account.frames);
            continue;
        }
        let tally = account.tally();
        let due = account.frames.saturating_sub(account.excused);
        let share = account.claimed as f64 * 100.0 / due.max(1) as f64;
        let mut notes = Vec::new();
        if account.table.strict {
            notes.push("strict");
        }
        if account.frames > 0 && share < AIM {
            notes.push("claims too few");
        }
        if account.foreign == 0 {
            notes.push("our own captures only");
        }
        let _ = writeln!(
            text,
            "| {name} | {} | {due} | {} | {share:.1} | {} | {} | {} | {} | {} | {} |",
            account.captures,
            account.claimed,
            tally.compared(),
            tally.agreed,
            tally.elsewhere,
            tally.explained,
            tally.unexplained,
            notes.join(", "),
        );
    }
    let unmet: Vec<&str> = ALL
        .iter()
        .map(|protocol| protocol.name())
        .filter(|name| !accounts.iter().any(|account| account.table.ours() == *name && account.captures > 0))
        .collect();
    let _ = writeln!(text, "\nFrames whose not being claimed is explained are not counted under *Frames*.\n");
    if !unmet.is_empty() {
        let _ = writeln!(text, "From specification, never met in a capture with an oracle: {}.\n", unmet.join(", "));
    }
    columns(&mut text, accounts);
    text.push_str("## Claims of what the oracle takes for something else\n\n");
    text.push_str("Conversations (or frames without ports) in none of whose frames the oracle sees the protocol.\n\n");
    text.push_str("| Ours | The oracle | Conversations | Frames | Why |\n|---|---|--:|--:|---|\n");
    for ((name, said, why), (talks, frames)) in &claims.other {
        let _ = writeln!(text, "| {name} | {said} | {talks} | {frames} | {why} |");
    }
    text.push_str("\n## Explained\n\n| Protocols | Where | Values and frames | Why |\n|---|---|--:|---|\n");
    for one in exceptions.exception.iter().filter(|one| one.used.get() > 0) {
        let place =
            [one.capture.clone().into_iter().collect::<Vec<_>>(), one.columns.clone(), one.when.clone()].concat();
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} |",
            one.protocols.join(", "),
            place.join("; ").replace('|', "\\|"),
            one.used.get(),
            one.reason
        );
    }
    text
}

fn columns(text: &mut String, accounts: &[Account<'_>]) {
    text.push_str("## Columns\n\n| Column | Ours | Values | Agreed | Elsewhere | Explained | Unexplained | |\n");
    text.push_str("|---|---|--:|--:|--:|--:|--:|---|\n");
    for account in accounts.iter() {
        for (column, standing) in account.table.column.iter().zip(&account.columns) {
            let name = format!("{}: {}", account.table.name, column.name);
            let fields = column.fields.join(", ");
            let _ = match standing {
                Standing::Pending => writeln!(text, "| {name} | {fields} | | | | | | pending |"),
                Standing::Left => {
                    let reason = column.reason.as_deref().unwrap_or_default();
                    writeln!(text, "| {name} | | | | | | | not compared: {reason} |")
                }
                Standing::Compared(tally) => {
                    let note = [("within: ", &column.within), ("covers: ", &column.covers), ("", &column.note)]
                        .iter()
                        .filter_map(|(word, reason)| reason.as_ref().map(|reason| format!("{word}{reason}")))
                        .chain(column.asked.then(|| "asked".to_owned()))
                        .collect::<Vec<_>>()
                        .join("; ");
                    writeln!(
                        text,
                        "| {name} | {fields} | {} | {} | {} | {} | {} | {note} |",
                        tally.compared(),
                        tally.agreed,
                        tally.elsewhere,
                        tally.explained,
                        tally.unexplained
                    )
                }
            };
        }
    }
    text.push('\n');
}
