use crate::judge::signal;
use crate::{Evidence, NAMED, Verdict};
use holter_terms::Attribute;
use serde::Serialize;

/// What would raise the confidence in an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Wanted {
    pub attribute: Attribute,
    /// The signal that has not been seen.
    pub signal: &'static str,
    /// What would have to be seen, one phrase.
    pub what: &'static str,
}

/// Signals by what they can speak about.
const SIGNALS: &[(&str, &[Attribute], &str)] = &[
    (
        "dicom-association",
        &[Attribute::Maker, Attribute::Family, Attribute::Class],
        "a DICOM association that the device opens or accepts",
    ),
    ("dicom-image", &[Attribute::Maker, Attribute::Model], "an image that the device stores by DICOM in clear text"),
    (
        "hl7-equipment",
        &[Attribute::Maker, Attribute::Family, Attribute::Class],
        "an HL7 message that names its equipment (OBX-18, PRT-10 or EQU-1)",
    ),
    (
        "lldp-inventory",
        &[Attribute::Maker, Attribute::Model],
        "an LLDP announcement of the device: a mirror of its own access port",
    ),
    ("snmp-object", &[Attribute::Maker], "an answer of the device to a management station (SNMP)"),
    ("smb-ntlm", &[Attribute::Os], "a login of the device to a share (NTLM)"),
    ("ip-stack", &[Attribute::Os], "a TCP connection that the device opens, from its first packet on"),
    (
        "tls-certificate",
        &[Attribute::Maker],
        "a TLS connection to the device before TLS 1.3, which shows its certificate",
    ),
    ("dhcp", &[Attribute::Os], "a DHCP DISCOVER or REQUEST of the device, on a port that mirrors broadcasts"),
    ("oui", &[Attribute::Maker], "the device's own link-layer address: a mirror of its segment, before any router"),
];

pub(crate) fn wanted(verdicts: &[Verdict], evidence: &[Evidence<'_>]) -> Vec<Wanted> {
    let mut out = Vec::new();
    for attribute in [Attribute::Maker, Attribute::Family, Attribute::Model, Attribute::Os, Attribute::Class] {
        if verdicts.iter().any(|verdict| verdict.attribute == attribute && verdict.confidence >= NAMED) {
            continue;
        }
        for &(name, attributes, what) in SIGNALS {
            let seen = evidence.iter().any(|item| item.attribute == attribute && signal(item.rule) == name);
            if attributes.contains(&attribute) && !seen {
                out.push(Wanted { attribute, signal: name, what });
            }
        }
    }
    out
}
