//! What is bought in the place of a card: substitutes, told apart from what goes
//! with it by whether its buyers put both into one basket.

use std::collections::BTreeMap;

use rayon::prelude::*;
use vitrine_domain::limits;

use crate::PurchaseLog;
use crate::neighbours::best;

/// Numbers of a text vector.
const TEXT_DIM: usize = 384;
/// Least cosine of two cards that can stand for each other.
const COSINE_MIN: f32 = 0.6;
/// Shared baskets that chance alone would explain, added to both sides of a lift:
/// few baskets say little.
const PRIOR_BASKETS: f32 = 5.0;
/// Longest list.
pub const ALTERNATIVES_MAX: usize = 6;
/// Newest distinct cards of a shopper that count.
const CARDS_MAX: usize = 1_000;

/// How often two cards are in one basket of those who buy both.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pair {
    /// Shoppers who bought both, together or not.
    pub n_shoppers: u32,
    /// Their baskets with both.
    pub n_baskets: f32,
    /// As many as there would be if each shopper threw their purchases of the two
    /// into their own baskets by lot.
    pub expected: f32,
}

impl Pair {
    /// Baskets with both in relation to chance, drawn towards 1 where there are few.
    pub fn lift(&self) -> f32 {
        (self.n_baskets + PRIOR_BASKETS) / (self.expected + PRIOR_BASKETS)
    }
}

/// The baskets of every shopper.
pub struct Baskets {
    n_items: usize,
    /// Cards of each basket, by shopper.
    of_shopper: Vec<Vec<Vec<u32>>>,
    /// How many baskets of a shopper have each of their cards, by card.
    counts: Vec<Vec<(u32, u32)>>,
    /// Shoppers of each card.
    buyers: Vec<Vec<u32>>,
}

impl Baskets {
    /// Those of a log.
    pub fn new(log: &PurchaseLog) -> Self {
        let mut all = Self {
            n_items: log.n_items(),
            of_shopper: Vec::new(),
            counts: Vec::new(),
            buyers: vec![Vec::new(); log.n_items()],
        };
        for shopper in 0..log.n_shoppers() {
            let groups = log.of(shopper).chunk_by(|a, b| a.basket == b.basket);
            let mut baskets: Vec<Vec<u32>> = Vec::new();
            let mut counts: BTreeMap<u32, u32> = BTreeMap::new();
            for group in groups.collect::<Vec<_>>().into_iter().rev() {
                let cards: Vec<u32> = group.iter().map(|entry| entry.item_idx).collect();
                for &card in &cards {
                    if counts.len() < CARDS_MAX || counts.contains_key(&card) {
                        *counts.entry(card).or_default() += 1;
                    }
                }
                baskets.push(cards);
            }
            counts.keys().for_each(|&card| all.buyers[card as usize].push(shopper as u32));
            all.of_shopper.push(baskets);
            all.counts.push(counts.into_iter().collect());
        }
        all
    }

    /// One card beside all that its buyers buy, by index of the other.
    pub fn pairs_of(&self, card: u32) -> BTreeMap<u32, Pair> {
        let mut pairs = vec![Pair::default(); self.n_items];
        let mut touched = Vec::new();
        for &shopper in &self.buyers[card as usize] {
            let counts = &self.counts[shopper as usize];
            let baskets = &self.of_shopper[shopper as usize];
            let own = counts.binary_search_by_key(&card, |(other, _)| *other);
            let n_own = own.map_or(0, |at| counts[at].1) as f32;
            for &(other, n) in counts.iter().filter(|(other, _)| *other != card) {
                let pair = &mut pairs[other as usize];
                if pair.n_shoppers == 0 {
                    touched.push(other);
                }
                pair.n_shoppers += 1;
                pair.expected += n_own * n as f32 / baskets.len() as f32;
            }
            for basket in baskets.iter().filter(|basket| basket.contains(&card)) {
                basket.iter().for_each(|&other| pairs[other as usize].n_baskets += 1.0);
            }
        }
        touched.into_iter().map(|other| (other, pairs[other as usize])).collect()
    }
}

/// The pairs of one card.
struct Found {
    /// Baskets with both, over all its pairs.
    n_baskets: f64,
    /// The same as chance would have it.
    expected: f64,
    /// Alike cards with the cosine of their texts.
    alike: Vec<(u32, Pair, f32)>,
}

/// For each card at most six others that stand for it: alike in text, bought by
/// at least [`limits::BUYERS_MIN`] of the same shoppers, and less often in one
/// basket than any two cards that shoppers share. Most alike first, with the cosine
/// of their texts.
///
/// # Shapes
/// `vectors` `[n_items, 384]`, unit text vectors; one list an item.
///
/// # Panics
/// When the vectors are not of the log's items.
///
/// # Source
/// The idea that substitutes are alike in use and complements in one basket:
/// J. McAuley, R. Pandey, J. Leskovec, "Inferring networks of substitutable and
/// complementary products", KDD 2015.
pub fn alternatives(log: &PurchaseLog, vectors: &[f32]) -> Vec<Vec<(usize, f32)>> {
    assert_eq!(vectors.len(), log.n_items() * TEXT_DIM, "a vector an item");
    let baskets = Baskets::new(log);
    let vector = |item: u32| &vectors[item as usize * TEXT_DIM..][..TEXT_DIM];
    let cosine = |a: u32, b: u32| vector(a).iter().zip(vector(b)).map(|(x, y)| x * y).sum::<f32>();
    let supported = |card: u32| -> Vec<(u32, Pair)> {
        let pairs = baskets.pairs_of(card).into_iter();
        pairs.filter(|(_, pair)| pair.n_shoppers >= limits::BUYERS_MIN).collect()
    };
    let cards = 0..log.n_items() as u32;
    let found: Vec<Found> = cards
        .into_par_iter()
        .map(|card| {
            let pairs = supported(card);
            let sum = |of: fn(&Pair) -> f32| -> f64 {
                pairs.iter().map(|(_, pair)| f64::from(of(pair))).sum()
            };
            let (n_baskets, expected) = (sum(|pair| pair.n_baskets), sum(|pair| pair.expected));
            let alike = pairs
                .into_iter()
                .map(|(other, pair)| (other, pair, cosine(card, other)))
                .filter(|(_, _, cosine)| *cosine >= COSINE_MIN);
            Found { n_baskets, expected, alike: alike.collect() }
        })
        .collect();
    let n: f64 = found.iter().map(|found| found.n_baskets).sum();
    let expected: f64 = found.iter().map(|found| found.expected).sum();
    let usual = if expected > 0.0 { (n / expected) as f32 } else { 1.0 };
    found
        .into_iter()
        .map(|Found { alike, .. }| {
            let apart = alike.into_iter().filter(|(_, pair, _)| pair.lift() < usual);
            let list = apart.map(|(other, _, cosine)| (other, cosine)).collect();
            let list = best(list, ALTERNATIVES_MAX).into_iter();
            list.map(|(other, cosine)| (other as usize, cosine)).collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use vitrine_domain::{EventKind, Interaction, ItemId, ShopperId};

    use super::*;

    /// Six shoppers with ten baskets each: card 1 (soy milk) whenever card 0 (milk)
    /// is not bought, card 2 (biscuits) always with card 0. Card 3 (oat milk) is
    /// bought by four of them only, alone.
    fn log() -> PurchaseLog {
        let mut lines = Vec::new();
        for shopper in 0..6_u32 {
            for n in 0..10_u32 {
                let basket = shopper * 100 + n;
                let mut cards: Vec<u64> = if n % 2 == 0 { vec![0, 2] } else { vec![1] };
                if n == 9 && shopper < 4 {
                    cards = vec![3];
                }
                lines.extend(cards.into_iter().map(|item| Interaction {
                    shopper: ShopperId(shopper),
                    item: ItemId(item),
                    kind: EventKind::Purchase,
                    at_seconds: i64::from(basket),
                    basket,
                    quantity: 1,
                    price_minor: 1,
                }));
            }
        }
        PurchaseLog::new(&[0, 1, 2, 3].map(ItemId), &lines).expect("distinct ids")
    }

    /// All milks point one way.
    fn vectors() -> Vec<f32> {
        let mut vectors = vec![0.0; 4 * TEXT_DIM];
        for (card, direction) in [0, 0, 1, 0].into_iter().enumerate() {
            vectors[card * TEXT_DIM + direction] = 1.0;
        }
        vectors
    }

    #[test]
    fn a_hand_worked_pair() {
        let pairs = Baskets::new(&log()).pairs_of(0);
        // 5 of 10 baskets with each, in all of 6 shoppers: 2.5 expected a shopper.
        assert_eq!(pairs[&2], Pair { n_shoppers: 6, n_baskets: 30.0, expected: 15.0 });
        assert!((pairs[&2].lift() - 1.75).abs() < 1e-6);
        assert_eq!(pairs[&1].n_baskets, 0.0);
        assert!(pairs[&1].lift() < 0.3);
    }

    #[test]
    fn what_is_alike_and_never_in_one_basket_stands_for_it() {
        let lists = alternatives(&log(), &vectors());
        let others =
            |list: &[(usize, f32)]| list.iter().map(|(other, _)| *other).collect::<Vec<_>>();
        assert_eq!(others(&lists[0]), [1], "not the biscuits, and not what four shoppers bought");
        assert_eq!(others(&lists[1]), [0]);
        assert!(lists[2].is_empty());
    }
}
