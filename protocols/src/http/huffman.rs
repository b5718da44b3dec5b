//! The Huffman code of HPACK (RFC 7541 5.2, appendix B). It is canonical: the lengths of the codes say all.

/// How many codes there are of each length, from one bit on.
const COUNTS: [u16; 30] =
    [0, 0, 0, 0, 10, 26, 32, 6, 0, 5, 3, 2, 6, 2, 3, 0, 0, 0, 3, 8, 13, 26, 29, 12, 4, 15, 19, 29, 0, 4];
/// Symbols in the order of their codes. The last, 256, ends a string and must not occur in one.
#[rustfmt::skip]
const SYMBOLS: [u16; 257] = [
    48, 49, 50, 97, 99, 101, 105, 111, 115, 116, 32, 37, 45, 46, 47, 51, 52, 53, 54, 55, 56, 57, 61, 65, 95, 98,
    100, 102, 103, 104, 108, 109, 110, 112, 114, 117, 58, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78,
    79, 80, 81, 82, 83, 84, 85, 86, 87, 89, 106, 107, 113, 118, 119, 120, 121, 122, 38, 42, 44, 59, 88, 90, 33,
    34, 40, 41, 63, 39, 43, 124, 35, 62, 0, 36, 64, 91, 93, 126, 94, 125, 60, 96, 123, 92, 195, 208, 128, 130,
    131, 162, 184, 194, 224, 226, 153, 161, 167, 172, 176, 177, 179, 209, 216, 217, 227, 229, 230, 129, 132,
    133, 134, 136, 146, 154, 156, 160, 163, 164, 169, 170, 173, 178, 181, 185, 186, 187, 189, 190, 196, 198,
    228, 232, 233, 1, 135, 137, 138, 139, 140, 141, 143, 147, 149, 150, 151, 152, 155, 157, 158, 165, 166, 168,
    174, 175, 180, 182, 183, 188, 191, 197, 231, 239, 9, 142, 144, 145, 148, 159, 171, 206, 215, 225, 236, 237,
    199, 207, 234, 235, 192, 193, 200, 201, 202, 205, 210, 213, 218, 219, 238, 240, 242, 243, 255, 203, 204,
    211, 212, 214, 221, 222, 223, 241, 244, 245, 246, 247, 248, 250, 251, 252, 253, 254, 2, 3, 4, 5, 6, 7, 8,
    11, 12, 14, 15, 16, 17, 18, 19, 20, 21, 23, 24, 25, 26, 27, 28, 29, 30, 31, 127, 220, 249, 10, 13, 22, 256,
];
const END: u16 = 256;

/// Decodes `bytes` and shows each symbol; `None` where they break the code.
pub(super) fn decode(bytes: &[u8], mut show: impl FnMut(u8)) -> Option<()> {
    // The code so far, and of codes of its length the first, and the place of that one among the symbols.
    let (mut code, mut first, mut place, mut length) = (0u32, 0u32, 0u32, 0usize);
    let mut ones = true;
    for byte in bytes {
        for bit in (0..8u8).rev() {
            let bit = u32::from(byte >> bit & 1);
            code = code << 1 | bit;
            first <<= 1;
            ones &= bit == 1;
            let count = u32::from(*COUNTS.get(length)?);
            length = length.saturating_add(1);
            let nth = code.saturating_sub(first);
            if nth < count {
                let symbol = *SYMBOLS.get(usize::try_from(place.saturating_add(nth)).ok()?)?;
                if symbol == END {
                    return None;
                }
                show(u8::try_from(symbol).ok()?);
                (code, first, place, length, ones) = (0, 0, 0, 0, true);
            } else {
                first = first.saturating_add(count);
                place = place.saturating_add(count);
            }
        }
    }
    // What is left is padding: less than a byte of ones.
    (length < 8 && ones).then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> Option<String> {
        let mut text = String::new();
        decode(bytes, |byte| text.push(char::from(byte))).map(|()| text)
    }

    #[test]
    fn the_examples_of_the_standard_decode() {
        assert_eq!(
            text(&[0xf1, 0xe3, 0xc2, 0xe5, 0xf2, 0x3a, 0x6b, 0xa0, 0xab, 0x90, 0xf4, 0xff]).as_deref(),
            Some("www.example.com")
        );
        assert_eq!(text(&[0xa8, 0xeb, 0x10, 0x64, 0x9c, 0xbf]).as_deref(), Some("no-cache"));
        assert_eq!(text(&[0x64, 0x02]).as_deref(), Some("302"));
    }

    #[test]
    fn long_padding_zeros_and_the_end_symbol_break_a_string() {
        assert_eq!(text(&[0x07]), Some("0".to_owned()));
        assert_eq!(text(&[0x00]), None);
        assert_eq!(text(&[0xff]), None);
        assert_eq!(text(&[0xff, 0xff, 0xff, 0xff]), None);
    }
}
