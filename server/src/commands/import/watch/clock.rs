//! Time and randomness of a watching import, which tests make themselves.

use std::cell::RefCell;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};

use crate::signals::Stop;

/// How often a sleep looks whether the process is to stop.
const STOP_CHECK: Duration = Duration::from_millis(100);

/// Time and randomness.
pub(super) trait WatchClock {
    /// Time since some moment that stays the same.
    fn now(&self) -> Duration;
    /// Waits, at most until shortly after `stop` is set.
    fn sleep(&self, wait: Duration, stop: &Stop);
    /// A number from 0 to 1, another each time.
    fn draw(&self) -> f64;
}

/// The system's time, and a seed that differs between processes.
pub(super) struct SystemClock {
    start: Instant,
    random_numbers: RefCell<SmallRng>,
}

impl SystemClock {
    pub fn new() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let seed = since.as_nanos() as u64 ^ u64::from(std::process::id()).rotate_left(32);
        Self { start: Instant::now(), random_numbers: RefCell::new(SmallRng::seed_from_u64(seed)) }
    }
}

impl WatchClock for SystemClock {
    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn sleep(&self, wait: Duration, stop: &Stop) {
        let end = Instant::now() + wait;
        while !stop.load(Ordering::SeqCst) {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            thread::sleep(left.min(STOP_CHECK));
        }
    }

    fn draw(&self) -> f64 {
        self.random_numbers.borrow_mut().random()
    }
}
