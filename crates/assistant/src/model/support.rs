//! Whether texts say what a part of a sentence says, word for word.

use crate::answer::says as polarity;
use crate::digest::TextOrigin;
use crate::lexicon::{Lexicon, PlacedTerm, PropertyId, Role, Term};
use crate::quantities::PlacedQuantity;
use crate::text::{Token, TokenKind, tokens};

use super::PromptText;

/// Words between a number and what it counts.
const COUNTED_REACH: usize = 3;

/// A text taken apart.
struct ReadText {
    tokens: Vec<Token>,
    /// What it speaks of, measures apart.
    terms: Vec<PlacedTerm>,
    quantities: Vec<PlacedQuantity>,
}

/// A text that can be cited.
pub(super) struct Source {
    name: ReadText,
    text: ReadText,
    origin: TextOrigin,
    /// Whether the value of the attribute is "no".
    is_no: bool,
    /// Whether it tells whoever reads it to say something; then it supports nothing.
    is_order: bool,
}

impl ReadText {
    fn of(lexicon: &Lexicon, text: &str) -> Self {
        let tokens = tokens(text);
        let quantities = lexicon.quantities(&tokens);
        let mut terms = lexicon.terms(&tokens);
        terms.retain(|placed| {
            let is_within = |q: &PlacedQuantity| (q.start..q.end).contains(&placed.start);
            !quantities.iter().any(is_within)
        });
        // Neighbours in a script without spaces that only lead into a known word: "不防" of "不防水".
        let known: Vec<PlacedTerm> = terms
            .iter()
            .filter(|placed| matches!(placed.term, Term::Property(_)))
            .cloned()
            .collect();
        terms.retain(|placed| {
            let leads_into = |next: &PlacedTerm| {
                placed.start < next.start && next.start < placed.end && placed.term != next.term
            };
            !known.iter().any(leads_into)
                || lexicon.role_at(&tokens, placed.start, Role::Negation).is_none()
        });
        Self { tokens, terms, quantities }
    }

    fn has_token(&self, text: &str) -> bool {
        self.tokens.iter().any(|token| token.text == text)
    }

    /// Whether it denies anything.
    fn has_negation(&self, lexicon: &Lexicon) -> bool {
        let has = |at, role| lexicon.role_at(&self.tokens, at, role).is_some();
        let denies = |at| has(at, Role::Negation) && !has(at, Role::NotNegation);
        (0..self.tokens.len()).any(denies) || self.terms.iter().any(|placed| placed.denies)
    }

    /// The property of a dimension that is named nearest to a measure.
    fn measured(&self, lexicon: &Lexicon, measure: &PlacedQuantity) -> Option<PropertyId> {
        let dimension = measure.quantity.dimension?;
        let of = |placed: &PlacedTerm| match placed.term {
            Term::Property(id) if lexicon.property(id).dimension == Some(dimension) => Some(id),
            _ => None,
        };
        let named = self.terms.iter().filter_map(|placed| Some((placed, of(placed)?)));
        let gap = |placed: &PlacedTerm| match placed.start < measure.start {
            true => measure.start.saturating_sub(placed.end),
            false => placed.start.saturating_sub(measure.end),
        };
        named.min_by_key(|(placed, _)| gap(placed)).map(|(_, id)| id)
    }

    /// What a number or numeral at a token counts: the next term close by.
    fn counted(&self, end: usize) -> Option<&Term> {
        let next = self.terms.iter().find(|placed| placed.start >= end)?;
        (next.start < end + COUNTED_REACH).then_some(&next.term)
    }
}

impl Source {
    pub fn of(lexicon: &Lexicon, text: &PromptText) -> Self {
        let own = ReadText::of(lexicon, &text.text);
        let is_no = lexicon.is_only(&own.tokens, &[Role::No]);
        let is_order = lexicon.has_role(&own.tokens, Role::Orders);
        let name = ReadText::of(lexicon, &text.name);
        Self { name, text: own, origin: text.origin, is_no, is_order }
    }

    /// What it says of a term: `None` where it does not speak of it, `Some(None)` where it only
    /// supposes it.
    fn says(&self, lexicon: &Lexicon, term: &Term) -> Vec<Option<bool>> {
        let of_name = self.name.terms.iter().filter(|placed| placed.term == *term);
        let named = of_name.map(|placed| Some(self.is_no == placed.denies));
        let of_text = self.text.terms.iter().filter(|placed| placed.term == *term);
        let told = of_text.map(|placed| polarity(lexicon, &self.text.tokens, placed));
        named.chain(told).collect()
    }

    /// Whether it is the title, and has a term.
    fn is_title_with(&self, term: &Term) -> bool {
        self.origin == TextOrigin::Title
            && self.text.terms.iter().any(|placed| placed.term == *term)
    }

    fn has_token(&self, text: &str) -> bool {
        self.name.has_token(text) || self.text.has_token(text)
    }

    /// Whether it has a measure or a number, of the same property or counting the same.
    fn has_quantity(&self, lexicon: &Lexicon, part: &ReadText, wanted: &PlacedQuantity) -> bool {
        let property = part.measured(lexicon, wanted);
        let is_named = |id| self.name.terms.iter().any(|placed| placed.term == Term::Property(id));
        self.text.quantities.iter().filter(|own| own.quantity.is_equal(&wanted.quantity)).any(
            |own| match (wanted.quantity.dimension, property) {
                (Some(_), Some(id)) => is_named(id) || self.text.measured(lexicon, own) == Some(id),
                (Some(_), None) => true,
                (None, _) => {
                    let counted = part.counted(wanted.end);
                    counted.is_none() || self.text.counted(own.end) == counted
                }
            },
        )
    }
}

/// Whether some texts say all that a part of a sentence says. What the product is called it may
/// say without citing the title.
pub(super) fn says(lexicon: &Lexicon, all: &[Source], sources: &[&Source], part: &str) -> bool {
    if sources.iter().any(|source| source.is_order) {
        return false;
    }
    let part = ReadText::of(lexicon, part);
    let names = |placed: &PlacedTerm| {
        let is_name = matches!(placed.term, Term::Word(_)) && placed.value_of.is_none();
        is_name && all.iter().any(|source| source.is_title_with(&placed.term))
    };
    let mut claims = claims_of(lexicon, &part);
    claims.retain(|placed| !names(placed));
    let is_about_something = !claims.is_empty() || !part.quantities.is_empty();
    is_about_something
        && claims.iter().all(|placed| is_said(lexicon, sources, &part, placed))
        && has_numbers(lexicon, sources, &part, &claims)
        && has_words(lexicon, sources, &part)
        && (!part.has_negation(lexicon) || sources.iter().any(|source| source.denies(lexicon)))
}

/// The terms that claim something: not those that only say who says it.
fn claims_of<'t>(lexicon: &Lexicon, part: &'t ReadText) -> Vec<&'t PlacedTerm> {
    let mut is_frame = vec![false; part.tokens.len()];
    for at in 0..part.tokens.len() {
        for role in [Role::Reports, Role::Yes, Role::No] {
            let n = lexicon.role_at(&part.tokens, at, role).unwrap_or(0);
            is_frame[at..at + n].fill(true);
        }
    }
    let is_claim = |placed: &&PlacedTerm| {
        let is_word = matches!(placed.term, Term::Word(_));
        !(is_word && is_frame[placed.start..placed.end].iter().all(|is_frame| *is_frame))
    };
    part.terms.iter().filter(is_claim).collect()
}

fn is_said(lexicon: &Lexicon, sources: &[&Source], part: &ReadText, placed: &PlacedTerm) -> bool {
    let said = polarity(lexicon, &part.tokens, placed);
    sources.iter().any(|source| source.says(lexicon, &placed.term).contains(&said))
}

/// Whether one of the texts that speak of what the part speaks of has all its numbers.
fn has_numbers(
    lexicon: &Lexicon,
    sources: &[&Source],
    part: &ReadText,
    claims: &[&PlacedTerm],
) -> bool {
    let numerals = numerals(lexicon, part);
    if part.quantities.is_empty() && numerals.is_empty() {
        return true;
    }
    let signs = || part.tokens.iter().filter(|token| token.kind == TokenKind::Sign);
    sources.iter().any(|source| {
        let speaks = claims.is_empty()
            || claims.iter().any(|placed| !source.says(lexicon, &placed.term).is_empty());
        let has_numeral = |&at: &usize| {
            let word = &part.tokens[at].text;
            let counted = part.counted(at + 1);
            let own = &source.text;
            let is_same = |own_at: usize| {
                own.tokens[own_at].text == *word
                    && (counted.is_none() || own.counted(own_at + 1) == counted)
            };
            (0..own.tokens.len()).any(is_same)
        };
        speaks
            && part.quantities.iter().all(|wanted| source.has_quantity(lexicon, part, wanted))
            && numerals.iter().all(has_numeral)
            && signs().all(|sign| source.has_token(&sign.text))
    })
}

/// Places of words that count: "two".
fn numerals(lexicon: &Lexicon, part: &ReadText) -> Vec<usize> {
    let is_numeral = |at: &usize| lexicon.role_at(&part.tokens, *at, Role::Numerals).is_some();
    (0..part.tokens.len()).filter(is_numeral).collect()
}

/// Whether the texts have each word that says how far something goes: "only", "safe", "always".
/// "Ideal for" stands for "good for".
fn has_words(lexicon: &Lexicon, sources: &[&Source], part: &ReadText) -> bool {
    let has_use = sources.iter().any(|source| lexicon.has_role(&source.text.tokens, Role::Use));
    let mut at = 0;
    while at < part.tokens.len() {
        if let Some(n) = lexicon.role_at(&part.tokens, at, Role::Use).filter(|_| has_use) {
            at += n;
            continue;
        }
        let is_claim = lexicon.role_at(&part.tokens, at, Role::Claims).is_some();
        let is_in_term = part.terms.iter().any(|placed| (placed.start..placed.end).contains(&at));
        let word = &part.tokens[at].text;
        if is_claim && !is_in_term && !sources.iter().any(|source| source.has_token(word)) {
            return false;
        }
        at += 1;
    }
    true
}

impl Source {
    /// Whether it denies anything.
    fn denies(&self, lexicon: &Lexicon) -> bool {
        self.is_no
            || self.text.has_negation(lexicon)
            || self.origin == TextOrigin::Attribute && self.name.has_negation(lexicon)
    }
}
