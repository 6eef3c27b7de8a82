//! Rules of the shop, as they act on what a device shows.

use std::collections::BTreeSet;

use pollster::block_on;
use vitrine_domain::{EventKind, Filters, ItemId, Page, Query, Sort};
use vitrine_rules::*;
use vitrine_session::{
    CarouselKind, FeedOrder, PlacedBy, PlacedHow, SearchResults, Session, SessionError, ShopRoute,
    Storage, StoreName, Tile,
};
use vitrine_wire::Shard;

use crate::device::{Device, NOW_MS, ids};
use crate::home::{card_ids, home};
use crate::server::{FakeServer, Fault};
use crate::shop::{Shop, category, department};

const DAY_MS: i64 = 86_400_000;

pub fn rule(id: u32, then: Vec<RuleAction>) -> Rule {
    Rule { id: RuleId(id), then, label: "Picked by us".into(), ..Rule::default() }
}

pub fn pin(item: ItemId, place: u16) -> RuleAction {
    RuleAction::Pin { item, place }
}

fn sponsored(item: ItemId, place: u16) -> RuleAction {
    RuleAction::Sponsored { item, place, paid_by: "Acme".into() }
}

pub fn on(placement: Placement, rule: Rule) -> Rule {
    let placements = vec![placement];
    Rule { when: RuleCondition { placements, ..rule.when }, ..rule }
}

/// For who bought something of a category lately.
pub fn for_buyers(name: &str, rule: Rule) -> Rule {
    let of = CardGroup::Category(name.to_owned());
    let facts = vec![AudienceFact { deed: Deed::Bought, of, within_days: 30 }];
    Rule { audience: Some(Audience { facts }), ..rule }
}

pub fn set(rules: &[Rule]) -> PublicRules {
    PublicRules { rules: rules.to_vec() }
}

/// A device of a shop with rules, and its server.
async fn opened(shop: &Shop, rules: &[Rule]) -> (Device, std::rc::Rc<FakeServer>, Session) {
    let shop = Shop { more: vec![Shard::Rules(set(rules))], ..shop.clone() };
    let server = FakeServer::new(&shop);
    let device = Device::new(&server);
    let session = device.open_synced().await;
    (device, server, session)
}

/// A synced shop without rules of its own, in which rules are tried.
async fn shopper(shop: &Shop, has_log: bool) -> (Device, Session) {
    let device = Device::new(&FakeServer::new(shop));
    let session = device.open_synced().await;
    if has_log {
        device.act(&session, EventKind::Purchase, shop.products[3].id).await;
        device.act(&session, EventKind::ViewItem, shop.products[20].id).await;
    }
    (device, session)
}

fn try_rules(session: &Session, rules: &[Rule]) {
    session.preview_rules(Some(set(rules))).expect("valid rules");
}

fn found(results: &SearchResults) -> Vec<ItemId> {
    results.tiles.iter().map(|tile| tile.card.id).collect()
}

fn placed(tiles: &[Tile], id: ItemId) -> Option<&PlacedBy> {
    tiles.iter().find(|tile| tile.card.id == id)?.placed.as_ref()
}

fn text(text: &str) -> Query {
    Query { text: text.into(), ..Query::default() }
}

/// Without those ids.
fn without(ids: &[ItemId], gone: &[ItemId]) -> Vec<ItemId> {
    ids.iter().filter(|id| !gone.contains(id)).copied().collect()
}

#[test]
fn each_action_acts_in_the_feed_of_a_newcomer_and_of_a_shopper() {
    block_on(async {
        let shop = Shop::new(120);
        for has_log in [false, true] {
            let (_, session) = shopper(&shop, has_log).await;
            let before = ids(&session.feed(60).await);
            let (last, second) = (before[50], before[1]);
            let feed = async |rules: &[Rule]| {
                try_rules(&session, rules);
                session.feed(60).await
            };
            let pinned = feed(&[rule(1, vec![pin(last, 3)])]).await;
            assert_eq!(ids(&pinned)[2], last);
            let by = placed(&pinned.tiles, last).expect("a rule did it");
            assert_eq!(
                (by.how, by.rule, by.label.as_str()),
                (PlacedHow::Pinned, RuleId(1), "Picked by us")
            );
            assert_eq!(by.words(), "The shop has put it here: Picked by us");
            let own = |tile: &&Tile| tile.card.id != last;
            assert!(pinned.tiles.iter().filter(own).all(|tile| tile.placed.is_none()));

            let hidden = RuleAction::Hide { target: RuleTarget::items([second]) };
            assert!(!ids(&feed(&[rule(1, vec![hidden])]).await).contains(&second));
            let name = category(
                shop.products.iter().position(|p| p.id == second).expect("it is there") % 15,
            );
            let hidden = RuleAction::Hide { target: RuleTarget::category(&name) };
            let all = session.feed(120).await.tiles.len();
            try_rules(&session, &[rule(1, vec![hidden])]);
            let rest = session.feed(120).await;
            assert!(rest.tiles.iter().all(|tile| tile.card.category != name), "to the very end");
            assert_eq!((rest.tiles.len(), rest.has_more), (all + 1 - 8, false));

            let place =
                |feed: &vitrine_session::Feed, id| ids(feed).iter().position(|other| *other == id);
            let strength = Strength::Strong;
            let boost = RuleAction::Boost { target: RuleTarget::items([last]), strength };
            let boosted = feed(&[rule(1, vec![boost])]).await;
            assert!(place(&boosted, last).expect("boosted") < 40, "{has_log}");
            assert_eq!(placed(&boosted.tiles, last).expect("by a rule").how, PlacedHow::Boosted);
            let bury = RuleAction::Bury { target: RuleTarget::items([second]), strength };
            let buried = feed(&[rule(1, vec![bury])]).await;
            assert!(place(&buried, second).is_none_or(|place| place > 10));
            assert!(buried.tiles.iter().all(|tile| tile.score.is_some() == has_log), "scores stay");

            let only = RuleAction::IncludeOnly { target: RuleTarget::department("Department 2") };
            let only = feed(&[rule(1, vec![only])]).await;
            assert_eq!(only.tiles.len(), 24);
            assert!(only.tiles.iter().all(|tile| tile.card.department == department(2)));

            let paid = feed(&[rule(1, vec![sponsored(last, 1)])]).await;
            assert_eq!(ids(&paid)[0], last);
            let by = placed(&paid.tiles, last).expect("by a rule");
            assert_eq!((by.is_sponsored(), by.paid_by.as_deref()), (true, Some("Acme")));
            assert_eq!(by.words(), "Sponsored: Acme. Picked by us");

            let banner =
                RuleAction::Banner { text: "Milk week".into(), link: Some(ShopRoute::Home) };
            let said = feed(&[on(Placement::Feed, rule(4, vec![banner]))]).await;
            assert_eq!(said.banners[0].text, "Milk week");
            assert_eq!(
                (said.banners[0].rule, &said.banners[0].link),
                (RuleId(4), &Some(ShopRoute::Home))
            );
            assert_eq!(ids(&said), before);

            let quota = Diversity { most_of_a_category: 1, of_places: 10 };
            let spread = feed(&[rule(1, vec![RuleAction::Diversify(quota)])]).await;
            let names: BTreeSet<&str> =
                spread.tiles[..10].iter().map(|tile| tile.card.category.as_str()).collect();
            assert_eq!(names.len(), 10);
            if spread.tiles.iter().map(|t| t.card.id).ne(before.iter().copied()) {
                let how = spread.tiles.iter().filter_map(|tile| tile.placed.as_ref());
                assert!(how.clone().count() > 0);
                assert!(how.clone().all(|by| by.how == PlacedHow::SpreadOut));
            }
        }
    });
}

#[test]
fn rules_that_hold_nowhere_here_change_nothing() {
    block_on(async {
        let mut shop = Shop { explore_every: Some(10), ..Shop::new(300) };
        shop.products[280..].iter_mut().for_each(|product| product.n_buyers = 0);
        shop.offers = shop.products[..30].iter().map(|p| (p.id, NOW_MS / 1_000 + 999)).collect();
        for has_log in [false, true] {
            let (_, session) = shopper(&shop, has_log).await;
            let shown = async || {
                let results = session.search(text("milk")).await.expect("served");
                let related = session.related(shop.products[0].id, 6);
                (home(&session).await, results.tiles, related)
            };
            let plain = shown().await;
            let unlike = |feed: &vitrine_session::Feed| vitrine_session::Feed {
                ranking_ms: 0.0,
                ..feed.clone()
            };
            let strange = [
                // Of what there is not.
                rule(1, vec![pin(ItemId(5), 1), sponsored(ItemId(6), 2)]),
                rule(2, vec![RuleAction::Hide { target: RuleTarget::category("Nothing") }]),
                rule(
                    3,
                    vec![RuleAction::Boost {
                        target: RuleTarget::brand("Nobody"),
                        strength: Strength::Strong,
                    }],
                ),
                // Of other lists, languages and times.
                on(
                    Placement::Carousel("holograms".into()),
                    rule(4, vec![pin(shop.products[9].id, 1)]),
                ),
                Rule {
                    when: RuleCondition { locales: vec!["fr".into()], ..RuleCondition::default() },
                    ..rule(5, vec![pin(shop.products[9].id, 1)])
                },
                Rule {
                    window: RuleWindow { start_seconds: None, end_seconds: Some(NOW_MS / 1_000) },
                    ..rule(6, vec![pin(shop.products[9].id, 1)])
                },
            ];
            for rules in [&[][..], &strange[3..], &strange[..]] {
                try_rules(&session, rules);
                let (home, tiles, related) = shown().await;
                assert_eq!(unlike(&home.feed), unlike(&plain.0.feed), "{has_log}");
                assert_eq!(
                    (home.carousels, tiles, related),
                    (plain.0.carousels.clone(), plain.1.clone(), plain.2.clone())
                );
            }
        }
    });
}

#[test]
fn pins_come_after_offers_and_kept_places() {
    block_on(async {
        let mut shop = Shop { explore_every: Some(10), ..Shop::new(300) };
        shop.products[280..].iter_mut().for_each(|product| product.n_buyers = 0);
        let (_, session) = shopper(&shop, true).await;
        let plain = session.feed(40).await;
        let item = ids(&plain)[39];
        try_rules(&session, &[rule(1, vec![pin(item, 10)])]);
        let feed = session.feed(40).await;
        assert_eq!(ids(&feed)[9], item, "the place that is kept for what has no past");
        let gone = [item];
        assert!(
            without(&ids(&feed), &gone).starts_with(&without(&ids(&plain)[..39], &gone)),
            "the rest is as it was"
        );
        // A pin deeper than the feed is shown is not drawn to its end.
        try_rules(&session, &[rule(1, vec![pin(ids(&plain)[0], 60)])]);
        assert!(!ids(&session.feed(40).await).contains(&ids(&plain)[0]));
        assert_eq!(ids(&session.feed(80).await)[59], ids(&plain)[0]);
    });
}

#[test]
fn what_may_not_be_shown_unasked_is_never_placed() {
    block_on(async {
        let mut shop = Shop::new(120);
        let [sold_out, in_basket, unwanted, restricted] = [4, 5, 6, 7].map(|i| shop.products[i].id);
        shop.sold_out.insert(sold_out);
        shop.never_recommended = vec![category(7)];
        let all = [sold_out, in_basket, unwanted, restricted];
        for has_log in [false, true] {
            let (_, session) = shopper(&shop, has_log).await;
            session.put_into_basket(in_basket, None).await;
            session.not_interested(unwanted).await;
            let place = |(item, place): (&ItemId, u16)| match place % 2 {
                0 => pin(*item, place),
                _ => sponsored(*item, place),
            };
            let then = all.iter().zip(1..).map(place).collect();
            try_rules(&session, &[rule(1, then)]);
            let shown = ids(&session.feed(120).await);
            assert!(all.iter().all(|item| !shown.contains(item)));
            let hide = RuleAction::Hide { target: RuleTarget::items([shown[5]]) };
            try_rules(&session, &[rule(1, vec![pin(shown[5], 1), hide])]);
            assert!(!ids(&session.feed(120).await).contains(&shown[5]), "what is hidden neither");
        }
        // Among results of a search for it, what is restricted may be, as always.
        let (_, session) = shopper(&shop, false).await;
        try_rules(&session, &[rule(1, vec![pin(sold_out, 1)])]);
        let milk = session.search(text("tea")).await.expect("served");
        assert!(milk.tiles.iter().all(|tile| tile.placed.is_none()), "what is sold out");
    });
}

#[test]
fn results_are_sifted_and_placed_by_rules_of_the_search() {
    block_on(async {
        let shop = Shop::new(120);
        for has_log in [false, true] {
            let (_, session) = shopper(&shop, has_log).await;
            let search = async |query: &Query| session.search(query.clone()).await.expect("served");
            let query = text("milk");
            let plain = found(&search(&query).await);
            let (first, last) = (plain[0], *plain.last().expect("found"));
            let of_milk = Rule {
                when: RuleCondition {
                    query: Some(QueryCondition::Is(vec!["MILK".into()])),
                    ..RuleCondition::default()
                },
                ..rule(
                    1,
                    vec![
                        pin(last, 2),
                        RuleAction::Hide { target: RuleTarget::items([first]) },
                        RuleAction::Banner { text: "Fresh".into(), link: None },
                    ],
                )
            };
            try_rules(&session, &[of_milk]);
            let results = search(&query).await;
            assert_eq!(found(&results)[1], last);
            assert!(!found(&results).contains(&first));
            let gone = [first, last];
            assert_eq!(without(&found(&results), &gone), without(&plain, &gone));
            assert_eq!(results.banners[0].text, "Fresh");
            assert_eq!(placed(&results.tiles, last).expect("by a rule").how, PlacedHow::Pinned);
            let places = results.tiles.iter().filter_map(|tile| Some(tile.found.as_ref()?.place));
            assert!(places.eq(1..=results.tiles.len() as u32));
            let again = session.search_again(&query).expect("asked before");
            assert_eq!(again.tiles, results.tiles);

            // What the shopper sorts is only sifted.
            let sorted = Query { sort: Sort::PriceAscending, ..query.clone() };
            let results = search(&sorted).await;
            assert!(!found(&results).contains(&first));
            assert!(results.tiles.iter().all(|tile| tile.placed.is_none()));
            // Another search is another's.
            assert!(search(&text("tea")).await.banners.is_empty());
        }
    });
}

#[test]
fn a_page_of_a_category_is_none_of_search() {
    block_on(async {
        let shop = Shop::new(120);
        let (_, session) = shopper(&shop, false).await;
        let filters = Filters { categories: vec![category(2)], ..Filters::default() };
        let page = Query { filters, ..Query::default() };
        let plain = found(&session.search(page.clone()).await.expect("served"));
        let last = *plain.last().expect("found");
        let when = RuleCondition { categories: vec![category(2)], ..RuleCondition::default() };
        let of_category = Rule { when, ..rule(1, vec![pin(last, 1)]) };
        let here = on(Placement::CategoryPage, of_category.clone());
        try_rules(&session, std::slice::from_ref(&here));
        assert_eq!(found(&session.search(page.clone()).await.expect("served"))[0], last);
        try_rules(&session, &[on(Placement::Search, of_category)]);
        assert_eq!(found(&session.search(page).await.expect("served")), plain);
        try_rules(&session, &[here]);
        let other = Filters { categories: vec![category(3)], ..Filters::default() };
        let other = session.search(Query { filters: other, ..Query::default() }).await;
        assert!(other.expect("served").tiles.iter().all(|tile| tile.placed.is_none()));
    });
}

#[test]
fn a_reply_carries_what_rules_may_place_and_each_card_stands_on_one_page() {
    block_on(async {
        let mut shop = Shop::new(120);
        let page = |offset| Query { page: Page { offset, limit: 6 }, ..text("milk") };
        let (_, session) = shopper(&shop, false).await;
        let plain = found(
            &session
                .search(Query { page: Page { offset: 0, limit: 50 }, ..text("milk") })
                .await
                .expect("served"),
        );
        let (stranger, seventh) = (shop.products[2].id, plain[7]);
        let then = vec![pin(seventh, 1), sponsored(stranger, 2), pin(shop.products[4].id, 3)];
        let rules = [on(Placement::Search, rule(1, then))];
        shop.cards_for_rules = vec![seventh, stranger];
        let (_, server, session) = opened(&shop, &rules).await;
        let first = session.search(page(0)).await.expect("served");
        let expected = [&[seventh, stranger], &plain[..6]].concat();
        assert_eq!(found(&first), expected, "what the reply does not carry is not placed");
        assert!(placed(&first.tiles, stranger).is_some_and(PlacedBy::is_sponsored));
        let second = session.search(page(6)).await.expect("served");
        assert_eq!(found(&second), without(&plain[6..12], &[seventh]));
        assert_eq!(second.tiles[0].found.as_ref().expect("of a search").place, 7);

        // Alone, a device has the cards of the page and no others, on each.
        server.set_fault(Fault::Down);
        let first = session.search(page(0)).await.expect("on the device");
        let second = session.search(page(6)).await.expect("on the device");
        assert!(first.offline && first.tiles.iter().all(|tile| tile.card.id != stranger));
        let both: BTreeSet<ItemId> = found(&first).into_iter().chain(found(&second)).collect();
        assert_eq!(both.len(), 12, "nothing is lost or twice");
    });
}

#[test]
fn what_leaves_open_whether_it_is_free_of_something_stays_behind() {
    block_on(async {
        let shop = Shop::new(120);
        let (_, session) = shopper(&shop, true).await;
        let filters = Filters { free_of: vec!["nuts".into()], ..Filters::default() };
        let query = Query { filters, page: Page { offset: 0, limit: 50 }, ..text("number 1") };
        let plain = session.search(query.clone()).await.expect("served");
        let open = |tile: &&Tile| !tile.found.as_ref().expect("found").unconfirmed.is_empty();
        let doubtful = plain.tiles.iter().find(open).expect("some do not say").card.id;
        try_rules(&session, &[rule(1, vec![pin(doubtful, 1)])]);
        let results = session.search(query).await.expect("served");
        let says = results.tiles.iter().map(|tile| open(&tile));
        assert!(says.is_sorted(), "what says so first");
    });
}

#[test]
fn carousels_and_related_lists_place_what_they_have() {
    block_on(async {
        let mut shop = Shop::new(120);
        shop.offers = shop.products[..20].iter().map(|p| (p.id, NOW_MS / 1_000 + 999)).collect();
        let (device, session) = shopper(&shop, true).await;
        let on_offer = async || {
            let home = home(&session).await;
            home.carousels.into_iter().find(|c| c.kind == CarouselKind::OnOffer)
        };
        let plain = card_ids(&on_offer().await.expect("offers"));
        let stranger = shop.products[40].id;
        let of = |then| on(Placement::Carousel("on_offer".into()), rule(1, then));
        let hide = RuleAction::Hide { target: RuleTarget::items([plain[1]]) };
        try_rules(&session, &[of(vec![pin(plain[5], 1), pin(stranger, 2), hide])]);
        let carousel = on_offer().await.expect("offers");
        assert_eq!(card_ids(&carousel)[..2], [plain[5], plain[0]], "what is no offer is none");
        assert!(!card_ids(&carousel).contains(&plain[1]));
        let [(item, by)] = &carousel.placed[..] else { panic!("{:?}", carousel.placed) };
        assert_eq!((*item, by.how), (plain[5], PlacedHow::Pinned));

        // What the shopper did is told as it was; hidden is hidden.
        for item in [30, 31, 45, 46, 61, 62].map(|i| shop.products[i].id) {
            device.act(&session, EventKind::ViewItem, item).await;
        }
        let viewed = async || {
            let home = home(&session).await;
            let viewed =
                home.carousels.into_iter().find(|c| c.kind == CarouselKind::RecentlyViewed);
            viewed.map(|carousel| card_ids(&carousel)).unwrap_or_default()
        };
        session.preview_rules(None).expect("none");
        let plain = viewed().await;
        assert!(plain.len() > 1, "{plain:?}");
        let last = *plain.last().expect("some");
        try_rules(&session, &[rule(1, vec![pin(last, 1)])]);
        assert_eq!(viewed().await, plain);
        let hide = RuleAction::Hide { target: RuleTarget::items([plain[0]]) };
        try_rules(&session, &[rule(1, vec![hide])]);
        assert!(!viewed().await.contains(&plain[0]));

        let of = shop.products[0].id;
        session.preview_rules(None).expect("none");
        let plain: Vec<ItemId> =
            session.related(of, 6).into_iter().map(|related| related.card.id).collect();
        let hide = RuleAction::Hide { target: RuleTarget::items([plain[0]]) };
        try_rules(&session, &[on(Placement::ProductPage, rule(1, vec![hide]))]);
        assert!(session.related(of, 6).iter().all(|related| related.card.id != plain[0]));
    });
}

#[test]
fn an_audience_is_met_on_the_device_whose_log_meets_it_and_while_it_may_be_used() {
    block_on(async {
        let shop = Shop::new(120);
        let [bought, other, shown] = [3, 8, 60].map(|i| shop.products[i].id);
        let rules = [for_buyers(&category(3), rule(1, vec![pin(shown, 1)]))];
        let (buyer, _, session) = opened(&shop, &rules).await;
        let first = async |session: &Session| ids(&session.feed(20).await)[0];
        assert_ne!(first(&session).await, shown);
        buyer.act(&session, EventKind::ViewItem, bought).await;
        assert_ne!(first(&session).await, shown, "a look is no purchase");
        buyer.act(&session, EventKind::Purchase, bought).await;
        assert_eq!(first(&session).await, shown);
        let found = session.search(text("soap")).await.expect("served");
        assert!(found.tiles.iter().all(|tile| tile.placed.is_none()), "it is no soap");

        let (stranger, _, theirs) = opened(&shop, &rules).await;
        stranger.act(&theirs, EventKind::Purchase, other).await;
        assert_ne!(first(&theirs).await, shown);

        // A month later it is over, and so it is when the shopper takes their word back.
        buyer.clock.set(NOW_MS + 31 * DAY_MS);
        assert_ne!(first(&session).await, shown);
        buyer.clock.set(NOW_MS + 29 * DAY_MS);
        assert_eq!(first(&session).await, shown);
        session.set_consent(false).await;
        assert_ne!(first(&session).await, shown);
        session.set_consent(true).await;
        assert_eq!(first(&session).await, shown);
        session.delete_all().await.expect("emptied");
        assert_ne!(first(&session).await, shown);
    });
}

#[test]
fn a_window_opens_and_closes_by_the_clock() {
    block_on(async {
        let shop = Shop::new(120);
        let item = shop.products[60].id;
        let now = NOW_MS / 1_000;
        let window = RuleWindow { start_seconds: Some(now + 60), end_seconds: Some(now + 120) };
        let (device, _, session) =
            opened(&shop, &[Rule { window, ..rule(1, vec![pin(item, 1)]) }]).await;
        let mut is_first = Vec::new();
        for seconds in [59, 60, 119, 120] {
            device.clock.set(NOW_MS + seconds * 1_000);
            is_first.push(ids(&session.feed(20).await)[0] == item);
        }
        assert_eq!(is_first, [false, true, true, false]);
    });
}

#[test]
fn sponsored_cards_are_few_a_page_and_a_day() {
    block_on(async {
        let shop = Shop::new(120);
        let paid = |from: usize| {
            let actions = (0..3).map(|n| sponsored(shop.products[from + n].id, n as u16 + 1));
            rule(1, actions.collect())
        };
        let (device, _, session) = opened(&shop, &[]).await;
        let shown = async |session: &Session, from: usize| {
            try_rules(session, &[paid(from)]);
            let feed = session.feed(20).await;
            let paid =
                feed.tiles.iter().filter(|t| t.placed.as_ref().is_some_and(PlacedBy::is_sponsored));
            paid.map(|tile| tile.card.id).collect::<Vec<_>>()
        };
        assert_eq!(shown(&session, 0).await.len(), SPONSORED_PER_PAGE_MAX);
        for n in 1..6 {
            assert_eq!(shown(&session, 4 * n).await.len(), 2, "{n}");
        }
        assert_eq!(SPONSORED_PER_DAY_MAX, 12, "that were all of them");
        assert!(shown(&session, 40).await.is_empty());
        assert_eq!(shown(&session, 0).await.len(), 2, "what was seen does not count again");
        let kept =
            device.disk.get(StoreName::Meta, &["sponsored-today".into()]).await.expect("readable");
        assert!(kept[0].is_some());
        // Another tab, and a reload, are of the same device; the next day is another.
        let again = device.open().await;
        assert!(shown(&again, 40).await.is_empty());
        device.clock.set(NOW_MS + DAY_MS);
        assert_eq!(shown(&again, 40).await.len(), 2);
        device.clock.set(NOW_MS);
        session.delete_all().await.expect("emptied");
        let kept =
            device.disk.get(StoreName::Meta, &["sponsored-today".into()]).await.expect("readable");
        assert_eq!(kept, [None]);
    });
}

#[test]
fn without_consent_the_day_is_that_of_the_tab() {
    block_on(async {
        let shop = Shop::new(120);
        let rules = [rule(1, vec![sponsored(shop.products[9].id, 1)])];
        let (device, _, _) = opened(&shop, &rules).await;
        let session = device.open().await;
        session.require_consent();
        assert!(session.feed(20).await.tiles[0].placed.is_some());
        let kept =
            device.disk.get(StoreName::Meta, &["sponsored-today".into()]).await.expect("readable");
        assert_eq!(kept, [None]);
    });
}

#[test]
fn rules_come_with_revisions_and_a_new_set_takes_the_place_of_the_old_one() {
    block_on(async {
        let shop = Shop::new(120);
        let [old, new] = [60, 61].map(|i| shop.products[i].id);
        let (_, server, session) = opened(&shop, &[rule(1, vec![pin(old, 1)])]).await;
        assert_eq!(ids(&session.feed(20).await)[0], old);
        let mut published = server.published.borrow().clone();
        published.revise_with(&Shard::Rules(set(&[rule(2, vec![pin(new, 2)])])));
        *server.published.borrow_mut() = published;
        session.sync_head().await.expect("served");
        session.sync_rest(|_| {}).await.expect("served");
        let feed = ids(&session.feed(20).await);
        assert!(feed[0] != old && feed[1] == new);
    });
}

#[test]
fn a_draft_is_tried_in_this_session_alone() {
    block_on(async {
        let shop = Shop::new(120);
        let [synced, draft] = [60, 61].map(|i| shop.products[i].id);
        let (device, server, session) = opened(&shop, &[rule(1, vec![pin(synced, 1)])]).await;
        server.requests.take();
        let first = async |session: &Session| ids(&session.feed(20).await)[0];
        try_rules(&session, &[rule(2, vec![pin(draft, 1)])]);
        assert_eq!(first(&session).await, draft);
        let persona = session.persona(Vec::new(), None).await.expect("made");
        assert_eq!(first(&persona).await, draft, "a persona begins with it");
        persona.preview_rules(None).expect("none");
        assert_eq!((first(&persona).await, first(&session).await), (synced, draft));
        assert_eq!(first(&device.open().await).await, synced);
        let refused = session.preview_rules(Some(set(&[rule(3, Vec::new())])));
        assert!(matches!(refused, Err(RulesError::Rule { rule: RuleId(3), .. })));
        assert_eq!(first(&session).await, draft, "what was tried before stays");
        try_rules(&session, &[]);
        assert_eq!(first(&session).await, shop.by_popularity()[0]);
        assert_eq!(server.requests.take(), [], "and nothing is asked for");
    });
}

#[test]
fn damaged_rules_are_refused_like_any_shard() {
    block_on(async {
        let shop = Shop::new(40);
        let more = vec![Shard::Rules(set(&[rule(1, vec![pin(shop.products[20].id, 1)])]))];
        let server = FakeServer::new(&Shop { more, ..shop.clone() });
        let mut published = server.published.borrow().clone();
        let kind = vitrine_domain::ShardKind::Rules;
        let place = published.manifest.shards.iter().position(|s| s.kind == kind).expect("rules");
        // Bytes that are named rightly, and are no valid rules: the last action's place is 0.
        let hash = published.manifest.shards[place].hash;
        let mut bytes = published.bodies.remove(&format!("/v1/shards/{hash}")).expect("served");
        let n_before = bytes.len();
        bytes.truncate(n_before - 1);
        let hash = vitrine_wire::content_hash(&bytes);
        published.manifest.shards[place].hash = hash;
        published.manifest.shards[place].bytes = bytes.len() as u32;
        published.manifest.shards[place].bytes_compressed = bytes.len() as u32;
        published.bodies.insert(format!("/v1/shards/{hash}"), bytes);
        let manifest = vitrine_wire::encode_manifest(&published.manifest).expect("valid");
        published.bodies.insert("/v1/manifest".into(), manifest);
        *server.published.borrow_mut() = published;
        let session = Device::new(&server).open().await;
        session.sync_head().await.expect("the head is whole");
        let error = session.sync_rest(|_| {}).await.expect_err("cut rules");
        assert!(matches!(error, SessionError::Wire { .. }), "{error:?}");
        let feed = session.feed(20).await;
        assert_eq!((feed.order, feed.tiles.len()), (FeedOrder::Popularity, 20), "the rest works");
    });
}
