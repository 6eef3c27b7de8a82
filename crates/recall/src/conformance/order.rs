//! The order of results and pages.

use vitrine_domain::{SortValues, listed_minute};

use super::*;

/// Without text and vector the most bought come first, ties by id.
pub fn browsing_goes_by_popularity_then_id(make: Factory) {
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
        let reply = ask(&*engine, &request(text, Filters::default(), page));
        let expected: Vec<u64> = expected[40..140].iter().map(|&(_, id)| id).collect();
        assert_eq!(ids(&reply.hits), expected);
        assert_eq!(reply.n_total, N_ITEMS);
        let first = &reply.hits[0].sources;
        assert_eq!(first.len(), 1);
        assert_eq!((first[0].source, first[0].rank), (CandidateSource::Popular, 41));
    }
}

/// Pages of any size are parts of one list without repetition.
pub fn pages_are_stable_and_do_not_overlap(make: Factory) {
    let engine = make(fixture());
    for (text, near) in [("", None), ("bread butter", None), ("milk", Some(7)), ("", Some(7))] {
        let mut request = request(text, Filters::default(), first_page());
        request.vector = near.map(vector);
        let whole = all_pages(&*engine, request.clone(), 200);
        assert!(whole.len() > 100, "{text}");
        let distinct: BTreeSet<u64> = ids(&whole).into_iter().collect();
        assert_eq!(distinct.len(), whole.len(), "{text}");
        assert_eq!(all_pages(&*engine, request.clone(), 25), whole, "{text}");
        let n_total = ask(&*engine, &request).n_total;
        assert_eq!(n_total.min(limits::RESULT_DEPTH_MAX as usize), whole.len(), "{text}");

        request.query.page = Page { offset: 0, limit: 0 };
        let none = ask(&*engine, &request);
        assert_eq!((none.n_total, none.hits.len()), (n_total, 0), "{text}");
        request.query.page = Page { offset: limits::RESULT_DEPTH_MAX, limit: 0 };
        assert!(ask(&*engine, &request).hits.is_empty(), "{text}");
    }
}

/// Every order is total, and of the same items: ties by id, unpriced last.
pub fn results_are_sorted_as_asked(make: Factory) {
    let engine = make(fixture());
    for (text, near) in [("", None), ("bread butter", None), ("milk", Some(7))] {
        let mut request = request(text, Filters::default(), first_page());
        request.vector = near.map(vector);
        let mut expected = ids(&all_pages(&*engine, request.clone(), 200));
        for sort in Sort::ALL.into_iter().filter(|sort| *sort != Sort::Relevance) {
            let key = |id: u64| {
                let Item { price_minor, listed_at_seconds, rating, .. } = item(id);
                let n_buyers = (mix(id) % 50) as u32;
                let listed_minute = listed_minute(listed_at_seconds);
                (sort.key(SortValues { price_minor, n_buyers, listed_minute, rating }), id)
            };
            request.query.sort = sort;
            let found = ids(&all_pages(&*engine, request.clone(), 200));
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
pub fn a_page_of_double_size_is_two_pages(make: Factory) {
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
                pages.push(ask(&*engine, &request).hits);
            }
            let double = pages.pop().expect("three pages");
            assert_eq!(pages.concat(), double, "{text} {sort:?} {offset} {limit}");
        }
    }
}

/// Items that no source tells apart are ordered by id.
pub fn equal_items_come_in_order_of_id(make: Factory) {
    let ids_in = [5u64, 3, 9, 1, 7];
    let items =
        ids_in.map(|id| Item { id: ItemId(id), title: "milk".to_owned(), ..Item::default() });
    let vectors = ids_in.iter().flat_map(|_| vector(0)).collect();
    let engine = make(Fixture { items: items.to_vec(), vectors, popularity: vec![6; 5] });
    for (text, near) in [("", None), ("milk", None), ("", Some(0)), ("milk", Some(0))] {
        let mut request = request(text, Filters::default(), first_page());
        request.vector = near.map(vector);
        assert_eq!(ids(&ask(&*engine, &request).hits), [1, 3, 5, 7, 9], "{text} {near:?}");
    }
}
