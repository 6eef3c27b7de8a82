//! What is written of a card, as it is published: what browsers answer from.

use vitrine_assistant::model::ModelPrompt;
use vitrine_assistant::{AskedProduct, DigestInput, Lexicon, whole_texts};
use vitrine_domain::ItemId;
use vitrine_wire::CatalogueRows;

/// What the brand is called among the attributes, unless the shop has such an attribute.
const BRAND: &str = "Brand";
/// What sizes are called, likewise.
const SIZE: &str = "Size";

/// Title, attributes, description and quoted sentences of reviews of a card.
pub struct CardTexts {
    title: String,
    category: String,
    attributes: Vec<(String, String)>,
    description: String,
    reviews: Vec<String>,
}

impl CardTexts {
    /// Of a card of the published rows; `None` where there is none of this id.
    pub fn of(rows: &CatalogueRows, item: ItemId) -> Option<Self> {
        let place = rows.cards.binary_search_by_key(&item, |card| card.id).ok()?;
        let card = &rows.cards[place];
        let details = rows.details(item);
        let mut attributes = details.map_or_else(Vec::new, |row| row.characteristics.clone());
        let sizes = card.variants.iter().map(|variant| variant.size.as_str());
        let sizes: Vec<&str> = sizes.filter(|size| !size.is_empty()).collect();
        for (name, value) in [(BRAND, card.brand.clone()), (SIZE, sizes.join(", "))] {
            if !value.is_empty() && !attributes.iter().any(|(known, _)| known == name) {
                attributes.push((name.to_owned(), value));
            }
        }
        let quotes = rows.reviews(item).map(|row| &row.quotes[..]).unwrap_or_default();
        Some(Self {
            title: card.title.clone(),
            category: rows.categories[usize::from(card.category)].clone(),
            attributes,
            description: details.map_or_else(String::new, |row| row.description.clone()),
            reviews: quotes.iter().map(|quote| quote.text.clone()).collect(),
        })
    }

    /// A prompt with those of them that speak of a question.
    pub fn prompt(&self, lexicon: &Lexicon, question: &str) -> ModelPrompt {
        let reviews: Vec<&str> = self.reviews.iter().map(String::as_str).collect();
        let texts = whole_texts(&DigestInput {
            attributes: &self.attributes,
            description: &self.description,
            reviews: &reviews,
        });
        let product = AskedProduct { title: &self.title, category: &self.category, texts: &texts };
        ModelPrompt::new(lexicon, &product, question)
    }
}
