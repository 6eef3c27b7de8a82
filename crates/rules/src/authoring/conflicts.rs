//! Rules that get in each other's way.

use std::collections::HashMap;

use vitrine_domain::ItemId;

use crate::action::RuleAction;
use crate::condition::{Placement, QueryCondition, RuleCondition};
use crate::keys::{KeyedCard, KeyedTarget, Keys};
use crate::rule::Rule;
use crate::text::{joined, words};

use super::catalogue::CatalogueNames;
use super::check::{CheckedRule, Problems, RuleProblemKind};
use super::names::keyed_cards;

/// Says places that two rules of a level fix, and cards that one places and another leaves
/// out. Rules whose time is over are in nobody's way.
pub(super) fn conflicts(
    rules: &[CheckedRule],
    catalogue: &CatalogueNames,
    problems: &mut Problems,
) {
    let rules: Vec<&Rule> = rules.iter().filter(|of| !of.is_over).map(|of| &of.rule).collect();
    same_places(&rules, problems);
    placed_and_hidden(&rules, catalogue, problems);
}

fn same_places(rules: &[&Rule], problems: &mut Problems) {
    let mut at_place: HashMap<u16, Vec<&Rule>> = HashMap::new();
    for rule in rules {
        for (_, place) in rule.then.iter().filter_map(RuleAction::placed) {
            let earlier = at_place.entry(place).or_default();
            let in_the_way =
                earlier.iter().filter(|of| of.level() == rule.level() && may_coincide(of, rule));
            for other in in_the_way {
                if other.id != rule.id {
                    let (first, second) = (other.id, rule.id);
                    problems.add(first, RuleProblemKind::SamePlace { place, other: second });
                    problems.add(second, RuleProblemKind::SamePlace { place, other: first });
                }
            }
            earlier.push(rule);
        }
    }
}

/// What a rule leaves out.
struct LeavesOut<'r> {
    rule: &'r Rule,
    target: KeyedTarget,
    /// Brands that are left out besides.
    excluded: Vec<u32>,
    /// Whether it is all but the target.
    is_all_but: bool,
}

impl LeavesOut<'_> {
    fn is_left_out(&self, card: &KeyedCard) -> bool {
        self.target.is_met(card) != self.is_all_but
            || self.excluded.binary_search(&card.brand).is_ok()
    }
}

fn placed_and_hidden(rules: &[&Rule], catalogue: &CatalogueNames, problems: &mut Problems) {
    let mut keys = Keys::default();
    let mut hiding: Vec<LeavesOut<'_>> = Vec::new();
    let mut placed: Vec<(&Rule, ItemId, u32)> = Vec::new();
    for rule in rules {
        for action in &rule.then {
            let (target, excluded, is_all_but) = match action {
                RuleAction::Hide { target } => (keys.add_target(target), Vec::new(), false),
                RuleAction::IncludeOnly { target } => (keys.add_target(target), Vec::new(), true),
                RuleAction::Filter { filters } => {
                    let (target, excluded) = keys.add_filters(filters);
                    (target, excluded, true)
                }
                _ => continue,
            };
            hiding.push(LeavesOut { rule, target, excluded, is_all_but });
        }
        let items = rule.then.iter().filter_map(RuleAction::placed);
        placed.extend(items.map(|(item, _)| (*rule, item, keys.add_item(item))));
    }
    if hiding.is_empty() || placed.is_empty() {
        return;
    }
    let cards = keyed_cards(&keys, catalogue);
    let by_key: HashMap<u32, &KeyedCard> = cards.iter().map(|card| (card.item, card)).collect();
    for (rule, item, key) in placed {
        let Some(card) = by_key.get(&key) else { continue };
        for out in hiding.iter().filter(|out| out.is_left_out(card)) {
            if may_coincide(rule, out.rule) {
                let other = out.rule.id;
                problems.add(rule.id, RuleProblemKind::PlacedAndHidden { item, other });
            }
        }
    }
}

/// Whether there may be a page on which both hold. Errs on the side of saying so.
fn may_coincide(a: &Rule, b: &Rule) -> bool {
    a.window.overlaps(&b.window) && may_meet(&a.when, &b.when)
}

fn may_meet(a: &RuleCondition, b: &RuleCondition) -> bool {
    let is_open = |a: &[String], b: &[String]| a.is_empty() && b.is_empty();
    let shares = |a: &[String], b: &[String]| a.iter().any(|name| b.contains(name));
    let is_same_place = is_open(&a.categories, &a.departments)
        || is_open(&b.categories, &b.departments)
        || shares(&a.categories, &b.categories)
        || shares(&a.departments, &b.departments)
        // A category may be of the other's department.
        || !a.categories.is_empty() && !b.departments.is_empty()
        || !a.departments.is_empty() && !b.categories.is_empty();
    is_same_place
        && may_be_shown_on_one(a, b)
        && may_be_read_in_one(a, b)
        && may_be_one_search(a, b)
}

fn may_be_shown_on_one(a: &RuleCondition, b: &RuleCondition) -> bool {
    let is_carousel = |place: &Placement| matches!(place, Placement::Carousel(_));
    let is_one = |a: &Placement, b: &Placement| {
        a == b
            || *a == Placement::AllCarousels && is_carousel(b)
            || *b == Placement::AllCarousels && is_carousel(a)
    };
    a.placements.is_empty()
        || b.placements.is_empty()
        || a.placements.iter().any(|of_a| b.placements.iter().any(|of_b| is_one(of_a, of_b)))
}

fn may_be_read_in_one(a: &RuleCondition, b: &RuleCondition) -> bool {
    a.locales.is_empty()
        || b.locales.is_empty()
        || a.locales.iter().any(|tag| b.is_read_in(tag))
        || b.locales.iter().any(|tag| a.is_read_in(tag))
}

fn may_be_one_search(a: &RuleCondition, b: &RuleCondition) -> bool {
    let folded = |text: &String| joined(&words(text));
    match (&a.query, &b.query) {
        (Some(QueryCondition::Is(a)), Some(QueryCondition::Is(b))) => {
            a.iter().any(|text| b.iter().any(|other| folded(text) == folded(other)))
        }
        (Some(QueryCondition::Is(whole)), Some(QueryCondition::HasWords(parts)))
        | (Some(QueryCondition::HasWords(parts)), Some(QueryCondition::Is(whole))) => {
            whole.iter().any(|whole| {
                let typed = words(whole);
                let has = |part: &String| {
                    words(part).iter().all(|word| typed.iter().any(|w| w.folded == word.folded))
                };
                parts.iter().any(has)
            })
        }
        // A search may have the words of both, or the one that a page's rule does not ask for.
        _ => true,
    }
}
