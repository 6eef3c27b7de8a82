//! Rust's view of the structs in `shaders/shared/bindings.wgsl`.

use bytemuck::{Pod, Zeroable};
use vitrine_student::Weights;
use vitrine_student::candidates;
use vitrine_student::layout::{CODE_DIM, HIDDEN1, HIDDEN2, N_DYNAMIC, N_SCALARS, N_STATIC};
use vitrine_student::score::Folded;

use super::CANDIDATES_MAX;

/// Uniforms of one ranking.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Params {
    pub n_items: u32,
    pub n_fixed: u32,
    pub n_scanned: u32,
    pub n_candidates: u32,
    /// 64 × i8, four to a word.
    pub query: [u32; CODE_DIM / 4],
}

/// What [`WeightBlock`] begins with: all of it that changes with the shopper.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct FoldedBlock {
    pub folded: [f32; CODE_DIM * HIDDEN1],
    pub user: [f32; HIDDEN1],
}

/// The scorer's weights.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct WeightBlock {
    pub shopper: FoldedBlock,
    pub scalars: [f32; N_DYNAMIC * HIDDEN1],
    pub layer2: [f32; HIDDEN1 * HIDDEN2],
    pub bias2: [f32; HIDDEN2],
    pub layer3: [f32; HIDDEN2],
    pub linear: [f32; N_SCALARS],
    pub bias3: f32,
}

/// Candidates and their scores: what is read back.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct RankingBlock {
    pub rows: [u32; CANDIDATES_MAX],
    pub scores: [f32; CANDIDATES_MAX],
}

impl Params {
    pub fn new(weights: &Weights, u: &[f32; CODE_DIM], counts: [usize; 3]) -> Self {
        let [n_items, n_fixed, n_scanned] = counts.map(|count| count as u32);
        let mut query = [0; CODE_DIM / 4];
        let values = candidates::query(weights, u);
        for (word, values) in query.iter_mut().zip(values.chunks_exact(4)) {
            let bytes: [u8; 4] = std::array::from_fn(|i| values[i] as u8);
            *word = u32::from_le_bytes(bytes);
        }
        Self { n_items, n_fixed, n_scanned, n_candidates: n_fixed + n_scanned, query }
    }
}

impl FoldedBlock {
    pub fn new(weights: &Weights, u: &[f32; CODE_DIM]) -> Self {
        let folded = Folded::new(weights, u);
        let mut block = Self::zeroed();
        block.folded.copy_from_slice(&folded.matrix);
        block.user = folded.user;
        block
    }
}

impl WeightBlock {
    /// With a shopper's part of zeros.
    pub fn new(weights: &Weights) -> Self {
        let tensor = |name| weights.tensor(name).expect("a name of the layout");
        let mut block = Self::zeroed();
        block.scalars.copy_from_slice(&tensor("score.s")[N_STATIC * HIDDEN1..]);
        block.layer2.copy_from_slice(tensor("score.w2"));
        block.bias2.copy_from_slice(tensor("score.b2"));
        block.layer3.copy_from_slice(tensor("score.w3"));
        block.linear.copy_from_slice(tensor("score.lin"));
        block.bias3 = tensor("score.b3")[0];
        block
    }
}
