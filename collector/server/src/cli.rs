mod exposure;
mod inventory;
mod reconcile;
mod slots;
#[cfg(test)]
mod tests;

use crate::api::routes::is_host;
use crate::api::types::UserRole;
use crate::api::views;
use crate::app::now;
use crate::pki::Authority;
use crate::store::audit::Chain;
use crate::store::people::{PASSWORD_MAX, PASSWORD_MIN, hash_password};
use crate::store::{Store, TENANT};
use crate::table::{Format, print};
use crate::tokens::{Grant, make};
use clap::{Args, Parser, Subcommand, ValueEnum};
use holter_core::Estate;
use holter_wire::enrol::{SiteData, ZoneRow};
use std::io::{BufRead, IsTerminal, Write};
use std::net::SocketAddr;
use std::path::PathBuf;

pub(crate) use reconcile::bytes;

/// Input that was refused: exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Refused(pub(crate) String);

#[derive(Debug, Parser)]
#[command(name = "holter-collector", version, about = "Receives what sensors say, keeps it, and shows it to people.")]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Args)]
pub(crate) struct Data {
    /// Folder of the database, the keys and the certificates; made with mode 0700 if it is not there.
    #[arg(long = "data", value_name = "DIR", env = "HOLTER_DATA")]
    pub(crate) dir: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    pub(crate) data: Data,
    /// Where sensors deliver and enrol (QUIC, UDP).
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8444")]
    pub(crate) listen_quic: SocketAddr,
    /// Where people and programs ask (HTTPS, TCP).
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8443")]
    pub(crate) listen_https: SocketAddr,
    /// A name or address by which this collector is reached; may be repeated. Stands in its certificate, and the first
    /// one in new enrolment tokens.
    #[arg(long, value_name = "HOST")]
    pub(crate) name: Vec<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the collector until it is told to stop (SIGTERM, Ctrl-C).
    Serve(Serve),
    /// Enrolment tokens for sensors.
    #[command(subcommand)]
    Token(TokenCommand),
    /// People who may log in.
    #[command(subcommand)]
    User(UserCommand),
    /// Sensors: state, version, loss, and a sentence on what they see.
    Sensors(List),
    /// Devices that a filter leaves, now or as they were; what a list says against it; when a device is used least.
    Inventory(inventory::Inventory),
    /// Findings that a filter leaves.
    Findings(Filtered),
    /// Advisories and the catalogue of known exploited vulnerabilities.
    #[command(subcommand)]
    Advisories(exposure::Advisories),
    /// Which device is affected by what, the gravest first.
    Exposure(exposure::Exposure),
    /// The audit log.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Prints the OpenAPI 3.1 document of the API.
    Openapi,
}

#[derive(Debug, Subcommand)]
enum TokenCommand {
    /// Makes a token and prints it once. It can be used by one sensor, once.
    Create(TokenCreate),
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum SiteDataWord {
    Show,
    Hash,
}

#[derive(Debug, Args)]
struct TokenCreate {
    #[command(flatten)]
    data: Data,
    /// Name of the sensor, 1 to 64 characters.
    #[arg(long, default_value = "sensor")]
    name: String,
    /// Whether names of machines (hosts, AE titles, serials) are shown or hashed. `show` needs --why.
    #[arg(long, value_enum, default_value = "hash")]
    site_data: SiteDataWord,
    /// Why names of machines are shown.
    #[arg(long)]
    why: Option<String>,
    /// How long the token is valid: 1h to 24h.
    #[arg(long, default_value = "24h", value_name = "HOURS")]
    valid: String,
    /// Address at which the sensor reaches this collector.
    #[arg(long, default_value = "127.0.0.1:8444", value_name = "HOST:PORT")]
    host: String,
    /// A network and its zone (clinical, corporate, external), such as 10.20.0.0/24=clinical; may be repeated.
    #[arg(long, value_name = "CIDR=ZONE")]
    zone: Vec<String>,
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Adds a person. Without --password-stdin the password is generated and printed once.
    Add(UserAdd),
}

#[derive(Debug, Args)]
struct UserAdd {
    /// 1 to 64 letters, digits, dots, hyphens.
    name: String,
    #[command(flatten)]
    data: Data,
    #[arg(long, value_enum)]
    role: UserRole,
    /// Reads the password, 12 to 256 bytes, from the first line of standard input.
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Checks the chain; names the first row that does not fit and exits 1.
    Verify(Data),
}

#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    data: Data,
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

#[derive(Debug, Args)]
struct Filtered {
    #[command(flatten)]
    list: List,
    /// The filter, as in the console: `class:imaging -maker:velmora address:10.20.0.0/24`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    query: Vec<String>,
}

pub(crate) async fn run(cli: Cli) -> anyhow::Result<()> {
    match cli.command {
        Command::Serve(options) => crate::serve::serve(options).await,
        Command::Token(TokenCommand::Create(options)) => token(options).await,
        Command::User(UserCommand::Add(options)) => user(options).await,
        Command::Sensors(list) => sensors(list).await,
        Command::Inventory(options) => inventory::run(options, &mut std::io::BufWriter::new(std::io::stdout())).await,
        Command::Findings(list) => findings(list).await,
        Command::Advisories(command) => exposure::advisories(command).await,
        Command::Exposure(options) => exposure::exposure(options).await,
        Command::Audit(AuditCommand::Verify(data)) => audit(data).await,
        Command::Openapi => out(&crate::api::document()),
    }
}

fn out(text: &str) -> anyhow::Result<()> {
    Ok(std::io::stdout().write_all(text.as_bytes())?)
}

fn refuse<T>(why: impl Into<String>) -> anyhow::Result<T> {
    Err(Refused(why.into()).into())
}

async fn token(options: TokenCreate) -> anyhow::Result<()> {
    let hours = options
        .valid
        .strip_suffix('h')
        .and_then(|hours| hours.parse::<u8>().ok())
        .filter(|hours| (1..=24).contains(hours));
    let Some(hours) = hours else { return refuse("--valid: write 1h to 24h") };
    if !is_host(&options.host) {
        return refuse("--host: write HOST:PORT");
    }
    if options.name.is_empty() || options.name.chars().count() > 64 || options.name.chars().any(char::is_control) {
        return refuse("--name: 1 to 64 characters");
    }
    let mut zones = Vec::new();
    for zone in &options.zone {
        let read = zone.split_once('=').and_then(|(network, zone)| {
            let network: ipnet::IpNet = network.parse().ok()?;
            Some(ZoneRow { network: network.trunc().to_string(), zone: holter_terms::Zone::parse(zone)? })
        });
        match read {
            Some(row) => zones.push(row),
            None => return refuse("--zone: write CIDR=clinical, CIDR=corporate or CIDR=external"),
        }
    }
    let site_data = match (options.site_data, options.why) {
        (SiteDataWord::Hash, _) => SiteData::Hash,
        (SiteDataWord::Show, Some(why)) if !why.trim().is_empty() => {
            SiteData::Show { who: "command line".to_owned(), when: crate::api::types::Utc(now()).to_string(), why }
        }
        (SiteDataWord::Show, _) => SiteData::Show {
            who: "command line".to_owned(),
            when: crate::api::types::Utc(now()).to_string(),
            why: "no reason was given".to_owned(),
        },
    };
    let store = Store::open(&options.data.dir).await?;
    let authority = Authority::open(&options.data.dir)?;
    let grant = Grant { tenant: TENANT.to_owned(), name: options.name, host: options.host, hours, site_data, zones };
    let (token, ends) = make(&store, &authority, &grant).await?;
    store.audit(now(), TENANT, "command line", "create_enrolment_token", &grant.name).await?;
    out(&format!("{token}\n"))?;
    let _ = writeln!(std::io::stderr(), "valid until {}; it works once", crate::api::types::Utc(ends));
    Ok(())
}

async fn user(options: UserAdd) -> anyhow::Result<()> {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_');
    if options.name.is_empty() || options.name.len() > 64 || !options.name.chars().all(fits) {
        return refuse("NAME: 1 to 64 letters, digits, dots and hyphens");
    }
    let (password, generated) = if options.password_stdin {
        if std::io::stdin().is_terminal() {
            let _ = write!(std::io::stderr(), "password (shown while typed): ");
        }
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line)?;
        (line.trim_end_matches(['\r', '\n']).to_owned(), false)
    } else {
        (crate::random::hex::<12>(), true)
    };
    if !(PASSWORD_MIN..=PASSWORD_MAX).contains(&password.len()) {
        return refuse("the password must have 12 to 256 bytes");
    }
    let store = Store::open(&options.data.dir).await?;
    let phc = hash_password(&password)?;
    match store.add_person(&options.name, TENANT, options.role, &phc, now()).await {
        Ok(()) => {}
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => {
            return refuse("NAME: there is such a person already");
        }
        Err(error) => return Err(error.into()),
    }
    store.audit(now(), TENANT, "command line", "add user", &options.name).await?;
    if generated { out(&format!("{password}\n")) } else { Ok(()) }
}

async fn estate(store: &Store) -> anyhow::Result<Estate> {
    Ok(store.estates().await?.remove(TENANT).unwrap_or_default())
}

async fn sensors(list: List) -> anyhow::Result<()> {
    let store = Store::open(&list.data.dir).await?;
    let estate = estate(&store).await?;
    let rows: Vec<_> = store
        .enrolments()
        .await?
        .iter()
        .map(|who| views::sensor_row(&estate, who, Default::default(), now()))
        .collect();
    store.audit(now(), TENANT, "command line", "sensors", "").await?;
    out(&print(
        list.format,
        &rows,
        &[
            "id",
            "name",
            "site",
            "state",
            "version",
            "last_heard",
            "lag_seconds",
            "frames_per_second",
            "dropped_frames",
            "devices",
            "verdict",
        ],
    )?)
}

fn explain(query: &crate::api::types::QueryAccount) {
    for term in query.terms.iter().filter(|term| term.wrong.is_some()) {
        let near = term.nearest.as_ref().map(|near| format!(" Nearest: {near}.")).unwrap_or_default();
        let _ = writeln!(
            std::io::stderr(),
            "{}: {}{near} The other terms apply.",
            term.text,
            term.wrong.as_deref().unwrap_or_default()
        );
    }
}

async fn findings(options: Filtered) -> anyhow::Result<()> {
    let store = Store::open(&options.list.data.dir).await?;
    let found = views::finding_list(&estate(&store).await?, &options.query.join(" "), None, 0, usize::MAX, now());
    store.audit(now(), TENANT, "command line", "findings", "").await?;
    explain(&found.query);
    out(&print(
        options.list.format,
        &found.items,
        &["id", "severity", "state", "title", "detection", "first_seen", "last_seen", "partly_blind"],
    )?)
}

async fn audit(data: Data) -> anyhow::Result<()> {
    let store = Store::open(&data.dir).await?;
    match store.verify_audit().await? {
        Chain::Whole { rows, head } => out(&format!("The chain is whole: {rows} rows, head {head}.\n")),
        Chain::Broken { seq, why } => anyhow::bail!("the chain is broken at row {seq}: {why}"),
    }
}
