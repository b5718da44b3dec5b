//! Whether twice the bytes take twice the time.

use std::time::{Duration, Instant};

/// time(2n) / time(n) that is still called linear.
pub const RATIO: f64 = 2.3;
/// A shared machine is noisy: this often may a measurement be repeated.
const TRIES: usize = 12;
/// In a build without optimisation; a quadratic decoder needs many times as much.
const LONGEST: Duration = Duration::from_nanos(2000);

#[allow(clippy::disallowed_methods, reason = "a test that measures")]
pub fn now() -> Instant {
    Instant::now()
}

/// The shortest of some runs.
fn time(runs: usize, mut run: impl FnMut()) -> Duration {
    (0..runs)
        .map(|_| {
            let start = now();
            run();
            start.elapsed()
        })
        .min()
        .unwrap_or_default()
}

/// As [`check`], for bytes whose cost is not the same everywhere, such as a body that is skipped after a header that is
/// not: one of two doublings must be linear. What is quadratic fails both. `run` is called with `n`, `2 * n`, `4 * n`.
pub fn check_uneven(name: &str, n: usize, rounds: u32, run: impl Fn(usize)) {
    let mut worst = f64::MAX;
    let mut slow = Duration::MAX;
    for attempt in 0..TRIES {
        let runs = if attempt == 0 { 1 } else { 3 };
        let mut before = time(runs, || run(n));
        for size in [2 * n, 4 * n] {
            let after = time(runs, || run(size));
            worst = worst.min(after.as_secs_f64() / before.as_secs_f64().max(1e-9));
            slow = slow.min(after / size as u32 / rounds);
            if worst <= RATIO && slow <= LONGEST {
                return;
            }
            before = after;
        }
    }
    panic!("{name}: twice the bytes take {worst:.2} times as long, {slow:?} per byte");
}

/// `run(n)` reads `n` bytes `rounds` times. The first try is one run each: what is linear mostly shows it at once.
pub fn check(name: &str, n: usize, rounds: u32, run: impl Fn(usize)) {
    let mut worst = f64::MAX;
    let mut slow = Duration::MAX;
    for attempt in 0..TRIES {
        let runs = if attempt == 0 { 1 } else { 3 };
        let (one, two) = (time(runs, || run(n)), time(runs, || run(2 * n)));
        worst = worst.min(two.as_secs_f64() / one.as_secs_f64().max(1e-9));
        slow = slow.min(two / (2 * n) as u32 / rounds);
        if worst <= RATIO && slow <= LONGEST {
            return;
        }
    }
    panic!("{name}: twice the bytes take {worst:.2} times as long, {slow:?} per byte");
}
