//! Words and searches that lead back to themselves.

use std::collections::HashMap;

use crate::action::{RuleAction, ShopRoute};
use crate::condition::QueryCondition;
use crate::rule::RuleId;
use crate::text::{joined, words};

use super::check::{CheckedRule, Problems, RuleProblemKind};

/// Says every rule that is part of a circle of words or of redirects.
pub(super) fn loops(rules: &[CheckedRule], problems: &mut Problems) {
    let (mut synonyms, mut redirects) = (Steps::default(), Steps::default());
    for CheckedRule { rule, .. } in rules.iter().filter(|of| !of.is_over) {
        for action in &rule.then {
            match (action, &rule.when.query) {
                (RuleAction::ReplaceWords { from, to }, _) => synonyms.add(rule.id, from, to),
                (
                    RuleAction::Redirect { to: ShopRoute::Search(to) },
                    Some(QueryCondition::Is(texts)),
                ) => texts.iter().for_each(|from| redirects.add(rule.id, from, to)),
                _ => {}
            }
        }
    }
    for rule in synonyms.in_circles() {
        problems.add(rule, RuleProblemKind::SynonymLoop);
    }
    for rule in redirects.in_circles() {
        problems.add(rule, RuleProblemKind::RedirectLoop);
    }
}

/// Which folded text leads to which.
#[derive(Default)]
struct Steps {
    numbers: HashMap<String, usize>,
    /// Where each text leads, and by which rule.
    next: Vec<Vec<(usize, RuleId)>>,
}

impl Steps {
    fn add(&mut self, rule: RuleId, from: &str, to: &str) {
        let (from, to) = (self.number(from), self.number(to));
        self.next[from].push((to, rule));
    }

    fn number(&mut self, text: &str) -> usize {
        let n = self.numbers.len();
        let number = *self.numbers.entry(joined(&words(text))).or_insert(n);
        if number == n {
            self.next.push(Vec::new());
        }
        number
    }

    /// Rules of steps from whose end their beginning can be reached.
    fn in_circles(&self) -> Vec<RuleId> {
        let mut found = Vec::new();
        for (from, steps) in self.next.iter().enumerate() {
            let in_circle = steps.iter().filter(|(to, _)| self.is_reached(*to, from));
            found.extend(in_circle.map(|(_, rule)| *rule));
        }
        found
    }

    fn is_reached(&self, from: usize, wanted: usize) -> bool {
        let mut is_seen = vec![false; self.next.len()];
        let mut waiting = vec![from];
        while let Some(at) = waiting.pop() {
            if at == wanted {
                return true;
            }
            if !std::mem::replace(&mut is_seen[at], true) {
                waiting.extend(self.next[at].iter().map(|(to, _)| *to));
            }
        }
        false
    }
}
