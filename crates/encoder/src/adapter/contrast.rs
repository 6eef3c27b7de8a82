//! The loss of a batch: each query is to lie nearer to its own passage than to the others.

use super::ops::{add_scaled, dot};

/// Vectors of a batch. Passage i is query i's own; those from `queries` on are further wrong
/// ones for everybody.
pub(super) struct Batch<'a> {
    /// \[n, dim\]
    pub queries: &'a [f32],
    /// \[n + more, dim\]
    pub passages: &'a [f32],
    pub dim: usize,
    /// Whether a passage is wrong for a query, by the numbers of both.
    pub is_wrong: &'a dyn Fn(usize, usize) -> bool,
    /// What cosines are divided by.
    pub temperature: f32,
}

/// What a batch tells.
pub(super) struct Contrast {
    /// Mean over the queries.
    pub loss: f32,
    /// Of the loss by each number of the queries' vectors.
    pub of_queries: Vec<f32>,
    /// Likewise of the passages'.
    pub of_passages: Vec<f32>,
    /// Probability of each passage for each query. \[n, n + more\]
    pub probabilities: Vec<f32>,
}

/// −ln softmax(cosine / temperature) of the own passage, averaged, with its gradient.
///
/// # Source
/// van den Oord, Li and Vinyals, "Representation Learning with Contrastive Predictive Coding"
/// (2018).
pub(super) fn contrast(batch: &Batch<'_>) -> Contrast {
    let Batch { queries, passages, dim, is_wrong, temperature } = *batch;
    let (n, n_passages) = (queries.len() / dim, passages.len() / dim);
    let mut probabilities = vec![0.0; n * n_passages];
    let (mut of_queries, mut of_passages) = (vec![0.0; queries.len()], vec![0.0; passages.len()]);
    let mut loss = 0.0;
    for (i, query) in queries.chunks_exact(dim).enumerate() {
        let row = &mut probabilities[i * n_passages..][..n_passages];
        for (j, (out, passage)) in row.iter_mut().zip(passages.chunks_exact(dim)).enumerate() {
            let counts = i == j || is_wrong(i, j);
            *out = if counts { dot(query, passage) / temperature } else { f32::NEG_INFINITY };
        }
        let most = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        row.iter_mut().for_each(|x| *x = (*x - most).exp());
        let sum: f32 = row.iter().sum();
        row.iter_mut().for_each(|x| *x /= sum);
        loss -= row[i].max(f32::MIN_POSITIVE).ln() / n as f32;
        let of_query = &mut of_queries[i * dim..][..dim];
        for (j, (p, passage)) in row.iter().zip(passages.chunks_exact(dim)).enumerate() {
            let by = (p - if i == j { 1.0 } else { 0.0 }) / (temperature * n as f32);
            if by != 0.0 {
                add_scaled(of_query, by, passage);
                add_scaled(&mut of_passages[j * dim..][..dim], by, query);
            }
        }
    }
    Contrast { loss, of_queries, of_passages, probabilities }
}
