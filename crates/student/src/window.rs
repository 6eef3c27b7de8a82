//! Which events of the log the encoder sees, and how old each is to the next.
//!
//! The window moves by [`WINDOW_STEP`] events at a time, so that between two
//! moves a new event costs one token against cached keys and values, and so
//! that what the encoder sees depends on the log alone, not on how it grew.

use crate::layout::{WINDOW_MAX, WINDOW_STEP};

/// Index of the first event that the encoder sees in a log of `n_events`.
///
/// 0 up to 64 events, then 32·⌈(n−64)/32⌉: the window holds 33 to 64 events.
pub fn start(n_events: usize) -> usize {
    n_events.saturating_sub(WINDOW_MAX).div_ceil(WINDOW_STEP) * WINDOW_STEP
}

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Upper bounds of gap buckets 0 to 8; bucket 9 has none.
const GAP_BOUNDS_MS: [i64; 9] = [
    MINUTE_MS,
    10 * MINUTE_MS,
    HOUR_MS,
    6 * HOUR_MS,
    DAY_MS,
    3 * DAY_MS,
    7 * DAY_MS,
    14 * DAY_MS,
    30 * DAY_MS,
];

/// Row of the gap embedding for the time since the previous event.
///
/// A clock that was set back counts as no gap.
pub fn gap_bucket(gap_ms: i64) -> usize {
    GAP_BOUNDS_MS.iter().position(|bound| gap_ms < *bound).unwrap_or(GAP_BOUNDS_MS.len())
}

/// Gap buckets of a window whose events happened at `times_ms`, in log order;
/// the first event of a window has bucket 0.
pub fn gap_buckets(times_ms: &[i64]) -> Vec<usize> {
    let mut buckets = Vec::with_capacity(times_ms.len());
    for (i, at_ms) in times_ms.iter().enumerate() {
        let gap_ms = if i == 0 { 0 } else { at_ms.saturating_sub(times_ms[i - 1]) };
        buckets.push(gap_bucket(gap_ms));
    }
    buckets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_moves_in_steps_and_never_exceeds_its_maximum() {
        let starts: Vec<usize> = [0, 1, 64, 65, 96, 97, 128, 129].into_iter().map(start).collect();
        assert_eq!(starts, [0, 0, 0, 32, 32, 64, 64, 96]);
        for n in 65..1_000 {
            let length = n - start(n);
            assert!((33..=WINDOW_MAX).contains(&length), "{n}: {length}");
        }
    }

    #[test]
    fn gaps_fall_into_their_buckets() {
        let cases = [
            (-5, 0),
            (0, 0),
            (MINUTE_MS - 1, 0),
            (MINUTE_MS, 1),
            (HOUR_MS - 1, 2),
            (HOUR_MS, 3),
            (DAY_MS, 5),
            (3 * DAY_MS, 6),
            (7 * DAY_MS, 7),
            (29 * DAY_MS, 8),
            (30 * DAY_MS, 9),
            (i64::MAX, 9),
        ];
        for (gap_ms, bucket) in cases {
            assert_eq!(gap_bucket(gap_ms), bucket, "{gap_ms}");
        }
        assert_eq!(gap_buckets(&[i64::MAX, i64::MIN, 0]), [0, 0, 9]);
    }
}
