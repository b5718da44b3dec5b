//! The messages of one block: segments, and the few fields of them that describe a machine.

use super::delimiters::{Delimiters, split};
use super::recent::Recent;
use super::segments::Segments;
use super::{Batch as BatchEvent, Details, Message, tables};
use crate::event::{Code, Count, Size};
use crate::{Malformed, Sink};
use arrayvec::ArrayVec;
use holter_phi::{Because, Phi, Plain};
use memchr::{memchr, memchr2, memmem};

/// Equipment identifiers read in one message, each counted once.
pub const EQUIPMENT_MAX: usize = 16;
/// Patients read in one message.
pub const PATIENTS_MAX: usize = 64;
/// Longest field that is taken as a name.
pub const NAME_MAX: usize = 256;
/// Escape: begins an ISO 2022 shift, in which bytes that look like delimiters may be halves of characters.
const ESCAPE: u8 = 0x1b;

/// What the decoder remembers of both directions: ids that went this way, and ids that went the other.
pub(super) struct Memory<'m> {
    pub(super) own: &'m mut Recent,
    pub(super) other: &'m Recent,
}

/// Reports every message of a block, of which `block` is all if `whole`, else the beginning. `at` is where the block
/// begins in what was given.
pub(super) fn block(
    block: &[u8],
    at: usize,
    whole: bool,
    memory: &mut Memory<'_>,
    sink: &mut dyn Sink,
) -> Result<(), Malformed> {
    let mut batch = Batch::default();
    let mut result = Ok(());
    let mut rest = block;
    let mut delimiters = None;
    while !rest.is_empty() {
        let here = at.saturating_add(block.len().saturating_sub(rest.len()));
        let (segment, after) = cut_segment(rest);
        match segment.get(..3) {
            Some(b"MSH") => {
                batch.messages = batch.messages.saturating_add(1);
                let end = match message(rest, here, whole, memory, sink) {
                    Ok((used, end)) => {
                        delimiters = Some(used);
                        end
                    }
                    Err(malformed) => {
                        result = result.and(Err(malformed));
                        next_message(after)
                            .map_or(rest.len(), |next| rest.len().saturating_sub(after.len()).saturating_add(next))
                    }
                };
                rest = rest.get(end..).unwrap_or_default();
                continue;
            }
            Some(name @ (b"FHS" | b"BHS")) => {
                match Delimiters::read(segment.get(3..).unwrap_or_default(), here.saturating_add(3)) {
                    Ok(used) => {
                        delimiters = Some(used);
                        batch_header(name, segment, used, sink);
                    }
                    Err(malformed) => result = result.and(Err(malformed)),
                }
                batch.open(name, sink);
            }
            Some(name) => batch.close(name, segment, delimiters, sink),
            None => {}
        }
        rest = after;
    }
    result
}

/// A segment and what follows it. CR ends it; LF and CR LF are accepted, since they are sent.
fn cut_segment(bytes: &[u8]) -> (&[u8], &[u8]) {
    match memchr2(b'\r', b'\n', bytes) {
        Some(at) => (bytes.get(..at).unwrap_or_default(), bytes.get(at.saturating_add(1)..).unwrap_or_default()),
        None => (bytes, &[]),
    }
}

/// Whether a segment is none of the message before it.
fn ends_message(segment: &[u8]) -> bool {
    matches!(segment.first_chunk(), Some(b"MSH" | b"BHS" | b"FHS" | b"BTS" | b"FTS"))
}

/// Where the next such segment begins.
fn next_message(bytes: &[u8]) -> Option<usize> {
    let mut from = 0usize;
    loop {
        let rest = bytes.get(from..)?;
        if ends_message(rest) {
            return Some(from);
        }
        from = from.saturating_add(memchr2(b'\r', b'\n', rest)?).saturating_add(1);
    }
}

/// Batch and file headers and the counts in their trailers (BTS-1, FTS-1).
#[derive(Default)]
struct Batch {
    messages: u64,
    in_batch: u64,
    batches: u64,
    segments_dropped: bool,
}

impl Batch {
    fn open(&mut self, name: &[u8], sink: &mut dyn Sink) {
        if name == b"BHS" {
            self.batches = self.batches.saturating_add(1);
            self.in_batch = self.messages;
        } else if self.batches > 0 || self.messages > 0 {
            sink.weird("hl7.batch");
        }
    }

    fn close(&mut self, name: &[u8], segment: &[u8], delimiters: Option<Delimiters>, sink: &mut dyn Sink) {
        let counted = match name {
            b"BTS" => self.messages.saturating_sub(self.in_batch),
            b"FTS" => self.batches,
            _ => {
                if !std::mem::replace(&mut self.segments_dropped, true) {
                    sink.weird("hl7.segment_outside_message");
                }
                return;
            }
        };
        let said = delimiters.and_then(|delimiters| delimiters.fields(segment).nth(1)).unwrap_or_default();
        let number = std::str::from_utf8(said.trim_ascii()).ok().and_then(|text| text.parse::<u64>().ok());
        sink.event(&BatchEvent {
            segment: Plain::new(name, Because::Vocabulary),
            promised: number.map(Count),
            counted: Some(Count(counted)),
            ..EMPTY_BATCH
        });
        if !said.is_empty() && number != Some(counted) {
            sink.weird("hl7.batch_count");
        }
    }
}

const EMPTY_BATCH: BatchEvent<'static> = BatchEvent {
    segment: Plain::new(b"", Because::Vocabulary),
    sending_application: None,
    sending_facility: None,
    receiving_application: None,
    receiving_facility: None,
    sending_network: None,
    receiving_network: None,
    promised: None,
    counted: None,
};

/// Who sends a batch or a file, and to whom.
fn batch_header(name: &[u8], segment: &[u8], delimiters: Delimiters, sink: &mut dyn Sink) {
    let mut read = Reading::new(delimiters, sink);
    let mut batch = BatchEvent { segment: Plain::new(name, Because::Vocabulary), ..EMPTY_BATCH };
    if read.clear(segment) {
        // FHS-1 and BHS-1 are the separator, so the piece after the name is field 2.
        for (number, field) in
            delimiters.fields(segment).enumerate().map(|(n, field)| (n.saturating_add(1), field)).take(14)
        {
            let slot = match number {
                3 => &mut batch.sending_application,
                4 => &mut batch.sending_facility,
                5 => &mut batch.receiving_application,
                6 => &mut batch.receiving_facility,
                13 => &mut batch.sending_network,
                14 => &mut batch.receiving_network,
                _ => continue,
            };
            *slot = read.hierarchic(field);
        }
    }
    read.sink.event(&batch);
}

/// Distinct values, in the order in which they came.
struct List<T, const MAX: usize> {
    items: ArrayVec<T, MAX>,
    full: &'static str,
    refused: bool,
}

impl<T: Copy, const MAX: usize> List<T, MAX> {
    fn new(full: &'static str) -> Self {
        List { items: ArrayVec::new(), full, refused: false }
    }

    fn push(&mut self, item: T, sink: &mut dyn Sink) {
        if self.items.try_push(item).is_err() && !std::mem::replace(&mut self.refused, true) {
            sink.weird(self.full);
        }
    }
}

/// Reports the message that `text` begins with; gives what parts it, and where it ends: at the end, or where a segment
/// begins that is none of it.
fn message(
    text: &[u8],
    at: usize,
    whole: bool,
    memory: &mut Memory<'_>,
    sink: &mut dyn Sink,
) -> Result<(Delimiters, usize), Malformed> {
    let delimiters = Delimiters::read(text.get(3..).unwrap_or_default(), at.saturating_add(3))?;
    let mut equipment = List::<_, EQUIPMENT_MAX>::new("hl7.equipment");
    let mut patients = List::<_, PATIENTS_MAX>::new("hl7.patients");
    let mut message = Message {
        code: None,
        trigger: None,
        structure: None,
        version: None,
        charset: None,
        sending_application: None,
        sending_facility: None,
        receiving_application: None,
        receiving_facility: None,
        profile: None,
        software_vendor: None,
        software_version: None,
        software_product: None,
        equipment: &[],
        ack: None,
        answers: None,
        repeated: false,
        patient: &[],
        segments: Count(0),
        size: Size(0),
        whole: false,
    };
    let mut details = Details {
        names: &[],
        counts: &[],
        processing: None,
        accept_ack: None,
        application_ack: None,
        sending_network: None,
        receiving_network: None,
        credentials: false,
        errors: Count(0),
        error_code: None,
        error_severity: None,
        answers_back: None,
    };
    let mut names = Segments::new();
    let mut read = Reading::new(delimiters, sink);
    let mut segments = 0u64;
    let mut rest = text;
    while !rest.is_empty() {
        let (segment, after) = cut_segment(rest);
        if segments > 0 && ends_message(segment) {
            break;
        }
        rest = after;
        if segment.is_empty() {
            continue;
        }
        segments = segments.saturating_add(1);
        names.add(segment, read.sink);
        // The last segment of a message that was not read to its end may be cut in a field.
        if !whole && rest.is_empty() {
            break;
        }
        match segment.get(..3) {
            Some(b"MSH") => read.header(segment, &mut message, &mut details, &mut equipment, memory),
            Some(b"SFT") => read.software(segment, &mut message),
            Some(b"MSA") => read.acknowledgement(segment, &mut message, &mut details, memory),
            Some(b"ERR") => read.error(segment, &mut details),
            Some(b"UAC") => {
                let field = delimiters.fields(segment).nth(2).unwrap_or_default();
                details.credentials |= !field.is_empty();
            }
            Some(b"OBR") => read.filler(segment, &mut equipment),
            Some(b"PID") => read.patient(segment, &mut patients),
            Some(b"OBX") => read.equipment(segment, 18, &mut equipment),
            Some(b"PRT") => [10, 16, 20].iter().for_each(|&number| read.equipment(segment, number, &mut equipment)),
            Some(b"EQU") => read.equipment(segment, 1, &mut equipment),
            _ => {}
        }
    }
    let end = text.len().saturating_sub(rest.len());
    message.size = Size(end as u64);
    // What another message follows has come to its end.
    message.whole = whole || !rest.is_empty();
    message.segments = Count(segments);
    if message.code.is_none() {
        read.sink.weird("hl7.type");
    }
    if message.code.is_none() {
        // What stands where an address belongs can then be anything.
        details.sending_network = None;
        details.receiving_network = None;
    }
    read.sink.event(&Message { equipment: &equipment.items, patient: &patients.items, ..message });
    read.sink.event(&Details { names: names.names(), counts: names.counts(), ..details });
    Ok((delimiters, end))
}

struct Reading<'s> {
    delimiters: Delimiters,
    /// An ISO 2022 shift was reported.
    shifted: bool,
    /// A software segment was read; the first one wins.
    software: bool,
    sink: &'s mut dyn Sink,
}

impl<'s> Reading<'s> {
    fn new(delimiters: Delimiters, sink: &'s mut dyn Sink) -> Self {
        Reading { delimiters, shifted: false, software: false, sink }
    }
}

impl Reading<'_> {
    /// Whether fields can be told apart in a segment: not where an ISO 2022 shift may hide delimiters.
    fn clear(&mut self, segment: &[u8]) -> bool {
        let shifted = memchr(ESCAPE, segment).is_some();
        if shifted && !std::mem::replace(&mut self.shifted, true) {
            self.sink.weird("hl7.iso2022");
        }
        !shifted
    }

    fn name<'a>(&mut self, field: &'a [u8], because: Because) -> Option<Plain<'a>> {
        if field.len() > NAME_MAX {
            self.sink.weird("hl7.name_length");
            return None;
        }
        (!field.is_empty()).then_some(Plain::new(field, because))
    }

    fn header<'a>(
        &mut self,
        segment: &'a [u8],
        message: &mut Message<'a>,
        details: &mut Details<'a>,
        equipment: &mut List<Plain<'a>, EQUIPMENT_MAX>,
        memory: &mut Memory<'_>,
    ) {
        let vocabulary = |text: Option<&'a [u8]>| text.map(|text| Plain::new(text, Because::Vocabulary));
        let clear = self.clear(segment);
        let delimiters = self.delimiters;
        // MSH-1 is the separator, so the piece after the name is MSH-2.
        for (number, field) in delimiters.fields(segment).enumerate().map(|(n, field)| (n.saturating_add(1), field)) {
            let first = || delimiters.component(field, 1);
            match number {
                3 if clear => {
                    message.sending_application = self.hierarchic(field);
                    if is_eui64(delimiters, field) {
                        self.identifier(field, equipment);
                    }
                }
                4 if clear => message.sending_facility = self.hierarchic(field),
                5 if clear => message.receiving_application = self.hierarchic(field),
                6 if clear => message.receiving_facility = self.hierarchic(field),
                8 => details.credentials |= !field.is_empty(),
                9 => {
                    message.code = vocabulary(tables::code(first()));
                    message.trigger = vocabulary(tables::trigger(delimiters.component(field, 2)));
                    message.structure = vocabulary(tables::structure(delimiters.component(field, 3)));
                }
                10 if !field.is_empty() => message.repeated = memory.own.add(field),
                11 => details.processing = vocabulary(tables::processing(first())),
                15 => details.accept_ack = vocabulary(tables::when(first())),
                16 => details.application_ack = vocabulary(tables::when(first())),
                12 => message.version = vocabulary(tables::version(first())),
                18 => message.charset = vocabulary(tables::charset(first())),
                21 => message.profile = vocabulary(tables::oid(delimiters.component(field, 3))),
                24 if clear => details.sending_network = self.hierarchic(field),
                25 => {
                    if clear {
                        details.receiving_network = self.hierarchic(field);
                    }
                    break;
                }
                _ => {}
            }
        }
        // A header without a message code of the standard may have lost or shifted its fields: what stands where a
        // machine's name belongs can then be anything.
        if message.code.is_none() {
            message.sending_application = None;
            message.sending_facility = None;
            message.receiving_application = None;
            message.receiving_facility = None;
        }
    }

    /// Namespace id of an HD field, or where it has none its universal id.
    fn hierarchic<'a>(&mut self, field: &'a [u8]) -> Option<Plain<'a>> {
        let first = self.delimiters.component(field, 1);
        let name = if first.is_empty() { self.delimiters.component(field, 2) } else { first };
        self.name(name, Because::Site)
    }

    fn software<'a>(&mut self, segment: &'a [u8], message: &mut Message<'a>) {
        if !self.clear(segment) || std::mem::replace(&mut self.software, true) {
            return;
        }
        for (number, field) in self.delimiters.fields(segment).enumerate().take(4) {
            let first = self.delimiters.component(field, 1);
            match number {
                1 => message.software_vendor = self.name(first, Because::Equipment),
                2 => message.software_version = self.name(first, Because::Equipment),
                3 => message.software_product = self.name(first, Because::Equipment),
                _ => {}
            }
        }
    }

    fn acknowledgement<'a>(
        &mut self,
        segment: &'a [u8],
        message: &mut Message<'a>,
        details: &mut Details<'a>,
        memory: &mut Memory<'_>,
    ) {
        for (number, field) in self.delimiters.fields(segment).enumerate().take(3) {
            match number {
                1 => {
                    message.ack = tables::ack(field).map(|text| Plain::new(text, Because::Vocabulary));
                    if message.ack.is_none() {
                        self.sink.weird("hl7.ack");
                    }
                }
                2 => {
                    let back = memory.other.back(field);
                    message.answers = Some(back.is_some());
                    details.answers_back = back.map(|back| Count(back as u64));
                }
                _ => {}
            }
        }
    }

    /// The first of several errors tells its code and severity; where it is and what it says is free text.
    fn error<'a>(&mut self, segment: &'a [u8], details: &mut Details<'a>) {
        details.errors = Count(details.errors.0.saturating_add(1));
        if details.errors.0 > 1 {
            return;
        }
        for (number, field) in self.delimiters.fields(segment).enumerate().take(5) {
            match number {
                3 => details.error_code = tables::error(self.delimiters.component(field, 1)).map(Code),
                4 => {
                    details.error_severity = tables::severity(field).map(|word| Plain::new(word, Because::Vocabulary));
                }
                _ => {}
            }
        }
    }

    /// Of a filler order number (OBR-3) only the link-layer address that monitors put there; the number is a patient's.
    fn filler<'a>(&mut self, segment: &'a [u8], list: &mut List<Plain<'a>, EQUIPMENT_MAX>) {
        let field = self.delimiters.fields(segment).nth(3).unwrap_or_default();
        let kind = self.delimiters.component(field, 4);
        let id = self.delimiters.component(field, 3);
        let hexadecimal = id.len() == 16 && id.iter().all(u8::is_ascii_hexdigit);
        if kind == b"EUI-64" && hexadecimal && self.clear(segment) {
            self.identifier(id, list);
        }
    }

    fn patient<'a>(&mut self, segment: &'a [u8], patients: &mut List<Phi<'a>, PATIENTS_MAX>) {
        let field = self.delimiters.fields(segment).nth(3).unwrap_or_default();
        let id = self.delimiters.component(field, 1);
        if !id.is_empty() {
            patients.push(Phi::new(id), self.sink);
        }
    }

    fn equipment<'a>(&mut self, segment: &'a [u8], number: usize, list: &mut List<Plain<'a>, EQUIPMENT_MAX>) {
        if self.delimiters.count(segment) < number {
            return;
        }
        let Some(field) = self.delimiters.fields(segment).nth(number).filter(|field| !field.is_empty()) else { return };
        // A shift counts only where something would have been read.
        if !self.clear(segment) {
            return;
        }
        match self.delimiters.repetition {
            Some(mark) => split(field, mark).for_each(|one| self.identifier(one, list)),
            None => self.identifier(field, list),
        }
    }

    fn identifier<'a>(&mut self, field: &'a [u8], list: &mut List<Plain<'a>, EQUIPMENT_MAX>) {
        if !list.items.iter().any(|known| known.bytes() == field)
            && let Some(name) = self.name(field, Because::Site)
        {
            list.push(name, self.sink);
        }
    }
}

/// An HD or EI field whose last part says EUI-64: it names a device by its link-layer address.
fn is_eui64(delimiters: Delimiters, field: &[u8]) -> bool {
    memchr(delimiters.component, field).map_or(field.ends_with(b"EUI-64"), |_| named_eui64(delimiters, field))
}

fn named_eui64(delimiters: Delimiters, field: &[u8]) -> bool {
    memmem::rfind(field, b"EUI-64").is_some_and(|at| {
        field
            .get(at.saturating_add(6)..)
            .is_some_and(|after| after.first().is_none_or(|&byte| byte == delimiters.component))
    })
}
