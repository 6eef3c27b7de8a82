//! The engine in process: BM25 and an exact scan of codes over one set of rows.
//!
//! Rows are the items in order of id, so that every tie by row is a tie by id.

mod candidates;
mod claims;
mod columns;
mod context;
mod doubts;
mod facets;
mod lexical;
mod matches;
mod probe;
mod query;
mod rotation;
mod semantic;
mod vocabulary;

use vitrine_domain::{CandidateSource, Item, ItemId, Page, Query, Sort, limits};

use self::columns::{Columns, Mask};
use self::lexical::LexicalIndex;
pub use self::semantic::SCAN_CODE_DIM;
use self::semantic::SemanticIndex;
use self::vocabulary::Vocabulary;
use crate::{
    Attempt, Probe, Recall, RecallError, RecallHit, RecallReply, RecallRequest, Relevance, Signals,
    SourceRank, TEXT_DIM,
};

/// An index of one catalogue version in memory. Immutable; shared by
/// reference between threads.
pub struct EmbeddedRecall {
    ids: Vec<ItemId>,
    popularity: Vec<u32>,
    /// Rows, the most popular first.
    by_popularity: Vec<u32>,
    columns: Columns,
    vocabulary: Vocabulary,
    lexical: LexicalIndex,
    semantic: SemanticIndex,
    relevance: Relevance,
}

impl EmbeddedRecall {
    /// Builds the index.
    ///
    /// `popularity` is the number of buyers of each item, as far as it may be
    /// published; it orders what is browsed.
    ///
    /// # Shapes
    /// `items`: n; `vectors`: \[n, 384\] unit vectors of their texts in the same
    /// order; `popularity`: n.
    ///
    /// # Errors
    /// Lengths that differ, too many items, an id twice, a vector that is not finite.
    pub fn build(
        items: &[Item],
        vectors: Vec<f32>,
        popularity: &[u32],
    ) -> Result<Self, RecallError> {
        let order = check(items, &vectors, popularity)?;
        let is_sorted = order.is_sorted();
        let vectors = if is_sorted { vectors } else { reorder(&vectors, &order) };
        let items: Vec<&Item> = order.iter().map(|&i| &items[i as usize]).collect();
        let popularity: Vec<u32> = order.iter().map(|&i| popularity[i as usize]).collect();
        let mut by_popularity: Vec<u32> = (0..items.len() as u32).collect();
        by_popularity.sort_by_key(|&row| std::cmp::Reverse(popularity[row as usize]));
        Ok(Self {
            ids: items.iter().map(|item| item.id).collect(),
            by_popularity,
            popularity,
            columns: Columns::new(&items),
            vocabulary: Vocabulary::new(&items),
            lexical: LexicalIndex::build(&items)?,
            semantic: SemanticIndex::build(vectors),
            relevance: Relevance::default(),
        })
    }

    /// The same index with other weights of its signals.
    #[must_use]
    pub fn with_relevance(self, relevance: Relevance) -> Self {
        Self { relevance, ..self }
    }

    /// The items nearest in meaning, best first: the scan of the codes and its
    /// re-scoring, without words, filters or fusion. Scores are inner products.
    ///
    /// # Panics
    /// When `vector` has not 384 numbers.
    pub fn nearest(&self, vector: &[f32], n_items: usize) -> Vec<(ItemId, f32)> {
        let mut nearest = self.semantic.search(vector, None);
        nearest.truncate(n_items);
        self.with_ids(nearest)
    }

    fn answer(&self, request: &RecallRequest) -> Result<RecallReply, RecallError> {
        request.validate()?;
        let query = &request.query;
        let mask = self.columns.mask(&query.filters);
        if request.is_browse() {
            return Ok(self.browse(mask.as_ref(), query));
        }
        let prepared = self.prepare(request)?;
        let mut doubts = self.doubts(&query.filters);
        let (n_total, mut found) = self.results(&prepared, mask.as_ref(), &mut doubts)?;
        request.deadline.check()?;
        self.sort(query.sort, &mut found, |found| found.row);
        let Page { offset, limit } = query.page;
        let page = found.into_iter().skip(offset as usize).take(limit as usize);
        let hit = |found: candidates::Found| RecallHit {
            item: self.ids[found.row as usize],
            score: found.score,
            signals: found.signals,
            sources: found.sources,
            unconfirmed: doubts.of(found.row),
        };
        Ok(RecallReply {
            n_total,
            hits: page.map(hit).collect(),
            free_of: doubts.counts(),
            facets: query.facets.then(|| self.facets(Some(&prepared), &query.filters)),
            words: prepared.word_counts(mask.as_ref()),
            corrections: prepared.read.corrections,
            synonyms: prepared.read.synonyms,
        })
    }

    /// Brings rows into the order asked for, ties by row; leaves them where
    /// that is relevance.
    fn sort<T>(&self, sort: Sort, found: &mut [T], row: impl Fn(&T) -> u32) {
        if sort != Sort::Relevance {
            found.sort_unstable_by_key(|found| {
                let row = row(found);
                let price_minor = self.columns.price_minor[row as usize];
                (sort.key(price_minor, self.popularity[row as usize]), row)
            });
        }
    }

    /// The signals of items for a search, whether it finds them or not; `None`
    /// for those that are not in this version. Filters and paging are not looked at.
    ///
    /// # Errors
    /// As [`Recall::search`].
    pub fn signals(
        &self,
        request: &RecallRequest,
        items: &[ItemId],
    ) -> Result<Vec<Option<Signals>>, RecallError> {
        request.validate()?;
        let query = self.prepare(request)?;
        let row_of = |item: &ItemId| self.ids.binary_search(item).ok().map(|row| row as u32);
        let mut rows: Vec<u32> = items.iter().filter_map(row_of).collect();
        rows.sort_unstable();
        rows.dedup();
        let signals = self.signals_of_rows(&query, &rows)?;
        let of_row = |row| rows.binary_search(&row).ok().map(|place| signals[place]);
        Ok(items.iter().map(|item| of_row(row_of(item)?)).collect())
    }

    /// Buyers of a row on a logarithmic scale, 1 for the most bought.
    fn popularity_share(&self, row: u32) -> f32 {
        let most = self.by_popularity.first().map_or(0, |&row| self.popularity[row as usize]);
        if most == 0 {
            return 0.0;
        }
        (self.popularity[row as usize] as f32).ln_1p() / (most as f32).ln_1p()
    }

    fn browse(&self, mask: Option<&Mask>, query: &Query) -> RecallReply {
        let passes = |row: &&u32| mask.is_none_or(|mask| mask.contains(**row));
        let mut rows: Vec<u32> = self.by_popularity.iter().filter(passes).copied().collect();
        let mut doubts = self.doubts(&query.filters);
        rows.iter().for_each(|row| doubts.count(*row));
        if query.sort == Sort::Relevance && !doubts.is_empty() {
            rows.sort_by_key(|row| doubts.n_of(*row));
        }
        self.sort(query.sort, &mut rows, |row| *row);
        let n_total = rows.len();
        let Page { offset, limit } = query.page;
        let page = rows.into_iter().zip(1u32..).skip(offset as usize).take(limit as usize);
        let hit = |(row, rank): (u32, u32)| {
            let score = self.popularity[row as usize] as f32;
            let source = SourceRank { source: CandidateSource::Popular, rank, score };
            let (item, signals) = (self.ids[row as usize], Signals::default());
            let unconfirmed = doubts.of(row);
            RecallHit { item, score, signals, sources: vec![source], unconfirmed }
        };
        RecallReply {
            n_total,
            hits: page.map(hit).collect(),
            free_of: doubts.counts(),
            facets: query.facets.then(|| self.facets(None, &query.filters)),
            ..RecallReply::default()
        }
    }

    fn with_ids(&self, rows: Vec<(u32, f32)>) -> Vec<(ItemId, f32)> {
        rows.into_iter().map(|(row, score)| (self.ids[row as usize], score)).collect()
    }
}

impl Recall for EmbeddedRecall {
    fn n_items(&self) -> usize {
        self.ids.len()
    }

    fn search(&self, request: &RecallRequest) -> Result<RecallReply, RecallError> {
        self.answer(request)
    }

    fn probe(&self, request: &RecallRequest, attempts: &[Attempt]) -> Result<Probe, RecallError> {
        self.first_answered(request, attempts)
    }
}

/// The order of the items by id, if they can be indexed.
fn check(items: &[Item], vectors: &[f32], popularity: &[u32]) -> Result<Vec<u32>, RecallError> {
    let n_items = items.len();
    if n_items > limits::ITEMS_MAX {
        return Err(RecallError::TooManyItems { n_items, max: limits::ITEMS_MAX });
    }
    if vectors.len() != n_items * TEXT_DIM || popularity.len() != n_items {
        return Err(RecallError::LengthsDiffer {
            n_items,
            n_numbers: vectors.len(),
            n_popularities: popularity.len(),
        });
    }
    let mut order: Vec<u32> = (0..n_items as u32).collect();
    order.sort_by_key(|&i| items[i as usize].id);
    for pair in order.windows(2) {
        let [a, b] = [pair[0], pair[1]].map(|i| items[i as usize].id);
        if a == b {
            return Err(RecallError::DuplicateItem(a));
        }
    }
    for (item, vector) in items.iter().zip(vectors.chunks_exact(TEXT_DIM)) {
        if !vector.iter().all(|value| value.is_finite()) {
            return Err(RecallError::VectorNotFinite(item.id));
        }
    }
    Ok(order)
}

fn reorder(vectors: &[f32], order: &[u32]) -> Vec<f32> {
    order.iter().flat_map(|&i| &vectors[i as usize * TEXT_DIM..][..TEXT_DIM]).copied().collect()
}
