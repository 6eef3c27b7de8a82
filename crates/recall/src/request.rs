//! What goes into a recall engine and what comes out.

use vitrine_domain::{
    CandidateSource, Correction, Facets, FreeOfCount, ItemId, Query, Synonym, limits,
};

use crate::{Deadline, RecallError, Signals};

/// A search. It never carries history.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecallRequest {
    /// Text, filters, order and paging. The text is words: conditions have been
    /// read from it before ([`crate::Understanding`]).
    pub query: Query,
    /// Vector of the text, of as many numbers as the engine asks for: \[384\] by the
    /// catalogue's encoder; without it only words are matched.
    pub vector: Option<Vec<f32>>,
    /// What may stand for words of the text.
    pub synonyms: Vec<Synonym>,
    /// Words of the text, in lower case, that are spelt right: they are not
    /// corrected where no item has them.
    pub spelt_right: Vec<String>,
    /// Words of the text that are not asked for, as [`WordCount::word`] names them.
    /// They still say what their neighbours mean.
    pub left_out: Vec<String>,
    /// When nobody waits for the answer any more.
    pub deadline: Deadline,
}

impl RecallRequest {
    /// Checks the named limits, and that a vector has `n_numbers`; every engine calls this
    /// first.
    ///
    /// # Errors
    /// The first limit that is exceeded.
    pub fn validate(&self, n_numbers: usize) -> Result<(), RecallError> {
        let page = self.query.page;
        if page.limit > limits::PAGE_LIMIT_MAX {
            return Err(RecallError::PageTooLarge {
                limit: page.limit,
                max: limits::PAGE_LIMIT_MAX,
            });
        }
        if page.offset.saturating_add(page.limit) > limits::RESULT_DEPTH_MAX {
            return Err(RecallError::PageTooDeep {
                offset: page.offset,
                limit: page.limit,
                max: limits::RESULT_DEPTH_MAX,
            });
        }
        let n_chars = self.query.text.chars().count();
        if n_chars > limits::QUERY_CHARS_MAX {
            return Err(RecallError::TextTooLong { n_chars, max: limits::QUERY_CHARS_MAX });
        }
        let filters = &self.query.filters;
        for (field, values) in [
            ("departments", &filters.departments),
            ("categories", &filters.categories),
            ("brands", &filters.brands),
            ("brands_excluded", &filters.brands_excluded),
            ("free_of", &filters.free_of),
        ] {
            let (n_values, max) = (values.len(), limits::FILTER_VALUES_MAX);
            if n_values > max {
                return Err(RecallError::TooManyFilterValues { field, n_values, max });
            }
        }
        if let Some((min, max)) = filters.inverted_prices() {
            return Err(RecallError::PricesInverted { min, max });
        }
        if let Some(vector) = &self.vector {
            let n_finite = vector.iter().filter(|value| value.is_finite()).count();
            if n_finite != n_numbers || vector.len() != n_numbers {
                return Err(RecallError::BadVector {
                    len: vector.len(),
                    n_finite,
                    needed: n_numbers,
                });
            }
        }
        Ok(())
    }

    /// Whether nothing is searched for, so that the answer is the catalogue in
    /// order of popularity.
    pub fn is_browse(&self) -> bool {
        self.vector.is_none() && self.query.text.trim().is_empty()
    }
}

/// One page of the answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecallReply {
    /// How many items answer. Pages end at [`limits::RESULT_DEPTH_MAX`], after
    /// the most relevant, whatever they are sorted by.
    pub n_total: usize,
    /// The page's hits in the order asked for, ties by id.
    pub hits: Vec<RecallHit>,
    /// Words that no item has, and what was searched for in their place.
    pub corrections: Vec<Correction>,
    /// Those of the request's synonyms that items have.
    pub synonyms: Vec<Synonym>,
    /// The words of the text, and how many items that pass the filters have each.
    pub words: Vec<WordCount>,
    /// How many results say that they meet each condition to be free of something.
    pub free_of: Vec<FreeOfCount>,
    /// What filters would leave; `None` unless the query asks for it.
    pub facets: Option<Facets>,
}

/// A word of a search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WordCount {
    /// As typed, in lower case.
    pub word: String,
    /// Items that pass the filters and have it, or what stands for it.
    pub n_items: u32,
    /// Items that have it, whatever the filters say.
    pub n_items_unfiltered: u32,
}

/// An item that answers the search.
#[derive(Clone, Debug, PartialEq)]
pub struct RecallHit {
    /// The card.
    pub item: ItemId,
    /// Relevance; comparable within one answer only.
    pub score: f32,
    /// What the score is made of, by [`crate::Relevance`]; zeros when browsing.
    pub signals: Signals,
    /// The sources that found it.
    pub sources: Vec<SourceRank>,
    /// What it should be free of and does not say whether it is.
    pub unconfirmed: Vec<String>,
}

/// Where one source put an item.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SourceRank {
    /// Which source.
    pub source: CandidateSource,
    /// Its rank for this search, from 1.
    pub rank: u32,
    /// Its own score: BM25 and coverage, cosine, or buyers when browsing.
    pub score: f32,
}

#[cfg(test)]
mod tests {
    use vitrine_domain::{Filters, Page};

    use super::*;
    use crate::TEXT_DIM;

    fn with_page(offset: u32, limit: u32) -> RecallRequest {
        let query = Query { page: Page { offset, limit }, ..Query::default() };
        RecallRequest { query, ..RecallRequest::default() }
    }

    #[test]
    fn limits_are_inclusive_and_do_not_overflow() {
        assert!(with_page(800, 200).validate(TEXT_DIM).is_ok());
        assert!(with_page(1_000, 0).validate(TEXT_DIM).is_ok());
        assert!(matches!(
            with_page(0, 201).validate(TEXT_DIM),
            Err(RecallError::PageTooLarge { .. })
        ));
        assert!(matches!(
            with_page(801, 200).validate(TEXT_DIM),
            Err(RecallError::PageTooDeep { .. })
        ));
        assert!(matches!(
            with_page(u32::MAX, 1).validate(TEXT_DIM),
            Err(RecallError::PageTooDeep { .. })
        ));
    }

    #[test]
    fn texts_are_counted_in_characters() {
        let with_text = |text: String| RecallRequest {
            query: Query { text, ..Query::default() },
            ..RecallRequest::default()
        };
        assert!(with_text("é".repeat(500)).validate(TEXT_DIM).is_ok());
        let error = with_text("é".repeat(501)).validate(TEXT_DIM);
        assert!(matches!(error, Err(RecallError::TextTooLong { n_chars: 501, .. })));
    }

    #[test]
    fn a_price_range_must_not_be_inverted() {
        let check = |min, max| {
            let filters = Filters {
                price_minor_min: Some(min),
                price_minor_max: Some(max),
                ..Filters::default()
            };
            let query = Query { filters, ..Query::default() };
            RecallRequest { query, ..RecallRequest::default() }.validate(TEXT_DIM)
        };
        assert!(check(5, 5).is_ok());
        let error = check(6, 5);
        assert!(matches!(error, Err(RecallError::PricesInverted { min: 6, max: 5 })));
    }

    #[test]
    fn long_filters_and_bad_vectors_are_refused() {
        let filters = Filters { brands: vec![String::new(); 101], ..Filters::default() };
        let query = Query { filters, ..Query::default() };
        let error = RecallRequest { query, ..RecallRequest::default() }.validate(TEXT_DIM);
        assert!(matches!(error, Err(RecallError::TooManyFilterValues { field: "brands", .. })));

        let mut vector = vec![0.0; TEXT_DIM];
        let check = |vector: &[f32]| {
            RecallRequest { vector: Some(vector.to_vec()), ..RecallRequest::default() }
                .validate(TEXT_DIM)
        };
        assert!(check(&vector).is_ok());
        assert!(matches!(check(&vector[1..]), Err(RecallError::BadVector { .. })));
        vector[7] = f32::NAN;
        assert!(matches!(check(&vector), Err(RecallError::BadVector { .. })));
        vector.push(0.0);
        assert!(matches!(check(&vector), Err(RecallError::BadVector { .. })));
    }
}
