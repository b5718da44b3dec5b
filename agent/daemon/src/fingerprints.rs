//! Fingerprints that are not compiled in: their files, the bundle and its signature.
//!
//! A bundle is a JSON file, `{"format": "holter-fingerprints", "version": 1, "files": {"NAME": "TEXT", ...}}`, with a signature of
//! minisign beside it (`FILE.minisig`). It is believed if the key that is pinned in the configuration made the signature. This
//! program verifies and never signs: secret keys do not belong on a sensor.

use crate::cli::{CheckFingerprints, FingerprintsCommand, PackFingerprints, VerifyFingerprints};
use crate::exit::Failure;
use anyhow::{Context, anyhow};
use holter_engine::fingerprints::{BYTES_MAX, Brought, FILE_BYTES_MAX, FILES_MAX, Fingerprints, Loaded};
use minisign_verify::{PublicKey, Signature};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

const FORMAT: &str = "holter-fingerprints";
const VERSION: u32 = 1;

/// The largest bundle file, in bytes: escapes make text longer.
const BUNDLE_MAX: usize = 2 * BYTES_MAX;

/// A signature has four short lines.
const SIGNATURE_MAX: usize = 4096;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bundle {
    format: String,
    version: u32,
    files: BTreeMap<String, String>,
}

/// ```toml
/// [fingerprints]
/// bundle = "/etc/holter/fingerprints.json"
/// key = "RWQ..."          # the second line of the maker's minisign.pub
/// folder = "/etc/holter/fingerprints.d"
/// ```
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sources {
    bundle: Option<PathBuf>,
    key: Option<String>,
    folder: Option<PathBuf>,
}

impl Sources {
    /// What is wrong with the configuration itself.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        match (&self.bundle, &self.key) {
            (Some(_), None) => Some("a bundle is believed only with the key that signed it"),
            (None, Some(_)) => Some("a key without a bundle"),
            _ => None,
        }
    }

    /// The rules to go by. What is refused is logged, with its place, and counted; the sensor starts all the same.
    pub(crate) fn load(&self) -> Loaded {
        let mut refused = 0;
        let mut read = |what: &str, files: anyhow::Result<Vec<Brought>>| {
            files.unwrap_or_else(|error| {
                tracing::error!("fingerprints: the {what} is not used: {error:#}");
                refused += 1;
                Vec::new()
            })
        };
        let bundle = match (&self.bundle, &self.key) {
            (Some(path), Some(key)) => read("bundle", bundle(path, key)),
            _ => Vec::new(),
        };
        let folder = self.folder.as_deref().map(|path| read("folder", folder(path))).unwrap_or_default();
        let mut loaded = Fingerprints::with(bundle, folder);
        for fault in &loaded.faults {
            tracing::error!("fingerprints: {fault}");
        }
        loaded.refused = loaded.refused.saturating_add(refused);
        if !loaded.taken.is_empty() {
            tracing::info!(files = loaded.taken.len(), "fingerprints: in use beside the built-in ones");
        }
        loaded
    }
}

/// The files of a bundle that the key has signed.
fn bundle(path: &Path, key: &str) -> anyhow::Result<Vec<Brought>> {
    let bytes = bounded(path, BUNDLE_MAX)?;
    let beside = signature_of(path);
    let text =
        String::from_utf8(bounded(&beside, SIGNATURE_MAX)?).map_err(|_| anyhow!("{}: no text", beside.display()))?;
    let key = public_key(key)?;
    let signature = Signature::decode(&text).map_err(|error| anyhow!("{}: {error}", beside.display()))?;
    key.verify(&bytes, &signature, false).map_err(|error| anyhow!("{}: {error}", beside.display()))?;
    let bundle: Bundle = serde_json::from_slice(&bytes)
        .map_err(|error| anyhow!("{}:{}:{}: no bundle", path.display(), error.line(), error.column()))?;
    if (bundle.format.as_str(), bundle.version) != (FORMAT, VERSION) {
        return Err(anyhow!("{}: not version {VERSION} of {FORMAT}", path.display()));
    }
    let place = |name: &str| format!("{}#{name}.toml", path.display());
    Ok(bundle.files.into_iter().map(|(name, text)| Brought { place: place(&name), name, text }).collect())
}

/// A key as minisign writes it: the bare line, or the whole file.
fn public_key(text: &str) -> anyhow::Result<PublicKey> {
    let text = text.trim();
    PublicKey::from_base64(text).or_else(|_| PublicKey::decode(text)).map_err(|error| anyhow!("the key: {error}"))
}

fn signature_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".minisig");
    name.into()
}

/// Every `.toml` in a folder, by name.
fn folder(path: &Path) -> anyhow::Result<Vec<Brought>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(path).with_context(|| path.display().to_string())? {
        let entry = entry.with_context(|| path.display().to_string())?.path();
        if entry.extension().is_some_and(|ending| ending == "toml") {
            paths.push(entry);
        }
        if paths.len() > FILES_MAX {
            return Err(anyhow!("{}: more than {FILES_MAX} data files", path.display()));
        }
    }
    paths.sort();
    paths.iter().map(|path| file(path)).collect()
}

fn file(path: &Path) -> anyhow::Result<Brought> {
    let name =
        path.file_stem().and_then(|name| name.to_str()).ok_or_else(|| anyhow!("{}: its name", path.display()))?;
    let text = String::from_utf8(bounded(path, FILE_BYTES_MAX)?)
        .map_err(|error| anyhow!("{}: no UTF-8 from byte {} on", path.display(), error.utf8_error().valid_up_to()))?;
    Ok(Brought { name: name.to_owned(), place: path.display().to_string(), text })
}

/// A file, if it is not larger than `most`.
fn bounded(path: &Path, most: usize) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = File::open(path).with_context(|| path.display().to_string())?;
    file.take(most as u64 + 1).read_to_end(&mut bytes).with_context(|| path.display().to_string())?;
    if bytes.len() > most { Err(anyhow!("{}: more than {most} bytes", path.display())) } else { Ok(bytes) }
}

pub(crate) fn command(command: &FingerprintsCommand) -> Result<(), Failure> {
    match command {
        FingerprintsCommand::Check(args) => check(args),
        FingerprintsCommand::Pack(args) => pack(args),
        FingerprintsCommand::Verify(args) => verify(args),
    }
}

/// Files and folders as one list.
fn gathered(paths: &[PathBuf]) -> Result<Vec<Brought>, Failure> {
    let mut all = Vec::new();
    for path in paths {
        let read = if path.is_dir() { folder(path) } else { file(path).map(|file| vec![file]) };
        all.extend(read.map_err(|error| Failure::Refused(format!("{error:#}")))?);
    }
    Ok(all)
}

fn say(line: &str) {
    // Nobody is left to tell if stdout is gone.
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Says what was loaded, and each fault on a line of its own.
fn judged(loaded: &Loaded, all: usize) -> Result<(), Failure> {
    for fault in &loaded.faults {
        say(&fault.to_string());
    }
    let mut silent = 0;
    let taken = |name: &str| loaded.taken.contains(&name);
    for family in loaded.fingerprints.families.iter().filter(|family| taken(family.name)) {
        for rule in loaded.fingerprints.unshown(family) {
            silent += 1;
            say(&format!("{}: no example shows the rule {rule}", family.name));
        }
    }
    let rules = loaded.fingerprints.rules().filter(|rule| taken(rule.family())).count();
    say(&format!("{} of {all} files can be used, {rules} rules", loaded.taken.len()));
    if loaded.refused + silent > 0 {
        return Err(Failure::Refused(format!("{} files refused, {silent} rules without an example", loaded.refused)));
    }
    Ok(())
}

fn check(args: &CheckFingerprints) -> Result<(), Failure> {
    let files = gathered(&args.paths)?;
    let all = files.len();
    // What stands in for built-in files is checked as a bundle would be.
    let loaded =
        if args.bundle { Fingerprints::with(files, Vec::new()) } else { Fingerprints::with(Vec::new(), files) };
    judged(&loaded, all)
}

fn pack(args: &PackFingerprints) -> Result<(), Failure> {
    let files = gathered(std::slice::from_ref(&args.folder))?;
    let all = files.len();
    judged(&Fingerprints::with(files.clone(), Vec::new()), all)?;
    let files = files.into_iter().map(|file| (file.name, file.text)).collect();
    let bundle = Bundle { format: FORMAT.to_owned(), version: VERSION, files };
    let text = serde_json::to_vec(&bundle).context("the bundle")?;
    if text.len() > BUNDLE_MAX {
        return Err(Failure::Refused(format!("{} bytes; a bundle has at most {BUNDLE_MAX}", text.len())));
    }
    fs::write(&args.output, text).with_context(|| args.output.display().to_string())?;
    let path = args.output.display();
    say(&format!("{path}: {all} files; sign it with `minisign -S -m {path}`"));
    Ok(())
}

fn verify(args: &VerifyFingerprints) -> Result<(), Failure> {
    let files = bundle(&args.bundle, &args.key).map_err(|error| Failure::Refused(format!("{error:#}")))?;
    let all = files.len();
    judged(&Fingerprints::with(files, Vec::new()), all)
}

#[cfg(test)]
mod tests;
