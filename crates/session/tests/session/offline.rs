//! Search without a server: the server's conditions, and what is left out of them.

use pollster::block_on;
use vitrine_domain::{Constraint, Filters, ItemId, Query, Sort};
use vitrine_session::{NEAR_CARDS_MAX, NEAR_CATEGORIES_MAX, SearchResults, Session, Tile};

use crate::device::Device;
use crate::server::{FakeServer, Fault};
use crate::shop::{Product, Shop, category, department};

async fn offline(shop: &Shop) -> Session {
    let server = FakeServer::new(shop);
    let session = Device::new(&server).open_synced().await;
    server.set_fault(Fault::Down);
    session
}

async fn found(session: &Session, text: &str) -> SearchResults {
    let query = Query { text: text.into(), facets: true, ..Query::default() };
    session.search(query).await.expect("found here")
}

fn relaxed(results: &SearchResults) -> Vec<(Constraint, &str)> {
    results.relaxed.iter().map(|left_out| (left_out.constraint, &*left_out.typed)).collect()
}

#[test]
fn what_nothing_meets_is_left_out_and_named() {
    block_on(async {
        let session = offline(&Shop::new(120)).await;
        let milk = found(&session, "milk").await;
        assert!(milk.relaxed.is_empty());

        let dear = found(&session, "milk over €900").await;
        assert_eq!(relaxed(&dear), [(Constraint::ReadFilter, "over €900")]);
        assert_eq!((dear.n_total, dear.filters_read.len()), (milk.n_total, 0));

        let unknown = found(&session, "milk zzqx under €10").await;
        assert_eq!(relaxed(&unknown), [(Constraint::Word, "zzqx")]);
        assert!(unknown.n_total > 0 && unknown.filters_read[0].typed == "under €10");

        let apart = found(&session, "number milk bread").await;
        assert!(relaxed(&apart).is_empty(), "most of the words are enough");
        let has_one = |tile: &Tile| ["milk", "bread"].iter().any(|w| tile.card.title.contains(w));
        assert!(apart.n_total >= 40 && apart.tiles.iter().take(40).all(has_one));

        let filters = Filters {
            departments: vec![department(0)],
            categories: vec![category(1)],
            ..Filters::default()
        };
        let query = Query { text: "milk".into(), filters, ..Query::default() };
        let elsewhere = session.search(query).await.expect("found here");
        assert!(elsewhere.n_total > 0, "no department has that category");
        assert_eq!(relaxed(&elsewhere), [(Constraint::Category, "")]);

        let nothing = found(&session, "zzqx").await;
        assert_eq!((nothing.n_total, relaxed(&nothing)), (0, vec![(Constraint::Word, "zzqx")]));
    });
}

#[test]
fn what_must_be_absent_is_never_left_out() {
    block_on(async {
        let mut shop = Shop::new(60);
        for product in &mut shop.products {
            product.title = "Peanut cookies".to_owned();
        }
        shop.products[1].title = "Cookies, may contain peanuts".to_owned();
        let session = offline(&shop).await;
        let none = found(&session, "peanut free cookies under €900").await;
        assert_eq!((none.n_total, none.tiles.len()), (0, 0));
        assert_eq!(none.free_of[0].name, "peanut");
        assert!(none.relaxed.is_empty(), "{:?}", none.relaxed);
        let near =
            session.near(&Query { text: "peanut free tea".into(), ..Query::default() }, None);
        assert!(near.is_empty(), "all that the shop has says that it has peanuts");
    });
}

#[test]
fn what_descriptions_say_counts_too() {
    block_on(async {
        let mut shop = Shop::new(60);
        shop.description = "May contain traces of hazelnuts.".to_owned();
        let session = offline(&shop).await;
        let (first, all) = (shop.products[0].id, found(&session, "milk number").await);
        assert!(all.tiles.iter().any(|tile| tile.card.id == first));
        let free = found(&session, "nut free milk number").await;
        assert_eq!(free.n_total, all.n_total - 1);
        assert!(free.tiles.iter().all(|tile| tile.card.id != first));
        let doubts = free.tiles.iter().filter_map(|tile| tile.found.as_ref());
        assert!(doubts.into_iter().all(|found| found.unconfirmed == ["nut"]));
    });
}

#[test]
fn a_category_suggestion_leads_to_what_it_counts() {
    block_on(async {
        let session = offline(&Shop::new(120)).await;
        for text in ["category 0", "depart"] {
            let suggested = session.suggest(text, 3).into_iter().next().expect("suggested");
            let query = suggested.query().expect("a search");
            assert_eq!(query.text, "");
            let results = session.search(query).await.expect("found here");
            assert_eq!(results.n_total, suggested.n_items, "{suggested:?}");
        }
    });
}

#[test]
fn several_departments_and_brands_are_chosen_at_once() {
    block_on(async {
        let session = offline(&Shop::new(120)).await;
        let ask = async |filters: Filters| {
            let query = Query { filters, facets: true, ..Query::default() };
            session.search(query).await.expect("found here")
        };
        let departments = vec![department(0), department(3)];
        let two = ask(Filters { departments: departments.clone(), ..Filters::default() }).await;
        let facets = two.facets.expect("asked for");
        assert_eq!(facets.departments.len(), 5, "the others can be added");
        let n_both: u32 = facets
            .departments
            .iter()
            .filter(|facet| departments.contains(&facet.name))
            .map(|facet| facet.n_items)
            .sum();
        assert_eq!(two.n_total, n_both);
        let brand = facets.brands[0].clone();
        let brands = vec![brand.name];
        let narrower = ask(Filters { departments, brands, ..Filters::default() }).await;
        assert_eq!(narrower.n_total, brand.n_items, "counted under the two departments");
    });
}

#[test]
fn a_price_range_leaves_what_costs_as_much_and_says_before_how_many() {
    block_on(async {
        let shop = Shop::new(120);
        let session = offline(&shop).await;
        let ask = async |price_minor_min, price_minor_max| {
            let filters = Filters { price_minor_min, price_minor_max, ..Filters::default() };
            let query = Query { filters, facets: true, ..Query::default() };
            session.search(query).await.expect("found here")
        };
        let n_within = |lowest: u32, highest: u32| {
            let price = |product: &&Product| (lowest..=highest).contains(&product.price_minor);
            shop.products.iter().filter(price).count() as u32
        };
        let some = ask(Some(700), Some(900)).await;
        assert_eq!(some.n_total, n_within(700, 900));
        assert!(some.n_total > 0 && some.n_total < 120, "{}", some.n_total);
        assert!(some.tiles.iter().all(|tile| (700..=900).contains(&tile.card.price_minor)));
        assert_eq!(ask(None, Some(900)).await.n_total, n_within(0, 900));
        let ranges = some.facets.expect("asked for").prices;
        assert!(ranges.len() > 1, "other ranges can be chosen: {ranges:?}");
        for range in ranges {
            let chosen = ask(range.price_minor_min, range.price_minor_max).await;
            assert_eq!(chosen.n_total, range.n_items, "{range:?}");
        }
    });
}

#[test]
fn results_are_sorted_by_price_by_buyers_and_by_date() {
    block_on(async {
        let mut shop = Shop::new(120);
        let dates = [(7, 300), (20, 200), (51, 100)];
        shop.listed_at_seconds = dates.map(|(i, at)| (shop.products[i].id, at * 86_400)).into();
        let session = offline(&shop).await;
        let ids = async |sort: Sort| -> Vec<ItemId> {
            let found = session.search(Query { sort, ..Query::default() }).await;
            found.expect("found here").tiles.iter().map(|tile| tile.card.id).collect()
        };
        let price = |id: &ItemId| shop.product(*id).price_minor;
        let prices = || shop.products.iter().map(|product| product.price_minor);
        let cheapest = ids(Sort::PriceAscending).await;
        assert!(cheapest.len() > 10 && cheapest.is_sorted_by_key(price));
        assert_eq!(cheapest.first().map(price), prices().min());
        let dearest = ids(Sort::PriceDescending).await;
        assert!(dearest.is_sorted_by(|a, b| price(a) >= price(b)));
        assert_eq!(dearest.first().map(price), prices().max());
        let popular = ids(Sort::Popularity).await;
        assert_eq!(popular, shop.by_popularity()[..popular.len()]);
        let newest = ids(Sort::Newest).await;
        assert_eq!(newest[..3], dates.map(|(i, _)| shop.products[i].id), "the last listed first");
    });
}

#[test]
fn where_nothing_is_found_the_nearest_categories_are_shown() {
    block_on(async {
        let mut shop = Shop::new(120);
        shop.products[16].title = "Oolong leaves".to_owned();
        let session = offline(&shop).await;
        let near =
            |text: &str| session.near(&Query { text: text.into(), ..Query::default() }, None);
        let oolong = near("oolnog pearls");
        assert_eq!(oolong[0].name, category(1), "one letter is wrong, one word unknown");
        assert_eq!(oolong.len(), NEAR_CATEGORIES_MAX);
        for of in &oolong {
            assert!((1..=NEAR_CARDS_MAX).contains(&of.tiles.len()));
            assert!(of.tiles.iter().all(|tile| tile.card.category == of.name));
            assert!(of.tiles.is_sorted_by(|a, b| a.card.n_buyers >= b.card.n_buyers));
        }
        let unknown = near("zzqx");
        let buyers = |name: &str| -> u32 {
            let of = shop.products.iter().filter(|p| category(p.category) == name);
            of.map(|product| product.n_buyers).sum()
        };
        assert_eq!(unknown.len(), NEAR_CATEGORIES_MAX, "what most people buy of");
        assert!(unknown.is_sorted_by(|a, b| buyers(&a.name) >= buyers(&b.name)));
    });
}
