//! Meaning where the vectors are not: an exact scan of codes, and nothing to re-score on.

use std::sync::Arc;

use vitrine_domain::{TEXT_CODE_DIM, limits};
use vitrine_student::scan;

use super::centre::{CentredQuery, dot};
use super::mask::Mask;
use super::rows::{Origin, RowChange};
use crate::CodeSpace;

/// The codes of all rows.
pub(super) struct CodeIndex {
    space: Arc<CodeSpace>,
    /// \[n, [`TEXT_CODE_DIM`]\]
    codes: Arc<Vec<i8>>,
    /// 1 / |code|; 0 for a row that has none. \[n\]
    inverse_lengths: Arc<Vec<f32>>,
}

impl CodeIndex {
    /// # Shapes
    /// `codes`: \[n, [`TEXT_CODE_DIM`]\]; zeros for a row that has no code, which is found by
    /// its words alone.
    pub(super) fn new(space: CodeSpace, codes: Vec<i8>) -> Self {
        Self::of(Arc::new(space), codes)
    }

    fn of(space: Arc<CodeSpace>, codes: Vec<i8>) -> Self {
        let inverse_lengths = codes.chunks_exact(TEXT_CODE_DIM).map(inverse_length).collect();
        Self { space, codes: Arc::new(codes), inverse_lengths: Arc::new(inverse_lengths) }
    }

    /// The index after a change of the rows; `added` are the codes of the items that come.
    pub(super) fn revised(&self, change: &RowChange, added: &[i8]) -> Self {
        if change.origins.is_empty() {
            let (space, codes) = (Arc::clone(&self.space), Arc::clone(&self.codes));
            return Self { space, codes, inverse_lengths: Arc::clone(&self.inverse_lengths) };
        }
        let mut codes = self.codes[..change.first_row as usize * TEXT_CODE_DIM].to_vec();
        for origin in &change.origins {
            codes.extend_from_slice(match *origin {
                Origin::Moved(row) => code(&self.codes, row),
                Origin::Added(i) => code(added, i),
            });
        }
        Self::of(Arc::clone(&self.space), codes)
    }

    /// The rows nearest to a query \[[`TEXT_CODE_DIM`]\] with their inner products, in no
    /// order; at most [`limits::RESCORE_MAX`].
    pub(super) fn search(&self, query: &[f32], mask: Option<&Mask>) -> Vec<(u32, f32)> {
        let has_code = |row: u32| self.inverse_lengths[row as usize] > 0.0;
        let is_left_out = |row| !has_code(row) || mask.is_some_and(|mask| !mask.contains(row));
        let (rounded, n_max) = (scan::quantise(query), limits::RESCORE_MAX);
        let found = scan::scan_top_k(&self.codes, TEXT_CODE_DIM, &rounded, n_max, is_left_out);
        let with_mean = dot(query, &self.space.mean);
        let inner = |row| with_mean + self.space.unit * dot_code(query, code(&self.codes, row));
        found.into_iter().map(|(row, _)| (row, inner(row))).collect()
    }

    /// A query as [`Self::meaning`] takes it.
    pub(super) fn query(&self, query: &[f32]) -> CentredQuery {
        CentredQuery::about(query, &self.space.query_mean)
    }

    /// Cosine of a query with a row about their middles.
    pub(super) fn meaning(&self, query: &CentredQuery, row: u32) -> f32 {
        dot_code(query.vector(), code(&self.codes, row)) * self.inverse_lengths[row as usize]
    }
}

fn code(codes: &[i8], row: u32) -> &[i8] {
    &codes[row as usize * TEXT_CODE_DIM..][..TEXT_CODE_DIM]
}

fn inverse_length(code: &[i8]) -> f32 {
    let squares = code.iter().map(|x| f32::from(*x) * f32::from(*x)).sum::<f32>();
    if squares > 0.0 { squares.sqrt().recip() } else { 0.0 }
}

/// Inner product, in eight independent sums.
fn dot_code(query: &[f32], code: &[i8]) -> f32 {
    let mut sums = [0.0; 8];
    for (query, code) in query.as_chunks::<8>().0.iter().zip(code.as_chunks::<8>().0) {
        for ((sum, a), b) in sums.iter_mut().zip(query).zip(code) {
            *sum += a * f32::from(*b);
        }
    }
    sums.iter().sum()
}
