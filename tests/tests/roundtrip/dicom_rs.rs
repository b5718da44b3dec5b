//! Associations by dicom-ul: proposals and answers with every item that it knows, messages in fragments, and each of the
//! ways in which an association ends.

use crate::compare::Conversation;
use crate::dicom_items::User;
use crate::dimse::{self, BIG, COMMANDS, EXPLICIT, IMPLICIT};
use crate::draw::Draw;
use dicom_ul::pdu::{
    AbortRQServiceProviderReason, AbortRQSource, AssociationAC, AssociationRJ, AssociationRJResult,
    AssociationRJServiceProviderASCEReason, AssociationRJServiceProviderPresentationReason,
    AssociationRJServiceUserReason, AssociationRJSource, AssociationRQ, PDataValue, PDataValueType, Pdu,
    PresentationContextProposed, PresentationContextResult, PresentationContextResultReason, write_pdu,
};
use holter_protocols::Way;
use serde_json::{Value, json};

const APPLICATION_CONTEXT: &str = "1.2.840.10008.3.1.1.1";
pub(crate) const SYNTAXES: &[&str] = &[
    "1.2.840.10008.1.1",
    "1.2.840.10008.5.1.4.1.1.2",
    "1.2.840.10008.5.1.4.1.1.4",
    "1.2.840.10008.5.1.4.1.1.6.1",
    "1.2.840.10008.5.1.4.31",
    "1.2.840.10008.5.1.4.1.2.2.1",
    "1.2.840.10008.3.1.2.3.3",
];

impl Conversation {
    fn send(&mut self, way: Way, kind: u8, pdu: &Pdu) {
        let mut bytes = Vec::new();
        write_pdu(&mut bytes, pdu).expect("encodes");
        self.tell("dicom.pdu", json!({"dicom.pdu.type": kind, "dicom.pdu.length": bytes.len() - 6}));
        self.chunks.push((way, bytes));
    }

    pub(crate) fn tell(&mut self, event: &str, fields: Value) {
        self.events.push(json!([event, fields]));
    }
}

fn proposal(draw: &mut Draw, talk: &mut Conversation, titles: [&str; 2]) -> Vec<PresentationContextProposed> {
    let [called, calling] = titles;
    let syntaxes = [IMPLICIT, EXPLICIT, BIG, "1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.5"];
    let contexts: Vec<_> = (0..draw.pick(&[1, 3, 12, 128]))
        .map(|n| PresentationContextProposed {
            id: (2 * n + 1) as u8,
            abstract_syntax: draw.pick(SYNTAXES).to_owned(),
            transfer_syntaxes: draw.list(1, 4, |draw| draw.pick(&syntaxes).to_owned()),
        })
        .collect();
    let user = User::new(draw, false);
    let version = draw.pick(&[1, 1, 3]);
    let request = AssociationRQ {
        protocol_version: version,
        calling_ae_title: calling.to_owned(),
        called_ae_title: called.to_owned(),
        application_context_name: APPLICATION_CONTEXT.to_owned(),
        presentation_contexts: contexts.clone(),
        user_variables: user.items.clone(),
    };
    talk.send(Way::ToServer, 1, &Pdu::from(request));
    talk.tell("dicom.associate_rq", json!({
        "dicom.called_ae": called, "dicom.calling_ae": calling, "dicom.application_context": APPLICATION_CONTEXT,
        "dicom.max_pdu": user.max, "dicom.implementation_uid": user.uid, "dicom.implementation_version": user.version,
        "dicom.contexts": contexts.len(), "dicom.user_identity": user.identity.map(|(kind, _)| kind),
        "dicom.async_invoked": user.window.map(|window| window.0),
        "dicom.async_performed": user.window.map(|window| window.1),
    }));
    user.told(talk, false, called, calling, version);
    for context in &contexts {
        talk.tell(
            "dicom.context",
            json!({
                "dicom.context_id": context.id, "dicom.abstract_syntax": context.abstract_syntax,
                "dicom.transfer_syntax": context.transfer_syntaxes,
            }),
        );
    }
    contexts
}

/// What came of the contexts: those accepted, with their abstract and transfer syntax.
fn acceptance(
    draw: &mut Draw,
    talk: &mut Conversation,
    titles: [&str; 2],
    proposed: &[PresentationContextProposed],
) -> Vec<(u8, String, String)> {
    use PresentationContextResultReason as Reason;
    let [called, calling] = titles;
    let refusals = [
        Reason::UserRejection,
        Reason::NoReason,
        Reason::AbstractSyntaxNotSupported,
        Reason::TransferSyntaxesNotSupported,
    ];
    let results: Vec<_> = proposed
        .iter()
        .map(|context| PresentationContextResult {
            id: context.id,
            reason: if draw.chance(75) { Reason::Acceptance } else { draw.pick(&refusals) },
            transfer_syntax: draw.pick(&context.transfer_syntaxes),
        })
        .collect();
    let user = User::new(draw, true);
    let answer = AssociationAC {
        protocol_version: 1,
        calling_ae_title: calling.to_owned(),
        called_ae_title: called.to_owned(),
        application_context_name: APPLICATION_CONTEXT.to_owned(),
        presentation_contexts: results.clone(),
        user_variables: user.items.clone(),
    };
    talk.send(Way::ToClient, 2, &Pdu::from(answer));
    let taken = |result: &&PresentationContextResult| result.reason == Reason::Acceptance;
    let count = results.iter().filter(taken).count();
    talk.tell(
        "dicom.associate_ac",
        json!({
            "dicom.accept.max_pdu": user.max, "dicom.accept.implementation_uid": user.uid,
            "dicom.accept.implementation_version": user.version, "dicom.accept.contexts": count,
            "dicom.refuse.contexts": results.len() - count,
        }),
    );
    user.told(talk, true, called, calling, 1);
    for (result, context) in results.iter().zip(proposed) {
        talk.tell(
            "dicom.context_result",
            json!({
                "dicom.result.context_id": result.id, "dicom.result": result.reason.clone() as u8,
                "dicom.result.abstract_syntax": context.abstract_syntax,
                "dicom.result.transfer_syntax": taken(&result).then_some(&result.transfer_syntax),
            }),
        );
    }
    let accepted = results.iter().zip(proposed).filter(|(result, _)| taken(result));
    accepted
        .map(|(result, context)| (result.id, context.abstract_syntax.clone(), result.transfer_syntax.clone()))
        .collect()
}

fn rejection(draw: &mut Draw, talk: &mut Conversation) {
    use AssociationRJServiceProviderASCEReason as Acse;
    use AssociationRJServiceProviderPresentationReason as Presentation;
    use AssociationRJServiceUserReason as Service;
    let (source, told) = draw.pick(&[
        (AssociationRJSource::ServiceUser(Service::NoReasonGiven), [1, 1]),
        (AssociationRJSource::ServiceUser(Service::ApplicationContextNameNotSupported), [1, 2]),
        (AssociationRJSource::ServiceUser(Service::CallingAETitleNotRecognized), [1, 3]),
        (AssociationRJSource::ServiceUser(Service::CalledAETitleNotRecognized), [1, 7]),
        (AssociationRJSource::ServiceProviderASCE(Acse::NoReasonGiven), [2, 1]),
        (AssociationRJSource::ServiceProviderASCE(Acse::ProtocolVersionNotSupported), [2, 2]),
        (AssociationRJSource::ServiceProviderPresentation(Presentation::TemporaryCongestion), [3, 1]),
        (AssociationRJSource::ServiceProviderPresentation(Presentation::LocalLimitExceeded), [3, 2]),
    ]);
    let (result, code) = draw.pick(&[(AssociationRJResult::Permanent, 1), (AssociationRJResult::Transient, 2)]);
    talk.send(Way::ToClient, 3, &Pdu::AssociationRJ(AssociationRJ { result, source }));
    talk.tell(
        "dicom.associate_rj",
        json!({
            "dicom.reject.result": code, "dicom.reject.source": told[0], "dicom.reject.reason": told[1],
        }),
    );
}

/// Bytes of a command or a data set, cut into fragments, several of which may share a PDU. Returns how many.
fn fragments(
    draw: &mut Draw,
    talk: &mut Conversation,
    way: Way,
    context: u8,
    kind: &PDataValueType,
    bytes: &[u8],
) -> usize {
    let size = draw.pick(&[50, 200, 4_000, 30_000]);
    let (mut pending, mut count) = (Vec::new(), 0);
    let mut rest = bytes;
    loop {
        let (piece, after) = rest.split_at(size.min(rest.len()));
        rest = after;
        pending.push(PDataValue {
            presentation_context_id: context,
            value_type: kind.clone(),
            is_last: rest.is_empty(),
            data: piece.to_vec(),
        });
        count += 1;
        let flags = u8::from(*kind == PDataValueType::Command) | u8::from(rest.is_empty()) << 1;
        talk.tell(
            "dicom.pdv",
            json!({
                "dicom.pdv.context_id": context, "dicom.pdv.flags": flags, "dicom.pdv.length": piece.len() + 2,
            }),
        );
        if rest.is_empty() || draw.chance(60) {
            talk.send(way, 4, &Pdu::PData { data: std::mem::take(&mut pending) });
        }
        if rest.is_empty() {
            return count;
        }
    }
}

fn message(draw: &mut Draw, talk: &mut Conversation, (context, class, syntax): &(u8, String, String)) {
    let (code, may) = draw.pick(COMMANDS);
    let answer = code & 0x8000 != 0;
    let way = if answer { Way::ToClient } else { Way::ToServer };
    let readable = [IMPLICIT, EXPLICIT, BIG].contains(&syntax.as_str());
    // A verification and a cancel have nothing to carry.
    let data = readable && !matches!(code & 0x7fff, 0x0030 | 0x0fff) && draw.chance(60);
    let (bytes, mut command, operation) = dimse::command(draw, code, may, class, data);
    fragments(draw, talk, way, *context, &PDataValueType::Command, &bytes);
    command["dicom.command.context_id"] = json!(context);
    let sop_class = command["dicom.sop_class"].clone();
    talk.tell("dicom.command", command);
    if !operation.is_null() {
        talk.tell("dicom.operation", operation);
    }
    if !data {
        return;
    }
    let (bytes, mut head, machine) = dimse::data(draw, syntax);
    let count = fragments(draw, talk, way, *context, &PDataValueType::Data, &bytes);
    head["dicom.data.command"] = json!(code);
    head["dicom.data.sop_class"] = sop_class;
    head["dicom.data.transfer_syntax"] = json!(syntax);
    talk.tell("dicom.data_head", head);
    if !machine.is_null() {
        talk.tell("dicom.machine", machine);
    }
    talk.tell(
        "dicom.data_end",
        json!({
            "dicom.end.command": code, "dicom.data_size": bytes.len(), "dicom.fragments": count,
        }),
    );
}

fn farewell(draw: &mut Draw, talk: &mut Conversation) {
    if draw.chance(60) {
        talk.send(Way::ToServer, 5, &Pdu::ReleaseRQ);
        talk.tell("dicom.release", json!({"dicom.release.answer": false}));
        talk.send(Way::ToClient, 6, &Pdu::ReleaseRP);
        talk.tell("dicom.release", json!({"dicom.release.answer": true}));
        return;
    }
    use AbortRQServiceProviderReason as Reason;
    let (source, told) = draw.pick(&[
        (AbortRQSource::ServiceUser, [0, 0]),
        (AbortRQSource::ServiceProvider(Reason::ReasonNotSpecified), [2, 0]),
        (AbortRQSource::ServiceProvider(Reason::UnrecognizedPdu), [2, 1]),
        (AbortRQSource::ServiceProvider(Reason::UnexpectedPdu), [2, 2]),
        (AbortRQSource::ServiceProvider(Reason::UnrecognizedPduParameter), [2, 4]),
        (AbortRQSource::ServiceProvider(Reason::UnexpectedPduParameter), [2, 5]),
        (AbortRQSource::ServiceProvider(Reason::InvalidPduParameter), [2, 6]),
    ]);
    let way = draw.pick(&[Way::ToServer, Way::ToClient]);
    talk.send(way, 7, &Pdu::AbortRQ { source });
    talk.tell("dicom.abort", json!({"dicom.abort.source": told[0], "dicom.abort.reason": told[1]}));
}

pub(crate) fn association(draw: &mut Draw) -> Conversation {
    let mut talk = Conversation { stream: true, chunks: Vec::new(), events: Vec::new() };
    let (called, calling) = (draw.text(1, 16), draw.text(1, 16));
    let titles = [called.as_str(), calling.as_str()];
    let proposed = proposal(draw, &mut talk, titles);
    if draw.chance(15) {
        rejection(draw, &mut talk);
        return talk;
    }
    let accepted = acceptance(draw, &mut talk, titles, &proposed);
    for _ in 0..if accepted.is_empty() { 0 } else { draw.within(1, 6) } {
        let context = draw.pick(&accepted);
        message(draw, &mut talk, &context);
    }
    farewell(draw, &mut talk);
    talk
}
