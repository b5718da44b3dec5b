//! Fingerprints of hellos: JA3 and JA3S (Althouse, Atkinson, Atkins 2017), and JA4 of a client (FoxIO, BSD licence).

use crate::tls_hello::{CODES_MAX, Carrier, Client, Server, is_grease};
use md5::{Digest, Md5};
use ring::digest::{Context, SHA256};

const DIGITS: &[u8; 16] = b"0123456789abcdef";
/// Hexadecimal digits that JA4 takes of a hash.
const SHORT: usize = 12;

/// An MD5 as text.
pub(crate) type Ja3 = [u8; 32];
/// `t13d1516h2_8daaf6152771_e5627efa2ab1`.
pub(crate) type Ja4 = [u8; 36];

/// Writes lists of numbers with separators into an MD5.
struct Writer {
    md5: Md5,
    first: bool,
}

impl Writer {
    fn new() -> Self {
        Writer { md5: Md5::new(), first: true }
    }

    fn number(&mut self, number: u16) {
        if !std::mem::take(&mut self.first) {
            self.md5.update(b"-");
        }
        let mut text = [0; 5];
        let mut rest = number;
        let mut from = text.len();
        for slot in text.iter_mut().rev() {
            *slot = digit(rest % 10);
            from = from.saturating_sub(1);
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        self.md5.update(text.get(from..).unwrap_or_default());
    }

    fn numbers(&mut self, numbers: impl Iterator<Item = u16>) {
        numbers.for_each(|number| self.number(number));
    }

    fn comma(&mut self) {
        self.md5.update(b",");
        self.first = true;
    }

    fn end(self) -> Ja3 {
        let mut text = [0; 32];
        hex(&self.md5.finalize(), &mut text);
        text
    }
}

fn digit(value: u16) -> u8 {
    DIGITS.get(usize::from(value)).copied().unwrap_or(b'0')
}

/// As many digits as `text` has room for.
pub(crate) fn hex(bytes: &[u8], text: &mut [u8]) {
    let digits = bytes.iter().flat_map(|byte| [digit(u16::from(byte >> 4)), digit(u16::from(byte & 15))]);
    text.iter_mut().zip(digits).for_each(|(slot, digit)| *slot = digit);
}

/// Version, cipher suites, extensions, groups and point formats, without GREASE.
pub(crate) fn ja3(hello: &Client<'_>) -> Ja3 {
    let mut writer = Writer::new();
    writer.number(hello.legacy);
    writer.comma();
    writer.numbers(hello.ciphers.meant());
    writer.comma();
    writer.numbers(hello.extensions.kinds().filter(|kind| !is_grease(*kind)));
    writer.comma();
    writer.numbers(hello.groups().meant());
    writer.comma();
    writer.numbers(hello.formats().iter().map(|format| u16::from(*format)));
    writer.end()
}

/// Version, cipher suite and extensions.
pub(crate) fn ja3s(hello: &Server<'_>) -> Ja3 {
    let mut writer = Writer::new();
    writer.number(hello.legacy);
    writer.comma();
    writer.number(hello.cipher);
    writer.comma();
    writer.numbers(hello.extensions.kinds());
    writer.end()
}

/// Codes to be sorted.
struct Sorted {
    codes: [u16; CODES_MAX],
    len: usize,
}

impl Sorted {
    fn of(codes: impl Iterator<Item = u16>) -> Sorted {
        let mut sorted = Sorted { codes: [0; CODES_MAX], len: 0 };
        for (slot, code) in sorted.codes.iter_mut().zip(codes) {
            *slot = code;
            sorted.len = sorted.len.saturating_add(1);
        }
        if let Some(codes) = sorted.codes.get_mut(..sorted.len) {
            codes.sort_unstable();
        }
        sorted
    }

    fn slice(&self) -> &[u16] {
        self.codes.get(..self.len).unwrap_or_default()
    }
}

/// SHA-256 of codes as text, with commas between them; no digits at all where there are no codes.
fn short(sorted: &[u16], signatures: impl Iterator<Item = u16>, text: &mut [u8]) {
    if sorted.is_empty() {
        return text.fill(b'0');
    }
    let mut context = Context::new(&SHA256);
    let mut write = |codes: &mut dyn Iterator<Item = u16>, lead: u8| {
        let mut separator = lead;
        for code in codes {
            if separator != 0 {
                context.update(&[separator]);
            }
            separator = b',';
            let mut digits = [0; 4];
            hex(&code.to_be_bytes(), &mut digits);
            context.update(&digits);
        }
    };
    write(&mut sorted.iter().copied(), 0);
    write(&mut { signatures }, b'_');
    hex(context.finish().as_ref(), text);
}

fn version(code: u16) -> &'static [u8; 2] {
    match code {
        0x0304 => b"13",
        0x0303 => b"12",
        0x0302 => b"11",
        0x0301 => b"10",
        0x0300 => b"s3",
        0x0002 => b"s2",
        0xfeff => b"d1",
        0xfefd => b"d2",
        0xfefc => b"d3",
        _ => b"00",
    }
}

/// First and last character of the first application protocol; where one of them is no letter or digit, of its
/// hexadecimal form.
fn ends(name: &[u8]) -> [u8; 2] {
    let (Some(&first), Some(&last)) = (name.first(), name.last()) else { return *b"00" };
    if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() {
        [first, last]
    } else {
        [digit(u16::from(first >> 4)), digit(u16::from(last & 15))]
    }
}

fn two_digits(count: usize) -> [u8; 2] {
    let count = u16::try_from(count).unwrap_or(99).min(99);
    [digit(count / 10), digit(count % 10)]
}

pub(crate) fn ja4(hello: &Client<'_>) -> Ja4 {
    const SERVER_NAME: u16 = 0;
    const ALPN: u16 = 16;
    let carrier = match hello.carrier {
        Carrier::Tls => b't',
        Carrier::Dtls => b'd',
        Carrier::Quic => b'q',
    };
    let extensions = || hello.extensions.kinds().filter(|kind| !is_grease(*kind));
    let ciphers = Sorted::of(hello.ciphers.meant());
    let sorted = Sorted::of(extensions().filter(|kind| !matches!(*kind, SERVER_NAME | ALPN)));
    let [v, w] = *version(hello.highest());
    let [c, d] = two_digits(hello.ciphers.meant().count());
    let [e, f] = two_digits(extensions().count());
    let [a, z] = ends(hello.alpn().next().unwrap_or_default());
    let named = if hello.names_a_server() { b'd' } else { b'i' };
    let mut text = [b'_'; 36];
    text.iter_mut().zip([carrier, v, w, named, c, d, e, f, a, z]).for_each(|(slot, letter)| *slot = letter);
    if let Some(part) = text.get_mut(11..23) {
        short(ciphers.slice(), std::iter::empty(), part);
    }
    if let Some(part) = text.get_mut(24..) {
        short(sorted.slice(), hello.signatures().meant(), part);
    }
    text
}

const _: () = assert!(10 + 1 + SHORT + 1 + SHORT == 36);

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the description of JA4.
    #[test]
    fn the_example_of_ja4_has_the_hash_that_its_authors_give() {
        let ciphers = [
            0x002f, 0x0035, 0x009c, 0x009d, 0x1301, 0x1302, 0x1303, 0xc013, 0xc014, 0xc02b, 0xc02c, 0xc02f, 0xc030,
            0xcca8, 0xcca9,
        ];
        let extensions = [
            0x0005, 0x000a, 0x000b, 0x000d, 0x0012, 0x0015, 0x0017, 0x001b, 0x0023, 0x002b, 0x002d, 0x0033, 0x4469,
            0xff01,
        ];
        let signatures = [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601];
        let mut text = [0; SHORT];
        short(&ciphers, std::iter::empty(), &mut text);
        assert_eq!(&text, b"8daaf6152771");
        short(&extensions, signatures.into_iter(), &mut text);
        assert_eq!(&text, b"e5627efa2ab1");
        short(&[], signatures.into_iter(), &mut text);
        assert_eq!(&text, b"000000000000");
    }

    #[test]
    fn application_protocols_that_are_not_text_have_a_defined_place_in_ja4() {
        for (name, expected) in [
            (&b"h2"[..], b"h2"),
            (b"http/1.1", b"h1"),
            (b"a", b"aa"),
            (b"", b"00"),
            (b"\xab", b"ab"),
            (b"\xab\xcd", b"ad"),
            (b"\x30\xab", b"3b"),
            (b"\x30\x31\xab\xcd", b"3d"),
            (b"\x30\xab\xcd\x31", b"01"),
        ] {
            assert_eq!(&ends(name), expected, "{name:?}");
        }
    }
}
