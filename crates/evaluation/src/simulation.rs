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
/// What is clicked is put into the basket if it was bought later, and if not.
const CARTED: [f64; 2] = [0.04, 0.7];

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

/// One item in one list, and what the shopper did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Impression {
    /// Which pool.
    pub pool: usize,
    /// Which item of it.
    pub item: usize,
    /// Its place, from 0.
    pub place: usize,
    /// Whether it was clicked.
    pub clicked: bool,
    /// Whether it was then put into the basket.
    pub carted: bool,
}

/// Lists of each pool in random order, and what was clicked and put into the basket.
pub fn browse(pools: &[Pool], seed: u64) -> Vec<Impression> {
    let mut rng = SmallRng::seed_from_u64(seed);
    let mut impressions = Vec::new();
    for (n, pool) in pools.iter().enumerate() {
        for _ in 0..LISTS_A_SHOPPER {
            let shown = index::sample(&mut rng, pool.bought.len(), PLACES).into_vec();
            for (place, item) in shown.into_iter().enumerate() {
                let bought = pool.bought[item];
                let clicked = rng.random::<f64>() < looked_at(place) * clicked(bought);
                let carted = clicked && rng.random_bool(CARTED[usize::from(bought)]);
                impressions.push(Impression { pool: n, item, place, clicked, carted });
            }
        }
    }
    impressions
}

/// The same as lists with their clicks.
fn lists(impressions: &[Impression]) -> Vec<(usize, ShownList)> {
    let list = |shown: &[Impression]| {
        let items = shown.iter().map(|one| one.item as u32).collect();
        let clicked = shown.iter().map(|one| one.clicked).collect();
        (shown[0].pool, ShownList { items, clicked })
    };
    impressions.chunks_exact(PLACES).map(list).collect()
}

/// How often each place is looked at, estimated from what was clicked.
///
/// # Shapes
/// → \[[`PLACES`]\].
pub fn estimated_propensities(impressions: &[Impression]) -> Vec<f64> {
    let lists: Vec<ShownList> = lists(impressions).into_iter().map(|(_, list)| list).collect();
    propensities(&lists)
}

/// Shows each pool in random order, then values the rankings by what was clicked, with
/// propensities estimated from the same log.
pub fn simulate(rankings: &[&str], pools: &[Pool], seed: u64) -> Vec<SimulatedReplay> {
    let impressions = browse(pools, seed);
    let log = lists(&impressions);
    let found = estimated_propensities(&impressions);
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
