//! The engine in process: BM25 and an exact scan of codes over one set of rows.
//!
//! Rows are the items in order of id, then parts with what revisions have added; rows
//! whose items are gone are masked. Words, claims and vectors lie in the same parts, and a
//! revised index shares with the one before the parts that stay.

mod bm25;
mod buyers;
mod candidates;
mod centre;
mod claims;
mod coded;
#[cfg(feature = "server")]
mod coder;
mod columns;
mod context;
mod doubts;
mod facets;
mod lexical;
mod mask;
mod matches;
mod meaning;
mod probe;
mod query;
mod revision;
#[cfg(feature = "server")]
mod rotation;
mod rows;
mod scales;
mod segment;
#[cfg(feature = "server")]
mod semantic;
mod vocabulary;
mod words;

use std::sync::Arc;
use vitrine_domain::sorting::{sort_by, sort_by_key};

use vitrine_domain::pace::Pace;
use vitrine_domain::{
    CandidateSource, Item, ItemId, Page, Query, Sort, SortValues, TEXT_CODE_DIM, limits,
};

use self::buyers::Buyers;
use self::candidates::Prepared;
use self::coded::CodeIndex;
#[cfg(feature = "server")]
pub use self::coder::TextCoder;
use self::columns::Columns;
use self::lexical::LexicalIndex;
use self::mask::Mask;
use self::meaning::{MeaningIndex, Meanings};
pub use self::revision::{IndexRevision, ItemTerms};
use self::rows::Rows;
use self::scales::Scales;
use self::vocabulary::Vocabulary;
use crate::{
    Attempt, CodeSpace, Probe, Recall, RecallError, RecallHit, RecallReply, RecallRequest,
    Relevance, Signals, SourceRank, TextLanguage,
};

/// An index of one catalogue version in memory. Immutable; shared by
/// reference between threads. [`Self::revised`] gives that of the next version.
pub struct EmbeddedRecall {
    rows: Rows,
    buyers: Buyers,
    columns: Columns,
    vocabulary: Vocabulary,
    lexical: LexicalIndex,
    meaning: MeaningIndex,
    relevance: Relevance,
    /// How many items it was built from, before any revision.
    n_built: usize,
}

impl EmbeddedRecall {
    /// Builds the index, in the language that the titles show ([`TextLanguage::detect`]);
    /// revisions stay in it.
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
    #[cfg(feature = "server")]
    pub fn build(
        items: &[Item],
        vectors: Vec<f32>,
        popularity: &[u32],
    ) -> Result<Self, RecallError> {
        let language = TextLanguage::detect(items.iter().map(|item| item.title.as_str()));
        Self::build_in(items, vectors, popularity, language)
    }

    /// Builds the index of texts in a language that is known, like [`Self::build`].
    ///
    /// # Errors
    /// As [`Self::build`].
    #[cfg(feature = "server")]
    pub fn build_in(
        items: &[Item],
        vectors: Vec<f32>,
        popularity: &[u32],
        language: TextLanguage,
    ) -> Result<Self, RecallError> {
        use vitrine_domain::pace::{Unpaced, at_once};

        let order = check(items, Meanings::Vectors(&vectors), popularity)?;
        let is_sorted = order.is_sorted();
        let vectors = if is_sorted { vectors } else { reorder(&vectors, &order, crate::TEXT_DIM) };
        let meaning = MeaningIndex::Vectors(semantic::SemanticIndex::build(vectors));
        Ok(at_once(Self::of(items, &order, meaning, popularity, language, &Unpaced)))
    }

    /// Builds the index from codes, in pieces, where the vectors are not: in a browser. A
    /// request's vector then has [`TEXT_CODE_DIM`] numbers, along the directions of the codes.
    ///
    /// # Shapes
    /// `items`: n; `codes`: \[n, [`TEXT_CODE_DIM`]\], zeros for an item without a code;
    /// `popularity`: n.
    ///
    /// # Errors
    /// As [`Self::build`].
    pub async fn build_coded(
        items: &[Item],
        space: CodeSpace,
        codes: &[i8],
        popularity: &[u32],
        language: TextLanguage,
        pace: &dyn Pace,
    ) -> Result<Self, RecallError> {
        let order = check(items, Meanings::Codes(codes), popularity)?;
        let codes = reorder(codes, &order, TEXT_CODE_DIM);
        let meaning = MeaningIndex::Codes(CodeIndex::new(space, codes));
        Ok(Self::of(items, &order, meaning, popularity, language, pace).await)
    }

    async fn of(
        items: &[Item],
        order: &[u32],
        meaning: MeaningIndex,
        popularity: &[u32],
        language: TextLanguage,
        pace: &dyn Pace,
    ) -> Self {
        let items: Vec<&Item> = order.iter().map(|&i| &items[i as usize]).collect();
        let popularity: Vec<u32> = order.iter().map(|&i| popularity[i as usize]).collect();
        let rows = Rows::new(&items);
        pace.breathe().await;
        let columns = Columns::new(&items, pace).await;
        let vocabulary = Vocabulary::new(&items, pace).await;
        Self {
            buyers: Buyers::new(popularity, &rows),
            rows,
            columns,
            vocabulary,
            lexical: LexicalIndex::build(&items, language, pace).await,
            meaning,
            relevance: Relevance::default(),
            n_built: items.len(),
        }
    }

    /// The same index with other weights of its signals.
    #[must_use]
    pub fn with_relevance(self, relevance: Relevance) -> Self {
        Self { relevance, ..self }
    }

    /// An index with the same rows, whose cosines are taken about the middle of the items and the middle
    /// of what is searched for: `query_mean` \[384\] is the mean vector of likely queries.
    ///
    /// An index of codes has both middles with its [`CodeSpace`], and stays as it is.
    ///
    /// # Panics
    /// When `query_mean` has not 384 numbers.
    #[cfg(feature = "server")]
    #[must_use]
    pub fn with_query_mean(self, query_mean: &[f32]) -> Self {
        assert_eq!(query_mean.len(), crate::TEXT_DIM, "a mean of other vectors");
        let meaning = match self.meaning {
            MeaningIndex::Vectors(index) => MeaningIndex::Vectors(index.centred_for(query_mean)),
            codes @ MeaningIndex::Codes(_) => codes,
        };
        Self { meaning, ..self }
    }

    /// The items nearest in meaning, best first: the scan of the codes and its
    /// re-scoring, without words, filters or fusion. Scores are inner products.
    ///
    /// # Panics
    /// When `vector` has not as many numbers as the index asks for.
    pub fn nearest(&self, vector: &[f32], n_items: usize) -> Vec<(ItemId, f32)> {
        let mut nearest = self.nearest_rows(vector, self.rows.listed().map(Arc::as_ref));
        nearest.truncate(n_items);
        self.with_ids(nearest)
    }

    fn answer(&self, request: &RecallRequest) -> Result<RecallReply, RecallError> {
        request.validate(self.n_numbers())?;
        let query = &request.query;
        let mask = self.columns.mask(&query.filters);
        if request.is_browse() {
            return Ok(self.browse(mask.as_ref(), query));
        }
        let prepared = self.prepare(request)?;
        let mut doubts = self.doubts(&query.filters);
        let (n_total, mut found) = self.results(&prepared, mask.as_ref(), &mut doubts);
        request.deadline.check()?;
        self.sort(query.sort, &mut found, |found| found.row);
        let Page { offset, limit } = query.page;
        let page = found.into_iter().skip(offset as usize).take(limit as usize);
        let hit = |found: candidates::Found| RecallHit {
            item: self.rows.id(found.row),
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

    /// Brings rows into the order asked for, ties by id; leaves them where
    /// that is relevance.
    fn sort<T>(&self, sort: Sort, found: &mut [T], row: impl Fn(&T) -> u32) {
        if sort != Sort::Relevance {
            sort_by_key(found, |found| {
                let row = row(found);
                let of = SortValues {
                    price_minor: self.columns.price_minor[row as usize],
                    n_buyers: self.buyers.of(row),
                    listed_minute: self.columns.listed_minute[row as usize],
                    rating: self.columns.ratings[row as usize],
                };
                (sort.key(of), self.rows.id(row))
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
        let query = self.prepare(request)?;
        self.signals_in(request, &query, &self.scales_of(&query), items)
    }

    /// [`Self::signals`] that are not in the units of a query: comparable from query to query.
    ///
    /// # Errors
    /// As [`Recall::search`].
    pub fn unscaled_signals(
        &self,
        request: &RecallRequest,
        items: &[ItemId],
    ) -> Result<Vec<Option<Signals>>, RecallError> {
        let query = self.prepare(request)?;
        self.signals_in(request, &query, &Scales::NONE, items)
    }

    fn signals_in(
        &self,
        request: &RecallRequest,
        query: &Prepared<'_>,
        scales: &Scales,
        items: &[ItemId],
    ) -> Result<Vec<Option<Signals>>, RecallError> {
        request.validate(self.n_numbers())?;
        let row_of = |item: &ItemId| self.rows.row_of(*item);
        let mut rows: Vec<u32> = items.iter().filter_map(row_of).collect();
        sort_by(&mut rows, Ord::cmp);
        rows.dedup();
        let signals = self.signals_of_rows(query, scales, &rows);
        let of_row = |row| rows.binary_search(&row).ok().map(|place| signals[place]);
        Ok(items.iter().map(|item| of_row(row_of(item)?)).collect())
    }

    fn browse(&self, mask: Option<&Mask>, query: &Query) -> RecallReply {
        let passes = |row: &&u32| mask.is_none_or(|mask| mask.contains(**row));
        let mut rows: Vec<u32> = self.buyers.order().iter().filter(passes).copied().collect();
        let mut doubts = self.doubts(&query.filters);
        rows.iter().for_each(|row| doubts.count(*row));
        if query.sort == Sort::Relevance && !doubts.is_empty() {
            sort_by_key(&mut rows, |row| doubts.n_of(*row));
        }
        self.sort(query.sort, &mut rows, |row| *row);
        let n_total = rows.len();
        let Page { offset, limit } = query.page;
        let page = rows.into_iter().zip(1u32..).skip(offset as usize).take(limit as usize);
        let hit = |(row, rank): (u32, u32)| {
            let score = self.buyers.of(row) as f32;
            let source = SourceRank { source: CandidateSource::Popular, rank, score };
            let (item, signals) = (self.rows.id(row), Signals::default());
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
        rows.into_iter().map(|(row, score)| (self.rows.id(row), score)).collect()
    }
}

impl Recall for EmbeddedRecall {
    fn n_items(&self) -> usize {
        self.rows.n_listed()
    }

    fn n_numbers(&self) -> usize {
        self.meaning.n_numbers()
    }

    fn search(&self, request: &RecallRequest) -> Result<RecallReply, RecallError> {
        self.answer(request)
    }

    fn probe(&self, request: &RecallRequest, attempts: &[Attempt]) -> Result<Probe, RecallError> {
        self.first_answered(request, attempts)
    }
}

/// The order of the items by id, if they can be indexed.
fn check(
    items: &[Item],
    meanings: Meanings<'_>,
    popularity: &[u32],
) -> Result<Vec<u32>, RecallError> {
    let n_items = items.len();
    if n_items > limits::ITEMS_MAX {
        return Err(RecallError::TooManyItems { n_items, max: limits::ITEMS_MAX });
    }
    check_inputs(items, meanings, popularity)?;
    let mut order: Vec<u32> = (0..n_items as u32).collect();
    sort_by_key(&mut order, |&i| items[i as usize].id);
    for pair in order.windows(2) {
        let [a, b] = [pair[0], pair[1]].map(|i| items[i as usize].id);
        if a == b {
            return Err(RecallError::DuplicateItem(a));
        }
    }
    Ok(order)
}

/// Whether items, their vectors or codes, and popularity belong together.
fn check_inputs(
    items: &[Item],
    meanings: Meanings<'_>,
    popularity: &[u32],
) -> Result<(), RecallError> {
    let n_items = items.len();
    let (n_numbers, needed) = match meanings {
        #[cfg(feature = "server")]
        Meanings::Vectors(vectors) => (vectors.len(), crate::TEXT_DIM),
        Meanings::Codes(codes) => (codes.len(), TEXT_CODE_DIM),
    };
    if n_numbers != n_items * needed || popularity.len() != n_items {
        let n_popularities = popularity.len();
        return Err(RecallError::LengthsDiffer { n_items, needed, n_numbers, n_popularities });
    }
    #[cfg(feature = "server")]
    if let Meanings::Vectors(vectors) = meanings {
        for (item, vector) in items.iter().zip(vectors.chunks_exact(crate::TEXT_DIM)) {
            if !vector.iter().all(|value| value.is_finite()) {
                return Err(RecallError::VectorNotFinite(item.id));
            }
        }
    }
    Ok(())
}

fn reorder<T: Copy>(rows: &[T], order: &[u32], dim: usize) -> Vec<T> {
    order.iter().flat_map(|&i| &rows[i as usize * dim..][..dim]).copied().collect()
}
