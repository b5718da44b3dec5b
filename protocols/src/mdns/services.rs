//! Types of service (RFC 6763 7): the words of the registry of IANA that are met in hospitals and offices, and those of
//! makers that are met as often. Whatever is not here is held to be a text of a person.

/// The dictionary, sorted: service and transport, without the domain.
pub static SERVICES: &[&str] = &[
    "_acp-sync._tcp",
    "_acr-nema._tcp",
    "_adisk._tcp",
    "_afpovertcp._tcp",
    "_airdrop._tcp",
    "_airplay._tcp",
    "_airport._tcp",
    "_amzn-wplay._tcp",
    "_androidtvremote2._tcp",
    "_apple-mobdev._tcp",
    "_apple-mobdev2._tcp",
    "_apple-pairable._tcp",
    "_appletv-pair._tcp",
    "_appletv._tcp",
    "_atc._tcp",
    "_axis-video._tcp",
    "_bacnet._udp",
    "_canon-bjnp1._tcp",
    "_ciao._tcp",
    "_coap._udp",
    "_companion-link._tcp",
    "_daap._tcp",
    "_dacp._tcp",
    "_dante-ddm-c._tcp",
    "_device-info._tcp",
    "_dicom-iscl._tcp",
    "_dicom-tls._tcp",
    "_dicom._tcp",
    "_distcc._tcp",
    "_dns-llq._udp",
    "_dns-sd._udp",
    "_dns-update._udp",
    "_domain._udp",
    "_dosvc._tcp",
    "_dpap._tcp",
    "_elg._tcp",
    "_eppc._tcp",
    "_esphomelib._tcp",
    "_fax-ipp._tcp",
    "_fhir._tcp",
    "_ftp._tcp",
    "_googlecast._tcp",
    "_googlezone._tcp",
    "_hap._tcp",
    "_hap._udp",
    "_hl7._tcp",
    "_home-assistant._tcp",
    "_home-sharing._tcp",
    "_homekit._tcp",
    "_hp-status._tcp",
    "_http-alt._tcp",
    "_http._tcp",
    "_https._tcp",
    "_hue._tcp",
    "_ica-networking._tcp",
    "_ica-networking2._tcp",
    "_imap._tcp",
    "_ipp-tls._tcp",
    "_ipp._tcp",
    "_ipps._tcp",
    "_ippusb._tcp",
    "_jetdirect._tcp",
    "_kerberos._tcp",
    "_kerberos._udp",
    "_ldap._tcp",
    "_leap._tcp",
    "_matter._tcp",
    "_matterc._udp",
    "_meshcop._udp",
    "_mqtt._tcp",
    "_mqtt._udp",
    "_ms-wbt-server._tcp",
    "_mumble._tcp",
    "_net-assistant._udp",
    "_nfs._tcp",
    "_nomachine._tcp",
    "_ntp._udp",
    "_nut._tcp",
    "_nvstream._tcp",
    "_ocs._tcp",
    "_odisk._tcp",
    "_omnistate._tcp",
    "_opcua-tcp._tcp",
    "_osxsvr._tcp",
    "_pdl-datastream._tcp",
    "_philips-hue._tcp",
    "_presence._tcp",
    "_printer._tcp",
    "_privet._tcp",
    "_psia._tcp",
    "_ptp._tcp",
    "_pulse-server._tcp",
    "_pulse-sink._tcp",
    "_pulse-source._tcp",
    "_qdiscover._tcp",
    "_qmobile._tcp",
    "_radioport._tcp",
    "_raop._tcp",
    "_rdp._tcp",
    "_readynas._tcp",
    "_remotepairing._tcp",
    "_rfb._tcp",
    "_rsp._tcp",
    "_rtsp._tcp",
    "_sane-port._tcp",
    "_scan-target._tcp",
    "_scanner._tcp",
    "_services._dns-sd._udp",
    "_sftp-ssh._tcp",
    "_sip._tcp",
    "_sip._udp",
    "_sips._tcp",
    "_sleep-proxy._udp",
    "_smb._tcp",
    "_snmp._udp",
    "_sonos._tcp",
    "_soundtouch._tcp",
    "_spotify-connect._tcp",
    "_ssh._tcp",
    "_syslog._udp",
    "_teamviewer._tcp",
    "_telnet._tcp",
    "_tftp._udp",
    "_touch-able._tcp",
    "_touch-remote._tcp",
    "_trel._udp",
    "_udisks-ssh._tcp",
    "_uscan._tcp",
    "_uscans._tcp",
    "_vnc._tcp",
    "_webdav._tcp",
    "_webdavs._tcp",
    "_workstation._tcp",
    "_ws-discovery._udp",
    "_xbmc-events._udp",
    "_xbmc-jsonrpc-h._tcp",
    "_xbmc-jsonrpc._tcp",
    "_xmpp-client._tcp",
    "_xmpp-server._tcp",
];

/// What comes in front of the list of all types of service (RFC 6763 9).
const ALL: &str = "_services._dns-sd._udp";

/// The type of service that the labels of a name end with, under `local`, and whether nothing stands before it.
pub(super) fn among(labels: &[&[u8]]) -> Option<(&'static str, bool)> {
    let (local, before) = labels.split_last()?;
    let [first @ .., service, transport] = before else { return None };
    if !local.eq_ignore_ascii_case(b"local") {
        return None;
    }
    if let [all] = first
        && all.eq_ignore_ascii_case(b"_services")
        && service.eq_ignore_ascii_case(b"_dns-sd")
    {
        return Some((ALL, true));
    }
    Some((word(service, transport)?, first.is_empty()))
}

/// The word for two labels in a row.
fn word(service: &[u8], transport: &[u8]) -> Option<&'static str> {
    let length = service.len().saturating_add(1).saturating_add(transport.len());
    let same = |known: &str| {
        let (first, second) = known.as_bytes().split_at_checked(service.len())?;
        let second = second.strip_prefix(b".")?;
        (first.eq_ignore_ascii_case(service) && second.eq_ignore_ascii_case(transport)).then_some(())
    };
    SERVICES.iter().copied().filter(|known| known.len() == length).find(|known| same(known).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dictionary_is_sorted_and_of_one_form() {
        assert!(SERVICES.is_sorted_by(|a, b| a < b));
        for service in SERVICES.iter().filter(|service| **service != ALL) {
            let labels: Vec<&[u8]> = service.split('.').map(str::as_bytes).chain([&b"local"[..]]).collect();
            assert_eq!(among(&labels), Some((*service, true)));
        }
        assert_eq!(among(&[b"_doe-jane", b"_tcp", b"local"]), None);
    }
}
