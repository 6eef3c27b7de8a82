//! Items that are taken for new although they have a past: what is learned of them holds
//! for items that nobody bought yet.

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use vitrine_domain::{ItemId, RelatedList};
use vitrine_ranking::Popularity;
use vitrine_student::{CODE_DIM, N_SCALARS, features};

use crate::TrainedModel;

/// Share of the items.
const SHARE: f64 = 0.1;

/// Which items are taken for new.
#[derive(Clone, Debug)]
pub struct AsNew {
    is_new: Vec<bool>,
}

impl AsNew {
    /// Draws some; the same for a seed.
    pub fn draw(n_items: usize, seed: u64) -> Self {
        let mut rng = SmallRng::seed_from_u64(seed ^ 0x006e_6577);
        Self { is_new: (0..n_items).map(|_| rng.random_bool(SHARE)).collect() }
    }

    /// Sets what the past adds to their codes, or the gradient of that, to 0.
    ///
    /// # Shapes
    /// `residuals` \[n_items, 64\].
    pub fn clear_residuals(&self, residuals: &mut [f32]) {
        let rows = residuals.chunks_exact_mut(CODE_DIM).zip(&self.is_new);
        rows.filter(|(_, is_new)| **is_new).for_each(|(row, _)| row.fill(0.0));
    }

    /// Sets to 0 what the past of candidates says of them; of what the shopper bought, the
    /// lists of what was bought with it stay.
    ///
    /// # Shapes
    /// `candidates` \[n\], `scalars` \[n, 16\].
    pub fn clear_scalars(&self, candidates: &[u32], scalars: &mut [f32]) {
        let rows = scalars.chunks_exact_mut(N_SCALARS).zip(candidates);
        for (row, _) in rows.filter(|(_, item)| self.is_new[**item as usize]) {
            let [buyers, recent, related] = features::OF_THE_PAST;
            (row[buyers], row[recent]) = (0.0, 0.0);
            if row[features::EVER_BOUGHT] == 0.0 {
                row[related] = 0.0;
            }
        }
    }

    /// Takes away their buyers.
    pub fn clear_buyers(&self, popularity: &mut Popularity) {
        for (i, _) in self.is_new.iter().enumerate().filter(|(_, is_new)| **is_new) {
            popularity.n_buyers[i] = 0;
            popularity.n_buyers_recent[i] = 0;
        }
    }

    /// Takes them out of lists, and their own lists away.
    ///
    /// # Shapes
    /// `ids` \[n_items\], ascending.
    pub fn clear_lists(&self, ids: &[ItemId], lists: &mut Vec<RelatedList>) {
        lists.retain(|(id, _)| !self.contains(ids, *id));
        lists.iter_mut().for_each(|(_, list)| list.retain(|(id, _)| !self.contains(ids, *id)));
    }

    /// A model that gives them the codes of their texts.
    ///
    /// # Shapes
    /// `ids` \[n_items\], ascending.
    pub fn without_residuals(&self, ids: &[ItemId], model: &TrainedModel) -> TrainedModel {
        let mut model = model.clone();
        model.residuals.retain(|id, _| !self.contains(ids, *id));
        model
    }

    fn contains(&self, ids: &[ItemId], id: ItemId) -> bool {
        ids.binary_search(&id).is_ok_and(|i| self.is_new[i])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_their_past_is_left_but_what_the_shopper_did() {
        let ids = [1, 2, 3].map(ItemId);
        let as_new = AsNew { is_new: vec![false, true, true] };
        let mut lists = vec![
            (ItemId(1), vec![(ItemId(2), 9), (ItemId(7), 5)]),
            (ItemId(3), vec![(ItemId(1), 9)]),
        ];
        as_new.clear_lists(&ids, &mut lists);
        assert_eq!(lists, [(ItemId(1), vec![(ItemId(7), 5)])]);
        let mut popularity = Popularity { n_buyers: vec![9; 3], n_buyers_recent: vec![5; 3] };
        as_new.clear_buyers(&mut popularity);
        assert_eq!(
            (popularity.n_buyers, popularity.n_buyers_recent),
            (vec![9, 0, 0], vec![5, 0, 0])
        );
        let mut residuals = vec![1.0; 3 * CODE_DIM];
        as_new.clear_residuals(&mut residuals);
        assert_eq!(residuals.iter().sum::<f32>(), CODE_DIM as f32);
        let mut scalars = vec![0.5; 3 * N_SCALARS];
        scalars[N_SCALARS + features::EVER_BOUGHT] = 0.0;
        let before = scalars.clone();
        as_new.clear_scalars(&[0, 1, 2], &mut scalars);
        let changed: Vec<usize> =
            (0..scalars.len()).filter(|i| scalars[*i] != before[*i]).collect();
        // 2 was bought before.
        let expected = [N_SCALARS, N_SCALARS + 1, N_SCALARS + 15, 2 * N_SCALARS, 2 * N_SCALARS + 1];
        assert_eq!(changed, expected);
    }

    #[test]
    fn a_tenth_is_drawn_the_same_for_a_seed() {
        let drawn = AsNew::draw(10_000, 7);
        let n = drawn.is_new.iter().filter(|is_new| **is_new).count();
        assert!((800..1_200).contains(&n), "{n}");
        assert_eq!(drawn.is_new, AsNew::draw(10_000, 7).is_new);
        assert_ne!(drawn.is_new, AsNew::draw(10_000, 8).is_new);
    }
}
