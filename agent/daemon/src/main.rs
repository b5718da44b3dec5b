//! `holter-agent`: a passive sensor for clinical networks. This file only chooses what to do and how to end.

mod cli;
mod events;
mod exit;
mod inventory;
mod json;
mod keys;
mod logs;
mod replay;
mod spool;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    logs::begin(&cli.log);
    exit::code(match &cli.command {
        cli::Command::Replay(args) => replay::run(args, &mut |_| Ok(())),
    })
}
