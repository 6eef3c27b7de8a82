//! What people are told, in their language: catalogues of texts, the language in use, plurals.
//!
//! A text has a key in one of three catalogues: [`common`] is for what several programs say,
//! [`shop`] and [`studio`] for what only one does, so that neither carries the other's. A file
//! below `locales` has the texts of a catalogue in a language, and [`LANGUAGES`] says which
//! languages there are. The key of a text that counts ends in its plural category, such as
//! `one` and `other`.
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
mod language;
mod macros;
mod plural;

pub use catalogue::Catalogue;
pub use language::{
    InterfaceLanguage, LANGUAGES, current, locale, of_tag, preferred, set_current, set_regional,
};
pub use plural::{category, ordinal_category};

/// What several programs say: products, reasons, failures, figures.
pub mod common {
    mod texts {
        rust_i18n::i18n!("locales/common");
    }

    /// All of it.
    pub const CATALOGUE: crate::Catalogue = crate::Catalogue { texts: texts::_rust_i18n_backend };

    pub use crate::{common_n as n, common_t as t};
}

/// What only the Shop says.
pub mod shop {
    mod texts {
        rust_i18n::i18n!("locales/shop");
    }

    /// All of it.
    pub const CATALOGUE: crate::Catalogue = crate::Catalogue { texts: texts::_rust_i18n_backend };

    pub use crate::{shop_n as n, shop_t as t};
}

/// What only the Studio says.
pub mod studio {
    mod texts {
        rust_i18n::i18n!("locales/studio");
    }

    /// All of it.
    pub const CATALOGUE: crate::Catalogue = crate::Catalogue { texts: texts::_rust_i18n_backend };

    pub use crate::{studio_n as n, studio_t as t};
}
