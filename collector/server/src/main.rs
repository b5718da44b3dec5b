//! `holter-collector`: receives what sensors say, keeps it, and shows it to people.

mod api;
mod app;
mod cli;
mod exporting;
mod exposure;
mod http;
mod link;
mod metrics;
mod netbox;
mod pki;
mod random;
mod serve;
mod store;
mod table;
#[cfg(test)]
mod tests;
mod tokens;
mod writer;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_env("HOLTER_LOG").unwrap_or_else(|_| "info".into()))
        .with_writer(std::io::stderr)
        .with_target(false)
        .init();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!(%error, "the runtime cannot start");
            return ExitCode::from(1);
        }
    };
    match runtime.block_on(cli::run(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            use std::io::Write;
            let _ = writeln!(std::io::stderr(), "holter-collector: {error:#}");
            ExitCode::from(if error.downcast_ref::<cli::Refused>().is_some() { 2 } else { 1 })
        }
    }
}
