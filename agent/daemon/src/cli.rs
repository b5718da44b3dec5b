//! The commands of `holter-agent` and what `--help` says of them.

use clap::{Args, Parser, Subcommand, ValueEnum};
use holter_terms::Zone;
use ipnet::IpNet;
use std::path::PathBuf;

/// A passive sensor for clinical networks: it listens on a mirror port, names the devices it hears, and tells its
/// collector. It never sends a frame on the network it watches.
#[derive(Debug, Parser)]
#[command(name = "holter-agent", version, max_term_width = 110, after_long_help = EXIT_CODES)]
pub(crate) struct Cli {
    /// What to log to stderr: error, warn, info, debug or trace, or a filter such as `warn,holter_engine=debug`.
    #[arg(long, global = true, value_name = "FILTER", env = "HOLTER_LOG", default_value = "warn")]
    pub(crate) log: String,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Read captures (pcap, pcapng) with the whole engine and say what was in them. Needs no collector and no rights.
    ///
    /// Prints an account of devices, services, findings and of what could not be seen. The same captures with the same
    /// --seed give the same bytes in every file and record.
    Replay(Replay),
    /// Give this sensor its identity: `holter-agent enroll HLT1-collector.example:4433-...`.
    ///
    /// The token comes from `holter-collector token create` and is good once. The key is made here and stays here.
    Enroll(Enroll),
    /// Listen on a mirror port and tell the collector, until told to end (Ctrl-C, SIGTERM).
    ///
    /// Needs root, or CAP_NET_RAW, to open the port; gives up all rights before the first frame is read.
    Run(Run),
    /// Is this machine ready, and is this port the mirror it should be? Listens for a while and says what to ask for.
    Doctor(Doctor),
    /// The records that wait for the collector.
    #[command(subcommand)]
    Spool(SpoolCommand),
    /// Fingerprints that are not built in: a site's own, and newer ones in a signed bundle.
    #[command(subcommand)]
    Fingerprints(FingerprintsCommand),
    #[command(hide = true)]
    Forward(Forward),
    #[command(hide = true)]
    Sense(SenseArgs),
}

/// Where the state is, unless told otherwise.
pub(crate) const STATE: &str = "/var/lib/holter-agent";

#[derive(Debug, Args)]
pub(crate) struct Enroll {
    /// The token, or `-` to read it from stdin.
    #[arg(value_name = "TOKEN")]
    pub(crate) token: String,
    /// Where the key and what the collector says are kept; readable by its owner only.
    #[arg(long, value_name = "DIR", default_value = STATE)]
    pub(crate) state: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// The port that the mirror arrives on.
    #[arg(long, value_name = "NAME")]
    pub(crate) interface: String,
    #[command(flatten)]
    pub(crate) capture: CaptureArgs,
    #[command(flatten)]
    pub(crate) delivery: Delivery,
    /// How long what is seen counts as usual before novelty becomes a finding, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 86_400)]
    pub(crate) learn: u32,
    /// Write every decoded event to FILE, one line of JSON each. For a test of the sensor: it grows without end.
    #[arg(long, value_name = "FILE")]
    pub(crate) events: Option<PathBuf>,
    /// Write EVE-shaped lines of JSON to FILE, as `replay --eve` does. Names leave as the site chose for its collector.
    /// The file grows without end, and cannot be replaced while the sensor runs.
    #[arg(long, value_name = "FILE")]
    pub(crate) eve: Option<PathBuf>,
    /// A TOML file as for `replay --config`; its zones come before those of the collector. Read once, at the start.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Start although this kernel lacks Landlock or seccomp.
    #[arg(long)]
    pub(crate) allow_weaker_sandbox: bool,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct CaptureArgs {
    /// Only frames that this filter lets through (pcap-filter(7)).
    #[arg(long, value_name = "EXPRESSION")]
    pub(crate) filter: Option<String>,
    /// The kernel's buffer, in MiB, 1 to 2047.
    #[arg(long, value_name = "MIB", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=2047))]
    pub(crate) ring_mb: u32,
    /// Bytes kept of each frame, 64 to 262144.
    #[arg(long, value_name = "BYTES", default_value_t = 65_535, value_parser = clap::value_parser!(u32).range(64..=262_144))]
    pub(crate) snaplen: u32,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Delivery {
    /// The state folder that `enroll` made.
    #[arg(long, value_name = "DIR", default_value = STATE)]
    pub(crate) state: PathBuf,
    /// The most that may wait on disk for the collector, in MiB.
    #[arg(long, value_name = "MIB", default_value_t = 1024, value_parser = clap::value_parser!(u64).range(8..=1_048_576))]
    pub(crate) spool_mb: u64,
    /// Serve Prometheus metrics of delivery at this address, such as 127.0.0.1:9464.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) metrics: Option<std::net::SocketAddr>,
}

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// The port that the mirror arrives on; without it, every port of the machine is listed.
    #[arg(long, value_name = "NAME")]
    pub(crate) interface: Option<String>,
    /// How long to listen, in seconds, 1 to 3600.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub(crate) seconds: u32,
    /// The state folder that `enroll` made.
    #[arg(long, value_name = "DIR", default_value = STATE)]
    pub(crate) state: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SpoolCommand {
    /// What waits, by boot and lane.
    Ls(SpoolArgs),
    /// Read every record back; exit code 1 if one cannot be.
    Verify(SpoolArgs),
}

#[derive(Debug, Args)]
pub(crate) struct SpoolArgs {
    /// The state folder that `enroll` made.
    #[arg(long, value_name = "DIR", default_value = STATE)]
    pub(crate) state: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(crate) enum FingerprintsCommand {
    /// Read data files, try their examples, and say file:line:column of what is wrong; exit code 2 if anything is.
    Check(CheckFingerprints),
    /// Make one bundle of a folder of data files. Sign it with `minisign -S -m FILE`; the signature goes beside it.
    Pack(PackFingerprints),
    /// Did this key sign that bundle, and can all of it be used?
    Verify(VerifyFingerprints),
}

#[derive(Debug, Args)]
pub(crate) struct CheckFingerprints {
    /// Data files, and folders of them.
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Let them take the place of built-in files of their name, as those of a bundle do.
    #[arg(long)]
    pub(crate) bundle: bool,
}

#[derive(Debug, Args)]
pub(crate) struct PackFingerprints {
    /// The folder of data files.
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// Where the bundle goes.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyFingerprints {
    /// The bundle; its signature is FILE.minisig.
    #[arg(value_name = "FILE")]
    pub(crate) bundle: PathBuf,
    /// The public key: the second line of minisign.pub.
    #[arg(long, value_name = "KEY")]
    pub(crate) key: String,
}

#[derive(Debug, Args)]
pub(crate) struct Forward {
    #[command(flatten)]
    pub(crate) delivery: Delivery,
    #[arg(long)]
    pub(crate) drain: bool,
    #[arg(long)]
    pub(crate) collector: Option<String>,
    #[arg(long)]
    pub(crate) link: i32,
}

#[derive(Debug, Args)]
pub(crate) struct SenseArgs {
    #[arg(long)]
    pub(crate) interface: String,
    #[command(flatten)]
    pub(crate) capture: CaptureArgs,
    #[arg(long)]
    pub(crate) learn: u32,
    #[arg(long)]
    pub(crate) events: Option<PathBuf>,
    #[arg(long)]
    pub(crate) eve: Option<PathBuf>,
    #[arg(long)]
    pub(crate) config: Option<PathBuf>,
    #[arg(long)]
    pub(crate) allow_weaker_sandbox: bool,
    #[arg(long)]
    pub(crate) link: i32,
}

#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// Captures to read, one after the other as one stretch of time; `-` is stdin.
    #[arg(required = true, value_name = "CAPTURE")]
    pub(crate) captures: Vec<PathBuf>,

    /// Packet time per wall time: `1` as it was recorded, `60` a minute in a second, `max` without waiting.
    #[arg(long, value_name = "N|max", default_value = "max", value_parser = speed)]
    pub(crate) speed: Speed,

    /// Move packet time so that the first capture begins now. A demonstration then stands in today's views.
    #[arg(long)]
    pub(crate) as_if_now: bool,

    /// Fixes the keys under which names are hashed and people counted: 2 to 64 hexadecimal digits. Without it they are
    /// drawn at random, and hashed names differ from run to run.
    #[arg(long, value_name = "HEX", value_parser = seed)]
    pub(crate) seed: Option<Seed>,

    /// Whether to follow TCP conversations whose beginning is not in the capture.
    #[arg(long, value_name = "on|off", default_value = "on")]
    pub(crate) midstream: Switch,

    /// Print no account.
    #[arg(long)]
    pub(crate) quiet: bool,

    /// Write every decoded event to FILE, one line of JSON each; `-` is stdout, and then no account is printed.
    #[arg(long, value_name = "FILE")]
    pub(crate) events: Option<PathBuf>,

    /// Write EVE-shaped lines of JSON to FILE, with the names that users of Suricata know: flow, dns, dhcp, anomaly and
    /// so on, and our own beside them; `-` is stdout, and then no account is printed.
    #[arg(long, value_name = "FILE")]
    pub(crate) eve: Option<PathBuf>,

    /// Write the devices to FILE as a JSON array; `-` is stdout, and then no account is printed.
    #[arg(long, value_name = "FILE")]
    pub(crate) inventory: Option<PathBuf>,

    /// Write the counters to FILE as JSON; `-` is stdout, and then no account is printed.
    #[arg(long, value_name = "FILE")]
    pub(crate) stats: Option<PathBuf>,

    /// Which zone a network belongs to, such as `clinical=10.20.0.0/24`: clinical, corporate, external or unknown. May
    /// be given several times; the most specific network decides. These come before those of --config.
    #[arg(long = "zone", value_name = "ZONE=CIDR", value_parser = zone)]
    pub(crate) zones: Vec<(Zone, IpNet)>,

    /// A TOML file with the zones of the site: `[[zones]]` with `network = "10.20.0.0/24"` and `zone = "clinical"` for
    /// each network, at most 1024. `overlap` above them, or in one of them, says what machines make of overlapping data:
    /// first, last, bsd, linux or windows. `[fingerprints]` names a `folder` of the site's own data files, and a `bundle`
    /// with the `key` that signed it.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// How long what is seen counts as usual, in seconds of packet time from the first frame on.
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u32))]
    pub(crate) learn: u32,

    /// Whether to leave out packets whose IPv4, TCP or UDP checksum is wrong. Captures of a sending machine often have
    /// wrong ones, since its network card fills them in later.
    #[arg(long, value_name = "verify|ignore", default_value = "ignore")]
    pub(crate) checksums: Checksums,

    /// Also forward what was seen to this collector, as `run` does. Needs a sensor that is enrolled (see --state); names
    /// go out as its site chose, whatever --site-data says.
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) collector: Option<String>,

    #[command(flatten)]
    pub(crate) delivery: Delivery,

    /// Forward although this kernel lacks Landlock or seccomp.
    #[arg(long)]
    pub(crate) allow_weaker_sandbox: bool,

    #[arg(long, hide = true)]
    pub(crate) link: Option<i32>,

    /// Whether names that the site gave its machines (hosts, AE titles, serials) are shown or hashed in the files and
    /// the account. Fields about patients are always `*`.
    #[arg(long, value_name = "show|hash", default_value = "hash")]
    pub(crate) site_data: SiteData,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    On,
    Off,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Checksums {
    Verify,
    Ignore,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SiteData {
    Show,
    Hash,
}

/// Packet time per wall time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Speed {
    Times(f64),
    Max,
}

/// At most 32 bytes, from which keys are derived.
#[derive(Clone)]
pub(crate) struct Seed(pub(crate) Vec<u8>);

impl std::fmt::Debug for Seed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seed(..)")
    }
}

fn speed(text: &str) -> Result<Speed, String> {
    if text == "max" {
        return Ok(Speed::Max);
    }
    match text.parse::<f64>() {
        Ok(times) if (0.001..=1_000_000.0).contains(&times) => Ok(Speed::Times(times)),
        _ => Err("give `max` or a number from 0.001 to 1000000".to_owned()),
    }
}

fn seed(text: &str) -> Result<Seed, String> {
    let is_hex = text.bytes().all(|digit| digit.is_ascii_hexdigit());
    if !is_hex || text.is_empty() || text.len() > 64 || text.len() % 2 == 1 {
        return Err("give an even number of hexadecimal digits, at most 64".to_owned());
    }
    let digits = text.as_bytes().chunks(2);
    digits
        .map(|pair| {
            let pair = std::str::from_utf8(pair).map_err(|error| error.to_string())?;
            u8::from_str_radix(pair, 16).map_err(|error| error.to_string())
        })
        .collect::<Result<_, _>>()
        .map(Seed)
}

fn zone(text: &str) -> Result<(Zone, IpNet), String> {
    let (zone, net) = text.split_once('=').ok_or("give ZONE=CIDR, such as clinical=10.20.0.0/24")?;
    let words = || Zone::ALL.iter().map(|zone| zone.as_str()).collect::<Vec<_>>().join(", ");
    let zone = Zone::parse(zone).ok_or_else(|| format!("the zone is none of {}", words()))?;
    let net = net.parse().map_err(|_| "the network is not written as ADDRESS/LENGTH, such as 10.20.0.0/24")?;
    Ok((zone, net))
}

const EXIT_CODES: &str = "Exit codes: 0 done; 1 failed, or a part of the input could not be read; 2 usage, or an input \
    refused with file:line:column.";

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_commands_are_declared_without_contradiction() {
        Cli::command().debug_assert();
    }

    #[test]
    fn values_out_of_range_are_refused_with_what_would_do() {
        for text in ["0", "-1", "fast", "NaN", "inf"] {
            assert!(speed(text).is_err(), "{text}");
        }
        assert_eq!(speed("0.5"), Ok(Speed::Times(0.5)));
        for text in ["", "0", "0g", "é0", &"00".repeat(33)] {
            assert!(seed(text).is_err(), "{text}");
        }
        assert_eq!(seed("00fF").map(|seed| seed.0), Ok(vec![0, 255]));
        for text in ["clinical", "clinic=10.0.0.0/8", "clinical=10.0.0.0/33", "clinical=ten"] {
            assert!(zone(text).is_err(), "{text}");
        }
        assert!(zone("clinical=fd20::/64").is_ok());
    }
}
