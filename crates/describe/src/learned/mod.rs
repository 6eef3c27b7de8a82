//! What a shop's own good listings teach: what stands where in titles, and what descriptions say first.

mod descriptions;
mod titles;

use crate::language::ListingLanguage;
use crate::sources::{SIBLINGS_READ_MAX, SiblingListing};
use crate::words::attribute_key;

/// Listings that teach a pattern; of fewer, the language's default is used.
pub const LEARNED_LISTINGS_MIN: usize = 5;
/// Longest title, in characters.
pub const TITLE_CHARS_MAX: usize = 120;
/// Shortest limit that a shop's own titles set.
pub const TITLE_CHARS_LEARNED_MIN: usize = 30;
/// Share of the listings that have an attribute which say it in the title, for a slot.
pub const TITLE_SLOT_SHARE_MIN: f64 = 0.5;
/// Share of the listings that have an attribute which say it in the description, for a place.
pub const DESCRIPTION_SHARE_MIN: f64 = 0.3;

/// A place in a title.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TitleSlot {
    /// The brand.
    Brand,
    /// What the product is.
    Kind,
    /// The value of the attribute of this name.
    Attribute(String),
}

/// How a category is described.
#[derive(Clone, Debug, PartialEq)]
pub struct ListingPatterns {
    /// The order of titles.
    pub title_slots: Vec<TitleSlot>,
    /// What stands between an attribute's value in a title and what is before it; `None` for the
    /// language's own.
    pub title_separator: Option<String>,
    /// Longest title that is drafted, in characters; never above [`TITLE_CHARS_MAX`].
    pub title_chars_max: usize,
    /// Names of attributes in the order in which descriptions speak of them. Others come later.
    pub description_attributes: Vec<String>,
    /// How many listings taught this; 0 for the default.
    pub n_listings: usize,
}

impl ListingPatterns {
    /// What well described listings of one category have in common. The same listings in any order
    /// teach the same.
    ///
    /// ```
    /// use vitrine_describe::{ListingLanguage, ListingPatterns, SiblingListing, TitleSlot};
    ///
    /// let volume = [("Volume".to_owned(), "1 l".to_owned())];
    /// let sibling = SiblingListing { title: "Acme Bottle 1 l", brand: "Acme", attributes: &volume, description: "" };
    /// let patterns = ListingPatterns::learn(&[sibling; 5], ListingLanguage::English);
    /// let volume = TitleSlot::Attribute("volume".to_owned());
    /// assert_eq!(patterns.title_slots, [TitleSlot::Brand, TitleSlot::Kind, volume]);
    /// ```
    pub fn learn(listings: &[SiblingListing<'_>], language: ListingLanguage) -> Self {
        let listings = &listings[..listings.len().min(SIBLINGS_READ_MAX)];
        if listings.len() < LEARNED_LISTINGS_MIN {
            return Self::default_of(language);
        }
        let title_chars =
            titles::median_chars(listings).clamp(TITLE_CHARS_LEARNED_MIN, TITLE_CHARS_MAX);
        Self {
            title_slots: titles::slots(listings),
            title_separator: titles::separator(listings),
            // Half of the titles are longer than the median; a draft may be somewhat longer, too.
            title_chars_max: (title_chars * 3 / 2).min(TITLE_CHARS_MAX),
            description_attributes: descriptions::order(listings),
            n_listings: listings.len(),
        }
    }

    /// What is written where nothing is learned: brand, kind, colour and size; material, measures
    /// and the rest. Chinese titles have the same order.
    pub fn default_of(language: ListingLanguage) -> Self {
        let names = match language {
            ListingLanguage::English => ["colour", "size"],
            ListingLanguage::German => ["Farbe", "Größe"],
            ListingLanguage::Chinese => ["颜色", "尺码"],
        };
        let attributes = names.map(|name| TitleSlot::Attribute(attribute_key(name)));
        Self {
            title_slots: [TitleSlot::Brand, TitleSlot::Kind]
                .into_iter()
                .chain(attributes)
                .collect(),
            title_separator: None,
            title_chars_max: TITLE_CHARS_MAX,
            description_attributes: Vec::new(),
            n_listings: 0,
        }
    }
}
