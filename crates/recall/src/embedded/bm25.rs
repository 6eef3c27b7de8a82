//! BM25 of one term.

use super::segment::Posting;

/// How soon further occurrences of a word add nothing. Less than the usual 1.2, and with
/// [`B`] .5 in place of .75: texts of products are short and repeat little. Chosen by leaving
/// one of three shops out (docs/experiments/search-relevance.md).
const K1: f32 = 0.9;
/// How much longer texts count for less.
const B: f32 = 0.5;

/// What a row's occurrences of a term are worth.
///
/// # Source
/// Robertson, Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009.
pub(super) struct Bm25 {
    weight: f32,
    /// What a text counts against its occurrences, without tokens and for each.
    norm: f32,
    norm_a_token: f32,
}

impl Bm25 {
    /// For a term that `n_with` of `n_rows` rows have, whose texts are `length_mean` tokens
    /// long.
    pub(super) fn new(n_with: u64, n_rows: u64, length_mean: f32) -> Self {
        let weight = idf(n_with as u32, n_rows as u32) * (1.0 + K1);
        let norm_a_token = K1 * B / length_mean.max(f32::MIN_POSITIVE);
        Self { weight, norm: K1 * (1.0 - B), norm_a_token }
    }

    pub(super) fn score(&self, posting: Posting) -> f32 {
        let n = posting.n_occurrences as f32;
        self.weight * n / (n + self.norm + self.norm_a_token * posting.n_tokens as f32)
    }
}

/// Inverse document frequency as in BM25.
pub(super) fn idf(n_with: u32, n_items: u32) -> f32 {
    (((n_items - n_with) as f32 + 0.5) / (n_with as f32 + 0.5)).ln_1p()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_words_short_texts_and_repetition_count_more() {
        let (rare, common) = (Bm25::new(2, 1_000, 20.0), Bm25::new(500, 1_000, 20.0));
        let posting = |n_tokens, n_occurrences| Posting { row: 0, n_occurrences, n_tokens };
        assert!(rare.score(posting(8, 1)) > common.score(posting(8, 1)));
        assert!(rare.score(posting(8, 1)) > rare.score(posting(80, 1)));
        assert!(rare.score(posting(80, 2)) > rare.score(posting(80, 1)));
        // Of a text of mean length: idf · 1.9 / 1.9.
        assert!((rare.score(posting(20, 1)) - idf(2, 1_000)).abs() < 1e-4);
    }
}
