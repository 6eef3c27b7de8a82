//! Texts cut into what models and people read: sentences, clauses, words.

mod clauses;
mod sentences;
mod tokens;

pub(crate) use clauses::{Clause, clauses};
pub use sentences::{SENTENCES_MAX, sentences};
pub(crate) use tokens::{Token, TokenKind, tokens};
