//! Cards, rules and lists for tests.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::cell::RefCell;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use vitrine_domain::ItemId;
use vitrine_rules::*;

/// Cards by index: id 1000 + index, six categories of two departments, four brands.
#[derive(Debug, Default)]
pub struct Cards {
    pub unavailable: Vec<u32>,
}

pub const CATEGORIES: [&str; 6] = ["Tea", "Coffee", "Milk", "Soap", "Towels", "Paper"];
pub const DEPARTMENTS: [&str; 2] = ["Food", "Home"];
pub const BRANDS: [&str; 4] = ["Acme", "Bolt", "Cira", "Dune"];

pub fn id(index: u32) -> ItemId {
    ItemId(1_000 + u64::from(index))
}

impl CardFacts for Cards {
    fn id(&self, index: u32) -> ItemId {
        id(index)
    }
    fn department(&self, index: u32) -> &str {
        DEPARTMENTS[(index % 6 / 3) as usize]
    }
    fn category(&self, index: u32) -> &str {
        CATEGORIES[(index % 6) as usize]
    }
    fn brand(&self, index: u32) -> &str {
        BRANDS[(index / 6 % 4) as usize]
    }
    fn price_minor(&self, index: u32) -> u32 {
        index % 5 * 100
    }
    fn is_on_offer(&self, index: u32) -> bool {
        index.is_multiple_of(7)
    }
    fn is_available(&self, index: u32) -> bool {
        !self.unavailable.contains(&index)
    }
}

/// A shopper who answers by the name that is asked for, and notes what was asked.
#[derive(Default)]
pub struct Shopper {
    pub bought: Vec<&'static str>,
    pub looked_at: Vec<&'static str>,
    pub asked: RefCell<Vec<String>>,
}

impl ShopperFacts for Shopper {
    fn has_bought(&self, of: &CardGroup, within_days: u16) -> bool {
        self.asked.borrow_mut().push(format!("bought {} {within_days}", of.name()));
        self.bought.contains(&of.name())
    }
    fn has_looked_at(&self, of: &CardGroup, within_days: u16) -> bool {
        self.asked.borrow_mut().push(format!("looked {} {within_days}", of.name()));
        self.looked_at.contains(&of.name())
    }
}

/// A rule for everyone and every page.
pub fn rule(id: u32, then: Vec<RuleAction>) -> Rule {
    Rule { id: RuleId(id), then, label: "Chosen by the shop".into(), ..Rule::default() }
}

pub fn pin(index: u32, place: u16) -> RuleAction {
    RuleAction::Pin { item: id(index), place }
}

pub fn sponsored(index: u32, place: u16) -> RuleAction {
    RuleAction::Sponsored { item: id(index), place, paid_by: "Paid by Acme".into() }
}

pub fn boost(target: RuleTarget, strength: Strength) -> RuleAction {
    RuleAction::Boost { target, strength }
}

pub fn hide(target: RuleTarget) -> RuleAction {
    RuleAction::Hide { target }
}

pub fn of_search(text: &str) -> RuleCondition {
    let query = Some(QueryCondition::Is(vec![text.to_owned()]));
    RuleCondition { query, ..RuleCondition::default() }
}

pub fn of_category(name: &str) -> RuleCondition {
    RuleCondition { categories: vec![name.to_owned()], ..RuleCondition::default() }
}

pub fn bought(name: &str) -> Audience {
    let of = CardGroup::Category(name.to_owned());
    Audience { facts: vec![AudienceFact { deed: Deed::Bought, of, within_days: 30 }] }
}

pub fn compiled(rules: &[Rule]) -> CompiledRules {
    CompiledRules::new(PublicRules { rules: rules.to_vec() })
}

/// Cards 0 to n, best first, a point apart.
pub fn ranked(n: u32) -> Vec<RankedCard> {
    (0..n).map(|index| RankedCard { index, score: 100.0 - index as f32 }).collect()
}

pub fn arranged(
    ranked: &[RankedCard],
    extras: &[u32],
    cards: &Cards,
    context: &ListContext<'_>,
    rules: &[Rule],
) -> ArrangedList {
    arrange(ListToArrange { ranked, extras, cards }, context, &compiled(rules))
}

/// Any valid target.
fn target() -> impl Strategy<Value = RuleTarget> {
    let names = |of: &'static [&'static str]| {
        vec(proptest::sample::select(of).prop_map(str::to_owned), 0..3)
    };
    let lists = (names(&CATEGORIES), names(&DEPARTMENTS), names(&BRANDS));
    let prices = (option::of(0..300u32), option::of(300..500u32));
    (vec(0..60u32, 0..4), lists, prices, proptest::bool::weighted(0.1))
        .prop_map(|(items, (categories, departments, brands), (min, max), on_offer)| RuleTarget {
            items: items.into_iter().map(id).collect(),
            departments,
            categories,
            brands,
            price_minor_min: min,
            price_minor_max: max,
            on_offer,
        })
        .prop_filter("it gives something", |target| !target.is_empty())
}

fn strength() -> impl Strategy<Value = Strength> {
    proptest::sample::select(&[Strength::Slight, Strength::Clear, Strength::Strong][..])
}

/// Any action that a rule for an audience may have.
fn harmless_action() -> impl Strategy<Value = RuleAction> {
    prop_oneof![
        4 => (0..60u32, 1..50u16).prop_map(|(index, place)| pin(index, place)),
        3 => (target(), strength()).prop_map(|(target, strength)| boost(target, strength)),
        2 => (target(), strength())
            .prop_map(|(target, strength)| RuleAction::Bury { target, strength }),
        1 => target().prop_map(hide),
        1 => Just(RuleAction::Banner { text: "Look".into(), link: Some(ShopRoute::Home) }),
    ]
}

/// Any action.
fn action() -> impl Strategy<Value = RuleAction> {
    prop_oneof![
        8 => harmless_action(),
        3 => (0..60u32, 1..50u16).prop_map(|(index, place)| sponsored(index, place)),
        1 => target().prop_map(|target| RuleAction::IncludeOnly { target }),
        1 => (1..5u16, 5..20u16).prop_map(|(most_of_a_category, of_places)| {
            RuleAction::Diversify(Diversity { most_of_a_category, of_places })
        }),
        1 => proptest::sample::select(&BRANDS[..]).prop_map(|brand| RuleAction::Filter {
            filters: RuleFilters { brands_excluded: vec![brand.into()], ..RuleFilters::default() },
        }),
        1 => Just(RuleAction::Redirect { to: ShopRoute::Category("Tea".into()) }),
        1 => Just(RuleAction::ReplaceWords { from: "tee".into(), to: "tea".into() }),
        1 => Just(RuleAction::IgnoreWords { words: vec!["cheap".into()] }),
        1 => Just(RuleAction::AddWords { words: vec!["green".into()] }),
    ]
}

fn condition() -> impl Strategy<Value = RuleCondition> {
    let query = prop_oneof![
        3 => Just(None),
        1 => Just(Some(QueryCondition::Is(vec!["Cheap tee".into()]))),
        1 => Just(Some(QueryCondition::HasWords(vec!["tee".into(), "mug".into()]))),
    ];
    let placement = prop_oneof![
        Just(Placement::Feed),
        Just(Placement::Search),
        Just(Placement::AllCarousels),
        Just(Placement::CategoryPage),
    ];
    let category = vec(proptest::sample::select(&CATEGORIES[..]).prop_map(str::to_owned), 0..2);
    (query, category, vec(placement, 0..3)).prop_map(|(query, categories, placements)| {
        RuleCondition { query, categories, placements, ..RuleCondition::default() }
    })
}

/// Any valid set of rules, some for an audience.
pub fn rules(max: usize) -> impl Strategy<Value = Vec<Rule>> {
    let name = proptest::sample::select(&CATEGORIES[..]);
    let audience = proptest::option::weighted(0.3, name.prop_map(bought));
    let of_all = (condition(), vec(action(), 1..4));
    let of_some = vec(harmless_action(), 1..4);
    let window = (option::of(0..15i64), option::of(15..30i64));
    let one = (of_all, of_some, audience, -2..3i16, window);
    let one = one.prop_map(|((when, for_all), for_some, audience, priority, window)| {
        let then = if audience.is_some() { for_some } else { for_all };
        let window = RuleWindow { start_seconds: window.0, end_seconds: window.1 };
        Rule { when, audience, priority, window, ..rule(0, then) }
    });
    let numbered = |(id, rule)| Rule { id: RuleId(id), ..rule };
    vec(one, 0..max).prop_map(move |all| (0..).zip(all).map(numbered).collect())
}

/// Any list of some of 60 cards, best first, with a few that score the same or not at all.
pub fn lists() -> impl Strategy<Value = Vec<RankedCard>> {
    let score = prop_oneof![
        20 => (0..30i32).prop_map(|score| score as f32),
        1 => Just(f32::NAN),
        1 => Just(f32::INFINITY),
    ];
    let cards: Vec<u32> = (0..60).collect();
    (proptest::sample::subsequence(cards, 0..=60), vec(score, 60)).prop_map(|(cards, scores)| {
        let scored = cards.into_iter().zip(scores);
        let mut list: Vec<RankedCard> =
            scored.map(|(index, score)| RankedCard { index, score }).collect();
        list.sort_by(|a, b| {
            vitrine_domain::by_score_then_id((a.score, id(a.index)), (b.score, id(b.index)))
        });
        list
    })
}

/// Any page.
pub fn contexts() -> impl Strategy<Value = ListContext<'static>> {
    let surface = prop_oneof![
        Just(Surface::Feed),
        Just(Surface::Search),
        Just(Surface::Carousel("new")),
        Just(Surface::CategoryPage),
    ];
    let query = proptest::sample::select(&["", "cheap tee", "a mug"][..]);
    let category = proptest::sample::select(&["", "Tea", "Soap"][..]);
    let diversity = proptest::option::weighted(0.2, Just(Diversity::default()));
    let numbers = (0..30i64, 1..25usize, 0..4usize);
    (surface, query, category, diversity, numbers, proptest::bool::weighted(0.1)).prop_map(
        |(surface, query, category, diversity, numbers, is_sorted_by_shopper)| ListContext {
            surface,
            query,
            category,
            diversity,
            now_seconds: numbers.0,
            page_places: numbers.1,
            sponsored_left: numbers.2,
            is_sorted_by_shopper,
            ..ListContext::default()
        },
    )
}
