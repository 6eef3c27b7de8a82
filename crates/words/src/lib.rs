//! What people are told, in their language: catalogues of texts, the language in use, plurals.
//!
//! A text has a key in one of three catalogues: [`common`] is for what several programs say,
//! [`shop`] and [`studio`] for what only one does, so that neither carries the other's. A file
//! below `locales` has the texts of a catalogue in a language, and [`LANGUAGES`] says which
//! languages there are. The key of a text that counts ends in its plural category, such as
//! `one` and `other`. Files are read by the build script, which refuses a language that lacks a
//! text; a key is a place in the catalogue once the program is compiled, and one that there is
//! not does not compile.
//!
//! ```
//! use vitrine_words::common::{n, t};
//!
//! assert_eq!(t!("obstacle.sold_out"), "Sold out");
//! assert_eq!(t!("tile.dismiss", title = "Bananas"), "Not interested in Bananas");
//! assert_eq!(n!("options", 2), "2 options");
//! ```
#![deny(missing_docs)]

mod catalogue;
mod categories;
mod language;
mod languages;
mod macros;
mod plural;

pub use catalogue::TextCatalogue;
#[doc(hidden)]
pub use catalogue::place;
pub use language::{current, locale, of_tag, preferred, set_current, set_regional};
pub use languages::{InterfaceLanguage, LANGUAGES};
pub use plural::ordinal;

include!(concat!(env!("OUT_DIR"), "/texts.rs"));

/// What several programs say: products, reasons, failures, figures.
pub mod common {
    #[doc(hidden)]
    pub use crate::common_texts::KEYS;
    pub use crate::{common_around as around, common_n as n, common_t as t};

    /// All of it.
    pub static CATALOGUE: crate::TextCatalogue =
        crate::TextCatalogue::new(crate::common_texts::TEXTS);
}

/// What only the Shop says.
pub mod shop {
    #[doc(hidden)]
    pub use crate::shop_texts::KEYS;
    pub use crate::{shop_around as around, shop_n as n, shop_t as t};

    /// All of it.
    pub static CATALOGUE: crate::TextCatalogue =
        crate::TextCatalogue::new(crate::shop_texts::TEXTS);
}

/// What only the Studio says.
pub mod studio {
    #[doc(hidden)]
    pub use crate::studio_texts::KEYS;
    pub use crate::{studio_n as n, studio_t as t};

    /// All of it.
    pub static CATALOGUE: crate::TextCatalogue =
        crate::TextCatalogue::new(crate::studio_texts::TEXTS);
}
