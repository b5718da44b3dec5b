//! DICOM bytes, built.

pub const CT: &str = "1.2.840.10008.5.1.4.1.1.2";
pub const VERIFICATION: &str = "1.2.840.10008.1.1";
pub const IMPLICIT: &str = "1.2.840.10008.1.2";
pub const EXPLICIT: &str = "1.2.840.10008.1.2.1";
pub const BIG: &str = "1.2.840.10008.1.2.2";
pub const DEFLATED: &str = "1.2.840.10008.1.2.1.99";

pub fn pdu(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind, 0][..], &(body.len() as u32).to_be_bytes(), body].concat()
}

pub fn item(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind, 0][..], &(body.len() as u16).to_be_bytes(), body].concat()
}

fn fixed(called: &[u8], calling: &[u8]) -> Vec<u8> {
    let title = |name: &[u8]| [name, &[b' '; 16]].concat()[..16].to_vec();
    [&[0, 1, 0, 0][..], &title(called), &title(calling), &[0; 32], &item(0x10, b"1.2.840.10008.3.1.1.1")].concat()
}

pub fn context(id: u8, abstract_syntax: &str, transfer_syntaxes: &[&str]) -> Vec<u8> {
    let mut body = vec![id, 0, 0, 0];
    body.extend(item(0x30, abstract_syntax.as_bytes()));
    transfer_syntaxes.iter().for_each(|syntax| body.extend(item(0x40, syntax.as_bytes())));
    item(0x20, &body)
}

pub fn user(items: &[u8]) -> Vec<u8> {
    let mut body = item(0x51, &16384u32.to_be_bytes());
    body.extend(item(0x52, b"1.2.276.0.7230010.3.0.3.6.7"));
    body.extend_from_slice(items);
    item(0x50, &body)
}

/// A-ASSOCIATE-RQ with the items behind the application context.
pub fn request_with(called: &[u8], calling: &[u8], items: &[u8]) -> Vec<u8> {
    pdu(1, &[&fixed(called, calling)[..], items].concat())
}

pub fn request(transfer_syntax: &str) -> Vec<u8> {
    let items = [context(1, CT, &[transfer_syntax]), context(3, VERIFICATION, &[IMPLICIT]), user(&[])].concat();
    request_with(b"ARCHIVE", b"CT01", &items)
}

pub fn accept(transfer_syntax: &str) -> Vec<u8> {
    let result = |id: u8, syntax: &str| item(0x21, &[&[id, 0, 0, 0][..], &item(0x40, syntax.as_bytes())].concat());
    pdu(2, &[&fixed(b"ARCHIVE", b"CT01")[..], &result(1, transfer_syntax), &result(3, IMPLICIT), &user(&[])].concat())
}

pub fn pdv(id: u8, control: u8, bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u32 + 2).to_be_bytes()[..], &[id, control], bytes].concat()
}

pub const COMMAND: u8 = 1;
pub const LAST: u8 = 2;

pub fn implicit(group: u16, element: u16, value: &[u8]) -> Vec<u8> {
    let mut value = value.to_vec();
    if value.len() % 2 == 1 {
        value.push(0);
    }
    [&group.to_le_bytes()[..], &element.to_le_bytes(), &(value.len() as u32).to_le_bytes(), &value].concat()
}

/// An explicit VR little endian element; the long form for the VRs that have it.
pub fn explicit(group: u16, element: u16, vr: &[u8; 2], value: &[u8]) -> Vec<u8> {
    let mut value = value.to_vec();
    if value.len() % 2 == 1 {
        value.push(b' ');
    }
    let mut bytes = [group.to_le_bytes(), element.to_le_bytes(), *vr].concat();
    if matches!(vr, b"OB" | b"OW" | b"SQ" | b"UN" | b"UT") {
        bytes.extend([0, 0]);
        bytes.extend((value.len() as u32).to_le_bytes());
    } else {
        bytes.extend((value.len() as u16).to_le_bytes());
    }
    bytes.extend(value);
    bytes
}

pub fn command_set(field: u16, elements: &[Vec<u8>]) -> Vec<u8> {
    let mut body = implicit(0, 2, CT.as_bytes());
    body.extend(implicit(0, 0x100, &field.to_le_bytes()));
    elements.iter().for_each(|element| body.extend_from_slice(element));
    [implicit(0, 0, &(body.len() as u32).to_le_bytes()), body].concat()
}

/// C-STORE-RQ with a data set to follow.
pub fn store() -> Vec<u8> {
    command_set(1, &[implicit(0, 0x110, &[7, 0]), implicit(0, 0x800, &[0, 0])])
}

pub fn echo() -> Vec<u8> {
    command_set(0x30, &[implicit(0, 0x110, &[9, 0]), implicit(0, 0x800, &[1, 1])])
}

pub fn message(id: u8, command: &[u8]) -> Vec<u8> {
    pdu(4, &pdv(id, COMMAND | LAST, command))
}

/// The head of an explicit data set of an image.
pub fn head() -> Vec<u8> {
    [
        explicit(8, 0x16, b"UI", CT.as_bytes()),
        explicit(8, 0x60, b"CS", b"CT"),
        explicit(8, 0x70, b"LO", b"Tessivo"),
        explicit(8, 0x1010, b"SH", b"ROOM3"),
        explicit(8, 0x1090, b"LO", b"Scan 64"),
        explicit(0x10, 0x10, b"PN", b"ROE^RICHARD"),
        explicit(0x10, 0x20, b"LO", b"MRN777"),
        explicit(0x18, 0x1000, b"LO", b"SN42"),
        explicit(0x18, 0x1020, b"LO", b"VB10"),
    ]
    .concat()
}

/// An association in which one direction says `body` after the negotiation; then an echo, which must be found.
pub fn conversation(transfer_syntax: &str, body: &[u8]) -> Vec<super::Chunk> {
    use holter_protocols::Way::{ToClient, ToServer};
    vec![
        (ToServer, request(transfer_syntax)),
        (ToClient, accept(transfer_syntax)),
        (ToServer, [body, &message(3, &echo())].concat()),
    ]
}
