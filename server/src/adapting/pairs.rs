//! What lies near what: searches that are made up, products that are bought together, judged pairs.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::Result;
use rand::SeedableRng as _;
use rand::rngs::SmallRng;
use rand::seq::SliceRandom as _;
use vitrine_domain::{Interaction, Item, ItemId, RelatedList};
use vitrine_encoder::TextRole;
use vitrine_encoder::adapter::TrainingPair;
use vitrine_evaluation::protocol::WINDOW_SECONDS;
use vitrine_ranking::PurchaseLog;
use vitrine_recall::Synonyms;

use super::AdaptConfig;
use super::noise::noisy;
use crate::likely::likely_of_items;

/// One of so many products is held out.
const HELD_OUT_OF: u64 = 10;
/// One of so many judged searches is: there are few, and they decide.
const JUDGED_HELD_OUT_OF: usize = 4;
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
    /// Searches of `held_out`, each with a slip of the keyboard.
    pub held_out_noisy: Vec<HeldOutSearch>,
}

/// Where pairs come from.
pub struct Sources<'a> {
    /// Cards of the catalogue, in the order of their passages.
    pub items: &'a [Item],
    /// What the same people bought, at least five of them.
    pub neighbours: &'a [RelatedList],
    /// Judged searches, where the shop has some.
    pub judged: &'a Judged,
    /// Words that stand for each other.
    pub synonyms: &'a Synonyms,
}

/// Of each product, those that the same people bought: at least five of them. The last four weeks are left
/// out: they judge the models that are trained on these vectors.
///
/// # Errors
/// The log names products that the catalogue does not have.
pub fn neighbours(items: &[Item], interactions: &[Interaction]) -> Result<Vec<RelatedList>> {
    let ids: Vec<ItemId> = items.iter().map(|item| item.id).collect();
    let last = interactions.iter().map(|line| line.at_seconds).max().unwrap_or_default();
    let known: Vec<Interaction> = interactions
        .iter()
        .filter(|line| line.at_seconds <= last - WINDOW_SECONDS)
        .cloned()
        .collect();
    let log = PurchaseLog::new(&ids, &known)?;
    Ok(vitrine_ranking::neighbour_lists(&log, &ids))
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
            if !is_held_out(sources.items[row].id.0) {
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
        for (id, others) in sources.neighbours {
            let near = others.iter().take(config.n_bought_together);
            for (other, _) in near {
                let (Some(&from), Some(&to)) = (row_of.get(id), row_of.get(other)) else {
                    continue;
                };
                pairs.fit.push(pair(sources.items[from].passage(), TextRole::Passage, to));
            }
        }
        for (text, grades) in sources.judged {
            for (&row, _) in grades.iter().filter(|(_, grade)| **grade >= config.grade_min) {
                for _ in 0..config.judged_repeats {
                    pairs.fit.push(pair(text.clone(), TextRole::Query, row));
                }
            }
        }
        pairs
    }
}

/// Judged searches for the fit, and those that are held out.
pub fn split_judged(judged: Judged, seed: u64) -> (Judged, Judged) {
    let mut order: Vec<String> = judged.keys().cloned().collect();
    order.shuffle(&mut SmallRng::seed_from_u64(seed));
    order.truncate(order.len().div_ceil(JUDGED_HELD_OUT_OF));
    let held: BTreeSet<String> = order.into_iter().collect();
    let (held, seen): (Judged, Judged) =
        judged.into_iter().partition(|(text, _)| held.contains(text));
    (seen, held)
}

/// By the product alone, so that another import holds out the same ones.
fn is_held_out(id: u64) -> bool {
    let hash = blake3::hash(&id.to_le_bytes());
    u64::from(hash.as_bytes()[0]).is_multiple_of(HELD_OUT_OF)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(n: u32) -> Vec<Item> {
        let item = |at: u32| Item {
            id: ItemId(at.into()),
            title: format!("{} lamp with {} shade", word(at), word(at / 3)),
            category: "Lamps".to_owned(),
            ..Item::default()
        };
        (0..n).map(item).collect()
    }

    /// A word of letters alone.
    fn word(at: u32) -> String {
        (0..6).map(|place| char::from(b'a' + ((at / 5u32.pow(place)) % 5) as u8)).collect()
    }

    fn made(
        judged: &Judged,
        neighbours: &[RelatedList],
        config: &AdaptConfig,
    ) -> (Vec<Item>, Pairs) {
        let items = items(200);
        let synonyms = Synonyms::default();
        let sources = Sources { items: &items, neighbours, judged, synonyms: &synonyms };
        let pairs = Pairs::of(&sources, config);
        (items, pairs)
    }

    #[test]
    fn what_is_held_out_is_of_products_that_the_fit_has_no_search_for() {
        let many = AdaptConfig { searches_per_item: 2.0, ..AdaptConfig::default() };
        let (items, pairs) = made(&Judged::new(), &[], &many);
        let fitted: BTreeSet<u32> = pairs.fit.iter().map(|pair| pair.passage).collect();
        let held: BTreeSet<u32> = pairs
            .held_out
            .iter()
            .flat_map(|search| search.grades.keys().map(|row| *row as u32))
            .collect();
        assert!(held.len() >= 5 && fitted.len() > 100, "{} and {}", held.len(), fitted.len());
        assert!(fitted.is_disjoint(&held));
        assert_eq!(pairs.held_out.len(), pairs.held_out_noisy.len());
        let slipped = pairs.held_out.iter().zip(&pairs.held_out_noisy);
        let n_slipped = slipped.filter(|(a, b)| a.text != b.text).count();
        assert!(n_slipped * 10 > pairs.held_out.len() * 8, "{n_slipped}");
        assert!(pairs.held_out.iter().all(|search| search.text != "lamps"), "it names a category");
        assert_eq!(made(&Judged::new(), &[], &many), (items, pairs));
    }

    #[test]
    fn neighbours_and_judgments_are_pairs_of_their_own_kind() {
        let none = AdaptConfig { searches_per_item: 0.0, ..AdaptConfig::default() };
        let near = (1..=5).map(|id| (ItemId(id), 200)).collect();
        let neighbours = [(ItemId(0), near), (ItemId(9_999), vec![(ItemId(1), 200)])];
        let grades = BTreeMap::from([(3, 3), (4, 2), (5, 1)]);
        let judged = Judged::from([("reading light".to_owned(), grades)]);
        let (items, pairs) = made(&judged, &neighbours, &none);
        let of = |role| pairs.fit.iter().filter(move |pair| pair.role == role);
        let bought: Vec<(String, u32)> =
            of(TextRole::Passage).map(|pair| (pair.text.clone(), pair.passage)).collect();
        let said = items[0].passage();
        assert_eq!(
            bought,
            [(said.clone(), 1), (said, 2)],
            "the first two, of a product that is here"
        );
        let asked: Vec<u32> = of(TextRole::Query).map(|pair| pair.passage).collect();
        assert_eq!(asked, [3, 3, 4, 4], "each twice, from the lowest grade on");
    }

    #[test]
    fn judged_searches_are_seen_or_held_out() {
        let all: Judged = (0..25).map(|at| (format!("q{at}"), BTreeMap::from([(0, 1)]))).collect();
        let (seen, held) = split_judged(all.clone(), 7);
        assert_eq!((seen.len(), held.len()), (18, 7));
        assert!(held.keys().all(|search| !seen.contains_key(search)));
        assert_eq!(split_judged(all, 7), (seen, held));
        assert_eq!(split_judged(Judged::new(), 7), (Judged::new(), Judged::new()));
    }
}
