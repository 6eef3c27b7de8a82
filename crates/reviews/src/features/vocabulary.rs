//! Which n-grams a model knows.

use std::collections::HashMap;

/// Most n-grams of a model.
pub const FEATURES_MAX: usize = 1 << 19;
/// Reviews that must have an n-gram before it is one.
const REVIEWS_MIN: u32 = 2;

/// The known n-grams of a review by their columns, in order, each with how often it occurs.
pub(crate) type GramRow = Vec<(u32, u16)>;

/// Keys of n-grams, in order; a column is a place in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Vocabulary {
    keys: Vec<u32>,
}

impl Vocabulary {
    /// What at least two of the texts have; of too many, what most texts have.
    pub fn of(texts: &[Vec<(u32, u16)>]) -> Self {
        let mut counts: HashMap<u32, u32> = HashMap::new();
        for (key, _) in texts.iter().flatten() {
            *counts.entry(*key).or_default() += 1;
        }
        let mut kept: Vec<(u32, u32)> =
            counts.into_iter().filter(|(_, n)| *n >= REVIEWS_MIN).collect();
        kept.sort_unstable_by_key(|(key, n)| (std::cmp::Reverse(*n), *key));
        kept.truncate(FEATURES_MAX);
        let mut keys: Vec<u32> = kept.into_iter().map(|(key, _)| key).collect();
        keys.sort_unstable();
        Self { keys }
    }

    /// Keys that are in ascending order, each there once; `None` for others.
    pub fn from_keys(keys: Vec<u32>) -> Option<Self> {
        keys.is_sorted_by(|a, b| a < b).then_some(Self { keys })
    }

    pub fn keys(&self) -> &[u32] {
        &self.keys
    }

    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// What is known of a text.
    pub fn row(&self, grams: &[(u32, u16)]) -> GramRow {
        let column = |(key, n): &(u32, u16)| {
            self.keys.binary_search(key).ok().map(|column| (column as u32, *n))
        };
        grams.iter().filter_map(column).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_text_has_is_unknown() {
        let texts = [vec![(3, 1), (9, 4)], vec![(9, 1), (12, 1)], vec![(3, 2)]];
        let vocabulary = Vocabulary::of(&texts);
        assert_eq!(vocabulary.keys(), [3, 9]);
        assert_eq!(vocabulary.row(&texts[1]), [(1, 1)]);
        assert_eq!(Vocabulary::from_keys(vec![4, 4]), None);
    }
}
