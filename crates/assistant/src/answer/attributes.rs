//! What an attribute says to a question.

use crate::digest::TextOrigin;
use crate::lexicon::{Lexicon, PlacedTerm, PropertyId, Role, Term};
use crate::quantities::Quantity;
use crate::question::{ProductQuestion, QuestionForm, QuestionTerm};
use crate::text::{Token, tokens};

use super::matching::{Coverage, best_match};
use super::polarity::says;
use super::{Passage, Quote, QuoteSource, Similarity};

/// What is left of the score of a name of which the question speaks of nothing.
const NAME_SHARE_MIN: f32 = 0.4;
/// What an answer counts that only the value has: "Features: waterproof".
const BY_VALUE: f32 = 0.95;

/// What a word of the name counts that the title has, too: "cable length" of a cable.
const IN_TITLE: f32 = 0.3;
/// What a word of the question counts that the title has, too: it names the product.
const OF_TITLE: f32 = 0.0;
/// What yes or no counts where a value is asked for: "colour: no" says no colour.
const NO_VALUE: f32 = 0.5;

/// An attribute taken apart.
struct Parts {
    name: Vec<PlacedTerm>,
    /// Which of them say little: "type", "number".
    fillers: Vec<bool>,
    value_tokens: Vec<Token>,
    value: Vec<PlacedTerm>,
    quantities: Vec<Quantity>,
}

/// What it takes to match.
pub(super) struct Asked<'a> {
    pub lexicon: &'a Lexicon,
    pub question: &'a ProductQuestion,
    pub title: &'a [PlacedTerm],
    pub category: &'a [PlacedTerm],
    pub similarity: Option<&'a dyn Similarity>,
}

/// How an attribute answers.
#[derive(Default)]
struct NameMatch {
    coverage: Coverage,
    /// Terms of the name that were asked for.
    named: Vec<bool>,
    by_value: Vec<PlacedTerm>,
    n_by_name: usize,
    /// Whether a term is missing without which yes or no would be too much said.
    lacks_term: bool,
}

impl Asked<'_> {
    /// What a term counts here: little where it names the product, as the title does, and
    /// something else is asked, too.
    pub fn weight(&self, asked: &QuestionTerm) -> f32 {
        let names = |asked: &QuestionTerm| {
            matches!(asked.term, Term::Word(_)) && best_match(asked, self.title, None).is_some()
        };
        let asks_else = self.question.terms.iter().any(|other| !names(other) && other.weight > 0.5);
        match names(asked) && (asks_else || !self.question.quantities.is_empty()) {
            true => asked.weight.min(OF_TITLE),
            false => asked.weight,
        }
    }

    /// Whether a text that does not have a term says neither yes nor no: "is the *hood*
    /// waterproof?". What names the product may be missing, and words around "it" that are no
    /// thing of their own: "would it *survive* a machine wash".
    pub fn needs(&self, asked: &QuestionTerm) -> bool {
        let names = |terms| best_match(asked, terms, None).is_some();
        match asked.term {
            Term::Property(_) => asked.weight >= 1.0,
            Term::Word(_) if asked.is_subject || names(self.title) || names(self.category) => false,
            Term::Word(_) => {
                asked.weight >= 1.0
                    || self.question.form == QuestionForm::Has
                    || !self.question.refers
            }
        }
    }

    /// What an attribute answers.
    pub fn attribute(&self, index: usize, given: &(String, String)) -> Passage {
        let parts = self.parts(given);
        let quantity = self.quantity_asked(&parts);
        let matched = self.matched(&parts, quantity.is_some());
        let name_share = self.name_share(&parts, &matched);
        let by_name =
            matched.coverage.share() * (NAME_SHARE_MIN + (1.0 - NAME_SHARE_MIN) * name_share);
        let is_choice = self.question.form != QuestionForm::What;
        let by_value = match is_choice && !matched.by_value.is_empty() {
            true => matched.coverage.share() * BY_VALUE,
            false => 0.0,
        };
        let score = if matched.n_by_name > 0 { by_name.max(by_value) } else { by_value };
        let is_flag = self.flag(&parts).is_some();
        let score = if is_flag && self.wants_value() { score * NO_VALUE } else { score };
        let says = self.says(&parts, &matched, quantity.as_ref()).filter(|_| !matched.lacks_term);
        let whole = 0..given.1.len();
        let span = match (matched.by_value.first(), matched.by_value.last()) {
            (Some(first), Some(last)) if by_value >= by_name && first.start <= last.start => {
                parts.value_tokens[first.start].span.start
                    ..parts.value_tokens[last.end - 1].span.end
            }
            _ => whole,
        };
        let quote = Quote {
            source: QuoteSource::Attribute { index },
            origin: TextOrigin::Attribute,
            name: given.0.clone(),
            text: given.1.clone(),
            span,
        };
        let quantity = quantity.or_else(|| parts.quantities.first().copied());
        Passage { quote, score, says, quantity }
    }

    fn parts(&self, given: &(String, String)) -> Parts {
        let name_tokens = tokens(&given.0);
        let value_tokens = tokens(&given.1);
        let name = self.lexicon.terms(&name_tokens);
        let is_filler = |placed: &PlacedTerm| {
            let is_word = matches!(placed.term, Term::Word(_));
            is_word && self.lexicon.role_at(&name_tokens, placed.start, Role::Filler).is_some()
        };
        let mut fillers: Vec<bool> = name.iter().map(is_filler).collect();
        if fillers.iter().all(|is_filler| *is_filler) {
            fillers.fill(false);
        }
        let mut quantities: Vec<Quantity> = self
            .lexicon
            .quantities(&value_tokens)
            .into_iter()
            .map(|placed| placed.quantity)
            .collect();
        // "Weight (kg): 33".
        let unit =
            (0..name_tokens.len()).rev().find_map(|at| self.lexicon.unit_at(&name_tokens, at));
        if let Some((_, dimension, factor)) = unit {
            for quantity in quantities.iter_mut().filter(|quantity| quantity.dimension.is_none()) {
                quantity.dimension = Some(dimension);
                quantity.value *= factor;
                quantity.value_max *= factor;
            }
        }
        let value = self.lexicon.terms(&value_tokens);
        Parts { name, fillers, value_tokens, value, quantities }
    }

    /// The measure of the value that a condition of the question can be held against.
    fn quantity_asked(&self, parts: &Parts) -> Option<Quantity> {
        let wanted = self.question.quantities.first()?.dimension;
        parts.quantities.iter().find(|quantity| quantity.dimension == wanted).copied()
    }

    fn matched(&self, parts: &Parts, has_quantity: bool) -> NameMatch {
        let mut out = NameMatch { named: vec![false; parts.name.len()], ..NameMatch::default() };
        let dimension = self.question.quantities.first().and_then(|quantity| quantity.dimension);
        for asked in &self.question.terms {
            let by_name = best_match(asked, &parts.name, self.similarity);
            let by_name = by_name.or_else(|| implied(asked, &parts.name));
            let by_value = best_match(asked, &parts.value, self.similarity);
            let weight = self.weight(asked);
            match (by_name, by_value) {
                (Some((placed, how_well)), None) => {
                    out.coverage.add(weight, how_well);
                    out.n_by_name += 1;
                    mark(&mut out.named, &parts.name, placed);
                }
                (by_name, Some((placed, how_well))) => {
                    out.coverage.add(weight, how_well);
                    out.by_value.push(placed.clone());
                    if let Some((placed, _)) = by_name {
                        out.n_by_name += 1;
                        mark(&mut out.named, &parts.name, placed);
                    }
                }
                (None, None) => {
                    out.coverage.add(weight, 0.0);
                    out.lacks_term |= self.needs(asked);
                }
            }
        }
        if !self.question.quantities.is_empty() {
            out.coverage.add(1.0, f32::from(u8::from(has_quantity)));
            for (named, placed) in out.named.iter_mut().zip(&parts.name) {
                *named |= has_quantity && measures(self.lexicon, placed, dimension);
            }
        }
        out
    }

    /// The share of the name that the question speaks of; what the title says counts as said.
    fn name_share(&self, parts: &Parts, matched: &NameMatch) -> f32 {
        let mut coverage = Coverage::default();
        for (at, placed) in parts.name.iter().enumerate() {
            let is_in_title = || match &placed.term {
                Term::Word(word) if !word.starts_with(|c: char| c.is_ascii_digit()) => {
                    self.title.iter().any(|own| own.term == placed.term)
                }
                _ => false,
            };
            match matched.named[at] {
                true => coverage.add(1.0, 1.0),
                false if parts.fillers[at] => {}
                false if is_in_title() => coverage.add(IN_TITLE, 0.0),
                false => coverage.add(1.0, 0.0),
            }
        }
        coverage.share()
    }

    /// A value that is yes or no.
    fn flag(&self, parts: &Parts) -> Option<bool> {
        let is_only = |role| self.lexicon.is_only(&parts.value_tokens, &[role]);
        match (is_only(Role::Yes), is_only(Role::No)) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        }
    }

    /// Whether the question asks which value a property has, of those that have any.
    fn wants_value(&self) -> bool {
        let has_value = |asked: &QuestionTerm| match asked.term {
            Term::Property(id) => {
                let property = self.lexicon.property(id);
                property.has_values || property.dimension.is_some()
            }
            Term::Word(_) => false,
        };
        self.question.form == QuestionForm::What && self.question.terms.iter().any(has_value)
    }

    /// Whether the value says yes or no to the question.
    fn says(
        &self,
        parts: &Parts,
        matched: &NameMatch,
        quantity: Option<&Quantity>,
    ) -> Option<bool> {
        if let Some(wanted) = self.question.quantities.first() {
            return quantity.and_then(|quantity| quantity.meets(wanted));
        }
        if let Some(is_so) = self.flag(parts) {
            let denies = parts.name.iter().any(|placed| placed.denies);
            return Some(is_so != denies);
        }
        let of_value = || {
            let mut all = matched
                .by_value
                .iter()
                .map(|placed| says(self.lexicon, &parts.value_tokens, placed));
            let first = all.next()?;
            if all.all(|says| says == first) { first } else { Some(false) }
        };
        match (matched.by_value.is_empty(), self.question.form) {
            (false, _) => of_value(),
            // "Does it have leather?" of a material that is another.
            (true, QuestionForm::Has)
                if self.question.terms.iter().any(|asked| asked.value_of.is_some()) =>
            {
                None
            }
            (true, QuestionForm::Has) => {
                // "0 g" is none; "not included, sold separately" is for the reader to judge.
                let is_none = parts.quantities.iter().any(|quantity| quantity.value_max == 0.0);
                let has =
                    |at: usize, role| self.lexicon.role_at(&parts.value_tokens, at, role).is_some();
                let denies = (0..parts.value_tokens.len())
                    .any(|at| has(at, Role::Negation) || has(at, Role::NegationAfter));
                if denies { None } else { Some(!is_none) }
            }
            _ => None,
        }
    }
}

/// "Is it black?" is about the colour, whatever it is.
fn implied<'t>(asked: &QuestionTerm, name: &'t [PlacedTerm]) -> Option<(&'t PlacedTerm, f32)> {
    let id = asked.value_of?;
    name.iter().find(|placed| placed.term == Term::Property(id)).map(|placed| (placed, 1.0))
}

fn mark(named: &mut [bool], name: &[PlacedTerm], placed: &PlacedTerm) {
    for (named, own) in named.iter_mut().zip(name) {
        *named |= own.term == placed.term;
    }
}

fn measures(
    lexicon: &Lexicon,
    placed: &PlacedTerm,
    dimension: Option<crate::lexicon::Dimension>,
) -> bool {
    let of = |id: PropertyId| lexicon.property(id);
    matches!(placed.term, Term::Property(id) if of(id).dimension == dimension || of(id).name == "size")
}
