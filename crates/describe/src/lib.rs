//! Descriptions for products that have poor ones, with nothing invented.
//!
//! [`draft()`] writes a title and a description by templates from what a shop knows of a product
//! ([`ListingSources`]), in the order that the shop's own good listings teach
//! ([`ListingPatterns`]). Each piece names its [`FactSource`]. [`check_listing`] compares any text,
//! whoever wrote it, with the same sources, and finds numbers, materials, colours, sizes, names,
//! claims and promises that none of them supports. [`listing_needs`] says what a listing lacks.
//!
//! There is no model, no clock, no network and no storage in it. Texts of sources are data: what
//! reads like an order is not followed, and not drafted.
#![deny(missing_docs)]

mod check;
mod draft;
mod language;
mod learned;
mod needs;
mod scan;
mod sources;
mod templates;
mod text;
mod vocabulary;
mod words;

pub use check::{
    CHECKED_BYTES_MAX, ListingCheck, ListingClaimKind, SupportedClaim, UnsupportedClaim,
    check_listing,
};
pub use draft::{
    DESCRIPTION_FACTS_MAX, DraftFragment, DraftRefusal, DraftSentence, ListingDraft,
    QUOTED_REVIEWS_MAX, QUOTED_REVIEWS_MIN, VALUE_CHARS_MAX, draft,
};
pub use language::ListingLanguage;
pub use learned::{
    DESCRIPTION_SHARE_MIN, LEARNED_LISTINGS_MIN, ListingPatterns, TITLE_CHARS_LEARNED_MIN,
    TITLE_CHARS_MAX, TITLE_SLOT_SHARE_MIN, TitleSlot,
};
pub use needs::{
    CHARACTER_LETTERS, CommonAttributes, DESCRIPTION_LETTERS_MIN, ListingNeed, SIBLING_SHARE_MIN,
    SIBLINGS_COMPARED_MIN, listing_needs, listing_needs_among,
};
pub use sources::{
    ATTRIBUTES_READ_MAX, FactSource, ListingSources, ListingVariant, PICTURE_CONFIDENCE_MIN,
    PictureLabel, REVIEW_SENTENCES_MAX, SIBLINGS_READ_MAX, SOURCE_BYTES_MAX, SiblingListing,
    VARIANTS_READ_MAX,
};
pub use text::hidden_character;
