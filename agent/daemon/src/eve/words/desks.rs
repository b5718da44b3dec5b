//! RDP (MS-RDPBCGR 2.2.1) and RFB (RFC 6143).

/// MS-RDPBCGR 2.2.1.2.1.
pub(in crate::eve) fn rdp_security(code: u64) -> Option<&'static str> {
    Some(match code {
        0 => "rdp",
        1 => "ssl",
        2 => "hybrid",
        4 => "rdstls",
        8 => "hybrid_ex",
        _ => return None,
    })
}

/// MS-RDPBCGR 2.2.1.3.2.
pub(in crate::eve) fn rdp_version(code: u64) -> Option<&'static str> {
    const TEN: [&str; 8] = ["10.0", "10.1", "10.2", "10.3", "10.4", "10.5", "10.6", "10.7"];
    match code {
        0x0008_0001 => Some("4"),
        0x0008_0004 => Some("5"),
        0x0008_0005..=0x0008_000c => TEN.get(usize::try_from(code - 0x0008_0005).ok()?).copied(),
        _ => None,
    }
}

/// RFC 6143 7.1.3.
pub(in crate::eve) fn rfb_result(code: u64) -> Option<&'static str> {
    Some(match code {
        0 => "OK",
        1 => "FAIL",
        2 => "TOOMANY",
        _ => return None,
    })
}
