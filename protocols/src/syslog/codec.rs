//! One message.

use super::Message;
use crate::event::{Code, Size};
use crate::line;
use crate::{Malformed, Sink, Verdict};
use holter_phi::{Because, Plain};
use memchr::{memchr, memmem};

/// Longest host name (RFC 5424 6).
pub const HOST_MAX: usize = 255;
/// Longest application name of RFC 5424, and tag of RFC 3164 with room for what is sent.
pub const TAG_MAX: usize = 48;

const MONTHS: &[&[u8; 3]] =
    &[b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];

/// Priority, and what stands behind it. `None` where more bytes could still make one.
fn priority(bytes: &[u8]) -> Result<Option<(u64, &[u8])>, Malformed> {
    let malformed = |at| Malformed { field: "syslog.priority", at };
    let rest = match bytes.split_first() {
        None => return Ok(None),
        Some((b'<', rest)) => rest,
        Some(_) => return Err(malformed(0)),
    };
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let number = rest.get(..digits).unwrap_or_default();
    match rest.get(digits) {
        None if digits <= 3 => return Ok(None),
        Some(b'>') if (1..=3).contains(&digits) => {}
        _ => return Err(malformed(1)),
    }
    let padded = digits > 1 && number.first() == Some(&b'0');
    match line::number(number) {
        Some(value) if value <= 191 && !padded => {
            Ok(Some((value, rest.get(digits.saturating_add(1)..).unwrap_or_default())))
        }
        _ => Err(malformed(1)),
    }
}

/// The next word up to a space, and what stands behind it.
fn next(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr(b' ', text)?;
    Some((text.get(..end)?, text.get(end.saturating_add(1)..)?))
}

/// `2026-01-01T12:00:00Z`, or `-` for none.
fn is_time(text: &[u8]) -> bool {
    let shaped = |text: &[u8]| {
        text.iter().zip(b"0000-00-00T00:00:00").all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            form => byte == form,
        })
    };
    text == b"-" || (19..=40).contains(&text.len()) && shaped(text)
}

/// What stands behind `Jan  1 12:00:00 `, which is 16 bytes.
fn after_old_time(text: &[u8]) -> Option<&[u8]> {
    let (time, rest) = text.split_at_checked(16)?;
    let shaped = time.iter().zip(b"xxx 00 00:00:00 ").skip(3).enumerate().all(|(n, (byte, form))| match form {
        b'0' => byte.is_ascii_digit() || n == 1 && *byte == b' ',
        form => byte == form,
    });
    let month = MONTHS.iter().any(|month| time.starts_with(*month));
    (shaped && month).then_some(rest)
}

/// Reports a message of `size` bytes of which `text` is all, or the beginning.
pub(super) fn decode(text: &[u8], size: u64, sink: &mut dyn Sink) -> Result<(), Malformed> {
    let Some((priority, rest)) = priority(text)? else {
        return Err(Malformed { field: "syslog.priority", at: 0 });
    };
    let mut message = Message {
        facility: Code(priority >> 3),
        severity: Code(priority & 7),
        version: None,
        host: None,
        application: None,
        audit: is_audit(rest),
        size: Size(size),
    };
    if let Some((version @ b'1'..=b'9', rest)) = rest.split_first()
        && let Some(rest) = rest.strip_prefix(b" ")
    {
        message.version = Some(Code(u64::from(version.saturating_sub(b'0'))));
        if !fields(rest, &mut message) {
            sink.weird("syslog.header");
        }
    } else if let Some(rest) = after_old_time(rest) {
        old_fields(rest, &mut message);
    }
    sink.event(&message);
    Ok(())
}

/// `time host application ...` (RFC 5424 6). False where they have not this form.
fn fields<'a>(rest: &'a [u8], message: &mut Message<'a>) -> bool {
    let Some((time, rest)) = next(rest) else { return false };
    if !is_time(time) {
        return false;
    }
    let Some((host, rest)) = next(rest) else { return false };
    let Some((application, _)) = next(rest) else { return false };
    let fits = |text: &[u8], max| text != b"-" && !text.is_empty() && text.len() <= max && is_name(text);
    message.host = fits(host, HOST_MAX).then(|| Plain::new(host, Because::Site));
    message.application = fits(application, TAG_MAX).then(|| Plain::new(application, Because::Equipment));
    true
}

fn is_name(text: &[u8]) -> bool {
    text.iter().all(u8::is_ascii_graphic)
}

/// `host tag[1]: text`, or `tag: text` (RFC 3164 4.1.2, 4.1.3).
fn old_fields<'a>(rest: &'a [u8], message: &mut Message<'a>) {
    if let Some(tag) = tag(rest) {
        message.application = Some(tag);
        return;
    }
    let Some((host, rest)) = next(rest) else { return };
    // A word of a text is no host: only with a tag behind it is it one.
    let Some(tag) = tag(rest) else { return };
    message.application = Some(tag);
    let shaped = host.iter().all(|byte| byte.is_ascii_alphanumeric() || b".-_:".contains(byte));
    message.host = (shaped && !host.is_empty() && host.len() <= HOST_MAX).then(|| Plain::new(host, Because::Site));
}

fn tag(text: &[u8]) -> Option<Plain<'_>> {
    let named = |byte: &&u8| byte.is_ascii_alphanumeric() || b"._-/".contains(byte);
    let length = text.iter().take(TAG_MAX.saturating_add(1)).take_while(named).count();
    let (tag, rest) = text.split_at_checked(length)?;
    let process = match rest {
        [b':', b' ', ..] | [b':'] => true,
        [b'[', rest @ ..] => {
            let digits = rest.iter().take(12).take_while(|byte| byte.is_ascii_digit()).count();
            digits > 0 && rest.get(digits) == Some(&b']')
        }
        _ => false,
    };
    (process && (1..=TAG_MAX).contains(&length)).then(|| Plain::new(tag, Because::Equipment))
}

/// The element of an audit message, or the message id that IHE gives it.
fn is_audit(text: &[u8]) -> bool {
    [&b"<AuditMessage"[..], b"IHE+RFC-3881", b"DICOM+RFC3881"].iter().any(|mark| memmem::find(text, mark).is_some())
}

/// Whether a message begins here. `whole` if no more bytes will come.
pub(super) fn looks(bytes: &[u8], whole: bool) -> Verdict {
    let unsure = if whole { Verdict::No } else { Verdict::Unsure };
    let rest = match priority(bytes) {
        Ok(Some((_, rest))) => rest,
        Ok(None) => return unsure,
        Err(_) => return Verdict::No,
    };
    if after_old_time(rest).is_some() {
        return Verdict::Yes;
    }
    if let Some(rest) = rest.strip_prefix(b"1 ") {
        return match next(rest) {
            Some((time, _)) if is_time(time) => Verdict::Yes,
            Some(_) => Verdict::Likely,
            None if rest.len() < 41 && !whole => Verdict::Unsure,
            None => Verdict::Likely,
        };
    }
    if rest.len() < 16 && !whole { Verdict::Unsure } else { Verdict::Likely }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_priority_has_no_zeros_before_it_and_is_at_most_191() {
        assert!(matches!(priority(b"<191>x"), Ok(Some((191, b"x")))));
        assert!(matches!(priority(b"<0>"), Ok(Some((0, b"")))));
        assert!(matches!(priority(b"<19"), Ok(None)));
        for wrong in [&b"<192>"[..], b"<007>", b"<>", b"<1234>", b"< 1>", b"x"] {
            assert!(priority(wrong).is_err(), "{wrong:?}");
        }
    }
}
