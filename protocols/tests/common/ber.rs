//! Elements of BER.

pub fn tlv(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = match body.len() {
        short @ ..=127 => vec![short as u8],
        long => [&[0x82][..], &(long as u16).to_be_bytes()].concat(),
    };
    [&[tag][..], &length, body].concat()
}

pub fn seq(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

pub fn int(value: u8) -> Vec<u8> {
    tlv(2, &[value])
}

pub fn text(value: &[u8]) -> Vec<u8> {
    tlv(4, value)
}
