//! Multicast DNS by hickory-proto: names of every form that has a meaning there, both extra bits, both ways.

use crate::compare::Conversation;
use crate::draw::Draw;
use crate::hickory_name::{labels, name};
use hickory_proto::op::{Message, MessageType, OpCode, Query};
use hickory_proto::rr::rdata::{A, AAAA, CNAME, HINFO, PTR, SRV, TXT};
use hickory_proto::rr::{DNSClass, RData, Record, RecordType};
use holter_protocols::Way;
use serde_json::{Value, json};

/// Types of service that everybody knows.
const SERVICES: &[&str] = &["_http._tcp", "_dicom._tcp", "_hl7._tcp", "_ipp._tcp", "_printer._tcp", "_bacnet._udp"];

/// A name, and what is told of it: service, host, instance.
type Told = (Vec<Vec<u8>>, [Value; 3]);

fn split(dotted: &str) -> Vec<Vec<u8>> {
    dotted.split('.').map(|label| label.as_bytes().to_vec()).collect()
}

fn owner(draw: &mut Draw) -> Told {
    let service = draw.pick(SERVICES);
    let local = split(&format!("{service}.local"));
    let under = |first: String| [vec![first.into_bytes()], local.clone()].concat();
    match draw.below(9) {
        0 | 1 => (local, [json!(service), Value::Null, Value::Null]),
        2 => {
            let host = format!("{}-{}.local", draw.word(1, 20), draw.word(1, 20));
            (split(&host), [Value::Null, json!(host), Value::Null])
        }
        3 | 4 => (under(draw.text(2, 40).replace('.', " ")), [json!(service), Value::Null, json!("present")]),
        5 => {
            let named = [split(&format!("_{}._sub", draw.word(1, 10))), local.clone()].concat();
            (named, [json!(service), Value::Null, json!("present")])
        }
        6 => {
            let [a, b, c, d] = draw.v4().octets();
            let host = format!("{d}.{c}.{b}.{a}.in-addr.arpa");
            (split(&host), [Value::Null, json!(host), Value::Null])
        }
        7 => {
            let listed = "_services._dns-sd._udp";
            (split(&format!("{listed}.local")), [json!(listed), Value::Null, Value::Null])
        }
        // Of no form that is known: a text of a person.
        _ => {
            let text = format!("{}'s {}", draw.word(3, 9), draw.word(2, 6));
            (vec![text.into_bytes(), b"local".to_vec()], [Value::Null, Value::Null, json!("present")])
        }
    }
}

fn data(draw: &mut Draw) -> (RData, Value) {
    let (labels, [service, host, instance]) = owner(draw);
    let to = name(&labels);
    let pointed = json!({
        "mdns.record.target_service": service, "mdns.record.target_host": host, "mdns.record.target_instance": instance,
    });
    match draw.below(8) {
        0 => {
            let address = draw.v4();
            (RData::A(A(address)), json!({"mdns.record.address": address.to_string()}))
        }
        1 => {
            let address = draw.v6();
            (RData::AAAA(AAAA(address)), json!({"mdns.record.address": address.to_string()}))
        }
        2 | 3 => (RData::PTR(PTR(to)), pointed),
        4 => (RData::CNAME(CNAME(to)), pointed),
        5 => {
            let port = draw.u16();
            let mut told = pointed;
            told["mdns.record.port"] = json!(port);
            (RData::SRV(SRV::new(0, 0, port, to)), told)
        }
        6 => {
            let strings = draw.list(1, 6, |draw| format!("{}={}", draw.word(1, 8), draw.word(0, 40)));
            let size = strings.iter().map(|text| text.len() + 1).sum::<usize>();
            let told = json!({"mdns.record.text_strings": strings.len(), "mdns.record.text_size": size});
            (RData::TXT(TXT::new(strings)), told)
        }
        _ => {
            let (cpu, os) = (draw.text(1, 30), draw.text(1, 30));
            (RData::HINFO(HINFO::new(cpu.clone(), os.clone())), json!({"mdns.record.cpu": cpu, "mdns.record.os": os}))
        }
    }
}

fn record(draw: &mut Draw, section: u8) -> (Record, Value) {
    let (labels, [service, host, instance]) = owner(draw);
    let (data, told) = data(draw);
    let any = draw.u32() >> 1;
    let ttl = draw.pick(&[0, 120, 4500, any]);
    let mut record = Record::from_rdata(name(&labels), ttl, data);
    record.mdns_cache_flush = draw.chance(50);
    let mut said = json!({
        "mdns.record.section": section, "mdns.record.service": service, "mdns.record.host": host,
        "mdns.record.instance": instance, "mdns.record.type": u16::from(record.record_type()),
        "mdns.record.class": 1, "mdns.record.flush": record.mdns_cache_flush, "mdns.record.ttl": ttl,
        "mdns.record.address": null, "mdns.record.port": null, "mdns.record.target_service": null,
        "mdns.record.target_host": null, "mdns.record.target_instance": null, "mdns.record.cpu": null,
        "mdns.record.os": null, "mdns.record.text_strings": null, "mdns.record.text_size": null,
    });
    told.as_object().unwrap().iter().for_each(|(field, value)| said[field] = value.clone());
    (record, json!(["mdns.record", said]))
}

fn question(draw: &mut Draw) -> (Query, Value) {
    let (labels, [service, host, instance]) = if draw.chance(95) {
        owner(draw)
    } else {
        // Somebody asks for a name of the wider world here.
        (labels(draw), [Value::Null, Value::Null, json!("present")])
    };
    let kind = draw.pick(&[RecordType::PTR, RecordType::SRV, RecordType::TXT, RecordType::A, RecordType::ANY]);
    let class = draw.pick(&[DNSClass::IN, DNSClass::ANY]);
    let mut query = Query::query(name(&labels), kind);
    query.set_query_class(class).set_mdns_unicast_response(draw.chance(50));
    let said = json!({
        "mdns.question.service": service, "mdns.question.host": host, "mdns.question.instance": instance,
        "mdns.question.type": u16::from(kind), "mdns.question.class": u16::from(class),
        "mdns.question.unicast": query.mdns_unicast_response,
    });
    (query, json!(["mdns.question", said]))
}

pub(crate) fn conversation(draw: &mut Draw) -> Conversation {
    let response = draw.chance(60);
    let kind = if response { MessageType::Response } else { MessageType::Query };
    let mut message = Message::new(if draw.chance(90) { 0 } else { draw.u16() }, kind, OpCode::Query);
    message.metadata.truncation = !response && draw.chance(20);
    message.metadata.authoritative = response;
    let (mut events, mut counts) = (Vec::new(), [0usize; 4]);
    for _ in 0..if response { 0 } else { draw.within(1, 8) } {
        let (query, told) = question(draw);
        message.add_query(query);
        counts[0] += 1;
        events.push(told);
    }
    for (section, count) in (1u8..).zip(&mut counts[1..]) {
        for _ in 0..draw.below(7) {
            let (record, told) = record(draw, section);
            match section {
                1 => message.add_answer(record),
                2 => message.add_authority(record),
                _ => message.add_additional(record),
            };
            *count += 1;
            events.push(told);
        }
    }
    events.insert(
        0,
        json!(["mdns.message", {
            "mdns.response": response, "mdns.transaction": message.metadata.id, "mdns.opcode": 0, "mdns.rcode": 0,
            "mdns.truncated": message.metadata.truncation, "mdns.questions": counts[0], "mdns.answers": counts[1],
            "mdns.authority": counts[2], "mdns.additional": counts[3],
        }]),
    );
    let way = if response { Way::ToClient } else { Way::ToServer };
    Conversation { stream: false, chunks: vec![(way, message.to_vec().expect("encodes"))], events }
}
