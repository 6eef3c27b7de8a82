//! What a text says as a row of numbers: n-grams of words and of characters, weighted by how
//! rare they are or by which label they go with.

mod grams;
mod scales;
mod vocabulary;

pub use grams::ReviewText;
pub(crate) use grams::{N_BLOCKS, block_of, grams};
pub(crate) use scales::{Scaling, bayes_ratios, document_frequencies, inverse_frequencies, scaled};
pub use vocabulary::FEATURES_MAX;
pub(crate) use vocabulary::{GramRow, Vocabulary};
