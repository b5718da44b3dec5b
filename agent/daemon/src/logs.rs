//! Logs go to stderr by `tracing`. They name places, counts and addresses of machines; never a byte of payload.

use std::sync::OnceLock;
use tracing_subscriber::EnvFilter;

/// Where a process reads its filter that is not told one.
pub(crate) const VARIABLE: &str = "HOLTER_LOG";

static WANTED: OnceLock<String> = OnceLock::new();

/// The filter of this process, for those that it starts.
pub(crate) fn wanted() -> &'static str {
    WANTED.get().map_or("warn", String::as_str)
}

/// Starts logging with a filter; one that cannot be read becomes `warn` and is said to.
pub(crate) fn begin(filter: &str) {
    WANTED.get_or_init(|| filter.to_owned());
    let (filter, unreadable) = match EnvFilter::try_new(filter) {
        Ok(filter) => (filter, None),
        Err(error) => (EnvFilter::new("warn"), Some(error)),
    };
    let started = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
    if let (Ok(()), Some(error)) = (started, unreadable) {
        tracing::warn!("--log cannot be read, logging warnings: {error}");
    }
}
