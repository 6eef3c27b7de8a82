//! Taste in a few dimensions: the leading singular vectors of who bought what.
//!
//! Lists of neighbours know only pairs that were seen; this also relates cards
//! that share buyers at second hand.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{PastPurchase, PurchaseLog};

/// Dimensions.
pub const LATENT_DIM: usize = 48;
const ITERATIONS: usize = 4;
const ROWS_AT_ONCE: usize = 64;

/// Item factors, \[n_items, 48\], orthonormal columns.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Latent {
    factors: Vec<f32>,
}

/// Distinct cards by shopper and shoppers by card.
struct Bought {
    by_shopper: Vec<Vec<u32>>,
    by_item: Vec<Vec<u32>>,
}

impl Bought {
    fn new(log: &PurchaseLog) -> Self {
        let mut by_item = vec![Vec::new(); log.n_items()];
        let by_shopper = (0..log.n_shoppers())
            .map(|n| {
                let items = distinct(log.of(n));
                items.iter().for_each(|item| by_item[*item as usize].push(n as u32));
                items
            })
            .collect();
        Self { by_shopper, by_item }
    }
}

fn distinct(history: &[PastPurchase]) -> Vec<u32> {
    let mut items: Vec<u32> = history.iter().map(|entry| entry.item_idx).collect();
    items.sort_unstable();
    items.dedup();
    items
}

/// Sums of the rows that each list names, \[lists, 48\].
fn sums(lists: &[Vec<u32>], rows: &[f32]) -> Vec<f32> {
    let blocks: Vec<Vec<f32>> = lists
        .par_chunks(ROWS_AT_ONCE)
        .map(|lists| lists.iter().flat_map(|list| sum(list, rows)).collect())
        .collect();
    blocks.concat()
}

fn sum(list: &[u32], rows: &[f32]) -> [f32; LATENT_DIM] {
    let mut sum = [0.0; LATENT_DIM];
    for row in list {
        let row = &rows[*row as usize * LATENT_DIM..][..LATENT_DIM];
        sum.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
    }
    sum
}

impl Latent {
    /// Factors of a log: power iterations on the shopper–card matrix of zeros and
    /// ones, from a fixed start.
    ///
    /// # Source
    /// Cremonesi, Koren and Turrin, Performance of recommender algorithms on top-N
    /// recommendation tasks (2010), PureSVD; Halko, Martinsson and Tropp (2011).
    pub fn new(log: &PurchaseLog) -> Self {
        let bought = Bought::new(log);
        let mut state = 1u32;
        let mut factors: Vec<f32> = (0..log.n_items() * LATENT_DIM)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / 16_777_216.0 - 0.5
            })
            .collect();
        orthonormalise(&mut factors);
        for _ in 0..ITERATIONS {
            factors = sums(&bought.by_item, &sums(&bought.by_shopper, &factors));
            orthonormalise(&mut factors);
        }
        Self { factors }
    }

    #[cfg(test)]
    pub(crate) fn zeros(n_items: usize) -> Self {
        Self { factors: vec![0.0; n_items * LATENT_DIM] }
    }

    /// How many cards have factors.
    pub(crate) fn n_items(&self) -> usize {
        self.factors.len() / LATENT_DIM
    }

    /// How much a shopper with this history would have bought of each card by
    /// what others with the same taste bought: about 0 to 1, \[n_items\].
    ///
    /// # Shapes
    /// → \[n_items\].
    pub fn affinities(&self, history: &[PastPurchase]) -> Vec<f32> {
        let taste = sum(&distinct(history), &self.factors);
        let rows = self.factors.chunks_exact(LATENT_DIM);
        rows.map(|row| row.iter().zip(&taste).map(|(a, b)| a * b).sum()).collect()
    }
}

/// Orthonormal columns by the Cholesky factor of the Gram matrix, twice for
/// stability; a column that depends on those before it becomes zero.
fn orthonormalise(rows: &mut [f32]) {
    const D: usize = LATENT_DIM;
    for _ in 0..2 {
        let gram = rows
            .par_chunks(512 * D)
            .map(|rows| {
                let mut gram = vec![0.0f64; D * D];
                for row in rows.chunks_exact(D) {
                    for (i, x) in row.iter().enumerate() {
                        let out = &mut gram[i * D..][..D];
                        out.iter_mut().zip(row).for_each(|(g, y)| *g += f64::from(x * y));
                    }
                }
                gram
            })
            .collect::<Vec<_>>()
            .into_iter()
            .reduce(|mut total, part| {
                total.iter_mut().zip(part).for_each(|(a, b)| *a += b);
                total
            })
            .unwrap_or_else(|| vec![0.0; D * D]);
        let inverse = inverse_cholesky(gram);
        rows.par_chunks_mut(D).for_each(|row| {
            let old: [f32; D] = std::array::from_fn(|i| row[i]);
            for (j, out) in row.iter_mut().enumerate() {
                *out = (0..=j).map(|i| old[i] * inverse[j * D + i]).sum();
            }
        });
    }
}

/// L⁻¹ of G = L·Lᵀ, lower triangular, \[48, 48\].
fn inverse_cholesky(mut g: Vec<f64>) -> Vec<f32> {
    const D: usize = LATENT_DIM;
    let mut inverse = vec![0.0f64; D * D];
    for j in 0..D {
        for i in j..D {
            let known: f64 = (0..j).map(|k| g[i * D + k] * g[j * D + k]).sum();
            g[i * D + j] -= known;
        }
        let pivot = g[j * D + j];
        let scale = if pivot > 1e-10 { 1.0 / pivot.sqrt() } else { 0.0 };
        (j..D).for_each(|i| g[i * D + j] *= scale);
        for i in 0..j {
            let known: f64 = (i..j).map(|k| g[j * D + k] * inverse[k * D + i]).sum();
            inverse[j * D + i] = -known * scale;
        }
        inverse[j * D + j] = scale;
    }
    inverse.into_iter().map(|x| x as f32).collect()
}

#[cfg(test)]
mod tests {
    use vitrine_domain::{EventKind, Interaction, ItemId, ShopperId};

    use super::*;

    #[test]
    fn columns_become_orthonormal() {
        let mut rows: Vec<f32> =
            (0..300 * LATENT_DIM).map(|i| ((i * i + i / 7) % 101) as f32 / 101.0 - 0.4).collect();
        orthonormalise(&mut rows);
        for a in 0..LATENT_DIM {
            for b in 0..=a {
                let dot: f32 = rows.chunks(LATENT_DIM).map(|row| row[a] * row[b]).sum();
                let expected = if a == b { 1.0 } else { 0.0 };
                assert!((dot - expected).abs() < 1e-4, "{a},{b}: {dot}");
            }
        }
    }

    #[test]
    fn taste_reaches_cards_that_were_never_bought_together() {
        // Two camps of cards, 0..10 and 10..20; every shopper buys five of one.
        let lines: Vec<Interaction> = (0..60u32)
            .flat_map(|shopper| {
                (0..5u32).map(move |i| Interaction {
                    shopper: ShopperId(shopper),
                    item: ItemId(u64::from(shopper % 2 * 10 + (shopper / 2 + i) % 10)),
                    kind: EventKind::Purchase,
                    at_seconds: 0,
                    basket: shopper,
                    quantity: 1,
                    price_minor: 1,
                })
            })
            .collect();
        let ids: Vec<ItemId> = (0..20).map(ItemId).collect();
        let log = PurchaseLog::new(&ids, &lines).expect("distinct ids");
        let one = [PastPurchase { at_seconds: 0, basket: 0, item_idx: 3 }];
        let affinities = Latent::new(&log).affinities(&one);
        assert!(affinities.iter().all(|affinity| affinity.is_finite()));
        let camp = |range: std::ops::Range<usize>| affinities[range].iter().sum::<f32>();
        assert!(camp(0..10) > camp(10..20) + 0.5);
    }
}
