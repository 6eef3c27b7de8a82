//! What either source found for a query, with everything relevance asks.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;
use vitrine_domain::sorting::sort_by;

use vitrine_domain::{CandidateSource, Filters, limits};

use super::EmbeddedRecall;
use super::doubts::Doubts;
use super::mask::Mask;
use super::matches::Matches;
use super::query::{Known, ReadQuery, read};
use super::scales::Scales;
use crate::relevance::COSINE_MIN;
use crate::{RecallError, RecallRequest, Signal, Signals, SourceRank, WordCount};

/// A query as the index sees it.
pub(super) struct Prepared<'a> {
    pub(super) read: ReadQuery,
    pub(super) matches: Matches,
    vector: Option<&'a [f32]>,
    has_text: bool,
    has_filters: bool,
}

/// One row that a source found.
pub(super) struct Found {
    pub(super) row: u32,
    pub(super) score: f32,
    pub(super) signals: Signals,
    pub(super) sources: Vec<SourceRank>,
}

impl EmbeddedRecall {
    /// Reads the text and looks its words up.
    pub(super) fn prepare<'a>(
        &self,
        request: &'a RecallRequest,
    ) -> Result<Prepared<'a>, RecallError> {
        let text = &request.query.text;
        let known = Known { vocabulary: &self.vocabulary, index: &self.lexical };
        let mut read = read(text, &request.synonyms, &request.spelt_right, &known);
        read.leave_out(&request.left_out);
        request.deadline.check()?;
        let matches = Matches::of(self.lexical.look_up(&read.words), self.rows.len());
        request.deadline.check()?;
        Ok(Prepared {
            matches,
            read,
            vector: request.vector.as_deref(),
            has_text: !text.trim().is_empty(),
            has_filters: request.query.filters != Filters::default(),
        })
    }

    /// How many results there are, and the best [`limits::RESULT_DEPTH_MAX`] in
    /// the order of their relevance: those first that say that they meet every
    /// condition to be free of something. Counts results by these conditions.
    pub(super) fn results(
        &self,
        query: &Prepared<'_>,
        mask: Option<&Mask>,
        doubts: &mut Doubts,
    ) -> (usize, Vec<Found>) {
        let passes = |row: u32| mask.is_none_or(|mask| mask.contains(row));
        let lexical: Vec<(u32, f32)> =
            query.matches.rows().filter(|(row, _)| passes(*row)).collect();
        let nearest = query.vector.map_or_else(Vec::new, |v| self.nearest_rows(v, mask));
        let semantic = near(query, &nearest);
        let has_words = |row: &u32| lexical.binary_search_by_key(row, |(row, _)| *row).is_ok();
        let only_semantic = semantic.iter().filter(|(row, _)| !has_words(row));
        let n_total = lexical.len() + only_semantic.clone().count();
        lexical.iter().chain(only_semantic).for_each(|(row, _)| doubts.count(*row));

        let mut sources: HashMap<u32, Vec<SourceRank>> = HashMap::new();
        for (source, ranking) in [
            (CandidateSource::Lexical, self.best(lexical, doubts)),
            (CandidateSource::Semantic, semantic),
        ] {
            for (rank, (row, score)) in (1..).zip(ranking) {
                sources.entry(row).or_default().push(SourceRank { source, rank, score });
            }
        }
        let mut rows: Vec<u32> = sources.keys().copied().collect();
        sort_by(&mut rows, Ord::cmp);
        // Without filters the mask has every row of an item that is there.
        let scales = match query.has_filters || self.columns.is_narrowed() {
            true => self.scales_of(query),
            false => self.scales(query, &nearest),
        };
        let signals = self.signals_of_rows(query, &scales, &rows);
        let score = |signals: &Signals| match query.has_text {
            true => self.relevance.score(signals),
            false => signals[Signal::Cosine],
        };
        let mut found: Vec<Found> = rows
            .into_iter()
            .zip(signals)
            .map(|(row, signals)| Found {
                row,
                score: score(&signals),
                signals,
                sources: sources.remove(&row).unwrap_or_default(),
            })
            .collect();
        let n_doubts = |found: &Found| doubts.n_of(found.row);
        sort_by(&mut found, |a, b| {
            let by_id = || self.rows.id(a.row).cmp(&self.rows.id(b.row));
            let by_score = b.score.total_cmp(&a.score).then_with(by_id);
            n_doubts(a).cmp(&n_doubts(b)).then(by_score)
        });
        found.truncate(limits::RESULT_DEPTH_MAX as usize);
        (n_total, found)
    }

    /// Adds the rows that are results under a mask, in no order.
    pub(super) fn result_rows(&self, query: &Prepared<'_>, mask: &Mask, rows: &mut Vec<u32>) {
        rows.extend(query.matches.rows().map(|(row, _)| row).filter(|row| mask.contains(*row)));
        let nearest = query.vector.map_or_else(Vec::new, |v| self.nearest_rows(v, Some(mask)));
        rows.extend(near(query, &nearest).into_iter().map(|(row, _)| row));
    }

    /// Whether there is any result under a mask.
    pub(super) fn has_result(&self, query: &Prepared<'_>, mask: Option<&Mask>) -> bool {
        let passes = |row: u32| mask.is_none_or(|mask| mask.contains(row));
        if !query.has_text && query.vector.is_none() {
            return (0..self.rows.len() as u32).any(passes);
        }
        let nearest = || query.vector.map_or_else(Vec::new, |v| self.nearest_rows(v, mask));
        query.matches.coverage.rows().any(passes) || !near(query, &nearest()).is_empty()
    }

    /// How far signals spread among the items that are nearest to a query, whatever its
    /// filters: so a filter changes no result's score.
    pub(super) fn scales_of(&self, query: &Prepared<'_>) -> Scales {
        let listed = self.rows.listed().map(Arc::as_ref);
        let nearest = query.vector.map_or_else(Vec::new, |v| self.nearest_rows(v, listed));
        self.scales(query, &nearest)
    }

    /// How far signals spread among the `nearest` rows of a query, best first, and those that
    /// its words find.
    fn scales(&self, query: &Prepared<'_>, nearest: &[(u32, f32)]) -> Scales {
        let centred = query.vector.map(|vector| self.meaning.query(vector));
        let meanings = centred
            .iter()
            .flat_map(|centred| nearest.iter().map(|(row, _)| self.meaning.meaning(centred, *row)));
        Scales::new(&query.matches, meanings.collect(), nearest, self.rows.n_listed())
    }

    /// The rows of a mask that are nearest in meaning, best first, ties by id.
    pub(super) fn nearest_rows(&self, vector: &[f32], mask: Option<&Mask>) -> Vec<(u32, f32)> {
        let mut nearest = self.meaning.search(vector, mask);
        sort_by(&mut nearest, |a, b| self.by_score(a, b));
        nearest
    }

    /// The best of a ranking, those without doubts first, ties by id; at most
    /// [`limits::RESULT_DEPTH_MAX`].
    fn best(&self, mut rows: Vec<(u32, f32)>, doubts: &Doubts) -> Vec<(u32, f32)> {
        let order = |a: &(u32, f32), b: &(u32, f32)| {
            doubts.n_of(a.0).cmp(&doubts.n_of(b.0)).then_with(|| self.by_score(a, b))
        };
        let n_kept = limits::RESULT_DEPTH_MAX as usize;
        if rows.len() > n_kept {
            rows.select_nth_unstable_by(n_kept, order);
            rows.truncate(n_kept);
        }
        sort_by(&mut rows, order);
        rows
    }

    fn by_score(&self, a: &(u32, f32), b: &(u32, f32)) -> Ordering {
        b.1.total_cmp(&a.1).then_with(|| self.rows.id(a.0).cmp(&self.rows.id(b.0)))
    }

    /// Signals of ascending rows, whether a source found them or not.
    pub(super) fn signals_of_rows(
        &self,
        query: &Prepared<'_>,
        scales: &Scales,
        rows: &[u32],
    ) -> Vec<Signals> {
        let mut signals = vec![Signals::default(); rows.len()];
        self.lexical.fill(&query.read.words, &query.matches, rows, &mut signals);
        let centred = query.vector.map(|vector| self.meaning.query(vector));
        for (row, signals) in rows.iter().zip(&mut signals) {
            signals[Signal::Popularity] = self.buyers.share(*row);
            if let Some(centred) = &centred {
                signals[Signal::Cosine] = self.meaning.meaning(centred, *row);
            }
            scales.apply(signals);
        }
        signals
    }
}

/// Those of the nearest rows that are results, by their meaning or by their words.
fn near(query: &Prepared<'_>, nearest: &[(u32, f32)]) -> Vec<(u32, f32)> {
    let is_result = |(row, cosine): &&(u32, f32)| {
        !query.has_text || *cosine >= COSINE_MIN || query.matches.coverage.is_result(*row)
    };
    nearest.iter().filter(is_result).copied().collect()
}

impl Prepared<'_> {
    /// Each typed word once, with the items that have it.
    pub(super) fn word_counts(&self, mask: Option<&Mask>) -> Vec<WordCount> {
        let mut counts: Vec<WordCount> = Vec::new();
        for (word, found) in self.read.words.iter().zip(&self.matches.words) {
            let (n_items, n_items_unfiltered) = found.count(mask);
            let is_same = |count: &&mut WordCount| count.word == word.typed;
            match counts.iter_mut().find(is_same) {
                // Two words written as one are only there together.
                Some(count) => {
                    count.n_items = count.n_items.min(n_items);
                    count.n_items_unfiltered = count.n_items_unfiltered.min(n_items_unfiltered);
                }
                None => {
                    counts.push(WordCount { word: word.typed.clone(), n_items, n_items_unfiltered })
                }
            }
        }
        counts
    }
}
