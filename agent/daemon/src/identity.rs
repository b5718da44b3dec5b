//! Who this sensor is: what enrolment left in the state folder. The key is made here and readable by its owner only.

use anyhow::{Context, bail};
use holter_terms::SensorId;
use holter_wire::enrol::SiteConfig;
use serde::{Deserialize, Serialize};
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

const FILE: &str = "identity.json";

#[derive(Serialize, Deserialize)]
pub(crate) struct Identity {
    /// `host:port`, from the token.
    pub(crate) collector: String,
    pub(crate) sensor: SensorId,
    /// PKCS #8, DER.
    pub(crate) key: Vec<u8>,
    pub(crate) certificate: Vec<u8>,
    pub(crate) authority: Vec<u8>,
    pub(crate) site: SiteConfig,
    /// Counts people. Drawn on this sensor at enrolment; the collector never has it.
    pub(crate) people_key: [u8; 16],
}

impl Identity {
    pub(crate) fn load(state: &Path) -> anyhow::Result<Identity> {
        let path = state.join(FILE);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                bail!("{}: this sensor is not enrolled; run `holter-agent enroll TOKEN` first", state.display())
            }
            Err(error) => return Err(error).with_context(|| format!("{}: cannot be read", path.display())),
        };
        serde_json::from_slice(&bytes).map_err(|error| {
            // The position only: the file holds the key.
            anyhow::anyhow!("{}:{}:{}: damaged; enrol again", path.display(), error.line(), error.column())
        })
    }

    /// Whole or not at all, whatever happens on the way.
    pub(crate) fn save(&self, state: &Path) -> anyhow::Result<()> {
        write_private(state, FILE, &serde_json::to_vec_pretty(self)?)
    }
}

pub(crate) fn write_private(folder: &Path, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
    let write = || -> std::io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let temporary = folder.join(format!("{name}.tmp"));
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, folder.join(name))?;
        fs::File::open(folder)?.sync_all()
    };
    write().with_context(|| format!("{}: cannot be written", folder.join(name).display()))
}
