//! The listings of a version that lack something, and what the good ones of each category teach.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::sync::PoisonError;

use vitrine_describe::{
    CommonAttributes, ListingLanguage, ListingNeed, ListingPatterns, SiblingListing, listing_needs,
    listing_needs_among,
};
use vitrine_domain::ItemId;

use super::sources::CardSources;
use crate::live::Live;

/// Listings that are kept, the worst first.
const LISTINGS_KEPT_MAX: usize = 20_000;
/// Categories of which patterns are kept; those of the others are the language's own.
const CATEGORIES_KEPT_MAX: usize = 10_000;
/// Well described products of a category that are learned from. Ids are hashes, so that the first
/// by id are a sample.
const SIBLINGS_MAX: usize = 64;
/// Cards that are copied at once, while revisions wait.
const CARDS_AT_ONCE: usize = 256;

/// What points are given for.
const NOTHING_SAID: u64 = 4;
const LITTLE_SAID: u64 = 2;
const ATTRIBUTE_MISSING: u64 = 1;
/// Missing attributes that count.
const ATTRIBUTES_COUNTED_MAX: u64 = 3;

/// What the good listings of a category teach.
#[derive(Clone, Debug)]
pub struct CategoryKnowledge {
    /// How titles and descriptions are built.
    pub patterns: ListingPatterns,
    /// What nearly all of them name.
    pub attributes: CommonAttributes,
}

/// The listings of one version.
pub struct ListingIndex {
    /// Number of the version's manifest.
    pub number: u64,
    /// Language of drafts.
    pub language: ListingLanguage,
    /// How many listings lack something.
    pub n_poor: usize,
    /// The worst and most bought first; at most [`LISTINGS_KEPT_MAX`].
    pub items: Vec<ItemId>,
    by_category: HashMap<(String, String), CategoryKnowledge>,
}

impl ListingIndex {
    /// Reads all cards that are served.
    pub fn read(live: &Live) -> Self {
        let language = language(live);
        let mut by_category = HashMap::new();
        let mut found: Vec<(u64, u64, ItemId)> = Vec::new();
        for (category, ids) in categories(live) {
            let knowledge = learn(live, &ids, language);
            let mut n_poor = 0;
            each(live, &ids, |card| {
                let needs =
                    card.read(|sources| listing_needs_among(sources, &knowledge.attributes));
                if !needs.is_empty() {
                    n_poor += 1;
                    let points = points(&needs);
                    found.push((points * (1 + u64::from(card.n_buyers)), points, card.id));
                }
                true
            });
            if n_poor > 0 && by_category.len() < CATEGORIES_KEPT_MAX {
                by_category.insert(category, knowledge);
            }
        }
        let n_poor = found.len();
        found.sort_unstable_by_key(|&(weight, points, id)| (Reverse((weight, points)), id));
        found.truncate(LISTINGS_KEPT_MAX);
        let items = found.into_iter().map(|(_, _, id)| id).collect();
        Self { number: live.number, language, n_poor, items, by_category }
    }

    /// What is known of a card's category; the language's own where nothing was learned.
    pub fn knowledge(&self, card: &CardSources) -> CategoryKnowledge {
        self.by_category.get(&card.group()).cloned().unwrap_or_else(|| CategoryKnowledge {
            patterns: ListingPatterns::default_of(self.language),
            attributes: CommonAttributes::default(),
        })
    }
}

/// The language in which listings of a version are drafted and checked.
pub fn language(live: &Live) -> ListingLanguage {
    ListingLanguage::of_tag(live.language.code()).unwrap_or(ListingLanguage::English)
}

/// Cards by department and category, each list by ascending id.
fn categories(live: &Live) -> BTreeMap<(String, String), Vec<ItemId>> {
    let rows = live.rows.read().unwrap_or_else(PoisonError::into_inner);
    let mut by_place: BTreeMap<(u16, u16), Vec<ItemId>> = BTreeMap::new();
    for card in &rows.cards {
        by_place.entry((card.department, card.category)).or_default().push(card.id);
    }
    let name = |names: &[String], at: u16| names.get(usize::from(at)).cloned().unwrap_or_default();
    let named = by_place.into_iter().map(|((department, category), ids)| {
        ((name(&rows.departments, department), name(&rows.categories, category)), ids)
    });
    named.collect()
}

/// Shows each card until `see` wants no more. Rows are let go of in between, so that revisions and
/// searches do not wait for the whole.
fn each(live: &Live, ids: &[ItemId], mut see: impl FnMut(CardSources) -> bool) {
    for ids in ids.chunks(CARDS_AT_ONCE) {
        let cards: Vec<CardSources> = {
            let rows = live.rows.read().unwrap_or_else(PoisonError::into_inner);
            ids.iter().filter_map(|id| CardSources::of(&rows, *id)).collect()
        };
        for card in cards {
            if !see(card) {
                return;
            }
        }
    }
}

/// Learns from the first cards of a category whose texts lack nothing.
fn learn(live: &Live, ids: &[ItemId], language: ListingLanguage) -> CategoryKnowledge {
    let mut good: Vec<CardSources> = Vec::new();
    each(live, ids, |card| {
        if card.read(listing_needs).is_empty() {
            good.push(card);
        }
        good.len() < SIBLINGS_MAX
    });
    let siblings: Vec<SiblingListing<'_>> = good.iter().map(CardSources::sibling).collect();
    CategoryKnowledge {
        patterns: ListingPatterns::learn(&siblings, language),
        attributes: CommonAttributes::of(&siblings),
    }
}

/// How bad it is.
fn points(needs: &[ListingNeed]) -> u64 {
    let mut n_attributes = 0;
    let mut points = 0;
    for need in needs {
        points += match need {
            ListingNeed::NoDescription | ListingNeed::UnreadableTitle => NOTHING_SAID,
            ListingNeed::ShortDescription { .. } | ListingNeed::RepeatedTitle => LITTLE_SAID,
            ListingNeed::MissingAttribute { .. } => {
                n_attributes += 1;
                if n_attributes <= ATTRIBUTES_COUNTED_MAX { ATTRIBUTE_MISSING } else { 0 }
            }
        };
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_missing_attributes_are_no_worse_than_a_missing_text() {
        let missing =
            |n: usize| vec![ListingNeed::MissingAttribute { name: "Weight".to_owned() }; n];
        assert_eq!(points(&[]), 0);
        assert!(points(&missing(2)) > points(&missing(1)));
        assert!(points(&missing(40)) < points(&[ListingNeed::NoDescription]));
    }
}
