//! A-ASSOCIATE-RQ and -AC: items, presentation contexts, user information (PS3.8 9.3.2, 9.3.3; PS3.7 D.3.3).

use super::text::{UID_MAX, trimmed, uid};
use super::{AssociateAc, AssociateRq, Context, ContextResult, Negotiation, Role};
use crate::event::{Code, Count, Size};
use crate::{Malformed, Reader, Sink};
use holter_phi::{Because, Plain};

/// Ids are odd and one byte.
pub const CONTEXTS_MAX: usize = 128;
/// Items read in one PDU, of any kind.
pub const ITEMS_MAX: usize = 1024;
/// Transfer syntaxes read in one presentation context.
pub const TRANSFER_SYNTAXES_MAX: usize = 64;
/// Longest implementation version name (PS3.7 D.3.3.2.3).
const VERSION_NAME_MAX: usize = 16;

/// What was negotiated: which service and which encoding each context id stands for.
#[derive(Default)]
pub(super) struct Contexts {
    entries: Vec<Entry>,
    /// The UIDs of the entries.
    text: Vec<u8>,
    /// The A-ASSOCIATE-AC was seen, so an id that is not here was not negotiated.
    pub(super) settled: bool,
}

#[derive(Clone, Copy)]
struct Entry {
    id: u8,
    abstract_syntax: Span,
    transfer_syntax: Span,
}

#[derive(Clone, Copy, Default)]
struct Span {
    at: u16,
    len: u8,
}

impl Contexts {
    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.text.clear();
        self.settled = false;
    }

    pub(super) fn held(&self) -> usize {
        self.text.capacity().saturating_add(self.entries.capacity().saturating_mul(size_of::<Entry>()))
    }

    pub(super) fn knows(&self, id: u8) -> bool {
        self.entries.iter().any(|entry| entry.id == id)
    }

    pub(super) fn transfer_syntax(&self, id: u8) -> Option<&[u8]> {
        let entry = self.entries.iter().find(|entry| entry.id == id)?;
        self.get(entry.transfer_syntax)
    }

    fn abstract_syntax(&self, id: u8) -> Option<&[u8]> {
        let entry = self.entries.iter().find(|entry| entry.id == id)?;
        self.get(entry.abstract_syntax)
    }

    fn get(&self, span: Span) -> Option<&[u8]> {
        let start = usize::from(span.at);
        self.text.get(start..start.saturating_add(usize::from(span.len))).filter(|text| !text.is_empty())
    }

    /// At most `CONTEXTS_MAX` entries of two UIDs: 16 KiB of text.
    fn hold(&mut self, text: &[u8]) -> Span {
        let (Ok(at), Ok(len)) = (u16::try_from(self.text.len()), u8::try_from(text.len())) else {
            return Span::default();
        };
        self.text.extend_from_slice(text);
        Span { at, len }
    }

    fn propose(&mut self, id: u8, abstract_syntax: &[u8]) {
        if self.entries.len() < CONTEXTS_MAX {
            let abstract_syntax = self.hold(abstract_syntax);
            self.entries.push(Entry { id, abstract_syntax, transfer_syntax: Span::default() });
        }
    }

    fn accept(&mut self, id: u8, transfer_syntax: &[u8]) {
        if !self.knows(id) {
            self.propose(id, b"");
        }
        let span = self.hold(transfer_syntax);
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.id == id) {
            entry.transfer_syntax = span;
        }
    }
}

/// The user information item, of which passwords and tokens are skipped by length and never become a value.
#[derive(Default, Clone, Copy)]
struct User<'a> {
    max_pdu: Option<Size>,
    implementation_uid: Option<Plain<'a>>,
    implementation_version: Option<Plain<'a>>,
    identity: Option<Code>,
    identity_response: Option<bool>,
    identity_accepted: bool,
    window: Option<(Count, Count)>,
    roles: u64,
    extended: u64,
    common_extended: u64,
}

/// The items of a PDU, in order; stops where one breaks.
struct Items<'a> {
    reader: Reader<'a>,
    read: usize,
    broken: Option<Malformed>,
}

impl<'a> Items<'a> {
    fn new(reader: Reader<'a>) -> Self {
        Items { reader, read: 0, broken: None }
    }

    fn read(&mut self) -> Result<(u8, Reader<'a>), Malformed> {
        if self.read >= ITEMS_MAX {
            return Err(self.reader.malformed("dicom.items"));
        }
        self.read = self.read.saturating_add(1);
        let kind = self.reader.u8("dicom.item_length")?;
        self.reader.u8("dicom.item_length")?;
        let length = self.reader.u16("dicom.item_length")?;
        Ok((kind, self.reader.sub(usize::from(length), "dicom.item_length")?))
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = (u8, Reader<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.broken.is_some() || self.reader.is_empty() {
            return None;
        }
        self.read().map_err(|broken| self.broken = Some(broken)).ok()
    }
}

/// Reads the items after the fixed part twice: once for what the association event says, once for its contexts.
pub(super) fn request(body: &[u8], contexts: &mut Contexts, sink: &mut dyn Sink) -> Result<(), Malformed> {
    contexts.clear();
    let mut reader = Reader::based(body, super::pdu::HEADER);
    let fixed = fixed_part(&mut reader, sink)?;
    let mut items = Items::new(reader);
    let mut application_context = None;
    let mut proposed = 0u64;
    let mut user = User::default();
    let mut broken = None;
    for (kind, item) in &mut items {
        match kind {
            0x10 => application_context = application_context.or(vocabulary(item.rest(), sink)),
            0x20 => proposed = proposed.saturating_add(1),
            0x50 => broken = broken.or(user_information(item, &mut user, sink).err()),
            _ => sink.weird("dicom.item_type"),
        }
    }
    sink.event(&AssociateRq {
        called_ae: fixed.called,
        calling_ae: fixed.calling,
        application_context,
        max_pdu: user.max_pdu,
        implementation_uid: user.implementation_uid,
        implementation_version: user.implementation_version,
        contexts: Count(proposed),
        user_identity: user.identity,
        async_invoked: user.window.map(|window| window.0),
        async_performed: user.window.map(|window| window.1),
    });
    negotiated(false, &fixed, &user, reader, sink);
    let mut seen = Seen::default();
    for (_, item) in Items::new(reader).filter(|(kind, _)| *kind == 0x20) {
        if let Err(error) = proposal(item, contexts, &mut seen, sink) {
            broken = broken.or(Some(error));
        }
    }
    items.broken.or(broken).map_or(Ok(()), Err)
}

pub(super) fn acceptance(body: &[u8], contexts: &mut Contexts, sink: &mut dyn Sink) -> Result<(), Malformed> {
    if contexts.settled {
        contexts.clear();
    }
    let mut reader = Reader::based(body, super::pdu::HEADER);
    let fixed = fixed_part(&mut reader, sink)?;
    let mut items = Items::new(reader);
    let mut user = User::default();
    let (mut accepted, mut refused) = (0u64, 0u64);
    let mut broken = None;
    for (kind, item) in &mut items {
        match kind {
            0x10 => {}
            0x21 => match item.rest().get(2) {
                Some(0) => accepted = accepted.saturating_add(1),
                _ => refused = refused.saturating_add(1),
            },
            0x50 => broken = broken.or(user_information(item, &mut user, sink).err()),
            _ => sink.weird("dicom.item_type"),
        }
    }
    sink.event(&AssociateAc {
        max_pdu: user.max_pdu,
        implementation_uid: user.implementation_uid,
        implementation_version: user.implementation_version,
        accepted: Count(accepted),
        refused: Count(refused),
    });
    negotiated(true, &fixed, &user, reader, sink);
    let mut seen = Seen::default();
    for (_, item) in Items::new(reader).filter(|(kind, _)| *kind == 0x21) {
        if let Err(error) = result(item, contexts, &mut seen, sink) {
            broken = broken.or(Some(error));
        }
    }
    contexts.settled = true;
    items.broken.or(broken).map_or(Ok(()), Err)
}

/// Reports what the association event has no room for, and the roles.
fn negotiated(answer: bool, fixed: &Fixed<'_>, user: &User<'_>, items: Reader<'_>, sink: &mut dyn Sink) {
    sink.event(&Negotiation {
        answer,
        version: Code(u64::from(fixed.version)),
        called_ae: fixed.called,
        calling_ae: fixed.calling,
        async_invoked: user.window.map(|window| window.0),
        async_performed: user.window.map(|window| window.1),
        roles: Count(user.roles),
        extended: Count(user.extended),
        common_extended: Count(user.common_extended),
        identity_response: user.identity_response,
        identity_accepted: user.identity_accepted,
    });
    if user.roles == 0 {
        return;
    }
    let users = Items::new(items).filter(|(kind, _)| *kind == 0x50);
    for (_, item) in users.flat_map(|(_, user)| Items::new(user)).filter(|(kind, _)| *kind == 0x54) {
        if role(item, answer, sink).is_err() {
            sink.weird("dicom.role");
        }
    }
}

fn role(mut item: Reader<'_>, answer: bool, sink: &mut dyn Sink) -> Result<(), Malformed> {
    let length = item.u16("dicom.role")?;
    let sop_class = vocabulary(item.take(usize::from(length), "dicom.role")?, sink);
    let [user, provider] = item.array::<2>("dicom.role")?;
    if let Some(sop_class) = sop_class {
        sink.event(&Role { answer, sop_class, user: user == 1, provider: provider == 1 });
    }
    Ok(())
}

struct Fixed<'a> {
    version: u16,
    called: Plain<'a>,
    calling: Plain<'a>,
}

/// Protocol version, reserved, called and calling AE title, reserved.
fn fixed_part<'a>(reader: &mut Reader<'a>, sink: &mut dyn Sink) -> Result<Fixed<'a>, Malformed> {
    let version = reader.u16("dicom.protocol_version")?;
    if version & 1 == 0 {
        sink.weird("dicom.protocol_version");
    }
    reader.take(2, "dicom.called_ae")?;
    let called = reader.take(16, "dicom.called_ae")?;
    let calling = reader.take(16, "dicom.calling_ae")?;
    reader.take(32, "dicom.calling_ae")?;
    if [called, calling].iter().any(|title| title.iter().any(|&byte| byte < b' ' && byte != 0 || byte > b'~')) {
        sink.weird("dicom.ae_title");
    }
    let [called, calling] = [called, calling].map(|title| Plain::new(trimmed(title), Because::Site));
    Ok(Fixed { version, called, calling })
}

fn vocabulary<'a>(value: &'a [u8], sink: &mut dyn Sink) -> Option<Plain<'a>> {
    let value = uid(value);
    if value.is_none() {
        sink.weird("dicom.uid");
    }
    value.map(|uid| Plain::new(uid, Because::Vocabulary))
}

/// Which context ids this PDU had so far, and what was said of them.
#[derive(Default)]
struct Seen {
    ids: [u64; 4],
    even: bool,
    twice: bool,
}

impl Seen {
    /// True if the id is new. An even one is read all the same; the first of two wins.
    fn first_time(&mut self, id: u8, sink: &mut dyn Sink) -> bool {
        if id & 1 == 0 && !std::mem::replace(&mut self.even, true) {
            sink.weird("dicom.context_id");
        }
        let bit = 1u64 << (id & 63);
        let Some(word) = self.ids.get_mut(usize::from(id >> 6)) else { return false };
        let new = *word & bit == 0;
        *word |= bit;
        if !new && !std::mem::replace(&mut self.twice, true) {
            sink.weird("dicom.context_duplicate");
        }
        new
    }
}

fn proposal(
    mut item: Reader<'_>,
    contexts: &mut Contexts,
    seen: &mut Seen,
    sink: &mut dyn Sink,
) -> Result<(), Malformed> {
    let id = item.u8("dicom.context_id")?;
    item.take(3, "dicom.context_id")?;
    if !seen.first_time(id, sink) {
        return Ok(());
    }
    if contexts.entries.len() >= CONTEXTS_MAX {
        sink.weird("dicom.contexts");
        return Ok(());
    }
    let mut items = Items::new(item);
    let mut abstract_syntax = None;
    let mut syntaxes = [Plain::new(b"", Because::Vocabulary); TRANSFER_SYNTAXES_MAX];
    let mut offered = 0usize;
    for (kind, value) in &mut items {
        match kind {
            0x30 => abstract_syntax = abstract_syntax.or(vocabulary(value.rest(), sink)),
            0x40 => {
                let Some(syntax) = vocabulary(value.rest(), sink) else { continue };
                match syntaxes.get_mut(offered) {
                    Some(slot) => {
                        *slot = syntax;
                        offered = offered.saturating_add(1);
                    }
                    None => {
                        sink.weird("dicom.transfer_syntaxes");
                        break;
                    }
                }
            }
            _ => sink.weird("dicom.item_type"),
        }
    }
    match abstract_syntax {
        Some(abstract_syntax) => {
            contexts.propose(id, abstract_syntax.bytes());
            sink.event(&Context {
                id: Code(u64::from(id)),
                abstract_syntax,
                transfer_syntaxes: syntaxes.get(..offered).unwrap_or_default(),
            });
        }
        None => {
            contexts.propose(id, b"");
            sink.weird("dicom.abstract_syntax");
        }
    }
    items.broken.map_or(Ok(()), Err)
}

fn result(
    mut item: Reader<'_>,
    contexts: &mut Contexts,
    seen: &mut Seen,
    sink: &mut dyn Sink,
) -> Result<(), Malformed> {
    let id = item.u8("dicom.result.context_id")?;
    item.u8("dicom.result")?;
    let result = item.u8("dicom.result")?;
    item.u8("dicom.result")?;
    if !seen.first_time(id, sink) {
        return Ok(());
    }
    let mut items = Items::new(item);
    // The transfer syntax of a refused context has no meaning and may be empty (PS3.8 9.3.3.2).
    let transfer_syntax = items
        .find(|(kind, _)| *kind == 0x40)
        .and_then(|(_, value)| if result == 0 { vocabulary(value.rest(), sink) } else { None });
    if result == 0 {
        contexts.accept(id, transfer_syntax.map_or(&[][..], |syntax| syntax.bytes()));
    }
    sink.event(&ContextResult {
        id: Code(u64::from(id)),
        result: Code(u64::from(result)),
        abstract_syntax: contexts.abstract_syntax(id).map(|uid| Plain::new(uid, Because::Vocabulary)),
        transfer_syntax,
    });
    items.broken.map_or(Ok(()), Err)
}

fn user_information<'a>(item: Reader<'a>, user: &mut User<'a>, sink: &mut dyn Sink) -> Result<(), Malformed> {
    let mut items = Items::new(item);
    for (kind, mut item) in &mut items {
        match kind {
            0x51 => user.max_pdu = Some(Size(u64::from(item.u32("dicom.max_pdu")?))),
            0x52 => match uid(item.rest()) {
                Some(uid) => user.implementation_uid = Some(Plain::new(uid, Because::Equipment)),
                None => sink.weird("dicom.uid"),
            },
            0x53 => {
                let invoked = Count(u64::from(item.u16("dicom.async_invoked")?));
                let performed = Count(u64::from(item.u16("dicom.async_performed")?));
                user.window = Some((invoked, performed));
            }
            0x55 => {
                let name = trimmed(item.rest());
                if name.len() <= VERSION_NAME_MAX {
                    user.implementation_version = Some(Plain::new(name, Because::Equipment));
                } else {
                    sink.weird("dicom.implementation_version");
                }
            }
            0x58 => {
                user.identity = Some(Code(u64::from(item.u8("dicom.user_identity")?)));
                user.identity_response = item.u8("dicom.user_identity").ok().map(|wanted| wanted == 1);
            }
            // The application information of extended negotiation has no length of its own, and what answers a user
            // identity may be a token: of both, and of common extended negotiation, only that they are there.
            0x54 => user.roles = user.roles.saturating_add(1),
            0x56 => user.extended = user.extended.saturating_add(1),
            0x57 => user.common_extended = user.common_extended.saturating_add(1),
            0x59 => user.identity_accepted = true,
            _ => sink.weird("dicom.item_type"),
        }
    }
    items.broken.map_or(Ok(()), Err)
}

const _: () = assert!(CONTEXTS_MAX * 2 * UID_MAX < u16::MAX as usize, "spans are 16 bits");
