//! How the program ends: 0 done, 1 failed, 2 usage or an input refused.

use std::io::Write;
use std::process::ExitCode;

#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The work was understood and could not be done, or not wholly.
    #[error("{0:#}")]
    Failed(#[from] anyhow::Error),
    /// What was asked for makes no sense as written. Says where: `file:line:column: reason`.
    #[error("{0}")]
    Refused(String),
}

/// Says on stderr why, once, and gives the exit code.
pub(crate) fn code(done: Result<(), Failure>) -> ExitCode {
    let Err(failure) = done else { return ExitCode::SUCCESS };
    // Nobody is left to tell if stderr is gone too.
    let _ = writeln!(std::io::stderr(), "holter-agent: {failure}");
    match failure {
        Failure::Failed(_) => ExitCode::from(1),
        Failure::Refused(_) => ExitCode::from(2),
    }
}
