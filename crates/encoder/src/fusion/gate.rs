//! The fused vector of an item.

use vitrine_vision::PICTURE_DIM;

use crate::TEXT_DIM;
use crate::lanes::dot;

/// Numbers of a fused vector.
pub const FUSED_DIM: usize = 64;
/// Length to which inputs are scaled about their mean.
const INPUT_NORM: f64 = 4.0;
pub(super) const N_SENSES: usize = 2;
pub(super) const DIMS: [usize; N_SENSES] = [TEXT_DIM, PICTURE_DIM];

/// How the senses of an item are weighed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Gating {
    /// By what each of them looks like.
    #[default]
    Learned,
    /// All that an item has, alike.
    Equal,
}

/// Vectors of items; a row of zeros is a sense that an item lacks.
#[derive(Clone, Copy, Debug)]
pub struct ItemSenses<'a> {
    /// \[n, 384\]
    pub texts: &'a [f32],
    /// \[n, 1280\]
    pub pictures: &'a [f32],
}

impl<'a> ItemSenses<'a> {
    pub(super) fn of(&self, sense: usize) -> &'a [f32] {
        [self.texts, self.pictures][sense]
    }

    /// Items, where both senses have a row for each.
    pub(super) fn n_items(&self) -> Option<usize> {
        let n = self.texts.len() / TEXT_DIM;
        let fits = self.texts.len() == n * TEXT_DIM && self.pictures.len() == n * PICTURE_DIM;
        fits.then_some(n)
    }

    fn row(&self, sense: usize, item: usize) -> &'a [f32] {
        &self.of(sense)[item * DIMS[sense]..][..DIMS[sense]]
    }
}

/// What is learned of one sense.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SenseWeights {
    /// Middle of the inputs. \[dim\]
    pub(super) mean: Vec<f32>,
    /// \[64, dim\]
    pub(super) projection: Vec<f32>,
    /// What an input is trusted for. \[dim\]
    pub(super) trust: Vec<f32>,
    /// How much it is trusted anyhow.
    pub(super) bias: f32,
}

/// A fitted fusion.
#[derive(Clone, Debug, PartialEq)]
pub struct SenseFusion {
    pub(super) senses: [SenseWeights; N_SENSES],
    pub(super) gating: Gating,
}

/// One item on its way.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fused {
    /// Inputs about their mean; `None` for what is missing.
    pub(super) inputs: [Option<Vec<f32>>; N_SENSES],
    /// Along the common directions. \[64\] each
    pub(super) projected: [Vec<f32>; N_SENSES],
    /// Shares of the senses, 1 together.
    pub(super) gates: [f32; N_SENSES],
    /// Of norm 1, or zero.
    pub(super) unit: Vec<f32>,
    /// Length before.
    pub(super) norm: f32,
}

impl SenseFusion {
    /// Fuses items.
    ///
    /// # Shapes
    /// n items → \[n, 64\], rows of norm 1, or zero for an item without any sense.
    ///
    /// # Errors
    /// [`super::FusionError::Shape`].
    pub fn fuse(&self, items: ItemSenses<'_>) -> Result<Vec<f32>, super::FusionError> {
        let n = items.n_items().ok_or(super::FusionError::Shape)?;
        Ok((0..n).flat_map(|item| self.item(items, item, [true; N_SENSES]).unit).collect())
    }

    /// How much each item's text and picture are trusted, 1 together; 0 for an item without any.
    ///
    /// # Shapes
    /// n items → \[n\] of (text, picture).
    ///
    /// # Errors
    /// [`super::FusionError::Shape`].
    pub fn gates(&self, items: ItemSenses<'_>) -> Result<Vec<[f32; 2]>, super::FusionError> {
        let n = items.n_items().ok_or(super::FusionError::Shape)?;
        Ok((0..n).map(|item| self.item(items, item, [true; N_SENSES]).gates).collect())
    }

    /// Fuses one item of those senses that are `shown`.
    pub(super) fn item(
        &self,
        items: ItemSenses<'_>,
        item: usize,
        shown: [bool; N_SENSES],
    ) -> Fused {
        let inputs: [Option<Vec<f32>>; N_SENSES] = std::array::from_fn(|sense| {
            let row = items.row(sense, item);
            let is_there = shown[sense] && row.iter().any(|x| *x != 0.0);
            is_there.then(|| about(row, &self.senses[sense].mean))
        });
        let score = |sense: usize| {
            let input = inputs[sense].as_ref()?;
            let weights = &self.senses[sense];
            let learned = dot(&weights.trust, input) + weights.bias;
            Some(if self.gating == Gating::Learned { learned } else { 0.0 })
        };
        let gates = shares([score(0), score(1)]);
        let projected: [Vec<f32>; N_SENSES] = std::array::from_fn(|sense| {
            let weights = &self.senses[sense];
            inputs[sense].as_ref().map_or_else(
                || vec![0.0; FUSED_DIM],
                |x| weights.projection.chunks_exact(DIMS[sense]).map(|row| dot(row, x)).collect(),
            )
        });
        let mut unit: Vec<f32> = projected[0]
            .iter()
            .zip(&projected[1])
            .map(|(text, picture)| gates[0] * text + gates[1] * picture)
            .collect();
        let norm = dot(&unit, &unit).sqrt();
        if norm > 0.0 {
            unit.iter_mut().for_each(|x| *x /= norm);
        }
        Fused { inputs, projected, gates, unit, norm }
    }
}

/// A vector about a mean, scaled to one length.
fn about(row: &[f32], mean: &[f32]) -> Vec<f32> {
    let mut out: Vec<f32> = row.iter().zip(mean).map(|(x, mean)| x - mean).collect();
    let norm = out.iter().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>().sqrt();
    if norm > 0.0 {
        let factor = (INPUT_NORM / norm) as f32;
        out.iter_mut().for_each(|x| *x *= factor);
    }
    out
}

/// Softmax over what there is.
fn shares(scores: [Option<f32>; N_SENSES]) -> [f32; N_SENSES] {
    let most = scores.iter().flatten().copied().fold(f32::NEG_INFINITY, f32::max);
    let weights = scores.map(|score| score.map_or(0.0, |score| (score - most).exp()));
    let sum: f32 = weights.iter().sum();
    weights.map(|weight| if sum > 0.0 { weight / sum } else { 0.0 })
}
