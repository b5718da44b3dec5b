//! Words of the protocol, and how addresses are written in it.

use crate::line;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Commands of RFC 959, 775, 1639, 2228, 2389, 2428, 2640, 3659, 7151 and those in common use.
pub(super) const COMMANDS: &[&[u8]] = &[
    b"ABOR", b"ACCT", b"ADAT", b"ALLO", b"APPE", b"AUTH", b"CCC", b"CDUP", b"CLNT", b"CONF", b"CWD", b"DELE", b"ENC",
    b"EPRT", b"EPSV", b"FEAT", b"HELP", b"HOST", b"LANG", b"LIST", b"LPRT", b"LPSV", b"MDTM", b"MFCT", b"MFF", b"MFMT",
    b"MIC", b"MKD", b"MLSD", b"MLST", b"MODE", b"NLST", b"NOOP", b"OPTS", b"PASS", b"PASV", b"PBSZ", b"PORT", b"PROT",
    b"PWD", b"QUIT", b"REIN", b"REST", b"RETR", b"RMD", b"RNFR", b"RNTO", b"SITE", b"SIZE", b"SMNT", b"STAT", b"STOR",
    b"STOU", b"STRU", b"SYST", b"TYPE", b"USER", b"XCUP", b"XCWD", b"XMKD", b"XPWD", b"XRMD",
];

/// Commands whose argument names a file or a folder.
pub(super) const PATHS: &[&[u8]] = &[
    b"APPE", b"CWD", b"DELE", b"LIST", b"MDTM", b"MFCT", b"MFF", b"MFMT", b"MKD", b"MLSD", b"MLST", b"NLST", b"RETR",
    b"RMD", b"RNFR", b"RNTO", b"SIZE", b"SMNT", b"STAT", b"STOR", b"STOU", b"XCWD", b"XMKD", b"XRMD",
];

/// Commands that no other protocol with such lines has.
pub(super) const ONLY_FTP: &[&[u8]] = &[b"PASV", b"EPSV", b"SYST", b"PORT", b"EPRT", b"CWD", b"FEAT", b"TYPE", b"STOR"];

pub(super) const MECHANISMS: &[&[u8]] = &[b"TLS", b"TLS-C", b"TLS-P", b"SSL", b"GSSAPI", b"KERBEROS_V4"];

/// Servers that name themselves in the greeting, and systems that SYST names.
pub(super) const PRODUCTS: &[&[u8]] = &[
    b"vsFTPd",
    b"ProFTPD",
    b"Pure-FTPd",
    b"FileZilla Server",
    b"Microsoft FTP Service",
    b"Serv-U",
    b"pyftpdlib",
    b"bftpd",
    b"wu-",
    b"GNU inetutils",
    b"VxWorks",
    b"Nucleus",
    b"Windows_NT",
    b"UNIX",
];

/// Three or four letters and the end or a space: what a command of some extension would be.
pub(super) fn has_form(text: &[u8]) -> bool {
    let letters = text.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    matches!(letters, 3 | 4) && matches!(text.get(letters), None | Some(b' '))
}

/// `h1,h2,h3,h4,p1,p2` (RFC 959 4.1.2), as an argument or within a reply.
pub(super) fn host_port(text: &[u8]) -> Option<(IpAddr, u16)> {
    let start = text.iter().position(u8::is_ascii_digit)?;
    let text = text.get(start..)?;
    let end = text.iter().position(|byte| !byte.is_ascii_digit() && *byte != b',').unwrap_or(text.len());
    let mut parts = text.get(..end)?.split(|byte| *byte == b',');
    let mut numbers = [0u8; 6];
    for number in &mut numbers {
        *number = u8::try_from(line::number(parts.next()?)?).ok()?;
    }
    let [a, b, c, d, high, low] = numbers;
    parts.next().is_none().then_some((IpAddr::V4(Ipv4Addr::new(a, b, c, d)), u16::from_be_bytes([high, low])))
}

/// `|1|192.0.2.1|6275|` (RFC 2428 2); the first character is the mark.
pub(super) fn extended(text: &[u8]) -> Option<(IpAddr, u16)> {
    let (&mark, rest) = text.split_first()?;
    let mut parts = rest.split(|byte| *byte == mark);
    let (family, address, port) = (parts.next()?, parts.next()?, parts.next()?);
    let address = std::str::from_utf8(address).ok()?;
    let address = match family {
        b"1" => IpAddr::V4(address.parse::<Ipv4Addr>().ok()?),
        b"2" => IpAddr::V6(address.parse::<Ipv6Addr>().ok()?),
        _ => return None,
    };
    Some((address, u16::try_from(line::number(port)?).ok()?))
}

/// `(|||6446|)` within a reply (RFC 2428 3).
pub(super) fn extended_port(text: &[u8]) -> Option<u16> {
    let open = memchr::memchr(b'(', text)?;
    let [mark, second, third, rest @ ..] = text.get(open.saturating_add(1)..)? else { return None };
    let end = memchr::memchr(*mark, rest)?;
    (mark == second && mark == third).then_some(())?;
    u16::try_from(line::number(rest.get(..end)?)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_the_standard_writes_them() {
        let local = IpAddr::V4(Ipv4Addr::new(10, 20, 0, 7));
        assert_eq!(host_port(b"10,20,0,7,4,1"), Some((local, 1025)));
        assert_eq!(host_port(b"Entering Passive Mode (10,20,0,7,4,1)."), Some((local, 1025)));
        for wrong in [&b"10,20,0,7,4"[..], b"10,20,0,7,4,256", b"10,20,0,7,4,1,2", b"none", b"1,,2,3,4,5"] {
            assert_eq!(host_port(wrong), None, "{wrong:?}");
        }
        assert_eq!(extended(b"|1|10.20.0.7|6275|"), Some((local, 6275)));
        assert_eq!(extended(b"|2|::1|5282|"), Some((IpAddr::V6(Ipv6Addr::LOCALHOST), 5282)));
        assert_eq!(extended(b"|1|::1|5282|"), None);
        assert_eq!(extended_port(b"Entering Extended Passive Mode (|||6446|)"), Some(6446));
        assert_eq!(extended_port(b"Entering Extended Passive Mode (|||66446|)"), None);
    }
}
