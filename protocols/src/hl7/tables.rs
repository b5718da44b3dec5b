//! Words of the standard. What is not among them might be free text and is not taken for a word.

/// Message codes (table 0076).
const CODES: &[&[u8; 3]] = &[
    b"ACK", b"ADR", b"ADT", b"BAR", b"BPS", b"BRP", b"BRT", b"BTS", b"CCF", b"CCI", b"CCM", b"CCQ", b"CCR", b"CCU",
    b"CQU", b"CRM", b"CSU", b"DBC", b"DBU", b"DEL", b"DEO", b"DER", b"DFT", b"DOC", b"DPR", b"DRC", b"DRG", b"DSR",
    b"EAC", b"EAN", b"EAR", b"EDR", b"EHC", b"EQQ", b"ERP", b"ESR", b"ESU", b"INR", b"INU", b"LSR", b"LSU", b"MCF",
    b"MDM", b"MFD", b"MFK", b"MFN", b"MFQ", b"MFR", b"NMD", b"NMQ", b"NMR", b"OMB", b"OMD", b"OMG", b"OMI", b"OML",
    b"OMN", b"OMP", b"OMQ", b"OMS", b"OPL", b"OPR", b"OPU", b"ORA", b"ORB", b"ORD", b"ORF", b"ORG", b"ORI", b"ORL",
    b"ORM", b"ORN", b"ORP", b"ORR", b"ORS", b"ORU", b"ORX", b"OSM", b"OSQ", b"OSR", b"OSU", b"OUL", b"PEX", b"PGL",
    b"PIN", b"PMU", b"PPG", b"PPP", b"PPR", b"PPT", b"PPV", b"PRR", b"PTR", b"QBP", b"QCK", b"QCN", b"QRY", b"QSB",
    b"QSX", b"QVR", b"RAR", b"RAS", b"RCI", b"RCL", b"RDE", b"RDR", b"RDS", b"RDY", b"REF", b"RER", b"RGR", b"RGV",
    b"ROR", b"RPA", b"RPI", b"RPL", b"RPR", b"RQA", b"RQC", b"RQI", b"RQP", b"RQQ", b"RRA", b"RRD", b"RRE", b"RRG",
    b"RRI", b"RSP", b"RTB", b"SCN", b"SDN", b"SDR", b"SIU", b"SLN", b"SLR", b"SMD", b"SPQ", b"SQM", b"SQR", b"SRM",
    b"SRR", b"SSR", b"SSU", b"STC", b"STI", b"SUR", b"TBR", b"TCR", b"TCU", b"UDM", b"VQQ", b"VXQ", b"VXR", b"VXU",
    b"VXX",
];

/// Character sets (table 0211).
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
    b"BIG-5",
    b"CNS 11643-1992",
    b"GB 18030-2000",
    b"ISO IR14",
    b"ISO IR159",
    b"ISO IR6",
    b"ISO IR87",
    b"KS X 1001",
    b"UNICODE",
    b"UNICODE UTF-8",
    b"UNICODE UTF-16",
    b"UNICODE UTF-32",
];

/// Acknowledgement codes (table 0008).
const ACKS: &[&[u8; 2]] = &[b"AA", b"AE", b"AR", b"CA", b"CE", b"CR"];

/// When an acknowledgement is wanted (table 0155).
const WHEN: &[&[u8; 2]] = &[b"AL", b"NE", b"ER", b"SU"];

/// Segments (HL7 v2.9 A.5, with those of earlier versions).
const SEGMENTS: &[&[u8; 3]] = &[
    b"ABS", b"ACC", b"ADD", b"AFF", b"AIG", b"AIL", b"AIP", b"AIS", b"AL1", b"APR", b"ARQ", b"ARV", b"AUT", b"BHS",
    b"BLC", b"BLG", b"BPO", b"BPX", b"BTS", b"BTX", b"BUI", b"CDM", b"CDO", b"CER", b"CM0", b"CM1", b"CM2", b"CNS",
    b"CON", b"CSP", b"CSR", b"CSS", b"CTD", b"CTI", b"CTR", b"DB1", b"DEV", b"DG1", b"DMI", b"DON", b"DPS", b"DRG",
    b"DSC", b"DSP", b"DST", b"ECD", b"ECR", b"EDU", b"EQL", b"EQP", b"EQU", b"ERQ", b"ERR", b"EVN", b"FAC", b"FHS",
    b"FT1", b"FTS", b"GOL", b"GP1", b"GP2", b"GT1", b"HXX", b"IAM", b"IAR", b"IIM", b"ILT", b"IN1", b"IN2", b"IN3",
    b"INV", b"IPC", b"IPR", b"ISD", b"ITM", b"IVC", b"IVT", b"LAN", b"LCC", b"LCH", b"LDP", b"LOC", b"LRL", b"MCP",
    b"MFA", b"MFE", b"MFI", b"MRG", b"MSA", b"MSH", b"NCK", b"NDS", b"NK1", b"NPU", b"NSC", b"NST", b"NTE", b"OBR",
    b"OBX", b"ODS", b"ODT", b"OH1", b"OH2", b"OH3", b"OH4", b"OM1", b"OM2", b"OM3", b"OM4", b"OM5", b"OM6", b"OM7",
    b"OMC", b"ORC", b"ORG", b"OVR", b"PAC", b"PCE", b"PCR", b"PD1", b"PDA", b"PDC", b"PEO", b"PES", b"PID", b"PKG",
    b"PM1", b"PMT", b"PR1", b"PRA", b"PRB", b"PRC", b"PRD", b"PRT", b"PSG", b"PSH", b"PSL", b"PSS", b"PTH", b"PV1",
    b"PV2", b"PYE", b"QAK", b"QID", b"QPD", b"QRD", b"QRF", b"QRI", b"RCP", b"RDF", b"RDT", b"REL", b"RF1", b"RFI",
    b"RGS", b"RMI", b"ROL", b"RQ1", b"RQD", b"RXA", b"RXC", b"RXD", b"RXE", b"RXG", b"RXO", b"RXR", b"RXV", b"SAC",
    b"SCD", b"SCH", b"SCP", b"SDD", b"SFT", b"SGH", b"SGT", b"SHP", b"SID", b"SLT", b"SPM", b"SPR", b"STF", b"STZ",
    b"TCC", b"TCD", b"TQ1", b"TQ2", b"TXA", b"UAC", b"UB1", b"UB2", b"URD", b"URS", b"VAR", b"VND", b"VTQ",
];

/// Longest OID that is taken for one.
const OID_MAX: usize = 64;

/// Three letters as one number: quicker to compare, and in the same order.
const fn number([a, b, c]: [u8; 3]) -> u32 {
    u32::from_be_bytes([0, a, b, c])
}

/// Finds a word in a table that is sorted.
fn find(table: &'static [&'static [u8; 3]], text: &[u8]) -> Option<&'static [u8; 3]> {
    let wanted = number(*text.first_chunk().filter(|_| text.len() == 3)?);
    let at = table.binary_search_by_key(&wanted, |word| number(**word)).ok()?;
    table.get(at).copied()
}

pub(super) fn code(text: &[u8]) -> Option<&[u8]> {
    find(CODES, text).map(|_| text)
}

pub(super) fn charset(text: &[u8]) -> Option<&[u8]> {
    CHARSETS.contains(&text).then_some(text)
}

pub(super) fn ack(text: &[u8]) -> Option<&[u8]> {
    ACKS.iter().any(|word| *word == text).then_some(text)
}

pub(super) fn when(text: &[u8]) -> Option<&[u8]> {
    WHEN.iter().any(|word| *word == text).then_some(text)
}

/// Table 0103.
pub(super) fn processing(text: &[u8]) -> Option<&[u8]> {
    matches!(text, b"P" | b"T" | b"D" | b"N").then_some(text)
}

/// Table 0516.
pub(super) fn severity(text: &[u8]) -> Option<&[u8]> {
    matches!(text, b"W" | b"I" | b"E" | b"F").then_some(text)
}

/// Table 0357: 0 accepted, 100 to 104 message, 200 to 207 rejection.
pub(super) fn error(text: &[u8]) -> Option<u64> {
    let number = std::str::from_utf8(text).ok()?.parse::<u64>().ok()?;
    matches!(number, 0 | 100..=104 | 198..=207).then_some(number)
}

/// The word under which a segment is counted.
pub(super) fn segment(name: &[u8]) -> &'static [u8] {
    match find(SEGMENTS, name) {
        Some(word) => word,
        None if name.first() == Some(&b'Z') => b"Z",
        None => b"other",
    }
}

/// A letter and two digits.
pub(super) fn trigger(text: &[u8]) -> Option<&[u8]> {
    matches!(text, [b'A'..=b'Z', b'0'..=b'9', b'0'..=b'9']).then_some(text)
}

/// A message code, alone or with a trigger event: `ADT_A01`.
pub(super) fn structure(text: &[u8]) -> Option<&[u8]> {
    let (first, rest) = text.split_at_checked(3)?;
    let shaped = match rest {
        [] => true,
        [b'_', event @ ..] => trigger(event).is_some(),
        _ => false,
    };
    (shaped && code(first).is_some()).then_some(text)
}

/// `2.` and one or two more numbers.
pub(super) fn version(text: &[u8]) -> Option<&[u8]> {
    matches!(text, [b'2', b'.', b'0'..=b'9'] | [b'2', b'.', b'0'..=b'9', b'.', b'0'..=b'9']).then_some(text)
}

pub(super) fn oid(text: &[u8]) -> Option<&[u8]> {
    let shaped = text.iter().all(|&byte| byte.is_ascii_digit() || byte == b'.');
    (shaped && text.contains(&b'.') && text.len() <= OID_MAX).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_of_the_standard_pass() {
        assert!(code(b"ADT").is_some() && code(b"DOE").is_none() && code(b"").is_none());
        assert!(structure(b"ORU_R01").is_some() && structure(b"ACK").is_some());
        assert!(structure(b"DOE_J01").is_none() && structure(b"ADT_JANE").is_none());
        assert!(trigger(b"A01").is_some() && trigger(b"A1").is_none() && trigger(b"a01").is_none());
        assert!(version(b"2.5.1").is_some() && version(b"2.JANE").is_none());
        assert!(oid(b"1.3.6.1.4.1.19376.1.6.1.1.1").is_some() && oid(b"19700101").is_none());
        assert!(SEGMENTS.is_sorted() && CODES.is_sorted(), "searched by halves");
        assert_eq!(
            [segment(b"PID"), segment(b"ZPI"), segment(b"DOE"), segment(b"")],
            [&b"PID"[..], b"Z", b"other", b"other"]
        );
        assert_eq!([error(b"101"), error(b"19700101"), error(b"DOE")], [Some(101), None, None]);
        assert!(charset(b"UNICODE UTF-8").is_some() && charset(b"JANE").is_none());
    }
}
