//! An adapter beside none, on searches that it was not fitted to.

use anyhow::Result;
use rayon::prelude::*;
use serde::Serialize;
use vitrine_encoder::{TEXT_DIM, TextEncoder, TextRole};
use vitrine_evaluation::graded::{Grade, ndcg};
use vitrine_evaluation::metrics::top_k;
use vitrine_evaluation::{Interval, difference_interval, mean_interval};

use super::pairs::HeldOutSearch;

/// Places that count.
const DEPTH: usize = 10;
const N_RESAMPLES: usize = 2_000;

/// NDCG@10 of a search by vectors alone, over all passages.
#[derive(Clone, Debug, Serialize)]
pub struct Beside {
    /// Searches.
    pub n_queries: usize,
    /// Without the adapter.
    pub without: Interval,
    /// With it.
    pub with: Interval,
    /// The second minus the first, paired by search.
    pub difference: Interval,
}

/// NDCG@10 of each search that has something to find.
///
/// # Errors
/// A text cannot be encoded.
pub fn scores(
    encoder: &TextEncoder,
    passage_vectors: &[f32],
    queries: &[HeldOutSearch],
) -> Result<Vec<f64>> {
    let texts: Vec<&str> = queries.iter().map(|query| query.text.as_str()).collect();
    let vectors = encoder.encode(&texts, TextRole::Query, &mut |_| {})?;
    let score = |(query, vector): (&HeldOutSearch, &[f32])| {
        let cosine =
            |passage: &[f32]| -> f32 { passage.iter().zip(vector).map(|(a, b)| a * b).sum() };
        let cosines: Vec<f32> = passage_vectors.chunks_exact(TEXT_DIM).map(cosine).collect();
        let rows = top_k(&cosines, DEPTH);
        let ranked: Vec<Grade> =
            rows.iter().map(|row| query.grades.get(&(*row as usize)).copied()).collect();
        let all: Vec<u8> = query.grades.values().copied().collect();
        ndcg(&ranked, &all, DEPTH)
    };
    let work: Vec<(&HeldOutSearch, &[f32])> =
        queries.iter().zip(vectors.chunks_exact(TEXT_DIM)).collect();
    Ok(work.into_par_iter().filter_map(score).collect())
}

/// The two side by side; `None` where there are no searches.
///
/// # Errors
/// There is no interval of so few.
pub fn beside(without: &[f64], with: &[f64], seed: u64) -> Result<Option<Beside>> {
    if without.is_empty() {
        return Ok(None);
    }
    Ok(Some(Beside {
        n_queries: without.len(),
        without: mean_interval(without, seed, N_RESAMPLES)?,
        with: mean_interval(with, seed, N_RESAMPLES)?,
        difference: difference_interval(with, without, seed, N_RESAMPLES)?,
    }))
}
