//! What a device needs to understand a search by itself, beside cards and codes of texts.

use serde::{Deserialize, Serialize};

use crate::bounded;

/// Most words of a table: at 128 bytes each, some 4 MB.
pub const TABLE_WORDS_MAX: usize = 30_000;
/// Most phrases that have synonyms.
pub const SYNONYM_PHRASES_MAX: usize = 20_000;
/// Most synonyms of one phrase.
pub const SYNONYMS_MAX: usize = 64;
/// Weights of signals, in their order; more are left for later versions.
pub const SIGNALS_MAX: usize = 64;
/// Longest code of a language.
pub const LANGUAGE_BYTES_MAX: usize = 16;

/// What words mean along the codes of texts, and how the shop's searches are read and ordered.
///
/// A text's vector is the intercept and the sum of the rows of its known words and pairs of
/// neighbours, divided by the number of its known words (at least 1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct QueryTableShard {
    /// The middle of the items' texts. `[128]`
    #[serde(deserialize_with = "bounded::list::<{ vitrine_domain::TEXT_CODE_DIM }, _, _>")]
    pub mean: Vec<f32>,
    /// The middle of likely searches. `[128]`
    #[serde(deserialize_with = "bounded::list::<{ vitrine_domain::TEXT_CODE_DIM }, _, _>")]
    pub query_mean: Vec<f32>,
    /// What one step of an item's code is worth.
    pub unit: f32,
    /// What a text means of whose words none is known. `[128]`
    #[serde(deserialize_with = "bounded::list::<{ vitrine_domain::TEXT_CODE_DIM }, _, _>")]
    pub intercept: Vec<f32>,
    /// FNV-1a of 32 bits of folded words, and of pairs with a space between, ascending.
    #[serde(deserialize_with = "bounded::list::<TABLE_WORDS_MAX, _, _>")]
    pub words: Vec<u32>,
    /// What one step of each row is worth. `[words.len()]`
    #[serde(deserialize_with = "bounded::list::<TABLE_WORDS_MAX, _, _>")]
    pub units: Vec<f32>,
    /// What each word adds. `[words.len(), 128]`, row-major.
    #[serde(deserialize_with = "bounded::signed")]
    pub rows: Vec<i8>,
    /// ISO 639-1 code of the language by which texts are stemmed.
    pub language: String,
    /// What each signal of relevance counts for, in the order of `vitrine_recall::Signal::ALL`.
    #[serde(deserialize_with = "bounded::list::<SIGNALS_MAX, _, _>")]
    pub relevance: Vec<f32>,
    /// Stems of phrases, ascending, and what each may stand for.
    #[serde(deserialize_with = "bounded::list::<SYNONYM_PHRASES_MAX, _, _>")]
    pub synonyms: Vec<(String, Vec<String>)>,
}
