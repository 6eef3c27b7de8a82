//! What every recall engine must do, whatever it is built on.
//!
//! An engine's tests say how it is made from a [`Fixture`], and get one test for
//! each rule:
//!
//! ```ignore
//! vitrine_recall::conformance_tests!(make_engine);
//! ```

mod conditions;
mod finding;
mod order;
mod probing;

pub use conditions::*;
pub use finding::*;
pub use order::*;
pub use probing::*;

use std::collections::BTreeSet;
use std::sync::Arc;

use vitrine_domain::{
    Availability, CandidateSource, Filters, Item, ItemId, Page, Query, Sort, Synonym, limits,
};

use crate::{Recall, RecallError, RecallHit, RecallReply, RecallRequest, TEXT_DIM, WordCount};

/// What an engine is built from.
pub struct Fixture {
    /// The items, not in order of id.
    pub items: Vec<Item>,
    /// Their unit vectors. \[n, 384\]
    pub vectors: Vec<f32>,
    /// Their buyers. \[n\]
    pub popularity: Vec<u32>,
}

/// Makes an engine from a fixture.
pub type Factory = fn(Fixture) -> Arc<dyn Recall>;

const N_ITEMS: usize = 1_500;
const DEPARTMENTS: [&str; 3] = ["Dairy", "Bakery", "Frozen"];
const BRANDS: [&str; 4] = ["", "National", "Private", "Crème & Co"];
const WORDS: [&str; 10] = [
    "milk",
    "cheddar",
    "bread",
    "bagel",
    "pizza",
    "butter",
    "yogurt",
    "crushed ice",
    "brûlée",
    "waffles",
];

/// Declares one `#[test]` for each rule: `conformance_tests!(factory)`.
#[macro_export]
macro_rules! conformance_tests {
    ($factory:expr) => {
        $crate::conformance_tests!(@each $factory,
            each_filter_alone_keeps_what_meets_it
            filters_together_keep_what_meets_all
            contradictory_filters_give_nothing
            unpriced_items_meet_no_price_range
            browsing_goes_by_popularity_then_id
            pages_are_stable_and_do_not_overlap
            results_are_sorted_as_asked
            a_page_of_double_size_is_two_pages
            facets_count_what_choosing_them_gives
            words_are_counted_under_the_filters
            synonyms_find_what_has_them
            equal_items_come_in_order_of_id
            words_find_what_has_them
            unknown_words_find_nothing
            vectors_find_what_is_near
            both_sources_are_fused_and_named
            filters_come_before_the_top
            a_probe_says_what_a_search_finds
            a_search_past_its_deadline_stops
            exceeded_limits_are_typed_errors
            no_text_is_an_error
            an_empty_catalogue_answers
        );
    };
    (@each $factory:expr, $($rule:ident)*) => {
        $(
            #[test]
            fn $rule() {
                $crate::conformance::$rule($factory);
            }
        )*
    };
}

/// The catalogue that the rules search: deterministic, with equal items,
/// unpriced and unavailable ones, in an order that is not that of the ids.
pub fn fixture() -> Fixture {
    fixture_of(N_ITEMS)
}

fn fixture_of(n_items: usize) -> Fixture {
    let ids: Vec<u64> = fixture_ids(n_items).collect();
    let items: Vec<Item> = ids.iter().map(|&id| item(id)).collect();
    let vectors = ids.iter().flat_map(|&id| vector(id)).collect();
    let popularity = ids.iter().map(|&id| (mix(id) % 50) as u32).collect();
    Fixture { items, vectors, popularity }
}

fn fixture_ids(n_items: usize) -> impl Iterator<Item = u64> {
    (0..n_items as u64).map(|i| i * 7_919 % 100_003)
}

fn item(id: u64) -> Item {
    let word = WORDS[(id % 10) as usize];
    Item {
        id: ItemId(id),
        title: format!("{word} {}", WORDS[(mix(id) % 10) as usize]),
        department: DEPARTMENTS[(id % 3) as usize].to_owned(),
        category: word.to_owned(),
        brand: BRANDS[(id % 4) as usize].to_owned(),
        price_minor: if id.is_multiple_of(11) { 0 } else { (mix(id) % 900) as u32 + 1 },
        availability: if id.is_multiple_of(5) {
            Availability::OutOfStock
        } else {
            Availability::InStock
        },
        rating: (!id.is_multiple_of(6)).then(|| vitrine_domain::Rating {
            hundredths: 100 + (mix(id) % 401) as u16,
            n: (mix(id) % 30) as u32 + 1,
        }),
        listed_at_seconds: (!id.is_multiple_of(7)).then_some((mix(id) % 1_000_000) as i64 * 60),
        ..Item::default()
    }
}

/// Items of one group of 100 share a direction; every fourth is the very same.
fn vector(id: u64) -> Vec<f32> {
    let group = id % 100;
    let own = if id.is_multiple_of(4) { 0 } else { id + 1 };
    let mut vector: Vec<f32> =
        (0..TEXT_DIM as u64).map(|d| noise(group, d) + 0.3 * noise(1_000 + own, d)).collect();
    let norm = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    vector.iter_mut().for_each(|x| *x /= norm);
    vector
}

fn noise(seed: u64, d: u64) -> f32 {
    (mix(seed * 1_000 + d) % 2_001) as f32 / 1_000.0 - 1.0
}

/// Source: Steele, Lea, Flood, "Fast splittable pseudorandom number
/// generators", OOPSLA 2014 (the finaliser of SplitMix64).
fn mix(seed: u64) -> u64 {
    let z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn request(text: &str, filters: Filters, page: Page) -> RecallRequest {
    let query = Query { text: text.to_owned(), filters, page, ..Query::default() };
    RecallRequest { query, ..RecallRequest::default() }
}

fn first_page() -> Page {
    Page { offset: 0, limit: limits::PAGE_LIMIT_MAX }
}

fn ask(engine: &dyn Recall, request: &RecallRequest) -> RecallReply {
    engine.search(request).expect("a legal request is answered")
}

/// All pages of a request, one after another.
fn all_pages(engine: &dyn Recall, mut request: RecallRequest, limit: u32) -> Vec<RecallHit> {
    let mut hits = Vec::new();
    for offset in (0..=limits::RESULT_DEPTH_MAX - limit).step_by(limit as usize) {
        request.query.page = Page { offset, limit };
        let page = ask(engine, &request).hits;
        let is_last = page.len() < limit as usize;
        hits.extend(page);
        if is_last {
            break;
        }
    }
    hits
}

fn ids(hits: &[RecallHit]) -> Vec<u64> {
    hits.iter().map(|hit| hit.item.0).collect()
}

fn one_of(values: &[&str]) -> Vec<String> {
    values.iter().map(|&value| value.to_owned()).collect()
}

/// Browses and searches with the filters; everything found must meet them,
/// and browsing must find all that does.
fn check_filters(engine: &dyn Recall, filters: Filters, meets: impl Fn(&Item) -> bool) {
    let expected: BTreeSet<u64> = fixture_ids(N_ITEMS).filter(|&id| meets(&item(id))).collect();
    let reply = ask(engine, &request("", filters.clone(), first_page()));
    assert_eq!(reply.n_total, expected.len(), "{filters:?}");
    let found = ids(&all_pages(engine, request("", filters.clone(), first_page()), 200));
    let n_reachable = expected.len().min(limits::RESULT_DEPTH_MAX as usize);
    assert_eq!(found.len(), n_reachable, "{filters:?}");
    assert!(found.iter().all(|id| expected.contains(id)), "{filters:?}");

    let mut search = request("milk", filters.clone(), first_page());
    search.vector = Some(vector(3));
    let found = ids(&all_pages(engine, search, 200));
    assert_eq!(found.is_empty(), expected.is_empty(), "{filters:?}");
    assert!(found.iter().all(|id| expected.contains(id)), "{filters:?}");
}
