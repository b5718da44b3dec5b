//! What a name says, by its form: a type of service, a host, or a text of a person.

use super::services;
use crate::Malformed;
use crate::domain::{Name, Wire};
use holter_phi::{Because, Phi, Plain};

/// Labels of a name that are kept; the longest form with a meaning is `instance._sub._http._tcp.local` of five.
const LABELS: usize = 8;

/// A name, taken apart. Only what has a known form can be read.
pub(super) struct Parted {
    text: Name,
    service: Option<&'static str>,
    /// The text may be read.
    host: bool,
    /// Something else stands there.
    person: bool,
}

impl Parted {
    pub(super) const fn new() -> Self {
        Parted { text: Name::new(), service: None, host: false, person: false }
    }

    /// Reads the name at `at` of the message; returns where what follows it begins.
    pub(super) fn read(&mut self, wire: &Wire<'_>, at: usize) -> Result<usize, Malformed> {
        self.text.clear();
        let mut labels: [&[u8]; LABELS] = [&[]; LABELS];
        let mut count = 0usize;
        let end = wire.name_labels(at, &mut |label| {
            self.text.add(label);
            if let Some(slot) = labels.get_mut(count) {
                *slot = label;
            }
            count = count.saturating_add(1);
        })?;
        // A name of more labels has no form that is known, but that of a reversed address.
        let labels = labels.get(..count).unwrap_or_default();
        let (service, alone) = services::among(labels).unzip();
        self.service = service;
        self.host = is_host(labels) || is_reversed(self.text.text());
        self.person = !self.host && alone != Some(true) && !self.text.text().is_empty();
        Ok(end)
    }

    /// The type of service in it.
    pub(super) fn service(&self) -> Option<Plain<'static>> {
        self.service.map(|service| Plain::new(service.as_bytes(), Because::Vocabulary))
    }

    pub(super) fn host(&self) -> Option<Plain<'_>> {
        self.host.then(|| Plain::new(self.text.text(), Because::Site))
    }

    pub(super) fn instance(&self) -> Option<Phi<'_>> {
        self.person.then(|| Phi::new(self.text.text()))
    }
}

/// One label under `local`, of letters, digits and hyphens as host names are (RFC 952, RFC 1123 2.1): no blanks, no
/// quotes, and no underscore in front.
fn is_host(labels: &[&[u8]]) -> bool {
    let [name, local] = labels else { return false };
    local.eq_ignore_ascii_case(b"local")
        && !name.is_empty()
        && !name.starts_with(b"_")
        && name.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// A reversed address (RFC 1035 3.5, RFC 3596 2.5).
fn is_reversed(text: &[u8]) -> bool {
    let under = |suffix: &[u8], digit: fn(&u8) -> bool| {
        let digits = text.len().checked_sub(suffix.len()).and_then(|at| text.split_at_checked(at));
        digits.is_some_and(|(digits, end)| {
            end.eq_ignore_ascii_case(suffix) && digits.iter().all(|byte| *byte == b'.' || digit(byte))
        })
    };
    under(b".in-addr.arpa", u8::is_ascii_digit) || under(b".ip6.arpa", u8::is_ascii_hexdigit)
}
