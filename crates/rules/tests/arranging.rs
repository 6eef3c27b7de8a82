//! Cases of arranging, each decided by one thing.

mod support;

use support::*;
use vitrine_rules::*;

fn none() -> Cards {
    Cards { unavailable: Vec::new() }
}

fn order(rules: &[Rule], context: &ListContext<'_>, n: u32) -> Vec<u32> {
    arranged(&ranked(n), &[], &none(), context, rules).order
}

/// The first ten of forty cards in the feed.
fn feed(rules: &[Rule]) -> Vec<u32> {
    order(rules, &ListContext::default(), 40)[..10].to_vec()
}

#[test]
fn a_pin_takes_its_place_and_the_others_close_ranks() {
    assert_eq!(feed(&[rule(1, vec![pin(9, 2)])]), [0, 9, 1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(feed(&[rule(1, vec![pin(0, 4)])]), [1, 2, 3, 0, 4, 5, 6, 7, 8, 9]);
}

#[test]
fn a_card_that_the_list_lacks_is_brought_in_only_where_it_is_known() {
    let rules = [rule(1, vec![pin(50, 1), pin(51, 2)])];
    let found = arranged(&ranked(3), &[50], &none(), &ListContext::default(), &rules);
    assert_eq!(found.order, [50, 0, 1, 2]);
    assert_eq!(found.touched.len(), 1);
}

#[test]
fn a_pin_behind_the_end_is_the_last_and_on_a_page_that_is_not_reached_it_is_none() {
    let context = ListContext { page_places: 10, ..ListContext::default() };
    assert_eq!(order(&[rule(1, vec![pin(0, 9)])], &context, 4), [1, 2, 3, 0]);
    assert_eq!(order(&[rule(1, vec![pin(0, 19)])], &context, 4), [0, 1, 2, 3]);
}

#[test]
fn of_two_pins_at_a_place_level_then_priority_then_id_decides() {
    let search = ListContext {
        surface: Surface::Search,
        query: "TEA!",
        category: "Tea",
        ..ListContext::default()
    };
    let of = |number, index, priority, when| Rule {
        priority,
        when,
        ..rule(number, vec![pin(index, 1)])
    };
    let global = of(1, 20, 9, RuleCondition::default());
    let category = of(2, 21, 5, of_category("Tea"));
    let query = of(3, 22, 0, of_search("tea"));
    let later = of(5, 23, 0, of_search("tea"));
    let higher = of(6, 24, 1, of_search("tea"));
    let first = |rules: &[&Rule]| {
        let rules: Vec<Rule> = rules.iter().copied().cloned().collect();
        order(&rules, &search, 30)[..rules.len()].to_vec()
    };
    assert_eq!(first(&[&global, &category, &query]), [22, 21, 20], "the others come next");
    assert_eq!(first(&[&later, &query]), [22, 23]);
    assert_eq!(first(&[&query, &later, &higher]), [24, 22, 23]);
}

#[test]
fn a_boost_moves_by_a_share_of_the_spread() {
    // 41 cards a point apart: from the best to the middle it is 20 points.
    let card = |strength| vec![boost(RuleTarget::items([id(30)]), strength)];
    let place = |then: Vec<RuleAction>| {
        let order = order(&[rule(1, then)], &ListContext::default(), 41);
        order.iter().position(|index| *index == 30).unwrap()
    };
    assert_eq!(place(card(Strength::Slight)), 27, "past three, and behind the fourth by id");
    assert_eq!(place(card(Strength::Clear)), 21);
    assert_eq!(place(card(Strength::Strong)), 11);
    let bury = |strength| vec![RuleAction::Bury { target: RuleTarget::items([id(30)]), strength }];
    assert_eq!(place(bury(Strength::Slight)), 33);
    assert_eq!(place(bury(Strength::Strong)), 40);
    let all = [card(Strength::Strong), card(Strength::Strong), card(Strength::Strong)].concat();
    assert_eq!(place(all), 0, "to at most two of it");
}

#[test]
fn what_is_in_the_middle_comes_level_with_the_best() {
    let boosted = rule(1, vec![boost(RuleTarget::items([id(20)]), Strength::Strong)]);
    assert_eq!(order(&[boosted], &ListContext::default(), 41)[..3], [0, 20, 1]);
}

#[test]
fn a_target_is_met_by_what_meets_all_of_it() {
    let target = RuleTarget {
        categories: vec!["Tea".into(), "Milk".into()],
        brands: vec!["Bolt".into()],
        price_minor_min: Some(1),
        ..RuleTarget::default()
    };
    // Tea and milk of the brand are 6, 8, 30 and 32 of 40; 30 is not priced.
    let found = arranged(
        &ranked(40),
        &[],
        &none(),
        &ListContext::default(),
        &[rule(4, vec![hide(target)])],
    );
    assert_eq!(found.hidden, [(6, RuleId(4)), (8, RuleId(4)), (32, RuleId(4))]);
    assert_eq!(found.order.len(), 37);
    let on_offer = RuleTarget { on_offer: true, ..RuleTarget::default() };
    let only = [rule(4, vec![RuleAction::IncludeOnly { target: on_offer }])];
    assert_eq!(order(&only, &ListContext::default(), 40), [0, 7, 14, 21, 28, 35]);
}

#[test]
fn filters_leave_out_what_does_not_meet_them() {
    let filters = RuleFilters {
        departments: vec!["Food".into()],
        brands_excluded: vec!["Acme".into()],
        available_only: true,
        ..RuleFilters::default()
    };
    let rules = [rule(1, vec![RuleAction::Filter { filters }])];
    let cards = Cards { unavailable: vec![7] };
    let found = arranged(&ranked(14), &[], &cards, &ListContext::default(), &rules);
    assert_eq!(found.order, [6, 8, 12, 13]);
}

#[test]
fn hidden_goes_before_pinned_whatever_the_levels() {
    let search = ListContext { surface: Surface::Search, query: "tea", ..ListContext::default() };
    let pinned = Rule { priority: 9, when: of_search("tea"), ..rule(1, vec![pin(3, 1)]) };
    let hidden = rule(2, vec![hide(RuleTarget::items([id(3)]))]);
    let found = arranged(&ranked(5), &[], &none(), &search, &[pinned.clone(), hidden]);
    assert_eq!((found.order, found.hidden), (vec![0, 1, 2, 4], vec![(3, RuleId(2))]));
    let sold_out = Cards { unavailable: vec![3] };
    let found = arranged(&ranked(5), &[], &sold_out, &search, &[pinned]);
    assert_eq!(found.order, [0, 1, 2, 3, 4], "it stays where it is");
}

#[test]
fn pins_stand_above_the_quota_and_sponsored_ones_take_what_is_left() {
    let diversify = RuleAction::Diversify(Diversity { most_of_a_category: 1, of_places: 6 });
    // The list is of one category, then of all.
    let list: Vec<RankedCard> = [0, 6, 12, 1, 2, 3, 4, 5, 7]
        .into_iter()
        .zip(0..)
        .map(|(index, at)| RankedCard { index, score: -(at as f32) })
        .collect();
    let rules = [rule(1, vec![diversify, sponsored(7, 1), pin(6, 1)])];
    let found = arranged(&list, &[], &none(), &ListContext::default(), &rules);
    assert_eq!(found.order, [6, 7, 0, 1, 2, 3, 4, 5, 12]);
    let how = |index: u32| found.touched.iter().find(|touched| touched.index == index).unwrap();
    assert_eq!(how(6).how, RuleTouch::Pinned);
    assert_eq!(how(7).how, RuleTouch::Sponsored { paid_by: "Paid by Acme".into() });
    assert_eq!(how(12).how, RuleTouch::SpreadOut);
    assert_eq!(found.touched.len(), 3);
}

#[test]
fn the_default_quota_is_that_of_the_feed() {
    // Ten of one category come first.
    let tea = (0..10).map(|i| i * 6);
    let list: Vec<RankedCard> = tea
        .chain((0..60).filter(|index| index % 6 != 0))
        .zip(0..)
        .map(|(index, at)| RankedCard { index, score: -(at as f32) })
        .collect();
    let context = ListContext { diversity: Some(Diversity::default()), ..ListContext::default() };
    let order = arranged(&list, &[], &none(), &context, &[]).order;
    assert_eq!(order[..5], [0, 6, 12, 18, 1]);
    assert_eq!(order[..20].iter().filter(|index| **index % 6 == 0).count(), 4);
    let loose = Diversity { most_of_a_category: 9, of_places: 9 };
    let rules = [rule(1, vec![RuleAction::Diversify(loose)])];
    let order = arranged(&list, &[], &none(), &context, &rules).order;
    assert_eq!(order[..5], [0, 6, 12, 18, 24], "a rule's goes before it");
}

#[test]
fn a_page_has_few_places_of_rules() {
    let pins: Vec<RuleAction> = (0..20).map(|i| pin(39 - i, i as u16 + 1)).collect();
    let found = order(&[rule(1, pins.clone())], &ListContext::default(), 40);
    let n = found.iter().take_while(|index| **index > 20).count();
    assert_eq!(n, RULE_PLACES_MAX);
    let small = ListContext { page_places: 5, ..ListContext::default() };
    let found = order(&[rule(1, pins)], &small, 40);
    assert_eq!(found[..11], [39, 38, 37, 0, 1, 34, 33, 32, 2, 3, 29]);
    let paid: Vec<RuleAction> = (0..5).map(|i| sponsored(39 - i, i as u16 + 1)).collect();
    let found = order(&[rule(1, paid.clone())], &ListContext::default(), 40);
    assert_eq!(found[..4], [39, 38, 0, 1]);
    let seen = ListContext { sponsored_left: 1, ..ListContext::default() };
    assert_eq!(order(&[rule(1, paid)], &seen, 40)[..4], [39, 0, 1, 2]);
}

#[test]
fn an_audience_is_asked_for_once_and_only_where_it_may_matter() {
    let shopper = Shopper { bought: vec!["Tea"], ..Shopper::default() };
    let context = ListContext { shopper: Some(&shopper), ..ListContext::default() };
    let of =
        |number, name, action| Rule { audience: Some(bought(name)), ..rule(number, vec![action]) };
    let rules = [
        of(1, "Tea", pin(9, 1)),
        of(2, "Tea", pin(8, 2)),
        of(3, "Soap", pin(7, 3)),
        Rule { when: of_search("tea"), ..of(4, "Paper", pin(6, 4)) },
    ];
    assert_eq!(order(&rules, &context, 40)[..4], [9, 8, 0, 1]);
    assert_eq!(*shopper.asked.borrow(), ["bought Tea 30", "bought Soap 30"]);
    assert_eq!(feed(&rules)[..2], [0, 1], "nobody in particular");
    let not = |number, index| {
        let of = CardGroup::Category("Soap".into());
        let facts = vec![AudienceFact { deed: Deed::NotBought, of, within_days: 7 }];
        Rule { audience: Some(Audience { facts }), ..rule(number, vec![pin(index, 1)]) }
    };
    assert_eq!(order(&[not(1, 5)], &context, 40)[0], 5);
}

#[test]
fn an_audience_that_was_not_checked_still_cannot_filter_or_be_everyone() {
    let shopper = Shopper { bought: vec!["Tea"], ..Shopper::default() };
    let context = ListContext { shopper: Some(&shopper), ..ListContext::default() };
    let only = RuleAction::IncludeOnly { target: RuleTarget::category("Tea") };
    let sold = Rule { audience: Some(bought("Tea")), ..rule(1, vec![only, sponsored(9, 1)]) };
    let empty = Rule { audience: Some(Audience::default()), ..rule(2, vec![pin(9, 1)]) };
    assert_eq!(order(&[sold, empty], &context, 10), (0..10).collect::<Vec<u32>>());
}

#[test]
fn rules_hold_from_their_first_second_to_before_their_end() {
    let window = RuleWindow { start_seconds: Some(100), end_seconds: Some(200) };
    let rules = [Rule { window, ..rule(1, vec![pin(9, 1)]) }];
    let first =
        |now_seconds| order(&rules, &ListContext { now_seconds, ..ListContext::default() }, 40)[0];
    assert_eq!([99, 100, 199, 200].map(first), [0, 9, 9, 0]);
}

#[test]
fn what_the_shopper_sorted_is_only_sifted() {
    let then = vec![
        pin(9, 1),
        sponsored(8, 2),
        boost(RuleTarget::items([id(7)]), Strength::Strong),
        hide(RuleTarget::items([id(3)])),
        RuleAction::Banner { text: "Hello".into(), link: None },
    ];
    let context = ListContext {
        is_sorted_by_shopper: true,
        diversity: Some(Diversity { most_of_a_category: 1, of_places: 9 }),
        ..ListContext::default()
    };
    let found = arranged(&ranked(10), &[], &none(), &context, &[rule(1, then)]);
    assert_eq!(found.order, [0, 1, 2, 4, 5, 6, 7, 8, 9]);
    assert_eq!((found.touched.len(), found.banners.len()), (0, 1));
}

#[test]
fn banners_are_few_and_the_first_count() {
    let banner = |text: &str| RuleAction::Banner { text: text.into(), link: None };
    let rules: Vec<Rule> = (1..6)
        .map(|id| Rule { priority: id as i16, ..rule(id, vec![banner(&id.to_string())]) })
        .collect();
    let found = arranged(&ranked(3), &[], &none(), &ListContext::default(), &rules);
    let said: Vec<&str> = found.banners.iter().map(|banner| banner.text.text("en")).collect();
    assert_eq!(said, ["5", "4"]);
    assert_eq!(compiled(&rules).label(RuleId(3)), Some(&"Chosen by the shop".into()));
    assert_eq!(compiled(&rules).label(RuleId(9)), None);
}

#[test]
fn departments_that_are_never_recommended_are_a_rule() {
    let hidden = vec![
        hide(RuleTarget::department("Home")),
        hide(RuleTarget { categories: vec!["Tea".into()], ..RuleTarget::default() }),
    ];
    let placements = vec![Placement::Feed, Placement::AllCarousels];
    let when = RuleCondition { placements, ..RuleCondition::default() };
    let rules = [Rule { when, ..rule(1, hidden) }];
    let on = |surface| order(&rules, &ListContext { surface, ..ListContext::default() }, 12);
    assert_eq!(on(Surface::Feed), [1, 2, 7, 8]);
    assert_eq!(on(Surface::Carousel("new")), [1, 2, 7, 8]);
    assert_eq!(on(Surface::Search).len(), 12);
}

#[test]
fn cards_that_rules_bring_in_do_not_lead_to_another_page() {
    let context = ListContext { page_places: 4, ..ListContext::default() };
    let rules = [rule(1, vec![pin(50, 1), pin(51, 2), pin(52, 5)])];
    let once = arranged(&ranked(2), &[50, 51, 52], &none(), &context, &rules).order;
    assert_eq!(once, [50, 51, 0, 1]);
    let again: Vec<RankedCard> =
        once.iter().map(|index| RankedCard { index: *index, score: 0.0 }).collect();
    let twice = arranged(&again, &[52], &none(), &context, &rules).order;
    assert_eq!(twice, once);
}

#[test]
fn of_rules_that_move_a_card_the_strongest_is_told_and_of_equal_ones_the_first() {
    let slight = |number, target| rule(number, vec![boost(target, Strength::Slight)]);
    let (item, category) = (RuleTarget::items([id(9)]), RuleTarget::category(CATEGORIES[3]));
    let told = |rules: &[Rule]| {
        let found = arranged(&ranked(40), &[], &none(), &ListContext::default(), rules);
        found.touched.iter().find(|touched| touched.index == 9).unwrap().rule.0
    };
    let pair = [slight(1, item.clone()), slight(2, category.clone())];
    assert_eq!(told(&pair), 1);
    assert_eq!(told(&[slight(1, category.clone()), slight(2, item.clone())]), 1);
    assert_eq!(told(&[pair[0].clone(), Rule { priority: 1, ..pair[1].clone() }]), 2);
    assert_eq!(told(&[pair[0].clone(), rule(3, vec![boost(category, Strength::Clear)])]), 3);
}

#[test]
fn a_page_of_a_longer_list_has_its_own_pins_and_not_the_cards_of_other_pages() {
    // The second page of ten of a list of forty.
    let page: Vec<RankedCard> = ranked(20).split_off(10);
    let context =
        ListContext { page_places: 10, first_place: 10, n_after: 20, ..ListContext::default() };
    let rules = [rule(1, vec![pin(15, 1), pin(50, 12), pin(18, 11), pin(12, 31), pin(51, 2)])];
    let found =
        |context: &ListContext<'_>| arranged(&page, &[50, 51], &none(), context, &rules).order;
    assert_eq!(found(&context), [18, 50, 10, 11, 13, 14, 16, 17, 19]);
    // Where other pages have nothing but their own cards, theirs stay.
    let alone = ListContext { pages_have_extras: false, ..context };
    assert_eq!(found(&alone), [18, 50, 10, 11, 12, 13, 14, 15, 16, 17, 19]);
}

#[test]
fn a_sponsored_card_that_was_seen_today_does_not_count_again() {
    let paid: Vec<RuleAction> = (0..5).map(|i| sponsored(39 - i, i as u16 + 1)).collect();
    let seen = [id(38)];
    let none_left =
        ListContext { sponsored_left: 0, sponsored_seen: &seen, ..ListContext::default() };
    assert_eq!(order(&[rule(1, paid.clone())], &none_left, 40)[..3], [0, 38, 1]);
    let one_left = ListContext { sponsored_left: 1, ..none_left };
    assert_eq!(order(&[rule(1, paid)], &one_left, 40)[..3], [39, 38, 0]);
}

#[test]
fn in_stages_it_is_the_same_unless_the_caller_does_something_in_between() {
    let then = vec![pin(30, 2), boost(RuleTarget::category("Soap"), Strength::Clear)];
    let rules = compiled(&[rule(1, then), rule(2, vec![hide(RuleTarget::items([id(4)]))])]);
    let (cards, list, context) = (none(), ranked(40), ListContext::default());
    let holding = HoldingRules::of(&context, &rules);
    let list = ListToArrange { ranked: &list, extras: &[], cards: &cards };
    let staged = |turned: bool| {
        let sifted = holding.sift(list);
        let mut order: Vec<u32> = sifted.ranked().iter().map(|ranked| ranked.index).collect();
        if turned {
            order.reverse();
        }
        sifted.place(&order)
    };
    assert_eq!(staged(false), arrange(list, &context, &rules));
    assert_eq!(staged(true).order[1], 30, "the pin stands whatever is done");
    assert_eq!(holding.left_out_by(&cards, 4), Some(RuleId(2)));
    assert_eq!(holding.left_out_by(&cards, 5), None);
    assert_eq!(holding.cards_wanted(), [id(30)]);
}

#[test]
fn rules_that_leave_cards_out_are_those_for_everyone_that_hold() {
    let tea = || RuleTarget::category("Tea");
    let rules = [
        rule(1, vec![hide(tea())]),
        rule(2, vec![boost(tea(), Strength::Clear), pin(1, 1)]),
        Rule { audience: Some(bought("Tea")), ..rule(3, vec![hide(tea())]) },
        Rule { when: of_search("tea"), ..rule(4, vec![RuleAction::IncludeOnly { target: tea() }]) },
        Rule {
            window: RuleWindow { start_seconds: Some(5), end_seconds: None },
            ..rule(5, vec![hide(tea())])
        },
    ];
    let rules = compiled(&rules);
    let of = |query, now_seconds| {
        let surface = Surface::Search;
        let context = ListContext { surface, query, now_seconds, ..ListContext::default() };
        leaving_out(&context, &rules).into_iter().map(|rule| rule.0).collect::<Vec<_>>()
    };
    assert_eq!(of("milk", 0), [1]);
    assert_eq!(of("TEA", 0), [4, 1], "the narrower rule first");
    assert_eq!(of("milk", 5), [1, 5]);
}
