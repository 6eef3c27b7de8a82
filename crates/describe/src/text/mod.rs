//! Texts as they are read: without what hides in them, cut into tokens, quotations and sentences.

mod clean;
mod hidden;
mod quotes;
mod reading;
mod tokens;

pub(crate) use clean::cleaned;
pub use hidden::hidden_character;
pub(crate) use hidden::is_hidden;
pub(crate) use quotes::{is_quotation_mark, quotations};
pub(crate) use reading::Reading;
pub(crate) use tokens::{Token, TokenKind, folded, tokens};
