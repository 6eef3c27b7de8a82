//! Search: what is asked, who orders it, what happens without a server.

use pollster::block_on;
use vitrine_domain::{EventKind, Filters, Page, Query, Sort};
use vitrine_session::{SearchOrder, SearchResults, SessionError, SuggestionKind};

use crate::device::Device;
use crate::server::{FakeServer, Fault};
use crate::shop::{Shop, department, set};

fn query(text: &str) -> Query {
    Query { text: text.into(), ..Query::default() }
}

fn ids(results: &SearchResults) -> Vec<vitrine_domain::ItemId> {
    results.tiles.iter().map(|tile| tile.card.id).collect()
}

#[test]
fn the_server_orders_for_strangers_and_the_device_for_its_shopper() {
    block_on(async {
        let shop = Shop::new(120);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        let stranger = session.search(query("milk")).await.expect("served");
        assert_eq!((stranger.order, stranger.n_total), (SearchOrder::Server, 20));
        let milk = |id: &vitrine_domain::ItemId| shop.product(*id).title.contains("milk");
        let by_popularity: Vec<_> = shop.by_popularity().into_iter().filter(milk).collect();
        assert_eq!(ids(&stranger), by_popularity);

        for i in [6, 12, 18] {
            device.act(&session, EventKind::Purchase, shop.products[i].id).await;
        }
        let known = session.search(query("milk")).await.expect("served");
        assert_eq!(known.order, SearchOrder::Personal);
        assert!(known.ranking_ms > 0.0 && !known.offline);
        assert_ne!(ids(&known), by_popularity);
        assert_eq!(set(&ids(&known)), set(&by_popularity), "ordered, nothing else");
    });
}

#[test]
fn a_result_says_what_found_it_and_what_moved_it() {
    block_on(async {
        let shop = Shop::new(120);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        let explained =
            |offset| Query { page: Page { offset, limit: 60 }, explain: true, ..query("milk") };
        let places = |results: &SearchResults| -> Vec<(u32, u32)> {
            let found = results.tiles.iter().map(|tile| tile.found.as_ref().expect("found"));
            found.map(|found| (found.place_found, found.place)).collect()
        };
        let stranger = session.search(explained(5)).await.expect("served");
        assert_eq!(places(&stranger), (6..=20).map(|n| (n, n)).collect::<Vec<_>>());
        let first = &stranger.tiles[0];
        let parts = &first.found.as_ref().expect("found").parts;
        assert_eq!(parts.iter().map(|part| part.signal.as_str()).collect::<Vec<_>>(), ["title"]);
        assert!(session.why_found(&stranger, first.card.id).is_empty(), "nothing was done");

        for i in [6, 12, 18] {
            device.act(&session, EventKind::Purchase, shop.products[i].id).await;
        }
        let known = session.search(explained(0)).await.expect("served");
        let found = places(&known);
        assert_eq!(found.iter().map(|f| f.1).collect::<Vec<_>>(), (1..=20).collect::<Vec<_>>());
        assert!(found.iter().any(|(before, now)| now < before), "something moved up");
        let shown = ids(&known);
        let reasons: Vec<_> = shown.iter().map(|id| session.why_found(&known, *id)).collect();
        assert!(reasons.iter().any(|reasons| !reasons.is_empty()), "and it says why");
        assert!(session.why_found(&stranger, shown[0]).is_empty(), "that order was the shop's");
    });
}

#[test]
fn a_search_carries_text_filters_and_paging_and_nothing_else() {
    block_on(async {
        let shop = Shop::new(60);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        device.act(&session, EventKind::Purchase, shop.products[0].id).await;
        server.take_paths();
        let asked = Query {
            text: "tea".into(),
            filters: Filters { departments: vec![department(1)], ..Filters::default() },
            page: Page { offset: 2, limit: 5 },
            ..Query::default()
        };
        session.search(asked.clone()).await.expect("served");
        let (method, path, body) = server.requests.take().pop().expect("one request");
        assert_eq!((method.as_str(), path.as_str()), ("POST", "/v1/search"));
        assert_eq!(serde_json::from_str::<Query>(&body).expect("a query"), asked);
        assert_eq!(body, serde_json::to_string(&asked).expect("writable"));
    });
}

#[test]
fn without_a_server_the_device_searches_its_own_cards() {
    block_on(async {
        let shop = Shop::new(120);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        for fault in [Fault::Down, Fault::Status(503), Fault::Status(429)] {
            server.set_fault(fault);
            let found = session.search(query("MLIK")).await.expect("found here");
            assert!(found.offline && !found.private);
            assert_eq!(found.corrections.len(), 1, "a slip is mended as the server would");
            assert_eq!((found.order, found.n_total), (SearchOrder::Device, 20));
            let milk = |id: &vitrine_domain::ItemId| shop.product(*id).title.contains("milk");
            let expected: Vec<_> = shop.by_popularity().into_iter().filter(milk).collect();
            let bought = Query { sort: Sort::Popularity, ..query("MLIK") };
            assert_eq!(ids(&session.search(bought).await.expect("found here")), expected);
            // The most bought has a description, in which its word counts for less.
            let (first, rest) = expected.split_first().expect("milk is sold");
            let others: Vec<_> = ids(&found).into_iter().filter(|id| id != first).collect();
            assert_eq!((others.as_slice(), ids(&found).len()), (rest, expected.len()));
        }
        let filtered = Query {
            filters: Filters {
                departments: vec![department(0)],
                price_minor_max: Some(1_000),
                ..Filters::default()
            },
            page: Page { offset: 0, limit: 3 },
            ..query("milk")
        };
        let found = session.search(filtered).await.expect("found here");
        assert!(found.tiles.len() <= 3 && !found.tiles.is_empty());
        for tile in &found.tiles {
            assert_eq!(tile.card.department, department(0));
            assert!(tile.card.price_minor <= 1_000);
        }
        device.act(&session, EventKind::Purchase, shop.products[6].id).await;
        let personal = session.search(query("milk")).await.expect("found here");
        assert_eq!((personal.order, personal.offline), (SearchOrder::Personal, true));
        assert_eq!(session.search(query("no such thing")).await.expect("empty").n_total, 0);
    });
}

#[test]
fn without_a_server_results_are_sorted_and_counted_here() {
    block_on(async {
        let shop = Shop::new(120);
        let server = FakeServer::new(&shop);
        let session = Device::new(&server).open_synced().await;
        server.set_fault(Fault::Down);
        let filters = Filters {
            departments: vec![department(0)],
            brands_excluded: vec!["Acme".into()],
            ..Filters::default()
        };
        let cheapest = Query {
            filters: filters.clone(),
            sort: Sort::PriceAscending,
            facets: true,
            ..query("number")
        };
        let found = session.search(cheapest).await.expect("found here");
        let prices: Vec<u32> = found.tiles.iter().map(|tile| tile.card.price_minor).collect();
        assert!(prices.len() > 5 && prices.is_sorted(), "{prices:?}");
        assert!(found.tiles.iter().all(|tile| tile.card.brand != "Acme"));
        let facets = found.facets.expect("asked for");
        assert_eq!(facets.departments.len(), 5, "counted without their own filter");
        for facet in facets.brands {
            let brands = vec![facet.name];
            let chosen = Filters { brands, brands_excluded: vec![], ..filters.clone() };
            let found = session.search(Query { filters: chosen, ..query("number") }).await;
            assert_eq!(found.expect("found here").n_total, facet.n_items);
        }
    });
}

#[test]
fn without_a_server_conditions_in_words_are_read_here() {
    block_on(async {
        let shop = Shop::new(120);
        let server = FakeServer::new(&shop);
        let session = Device::new(&server).open_synced().await;
        server.set_fault(Fault::Down);
        let all = session.search(query("milk")).await.expect("found here");
        let cheap = session.search(query("milk under €10")).await.expect("found here");
        assert!(0 < cheap.n_total && cheap.n_total < all.n_total, "{}", cheap.n_total);
        assert!(cheap.tiles.iter().all(|tile| (1..1_000).contains(&tile.card.price_minor)));
        let typed: Vec<&str> = cheap.filters_read.iter().map(|f| f.typed.as_str()).collect();
        assert_eq!(typed, ["under €10"]);
        let others = session.search(query("milk -acme")).await.expect("an answer");
        assert!(others.n_total < all.n_total);
        assert!(others.tiles.iter().all(|tile| tile.card.brand != "Acme"));
        let words = session.search(query("milk \"under 10\"")).await.expect("an answer");
        assert!(words.filters_read.is_empty());
    });
}

#[test]
fn without_a_server_what_must_be_absent_is_left_out_or_marked() {
    block_on(async {
        let mut shop = Shop::new(120);
        let titles = [
            "Peanut butter cookies",
            "Oat cookies",
            "Peanut free cookies",
            "Cookies, may contain peanuts",
        ];
        for (product, title) in shop.products.iter_mut().zip(titles) {
            product.title = title.to_owned();
        }
        let server = FakeServer::new(&shop);
        let session = Device::new(&server).open_synced().await;
        server.set_fault(Fault::Down);
        let found = session.search(query("peanut free cookies")).await.expect("found here");
        let shown: Vec<(&str, &[String])> = found
            .tiles
            .iter()
            .map(|tile| {
                let found = tile.found.as_ref().expect("a result");
                (tile.card.title.as_str(), found.unconfirmed.as_slice())
            })
            .collect();
        let peanut = ["peanut".to_owned()];
        assert_eq!(shown, [("Peanut free cookies", &[][..]), ("Oat cookies", &peanut)]);
        assert_eq!(found.n_total, 2);
        assert_eq!((found.free_of[0].name.as_str(), found.free_of[0].n_results), ("peanut", 1));
        assert_eq!(found.filters_read[0].typed, "peanut free");
        let lactose = session.search(query("lactose free milk")).await.expect("found here");
        assert!(lactose.n_total > 0 && lactose.free_of[0].n_results == 0, "nothing says so");
    });
}

#[test]
fn what_says_that_it_is_free_of_something_stays_first_in_a_personal_order() {
    block_on(async {
        let shop = Shop::new(120);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        for i in [3, 9, 15] {
            device.act(&session, EventKind::Purchase, shop.products[i].id).await;
        }
        let filters = Filters { free_of: vec!["peanut".into()], ..Filters::default() };
        let found = session.search(Query { filters, ..query("number") }).await.expect("served");
        assert_eq!(found.order, SearchOrder::Personal);
        let n_doubts = |tile: &vitrine_session::Tile| {
            tile.found.as_ref().map_or(0, |found| found.unconfirmed.len())
        };
        let doubts: Vec<usize> = found.tiles.iter().map(n_doubts).collect();
        assert!(doubts.is_sorted(), "{doubts:?}");
        assert!(doubts.contains(&1) || found.n_total > 60, "{doubts:?}");
        let places: Vec<u32> =
            found.tiles.iter().filter_map(|tile| Some(tile.found.as_ref()?.place_found)).collect();
        assert!(!places.is_sorted(), "the shopper's log moved nothing: {places:?}");
    });
}

#[test]
fn another_order_than_relevance_is_the_servers() {
    block_on(async {
        let shop = Shop::new(120);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        device.act(&session, EventKind::Purchase, shop.products[6].id).await;
        let sorted = Query { sort: Sort::Popularity, ..query("milk") };
        let found = session.search(sorted).await.expect("served");
        assert_eq!(found.order, SearchOrder::Server);
        let milk = |id: &vitrine_domain::ItemId| shop.product(*id).title.contains("milk");
        let by_popularity: Vec<_> = shop.by_popularity().into_iter().filter(milk).collect();
        assert_eq!(ids(&found), by_popularity);
    });
}

#[test]
fn suggestions_come_from_the_synced_cards_and_send_nothing() {
    block_on(async {
        let shop = Shop::new(120);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        assert!(device.open().await.suggest("mil", 8).is_empty(), "nothing is synced");
        let session = device.open_synced().await;
        server.take_paths();
        let found = session.suggest("mil", 8);
        assert_eq!(found.len(), 8);
        for suggestion in &found {
            assert!(suggestion.text.contains("milk"), "{suggestion:?}");
        }
        assert_eq!(found[0].kind, SuggestionKind::Query);
        let products: Vec<_> = found.iter().filter_map(|suggestion| suggestion.item).collect();
        let milk = |id: &vitrine_domain::ItemId| shop.product(*id).title.contains("milk");
        assert!(!products.is_empty() && products.iter().all(milk));
        let departments = session.suggest("depart", 8);
        assert!(departments.iter().any(|s| s.kind == SuggestionKind::Department));
        assert_eq!(server.take_paths().len(), 0);
    });
}

#[test]
fn refusals_and_rubbish_are_errors() {
    block_on(async {
        let server = FakeServer::new(&Shop::new(40));
        let session = Device::new(&server).open_synced().await;
        server.set_fault(Fault::Status(400));
        let error = session.search(query("milk")).await.expect_err("refused");
        assert!(matches!(error, SessionError::Status { status: 400, .. }), "{error:?}");
        server.set_fault(Fault::Rubbish);
        let error = session.search(query("milk")).await.expect_err("rubbish");
        assert!(matches!(error, SessionError::Wire { .. }), "{error:?}");
        server.take_paths();
        let error = session.search(query(&"x".repeat(501))).await.expect_err("too long");
        assert!(matches!(error, SessionError::QueryTooLong { limit: 500 }), "{error:?}");
        assert_eq!(server.take_paths().len(), 0);
    });
}

#[test]
fn results_that_are_not_synced_are_shown_and_ranked_and_remembered() {
    block_on(async {
        let mut shop = Shop::new(120);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open().await;
        session.sync_head().await.expect("served");
        let first = shop.by_popularity()[0];
        device.act(&session, EventKind::ViewItem, first).await;
        let found = session.search(query("milk")).await.expect("served");
        assert_eq!(found.order, SearchOrder::Personal);
        assert!(found.tiles.iter().all(|tile| tile.score.is_some()));
        let unsynced = found
            .tiles
            .iter()
            .find(|tile| tile.card.variants.is_empty())
            .expect("most milk is not in the head");
        let id = unsynced.card.id;
        assert_eq!(session.item(id).expect("from the reply").title, unsynced.card.title);
        device.act(&session, EventKind::AddToCart, id).await;
        let feed = session.feed(20).await;

        session.sync_rest(|_| {}).await.expect("served");
        let complete = session.search(query("milk")).await.expect("served");
        assert!(complete.tiles.iter().all(|tile| !tile.card.variants.is_empty()));
        assert_ne!(feed.tiles, session.feed(20).await.tiles, "more to choose from");

        // A reply of another model cannot be ranked by this one.
        shop.model = Some(2);
        server.publish(&shop);
        let other = session.search(query("milk")).await.expect("served");
        assert_eq!(other.order, SearchOrder::Server);
    });
}

#[test]
fn a_results_score_does_not_depend_on_its_company() {
    block_on(async {
        let shop = Shop::new(120);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        device.act(&session, EventKind::Purchase, shop.products[6].id).await;
        let page = |offset, limit| Query { page: Page { offset, limit }, ..query("milk") };
        let all = session.search(page(0, 20)).await.expect("served");
        let part = session.search(page(5, 5)).await.expect("served");
        for tile in &part.tiles {
            let same = all.tiles.iter().find(|other| other.card.id == tile.card.id);
            assert_eq!(same.expect("in both").score, tile.score);
        }
    });
}

#[test]
fn a_reload_of_the_results_sends_nothing() {
    block_on(async {
        let mut shop = Shop::new(120);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        device.open_synced().await;
        let tab = device.new_tab();
        let session = device.open_in(&tab).await;
        let asked = Query { facets: true, explain: true, ..query("milk") };
        assert_eq!(session.search_again(&asked), None, "nothing was asked yet");
        let found = session.search(asked.clone()).await.expect("served");
        server.take_paths();
        let reloaded = device.open_in(&tab).await;
        let again = reloaded.search_again(&asked).expect("kept in the tab");
        assert_eq!((&again.tiles, again.n_total), (&found.tiles, found.n_total));
        assert_eq!(reloaded.search_again(&query("milk")), None, "another question");
        assert_eq!(device.open().await.search_again(&asked), None, "another tab");

        // Neither what the shopper does nor what the shop publishes makes it ask again.
        device.act(&reloaded, EventKind::Purchase, shop.products[6].id).await;
        let personal = reloaded.search_again(&asked).expect("kept");
        assert_eq!(personal.order, SearchOrder::Personal);
        assert_eq!(set(&ids(&personal)), set(&ids(&found)));
        shop.catalogue = 2;
        shop.products.iter_mut().for_each(|product| product.price_minor += 1);
        server.publish(&shop);
        reloaded.sync_head().await.expect("served");
        reloaded.sync_rest(|_| {}).await.expect("served");
        assert!(reloaded.take_up_pending());
        let newer = reloaded.search_again(&asked).expect("kept");
        let price = |id| shop.product(id).price_minor;
        assert!(newer.tiles.iter().all(|tile| tile.card.price_minor == price(tile.card.id)));
        assert!(!server.take_paths().iter().any(|path| path == "/v1/search"));

        reloaded.delete_all().await.expect("emptied");
        assert_eq!(reloaded.search_again(&asked), None);
        assert_eq!(device.open_in(&tab).await.search_again(&asked), None);
    });
}

#[test]
fn what_was_found_has_its_picture_once_that_is_synced() {
    block_on(async {
        let shop = Shop::new(120);
        let server = FakeServer::new(&shop);
        let session = Device::new(&server).open().await;
        let found = session.search(query("milk")).await.expect("served");
        assert!(found.tiles.iter().all(|tile| tile.card.picture.is_none()), "nothing is synced");
        let card = |tile: &vitrine_session::Tile| session.item(tile.card.id).expect("found");
        session.sync_head().await.expect("served");
        assert!(!session.status().is_complete);
        let is_synced = |tile: &vitrine_session::Tile| !card(tile).variants.is_empty();
        assert!(!found.tiles.iter().all(is_synced), "most milk is not in the head");
        assert!(found.tiles.iter().all(|tile| card(tile).picture.is_some()));
        session.sync_rest(|_| {}).await.expect("served");
        assert!(session.status().is_complete);
        assert!(found.tiles.iter().all(is_synced));
    });
}
