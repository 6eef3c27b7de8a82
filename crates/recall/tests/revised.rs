//! An index that was revised answers as one built anew from the same items.

use std::collections::BTreeMap;

use proptest::prelude::*;
use vitrine_domain::limits::RESCORE_MAX;
use vitrine_domain::{Availability, Filters, Item, ItemId, Page, Query, Sort, Variant};
use vitrine_recall::{
    Attempt, EmbeddedRecall, IndexRevision, ItemTerms, Recall, RecallError, RecallReply,
    RecallRequest, Signal, TEXT_DIM,
};

const TITLES: [&str; 12] = [
    "Whole milk",
    "Milk chocolate bar",
    "Butter cookies 12 oz",
    "Peanut butter cookies",
    "Nut free cookies",
    "Ice cream",
    "Ice cream cake with chocolate",
    "White bread",
    "Bread with walnuts, may contain milk",
    "Yogurt 6 oz",
    "Hard drive",
    "Headset stand",
];
const DEPARTMENTS: [&str; 3] = ["Dairy", "Bakery", "Electronics"];
const BRANDS: [&str; 4] = ["", "Acme", "Crème & Co", "Milka"];

/// What a shop has: items by id, with their buyers. The vector follows from the item.
type Shop = BTreeMap<ItemId, (Item, u32)>;

/// One thing that happens to an item.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// It comes, or is another from now on.
    Comes(u32),
    Goes,
    /// It costs so much, and can be bought or not.
    Costs(u32, bool),
}

fn item(id: u64, kind: u32) -> Item {
    let of = |values: &[&str], by: u32| values[(kind / by) as usize % values.len()].to_owned();
    let size = if kind.is_multiple_of(5) { "16 oz" } else { "" };
    Item {
        id: ItemId(id),
        title: of(&TITLES, 1),
        department: of(&DEPARTMENTS, 3),
        category: of(&["Milk", "Sweets", "Things"], 7),
        brand: of(&BRANDS, 2),
        description: of(&["", "Made of milk and sugar", "No nuts"], 11),
        price_minor: kind % 6 * 100,
        availability: terms_of(kind.is_multiple_of(3)),
        variants: vec![Variant { size: size.to_owned(), ..Variant::default() }],
        ..Item::default()
    }
}

fn terms_of(is_available: bool) -> Availability {
    if is_available { Availability::InStock } else { Availability::OutOfStock }
}

fn vector(item: &Item) -> Vec<f32> {
    let place = TITLES.iter().position(|title| *title == item.title).unwrap_or(0);
    let mut vector = vec![0.0; TEXT_DIM];
    vector[place] = 0.8;
    vector[20 + item.brand.len()] = 0.6;
    vector
}

fn vectors<'a>(items: impl IntoIterator<Item = &'a Item>) -> Vec<f32> {
    items.into_iter().flat_map(vector).collect()
}

fn build(shop: &Shop) -> EmbeddedRecall {
    let items: Vec<Item> = shop.values().map(|(item, _)| item.clone()).collect();
    let popularity: Vec<u32> = shop.values().map(|(_, n_buyers)| *n_buyers).collect();
    EmbeddedRecall::build(&items, vectors(&items), &popularity).expect("a legal catalogue")
}

/// Lets events happen to a shop and revises its index accordingly. The last event of an
/// item is the one that counts.
fn revise(engine: &EmbeddedRecall, shop: &mut Shop, events: &[(u64, Event)]) -> EmbeddedRecall {
    let (mut removed, mut terms, mut added, mut popularity) = (vec![], vec![], vec![], vec![]);
    let last: BTreeMap<u64, Event> = events.iter().copied().collect();
    // Items may come in any order.
    for (id, event) in last.into_iter().rev() {
        let is_there = shop.contains_key(&ItemId(id));
        match event {
            Event::Comes(kind) => {
                let (item, n_buyers) = (item(id, kind), kind % 4 * 5);
                removed.extend(is_there.then_some(ItemId(id)));
                shop.insert(ItemId(id), (item.clone(), n_buyers));
                added.push(item);
                popularity.push(n_buyers);
            }
            Event::Goes => {
                removed.extend(is_there.then_some(ItemId(id)));
                shop.remove(&ItemId(id));
            }
            Event::Costs(price_minor, is_available) => {
                if let Some((item, _)) = shop.get_mut(&ItemId(id)) {
                    let availability = terms_of(is_available);
                    (item.price_minor, item.availability) = (price_minor, availability);
                    terms.push(ItemTerms { item: ItemId(id), price_minor, availability });
                }
            }
        }
    }
    let vectors = vectors(&added);
    let revision = IndexRevision {
        removed: &removed,
        terms: &terms,
        added: &added,
        vectors: &vectors,
        codes: &[],
        popularity: &popularity,
    };
    engine.revised(&revision).expect("a legal revision")
}

fn asked(text: &str) -> RecallRequest {
    let page = Page { offset: 0, limit: 200 };
    let query = Query { text: text.to_owned(), facets: true, page, ..Query::default() };
    RecallRequest { query, ..RecallRequest::default() }
}

fn filters() -> Vec<Filters> {
    let of = |value: &str| vec![value.to_owned()];
    let none = Filters::default();
    vec![
        none.clone(),
        Filters { departments: of("Dairy"), ..none.clone() },
        Filters { categories: of("Sweets"), available_only: true, ..none.clone() },
        Filters { brands: of("Acme"), price_minor_min: Some(200), ..none.clone() },
        Filters { brands_excluded: of("Milka"), price_minor_max: Some(300), ..none.clone() },
        Filters { free_of: of("nuts"), ..none },
    ]
}

/// Browsing, words known, unfinished, misspelt and joined, sizes, and meaning, under each
/// filter and in each order.
fn requests() -> Vec<RecallRequest> {
    let texts =
        ["", "milk ", "choco", "buter cookies ", "icecream ", "12 oz ", "16 oz ", "bread nuts "];
    let mut requests = Vec::new();
    for text in texts {
        for (place, filters) in filters().into_iter().enumerate() {
            let mut request = asked(text);
            request.query.filters = filters;
            request.query.sort = Sort::ALL[place % Sort::ALL.len()];
            requests.push(request.clone());
            request.query.sort = Sort::Relevance;
            request.vector = Some(vector(&item(0, place as u32)));
            requests.push(request);
        }
    }
    requests
}

fn found(reply: &RecallReply) -> Vec<u64> {
    reply.hits.iter().map(|hit| hit.item.0).collect()
}

/// Whether two engines of the same items answer alike. Scores are compared where
/// `is_exact`: items that are gone still count in the weights of words within a field.
fn answer_alike(revised: &EmbeddedRecall, anew: &EmbeddedRecall, is_exact: bool) {
    assert_eq!(revised.n_items(), anew.n_items());
    for request in requests() {
        let [a, b] = [revised, anew].map(|engine| engine.search(&request).expect("an answer"));
        let RecallReply { n_total, facets, free_of, words, corrections, synonyms, .. } = &b;
        assert_eq!(a.n_total, *n_total, "{request:?}");
        assert_eq!(a.facets, *facets, "{request:?}");
        assert_eq!(a.free_of, *free_of, "{request:?}");
        assert_eq!(a.words, *words, "{request:?}");
        assert_eq!((&a.corrections, &a.synonyms), (corrections, synonyms), "{request:?}");
        let is_sorted = request.is_browse() || request.query.sort != Sort::Relevance;
        let has_words = !request.query.text.is_empty();
        if is_sorted || is_exact || !has_words {
            assert_eq!(found(&a), found(&b), "{request:?}");
        }
        let by_id: BTreeMap<ItemId, _> = b.hits.iter().map(|hit| (hit.item, hit)).collect();
        assert_eq!(a.hits.len(), by_id.len());
        for hit in &a.hits {
            let other = by_id.get(&hit.item).expect("the same hits");
            assert_eq!(hit.unconfirmed, other.unconfirmed);
            for signal in [Signal::Coverage, Signal::Popularity, Signal::Cosine] {
                assert_eq!(hit.signals[signal], other.signals[signal], "{request:?}");
            }
            assert!(!is_exact || (hit.score - other.score).abs() < 1e-5, "{request:?}");
        }
        let without =
            |word: &str| Attempt { left_out: vec![word.to_owned()], ..Attempt::default() };
        let mut attempts: Vec<Attempt> = filters()
            .into_iter()
            .rev()
            .map(|filters| Attempt { filters, left_out: Vec::new() })
            .collect();
        attempts.extend([without("bread"), without("nuts")]);
        let [a, b] = [revised, anew].map(|engine| engine.probe(&request, &attempts));
        assert_eq!(a.expect("an answer"), b.expect("an answer"), "{request:?}");
    }
}

fn events(n_ids: u64) -> impl Strategy<Value = Vec<(u64, Event)>> {
    let event = prop_oneof![
        4 => (0u32..500).prop_map(Event::Comes),
        2 => Just(Event::Goes),
        3 => ((0u32..6).prop_map(|price| price * 100), any::<bool>())
            .prop_map(|(price_minor, is_available)| Event::Costs(price_minor, is_available)),
    ];
    prop::collection::vec((0..n_ids, event), 0..8)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn any_sequence_of_revisions_answers_as_if_built_anew(
        kinds in prop::collection::vec(0u32..500, 0..30),
        revisions in prop::collection::vec(events(40), 1..7),
    ) {
        let made = (0..).zip(kinds).map(|(id, kind)| (ItemId(id), (item(id, kind), kind % 4 * 5)));
        let mut shop: Shop = made.collect();
        let first = build(&shop);
        let before: Vec<RecallReply> =
            requests().iter().map(|request| first.search(request).unwrap()).collect();
        let mut engine = first.revised(&IndexRevision::default()).unwrap();
        for events in &revisions {
            engine = revise(&engine, &mut shop, events);
        }
        answer_alike(&engine, &build(&shop), false);
        let after: Vec<RecallReply> =
            requests().iter().map(|request| first.search(request).unwrap()).collect();
        prop_assert_eq!(before, after, "the index before is as it was");
    }

    #[test]
    fn what_only_comes_is_ranked_as_if_built_anew(
        kinds in prop::collection::vec(0u32..500, 0..12),
        more in prop::collection::vec(prop::collection::vec(0u32..500, 1..6), 1..9),
    ) {
        let made = (0..).zip(kinds).map(|(id, kind)| (ItemId(id), (item(id, kind), kind % 4 * 5)));
        let mut shop: Shop = made.collect();
        let mut engine = build(&shop);
        // Each item comes before and after some that were there.
        let mut ids = (0..200u64).map(|i| 1_000 + i * 37 % 200);
        for kinds in more {
            let events: Vec<(u64, Event)> =
                kinds.into_iter().zip(&mut ids).map(|(kind, id)| (id, Event::Comes(kind))).collect();
            engine = revise(&engine, &mut shop, &events);
        }
        answer_alike(&engine, &build(&shop), true);
    }
}

/// A shop of many items, each title a few hundred times.
fn large_shop(n_items: u64) -> Shop {
    (0..n_items).map(|id| (ItemId(id), (item(id, (id * 7 % 500) as u32), id as u32 % 9))).collect()
}

#[test]
fn an_item_that_is_gone_is_found_by_nothing() {
    let mut shop = large_shop(200);
    let unique = Item {
        title: "Zirconium lamp".to_owned(),
        brand: "Zirco".to_owned(),
        price_minor: 77_700,
        ..item(500, 1)
    };
    shop.insert(unique.id, (unique.clone(), 1_000));
    let engine = build(&shop);
    let near = Some(vector(&unique));
    let by_brand = Filters { brands: vec!["Zirco".to_owned()], ..Filters::default() };
    let mut requests = ["zirconium ", "zirconum ", "zirc", "lamp ", ""].map(asked).to_vec();
    requests.push(RecallRequest { vector: near.clone(), ..asked("") });
    let mut filtered = asked("");
    filtered.query.filters = by_brand.clone();
    requests.push(filtered);
    let finds = |engine: &EmbeddedRecall, request: &RecallRequest| {
        engine.search(request).unwrap().hits.iter().any(|hit| hit.item == unique.id)
    };
    assert!(requests.iter().all(|request| finds(&engine, request)));

    let gone = engine
        .revised(&IndexRevision { removed: &[unique.id], ..IndexRevision::default() })
        .unwrap();
    assert!(requests.iter().all(|request| !finds(&gone, request)));
    assert!(gone.nearest(near.as_deref().unwrap(), 1_000).iter().all(|(id, _)| *id != unique.id));
    assert_eq!(gone.signals(&asked("lamp"), &[unique.id]).unwrap(), [None]);
    let reply = gone.search(&asked("zirconium ")).unwrap();
    assert_eq!((reply.n_total, reply.words[0].n_items_unfiltered), (0, 0));
    assert!(gone.search(&asked("zirconum ")).unwrap().corrections.is_empty());
    let facets = gone.search(&asked("")).unwrap().facets.unwrap();
    assert!(facets.brands.iter().all(|facet| facet.name != "Zirco"));
    let attempt = Attempt { filters: by_brand, left_out: Vec::new() };
    assert_eq!(gone.probe(&asked("lamp "), &[attempt]).unwrap().first, None);
    assert_eq!(gone.n_items(), 200);
    assert!(requests.iter().all(|request| finds(&engine, request)), "the index before has it");

    let added = [unique.clone()];
    let revision = IndexRevision {
        added: &added,
        vectors: near.as_deref().unwrap(),
        popularity: &[1_000],
        ..IndexRevision::default()
    };
    let back = gone.revised(&revision).unwrap();
    assert!(requests.iter().all(|request| finds(&back, request)), "it came back");
}

#[test]
fn items_that_are_gone_do_not_say_what_a_word_means() {
    let mut shop = large_shop(60);
    let titles = ["Yogrut", "Hard drive", "Hard cheese", "Drive belt"];
    for (id, title) in (100..).zip(titles) {
        shop.insert(ItemId(id), (Item { title: title.to_owned(), ..item(id, 7) }, 0));
    }
    shop.retain(|id, (item, _)| id.0 >= 100 || !item.title.starts_with("Hard"));
    let engine = build(&shop);
    let used = |engine: &EmbeddedRecall, text: &str| -> Vec<String> {
        let reply = engine.search(&asked(text)).unwrap();
        reply.corrections.into_iter().map(|correction| correction.used).collect()
    };
    assert!(used(&engine, "yogrut ").is_empty(), "an item is called so");
    assert_eq!(used(&engine, "hrad drive "), ["hard"], "an item has both");
    let removed = [ItemId(100), ItemId(101)];
    let engine =
        engine.revised(&IndexRevision { removed: &removed, ..IndexRevision::default() }).unwrap();
    assert_eq!(used(&engine, "yogrut "), ["yogurt"]);
    assert!(used(&engine, "hrad drive ").is_empty());
}

#[test]
fn a_price_moves_an_item_in_its_order_and_through_filters() {
    let shop = large_shop(100);
    let engine = build(&shop);
    let mut cheapest = asked("");
    cheapest.query.sort = Sort::PriceAscending;
    cheapest.query.filters.price_minor_max = Some(50);
    cheapest.query.filters.available_only = true;
    assert_eq!(engine.search(&cheapest).unwrap().n_total, 0);
    let terms = |item, price_minor, is_available| ItemTerms {
        item: ItemId(item),
        price_minor,
        availability: terms_of(is_available),
    };
    let terms = [terms(41, 7, true), terms(40, 9, true), terms(3, 8, false)];
    let revised =
        engine.revised(&IndexRevision { terms: &terms, ..IndexRevision::default() }).unwrap();
    assert_eq!(found(&revised.search(&cheapest).unwrap()), [41, 40]);
    assert_eq!(engine.search(&cheapest).unwrap().n_total, 0);
}

#[test]
fn a_thousand_revisions_of_one_item_make_few_parts() {
    for n_built in [0, 5_000] {
        let mut shop = large_shop(n_built);
        let mut engine = build(&shop);
        let mut n_parts_max = 0;
        for i in 0..1_000u64 {
            let event = (10_000 + i * 7_919 % 1_000, Event::Comes((i % 500) as u32));
            engine = revise(&engine, &mut shop, &[event]);
            n_parts_max = n_parts_max.max(engine.n_parts());
        }
        // Each part has more than four times the rows of the next: 1, 5, 21, 85, 341.
        assert!((2..=6).contains(&n_parts_max), "{n_built}: {n_parts_max}");
        assert_eq!(engine.n_items(), shop.len());
        assert_eq!(engine.is_worn(), n_built < 5_000);
        let mut request = asked("");
        request.query.facets = false;
        let [a, b] = [&engine, &build(&shop)].map(|engine| engine.search(&request).unwrap());
        assert_eq!(found(&a), found(&b));
    }
}

#[test]
fn an_index_with_many_items_gone_is_worn() {
    let mut shop = large_shop(100);
    let mut engine = build(&shop);
    for id in 0..26 {
        assert!(!engine.is_worn(), "{id}");
        engine = revise(&engine, &mut shop, &[(id, Event::Goes)]);
    }
    assert!(engine.is_worn());
}

#[test]
fn meaning_is_found_on_both_sides_of_where_codes_begin() {
    let n_before = RESCORE_MAX as u64 - 100;
    let mut shop = large_shop(n_before);
    let mut engine = build(&shop);
    for first in (n_before..n_before + 400).step_by(50) {
        let events: Vec<(u64, Event)> =
            (first..first + 50).map(|id| (id, Event::Comes((id * 7 % 500) as u32))).collect();
        engine = revise(&engine, &mut shop, &events);
        let near = vector(&item(0, 3));
        let anew = build(&shop);
        let [a, b] = [&engine, &anew].map(|engine| engine.nearest(&near, 20));
        assert_eq!(a, b, "{first}");
    }
}

#[test]
fn a_revision_that_does_not_fit_is_refused() {
    let engine = build(&large_shop(20));
    let refused = |revision: IndexRevision<'_>| engine.revised(&revision).err();
    let [there, unknown] = [3, 99].map(ItemId);
    let terms = |item| ItemTerms { item, price_minor: 1, availability: Availability::InStock };
    let revision = IndexRevision::default();
    for removed in [vec![unknown], vec![there, there]] {
        let error = refused(IndexRevision { removed: &removed, ..revision });
        assert!(matches!(error, Some(RecallError::NotIndexed(id)) if id == removed[0]));
    }
    let error = refused(IndexRevision { terms: &[terms(unknown)], ..revision });
    assert!(matches!(error, Some(RecallError::NotIndexed(id)) if id == unknown));
    let (removed, changed) = ([there], [terms(there)]);
    let error = refused(IndexRevision { removed: &removed, terms: &changed, ..revision });
    assert!(matches!(error, Some(RecallError::NotIndexed(id)) if id == there));

    let twice = [item(70, 1), item(71, 1), item(70, 2)];
    let vectors = vectors(&twice);
    let of = |added, n: usize| IndexRevision {
        added,
        vectors: &vectors[..n * TEXT_DIM],
        codes: &[],
        popularity: &[0, 0, 0][..n],
        ..revision
    };
    let error = refused(of(&twice, 3));
    assert!(matches!(error, Some(RecallError::DuplicateItem(ItemId(70)))));
    let again = [item(there.0, 1)];
    let error = refused(of(&again, 1));
    assert!(matches!(error, Some(RecallError::DuplicateItem(id)) if id == there));
    let error = refused(of(&twice[..2], 3));
    assert!(matches!(error, Some(RecallError::LengthsDiffer { n_items: 2, .. })));
    assert_eq!(engine.n_items(), 20);
}

/// An index that is narrowed finds what is left in the order and with the scores of the whole.
#[test]
fn a_narrowed_index_finds_some_items_alone() {
    let whole = build(&large_shop(300));
    let is_kept = |item: ItemId| item.0 % 3 == 1;
    let narrowed = whole.narrowed(is_kept).expect("a sound index");
    assert_eq!(narrowed.n_items(), whole.n_items(), "it is the same index");
    let mut n_found = 0;
    for request in requests() {
        let [all, some] = [&whole, &narrowed].map(|engine| engine.search(&request).unwrap());
        n_found += some.n_total;
        assert!(some.hits.iter().all(|hit| is_kept(hit.item)), "{request:?}");
        if request.vector.is_none() && all.n_total <= all.hits.len() {
            let kept = all.hits.iter().filter(|hit| is_kept(hit.item));
            let expected: Vec<_> = kept.map(|hit| (hit.item, hit.score)).collect();
            let found: Vec<_> = some.hits.iter().map(|hit| (hit.item, hit.score)).collect();
            assert_eq!((found, some.n_total), (expected.clone(), expected.len()), "{request:?}");
        }
    }
    assert!(n_found > 0, "something is left");
    let twice = narrowed.narrowed(|item| item.0 % 2 == 0).expect("a sound index");
    let reply = twice.search(&asked("")).unwrap();
    assert!(reply.n_total > 0 && reply.hits.iter().all(|hit| hit.item.0 % 6 == 4), "both hold");
}
