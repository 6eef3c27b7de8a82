//! From the vectors of a text's tokens to the vector of the text.

use serde::Deserialize;

use crate::TEXT_DIM;
use crate::config::ModelConfig;

/// How a text's vector is made of its tokens'.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Pooling {
    /// Their mean.
    #[default]
    Mean,
    /// The first token's.
    Cls,
}

/// Unit vectors of texts.
///
/// A vector that is shorter than [`TEXT_DIM`] is filled up with zeros, which change no
/// inner product; of a longer one the first numbers that the model's description asks for
/// are kept.
///
/// # Shapes
/// `tokens`: \[sum of `lengths` · d\] → \[number of `lengths` · 384\].
pub(crate) fn pooled(tokens: &[f32], lengths: &[usize], config: &ModelConfig) -> Vec<f32> {
    let d = config.dim();
    let mut vectors = Vec::with_capacity(lengths.len() * TEXT_DIM);
    let mut rest = tokens;
    for n_tokens in lengths {
        let (text, others) = rest.split_at(n_tokens * d);
        rest = others;
        let mut vector = match config.pooling() {
            Pooling::Cls => text[..d].to_vec(),
            Pooling::Mean => sum(text, d),
        };
        vector.truncate(config.n_kept());
        unit(&mut vector);
        vector.resize(TEXT_DIM, 0.0);
        vectors.extend(vector);
    }
    vectors
}

fn sum(rows: &[f32], d: usize) -> Vec<f32> {
    let mut sum = vec![0.0; d];
    for row in rows.chunks_exact(d) {
        sum.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
    }
    sum
}

/// Scales a vector to norm 1; one without a direction stays as it is.
fn unit(vector: &mut [f32]) {
    let norm = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    if norm > 0.0 {
        vector.iter_mut().for_each(|x| *x /= norm);
    }
}
