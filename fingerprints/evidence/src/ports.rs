//! What a port tells where the bytes on it do not: a number that somebody has registered, or that hardly anybody else uses.

use crate::observer::{About, Found};
use holter_phi::Label;
use holter_terms::{Attribute, Protocol};

/// Of DICOM, in the IANA registry: acr-nema, dicom-tls, dicom.
pub(crate) const DICOM: [u16; 3] = [104, 2762, 11_112];

struct Known {
    protocol: Protocol,
    port: u16,
    client: bool,
    attribute: Attribute,
    value: &'static str,
    rule: &'static str,
    weight: i8,
}

const fn server(
    protocol: Protocol,
    port: u16,
    attribute: Attribute,
    value: &'static str,
    rule: &'static str,
    weight: i8,
) -> Known {
    Known { protocol, port, client: false, attribute, value, rule, weight }
}

const fn client(known: Known) -> Known {
    Known { client: true, ..known }
}

use Attribute::{Class, Family, Maker, Role};
use Protocol::{Dicom, Hl7, Http, Other, Tls};

/// Orthanc's defaults and NextGen Connect's; of the IANA registry dicom-tls, ieee11073-20701 and alaris-disc, on which a pump's
/// PC unit calls its manager (CISA ICSMA-23-194-01 names port and direction).
static KNOWN: [Known; 11] = [
    server(Dicom, 4242, Family, "Orthanc", "published:port-dicom/orthanc", 35),
    server(Http, 8042, Family, "Orthanc", "published:port-http/orthanc", 55),
    server(Hl7, 6661, Family, "Mirth Connect", "published:port-hl7/mirth", 25),
    server(Tls, 2762, Role, "image-archive", "published:port-tls/dicom", 45),
    server(Tls, 6464, Role, "vitals-source", "published:port-tls/sdc", 45),
    client(server(Other, 3613, Family, "Alaris PC unit", "published:port/alaris-unit", 50)),
    client(server(Other, 3613, Maker, "BD", "published:port/alaris-unit", 45)),
    client(server(Other, 3613, Class, "therapy", "published:port/alaris-unit", 45)),
    server(Other, 3613, Family, "Alaris Systems Manager", "published:port/alaris-manager", 50),
    server(Other, 3613, Maker, "BD", "published:port/alaris-manager", 45),
    server(Other, 3613, Class, "clinical-it", "published:port/alaris-manager", 45),
];

/// Whether a conversation of no protocol that is known says something by its port.
pub(crate) fn speaks(port: u16) -> bool {
    KNOWN.iter().any(|known| known.protocol == Other && known.port == port)
}

pub(crate) fn evidence(protocol: Protocol, port: u16, out: &mut dyn FnMut(Found)) {
    for known in KNOWN.iter().filter(|known| (known.protocol, known.port) == (protocol, port)) {
        out(Found {
            about: if known.client { About::Client } else { About::Server },
            attribute: known.attribute,
            value: Label::word(known.value),
            rule: known.rule,
            weight: known.weight,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use holter_identity::{Evidence, NAMED, judge};
    use holter_terms::DeviceClass;

    #[test]
    fn a_port_alone_names_nothing() {
        for known in &KNOWN {
            let fits = match known.attribute {
                Attribute::Role => holter_terms::Role::parse(known.value).is_some(),
                Attribute::Class => DeviceClass::parse(known.value).is_some(),
                _ => true,
            };
            assert!(fits && known.rule.starts_with("published:port"), "{}", known.rule);
            let mut all = Vec::new();
            evidence(known.protocol, known.port, &mut |found| all.push(found));
            let about = if known.client { About::Client } else { About::Server };
            let mine: Vec<Evidence<'_>> = all.iter().filter(|found| found.about == about).map(Found::once).collect();
            assert!(judge(&mine).verdicts.iter().all(|verdict| verdict.confidence < NAMED), "{}", known.rule);
        }
        assert!(speaks(3613) && !speaks(4242));
    }
}
