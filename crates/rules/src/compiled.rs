//! A set of rules, ready to be applied.

use std::collections::HashMap;
use std::ops::Range;

use vitrine_domain::ItemId;
use vitrine_domain::sorting::sort_by_key;

use crate::action::{RuleAction, Strength};
use crate::audience::{AudienceFact, ShopperFacts};
use crate::index::{PageFacts, RuleIndex};
use crate::keys::{KeyedTarget, Keys};
use crate::label::RuleLabel;
use crate::limits::CARDS_NEEDED_MAX;
use crate::rule::{PublicRules, Rule, RuleId};
#[cfg(doc)]
use crate::window::RuleWindow;

/// A set of rules, ready to be applied. Made once for a set, asked for each list; whether a
/// rule's [`RuleWindow`] is open is asked then, so that one set serves a day.
#[derive(Debug, Default)]
pub struct CompiledRules {
    /// What comes first first.
    rules: Vec<Rule>,
    index: RuleIndex,
    parts: Vec<RuleParts>,
    /// All facts of audiences, each once.
    facts: Vec<AudienceFact>,
    pub(crate) keys: Keys,
    pub(crate) effects: Vec<Effect>,
    pub(crate) wishes: Vec<Wish>,
}

/// What belongs to one rule.
#[derive(Debug)]
struct RuleParts {
    /// Places of `facts`; `None` = for everyone.
    audience: Option<Vec<u32>>,
    effects: Range<u32>,
    wishes: Range<u32>,
}

/// What a rule does to all cards that meet a target.
#[derive(Debug)]
pub(crate) struct Effect {
    /// Place of the rule.
    pub rule: u32,
    pub work: EffectWork,
    pub target: KeyedTarget,
}

#[derive(Debug)]
pub(crate) enum EffectWork {
    /// Moves by hundredths of the list's spread; up where above 0.
    Shift(i32),
    /// Leaves out what meets the target.
    Hide,
    /// Leaves out what does not, or is of a brand, or cannot be bought.
    Only { brands_excluded: Vec<u32>, available_only: bool },
}

/// A card that a rule wants at a place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wish {
    /// Place of the rule.
    pub rule: u32,
    /// Place of the action in the rule.
    pub action: u32,
    /// Key of the card.
    pub item: u32,
    /// From 0.
    pub place: usize,
    pub is_sponsored: bool,
}

impl CompiledRules {
    /// Compiles a set. It should be valid ([`PublicRules::validate`]); of one that is not,
    /// actions that no audience may have are left out.
    pub fn new(set: PublicRules) -> Self {
        let mut rules = set.rules;
        sort_by_key(&mut rules, Rule::precedence);
        let mut compiled = Self { index: RuleIndex::new(&rules), ..Self::default() };
        let mut known = HashMap::new();
        for (place, rule) in (0..).zip(&rules) {
            compiled.add(place, rule, &mut known);
        }
        compiled.rules = rules;
        compiled
    }

    fn add(&mut self, place: u32, rule: &Rule, known: &mut HashMap<AudienceFact, u32>) {
        let (n_effects, n_wishes) = (self.effects.len() as u32, self.wishes.len() as u32);
        for (number, action) in (0..).zip(&rule.then) {
            if rule.audience.is_none() || action.kind().is_for_audiences() {
                self.add_action(place, number, action);
            }
        }
        let audience = rule.audience.as_ref().map(|audience| {
            let fact = |fact: &AudienceFact| {
                *known.entry(fact.clone()).or_insert_with(|| {
                    self.facts.push(fact.clone());
                    self.facts.len() as u32 - 1
                })
            };
            audience.facts.iter().map(fact).collect()
        });
        self.parts.push(RuleParts {
            audience,
            effects: n_effects..self.effects.len() as u32,
            wishes: n_wishes..self.wishes.len() as u32,
        });
    }

    fn add_action(&mut self, rule: u32, action_number: u32, action: &RuleAction) {
        if let Some((item, place)) = action.placed() {
            self.wishes.push(Wish {
                rule,
                action: action_number,
                item: self.keys.add_item(item),
                place: usize::from(place.max(1)) - 1,
                is_sponsored: matches!(action, RuleAction::Sponsored { .. }),
            });
        }
        let share = |strength: &Strength| strength.hundredths();
        let only =
            |brands_excluded, available_only| EffectWork::Only { brands_excluded, available_only };
        let (work, target) = match action {
            RuleAction::Boost { target, strength } => {
                (EffectWork::Shift(share(strength)), self.keys.add_target(target))
            }
            RuleAction::Bury { target, strength } => {
                (EffectWork::Shift(-share(strength)), self.keys.add_target(target))
            }
            RuleAction::Hide { target } => (EffectWork::Hide, self.keys.add_target(target)),
            RuleAction::IncludeOnly { target } => {
                (only(Vec::new(), false), self.keys.add_target(target))
            }
            RuleAction::Filter { filters } => {
                let (target, excluded) = self.keys.add_filters(filters);
                (only(excluded, filters.available_only), target)
            }
            _ => return,
        };
        self.effects.push(Effect { rule, work, target });
    }

    /// How many rules there are.
    pub fn n_rules(&self) -> usize {
        self.rules.len()
    }

    /// The public label of a rule, for *Why this?*.
    pub fn label(&self, id: RuleId) -> Option<&RuleLabel> {
        self.rules.iter().find(|rule| rule.id == id).map(|rule| &rule.label)
    }

    /// Places of the rules that hold on a page for a shopper, what comes first first.
    /// Without a shopper no audience is met.
    pub(crate) fn holding(
        &self,
        page: &PageFacts<'_>,
        shopper: Option<&dyn ShopperFacts>,
    ) -> Vec<u32> {
        let mut found = self.index.holding(&self.rules, page);
        let mut asked: Vec<Option<bool>> = vec![None; self.facts.len()];
        found.retain(|place| {
            let Some(audience) = &self.parts[*place as usize].audience else { return true };
            let Some(shopper) = shopper else { return false };
            // One of nobody in particular is nobody's: a valid audience has a fact.
            !audience.is_empty()
                && audience.iter().all(|fact| {
                    let fact = *fact as usize;
                    *asked[fact].get_or_insert_with(|| self.facts[fact].is_true_of(shopper))
                })
        });
        found
    }

    /// Places of the rules that some device may apply to a search.
    pub(crate) fn possible(&self, page: &PageFacts<'_>) -> Vec<u32> {
        self.index.possible(&self.rules, page)
    }

    /// The cards that rules place, each once, those of the rules that come first first; at most
    /// [`CARDS_NEEDED_MAX`].
    pub(crate) fn cards_placed(&self, rules: impl IntoIterator<Item = u32>) -> Vec<ItemId> {
        let mut cards: Vec<ItemId> = Vec::new();
        for rule in rules {
            for (item, _) in self.rule(rule).then.iter().filter_map(RuleAction::placed) {
                if cards.len() == CARDS_NEEDED_MAX {
                    return cards;
                }
                if !cards.contains(&item) {
                    cards.push(item);
                }
            }
        }
        cards
    }

    pub(crate) fn rule(&self, place: u32) -> &Rule {
        &self.rules[place as usize]
    }

    /// Places of the effects of a rule.
    pub(crate) fn effects_of(&self, rule: u32) -> Range<u32> {
        self.parts[rule as usize].effects.clone()
    }

    pub(crate) fn wishes_of(&self, rule: u32) -> &[Wish] {
        let Range { start, end } = self.parts[rule as usize].wishes;
        &self.wishes[start as usize..end as usize]
    }
}
