//! Reads wishes from what a shopper types.

use std::collections::BTreeSet;
use std::ops::Range;

use vitrine_conditions::Conditions;

use crate::lexicon::{Dimension, Lexicon, Meaning, PlacedTerm, PropertyId, Role, Term};
use crate::text::{Token, TokenKind, tokens};

use super::pricing::{with_budget, with_conditions};
use super::wishes::{Wish, WishTest};

/// Words that one "not" reaches: "not wool or leather".
const EXCLUDED_TERMS_MAX: usize = 4;

/// What a shopper's words ask for, in their order.
pub(super) fn wishes(lexicon: &Lexicon, conditions: &Conditions, text: &str) -> Vec<Wish> {
    let mut out = Vec::new();
    for clause in clauses(text) {
        let (clause, price) = with_budget(lexicon, conditions, clause);
        out.extend(price);
        // "No leather or suede": of lists of values the device knows more than a search does.
        let rest = Clause::new(lexicon, &clause).without_values(&mut out);
        let (rest, read) = with_conditions(lexicon, conditions, &rest);
        out.extend(read);
        Clause::new(lexicon, &rest).read(&mut out);
    }
    out
}

/// Parts between commas, semicolons and ends of sentences, but not within numbers.
fn clauses(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut start = 0;
    for token in tokens(text).iter().filter(|token| token.kind == TokenKind::Break) {
        out.push(&text[start..token.span.start]);
        start = token.span.end;
    }
    out.push(&text[start..]);
    out.retain(|clause| !clause.trim().is_empty());
    out
}

/// A clause taken apart.
struct Clause<'l, 't> {
    lexicon: &'l Lexicon,
    text: &'t str,
    tokens: Vec<Token>,
    terms: Vec<PlacedTerm>,
    /// Tokens that belong to a wish already.
    taken: Vec<bool>,
}

impl<'l, 't> Clause<'l, 't> {
    fn new(lexicon: &'l Lexicon, text: &'t str) -> Self {
        let tokens = lexicon.mended(tokens(text));
        let terms = lexicon.terms(&tokens);
        let mut taken = vec![false; tokens.len()];
        // What only introduces a wish is none.
        let introduces = |meaning| {
            matches!(
                meaning,
                Meaning::Role(
                    Role::Finding
                        | Role::Colloquial
                        | Role::Instead
                        | Role::Greeting
                        | Role::Thanks
                        | Role::Use
                        | Role::ForgetAll
                        | Role::Cheaper
                        | Role::Dearer
                )
            )
        };
        let mut at = 0;
        while at < tokens.len() {
            let n = lexicon.at(&tokens, at, &introduces).map_or(0, |(n, _)| n);
            taken[at..at + n].fill(true);
            at += n.max(1);
        }
        Self { lexicon, text, tokens, terms, taken }
    }

    /// Takes out what is not wanted where it is a value or a property, and says what is left.
    fn without_values(mut self, out: &mut Vec<Wish>) -> String {
        let is_known = |placed: &PlacedTerm| {
            placed.value_of.is_some() || matches!(placed.term, Term::Property(_))
        };
        let spans = self.excluded(out, &is_known);
        vitrine_conditions::without(self.text, spans.into_iter())
    }

    fn read(mut self, out: &mut Vec<Wish>) {
        self.excluded(out, &|_| true);
        self.measures(out);
        self.values(out);
        let words: Vec<Term> = self.left().map(|placed| placed.term.clone()).collect();
        let ends = self.left().fold(None, |range: Option<Range<usize>>, placed| {
            Some(range.map_or(placed.start, |range| range.start)..placed.end)
        });
        if let Some(range) = ends {
            // "Works with" is no word to look for.
            let relation = self.lexicon.property_named("compatibility").map(Term::Property);
            let telling = self.left().filter(|placed| Some(&placed.term) != relation.as_ref());
            let said = telling.map(|placed| placed.start..placed.end).collect();
            out.push(Wish {
                typed: self.typed(range),
                words: self.words(said),
                test: WishTest::Words(words),
            });
        }
    }

    /// Terms of which no token is taken.
    fn left(&self) -> impl Iterator<Item = &PlacedTerm> {
        self.terms.iter().filter(|placed| !self.taken[placed.start..placed.end].contains(&true))
    }

    fn typed(&self, range: Range<usize>) -> String {
        self.text[self.tokens[range.start].span.start..self.tokens[range.end - 1].span.end]
            .to_owned()
    }

    /// What some tokens say, as it was typed, with a space between words. In a script without
    /// spaces, what stands together is one word, without particles and words around it that say
    /// nothing.
    fn words(&self, ranges: Vec<Range<usize>>) -> String {
        let is_unspaced = |at: usize| self.tokens[at].is_unspaced();
        // Characters of a known word are never particles: "暖和".
        let is_known = |at: usize| {
            let knows = |placed: &PlacedTerm| {
                let is_word = matches!(placed.term, Term::Word(_)) && placed.value_of.is_none();
                !is_word && (placed.start..placed.end).contains(&at)
            };
            self.terms.iter().any(knows)
        };
        let has = |at: usize, role| self.lexicon.role_at(&self.tokens, at, role).is_some();
        let is_empty = |at: usize, role| is_unspaced(at) && !is_known(at) && has(at, role);
        let mut words: Vec<Range<usize>> = Vec::new();
        for at in ranges.into_iter().flatten().collect::<BTreeSet<usize>>() {
            let follows = |last: &Range<usize>| {
                let is_together = self.tokens[at - 1].span.end == self.tokens[at].span.start;
                last.end == at && is_unspaced(at) && is_unspaced(at - 1) && is_together
            };
            match words.last_mut() {
                _ if is_empty(at, Role::Parts) => {}
                Some(last) if follows(last) => last.end = at + 1,
                _ => words.push(at..at + 1),
            }
        }
        for word in &mut words {
            while word.start < word.end && is_empty(word.start, Role::Stop) {
                word.start += 1;
            }
            while word.start < word.end && is_empty(word.end - 1, Role::Stop) {
                word.end -= 1;
            }
        }
        let words = words.into_iter().filter(|word| !word.is_empty());
        words.map(|word| self.typed(word)).collect::<Vec<_>>().join(" ")
    }

    /// "Not wool or leather", "without a hood", "不要羊毛".
    fn excluded(
        &mut self,
        out: &mut Vec<Wish>,
        is_meant: &dyn Fn(&PlacedTerm) -> bool,
    ) -> Vec<Range<usize>> {
        let mut spans = Vec::new();
        let mut at = 0;
        while at < self.tokens.len() {
            let Some(n) = self.lexicon.role_at(&self.tokens, at, Role::Exclude) else {
                at += 1;
                continue;
            };
            let mut end = at + n;
            let mut found = Vec::new();
            let mut is_vague = false;
            for placed in self.terms.iter().filter(|placed| placed.start >= at + n) {
                let between = end..placed.start;
                let is_reached = between.clone().all(|token| self.links(token));
                let is_first = found.is_empty();
                // "Not wool or leather", but "nothing heavy, just a sleeve".
                let is_linked = is_first || between.clone().any(|token| self.joins(token));
                // "Not too heavy" says nothing of what must be absent.
                if is_reached && is_first && self.is_matter_of_degree(&placed.term) {
                    (is_vague, end) = (true, placed.end);
                    break;
                }
                if !is_reached || !is_linked || found.len() == EXCLUDED_TERMS_MAX {
                    break;
                }
                found.push(placed.clone());
                end = placed.end;
            }
            if is_vague {
                self.taken[at..end].fill(true);
                at = end;
                continue;
            }
            if !found.first().is_some_and(is_meant) {
                at += n;
                continue;
            }
            for placed in &found {
                let typed = self.typed(at..placed.end);
                let test = WishTest::Lacks(placed.term.clone());
                out.push(Wish { typed, words: String::new(), test });
            }
            self.taken[at..end].fill(true);
            spans.push(self.tokens[at].span.start..self.tokens[end - 1].span.end);
            at = end;
        }
        spans
    }

    /// Whether products have more or less of it, and none lacks it.
    fn is_matter_of_degree(&self, term: &Term) -> bool {
        let Term::Property(id) = term else { return false };
        let property = self.lexicon.property(*id);
        property.dimension.is_some() || property.name == "price"
    }

    /// Whether a token joins the terms of a list.
    fn joins(&self, at: usize) -> bool {
        self.lexicon.role_at(&self.tokens, at, Role::Joins).is_some()
    }

    /// Whether a token may stand between the terms of a list.
    fn links(&self, at: usize) -> bool {
        self.lexicon.role_at(&self.tokens, at, Role::Stop).is_some() || !self.tokens[at].is_said()
    }

    /// "Under 2 kg", "13 inch".
    fn measures(&mut self, out: &mut Vec<Wish>) {
        for placed in self.lexicon.quantities(&self.tokens) {
            let range = placed.start..placed.end;
            let is_free = !self.taken[range.clone()].contains(&true);
            let Some(dimension) = placed.quantity.dimension.filter(|_| is_free) else { continue };
            let near = self.terms.iter().enumerate().filter_map(|(n, term)| match term.term {
                Term::Property(id) if self.lexicon.property(id).dimension == Some(dimension) => {
                    Some((n, id))
                }
                _ => None,
            });
            let named = near.min_by_key(|(n, _)| self.terms[*n].start.abs_diff(placed.start));
            if let Some((n, _)) = named {
                let of = &self.terms[n];
                self.taken[of.start..of.end].fill(true);
            }
            let id = named.map(|(_, id)| id).or_else(|| self.implied(dimension));
            self.taken[range.clone()].fill(true);
            let typed = self.typed(range);
            let test = WishTest::Measure(id, placed.quantity);
            out.push(Wish { typed, words: String::new(), test });
        }
    }

    fn implied(&self, dimension: Dimension) -> Option<PropertyId> {
        self.lexicon.property_named(match dimension {
            Dimension::Mass => "weight",
            Dimension::Volume => "capacity",
            Dimension::Power => "power",
            _ => return None,
        })
    }

    /// Values of properties; several of one property are alternatives.
    fn values(&mut self, out: &mut Vec<Wish>) {
        let values: Vec<(PropertyId, Range<usize>, String)> = self
            .left()
            .filter_map(|placed| match &placed.term {
                Term::Word(word) => {
                    Some((placed.value_of?, placed.start..placed.end, word.clone()))
                }
                Term::Property(_) => None,
            })
            .collect();
        let mut done: Vec<PropertyId> = Vec::new();
        for (id, ..) in &values {
            if done.contains(id) {
                continue;
            }
            done.push(*id);
            let own = || values.iter().filter(|(other, ..)| other == id);
            let words: Vec<String> = own().map(|(.., word)| word.clone()).collect();
            let typed: Vec<String> = own().map(|(_, range, _)| self.typed(range.clone())).collect();
            let said = self.words(own().map(|(_, range, _)| range.clone()).collect());
            let test = WishTest::Has(*id, words);
            out.push(Wish { typed: typed.join(" / "), words: said, test });
        }
        for (_, range, _) in values {
            self.taken[range].fill(true);
        }
        // "The colour blue": the name of the property has said enough.
        for placed in &self.terms {
            if matches!(placed.term, Term::Property(id) if done.contains(&id)) {
                self.taken[placed.start..placed.end].fill(true);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let lexicon = Lexicon::new();
        let cards = [("Hiking jacket", "Acme"), ("Tent", "Bolt")];
        let conditions = Conditions::new(cards.into_iter(), "EUR");
        let name = |id: &PropertyId| lexicon.property(*id).name;
        let term = |term: &Term| match term {
            Term::Property(id) => format!("<{}>", name(id)),
            Term::Word(word) => word.clone(),
        };
        let say = |wish: Wish| match wish.test {
            WishTest::Words(terms) => terms.iter().map(term).collect::<Vec<_>>().join(" "),
            WishTest::Filters(filters) => match filters.price_minor_max {
                Some(max) => format!("≤{max}"),
                None => format!("-{:?}{:?}", filters.brands_excluded, filters.free_of),
            },
            WishTest::Has(id, values) => format!("{}={}", name(&id), values.join("|")),
            WishTest::Lacks(lacked) => format!("!{}", term(&lacked)),
            WishTest::Measure(id, quantity) => {
                format!("{}:{}", id.as_ref().map_or("", name), quantity.value)
            }
            WishTest::Choice(..) => String::new(),
        };
        wishes(&lexicon, &conditions, text).into_iter().map(say).collect()
    }

    #[test]
    fn a_search_looks_for_the_words_that_say_what_is_wanted() {
        let lexicon = Lexicon::new();
        let conditions = Conditions::new([("Tent", "Bolt")].into_iter(), "EUR");
        for (text, expected) in [
            ("something warm for hiking under 80, not wool", "warm hiking"),
            ("hi, I need a tent for my son please", "tent son"),
            ("red or blue shoes", "shoes"),
            ("a pan that works on induction", "pan induction"),
            ("a jacket under 2 kg", "jacket"),
            ("under 50", ""),
            ("Ich suche eine blaue Jacke bis 80 Euro", "blaue Jacke"),
            ("想买个双肩包 能装15寸电脑的", "双肩包 电脑"),
            ("冬天穿的外套 暖和点的", "冬天 外套 暖和"),
            ("有没有防水的登山鞋 不要皮的", "防水 登山鞋"),
        ] {
            let wishes = wishes(&lexicon, &conditions, text);
            let search = super::super::searching::ToSearch::of(&wishes);
            assert_eq!(search.text, expected, "{text}");
        }
    }

    #[test]
    fn wishes_are_read_wherever_they_stand() {
        for (text, expected) in [
            ("something warm for hiking under 80, not wool", &["≤7999", "<warm> hik", "!wool"][..]),
            ("I need a tent under 200 for two people", &["≤19999", "tent"]),
            ("a jacket under 2 kg", &["weight:2000", "jacket"]),
            ("actually in blue", &["colour=blu"]),
            ("red or blue shoes", &["colour=red|blu", "sho"]),
            ("no leather or suede please", &["!leather", "!sued"]),
            ("nothing bulky just a sleeve", &["!bulk", "<sleeve>"]),
            ("not too expensive", &[]),
            ("nicht so teuer", &[]),
            ("pillow but im allergic to feathers lol", &["!feather", "pillow"]),
            ("shoes my budget is 90 max", &["≤9000", "sho"]),
            ("a tent, dont wanna spend more than 200", &["tent", "≤20000"]),
            ("a pot for 90 max", &["≤9000", "pot"]),
            ("a tent for 4", &["tent 4"]),
            ("a waterprof jacket pls", &["<waterproof> jacket"]),
            ("ne doch lieber blau", &["colour=blau"]),
            ("不要皮的鞋", &["!皮"]),
            ("not Acme", &["-[\"Acme\"][]"]),
            ("ohne Leder, unter 50 Euro", &["!leder", "≤4999"]),
            ("Ich suche eine blaue Jacke", &["colour=blau", "jack"]),
            ("我想买一个防水的背包", &["<waterproof> 背包"]),
            ("不要羊毛", &["!羊毛"]),
            ("hello", &[]),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }
}
