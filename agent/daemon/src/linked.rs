//! The sensing process of a sensor: what it is told at its start, and what it gives up before it reads a frame.

use crate::identity::Identity;
use crate::launch;
use crate::sink::Sink;
use anyhow::{Context, anyhow};
use holter_engine::Seeds;
use holter_phi::{Names, TallyKey};
use holter_terms::Zone;
use holter_wire::enrol::{SiteData, ZoneRow};
use ipnet::IpNet;
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use std::io::BufRead;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};

/// What the launcher says on standard input, one line of JSON: no command line and no environment shows keys.
#[derive(Serialize, Deserialize)]
pub(crate) struct Start {
    /// Names are hashed under this key; without it they are shown.
    names_key: Option<[u8; 32]>,
    people_key: [u8; 16],
    zones: Vec<ZoneRow>,
}

impl Start {
    pub(crate) fn of(identity: &Identity) -> Start {
        let shown = matches!(identity.site.site_data, SiteData::Show { .. });
        Start {
            names_key: (!shown).then_some(identity.site.names_key),
            people_key: identity.people_key,
            zones: identity.site.zones.clone(),
        }
    }

    pub(crate) fn seeds(&self) -> anyhow::Result<Seeds> {
        let mut hash = [0; 16];
        SystemRandom::new().fill(&mut hash).map_err(|_| anyhow!("the system has no randomness"))?;
        let names = self.names_key.map_or_else(Names::shown, Names::hashed);
        Ok(Seeds { hash, names, people: TallyKey::new(self.people_key) })
    }

    /// The site's zones. A network that cannot be read was checked by the collector and is passed over here.
    pub(crate) fn zones(&self) -> impl Iterator<Item = (IpNet, Zone)> {
        self.zones.iter().filter_map(|row| Some((row.network.parse().ok()?, row.zone)))
    }
}

pub(crate) struct Linked {
    pub(crate) start: Start,
    end: RawFd,
}

impl Linked {
    /// Takes over the pair and reads the start. To be called first of all.
    pub(crate) fn begin(link: RawFd) -> anyhow::Result<(Linked, OwnedFd)> {
        launch::die_with_launcher()?;
        let end = holter_sandbox::inherited(link).context("--link is for the launcher to give")?.into_fd();
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line)?;
        let start = serde_json::from_str(&line).map_err(|_| anyhow!("the launcher's start cannot be read"))?;
        Ok((Linked { start, end: end.as_raw_fd() }, end))
    }

    /// Raises the walls. Bytes can go to the pair, to standard output and error, and to `outputs` from here on.
    pub(crate) fn confine(&self, outputs: &[RawFd], allow_weaker: bool) -> anyhow::Result<()> {
        let mut write_to = vec![1, 2, self.end];
        write_to.extend_from_slice(outputs);
        let walls = holter_sandbox::confine(&write_to, allow_weaker)?;
        tracing::info!(user = walls.user, landlock = walls.landlock, seccomp = walls.seccomp, "sense: confined");
        Ok(())
    }
}

/// Finishes a sink that a run has left, and prefers the run's own failure.
pub(crate) fn finish<E: From<anyhow::Error>>(done: Result<(), E>, sink: &mut Sink) -> Result<(), E> {
    let finished = sink.finish();
    done?;
    Ok(finished?)
}
