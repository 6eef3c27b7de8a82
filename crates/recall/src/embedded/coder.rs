//! Codes of text vectors: small enough to be scanned, and to be sent to browsers.

use serde::{Deserialize, Serialize};
use vitrine_domain::TEXT_CODE_DIM;

use super::rotation::Rotation;

/// Makes codes of \[`TEXT_CODE_DIM`\] numbers: the vector, centred and rotated onto its
/// strongest directions, rounded to i8 by one scale for all.
///
/// Recall@100 of a scan with 1,000 re-scored, 4,830 supermarket cards and 18,640 electronics
/// titles: 64 numbers .9985 and .974, 96 1.0 and .994, 128 1.0 and .999. The vectors take
/// twelve times the memory of these codes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TextCoder {
    rotation: Rotation,
    /// What the largest value that it was made from is multiplied with to become 127.
    factor: f32,
}

impl TextCoder {
    /// A coder for some vectors \[n, 384\] in parts: the largest absolute value becomes 127.
    pub fn fit(parts: &[&[f32]]) -> Self {
        let rotation = Rotation::fit(parts, TEXT_CODE_DIM);
        let mut largest = 0.0f32;
        for vectors in parts {
            let projected = rotation.project_centred(vectors);
            largest = projected.iter().fold(largest, |max, value| max.max(value.abs()));
        }
        let is_usable = largest > 0.0 && largest.is_finite();
        Self { rotation, factor: if is_usable { 127.0 / largest } else { 0.0 } }
    }

    /// Whether what was read from a file has the numbers that it needs.
    pub fn is_whole(&self) -> bool {
        self.rotation.is_of(TEXT_CODE_DIM) && self.factor.is_finite()
    }

    /// Codes of vectors \[n, 384\], \[n, [`TEXT_CODE_DIM`]\]. What is larger than all
    /// that the coder was made from is cut off.
    pub fn codes(&self, vectors: &[f32]) -> Vec<i8> {
        let code = |value: f32| (value * self.factor).round().clamp(-127.0, 127.0) as i8;
        self.rotation.project_centred(vectors).into_iter().map(code).collect()
    }

    /// A vector \[384\] along the directions of the codes, not centred. \[128\]
    pub fn project(&self, vector: &[f32]) -> Vec<f32> {
        self.rotation.project(vector)
    }

    /// The middle of what it was made from, along the directions. \[128\]
    pub fn middle(&self) -> Vec<f32> {
        self.project(self.rotation.mean())
    }

    /// What one step of a code is worth.
    pub fn unit(&self) -> f32 {
        if self.factor > 0.0 { self.factor.recip() } else { 0.0 }
    }
}
