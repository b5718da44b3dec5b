//! What requests still await an answer, as far as the form of the answer depends on them (RFC 9112 6.3).

/// Pipelined requests that are remembered; those beyond are taken for plain ones.
pub const PENDING_MAX: usize = 32;

#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Awaited {
    #[default]
    Other,
    /// An answer without a body.
    Head,
    /// An answer behind which another protocol begins.
    Connect,
    /// An answer without a head (HTTP/0.9).
    Simple,
}

#[derive(Default)]
pub(super) struct Pending {
    ring: [Awaited; PENDING_MAX],
    first: usize,
    count: usize,
    /// Requests behind those in the ring.
    beyond: u64,
}

impl Pending {
    pub(super) fn ask(&mut self, awaited: Awaited) {
        let at = self.first.wrapping_add(self.count) % PENDING_MAX;
        match self.ring.get_mut(at) {
            Some(slot) if self.count < PENDING_MAX && self.beyond == 0 => {
                *slot = awaited;
                self.count = self.count.saturating_add(1);
            }
            _ => self.beyond = self.beyond.saturating_add(1),
        }
    }

    pub(super) fn answer(&mut self) -> Awaited {
        if self.count == 0 {
            self.beyond = self.beyond.saturating_sub(1);
            return Awaited::Other;
        }
        let awaited = self.ring.get(self.first).copied().unwrap_or_default();
        self.first = self.first.wrapping_add(1) % PENDING_MAX;
        self.count = self.count.saturating_sub(1);
        awaited
    }

    pub(super) fn is_simple(&self) -> bool {
        self.count > 0 && self.ring.get(self.first) == Some(&Awaited::Simple)
    }
}
