//! How often a shop's people buy a thing again, told to a base of several shops and folded
//! into the student of a shop that starts from it.

use std::collections::HashSet;

use vitrine_ranking::PurchaseLog;
use vitrine_student::N_SCALARS;
use vitrine_student::features::{EVER_BOUGHT, SERVER_SCORE};

use crate::samples::Sample;

/// What is assumed before anything is known: so many interactions, a quarter of them repeated.
const PRIOR: (f32, f32) = (20.0, 0.25);
/// A log that has less, or more, of what is taken again says no more than this.
const SHARE_MIN: f32 = 0.005;

/// ln of the odds that what shoppers take after their first basket is something that they
/// had taken before, / 5: a score is a logarithm of odds, too. About −1 where nothing is
/// ever taken twice; where little is known, what is usual.
pub fn odds_bought_again(log: &PurchaseLog) -> f32 {
    let share = share_bought_again(log).clamp(SHARE_MIN, 1.0 - SHARE_MIN);
    (share / (1.0 - share)).ln() / 5.0
}

fn share_bought_again(log: &PurchaseLog) -> f32 {
    let (mut n_again, mut n) = (0usize, 0usize);
    for shopper in 0..log.n_shoppers() {
        let entries = log.of(shopper);
        let later = entries.iter().position(|entry| entry.basket != entries[0].basket);
        let mut taken: HashSet<u32> = HashSet::new();
        for (i, entry) in entries.iter().enumerate() {
            let is_new = taken.insert(entry.item_idx);
            if later.is_some_and(|later| i >= later) {
                (n, n_again) = (n + 1, n_again + usize::from(!is_new));
            }
        }
    }
    (n_again as f32 + PRIOR.0 * PRIOR.1) / (n as f32 + PRIOR.0)
}

/// Adds the weights of the shop's scalar, times its value, to those of "ever bought".
///
/// # Shapes
/// `weights` \[16, width\].
pub fn fold(weights: &mut [f32], width: usize, bought_again: f32) {
    for i in 0..width {
        let of_shop = std::mem::take(&mut weights[SERVER_SCORE * width + i]);
        weights[EVER_BOUGHT * width + i] += bought_again * of_shop;
    }
}

/// Fills in the shop's scalar.
pub fn tell(sample: &mut Sample, bought_again: f32) {
    for scalars in sample.scalars.chunks_exact_mut(N_SCALARS) {
        scalars[SERVER_SCORE] = bought_again * scalars[EVER_BOUGHT];
    }
}

#[cfg(test)]
mod tests {
    use vitrine_domain::{EventKind, Interaction, ItemId, ShopperId};

    use super::*;

    #[test]
    fn what_is_bought_again_is_counted_after_the_first_basket() {
        let ids: Vec<ItemId> = (0..3).map(ItemId).collect();
        let line = |shopper, item, basket| Interaction {
            shopper: ShopperId(shopper),
            item: ItemId(item),
            kind: EventKind::Purchase,
            at_seconds: i64::from(basket),
            basket,
            quantity: 1,
            price_minor: 0,
        };
        let log = |lines: &[Interaction]| PurchaseLog::new(&ids, lines).expect("a log");
        assert_eq!(share_bought_again(&log(&[])), 0.25, "what is usual");
        assert_eq!(share_bought_again(&log(&[line(1, 0, 1), line(1, 1, 1)])), 0.25, "no second");
        let lines = [line(1, 0, 1), line(1, 0, 2), line(1, 1, 2), line(1, 1, 3), line(2, 2, 4)];
        assert_eq!(share_bought_again(&log(&lines)), (2.0 + 5.0) / (3.0 + 20.0));
        assert!((odds_bought_again(&log(&lines)) - (7f32 / 16.0).ln() / 5.0).abs() < 1e-6);
        let never: Vec<Interaction> = (0..3).map(|n| line(n, 0, n)).collect();
        assert!(odds_bought_again(&log(&never)) < 0.0);
    }
}
