//! Version 1 (MS-CIFS 2.2.3 and 2.2.4, MS-SMB 2.2.4).

use super::dialects::{self, Offered};
use super::setup::{Setup, Text};
use super::stream::Conversation;
use super::{Message, Tree, piped};
use crate::event::{Code, Size, Transaction};
use crate::ntlmssp::Ntlm;
use crate::{Malformed, Sink};
use holter_phi::{Because, Plain};

pub(super) const HEADER: usize = 32;
/// Commands of one chain that are read.
pub const CHAIN_MAX: usize = 8;

const TRANSACTION: u8 = 0x25;
const READ: u8 = 0x2e;
const WRITE: u8 = 0x2f;
const TREE_CONNECT_OLD: u8 = 0x70;
const NEGOTIATE: u8 = 0x72;
const SESSION_SETUP: u8 = 0x73;
const TREE_CONNECT: u8 = 0x75;
const NONE: u8 = 0xff;

/// Services of a share (MS-CIFS 2.2.4.55.1).
const SERVICES: &[&[u8]] = &[b"A:", b"LPT1:", b"IPC", b"COMM", b"?????"];

pub(super) fn command(smb: &[u8]) -> Option<u8> {
    smb.get(4).copied()
}

const fn chains(command: u8) -> bool {
    matches!(command, 0x24 | 0x2d | READ | WRITE | SESSION_SETUP | 0x74 | TREE_CONNECT | 0xa2)
}

fn u16_at(smb: &[u8], at: usize) -> Option<u16> {
    smb.get(at..)?.first_chunk().map(|&bytes| u16::from_le_bytes(bytes))
}

fn u32_at(smb: &[u8], at: usize) -> Option<u32> {
    smb.get(at..)?.first_chunk().map(|&bytes| u32::from_le_bytes(bytes))
}

/// One command of a chain: its words, and where its bytes are.
struct Block<'a> {
    command: u8,
    words: &'a [u8],
    /// Where its bytes begin and end, from the header on. What is here may end before.
    begin: usize,
    end: usize,
}

impl<'a> Block<'a> {
    fn read(smb: &'a [u8], size: usize, command: u8, at: usize) -> Result<Block<'a>, Malformed> {
        let malformed = |field| Malformed { field, at: at.min(smb.len()) };
        let count = usize::from(*smb.get(at).ok_or(malformed("smb.words"))?).saturating_mul(2);
        let from = at.saturating_add(1);
        let to = from.saturating_add(count);
        let words = smb.get(from..to).ok_or(malformed("smb.words"))?;
        let length = usize::from(u16_at(smb, to).ok_or(malformed("smb.bytes"))?);
        let begin = to.saturating_add(2);
        // A count of bytes that is too large is common in reads and writes: what is there counts.
        Ok(Block { command, words, begin, end: begin.saturating_add(length).min(size) })
    }

    fn word(&self, n: usize) -> Option<u16> {
        u16_at(self.words, n.saturating_mul(2))
    }

    fn count(&self) -> usize {
        self.words.len() / 2
    }

    fn next(&self) -> Option<(u8, usize)> {
        let &[command, _, low, high] = self.words.first_chunk()?;
        (chains(self.command) && command != NONE).then_some((command, usize::from(u16::from_le_bytes([low, high]))))
    }
}

/// Reports the message; then fails if it is broken further on.
pub(super) fn message(
    conversation: &mut Conversation,
    smb: &[u8],
    size: usize,
    sink: &mut dyn Sink,
) -> Result<(), Malformed> {
    let malformed = Malformed { field: "smb.header", at: 0 };
    let first = command(smb).ok_or(malformed)?;
    let status = u32_at(smb, 5).ok_or(malformed)?;
    let flags = *smb.get(9).ok_or(malformed)?;
    let flags2 = u16_at(smb, 10).ok_or(malformed)?;
    let (tree, id) = (u16_at(smb, 24).ok_or(malformed)?, u16_at(smb, 30).ok_or(malformed)?);
    let response = flags & 0x80 != 0;
    let mut chained = [Code(0); CHAIN_MAX];
    let mut count = 0usize;
    let mut at = HEADER;
    let mut blocks: [Option<Block<'_>>; CHAIN_MAX] = [const { None }; CHAIN_MAX];
    let mut command = first;
    let mut result = Ok(());
    for slot in &mut blocks {
        let block = match Block::read(smb, size, command, at) {
            Ok(block) => block,
            Err(malformed) => {
                result = Err(malformed);
                break;
            }
        };
        let next = block.next();
        *slot = Some(block);
        let Some((following, offset)) = next else { break };
        // Only forwards: else a chain has no end.
        if offset <= at || offset >= size {
            result = Err(Malformed { field: "smb.chain", at: at.min(smb.len()) });
            break;
        }
        let Some(code) = chained.get_mut(count) else { break };
        *code = Code(u64::from(following));
        count = count.saturating_add(1);
        (command, at) = (following, offset);
    }
    sink.event(&Message {
        version: Code(1),
        command: Some(Code(u64::from(first))),
        chained: chained.get(..count).unwrap_or_default(),
        response: Some(response),
        status: response.then_some(Code(u64::from(status))),
        transaction: Some(Transaction(u64::from(id))),
        tree: Some(Code(u64::from(tree))),
        signed: flags2 & 4 != 0,
        encrypted: false,
        compressed: false,
        size: Size(size as u64),
    });
    let unicode = flags2 & 0x8000 != 0;
    for block in blocks.iter().flatten() {
        match (block.command, response) {
            (NEGOTIATE, false) => offer(conversation, smb, block, sink),
            (NEGOTIATE, true) => choice(conversation, block, sink),
            (SESSION_SETUP, _) => session(smb, block, unicode, response, sink),
            (TREE_CONNECT, _) => tree_connect(smb, block, unicode, response, sink),
            (TREE_CONNECT_OLD, false) => old_tree_connect(smb, block, sink),
            (TRANSACTION | READ | WRITE, _) => data(smb, size, block, response, sink),
            _ => {}
        }
    }
    // Of a message that is not all here, the end cannot be judged.
    if smb.len() < size { Ok(()) } else { result }
}

/// The data of a transaction that is all here.
pub(super) fn transaction(smb: &[u8]) -> Option<&[u8]> {
    let block = Block::read(smb, smb.len(), command(smb)?, HEADER).ok().filter(|block| block.command == TRANSACTION)?;
    let (offset, length) = block.word(12).zip(block.word(11))?;
    smb.get(usize::from(offset)..)?.get(..usize::from(length))
}

/// Texts one behind the other.
struct Texts<'a> {
    smb: &'a [u8],
    at: usize,
    end: usize,
}

impl<'a> Texts<'a> {
    fn new(smb: &'a [u8], at: usize, end: usize) -> Self {
        Texts { smb, at, end: end.min(smb.len()) }
    }

    fn next_bytes(&mut self) -> &'a [u8] {
        let rest = self.smb.get(self.at..self.end).unwrap_or_default();
        let length = memchr::memchr(0, rest).unwrap_or(rest.len());
        self.at = self.at.saturating_add(length).saturating_add(1);
        rest.get(..length).unwrap_or_default()
    }

    fn next(&mut self, unicode: bool, into: &mut Text) {
        if !unicode {
            into.push(self.next_bytes());
            return;
        }
        // UTF-16 begins at an even place (MS-CIFS 2.2.1.1.5).
        self.at = self.at.saturating_add(self.at % 2);
        let rest = self.smb.get(self.at..self.end).unwrap_or_default();
        let units = rest.chunks_exact(2).take_while(|unit| *unit != [0, 0]).count();
        into.push_utf16(rest);
        self.at = self.at.saturating_add(units.saturating_add(1).saturating_mul(2));
    }
}

fn offer(conversation: &mut Conversation, smb: &[u8], block: &Block<'_>, sink: &mut dyn Sink) {
    conversation.offered = Offered::default();
    let mut texts = Texts::new(smb, block.begin, block.end);
    let mut room = true;
    while smb.get(texts.at) == Some(&2) && texts.at < texts.end && room {
        texts.at = texts.at.saturating_add(1);
        room = conversation.offered.add(dialects::word(texts.next_bytes()));
    }
    if !room {
        sink.weird("smb.offered");
    }
    conversation.offered.report(None, None, sink);
}

fn choice(conversation: &Conversation, block: &Block<'_>, sink: &mut dyn Sink) {
    let Some(index) = block.word(0) else { return };
    let dialect = conversation.offered.at(index);
    // With NT LM 0.12 one byte, before that a word.
    let mode = block.words.get(2).filter(|_| block.count() > 1);
    let required = mode.map(|mode| mode & 8 != 0);
    Offered::default().report(dialect, required, sink);
}

fn session(smb: &[u8], block: &Block<'_>, unicode: bool, response: bool, sink: &mut dyn Sink) {
    let mut setup = Setup::new();
    let mut texts = Texts::new(smb, block.begin, block.end);
    let token = |texts: &mut Texts<'_>, length: Option<u16>| {
        let end = texts.at.saturating_add(usize::from(length.unwrap_or(0))).min(texts.end);
        let ntlm = Ntlm::find(texts.smb.get(texts.at..end).unwrap_or_default());
        texts.at = end;
        ntlm
    };
    match (response, block.count()) {
        // Lengths of two passwords, which are passed.
        (false, 13) => {
            let passwords =
                block.word(7).zip(block.word(8)).map_or(0, |(a, b)| usize::from(a).saturating_add(b.into()));
            texts.at = texts.at.saturating_add(passwords);
            texts.next(unicode, &mut setup.account);
            texts.next(unicode, &mut setup.domain);
        }
        (false, 10) => {
            texts.at = texts.at.saturating_add(usize::from(block.word(7).unwrap_or(0)));
            texts.next(unicode, &mut setup.account);
            texts.next(unicode, &mut setup.domain);
        }
        (false, 12) => setup.ntlm = token(&mut texts, block.word(7)),
        (true, 4) => setup.ntlm = token(&mut texts, block.word(3)),
        (true, 3) => {}
        _ => return,
    }
    texts.next(unicode, &mut setup.native_os);
    texts.next(unicode, &mut setup.lan_manager);
    if response {
        setup.guest = block.word(2).map(|action| action & 1 != 0);
        texts.next(unicode, &mut setup.domain);
    }
    setup.report(sink);
}

fn service(text: &[u8]) -> Option<Plain<'_>> {
    SERVICES.contains(&text).then(|| Plain::new(text, Because::Vocabulary))
}

fn tree_connect(smb: &[u8], block: &Block<'_>, unicode: bool, response: bool, sink: &mut dyn Sink) {
    let mut texts = Texts::new(smb, block.begin, block.end);
    if response {
        if block.count() > 0 {
            sink.event(&Tree { share: None, service: service(texts.next_bytes()), kind: None });
        }
        return;
    }
    let Some(password) = block.word(3) else { return };
    texts.at = texts.at.saturating_add(usize::from(password));
    let mut share = Text::new();
    texts.next(unicode, &mut share);
    let share = share.some().map(|text| Plain::new(text, Because::Site));
    sink.event(&Tree { share, service: service(texts.next_bytes()), kind: None });
}

/// Path, password and service, each behind a byte that says it is a text (MS-CIFS 2.2.4.50.1).
fn old_tree_connect(smb: &[u8], block: &Block<'_>, sink: &mut dyn Sink) {
    let mut texts = Texts::new(smb, block.begin.saturating_add(1), block.end);
    let mut share = Text::new();
    share.push(texts.next_bytes());
    texts.next_bytes();
    texts.at = texts.at.saturating_add(1);
    let share = share.some().map(|text| Plain::new(text, Because::Site));
    sink.event(&Tree { share, service: service(texts.next_bytes()), kind: None });
}

/// Data of a transaction, of a read or of a write, where it is DCE/RPC.
fn data(smb: &[u8], size: usize, block: &Block<'_>, response: bool, sink: &mut dyn Sink) {
    let place = match (block.command, response) {
        (TRANSACTION, false) => block.word(12).zip(block.word(11)),
        (TRANSACTION, true) => block.word(7).zip(block.word(6)),
        (WRITE, false) => block.word(11).zip(block.word(10)),
        (READ, true) => block.word(6).zip(block.word(5)),
        _ => None,
    };
    let Some((offset, length)) = place else { return };
    let (offset, length) = (usize::from(offset), usize::from(length));
    let end = offset.saturating_add(length);
    if offset >= HEADER && end <= size {
        piped::report(smb.get(offset..end.min(smb.len())).unwrap_or_default(), length, sink);
    }
}
