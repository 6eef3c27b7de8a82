//! What is wrong with drafts, said when one is saved.

use std::collections::HashSet;

use vitrine_domain::ItemId;

use crate::action::ActionKind;
use crate::fault::RuleFault;
use crate::limits::RULES_MAX;
use crate::rule::{Rule, RuleId};
use crate::sensitive::is_sensitive;

use super::catalogue::CatalogueNames;
use super::conflicts::conflicts;
use super::loops::loops;
use super::names::{unknown_names, without_cards};
use super::record::RuleRecord;

/// What drafts are checked against.
#[derive(Clone, Copy, Debug)]
pub struct CheckContext<'a> {
    /// The catalogue that is served.
    pub catalogue: &'a CatalogueNames,
    /// Departments and categories that the shop never recommends.
    pub never_recommended: &'a [String],
    /// Now, in seconds since 1970-01-01 UTC.
    pub now_seconds: i64,
}

/// Something that is wrong with a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleProblem {
    /// The rule.
    pub rule: RuleId,
    /// What is wrong.
    pub problem: RuleProblemKind,
}

/// What may be wrong with a rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleProblemKind {
    /// It can never ship: over a limit, an audience with an action or a group that it may
    /// not have, an end before its start.
    #[error("it cannot be published")]
    Invalid(#[source] RuleFault),
    /// The set has more rules than may ship.
    #[error("{n} rules are more than {max}")]
    TooManyRules {
        /// How many there are.
        n: usize,
        /// How many there may be.
        max: usize,
    },
    /// Its time zone is unknown.
    #[error("no time zone is called \"{name}\"")]
    UnknownTimeZone {
        /// The name.
        name: String,
    },
    /// It names a product that the catalogue does not have.
    #[error("there is no product {item}")]
    UnknownItem {
        /// The product.
        item: ItemId,
    },
    /// It names something else that the catalogue does not have.
    #[error("there is no {kind:?} \"{name}\"")]
    UnknownName {
        /// What it would be.
        kind: RuleNameKind,
        /// The name.
        name: String,
    },
    /// All that it names is there, but no card meets all of it.
    #[error("no card is what {action:?} is about")]
    MatchesNothing {
        /// The action.
        action: ActionKind,
    },
    /// Its time is over.
    #[error("its time is over")]
    IsOver,
    /// Another rule of its level fixes the same place at the same time.
    #[error("{other} fixes place {place} at the same time")]
    SamePlace {
        /// The place, counted from 1.
        place: u16,
        /// The other rule.
        other: RuleId,
    },
    /// A card that it places, another leaves out at the same time.
    #[error("{other} leaves out {item} at the same time")]
    PlacedAndHidden {
        /// The card.
        item: ItemId,
        /// The other rule.
        other: RuleId,
    },
    /// Following words that are replaced leads back to it. A search is changed once, so that
    /// none of them means the other.
    #[error("words are replaced in a circle")]
    SynonymLoop,
    /// Following redirects to searches leads back to it.
    #[error("searches are redirected in a circle")]
    RedirectLoop,
}

/// What a rule names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RuleNameKind {
    /// A department.
    Department,
    /// A category.
    Category,
    /// A brand.
    Brand,
}

impl RuleProblemKind {
    /// Whether a set with it cannot ship. All else is for people to weigh.
    pub fn is_refused(&self) -> bool {
        matches!(self, Self::Invalid(_) | Self::TooManyRules { .. } | Self::UnknownTimeZone { .. })
    }
}

/// A draft with what ships of it.
pub(super) struct CheckedRule {
    pub rule: Rule,
    /// Whether its time is over, so that it disturbs no other.
    pub is_over: bool,
}

/// Everything that is wrong with drafts, by rule in their order.
pub fn check(records: &[RuleRecord], context: CheckContext<'_>) -> Vec<RuleProblem> {
    let mut problems = Problems(Vec::new());
    let mut rules: Vec<CheckedRule> = Vec::new();
    let mut ids = HashSet::new();
    for record in records {
        if !ids.insert(record.id) {
            problems.add(record.id, RuleProblemKind::Invalid(RuleFault::RepeatedId));
        }
        match record.to_rule() {
            Ok(rule) => {
                let is_over = rule.window.end_seconds.is_some_and(|end| end <= context.now_seconds);
                rules.push(CheckedRule { rule, is_over });
            }
            Err(unknown) => {
                let name = unknown.name;
                problems.add(record.id, RuleProblemKind::UnknownTimeZone { name });
            }
        }
    }
    if let Some(last) = records.last().filter(|_| records.len() > RULES_MAX) {
        let n = records.len();
        problems.add(last.id, RuleProblemKind::TooManyRules { n, max: RULES_MAX });
    }
    for CheckedRule { rule, is_over } in &rules {
        if let Some(fault) = fault(rule, context) {
            problems.add(rule.id, RuleProblemKind::Invalid(fault));
        }
        if *is_over && !rule.window.is_empty() {
            problems.add(rule.id, RuleProblemKind::IsOver);
        }
        unknown_names(rule, context.catalogue, &mut problems);
    }
    without_cards(&rules, context.catalogue, &mut problems);
    conflicts(&rules, context.catalogue, &mut problems);
    loops(&rules, &mut problems);
    let place = |id: RuleId| records.iter().position(|record| record.id == id);
    problems.0.sort_by_cached_key(|problem| place(problem.rule));
    problems.0
}

/// Why a rule cannot ship; an audience is looked at by what the catalogue says of it, too.
fn fault(rule: &Rule, context: CheckContext<'_>) -> Option<RuleFault> {
    if let Err(fault) = rule.validate(context.never_recommended) {
        return Some(fault);
    }
    let is_sensitive = |name: &str| is_sensitive(name, context.never_recommended);
    let facts = rule.audience.iter().flat_map(|audience| &audience.facts);
    let mut groups = facts.map(|fact| &fact.of);
    let sensitive = groups.find(|group| context.catalogue.is_all_in(group, is_sensitive))?;
    Some(RuleFault::SensitiveAudience { name: sensitive.name().to_owned() })
}

/// Problems as they are found.
pub(super) struct Problems(Vec<RuleProblem>);

impl Problems {
    /// Adds one, once.
    pub fn add(&mut self, rule: RuleId, problem: RuleProblemKind) {
        let problem = RuleProblem { rule, problem };
        if !self.0.contains(&problem) {
            self.0.push(problem);
        }
    }
}
