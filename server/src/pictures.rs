//! Gives each card a pictogram: the emoji whose name means most nearly the same, by the
//! encoder, with a charge for using one again and again; none where even that is far off.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use rayon::prelude::*;
use serde::Deserialize;

/// Categories of the set that picture things a shop sells.
const CATEGORIES: [&str; 4] = ["Food & Drink", "Objects", "Animals & Nature", "Activities"];
/// Names that picture no product, though their category does.
const NOT_PRODUCTS: [&str; 8] =
    ["coffin", "headstone", "funeral-urn", "moai", "bomb", "no-", "identification-card", "placard"];
/// Loss of similarity for each doubling of a picture's use.
const REUSE_CHARGE: f32 = 0.012;
/// Cosine of text and name from which a pictogram is taken for right: below it, tub
/// margarine is a bathtub and condensed soup water that is poured. In the supermarket 2,136
/// of 4,717 cards have none.
const COSINE_MIN: f32 = 0.5;
/// Nearest pictures looked at for one card.
const NEAREST: usize = 24;

/// One picture of the set.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Picture {
    /// What it shows ("red apple").
    pub name: String,
    /// SVG markup in a 32 × 32 view box.
    pub body: String,
}

#[derive(Deserialize)]
struct IconSet {
    icons: BTreeMap<String, Icon>,
}

#[derive(Deserialize)]
struct Icon {
    body: String,
}

#[derive(Deserialize)]
struct Metadata {
    categories: BTreeMap<String, Vec<String>>,
}

/// Reads the pictures that can show a product, sorted by name.
///
/// Bodies that refer to their own parts by id are left out: ids of several
/// pictures on one page would clash.
///
/// # Errors
/// A file is missing or not an Iconify set.
pub fn read(icons: &Path) -> Result<Vec<Picture>> {
    let metadata = icons.with_file_name("metadata.json");
    let set: IconSet = parse(icons)?;
    let categories = parse::<Metadata>(&metadata)?.categories;
    let wanted: HashSet<&String> =
        CATEGORIES.iter().filter_map(|name| categories.get(*name)).flatten().collect();
    Ok(set
        .icons
        .iter()
        .filter(|(name, icon)| wanted.contains(name) && !icon.body.contains(" id=\""))
        .filter(|(name, _)| !NOT_PRODUCTS.iter().any(|not| name.starts_with(not)))
        .map(|(name, icon)| Picture { name: name.replace('-', " "), body: icon.body.clone() })
        .collect())
}

fn parse<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T> {
    let text = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is no Iconify set", path.display()))
}

/// Chooses a picture for each card.
///
/// Cards choose in the order given, so put the most popular first.
///
/// # Shapes
/// `cards` is `[n, dim]`, `pictures` is `[m, dim]`, both of unit norm; the
/// result has `n` indexes below `m`, `None` where no picture is near (empty when `m` is 0).
pub fn assign(cards: &[f32], pictures: &[f32], dim: usize) -> Vec<Option<u16>> {
    if pictures.is_empty() {
        return Vec::new();
    }
    let nearest: Vec<Vec<(f32, usize)>> = cards
        .par_chunks_exact(dim)
        .map(|card| {
            let mut scored: Vec<(f32, usize)> = pictures
                .chunks_exact(dim)
                .map(|picture| card.iter().zip(picture).map(|(a, b)| a * b).sum())
                .zip(0..)
                .collect();
            scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            scored.truncate(NEAREST);
            scored
        })
        .collect();
    let mut uses = vec![0u32; pictures.len() / dim];
    nearest
        .into_iter()
        .map(|nearest| {
            let charged =
                |(score, i): (f32, usize)| score - REUSE_CHARGE * (1.0 + uses[i] as f32).log2();
            let (_, chosen) = nearest
                .into_iter()
                .filter(|(score, _)| *score >= COSINE_MIN)
                .max_by(|a, b| charged(*a).total_cmp(&charged(*b)).then(b.1.cmp(&a.1)))?;
            uses[chosen] += 1;
            Some(chosen as u16)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_not_used_everywhere() {
        // 1,000 equal cards, two pictures of which the first is a little nearer.
        let cards = [1.0, 0.0].repeat(1_000);
        let pictures = [1.0, 0.0, 0.995, 0.0998];
        let chosen = assign(&cards, &pictures, 2);
        assert_eq!(chosen[0], Some(0));
        let second = chosen.iter().filter(|i| **i == Some(1)).count();
        assert!((300..=500).contains(&second), "{second}");
    }

    #[test]
    fn what_no_picture_is_near_to_has_none() {
        let cards = [[1.0, 0.0], [0.0, 1.0]].concat();
        assert_eq!(assign(&cards, &[0.96, 0.28], 2), [Some(0), None]);
    }

    #[test]
    fn no_pictures_no_choice() {
        assert!(assign(&[1.0, 0.0], &[], 2).is_empty());
    }
}
