//! Where things are.

use std::path::{Path, PathBuf};

/// The root of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// A folder of test material that lies outside the repository: `$HOLTER_SHARED`, else `shared` beside the workspace or
/// one folder further up. `None`, said on stderr, where there is none.
pub fn shared(folder: &str) -> Option<PathBuf> {
    let named = std::env::var_os("HOLTER_SHARED").map(PathBuf::from);
    let beside = [root().join("../shared"), root().join("../../shared")];
    let found = named.into_iter().chain(beside).map(|base| base.join(folder)).find(|path| path.exists());
    if found.is_none() {
        skipped(&format!("{folder} is not beside the workspace and HOLTER_SHARED names no folder that holds it"));
    }
    found
}

/// Says on stderr that a test does not run here, and why.
pub fn skipped(why: &str) {
    eprintln!("SKIPPED: {why}");
}

/// Is the program installed?
pub fn installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// The interpreter that `scripts/setup.sh lab` made, or `None`, said on stderr.
pub fn lab_python() -> Option<PathBuf> {
    let path = root().join("target/lab-venv/bin/python");
    if path.exists() {
        return Some(path);
    }
    skipped("no target/lab-venv: run scripts/setup.sh lab");
    None
}
