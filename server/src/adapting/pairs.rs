//! What lies near what: searches that are made up, products that are bought together, judged pairs.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rand::SeedableRng as _;
use rand::rngs::SmallRng;
use rand::seq::SliceRandom as _;
use vitrine_domain::{Item, ItemId, RelatedList};
use vitrine_encoder::TextRole;
use vitrine_encoder::adapter::TrainingPair;
use vitrine_recall::Synonyms;

use super::AdaptConfig;
use super::noise::noisy;
use crate::likely::likely_of_items;

/// One of so many products, or of so many judged searches, is held out.
const HELD_OUT_OF: u64 = 10;
/// Searches that are held out, at most.
const HELD_OUT_MAX: usize = 2_000;

/// Judged searches: grades by row.
pub type Judged = BTreeMap<String, BTreeMap<usize, u8>>;

/// A search that nothing is fitted to, and what it should find.
#[derive(Clone, Debug, PartialEq)]
pub struct HeldOutSearch {
    /// What is typed.
    pub text: String,
    /// Grades by row.
    pub grades: BTreeMap<usize, u8>,
}

/// What an adapter is fitted to, and what it is judged by.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pairs {
    /// For the fit.
    pub fit: Vec<TrainingPair>,
    /// Made-up searches for products that no made-up search of the fit is for.
    pub held_out: Vec<HeldOutSearch>,
    /// The same with slips.
    pub held_out_noisy: Vec<HeldOutSearch>,
    /// Judged searches.
    pub held_out_judged: Vec<HeldOutSearch>,
}

/// Where pairs come from.
pub struct Sources<'a> {
    /// Cards of the catalogue, in the order of their passages.
    pub items: &'a [Item],
    /// What at least five people bought together.
    pub related: &'a [RelatedList],
    /// Judged searches, where the shop has some.
    pub judged: &'a Judged,
    /// Words that stand for each other.
    pub synonyms: &'a Synonyms,
}

impl Pairs {
    /// Those of a catalogue. The same seed gives the same pairs.
    pub fn of(sources: &Sources<'_>, config: &AdaptConfig) -> Self {
        let mut rng = SmallRng::seed_from_u64(config.fit.seed);
        let mut pairs = Self::default();
        let wanted = sources.items.len() as f64 * config.searches_per_item;
        let n = (wanted as usize).min(config.n_searches_max);
        let pair =
            |text: String, role, row: usize| TrainingPair { text, role, passage: row as u32 };
        let noise = AdaptConfig { typos: 1.0, ..config.clone() };
        for (text, row) in likely_of_items(sources.items, n) {
            if text == sources.items[row].category.to_lowercase() {
                // It finds a hundred products as well as this one.
                continue;
            }
            if !is_held_out(sources.items[row].id.0.into()) {
                let text = noisy(&text, config, sources.synonyms, &mut rng);
                pairs.fit.push(pair(text, TextRole::Query, row));
            } else if pairs.held_out.len() < HELD_OUT_MAX {
                let grades = BTreeMap::from([(row, 1)]);
                let slipped = noisy(&text, &noise, sources.synonyms, &mut rng);
                pairs.held_out_noisy.push(HeldOutSearch { text: slipped, grades: grades.clone() });
                pairs.held_out.push(HeldOutSearch { text, grades });
            }
        }
        let row_of: HashMap<ItemId, usize> =
            sources.items.iter().enumerate().map(|(row, item)| (item.id, row)).collect();
        for (id, others) in sources.related {
            let near = others.iter().take(config.n_bought_together);
            for (other, _) in near {
                let (Some(&from), Some(&to)) = (row_of.get(id), row_of.get(other)) else {
                    continue;
                };
                pairs.fit.push(pair(sources.items[from].passage(), TextRole::Passage, to));
            }
        }
        let mut judged: Vec<&String> = sources.judged.keys().collect();
        judged.shuffle(&mut rng);
        let n_held_out = judged.len().div_ceil(HELD_OUT_OF as usize);
        let held: BTreeSet<&String> = judged.into_iter().take(n_held_out).collect();
        for (text, grades) in sources.judged {
            if held.contains(text) {
                pairs
                    .held_out_judged
                    .push(HeldOutSearch { text: text.clone(), grades: grades.clone() });
                continue;
            }
            for (&row, _) in grades.iter().filter(|(_, grade)| **grade >= config.grade_min) {
                for _ in 0..config.judged_repeats {
                    pairs.fit.push(pair(text.clone(), TextRole::Query, row));
                }
            }
        }
        pairs
    }
}

/// By the product alone, so that another import holds out the same ones.
fn is_held_out(id: u64) -> bool {
    let hash = blake3::hash(&id.to_le_bytes());
    hash.as_bytes()[0] as u64 % HELD_OUT_OF == 0
}
