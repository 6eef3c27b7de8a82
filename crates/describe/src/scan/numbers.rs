//! Numbers of a text with what they measure or count.

use std::ops::Range;
use std::sync::LazyLock;

use vitrine_assistant::{Dimension, Lexicon, QuantityBound, TextMeasure};

use super::ScannedText;
use super::mentions::PlacedPhrases;
use crate::text::{Token, TokenKind};
use crate::vocabulary::{ConceptId, ConceptKind, VOCABULARY, WordList};

/// What a number is a number of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NumberUnit {
    /// Nothing that is known: a count, a name, a year.
    Plain,
    Percent,
    Money,
    Measure(Dimension),
    Fahrenheit,
}

/// A number in a text.
#[derive(Clone, Debug)]
pub(crate) struct NumberMention {
    /// Bytes of the text as it is read.
    pub span: Range<usize>,
    /// In basic units.
    pub value: f64,
    pub unit: NumberUnit,
    /// Basic units in one of the unit that is written.
    pub factor: f64,
    /// What the last digit that is written stands for, in basic units.
    pub step: f64,
    pub bound: QuantityBound,
    /// What it measures or counts, by the words beside it.
    pub contexts: Vec<ConceptId>,
    /// What it is a share of: "60 % cotton".
    pub materials: Vec<ConceptId>,
    /// The words right beside it that say something.
    pub neighbours: Vec<String>,
    /// Concepts right beside it, and of the name before a colon: "Bluetooth: 5.3".
    pub beside: Vec<ConceptId>,
    /// The digits and the word behind them as one: "18 V" is "18v".
    pub joined: String,
}

/// Tokens between a number and the word that says what it is of.
const CONTEXT_WORDS_MAX: usize = 4;
/// Tokens between a share and what it is a share of.
const SHARE_WORDS_MAX: usize = 2;
/// Signs of currencies.
const CURRENCY_SIGNS: [char; 7] = ['$', '€', '£', '¥', '₹', '₽', '₩'];
/// What follows the number in "6er-Set".
const GERMAN_COUNT_ENDING: &str = "er";

static LEXICON: LazyLock<Lexicon> = LazyLock::new(Lexicon::new);

/// Runs of letters and digits, with their bytes.
pub(super) type Codes = Vec<(Range<usize>, String)>;

/// The numbers of a text, and what has digits and is none of them.
pub(super) fn numbers(text: &ScannedText, phrases: &PlacedPhrases) -> (Vec<NumberMention>, Codes) {
    let reader = NumberReader { text, phrases };
    let mut numbers: Vec<NumberMention> = Vec::new();
    let mut covered: Vec<Range<usize>> = Vec::new();
    for measure in LEXICON.measures(&text.reading.text) {
        if let Some(found) = reader.read(&measure) {
            covered.push(measure.span);
            numbers.extend(found);
        }
    }
    share_units(&text.reading.text, &mut numbers);
    let is_covered = |token: &Token| {
        covered.iter().any(|span| span.start < token.span.end && span.end > token.span.start)
    };
    let codes = text.tokens.iter().filter(|token| has_digit(&token.word) && !is_covered(token));
    (numbers, codes.map(|token| (token.span.clone(), token.word.clone())).collect())
}

/// Whether a word has a digit or another number sign; the signs of squares and cubes are units.
fn has_digit(word: &str) -> bool {
    word.chars().any(|c| c.is_numeric() && !matches!(c, '²' | '³'))
}

/// "20 × 30 cm": the unit behind the last number is that of all.
fn share_units(text: &str, numbers: &mut [NumberMention]) {
    for at in (1..numbers.len()).rev() {
        let (left, right) = numbers.split_at_mut(at);
        let (Some(before), Some(after)) = (left.last_mut(), right.first()) else { continue };
        let between = text.get(before.span.end..after.span.start).map(str::trim);
        let is_measure = matches!(after.unit, NumberUnit::Measure(_));
        if between == Some("×") && before.unit == NumberUnit::Plain && is_measure {
            before.value *= after.factor;
            before.step *= after.factor;
            (before.factor, before.unit) = (after.factor, after.unit);
            before.contexts = after.contexts.clone();
        }
    }
}

struct NumberReader<'a> {
    text: &'a ScannedText,
    phrases: &'a PlacedPhrases,
}

impl NumberReader<'_> {
    /// The one or two numbers of a measure; `None` where its digits are part of a code.
    fn read(&self, measure: &TextMeasure) -> Option<Vec<NumberMention>> {
        let raw = &self.text.reading.text;
        let written = digit_runs(raw, measure.span.clone());
        let first = written.first()?.clone();
        let tokens = self.tokens_of(measure.span.clone());
        let is_plain = measure.quantity.dimension.is_none();
        if is_plain && self.is_in_code(&first) {
            return None;
        }
        let unit = self.unit(measure, &tokens);
        let number = plain_value(&raw[first.clone()]);
        let factor = match number {
            Some(number) if number != 0.0 => measure.quantity.value / number,
            _ => 1.0,
        };
        let is_negative = is_minus(&raw[..first.start]);
        let mention = |value: f64, digits: &str| NumberMention {
            span: measure.span.clone(),
            value: if is_negative { -value } else { value },
            unit,
            factor,
            step: factor / 10f64.powi(decimals(digits)),
            bound: measure.quantity.bound,
            contexts: self.contexts(&tokens, is_plain),
            materials: self.materials(&tokens),
            neighbours: self.neighbours(&tokens),
            beside: self.beside(&tokens),
            joined: format!("{digits}{}", self.text.word(tokens.end).unwrap_or_default()),
        };
        let mut found = vec![mention(measure.quantity.value, &raw[first])];
        if let Some(last) =
            written.get(1).filter(|_| measure.quantity.value_max > measure.quantity.value)
        {
            found.push(mention(measure.quantity.value_max, &raw[last.clone()]));
        }
        Some(found)
    }

    /// Whether letters follow digits so that both are one word: "4K". "6er" is no code.
    fn is_in_code(&self, digits: &Range<usize>) -> bool {
        let token = self.text.tokens.iter().find(|token| token.span.contains(&digits.start));
        token.is_some_and(|token| {
            let word = token.word.strip_suffix(GERMAN_COUNT_ENDING).unwrap_or(&token.word);
            token.kind == TokenKind::Word
                && word.chars().any(|c| !c.is_ascii_digit() && c != '.' && c != ',')
        })
    }

    /// The tokens that have bytes of a span.
    fn tokens_of(&self, span: Range<usize>) -> Range<usize> {
        let tokens = &self.text.tokens;
        let start =
            tokens.iter().position(|token| token.span.end > span.start).unwrap_or(tokens.len());
        let end =
            tokens.iter().rposition(|token| token.span.start < span.end).map_or(start, |at| at + 1);
        start..end.max(start)
    }

    fn unit(&self, measure: &TextMeasure, tokens: &Range<usize>) -> NumberUnit {
        let raw = &self.text.reading.text;
        let after = raw[measure.span.end..].trim_start();
        let before = raw[..measure.span.start].trim_end();
        let next = self.text.word(tokens.end);
        match measure.quantity.dimension {
            Some(Dimension::Temperature) if after.starts_with(['F', 'f']) => NumberUnit::Fahrenheit,
            Some(dimension) => NumberUnit::Measure(dimension),
            None if after.starts_with('%') => NumberUnit::Percent,
            None if next.is_some_and(|next| VOCABULARY.is_percent(next)) => NumberUnit::Percent,
            None if after.starts_with(CURRENCY_SIGNS) || before.ends_with(CURRENCY_SIGNS) => {
                NumberUnit::Money
            }
            None if self.is_money(tokens.end)
                || tokens.start > 0 && self.is_money(tokens.start - 1) =>
            {
                NumberUnit::Money
            }
            None => NumberUnit::Plain,
        }
    }

    fn is_money(&self, at: usize) -> bool {
        let money = VOCABULARY.concept("money");
        self.phrase_at(at).any(|concept| Some(concept) == money)
    }

    /// Concepts of the phrase that a token is part of.
    fn phrase_at(&self, at: usize) -> impl Iterator<Item = ConceptId> {
        let phrase = self.phrases.iter().find(|(range, _)| range.contains(&at));
        phrase.into_iter().flat_map(|(_, found)| found.concepts.iter().copied())
    }

    fn contexts_at(&self, at: usize, is_plain: bool) -> Vec<ConceptId> {
        let is_wanted = |concept: &ConceptId| match VOCABULARY.kind(*concept) {
            ConceptKind::Measured => true,
            ConceptKind::Counted => is_plain,
            _ => false,
        };
        self.phrase_at(at).filter(is_wanted).collect()
    }

    /// What a number is of: the word right behind or before it, else one of its clause, else what
    /// stands before the colon.
    fn contexts(&self, tokens: &Range<usize>, is_plain: bool) -> Vec<ConceptId> {
        let clause = self.text.clause(tokens.start.min(self.text.tokens.len().saturating_sub(1)));
        let is_free = |at: &usize| !self.text.tokens[*at].word.chars().any(|c| c.is_ascii_digit());
        let after: Vec<usize> =
            (tokens.end..clause.end).take(CONTEXT_WORDS_MAX).take_while(is_free).collect();
        let before: Vec<usize> = (clause.start..tokens.start)
            .rev()
            .take(CONTEXT_WORDS_MAX)
            .take_while(is_free)
            .collect();
        let named = self.name_before(&clause);
        let first = |places: &[usize]| {
            places.iter().map(|at| self.contexts_at(*at, is_plain)).find(|found| !found.is_empty())
        };
        let inside: Vec<usize> = tokens.clone().collect();
        let near: Vec<&[usize]> = match is_plain {
            true => vec![&after, &before],
            false => vec![
                &inside,
                &after[..after.len().min(1)],
                &before[..before.len().min(1)],
                &before,
                &after,
            ],
        };
        // A classifier stands before what is counted: 三个口袋.
        let all = |places: &[usize]| -> Vec<ConceptId> {
            places.iter().flat_map(|at| self.contexts_at(*at, is_plain)).collect()
        };
        let counted = if is_plain { all(&after) } else { Vec::new() };
        if !counted.is_empty() {
            return counted;
        }
        near.into_iter().find_map(first).or_else(|| first(&named)).unwrap_or_default()
    }

    /// The tokens of a name that a colon parts from a clause, the last first.
    fn name_before(&self, clause: &Range<usize>) -> Vec<usize> {
        let colon = clause.start.checked_sub(1);
        let colon = colon.filter(|at| self.text.tokens[*at].kind == TokenKind::Colon);
        let name = colon.map(|at| self.text.clause(at.saturating_sub(1)).start..at);
        name.into_iter().flatten().rev().collect()
    }

    fn beside(&self, tokens: &Range<usize>) -> Vec<ConceptId> {
        let clause = self.text.clause(tokens.start.min(self.text.tokens.len().saturating_sub(1)));
        let beside = [tokens.start.checked_sub(1), Some(tokens.end)].into_iter().flatten();
        let concepts = beside.chain(self.name_before(&clause)).flat_map(|at| self.phrase_at(at));
        concepts.filter(|concept| !VOCABULARY.kind(*concept).is_context()).collect()
    }

    fn materials(&self, tokens: &Range<usize>) -> Vec<ConceptId> {
        let of = |at: usize| -> Vec<ConceptId> {
            let is_material = |concept: &ConceptId| {
                matches!(VOCABULARY.kind(*concept), ConceptKind::Material | ConceptKind::Substance)
            };
            let is_said = self.text.tokens.get(at).is_some_and(Token::is_said);
            self.phrase_at(at).filter(|concept| is_said && is_material(concept)).collect()
        };
        let clause = self.text.clause(tokens.start.min(self.text.tokens.len().saturating_sub(1)));
        // A percent sign may be a word, and "of" may stand there, too.
        let after = (tokens.end..clause.end).take(SHARE_WORDS_MAX + 1);
        let before = (clause.start..tokens.start).rev().take(SHARE_WORDS_MAX);
        let at_colon = clause.start.checked_sub(2).filter(|_| tokens.start == clause.start);
        after
            .chain(before)
            .chain(at_colon)
            .map(of)
            .find(|found| !found.is_empty())
            .unwrap_or_default()
    }

    fn neighbours(&self, tokens: &Range<usize>) -> Vec<String> {
        let clause = self.text.clause(tokens.start.min(self.text.tokens.len().saturating_sub(1)));
        let beside = [tokens.start.checked_sub(1), Some(tokens.end)].into_iter().flatten();
        let words = beside.chain(self.name_before(&clause)).filter_map(|at| self.text.word(at));
        let small = VOCABULARY.list(WordList::SmallWords);
        words.filter(|word| !small.has(word)).map(str::to_owned).collect()
    }
}

/// The digits of a span, with points and commas between them.
fn digit_runs(text: &str, span: Range<usize>) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (at, c) in text[span.clone()].char_indices().map(|(at, c)| (span.start + at, c)) {
        let is_behind = found.last().is_some_and(|last| last.end == at);
        let is_mark = matches!(c, '.' | ',')
            && is_behind
            && text[at + 1..].starts_with(|c: char| c.is_ascii_digit());
        match (c.is_ascii_digit() || is_mark, found.last_mut()) {
            (true, Some(last)) if is_behind => last.end = at + 1,
            (true, _) => found.push(at..at + 1),
            _ => {}
        }
    }
    found
}

/// What digits mean, as the assistant reads them.
fn plain_value(digits: &str) -> Option<f64> {
    LEXICON.measures(digits).first().map(|measure| measure.quantity.value)
}

/// Digits behind the mark of a fraction.
fn decimals(digits: &str) -> i32 {
    let Some(value) = plain_value(digits) else { return 0 };
    let is_whole = value.fract() == 0.0 && !digits.contains(".0") && !digits.contains(",0");
    let behind = digits.rfind(['.', ',']).map_or(0, |at| digits.len() - at - 1);
    if is_whole || value >= 1_000.0 && behind == 3 { 0 } else { behind.min(9) as i32 }
}

/// Whether a text ends with the sign of a negative number, and not with a dash: "5-7", "5 -7".
fn is_minus(before: &str) -> bool {
    let rest = before.strip_suffix(['-', '−']);
    rest.is_some_and(|rest| {
        !rest.ends_with(char::is_alphanumeric)
            && !rest.trim_end().ends_with(|c: char| c.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::super::Scan;
    use super::*;

    #[test]
    fn numbers_know_what_they_are_of() {
        let concept = |name| VOCABULARY.concept(name).unwrap();
        let scan = Scan::new("30 cm long and 20 cm wide", None);
        let contexts: Vec<_> = scan.numbers.iter().map(|number| number.contexts.clone()).collect();
        assert_eq!(contexts, [[concept("length")], [concept("width")]]);
        let scan = Scan::new("Pockets: 4", None);
        assert_eq!(scan.numbers[0].contexts, [concept("pocket")]);
        let scan = Scan::new("60 % Baumwolle, 40% polyester", None);
        let shares: Vec<_> = scan.numbers.iter().map(|number| number.materials.clone()).collect();
        assert_eq!(shares, [[concept("cotton")], [concept("polyester")]]);
        assert!(scan.numbers.iter().all(|number| number.unit == NumberUnit::Percent));
    }

    #[test]
    fn units_are_shared_and_codes_are_none() {
        let scan = Scan::new("20 x 30 cm, M8, 4K, 6er-Set, 1.8kg, €20", None);
        let values: Vec<f64> = scan.numbers.iter().map(|number| number.value).collect();
        assert_eq!(values, [200.0, 300.0, 6.0, 1_800.0, 20.0]);
        let codes: Vec<&str> = scan.codes.iter().map(|(_, code)| code.as_str()).collect();
        assert_eq!(codes, ["m8", "4k"]);
        assert_eq!(scan.numbers[4].unit, NumberUnit::Money);
    }
}
