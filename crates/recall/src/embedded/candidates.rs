//! What either source found for a query, with everything relevance asks.

use std::collections::HashMap;

use vitrine_domain::{CandidateSource, Correction, limits};

use super::EmbeddedRecall;
use super::columns::Mask;
use super::lexical::Matches;
use super::query::{QueryWord, read};
use crate::relevance::{COSINE_MIN, COVERAGE_MIN};
use crate::{RecallError, RecallRequest, Relevance, Signal, Signals, SourceRank};

/// A query as the index sees it.
pub(super) struct Prepared<'a> {
    words: Vec<QueryWord>,
    pub(super) corrections: Vec<Correction>,
    matches: Matches,
    vector: Option<&'a [f32]>,
    has_text: bool,
}

/// One row that a source found.
pub(super) struct Found {
    pub(super) row: u32,
    pub(super) score: f32,
    pub(super) signals: Signals,
    pub(super) sources: Vec<SourceRank>,
}

impl EmbeddedRecall {
    pub(super) fn prepare<'a>(
        &self,
        request: &'a RecallRequest,
    ) -> Result<Prepared<'a>, RecallError> {
        let text = &request.query.text;
        let read = read(text, &self.vocabulary, |term| self.lexical.has(term));
        Ok(Prepared {
            matches: self.lexical.matches(&read.words)?,
            words: read.words,
            corrections: read.corrections,
            vector: request.vector.as_deref(),
            has_text: !text.trim().is_empty(),
        })
    }

    /// All results in their order, at most [`limits::RESULT_DEPTH_MAX`].
    pub(super) fn results(
        &self,
        query: &Prepared<'_>,
        mask: Option<&Mask>,
    ) -> Result<Vec<Found>, RecallError> {
        let mut sources = self.sources(query, mask);
        let mut rows: Vec<u32> = sources.keys().copied().collect();
        rows.sort_unstable();
        let signals = self.signals_of_rows(query, &rows)?;
        let coverage_best =
            signals.iter().map(|signals| signals[Signal::Coverage]).fold(0.0, f32::max);
        let is_result = |signals: &Signals| {
            let coverage = signals[Signal::Coverage];
            !query.has_text
                || coverage > 0.0 && coverage >= COVERAGE_MIN * coverage_best
                || signals[Signal::Cosine] >= COSINE_MIN
        };
        let relevance = Relevance::default();
        let score = |signals: &Signals| match query.has_text {
            true => relevance.score(signals),
            false => signals[Signal::Cosine],
        };
        let mut found: Vec<Found> = rows
            .into_iter()
            .zip(signals)
            .filter(|(_, signals)| is_result(signals))
            .map(|(row, signals)| Found {
                row,
                score: score(&signals),
                signals,
                sources: sources.remove(&row).unwrap_or_default(),
            })
            .collect();
        found.sort_unstable_by(|a, b| b.score.total_cmp(&a.score).then(a.row.cmp(&b.row)));
        found.truncate(limits::RESULT_DEPTH_MAX as usize);
        Ok(found)
    }

    /// The best rows of each source with their ranks in it.
    fn sources(&self, query: &Prepared<'_>, mask: Option<&Mask>) -> HashMap<u32, Vec<SourceRank>> {
        let mut sources: HashMap<u32, Vec<SourceRank>> = HashMap::new();
        let mut add = |source: CandidateSource, ranking: Vec<(u32, f32)>| {
            for (rank, (row, score)) in (1..).zip(ranking) {
                sources.entry(row).or_default().push(SourceRank { source, rank, score });
            }
        };
        let matching = query.matches.rows();
        let passing = matching.filter(|(row, _)| mask.is_none_or(|mask| mask.contains(*row)));
        add(CandidateSource::Lexical, best(passing.collect()));
        if let Some(vector) = query.vector {
            add(CandidateSource::Semantic, self.semantic.search(vector, mask));
        }
        sources
    }

    /// Signals of ascending rows, whether a source found them or not.
    pub(super) fn signals_of_rows(
        &self,
        query: &Prepared<'_>,
        rows: &[u32],
    ) -> Result<Vec<Signals>, RecallError> {
        let mut signals = vec![Signals::default(); rows.len()];
        self.lexical.fill(&query.words, &query.matches, rows, &mut signals)?;
        for (row, signals) in rows.iter().zip(&mut signals) {
            signals[Signal::Popularity] = self.popularity_share(*row);
            if let Some(vector) = query.vector {
                signals[Signal::Cosine] = self.semantic.inner(vector, *row);
            }
        }
        Ok(signals)
    }
}

/// The best of a ranking, ties by row; at most [`limits::RESULT_DEPTH_MAX`].
fn best(mut rows: Vec<(u32, f32)>) -> Vec<(u32, f32)> {
    let order = |a: &(u32, f32), b: &(u32, f32)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
    let n_kept = limits::RESULT_DEPTH_MAX as usize;
    if rows.len() > n_kept {
        rows.select_nth_unstable_by(n_kept, order);
        rows.truncate(n_kept);
    }
    rows.sort_unstable_by(order);
    rows
}
