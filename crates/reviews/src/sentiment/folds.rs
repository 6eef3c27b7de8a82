//! Examples divided into parts of like size, groups kept whole.

use std::collections::BTreeMap;

use rand::SeedableRng as _;
use rand::rngs::SmallRng;
use rand::seq::SliceRandom as _;

/// The fold of each example, 0 to `n_folds` − 1: all examples of a group are in one fold, large
/// groups are placed first, each where there is most room. Where there are fewer groups than folds,
/// examples are dealt out one by one.
///
/// # Shapes
/// `groups` `[n]` → `[n]`.
pub fn balanced_folds(groups: &[u32], n_folds: usize, seed: u64) -> Vec<usize> {
    let n_folds = n_folds.max(1);
    let mut sizes: BTreeMap<u32, usize> = BTreeMap::new();
    groups.iter().for_each(|group| *sizes.entry(*group).or_default() += 1);
    let mut rng = SmallRng::seed_from_u64(seed);
    if sizes.len() < n_folds {
        let mut order: Vec<usize> = (0..groups.len()).collect();
        order.shuffle(&mut rng);
        let mut folds = vec![0; groups.len()];
        order.into_iter().enumerate().for_each(|(place, i)| folds[i] = place % n_folds);
        return folds;
    }
    let mut order: Vec<(u32, usize)> = sizes.into_iter().collect();
    order.shuffle(&mut rng);
    order.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    let mut filled = vec![0; n_folds];
    let mut fold_of = BTreeMap::new();
    for (group, n) in order {
        let fold = (0..n_folds).min_by_key(|fold| filled[*fold]).unwrap_or(0);
        filled[fold] += n;
        fold_of.insert(group, fold);
    }
    groups.iter().map(|group| fold_of[group]).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop, prop_assert, prop_assert_eq, proptest};

    use super::*;

    proptest! {
        #[test]
        fn groups_are_whole_and_folds_even(groups in prop::collection::vec(0u32..30, 60..200), seed in 0u64..9) {
            let folds = balanced_folds(&groups, 5, seed);
            prop_assert_eq!(&folds, &balanced_folds(&groups, 5, seed));
            for (group, fold) in groups.iter().zip(&folds) {
                let others = groups.iter().zip(&folds).filter(|(other, _)| *other == group);
                prop_assert!(others.clone().all(|(_, other)| other == fold));
            }
            let sizes: Vec<usize> = (0..5).map(|i| folds.iter().filter(|fold| **fold == i).count()).collect();
            let largest = (0..30).map(|g| groups.iter().filter(|group| **group == g).count()).max().unwrap();
            prop_assert!(sizes.iter().max().unwrap() - sizes.iter().min().unwrap() <= largest);
        }
    }

    #[test]
    fn one_product_is_dealt_out() {
        let folds = balanced_folds(&[7; 10], 4, 1);
        let n_first = folds.iter().filter(|fold| **fold == 0).count();
        assert_eq!(n_first, 3);
    }
}
