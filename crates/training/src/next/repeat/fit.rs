//! Windows of the past to learn from, and the scorer.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use vitrine_ranking::{PastPurchase, PurchaseLog};

use super::RepeatConfig;
use super::facts::Facts;
use super::features::{RETURNING, Row, rows};
use super::network::{Network, StoredNetwork};
use crate::TrainingError;
use crate::next::{Scorer, TargetRule};

/// Rows from which no older window is looked at: about 200 MiB.
const ROWS_ENOUGH: usize = 2_000_000;

/// How likely a shopper buys each item of their history again in the window after the
/// fitted log; 0 for what is new to them.
#[derive(Clone)]
pub struct RepeatModel {
    facts: Facts,
    networks: Arc<[Network]>,
}

impl RepeatModel {
    /// Learns from the newest windows of a log: who bought in one, what they had bought
    /// before it, and what of that they bought in it.
    ///
    /// # Errors
    /// [`TrainingError::TooLittleData`] when nobody with a history bought in any window;
    /// [`TrainingError::Stopped`]; when a tensor operation fails.
    ///
    /// # Source
    /// H. Hu et al., "Modeling personalized item frequency information for next-basket
    /// recommendation" (2020), for counts that fade; Anderson et al., "The dynamics of
    /// repeat consumption" (2014), for recency, regularity and the item's own part.
    pub fn fit(
        log: &PurchaseLog,
        config: &RepeatConfig,
        stop: &AtomicBool,
    ) -> Result<Self, TrainingError> {
        let times = || log.entries().iter().map(|entry| entry.at_seconds);
        let (first, last) = (times().min().unwrap_or(0), times().max().unwrap_or(0));
        let end = last + 1;
        let window = config.window_seconds.min((end - first) / 3).max(1);
        let cuts = (1..=config.n_windows as i64).map(|n| end - n * window);
        let (mut inputs, mut is_true) = (Vec::new(), Vec::new());
        // Before the first window there is a window's length of history.
        for cut in cuts.take_while(|cut| *cut >= first + window) {
            if inputs.len() >= ROWS_ENOUGH {
                break;
            }
            let facts = Facts::count(&log.truncated(cut), cut);
            let of_shopper = |n| examples(log, n, [cut, cut + window], config.rule, &facts);
            let found: Vec<(Vec<Row>, Vec<bool>)> =
                (0..log.n_shoppers()).into_par_iter().map(of_shopper).collect();
            for (rows, labels) in found {
                inputs.extend(rows);
                is_true.extend(labels);
            }
        }
        let fit = |n: u64| {
            let config = RepeatConfig { seed: config.seed.wrapping_add(n << 32), ..*config };
            Network::fit(&inputs, &is_true, &config, stop)
        };
        let numbers = (0..config.n_networks.max(1) as u64).into_par_iter();
        let networks: Vec<Network> = numbers.map(fit).collect::<Result<_, _>>()?;
        let networks = Arc::from(networks);
        Ok(Self { facts: Facts::count(log, end), networks })
    }

    /// These networks over what another log says of items.
    pub fn over(&self, log: &PurchaseLog) -> Self {
        let end = log.last_seconds().map_or(0, |last| last + 1);
        Self { facts: Facts::count(log, end), networks: Arc::clone(&self.networks) }
    }

    /// A model that has learned nothing: each item is bought again as often as by others.
    /// For the beginning of a log, of which [`Self::fit`] says that it is too little.
    pub fn counting(log: &PurchaseLog) -> Self {
        let end = log.last_seconds().map_or(0, |last| last + 1);
        Self { facts: Facts::count(log, end), networks: Arc::new([]) }
    }

    /// How likely each row is bought again: the mean of the networks.
    fn probabilities(&self, rows: &[Row]) -> Result<Vec<f32>, TrainingError> {
        if self.networks.is_empty() {
            return Ok(rows.iter().map(|row| row[RETURNING]).collect());
        }
        let mut sum = vec![0.0; rows.len()];
        for network in self.networks.iter() {
            let part = network.probabilities(rows)?;
            sum.iter_mut().zip(part).for_each(|(sum, p)| *sum += p);
        }
        sum.iter_mut().for_each(|p| *p /= self.networks.len() as f32);
        Ok(sum)
    }
}

/// Rows of one shopper at the start of a window, and whether each item was bought in it.
/// None when the shopper bought nothing then.
fn examples(
    log: &PurchaseLog,
    shopper: usize,
    [from, to]: [i64; 2],
    rule: TargetRule,
    facts: &Facts,
) -> (Vec<Row>, Vec<bool>) {
    let mut bought = log.between(shopper, from, to);
    if rule == TargetRule::NextBasket {
        bought = bought.chunk_by(|a, b| a.basket == b.basket).next().unwrap_or(&[]);
    }
    if bought.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let mut targets: Vec<u32> = bought.iter().map(|entry| entry.item_idx).collect();
    targets.sort_unstable();
    let (items, rows) = rows(log.before(shopper, from), facts, from);
    let is_true = items.iter().map(|item| targets.binary_search(item).is_ok()).collect();
    (rows, is_true)
}

/// A [`RepeatModel`] as plain arrays.
#[derive(Serialize, Deserialize)]
pub(crate) struct StoredRepeat {
    facts: Facts,
    networks: Vec<StoredNetwork>,
}

impl RepeatModel {
    /// The stored form.
    ///
    /// # Errors
    /// When a tensor cannot be read.
    pub(crate) fn stored(&self) -> Result<StoredRepeat, TrainingError> {
        let networks = self.networks.iter().map(Network::stored).collect::<Result<_, _>>()?;
        Ok(StoredRepeat { facts: self.facts.clone(), networks })
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// When an array does not have its shape.
    pub(crate) fn from_stored(stored: &StoredRepeat) -> Result<Self, TrainingError> {
        let networks =
            stored.networks.iter().map(Network::from_stored).collect::<Result<_, _>>()?;
        Ok(Self { facts: stored.facts.clone(), networks })
    }
}

impl Scorer for RepeatModel {
    fn score(
        &self,
        histories: &[&[PastPurchase]],
        now_seconds: i64,
    ) -> Result<Vec<f32>, TrainingError> {
        let n_items = self.facts.items.len();
        let mut scores = vec![0.0; histories.len() * n_items];
        let filled = scores.par_chunks_exact_mut(n_items).zip(histories);
        filled.try_for_each(|(scores, history)| -> Result<(), TrainingError> {
            let (items, rows) = rows(history, &self.facts, now_seconds);
            for (item, p) in items.into_iter().zip(self.probabilities(&rows)?) {
                scores[item as usize] = p;
            }
            Ok(())
        })?;
        Ok(scores)
    }
}
