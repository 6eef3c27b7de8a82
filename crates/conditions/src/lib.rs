//! What a search text says besides words: conditions on price and brand ("under 20",
//! "not Acme"). The server reads them for its searches, the browser for those it has
//! to answer itself.
#![deny(missing_docs)]

mod brands;
mod prices;
mod reader;
mod tokens;

pub use reader::{Conditions, ReadConditions, without};
pub use tokens::quotes;
