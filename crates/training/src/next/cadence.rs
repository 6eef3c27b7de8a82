//! What is due again: how long ago an item was taken, beside how long it usually lasts.

use std::collections::BTreeMap;

use rayon::prelude::*;
use vitrine_domain::calendar::DAY_SECONDS;
use vitrine_ranking::{PastPurchase, PurchaseLog};

use super::Scorer;
use super::counts::item_counts;
use crate::TrainingError;

/// Cadence in days: each item of the history by on how many days it was taken, times how
/// near the days since then are to its usual interval (the mean of the shopper's own ones
/// and of one that is everyone's); popularity breaks ties and orders the rest.
#[derive(Clone, Debug)]
pub struct Cadence {
    /// Mean days between purchases of an item by the same shopper; that of all items where
    /// nobody took it twice.
    interval_days: Vec<f32>,
    /// Less than 1e-6 each.
    popularity: Vec<f32>,
}

impl Cadence {
    /// Reads a log.
    pub fn fit(log: &PurchaseLog) -> Self {
        let mut sums = vec![(0.0f64, 0.0f64); log.n_items()];
        for n in 0..log.n_shoppers() {
            for (item, days) in taken_on(log.of(n)) {
                let n_intervals = (days.len() - 1) as f64;
                let sum = &mut sums[item as usize];
                let passed = f64::from(days[days.len() - 1] - days[0]);
                *sum = (sum.0 + passed, sum.1 + n_intervals);
            }
        }
        let (days, n) = sums.iter().fold((0.0, 0.0), |(a, b), (days, n)| (a + days, b + n));
        let usual = if n > 0.0 { days / n } else { 1.0 };
        let interval = |(days, n): &(f64, f64)| ((days + usual) / (n + 1.0)) as f32;
        let interval_days = sums.iter().map(interval).collect();
        let counts = item_counts(log);
        let most = counts.iter().copied().max().unwrap_or(0) as f32 + 1.0;
        let popularity = counts.into_iter().map(|count| 1e-6 * count as f32 / most).collect();
        Self { interval_days, popularity }
    }

    fn score_one(&self, history: &[PastPurchase], now_seconds: i64, scores: &mut [f32]) {
        for (item, days) in taken_on(history) {
            let (first, last) = (days[0], days[days.len() - 1]);
            let n_own = (days.len() - 1) as f32;
            let others = self.interval_days[item as usize];
            let interval = (last - first + others) / (n_own + 1.0);
            let since = day(now_seconds) - last;
            let late = (since.max(0.5) / interval.max(0.5)).ln();
            scores[item as usize] += days.len() as f32 * (-0.5 * late * late).exp();
        }
    }
}

/// Whole days since 1970-01-01 UTC.
fn day(seconds: i64) -> f32 {
    seconds.div_euclid(DAY_SECONDS) as f32
}

/// The distinct days on which each item was taken, ascending, in days since 1970-01-01 UTC.
fn taken_on(history: &[PastPurchase]) -> BTreeMap<u32, Vec<f32>> {
    let mut days: BTreeMap<u32, Vec<f32>> = BTreeMap::new();
    for entry in history {
        let day = day(entry.at_seconds);
        let of_item = days.entry(entry.item_idx).or_default();
        if of_item.last() != Some(&day) {
            of_item.push(day);
        }
    }
    days
}

impl Scorer for Cadence {
    fn score(
        &self,
        histories: &[&[PastPurchase]],
        now_seconds: i64,
    ) -> Result<Vec<f32>, TrainingError> {
        let mut scores = self.popularity.repeat(histories.len());
        let rows = scores.par_chunks_mut(self.popularity.len().max(1)).zip(histories);
        rows.for_each(|(row, history)| self.score_one(history, now_seconds, row));
        Ok(scores)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn purchases(days: &[(u32, i64)]) -> Vec<PastPurchase> {
        let entry = |(n, (item_idx, day)): (usize, &(u32, i64))| PastPurchase {
            at_seconds: day * DAY_SECONDS + 3_600,
            basket: n as u32,
            item_idx: *item_idx,
        };
        days.iter().enumerate().map(entry).collect()
    }

    #[test]
    fn what_is_due_comes_before_what_was_just_taken() {
        // 0 lasts a week, 1 a month; 2 is popular, and nobody takes it twice.
        let cadence =
            Cadence { interval_days: vec![7.0, 30.0, 12.0], popularity: vec![0.0, 0.0, 1e-7] };
        let history = purchases(&[(0, 0), (1, 0), (0, 7)]);
        let at = |day: i64| cadence.score(&[&history], day * DAY_SECONDS).expect("scored");
        let (soon, late) = (at(14), at(30));
        assert!(soon[0] > soon[1] && late[1] > late[0], "{soon:?} {late:?}");
        assert_eq!(soon[2], 1e-7);
        assert!(soon[0] > soon[2] && soon[1] > soon[2]);
    }

    #[test]
    fn a_day_counts_once() {
        let two = purchases(&[(0, 100), (0, 107)]);
        assert_eq!(taken_on(&two)[&0], [100.0, 107.0]);
        // Twice on a day is once.
        assert_eq!(taken_on(&purchases(&[(0, 3), (0, 3)]))[&0], [3.0]);
        // Sequences are a second an entry: all on one day, so that nobody came back.
        let log = PurchaseLog::of_sequences(2, &[vec![0, 0], vec![1]]).expect("in range");
        assert_eq!(Cadence::fit(&log).interval_days, [1.0, 1.0]);
    }
}
