//! The last word on a conversation.

use super::spoken::{DOH2, HTTP2};
use crate::json::Json;
use holter_engine::flow::{Close, Conversation};
use holter_terms::Protocol;

/// What a flow record has beside its head.
pub(super) fn write(line: &mut Json, talk: &Conversation, why: Close, spoken: Option<&str>) {
    let [up, down] = talk.packets;
    let [sent, received] = talk.bytes;
    line.key("app_proto");
    line.string(match spoken {
        Some(spoken) => spoken,
        None if talk.protocol == Protocol::Other => "failed",
        None => talk.protocol.as_str(),
    });
    if spoken == Some(DOH2) {
        line.key("app_proto_orig");
        line.string(HTTP2);
    }
    line.key("flow");
    line.open('{');
    let counts =
        [("pkts_toserver", up), ("pkts_toclient", down), ("bytes_toserver", sent), ("bytes_toclient", received)];
    for (key, count) in counts {
        line.key(key);
        line.number(count);
    }
    for (key, at) in [("start", talk.first), ("end", talk.last)] {
        line.key(key);
        line.time(at);
    }
    line.key("age");
    line.signed(talk.last.saturating_sub(talk.first).div_euclid(1_000_000_000));
    line.key("state");
    line.string(match why {
        Close::Finished | Close::Reset => "closed",
        _ if down > 0 => "established",
        _ => "new",
    });
    line.key("reason");
    line.string(match why {
        Close::Finished | Close::Reset | Close::Reused => "tcp_reuse_or_close",
        Close::Idle => "timeout",
        Close::Evicted => "forced",
        Close::End => "shutdown",
    });
    // There are no signatures that could have.
    line.key("alerted");
    line.bool(false);
    line.key("visibility");
    line.string(talk.visibility);
    for (key, count) in [
        ("bytes_understood", talk.understood),
        ("bytes_encrypted", talk.encrypted),
        ("bytes_unknown", talk.unknown),
        ("bytes_missed", talk.missed),
    ] {
        line.key(key);
        line.number(count);
    }
    line.close('}');
}
