//! Searches that items are likely to see.

use vitrine_domain::Item;
use vitrine_encoder::{CardTexts, likely_of_cards};

const SEED: u64 = 7;

/// At most `n` searches that items are likely to see, the same ones first whatever `n` is.
pub fn likely(items: &[Item], n: usize) -> Vec<String> {
    likely_of_items(items, n).into_iter().map(|(query, _)| query).collect()
}

/// [`likely`], each with the place of the item that it was made of.
pub fn likely_of_items(items: &[Item], n: usize) -> Vec<(String, usize)> {
    fn card(item: &Item) -> CardTexts<'_> {
        // What is said of an item besides its title.
        let is_described = item.attributes.is_empty();
        let details = if is_described { &item.description } else { &item.attributes };
        CardTexts { title: &item.title, details, category: &item.category }
    }
    let cards: Vec<CardTexts<'_>> = items.iter().map(card).collect();
    likely_of_cards(&cards, n, SEED)
}
