//! Behaviour judged unusual.

use crate::json::Json;
use holter_phi::Label;
use holter_terms::DeviceKey;
use holter_wire::{FactValue, Finding, Party};

/// The whole record, but for the bracket at its end.
pub(super) fn write(line: &mut Json, finding: &Finding<Label>) {
    line.clear();
    line.open('{');
    line.key("timestamp");
    line.time(finding.last);
    line.key("event_type");
    line.string("finding");
    for (key, party) in [("src_ip", Some(&finding.subject)), ("dest_ip", finding.peer.as_ref())] {
        if let Some(ip) = party.and_then(|party| party.ip) {
            line.key(key);
            line.string(ip);
        }
    }
    line.key("finding");
    line.open('{');
    line.key("id");
    line.string(finding.id.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    line.key("detection");
    line.string(finding.detection);
    line.key("severity");
    line.string(finding.severity);
    line.key("first");
    line.time(finding.first);
    line.key("partly_blind");
    line.bool(finding.partly_blind);
    for (key, party) in [("subject", Some(&finding.subject)), ("peer", finding.peer.as_ref())] {
        if let Some(Party { device, .. }) = party {
            line.key(key);
            match device {
                DeviceKey::Mac(mac) => line.string(mac),
                DeviceKey::Ip(ip) => line.string(ip),
            }
        }
    }
    line.key("facts");
    line.open('{');
    for fact in &finding.facts {
        line.key(fact.name.as_str());
        match &fact.value {
            FactValue::Number(n) | FactValue::Seconds(n) | FactValue::Bytes(n) => line.number(*n),
            FactValue::Text(text) => line.string(text),
            FactValue::Address(ip) => line.string(ip),
        }
    }
    line.close('}');
    line.close('}');
}
