//! Forms that text must have before it may be called a word of the protocol.

/// Longest UID (PS3.5 9.1).
pub(super) const UID_MAX: usize = 64;

/// A value without the spaces and NULs that pad it to an even length.
pub(super) fn trimmed(bytes: &[u8]) -> &[u8] {
    let padding = |byte: &u8| *byte == b' ' || *byte == 0;
    let start = bytes.iter().position(|byte| !padding(byte)).unwrap_or(bytes.len());
    let end = bytes.iter().rposition(|byte| !padding(byte)).map_or(start, |last| last.saturating_add(1));
    bytes.get(start..end).unwrap_or_default()
}

/// The UID in a value: digits and dots, 1 to 64 of them. Anything else is not a UID and could be anything.
pub(super) fn uid(value: &[u8]) -> Option<&[u8]> {
    let value = trimmed(value);
    let shaped = value.iter().all(|&byte| byte.is_ascii_digit() || byte == b'.');
    (shaped && !value.is_empty() && value.len() <= UID_MAX).then_some(value)
}

/// Modalities (PS3.3 C.7.3.1.1.1, with the retired ones that devices still send). Another value might be free text.
const MODALITIES: &[&[u8; 2]] = &[
    b"AR", b"AS", b"AU", b"BI", b"CD", b"CF", b"CP", b"CR", b"CS", b"CT", b"DD", b"DF", b"DG", b"DM", b"DS", b"DX",
    b"EC", b"ES", b"FA", b"FS", b"GM", b"HC", b"HD", b"IO", b"KO", b"LP", b"LS", b"MA", b"MG", b"MR", b"MS", b"NM",
    b"OP", b"OT", b"PR", b"PT", b"PX", b"RF", b"RG", b"RX", b"SC", b"SM", b"SR", b"ST", b"TG", b"US", b"VA", b"VF",
    b"XA", b"XC",
];
const LONG_MODALITIES: &[&[u8]] = &[
    b"ANN",
    b"ASMT",
    b"BDUS",
    b"BMD",
    b"CFM",
    b"CTPROTOCOL",
    b"DMS",
    b"DOC",
    b"DPM",
    b"ECG",
    b"EEG",
    b"EMG",
    b"EOG",
    b"EPS",
    b"FID",
    b"IOL",
    b"IVOCT",
    b"IVUS",
    b"KER",
    b"LEN",
    b"M3D",
    b"MRS",
    b"OAM",
    b"OCT",
    b"OCTA",
    b"OPM",
    b"OPMX",
    b"OPR",
    b"OPT",
    b"OPTBSV",
    b"OPTENF",
    b"OPV",
    b"OSS",
    b"PA",
    b"PLAN",
    b"POS",
    b"REG",
    b"RESP",
    b"RTDOSE",
    b"RTIMAGE",
    b"RTINTENT",
    b"RTPLAN",
    b"RTRAD",
    b"RTRECORD",
    b"RTSEGANN",
    b"RTSTRUCT",
    b"RWV",
    b"SEG",
    b"SMR",
    b"SRF",
    b"STAIN",
    b"TEXTUREMAP",
    b"XAPROTOCOL",
    b"XRF",
];

pub(super) fn modality(value: &[u8]) -> Option<&[u8]> {
    let value = trimmed(value);
    let known = MODALITIES.iter().any(|word| *word == value) || LONG_MODALITIES.contains(&value);
    known.then_some(value)
}

/// A UID that outlives its packet: which service a message asked for. A UID of a SOP class names no person.
#[derive(Clone, Copy)]
pub(super) struct KeptUid {
    bytes: [u8; UID_MAX],
    len: u8,
}

impl KeptUid {
    pub(super) fn new(value: &[u8]) -> Option<KeptUid> {
        let value = uid(value)?;
        let mut kept = KeptUid { bytes: [0; UID_MAX], len: u8::try_from(value.len()).ok()? };
        kept.bytes.get_mut(..value.len())?.copy_from_slice(value);
        Some(kept)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_digits_and_dots_up_to_64_are_a_uid() {
        assert_eq!(uid(b"1.2.840.10008.1.1\0"), Some(&b"1.2.840.10008.1.1"[..]));
        for bad in [&b""[..], b"1.2.DOE", &[b'1'; 65], b"1.2\x001"] {
            assert_eq!(uid(bad), None);
        }
    }

    #[test]
    fn a_modality_is_a_word_of_the_standard() {
        assert_eq!(modality(b"CT"), Some(&b"CT"[..]));
        assert_eq!(modality(b"ECG "), Some(&b"ECG"[..]));
        assert_eq!(modality(b"DOE"), None);
    }
}
