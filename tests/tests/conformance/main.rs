//! What an independent decoder says of the public captures and of our clinical ones, compared with what ours say.
//!
//! Over the shared corpus, where it is at hand. `tests/conformance/<protocol>.toml` tells how the oracle's columns
//! answer to our fields, `exceptions.toml` which differences are explained and how, and `REPORT.md` is what came of it;
//! `HOLTER_BLESS=1` rewrites it. The differences themselves are written beside the build: they quote captures that may
//! not be copied.

mod ask;
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

use claims::Claims;
use compare::{Account, Sight};
use exceptions::Exceptions;
use holter_tests::places;
use std::fs;
use std::path::{Path, PathBuf};

/// The captures in which DICOM and HL7 may be: our own.
const CLINICAL: &str = "clinical__";

/// Where a capture is that the oracle's files name.
fn path(corpus: &Path, name: &str) -> PathBuf {
    match name.strip_prefix(CLINICAL) {
        Some(clinical) => corpus.join("clinical").join(clinical),
        None => corpus.join("captures").join(name),
    }
}

#[test]
fn ours_and_an_independent_decoder_say_the_same_of_every_capture() {
    let Some(corpus) = places::shared("corpus") else { return };
    let home = places::root().join("tests/conformance");
    let tables = table::all(&home);
    let exceptions = Exceptions::read(&home.join("exceptions.toml"));
    let mut accounts: Vec<Account<'_>> = tables.iter().map(Account::new).collect();
    let mut claims = Claims::new(&tables);

    let index = fs::read_to_string(corpus.join("oracle/index.tsv")).unwrap();
    for name in index.lines().skip(1).filter_map(|line| line.split('\t').next()) {
        let ours = ours::replay(&path(&corpus, name));
        let Some(frames) = oracle::read(&corpus.join(format!("oracle/{name}.frame.tsv"))) else { continue };
        let foreign = claims.capture(name, &ours, &frames, &exceptions);
        for account in &mut accounts {
            if let Some((rows, left)) = account.table.rows(&corpus, name, &frames) {
                account.left += left;
                account.capture(&Sight {
                    capture: name,
                    ours: &ours,
                    rows: &rows,
                    frames: &frames,
                    foreign: &foreign,
                    exceptions: &exceptions,
                });
            }
        }
    }

    let details = Path::new(env!("CARGO_TARGET_TMPDIR")).join("conformance");
    fs::create_dir_all(&details).unwrap();
    for account in &accounts {
        fs::write(details.join(format!("{}.txt", account.table.name)), account.differences.text()).unwrap();
        fs::write(details.join(format!("{}.explained.txt", account.table.name)), account.explained.join("\n")).unwrap();
    }
    fs::write(details.join("claims.txt"), claims.details.join("\n")).unwrap();
    eprintln!("differences are listed in {}", details.display());

    let generated = report::text(&accounts, &claims, &exceptions);
    let page = home.join("REPORT.md");
    if std::env::var_os("HOLTER_BLESS").is_some() {
        fs::write(&page, &generated).unwrap();
    }
    let strict: Vec<_> = accounts
        .iter()
        .filter(|account| account.table.strict && account.unexplained() > 0)
        .map(|account| format!("{}: {} differences", account.table.name, account.unexplained()))
        .collect();
    assert!(strict.is_empty(), "unexplained where none may be, see {}:\n{}", details.display(), strict.join("\n"));
    let few: Vec<_> = accounts
        .iter()
        .filter(|account| !account.pending() && account.claimed_share() < report::CLAIMED)
        .map(|account| account.table.name.as_str())
        .collect();
    assert!(few.is_empty(), "too few frames are claimed of {few:?}");
    for account in accounts.iter().filter(|account| !account.pending()) {
        let is_high = account.explained_share() > report::EXPLAINED;
        let (name, above) = (&account.table.name, &account.table.above);
        assert_eq!(is_high, above.is_some(), "{name}: {:.1} % is explained", account.explained_share());
    }
    assert!(claims.clinical.is_empty(), "clinical traffic where there is none: {:#?}", claims.clinical);
    assert!(claims.unexplained.is_empty(), "claims that nothing explains: {:#?}", claims.unexplained);
    let idle = exceptions.idle(&tables);
    assert!(idle.is_empty(), "exceptions that explain nothing: {idle:#?}");
    let committed = fs::read_to_string(&page).unwrap_or_default();
    assert!(committed == generated, "REPORT.md is not what came of it: run with HOLTER_BLESS=1 and review");
}
