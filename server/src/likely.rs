//! Searches that items are likely to see.

use vitrine_domain::Item;
use vitrine_encoder::{CardTexts, likely_queries};

const SEED: u64 = 7;

/// At most `n` searches that items are likely to see, the same ones first whatever `n` is.
pub fn likely(items: &[Item], n: usize) -> Vec<String> {
    fn card(item: &Item) -> CardTexts<'_> {
        // What is said of an item besides its title.
        let is_described = item.attributes.is_empty();
        let details = if is_described { &item.description } else { &item.attributes };
        CardTexts { title: &item.title, details, category: &item.category }
    }
    let cards: Vec<CardTexts<'_>> = items.iter().map(card).collect();
    likely_queries(&cards, n, SEED)
}
