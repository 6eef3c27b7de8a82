//! What people are told, in their language: catalogues of texts, the language in use, plurals.
//!
//! A text has a key in one of four catalogues: [`session`] is for what the session says, and with it
//! the engine of the packages, [`common`] for what the views of both programs say, [`shop`] and
//! [`studio`] for those of one. No program carries what it does not say. A file
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

/// What the views of both programs say: products, results, figures.
pub mod common {
    #[doc(hidden)]
    pub use crate::common_texts::KEYS;
    pub use crate::{common_around as around, common_n as n, common_t as t};

    /// All of it.
    pub static CATALOGUE: crate::TextCatalogue =
        crate::TextCatalogue::new(crate::common_texts::TEXTS);
}

/// What the session says, and with it the engine of the packages: reasons, notes, failures, days.
pub mod session {
    #[doc(hidden)]
    pub use crate::session_texts::KEYS;
    pub use crate::{session_n as n, session_t as t};

    /// All of it.
    pub static CATALOGUE: crate::TextCatalogue =
        crate::TextCatalogue::new(crate::session_texts::TEXTS);
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
