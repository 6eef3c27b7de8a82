//! Whether what rules name is there.

use vitrine_domain::ItemId;

use crate::action::{RuleAction, ShopRoute};
use crate::audience::CardGroup;
use crate::facts::CardFacts;
use crate::keys::{KeyedCard, KeyedTarget, Keys};
use crate::rule::Rule;
use crate::target::{RuleFilters, RuleTarget};

use super::catalogue::CatalogueNames;
use super::check::{CheckedRule, Problems, RuleNameKind, RuleProblemKind};

/// Says every name and id of a rule that the catalogue does not have.
pub(super) fn unknown_names(rule: &Rule, catalogue: &CatalogueNames, problems: &mut Problems) {
    let mut named = Named::default();
    named.departments(&rule.when.departments);
    named.categories(&rule.when.categories);
    for action in &rule.then {
        named.action(action);
    }
    for fact in rule.audience.iter().flat_map(|audience| &audience.facts) {
        named.group(&fact.of);
    }
    for item in named.items.into_iter().filter(|item| !catalogue.has_item(*item)) {
        problems.add(rule.id, RuleProblemKind::UnknownItem { item });
    }
    for (kind, name) in named.names {
        let is_known = match kind {
            RuleNameKind::Department => catalogue.has_department(name),
            RuleNameKind::Category => catalogue.has_category(name),
            RuleNameKind::Brand => catalogue.has_brand(name),
        };
        if !is_known {
            let name = name.to_owned();
            problems.add(rule.id, RuleProblemKind::UnknownName { kind, name });
        }
    }
}

/// What a rule names.
#[derive(Default)]
struct Named<'r> {
    items: Vec<ItemId>,
    names: Vec<(RuleNameKind, &'r str)>,
}

impl<'r> Named<'r> {
    fn add(&mut self, kind: RuleNameKind, names: &'r [String]) {
        self.names.extend(names.iter().map(|name| (kind, name.as_str())));
    }

    fn departments(&mut self, names: &'r [String]) {
        self.add(RuleNameKind::Department, names);
    }

    fn categories(&mut self, names: &'r [String]) {
        self.add(RuleNameKind::Category, names);
    }

    fn target(&mut self, target: &'r RuleTarget) {
        self.items.extend(&target.items);
        self.departments(&target.departments);
        self.categories(&target.categories);
        self.add(RuleNameKind::Brand, &target.brands);
    }

    fn filters(&mut self, filters: &'r RuleFilters) {
        self.departments(&filters.departments);
        self.categories(&filters.categories);
        self.add(RuleNameKind::Brand, &filters.brands);
        self.add(RuleNameKind::Brand, &filters.brands_excluded);
    }

    fn route(&mut self, route: &'r ShopRoute) {
        match route {
            ShopRoute::Home | ShopRoute::Search(_) => {}
            ShopRoute::Department(name) => self.names.push((RuleNameKind::Department, name)),
            ShopRoute::Category(name) => self.names.push((RuleNameKind::Category, name)),
            ShopRoute::Brand(name) => self.names.push((RuleNameKind::Brand, name)),
            ShopRoute::Item(item) => self.items.push(*item),
        }
    }

    fn group(&mut self, group: &'r CardGroup) {
        let kind = match group {
            CardGroup::Department(_) => RuleNameKind::Department,
            CardGroup::Category(_) => RuleNameKind::Category,
            CardGroup::Brand(_) => RuleNameKind::Brand,
        };
        self.names.push((kind, group.name()));
    }

    fn action(&mut self, action: &'r RuleAction) {
        self.items.extend(action.placed().map(|(item, _)| item));
        if let Some(target) = action.target() {
            self.target(target);
        }
        match action {
            RuleAction::Redirect { to } | RuleAction::Banner { link: Some(to), .. } => {
                self.route(to);
            }
            RuleAction::Filter { filters } => self.filters(filters),
            _ => {}
        }
    }
}

/// Says every action that is about cards of which there are none, though all names are known.
pub(super) fn without_cards(
    rules: &[CheckedRule],
    catalogue: &CatalogueNames,
    problems: &mut Problems,
) {
    let mut keys = Keys::default();
    let mut asked: Vec<(&Rule, &RuleAction, KeyedTarget, Vec<u32>)> = Vec::new();
    for CheckedRule { rule, .. } in rules {
        for action in &rule.then {
            let mut named = Named::default();
            named.action(action);
            if !named.is_known(catalogue) {
                continue;
            }
            if let Some(target) = action.target() {
                asked.push((rule, action, keys.add_target(target), Vec::new()));
            } else if let RuleAction::Filter { filters } = action {
                let (target, excluded) = keys.add_filters(filters);
                asked.push((rule, action, target, excluded));
            }
        }
    }
    let cards = keyed_cards(&keys, catalogue);
    for (rule, action, target, excluded) in asked {
        let is_met =
            |card: &KeyedCard| target.is_met(card) && excluded.binary_search(&card.brand).is_err();
        if !cards.iter().any(is_met) {
            problems.add(rule.id, RuleProblemKind::MatchesNothing { action: action.kind() });
        }
    }
}

/// All cards of a catalogue.
pub(super) fn keyed_cards(keys: &Keys, catalogue: &CatalogueNames) -> Vec<KeyedCard> {
    let cards: &dyn CardFacts = catalogue;
    (0..catalogue.n_cards()).map(|index| keys.card(cards, index)).collect()
}

impl Named<'_> {
    fn is_known(&self, catalogue: &CatalogueNames) -> bool {
        self.items.iter().all(|item| catalogue.has_item(*item))
            && self.names.iter().all(|(kind, name)| match kind {
                RuleNameKind::Department => catalogue.has_department(name),
                RuleNameKind::Category => catalogue.has_category(name),
                RuleNameKind::Brand => catalogue.has_brand(name),
            })
    }
}
