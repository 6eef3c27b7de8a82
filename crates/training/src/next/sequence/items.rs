//! Rows of items: text projected, plus a residual.

use candle_core::{Device, Tensor};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use crate::TrainingError;
use crate::codec::{RANK, TextBasis};
use crate::params::{CODEC, Params, RESIDUAL};

/// Deviation of the rows at the start.
const DEVIATION: f32 = 0.05;

/// How rows are made of what is learned.
pub(super) struct ItemTable<'a> {
    /// Texts in their principal components; without texts residuals are all.
    text: Option<&'a TextBasis>,
    /// Text coordinates scaled to unit mean square, \[n_items · 128\].
    coordinates: Vec<f32>,
    n_items: usize,
    width: usize,
}

impl<'a> ItemTable<'a> {
    pub fn new(
        text: Option<&'a TextBasis>,
        n_items: usize,
        width: usize,
    ) -> Result<Self, TrainingError> {
        let mut coordinates: Vec<f32> = match text {
            Some(text) => text.coordinates.flatten_all()?.to_vec1()?,
            None => Vec::new(),
        };
        let mean_square =
            coordinates.iter().map(|x| x * x).sum::<f32>() / coordinates.len().max(1) as f32;
        let scale = 1.0 / mean_square.sqrt().max(1e-6);
        coordinates.iter_mut().for_each(|x| *x *= scale);
        Ok(Self { text, coordinates, n_items, width })
    }

    pub fn n_items(&self) -> usize {
        self.n_items
    }

    /// Adds codec and residuals to a model's arrays.
    pub fn push_params(&self, params: &mut Params, rng_seed: u64) {
        let mut rng = SmallRng::seed_from_u64(rng_seed);
        let mut uniform = |n: usize, deviation: f32| -> Vec<f32> {
            (0..n).map(|_| (rng.random::<f32>() - 0.5) * 3.464_1 * deviation).collect()
        };
        if self.text.is_some() {
            let codec = uniform(RANK * self.width, DEVIATION / (RANK as f32).sqrt());
            params.push(CODEC, &[RANK, self.width], codec);
        }
        let residuals = uniform(self.n_items * self.width, DEVIATION);
        params.push(RESIDUAL, &[self.n_items, self.width], residuals);
    }

    /// Rows of some items, \[items · width\].
    pub fn rows(&self, params: &Params, items: &[u32]) -> Result<Vec<f32>, TrainingError> {
        let residual = params.values(RESIDUAL);
        let residuals =
            items.iter().flat_map(|i| &residual[*i as usize * self.width..][..self.width]);
        if self.text.is_none() {
            return Ok(residuals.copied().collect());
        }
        let codec = Tensor::from_slice(params.values(CODEC), (RANK, self.width), &Device::Cpu)?;
        let mut rows: Vec<f32> = self.texts(items)?.matmul(&codec)?.flatten_all()?.to_vec1()?;
        rows.iter_mut().zip(residuals).for_each(|(row, residual)| *row += residual);
        Ok(rows)
    }

    /// What the gradient of some rows is for codec and residuals.
    pub fn spread(
        &self,
        items: &[u32],
        of_rows: &[f32],
    ) -> Result<(Option<Vec<f32>>, Vec<f32>), TrainingError> {
        let mut of_residuals = vec![0.0; self.n_items * self.width];
        for (item, row) in items.iter().zip(of_rows.chunks_exact(self.width)) {
            of_residuals[*item as usize * self.width..][..self.width].copy_from_slice(row);
        }
        if self.text.is_none() {
            return Ok((None, of_residuals));
        }
        let of_rows = Tensor::from_slice(of_rows, (items.len(), self.width), &Device::Cpu)?;
        let of_codec = self.texts(items)?.t()?.matmul(&of_rows)?.flatten_all()?.to_vec1()?;
        Ok((Some(of_codec), of_residuals))
    }

    fn texts(&self, items: &[u32]) -> Result<Tensor, TrainingError> {
        let coordinates: Vec<f32> = items
            .iter()
            .flat_map(|item| &self.coordinates[*item as usize * RANK..][..RANK])
            .copied()
            .collect();
        Ok(Tensor::from_vec(coordinates, (items.len(), RANK), &Device::Cpu)?)
    }
}
