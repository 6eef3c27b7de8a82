//! What is known of the meaning of the rows: full vectors on a server, codes in a browser.

use vitrine_domain::TEXT_CODE_DIM;

use super::centre::CentredQuery;
use super::coded::CodeIndex;
use super::mask::Mask;
use super::rows::RowChange;
#[cfg(feature = "server")]
use super::semantic::SemanticIndex;
use crate::IndexRevision;

/// What is known of the meaning of items, one row after the other.
#[derive(Clone, Copy)]
pub(super) enum Meanings<'a> {
    /// \[n, 384\]
    #[cfg(feature = "server")]
    Vectors(&'a [f32]),
    /// \[n, [`TEXT_CODE_DIM`]\]
    Codes(&'a [i8]),
}

/// The meaning of the rows.
pub(super) enum MeaningIndex {
    #[cfg(feature = "server")]
    Vectors(SemanticIndex),
    Codes(CodeIndex),
}

impl MeaningIndex {
    /// Numbers of a query's vector.
    pub(super) fn n_numbers(&self) -> usize {
        match self {
            #[cfg(feature = "server")]
            Self::Vectors(_) => crate::TEXT_DIM,
            Self::Codes(_) => TEXT_CODE_DIM,
        }
    }

    /// The index after a change of the rows; of `added` the kind counts that the index has.
    pub(super) fn revised(&self, change: &RowChange, added: &IndexRevision<'_>) -> Self {
        match self {
            #[cfg(feature = "server")]
            Self::Vectors(index) => Self::Vectors(index.revised(change, added.vectors)),
            Self::Codes(index) => Self::Codes(index.revised(change, added.codes)),
        }
    }

    /// The vectors or codes of the items that `revision` adds, whichever the index has.
    pub(super) fn added<'a>(&self, revision: &IndexRevision<'a>) -> Meanings<'a> {
        match self {
            #[cfg(feature = "server")]
            Self::Vectors(_) => Meanings::Vectors(revision.vectors),
            Self::Codes(_) => Meanings::Codes(revision.codes),
        }
    }

    /// The rows nearest to a vector with their inner products, in no order.
    pub(super) fn search(&self, vector: &[f32], mask: Option<&Mask>) -> Vec<(u32, f32)> {
        match self {
            #[cfg(feature = "server")]
            Self::Vectors(index) => index.search(vector, mask),
            Self::Codes(index) => index.search(vector, mask),
        }
    }

    /// A query as [`Self::meaning`] takes it.
    pub(super) fn query(&self, vector: &[f32]) -> CentredQuery {
        match self {
            #[cfg(feature = "server")]
            Self::Vectors(index) => index.query(vector),
            Self::Codes(index) => index.query(vector),
        }
    }

    /// Cosine of a query with a row about their middles.
    pub(super) fn meaning(&self, query: &CentredQuery, row: u32) -> f32 {
        match self {
            #[cfg(feature = "server")]
            Self::Vectors(index) => index.meaning(query, row),
            Self::Codes(index) => index.meaning(query, row),
        }
    }
}
