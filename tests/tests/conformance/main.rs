//! What an independent decoder says of public captures and of our own, compared with what ours say.
//!
//! Over the shared corpus, where it is at hand, and over `tests/conformance/captures`. `tests/conformance/<protocol>.toml` tells how the oracle's columns
//! answer to our fields, `exceptions.toml` which differences are explained and how, and `REPORT.md` is what came of it;
//! `HOLTER_BLESS=1` rewrites it. The differences themselves are written beside the build: they quote captures that may
//! not be copied.

mod ask;
mod captures;
mod claims;
mod compare;
mod convert;
mod coverage;
mod exceptions;
mod oracle;
mod ours;
mod planted;
mod report;
mod rows;
mod table;
mod values;

use captures::Capture;
use claims::Claims;
use compare::{Account, Sight};
use exceptions::Exceptions;
use holter_tests::places;
use std::fs;
use std::path::{Path, PathBuf};
use table::Table;

fn home() -> PathBuf {
    places::root().join("tests/conformance")
}

/// All that came of comparing.
struct Compared<'t> {
    accounts: Vec<Account<'t>>,
    claims: Claims<'t>,
}

impl<'t> Compared<'t> {
    fn of(captures: &[Capture], tables: &'t [Table], exceptions: &'t Exceptions) -> Compared<'t> {
        let mut accounts: Vec<Account<'t>> = tables.iter().map(Account::new).collect();
        let mut claims = Claims::new(tables);
        for capture in captures {
            let ours = ours::replay(&capture.path);
            let Some(frames) = capture.frames(tables) else { continue };
            let foreign = claims.capture(&capture.name, &ours, &frames, exceptions);
            for account in &mut accounts {
                if let Some((rows, left)) = account.table.rows(capture, &frames) {
                    account.left += left;
                    account.capture(&Sight {
                        capture: &capture.name,
                        ours: &ours,
                        rows: &rows,
                        frames: &frames,
                        foreign: &foreign,
                        exceptions,
                    });
                }
            }
        }
        Compared { accounts, claims }
    }

    /// The differences, in a folder of this name beside the build.
    fn write(&self, name: &str) -> PathBuf {
        let details = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&details).unwrap();
        for account in &self.accounts {
            let table = &account.table.name;
            fs::write(details.join(format!("{table}.txt")), account.differences.text()).unwrap();
            fs::write(details.join(format!("{table}.explained.txt")), account.explained.join("\n")).unwrap();
        }
        fs::write(details.join("claims.txt"), self.claims.details.join("\n")).unwrap();
        eprintln!("differences are listed in {}", details.display());
        details
    }

    /// Nothing differs that nothing explains.
    fn holds(&self, details: &Path) {
        let strict: Vec<_> = self
            .accounts
            .iter()
            .filter(|account| account.table.strict && account.unexplained() > 0)
            .map(|account| format!("{}: {} differences", account.table.name, account.unexplained()))
            .collect();
        assert!(strict.is_empty(), "unexplained where none may be, see {}:\n{}", details.display(), strict.join("\n"));
        let few: Vec<_> = self
            .accounts
            .iter()
            .filter(|account| !account.pending() && account.claimed_share() < report::CLAIMED)
            .map(|account| account.table.name.as_str())
            .collect();
        assert!(few.is_empty(), "too few frames are claimed of {few:?}");
        let claims = &self.claims;
        assert!(claims.clinical.is_empty(), "clinical traffic where there is none: {:#?}", claims.clinical);
        assert!(claims.unexplained.is_empty(), "claims that nothing explains: {:#?}", claims.unexplained);
    }
}

#[test]
fn ours_and_an_independent_decoder_say_the_same_of_every_capture() {
    let Some(corpus) = places::shared("corpus") else { return };
    let tables = table::all(&home());
    let exceptions = Exceptions::read(&home().join("exceptions.toml"));
    let captures: Vec<_> = captures::shared(&corpus).into_iter().chain(captures::own()).collect();
    let compared = Compared::of(&captures, &tables, &exceptions);
    let details = compared.write("conformance");

    let generated = report::text(&compared.accounts, &compared.claims, &exceptions);
    let page = home().join("REPORT.md");
    if std::env::var_os("HOLTER_BLESS").is_some() {
        fs::write(&page, &generated).unwrap();
    }
    compared.holds(&details);
    for account in compared.accounts.iter().filter(|account| !account.pending()) {
        let is_high = account.explained_share() > report::EXPLAINED;
        let (name, above) = (&account.table.name, &account.table.above);
        assert_eq!(is_high, above.is_some(), "{name}: {:.1} % is explained", account.explained_share());
    }
    let idle = exceptions.idle(&tables);
    assert!(idle.is_empty(), "exceptions that explain nothing: {idle:#?}");
    let committed = fs::read_to_string(&page).unwrap_or_default();
    assert!(committed == generated, "REPORT.md is not what came of it: run with HOLTER_BLESS=1 and review");
}

/// Needs nothing but the repository and tshark.
#[test]
fn ours_and_an_independent_decoder_say_the_same_of_our_own_captures() {
    if !places::installed("tshark") {
        return places::skipped("no tshark: run scripts/setup.sh test");
    }
    let tables = table::all(&home());
    let exceptions = Exceptions::read(&home().join("exceptions.toml"));
    let compared = Compared::of(&captures::own(), &tables, &exceptions);
    compared.holds(&compared.write("conformance-own"));
    for name in ["kerberos", "ssh", "syslog", "vnc"] {
        let account = compared.accounts.iter().find(|account| account.table.name == name).unwrap();
        assert!(account.tally().agreed > 100, "{name}: {} values agree", account.tally().agreed);
    }
}
