//! What the served catalogue knows of a card.

use vitrine_describe::{ListingSources, ListingVariant, SiblingListing};
use vitrine_domain::ItemId;
use vitrine_wire::CatalogueRows;

/// Reviews that a product must have before one is quoted.
const REVIEWS_MIN: u32 = 5;

/// Texts of a card, copied so that nobody waits for what is made of them.
#[derive(Clone, Debug, Default)]
pub struct CardSources {
    /// The card.
    pub id: ItemId,
    /// Its title.
    pub title: String,
    /// Its description; may be empty.
    pub description: String,
    /// Its brand; may be empty.
    pub brand: String,
    /// Its category; may be empty.
    pub category: String,
    /// Its department; may be empty.
    pub department: String,
    /// Names and values, in the shop's order.
    pub attributes: Vec<(String, String)>,
    /// Sizes of its variants.
    pub sizes: Vec<String>,
    /// Published sentences of reviews, where there are [`REVIEWS_MIN`] reviews.
    pub reviews: Vec<String>,
    /// Products of the shop that are on it, as far as they are published.
    pub skus: Vec<String>,
    /// How many there are in all.
    pub n_variants: u32,
    /// Its published buyers.
    pub n_buyers: u32,
}

impl CardSources {
    /// Of a card that is served.
    pub fn of(rows: &CatalogueRows, item: ItemId) -> Option<Self> {
        let card = rows.card(item)?;
        let details = rows.details(item);
        let name =
            |names: &[String], at: u16| names.get(usize::from(at)).cloned().unwrap_or_default();
        let reviews = rows.reviews(item).filter(|reviews| reviews.n_rated() >= REVIEWS_MIN);
        let quotes = reviews.map_or(&[][..], |reviews| &reviews.quotes);
        Some(Self {
            id: item,
            title: card.title.clone(),
            description: details.map(|row| row.description.clone()).unwrap_or_default(),
            brand: card.brand.clone(),
            category: name(&rows.categories, card.category),
            department: name(&rows.departments, card.department),
            attributes: details.map(|row| row.characteristics.clone()).unwrap_or_default(),
            sizes: card.variants.iter().map(|variant| variant.size.clone()).collect(),
            reviews: quotes.iter().map(|quote| quote.text.clone()).collect(),
            skus: card.variants.iter().map(|variant| variant.sku.clone()).collect(),
            n_variants: card.n_variants,
            n_buyers: rows.price(item).map_or(0, |price| price.n_buyers),
        })
    }

    /// Department and category, which similar products share.
    pub fn group(&self) -> (String, String) {
        (self.department.clone(), self.category.clone())
    }

    /// Shows the sources as they are read. There are no labels of pictures: nothing gives any.
    pub fn read<T>(&self, with: impl FnOnce(&ListingSources<'_>) -> T) -> T {
        let variants: Vec<ListingVariant<'_>> =
            self.sizes.iter().map(|size| ListingVariant { size, colour: "" }).collect();
        let reviews: Vec<&str> = self.reviews.iter().map(String::as_str).collect();
        with(&ListingSources {
            title: &self.title,
            description: &self.description,
            brand: &self.brand,
            category: &self.category,
            department: &self.department,
            attributes: &self.attributes,
            variants: &variants,
            siblings: &[],
            reviews: &reviews,
            picture_labels: &[],
        })
    }

    /// As a listing from which others are learned.
    pub fn sibling(&self) -> SiblingListing<'_> {
        SiblingListing {
            title: &self.title,
            brand: &self.brand,
            attributes: &self.attributes,
            description: &self.description,
        }
    }
}
