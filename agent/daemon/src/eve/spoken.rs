//! What EVE calls a conversation more precisely than its protocol: HTTP/2, and DNS within it.

use holter_protocols::event::Value;
use holter_protocols::{Event, FieldSpec, http};
use std::collections::BTreeMap;

/// Conversations of which it is known. Of more, the protocol stays what it is.
pub(super) const SPOKEN_MAX: usize = 16 * 1024;

pub(super) const HTTP2: &str = "http2";
/// RFC 8484, over HTTP/2.
pub(super) const DOH2: &str = "doh2";

#[derive(Default)]
pub(super) struct Spoken(BTreeMap<u64, &'static str>);

impl Spoken {
    pub(super) fn hear(&mut self, conversation: u64, event: &dyn Event) {
        let is = |field: &'static FieldSpec, word: &[u8]| matches!(event.first(field), Some(Value::Plain(text)) if text.bytes() == word);
        if !is(&http::request::version, b"2") && !is(&http::response::version, b"2") {
            return;
        }
        let message = b"application/dns-message";
        let dns = is(&http::request::content_type, message) || is(&http::response::content_type, message);
        if dns && let Some(known) = self.0.get_mut(&conversation) {
            *known = DOH2;
        } else if self.0.len() < SPOKEN_MAX {
            self.0.entry(conversation).or_insert(if dns { DOH2 } else { HTTP2 });
        }
    }

    /// What was heard of a conversation that is over.
    pub(super) fn over(&mut self, conversation: u64) -> Option<&'static str> {
        self.0.remove(&conversation)
    }
}
