//! How long to wait before a request is repeated.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::limits::RETRY_WAIT;

/// How often a wait looks whether it is cancelled.
const CANCEL_CHECK: Duration = Duration::from_millis(50);

/// The wait after the `attempt`-th failure, from 1: twice as long each time, and between
/// half and one and a half of that by a hash of address and attempt, so that pictures
/// that failed together are not asked for together again.
pub(super) fn before_retry(address: &str, attempt: u32) -> Duration {
    let mut hasher = blake3::Hasher::new();
    hasher.update(address.as_bytes()).update(&attempt.to_le_bytes());
    let share = f64::from(hasher.finalize().as_bytes()[0]) / 255.0;
    (RETRY_WAIT * 2u32.pow(attempt - 1)).mul_f64(0.5 + share)
}

/// Waits, at most until shortly after `cancel` is set.
pub(super) fn sleep(wait: Duration, cancel: &AtomicBool) {
    let end = Instant::now() + wait;
    while !cancel.load(Ordering::Relaxed) {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        thread::sleep(left.min(CANCEL_CHECK));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_differ_between_addresses() {
        for attempt in 1..4 {
            let middle = RETRY_WAIT * 2u32.pow(attempt - 1);
            let waits: Vec<_> = (0..20).map(|n| before_retry(&format!("a{n}"), attempt)).collect();
            assert!(waits.iter().all(|wait| *wait >= middle / 2 && *wait <= middle * 3 / 2));
            assert!(waits.iter().any(|wait| *wait != waits[0]));
        }
    }

    #[test]
    fn a_cancelled_wait_ends() {
        let start = Instant::now();
        sleep(Duration::from_secs(60), &AtomicBool::new(true));
        assert!(start.elapsed() < Duration::from_secs(10));
    }
}
