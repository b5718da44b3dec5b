//! Data files that are not compiled in: a maker's newer ones, and a site's own.
//!
//! They are read once, before the first frame. A file of a bundle takes the place of the built-in one of its name; a site's own adds
//! to them and takes no name that is in use. What is wrong is left out and said; the built-in rules always stay.

use crate::data::Fingerprints;
use crate::error::DataError;
use crate::files;
use std::collections::BTreeSet;

/// The most files of a bundle, and of a site.
pub const FILES_MAX: usize = 1024;

/// The largest file, in bytes.
pub const FILE_BYTES_MAX: usize = 256 * 1024;

/// The most bytes of all files of a bundle, and of a site.
pub const BYTES_MAX: usize = 8 * 1024 * 1024;

/// The most rules in all that was brought: each is asked of every event of its kind.
pub const RULES_MAX: usize = 10_000;

/// A data file that was brought.
#[derive(Debug, Clone)]
pub struct Brought {
    /// Its name without the ending.
    pub name: String,
    /// Where it came from, for messages.
    pub place: String,
    pub text: String,
}

#[derive(Clone, Copy)]
struct File {
    name: &'static str,
    place: &'static str,
    text: &'static str,
    of_site: bool,
}

/// What became of files that were brought.
#[derive(Debug)]
pub struct Loaded {
    pub fingerprints: &'static Fingerprints,
    /// Files that are in use, by name.
    pub taken: Vec<&'static str>,
    /// Files that are not. Of a bundle with a fault none is.
    pub refused: usize,
    pub faults: Vec<DataError>,
}

impl Fingerprints {
    /// The built-in fingerprints with what was brought.
    pub fn with(bundle: Vec<Brought>, site: Vec<Brought>) -> Loaded {
        let all = bundle.len().saturating_add(site.len());
        let mut faults = Vec::new();
        let mut files: Vec<File> = Vec::new();
        for (brought, of_site) in [(bundle, false), (site, true)] {
            match keep(brought, of_site, &mut faults) {
                Ok(kept) => files.extend(kept),
                Err(fault) => faults.push(fault),
            }
        }
        let mut bad = faulty(&files, &mut faults);
        files.retain(|file| stays(*file, &bad));
        let mut fingerprints = joined(&files);
        // Their examples are tried with everything that is in use. What fails is left out, and the rest is not tried again.
        let brought: BTreeSet<&str> = files.iter().map(|file| file.name).collect();
        for family in fingerprints.families.iter().filter(|family| brought.contains(family.name)) {
            let failed = fingerprints.faults(family);
            if !failed.is_empty() {
                bad.extend(files.iter().filter(|file| file.name == family.name).map(|file| (file.name, file.of_site)));
                faults.extend(failed);
            }
        }
        if files.iter().any(|file| !stays(*file, &bad)) {
            files.retain(|file| stays(*file, &bad));
            fingerprints = joined(&files);
        }
        let taken: Vec<_> = files.iter().map(|file| file.name).collect();
        Loaded { fingerprints, refused: all.saturating_sub(taken.len()), taken, faults }
    }
}

/// A bundle is one thing: with a fault in it none of its files is used.
fn stays(file: File, bad: &BTreeSet<(&'static str, bool)>) -> bool {
    if file.of_site { !bad.contains(&(file.name, true)) } else { bad.iter().all(|(_, of_site)| *of_site) }
}

/// Holds the bounds of one source.
fn keep(brought: Vec<Brought>, of_site: bool, faults: &mut Vec<DataError>) -> Result<Vec<File>, DataError> {
    let fault = |place: &str, what: String| DataError { file: place.to_owned(), line: 1, column: 1, what };
    let place = brought.first().map(|file| file.place.clone()).unwrap_or_default();
    let bytes: usize = brought.iter().map(|file| file.text.len()).sum();
    if brought.len() > FILES_MAX || bytes > BYTES_MAX {
        let what = format!("{} files of {bytes} bytes; there can be {FILES_MAX} of {BYTES_MAX}", brought.len());
        return Err(fault(&place, what));
    }
    let mut names = BTreeSet::new();
    let mut out = Vec::new();
    for file in brought {
        let plain = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'-';
        let wrong = if file.name.is_empty() || !file.name.bytes().all(plain) {
            Some("a data file is named by lower case letters, digits and hyphens".to_owned())
        } else if file.text.len() > FILE_BYTES_MAX {
            Some(format!("{} bytes; a data file has at most {FILE_BYTES_MAX}", file.text.len()))
        } else if !names.insert(file.name.clone()) {
            Some("another data file has this name".to_owned())
        } else {
            None
        };
        match wrong {
            None => out.push(for_good(file, of_site)),
            Some(what) if of_site => faults.push(fault(&file.place, what)),
            Some(what) => return Err(fault(&file.place, what)),
        }
    }
    Ok(out)
}

#[expect(
    clippy::disallowed_methods,
    reason = "read once, from the site's own disk and before the first frame: its words are words of the program from then on"
)]
fn for_good(file: Brought, of_site: bool) -> File {
    File { name: file.name.leak(), place: file.place.leak(), text: file.text.leak(), of_site }
}

/// Files that cannot be read, or ask too much, by name and whose they are.
fn faulty(files: &[File], faults: &mut Vec<DataError>) -> BTreeSet<(&'static str, bool)> {
    let mut bad = BTreeSet::new();
    let bundled: BTreeSet<&str> = files.iter().filter(|file| !file.of_site).map(|file| file.name).collect();
    let built_in: BTreeSet<&str> = files::ALL.iter().map(|(name, _)| *name).collect();
    let mut rules = 0usize;
    for file in files {
        let mut alone = Fingerprints::empty();
        let at = |what: &str| DataError { file: file.place.to_owned(), line: 1, column: 1, what: what.to_owned() };
        let read = if file.of_site && (bundled.contains(file.name) || built_in.contains(file.name)) {
            Err(at("a built-in data file, or one of the bundle, has this name"))
        } else {
            alone.add_from(file.place, file.name, file.text)
        };
        let more = rules.saturating_add(alone.rules().count());
        let read = read.and_then(|()| if more > RULES_MAX { Err(at("more rules than there can be")) } else { Ok(()) });
        match read {
            Ok(()) => rules = more,
            Err(fault) => {
                faults.push(fault);
                bad.insert((file.name, file.of_site));
            }
        }
    }
    bad
}

#[expect(clippy::disallowed_methods, reason = "one set of rules, made before the first frame and used to the end")]
fn joined(files: &[File]) -> &'static Fingerprints {
    let mut all = Fingerprints::empty();
    for &(name, text) in files::ALL {
        let newer = files.iter().find(|file| file.name == name && !file.of_site);
        // Each was read before, alone.
        let _ = match newer {
            Some(file) => all.add_from(file.place, file.name, file.text),
            None => all.add(name, text),
        };
    }
    let built_in = |name: &str| files::ALL.iter().any(|(other, _)| *other == name);
    for file in files.iter().filter(|file| file.of_site || !built_in(file.name)) {
        let _ = all.add_from(file.place, file.name, file.text);
    }
    Box::leak(Box::new(all))
}
