//! Where the sensing process puts its records: through the pair, to the process that forwards.
//!
//! Live, it waits for nobody: what does not fit waits in a queue of [`QUEUE_MAX`] bytes, and past that it is given up
//! and counted. On a capture file it waits, since a file can. A record counts as delivered once the other side said
//! that it is durable. If the other side was started again before it said so, the record may or may not be durable:
//! that is counted as unconfirmed and stated.

use anyhow::{Context, bail};
use holter_phi::Label;
use holter_sandbox::pair::{Heard, SenseEnd, Sent, ToSense};
use holter_terms::Lane;
use holter_wire::{LossReason, Record, codec};
use std::collections::VecDeque;
use std::os::fd::OwnedFd;

/// Bytes of records that wait for the forwarding process.
const QUEUE_MAX: usize = 8 << 20;

/// How long the end waits for confirmations, in steps of a second without any.
const PATIENCE: u32 = 30;

pub(crate) struct Sink {
    end: SenseEnd,
    /// Wait for the other side rather than give anything up.
    patient: bool,
    queue: VecDeque<(Lane, Vec<u8>)>,
    queued: usize,
    /// Sent and not yet confirmed, with their numbers.
    unconfirmed: VecDeque<(u64, Lane)>,
    /// The number of the next frame.
    next: u64,
    /// Given up and not yet told, by reason and lane.
    untold: Vec<(LossReason, Lane, u64)>,
    /// Told, and not yet confirmed as stated.
    telling: VecDeque<(LossReason, Lane, u64)>,
    booted: bool,
    finishing: bool,
    pub(crate) records: u64,
    pub(crate) bytes: u64,
}

impl Sink {
    pub(crate) fn new(end: OwnedFd, patient: bool) -> Self {
        Sink {
            end: SenseEnd::new(end),
            patient,
            queue: VecDeque::new(),
            queued: 0,
            unconfirmed: VecDeque::new(),
            next: 0,
            untold: Vec::new(),
            telling: VecDeque::new(),
            booted: false,
            finishing: false,
            records: 0,
            bytes: 0,
        }
    }

    pub(crate) fn record(&mut self, record: &Record<Label>) -> anyhow::Result<()> {
        let lane = record.lane();
        match codec::encode(record) {
            Ok(frame) => {
                self.records += 1;
                self.bytes += frame.len() as u64;
                if self.queued + frame.len() > QUEUE_MAX {
                    self.lost(LossReason::QueueFull, lane, 1);
                } else {
                    self.queued += frame.len();
                    self.queue.push_back((lane, frame));
                }
            }
            Err(error) => {
                tracing::error!("sense: a record cannot be sent: {error}");
                self.lost(LossReason::QueueFull, lane, 1);
            }
        }
        self.pump()
    }

    /// Sends what can be sent now and hears what was said.
    pub(crate) fn pump(&mut self) -> anyhow::Result<()> {
        self.hear_all()?;
        while let Some((reason, lane, count)) = self.untold.pop() {
            if self.sent(|end, patient| end.lost(reason as u8, Some(lane as u8), count, patient))? == Sent::Full {
                self.untold.push((reason, lane, count));
                return Ok(());
            }
            self.telling.push_back((reason, lane, count));
        }
        while let Some((lane, frame)) = self.queue.pop_front() {
            let number = self.next;
            if self.sent(|end, patient| end.frame(lane as u8, number, &frame, patient))? == Sent::Full {
                self.queue.push_front((lane, frame));
                return Ok(());
            }
            self.queued -= frame.len();
            self.unconfirmed.push_back((number, lane));
            self.next += 1;
            self.hear_all()?;
        }
        self.sent(SenseEnd::flush)?;
        Ok(())
    }

    fn sent(&mut self, send: impl FnOnce(&mut SenseEnd, bool) -> nix::Result<Sent>) -> anyhow::Result<Sent> {
        match send(&mut self.end, self.patient).context("the pair to the forwarding process")? {
            Sent::Closed => bail!("the forwarding process and its launcher are gone"),
            sent => Ok(sent),
        }
    }

    fn lost(&mut self, reason: LossReason, lane: Lane, count: u64) {
        match self.untold.iter_mut().find(|(of, at, _)| (*of, *at) == (reason, lane)) {
            Some((.., sum)) => *sum += count,
            None => self.untold.push((reason, lane, count)),
        }
    }

    fn hear_all(&mut self) -> anyhow::Result<()> {
        while self.hear(0)? {}
        Ok(())
    }

    fn hear(&mut self, millis: u16) -> anyhow::Result<bool> {
        match self.end.hear(Some(millis)).context("the pair to the forwarding process")? {
            Heard::Message(ToSense::Boot(_)) => {
                if std::mem::replace(&mut self.booted, true) {
                    for (reason, lane, count) in std::mem::take(&mut self.telling) {
                        self.lost(reason, lane, count);
                    }
                    // What it took with it shows by what its successor answers; and it may have taken the question.
                    if self.finishing {
                        self.end.how_far(self.next).context("the pair to the forwarding process")?;
                    }
                }
            }
            Heard::Message(ToSense::Appended { count, number, .. }) => {
                self.answered_before(number);
                for _ in 0..count {
                    self.unconfirmed.pop_front();
                }
            }
            Heard::Message(ToSense::ThisFar(number)) => self.answered_before(number),
            Heard::Message(ToSense::Noted) => {
                self.telling.pop_front();
            }
            Heard::Message(ToSense::Unread) => {}
            Heard::Nothing => return Ok(false),
            Heard::Closed => bail!("the forwarding process and its launcher are gone"),
        }
        Ok(true)
    }

    /// Frames before this number were taken by a process that died before it confirmed them.
    fn answered_before(&mut self, number: u64) {
        while let Some((_, lane)) = self.unconfirmed.pop_front_if(|(at, _)| *at < number) {
            self.lost(LossReason::Unconfirmed, lane, 1);
        }
    }

    /// Sends what is left, waits until all of it is durable, and says that nothing more will come.
    pub(crate) fn finish(&mut self) -> anyhow::Result<()> {
        self.patient = true;
        self.finishing = true;
        self.pump()?;
        self.end.how_far(self.next).context("the pair to the forwarding process")?;
        let mut silent = 0;
        while silent < PATIENCE {
            self.pump()?;
            if self.untold.is_empty() && self.telling.is_empty() && self.unconfirmed.is_empty() {
                break;
            }
            silent = if self.hear(1000)? { 0 } else { silent + 1 };
        }
        self.end.farewell().context("the pair to the forwarding process")?;
        let left = self.unconfirmed.len();
        if left > 0 {
            bail!("{left} records were not confirmed as durable");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use holter_sandbox::pair::{ForwardEnd, ToForward, pair};
    use holter_wire::LossStatement;

    fn record(n: i64) -> Record<Label> {
        Record::Loss(LossStatement { wall: n, rows: Vec::new() })
    }

    #[test]
    fn what_a_restarted_forwarder_did_not_confirm_is_stated() {
        let (sense, forward) = pair().expect("a pair");
        let kept = forward.try_clone().expect("kept");
        let mut sink = Sink::new(sense, false);
        let mut first = ForwardEnd::new(forward);
        first.boot([1; 16]).expect("sent");
        for n in 0..5 {
            sink.record(&record(n)).expect("recorded");
        }
        for _ in 0..5 {
            assert!(matches!(first.hear(Some(1000)), Ok(Heard::Message(ToForward::Frame { lane: 0, .. }))));
        }
        first.appended(0, 2, 3, 0).expect("sent");
        drop(first);
        let mut second = ForwardEnd::new(kept);
        second.boot([2; 16]).expect("sent");
        sink.record(&record(5)).expect("recorded");
        assert!(matches!(second.hear(Some(1000)), Ok(Heard::Message(ToForward::Frame { number: 5, .. }))));
        second.appended(0, 2, 1, 5).expect("sent");
        sink.pump().expect("pumps");
        let stated = ToForward::Lost { reason: LossReason::Unconfirmed as u8, lane: Some(0), count: 2 };
        assert_eq!(second.hear(Some(1000)), Ok(Heard::Message(stated)));
    }

    #[test]
    fn a_forwarder_that_hangs_costs_memory_up_to_a_bound_and_the_rest_is_counted() {
        let (sense, _forward) = pair().expect("a pair");
        let mut sink = Sink::new(sense, false);
        let rows = vec![holter_wire::LossRow { reason: LossReason::Corrupt, lane: None, count: u64::MAX }; 10_000];
        for _ in 0..200 {
            sink.record(&Record::Loss(LossStatement { wall: 0, rows: rows.clone() })).expect("recorded");
        }
        assert!(sink.queued <= QUEUE_MAX);
        let given_up: u64 = sink.untold.iter().map(|(.., count)| count).sum();
        let waiting = (sink.queue.len() + sink.unconfirmed.len()) as u64;
        assert!(given_up > 0 && given_up + waiting == 200, "{given_up} and {waiting}");
    }
}
