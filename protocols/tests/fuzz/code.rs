//! Which code a decoder is: its folder, and what it uses of the modules beside it. Executions count for the code that they
//! ran.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut inner: Vec<_> = folder.read_dir().expect("a folder").map(|entry| entry.expect("readable").path()).collect();
    inner.sort();
    for path in inner {
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            found.push(path);
        }
    }
}

/// Modules that a text names as `crate::x`, alone or in braces.
fn used(text: &str) -> impl Iterator<Item = &str> {
    let name = |text: &'_ str| text.find(|c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit() && c != '_');
    text.split("crate::").skip(1).flat_map(move |rest| {
        let all = rest.strip_prefix('{').map_or(rest, |list| list.split(';').next().unwrap_or(list));
        all.split([',', '{', '}']).take(if rest.starts_with('{') { usize::MAX } else { 1 }).map(move |item| {
            let item = item.trim();
            &item[..name(item).unwrap_or(item.len())]
        })
    })
}

/// Eight hexadecimal digits. The table of protocols is not part of it: that changes with every new one.
pub(crate) fn of(source: &Path, protocol: &str) -> String {
    let (mut done, mut open) = (BTreeSet::new(), vec![protocol.to_owned()]);
    let mut texts = Vec::new();
    while let Some(module) = open.pop() {
        if module.is_empty() || !done.insert(module.clone()) {
            continue;
        }
        let mut found = Vec::new();
        let (file, folder) = (source.join(format!("{module}.rs")), source.join(&module));
        if file.is_file() {
            found.push(file);
        }
        if folder.is_dir() {
            files(&folder, &mut found);
        }
        for path in found {
            let text = std::fs::read_to_string(&path).expect("readable");
            open.extend(used(&text).map(str::to_owned));
            texts.push((path, text));
        }
    }
    texts.sort();
    // FNV-1a: nobody has a reason to forge it.
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    for byte in texts.iter().flat_map(|(_, text)| text.bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    format!("{:08x}", hash >> 32)
}

#[test]
fn the_code_of_a_decoder_is_its_folder_and_what_it_uses() {
    let folder = tempfolder();
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("writable");
        std::fs::write(path, text).expect("writable");
    };
    write("one/mod.rs", "use crate::{Sink, shared::{a, b}, other};\nfn x() { crate::third::y() }");
    write("shared.rs", "use crate::deep;");
    write("deep.rs", "1");
    write("third.rs", "1");
    write("alien/mod.rs", "1");
    let first = of(&folder, "one");
    write("alien/mod.rs", "2");
    assert_eq!(of(&folder, "one"), first, "what it does not use");
    for name in ["deep.rs", "third.rs", "one/codec.rs"] {
        let before = of(&folder, "one");
        write(name, "2");
        assert_ne!(of(&folder, "one"), before, "{name}");
    }
    std::fs::remove_dir_all(&folder).expect("removed");
}

#[cfg(test)]
fn tempfolder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("code-{}", std::process::id()))
}
