//! The search for markers: every byte of a sink, under every encoding that a leak might wear.
//!
//! The search turns the sink, not the markers: it undoes an encoding wherever the bytes could be one, and then looks for
//! the plain marker. Encodings: as is, case folded, UTF-16 of both orders, hex, base64 and base64url at every alignment,
//! percent, JSON `\u`, reversed, an unkeyed SHA-1 or SHA-256 of the marker, and all of these inside zstd and gzip.

use anyhow::{Context, Result, bail};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

const LENGTH: usize = 12;
/// Layers of compression that are opened.
const DEPTH: usize = 3;
/// Bytes that one compressed layer may unfold to.
const UNFOLDED: u64 = 256 << 20;
/// Bits of a digest's beginning that decide whether it is looked up.
const SIEVE_BITS: u32 = 24;

type Marker = [u8; LENGTH];

/// What a marker stands for, and in which class of secrecy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub class: String,
    pub place: String,
}

/// A marker that was found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    pub marker: String,
    pub class: String,
    pub place: String,
    /// The encodings that were undone, outermost first.
    pub encoding: String,
}

impl fmt::Display for Hit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}) {} as {}", self.marker, self.class, self.place, self.encoding)
    }
}

/// The markers of a manifest, ready to be searched for.
pub struct Markers {
    places: HashMap<Marker, Place>,
    digests: HashMap<[u8; 8], Marker>,
    sieve: Vec<u64>,
}

impl Markers {
    /// Reads a manifest: tab separated, first line `marker class place`.
    pub fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        let rows = text.lines().skip(1).map(|line| {
            let mut columns = line.split('\t');
            match (columns.next(), columns.next(), columns.next()) {
                (Some(marker), Some(class), Some(place)) => Ok((marker, class, place)),
                _ => bail!("{}: a row without three columns", path.display()),
            }
        });
        Markers::new(rows.collect::<Result<Vec<_>>>()?)
    }

    pub fn new<'a>(rows: impl IntoIterator<Item = (&'a str, &'a str, &'a str)>) -> Result<Self> {
        let mut places = HashMap::new();
        for (marker, class, place) in rows {
            let bytes = Marker::try_from(marker.as_bytes()).with_context(|| format!("{place}: not {LENGTH} bytes"))?;
            if !bytes.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()) {
                bail!("{place}: a marker is made of capitals and digits");
            }
            let place = Place { class: class.to_owned(), place: place.to_owned() };
            if let Some(other) = places.insert(bytes, place) {
                bail!("{} has a marker twice", other.place);
            }
        }
        let mut digests = HashMap::new();
        let mut sieve = vec![0_u64; 1 << (SIEVE_BITS - 6)];
        for marker in places.keys() {
            for algorithm in [&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, &ring::digest::SHA256] {
                let digest = ring::digest::digest(algorithm, marker);
                let mut head = [0; 8];
                head.copy_from_slice(&digest.as_ref()[..8]);
                let bit = sieve_bit(&head);
                sieve[bit / 64] |= 1 << (bit % 64);
                digests.insert(head, *marker);
            }
        }
        Ok(Markers { places, digests, sieve })
    }

    pub fn len(&self) -> usize {
        self.places.len()
    }

    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The markers of one class, with their places.
    pub fn of_class(&self, class: &str) -> BTreeMap<String, String> {
        let rows = self.places.iter().filter(|(_, place)| place.class == class);
        rows.map(|(marker, place)| (String::from_utf8_lossy(marker).into_owned(), place.place.clone())).collect()
    }

    /// Everything that the bytes give away, each marker and encoding once.
    pub fn search(&self, bytes: &[u8]) -> Vec<Hit> {
        let mut found = HashSet::new();
        self.layer(bytes, "", 0, &mut found);
        let mut hits: Vec<Hit> = found
            .into_iter()
            .map(|(marker, encoding)| Hit {
                marker: String::from_utf8_lossy(&marker).into_owned(),
                class: self.places[&marker].class.clone(),
                place: self.places[&marker].place.clone(),
                encoding,
            })
            .collect();
        hits.sort();
        hits
    }

    /// Searches every file below a folder; names say where.
    pub fn search_files(&self, folder: &Path) -> Result<(Vec<(String, Hit)>, u64)> {
        let (mut hits, mut searched) = (Vec::new(), 0);
        let mut open = vec![folder.to_path_buf()];
        while let Some(path) = open.pop() {
            // A socket or a file that went away meanwhile holds nothing.
            let Ok(about) = fs::symlink_metadata(&path) else { continue };
            let name = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
            hits.extend(self.search(name.as_bytes()).into_iter().map(|hit| (name.clone(), hit)));
            if about.is_dir() {
                open.extend(fs::read_dir(&path)?.flatten().map(|entry| entry.path()));
            } else if about.is_file() {
                let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
                searched += bytes.len() as u64;
                hits.extend(self.search(&bytes).into_iter().map(|hit| (name.clone(), hit)));
            }
        }
        Ok((hits, searched))
    }

    fn layer(&self, bytes: &[u8], outer: &str, depth: usize, found: &mut HashSet<(Marker, String)>) {
        let mut look = |bytes: &[u8], name: &str| {
            self.plain(bytes, &format!("{outer}{name}"), found);
        };
        look(bytes, "raw");
        look(&bytes.iter().rev().copied().collect::<Vec<u8>>(), "reversed");
        for (first, name) in [(0, "UTF-16, even bytes"), (1, "UTF-16, odd bytes")] {
            look(&bytes.iter().skip(first).step_by(2).copied().collect::<Vec<u8>>(), name);
        }
        look(&escapes(bytes), "escapes");
        for run in runs(bytes, |byte| byte.is_ascii_hexdigit(), 2 * LENGTH) {
            for from in 0..2 {
                look(&unhex(&run[from..]), "hex");
            }
        }
        for run in runs(bytes, |byte| base64_value(byte).is_some(), LENGTH + 4) {
            for from in 0..4 {
                look(&unbase64(&run[from..]), "base64");
            }
        }
        if depth < DEPTH {
            for (unfolded, name) in unfold(bytes) {
                self.layer(&unfolded, &format!("{outer}{name}, "), depth + 1, found);
            }
        }
    }

    fn plain(&self, bytes: &[u8], name: &str, found: &mut HashSet<(Marker, String)>) {
        let mut window = [0; LENGTH];
        let mut run = 0;
        for (at, byte) in bytes.iter().enumerate() {
            run = if byte.is_ascii_alphanumeric() { run + 1 } else { 0 };
            if run >= LENGTH {
                let exact = &bytes[at + 1 - LENGTH..=at];
                window.copy_from_slice(exact);
                window.make_ascii_uppercase();
                if self.places.contains_key(&window) {
                    let folded = if exact == window { "" } else { ", case folded" };
                    found.insert((window, format!("{name}{folded}")));
                }
            }
        }
        for head in bytes.windows(8) {
            let mut key = [0; 8];
            key.copy_from_slice(head);
            let bit = sieve_bit(&key);
            if self.sieve[bit / 64] >> (bit % 64) & 1 == 1
                && let Some(marker) = self.digests.get(&key)
            {
                found.insert((*marker, format!("{name}, unkeyed digest")));
            }
        }
    }
}

fn sieve_bit(head: &[u8; 8]) -> usize {
    usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2])
}

/// Maximal stretches of bytes that pass the test, of at least `least` bytes.
fn runs(bytes: &[u8], mut passes: impl FnMut(u8) -> bool, least: usize) -> Vec<&[u8]> {
    bytes.split(move |byte| !passes(*byte)).filter(|run| run.len() >= least).collect()
}

fn unhex(run: &[u8]) -> Vec<u8> {
    let digit = |byte: u8| (byte as char).to_digit(16).unwrap_or(0) as u8;
    run.chunks_exact(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

fn base64_value(byte: u8) -> Option<u32> {
    let value = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

fn unbase64(run: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(run.len() / 4 * 3);
    for group in run.chunks(4) {
        let bits = group.iter().fold(0, |bits, byte| bits << 6 | base64_value(*byte).unwrap_or(0));
        let bits = bits << (6 * (4 - group.len()));
        out.extend_from_slice(&bits.to_be_bytes()[1..]);
    }
    out
}

/// Undoes `%XX` and `\u00XX`.
fn escapes(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let rest = &bytes[at..];
        let (digits, length) = match rest {
            [b'%', high, low, ..] => (Some([*high, *low]), 3),
            [b'\\', b'u', b'0', b'0', high, low, ..] => (Some([*high, *low]), 6),
            _ => (None, 1),
        };
        match digits.filter(|pair| pair.iter().all(u8::is_ascii_hexdigit)) {
            Some(pair) => {
                out.extend(unhex(&pair));
                at += length;
            }
            None => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    out
}

/// What compressed stretches unfold to, wherever one begins.
fn unfold(bytes: &[u8]) -> Vec<(Vec<u8>, &'static str)> {
    let mut out = Vec::new();
    for at in 0..bytes.len() {
        match &bytes[at..] {
            rest @ [0x28, 0xB5, 0x2F, 0xFD, ..] => {
                let mut unfolded = Vec::new();
                if let Ok(decoder) = zstd::stream::read::Decoder::with_buffer(rest) {
                    // What was read before an error is searched all the same.
                    let _ = decoder.single_frame().take(UNFOLDED).read_to_end(&mut unfolded);
                }
                out.push((unfolded, "zstd"));
            }
            rest @ [0x1F, 0x8B, 0x08, ..] => out.push((gunzip(rest), "gzip")),
            _ => {}
        }
    }
    out
}

fn gunzip(bytes: &[u8]) -> Vec<u8> {
    let started =
        Command::new("gzip").arg("-dc").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
    let Ok(mut child) = started else { return Vec::new() };
    let Some(mut stdin) = child.stdin.take() else { return Vec::new() };
    let owned = bytes.to_vec();
    // gzip may stop reading at the end of its stream.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&owned)));
    let output = child.wait_with_output().map(|output| output.stdout).unwrap_or_default();
    let _ = writer.join();
    output
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARKER: &str = "QXABCDEFGHJK";

    fn found(bytes: &[u8]) -> bool {
        let markers =
            Markers::new([(MARKER, "patient", "here"), ("123456789012", "patient", "there")]).expect("markers");
        markers.search(bytes).iter().any(|hit| hit.marker == MARKER)
    }

    fn base64(bytes: &[u8], alphabet: &[u8; 64]) -> Vec<u8> {
        let mut out = Vec::new();
        for group in bytes.chunks(3) {
            let mut bits = [0; 4];
            bits[1..=group.len()].copy_from_slice(group);
            let bits = u32::from_be_bytes(bits);
            out.extend((0..=group.len()).map(|i| alphabet[(bits >> (18 - 6 * i) & 63) as usize]));
        }
        out
    }

    #[test]
    fn a_marker_is_found_under_every_encoding() {
        let raw = format!("a name: {MARKER}, and more").into_bytes();
        let alphabet: [u8; 64] = *b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let wide = |from: fn(u16) -> [u8; 2]| raw.iter().flat_map(|byte| from(u16::from(*byte))).collect::<Vec<u8>>();
        let mut encodings = vec![
            ("raw", raw.clone()),
            ("case folded", raw.to_ascii_lowercase()),
            ("UTF-16LE", wide(u16::to_le_bytes)),
            ("UTF-16BE", wide(u16::to_be_bytes)),
            ("hex", raw.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect()),
            ("HEX", raw.iter().flat_map(|byte| format!("{byte:02X}").into_bytes()).collect()),
            ("percent", raw.iter().flat_map(|byte| format!("%{byte:02x}").into_bytes()).collect()),
            ("JSON", raw.iter().flat_map(|byte| format!("\\u{byte:04x}").into_bytes()).collect()),
            ("reversed", raw.iter().rev().copied().collect()),
            ("zstd", zstd::encode_all(&raw[..], 3).expect("zstd")),
            ("SHA-256", ring::digest::digest(&ring::digest::SHA256, MARKER.as_bytes()).as_ref().to_vec()),
        ];
        for skew in 0..3 {
            let skewed = [&b"xyz"[..skew], MARKER.as_bytes(), b"  "].concat();
            encodings.push(("base64", base64(&skewed, &alphabet)));
        }
        for (name, bytes) in encodings {
            for odd in [&b""[..], b"\x01"] {
                assert!(found(&[odd, &bytes, b"\xff\xff"].concat()), "{name} after {} bytes", odd.len());
            }
            let inside = zstd::encode_all(&[b"....", &bytes[..]].concat()[..], 3).expect("zstd");
            assert!(found(&[b"frame", &inside[..]].concat()), "{name} inside zstd");
        }
    }

    #[test]
    fn what_is_no_marker_is_not_found() {
        assert!(!found(b"QXABCDEFGHJ K"));
        assert!(!found(&MARKER.as_bytes()[..11]));
        assert!(!found(&(0..=255).cycle().take(100_000).collect::<Vec<u8>>()));
    }

    #[test]
    fn a_marker_that_stands_for_two_places_is_refused() {
        assert!(Markers::new([(MARKER, "patient", "one"), (MARKER, "patient", "two")]).is_err());
    }
}
