//! The student's weights as f32, ready for the forward passes.

use std::collections::BTreeMap;

use crate::layout::{N_BLOCKS, N_TENSORS, TENSORS, TensorSpec};
use crate::{LastLayer, StudentError};

/// Weights of one transformer block.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct BlockWeights {
    pub ln1_gain: Vec<f32>,
    pub ln1_bias: Vec<f32>,
    pub query: Vec<f32>,
    pub key: Vec<f32>,
    pub value: Vec<f32>,
    pub output: Vec<f32>,
    pub ln2_gain: Vec<f32>,
    pub ln2_bias: Vec<f32>,
    pub ff1: Vec<f32>,
    pub ff1_bias: Vec<f32>,
    pub ff2: Vec<f32>,
    pub ff2_bias: Vec<f32>,
}

/// Weights of the scorer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ScoreWeights {
    pub user: Vec<f32>,
    pub code: Vec<f32>,
    pub product: Vec<f32>,
    pub scalars: Vec<f32>,
    pub bias1: Vec<f32>,
    pub layer2: Vec<f32>,
    pub bias2: Vec<f32>,
    pub layer3: Vec<f32>,
    pub bias3: Vec<f32>,
    pub linear: Vec<f32>,
}

/// All weights as f32, shapes as in [`crate::layout::TENSORS`], and the scale
/// that turns an i8 code into values (c = q · `code_scale`).
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    pub(crate) code_scale: f32,
    pub(crate) input: Vec<f32>,
    pub(crate) kind: Vec<f32>,
    pub(crate) gap: Vec<f32>,
    pub(crate) blocks: [BlockWeights; N_BLOCKS],
    pub(crate) lnf_gain: Vec<f32>,
    pub(crate) lnf_bias: Vec<f32>,
    pub(crate) retrieve: Vec<f32>,
    pub(crate) score: ScoreWeights,
    /// Fitted after the others; without it the network's scores are the scores.
    pub(crate) last_layer: Option<LastLayer>,
}

/// Tensors by name: shape and values.
pub type TensorMap = BTreeMap<String, (Vec<usize>, Vec<f32>)>;

impl Weights {
    /// All zeros but the layer-norm gains, which are zero too: every score is 0.
    pub fn zeros(code_scale: f32) -> Self {
        let mut tensors = TENSORS.iter().map(|spec| vec![0.0; spec.n_values()]);
        let mut next = || tensors.next().expect("the layout lists every field");
        let (input, kind, gap) = (next(), next(), next());
        let blocks = std::array::from_fn(|_| BlockWeights {
            ln1_gain: next(),
            ln1_bias: next(),
            query: next(),
            key: next(),
            value: next(),
            output: next(),
            ln2_gain: next(),
            ln2_bias: next(),
            ff1: next(),
            ff1_bias: next(),
            ff2: next(),
            ff2_bias: next(),
        });
        let (lnf_gain, lnf_bias, retrieve) = (next(), next(), next());
        let score = ScoreWeights {
            user: next(),
            code: next(),
            product: next(),
            scalars: next(),
            bias1: next(),
            layer2: next(),
            bias2: next(),
            layer3: next(),
            bias3: next(),
            linear: next(),
        };
        let last_layer = None;
        Self {
            code_scale,
            input,
            kind,
            gap,
            blocks,
            lnf_gain,
            lnf_bias,
            retrieve,
            score,
            last_layer,
        }
    }

    /// From named tensors, for instance of a training checkpoint.
    ///
    /// # Errors
    /// When a tensor of the layout is missing, has another shape, holds a value
    /// that is not finite, when a name is not in the layout, or when
    /// `code_scale` is not positive and finite.
    pub fn from_tensors(tensors: &TensorMap, code_scale: f32) -> Result<Self, StudentError> {
        check_code_scale(code_scale)?;
        if let Some(name) = tensors.keys().find(|name| TENSORS.iter().all(|t| t.name != **name)) {
            return Err(StudentError::UnexpectedTensor { name: name.clone() });
        }
        let mut weights = Self::zeros(code_scale);
        for (spec, field) in TENSORS.iter().zip(weights.fields_mut()) {
            let (shape, values) =
                tensors.get(spec.name).ok_or(StudentError::MissingTensor { name: spec.name })?;
            if shape != spec.shape || values.len() != spec.n_values() {
                let (name, expected) = (spec.name, spec.shape);
                return Err(StudentError::Shape { name, expected, found: shape.clone() });
            }
            check_finite(spec, values)?;
            field.copy_from_slice(values);
        }
        Ok(weights)
    }

    /// Every tensor by name, with its shape.
    pub fn tensors(&self) -> TensorMap {
        TENSORS
            .iter()
            .zip(self.fields())
            .map(|(spec, values)| (spec.name.to_owned(), (spec.shape.to_vec(), values.clone())))
            .collect()
    }

    /// One tensor by its name in the layout.
    ///
    /// # Shapes
    /// → row-major, as the layout says.
    pub fn tensor(&self, name: &str) -> Option<&[f32]> {
        let position = TENSORS.iter().position(|spec| spec.name == name)?;
        Some(self.fields()[position])
    }

    /// The same network under another last layer; `None`: its scores as they are.
    pub fn with_last_layer(mut self, last_layer: Option<LastLayer>) -> Self {
        self.last_layer = last_layer;
        self
    }

    /// The last layer, if one was fitted.
    pub fn last_layer(&self) -> Option<&LastLayer> {
        self.last_layer.as_ref()
    }

    /// Scale of the item codes: c = q · `code_scale`.
    pub fn code_scale(&self) -> f32 {
        self.code_scale
    }

    pub(crate) fn fields(&self) -> [&Vec<f32>; N_TENSORS] {
        let [b0, b1] = &self.blocks;
        let s = &self.score;
        [
            &self.input,
            &self.kind,
            &self.gap,
            &b0.ln1_gain,
            &b0.ln1_bias,
            &b0.query,
            &b0.key,
            &b0.value,
            &b0.output,
            &b0.ln2_gain,
            &b0.ln2_bias,
            &b0.ff1,
            &b0.ff1_bias,
            &b0.ff2,
            &b0.ff2_bias,
            &b1.ln1_gain,
            &b1.ln1_bias,
            &b1.query,
            &b1.key,
            &b1.value,
            &b1.output,
            &b1.ln2_gain,
            &b1.ln2_bias,
            &b1.ff1,
            &b1.ff1_bias,
            &b1.ff2,
            &b1.ff2_bias,
            &self.lnf_gain,
            &self.lnf_bias,
            &self.retrieve,
            &s.user,
            &s.code,
            &s.product,
            &s.scalars,
            &s.bias1,
            &s.layer2,
            &s.bias2,
            &s.layer3,
            &s.bias3,
            &s.linear,
        ]
    }

    pub(crate) fn fields_mut(&mut self) -> [&mut Vec<f32>; N_TENSORS] {
        let [b0, b1] = &mut self.blocks;
        let s = &mut self.score;
        [
            &mut self.input,
            &mut self.kind,
            &mut self.gap,
            &mut b0.ln1_gain,
            &mut b0.ln1_bias,
            &mut b0.query,
            &mut b0.key,
            &mut b0.value,
            &mut b0.output,
            &mut b0.ln2_gain,
            &mut b0.ln2_bias,
            &mut b0.ff1,
            &mut b0.ff1_bias,
            &mut b0.ff2,
            &mut b0.ff2_bias,
            &mut b1.ln1_gain,
            &mut b1.ln1_bias,
            &mut b1.query,
            &mut b1.key,
            &mut b1.value,
            &mut b1.output,
            &mut b1.ln2_gain,
            &mut b1.ln2_bias,
            &mut b1.ff1,
            &mut b1.ff1_bias,
            &mut b1.ff2,
            &mut b1.ff2_bias,
            &mut self.lnf_gain,
            &mut self.lnf_bias,
            &mut self.retrieve,
            &mut s.user,
            &mut s.code,
            &mut s.product,
            &mut s.scalars,
            &mut s.bias1,
            &mut s.layer2,
            &mut s.bias2,
            &mut s.layer3,
            &mut s.bias3,
            &mut s.linear,
        ]
    }
}

pub(crate) fn check_code_scale(code_scale: f32) -> Result<(), StudentError> {
    if code_scale.is_finite() && code_scale > 0.0 {
        Ok(())
    } else {
        Err(StudentError::CodeScale { found: code_scale })
    }
}

pub(crate) fn check_finite(spec: &TensorSpec, values: &[f32]) -> Result<(), StudentError> {
    if values.iter().all(|value| value.is_finite()) {
        Ok(())
    } else {
        Err(StudentError::NotFinite { name: spec.name })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_in_layout_order_and_survive_a_round_trip() {
        let mut weights = Weights::zeros(0.5);
        for (i, field) in weights.fields_mut().into_iter().enumerate() {
            field.fill(i as f32);
        }
        for (i, (spec, field)) in TENSORS.iter().zip(weights.fields()).enumerate() {
            assert_eq!(field.len(), spec.n_values(), "{}", spec.name);
            assert_eq!(field[0], i as f32, "{}", spec.name);
        }
        assert_eq!(weights.tensor("block1.ff2.b"), Some(weights.blocks[1].ff2_bias.as_slice()));
        assert_eq!(weights.tensor("score.lin"), Some(weights.score.linear.as_slice()));
        let again = Weights::from_tensors(&weights.tensors(), 0.5).expect("the same tensors");
        assert_eq!(again, weights);
    }

    #[test]
    fn wrong_tensors_are_refused() {
        let good = Weights::zeros(1.0).tensors();
        assert!(Weights::from_tensors(&good, f32::NAN).is_err());
        let mut missing = good.clone();
        missing.remove("retrieve");
        assert!(matches!(
            Weights::from_tensors(&missing, 1.0),
            Err(StudentError::MissingTensor { name: "retrieve" })
        ));
        let mut extra = good.clone();
        extra.insert("other".into(), (vec![1], vec![0.0]));
        assert!(matches!(
            Weights::from_tensors(&extra, 1.0),
            Err(StudentError::UnexpectedTensor { .. })
        ));
        let mut transposed = good.clone();
        transposed.insert("score.w2".into(), (vec![32, 64], vec![0.0; 2048]));
        assert!(matches!(
            Weights::from_tensors(&transposed, 1.0),
            Err(StudentError::Shape { name: "score.w2", .. })
        ));
        let mut infinite = good;
        infinite.insert("score.b3".into(), (vec![1], vec![f32::INFINITY]));
        assert!(matches!(
            Weights::from_tensors(&infinite, 1.0),
            Err(StudentError::NotFinite { name: "score.b3" })
        ));
    }
}
