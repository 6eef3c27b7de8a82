//! Items whose texts are near what was taken.

use candle_core::{Device, Tensor};
use serde::{Deserialize, Serialize};

use vitrine_ranking::PastPurchase;
use vitrine_ranking::text::{self, TEXT_DIM};

use super::{Recency, Scorer};
use crate::TrainingError;

/// Inner product of an item's text vector with the faded sum of those taken.
#[derive(Clone, Debug)]
pub struct TextSimilarity {
    vectors: Vec<f32>,
    /// \[384, n_items\]
    transposed: Tensor,
    recency: Recency,
}

impl TextSimilarity {
    /// # Shapes
    /// `vectors` \[n_items, 384\], unit length; zero for an item without a text.
    ///
    /// # Errors
    /// When they are of another number of items.
    pub fn new(vectors: &[f32], n_items: usize, recency: Recency) -> Result<Self, TrainingError> {
        text::check(vectors, n_items)?;
        let transposed =
            Tensor::from_slice(vectors, (n_items, TEXT_DIM), &Device::Cpu)?.t()?.contiguous()?;
        Ok(Self { vectors: vectors.to_vec(), transposed, recency })
    }
}

/// Texts in one byte a number.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StoredTexts {
    /// \[n_items · 384\], 127 times the vectors.
    values: Vec<i8>,
    recency: Recency,
}

/// Steps of a stored number between 0 and 1.
const STEPS: f32 = 127.0;

impl TextSimilarity {
    /// The stored form.
    pub(crate) fn stored(&self) -> StoredTexts {
        let round = |x: &f32| (x * STEPS).round().clamp(-STEPS, STEPS) as i8;
        StoredTexts { values: self.vectors.iter().map(round).collect(), recency: self.recency }
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// When the vectors are not whole.
    pub(crate) fn from_stored(stored: &StoredTexts) -> Result<Self, TrainingError> {
        let vectors: Vec<f32> = stored.values.iter().map(|q| f32::from(*q) / STEPS).collect();
        Self::new(&vectors, vectors.len() / TEXT_DIM, stored.recency)
    }
}

impl Scorer for TextSimilarity {
    fn score(
        &self,
        histories: &[&[PastPurchase]],
        _now_seconds: i64,
    ) -> Result<Vec<f32>, TrainingError> {
        let mut sums = vec![0.0; histories.len() * TEXT_DIM];
        for (sum, history) in sums.chunks_exact_mut(TEXT_DIM).zip(histories) {
            for (item, weight) in self.recency.weigh(history) {
                let vector = &self.vectors[item as usize * TEXT_DIM..][..TEXT_DIM];
                sum.iter_mut().zip(vector).for_each(|(sum, x)| *sum += weight * x);
            }
        }
        let sums = Tensor::from_vec(sums, (histories.len(), TEXT_DIM), &Device::Cpu)?;
        Ok(sums.matmul(&self.transposed)?.flatten_all()?.to_vec1()?)
    }
}

#[cfg(test)]
mod tests {
    use vitrine_ranking::PurchaseLog;

    use super::*;

    #[test]
    fn the_nearest_text_to_the_newest_item_comes_first() {
        let mut vectors = vec![0.0; 3 * TEXT_DIM];
        (vectors[0], vectors[TEXT_DIM + 1]) = (1.0, 1.0);
        (vectors[2 * TEXT_DIM], vectors[2 * TEXT_DIM + 1]) = (0.6, 0.8);
        let recency = Recency { decay: 0.5, baskets_max: 10 };
        let scorer = TextSimilarity::new(&vectors, 3, recency).expect("three rows");
        let log = PurchaseLog::of_sequences(3, &[vec![1, 0]]).expect("in range");
        let scores = scorer.score(&[log.of(0), &[]], 0).expect("shapes fit");
        let expected = [1.0, 0.5, 0.6 + 0.5 * 0.8, 0.0, 0.0, 0.0];
        assert!(scores.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6), "{scores:?}");
        assert!(TextSimilarity::new(&vectors, 4, recency).is_err());
    }
}
