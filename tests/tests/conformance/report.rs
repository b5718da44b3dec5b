//! The page that is committed: numbers and reasons, no content of any capture.

use crate::claims::Claims;
use crate::compare::{Account, Standing};
use crate::exceptions::Exceptions;
use holter_protocols::ALL;
use std::fmt::Write as _;

/// Frames of known protocols that ours is to claim, in percent.
pub(crate) const CLAIMED: f64 = 95.0;
/// Differences of a protocol that may be explained, in percent of its values.
pub(crate) const EXPLAINED: f64 = 2.0;

pub(crate) fn text(accounts: &[Account<'_>], claims: &Claims<'_>, exceptions: &Exceptions) -> String {
    let mut text = format!(
        "# Conformance\n\nMade by `tests/tests/conformance`: our decoders and tshark 4.0.17 over 300 public captures, our \
         own clinical ones and\nthose of `captures/`, frame by frame. \
         `HOLTER_BLESS=1 cargo test -p holter-tests --test conformance` rewrites it.\n*Elsewhere*: the same value in \
         another frame of the same conversation (who joins a message names the frame at\nwhich it did). *Explained*: a \
         row of `exceptions.toml` says why. *Asked*: the files of the corpus lack the column, and\ntshark was asked; \
         of `captures/` all was. The test fails on anything unexplained, on claims under {} % of the\nframes, and \
         where more than {} % is explained without a reason here.\n\n",
        CLAIMED, EXPLAINED,
    );
    let high: Vec<_> = accounts.iter().filter_map(|account| Some((account, account.table.above.as_ref()?))).collect();
    if !high.is_empty() {
        text.push_str("More than that is explained of:\n\n");
        for (account, why) in high {
            let share = account.explained_share();
            let _ = writeln!(text, "- {}, {share:.1} %: {why}.", account.table.name);
        }
        text.push('\n');
    }
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
        let share = account.claimed_share();
        let mut notes = Vec::new();
        if !account.table.strict {
            notes.push("not strict");
        }
        if share < CLAIMED {
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
    let _ = writeln!(text, "\nFrames whose not being claimed is explained are not counted under *Frames*.\n");
    let met = |name| accounts.iter().any(|account| account.table.ours() == name && account.captures > 0);
    let listed = |marked| {
        let unmet = ALL.iter().filter(|one| !met(one.name()) && one.word().is_from_specification() == marked);
        unmet.map(|one| one.name()).collect::<Vec<_>>().join(", ")
    };
    let _ = writeln!(text, "From specification, never met in traffic that a program of others made: {}.", listed(true));
    let _ =
        writeln!(text, "Met in traffic that tshark does not read or that these captures lack: {}.\n", listed(false));
    text.push_str(
        "Left out, since the oracle reads the protocol there and ours is none of that frame's (what ours would say \
                   of it is a difference):\n\n| Table | Frames | Within |\n|---|--:|---|\n",
    );
    for account in accounts.iter().filter(|account| account.left > 0) {
        let within = match account.table.name.as_str() {
            "frame" => "a fragment that completes no packet (RFC 791 3.2, RFC 8200 4.5)".to_owned(),
            _ => {
                let own = account.table.left_out.iter().map(|(layer, why)| format!("{layer}: {why}"));
                let beside = account.table.beside.iter().map(|layer| format!("{layer}: compared by its own table"));
                let quoted = "what ICMP quotes, which nobody sent in that frame (RFC 792, RFC 4443)".to_owned();
                own.chain(beside).chain([quoted]).collect::<Vec<_>>().join("; ")
            }
        };
        let _ = writeln!(text, "| {} | {} | {within} |", account.table.name, account.left);
    }
    text.push('\n');
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
