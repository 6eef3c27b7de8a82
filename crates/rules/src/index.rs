//! Which rules hold on a page, without asking each.

use std::collections::HashMap;

use vitrine_domain::sorting::sort_by;

use crate::condition::RuleLevel;
use crate::condition::{QueryCondition, Surface};
use crate::rule::Rule;
use crate::text::{joined, words};

/// How many sorts of lists there are.
const N_SURFACES: usize = 5;

/// Rules, by their place among those that come first, under what makes them hold.
#[derive(Debug, Default)]
pub(crate) struct RuleIndex {
    /// Of searches, by the whole folded text.
    searches: HashMap<Box<str>, Vec<u32>>,
    /// Places of `phrases`, by the longest of their words.
    longest_words: HashMap<Box<str>, Vec<u32>>,
    /// Words that a search must have, with the rule.
    phrases: Vec<(Vec<Box<str>>, u32)>,
    categories: HashMap<Box<str>, Vec<u32>>,
    departments: HashMap<Box<str>, Vec<u32>>,
    /// Rules for all pages of a sort, by [`surface_place`].
    everywhere: [Vec<u32>; N_SURFACES],
}

/// A page as rules see it.
#[derive(Clone, Debug, Default)]
pub(crate) struct PageFacts<'a> {
    pub surface: Surface<'a>,
    /// Folded words of the search.
    pub words: Vec<String>,
    /// The same as one text.
    pub search: String,
    pub category: &'a str,
    pub department: &'a str,
    pub locale: &'a str,
    pub now_seconds: i64,
}

impl<'a> PageFacts<'a> {
    /// With the search as it was typed.
    pub fn of_search(surface: Surface<'a>, query: &str) -> Self {
        let words = words(query);
        let search = joined(&words);
        let words = words.into_iter().map(|word| word.folded).collect();
        Self { surface, words, search, ..Self::default() }
    }
}

impl RuleIndex {
    /// Of rules in their order.
    pub fn new(rules: &[Rule]) -> Self {
        let mut index = Self::default();
        for (place, rule) in (0..).zip(rules) {
            index.add(place, rule);
        }
        index
    }

    fn add(&mut self, place: u32, rule: &Rule) {
        match &rule.when.query {
            Some(QueryCondition::Is(texts)) => {
                for text in texts {
                    under(&mut self.searches, &joined(&words(text)), place);
                }
            }
            Some(QueryCondition::HasWords(texts)) => {
                for text in texts {
                    let words: Vec<Box<str>> =
                        words(text).into_iter().map(|word| word.folded.into()).collect();
                    let Some(longest) = words.iter().max_by_key(|word| word.len()) else {
                        continue;
                    };
                    under(&mut self.longest_words, longest, self.phrases.len() as u32);
                    self.phrases.push((words, place));
                }
            }
            None if rule.level() == RuleLevel::Global => {
                for (at, surface) in (0..).zip(SURFACES) {
                    // A carousel is asked for its name when the rule is looked at.
                    let is_there = rule.when.placements.is_empty()
                        || rule.when.placements.iter().any(|p| p.is_like(surface));
                    if is_there {
                        self.everywhere[at].push(place);
                    }
                }
            }
            None => {
                let when = &rule.when;
                when.categories.iter().for_each(|name| under(&mut self.categories, name, place));
                when.departments.iter().for_each(|name| under(&mut self.departments, name, place));
            }
        }
    }

    /// Rules that hold on a page, those that come first first. Audiences are not asked.
    pub fn holding(&self, rules: &[Rule], page: &PageFacts<'_>) -> Vec<u32> {
        let mut found = self.by_search(page);
        for (names, name) in
            [(&self.categories, page.category), (&self.departments, page.department)]
        {
            found.extend(names.get(name).into_iter().flatten());
        }
        found.extend(&self.everywhere[surface_place(page.surface)]);
        found.retain(|place| holds(&rules[*place as usize], page));
        sort_by(&mut found, Ord::cmp);
        found.dedup();
        found
    }

    /// Rules that may hold for a search on any device: whatever its language, its clock and
    /// the category that it takes the search to be after.
    pub fn possible(&self, rules: &[Rule], page: &PageFacts<'_>) -> Vec<u32> {
        let mut found = self.by_search(page);
        for names in [&self.categories, &self.departments] {
            found.extend(names.values().flatten());
        }
        found.extend(&self.everywhere[surface_place(page.surface)]);
        found.retain(|place| rules[*place as usize].when.is_shown_on(page.surface));
        sort_by(&mut found, Ord::cmp);
        found.dedup();
        found
    }

    /// Rules whose condition on the search holds.
    fn by_search(&self, page: &PageFacts<'_>) -> Vec<u32> {
        let mut found: Vec<u32> = Vec::new();
        found.extend(self.searches.get(page.search.as_str()).into_iter().flatten());
        let phrases = page.words.iter().filter_map(|word| self.longest_words.get(word.as_str()));
        for (words, place) in phrases.flatten().map(|phrase| &self.phrases[*phrase as usize]) {
            let is_typed = |word: &str| page.words.iter().any(|typed| typed == word);
            if words.iter().all(|word| is_typed(word)) {
                found.push(*place);
            }
        }
        found
    }
}

/// What the index does not tell of a rule that it found.
fn holds(rule: &Rule, page: &PageFacts<'_>) -> bool {
    let when = &rule.when;
    let is_of_page = || {
        when.categories.is_empty() && when.departments.is_empty()
            || when.categories.iter().any(|name| name == page.category)
            || when.departments.iter().any(|name| name == page.department)
    };
    rule.window.is_open(page.now_seconds)
        && when.is_shown_on(page.surface)
        && when.is_read_in(page.locale)
        && is_of_page()
}

fn under(names: &mut HashMap<Box<str>, Vec<u32>>, name: &str, place: u32) {
    match names.get_mut(name) {
        Some(places) if places.last() == Some(&place) => {}
        Some(places) => places.push(place),
        None => {
            names.insert(name.into(), vec![place]);
        }
    }
}

/// One of each sort.
const SURFACES: [Surface<'static>; N_SURFACES] = [
    Surface::Feed,
    Surface::Carousel(""),
    Surface::Search,
    Surface::CategoryPage,
    Surface::ProductPage,
];

fn surface_place(surface: Surface<'_>) -> usize {
    match surface {
        Surface::Feed => 0,
        Surface::Carousel(_) => 1,
        Surface::Search => 2,
        Surface::CategoryPage => 3,
        Surface::ProductPage => 4,
    }
}

impl crate::condition::Placement {
    /// Whether a list of a sort may be in it.
    fn is_like(&self, surface: Surface<'_>) -> bool {
        match self {
            Self::Carousel(_) => matches!(surface, Surface::Carousel(_)),
            other => other.is(surface),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::condition::{Placement, RuleCondition};
    use crate::rule::RuleId;
    use crate::window::RuleWindow;

    fn rule(id: u32, when: RuleCondition) -> Rule {
        Rule { id: RuleId(id), when, ..Rule::default() }
    }

    fn search(condition: QueryCondition) -> RuleCondition {
        RuleCondition { query: Some(condition), ..RuleCondition::default() }
    }

    fn holding(rules: &[Rule], page: &PageFacts<'_>) -> Vec<u32> {
        let found = RuleIndex::new(rules).holding(rules, page);
        found.into_iter().map(|place| rules[place as usize].id.0).collect()
    }

    #[test]
    fn searches_are_compared_folded_whole_or_by_words() {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let rules = [
            rule(0, search(QueryCondition::Is(texts(&["Crème Brûlée", "flan"])))),
            rule(1, search(QueryCondition::HasWords(texts(&["coffee bean", "espresso"])))),
        ];
        let of = |query| holding(&rules, &PageFacts::of_search(Surface::Search, query));
        assert_eq!(of("creme-brulee"), [0]);
        assert_eq!(of("creme brulee mix"), [] as [u32; 0]);
        assert_eq!(of("bean of coffee"), [1]);
        assert_eq!(of("ESPRESSO coffee bean"), [1], "once");
        assert_eq!(of("coffee"), [] as [u32; 0]);
        assert_eq!(of(""), [] as [u32; 0]);
    }

    #[test]
    fn all_that_is_given_must_hold() {
        let when = RuleCondition {
            categories: vec!["Tea".into()],
            departments: vec!["Drinks".into()],
            placements: vec![Placement::CategoryPage, Placement::Carousel("new".into())],
            locales: vec!["de".into()],
            ..RuleCondition::default()
        };
        let window = RuleWindow { start_seconds: Some(5), end_seconds: Some(9) };
        let rules = [Rule { window, ..rule(0, when) }];
        let page = PageFacts {
            surface: Surface::CategoryPage,
            category: "Tea",
            locale: "de-CH",
            now_seconds: 5,
            ..PageFacts::default()
        };
        let is_held = |page: PageFacts<'_>| !holding(&rules, &page).is_empty();
        assert!(is_held(page.clone()));
        assert!(is_held(PageFacts { category: "", department: "Drinks", ..page.clone() }));
        assert!(is_held(PageFacts { surface: Surface::Carousel("new"), ..page.clone() }));
        for other in [
            PageFacts { category: "Coffee", ..page.clone() },
            PageFacts { surface: Surface::Feed, ..page.clone() },
            PageFacts { surface: Surface::Carousel("again"), ..page.clone() },
            PageFacts { locale: "en", ..page.clone() },
            PageFacts { now_seconds: 4, ..page.clone() },
            PageFacts { now_seconds: 9, ..page },
        ] {
            assert!(!is_held(other.clone()), "{other:?}");
        }
    }
}
