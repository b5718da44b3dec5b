//! Records that wait for their other half: a request for its response, a hello for the certificate.
//!
//! All of it is bounded. What no longer fits is written as it is: nothing is lost, a request then merely stands without
//! its response.

use super::record::Record;
use std::collections::BTreeMap;

/// Records that wait, of all conversations.
pub(super) const WAITING_MAX: usize = 4096;
/// Records that wait in one conversation.
pub(super) const WAITING_IN_ONE_MAX: usize = 64;
/// Empty records that are kept to be used again.
const SPARE_MAX: usize = 16;

#[derive(Default)]
pub(super) struct UnderWay {
    waiting: BTreeMap<u64, Vec<Record>>,
    count: usize,
    born: u64,
    spare: Vec<Record>,
}

impl UnderWay {
    /// A new record.
    pub(super) fn begin(&mut self, conversation: u64, kind: &'static str, missed: u64) -> Record {
        let mut record = self.spare.pop().unwrap_or_default();
        record.clear();
        self.born += 1;
        record.born = self.born;
        record.conversation = conversation;
        record.kind = kind;
        record.missed = missed;
        record
    }

    /// Of a record that was written.
    pub(super) fn recycle(&mut self, record: Record) {
        if self.spare.len() < SPARE_MAX {
            self.spare.push(record);
        }
    }

    /// Lets a record wait in the order in which records began; returns those that have to go for it.
    pub(super) fn wait(&mut self, record: Record) -> Vec<Record> {
        let mut go = Vec::new();
        if self.count >= WAITING_MAX
            && let Some((_, records)) = self.waiting.pop_first()
        {
            self.count -= records.len();
            go.extend(records);
        }
        let records = self.waiting.entry(record.conversation).or_default();
        let at = records.partition_point(|other| other.born < record.born);
        records.insert(at, record);
        self.count += 1;
        if records.len() > WAITING_IN_ONE_MAX {
            go.push(records.remove(0));
            self.count -= 1;
        }
        go
    }

    /// The first waiting record of this kind that `fits`, and how many of its kind wait.
    pub(super) fn take(
        &mut self,
        conversation: u64,
        kind: &str,
        fits: impl Fn(&Record, usize) -> bool,
    ) -> Option<Record> {
        let records = self.waiting.get_mut(&conversation)?;
        let all = records.iter().filter(|record| record.kind == kind).count();
        let at = records.iter().position(|record| record.kind == kind && fits(record, all))?;
        let record = records.remove(at);
        self.count -= 1;
        if records.is_empty() {
            self.waiting.remove(&conversation);
        }
        Some(record)
    }

    /// Everything that waits in a conversation that is over.
    pub(super) fn over(&mut self, conversation: u64) -> Vec<Record> {
        let records = self.waiting.remove(&conversation).unwrap_or_default();
        self.count -= records.len();
        records
    }

    pub(super) fn all(&mut self) -> Vec<Record> {
        self.count = 0;
        std::mem::take(&mut self.waiting).into_values().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_bounded_in_one_conversation_and_in_all_and_nothing_is_lost() {
        let mut under_way = UnderWay::default();
        let mut gone = 0;
        for _ in 0..WAITING_IN_ONE_MAX + 10 {
            let record = under_way.begin(1, "http", 0);
            gone += under_way.wait(record).len();
        }
        assert_eq!((gone, under_way.count), (10, WAITING_IN_ONE_MAX));
        for conversation in 2..2 + WAITING_MAX as u64 {
            let record = under_way.begin(conversation, "http", 0);
            gone += under_way.wait(record).len();
            assert!(under_way.count <= WAITING_MAX);
        }
        let begun = WAITING_IN_ONE_MAX + 10 + WAITING_MAX;
        assert_eq!(gone + under_way.all().len(), begun);
    }

    #[test]
    fn the_oldest_answers_first_and_one_that_goes_on_waiting_keeps_its_place() {
        let mut under_way = UnderWay::default();
        for number in 0..3 {
            let mut record = under_way.begin(7, "http", 0);
            record.number = Some(number);
            under_way.wait(record);
        }
        let first = under_way.take(7, "http", |_, _| true).expect("waits");
        assert_eq!(first.number, Some(0));
        under_way.wait(first);
        assert_eq!(
            under_way.over(7).iter().map(|record| record.number).collect::<Vec<_>>(),
            [Some(0), Some(1), Some(2)]
        );
        assert_eq!(under_way.count, 0);
    }
}
