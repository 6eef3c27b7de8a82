//! What words, synonyms and vectors find, and what is refused.

use super::*;

/// A synonym finds what has all of its words, after what has the word itself;
/// one that nothing has is not said to be used.
pub fn synonyms_find_what_has_them(make: Factory) {
    let engine = make(fixture());
    let synonym = |used: &str| Synonym { typed: "gelato".to_owned(), used: used.to_owned() };
    let mut request = request("gelato ", Filters::default(), first_page());
    assert_eq!(ask(&*engine, &request).n_total, 0);
    request.synonyms = vec![synonym("crushed ice"), synonym("sorbet")];
    let reply = ask(&*engine, &request);
    assert_eq!(reply.synonyms, [synonym("crushed ice")]);
    assert!(reply.n_total > 0);
    for hit in &reply.hits {
        let item = item(hit.item.0);
        let is_found = [item.title, item.category].iter().any(|text| text.contains("crushed ice"));
        assert!(is_found, "{}", hit.item);
    }
}

/// Words are found in titles, whatever their case and accents; what has all
/// of them comes before what has one.
pub fn words_find_what_has_them(make: Factory) {
    let engine = make(fixture());
    for text in ["WAFFLES brulee", "brûlée, waffles!"] {
        let hits = all_pages(&*engine, request(text, Filters::default(), first_page()), 50);
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
pub fn unknown_words_find_nothing(make: Factory) {
    let engine = make(fixture());
    for text in ["zzqxjv", "牛奶 酸奶", "🍕", "!?", "\u{0}"] {
        let reply = ask(&*engine, &request(text, Filters::default(), first_page()));
        assert_eq!((reply.n_total, reply.hits.len()), (0, 0), "{text:?}");
    }
    let alone = ask(&*engine, &request("bagel ", Filters::default(), first_page()));
    let beside = ask(&*engine, &request("zzqxjv bagel ", Filters::default(), first_page()));
    assert!(!alone.hits.is_empty());
    assert_eq!(ids(&alone.hits), ids(&beside.hits));
}

/// A vector finds the items of its direction first, in order of inner product.
pub fn vectors_find_what_is_near(make: Factory) {
    let fixture = fixture();
    let all: Vec<u64> = fixture.items.iter().map(|item| item.id.0).collect();
    let engine = make(fixture);
    for near in [5, 61, 98] {
        let query = vector(near);
        let mut request = request("", Filters::default(), Page { offset: 0, limit: 10 });
        request.vector = Some(query.clone());
        let inner = |id: u64| -> f32 { vector(id).iter().zip(&query).map(|(a, b)| a * b).sum() };
        let found = ids(&ask(&*engine, &request).hits);
        let mut expected = all.clone();
        expected.sort_by(|&a, &b| inner(b).total_cmp(&inner(a)).then(a.cmp(&b)));
        let worst = inner(expected[9]);
        assert_eq!(found.len(), 10);
        assert!(found.iter().all(|&id| inner(id) >= worst - 1e-4), "{near}: {found:?}");
        assert!(found.windows(2).all(|pair| inner(pair[0]) >= inner(pair[1]) - 1e-4), "{near}");
    }
}

/// With text and vector, hits carry the ranks of each source that found them.
pub fn both_sources_are_fused_and_named(make: Factory) {
    let engine = make(fixture());
    let mut request = request("pizza", Filters::default(), first_page());
    request.vector = Some(vector(4));
    let hits = all_pages(&*engine, request, limits::PAGE_LIMIT_MAX);
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

/// Limits are inclusive; beyond them is an error that says which.
pub fn exceeded_limits_are_typed_errors(make: Factory) {
    let engine = make(fixture());
    let depth = limits::RESULT_DEPTH_MAX;
    let with_page = |offset, limit| request("milk", Filters::default(), Page { offset, limit });
    ask(&*engine, &with_page(depth - limits::PAGE_LIMIT_MAX, limits::PAGE_LIMIT_MAX));
    let refused = engine.search(&with_page(0, limits::PAGE_LIMIT_MAX + 1));
    assert!(matches!(refused, Err(RecallError::PageTooLarge { .. })), "{refused:?}");
    let refused = engine.search(&with_page(depth, 1));
    assert!(matches!(refused, Err(RecallError::PageTooDeep { .. })), "{refused:?}");
    let long = request(&"x".repeat(limits::QUERY_CHARS_MAX + 1), Filters::default(), first_page());
    let refused = engine.search(&long);
    assert!(matches!(refused, Err(RecallError::TextTooLong { .. })), "{refused:?}");
    let departments = vec!["Dairy".to_owned(); limits::FILTER_VALUES_MAX + 1];
    let long = request("", Filters { departments, ..Filters::default() }, first_page());
    let refused = engine.search(&long);
    assert!(matches!(refused, Err(RecallError::TooManyFilterValues { .. })), "{refused:?}");
    let mut short = request("milk", Filters::default(), first_page());
    short.vector = Some(vec![0.5; TEXT_DIM - 1]);
    let refused = engine.search(&short);
    assert!(matches!(refused, Err(RecallError::BadVector { .. })), "{refused:?}");
}

/// A text is never syntax: operators, quotes and fields are only words.
pub fn no_text_is_an_error(make: Factory) {
    let engine = make(fixture());
    let plain = ask(&*engine, &request("milk ", Filters::default(), first_page()));
    for text in ["+milk -", "\"milk\" ", "(milk ", "milk]~^ ", "/milk/ ", "{\"milk\": "] {
        let reply = ask(&*engine, &request(text, Filters::default(), first_page()));
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
        ask(&*engine, &request(text, Filters::default(), first_page()));
    }
    let longest = "m ".repeat(limits::QUERY_CHARS_MAX / 2);
    ask(&*engine, &request(&longest, Filters::default(), first_page()));
    let quoted = Filters { brands: one_of(&["\" OR 1=1", "*"]), ..Filters::default() };
    assert_eq!(ask(&*engine, &request("milk", quoted, first_page())).n_total, 0);
    // A vector of zeros is near to nothing and still no error.
    let mut zeros = request("milk", Filters::default(), first_page());
    zeros.vector = Some(vec![0.0; TEXT_DIM]);
    ask(&*engine, &zeros);
}

/// A version without items answers with nothing.
pub fn an_empty_catalogue_answers(make: Factory) {
    let engine = make(Fixture { items: vec![], vectors: vec![], popularity: vec![] });
    assert_eq!(engine.n_items(), 0);
    for (text, near) in [("", None), ("milk", None), ("milk", Some(1))] {
        let mut request = request(text, Filters::default(), first_page());
        request.vector = near.map(vector);
        let reply = ask(&*engine, &request);
        assert!(reply.words.iter().all(|word| word.n_items_unfiltered == 0));
        assert_eq!(RecallReply { words: vec![], ..reply }, RecallReply::default());
    }
}
