//! Rows of items, and how they rank.

use candle_core::{Device, Tensor};

use vitrine_ranking::PastPurchase;

use super::propagation::add;
use crate::TrainingError;
use crate::next::{Recency, Scorer};

/// Cosines of items with what was taken.
pub struct GraphModel {
    width: usize,
    recency: Recency,
    /// Of unit length, or zero: \[n_items · width\].
    rows: Vec<f32>,
    /// \[width, n_items\]
    transposed: Tensor,
}

impl GraphModel {
    /// # Shapes
    /// `rows` \[n_items · width\], of any length.
    ///
    /// # Errors
    /// When a tensor operation fails.
    pub fn new(mut rows: Vec<f32>, width: usize, recency: Recency) -> Result<Self, TrainingError> {
        for row in rows.chunks_exact_mut(width) {
            normalise(row);
        }
        let shape = (rows.len() / width, width);
        let transposed = Tensor::from_slice(&rows, shape, &Device::Cpu)?.t()?.contiguous()?;
        Ok(Self { width, recency, rows, transposed })
    }
}

impl Scorer for GraphModel {
    fn score(
        &self,
        histories: &[&[PastPurchase]],
        _now_seconds: i64,
    ) -> Result<Vec<f32>, TrainingError> {
        let mut shoppers = vec![0.0; histories.len() * self.width];
        for (shopper, history) in shoppers.chunks_exact_mut(self.width).zip(histories) {
            pool(&self.rows, self.recency, history, shopper);
            normalise(shopper);
        }
        let shoppers = Tensor::from_vec(shoppers, (histories.len(), self.width), &Device::Cpu)?;
        Ok(shoppers.matmul(&self.transposed)?.flatten_all()?.to_vec1()?)
    }
}

/// Adds the rows of a history to `sum`, faded.
///
/// # Shapes
/// `rows`: \[n_items, width\]; `sum`: \[width\].
pub fn pool(rows: &[f32], recency: Recency, history: &[PastPurchase], sum: &mut [f32]) {
    let width = sum.len();
    for (item, weight) in recency.weigh(history) {
        add(sum, &rows[item as usize * width..][..width], weight);
    }
}

/// Makes a row one of length 1, if it has any; 1 / its length, or 0.
///
/// # Shapes
/// \[width\].
pub fn normalise(row: &mut [f32]) -> f32 {
    let length = row.iter().map(|x| x * x).sum::<f32>().sqrt();
    let scale = if length > 1e-12 { 1.0 / length } else { 0.0 };
    row.iter_mut().for_each(|x| *x *= scale);
    scale
}

/// What the gradient of a row of length 1 is for the row that it was made of, in place.
///
/// # Shapes
/// `gradient`, `unit`: \[width\].
pub fn denormalise(gradient: &mut [f32], unit: &[f32], scale: f32) {
    let along: f32 = gradient.iter().zip(unit).map(|(g, x)| g * x).sum();
    gradient.iter_mut().zip(unit).for_each(|(g, x)| *g = scale * (*g - along * x));
}
