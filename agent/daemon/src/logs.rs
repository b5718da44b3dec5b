//! Logs go to stderr by `tracing`. They name places, counts and addresses of machines; never a byte of payload.

use tracing_subscriber::EnvFilter;

/// Starts logging with a filter; one that cannot be read becomes `warn` and is said to.
pub(crate) fn begin(filter: &str) {
    let (filter, unreadable) = match EnvFilter::try_new(filter) {
        Ok(filter) => (filter, None),
        Err(error) => (EnvFilter::new("warn"), Some(error)),
    };
    let started = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
    if let (Ok(()), Some(error)) = (started, unreadable) {
        tracing::warn!("--log cannot be read, logging warnings: {error}");
    }
}
