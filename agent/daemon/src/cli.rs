//! The commands of `holter-agent` and what `--help` says of them.

use clap::{Parser, Subcommand};

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
pub(crate) enum Command {}

const EXIT_CODES: &str = "Exit codes: 0 done; 1 failed, or a part of the input could not be read; 2 usage, or an input \
    refused with file:line:column.";
