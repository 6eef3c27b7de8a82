//! The intent head of a catalogue: learned from its own texts, kept with the model that
//! was trained on them, asked at every search.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use anyhow::{Context, Result};
use vitrine_domain::{CategoryChance, Item};
use vitrine_encoder::intent::{FitConfig, IntentHead, LabelledCard, Phrases, Spread, fit, queries};
use vitrine_wire::QueryIntent;

use crate::signals::Stop;
use crate::texts::TextVectors;

/// A category is learned when it has so many cards.
pub const CATEGORY_CARDS_MIN: usize = 5;
/// Queries to learn from, for a catalogue of any size.
pub const QUERIES_MAX: usize = 40_000;

/// Least probability of a category that is named.
const CATEGORY_CHANCE_MIN: f32 = 0.05;
/// Most categories that are named.
const CATEGORIES_MAX: usize = 5;

const FILE: &str = "intent.json";

/// What is known of an item.
pub fn card(item: &Item) -> LabelledCard<'_> {
    LabelledCard { title: &item.title, brand: &item.brand, category: &item.category }
}

/// The categories that have enough cards, by name.
pub fn categories<'a>(items: impl Iterator<Item = &'a Item>) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    items.for_each(|item| *counts.entry(&item.category).or_default() += 1);
    let enough = |(name, n): (&str, usize)| {
        (!name.is_empty() && n >= CATEGORY_CARDS_MIN).then(|| name.to_owned())
    };
    counts.into_iter().filter_map(enough).collect()
}

/// What a query with this vector is after. \[384\]
pub fn of(head: &IntentHead, vector: &[f32]) -> QueryIntent {
    let found = head.of(vector);
    let (kind, chance) = found.kind();
    let mut categories: Vec<CategoryChance> = head
        .categories()
        .iter()
        .zip(&found.categories)
        .filter(|(_, chance)| **chance >= CATEGORY_CHANCE_MIN)
        .map(|(category, &chance)| CategoryChance { category: category.clone(), chance })
        .collect();
    categories.sort_by(|a, b| b.chance.total_cmp(&a.chance));
    categories.truncate(CATEGORIES_MAX);
    QueryIntent { kind: kind.name().to_owned(), chance, categories }
}

/// Learns a head from the texts of `items`; `None` where they have no two categories
/// with enough cards. `spread` is that of the whole catalogue.
///
/// # Errors
/// The texts cannot be encoded, or the process was asked to stop.
pub fn head(
    vectors: &mut TextVectors,
    items: &[&Item],
    spread: &Spread,
    seed: u64,
    stop: &Stop,
) -> Result<Option<IntentHead>> {
    let names = categories(items.iter().copied());
    if names.len() < 2 {
        return Ok(None);
    }
    tracing::info!(categories = names.len(), "learning what queries are after");
    let category_of: HashMap<&str, u32> = names.iter().map(String::as_str).zip(0..).collect();
    let cards: Vec<LabelledCard<'_>> = items.iter().map(|item| card(item)).collect();
    let queries = queries(&cards, spread, &category_of, Phrases::Training, QUERIES_MAX, seed);
    let texts: Vec<&str> = queries.iter().map(|query| query.text.as_str()).collect();
    let vectors = vectors.encode_queries(&texts, stop)?;
    let config = FitConfig { seed, ..FitConfig::default() };
    Ok(Some(fit(names, &queries, &vectors, &config)?))
}

/// In how many cards each phrase of a catalogue stands.
pub fn spread(items: &[Item]) -> Spread {
    Spread::of(&items.iter().map(card).collect::<Vec<_>>())
}

/// Learns the head of a catalogue; `None` where categories cannot be told apart.
///
/// # Errors
/// The texts cannot be encoded, or the process was asked to stop.
pub fn learn(
    texts: &mut TextVectors,
    items: &[Item],
    seed: u64,
    stop: &Stop,
) -> Result<Option<IntentHead>> {
    let all: Vec<&Item> = items.iter().collect();
    head(texts, &all, &spread(items), seed, stop)
}

/// Writes a head to a model's folder.
///
/// # Errors
/// The disk refuses.
pub fn save(head: &IntentHead, folder: &Path) -> Result<()> {
    Ok(vitrine_durable::write(&folder.join(FILE), &head.to_bytes()?)?)
}

/// The head in a folder: a model's, or a catalogue's that an older Vitrine trained on;
/// `None` where there is none.
///
/// # Errors
/// The file cannot be read or is damaged.
pub fn load(folder: &Path) -> Result<Option<IntentHead>> {
    let path = folder.join(FILE);
    if !path.exists() {
        return Ok(None);
    }
    // In the folder of an older Vitrine's catalogue it has no checksum, nor has anything.
    let bytes = vitrine_durable::read(folder, FILE)?;
    IntentHead::from_bytes(&bytes)
        .map(Some)
        .with_context(|| format!("{}: train again", path.display()))
}
