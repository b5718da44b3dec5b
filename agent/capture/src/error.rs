/// Why a capture could not be read, or not further. Says where, never what stood there.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// Not a capture, or one of a kind that is not read.
    #[error("not a pcap or pcapng capture: {0}")]
    NotACapture(&'static str),
    /// The bytes from `offset` on break the format. Frames before were given.
    #[error("damaged at byte {offset}: {what}")]
    Damaged { offset: u64, what: &'static str },
    #[error("cannot read at byte {offset}: {source}")]
    Read { offset: u64, source: std::io::Error },
    #[error("cannot open: {0}")]
    Open(std::io::Error),
    /// A live port that cannot be opened or has gone.
    #[error("interface {interface}: {reason}")]
    Live { interface: String, reason: String },
    #[error("capture filter `{filter}`: {reason}")]
    Filter { filter: String, reason: String },
}
