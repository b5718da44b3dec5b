//! What both sides say of themselves when they set a conference up: blocks of settings (MS-RDPBCGR 2.2.1.3, 2.2.1.4) in
//! a conference's data (T.124 8.7) in a connection of the conference service (T.125 7).

use super::{Client, Server, frame};
use crate::event::{Code, Count};
use crate::joined::Joined;
use crate::{Malformed, Reader, Sink, Verdict, Way, ber};
use holter_phi::{Because, Plain};
use memchr::memmem;

/// Blocks that are read of one message.
pub const BLOCKS_MAX: usize = 32;

/// The first byte of a connection's tag; the second says which way it goes.
pub(super) const CONNECTION: u8 = 0x7f;
const INITIAL: u8 = 0x65;
const RESPONSE: u8 = 0x66;

/// The keys under which client and server put their settings, and how far into the data they are looked for.
const CLIENT_KEY: &[u8] = b"Duca";
const SERVER_KEY: &[u8] = b"McDn";
const KEY_WITHIN: usize = 64;
/// The same from the beginning of the packet, which needs more for the parameters of the connection.
const LOOK_WITHIN: usize = 512;

const CLIENT_CORE: u16 = 0xc001;
const CLIENT_SECURITY: u16 = 0xc002;
const CLIENT_CHANNELS: u16 = 0xc003;
const SERVER_CORE: u16 = 0x0c01;
const SERVER_SECURITY: u16 = 0x0c02;

const DATA: &str = "rdp.conference";

pub(super) fn looks(way: Way, packet: &[u8], whole: bool) -> Verdict {
    let (tag, key) = match way {
        Way::ToServer => (INITIAL, CLIENT_KEY),
        Way::ToClient => (RESPONSE, SERVER_KEY),
    };
    match packet.get(frame::LEAST + 1) {
        None if !whole => return Verdict::Unsure,
        Some(found) if *found == tag => {}
        _ => return Verdict::No,
    }
    let head = packet.get(..LOOK_WITHIN);
    if memmem::find(head.unwrap_or(packet), key).is_some() {
        Verdict::Yes
    } else if whole || head.is_some() {
        Verdict::No
    } else {
        Verdict::Unsure
    }
}

pub(super) fn read(way: Way, packet: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
    let mut reader = Reader::based(packet.get(frame::LEAST..).unwrap_or_default(), frame::LEAST);
    if reader.rest().first() != Some(&CONNECTION) {
        return Ok(());
    }
    reader.take(1, DATA)?;
    let (tag, key) = match way {
        Way::ToServer => (INITIAL, CLIENT_KEY),
        Way::ToClient => (RESPONSE, SERVER_KEY),
    };
    let mut connection = ber::expect(&mut reader, tag, DATA)?;
    // A domain on either side and whether this one is below, or a result and a number; then the parameters.
    for _ in 0..if tag == INITIAL { 6 } else { 3 } {
        ber::next(&mut connection, DATA)?;
    }
    let mut data = ber::expect(&mut connection, ber::OCTETS, DATA)?;
    let head = data.rest().get(..KEY_WITHIN).unwrap_or(data.rest());
    let Some(at) = memmem::find(head, key) else { return Err(data.malformed("rdp.conference_key")) };
    data.take(at.saturating_add(key.len()), DATA)?;
    let length = data.u8(DATA)?;
    // Of the packed encoding: one byte, or two with a mark.
    let length =
        if length & 0x80 == 0 { u16::from(length) } else { u16::from_be_bytes([length & 0x3f, data.u8(DATA)?]) };
    let blocks = data.sub(usize::from(length), DATA)?;
    if tag == INITIAL { client(blocks, sink) } else { server(blocks, sink) }
}

/// The next block: its type and what it holds.
fn block<'a>(reader: &mut Reader<'a>) -> Result<(u16, Reader<'a>), Malformed> {
    let begin = *reader;
    let kind = reader.u16_le("rdp.block")?;
    let length = usize::from(reader.u16_le("rdp.block")?);
    let body = length.checked_sub(4).ok_or(begin.malformed("rdp.block"))?;
    Ok((kind, reader.sub(body, "rdp.block")?))
}

fn client(mut reader: Reader<'_>, sink: &mut dyn Sink) -> Result<(), Malformed> {
    let (kind, core) = block(&mut reader)?;
    if kind != CLIENT_CORE {
        return Err(core.malformed("rdp.client_core"));
    }
    let mut name = Joined::<64>::new();
    let mut client = core_of(core, &mut name)?;
    let mut result = Ok(());
    for _ in 0..BLOCKS_MAX {
        if reader.is_empty() {
            break;
        }
        match block(&mut reader) {
            Ok((CLIENT_SECURITY, mut body)) => {
                client.methods = body.u32_le("rdp.block").ok().map(|methods| Code(u64::from(methods)));
            }
            Ok((CLIENT_CHANNELS, mut body)) => {
                client.channels = body.u32_le("rdp.block").ok().map(|count| Count(u64::from(count)));
            }
            Ok(_) => {}
            Err(malformed) => {
                result = Err(malformed);
                break;
            }
        }
    }
    sink.event(&client);
    result
}

fn core_of<'n>(mut core: Reader<'_>, name: &'n mut Joined<64>) -> Result<Client<'n>, Malformed> {
    const FIELD: &str = "rdp.client_core";
    let version = core.u32_le(FIELD)?;
    // Width, height, depth of colour, and a sequence of keys.
    core.take(8, FIELD)?;
    let layout = core.u32_le(FIELD)?;
    let build = core.u32_le(FIELD)?;
    name.push_utf16(core.take(32, FIELD)?);
    let keyboard = core.u32_le(FIELD)?;
    let code = |number: u32| Code(u64::from(number));
    Ok(Client {
        version: code(version),
        build: code(build),
        name: name.some().map(|name| Plain::new(name, Because::Site)),
        layout: code(layout),
        keyboard: code(keyboard),
        methods: None,
        channels: None,
    })
}

fn server(mut reader: Reader<'_>, sink: &mut dyn Sink) -> Result<(), Malformed> {
    let (kind, mut core) = block(&mut reader)?;
    if kind != SERVER_CORE {
        return Err(core.malformed("rdp.server_core"));
    }
    let code = |number: u32| Code(u64::from(number));
    let mut server = Server {
        version: code(core.u32_le("rdp.server_core")?),
        // Older servers end here.
        requested: core.u32_le("rdp.server_core").ok().map(code),
        method: None,
        level: None,
    };
    let mut result = Ok(());
    for _ in 0..BLOCKS_MAX {
        if reader.is_empty() {
            break;
        }
        match block(&mut reader) {
            Ok((SERVER_SECURITY, mut body)) => {
                server.method = body.u32_le("rdp.block").ok().map(code);
                server.level = body.u32_le("rdp.block").ok().map(code);
            }
            Ok(_) => {}
            Err(malformed) => {
                result = Err(malformed);
                break;
            }
        }
    }
    sink.event(&server);
    result
}
