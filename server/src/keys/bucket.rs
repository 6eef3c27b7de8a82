//! A token bucket: a rate in the long run, and a burst now and then.

/// How many seconds of its rate a key may ask at once after a pause.
const BURST_SECONDS: u32 = 5;
/// A request costs this much; a millisecond at one request a second fills 1 in.
const COST: u64 = 1_000;

/// What is left of a burst, exact in thousandths of a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bucket {
    level: u64,
    at_ms: u64,
}

impl Bucket {
    pub(super) fn full(rate: u32, now_ms: u64) -> Self {
        Self { level: capacity(rate), at_ms: now_ms }
    }

    /// Takes a request out, or says in how many milliseconds there will be one.
    pub(super) fn take(&mut self, rate: u32, now_ms: u64) -> Result<(), u64> {
        let filled = now_ms.saturating_sub(self.at_ms).saturating_mul(rate.into());
        self.level = self.level.saturating_add(filled).min(capacity(rate));
        self.at_ms = self.at_ms.max(now_ms);
        if self.level >= COST {
            self.level -= COST;
            return Ok(());
        }
        Err((COST - self.level).div_ceil(rate.max(1).into()))
    }
}

fn capacity(rate: u32) -> u64 {
    u64::from(rate) * u64::from(BURST_SECONDS) * COST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_followed_by_the_rate() {
        let mut bucket = Bucket::full(10, 1_000);
        let mut n_at_once = 0;
        while bucket.take(10, 1_000).is_ok() {
            n_at_once += 1;
        }
        assert_eq!(n_at_once, 50);
        assert_eq!(bucket.take(10, 1_000), Err(100));
        assert_eq!(bucket.take(10, 1_099), Err(1));
        assert_eq!(bucket.take(10, 1_100), Ok(()));
        let n_in_a_minute = (1_100..61_100).filter(|&now| bucket.take(10, now).is_ok()).count();
        assert!((598..=600).contains(&n_in_a_minute), "{n_in_a_minute}");
    }
}
