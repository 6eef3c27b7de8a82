//! What is written of a card, as the assistant reads it.

use vitrine_assistant::{CardFieldNames, ProductTexts, ShelfCard, WrittenCard};
use vitrine_words::session::t;

use crate::pair::Pair;

/// Reads what is written of the card at an index, all of which is synced in any case.
pub(crate) fn with_written<T>(
    pair: &Pair,
    index: u32,
    read: impl FnOnce(&WrittenCard<'_>) -> T,
) -> T {
    let catalogue = &pair.catalogue;
    let card = catalogue.raw(index);
    let details = catalogue.details(card.id);
    let sizes: Vec<&str> = card.variants.iter().map(|variant| variant.size.as_str()).collect();
    let reviews = catalogue.reviews(card.id).map(|row| &row.quotes[..]).unwrap_or_default();
    let reviews: Vec<&str> = reviews.iter().map(|quote| quote.text.as_str()).collect();
    read(&WrittenCard {
        title: &card.title,
        category: catalogue.category(index),
        brand: &card.brand,
        sizes: &sizes,
        attributes: &details.characteristics,
        description: &details.description,
        reviews: &reviews,
        names: CardFieldNames { brand: t!("ask.brand"), size: t!("ask.size") },
    })
}

/// The card at an index as a conversation reads it, with this price and such of its texts.
pub(crate) fn shelf_card(
    pair: &Pair,
    index: u32,
    price_minor: u32,
    texts: impl FnOnce(&WrittenCard<'_>) -> ProductTexts,
) -> ShelfCard {
    with_written(pair, index, |written| ShelfCard {
        id: pair.catalogue.id(index),
        title: written.title.to_owned(),
        brand: written.brand.to_owned(),
        category: written.category.to_owned(),
        department: pair.catalogue.department(index).to_owned(),
        sizes: written.told_sizes(),
        price_minor,
        texts: texts(written),
    })
}
