//! Packet time against wall time.

use crate::cli::Speed;
use holter_terms::Nanos;
use std::time::Duration;

/// The longest wait for one frame. A capture with a night in it, or two captures taken a week apart, go on after this.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Lets a frame pass when its time has come.
pub(crate) struct Pace {
    speed: Speed,
    began: Option<(Duration, Nanos)>,
}

impl Pace {
    pub(crate) fn new(speed: Speed) -> Self {
        Pace { speed, began: None }
    }

    /// Sleeps until the frame of packet time `at` is due.
    pub(crate) fn wait(&mut self, at: Nanos) {
        let Speed::Times(times) = self.speed else { return };
        let now = Duration::from_nanos(crate::mono());
        let wait = self.due(now, at, times);
        if !wait.is_zero() {
            std::thread::sleep(wait);
        }
    }

    /// How long the frame still has to wait. Where that would be too long, the clock is set so that it does not.
    fn due(&mut self, now: Duration, at: Nanos, times: f64) -> Duration {
        let (began, first) = *self.began.get_or_insert((now, at));
        let packet_time = Duration::from_nanos(u64::try_from(at.saturating_sub(first)).unwrap_or(0));
        let due = Duration::try_from_secs_f64(packet_time.as_secs_f64() / times).unwrap_or(Duration::MAX);
        let wait = due.saturating_sub(now.saturating_sub(began));
        if wait <= LONGEST_WAIT {
            return wait;
        }
        self.began = Some((now + LONGEST_WAIT, at));
        LONGEST_WAIT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Nanos = 1_000_000_000;

    #[test]
    fn a_frame_waits_for_its_time_at_the_speed_asked_for() {
        for (times, wait) in [(1.0, 4000), (2.0, 2000), (40.0, 100)] {
            let (mut pace, now) = (Pace::new(Speed::Times(times)), Duration::from_secs(1000));
            assert_eq!(pace.due(now, 0, times), Duration::ZERO);
            assert_eq!(pace.due(now, 4 * SECOND, times).as_millis(), wait);
            assert_eq!(pace.due(now + Duration::from_secs(9), 4 * SECOND, times), Duration::ZERO);
        }
    }

    #[test]
    fn a_night_in_a_capture_is_passed_over() {
        let (mut pace, now) = (Pace::new(Speed::Times(1.0)), Duration::from_secs(1000));
        pace.due(now, 0, 1.0);
        let night = 8 * 3600 * SECOND;
        assert_eq!(pace.due(now, night, 1.0), LONGEST_WAIT);
        let after = now + LONGEST_WAIT;
        assert_eq!(pace.due(after, night + SECOND, 1.0), Duration::from_secs(1));
        assert_eq!(pace.due(after, 0, 1.0), Duration::ZERO, "time that goes back waits for nothing");
    }
}
