//! The intent head of a catalogue: learned from its own texts, kept in its folder.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, Result};
use vitrine_domain::Item;
use vitrine_encoder::intent::{Card, FitConfig, IntentHead, Phrases, Spread, fit, queries};

use crate::catalogue::write_durably;
use crate::settings::Settings;
use crate::signals::Stop;
use crate::texts::TextVectors;

/// A category is learned when it has so many cards.
pub const CATEGORY_CARDS_MIN: usize = 5;
/// Queries to learn from, for a catalogue of any size.
pub const QUERIES_MAX: usize = 40_000;

const FILE: &str = "intent.json";

/// What is known of an item.
pub fn card(item: &Item) -> Card<'_> {
    Card { title: &item.title, brand: &item.brand, category: &item.category }
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

/// Learns the head of a catalogue and writes it to its folder.
///
/// # Errors
/// The texts cannot be encoded, the process was asked to stop, or the disk refuses.
pub fn learn(
    settings: &Settings,
    items: &[Item],
    seed: u64,
    folder: &Path,
    stop: &Stop,
) -> Result<()> {
    let names = categories(items.iter());
    tracing::info!(categories = names.len(), "learning what queries are after");
    let category_of: HashMap<&str, u32> = names.iter().map(String::as_str).zip(0..).collect();
    let cards: Vec<Card<'_>> = items.iter().map(card).collect();
    let spread = Spread::of(&cards);
    let queries = queries(&cards, &spread, &category_of, Phrases::Training, QUERIES_MAX, seed);
    let texts: Vec<&str> = queries.iter().map(|query| query.text.as_str()).collect();
    let vectors = TextVectors::open(settings)?.encode(&texts, stop)?;
    let head = fit(names, &queries, &vectors, &FitConfig { seed, ..FitConfig::default() })?;
    let staging = folder.join("intent.tmp");
    write_durably(&staging, &head.to_bytes()?)?;
    fs::rename(&staging, folder.join(FILE)).context("moving the intent head")
}

/// The head of a catalogue; `None` before the first training.
///
/// # Errors
/// The file cannot be read or is damaged.
pub fn load(folder: &Path) -> Result<Option<IntentHead>> {
    let path = folder.join(FILE);
    match fs::read(&path) {
        Ok(bytes) => IntentHead::from_bytes(&bytes)
            .map(Some)
            .with_context(|| format!("{}: remove it, and train again", path.display())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("reading {}", path.display())),
    }
}
