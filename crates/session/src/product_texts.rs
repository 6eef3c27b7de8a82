//! What is written of a card, as the assistant reads it.

use vitrine_assistant::{DigestInput, Lexicon, ProductTexts, ShelfCard, build_digest, whole_texts};
use vitrine_words::session::t;

use crate::pair::Pair;

/// Attributes, description and quoted sentences of reviews of a card, all of them synced in any case.
pub(crate) struct WrittenTexts {
    attributes: Vec<(String, String)>,
    description: String,
    reviews: Vec<String>,
}

impl WrittenTexts {
    /// Of the card at an index. Brand and sizes are attributes like others, called as the page calls
    /// them, unless the shop has such attributes itself.
    pub fn of(pair: &Pair, index: u32) -> Self {
        let catalogue = &pair.catalogue;
        let card = catalogue.raw(index);
        let details = catalogue.details(card.id);
        let mut attributes = details.characteristics;
        let sizes = sizes(pair, index);
        for (name, value) in [(t!("ask.brand"), &card.brand), (t!("ask.size"), &sizes)] {
            if !value.is_empty() && !attributes.iter().any(|(known, _)| known == name) {
                attributes.push((name.to_owned(), value.clone()));
            }
        }
        let reviews = catalogue.reviews(card.id).map(|row| &row.quotes[..]).unwrap_or_default();
        let reviews = reviews.iter().map(|quote| quote.text.clone()).collect();
        Self { attributes, description: details.description, reviews }
    }

    /// All of it.
    pub fn whole(&self) -> ProductTexts {
        let reviews: Vec<&str> = self.reviews.iter().map(String::as_str).collect();
        whole_texts(&self.input(&reviews))
    }

    /// The part that answers most questions, for one of many candidates.
    pub fn digest(&self, lexicon: &Lexicon) -> ProductTexts {
        let reviews: Vec<&str> = self.reviews.iter().map(String::as_str).collect();
        build_digest(lexicon, &self.input(&reviews))
    }

    fn input<'a>(&'a self, reviews: &'a [&'a str]) -> DigestInput<'a> {
        DigestInput { attributes: &self.attributes, description: &self.description, reviews }
    }
}

/// A card as a conversation reads it, with these texts and this price.
pub(crate) fn shelf_card(
    pair: &Pair,
    index: u32,
    price_minor: u32,
    texts: ProductTexts,
) -> ShelfCard {
    let catalogue = &pair.catalogue;
    let card = catalogue.raw(index);
    ShelfCard {
        id: card.id,
        title: card.title.clone(),
        brand: card.brand.clone(),
        category: catalogue.category(index).to_owned(),
        department: catalogue.department(index).to_owned(),
        sizes: sizes(pair, index),
        price_minor,
        texts,
    }
}

fn sizes(pair: &Pair, index: u32) -> String {
    let sizes = pair.catalogue.raw(index).variants.iter().map(|variant| variant.size.as_str());
    sizes.filter(|size| !size.is_empty()).collect::<Vec<_>>().join(", ")
}
