//! Reads wishes from what a shopper types.

use std::ops::Range;

use vitrine_conditions::Conditions;
use vitrine_domain::Filters;

use crate::lexicon::{Dimension, Lexicon, Meaning, PlacedTerm, PropertyId, Role, Term};
use crate::text::{Token, TokenKind, tokens};

use super::wishes::{Wish, WishTest};

/// Words that one "not" reaches: "not wool or leather".
const EXCLUDED_TERMS_MAX: usize = 4;

/// What a shopper's words ask for, in their order.
pub(super) fn wishes(lexicon: &Lexicon, conditions: &Conditions, text: &str) -> Vec<Wish> {
    let mut out = Vec::new();
    for clause in clauses(text) {
        // "No leather or suede": of lists of values the device knows more than a search does.
        let rest = Clause::new(lexicon, clause).without_values(&mut out);
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

/// What is left of a clause once the conditions of a search are taken out, and these.
///
/// In a conversation a price may stand anywhere ("a tent under 200 for two"), where a search
/// takes it at the end only; so the beginning up to each number is read, too.
fn with_conditions(
    lexicon: &Lexicon,
    conditions: &Conditions,
    clause: &str,
) -> (String, Vec<Wish>) {
    let wish = |filter: vitrine_domain::ReadFilter| Wish {
        typed: filter.typed,
        words: String::new(),
        test: WishTest::Filters(filter.filters),
    };
    let tokens = tokens(clause);
    let measures = lexicon.quantities(&tokens);
    let is_measure = |at: usize| {
        measures.iter().any(|m| m.quantity.dimension.is_some() && (m.start..m.end).contains(&at))
    };
    let has_measure = (0..tokens.len()).any(is_measure);
    let whole = conditions.read(clause);
    let is_price =
        |filters: &Filters| filters.price_minor_min.is_some() || filters.price_minor_max.is_some();
    let has_price = whole.filters.iter().any(|filter| is_price(&filter.filters));
    // "Under 2 kg" is no price.
    if has_price && !has_measure {
        return (whole.text, whole.filters.into_iter().map(wish).collect());
    }
    for at in (0..tokens.len()).rev() {
        if tokens[at].kind != TokenKind::Number || is_measure(at) {
            continue;
        }
        let end = tokens[at].span.end;
        let read = conditions.read(&clause[..end]);
        let price = read.filters.into_iter().find(|filter| is_price(&filter.filters));
        if let Some(price) = price.filter(|price| clause[..end].ends_with(&price.typed)) {
            let start = end - price.typed.len();
            let rest = format!("{} {}", &clause[..start], &clause[end..]);
            let (rest, mut more) = with_conditions(lexicon, conditions, &rest);
            more.insert(0, wish(price));
            return (rest, more);
        }
    }
    let others = whole.filters.iter().filter(|filter| !is_price(&filter.filters));
    let others: Vec<_> = others.cloned().collect();
    match has_price {
        true => (clause.to_owned(), others.into_iter().map(wish).collect()),
        false => (whole.text, others.into_iter().map(wish).collect()),
    }
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
        let tokens = tokens(text);
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
            let said = self.left().map(|placed| placed.start..placed.end).collect();
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

    /// What some tokens say, as it was typed, with a space between words; tokens that overlap, and
    /// neighbours of a script without spaces, are one word.
    fn words(&self, ranges: Vec<Range<usize>>) -> String {
        let mut words: Vec<Range<usize>> = Vec::new();
        for range in ranges {
            match words.last_mut() {
                Some(last)
                    if range.start < last.end
                        || range.start == last.end && self.tokens[range.start].is_unspaced() =>
                {
                    last.end = last.end.max(range.end);
                }
                _ => words.push(range),
            }
        }
        let words: Vec<String> = words.into_iter().map(|range| self.typed(range)).collect();
        words.join(" ")
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
            for placed in self.terms.iter().filter(|placed| placed.start >= at + n) {
                let between = end..placed.start;
                let is_reached = between.clone().all(|token| self.links(token));
                // "Not too heavy" says nothing of what must be absent.
                let is_measured = matches!(&placed.term, Term::Property(id) if self.lexicon.property(*id).dimension.is_some());
                let is_first = found.is_empty();
                let is_linked = is_first || !between.is_empty();
                if !is_reached || !is_linked || is_measured || found.len() == EXCLUDED_TERMS_MAX {
                    break;
                }
                found.push(placed.clone());
                end = placed.end;
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
    fn wishes_are_read_wherever_they_stand() {
        for (text, expected) in [
            ("something warm for hiking under 80, not wool", &["≤7999", "<warm> hik", "!wool"][..]),
            ("I need a tent under 200 for two people", &["≤19999", "tent"]),
            ("a jacket under 2 kg", &["weight:2000", "jacket"]),
            ("actually in blue", &["colour=blu"]),
            ("red or blue shoes", &["colour=red|blu", "sho"]),
            ("no leather or suede please", &["!leather", "!sued"]),
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
