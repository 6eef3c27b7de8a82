//! The engine in process: BM25 and an exact scan of codes over one set of rows.
//!
//! Rows are the items in order of id, so that every tie by row is a tie by id.

mod columns;
mod lexical;
mod rotation;
mod semantic;

use async_trait::async_trait;
use vitrine_domain::{CandidateSource, Item, ItemId, Page, limits};

use self::columns::{Columns, Mask};
use self::lexical::LexicalIndex;
pub use self::semantic::SCAN_CODE_DIM;
use self::semantic::SemanticIndex;
use crate::{
    Ranking, Recall, RecallError, RecallHit, RecallReply, RecallRequest, SourceRank, TEXT_DIM, fuse,
};

/// An index of one catalogue version in memory. Immutable; shared by
/// reference between threads.
pub struct EmbeddedRecall {
    ids: Vec<ItemId>,
    popularity: Vec<u32>,
    /// Rows, the most popular first.
    by_popularity: Vec<u32>,
    columns: Columns,
    lexical: LexicalIndex,
    semantic: SemanticIndex,
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
            lexical: LexicalIndex::build(&items)?,
            semantic: SemanticIndex::build(vectors),
        })
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

    fn search_now(&self, request: &RecallRequest) -> Result<RecallReply, RecallError> {
        request.validate()?;
        let mask = self.columns.mask(&request.query.filters);
        if request.is_browse() {
            return Ok(self.browse(mask.as_ref(), request.query.page));
        }
        let mut rankings = Vec::with_capacity(2);
        if !request.query.text.trim().is_empty() {
            let rows = self.lexical.search(&request.query.text, mask.as_ref())?;
            let items = self.with_ids(rows);
            rankings.push(Ranking { source: CandidateSource::Lexical, items });
        }
        if let Some(vector) = &request.vector {
            let items = self.with_ids(self.semantic.search(vector, mask.as_ref()));
            rankings.push(Ranking { source: CandidateSource::Semantic, items });
        }
        let mut hits = fuse(&rankings);
        hits.truncate(limits::RESULT_DEPTH_MAX as usize);
        let n_total = hits.len();
        let Page { offset, limit } = request.query.page;
        let hits = hits.into_iter().skip(offset as usize).take(limit as usize).collect();
        Ok(RecallReply { n_total, hits })
    }

    fn browse(&self, mask: Option<&Mask>, page: Page) -> RecallReply {
        let n_total = mask.map_or(self.ids.len(), Mask::count);
        let hits = self
            .by_popularity
            .iter()
            .filter(|&&row| mask.is_none_or(|mask| mask.contains(row)))
            .zip(1u32..)
            .skip(page.offset as usize)
            .take(page.limit as usize)
            .map(|(&row, rank)| {
                let score = self.popularity[row as usize] as f32;
                let source = SourceRank { source: CandidateSource::Popular, rank, score };
                RecallHit { item: self.ids[row as usize], score, sources: vec![source] }
            })
            .collect();
        RecallReply { n_total, hits }
    }

    fn with_ids(&self, rows: Vec<(u32, f32)>) -> Vec<(ItemId, f32)> {
        rows.into_iter().map(|(row, score)| (self.ids[row as usize], score)).collect()
    }
}

#[async_trait]
impl Recall for EmbeddedRecall {
    fn n_items(&self) -> usize {
        self.ids.len()
    }

    async fn search(&self, request: &RecallRequest) -> Result<RecallReply, RecallError> {
        self.search_now(request)
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
