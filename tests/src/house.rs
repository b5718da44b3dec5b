//! A collector and an enrolled sensor on loopback, for tests that need both.

use crate::programs::{Background, Done, binary, run, wait_for};
use crate::truth::{Acts, text};
use anyhow::{Context, Result, ensure};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(60);

pub struct House {
    pub folder: tempfile::TempDir,
    pub collector: Background,
    pub quic: u16,
    pub https: u16,
}

fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

impl House {
    /// A collector that runs, at log level `log`.
    pub fn open(log: &str) -> Result<House> {
        let folder = tempfile::tempdir()?;
        let (quic, https) = (free_port()?, free_port()?);
        let mut command = Command::new(binary("holter-collector"));
        command.env("HOLTER_LOG", log).arg("serve").arg("--data").arg(folder.path().join("collector"));
        command.args(["--listen-quic", &format!("127.0.0.1:{quic}"), "--listen-https", &format!("127.0.0.1:{https}")]);
        let collector = Background::start(&mut command, folder.path(), "collector")?;
        let house = House { folder, collector, quic, https };
        wait_for("the collector to say where sensors deliver", LIMIT, || {
            house.collector.said().contains("sensors").then_some(())
        })?;
        Ok(house)
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("collector")
    }

    pub fn state(&self) -> PathBuf {
        self.folder.path().join("sensor")
    }

    fn command(&self, arguments: &[&str]) -> Result<String> {
        let mut command = Command::new(binary("holter-collector"));
        command.args(arguments).arg("--data").arg(self.data());
        Ok(run(&mut command, LIMIT)?.ok()?.stdout())
    }

    /// A person who may do everything; the password is the answer.
    pub fn person(&self, name: &str) -> Result<String> {
        self.person_as(name, "admin")
    }

    /// A person of a role; the password is the answer.
    pub fn person_as(&self, name: &str, role: &str) -> Result<String> {
        let said = self.command(&["user", "add", name, "--role", role])?;
        said.split_whitespace().last().map(str::to_owned).context("a password")
    }

    /// Gives the collector files about vulnerabilities.
    pub fn advisories(&self, folder: &Path) -> Result<String> {
        self.command(&["advisories", "add", folder.to_str().context("a path")?])
    }

    pub fn token(&self, more: &[&str]) -> Result<String> {
        let host = format!("127.0.0.1:{}", self.quic);
        let mut arguments = vec!["token", "create", "--name", "Mirror-A", "--host", &host];
        arguments.extend_from_slice(more);
        let said = self.command(&arguments)?;
        said.split_whitespace().find(|word| word.starts_with("HLT1-")).map(str::to_owned).context("a token")
    }

    pub fn enrol(&self, token: &str) -> Result<Done> {
        let mut command = Command::new(binary("holter-agent"));
        command.args(["enroll", token, "--state"]).arg(self.state());
        run(&mut command, LIMIT)
    }

    /// A sensor of a site that shows names, with the zones of the lab.
    pub fn enrol_shown(&self) -> Result<()> {
        let zones = ["--zone", "10.20.0.0/24=clinical", "--zone", "10.30.0.0/24=corporate"];
        let token = self.token(&[&["--site-data", "show", "--why", "test"], &zones[..]].concat())?;
        self.enrol(&token)?.ok().map(drop)
    }

    /// The enrolled sensor listens on a port.
    pub fn listen(&self, port: &str, events: &Path) -> Result<Background> {
        let mut command = Command::new(binary("holter-agent"));
        command.args(["run", "--learn", "45", "--interface", port, "--state"]).arg(self.state());
        command.arg("--events").arg(events);
        Background::start(&mut command, self.folder.path(), "sensor")
    }

    /// Replays captures through both processes of the sensor until the collector has all of it.
    pub fn replay(&self, captures: &[&Path], more: &[&str]) -> Result<Done> {
        let mut command = Command::new(binary("holter-agent"));
        command.args(["--log", "trace", "replay", "--learn", "45", "--collector", &format!("127.0.0.1:{}", self.quic)]);
        command.arg("--state").arg(self.state()).args(more).args(captures);
        run(&mut command, LIMIT * 3)
    }
}

/// A person who is logged in, asking with curl.
pub struct Caller {
    jar: PathBuf,
    base: String,
}

impl House {
    pub fn log_in(&self, name: &str, password: &str) -> Result<Caller> {
        let caller = Caller {
            jar: self.folder.path().join(format!("cookies-{name}")),
            base: format!("https://127.0.0.1:{}", self.https),
        };
        caller.ask("/api/v1/login", Some(&format!(r#"{{"user":"{name}","password":"{password}"}}"#)))?;
        Ok(caller)
    }
}

impl Caller {
    /// What the collector says to a request: a POST where there is a body.
    pub fn ask(&self, path: &str, body: Option<&str>) -> Result<Vec<u8>> {
        let mut curl = Command::new("curl");
        curl.args(["-skf", "-b"]).arg(&self.jar).arg("-c").arg(&self.jar).arg(format!("{}{path}", self.base));
        if let Some(body) = body {
            curl.args(["-H", "Content-Type: application/json", "-d", body]);
        }
        let done = curl.output()?;
        ensure!(done.status.success(), "{path}: {}", done.status);
        Ok(done.stdout)
    }

    pub fn get(&self, path: &str) -> Result<serde_json::Value> {
        Ok(serde_json::from_slice(&self.ask(path, None)?)?)
    }

    /// How often each act happened, as the pages of all devices add up.
    pub fn acts(&self) -> Result<Acts> {
        let mut seen = BTreeMap::new();
        for row in self.get("/api/v1/devices?limit=500")?["items"].as_array().context("items")? {
            let id = row["id"].as_str().context("an id")?;
            let device = self.get(&format!("/api/v1/devices/{id}"))?;
            for peer in
                device["peer_rows"].as_array().context("peer_rows")?.iter().filter(|peer| peer["side"] == "client")
            {
                for verb in peer["verbs"].as_array().context("verbs")? {
                    // Each service of a peer shows all that was done with it.
                    let what = (id.to_owned(), text(&peer["id"]), text(&verb["verb"]));
                    seen.insert(what, verb["count"].as_u64().context("a count")?);
                }
            }
        }
        let mut acts = Acts::new();
        for ((_, _, verb), count) in seen {
            *acts.entry(verb).or_default() += count;
        }
        Ok(acts)
    }
}
