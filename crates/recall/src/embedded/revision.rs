//! Changes of an index, without building it anew.

use vitrine_domain::{Availability, Item, ItemId};

use super::buyers::Buyers;
use super::columns::RowTerms;
use super::{EmbeddedRecall, check_inputs};
use crate::RecallError;

/// An index is worn when one row in so many is masked.
const WORN_MASKED_ONE_IN: usize = 4;
/// An index is worn when it has more than so many times the items it was built from.
const WORN_GROWTH_MAX: usize = 2;

/// What changed since an index was built, or revised last.
#[derive(Clone, Copy, Debug, Default)]
pub struct IndexRevision<'a> {
    /// Items that are gone, and those of which anything but price and availability
    /// changes: texts, department, category, brand, sizes. These are in
    /// [`Self::added`] too.
    pub removed: &'a [ItemId],
    /// New terms of items that stay.
    pub terms: &'a [ItemTerms],
    /// Items that come, in any order.
    pub added: &'a [Item],
    /// Unit vectors of their passages, for an index of vectors. \[added, 384\]
    pub vectors: &'a [f32],
    /// Their codes, for an index of codes. \[added, 128\]
    pub codes: &'a [i8],
    /// Their buyers, as far as they may be published. \[added\]
    pub popularity: &'a [u32],
}

/// What an item costs from now on and whether it can be bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ItemTerms {
    /// The item.
    pub item: ItemId,
    /// In minor units; 0 = not priced.
    pub price_minor: u32,
    /// Whether it can be bought.
    pub availability: Availability,
}

impl EmbeddedRecall {
    /// The index after a change. This one stays as it is, for the searches that began
    /// on it; the two share what did not change.
    ///
    /// New terms copy two columns. Items that come are indexed in a part of their own,
    /// together with parts before it that are not much larger, so that a search never has
    /// many to look through; now and then that is most of what revisions have
    /// added. Items that go are masked. A search finds what it would find in an
    /// index of the same items built anew, in nearly the same order: words and items are
    /// counted without those that are gone, but the weight of a word within a field, and
    /// the mean length of a field, are still of the texts of both. Scan codes keep the
    /// directions that they were built with. Of more than
    /// [`RESCORE_MAX`](vitrine_domain::limits::RESCORE_MAX) items with equal codes, those
    /// are kept that were indexed first; all other ties are by id.
    ///
    /// # Errors
    /// Lengths that differ, a vector that is not finite, an item that goes or has new
    /// terms and is not there, one that comes and is there or comes twice, too many
    /// items. The index is as before; nothing of the revision is in it.
    pub fn revised(&self, revision: &IndexRevision<'_>) -> Result<Self, RecallError> {
        let &IndexRevision { removed, terms, added, popularity, .. } = revision;
        check_inputs(added, self.meaning.added(revision), popularity)?;
        let (rows, change) = self.rows.revised(removed, added)?;
        let of_row = |terms: &ItemTerms| {
            let row = self.rows.row_of(terms.item);
            let stays = |row: &u32| change.masked.binary_search(row).is_err();
            let row = row.filter(stays).ok_or(RecallError::NotIndexed(terms.item))?;
            let is_available = terms.availability == Availability::InStock;
            Ok(RowTerms { row, price_minor: terms.price_minor, is_available })
        };
        let terms = terms.iter().map(of_row).collect::<Result<Vec<_>, RecallError>>()?;
        Ok(Self {
            buyers: self.buyers.revised(&change, &rows, popularity),
            columns: self.columns.revised(&change, &rows, &terms, added),
            vocabulary: self.vocabulary.revised(&change),
            lexical: self.lexical.revised(&change, &rows),
            meaning: self.meaning.revised(&change, revision),
            relevance: self.relevance,
            n_built: self.n_built,
            rows,
        })
    }

    /// The same index, in which searches find some of its items alone; it shares everything with
    /// this one. Words weigh as much as they did and scores are those of the whole, but counts,
    /// facets and what is asked for less where nothing is found are of these items.
    ///
    /// # Errors
    /// None of a sound index.
    pub fn narrowed(&self, keeps: impl Fn(ItemId) -> bool) -> Result<Self, RecallError> {
        let mut narrowed = self.revised(&IndexRevision::default())?;
        narrowed.columns.narrow(self.columns.rows_where(|row| keeps(self.rows.id(row))));
        Ok(narrowed)
    }

    /// The index with other buyers of its items, as far as they may be published.
    #[must_use]
    pub fn with_popularity(self, n_buyers: impl Fn(ItemId) -> u32) -> Self {
        Self { buyers: Buyers::counted_anew(&self.rows, n_buyers), ..self }
    }

    /// Whether so much was removed or added that an index built anew is faster and
    /// ranks better: a quarter of the rows are of items that are gone, or most items came
    /// after it was built.
    pub fn is_worn(&self) -> bool {
        let (n_rows, n_items) = (self.rows.len(), self.rows.n_listed());
        (n_rows - n_items) * WORN_MASKED_ONE_IN > n_rows || n_items > WORN_GROWTH_MAX * self.n_built
    }

    /// Parts that a search looks through, one after the other.
    pub fn n_parts(&self) -> usize {
        self.rows.n_parts()
    }
}
