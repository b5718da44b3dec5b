//! The CRC of each block (IEEE 1815 9.2.6): polynomial 0x3d65, reflected, complemented.

const POLYNOMIAL: u16 = 0xa6bc;

const TABLE: [u16; 256] = table();

#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated when it is compiled")]
const fn table() -> [u16; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u16;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ POLYNOMIAL } else { crc >> 1 };
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
}

pub(super) fn of(bytes: &[u8]) -> u16 {
    let crc = bytes.iter().fold(0u16, |crc, &byte| {
        let [low, _] = (crc ^ u16::from(byte)).to_le_bytes();
        crc >> 8 ^ TABLE.get(usize::from(low)).copied().unwrap_or_default()
    });
    !crc
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_check_value_of_the_catalogue_of_crcs_is_met() {
        assert_eq!(super::of(b"123456789"), 0xea82);
    }
}
