//! Typeahead: what an unfinished search may become, from the cards alone. The
//! browser runs it on what it has synced, so no keystroke leaves the device;
//! the server runs the same for users of its interface.
//!
//! ```
//! use vitrine_domain::ItemId;
//! use vitrine_suggest::{SuggestCard, Suggester, SuggestionKind};
//!
//! let card = |id, title, n_buyers| SuggestCard {
//!     id: ItemId(id),
//!     title,
//!     department: "",
//!     category: "",
//!     n_buyers,
//! };
//! let cards = [card(1, "White milk", 40), card(2, "Milk chocolate", 90)];
//! let suggester = Suggester::new(cards.into_iter());
//!
//! let found = suggester.suggest("mil", 8);
//! assert_eq!(found[0].text, "Milk chocolate");
//! assert_eq!((found[0].kind, found[0].item), (SuggestionKind::Product, Some(ItemId(2))));
//! ```
#![deny(missing_docs)]

mod index;
mod phrases;
mod spelling;
mod words;

pub use index::{SUGGESTIONS_MAX, Suggester};

use serde::{Deserialize, Serialize};
use vitrine_domain::{ItemId, Query};

/// What is suggested.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuggestionKind {
    /// Words that several titles share.
    #[default]
    Query,
    /// A category, to be filtered by.
    Category,
    /// A department, to be filtered by.
    Department,
    /// One product.
    Product,
}

/// One way to go on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestion {
    /// What it is.
    pub kind: SuggestionKind,
    /// What it says, readable.
    pub text: String,
    /// Cards that it stands for.
    pub n_items: u32,
    /// The card of a product; `None` for other kinds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<ItemId>,
}

impl Suggestion {
    /// The search that it stands for: its words, or everything in the category or
    /// department. `None` for a product, which has a page of its own.
    pub fn query(&self) -> Option<Query> {
        let mut query = Query::default();
        let name = self.text.clone();
        match self.kind {
            SuggestionKind::Query => query.text = name,
            SuggestionKind::Category => query.filters.categories.push(name),
            SuggestionKind::Department => query.filters.departments.push(name),
            SuggestionKind::Product => return None,
        }
        Some(query)
    }
}

/// What is read of a card.
#[derive(Clone, Copy, Debug)]
pub struct SuggestCard<'a> {
    /// The card.
    pub id: ItemId,
    /// Readable title.
    pub title: &'a str,
    /// Department; may be empty.
    pub department: &'a str,
    /// Category; may be empty.
    pub category: &'a str,
    /// Buyers, as far as they may be published.
    pub n_buyers: u32,
}
