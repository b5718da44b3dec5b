//! The spool: records that the collector has not yet committed, on disk, in numbered frames.
//!
//! # Constraints
//!
//! A frame whose append returned survives a power cut. Numbers are given at that moment and have no gaps. Nothing is
//! kept beside the frames: what the spool holds is derived from its segments when it is opened.
//!
//! # Layout
//!
//! One folder of segments `<boot>-<lane>-<first>.seg` ([`segment`] has their bytes). A segment is created whole (temporary
//! name, synced, renamed, folder synced) before a frame counts as durable, appended to by the boot that made it, and
//! never opened for writing again: a torn tail is simply where reading stops. It is deleted once the collector has
//! committed its last frame.
//!
//! # What is given up
//!
//! - When the cap is reached, the oldest sealed segments of P3, then P2, then P1 go; a quarter of the cap belongs to P0
//!   alone, and P0 goes only when it exceeds the whole cap by itself. Each frame given up is counted.
//! - A sync that failed is never tried again on the same file: the batch is still in memory and is written to a new
//!   segment. After [`TRIES`] failures in a row the spool lives in memory, bounded by [`MEMORY_MAX`], and says so.
//! - A frame that cannot be read back is counted as corrupt, exactly: numbers have no gaps.

mod disk;
mod segment;
#[cfg(test)]
mod simulated;
#[cfg(test)]
mod tests;

pub(crate) use disk::{Disk, Folder};

use holter_terms::{BootId, Lane};
use holter_wire::LossReason;
use holter_wire::link::BATCH_FRAMES_MAX;
use segment::Segment;
use std::collections::{BTreeMap, VecDeque};
use std::io;

/// Bytes of a segment before the next begins.
const SEGMENT_BYTES: [u64; 4] = [1 << 20, 4 << 20, 4 << 20, 4 << 20];

/// Syncs that may fail in a row before the disk is given up.
const TRIES: u32 = 3;

/// What the spool holds in memory once the disk is given up.
const MEMORY_MAX: usize = 16 << 20;

/// The share of the cap, in percent, that P1 to P3 may fill together.
const SHARED_PERCENT: u64 = 75;

/// Names one lane of one boot.
pub(crate) type Queue = (BootId, Lane);

/// What is held of a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Holding {
    pub(crate) boot: BootId,
    pub(crate) lane: Lane,
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) closed: bool,
}

/// Frames that were numbered and are gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gone {
    pub(crate) boot: BootId,
    pub(crate) lane: Lane,
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) reason: LossReason,
}

/// What comes next in a queue.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    Frames { first: u64, frames: Vec<Vec<u8>> },
    Gone(Gone),
    Nothing,
}

pub(crate) struct Spool<D: Disk> {
    disk: D,
    boot: BootId,
    cap: u64,
    segments: BTreeMap<(Queue, u64), Segment>,
    writers: [Writer<D>; 4],
    /// Ranges that are gone and that the collector has not been told of.
    gone: BTreeMap<Queue, Vec<Gone>>,
    lost: BTreeMap<(LossReason, Lane), u64>,
    memory: Option<Memory>,
    /// The segment that was read last; a queue is read in order.
    cached: Option<((Queue, u64), Numbered)>,
}

/// Frames with their numbers, in order.
type Numbered = Vec<(u64, Vec<u8>)>;

struct Writer<D: Disk> {
    open: Option<(u64, D::File)>,
    next: u64,
}

/// Where frames go when the disk is given up.
#[derive(Default)]
struct Memory {
    frames: VecDeque<(Lane, u64, Vec<u8>)>,
    bytes: usize,
}

impl<D: Disk> Spool<D> {
    /// Opens the spool for a new boot and reads what earlier boots left.
    pub(crate) fn open(mut disk: D, boot: BootId, cap: u64) -> io::Result<Self> {
        let mut segments = BTreeMap::new();
        for name in disk.list()? {
            if name.ends_with(".tmp") {
                disk.remove(&name)?;
            } else if let Some((queue, first)) = segment::parse_name(&name) {
                let bytes = disk.read(&name)?;
                let found = segment::read(&bytes, queue, first);
                let size = bytes.len() as u64;
                segments.insert((queue, first), Segment { name, size, last: found.last, sealed: true });
            }
        }
        let writers = std::array::from_fn(|_| Writer { open: None, next: 1 });
        let mut spool = Spool {
            disk,
            boot,
            cap,
            segments,
            writers,
            gone: BTreeMap::new(),
            lost: BTreeMap::new(),
            memory: None,
            cached: None,
        };
        spool.find_holes();
        Ok(spool)
    }

    /// A segment whose successor does not continue it lost its tail; so did one that yields no frame at all although
    /// another follows it.
    fn find_holes(&mut self) {
        let keys: Vec<_> = self.segments.keys().copied().collect();
        for pair in keys.windows(2) {
            let [(queue, first), (next_queue, next)] = pair else { continue };
            if queue != next_queue {
                continue;
            }
            let last = self.segments.get(&(*queue, *first)).map_or(0, |segment| segment.last);
            if last + 1 < *next {
                self.give_up(Gone {
                    boot: queue.0,
                    lane: queue.1,
                    first: last + 1,
                    last: next - 1,
                    reason: LossReason::Corrupt,
                });
            }
        }
        self.segments.retain(|(_, first), segment| segment.last >= *first);
    }

    fn give_up(&mut self, gone: Gone) {
        *self.lost.entry((gone.reason, gone.lane)).or_default() += gone.last - gone.first + 1;
        self.gone.entry((gone.boot, gone.lane)).or_default().push(gone);
    }

    /// Appends frames to a lane. When it returns, they are durable under the numbers from the answer on, or they are in
    /// memory and [`Spool::in_memory`] says so.
    pub(crate) fn append<F: AsRef<[u8]>>(&mut self, lane: Lane, frames: &[F]) -> u64 {
        let first = self.writers[lane as usize].next;
        if self.memory.is_none() {
            for _ in 0..TRIES {
                match self.write(lane, first, frames) {
                    Ok(()) => {
                        self.writers[lane as usize].next = first + frames.len() as u64;
                        self.make_room();
                        return first;
                    }
                    Err(_) => {
                        // The file may hold anything now. Frames of this batch that reached it are written again
                        // under the same numbers, so its readable part must end where the batch began.
                        self.seal(lane, Some(first));
                    }
                }
            }
            self.memory = Some(Memory::default());
        }
        self.keep_in_memory(lane, first, frames);
        first
    }

    fn write<F: AsRef<[u8]>>(&mut self, lane: Lane, first: u64, frames: &[F]) -> io::Result<()> {
        let queue = (self.boot, lane);
        let writer = &mut self.writers[lane as usize];
        if writer.open.is_none() {
            let name = segment::name(queue, first);
            let temporary = format!("{name}.tmp");
            let mut file = self.disk.create(&temporary)?;
            let header = segment::header(queue, first);
            self.disk.write(&mut file, &header)?;
            self.disk.sync(&mut file)?;
            self.disk.rename(&temporary, &name)?;
            self.disk.sync_folder()?;
            self.segments
                .insert((queue, first), Segment { name, size: header.len() as u64, last: first - 1, sealed: false });
            writer.open = Some((first, file));
        }
        let Some((begin, file)) = &mut writer.open else { return Err(io::Error::other("no segment")) };
        let begin = *begin;
        let mut bytes = Vec::new();
        for (number, frame) in (first..).zip(frames) {
            segment::frame(&mut bytes, number, frame.as_ref());
        }
        self.disk.write(file, &bytes)?;
        self.disk.sync(file)?;
        let Some(segment) = self.segments.get_mut(&(queue, begin)) else { return Err(io::Error::other("no segment")) };
        segment.size += bytes.len() as u64;
        segment.last = first + frames.len() as u64 - 1;
        if segment.size >= SEGMENT_BYTES[lane as usize] {
            self.seal(lane, None);
        }
        Ok(())
    }

    /// Ends the open segment of a lane. `bad_from`: the first number that may stand there without being durable.
    fn seal(&mut self, lane: Lane, bad_from: Option<u64>) {
        let Some((begin, _file)) = self.writers[lane as usize].open.take() else { return };
        let key = ((self.boot, lane), begin);
        if let Some(segment) = self.segments.get_mut(&key) {
            segment.sealed = true;
            if let Some(bad) = bad_from {
                segment.last = segment.last.min(bad - 1);
            }
        }
        if bad_from == Some(begin) {
            // Nothing in it was ever durable; its name would stand in the way of the next attempt.
            if let Some(segment) = self.segments.remove(&key) {
                let _ = self.disk.remove(&segment.name);
            }
        }
    }

    fn keep_in_memory<F: AsRef<[u8]>>(&mut self, lane: Lane, first: u64, frames: &[F]) {
        self.writers[lane as usize].next = first + frames.len() as u64;
        let Some(memory) = &mut self.memory else { return };
        for (number, frame) in (first..).zip(frames) {
            memory.bytes += frame.as_ref().len();
            memory.frames.push_back((lane, number, frame.as_ref().to_vec()));
        }
        let mut pushed_out = Vec::new();
        while memory.bytes > MEMORY_MAX {
            let at = (0..memory.frames.len()).find(|&at| memory.frames[at].0 != Lane::P0).unwrap_or(0);
            let Some((lane, number, frame)) = memory.frames.remove(at) else { break };
            memory.bytes -= frame.len();
            pushed_out.push((lane, number));
        }
        for (lane, number) in pushed_out {
            self.give_up(Gone { boot: self.boot, lane, first: number, last: number, reason: LossReason::DiskRefused });
        }
    }

    /// Evicts until the spool fits its cap.
    fn make_room(&mut self) {
        loop {
            let bytes = |lanes: &[Lane]| -> u64 {
                self.segments
                    .iter()
                    .filter(|(((_, lane), _), _)| lanes.contains(lane))
                    .map(|(_, segment)| segment.size)
                    .sum()
            };
            let shared = bytes(&[Lane::P1, Lane::P2, Lane::P3]);
            let own = bytes(&[Lane::P0]);
            let order: &[Lane] = if shared > self.cap / 100 * SHARED_PERCENT || (shared > 0 && shared + own > self.cap)
            {
                &[Lane::P3, Lane::P2, Lane::P1]
            } else if own > self.cap {
                &[Lane::P0]
            } else {
                return;
            };
            let held = |lane: &Lane| self.segments.keys().any(|((_, of), _)| of == lane);
            let Some(lane) = order.iter().copied().find(held) else { return };
            let mut sealed = self.segments.iter().filter(|(((_, of), _), segment)| *of == lane && segment.sealed);
            // Earlier boots first; boots have no order of their own, but the present one is the newest.
            let oldest = sealed.clone().find(|(((boot, _), _), _)| *boot != self.boot).or_else(|| sealed.next());
            let Some((&key, _)) = oldest else {
                self.seal(lane, None);
                continue;
            };
            let Some(segment) = self.segments.remove(&key) else { return };
            let _ = self.disk.remove(&segment.name);
            let ((boot, lane), first) = key;
            if segment.last >= first {
                self.give_up(Gone { boot, lane, first, last: segment.last, reason: LossReason::Evicted });
            }
        }
    }

    /// The collector has committed a queue up to and with `through`.
    pub(crate) fn acknowledge(&mut self, queue: Queue, through: u64) {
        let done: Vec<_> = self
            .segments
            .range((queue, 0)..=(queue, u64::MAX))
            .filter(|(_, segment)| segment.last <= through && segment.sealed)
            .map(|(key, _)| *key)
            .collect();
        for key in done {
            if let Some(segment) = self.segments.remove(&key) {
                // A file that stays behind is offered again at the next start, and acknowledged again.
                let _ = self.disk.remove(&segment.name);
            }
        }
        // An open segment that is wholly committed is ended, so that its file goes the next time round.
        if queue.0 == self.boot
            && let Some((begin, _)) = self.writers[queue.1 as usize].open
            && let Some(segment) = self.segments.get(&(queue, begin))
            && segment.last <= through
            && segment.last >= begin
        {
            self.seal(queue.1, None);
            if let Some(segment) = self.segments.remove(&(queue, begin)) {
                let _ = self.disk.remove(&segment.name);
            }
        }
        if let Some(gone) = self.gone.get_mut(&queue) {
            gone.retain(|gone| gone.last > through);
        }
        if let Some(memory) = &mut self.memory
            && queue.0 == self.boot
        {
            memory.frames.retain(|(lane, number, _)| *lane != queue.1 || *number > through);
            memory.bytes = memory.frames.iter().map(|(.., frame)| frame.len()).sum();
        }
    }

    /// What follows `after` in a queue: frames of at most `bytes` together (or one that is larger), or a range that is
    /// gone.
    pub(crate) fn next(&mut self, queue: Queue, after: u64, bytes: usize) -> Next {
        let wanted = after + 1;
        if let Some(gone) =
            self.gone.get(&queue).and_then(|gone| gone.iter().find(|gone| gone.first <= wanted && wanted <= gone.last))
        {
            return Next::Gone(Gone { first: wanted, ..*gone });
        }
        let holder = self
            .segments
            .range(..=(queue, wanted))
            .next_back()
            .filter(|((of, _), segment)| *of == queue && segment.last >= wanted);
        if let Some((&key, segment)) = holder {
            let last = segment.last;
            let frames = match self.load(key) {
                Ok(frames) => take(
                    frames
                        .iter()
                        .filter(|(number, _)| (wanted..=last).contains(number))
                        .map(|(_, frame)| frame.as_slice()),
                    bytes,
                ),
                Err(_) => Vec::new(),
            };
            if frames.is_empty() {
                // It was there when the spool was opened and cannot be read now.
                self.segments.remove(&key);
                self.give_up(Gone { boot: queue.0, lane: queue.1, first: wanted, last, reason: LossReason::Corrupt });
                return self.next(queue, after, bytes);
            }
            return Next::Frames { first: wanted, frames };
        }
        if let Some(memory) = &self.memory
            && queue.0 == self.boot
        {
            let mine = memory.frames.iter().filter(|(lane, number, _)| *lane == queue.1 && *number >= wanted);
            let in_order = mine.zip(wanted..).take_while(|((_, number, _), expected)| number == expected);
            let frames = take(in_order.map(|((.., frame), _)| frame.as_slice()), bytes);
            if !frames.is_empty() {
                return Next::Frames { first: wanted, frames };
            }
        }
        Next::Nothing
    }

    fn load(&mut self, key: (Queue, u64)) -> io::Result<&[(u64, Vec<u8>)]> {
        let Some(segment) = self.segments.get(&key) else { return Err(io::ErrorKind::NotFound.into()) };
        let stale = !self
            .cached
            .as_ref()
            .is_some_and(|(of, frames)| *of == key && frames.last().is_some_and(|(number, _)| *number >= segment.last));
        if stale {
            let bytes = self.disk.read(&segment.name)?;
            self.cached = Some((key, segment::read(&bytes, key.0, key.1).frames));
        }
        Ok(self.cached.as_ref().map(|(_, frames)| frames.as_slice()).unwrap_or_default())
    }

    /// Everything that is held, earlier boots included, in a fixed order.
    pub(crate) fn holdings(&self) -> Vec<Holding> {
        let mut all: BTreeMap<Queue, Holding> = BTreeMap::new();
        let ranges = self
            .segments
            .iter()
            .filter(|((_, first), segment)| segment.last >= *first)
            .map(|((queue, first), segment)| (*queue, *first, segment.last))
            .chain(self.gone.iter().flat_map(|(queue, gone)| gone.iter().map(|gone| (*queue, gone.first, gone.last))))
            .chain(self.memory.iter().flat_map(|memory| {
                memory.frames.iter().map(|(lane, number, _)| ((self.boot, *lane), *number, *number))
            }));
        for (queue, first, last) in ranges {
            let holding = all.entry(queue).or_insert(Holding {
                boot: queue.0,
                lane: queue.1,
                first,
                last,
                closed: queue.0 != self.boot,
            });
            holding.first = holding.first.min(first);
            holding.last = holding.last.max(last);
        }
        all.into_values().collect()
    }

    /// The last number given in each lane of this boot.
    pub(crate) fn last(&self) -> [u64; 4] {
        std::array::from_fn(|lane| self.writers[lane].next - 1)
    }

    /// Frames given up since the spool was opened, by reason and lane.
    pub(crate) fn lost(&self) -> impl Iterator<Item = (LossReason, Lane, u64)> {
        self.lost.iter().map(|(&(reason, lane), &count)| (reason, lane, count))
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.segments.values().map(|segment| segment.size).sum()
    }

    /// The disk was given up: what is appended now would not survive a restart.
    pub(crate) fn in_memory(&self) -> bool {
        self.memory.is_some()
    }

    #[cfg(test)]
    pub(crate) fn into_disk(self) -> D {
        self.disk
    }
}

fn take<'a>(frames: impl Iterator<Item = &'a [u8]>, bytes: usize) -> Vec<Vec<u8>> {
    let mut taken = Vec::new();
    let mut sum = 0;
    for frame in frames {
        if !taken.is_empty() && (sum + frame.len() > bytes || taken.len() >= BATCH_FRAMES_MAX) {
            break;
        }
        sum += frame.len();
        taken.push(frame.to_vec());
    }
    taken
}
