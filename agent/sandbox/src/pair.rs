//! The socket pair between the process that senses and the process that forwards.
//!
//! It is of the kind that keeps messages whole (SOCK_SEQPACKET), so that a process that dies in the middle of a frame
//! leaves no half message behind for its successor. The launcher keeps both ends; a process that is started again is
//! given the same end.
//!
//! ```text
//! to forward   | 1 | lane | flags | number u64 | bytes ...   a frame; flags: 1 first piece, 2 last piece
//!              | 2 | reason | lane or 255 | count u64        given up before it reached the spool
//!              | 3 |                                         nothing more will come
//!              | 4 | number u64                              how far have you come?
//! to sense     | 1 | boot 16                                 a boot has begun
//!              | 2 | lane | first u64 | count u32 | number   durable from `first` on; the frames from `number` on
//!              | 3 |                                         what was given up is durably stated
//!              | 4 | number u64                              this far: what came before it is answered or gone
//! ```
//!
//! Integers are little-endian. The sensing process numbers its frames one after the other, over all lanes; the other
//! side takes them in that order. So once a frame is answered, an earlier one that was not went down with a process
//! that died. A frame is opaque here and on both sides of forwarding.

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{self, AddressFamily, MsgFlags, SockFlag, SockType};
use std::collections::VecDeque;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

/// Bytes of a frame in one message.
const PIECE: usize = 48 << 10;

/// The largest frame that crosses; the codec's own bound.
pub const FRAME_MAX: usize = 1 << 20;

/// Bytes before those of a frame.
const HEAD: usize = 11;

const FIRST: u8 = 1;
const LAST: u8 = 2;
const NO_LANE: u8 = 255;

/// Two connected ends, for the launcher.
pub fn pair() -> Result<(OwnedFd, OwnedFd), Errno> {
    socket::socketpair(AddressFamily::Unix, SockType::SeqPacket, None, SockFlag::SOCK_CLOEXEC)
}

/// What comes out of an end.
#[derive(Debug, PartialEq, Eq)]
pub enum Heard<T> {
    Message(T),
    /// Nothing came in the time given.
    Nothing,
    /// Nobody holds the other end any more.
    Closed,
}

/// What the sensing process says.
#[derive(Debug, PartialEq, Eq)]
pub enum ToForward {
    Frame {
        lane: u8,
        number: u64,
        frame: Vec<u8>,
    },
    Lost {
        reason: u8,
        lane: Option<u8>,
        count: u64,
    },
    Farewell,
    HowFar(u64),
    /// A message that says nothing known, or a piece without its beginning: it is passed over.
    Unread,
}

/// What the forwarding process says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToSense {
    Boot([u8; 16]),
    Appended { lane: u8, first: u64, count: u32, number: u64 },
    Noted,
    ThisFar(u64),
    Unread,
}

/// Whether a message went out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    Whole,
    /// The other side is slow, and the message was to wait for nobody.
    Full,
    Closed,
}

fn wait(end: BorrowedFd<'_>, what: PollFlags, millis: Option<u16>) -> Result<bool, Errno> {
    let timeout = millis.map_or(PollTimeout::NONE, PollTimeout::from);
    loop {
        match poll(&mut [PollFd::new(end, what)], timeout) {
            Err(Errno::EINTR) if millis.is_none() => {}
            Err(Errno::EINTR) => return Ok(false),
            other => return other.map(|ready| ready > 0),
        }
    }
}

fn send_now(end: &OwnedFd, bytes: &[u8]) -> Result<Sent, Errno> {
    loop {
        match socket::send(end.as_raw_fd(), bytes, MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_NOSIGNAL) {
            Ok(_) => return Ok(Sent::Whole),
            Err(Errno::EAGAIN) => return Ok(Sent::Full),
            Err(Errno::EPIPE | Errno::ECONNRESET) => return Ok(Sent::Closed),
            Err(Errno::EINTR) => {}
            Err(other) => return Err(other),
        }
    }
}

/// The forwarding process may wait for the other: the sensing process always goes on reading.
fn send(end: &OwnedFd, bytes: &[u8]) -> Result<Sent, Errno> {
    loop {
        match send_now(end, bytes)? {
            Sent::Full => wait(end.as_fd(), PollFlags::POLLOUT, Some(1000))?,
            other => return Ok(other),
        };
    }
}

fn receive(end: &OwnedFd, buffer: &mut [u8], millis: Option<u16>) -> Result<Heard<usize>, Errno> {
    if millis != Some(0) && !wait(end.as_fd(), PollFlags::POLLIN, millis)? {
        return Ok(Heard::Nothing);
    }
    loop {
        match socket::recv(end.as_raw_fd(), buffer, MsgFlags::MSG_DONTWAIT) {
            Ok(0) | Err(Errno::ECONNRESET) => return Ok(Heard::Closed),
            Ok(n) => return Ok(Heard::Message(n)),
            Err(Errno::EAGAIN) => return Ok(Heard::Nothing),
            Err(Errno::EINTR) => {}
            Err(other) => return Err(other),
        }
    }
}

/// The end of the process that senses.
pub struct SenseEnd {
    end: OwnedFd,
    /// A frame of which a part went out.
    under_way: Option<(u8, u64, Vec<u8>, usize)>,
    buffer: Vec<u8>,
    /// What was heard while something was being sent. Were it left unread, each side could wait for the other for ever.
    inbox: VecDeque<ToSense>,
}

impl SenseEnd {
    pub fn new(end: OwnedFd) -> Self {
        SenseEnd { end, under_way: None, buffer: vec![0; 64], inbox: VecDeque::new() }
    }

    pub fn descriptor(&self) -> BorrowedFd<'_> {
        self.end.as_fd()
    }

    /// Sends a frame. An impatient one that does not fit is handed back by [`Sent::Full`] unless a part of it went out;
    /// that part is followed by the rest on the next call of anything.
    pub fn frame(&mut self, lane: u8, number: u64, frame: &[u8], patient: bool) -> Result<Sent, Errno> {
        match self.flush(patient)? {
            Sent::Whole => {}
            other => return Ok(other),
        }
        match self.pieces(lane, number, frame, 0, patient)? {
            (Sent::Full, done) if done > 0 => {
                self.under_way = Some((lane, number, frame.to_vec(), done));
                Ok(Sent::Whole)
            }
            (sent, _) => Ok(sent),
        }
    }

    /// Sends what is left of a frame that was under way.
    pub fn flush(&mut self, patient: bool) -> Result<Sent, Errno> {
        let Some((lane, number, frame, done)) = self.under_way.take() else { return Ok(Sent::Whole) };
        let (sent, done) = self.pieces(lane, number, &frame, done, patient)?;
        if sent == Sent::Full {
            self.under_way = Some((lane, number, frame, done));
        }
        Ok(sent)
    }

    fn pieces(
        &mut self,
        lane: u8,
        number: u64,
        frame: &[u8],
        mut done: usize,
        patient: bool,
    ) -> Result<(Sent, usize), Errno> {
        let mut message = Vec::with_capacity(PIECE.min(frame.len()) + HEAD);
        loop {
            let piece = frame.get(done..).unwrap_or_default();
            let piece = piece.get(..PIECE).unwrap_or(piece);
            let first = if done == 0 { FIRST } else { 0 };
            let last = if done + piece.len() == frame.len() { LAST } else { 0 };
            message.clear();
            message.extend_from_slice(&[1, lane, first | last]);
            message.extend_from_slice(&number.to_le_bytes());
            message.extend_from_slice(piece);
            match self.send(&message, patient)? {
                Sent::Whole => done += piece.len(),
                other => return Ok((other, done)),
            }
            if last == LAST {
                return Ok((Sent::Whole, done));
            }
        }
    }

    /// Says what was given up before it could be sent.
    pub fn lost(&mut self, reason: u8, lane: Option<u8>, count: u64, patient: bool) -> Result<Sent, Errno> {
        match self.flush(patient)? {
            Sent::Whole => {}
            other => return Ok(other),
        }
        let mut message = [0; 11];
        message[..3].copy_from_slice(&[2, reason, lane.unwrap_or(NO_LANE)]);
        message[3..].copy_from_slice(&count.to_le_bytes());
        self.send(&message, patient)
    }

    /// Asks how far the other side has come; `number` is that of the next frame.
    pub fn how_far(&mut self, number: u64) -> Result<Sent, Errno> {
        self.flush(true)?;
        self.send(&numbered(4, number), true)
    }

    /// Says that nothing more will come.
    pub fn farewell(&mut self) -> Result<Sent, Errno> {
        self.flush(true)?;
        self.send(&[3], true)
    }

    fn send(&mut self, message: &[u8], patient: bool) -> Result<Sent, Errno> {
        loop {
            match send_now(&self.end, message)? {
                Sent::Full if patient => {}
                other => return Ok(other),
            }
            wait(self.end.as_fd(), PollFlags::POLLOUT | PollFlags::POLLIN, Some(1000))?;
            while let Heard::Message(heard) = self.read(Some(0))? {
                self.inbox.push_back(heard);
            }
        }
    }

    /// What the forwarding process says; waits at most `millis`.
    pub fn hear(&mut self, millis: Option<u16>) -> Result<Heard<ToSense>, Errno> {
        match self.inbox.pop_front() {
            Some(heard) => Ok(Heard::Message(heard)),
            None => self.read(millis),
        }
    }

    fn read(&mut self, millis: Option<u16>) -> Result<Heard<ToSense>, Errno> {
        Ok(match receive(&self.end, &mut self.buffer, millis)? {
            Heard::Message(n) => Heard::Message(to_sense(self.buffer.get(..n).unwrap_or_default())),
            Heard::Nothing => Heard::Nothing,
            Heard::Closed => Heard::Closed,
        })
    }
}

fn numbered(kind: u8, number: u64) -> [u8; 9] {
    let mut message = [kind; 9];
    message[1..].copy_from_slice(&number.to_le_bytes());
    message
}

fn to_sense(message: &[u8]) -> ToSense {
    match *message {
        [1, ref boot @ ..] => <[u8; 16]>::try_from(boot).map_or(ToSense::Unread, ToSense::Boot),
        [2, lane, f0, f1, f2, f3, f4, f5, f6, f7, c0, c1, c2, c3, ref number @ ..] => match <[u8; 8]>::try_from(number)
        {
            Ok(number) => ToSense::Appended {
                lane,
                first: u64::from_le_bytes([f0, f1, f2, f3, f4, f5, f6, f7]),
                count: u32::from_le_bytes([c0, c1, c2, c3]),
                number: u64::from_le_bytes(number),
            },
            Err(_) => ToSense::Unread,
        },
        [4, ref number @ ..] => {
            <[u8; 8]>::try_from(number).map_or(ToSense::Unread, |number| ToSense::ThisFar(u64::from_le_bytes(number)))
        }
        [3] => ToSense::Noted,
        _ => ToSense::Unread,
    }
}

/// The end of the process that forwards.
pub struct ForwardEnd {
    end: OwnedFd,
    /// The frame whose pieces are coming.
    coming: Option<(u8, u64, Vec<u8>)>,
    buffer: Vec<u8>,
}

impl ForwardEnd {
    pub fn new(end: OwnedFd) -> Self {
        ForwardEnd { end, coming: None, buffer: vec![0; PIECE + HEAD] }
    }

    /// What the sensing process says; waits at most `millis`, for ever without it. Pieces are joined.
    pub fn hear(&mut self, millis: Option<u16>) -> Result<Heard<ToForward>, Errno> {
        loop {
            let n = match receive(&self.end, &mut self.buffer, millis)? {
                Heard::Message(n) => n,
                Heard::Nothing => return Ok(Heard::Nothing),
                Heard::Closed => return Ok(Heard::Closed),
            };
            let message = self.buffer.get(..n).unwrap_or_default();
            let heard = match *message {
                [1, lane, flags, n0, n1, n2, n3, n4, n5, n6, n7, ref piece @ ..] => {
                    let number = u64::from_le_bytes([n0, n1, n2, n3, n4, n5, n6, n7]);
                    if flags & FIRST != 0 {
                        self.coming = Some((lane, number, Vec::with_capacity(piece.len())));
                    }
                    match &mut self.coming {
                        Some((of, at, frame))
                            if (*of, *at) == (lane, number) && frame.len() + piece.len() <= FRAME_MAX =>
                        {
                            frame.extend_from_slice(piece);
                            if flags & LAST == 0 {
                                continue;
                            }
                        }
                        _ => {
                            self.coming = None;
                            return Ok(Heard::Message(ToForward::Unread));
                        }
                    }
                    match self.coming.take() {
                        Some((lane, number, frame)) => ToForward::Frame { lane, number, frame },
                        None => ToForward::Unread,
                    }
                }
                [2, reason, lane, ref count @ ..] => match <[u8; 8]>::try_from(count) {
                    Ok(count) => ToForward::Lost {
                        reason,
                        lane: (lane != NO_LANE).then_some(lane),
                        count: u64::from_le_bytes(count),
                    },
                    Err(_) => ToForward::Unread,
                },
                [3] => ToForward::Farewell,
                [4, ref number @ ..] => match <[u8; 8]>::try_from(number) {
                    Ok(number) => ToForward::HowFar(u64::from_le_bytes(number)),
                    Err(_) => ToForward::Unread,
                },
                _ => ToForward::Unread,
            };
            return Ok(Heard::Message(heard));
        }
    }

    /// Says that this boot has begun.
    pub fn boot(&mut self, boot: [u8; 16]) -> Result<Sent, Errno> {
        let mut message = [1; 17];
        message[1..].copy_from_slice(&boot);
        send(&self.end, &message)
    }

    /// Says that one message about what was given up is durably stated.
    pub fn noted(&mut self) -> Result<Sent, Errno> {
        send(&self.end, &[3])
    }

    /// Says that everything before `number` is answered.
    pub fn this_far(&mut self, number: u64) -> Result<Sent, Errno> {
        send(&self.end, &numbered(4, number))
    }

    /// Says what is durable: `count` frames that the sensing process numbered from `number` on.
    pub fn appended(&mut self, lane: u8, first: u64, count: u32, number: u64) -> Result<Sent, Errno> {
        let mut message = [0; 22];
        message[..2].copy_from_slice(&[2, lane]);
        message[2..10].copy_from_slice(&first.to_le_bytes());
        message[10..14].copy_from_slice(&count.to_le_bytes());
        message[14..].copy_from_slice(&number.to_le_bytes());
        send(&self.end, &message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends() -> (SenseEnd, ForwardEnd) {
        let (sense, forward) = pair().expect("a pair");
        (SenseEnd::new(sense), ForwardEnd::new(forward))
    }

    #[test]
    fn frames_of_any_size_arrive_whole_and_are_answered() {
        let (mut sense, mut forward) = ends();
        for size in [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE] {
            let frame: Vec<u8> = (0..size).map(|n| n as u8).collect();
            assert_eq!(sense.frame(2, 5, &frame, true), Ok(Sent::Whole));
            assert_eq!(forward.hear(Some(1000)), Ok(Heard::Message(ToForward::Frame { lane: 2, number: 5, frame })));
        }
        forward.boot([9; 16]).expect("sent");
        forward.appended(2, 7, 3, 5).expect("sent");
        forward.this_far(6).expect("sent");
        assert_eq!(sense.hear(Some(1000)), Ok(Heard::Message(ToSense::Boot([9; 16]))));
        let appended = ToSense::Appended { lane: 2, first: 7, count: 3, number: 5 };
        assert_eq!(sense.hear(Some(1000)), Ok(Heard::Message(appended)));
        assert_eq!(sense.hear(Some(1000)), Ok(Heard::Message(ToSense::ThisFar(6))));
        assert_eq!(sense.hear(Some(1)), Ok(Heard::Nothing));
    }

    #[test]
    fn a_slow_forwarder_never_blocks_an_impatient_sensor_and_no_frame_is_torn() {
        let (mut sense, mut forward) = ends();
        let frame = vec![5; 4 * PIECE];
        let mut taken = 0;
        while sense.frame(1, taken, &frame, false).expect("sends") == Sent::Whole {
            taken += 1;
        }
        assert!(taken > 0);
        let mut heard = 0;
        while heard < taken {
            match forward.hear(Some(10)).expect("hears") {
                Heard::Message(ToForward::Frame { frame: whole, .. }) => {
                    assert_eq!(whole, frame);
                    heard += 1;
                }
                Heard::Nothing => assert_ne!(sense.flush(false).expect("sends"), Sent::Closed),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn a_forwarder_that_dies_within_a_frame_leaves_nothing_half_for_the_next() {
        let (sense, forward) = pair().expect("a pair");
        let kept = forward.try_clone().expect("the launcher keeps the end");
        let mut sense = SenseEnd::new(sense);
        let long = vec![1; 2 * PIECE];
        sense.frame(0, 1, &long, true).expect("sent");
        sense.frame(0, 2, b"next", true).expect("sent");
        let mut buffer = vec![0; PIECE + HEAD];
        receive(&forward, &mut buffer, Some(1000)).expect("the first piece is read by the one that dies");
        drop(forward);
        let mut successor = ForwardEnd::new(kept);
        assert_eq!(successor.hear(Some(1000)), Ok(Heard::Message(ToForward::Unread)));
        let next = ToForward::Frame { lane: 0, number: 2, frame: b"next".to_vec() };
        assert_eq!(successor.hear(Some(1000)), Ok(Heard::Message(next)));
    }

    #[test]
    fn two_sides_that_both_send_without_end_do_not_wait_for_each_other() {
        let (sense, forward) = pair().expect("a pair");
        let answering = std::thread::spawn(move || {
            let mut forward = ForwardEnd::new(forward);
            let mut answered = 0;
            while let Ok(Heard::Message(ToForward::Frame { number, .. })) = forward.hear(Some(5000)) {
                for _ in 0..20 {
                    forward.appended(0, 1, 1, number).expect("sent");
                }
                answered += 1;
            }
            answered
        });
        let mut sense = SenseEnd::new(sense);
        for number in 0..2000 {
            assert_eq!(sense.frame(0, number, b"x", true), Ok(Sent::Whole));
        }
        sense.farewell().expect("sent");
        let mut heard = 0;
        while let Ok(Heard::Message(_)) = sense.hear(Some(5000)) {
            heard += 1;
        }
        assert_eq!((answering.join().expect("ends"), heard), (2000, 40_000));
    }

    #[test]
    fn losses_and_the_farewell_are_told_and_an_end_that_is_gone_is_noticed() {
        let (mut sense, mut forward) = ends();
        sense.lost(4, None, u64::MAX, true).expect("sent");
        sense.lost(6, Some(2), 1, true).expect("sent");
        sense.farewell().expect("sent");
        let lost = |reason, lane, count| Ok(Heard::Message(ToForward::Lost { reason, lane, count }));
        assert_eq!(forward.hear(Some(1000)), lost(4, None, u64::MAX));
        assert_eq!(forward.hear(Some(1000)), lost(6, Some(2), 1));
        assert_eq!(forward.hear(Some(1000)), Ok(Heard::Message(ToForward::Farewell)));
        drop(sense);
        assert_eq!(forward.hear(Some(1000)), Ok(Heard::Closed));
        assert_eq!(forward.boot([0; 16]), Ok(Sent::Closed));
    }

    #[test]
    fn noise_on_the_pair_is_passed_over() {
        let (noise, forward) = pair().expect("a pair");
        let mut forward = ForwardEnd::new(forward);
        for message in [
            &[9][..],
            &[1],
            &[1, 0, 0, 7],
            &[2, 0],
            &[3, 3],
            &[1, 0, LAST, 7],
            &[1, 0, LAST, 7, 0, 0, 0, 0, 0, 0, 0, 9],
        ] {
            send(&noise, message).expect("sent");
            assert_eq!(forward.hear(Some(1000)), Ok(Heard::Message(ToForward::Unread)), "{message:?}");
        }
    }
}
