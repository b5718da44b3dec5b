//! Names: as hickory holds them, and as RFC 1035 5.1 writes them.

use crate::draw::Draw;
use hickory_proto::rr::Name;

pub(crate) fn name(labels: &[Vec<u8>]) -> Name {
    Name::from_labels(labels.iter().map(Vec::as_slice)).expect("a name")
}

pub(crate) fn text(labels: &[Vec<u8>]) -> String {
    labels.iter().map(|label| label.iter().map(|&byte| escaped(byte)).collect::<String>()).collect::<Vec<_>>().join(".")
}

fn escaped(byte: u8) -> String {
    match byte {
        b'.' | b'\\' => format!("\\{}", char::from(byte)),
        33..=126 => char::from(byte).to_string(),
        _ => format!("\\{byte:03}"),
    }
}

/// Some labels; now and then with bytes that have to be escaped, and as long as can be.
pub(crate) fn labels(draw: &mut Draw) -> Vec<Vec<u8>> {
    let longest = draw.pick(&[3, 12, 63]);
    let mut labels = draw.list(1, 6, |draw| match draw.chance(10) {
        true => draw.bytes(1, longest),
        false => draw.word(1, longest).into_bytes(),
    });
    while labels.iter().map(|label| label.len() + 1).sum::<usize>() > 250 {
        labels.pop();
    }
    labels
}
