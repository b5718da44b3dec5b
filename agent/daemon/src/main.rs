//! `holter-agent`: a passive sensor for clinical networks. This file only chooses what to do and how to end.

mod cli;
mod exit;
mod logs;
mod spool;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    logs::begin(&cli.log);
    let done: Result<(), exit::Failure> = match cli.command {};
    exit::code(done)
}
