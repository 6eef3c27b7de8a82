//! What every recall engine must do, whatever it is built on.
//!
//! An engine's tests say how it is made from a [`Fixture`] and how a future is
//! run, and get one test for each rule:
//!
//! ```ignore
//! vitrine_recall::conformance_tests!(make_engine, pollster::block_on);
//! ```

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

/// Declares one `#[test]` for each rule: `conformance_tests!(factory, block_on)`.
#[macro_export]
macro_rules! conformance_tests {
    ($factory:expr, $block_on:path) => {
        $crate::conformance_tests!(@each $factory, $block_on,
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
            a_batch_is_its_single_searches
            exceeded_limits_are_typed_errors
            no_text_is_an_error
            an_empty_catalogue_answers
        );
    };
    (@each $factory:expr, $block_on:path, $($rule:ident)*) => {
        $(
            #[test]
            fn $rule() {
                $block_on($crate::conformance::$rule($factory));
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

async fn ask(engine: &dyn Recall, request: &RecallRequest) -> RecallReply {
    engine.search(request).await.expect("a legal request is answered")
}

/// All pages of a request, one after another.
async fn all_pages(engine: &dyn Recall, mut request: RecallRequest, limit: u32) -> Vec<RecallHit> {
    let mut hits = Vec::new();
    for offset in (0..=limits::RESULT_DEPTH_MAX - limit).step_by(limit as usize) {
        request.query.page = Page { offset, limit };
        let page = ask(engine, &request).await.hits;
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
async fn check_filters(engine: &dyn Recall, filters: Filters, meets: impl Fn(&Item) -> bool) {
    let expected: BTreeSet<u64> = fixture_ids(N_ITEMS).filter(|&id| meets(&item(id))).collect();
    let reply = ask(engine, &request("", filters.clone(), first_page())).await;
    assert_eq!(reply.n_total, expected.len(), "{filters:?}");
    let found = ids(&all_pages(engine, request("", filters.clone(), first_page()), 200).await);
    let n_reachable = expected.len().min(limits::RESULT_DEPTH_MAX as usize);
    assert_eq!(found.len(), n_reachable, "{filters:?}");
    assert!(found.iter().all(|id| expected.contains(id)), "{filters:?}");

    let mut search = request("milk", filters.clone(), first_page());
    search.vector = Some(vector(3));
    let found = ids(&all_pages(engine, search, 200).await);
    assert_eq!(found.is_empty(), expected.is_empty(), "{filters:?}");
    assert!(found.iter().all(|id| expected.contains(id)), "{filters:?}");
}

/// Department, brand, price and availability restrict, each alone.
pub async fn each_filter_alone_keeps_what_meets_it(make: Factory) {
    let engine = make(fixture());
    let none = Filters::default();
    check_filters(&*engine, none.clone(), |_| true).await;
    let departments = one_of(&["Dairy", "Frozen", "No such department"]);
    check_filters(&*engine, Filters { departments, ..none.clone() }, |item| {
        item.department != "Bakery"
    })
    .await;
    let brands = one_of(&["Crème & Co"]);
    check_filters(&*engine, Filters { brands, ..none.clone() }, |item| item.brand == "Crème & Co")
        .await;
    let brands_excluded = one_of(&["National", ""]);
    check_filters(&*engine, Filters { brands_excluded, ..none.clone() }, |item| {
        item.brand != "National" && !item.brand.is_empty()
    })
    .await;
    let at_least = Filters { price_minor_min: Some(450), ..none.clone() };
    check_filters(&*engine, at_least, |item| item.price_minor >= 450).await;
    let available = Filters { available_only: true, ..none };
    check_filters(&*engine, available, |item| item.availability == Availability::InStock).await;
}

/// Conditions add up; values are compared exactly.
pub async fn filters_together_keep_what_meets_all(make: Factory) {
    let engine = make(fixture());
    let all = Filters {
        departments: one_of(&["Dairy", "Bakery"]),
        brands: one_of(&["National", "Private"]),
        brands_excluded: one_of(&["Private", "No such brand"]),
        price_minor_min: Some(100),
        price_minor_max: Some(600),
        available_only: true,
    };
    check_filters(&*engine, all, |item| {
        item.department != "Frozen"
            && item.brand == "National"
            && (100..=600).contains(&item.price_minor)
            && item.availability == Availability::InStock
    })
    .await;
    let unbranded = Filters { brands: one_of(&[""]), ..Filters::default() };
    check_filters(&*engine, unbranded, |item| item.brand.is_empty()).await;
    let other_case = Filters { departments: one_of(&["dairy"]), ..Filters::default() };
    check_filters(&*engine, other_case, |_| false).await;
}

/// Conditions that nothing meets give an empty answer; prices that nothing can
/// meet are a typed error.
pub async fn contradictory_filters_give_nothing(make: Factory) {
    let engine = make(fixture());
    let unknown = Filters { brands: one_of(&["No such brand"]), ..Filters::default() };
    check_filters(&*engine, unknown, |_| false).await;
    let both = Filters {
        brands: one_of(&["National"]),
        brands_excluded: one_of(&["National"]),
        ..Filters::default()
    };
    check_filters(&*engine, both, |_| false).await;
    let inverted =
        Filters { price_minor_min: Some(600), price_minor_max: Some(100), ..Filters::default() };
    let refused = engine.search(&request("milk", inverted, first_page())).await;
    let is_typed = matches!(refused, Err(RecallError::PricesInverted { min: 600, max: 100 }));
    assert!(is_typed, "{refused:?}");
}

/// A price of 0 means unknown: no range includes it.
pub async fn unpriced_items_meet_no_price_range(make: Factory) {
    let engine = make(fixture());
    for (price_minor_min, price_minor_max) in [(Some(0), None), (None, Some(u32::MAX))] {
        let filters = Filters { price_minor_min, price_minor_max, ..Filters::default() };
        check_filters(&*engine, filters, |item| item.price_minor > 0).await;
    }
}

/// Without text and vector the most bought come first, ties by id.
pub async fn browsing_goes_by_popularity_then_id(make: Factory) {
    let fixture = fixture();
    let mut expected: Vec<(u32, u64)> = fixture
        .popularity
        .iter()
        .zip(&fixture.items)
        .map(|(&popularity, item)| (popularity, item.id.0))
        .collect();
    expected.sort_by_key(|&(popularity, id)| (std::cmp::Reverse(popularity), id));
    let engine = make(fixture);
    for text in ["", " \t\n"] {
        let page = Page { offset: 40, limit: 100 };
        let reply = ask(&*engine, &request(text, Filters::default(), page)).await;
        let expected: Vec<u64> = expected[40..140].iter().map(|&(_, id)| id).collect();
        assert_eq!(ids(&reply.hits), expected);
        assert_eq!(reply.n_total, N_ITEMS);
        let first = &reply.hits[0].sources;
        assert_eq!(first.len(), 1);
        assert_eq!((first[0].source, first[0].rank), (CandidateSource::Popular, 41));
    }
}

/// Pages of any size are parts of one list without repetition.
pub async fn pages_are_stable_and_do_not_overlap(make: Factory) {
    let engine = make(fixture());
    for (text, near) in [("", None), ("bread butter", None), ("milk", Some(7)), ("", Some(7))] {
        let mut request = request(text, Filters::default(), first_page());
        request.vector = near.map(vector);
        let whole = all_pages(&*engine, request.clone(), 200).await;
        assert!(whole.len() > 100, "{text}");
        let distinct: BTreeSet<u64> = ids(&whole).into_iter().collect();
        assert_eq!(distinct.len(), whole.len(), "{text}");
        assert_eq!(all_pages(&*engine, request.clone(), 25).await, whole, "{text}");
        let n_total = ask(&*engine, &request).await.n_total;
        assert_eq!(n_total.min(limits::RESULT_DEPTH_MAX as usize), whole.len(), "{text}");

        request.query.page = Page { offset: 0, limit: 0 };
        let none = ask(&*engine, &request).await;
        assert_eq!((none.n_total, none.hits.len()), (n_total, 0), "{text}");
        request.query.page = Page { offset: limits::RESULT_DEPTH_MAX, limit: 0 };
        assert!(ask(&*engine, &request).await.hits.is_empty(), "{text}");
    }
}

/// Every order is total, and of the same items: ties by id, unpriced last.
pub async fn results_are_sorted_as_asked(make: Factory) {
    let engine = make(fixture());
    for (text, near) in [("", None), ("bread butter", None), ("milk", Some(7))] {
        let mut request = request(text, Filters::default(), first_page());
        request.vector = near.map(vector);
        let mut expected = ids(&all_pages(&*engine, request.clone(), 200).await);
        for sort in [Sort::PriceAscending, Sort::PriceDescending, Sort::Popularity] {
            let key = |id: u64| (sort.key(item(id).price_minor, (mix(id) % 50) as u32), id);
            request.query.sort = sort;
            let found = ids(&all_pages(&*engine, request.clone(), 200).await);
            if text.is_empty() {
                assert!(found.is_sorted_by_key(|&id| key(id)), "{sort:?}");
            } else {
                expected.sort_by_key(|&id| key(id));
                assert_eq!(found, expected, "{text} {sort:?}");
            }
        }
    }
}

/// Pages one and two are the page of double size, wherever they begin.
pub async fn a_page_of_double_size_is_two_pages(make: Factory) {
    let engine = make(fixture());
    for (seed, text) in (0u64..).zip(["", "bread butter", "milk", "crushed ice waffles"]) {
        for (round, sort) in (0u64..).zip(Sort::ALL) {
            let limit = (mix(seed * 10 + round) % 60 + 1) as u32;
            let offset = (mix(seed * 31 + round) % 90) as u32;
            let mut request = request(text, Filters::default(), first_page());
            request.vector = (seed % 2 == 1).then(|| vector(seed));
            request.query.sort = sort;
            let mut pages = Vec::new();
            for (offset, limit) in [(offset, limit), (offset + limit, limit), (offset, 2 * limit)] {
                request.query.page = Page { offset, limit };
                pages.push(ask(&*engine, &request).await.hits);
            }
            let double = pages.pop().expect("three pages");
            assert_eq!(pages.concat(), double, "{text} {sort:?} {offset} {limit}");
        }
    }
}

/// Each value's count is the number of results once it is chosen, under all
/// other filters.
pub async fn facets_count_what_choosing_them_gives(make: Factory) {
    let engine = make(fixture());
    let filters = [
        Filters::default(),
        Filters { brands: one_of(&["National"]), ..Filters::default() },
        Filters {
            departments: one_of(&["Dairy", "Frozen"]),
            brands_excluded: one_of(&["Private"]),
            price_minor_min: Some(100),
            price_minor_max: Some(700),
            available_only: true,
            ..Filters::default()
        },
    ];
    for filters in filters {
        for (text, near) in [("", None), ("milk", None), ("waffles brulee", Some(9))] {
            let mut request = request(text, filters.clone(), Page { offset: 0, limit: 0 });
            request.vector = near.map(vector);
            assert_eq!(ask(&*engine, &request).await.facets, None);
            request.query.facets = true;
            let facets = ask(&*engine, &request).await.facets.expect("asked for");
            assert!(!facets.departments.is_empty() && !facets.brands.is_empty(), "{text}");
            assert!(facets.prices.len() > 1, "{text}");
            let mut choices = Vec::new();
            for facet in &facets.departments {
                let departments = vec![facet.name.clone()];
                choices.push((facet.n_items, Filters { departments, ..filters.clone() }));
            }
            for facet in &facets.brands {
                let brands = vec![facet.name.clone()];
                let chosen = Filters { brands, brands_excluded: vec![], ..filters.clone() };
                choices.push((facet.n_items, chosen));
            }
            for range in &facets.prices {
                let (price_minor_min, price_minor_max) =
                    (range.price_minor_min, range.price_minor_max);
                let chosen = Filters { price_minor_min, price_minor_max, ..filters.clone() };
                choices.push((range.n_items, chosen));
            }
            choices.push((facets.n_available, Filters { available_only: true, ..filters.clone() }));
            for (n_items, chosen) in choices {
                request.query.filters = chosen.clone();
                let n_total = ask(&*engine, &request).await.n_total;
                assert_eq!(n_total, n_items as usize, "{text} {chosen:?}");
            }
        }
    }
}

/// A reply says how many items have each word, with the filters and without.
pub async fn words_are_counted_under_the_filters(make: Factory) {
    let engine = make(fixture());
    let filters = Filters { departments: one_of(&["Dairy"]), ..Filters::default() };
    let reply = ask(&*engine, &request("Milk zzqxjv ", filters, first_page())).await;
    let with_milk = |id: &u64| {
        let item = item(*id);
        item.title.contains("milk") || item.category.contains("milk")
    };
    let (mut n_items, mut n_items_unfiltered) = (0, 0);
    for id in fixture_ids(N_ITEMS).filter(with_milk) {
        n_items_unfiltered += 1;
        n_items += u32::from(item(id).department == "Dairy");
    }
    let count = |word: &str, n_items, n_items_unfiltered| WordCount {
        word: word.to_owned(),
        n_items,
        n_items_unfiltered,
    };
    let expected = [count("milk", n_items, n_items_unfiltered), count("zzqxjv", 0, 0)];
    assert_eq!(reply.words, expected);
}

/// A synonym finds what has all of its words, after what has the word itself;
/// one that nothing has is not said to be used.
pub async fn synonyms_find_what_has_them(make: Factory) {
    let engine = make(fixture());
    let synonym = |used: &str| Synonym { typed: "gelato".to_owned(), used: used.to_owned() };
    let mut request = request("gelato ", Filters::default(), first_page());
    assert_eq!(ask(&*engine, &request).await.n_total, 0);
    request.synonyms = vec![synonym("crushed ice"), synonym("sorbet")];
    let reply = ask(&*engine, &request).await;
    assert_eq!(reply.synonyms, [synonym("crushed ice")]);
    assert!(reply.n_total > 0);
    for hit in &reply.hits {
        let item = item(hit.item.0);
        let is_found = [item.title, item.category].iter().any(|text| text.contains("crushed ice"));
        assert!(is_found, "{}", hit.item);
    }
}

/// Items that no source tells apart are ordered by id.
pub async fn equal_items_come_in_order_of_id(make: Factory) {
    let ids_in = [5u64, 3, 9, 1, 7];
    let items =
        ids_in.map(|id| Item { id: ItemId(id), title: "milk".to_owned(), ..Item::default() });
    let vectors = ids_in.iter().flat_map(|_| vector(0)).collect();
    let engine = make(Fixture { items: items.to_vec(), vectors, popularity: vec![6; 5] });
    for (text, near) in [("", None), ("milk", None), ("", Some(0)), ("milk", Some(0))] {
        let mut request = request(text, Filters::default(), first_page());
        request.vector = near.map(vector);
        assert_eq!(ids(&ask(&*engine, &request).await.hits), [1, 3, 5, 7, 9], "{text} {near:?}");
    }
}

/// Words are found in titles, whatever their case and accents; what has all
/// of them comes before what has one.
pub async fn words_find_what_has_them(make: Factory) {
    let engine = make(fixture());
    for text in ["WAFFLES brulee", "brûlée, waffles!"] {
        let hits = all_pages(&*engine, request(text, Filters::default(), first_page()), 50).await;
        let has = |hit: &RecallHit, word: &str| item(hit.item.0).title.contains(word);
        let has_both = |hit: &&RecallHit| has(hit, "waffles") && has(hit, "brûlée");
        let n_both = hits.iter().filter(has_both).count();
        assert!(n_both > 5);
        assert_eq!(hits.iter().take_while(has_both).count(), n_both);
        assert!(hits.iter().all(|hit| has(hit, "waffles") || has(hit, "brûlée")));
        let sources: BTreeSet<_> = hits.iter().map(|hit| hit.sources.len()).collect();
        assert_eq!(sources, [1].into());
    }
}

/// Words that no item has find nothing; beside known words they do no harm.
pub async fn unknown_words_find_nothing(make: Factory) {
    let engine = make(fixture());
    for text in ["zzqxjv", "牛奶 酸奶", "🍕", "!?", "\u{0}"] {
        let reply = ask(&*engine, &request(text, Filters::default(), first_page())).await;
        assert_eq!((reply.n_total, reply.hits.len()), (0, 0), "{text:?}");
    }
    let alone = ask(&*engine, &request("bagel ", Filters::default(), first_page())).await;
    let beside = ask(&*engine, &request("zzqxjv bagel ", Filters::default(), first_page())).await;
    assert!(!alone.hits.is_empty());
    assert_eq!(ids(&alone.hits), ids(&beside.hits));
}

/// A vector finds the items of its direction first, in order of inner product.
pub async fn vectors_find_what_is_near(make: Factory) {
    let fixture = fixture();
    let all: Vec<u64> = fixture.items.iter().map(|item| item.id.0).collect();
    let engine = make(fixture);
    for near in [5, 61, 98] {
        let query = vector(near);
        let mut request = request("", Filters::default(), Page { offset: 0, limit: 10 });
        request.vector = Some(query.clone());
        let inner = |id: u64| -> f32 { vector(id).iter().zip(&query).map(|(a, b)| a * b).sum() };
        let found = ids(&ask(&*engine, &request).await.hits);
        let mut expected = all.clone();
        expected.sort_by(|&a, &b| inner(b).total_cmp(&inner(a)).then(a.cmp(&b)));
        let worst = inner(expected[9]);
        assert_eq!(found.len(), 10);
        assert!(found.iter().all(|&id| inner(id) >= worst - 1e-4), "{near}: {found:?}");
        assert!(found.windows(2).all(|pair| inner(pair[0]) >= inner(pair[1]) - 1e-4), "{near}");
    }
}

/// With text and vector, hits carry the ranks of each source that found them.
pub async fn both_sources_are_fused_and_named(make: Factory) {
    let engine = make(fixture());
    let mut request = request("pizza", Filters::default(), first_page());
    request.vector = Some(vector(4));
    let hits = all_pages(&*engine, request, limits::PAGE_LIMIT_MAX).await;
    assert!(hits.windows(2).all(|pair| pair[0].score >= pair[1].score));
    let named = |hit: &RecallHit, source| hit.sources.iter().any(|rank| rank.source == source);
    for source in [CandidateSource::Lexical, CandidateSource::Semantic] {
        assert!(hits.iter().any(|hit| named(hit, source)), "{source:?}");
        let ranks: Vec<u32> = hits
            .iter()
            .flat_map(|hit| &hit.sources)
            .filter(|rank| rank.source == source)
            .map(|rank| rank.rank)
            .collect();
        let distinct: BTreeSet<u32> = ranks.iter().copied().collect();
        assert_eq!(distinct.len(), ranks.len(), "{source:?}");
        assert!(distinct.first().is_some_and(|&rank| rank == 1), "{source:?}");
    }
    assert_eq!(hits[0].sources.len(), 2);
}

/// A filter does not only thin out the best hits: a rare item is found even
/// when thousands of others are nearer.
pub async fn filters_come_before_the_top(make: Factory) {
    let n_items = limits::RESCORE_MAX + 500;
    let mut fixture = fixture_of(n_items);
    let query = vector(1);
    // Every item but one has exactly the query's vector and words.
    fixture.vectors = query.repeat(n_items - 1);
    fixture.vectors.extend(query.iter().map(|x| -x));
    for item in &mut fixture.items {
        item.title = "milk".to_owned();
        item.brand = "National".to_owned();
    }
    let rare = fixture.items.last_mut().expect("items");
    rare.title = "skimmed organic milk substitute".to_owned();
    rare.brand = "Rare".to_owned();
    let id = rare.id.0;
    let engine = make(fixture);
    let filters = Filters { brands: one_of(&["Rare"]), ..Filters::default() };
    for (text, near) in [("milk", None), ("", Some(query.clone())), ("milk", Some(query.clone()))] {
        let mut request = request(text, filters.clone(), first_page());
        request.vector = near;
        assert_eq!(ids(&ask(&*engine, &request).await.hits), [id], "{text}");
    }
}

/// A batch answers each request as if it came alone, errors included.
pub async fn a_batch_is_its_single_searches(make: Factory) {
    let engine = make(fixture());
    let mut near = request("cheddar", Filters::default(), first_page());
    near.vector = Some(vector(2));
    let too_large = Page { offset: 0, limit: limits::PAGE_LIMIT_MAX + 1 };
    let requests = [
        request("milk", Filters::default(), first_page()),
        request("milk", Filters::default(), too_large),
        near,
        request("", Filters::default(), first_page()),
    ];
    let replies = engine.search_batch(&requests).await;
    assert_eq!(replies.len(), requests.len());
    for (request, reply) in requests.iter().zip(replies) {
        match (engine.search(request).await, reply) {
            (Ok(alone), Ok(batched)) => assert_eq!(alone, batched),
            (alone, batched) => {
                assert!(matches!(alone, Err(RecallError::PageTooLarge { .. })));
                assert!(matches!(batched, Err(RecallError::PageTooLarge { .. })));
            }
        }
    }
    assert!(engine.search_batch(&[]).await.is_empty());
}

/// Limits are inclusive; beyond them is an error that says which.
pub async fn exceeded_limits_are_typed_errors(make: Factory) {
    let engine = make(fixture());
    let depth = limits::RESULT_DEPTH_MAX;
    let with_page = |offset, limit| request("milk", Filters::default(), Page { offset, limit });
    ask(&*engine, &with_page(depth - limits::PAGE_LIMIT_MAX, limits::PAGE_LIMIT_MAX)).await;
    let refused = engine.search(&with_page(0, limits::PAGE_LIMIT_MAX + 1)).await;
    assert!(matches!(refused, Err(RecallError::PageTooLarge { .. })), "{refused:?}");
    let refused = engine.search(&with_page(depth, 1)).await;
    assert!(matches!(refused, Err(RecallError::PageTooDeep { .. })), "{refused:?}");
    let long = request(&"x".repeat(limits::QUERY_CHARS_MAX + 1), Filters::default(), first_page());
    let refused = engine.search(&long).await;
    assert!(matches!(refused, Err(RecallError::TextTooLong { .. })), "{refused:?}");
    let departments = vec!["Dairy".to_owned(); limits::FILTER_VALUES_MAX + 1];
    let long = request("", Filters { departments, ..Filters::default() }, first_page());
    let refused = engine.search(&long).await;
    assert!(matches!(refused, Err(RecallError::TooManyFilterValues { .. })), "{refused:?}");
    let mut short = request("milk", Filters::default(), first_page());
    short.vector = Some(vec![0.5; TEXT_DIM - 1]);
    let refused = engine.search(&short).await;
    assert!(matches!(refused, Err(RecallError::BadVector { .. })), "{refused:?}");
}

/// A text is never syntax: operators, quotes and fields are only words.
pub async fn no_text_is_an_error(make: Factory) {
    let engine = make(fixture());
    let plain = ask(&*engine, &request("milk ", Filters::default(), first_page())).await;
    for text in ["+milk -", "\"milk\" ", "(milk ", "milk]~^ ", "/milk/ ", "{\"milk\": "] {
        let reply = ask(&*engine, &request(text, Filters::default(), first_page())).await;
        assert_eq!(ids(&reply.hits), ids(&plain.hits), "{text}");
    }
    let texts = [
        "title:* OR brand:[a TO z]",
        "'; DROP TABLE items; --",
        "<script>alert(1)</script>",
        "\\\\\\",
        "*:*",
        "a AND (b OR",
        "\u{202e}\u{feff}\u{200d}\u{7}",
        "../../../../etc/passwd",
        "%00%ff",
        "{\"match_all\":{}}",
    ];
    for text in texts {
        ask(&*engine, &request(text, Filters::default(), first_page())).await;
    }
    let longest = "m ".repeat(limits::QUERY_CHARS_MAX / 2);
    ask(&*engine, &request(&longest, Filters::default(), first_page())).await;
    let quoted = Filters { brands: one_of(&["\" OR 1=1", "*"]), ..Filters::default() };
    assert_eq!(ask(&*engine, &request("milk", quoted, first_page())).await.n_total, 0);
    // A vector of zeros is near to nothing and still no error.
    let mut zeros = request("milk", Filters::default(), first_page());
    zeros.vector = Some(vec![0.0; TEXT_DIM]);
    ask(&*engine, &zeros).await;
}

/// A version without items answers with nothing.
pub async fn an_empty_catalogue_answers(make: Factory) {
    let engine = make(Fixture { items: vec![], vectors: vec![], popularity: vec![] });
    assert_eq!(engine.n_items(), 0);
    for (text, near) in [("", None), ("milk", None), ("milk", Some(1))] {
        let mut request = request(text, Filters::default(), first_page());
        request.vector = near.map(vector);
        let reply = ask(&*engine, &request).await;
        assert!(reply.words.iter().all(|word| word.n_items_unfiltered == 0));
        assert_eq!(RecallReply { words: vec![], ..reply }, RecallReply::default());
    }
}
