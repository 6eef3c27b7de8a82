//! What a server does to a search by rules: other words, conditions, a way elsewhere.
//!
//! It knows no shopper. [`RewriteRules`] is made without the rules for an audience, so that
//! nothing here could tell one from another.

use vitrine_domain::limits::QUERY_CHARS_MAX;
use vitrine_domain::sorting::sort_by_key;
use vitrine_domain::{Filters, ItemId};

use crate::action::{RuleAction, ShopRoute};
use crate::compiled::CompiledRules;
use crate::condition::Surface;
use crate::index::{PageFacts, RuleIndex};
#[cfg(doc)]
use crate::limits::CARDS_NEEDED_MAX;
use crate::rule::{PublicRules, Rule, RuleId};
use crate::text::{TextWord, words};

/// The rules for everyone that change searches, ready to be applied.
#[derive(Debug, Default)]
pub struct RewriteRules {
    /// What comes first first.
    rules: Vec<Rule>,
    index: RuleIndex,
}

/// When and where a search is rewritten.
#[derive(Clone, Copy, Debug, Default)]
pub struct RewriteContext<'a> {
    /// Now, in seconds since 1970-01-01 UTC.
    pub now_seconds: i64,
    /// The language that the shop is read in (BCP 47 tag).
    pub locale: &'a str,
    /// The category that the search is within, or most likely after; empty without one.
    pub category: &'a str,
    /// The department, likewise.
    pub department: &'a str,
}

/// A search after the rules for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RewrittenSearch {
    /// What to search for. Exactly what was typed where no rule changes words.
    pub text: String,
    /// Conditions to be met besides those of the search. Of two rules' lists of wanted values
    /// the first rule's count.
    pub filters: Filters,
    /// Where to go instead.
    pub redirect: Option<ShopRoute>,
    /// The rules that had a part in it, what comes first first.
    pub rules: Vec<RuleId>,
}

impl RewriteRules {
    /// Picks from a set the rules for everyone that change searches.
    pub fn new(set: &PublicRules) -> Self {
        let is_wanted = |rule: &&Rule| {
            rule.audience.is_none()
                && rule.when.is_shown_on(Surface::Search)
                && rule.then.iter().any(changes_searches)
        };
        let mut rules: Vec<Rule> = set.rules.iter().filter(is_wanted).cloned().collect();
        sort_by_key(&mut rules, Rule::precedence);
        Self { index: RuleIndex::new(&rules), rules }
    }
}

fn changes_searches(action: &RuleAction) -> bool {
    matches!(
        action,
        RuleAction::Redirect { .. }
            | RuleAction::Filter { .. }
            | RuleAction::IncludeOnly { .. }
            | RuleAction::ReplaceWords { .. }
            | RuleAction::IgnoreWords { .. }
            | RuleAction::AddWords { .. }
    )
}

/// Applies rules to a search as it was typed. Each word is changed by one rule at most, the
/// first that would, and what a rule wrote is not looked at by others; so there is no circle.
/// Where no word would be left, or more than [`QUERY_CHARS_MAX`] characters would be, the words
/// stay as they are.
pub fn rewrite(query: &str, rules: &RewriteRules, context: &RewriteContext<'_>) -> RewrittenSearch {
    let page = PageFacts {
        category: context.category,
        department: context.department,
        locale: context.locale,
        now_seconds: context.now_seconds,
        ..PageFacts::of_search(Surface::Search, query)
    };
    let mut changed = ChangedWords::new(query);
    let mut rewritten = RewrittenSearch::default();
    for rule in rules.index.holding(&rules.rules, &page) {
        let rule = &rules.rules[rule as usize];
        let mut has_part = false;
        for action in &rule.then {
            has_part |= match action {
                RuleAction::Redirect { to } if rewritten.redirect.is_none() => {
                    rewritten.redirect = Some(to.clone());
                    true
                }
                RuleAction::Filter { filters } => {
                    rewritten.filters = rewritten.filters.and(&filters.to_filters());
                    true
                }
                RuleAction::IncludeOnly { target } => target.to_filters().is_some_and(|filters| {
                    rewritten.filters = rewritten.filters.and(&filters);
                    true
                }),
                RuleAction::ReplaceWords { from, to } => changed.replace(from, Some(to)),
                RuleAction::IgnoreWords { words } => {
                    words.iter().fold(false, |any, word| changed.replace(word, None) | any)
                }
                RuleAction::AddWords { words } => changed.add(words),
                _ => false,
            };
        }
        if has_part {
            rewritten.rules.push(rule.id);
        }
    }
    rewritten.text = changed.text().unwrap_or_else(|| query.to_owned());
    rewritten
}

/// What becomes of a word.
#[derive(Clone, Debug, PartialEq)]
enum WordFate {
    Kept,
    /// It begins a phrase with this in its place.
    Replaced(String),
    /// It is in such a phrase, behind the first word.
    InPhrase,
}

/// A text of which words are changed.
struct ChangedWords<'q> {
    query: &'q str,
    words: Vec<TextWord>,
    instead: Vec<WordFate>,
    added: Vec<String>,
}

impl<'q> ChangedWords<'q> {
    fn new(query: &'q str) -> Self {
        let words = words(query);
        Self { query, instead: vec![WordFate::Kept; words.len()], words, added: Vec::new() }
    }

    /// Puts a text, or nothing, in the place of a phrase wherever it stands in words that
    /// nothing has changed. Returns whether it does.
    fn replace(&mut self, phrase: &str, text: Option<&str>) -> bool {
        let phrase = words(phrase);
        let n = phrase.len();
        let mut has_any = false;
        let mut start = 0;
        while n > 0 && start + n <= self.words.len() {
            let is_same = self.words[start..start + n]
                .iter()
                .zip(&phrase)
                .all(|(word, wanted)| word.folded == wanted.folded);
            let is_kept = self.instead[start..start + n].iter().all(|fate| *fate == WordFate::Kept);
            if !is_same || !is_kept {
                start += 1;
                continue;
            }
            self.instead[start] = WordFate::Replaced(text.unwrap_or_default().to_owned());
            self.instead[start + 1..start + n].fill(WordFate::InPhrase);
            has_any = true;
            start += n;
        }
        has_any
    }

    /// Adds texts that are not typed or added already. Returns whether it does.
    fn add(&mut self, texts: &[String]) -> bool {
        let n = self.added.len();
        for text in texts {
            let is_typed = words(text)
                .iter()
                .all(|word| self.words.iter().any(|typed| typed.folded == word.folded));
            if !is_typed && !self.added.contains(text) {
                self.added.push(text.clone());
            }
        }
        self.added.len() > n
    }

    /// The text, if it is another.
    fn text(&self) -> Option<String> {
        if self.added.is_empty() && self.instead.iter().all(|fate| *fate == WordFate::Kept) {
            return None;
        }
        let mut text = String::new();
        let mut end = 0;
        for (word, instead) in self.words.iter().zip(&self.instead) {
            let between = &self.query[end..word.span.start];
            match instead {
                WordFate::Kept => text.extend([between, &self.query[word.span.clone()]]),
                WordFate::Replaced(instead) => text.extend([between, instead]),
                WordFate::InPhrase => {}
            }
            end = word.span.end;
        }
        text.push_str(&self.query[end..]);
        let parts = text.split_whitespace().chain(self.added.iter().map(String::as_str));
        let text = parts.collect::<Vec<_>>().join(" ");
        let is_search = !words(&text).is_empty() && text.chars().count() <= QUERY_CHARS_MAX;
        is_search.then_some(text)
    }
}

/// Every card that a rule could place among the results of a search, on any device: whatever
/// its audience, language, clock and category. A reply carries them, so that no device has to
/// ask for one. At most [`CARDS_NEEDED_MAX`], those of the rules that come first; a device places
/// none that it does not have.
pub fn cards_needed(rules: &CompiledRules, query: &str) -> Vec<ItemId> {
    let page = PageFacts::of_search(Surface::Search, query);
    rules.cards_placed(rules.possible(&page))
}
