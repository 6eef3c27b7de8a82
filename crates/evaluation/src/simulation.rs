//! Clicks and purchases that were never made: a seeded shopper with known propensities
//! looks at shuffled lists, so that [`crate::replay`] can say what other orders of the
//! same items would earn, beside what they would earn in truth.
//!
//! Nothing here is measured behaviour, except what the shopper went on to buy.

use std::fmt::Write as _;

use rand::rngs::SmallRng;
use rand::seq::index;
use rand::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};

use crate::replay::{Replay, ShownList, propensities};

/// Places of a list.
pub const PLACES: usize = 10;
/// Lists that each shopper is shown.
const LISTS_A_SHOPPER: usize = 4;
/// A place is looked at with 1 / (place + 1) to this power.
const EXPONENT: f64 = 0.7;
/// What is looked at is clicked if it was bought later, and if not.
const CLICKED: [f64; 2] = [0.05, 0.6];

/// Items that one shopper may be shown.
#[derive(Clone, Debug)]
pub struct Pool {
    /// Whether the shopper went on to buy each; at least [`PLACES`].
    pub bought: Vec<bool>,
    /// For each ranking the first [`PLACES`] of its order, as indexes into the pool.
    pub orders: Vec<Vec<usize>>,
}

/// What one ranking is worth: per list, estimated from the shuffled log and in truth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SimulatedReplay {
    /// Name of the ranking.
    pub ranking: String,
    /// Clicks: IPS, SNIPS, truth.
    pub clicks: [f64; 3],
    /// Clicks on what was bought: IPS, SNIPS, truth.
    pub conversions: [f64; 3],
}

fn looked_at(place: usize) -> f64 {
    (place as f64 + 1.0).powf(-EXPONENT)
}

fn clicked(bought: bool) -> f64 {
    CLICKED[usize::from(bought)]
}

/// Shows each pool in random order, then values the rankings by what was clicked, with
/// propensities estimated from the same log.
pub fn simulate(rankings: &[&str], pools: &[Pool], seed: u64) -> Vec<SimulatedReplay> {
    let mut rng = SmallRng::seed_from_u64(seed);
    let mut log: Vec<(usize, ShownList)> = Vec::new();
    for (n, pool) in pools.iter().enumerate() {
        for _ in 0..LISTS_A_SHOPPER {
            let shown = index::sample(&mut rng, pool.bought.len(), PLACES).into_vec();
            let click = |(place, item): (usize, &usize)| {
                rng.random::<f64>() < looked_at(place) * clicked(pool.bought[*item])
            };
            let clicked = shown.iter().enumerate().map(click).collect();
            let items = shown.into_iter().map(|item| item as u32).collect();
            log.push((n, ShownList { items, clicked }));
        }
    }
    let lists: Vec<ShownList> = log.iter().map(|(_, list)| list.clone()).collect();
    let found = propensities(&lists);
    let value = |(ranking, name): (usize, &&str)| {
        let (mut clicks, mut conversions) = (Replay::default(), Replay::default());
        for (n, list) in &log {
            let Pool { bought, orders } = &pools[*n];
            let of_place = |place: usize| found.get(place).copied().unwrap_or(0.0);
            let mean = found.iter().sum::<f64>() / bought.len() as f64;
            let place = |item: &u32| orders[ranking].iter().position(|i| *i == *item as usize);
            let wanted: Vec<f64> =
                list.items.iter().map(|item| place(item).map_or(0.0, of_place)).collect();
            let logged = vec![mean; list.items.len()];
            let n_wanted: f64 = (0..orders[ranking].len()).map(of_place).sum();
            let expected = n_wanted / mean * PLACES as f64 / bought.len() as f64;
            clicks.add(list, &logged, &wanted, expected);
            let is_bought = |(hit, item): (&bool, &u32)| *hit && bought[*item as usize];
            let bought_too = list.clicked.iter().zip(&list.items).map(is_bought).collect();
            let list = ShownList { items: list.items.clone(), clicked: bought_too };
            conversions.add(&list, &logged, &wanted, expected);
        }
        let truth = |counts: fn(bool) -> f64| {
            let of = |pool: &Pool| -> f64 {
                let order = pool.orders[ranking].iter().enumerate();
                order.map(|(place, item)| looked_at(place) * counts(pool.bought[*item])).sum()
            };
            pools.iter().map(of).sum::<f64>() / pools.len().max(1) as f64
        };
        SimulatedReplay {
            ranking: (*name).to_owned(),
            clicks: [clicks.ips(), clicks.snips(), truth(clicked)],
            conversions: [
                conversions.ips(),
                conversions.snips(),
                truth(|bought| if bought { clicked(true) } else { 0.0 }),
            ],
        }
    };
    rankings.iter().enumerate().map(value).collect()
}

/// As a text table; empty without rankings.
pub fn table(replays: &[SimulatedReplay]) -> String {
    let mut text = String::new();
    if replays.is_empty() {
        return text;
    }
    let _ = writeln!(
        text,
        "\nSIMULATED clicks and conversions a list of {PLACES}, by replay of shuffled lists: \
         IPS, SNIPS, truth"
    );
    for SimulatedReplay { ranking, clicks, conversions } in replays {
        let _ = writeln!(
            text,
            "{ranking:<22} clicks {:.3} {:.3} {:.3}   conversions {:.3} {:.3} {:.3}",
            clicks[0], clicks[1], clicks[2], conversions[0], conversions[1], conversions[2]
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_better_order_earns_more_and_both_estimates_say_so() {
        // Of 40 items the first four are bought.
        let pool = Pool {
            bought: (0..40).map(|item| item < 4).collect(),
            orders: vec![(0..PLACES).collect(), (0..PLACES).map(|i| i + 20).collect()],
        };
        let found = simulate(&["good", "bad"], &vec![pool; 8_000], 1);
        for replay in &found {
            for [ips, snips, truth] in [replay.clicks, replay.conversions] {
                assert!((ips - truth).abs() < 0.06, "{replay:?}");
                assert!((snips - truth).abs() < 0.06, "{replay:?}");
            }
        }
        assert!(found[0].clicks[2] > 1.0 && found[1].conversions == [0.0; 3]);
        assert!(table(&found).contains("SIMULATED") && table(&[]).is_empty());
    }
}
