//! Pictograms for cards, by what the cards and the pictograms are called.

use std::path::Path;

use anyhow::Result;
use vitrine_encoder::TEXT_DIM;

use crate::catalogue::StoredCatalogue;
use crate::pictures;
use crate::signals::Stop;
use crate::texts::TextVectors;

/// Chooses a pictogram of the set for each card, the most popular first.
///
/// # Errors
/// The set cannot be read, or the process was asked to stop.
pub(super) fn choose(
    catalogue: &mut StoredCatalogue,
    path: &Path,
    vectors_of: &mut TextVectors,
    stop: &Stop,
) -> Result<()> {
    let set = pictures::read(path)?;
    let names: Vec<String> = set.iter().map(|picture| picture.name.clone()).collect();
    let names = vectors_of.encode(&names, stop)?;
    let texts: Vec<String> = catalogue
        .items
        .iter()
        .map(|item| format!("{}, {}", item.title, item.category).to_lowercase())
        .collect();
    let cards = vectors_of.encode(&texts, stop)?;
    // The most popular choose first.
    let mut order: Vec<usize> = (0..catalogue.items.len()).collect();
    order.sort_by_key(|&i| std::cmp::Reverse(catalogue.buyers[i].published().all));
    let by_popularity: Vec<f32> =
        order.iter().flat_map(|&i| &cards[i * TEXT_DIM..][..TEXT_DIM]).copied().collect();
    let chosen = pictures::assign(&by_popularity, &names, TEXT_DIM);

    let mut used: Vec<u16> = chosen.iter().copied().flatten().collect();
    used.sort_unstable();
    used.dedup();
    catalogue.pictures = used
        .iter()
        .map(|&i| (set[usize::from(i)].name.clone(), set[usize::from(i)].body.clone()))
        .collect();
    catalogue.picture_of = vec![None; catalogue.items.len()];
    for (&card, picture) in order.iter().zip(&chosen) {
        let position = picture.map(|picture| used.partition_point(|other| *other < picture));
        catalogue.picture_of[card] = position.map(u16::try_from).transpose()?;
    }
    let n_without = chosen.iter().filter(|picture| picture.is_none()).count();
    tracing::info!(cards = order.len(), without = n_without, "pictograms chosen");
    Ok(())
}
