//! What the setup of a session says of its two ends.

use super::Session;
use crate::Sink;
use crate::joined::Joined;
use crate::ntlmssp::Ntlm;
use holter_phi::{Because, Plain};

/// Longest text that is told, in UTF-8.
pub const TEXT_MAX: usize = 128;

pub(super) type Text = Joined<TEXT_MAX>;

/// What was found, however the message broke.
pub(super) struct Setup {
    pub(super) native_os: Text,
    pub(super) lan_manager: Text,
    pub(super) account: Text,
    pub(super) domain: Text,
    pub(super) ntlm: Option<Ntlm>,
    pub(super) guest: Option<bool>,
}

impl Setup {
    pub(super) const fn new() -> Self {
        Setup {
            native_os: Text::new(),
            lan_manager: Text::new(),
            account: Text::new(),
            domain: Text::new(),
            ntlm: None,
            guest: None,
        }
    }

    pub(super) fn report(&self, sink: &mut dyn Sink) {
        let ntlm = self.ntlm.as_ref();
        let site = |text| Plain::new(text, Because::Site);
        sink.event(&Session {
            native_os: self.native_os.some().map(site),
            lan_manager: self.lan_manager.some().map(site),
            ntlm: ntlm.map(Ntlm::kind),
            host: ntlm.and_then(Ntlm::host),
            domain: ntlm.and_then(Ntlm::domain).or(self.domain.some().map(site)),
            user: ntlm.and_then(Ntlm::user).or(self.account.some().map(site)),
            ntlm_version: ntlm.and_then(Ntlm::version),
            guest: self.guest,
        });
    }
}
