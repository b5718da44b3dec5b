//! Conversations that programs in Python encoded, by `tests/encoders/encode.py`.

use crate::compare::Conversation;
use holter_protocols::Way;
use holter_tests::places;
use serde_json::Value;
use std::process::Command;

const SEED: &str = "20261125";

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

fn conversation(line: &str) -> Conversation {
    let said: Value = serde_json::from_str(line).unwrap();
    let chunks = said["chunks"].as_array().unwrap().iter().map(|chunk| {
        let way = if chunk[0] == ">" { Way::ToServer } else { Way::ToClient };
        (way, bytes(chunk[1].as_str().unwrap()))
    });
    Conversation {
        stream: said["transport"] == "tcp",
        chunks: chunks.collect(),
        events: said["events"].as_array().unwrap().clone(),
    }
}

/// `None`, said on stderr, where there is no `target/lab-venv`.
pub(crate) fn conversations(encoder: &str, count: usize) -> Option<Vec<Conversation>> {
    let python = places::lab_python()?;
    let script = places::root().join("tests/encoders/encode.py");
    let output = Command::new(python).arg(script).args([encoder, &count.to_string(), SEED]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let talks: Vec<_> = String::from_utf8(output.stdout).unwrap().lines().map(conversation).collect();
    assert_eq!(talks.len(), count);
    Some(talks)
}
