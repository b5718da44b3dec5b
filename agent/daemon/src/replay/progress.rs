//! How far a long replay has come, on a terminal only.

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::time::Duration;

/// A bar is drawn after this time, and then this often.
const EVERY: Duration = Duration::from_millis(200);

const WIDTH: usize = 30;

pub(crate) struct Progress {
    name: String,
    size: u64,
    drawn: Duration,
    calls: u32,
    visible: bool,
    shown: bool,
}

impl Progress {
    pub(crate) fn new(path: &Path) -> Self {
        let size = std::fs::metadata(path).ok().filter(|metadata| metadata.is_file()).map_or(0, |file| file.len());
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let visible = size > 0 && std::io::stderr().is_terminal();
        Progress { name, size, drawn: now(), calls: 0, visible, shown: false }
    }

    /// So many bytes of the file are done.
    pub(crate) fn at(&mut self, done: u64) {
        // Asking for the time with each frame would cost more than the frame.
        self.calls = self.calls.wrapping_add(1);
        if !self.visible || !self.calls.is_multiple_of(1024) || now().saturating_sub(self.drawn) < EVERY {
            return;
        }
        self.drawn = now();
        self.shown = true;
        let _ = write!(std::io::stderr(), "\r{}", bar(&self.name, done, self.size));
    }

    pub(crate) fn clear(&mut self) {
        if std::mem::take(&mut self.shown) {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}

fn now() -> Duration {
    Duration::from_nanos(crate::mono())
}

fn bar(name: &str, done: u64, size: u64) -> String {
    let percent = done.saturating_mul(100).checked_div(size).unwrap_or(0).min(100);
    let full = usize::try_from(percent).unwrap_or(0) * WIDTH / 100;
    format!("{name}  {}{}  {percent:3} %", "█".repeat(full), "░".repeat(WIDTH - full))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_full_as_the_file_is_read() {
        assert_eq!(bar("a", 0, 10), format!("a  {}    0 %", "░".repeat(30)));
        assert_eq!(bar("a", 5, 10), format!("a  {}{}   50 %", "█".repeat(15), "░".repeat(15)));
        assert_eq!(bar("a", 99, 10), format!("a  {}  100 %", "█".repeat(30)), "a file that grew meanwhile");
    }
}
