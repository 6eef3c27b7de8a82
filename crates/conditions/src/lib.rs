//! What a search text says besides words: conditions on price and brand ("under 20",
//! "not Acme"). The server reads them for its searches, the browser for those it has
//! to answer itself.
//!
//! ```
//! use vitrine_conditions::Conditions;
//!
//! let cards = [("Phone", "Samsung"), ("Phone case", "Acme")];
//! let conditions = Conditions::new(cards.into_iter(), "USD");
//!
//! let read = conditions.read("phone not samsung under 300");
//! assert_eq!(read.text, "phone");
//! assert_eq!(read.filters[0].filters.brands_excluded, ["Samsung"]);
//! assert_eq!(read.filters[1].filters.price_minor_max, Some(29_999));
//! ```
#![deny(missing_docs)]

mod brands;
mod prices;
mod reader;
mod tokens;

pub use reader::{Conditions, ReadConditions, without};
pub use tokens::quotes;
