//! Candidate recall: which items a search is about, before anything ranks them
//! for a shopper.
//!
//! [`Recall`] is what an engine does for one immutable catalogue version: text,
//! vector, filters and paging come in as data, hits with their ranks go out. No
//! type of an engine is in it. [`EmbeddedRecall`] is the engine in process:
//! BM25 over the items' fields and an exact scan of their codes, joined by the
//! learned weights of [`Relevance`]. [`EmbeddedRecall::revised`] gives the index after
//! an [`IndexRevision`], which shares with the one before what did not change. [`Understanding`] reads what a text says besides
//! words, [`Searcher`] asks for less where nothing is found. [`conformance`] (with
//! the feature of that name) is what every engine is tested with.
//!
//! ```
//! use vitrine_domain::{Item, ItemId};
//! use vitrine_recall::{EmbeddedRecall, Recall, RecallRequest, TEXT_DIM};
//!
//! let item = |id, title: &str| Item { id: ItemId(id), title: title.into(), ..Item::default() };
//! let items = [item(1, "White milk"), item(2, "Milk chocolate"), item(3, "Tea")];
//! let vectors = vec![0.0; items.len() * TEXT_DIM]; // the encoder's, one row an item
//! let popularity = [40, 90, 10];
//! let engine = EmbeddedRecall::build(&items, vectors, &popularity)?;
//!
//! let mut request = RecallRequest::default();
//! request.query.text = "milk".into();
//! let reply = engine.search(&request)?;
//! assert_eq!(reply.n_total, 2);
//! assert!(reply.hits.iter().all(|hit| hit.item != ItemId(3)));
//! # Ok::<(), vitrine_recall::RecallError>(())
//! ```

mod analysis;
mod code_space;
#[cfg(feature = "conformance")]
pub mod conformance;
mod deadline;
mod embedded;
mod engine;
mod error;
mod languages;
#[cfg(feature = "server")]
mod learn;
mod measures;
mod query_table;
mod relax;
mod relevance;
mod request;
mod understanding;

pub use code_space::CodeSpace;
pub use deadline::Deadline;
#[cfg(feature = "server")]
pub use embedded::TextCoder;
pub use embedded::{EmbeddedRecall, IndexRevision, ItemTerms};
pub use engine::{Attempt, Probe, Recall};
pub use error::RecallError;
pub use languages::{TextLanguage, UnknownLanguage};
#[cfg(feature = "server")]
pub use learn::{JudgedList, learn};
pub use query_table::QueryTable;
#[cfg(feature = "server")]
pub use query_table::TableTexts;
pub use relax::{Answer, Language, Searcher};
#[cfg(feature = "server")]
pub use relevance::RelevanceError;
pub use relevance::{N_SIGNALS, Relevance, Signal, Signals};
pub use request::{RecallHit, RecallReply, RecallRequest, SourceRank, WordCount};
#[cfg(feature = "server")]
pub use understanding::SynonymError;
pub use understanding::{ReadText, Synonyms, Understanding};

/// The words of a text, in lower case and without accents; of a script without spaces, its pairs of
/// characters.
pub fn words(text: &str) -> Vec<String> {
    analysis::tokens(&analysis::words(), text)
}

/// Numbers of a text vector.
pub const TEXT_DIM: usize = 384;
