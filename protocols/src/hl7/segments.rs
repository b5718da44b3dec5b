use super::Message;
use super::vocabulary as words;
use crate::event::{Count, Size};
use crate::{Malformed, Sink, Way};
use holter_phi::{Because, Phi, Plain};
use memchr::memchr2;
use siphasher::sip::SipHasher13;
use std::hash::Hasher;

/// Control ids remembered per direction, to join an acknowledgement with its message.
const REMEMBERED: usize = 64;

/// Equipment identifiers kept per message.
const MAX_EQUIPMENT: usize = 8;

/// The delimiters that a message declares in MSH-1 and MSH-2.
#[derive(Clone, Copy)]
pub(super) struct Delimiters {
    field: u8,
    component: u8,
    repetition: u8,
    subcomponent: u8,
}

impl Delimiters {
    /// From what follows the segment name: the field separator, two to five encoding characters, the separator again.
    pub(super) fn read(after_name: &[u8]) -> Option<Delimiters> {
        let (&field, rest) = after_name.split_first()?;
        let encoding = rest
            .get(..rest.iter().take(6).position(|&byte| byte == field || byte == b'\r').unwrap_or(5).min(rest.len()))?;
        let (&component, more) = encoding.split_first()?;
        let delimiters = Delimiters {
            field,
            component,
            repetition: more.first().copied().unwrap_or(b'~'),
            subcomponent: more.get(2).copied().unwrap_or(b'&'),
        };
        let usable = |byte: u8| byte.is_ascii_punctuation();
        let fits = (2..=5).contains(&encoding.len())
            && usable(field)
            && encoding.iter().all(|&byte| usable(byte) && byte != field)
            && component != delimiters.repetition;
        fits.then_some(delimiters)
    }

    fn component<'a>(&self, field: &'a [u8], n: usize) -> &'a [u8] {
        let first = field.split(|&byte| byte == self.repetition).next().unwrap_or_default();
        let component = first.split(|&byte| byte == self.component).nth(n).unwrap_or_default();
        component.split(|&byte| byte == self.subcomponent).next().unwrap_or_default()
    }
}

/// Control ids by their hashes. They never leave the decoder: a control id may embed a record number.
struct Ring {
    hashes: [u64; REMEMBERED],
    next: usize,
}

impl Default for Ring {
    fn default() -> Self {
        Ring { hashes: [0; REMEMBERED], next: 0 }
    }
}

impl Ring {
    fn hash(control: &[u8]) -> u64 {
        let mut hasher = SipHasher13::new();
        hasher.write(control);
        hasher.finish() | 1
    }

    fn holds(&self, control: &[u8]) -> bool {
        self.hashes.contains(&Ring::hash(control))
    }

    fn add(&mut self, control: &[u8]) {
        if let Some(slot) = self.hashes.get_mut(self.next) {
            *slot = Ring::hash(control);
        }
        self.next = self.next.wrapping_add(1) % REMEMBERED;
    }
}

/// Reads the messages of blocks and remembers what they answer.
#[derive(Default)]
pub(super) struct Messages {
    sent: [Ring; 2],
}

/// What was read of one message.
struct Draft<'a> {
    delimiters: Delimiters,
    start: usize,
    header: &'a [u8],
    msa: Option<&'a [u8]>,
    sft: Option<&'a [u8]>,
    patient: Option<&'a [u8]>,
    equipment: [Plain<'a>; MAX_EQUIPMENT],
    equipment_count: usize,
    segments: u64,
}

impl Messages {
    /// Reads one block: a message, a batch of them, a commit of release 2, or nothing.
    pub(super) fn block(&mut self, way: Way, block: &[u8], whole: bool, sink: &mut dyn Sink) -> Result<(), Malformed> {
        match block {
            [] => return Ok(()),
            [0x06 | 0x15] => {
                sink.weird("mllp.commit");
                return Ok(());
            }
            _ => {}
        }
        let mut at = 0usize;
        let mut draft: Option<Draft<'_>> = None;
        let mut batch = false;
        while at < block.len() {
            let rest = block.get(at..).unwrap_or_default();
            let length = memchr2(b'\r', b'\n', rest).unwrap_or(rest.len());
            let segment = rest.get(..length).unwrap_or_default();
            let start = at;
            at = at.saturating_add(length).saturating_add(1);
            match segment.get(..3) {
                None if segment.iter().all(u8::is_ascii_whitespace) => {}
                None => sink.weird("hl7.segment"),
                Some(b"FHS" | b"BHS" | b"BTS" | b"FTS") => {
                    batch = true;
                    self.finish(way, draft.take(), start, true, sink);
                }
                Some(b"MSH") => {
                    self.finish(way, draft.take(), start, true, sink);
                    let delimiters = Delimiters::read(segment.get(3..).unwrap_or_default())
                        .ok_or(Malformed { field: "hl7.msh", at: start })?;
                    draft = Some(Draft {
                        delimiters,
                        start,
                        header: segment,
                        msa: None,
                        sft: None,
                        patient: None,
                        equipment: [Plain::new(b"", Because::Site); MAX_EQUIPMENT],
                        equipment_count: 0,
                        segments: 1,
                    });
                }
                Some(name) => match &mut draft {
                    Some(draft) => draft.segment(name, segment, sink),
                    None if batch => sink.weird("hl7.segment"),
                    None => return Err(Malformed { field: "hl7.msh", at: start }),
                },
            }
        }
        self.finish(way, draft, block.len(), whole, sink);
        Ok(())
    }

    fn finish(&mut self, way: Way, draft: Option<Draft<'_>>, end: usize, whole: bool, sink: &mut dyn Sink) {
        let Some(draft) = draft else { return };
        let d = draft.delimiters;
        // MSH-1 is the separator itself, so the nth piece is MSH-(n+1).
        let mut fields = [&[][..]; 22];
        for (slot, field) in fields.iter_mut().skip(1).zip(draft.header.split(|&byte| byte == d.field)) {
            *slot = field;
        }
        let field = |n: usize| fields.get(n).copied().unwrap_or_default();
        let word = |text, known: fn(&[u8]) -> bool| known(text).then(|| Plain::new(text, Because::Vocabulary));
        let site = |text| filled(text).then(|| Plain::new(text, Because::Site));

        let control = field(10);
        let [to_server, to_client] = &mut self.sent;
        let (mine, theirs) = match way {
            Way::ToServer => (to_server, to_client),
            Way::ToClient => (to_client, to_server),
        };
        let repeated = !control.is_empty() && mine.holds(control);
        if !control.is_empty() && !repeated {
            mine.add(control);
        }
        let msa = |n: usize| draft.msa.and_then(|msa| msa.split(|&byte| byte == d.field).nth(n)).unwrap_or_default();
        let ack = word(d.component(msa(1), 0), words::ack);
        let answers = draft.msa.map(|_| theirs.holds(msa(2)));
        if draft.msa.is_some() && ack.is_none() {
            sink.weird("hl7.msa");
        }

        let code = word(d.component(field(9), 0), words::code);
        if code.is_none() {
            sink.weird("hl7.code");
        }
        let sft = |n: usize, component: usize| {
            let field = draft.sft.and_then(|sft| sft.split(|&byte| byte == d.field).nth(n)).unwrap_or_default();
            let text = d.component(field, component);
            filled(text).then(|| Plain::new(text, Because::Equipment))
        };
        sink.event(&Message {
            code,
            trigger: word(d.component(field(9), 1), words::trigger),
            structure: word(d.component(field(9), 2), words::structure),
            version: word(d.component(field(12), 0), words::version),
            charset: word(d.component(field(18), 0), words::charset),
            sending_application: site(d.component(field(3), 0)),
            sending_facility: site(d.component(field(4), 0)),
            receiving_application: site(d.component(field(5), 0)),
            receiving_facility: site(d.component(field(6), 0)),
            profile: word(d.component(field(21), 2), words::oid),
            software_vendor: sft(1, 0),
            software_version: sft(2, 0),
            software_product: sft(3, 0),
            equipment: draft.equipment.get(..draft.equipment_count).unwrap_or_default(),
            ack,
            answers,
            repeated,
            patient: draft.patient.map(Phi::new),
            segments: Count(draft.segments),
            size: Size(end.saturating_sub(draft.start) as u64),
            whole,
        });
    }
}

impl<'a> Draft<'a> {
    fn segment(&mut self, name: &[u8], segment: &'a [u8], sink: &mut dyn Sink) {
        self.segments = self.segments.saturating_add(1);
        let field = |n: usize| segment.split(|&byte| byte == self.delimiters.field).nth(n).unwrap_or_default();
        match name {
            b"MSA" => self.msa = self.msa.or(Some(segment)),
            b"SFT" => self.sft = self.sft.or(Some(segment)),
            b"PID" => {
                let id = self.delimiters.component(field(3), 0);
                if filled(id) {
                    self.patient = self.patient.or(Some(id));
                }
            }
            b"OBX" => self.equip(field(18), sink),
            b"PRT" => self.equip(field(10), sink),
            b"EQU" => self.equip(field(1), sink),
            _ => {}
        }
    }

    /// An entity identifier (EI) whose universal id type names a machine. Others may name anything.
    fn equip(&mut self, field: &'a [u8], sink: &mut dyn Sink) {
        let first = field.split(|&byte| byte == self.delimiters.repetition).next().unwrap_or_default();
        if !filled(first) {
            return;
        }
        let known = self.equipment.get(..self.equipment_count).unwrap_or_default();
        if known.iter().any(|other| other.bytes() == first) {
            return;
        }
        match self.equipment.get_mut(self.equipment_count) {
            Some(slot) => {
                *slot = Plain::new(first, Because::Site);
                self.equipment_count = self.equipment_count.saturating_add(1);
            }
            None => sink.weird("hl7.equipment"),
        }
    }
}

/// Not empty, and not the explicit null `""`.
fn filled(text: &[u8]) -> bool {
    !text.is_empty() && text != b"\"\""
}
