//! `--eve`: EVE-shaped lines of JSON, with the names that users of Suricata know. The format is a contract; see
//! docs/specs/eve.md.
//!
//! What belongs together stands in one record: a request and its response, the hellos of a handshake and the certificate,
//! a DNS message and its answers. The last record stays open for what follows its event; one that lacks its other half
//! waits for it.

mod finding;
mod flow;
mod form;
mod record;
mod shapes;
mod spoken;
#[cfg(test)]
mod tests;
mod under_way;
mod value;
mod words;

use crate::json::Json;
use form::Form;
use holter_engine::Odd;
use holter_engine::flow::{Close, Conversation, Endpoint};
use holter_phi::{Label, Names};
use holter_protocols::{Event, Transport, Way};
use holter_terms::Nanos;
use holter_wire::Finding;
use record::Record;
use shapes::Joins;
use spoken::Spoken;
use std::io::{self, Write};
use under_way::UnderWay;

pub(crate) struct EveWriter<W> {
    out: W,
    names: Names,
    line: Json,
    forms: Vec<Form>,
    /// The record of the last event.
    last: Option<Record>,
    under_way: UnderWay,
    spoken: Spoken,
    /// Number of the frame in its capture, from 1; 0 where there is no capture.
    frame: u64,
}

impl<W: Write> EveWriter<W> {
    pub(crate) fn new(out: W, names: Names) -> Self {
        let (line, under_way) = (Json::default(), UnderWay::default());
        EveWriter { out, names, line, forms: form::all(), last: None, under_way, spoken: Spoken::default(), frame: 0 }
    }

    /// What comes next is of the frame of this number in its capture.
    pub(crate) fn frame(&mut self, number: u64) {
        self.frame = number;
    }

    pub(crate) fn event(&mut self, at: Nanos, talk: &Conversation, way: Way, event: &dyn Event) -> io::Result<()> {
        let Some(n) = self.forms.iter().position(|form| form.event.is(event.spec())) else { return Ok(()) };
        self.spoken.hear(talk.id, event);
        let (shape, kind) = (self.forms[n].shape, self.forms[n].kind);
        let joins = shape.map_or(Joins::Alone, |shape| (shape.joins)(event, way));
        let Some(mut record) = self.joined(joins, kind, at, talk, way)? else { return Ok(()) };
        self.forms[n].add(&mut record, event, way, &self.names);
        record.done |= match joins {
            Joins::Alone => true,
            Joins::Last => record.done,
            _ => talk.id == 0 || shape.is_none_or(|shape| (shape.done)(event, way, &record)),
        };
        self.last = Some(record);
        Ok(())
    }

    /// The record that an event belongs to: one under way or a new one. `None` where it has none to belong to.
    fn joined(
        &mut self,
        joins: Joins,
        kind: &'static str,
        at: Nanos,
        talk: &Conversation,
        way: Way,
    ) -> io::Result<Option<Record>> {
        if joins == Joins::Last
            && let Some(last) = self.last.take_if(|last| last.conversation == talk.id && last.kind == kind)
        {
            return Ok(Some(last));
        }
        self.settle()?;
        let whole = |record: &Record| !record.is_full();
        let waiting = match joins {
            Joins::Alone | Joins::Last => None,
            Joins::Begins(number) => {
                // One of the same number that still waits was never answered.
                let same = |record: &Record, _| number.is_some() && record.number == number;
                if let Some(unanswered) = self.under_way.take(talk.id, kind, same) {
                    self.write(unanswered)?;
                }
                None
            }
            Joins::Numbered(number) => {
                self.under_way.take(talk.id, kind, |record, _| record.number == Some(number) && whole(record))
            }
            // Where bytes are missing, a request may have lost its response, and the next would take its place.
            Joins::Oldest => {
                self.under_way.take(talk.id, kind, |record, _| record.missed == talk.missed && whole(record))
            }
            Joins::Sole => self
                .under_way
                .take(talk.id, kind, |record, all| all == 1 && record.missed == talk.missed && whole(record)),
            Joins::One { .. } => self.under_way.take(talk.id, kind, |record, _| whole(record)),
        };
        if waiting.is_some() || joins == (Joins::One { begins: false }) {
            return Ok(waiting);
        }
        let mut record = self.under_way.begin(talk.id, kind, talk.missed);
        record.number = match joins {
            Joins::Begins(number) => number,
            Joins::Numbered(number) => Some(number),
            _ => None,
        };
        let by_flow = !matches!(joins, Joins::Alone | Joins::Last);
        head(&mut record.head, at, kind, self.frame, talk, if by_flow { Way::ToServer } else { way });
        record.done = !by_flow;
        Ok(Some(record))
    }

    /// The last word on a conversation: EVE's flow record, and before it what still waits there.
    pub(crate) fn closed(&mut self, talk: &Conversation, why: Close) -> io::Result<()> {
        self.settle()?;
        for record in self.under_way.over(talk.id) {
            self.write(record)?;
        }
        self.line.clear();
        head(&mut self.line, talk.last, "flow", 0, talk, Way::ToServer);
        flow::write(&mut self.line, talk, why, self.spoken.over(talk.id));
        self.end()
    }

    /// Something against a standard: EVE's anomaly record. Says where, never what.
    pub(crate) fn odd(&mut self, talk: &Conversation, odd: Odd, what: &str) -> io::Result<()> {
        self.settle()?;
        self.line.clear();
        head(&mut self.line, talk.last, "anomaly", self.frame, talk, Way::ToServer);
        let line = &mut self.line;
        line.key("anomaly");
        line.open('{');
        line.key("app_proto");
        line.string(talk.protocol);
        line.key("type");
        line.string("applayer");
        line.key("event");
        line.string(what);
        line.key("layer");
        line.string(match odd {
            Odd::Malformed => "proto_parser",
            Odd::Weird => "proto_detect",
        });
        line.close('}');
        self.end()
    }

    /// Behaviour judged unusual.
    pub(crate) fn finding(&mut self, finding: &Finding<Label>) -> io::Result<()> {
        self.settle()?;
        finding::write(&mut self.line, finding);
        self.end()
    }

    /// Between frames, for those who read along: hands on what lacks nothing.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.settle()?;
        self.out.flush()
    }

    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.settle()?;
        for record in self.under_way.all() {
            self.write(record)?;
        }
        self.out.flush()
    }

    /// The last record gets no more from what follows its event: it is written, or waits for its other half.
    fn settle(&mut self) -> io::Result<()> {
        match self.last.take() {
            Some(record) if record.done || record.is_full() => self.write(record),
            Some(record) => self.under_way.wait(record).into_iter().try_for_each(|record| self.write(record)),
            None => Ok(()),
        }
    }

    fn write(&mut self, record: Record) -> io::Result<()> {
        record.write(&mut self.line);
        self.under_way.recycle(record);
        self.line()
    }

    fn end(&mut self) -> io::Result<()> {
        self.line.close('}');
        self.line()
    }

    fn line(&mut self) -> io::Result<()> {
        self.out.write_all(self.line.as_str().as_bytes())?;
        self.out.write_all(b"\n")
    }
}

/// What every record of a conversation begins with.
fn head(line: &mut Json, at: Nanos, kind: &str, frame: u64, talk: &Conversation, way: Way) {
    line.open('{');
    line.key("timestamp");
    line.time(at);
    if talk.id != 0 {
        line.key("flow_id");
        line.number(talk.id);
    }
    if frame != 0 {
        line.key("pcap_cnt");
        line.number(frame);
    }
    line.key("event_type");
    line.string(kind);
    if let Some(vlan) = talk.vlan {
        line.key("vlan");
        line.open('[');
        line.number(u64::from(vlan));
        line.close(']');
    }
    let ported = talk.transport.has_ports();
    for (ip, port, end) in [("src_ip", "src_port", talk.sender(way)), ("dest_ip", "dest_port", talk.receiver(way))] {
        let Endpoint { ip: address, port: number, .. } = end;
        if !address.is_unspecified() || ported {
            line.key(ip);
            line.string(address);
        }
        if ported {
            line.key(port);
            line.number(u64::from(*number));
        }
    }
    if let Some(name) = match talk.transport {
        Transport::Tcp => Some("TCP"),
        Transport::Udp => Some("UDP"),
        Transport::Ip(1) => Some("ICMP"),
        Transport::Ip(58) => Some("IPv6-ICMP"),
        _ => None,
    } {
        line.key("proto");
        line.string(name);
        line.key("ip_v");
        line.number(if talk.client.ip.is_ipv4() { 4 } else { 6 });
    }
}
