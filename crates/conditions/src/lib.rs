//! What a search text says besides words: conditions on price and brand ("under 20",
//! "not Acme"), and what results must be free of ("peanut free"). The server reads them
//! for its searches, the browser for those it has to answer itself; both ask [`claims`]
//! what a product says of itself.
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
//!
//! let read = conditions.read("nickel free case");
//! assert_eq!(read.filters[0].filters.free_of, ["nickel"]);
//! ```
#![deny(missing_docs)]

mod brands;
mod claims;
mod free_of;
mod languages;
mod phrases;
mod prices;
mod reader;
mod relaxing;
mod substances;
mod tokens;
mod verdict;

pub use claims::{Claims, Says, claims};
pub use languages::{TEXTS, TextRules};
pub use reader::{Conditions, ReadConditions, without};
pub use relaxing::{WeakerReading, fewer_words, weaker_filters, weaker_readings};
pub use tokens::quotes;
pub use verdict::{FreeOf, Verdict};
