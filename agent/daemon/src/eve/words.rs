//! Words that EVE has for numbers of protocols.

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
