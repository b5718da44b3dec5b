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
    /// Sent and not yet confirmed, by lane.
    unconfirmed: [u64; 4],
    /// Given up and not yet told, by reason and lane.
    untold: Vec<(LossReason, Lane, u64)>,
    /// Told, and not yet confirmed as stated.
    telling: VecDeque<(LossReason, Lane, u64)>,
    booted: bool,
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
            unconfirmed: [0; 4],
            untold: Vec::new(),
            telling: VecDeque::new(),
            booted: false,
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
            if self.sent(|end, patient| end.frame(lane as u8, &frame, patient))? == Sent::Full {
                self.queue.push_front((lane, frame));
                return Ok(());
            }
            self.queued -= frame.len();
            self.unconfirmed[lane as usize] += 1;
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
                    for lane in Lane::ALL {
                        let count = std::mem::take(&mut self.unconfirmed[lane as usize]);
                        if count > 0 {
                            self.lost(LossReason::Unconfirmed, lane, count);
                        }
                    }
                }
            }
            Heard::Message(ToSense::Appended { lane, count, .. }) => {
                if let Some(waiting) = self.unconfirmed.get_mut(usize::from(lane)) {
                    *waiting = waiting.saturating_sub(count.into());
                }
            }
            Heard::Message(ToSense::Noted) => {
                self.telling.pop_front();
            }
            Heard::Message(ToSense::Unread) => {}
            Heard::Nothing => return Ok(false),
            Heard::Closed => bail!("the forwarding process and its launcher are gone"),
        }
        Ok(true)
    }

    /// Sends what is left, waits until all of it is durable, and says that nothing more will come.
    pub(crate) fn finish(&mut self) -> anyhow::Result<()> {
        self.patient = true;
        self.pump()?;
        let mut silent = 0;
        while silent < PATIENCE {
            self.pump()?;
            if self.untold.is_empty() && self.telling.is_empty() && self.unconfirmed.iter().all(|&count| count == 0) {
                break;
            }
            silent = if self.hear(1000)? { 0 } else { silent + 1 };
        }
        self.end.farewell().context("the pair to the forwarding process")?;
        let left: u64 = self.unconfirmed.iter().sum();
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
        first.appended(0, 2, 3).expect("sent");
        drop(first);
        let mut second = ForwardEnd::new(kept);
        second.boot([2; 16]).expect("sent");
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
        let waiting = sink.queue.len() as u64 + sink.unconfirmed[0];
        assert!(given_up > 0 && given_up + waiting == 200, "{given_up} and {waiting}");
    }
}
