//! Reads and writes capture files in the plainest form (pcap, microseconds, host order), for tests that cut and join them.

use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;

/// Length of the file's header, and of the header of each record.
const FILE_HEADER: usize = 24;
const RECORD_HEADER: usize = 16;

pub struct Capture {
    header: Vec<u8>,
    /// Each record with its header.
    pub records: Vec<Vec<u8>>,
}

impl Capture {
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = fs::read(path).with_context(|| path.display().to_string())?;
        if bytes.get(..4) != Some(&0xA1B2_C3D4_u32.to_le_bytes()) {
            bail!("{}: not a little-endian pcap file", path.display());
        }
        let (mut at, mut records) = (FILE_HEADER, Vec::new());
        while let Some(head) = bytes.get(at..at + RECORD_HEADER) {
            let length = u32::from_le_bytes([head[8], head[9], head[10], head[11]]) as usize;
            let Some(record) = bytes.get(at..at + RECORD_HEADER + length) else { bail!("cut at {at}") };
            records.push(record.to_vec());
            at += record.len();
        }
        Ok(Capture { header: bytes[..FILE_HEADER].to_vec(), records })
    }

    pub fn bytes(&self) -> Vec<u8> {
        let mut out = self.header.clone();
        self.records.iter().for_each(|record| out.extend_from_slice(record));
        out
    }
}
