//! Words that HL7 itself defines. What is not one of them is the sender's text and is not kept.

/// Message codes, table 0076 of HL7 v2.5.1, with those that later versions added for devices.
const CODES: &[&[u8; 3]] = &[
    b"ACK", b"ADR", b"ADT", b"BAR", b"BPS", b"BRP", b"BRT", b"BTS", b"CRM", b"CSU", b"DFT", b"DOC", b"DSR", b"EAC",
    b"EAN", b"EAR", b"EDR", b"EHC", b"EQQ", b"ERP", b"ESR", b"ESU", b"INR", b"INU", b"LSR", b"LSU", b"MCF", b"MDM",
    b"MFD", b"MFK", b"MFN", b"MFQ", b"MFR", b"NMD", b"NMQ", b"NMR", b"OMB", b"OMD", b"OMG", b"OMI", b"OML", b"OMN",
    b"OMP", b"OMQ", b"OMS", b"OPL", b"OPR", b"OPU", b"ORA", b"ORB", b"ORD", b"ORF", b"ORG", b"ORI", b"ORL", b"ORM",
    b"ORN", b"ORP", b"ORR", b"ORS", b"ORU", b"ORX", b"OSM", b"OSQ", b"OSR", b"OSU", b"OUL", b"PEX", b"PGL", b"PIN",
    b"PMU", b"PPG", b"PPP", b"PPR", b"PPT", b"PPV", b"PRR", b"PTR", b"QBP", b"QCK", b"QCN", b"QRY", b"QSB", b"QSX",
    b"QVR", b"RAR", b"RAS", b"RCI", b"RCL", b"RDE", b"RDR", b"RDS", b"RDY", b"REF", b"RER", b"RGR", b"RGV", b"ROR",
    b"RPA", b"RPI", b"RPL", b"RPR", b"RQA", b"RQC", b"RQI", b"RQP", b"RQQ", b"RRA", b"RRD", b"RRE", b"RRG", b"RRI",
    b"RSP", b"RTB", b"SIU", b"SLN", b"SLR", b"SMD", b"SPQ", b"SQM", b"SQR", b"SRM", b"SRR", b"SSR", b"SSU", b"STC",
    b"STI", b"SUR", b"TBR", b"TCR", b"TCU", b"UDM", b"VQQ", b"VXQ", b"VXR", b"VXU", b"VXX",
];

/// Acknowledgement codes, table 0008.
const ACKS: &[&[u8; 2]] = &[b"AA", b"AE", b"AR", b"CA", b"CE", b"CR"];

/// Character sets, table 0211.
const CHARSETS: &[&[u8]] = &[
    b"ASCII",
    b"8859/1",
    b"8859/2",
    b"8859/3",
    b"8859/4",
    b"8859/5",
    b"8859/6",
    b"8859/7",
    b"8859/8",
    b"8859/9",
    b"8859/15",
    b"ISO IR6",
    b"ISO IR14",
    b"ISO IR87",
    b"ISO IR159",
    b"GB 18030-2000",
    b"KS X 1001",
    b"CNS 11643-1992",
    b"BIG-5",
    b"UNICODE",
    b"UNICODE UTF-8",
    b"UNICODE UTF-16",
    b"UNICODE UTF-32",
];

pub(super) fn code(text: &[u8]) -> bool {
    CODES.iter().any(|known| known.as_slice() == text)
}

pub(super) fn ack(text: &[u8]) -> bool {
    ACKS.iter().any(|known| known.as_slice() == text)
}

pub(super) fn charset(text: &[u8]) -> bool {
    CHARSETS.contains(&text)
}

/// A trigger event: a letter and two digits, or two letters and a digit in later versions (table 0003).
pub(super) fn trigger(text: &[u8]) -> bool {
    matches!(text, [a, b, c] if a.is_ascii_uppercase() && b.is_ascii_alphanumeric() && c.is_ascii_digit()
        && (b.is_ascii_digit() || b.is_ascii_uppercase()))
}

/// A message structure: a message code, or one and a trigger event (table 0354).
pub(super) fn structure(text: &[u8]) -> bool {
    match text.split_at_checked(3) {
        Some((name, [])) => code(name),
        Some((name, [b'_', event @ ..])) => code(name) && (trigger(event) || event == b"ACK"),
        _ => false,
    }
}

/// A version id: digits and dots, such as 2.5.1 (table 0104).
pub(super) fn version(text: &[u8]) -> bool {
    matches!(text, [b'2', b'.', rest @ ..] if rest.len() <= 4 && rest.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.'))
}

/// An object identifier.
pub(super) fn oid(text: &[u8]) -> bool {
    (3..=64).contains(&text.len()) && text.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.')
}
