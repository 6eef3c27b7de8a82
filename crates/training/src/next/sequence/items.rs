//! Rows of items: text projected, plus a residual.

use candle_core::{Device, Tensor};
use rand::SeedableRng;
use rand::rngs::SmallRng;

use crate::TrainingError;
use crate::checkpoint::bytes_of;
use crate::codec::{self, RANK, TextBasis};
use crate::params::{CODEC, Params, RESIDUAL, uniform};

/// Deviation of the rows at the start.
const DEVIATION: f32 = 0.05;

/// How rows are made of what is learned.
pub(crate) struct ItemTable<'a> {
    /// Texts in their principal components; without texts residuals are all.
    text: Option<&'a TextBasis>,
    /// Text coordinates scaled to unit mean square, \[n_items · 128\].
    coordinates: Vec<f32>,
    n_items: usize,
    width: usize,
    /// What is rounded, and which items may have a residual; `None`: as learned.
    published: Option<Vec<bool>>,
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
        let scale = text.map_or(1.0, TextBasis::scale);
        coordinates.iter_mut().for_each(|x| *x *= scale);
        Ok(Self { text, coordinates, n_items, width, published: None })
    }

    /// Rows as a device gets them: rounded to i8, with residuals only where
    /// `may_be_published`, \[n_items\].
    pub fn published(mut self, may_be_published: Vec<bool>) -> Self {
        self.published = Some(may_be_published);
        self
    }

    fn has_residual(&self, item: u32) -> bool {
        self.published.as_ref().is_none_or(|of| of[item as usize])
    }

    /// Names what rows are made of, for a run's fingerprint.
    pub fn hash_into(&self, hasher: &mut blake3::Hasher) {
        hasher.update(&bytes_of(&self.coordinates));
        let published = self.published.iter().flatten();
        hasher.update(&published.map(|may| u8::from(*may)).collect::<Vec<u8>>());
    }

    pub fn n_items(&self) -> usize {
        self.n_items
    }

    /// Adds codec and residuals to a model's arrays.
    pub fn push_params(&self, params: &mut Params, rng_seed: u64) {
        let mut rng = SmallRng::seed_from_u64(rng_seed);
        if self.text.is_some() {
            let deviation = DEVIATION / (RANK as f32).sqrt();
            let codec = uniform(&mut rng, RANK * self.width, deviation);
            params.push(CODEC, &[RANK, self.width], codec);
        }
        let residuals = uniform(&mut rng, self.n_items * self.width, DEVIATION);
        params.push(RESIDUAL, &[self.n_items, self.width], residuals);
    }

    /// Rows of some items, \[items · width\]. Those of a device are rounded by the
    /// largest value among them; the gradient passes the rounding unchanged.
    ///
    /// # Shapes
    /// → \[items · width\].
    pub fn rows(&self, params: &Params, items: &[u32]) -> Result<Vec<f32>, TrainingError> {
        let mut rows = self.unrounded(params, items)?;
        if self.published.is_some() {
            let scale = codec::code_scale(&rows);
            let rounded = codec::quantise(&rows, scale);
            rows.iter_mut().zip(rounded).for_each(|(row, q)| *row = f32::from(q) * scale);
        }
        Ok(rows)
    }

    /// The same before rounding.
    ///
    /// # Shapes
    /// → \[items · width\].
    pub fn unrounded(&self, params: &Params, items: &[u32]) -> Result<Vec<f32>, TrainingError> {
        let mut rows = match self.text {
            None => vec![0.0; items.len() * self.width],
            Some(_) => {
                let shape = (RANK, self.width);
                let codec = Tensor::from_slice(params.values(CODEC), shape, &Device::Cpu)?;
                self.texts(items)?.matmul(&codec)?.flatten_all()?.to_vec1()?
            }
        };
        let residuals = params.values(RESIDUAL).chunks_exact(self.width);
        let residuals: Vec<&[f32]> = residuals.collect();
        for (row, item) in rows.chunks_exact_mut(self.width).zip(items) {
            if self.has_residual(*item) {
                let residual = residuals[*item as usize];
                row.iter_mut().zip(residual).for_each(|(row, residual)| *row += residual);
            }
        }
        Ok(rows)
    }

    /// What the gradient of some rows is for codec and residuals.
    ///
    /// # Shapes
    /// `of_rows`: \[items · width\].
    pub fn spread(
        &self,
        items: &[u32],
        of_rows: &[f32],
    ) -> Result<(Option<Vec<f32>>, Vec<f32>), TrainingError> {
        let mut of_residuals = vec![0.0; self.n_items * self.width];
        for (item, row) in items.iter().zip(of_rows.chunks_exact(self.width)) {
            if self.has_residual(*item) {
                of_residuals[*item as usize * self.width..][..self.width].copy_from_slice(row);
            }
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
