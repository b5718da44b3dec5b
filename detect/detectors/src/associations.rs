use crate::scene::Scene;
use crate::table::name_hash;
use holter_phi::{Label, Names, Plain};
use holter_protocols::{Event, FieldSpec, Value, dicom};
use std::collections::BTreeMap;

/// Associations that are followed at the same time. Beyond it the oldest gives way: who opens many at once must not
/// hide what comes after them.
const MAX_ASSOCIATIONS: usize = 8192;

/// DIMSE command fields (PS3.7 E.1).
pub(crate) const C_FIND_RQ: u64 = 0x0020;
pub(crate) const C_FIND_RSP: u64 = 0x8020;
pub(crate) const C_GET_RQ: u64 = 0x0010;
pub(crate) const C_MOVE_RQ: u64 = 0x0021;
pub(crate) const C_MOVE_RSP: u64 = 0x8021;

/// Where the Query/Retrieve information models stand in the registry (PS3.4 C.6). The worklist is none of them.
const QUERY_RETRIEVE: &[u8] = b"1.2.840.10008.5.1.4.1.2.";

/// The name of a machine: what it is compared by, and what is shown of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Title {
    pub(crate) hash: u64,
    pub(crate) label: Label,
}

/// What the association has come to with the event at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Step {
    pub(crate) what: What,
    pub(crate) calling: Option<Title>,
    pub(crate) called: Option<Title>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum What {
    /// Nothing that a detector asks for.
    #[default]
    Other,
    Requested,
    Accepted,
    /// By the service user; a title was not recognised (PS3.8 9.3.4).
    TitleRejected,
    /// C-FIND on a Query/Retrieve model.
    Query,
    /// The data set of such a query ended.
    QueryData {
        bytes: u64,
    },
    /// A match was returned.
    Match,
    Move {
        destination: Title,
    },
    Moved {
        destination: Title,
        completed: u64,
        /// The archive refused or could not do it, such as A801H: destination unknown (PS3.4 C.4.2.1.5).
        failed: bool,
        last: bool,
    },
    Get,
}

#[derive(Default)]
struct Association {
    calling: Option<Title>,
    called: Option<Title>,
    querying: bool,
    moving: Option<Title>,
}

/// Joins what the events of an association say one after the other.
pub(crate) struct Associations {
    seed: [u8; 16],
    /// By the number of the conversation, which counts up and which no peer chooses.
    table: BTreeMap<u64, Association>,
    refused: u64,
}

impl Associations {
    pub(crate) fn new(seed: [u8; 16]) -> Self {
        Associations { seed, table: BTreeMap::new(), refused: 0 }
    }

    pub(crate) const fn refused(&self) -> u64 {
        self.refused
    }

    pub(crate) fn closed(&mut self, conversation: u64) {
        self.table.remove(&conversation);
    }

    pub(crate) fn event(&mut self, scene: &Scene, event: &dyn Event, names: &Names) -> Step {
        let spec = event.spec();
        let of_association = spec.is(&dicom::associate_rq::SPEC)
            || spec.is(&dicom::associate_ac::SPEC)
            || spec.is(&dicom::associate_rj::SPEC)
            || spec.is(&dicom::command::SPEC)
            || spec.is(&dicom::data_end::SPEC);
        if !of_association {
            return Step::default();
        }
        let seed = self.seed;
        let title = |field: Option<Plain<'_>>| {
            let field = field.filter(|field| !field.bytes().trim_ascii().is_empty())?;
            Some(Title { hash: name_hash(seed, field.bytes()), label: field.keep(names) })
        };
        if self.table.len() >= MAX_ASSOCIATIONS && !self.table.contains_key(&scene.conversation) {
            self.table.pop_first();
            self.refused = self.refused.saturating_add(1);
        }
        let association = self.table.entry(scene.conversation).or_default();
        let what = if spec.is(&dicom::associate_rq::SPEC) {
            *association = Association {
                calling: title(plain(event, &dicom::associate_rq::calling_ae)),
                called: title(plain(event, &dicom::associate_rq::called_ae)),
                ..Association::default()
            };
            What::Requested
        } else if spec.is(&dicom::associate_ac::SPEC) {
            What::Accepted
        } else if spec.is(&dicom::associate_rj::SPEC) {
            let source = number(event, &dicom::associate_rj::source);
            let reason = number(event, &dicom::associate_rj::reason);
            if source == Some(1) && matches!(reason, Some(3 | 7)) { What::TitleRejected } else { What::Other }
        } else if spec.is(&dicom::command::SPEC) {
            command(association, event, title(plain(event, &dicom::command::move_destination)))
        } else {
            let bytes = number(event, &dicom::data_end::size).unwrap_or(0);
            match number(event, &dicom::data_end::command) {
                Some(C_FIND_RQ) if association.querying => What::QueryData { bytes },
                _ => What::Other,
            }
        };
        Step { what, calling: association.calling, called: association.called }
    }
}

fn command(association: &mut Association, event: &dyn Event, destination: Option<Title>) -> What {
    let status = number(event, &dicom::command::status).unwrap_or(0);
    match number(event, &dicom::command::command).unwrap_or(0) {
        C_FIND_RQ => {
            let model = plain(event, &dicom::command::sop_class);
            association.querying = model.is_some_and(|model| model.bytes().starts_with(QUERY_RETRIEVE));
            if association.querying { What::Query } else { What::Other }
        }
        // FF00H and FF01H: a match is supplied (PS3.4 C.4.1.1.4).
        C_FIND_RSP if association.querying && matches!(status, 0xff00 | 0xff01) => What::Match,
        C_MOVE_RQ => {
            association.moving = destination;
            destination.map_or(What::Other, |destination| What::Move { destination })
        }
        C_MOVE_RSP => association.moving.map_or(What::Other, |destination| What::Moved {
            destination,
            completed: number(event, &dicom::command::completed).unwrap_or(0),
            failed: is_failure(status),
            last: status != 0xff00,
        }),
        C_GET_RQ => What::Get,
        _ => What::Other,
    }
}

/// Whether a status belongs to the failures (PS3.7 C): Axxx, Cxxx, 01xx and 02xx.
const fn is_failure(status: u64) -> bool {
    matches!(status & 0xf000, 0xa000 | 0xc000) || matches!(status & 0xff00, 0x0100 | 0x0200)
}

pub(crate) fn plain<'a>(event: &'a dyn Event, field: &'static FieldSpec) -> Option<Plain<'a>> {
    match event.first(field)? {
        Value::Plain(field) => Some(field),
        _ => None,
    }
}

pub(crate) fn number(event: &dyn Event, field: &'static FieldSpec) -> Option<u64> {
    match event.first(field)? {
        Value::Number(n) => Some(n),
        _ => None,
    }
}
