//! `advisories` and `exposure`: the files that a site gives, and what its devices are exposed to.

use super::{Data, Refused, estate, explain, out};
use crate::app::now;
use crate::exposure::files::{read_bounded, tables};
use crate::exposure::{Found, Shelfful, exceptions, fetch, ledger_of, settled, states};
use crate::store::exposure::{About, NewFile, STORED_MAX};
use crate::store::{Store, TENANT};
use crate::table::print;
use clap::{Args, Subcommand};
use holter_core::exposure::{FileError, Grounds, KEV_FILE_MAX, Library, Put, Taken};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How deep folders are looked through, and how many files are taken from them at once.
const DEPTH_MAX: usize = 8;
const FILES_MAX: usize = 50_000;
/// Characters of a file's name that are kept.
const NAME_MAX: usize = 1_000;

#[derive(Debug, Subcommand)]
pub(crate) enum Advisories {
    /// Takes CSAF 2.0 advisories and the catalogue of known exploited vulnerabilities (KEV, JSON). A file with a fault is
    /// refused with its place; the others are taken. The running collector sees them at its next answer.
    Add(Add),
    /// What is there.
    List(super::List),
    /// Reads files and says what they are, or where they are wrong. Nothing is kept.
    Check {
        /// Files, or folders with `*.json` in them.
        #[arg(required = true, value_name = "FILE|FOLDER")]
        paths: Vec<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    #[command(flatten)]
    data: Data,
    /// Files, or folders with `*.json` in them.
    #[arg(required_unless_present = "url", value_name = "FILE|FOLDER")]
    paths: Vec<PathBuf>,
    /// An address (https) from which one file is fetched, now and once; may be repeated. The roots that this machine trusts
    /// are trusted, or those of SSL_CERT_FILE; HTTPS_PROXY is used.
    #[arg(long, value_name = "URL")]
    url: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Exposure {
    #[command(flatten)]
    list: super::List,
    /// The filter, as in the console: `severity:critical exploited:yes class:therapy`.
    #[arg(long, value_name = "QUERY", default_value = "", hide_default_value = true)]
    filter: String,
    /// States with commas between them: affected, likely, unknown, not-affected. All by default.
    #[arg(long, value_name = "STATES", default_value = "", hide_default_value = true)]
    state: String,
}

pub(crate) async fn advisories(command: Advisories) -> anyhow::Result<()> {
    match command {
        Advisories::Add(options) => add(options).await,
        Advisories::List(options) => list(options).await,
        Advisories::Check { paths } => check(&paths),
    }
}

/// Files as they are given, and in folders those that end in `.json`, in order of their names.
fn files(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    fn walk(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> anyhow::Result<()> {
        let fault = |why: &str| Refused(format!("{}: {why}", folder.display()));
        if depth > DEPTH_MAX {
            return Err(fault("folders lie deeper than 8 in each other").into());
        }
        let entries = std::fs::read_dir(folder).map_err(|_| fault("cannot be read"))?;
        let mut inside: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        inside.sort();
        for path in inside {
            // A link could lead round in a circle.
            let Ok(kind) = path.symlink_metadata() else { continue };
            if kind.is_dir() {
                walk(&path, depth.saturating_add(1), found)?;
            } else if path.extension().is_some_and(|end| end.eq_ignore_ascii_case("json")) {
                if found.len() >= FILES_MAX {
                    return Err(fault("more than 50,000 files at once").into());
                }
                found.push(path);
            }
        }
        Ok(())
    }
    let mut found = Vec::new();
    for path in paths {
        if path.is_dir() {
            walk(path, 0, &mut found)?;
        } else {
            found.push(path.clone());
        }
    }
    Ok(found)
}

/// What became of the files of one command.
#[derive(Debug, Default)]
struct Tally {
    kept: u64,
    older: u64,
    refused: u64,
}

impl Tally {
    fn refuse(&mut self, why: &dyn std::fmt::Display) {
        self.refused = self.refused.saturating_add(1);
        let _ = writeln!(std::io::stderr(), "{why}");
    }

    fn close(self, verb: &str) -> anyhow::Result<()> {
        out(&format!("{} {verb}, {} older than what is there, {} refused\n", self.kept, self.older, self.refused))?;
        if self.refused > 0 {
            return Err(Refused(format!("files refused: {}", self.refused)).into());
        }
        Ok(())
    }
}

async fn add(options: Add) -> anyhow::Result<()> {
    let paths = files(&options.paths)?;
    let store = Store::open(&options.data.dir).await?;
    let mut shelf = Shelfful::new()?;
    shelf.catch_up(&store, TENANT).await?;
    let mut tally = Tally::default();
    for path in paths {
        let name = path.display().to_string();
        let content = read_bounded(&path);
        take(&store, &mut shelf.library, &name, content, &mut tally).await?;
    }
    for url in options.url {
        let address = url.clone();
        let got = tokio::task::spawn_blocking(move || {
            if !url.starts_with("https://") {
                anyhow::bail!("only https:// is fetched");
            }
            fetch::fetch(&url, &fetch::roots()?, KEV_FILE_MAX as u64)
        });
        match got.await? {
            Ok(content) => take(&store, &mut shelf.library, &address, Ok(content), &mut tally).await?,
            Err(error) => tally.refuse(&format!("{address}: {error:#}")),
        }
    }
    store.audit(now(), TENANT, "command line", "advisories add", &format!("{} files", tally.kept)).await?;
    tally.close("kept")
}

async fn take(
    store: &Store,
    library: &mut Library,
    name: &str,
    content: Result<Vec<u8>, FileError>,
    tally: &mut Tally,
) -> anyhow::Result<()> {
    let taken = content.and_then(|content| Ok((library.take(name, &content)?, content)));
    let (taken, content) = match taken {
        Ok(taken) => taken,
        Err(error) => {
            tally.refuse(&error);
            return Ok(());
        }
    };
    match taken {
        Taken::Advisory(_, Put::Older) => {
            tally.older = tally.older.saturating_add(1);
            return Ok(());
        }
        Taken::Advisory(_, Put::Refused) => {
            tally.refuse(&format!("{name}: there is no room for more advisories"));
            return Ok(());
        }
        Taken::Advisory(..) | Taken::Catalogue(_) => {}
    }
    let name: String = name.chars().take(NAME_MAX).collect();
    let file =
        NewFile { about: About::of(&taken), name: &name, content: &content, received: now(), who: "command line" };
    if store.keep_file(TENANT, &file, STORED_MAX).await? {
        tally.kept = tally.kept.saturating_add(1);
    } else {
        tally.refuse(&format!("{name}: the files would take more than 2 GiB"));
    }
    Ok(())
}

fn check(paths: &[PathBuf]) -> anyhow::Result<()> {
    let mut tally = Tally::default();
    for path in files(paths)? {
        let mut library = Library::new()?;
        let name = path.display().to_string();
        let taken = read_bounded(&path).and_then(|content| library.take(&name, &content));
        match taken {
            Ok(Taken::Advisory(id, _)) => {
                let (products, vulnerabilities) =
                    library.shelf.by_id(&id).map_or((0, 0), |one| (one.products.len(), one.vulnerabilities.len()));
                let id: String = id.chars().filter(|letter| !letter.is_control()).collect();
                out(&format!("{name}: advisory {id}, products: {products}, vulnerabilities: {vulnerabilities}\n"))?;
                tally.kept = tally.kept.saturating_add(1);
            }
            Ok(Taken::Catalogue(entries)) => {
                out(&format!("{name}: catalogue of exploited vulnerabilities, entries: {entries}\n"))?;
                tally.kept = tally.kept.saturating_add(1);
            }
            Err(error) => tally.refuse(&error),
        }
    }
    tally.close("read")
}

async fn list(options: super::List) -> anyhow::Result<()> {
    let store = Store::open(&options.data.dir).await?;
    let mut shelf = Shelfful::new()?;
    shelf.catch_up(&store, TENANT).await?;
    let files = store.files(TENANT).await?;
    let row = |file: &crate::store::exposure::Filed| {
        let advisory = shelf.library.shelf.by_id(file.about.subject());
        serde_json::json!({
            "kind": file.about.kind(),
            "id": file.about.subject(),
            "title": advisory.map(|one| one.title.as_str()),
            "released": match advisory {
                Some(one) => &one.released,
                None => &shelf.library.kev.released,
            },
            "received": crate::api::types::Utc(file.received).to_string(),
            "first_received": crate::api::types::Utc(file.first).to_string(),
            "who": file.who,
            "bytes": file.bytes,
            "file": file.name,
            "sha256": crate::random::to_hex(&file.sha256),
        })
    };
    let rows: Vec<_> = files.iter().map(row).collect();
    store.audit(now(), TENANT, "command line", "advisories list", "").await?;
    out(&print(options.format, &rows, &["kind", "id", "title", "released", "received", "who", "bytes", "file"])?)
}

pub(crate) async fn exposure(options: Exposure) -> anyhow::Result<()> {
    let Some(only) = states(&options.state) else {
        return Err(Refused("--state: write affected, likely, unknown, not-affected".to_owned()).into());
    };
    let data = &options.list.data.dir;
    let store = Store::open(data).await?;
    let tables = tables(data)?;
    let mut shelf = Shelfful::new()?;
    shelf.catch_up(&store, TENANT).await?;
    let exceptions = exceptions(&store).await?.remove(TENANT).unwrap_or_default();
    let (at, estate) = (now(), estate(&store).await?);
    let exceptions = settled(&exceptions, &estate);
    let grounds = Grounds {
        library: &shelf.library,
        received: &shelf.received,
        exceptions: &exceptions,
        tables: &tables,
        now: at,
    };
    let ledger = Arc::new(ledger_of(grounds, &estate, &store.zones(TENANT).await?));
    let found = Found { ledger, shelf: Arc::new(shelf) };
    let list = crate::api::views::exposure_list(&found, &options.filter, &only, 0, usize::MAX, at);
    store.audit(now(), TENANT, "command line", "exposure", "").await?;
    explain(&list.query);
    if list.left_out > 0 {
        let _ = writeln!(std::io::stderr(), "{} items found no room in the list", list.left_out);
    }
    out(&print(
        options.list.format,
        &list.items,
        &[
            "state",
            "device_name",
            "device_class",
            "vulnerability",
            "score",
            "exploited",
            "advisory",
            "due",
            "accepted_until",
            "why",
        ],
    )?)
}
