//! Candidate scores: the MLP over (u, code, u∘code, scalars).

use vitrine_domain::by_score_then_id;
use vitrine_domain::sorting::sort_by;

use crate::counting::Inputs;
use crate::kernels::scalar::{positive, sum_lanes};
use crate::kernels::{self, Accumulate};
use crate::layout::{CODE_DIM, HIDDEN1, HIDDEN2, N_DYNAMIC, N_SCALARS, N_STATIC};
use crate::{ItemTable, Shopper, Weights, features};

const D: usize = CODE_DIM;
/// Candidates that one pass over the folded matrix serves.
const TILE: usize = 4;

/// What a ranking computes from the state u once, for all candidates.
#[derive(Clone, Debug, PartialEq)]
pub struct Folded {
    /// diag(u)·W_p · `code_scale`, `[64, 64]`: multiplies raw i8 codes.
    pub matrix: Vec<f32>,
    /// u·W_u, `[64]`.
    pub user: [f32; HIDDEN1],
}

impl Folded {
    /// Folds a state into the scorer's first layer.
    pub fn new(weights: &Weights, u: &[f32; D]) -> Self {
        let head = &weights.score;
        let mut matrix = vec![0.0; D * HIDDEN1];
        let rows = matrix.chunks_exact_mut(HIDDEN1).zip(head.product.chunks_exact(HIDDEN1));
        for ((out, product), u) in rows.zip(u) {
            let factor = u * weights.code_scale;
            out.iter_mut().zip(product).for_each(|(out, w)| *out = factor * w);
        }
        let mut user = [0.0; HIDDEN1];
        kernels::gemm(u, &head.user, &mut user, (D, HIDDEN1), Accumulate::No);
        Self { matrix, user }
    }
}

/// The CPU path: scores candidates, keeping its buffers between rankings.
#[derive(Clone, Debug, Default)]
pub struct Ranker {
    scalars: Vec<f32>,
}

impl Ranker {
    /// Without buffers yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Scores of the items at `candidates` of the table, for this shopper at
    /// `now_ms` (milliseconds since 1970-01-01 UTC); higher is better.
    ///
    /// An empty log has no state: then the scores are those of the server if
    /// given, else the numbers of buyers.
    ///
    /// # Shapes
    /// `server_scores` `[n]`, in 0..1, when there was a search; returns `[n]`.
    ///
    /// # Panics
    /// When an index is not in the table, a length does not fit, or the
    /// shopper's log is not encoded to its end.
    pub fn rank(
        &mut self,
        weights: &Weights,
        table: &ItemTable,
        shopper: &Shopper,
        now_ms: i64,
        candidates: &[u32],
        server_scores: Option<&[f32]>,
    ) -> Vec<f32> {
        if shopper.log().is_empty() {
            return without_log(table, candidates, server_scores);
        }
        let u = shopper.state_u().expect("the log is encoded before it is ranked");
        self.rank_with_state(weights, table, (shopper, u), now_ms, candidates, server_scores)
    }

    /// The same with a given state.
    pub(crate) fn rank_with_state(
        &mut self,
        weights: &Weights,
        table: &ItemTable,
        (shopper, u): (&Shopper, &[f32; D]),
        now_ms: i64,
        candidates: &[u32],
        server_scores: Option<&[f32]>,
    ) -> Vec<f32> {
        self.scalars.resize(candidates.len() * N_SCALARS, 0.0);
        features::dynamic(table, shopper, now_ms, candidates, server_scores, &mut self.scalars);
        let folded = Folded::new(weights, u);
        let mut scores = vec![0.0; candidates.len()];
        score(weights, table, &folded, candidates, &self.scalars, &mut scores);
        match weights.last_layer() {
            None => scores,
            Some(last) => {
                let scalars = &self.scalars;
                last.score(&Inputs::new(table, shopper, now_ms, candidates, scalars, &scores))
            }
        }
    }
}

fn without_log(table: &ItemTable, candidates: &[u32], server_scores: Option<&[f32]>) -> Vec<f32> {
    match server_scores {
        Some(scores) => {
            assert_eq!(scores.len(), candidates.len(), "one server score a candidate");
            scores.to_vec()
        }
        None => candidates.iter().map(|i| table.n_buyers()[*i as usize] as f32).collect(),
    }
}

/// Puts the last layer over scores of the network that another backend computed.
///
/// # Shapes
/// `scores` `[n]`, one a row of `candidates`; returns `[n]`.
///
/// # Panics
/// When a length does not fit or a candidate is not in the table.
pub fn finish(
    weights: &Weights,
    table: &ItemTable,
    shopper: &Shopper,
    now_ms: i64,
    candidates: &[u32],
    scores: Vec<f32>,
) -> Vec<f32> {
    let Some(last) = weights.last_layer() else { return scores };
    let mut scalars = vec![0.0; candidates.len() * N_SCALARS];
    features::dynamic(table, shopper, now_ms, candidates, None, &mut scalars);
    last.score(&Inputs::new(table, shopper, now_ms, candidates, &scalars, &scores))
}

/// Candidates with their scores, best first; non-finite scores sink, ties by id.
///
/// # Shapes
/// `scores` `[n]`, one a candidate; returns two lists of n.
pub fn sorted(table: &ItemTable, candidates: &[u32], scores: &[f32]) -> (Vec<u32>, Vec<f32>) {
    let mut ranked: Vec<(u32, f32)> =
        candidates.iter().copied().zip(scores.iter().copied()).collect();
    let key = |(row, score): &(u32, f32)| (*score, table.ids()[*row as usize]);
    sort_by(&mut ranked, |a, b| by_score_then_id(key(a), key(b)));
    ranked.into_iter().unzip()
}

/// Scores candidates whose scalars are known.
///
/// # Shapes
/// `candidates` `[n]` rows of the table, `scalars` `[n, 16]`, `scores` `[n]`.
pub fn score(
    weights: &Weights,
    table: &ItemTable,
    folded: &Folded,
    candidates: &[u32],
    scalars: &[f32],
    scores: &mut [f32],
) {
    let tiles = candidates.chunks(TILE).zip(scalars.chunks(TILE * N_SCALARS));
    for ((candidates, scalars), scores) in tiles.zip(scores.chunks_mut(TILE)) {
        score_tile(weights, table, folded, candidates, scalars, scores);
    }
}

fn score_tile(
    weights: &Weights,
    table: &ItemTable,
    folded: &Folded,
    candidates: &[u32],
    scalars: &[f32],
    scores: &mut [f32],
) {
    let head = &weights.score;
    let n = candidates.len();
    let mut codes = [0.0; TILE * D];
    let mut hidden = [0.0; TILE * HIDDEN1];
    for (r, index) in candidates.iter().enumerate() {
        let values = &mut codes[r * D..][..D];
        values.iter_mut().zip(table.code(*index)).for_each(|(v, q)| *v = f32::from(*q));
        let pre = &table.pre()[*index as usize * HIDDEN1..][..HIDDEN1];
        let hidden = &mut hidden[r * HIDDEN1..][..HIDDEN1];
        hidden.iter_mut().zip(pre).zip(&folded.user).for_each(|((h, pre), u)| *h = pre + u);
    }
    let (codes, hidden) = (&codes[..n * D], &mut hidden[..n * HIDDEN1]);
    kernels::gemm(codes, &folded.matrix, hidden, (D, HIDDEN1), Accumulate::Yes);
    add_dynamic(&head.scalars, scalars, hidden);
    kernels::relu(hidden);
    let mut second = [0.0; TILE * HIDDEN2];
    let second = &mut second[..n * HIDDEN2];
    for row in second.chunks_exact_mut(HIDDEN2) {
        row.copy_from_slice(&head.bias2);
    }
    kernels::gemm(hidden, &head.layer2, second, (HIDDEN1, HIDDEN2), Accumulate::Yes);
    for (r, score) in scores.iter_mut().enumerate() {
        let second = &second[r * HIDDEN2..][..HIDDEN2];
        let scalars = &scalars[r * N_SCALARS..][..N_SCALARS];
        *score = dot_relu(second, &head.layer3) + head.bias3[0] + dot(scalars, &head.linear);
    }
}

/// hidden += dynamic scalars·W_s\[dynamic rows\]; most scalars are 0 for most
/// candidates, and a scalar that is 0 for all candidates here is skipped.
fn add_dynamic(w: &[f32], scalars: &[f32], hidden: &mut [f32]) {
    for s in N_STATIC..N_STATIC + N_DYNAMIC {
        if scalars.chunks_exact(N_SCALARS).all(|row| row[s] == 0.0) {
            continue;
        }
        let row = &w[s * HIDDEN1..][..HIDDEN1];
        for (hidden, scalars) in
            hidden.chunks_exact_mut(HIDDEN1).zip(scalars.chunks_exact(N_SCALARS))
        {
            hidden.iter_mut().zip(row).for_each(|(h, w)| *h += scalars[s] * w);
        }
    }
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0; 4];
    for (a, b) in a.chunks_exact(4).zip(b.chunks_exact(4)) {
        lanes.iter_mut().zip(a).zip(b).for_each(|((sum, a), b)| *sum += a * b);
    }
    sum_lanes(lanes)
}

fn dot_relu(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0; 4];
    for (a, b) in a.chunks_exact(4).zip(b.chunks_exact(4)) {
        lanes.iter_mut().zip(a).zip(b).for_each(|((sum, a), b)| *sum += positive(*a) * b);
    }
    sum_lanes(lanes)
}
