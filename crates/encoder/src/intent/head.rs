//! The head: two softmaxes over one text vector.

use serde::{Deserialize, Serialize};

use super::queries::Kind;
use crate::{EncoderError, TEXT_DIM};

/// Largest stored head, in bytes.
pub const INTENT_BYTES_MAX: usize = 64 << 20;

/// Distributions over categories and over kinds of queries.
///
/// # Source
/// Temperatures: C. Guo et al., "On calibration of modern neural networks", ICML 2017.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IntentHead {
    /// Names, in the order of the outputs.
    pub(super) categories: Vec<String>,
    pub(super) category: Softmax,
    pub(super) kind: Softmax,
}

/// softmax((W·x + b) / T).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Softmax {
    /// W, `[n, 384]`.
    pub(super) weights: Vec<f32>,
    /// b, `[n]`.
    pub(super) bias: Vec<f32>,
    /// T.
    pub(super) temperature: f32,
}

/// What one query is after.
#[derive(Clone, Debug, PartialEq)]
pub struct Intent {
    /// Probability of each category, in the order of [`IntentHead::categories`].
    pub categories: Vec<f32>,
    /// Probability of each kind, in the order of [`Kind::ALL`].
    pub kinds: [f32; Kind::ALL.len()],
}

impl Intent {
    /// The likeliest category (its index) and its probability; `None` without categories.
    pub fn category(&self) -> Option<(usize, f32)> {
        best(&self.categories)
    }

    /// The likeliest kind and its probability.
    pub fn kind(&self) -> (Kind, f32) {
        best(&self.kinds)
            .map_or((Kind::Find, 0.0), |(idx, probability)| (Kind::ALL[idx], probability))
    }
}

fn best(probabilities: &[f32]) -> Option<(usize, f32)> {
    let all = probabilities.iter().copied().enumerate();
    all.reduce(|best, next| if next.1 > best.1 { next } else { best })
}

impl IntentHead {
    /// Names of the categories, in the order of the answer.
    pub fn categories(&self) -> &[String] {
        &self.categories
    }

    /// What the query with this vector is after.
    ///
    /// # Shapes
    /// `vector` `[384]`.
    ///
    /// # Panics
    /// When the vector has another length.
    pub fn of(&self, vector: &[f32]) -> Intent {
        assert_eq!(vector.len(), TEXT_DIM, "a text vector");
        let mut kinds = [0.0; Kind::ALL.len()];
        kinds.copy_from_slice(&self.kind.of(vector));
        Intent { categories: self.category.of(vector), kinds }
    }

    /// The head as bytes.
    ///
    /// # Errors
    /// None that a head could cause.
    pub fn to_bytes(&self) -> Result<Vec<u8>, EncoderError> {
        serde_json::to_vec(self).map_err(EncoderError::IntentHead)
    }

    /// Reads what [`IntentHead::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`EncoderError::IntentHead`] when they are of something else, and
    /// [`EncoderError::IntentShape`] when the parts do not fit each other.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EncoderError> {
        if bytes.len() > INTENT_BYTES_MAX {
            return Err(EncoderError::IntentShape);
        }
        let head: Self = serde_json::from_slice(bytes).map_err(EncoderError::IntentHead)?;
        let fits = head.category.fits(head.categories.len()) && head.kind.fits(Kind::ALL.len());
        if fits { Ok(head) } else { Err(EncoderError::IntentShape) }
    }
}

impl Softmax {
    fn of(&self, vector: &[f32]) -> Vec<f32> {
        let rows = self.weights.chunks_exact(TEXT_DIM).zip(&self.bias);
        let logits = rows.map(|(row, bias)| {
            let product: f32 = row.iter().zip(vector).map(|(w, x)| w * x).sum();
            (product + bias) / self.temperature
        });
        softmax(logits.collect())
    }

    fn fits(&self, n: usize) -> bool {
        let numbers = || self.weights.iter().chain(&self.bias).chain([&self.temperature]);
        self.weights.len() == n * TEXT_DIM
            && self.bias.len() == n
            && self.temperature > 0.0
            && numbers().all(|value| value.is_finite())
    }
}

fn softmax(mut logits: Vec<f32>) -> Vec<f32> {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    logits.iter_mut().for_each(|logit| *logit = (*logit - most).exp());
    let sum: f32 = logits.iter().sum();
    logits.iter_mut().for_each(|probability| *probability /= sum);
    logits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head() -> IntentHead {
        let softmax = |n: usize, temperature| Softmax {
            weights: (0..n * TEXT_DIM).map(|i| (i % 7) as f32 / 7.0 - 0.5).collect(),
            bias: (0..n).map(|i| i as f32).collect(),
            temperature,
        };
        IntentHead {
            categories: vec!["Milk".into(), "Cheese".into()],
            category: softmax(2, 2.0),
            kind: softmax(3, 1.0),
        }
    }

    #[test]
    fn probabilities_add_up_and_a_temperature_flattens_them() {
        let vector = vec![0.05; TEXT_DIM];
        let cold = head();
        let mut warm = head();
        warm.category.temperature = 20.0;
        let (cold, warm) = (cold.of(&vector), warm.of(&vector));
        for intent in [&cold, &warm] {
            assert!((intent.categories.iter().sum::<f32>() - 1.0).abs() < 1e-5);
            assert!((intent.kinds.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        }
        let (a, b) = (cold.category().expect("two"), warm.category().expect("two"));
        assert_eq!(a.0, b.0);
        assert!(a.1 > b.1);
    }

    #[test]
    fn bytes_come_back_and_others_are_refused() {
        let head = head();
        let bytes = head.to_bytes().expect("writes");
        assert_eq!(IntentHead::from_bytes(&bytes).expect("reads"), head);
        assert!(matches!(
            IntentHead::from_bytes(&bytes[..bytes.len() / 2]),
            Err(EncoderError::IntentHead(_))
        ));
        let mut short = head;
        short.categories.pop();
        let bytes = short.to_bytes().expect("writes");
        assert!(matches!(IntentHead::from_bytes(&bytes), Err(EncoderError::IntentShape)));
    }
}
