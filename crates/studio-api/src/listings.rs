//! Products whose texts are poor: what they lack, what could be written, and where each fact is from.

use serde::{Deserialize, Serialize};
use vitrine_domain::ItemId;

/// Most characters of a title that is written in the Studio.
pub const WRITTEN_TITLE_CHARS_MAX: usize = 200;

/// Some of the products that lack something, those first whose lack most buyers meet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PoorListings {
    /// How many products of the published version lack something.
    pub n_total: usize,
    /// Language of the drafts, as a tag ("en").
    pub language: String,
    /// Those of this page. What was mended since the version was published is left out.
    pub listings: Vec<PoorListing>,
}

/// A product that lacks something.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PoorListing {
    /// Its card.
    pub item: ItemId,
    /// Its department and category, as the shop calls them.
    pub category: String,
    /// Its published buyers.
    pub n_buyers: u32,
    /// How many variants the card has, which share its texts.
    pub n_variants: u32,
    /// Its present texts.
    pub present: PresentTexts,
    /// What it lacks.
    pub needs: Vec<LackingPart>,
    /// What could be written; `None` where [`Self::no_draft`] says why.
    pub draft: Option<ProposedTexts>,
    /// Why there is no draft.
    pub no_draft: Option<NoDraftReason>,
}

/// The texts of a product as they are now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PresentTexts {
    /// Title.
    pub title: VersionedText,
    /// Description; may be empty.
    pub description: VersionedText,
}

/// A text with its version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct VersionedText {
    /// The text.
    pub text: String,
    /// Changes with the text; to be sent back with what is made of it.
    pub version: String,
}

/// Something that a product lacks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "need", rename_all = "snake_case")]
pub enum LackingPart {
    /// There is no description.
    NoDescription,
    /// The description is short.
    ShortDescription {
        /// Its letters and digits.
        n_letters: usize,
    },
    /// The title is only codes and abbreviations.
    UnreadableTitle,
    /// The description says what the title says.
    RepeatedTitle,
    /// Nearly all similar products have this attribute.
    MissingAttribute {
        /// Its name.
        name: String,
    },
    /// What a later server adds.
    #[serde(other)]
    Other,
}

/// Why there is no draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoDraftReason {
    /// Nothing is known of the product.
    NothingKnown,
    /// Nothing but its title is known.
    OnlyTitleKnown,
    /// Nothing that is known can be said.
    NothingSayable,
    /// What a later server adds.
    #[serde(other)]
    Other,
}

/// A drafted title and description, in pieces. Both are plain text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProposedTexts {
    /// The title's pieces; none where no text names the product.
    pub title: Vec<SourcedPiece>,
    /// The description's pieces, with all spaces between them.
    pub description: Vec<SourcedPiece>,
}

/// A piece of a draft.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SourcedPiece {
    /// The words.
    pub text: String,
    /// Where they are from; `None` for words that only connect.
    pub source: Option<StatedFact>,
}

/// Where a fact is from, and what is said there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct StatedFact {
    /// Where.
    pub kind: FactOrigin,
    /// The attribute's name or the picture's label; else empty.
    #[serde(default)]
    pub name: String,
    /// What is said there, shortened where it is long.
    #[serde(default)]
    pub said: String,
}

/// Kinds of sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactOrigin {
    /// The title that the product has.
    Title,
    /// The brand.
    Brand,
    /// The category.
    Category,
    /// The department.
    Department,
    /// An attribute.
    Attribute,
    /// Sizes of variants.
    Variant,
    /// A published sentence of a review.
    Review,
    /// What a model sees in the picture. Nothing gives such labels yet.
    Picture,
    /// The description that the product has.
    Description,
    /// What a later server adds.
    #[serde(other)]
    Other,
}

impl ProposedTexts {
    /// The title as it is read.
    pub fn title_text(&self) -> String {
        self.title.iter().map(|piece| piece.text.as_str()).collect()
    }

    /// The description as it is read.
    pub fn description_text(&self) -> String {
        self.description.iter().map(|piece| piece.text.as_str()).collect()
    }
}
