//! Texts cut into sentences, and sentences into tokens that can be compared.

mod sentences;
mod stems;
mod tokens;

pub(crate) use sentences::{clipped, sentences};
pub(crate) use stems::stem;
pub(crate) use tokens::{Token, TokenKind, number_of, tokens};
