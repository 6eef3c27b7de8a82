//! `vitrine-lab questions`: how an assistant answers questions about products of public data sets.

pub mod data;
mod made;
mod score;
mod templates;

pub use made::{MadeQuestion, QuestionSource};
pub use score::{AnsweringShop, QuestionOutcome};
