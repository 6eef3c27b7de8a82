//! What is known of a product, and where a fact comes from.

use crate::text::cleaned;

/// Most review sentences that are read.
pub const REVIEW_SENTENCES_MAX: usize = 64;
/// Most attributes that are read.
pub const ATTRIBUTES_READ_MAX: usize = 128;
/// Most variants that are read.
pub const VARIANTS_READ_MAX: usize = 256;
/// Most similar products that are read.
pub const SIBLINGS_READ_MAX: usize = 512;
/// Most bytes that are read of one text of a source.
pub const SOURCE_BYTES_MAX: usize = 16 * 1024;
/// Least confidence of a picture's label that may be spoken of.
pub const PICTURE_CONFIDENCE_MIN: f32 = 0.6;

/// All that may be said of a product, and what similar products look like. Texts are data: nothing
/// in them is followed as an order.
#[derive(Clone, Copy, Debug, Default)]
pub struct ListingSources<'a> {
    /// The title that the product has.
    pub title: &'a str,
    /// The description that the product has; may be empty.
    pub description: &'a str,
    /// The brand; may be empty.
    pub brand: &'a str,
    /// The category; may be empty.
    pub category: &'a str,
    /// The department; may be empty.
    pub department: &'a str,
    /// Names and values, in the shop's order.
    pub attributes: &'a [(String, String)],
    /// Sizes and colours that it is sold in.
    pub variants: &'a [ListingVariant<'a>],
    /// Well described products of the same category. They teach patterns and support no fact.
    pub siblings: &'a [SiblingListing<'a>],
    /// Sentences of buyers, word for word, the most representative first. They may be quoted and
    /// support nothing outside of a quotation.
    pub reviews: &'a [&'a str],
    /// What a model sees in the picture.
    pub picture_labels: &'a [PictureLabel<'a>],
}

/// One variant of a product.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ListingVariant<'a> {
    /// Its size; may be empty.
    pub size: &'a str,
    /// Its colour; may be empty.
    pub colour: &'a str,
}

/// A product of the same category that is described well.
#[derive(Clone, Copy, Debug, Default)]
pub struct SiblingListing<'a> {
    /// Its title.
    pub title: &'a str,
    /// Its brand; may be empty.
    pub brand: &'a str,
    /// Names and values.
    pub attributes: &'a [(String, String)],
    /// Its description.
    pub description: &'a str,
}

/// What a model sees in a picture.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PictureLabel<'a> {
    /// What is seen.
    pub label: &'a str,
    /// How sure the model is, from 0 to 1.
    pub confidence: f32,
}

/// Where a fact comes from. There is none for similar products: what is true of them need not be
/// true of this one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FactSource {
    /// The title that the product has.
    Title,
    /// The brand.
    Brand,
    /// The category.
    Category,
    /// The department.
    Department,
    /// The attribute of this name.
    Attribute(String),
    /// Sizes and colours of variants.
    Variant,
    /// The review sentence at this place of [`ListingSources::reviews`].
    Review(usize),
    /// This label of the picture.
    PictureLabel(String),
    /// The description that the product has.
    CurrentDescription,
}

impl<'a> ListingSources<'a> {
    /// Attributes that say something, as many as are read.
    pub(crate) fn known_attributes(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let attributes = self.attributes.iter().take(ATTRIBUTES_READ_MAX);
        attributes.map(|(name, value)| (clipped(name), clipped(value))).filter(|(name, value)| {
            !cleaned(name).is_empty() && !crate::words::is_placeholder(value)
        })
    }

    /// Review sentences, as many as are read.
    pub(crate) fn known_reviews(&self) -> impl Iterator<Item = (usize, &'a str)> + use<'a> {
        self.reviews.iter().take(REVIEW_SENTENCES_MAX).map(|review| clipped(review)).enumerate()
    }

    /// Labels that the model is sure enough of.
    pub(crate) fn sure_labels(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let is_sure = |label: &&PictureLabel<'a>| {
            label.confidence >= PICTURE_CONFIDENCE_MIN && label.confidence <= 1.0
        };
        self.picture_labels.iter().filter(is_sure).map(|label| clipped(label.label))
    }
}

/// As much of a text as is read.
pub(crate) fn clipped(text: &str) -> &str {
    &text[..text.floor_char_boundary(SOURCE_BYTES_MAX)]
}
