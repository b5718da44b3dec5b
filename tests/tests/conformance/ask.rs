//! What the oracle's files have no column for is asked of the oracle itself, once: the answers are kept beside the build.

use crate::oracle::{Rows, parse};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The release that made the files of the corpus: another one may say otherwise.
const RELEASE: &str = "TShark (Wireshark) 4.0.";

/// As the files of the corpus were made.
const OPTIONS: &[&str] = &["-n", "--enable-heuristic", "hl7_tcp", "-o", "tcp.relative_sequence_numbers:FALSE"];

fn home() -> PathBuf {
    static HOME: OnceLock<PathBuf> = OnceLock::new();
    HOME.get_or_init(|| {
        let version = Command::new("tshark").arg("--version").output().expect("tshark is not there");
        let version = String::from_utf8_lossy(&version.stdout).into_owned();
        assert!(version.starts_with(RELEASE), "the comparison is with {RELEASE}x, and this is another tshark");
        let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("conformance/asked");
        fs::create_dir_all(&home).unwrap();
        home
    })
    .clone()
}

/// The standard output of tshark, from an earlier run if there was one. Whether it came to the end of the capture is not
/// asked: many are cut.
fn tshark(capture: &Path, filter: &str, rest: &[String]) -> String {
    // One that was remade is asked about again.
    let metadata = fs::metadata(capture).unwrap();
    let key = format!("{} {} {:?} {filter} {rest:?}", capture.display(), metadata.len(), metadata.modified().unwrap());
    // FNV-1a: these keys are ours.
    let hash = key
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let kept = home().join(format!("{hash:016x}"));
    if let Ok(text) = fs::read(&kept) {
        return String::from_utf8_lossy(&text).into_owned();
    }
    let mut tshark = Command::new("tshark");
    tshark.args(OPTIONS).arg("-r").arg(capture).args(["-Y", filter]).args(rest);
    // What the oracle reads on no port of its own.
    let known = match capture.parent() {
        Some(folder) if folder.ends_with("clinical") => &["-d", "tcp.port==6661,hl7"][..],
        Some(folder) if folder.ends_with("conformance/captures") => &["-d", "tcp.port==1468,syslog"],
        _ => &[],
    };
    tshark.args(known);
    let output = tshark.output().unwrap();
    assert!(
        !output.stdout.is_empty() || output.status.code() != Some(1),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let draft = kept.with_extension(format!("{}-{:?}", std::process::id(), std::thread::current().id()));
    fs::write(&draft, &output.stdout).unwrap();
    fs::rename(&draft, &kept).unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// These columns of the frames that hold one of these layers.
pub(crate) fn columns(capture: &Path, layers: &[&str], columns: &[&str]) -> Option<Rows> {
    let mut rest: Vec<String> = ["-T", "fields", "-E", "header=y", "-E", "aggregator=|", "-e", "frame.number"]
        .iter()
        .map(|&word| word.to_owned())
        .collect();
    rest.extend(columns.iter().flat_map(|&column| ["-e".to_owned(), column.to_owned()]));
    parse(&tshark(capture, &layers.join(" || "), &rest))
}

/// Of the values of a column, those that take this many bytes of the frame: the oracle has values of several kinds in one
/// column.
pub(crate) fn sized(capture: &Path, filter: &str, column: &str, bytes: u32) -> Vec<(u64, String)> {
    let text = tshark(capture, filter, &["-T".to_owned(), "pdml".to_owned()]);
    let attribute = |line: &str, name: &str| {
        let (_, rest) = line.split_once(&format!(" {name}=\""))?;
        rest.split_once('"').map(|(value, _)| value.to_owned())
    };
    let size = bytes.to_string();
    let mut frame = 0;
    let mut values = Vec::new();
    for line in text.lines() {
        let named = |name: &str| attribute(line, "name").as_deref() == Some(name);
        if named("num") {
            frame = attribute(line, "show").and_then(|number| number.parse().ok()).unwrap_or(frame);
        } else if named(column) && attribute(line, "size").as_deref() == Some(&size) {
            values.extend(attribute(line, "show").map(|value| (frame, value)));
        }
    }
    values
}
