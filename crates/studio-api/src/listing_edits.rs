//! Texts that a person writes in the Studio: checked, published, taken back.

use serde::{Deserialize, Serialize};
use vitrine_domain::ItemId;

use crate::listings::{PresentTexts, StatedFact};

/// A text of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WrittenField {
    /// The title.
    Title,
    /// The description.
    Description,
}

/// Texts to be checked; those that are missing are not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TextsToCheck {
    /// Title.
    pub title: Option<String>,
    /// Description.
    pub description: Option<String>,
}

/// What texts claim.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CheckedTexts {
    /// Claims that no source supports, those of the title first.
    pub unsupported: Vec<OpenClaim>,
    /// Claims with the source of each.
    pub supported: Vec<BackedClaim>,
}

/// A claim that no source supports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenClaim {
    /// In which text.
    pub field: WrittenField,
    /// What kind of claim it is.
    pub kind: ClaimTopic,
    /// Its words.
    pub text: String,
    /// First byte of it in its text.
    pub start: usize,
    /// Byte behind it.
    pub end: usize,
}

/// A claim that a source supports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackedClaim {
    /// In which text.
    pub field: WrittenField,
    /// First byte of it in its text.
    pub start: usize,
    /// Byte behind it.
    pub end: usize,
    /// The source.
    pub source: StatedFact,
}

/// What a claim is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimTopic {
    /// A number or a measure.
    Number,
    /// A material or something that is in the product.
    Material,
    /// A colour.
    Colour,
    /// A size of clothes.
    Size,
    /// A mark, a test, an award.
    Certification,
    /// What the product is or does.
    Property,
    /// What it does to health.
    Health,
    /// "The best".
    Superlative,
    /// Where it comes from.
    Origin,
    /// A brand or another proper name.
    Name,
    /// Price, warranty, delivery, return.
    Promise,
    /// What buyers or experts are said to think.
    Testimonial,
    /// What cannot be read.
    Unreadable,
    /// What a later server adds.
    #[serde(other)]
    Other,
}

/// A claim that a person knows to be right.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfirmedClaim {
    /// In which text.
    pub field: WrittenField,
    /// What kind of claim it is.
    pub kind: ClaimTopic,
    /// Its words, as the check gave them.
    pub text: String,
}

/// Texts to be published. Those that are missing stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TextsToPublish {
    /// The new title.
    pub title: Option<String>,
    /// Version of the title that it was made from.
    pub title_version: String,
    /// The new description.
    pub description: Option<String>,
    /// Version of the description that it was made from.
    pub description_version: String,
    /// Claims without a source that the person knows to be right.
    pub confirmed: Vec<ConfirmedClaim>,
}

/// What was published.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PublishedTexts {
    /// Number of the edit, by which it can be taken back; `None` where nothing was changed.
    pub edit: Option<u64>,
    /// Number of the record of the log of changes; shoppers see it within moments.
    pub record: u64,
    /// The texts as they are now.
    pub present: PresentTexts,
}

/// Which edit is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TakenBack {
    /// Number of the edit.
    pub edit: u64,
}

/// Edits that are kept, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WrittenEdits {
    /// The edits.
    pub edits: Vec<WrittenEdit>,
}

/// What was written, and what was there before. Nobody's name is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WrittenEdit {
    /// Its number.
    pub edit: u64,
    /// The card.
    pub item: ItemId,
    /// When, in seconds since 1970-01-01 UTC.
    pub at_seconds: i64,
    /// The title, where it was changed.
    pub title: Option<ReplacedText>,
    /// The description, where it was changed.
    pub description: Option<ReplacedText>,
    /// Claims without a source that the person confirmed.
    pub confirmed: Vec<ConfirmedClaim>,
    /// The edit that this one took back.
    pub takes_back: Option<u64>,
    /// Whether the texts are still as this edit left them: an import or a push may have had the
    /// newer word.
    pub stands: bool,
}

/// A text and what it took the place of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReplacedText {
    /// What was there.
    pub before: String,
    /// What was written.
    pub after: String,
}

impl OpenClaim {
    /// The same claim as a person confirms it.
    pub fn confirmed(&self) -> ConfirmedClaim {
        ConfirmedClaim { field: self.field, kind: self.kind, text: self.text.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_that_a_later_server_knows_is_read() {
        let claim = r#"{"field": "title", "kind": "future", "text": "x", "start": 0, "end": 1}"#;
        let claim: OpenClaim = serde_json::from_str(claim).expect("readable");
        assert_eq!(claim.kind, ClaimTopic::Other);
        let edit: WrittenEdit = serde_json::from_str(r#"{"edit": 3}"#).expect("readable");
        assert_eq!((edit.edit, edit.title), (3, None));
    }

    #[test]
    fn what_nobody_knows_is_not_published() {
        let refused = serde_json::from_str::<TextsToPublish>(r#"{"titel": "x"}"#);
        assert!(refused.is_err_and(|error| error.to_string().contains("titel")));
    }
}
