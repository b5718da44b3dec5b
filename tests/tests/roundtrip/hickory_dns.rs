//! DNS by hickory-proto: many types of records in all sections, EDNS, compression, over UDP and TCP.

use crate::compare::Conversation;
use crate::draw::Draw;
use crate::hickory_name::{labels, name, text};
use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::rdata::opt::EdnsOption;
use hickory_proto::rr::rdata::{
    A, AAAA, ANAME, CAA, CNAME, CSYNC, HINFO, HTTPS, MX, NAPTR, NS, NULL, OPENPGPKEY, PTR, SOA, SRV, SSHFP, SVCB, TLSA,
    TXT,
};
use hickory_proto::rr::{DNSClass, RData, Record, RecordType};
use holter_protocols::Way;
use serde_json::{Value, json};

/// Names that come again, so that there is something to compress.
type Pool = Vec<Vec<Vec<u8>>>;

fn known(draw: &mut Draw, pool: &mut Pool) -> Vec<Vec<u8>> {
    match draw.below(4) {
        0 => pool.push(labels(draw)),
        1 => {
            let mut longer = draw.pick(pool);
            if longer.iter().map(|label| label.len() + 1).sum::<usize>() < 240 {
                longer.insert(0, draw.word(1, 8).into_bytes());
            }
            pool.push(longer);
        }
        _ => return draw.pick(pool),
    }
    pool[pool.len() - 1].clone()
}

/// A record's data, and what of it is told.
fn data(draw: &mut Draw, pool: &mut Pool) -> (RData, Value) {
    let target = known(draw, pool);
    let to = name(&target);
    let pointed = json!({"dns.record.target": text(&target)});
    match draw.below(20) {
        0 => {
            let address = draw.v4();
            (RData::A(A(address)), json!({"dns.record.address": address.to_string()}))
        }
        1 => {
            let address = draw.v6();
            (RData::AAAA(AAAA(address)), json!({"dns.record.address": address.to_string()}))
        }
        2 => (RData::CNAME(CNAME(to)), pointed),
        3 => (RData::NS(NS(to)), pointed),
        4 => (RData::PTR(PTR(to)), pointed),
        5 => (RData::MX(MX::new(draw.u16(), to)), pointed),
        6 => (RData::SRV(SRV::new(draw.u16(), draw.u16(), draw.u16(), to)), pointed),
        7 => {
            let strings = draw.list(1, 4, |draw| draw.text(1, 255));
            let size = strings.iter().map(|text| text.len() + 1).sum::<usize>();
            let told = json!({"dns.record.text_strings": strings.len(), "dns.record.text_size": size});
            (RData::TXT(TXT::new(strings)), told)
        }
        8 => (RData::SOA(SOA::new(to, name(&target), draw.u32(), 1, 2, 3, draw.u32())), json!({})),
        9 => (RData::HINFO(HINFO::new(draw.word(1, 20), draw.word(1, 20))), json!({})),
        10 => (RData::ANAME(ANAME(to)), json!({})),
        11 => (RData::CAA(CAA::new_issue(draw.chance(50), Some(to), Vec::new())), json!({})),
        12 => (RData::CSYNC(CSYNC::new(draw.u32(), true, false, [RecordType::A, RecordType::NS])), json!({})),
        13 => {
            let part = |draw: &mut Draw| draw.word(1, 9).into_bytes().into_boxed_slice();
            let (flags, services, pattern) = (part(draw), part(draw), part(draw));
            (RData::NAPTR(NAPTR::new(draw.u16(), draw.u16(), flags, services, pattern, to)), json!({}))
        }
        14 => (RData::NULL(NULL::with(draw.bytes(1, 100))), json!({})),
        15 => (RData::OPENPGPKEY(OPENPGPKEY::new(draw.bytes(1, 200))), json!({})),
        16 => (RData::SSHFP(SSHFP::new(draw.u8().into(), draw.u8().into(), draw.bytes(20, 32))), json!({})),
        17 => {
            let (usage, selector, matching) = (draw.u8().into(), draw.u8().into(), draw.u8().into());
            (RData::TLSA(TLSA::new(usage, selector, matching, draw.bytes(32, 64))), json!({}))
        }
        18 => (RData::SVCB(SVCB::new(draw.u16(), to, Vec::new())), json!({})),
        _ => (RData::HTTPS(HTTPS(SVCB::new(draw.u16(), to, Vec::new()))), json!({})),
    }
}

fn record(draw: &mut Draw, pool: &mut Pool, section: u8) -> (Record, Value) {
    let owner = known(draw, pool);
    let (data, told) = data(draw, pool);
    let ttl = draw.u32() >> 1;
    let record = Record::from_rdata(name(&owner), ttl, data);
    let mut said = json!({
        "dns.record.name": text(&owner), "dns.record.section": section, "dns.record.ttl": ttl,
        "dns.record.type": u16::from(record.record_type()), "dns.record.address": null, "dns.record.target": null,
        "dns.record.text_strings": null, "dns.record.text_size": null,
    });
    told.as_object().unwrap().iter().for_each(|(field, value)| said[field] = value.clone());
    (record, json!(["dns.record", said]))
}

fn message(draw: &mut Draw) -> (Way, Vec<u8>, Vec<Value>) {
    let asked = labels(draw);
    let mut pool = vec![asked.clone()];
    let response = draw.chance(75);
    let (opcode, number) =
        if draw.chance(85) { (OpCode::Query, 0) } else { draw.pick(&[(OpCode::Notify, 4), (OpCode::Update, 5)]) };
    let kind = if response { MessageType::Response } else { MessageType::Query };
    let mut message = Message::new(draw.u16(), kind, opcode);
    let types = [
        RecordType::A,
        RecordType::AAAA,
        RecordType::ANY,
        RecordType::CNAME,
        RecordType::HTTPS,
        RecordType::MX,
        RecordType::NS,
        RecordType::PTR,
        RecordType::SOA,
        RecordType::SRV,
        RecordType::SVCB,
        RecordType::TXT,
        RecordType::Unknown(draw.u16() | 0x8000),
    ];
    let class = draw.pick(&[DNSClass::IN, DNSClass::IN, DNSClass::CH, DNSClass::ANY]);
    let mut query = Query::query(name(&asked), draw.pick(&types));
    query.set_query_class(class);
    let qtype = u16::from(query.query_type());
    message.add_query(query);

    let mut events = Vec::new();
    let mut counts = [0usize; 3];
    for (section, count) in (1u8..).zip(&mut counts) {
        for _ in 0..if response { draw.below(6) } else { 0 } {
            let (record, told) = record(draw, &mut pool, section);
            match section {
                1 => message.add_answer(record),
                2 => message.add_authority(record),
                _ => message.add_additional(record),
            };
            *count += 1;
            events.push(told);
        }
    }
    if number != 0 {
        // Only the answers to queries are told record by record.
        events.clear();
    }
    let edns = draw.maybe(|draw| {
        let mut edns = Edns::new();
        edns.set_max_payload(draw.u16()).set_dnssec_ok(draw.chance(50));
        for _ in 0..draw.below(3) {
            edns.options_mut().insert(EdnsOption::Unknown(65001 + draw.u8() as u16, draw.bytes(0, 20)));
        }
        edns
    });
    let rcode = match (response, &edns) {
        (false, _) => ResponseCode::NoError,
        (true, Some(_)) => {
            draw.pick(&[ResponseCode::NoError, ResponseCode::BADVERS, ResponseCode::BADCOOKIE, ResponseCode::Refused])
        }
        (true, None) => ResponseCode::from_low(draw.u8() % 11),
    };
    message.metadata.response_code = rcode;
    message.metadata.authoritative = response && draw.chance(50);
    message.metadata.truncation = response && draw.chance(20);
    // One label without it is held to be LLMNR where a conversation begins.
    message.metadata.recursion_desired = asked.len() == 1 || draw.chance(50);
    message.metadata.recursion_available = response && draw.chance(50);
    let said = json!({
        "dns.response": response, "dns.transaction": message.metadata.id, "dns.opcode": number,
        "dns.rcode": u16::from(rcode), "dns.name": text(&asked), "dns.qtype": qtype, "dns.qclass": u16::from(class),
        "dns.questions": 1, "dns.answers": counts[0], "dns.authority": counts[1],
        "dns.additional": counts[2] + usize::from(edns.is_some()),
        "dns.truncated": message.metadata.truncation, "dns.authoritative": message.metadata.authoritative,
        "dns.edns": edns.as_ref().map(Edns::version), "dns.edns_size": edns.as_ref().map(Edns::max_payload),
    });
    if let Some(edns) = edns {
        message.set_edns(edns);
    }
    events.insert(0, json!(["dns.message", said]));
    let way = if response { Way::ToClient } else { Way::ToServer };
    (way, message.to_vec().expect("encodes"), events)
}

pub(crate) fn conversation(draw: &mut Draw) -> Conversation {
    let stream = draw.chance(40);
    let mut talk = Conversation { stream, chunks: Vec::new(), events: Vec::new() };
    for _ in 0..if stream { draw.within(1, 4) } else { 1 } {
        let (way, bytes, events) = message(draw);
        let prefix = if stream { u16::try_from(bytes.len()).unwrap().to_be_bytes().to_vec() } else { Vec::new() };
        talk.chunks.push((way, [prefix, bytes].concat()));
        talk.events.extend(events);
    }
    talk
}
