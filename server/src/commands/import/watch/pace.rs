//! When a server is asked again.

use std::time::Duration;

/// By how much of it a wait is longer or shorter, so that many shops do not ask their
/// common server in the same second.
const JITTER: f64 = 0.1;
/// Longest wait after failures in a row, unless looks are further apart anyway.
const BACKOFF_MAX: Duration = Duration::from_secs(3_600);
/// Longest wait that a server's `Retry-After` is granted.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(86_400);

/// When a server is asked again.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// Failures since the last success.
    n_failures: u32,
}

impl Pace {
    /// The wait after an answer; `draw` is from 0 to 1.
    pub fn after_success(&mut self, every: Duration, draw: f64) -> Duration {
        self.n_failures = 0;
        jittered(every, draw)
    }

    /// The wait after a failure: twice as long each time, and never shorter than the server
    /// asked for.
    pub fn after_failure(
        &mut self,
        every: Duration,
        asked: Option<Duration>,
        draw: f64,
    ) -> Duration {
        let doubled = every.saturating_mul(2u32.saturating_pow(self.n_failures));
        self.n_failures = self.n_failures.saturating_add(1);
        let wait = jittered(doubled.min(BACKOFF_MAX.max(every)), draw);
        wait.max(asked.unwrap_or_default().min(RETRY_AFTER_MAX))
    }
}

fn jittered(wait: Duration, draw: f64) -> Duration {
    wait.mul_f64(1.0 - JITTER + 2.0 * JITTER * draw)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERY: Duration = Duration::from_secs(300);
    /// The draw that changes nothing.
    const MIDDLE: f64 = 0.5;

    #[test]
    fn waits_double_up_to_an_hour_and_begin_anew_after_a_success() {
        let mut pace = Pace::default();
        let mut minutes = || pace.after_failure(EVERY, None, MIDDLE).as_secs_f64().round() / 60.0;
        let waits: Vec<f64> = (0..6).map(|_| minutes()).collect();
        assert_eq!(waits, [5.0, 10.0, 20.0, 40.0, 60.0, 60.0]);
        (0..100).for_each(|_| assert_eq!(minutes(), 60.0));
        assert_eq!(pace.after_success(EVERY, MIDDLE).as_secs_f64().round(), 300.0);
        assert_eq!(pace.after_failure(EVERY, None, MIDDLE).as_secs_f64().round(), 300.0);
    }

    #[test]
    fn looks_that_are_a_day_apart_stay_so() {
        let day = Duration::from_secs(86_400);
        let mut pace = Pace::default();
        for _ in 0..3 {
            assert_eq!(pace.after_failure(day, None, MIDDLE).as_secs_f64().round(), 86_400.0);
        }
    }

    #[test]
    fn a_wait_differs_by_a_tenth_at_most() {
        let mut pace = Pace::default();
        assert_eq!(pace.after_success(EVERY, 0.0).as_secs_f64().round(), 270.0);
        assert_eq!(pace.after_success(EVERY, 1.0).as_secs_f64().round(), 330.0);
    }

    #[test]
    fn what_the_server_asks_for_is_waited_but_not_for_ever() {
        let wait = |seconds| {
            let asked = Some(Duration::from_secs(seconds));
            Pace::default().after_failure(EVERY, asked, 0.0).as_secs_f64().round()
        };
        assert_eq!(wait(1_000), 1_000.0);
        assert_eq!(wait(10), 270.0);
        assert_eq!(wait(10_000_000), 86_400.0);
    }
}
