//! Judged queries made of a catalogue, where nobody has judged any.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use rand::distr::weighted::WeightedIndex;
use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};
use vitrine_server::commands::evaluate::feed::ShopFeed;
use vitrine_server::commands::evaluate::search::Judgments;
use vitrine_server::intent::spread;

use super::speed::query;

/// Cards that have the words of a query, at least: with fewer there is little to order.
const CARDS_MIN: u32 = 5;
/// Draws for each query that is wanted, at most.
const DRAWS_MAX: usize = 50;

/// Draws products as often as they have buyers (evenly where none is known), and
/// searches for each with some words of its title that at least [`CARDS_MIN`] cards
/// share. What is relevant is the drawn product and nothing else, whatever its
/// category; two draws of it make grade 2, four grade 3.
///
/// # Errors
/// A catalogue without such words.
pub fn judgments(feed: &ShopFeed, n_queries: usize, seed: u64) -> Result<Judgments> {
    let spread = spread(&feed.items);
    let rows: Vec<usize> = (0..feed.items.len()).collect();
    let has_buyers = rows.iter().any(|&row| feed.popularity[row] > 0);
    let chance = |&row: &usize| if has_buyers { f64::from(feed.popularity[row]) } else { 1.0 };
    ensure!(!rows.is_empty(), "the catalogue is empty");
    let drawn = WeightedIndex::new(rows.iter().map(chance))?;
    let mut random = SmallRng::seed_from_u64(seed);
    let mut counts: BTreeMap<String, BTreeMap<usize, u32>> = BTreeMap::new();
    for _ in 0..DRAWS_MAX * n_queries {
        let row = rows[random.sample(&drawn)];
        let text = query(&feed.items[row].title, &mut random).to_lowercase();
        if spread.n_cards(&text) < CARDS_MIN {
            continue;
        }
        *counts.entry(text).or_default().entry(row).or_default() += 1;
        if counts.len() == n_queries {
            break;
        }
    }
    ensure!(!counts.is_empty(), "no words are shared by {CARDS_MIN} cards");
    let graded = |rows: BTreeMap<usize, u32>| {
        rows.into_iter().map(|(row, n_draws)| (row, grade(n_draws))).collect()
    };
    Ok(counts.into_iter().map(|(text, rows)| (text, graded(rows))).collect())
}

fn grade(n_draws: u32) -> u8 {
    match n_draws {
        0 | 1 => 1,
        2 | 3 => 2,
        _ => 3,
    }
}
