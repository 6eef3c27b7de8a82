//! Filters and what is counted under them.

use super::*;

/// Department, category, brand, price and availability restrict, each alone.
pub fn each_filter_alone_keeps_what_meets_it(make: Factory) {
    let engine = make(fixture());
    let none = Filters::default();
    check_filters(&*engine, none.clone(), |_| true);
    let departments = one_of(&["Dairy", "Frozen", "No such department"]);
    check_filters(&*engine, Filters { departments, ..none.clone() }, |item| {
        item.department != "Bakery"
    });
    let categories = one_of(&["milk"]);
    check_filters(&*engine, Filters { categories, ..none.clone() }, |item| item.category == "milk");
    let brands = one_of(&["Crème & Co"]);
    check_filters(&*engine, Filters { brands, ..none.clone() }, |item| item.brand == "Crème & Co");
    let brands_excluded = one_of(&["National", ""]);
    check_filters(&*engine, Filters { brands_excluded, ..none.clone() }, |item| {
        item.brand != "National" && !item.brand.is_empty()
    });
    let at_least = Filters { price_minor_min: Some(450), ..none.clone() };
    check_filters(&*engine, at_least, |item| item.price_minor >= 450);
    let available = Filters { available_only: true, ..none.clone() };
    check_filters(&*engine, available, |item| item.availability == Availability::InStock);
    let rated = Filters { stars_min: Some(4), ..none };
    check_filters(&*engine, rated, |item| {
        item.rating.is_some_and(|rating| rating.hundredths >= 395)
    });
}

/// Conditions add up; values are compared exactly.
pub fn filters_together_keep_what_meets_all(make: Factory) {
    let engine = make(fixture());
    let all = Filters {
        departments: one_of(&["Dairy", "Bakery"]),
        categories: Vec::new(),
        brands: one_of(&["National", "Private"]),
        brands_excluded: one_of(&["Private", "No such brand"]),
        price_minor_min: Some(100),
        price_minor_max: Some(600),
        available_only: true,
        stars_min: Some(3),
        free_of: Vec::new(),
    };
    check_filters(&*engine, all, |item| {
        item.department != "Frozen"
            && item.brand == "National"
            && (100..=600).contains(&item.price_minor)
            && item.availability == Availability::InStock
            && item.rating.is_some_and(|rating| rating.hundredths >= 295)
    });
    let unbranded = Filters { brands: one_of(&[""]), ..Filters::default() };
    check_filters(&*engine, unbranded, |item| item.brand.is_empty());
    let other_case = Filters { departments: one_of(&["dairy"]), ..Filters::default() };
    check_filters(&*engine, other_case, |_| false);
}

/// Conditions that nothing meets give an empty answer; prices that nothing can
/// meet are a typed error.
pub fn contradictory_filters_give_nothing(make: Factory) {
    let engine = make(fixture());
    let unknown = Filters { brands: one_of(&["No such brand"]), ..Filters::default() };
    check_filters(&*engine, unknown, |_| false);
    let both = Filters {
        brands: one_of(&["National"]),
        brands_excluded: one_of(&["National"]),
        ..Filters::default()
    };
    check_filters(&*engine, both, |_| false);
    let inverted =
        Filters { price_minor_min: Some(600), price_minor_max: Some(100), ..Filters::default() };
    let refused = engine.search(&request("milk", inverted, first_page()));
    let is_typed = matches!(refused, Err(RecallError::PricesInverted { min: 600, max: 100 }));
    assert!(is_typed, "{refused:?}");
}

/// A price of 0 means unknown: no range includes it.
pub fn unpriced_items_meet_no_price_range(make: Factory) {
    let engine = make(fixture());
    for (price_minor_min, price_minor_max) in [(Some(0), None), (None, Some(u32::MAX))] {
        let filters = Filters { price_minor_min, price_minor_max, ..Filters::default() };
        check_filters(&*engine, filters, |item| item.price_minor > 0);
    }
}

/// Each value's count is the number of results once it is chosen, under all
/// other filters.
pub fn facets_count_what_choosing_them_gives(make: Factory) {
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
            assert_eq!(ask(&*engine, &request).facets, None);
            request.query.facets = true;
            let facets = ask(&*engine, &request).facets.expect("asked for");
            assert!(!facets.departments.is_empty() && !facets.brands.is_empty(), "{text}");
            assert!(facets.prices.len() > 1, "{text}");
            let mut choices = Vec::new();
            for facet in &facets.departments {
                let departments = vec![facet.name.clone()];
                choices.push((facet.n_items, Filters { departments, ..filters.clone() }));
            }
            for facet in &facets.categories {
                let categories = vec![facet.name.clone()];
                choices.push((facet.n_items, Filters { categories, ..filters.clone() }));
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
                let n_total = ask(&*engine, &request).n_total;
                assert_eq!(n_total, n_items as usize, "{text} {chosen:?}");
            }
        }
    }
}

/// A reply says how many items have each word, with the filters and without.
pub fn words_are_counted_under_the_filters(make: Factory) {
    let engine = make(fixture());
    let filters = Filters { departments: one_of(&["Dairy"]), ..Filters::default() };
    let reply = ask(&*engine, &request("Milk zzqxjv ", filters, first_page()));
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

/// A filter does not only thin out the best hits: a rare item is found even
/// when thousands of others are nearer.
pub fn filters_come_before_the_top(make: Factory) {
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
        assert_eq!(ids(&ask(&*engine, &request).hits), [id], "{text}");
    }
}
