//! Dimensions and tensor names: what training writes and every forward reads.
//!
//! Matrices are row-major `[in, out]`, so that y = x·W.

use vitrine_domain::EventKind;

/// Values of an item code, and as many of the shopper's state u.
pub use vitrine_domain::CODE_DIM;

/// Scalars of one candidate.
pub const N_SCALARS: usize = 16;
/// The first of them depend on the item alone and are folded in at sync.
pub const N_STATIC: usize = 3;
/// The others depend on the shopper's log, the time and the query.
pub const N_DYNAMIC: usize = N_SCALARS - N_STATIC;
/// Most events that the encoder sees.
pub const WINDOW_MAX: usize = 64;
/// The window moves by this many events at a time.
pub const WINDOW_STEP: usize = 32;
/// Event kinds, in the order of the rows of the kind embedding.
pub const EVENT_KINDS: [EventKind; EventKind::COUNT] =
    [EventKind::ViewItem, EventKind::AddToCart, EventKind::RemoveFromCart, EventKind::Purchase];
/// How many there are.
pub const N_KINDS: usize = EVENT_KINDS.len();
/// Gap buckets: rows of the gap embedding.
pub const N_GAPS: usize = 10;
/// Transformer blocks.
pub const N_BLOCKS: usize = 2;
/// Attention heads.
pub const N_HEADS: usize = 4;
/// Values of one head.
pub const HEAD_DIM: usize = CODE_DIM / N_HEADS;
/// Width of the feed-forward layer.
pub const FF_DIM: usize = 256;
/// Width of the scorer's first layer.
pub const HIDDEN1: usize = 64;
/// Width of the scorer's second layer.
pub const HIDDEN2: usize = 32;
/// Added to the variance in layer normalisation.
pub const LN_EPS: f32 = 1e-5;

/// How a tensor is stored in the packed student.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TensorEncoding {
    /// i8 with one f32 scale a column.
    Int8Columns,
    /// f32 as it is.
    Float,
}

/// One tensor of the student.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TensorSpec {
    /// Name in checkpoints and packed files.
    pub name: &'static str,
    /// Shape; matrices are `[in, out]`.
    pub shape: &'static [usize],
    /// How it is packed.
    pub encoding: TensorEncoding,
}

impl TensorSpec {
    /// How many values it has.
    pub const fn n_values(&self) -> usize {
        let mut n = 1;
        let mut i = 0;
        while i < self.shape.len() {
            n *= self.shape[i];
            i += 1;
        }
        n
    }
}

const fn matrix(name: &'static str, shape: &'static [usize]) -> TensorSpec {
    TensorSpec { name, shape, encoding: TensorEncoding::Int8Columns }
}

const fn float(name: &'static str, shape: &'static [usize]) -> TensorSpec {
    TensorSpec { name, shape, encoding: TensorEncoding::Float }
}

const D: usize = CODE_DIM;
const SQUARE: &[usize] = &[D, D];
const VECTOR: &[usize] = &[D];

/// How many tensors there are.
pub const N_TENSORS: usize = 40;

/// Every tensor, in the order of the packed file.
pub const TENSORS: [TensorSpec; N_TENSORS] = [
    matrix("in", SQUARE),
    float("kind", &[N_KINDS, D]),
    float("gap", &[N_GAPS, D]),
    float("block0.ln1.g", VECTOR),
    float("block0.ln1.b", VECTOR),
    matrix("block0.q", SQUARE),
    matrix("block0.k", SQUARE),
    matrix("block0.v", SQUARE),
    matrix("block0.o", SQUARE),
    float("block0.ln2.g", VECTOR),
    float("block0.ln2.b", VECTOR),
    matrix("block0.ff1", &[D, FF_DIM]),
    float("block0.ff1.b", &[FF_DIM]),
    matrix("block0.ff2", &[FF_DIM, D]),
    float("block0.ff2.b", VECTOR),
    float("block1.ln1.g", VECTOR),
    float("block1.ln1.b", VECTOR),
    matrix("block1.q", SQUARE),
    matrix("block1.k", SQUARE),
    matrix("block1.v", SQUARE),
    matrix("block1.o", SQUARE),
    float("block1.ln2.g", VECTOR),
    float("block1.ln2.b", VECTOR),
    matrix("block1.ff1", &[D, FF_DIM]),
    float("block1.ff1.b", &[FF_DIM]),
    matrix("block1.ff2", &[FF_DIM, D]),
    float("block1.ff2.b", VECTOR),
    float("lnf.g", VECTOR),
    float("lnf.b", VECTOR),
    matrix("retrieve", SQUARE),
    matrix("score.u", &[D, HIDDEN1]),
    matrix("score.c", &[D, HIDDEN1]),
    matrix("score.p", &[D, HIDDEN1]),
    matrix("score.s", &[N_SCALARS, HIDDEN1]),
    float("score.b1", &[HIDDEN1]),
    matrix("score.w2", &[HIDDEN1, HIDDEN2]),
    float("score.b2", &[HIDDEN2]),
    float("score.w3", &[HIDDEN2]),
    float("score.b3", &[1]),
    float("score.lin", &[N_SCALARS]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_the_rows_of_their_embedding() {
        for (row, kind) in EVENT_KINDS.into_iter().enumerate() {
            assert_eq!(kind as usize, row);
        }
    }

    #[test]
    fn names_are_unique_and_the_int8_student_fits_in_a_mebibyte() {
        let names: std::collections::BTreeSet<_> = TENSORS.iter().map(|t| t.name).collect();
        assert_eq!(names.len(), N_TENSORS);
        let bytes: usize = TENSORS
            .iter()
            .map(|t| t.n_values() * if t.encoding == TensorEncoding::Float { 4 } else { 1 })
            .sum();
        assert!(bytes < 1 << 20, "{bytes}");
    }
}
