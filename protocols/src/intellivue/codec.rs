//! Remote operations, and the connect indication, which has the same form behind another head.

use super::{Message, Poll, System, attributes};
use crate::event::{Code, Count, Transaction};
use crate::{Malformed, Reader, Sink, Verdict};

/// Of the session that an association opened.
const SESSION: u16 = 0xe100;
/// Of a connect indication, whose head is the nomenclature: nothing, a major and a minor number.
const MAGIC: u16 = 0x0000;
/// Either head, operation and length.
const HEAD: usize = 8;

const INVOKE: u16 = 1;
const RESULT: u16 = 2;
const ERROR: u16 = 3;
const LINKED: u16 = 5;

const EVENT: u16 = 0;
const CONFIRMED_EVENT: u16 = 1;
const ACTION: u16 = 7;

const MDS_CREATE: u16 = 3334;
const CONNECT_INDICATION: u16 = 3351;
const POLL: u16 = 3094;
const POLL_EXTENDED: u16 = 61755;

pub(super) fn looks(bytes: &[u8]) -> Verdict {
    let Some(&[a, b, _, _, c, d, e, f]) = bytes.first_chunk::<HEAD>() else { return Verdict::No };
    let [head, operation, length] = [[a, b], [c, d], [e, f]].map(u16::from_be_bytes);
    let body = bytes.get(HEAD..).unwrap_or_default();
    if body.len() != usize::from(length) {
        return Verdict::No;
    }
    let known = match (head, operation) {
        // The second length, behind a number and a command, or behind what links a part to others.
        (SESSION, INVOKE | RESULT) => fills(body, 4),
        (SESSION, ERROR) => fills(body, 4),
        (SESSION, LINKED) => fills(body, 6),
        // Number, command, length, object and time stand before the event.
        (MAGIC, INVOKE) => fills(body, 4) && body.get(16..18) == Some(&CONNECT_INDICATION.to_be_bytes()),
        _ => false,
    };
    if known { Verdict::Yes } else { Verdict::No }
}

/// A length at `at` counts all that follows it.
fn fills(body: &[u8], at: usize) -> bool {
    body.get(at..)
        .and_then(|rest| rest.split_first_chunk())
        .is_some_and(|(length, rest)| usize::from(u16::from_be_bytes(*length)) == rest.len())
}

pub(super) fn decode(bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Malformed> {
    const FIELD: &str = "intellivue.operation";
    let mut reader = Reader::new(bytes);
    let head = reader.u16("intellivue.head")?;
    let second = reader.u16("intellivue.head")?;
    if !matches!(head, SESSION | MAGIC) {
        return Err(Malformed { field: "intellivue.head", at: 0 });
    }
    let operation = reader.u16(FIELD)?;
    let length = usize::from(reader.u16(FIELD)?);
    let begin = reader;
    let mut body = reader.sub(length, FIELD)?;
    match operation {
        INVOKE | RESULT | ERROR => {}
        // Whether it is the first or the last part, and its number.
        LINKED => _ = body.u16(FIELD)?,
        _ => return Err(begin.malformed(FIELD)),
    }
    let invoke = body.u16(FIELD)?;
    let code = body.u16(FIELD)?;
    let failed = operation == ERROR;
    sink.event(&Message {
        operation: Code(u64::from(operation)),
        invoke: Transaction(u64::from(invoke)),
        command: (!failed).then_some(Code(u64::from(code))),
        error: failed.then_some(Code(u64::from(code))),
    });
    let length = usize::from(body.u16(FIELD)?);
    let argument = body.sub(length, FIELD)?;
    let nomenclature = (head == MAGIC).then_some(Code(u64::from(second)));
    match (operation, code) {
        (INVOKE, EVENT | CONFIRMED_EVENT) => event(argument, nomenclature, sink),
        (INVOKE, ACTION) => request(argument, sink),
        (RESULT | LINKED, ACTION) => result(argument, sink),
        _ => Ok(()),
    }
}

/// Class, context and handle of an object.
fn object(reader: &mut Reader<'_>) -> Result<(), Malformed> {
    reader.take(6, "intellivue.object").map(|_| ())
}

fn event(mut reader: Reader<'_>, nomenclature: Option<Code>, sink: &mut dyn Sink) -> Result<(), Malformed> {
    const FIELD: &str = "intellivue.event";
    object(&mut reader)?;
    // The monitor's clock.
    reader.u32(FIELD)?;
    let event = reader.u16(FIELD)?;
    let length = usize::from(reader.u16(FIELD)?);
    let mut body = reader.sub(length, FIELD)?;
    if !matches!(event, MDS_CREATE | CONNECT_INDICATION) {
        return Ok(());
    }
    if event == MDS_CREATE {
        object(&mut body)?;
    }
    let mut told = System {
        event: Code(u64::from(event)),
        nomenclature,
        kind: None,
        manufacturer: None,
        model: None,
        serial: None,
        part: None,
        hardware: None,
        software: None,
        mac: None,
        address: None,
        port: None,
        bed: None,
    };
    let result = attributes::system(&mut body, &mut told);
    sink.event(&told);
    result
}

/// What is asked for: class of objects, group of attributes.
fn polled(reader: &mut Reader<'_>) -> Result<(Code, Code), Malformed> {
    const FIELD: &str = "intellivue.poll";
    // The vocabulary of the class is always that of objects.
    reader.u16(FIELD)?;
    let class = reader.u16(FIELD)?;
    let group = reader.u16(FIELD)?;
    Ok((Code(u64::from(class)), Code(u64::from(group))))
}

/// An action of a poll, with its argument.
fn action<'a>(reader: &mut Reader<'a>) -> Result<Option<(u16, Reader<'a>)>, Malformed> {
    const FIELD: &str = "intellivue.action";
    let action = reader.u16(FIELD)?;
    let length = usize::from(reader.u16(FIELD)?);
    let body = reader.sub(length, FIELD)?;
    Ok(matches!(action, POLL | POLL_EXTENDED).then_some((action, body)))
}

fn request(mut reader: Reader<'_>, sink: &mut dyn Sink) -> Result<(), Malformed> {
    object(&mut reader)?;
    // Scope.
    reader.u32("intellivue.action")?;
    let Some((action, mut body)) = action(&mut reader)? else { return Ok(()) };
    // Number of the poll.
    body.u16("intellivue.poll")?;
    let (class, group) = polled(&mut body)?;
    sink.event(&Poll { result: false, action: Code(u64::from(action)), class, group, contexts: None, objects: None });
    Ok(())
}

fn result(mut reader: Reader<'_>, sink: &mut dyn Sink) -> Result<(), Malformed> {
    const FIELD: &str = "intellivue.poll";
    object(&mut reader)?;
    let Some((action, mut body)) = action(&mut reader)? else { return Ok(()) };
    // Number of the poll, of an extended one its sequence, and two times.
    body.take(if action == POLL { 14 } else { 16 }, FIELD)?;
    let (class, group) = polled(&mut body)?;
    let (contexts, objects, result) = count(body);
    sink.event(&Poll {
        result: true,
        action: Code(u64::from(action)),
        class,
        group,
        contexts: Some(Count(contexts)),
        objects: Some(Count(objects)),
    });
    result
}

/// Contexts and objects that stand there; not one attribute of them is looked at.
fn count(mut body: Reader<'_>) -> (u64, u64, Result<(), Malformed>) {
    let (mut contexts, mut objects) = (0u64, 0u64);
    let mut all = || -> Result<(), Malformed> {
        const FIELD: &str = "intellivue.poll_info";
        let promised = body.u16(FIELD)?;
        let length = usize::from(body.u16(FIELD)?);
        let mut list = body.sub(length, FIELD)?;
        for _ in 0..promised {
            // The context's own number.
            list.u16(FIELD)?;
            let polls = list.u16(FIELD)?;
            let length = usize::from(list.u16(FIELD)?);
            let mut context = list.sub(length, FIELD)?;
            contexts = contexts.saturating_add(1);
            for _ in 0..polls {
                // Handle, and how many attributes.
                context.u32(FIELD)?;
                let length = usize::from(context.u16(FIELD)?);
                context.take(length, FIELD)?;
                objects = objects.saturating_add(1);
            }
        }
        Ok(())
    };
    let result = all();
    (contexts, objects, result)
}
