//! What a sentence says to a question.

use std::ops::Range;

use crate::digest::TextOrigin;
use crate::lexicon::{Dimension, Meaning, PlacedTerm, PropertyId, Role, Term};
use crate::quantities::{PlacedQuantity, Quantity};
use crate::question::{QuestionForm, QuestionTerm};
use crate::text::{Token, tokens};

use super::attributes::Asked;
use super::matching::{Coverage, best_match};
use super::polarity::{is_of_person, says};
use super::{Passage, Quote, QuoteSource};

/// What a sentence counts that speaks of what is asked, and has no value of it.
const WITHOUT_VALUE: f32 = 0.5;
/// What it counts where no value can be told from other words.
const MENTIONED: f32 = 0.85;
/// What the word of a buyer counts beside the shop's.
const REVIEW: f32 = 0.95;
/// What a bare value in a review counts: "looks good with my black jeans".
const REVIEW_VALUE: f32 = 0.6;

/// What a value counts that the product's name has, too: "our Crimson Tide sneaker".
const NAMED: f32 = 0.95;

/// A sentence taken apart.
struct Parts {
    tokens: Vec<Token>,
    terms: Vec<PlacedTerm>,
    quantities: Vec<PlacedQuantity>,
    origin: TextOrigin,
}

/// What of a sentence matches.
#[derive(Default)]
struct SentenceMatch {
    coverage: Coverage,
    /// What says yes or no.
    matched: Vec<PlacedTerm>,
    /// Tokens that have the value asked for.
    value: Option<Range<usize>>,
    quantity: Option<Quantity>,
    /// Whether the value is a part of the product's name.
    is_title_value: bool,
    /// Whether a value was looked for.
    needs_value: bool,
    /// Whether a term is missing without which yes or no would be too much said.
    lacks_term: bool,
}

impl Asked<'_> {
    /// What a sentence answers, or the title.
    pub fn sentence(&self, source: QuoteSource, origin: TextOrigin, text: &str) -> Passage {
        let tokens = tokens(text);
        let terms = self.lexicon.terms(&tokens);
        let quantities = self.lexicon.quantities(&tokens);
        let parts = Parts { tokens, terms, quantities, origin };
        let mut found = SentenceMatch::default();
        for asked in &self.question.terms {
            self.match_term(&parts, asked, &mut found);
        }
        let meets = self.match_quantity(&parts, &mut found);
        let mut score = found.coverage.share();
        if self.question.form == QuestionForm::What {
            score *= match (found.needs_value, &found.value) {
                (true, None) => WITHOUT_VALUE,
                (true, Some(_)) if found.is_title_value => NAMED,
                (true, Some(_)) => 1.0,
                (false, _) => MENTIONED,
            };
        }
        if origin == TextOrigin::Review {
            score *= REVIEW;
        }
        let is_choice = self.question.form != QuestionForm::What;
        let says = if self.question.quantities.is_empty() {
            self.polarity(&parts, &found).filter(|_| is_choice)
        } else {
            meets
        };
        let says = says.filter(|_| !found.lacks_term);
        let place = |range: Range<usize>| {
            parts.tokens[range.start].span.start..parts.tokens[range.end - 1].span.end
        };
        let first = found.matched.first().map(|placed| placed.start..placed.end);
        let span = found.value.or(first).map_or(0..text.len(), place);
        let quote = Quote { source, origin, name: String::new(), text: text.to_owned(), span };
        Passage { quote, score, says, quantity: found.quantity }
    }

    fn match_term(&self, parts: &Parts, asked: &QuestionTerm, found: &mut SentenceMatch) {
        let direct = best_match(asked, &parts.terms, self.similarity);
        let Term::Property(id) = asked.term else {
            match direct {
                Some((placed, how_well)) => {
                    found.coverage.add(self.weight(asked), how_well);
                    found.matched.push(placed.clone());
                }
                None => {
                    found.coverage.add(self.weight(asked), 0.0);
                    found.lacks_term |= self.needs(asked);
                }
            }
            return;
        };
        let property = self.lexicon.property(id);
        let spoken = direct.map(|(placed, _)| placed.clone()).or_else(|| self.spoken(parts, id));
        let value = self.value(parts, id);
        let measure = property.dimension.and_then(|dimension| {
            let placed = spoken.as_ref()?;
            self.measure(parts, placed, dimension)
        });
        found.needs_value |= property.has_values || property.dimension.is_some();
        // The name of what is bought says what it is made of; "colour me happy" says no colour.
        let how_well = match (&spoken, &value) {
            (Some(_), _) => 1.0,
            (None, Some(_)) if parts.origin == TextOrigin::Review => REVIEW_VALUE,
            (None, Some(_)) => 1.0,
            (None, None) => 0.0,
        };
        found.coverage.add(asked.weight, how_well);
        found.lacks_term |= how_well == 0.0 && self.needs(asked);
        if let Some(measure) = measure {
            found.value = Some(measure.start..measure.end);
            found.quantity = Some(measure.quantity);
        } else if let Some(value) = value {
            found.is_title_value |= self.is_in_title(parts, &value);
            found.value.get_or_insert(value);
        }
        found.matched.extend(spoken);
    }

    /// Where a sentence speaks of a property without its name: "crafted from".
    fn spoken(&self, parts: &Parts, id: PropertyId) -> Option<PlacedTerm> {
        (0..parts.tokens.len()).find_map(|start| {
            let wanted = |meaning| meaning == Meaning::Speaks(id);
            let (n, _) = self.lexicon.at(&parts.tokens, start, &wanted)?;
            let term = Term::Property(id);
            Some(PlacedTerm { term, start, end: start + n, value_of: None, denies: false })
        })
    }

    /// The tokens from the first value of a property to the last.
    fn value(&self, parts: &Parts, id: PropertyId) -> Option<Range<usize>> {
        let wanted = |meaning| meaning == Meaning::Value(id);
        let values = (0..parts.tokens.len())
            .filter_map(|at| Some((at, self.lexicon.at(&parts.tokens, at, &wanted)?.0)));
        values.fold(None, |range: Option<Range<usize>>, (at, n)| {
            Some(range.map_or(at, |range| range.start)..at + n)
        })
    }

    /// Whether all words of some tokens are words of the title, in a text that is not the title.
    fn is_in_title(&self, parts: &Parts, range: &Range<usize>) -> bool {
        let mut own = parts.terms.iter().filter(|placed| range.contains(&placed.start));
        parts.origin != TextOrigin::Title
            && own.all(|placed| self.title.iter().any(|known| known.term == placed.term))
    }

    /// The measure nearest to where a property is spoken of, unless a buyer measures themselves.
    fn measure(
        &self,
        parts: &Parts,
        spoken: &PlacedTerm,
        dimension: Dimension,
    ) -> Option<PlacedQuantity> {
        let is_personal = parts.origin == TextOrigin::Review
            && is_of_person(self.lexicon, &parts.tokens, spoken.start);
        let measures = parts.quantities.iter().filter(|q| q.quantity.dimension == Some(dimension));
        measures.filter(|_| !is_personal).min_by_key(|q| q.start.abs_diff(spoken.start)).copied()
    }

    /// Whether a measure of the sentence meets the one of the question.
    fn match_quantity(&self, parts: &Parts, found: &mut SentenceMatch) -> Option<bool> {
        let wanted = self.question.quantities.first()?;
        let mut own = parts.quantities.iter().filter(|q| q.quantity.dimension == wanted.dimension);
        let measure = own.next().filter(|measure| {
            parts.origin != TextOrigin::Review
                || !is_of_person(self.lexicon, &parts.tokens, measure.start)
        });
        found.coverage.add(1.0, f32::from(u8::from(measure.is_some())));
        // Which of several measures is meant, the reader sees.
        let is_one_of_several = own.next().is_some();
        let measure = measure?;
        found.value = Some(measure.start..measure.end);
        found.quantity = Some(measure.quantity);
        measure.quantity.meets(wanted).filter(|_| !is_one_of_several)
    }

    /// Whether the sentence says that what is asked is so: nothing of it may be denied.
    fn polarity(&self, parts: &Parts, found: &SentenceMatch) -> Option<bool> {
        let all: Vec<Option<bool>> =
            found.matched.iter().map(|placed| says(self.lexicon, &parts.tokens, placed)).collect();
        // "Say that it is waterproof" says nothing of it.
        let is_order = self.lexicon.has_role(&parts.tokens, Role::Orders);
        if is_order || all.is_empty() || all.contains(&None) {
            return None;
        }
        Some(!all.contains(&Some(false)))
    }
}
