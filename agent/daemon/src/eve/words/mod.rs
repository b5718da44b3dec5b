//! Words that EVE has for numbers of protocols.

pub(super) mod desks;
pub(super) mod windows;

/// RFC 6895 2.3.
pub(super) fn dns_rcode(code: u64) -> Option<&'static str> {
    const WORDS: [&str; 11] = [
        "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET", "NXRRSET", "NOTAUTH",
        "NOTZONE",
    ];
    WORDS.get(usize::try_from(code).ok()?).copied()
}

/// RFC 6895 3.1.
pub(super) fn dns_type(code: u64) -> Option<&'static str> {
    Some(match code {
        1 => "A",
        2 => "NS",
        5 => "CNAME",
        6 => "SOA",
        12 => "PTR",
        13 => "HINFO",
        15 => "MX",
        16 => "TXT",
        28 => "AAAA",
        33 => "SRV",
        35 => "NAPTR",
        41 => "OPT",
        43 => "DS",
        46 => "RRSIG",
        47 => "NSEC",
        48 => "DNSKEY",
        64 => "SVCB",
        65 => "HTTPS",
        255 => "ANY",
        257 => "CAA",
        _ => return None,
    })
}

/// RFC 2131 2.
pub(super) fn dhcp_op(code: u64) -> Option<&'static str> {
    match code {
        1 => Some("request"),
        2 => Some("reply"),
        _ => None,
    }
}

/// RFC 2132 9.6.
pub(super) fn dhcp_type(code: u64) -> Option<&'static str> {
    const WORDS: [&str; 9] = ["", "discover", "offer", "request", "decline", "ack", "nak", "release", "inform"];
    WORDS.get(usize::try_from(code).ok()?).copied().filter(|word| !word.is_empty())
}

/// The options that EVE names in a parameter request list (RFC 2132).
pub(super) fn dhcp_option(code: u64) -> Option<&'static str> {
    Some(match code {
        1 => "subnet_mask",
        3 => "router",
        6 => "dns_server",
        12 => "hostname",
        15 => "domain",
        42 => "ntp_server",
        66 => "tftp_server_name",
        67 => "bootfile_name",
        _ => return None,
    })
}

/// RFC 826, ar$op.
pub(super) fn arp_opcode(code: u64) -> Option<&'static str> {
    match code {
        1 => Some("request"),
        2 => Some("reply"),
        _ => None,
    }
}

/// RFC 1350 5.
pub(super) fn tftp_opcode(code: u64) -> Option<&'static str> {
    const WORDS: [&str; 6] = ["", "read", "write", "data", "ack", "error"];
    WORDS.get(usize::try_from(code).ok()?).copied().filter(|word| !word.is_empty())
}

/// MQTT 5.0 2.1.2.
pub(super) fn mqtt_type(code: u64) -> Option<&'static str> {
    const WORDS: [&str; 16] = [
        "",
        "connect",
        "connack",
        "publish",
        "puback",
        "pubrec",
        "pubrel",
        "pubcomp",
        "subscribe",
        "suback",
        "unsubscribe",
        "unsuback",
        "pingreq",
        "pingresp",
        "disconnect",
        "auth",
    ];
    WORDS.get(usize::try_from(code).ok()?).copied().filter(|word| !word.is_empty())
}

/// RFC 3416 3.
pub(super) fn snmp_pdu(code: u64) -> Option<&'static str> {
    const WORDS: [&str; 9] = [
        "get_request",
        "get_next_request",
        "response",
        "set_request",
        "trap_v1",
        "get_bulk_request",
        "inform_request",
        "trap_v2",
        "report",
    ];
    WORDS.get(usize::try_from(code).ok()?).copied()
}

/// RFC 1157 4.1.6.
pub(super) fn snmp_trap(code: u64) -> Option<&'static str> {
    const WORDS: [&str; 7] = [
        "coldStart",
        "warmStart",
        "linkDown",
        "linkUp",
        "authenticationFailure",
        "egpNeighborLoss",
        "enterpriseSpecific",
    ];
    WORDS.get(usize::try_from(code).ok()?).copied()
}

/// RFC 8446 4.2.1 and before it; RFC 9147 5.3 for datagrams.
pub(super) fn tls_version(code: u64) -> Option<&'static str> {
    Some(match code {
        0x0002 => "SSLv2",
        0x0300 => "SSLv3",
        0x0301 => "TLSv1",
        0x0302 => "TLS 1.1",
        0x0303 => "TLS 1.2",
        0x0304 => "TLS 1.3",
        0xfeff => "DTLS 1.0",
        0xfefd => "DTLS 1.2",
        0xfefc => "DTLS 1.3",
        _ => return None,
    })
}

/// RFC 9000 15, RFC 9369 3.
pub(super) fn quic_version(code: u64) -> Option<&'static str> {
    match code {
        1 => Some("1"),
        0x6b33_43cf => Some("2"),
        _ => None,
    }
}

/// The extensions that EVE has words for (RFC 8446 4.2 and the registry beside it).
pub(super) fn tls_extension(code: u64) -> Option<&'static str> {
    Some(match code {
        0 => "server_name",
        5 => "status_request",
        10 => "supported_groups",
        13 => "signature_algorithms",
        16 => "alpn",
        18 => "signed_certificate_timestamp",
        21 => "padding",
        28 => "record_size_limit",
        35 => "session_ticket",
        41 => "pre_shared_key",
        42 => "early_data",
        43 => "supported_versions",
        44 => "cookie",
        45 => "psk_key_exchange_modes",
        51 => "key_share",
        57 => "quic_transport_parameters",
        _ => return None,
    })
}
