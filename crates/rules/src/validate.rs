//! What a set of rules must be like before anything is done with it, whoever made it.

use std::collections::HashSet;

use crate::action::{RuleAction, ShopRoute};
use crate::audience::Audience;
use crate::condition::{Placement, RuleCondition};
use crate::fault::{RuleFault, RuleList, RuleText, RulesError};
use crate::label::RuleLabel;
use crate::limits::*;
use crate::rule::{PublicRules, Rule};
use crate::sensitive::is_sensitive;
use crate::target::{RuleFilters, RuleTarget};
use crate::text::words;

impl PublicRules {
    /// Whether the set is within its limits and every rule is as it must be. A reader of
    /// bytes asks this of whatever it decoded.
    ///
    /// `never_recommended` are departments and categories that the shop never recommends; no
    /// audience is made of them. A reader that does not know them gives none.
    ///
    /// # Errors
    /// What is wrong with the set, or with its first rule with something wrong.
    pub fn validate(&self, never_recommended: &[String]) -> Result<(), RulesError> {
        let n = self.rules.len();
        if n > RULES_MAX {
            return Err(RulesError::TooManyRules { n, max: RULES_MAX });
        }
        let mut ids = HashSet::new();
        for rule in &self.rules {
            let is_new = ids.insert(rule.id);
            let checked = match is_new {
                true => rule.validate(never_recommended),
                false => Err(RuleFault::RepeatedId),
            };
            checked.map_err(|fault| RulesError::Rule { rule: rule.id, fault })?;
        }
        Ok(())
    }
}

impl Rule {
    /// The same of one rule; whether its id is another's is not asked.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn validate(&self, never_recommended: &[String]) -> Result<(), RuleFault> {
        if self.window.is_empty() {
            return Err(RuleFault::EndsBeforeItStarts);
        }
        condition(&self.when)?;
        label(&self.label, RuleText::Label)?;
        at_most(RuleList::Actions, self.then.len(), ACTIONS_MAX)?;
        if self.then.is_empty() {
            return Err(RuleFault::NoAction);
        }
        self.then.iter().try_for_each(action)?;
        if let Some(audience) = &self.audience {
            let refused =
                self.then.iter().map(RuleAction::kind).find(|kind| !kind.is_for_audiences());
            if let Some(action) = refused {
                return Err(RuleFault::NotForAudiences { action });
            }
            audience_facts(audience, never_recommended)?;
        }
        Ok(())
    }
}

fn condition(when: &RuleCondition) -> Result<(), RuleFault> {
    if let Some(query) = &when.query {
        let texts = query.texts();
        some_of(RuleList::QueryTexts, texts.len(), QUERY_TEXTS_MAX)?;
        texts.iter().try_for_each(|text| query_text(text))?;
    }
    for names in [&when.categories, &when.departments, &when.locales] {
        names_of(names)?;
    }
    at_most(RuleList::Names, when.placements.len(), TARGET_IDS_MAX)?;
    when.placements.iter().try_for_each(|placement| match placement {
        Placement::Carousel(name) => text(RuleText::Name, name, NAME_CHARS_MAX),
        _ => Ok(()),
    })
}

fn action(action: &RuleAction) -> Result<(), RuleFault> {
    if let Some((_, place)) = action.placed().filter(|(_, at)| !(1..=PLACE_MAX).contains(at)) {
        return Err(RuleFault::NoSuchPlace { place, max: PLACE_MAX });
    }
    if let Some(target) = action.target() {
        if target.is_empty() {
            return Err(RuleFault::TargetsEverything { action: action.kind() });
        }
        target_of(target)?;
    }
    match action {
        RuleAction::Redirect { to } => route(to),
        RuleAction::Banner { text, link } => {
            label(text, RuleText::Banner)?;
            link.iter().try_for_each(route)
        }
        RuleAction::Filter { filters } if *filters == RuleFilters::default() => {
            Err(RuleFault::TargetsEverything { action: action.kind() })
        }
        RuleAction::Filter { filters } => {
            names_of(&filters.brands_excluded)?;
            target_of(&filters.target())
        }
        RuleAction::ReplaceWords { from, to } => {
            query_text(from)?;
            query_text(to)
        }
        RuleAction::IgnoreWords { words } | RuleAction::AddWords { words } => {
            some_of(RuleList::Words, words.len(), WORDS_MAX)?;
            words.iter().try_for_each(|word| query_text(word))
        }
        RuleAction::Sponsored { paid_by, .. } => label(paid_by, RuleText::PaidBy),
        RuleAction::Diversify(quota) => {
            let is_quota = (1..=quota.of_places).contains(&quota.most_of_a_category);
            let (most, of_places) = (quota.most_of_a_category, quota.of_places);
            is_quota.then_some(()).ok_or(RuleFault::NoQuota { most, of_places })
        }
        _ => Ok(()),
    }
}

fn target_of(target: &RuleTarget) -> Result<(), RuleFault> {
    at_most(RuleList::Names, target.items.len(), TARGET_IDS_MAX)?;
    for names in [&target.departments, &target.categories, &target.brands] {
        names_of(names)?;
    }
    let prices = target.price_minor_min.zip(target.price_minor_max);
    match prices.filter(|(min, max)| min > max) {
        Some((min, max)) => Err(RuleFault::InvertedPrices { min, max }),
        None => Ok(()),
    }
}

fn audience_facts(audience: &Audience, never_recommended: &[String]) -> Result<(), RuleFault> {
    some_of(RuleList::AudienceFacts, audience.facts.len(), AUDIENCE_FACTS_MAX)?;
    for fact in &audience.facts {
        if !(1..=AUDIENCE_DAYS_MAX).contains(&fact.within_days) {
            let (days, max) = (fact.within_days, AUDIENCE_DAYS_MAX);
            return Err(RuleFault::NoSuchDays { days, max });
        }
        let name = fact.of.name();
        text(RuleText::Name, name, NAME_CHARS_MAX)?;
        if is_sensitive(name, never_recommended) {
            return Err(RuleFault::SensitiveAudience { name: name.to_owned() });
        }
    }
    Ok(())
}

fn route(to: &ShopRoute) -> Result<(), RuleFault> {
    match to {
        ShopRoute::Home | ShopRoute::Item(_) => Ok(()),
        ShopRoute::Department(name) | ShopRoute::Category(name) | ShopRoute::Brand(name) => {
            text(RuleText::Name, name, NAME_CHARS_MAX)
        }
        ShopRoute::Search(text) => query_text(text),
    }
}

fn label(label: &RuleLabel, what: RuleText) -> Result<(), RuleFault> {
    if let RuleLabel::Languages(texts) = label {
        some_of(RuleList::Languages, texts.len(), LABEL_LANGUAGES_MAX)?;
        texts.iter().try_for_each(|(tag, _)| text(RuleText::Name, tag, NAME_CHARS_MAX))?;
    }
    label.texts().try_for_each(|said| text(what, said, LABEL_CHARS_MAX))
}

/// A text that has words, so that it can be compared.
fn query_text(said: &str) -> Result<(), RuleFault> {
    text(RuleText::QueryText, said, QUERY_TEXT_CHARS_MAX)?;
    match words(said).is_empty() {
        true => Err(RuleFault::Empty { what: RuleText::QueryText }),
        false => Ok(()),
    }
}

fn names_of(names: &[String]) -> Result<(), RuleFault> {
    at_most(RuleList::Names, names.len(), TARGET_IDS_MAX)?;
    names.iter().try_for_each(|name| text(RuleText::Name, name, NAME_CHARS_MAX))
}

fn text(what: RuleText, text: &str, max: usize) -> Result<(), RuleFault> {
    let n_chars = text.chars().count();
    if n_chars > max {
        return Err(RuleFault::TooLong { what, n_chars, max });
    }
    match text.trim().is_empty() {
        true => Err(RuleFault::Empty { what }),
        false => Ok(()),
    }
}

fn some_of(what: RuleList, n: usize, max: usize) -> Result<(), RuleFault> {
    match n {
        0 => Err(RuleFault::None { what }),
        n => at_most(what, n, max),
    }
}

fn at_most(what: RuleList, n: usize, max: usize) -> Result<(), RuleFault> {
    match n > max {
        true => Err(RuleFault::TooMany { what, n, max }),
        false => Ok(()),
    }
}
