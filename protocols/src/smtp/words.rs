//! Words of the protocol.

use memchr::{memchr, memrchr};

/// Commands of RFC 5321, 2033, 1985, 2645, 3030, 3207, 4954, and two of common servers among themselves.
pub(super) const COMMANDS: &[&[u8]] = &[
    b"ATRN",
    b"AUTH",
    b"BDAT",
    b"DATA",
    b"EHLO",
    b"ETRN",
    b"EXPN",
    b"HELO",
    b"HELP",
    b"LHLO",
    b"MAIL",
    b"NOOP",
    b"QUIT",
    b"RCPT",
    b"RSET",
    b"SAML",
    b"SEND",
    b"SOML",
    b"STARTTLS",
    b"TURN",
    b"VRFY",
    b"XCLIENT",
    b"XFORWARD",
];

pub(super) const MECHANISMS: &[&[u8]] = &[
    b"PLAIN",
    b"LOGIN",
    b"CRAM-MD5",
    b"DIGEST-MD5",
    b"NTLM",
    b"GSSAPI",
    b"XOAUTH2",
    b"OAUTHBEARER",
    b"EXTERNAL",
    b"ANONYMOUS",
    b"SCRAM-SHA-1",
    b"SCRAM-SHA-256",
];

/// Servers that name themselves in the greeting.
pub(super) const PRODUCTS: &[&[u8]] =
    &[b"Postfix", b"Exim", b"Sendmail", b"Microsoft ESMTP MAIL Service", b"OpenSMTPD", b"Python SMTP", b"hMailServer"];

/// The mailbox of `FROM:<a@b> SIZE=1`, and what stands behind it. VRFY and EXPN may name one without brackets.
pub(super) fn mailbox(argument: &[u8]) -> Option<(&[u8], &[u8])> {
    let (inside, after) = match memchr(b'<', argument) {
        Some(open) => {
            let rest = argument.get(open.saturating_add(1)..)?;
            rest.split_at_checked(memchr(b'>', rest)?)?
        }
        None => {
            let start = memchr(b':', argument).map_or(0, |at| at.saturating_add(1));
            let rest = argument.get(start..)?.trim_ascii_start();
            rest.split_at_checked(memchr(b' ', rest).unwrap_or(rest.len()))?
        }
    };
    // A source route stands before the mailbox (RFC 5321 appendix C).
    let inside = match inside.first() {
        Some(b'@') => inside.get(memrchr(b':', inside).map_or(0, |at| at.saturating_add(1))..)?,
        _ => inside,
    };
    Some((inside, after))
}

/// Longest domain that is taken for one (RFC 5321 4.5.3.1.2).
const DOMAIN_MAX: usize = 255;

pub(super) fn domain(mailbox: &[u8]) -> Option<&[u8]> {
    let domain = mailbox.get(memrchr(b'@', mailbox)?.saturating_add(1)..)?;
    let shaped = domain.iter().all(|byte| byte.is_ascii_alphanumeric() || b".-_:[]".contains(byte) || *byte >= 0x80);
    (shaped && !domain.is_empty() && domain.len() <= DOMAIN_MAX).then_some(domain)
}

/// The value of `SIZE=` among the parameters of MAIL.
pub(super) fn size(parameters: &[u8]) -> Option<u64> {
    parameters.split(|byte| *byte == b' ').find_map(|parameter| {
        let (name, value) = parameter.split_at_checked(5)?;
        name.eq_ignore_ascii_case(b"SIZE=").then(|| crate::line::number(value))?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mailbox_and_its_domain_are_found_in_brackets_behind_routes_and_without_them() {
        let read = |text: &'static [u8]| mailbox(text).map(|(mailbox, _)| (mailbox, domain(mailbox)));
        assert_eq!(read(b"FROM:<a@b.example> SIZE=9"), Some((&b"a@b.example"[..], Some(&b"b.example"[..]))));
        assert_eq!(read(b"TO:<@relay.example:a@b.example>"), Some((&b"a@b.example"[..], Some(&b"b.example"[..]))));
        assert_eq!(read(b"FROM:<>"), Some((&b""[..], None)));
        assert_eq!(read(b"FROM: a@b.example"), Some((&b"a@b.example"[..], Some(&b"b.example"[..]))));
        assert_eq!(read(b"TO:<a@jane doe>"), Some((&b"a@jane doe"[..], None)));
        assert_eq!(read(b"TO:<a"), None);
        assert_eq!(size(b" BODY=8BITMIME size=77"), Some(77));
        assert_eq!(size(b" SIZE=jane"), None);
    }
}
