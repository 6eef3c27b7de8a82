//! Reads what a question is about.

use vitrine_domain::limits::QUERY_CHARS_MAX;

use crate::lexicon::{Dimension, Lexicon, PropertyId, Role, Term};
use crate::quantities::Quantity;
use crate::text::{Token, TokenKind, tokens};

use super::form::form;

/// Things that a question can be about; what comes after them is not read.
const TERMS_MAX: usize = 12;
/// What the name of the product itself, and words such as "type" and "number", count beside what
/// is asked.
const SUBJECT_WEIGHT: f32 = 0.25;
/// What "fits" counts beside what it has to fit.
const RELATION_WEIGHT: f32 = 0.3;
/// What all words together count that only stand around the property that is asked for.
const LOOSE_WEIGHT: f32 = 0.3;
/// Words within which "the …" names the product: "is the bag".
const SUBJECT_TOKENS_MAX: usize = 3;

/// What kind of answer a question wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuestionForm {
    /// "Is it waterproof?"
    YesNo,
    /// "Does it have pockets?"
    Has,
    /// "How heavy is it?"
    What,
}

/// One thing that a question is about.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct QuestionTerm {
    pub term: Term,
    /// The property that the word is a value of.
    pub value_of: Option<PropertyId>,
    /// What it counts, 1 for most.
    pub weight: f32,
    /// Its first token.
    pub at: usize,
    /// Whether it only says which product is meant: "this tent".
    pub is_subject: bool,
}

/// A question about a product, read.
#[derive(Clone, Debug, PartialEq)]
pub struct ProductQuestion {
    /// As it was typed.
    pub text: String,
    /// How it is meant.
    pub form: QuestionForm,
    /// Numbers with units that the answer has to meet.
    pub quantities: Vec<Quantity>,
    pub(crate) terms: Vec<QuestionTerm>,
    /// Whether a word points at the product: "it", "this".
    pub(crate) refers: bool,
}

impl ProductQuestion {
    /// What it is about, for people: names of properties and words without endings.
    pub fn about(&self, lexicon: &Lexicon) -> Vec<String> {
        let name = |asked: &QuestionTerm| match &asked.term {
            Term::Property(id) => lexicon.property(*id).name.to_owned(),
            Term::Word(word) => word.clone(),
        };
        self.terms.iter().map(name).collect()
    }

    /// Whether it is about some product that it names, and points at none that is there: "which
    /// tents are waterproof?"
    pub(crate) fn speaks_of_another(&self, lexicon: &Lexicon) -> bool {
        let names = |asked: &QuestionTerm| {
            let is_word = matches!(&asked.term, Term::Word(_));
            let role = |role| lexicon.has_role(&tokens(&self.text)[asked.at..=asked.at], role);
            is_word && !asked.is_subject && !role(Role::Filler) && !role(Role::Colloquial)
        };
        !self.refers && self.form != QuestionForm::YesNo && self.terms.iter().any(names)
    }

    /// Whether it is about a property and nothing else.
    pub(crate) fn is_about(&self, id: PropertyId) -> bool {
        let mut terms = self.terms.iter().filter(|asked| asked.weight > SUBJECT_WEIGHT);
        terms.next().is_some_and(|asked| asked.term == Term::Property(id))
            && terms.all(|asked| asked.term == Term::Property(id))
    }
}

/// Reads a question about a product, in English, German or Chinese. Whatever the text says,
/// there is a reading: one of which nothing is understood is about nothing, and has no answer.
/// Of a longer text than a search may be, the beginning is read.
pub fn read_question(lexicon: &Lexicon, text: &str) -> ProductQuestion {
    let end = text.char_indices().nth(QUERY_CHARS_MAX).map_or(text.len(), |(at, _)| at);
    let text = &text[..end];
    let tokens = lexicon.mended(tokens(text));
    let measures: Vec<_> = lexicon
        .quantities(&tokens)
        .into_iter()
        .filter(|placed| placed.quantity.dimension.is_some())
        .collect();
    let is_measure =
        |at: usize| measures.iter().any(|placed| (placed.start..placed.end).contains(&at));
    let stated = form(lexicon, text, &tokens);
    let mut terms: Vec<QuestionTerm> = Vec::new();
    for placed in lexicon.terms(&tokens) {
        let is_known = terms.iter().any(|known| known.term == placed.term);
        if is_measure(placed.start) || is_known || terms.len() == TERMS_MAX {
            continue;
        }
        let is_word = matches!(placed.term, Term::Word(_));
        let is_subject = is_word && names_product(lexicon, &tokens, placed.start, stated);
        let is_filler = is_word && lexicon.role_at(&tokens, placed.start, Role::Filler).is_some();
        let weight = if is_subject || is_filler { SUBJECT_WEIGHT } else { 1.0 };
        terms.push(QuestionTerm {
            term: placed.term,
            value_of: placed.value_of,
            weight,
            at: placed.start,
            is_subject: is_word && is_pointed_at(lexicon, &tokens, placed.start) || is_filler,
        });
    }
    let quantities: Vec<Quantity> = measures.iter().map(|placed| placed.quantity).collect();
    imply_property(lexicon, &quantities, &mut terms);
    imply_measured(lexicon, &tokens, &mut terms);
    loosen(lexicon, &tokens, &mut terms);
    let compatibility = lexicon.property_named("compatibility").map(Term::Property);
    let n_others = terms.len() + quantities.len();
    for asked in terms.iter_mut().filter(|asked| Some(&asked.term) == compatibility.as_ref()) {
        asked.weight = if n_others > 1 { RELATION_WEIGHT } else { 1.0 };
    }
    let form = stated.unwrap_or_else(|| unstated(lexicon, &terms));
    let refers = lexicon.has_role(&tokens, Role::Refers);
    ProductQuestion { text: text.to_owned(), form, quantities, terms, refers }
}

/// Whether a word stands where the product is named: "is this tent …", "can the pan …".
fn names_product(
    lexicon: &Lexicon,
    tokens: &[Token],
    at: usize,
    form: Option<QuestionForm>,
) -> bool {
    let Some(before) = at.checked_sub(1) else { return false };
    if is_pointed_at(lexicon, tokens, at) {
        return true;
    }
    let is_article = matches!(tokens[before].whole.as_str(), "the" | "der" | "die" | "das");
    let asks = matches!(form, Some(QuestionForm::YesNo | QuestionForm::Has));
    is_article && asks && at < SUBJECT_TOKENS_MAX
}

/// Whether the word before points: "this tent".
fn is_pointed_at(lexicon: &Lexicon, tokens: &[Token], at: usize) -> bool {
    let before = at.checked_sub(1);
    before.is_some_and(|before| lexicon.role_at(tokens, before, Role::Determiner) == Some(1))
}

/// "Is it under 2 kg?" is about its weight.
fn imply_property(lexicon: &Lexicon, quantities: &[Quantity], terms: &mut Vec<QuestionTerm>) {
    if terms.iter().any(|asked| asked.weight > SUBJECT_WEIGHT) {
        return;
    }
    let name = match quantities.first().and_then(|quantity| quantity.dimension) {
        Some(Dimension::Mass) => "weight",
        Some(Dimension::Volume) => "capacity",
        Some(Dimension::Power) => "power",
        _ => return,
    };
    terms.extend(lexicon.property_named(name).map(|id| QuestionTerm {
        term: Term::Property(id),
        value_of: None,
        weight: 1.0,
        at: 0,
        is_subject: false,
    }));
}

/// "How many litres" asks for the capacity: a unit without a number is what it measures.
fn imply_measured(lexicon: &Lexicon, tokens: &[Token], terms: &mut Vec<QuestionTerm>) {
    let measured = terms.iter().enumerate().find_map(|(place, asked)| {
        let is_word = matches!(&asked.term, Term::Word(word) if word.len() > 1);
        let (_, dimension, _) = lexicon.unit_at(tokens, asked.at).filter(|_| is_word)?;
        let name = match dimension {
            Dimension::Mass => "weight",
            Dimension::Volume => "capacity",
            Dimension::Power => "power",
            _ => return None,
        };
        Some((place, lexicon.property_named(name)?))
    });
    let Some((place, id)) = measured else { return };
    if terms.iter().any(|asked| asked.term == Term::Property(id)) {
        terms.remove(place);
    } else if !terms.iter().any(|asked| matches!(asked.term, Term::Property(_))) {
        terms[place].term = Term::Property(id);
    }
}

/// Lets words count little that only stand around the property that is asked for: "would it
/// *survive* a machine wash". Words right before the property, behind "for", and behind an
/// article where something is measured, say of what it is: "*screen* size", "how long is the
/// *strap*".
fn loosen(lexicon: &Lexicon, tokens: &[Token], terms: &mut [QuestionTerm]) {
    let properties: Vec<(PropertyId, usize)> = terms
        .iter()
        .filter_map(|asked| match asked.term {
            Term::Property(id) => Some((id, asked.at)),
            Term::Word(_) => None,
        })
        .collect();
    let relation = lexicon.property_named("compatibility");
    let Some((main, _)) = properties.iter().find(|(id, _)| Some(*id) != relation) else { return };
    let property = lexicon.property(*main);
    let is_measured = property.dimension.is_some() || property.has_values;
    let is_loose = |asked: &QuestionTerm| {
        let before = asked.at.checked_sub(1).map(|at| tokens[at].whole.as_str());
        let is_article = matches!(before, Some("the" | "der" | "die" | "das" | "dem" | "den"));
        let says_of = matches!(before, Some("for" | "fur" | "of"));
        let modifies = properties.iter().any(|(_, at)| *at == asked.at + 1);
        let is_word = matches!(asked.term, Term::Word(_)) && asked.value_of.is_none();
        let is_measured_of = is_measured && is_article;
        is_word && !(modifies || says_of || is_measured_of)
    };
    let n_loose = terms.iter().filter(|asked| is_loose(asked)).count();
    for asked in terms.iter_mut().filter(|asked| is_loose(asked)) {
        asked.weight = asked.weight.min(LOOSE_WEIGHT / n_loose as f32);
    }
}

/// "Waterproof?" wants yes or no, "weight?" a value.
fn unstated(lexicon: &Lexicon, terms: &[QuestionTerm]) -> QuestionForm {
    let is_feature = |id: &PropertyId| {
        let property = lexicon.property(*id);
        property.dimension.is_none() && !property.has_values
    };
    let properties: Vec<PropertyId> = terms
        .iter()
        .filter_map(|asked| match asked.term {
            Term::Property(id) => Some(id),
            Term::Word(_) => None,
        })
        .collect();
    let is_value = matches!(terms, [only] if only.value_of.is_some());
    match is_value || !properties.is_empty() && properties.iter().all(is_feature) {
        true => QuestionForm::YesNo,
        false => QuestionForm::What,
    }
}

impl Token {
    /// Whether it ends a clause.
    pub(crate) fn is_break(&self) -> bool {
        self.kind == TokenKind::Break
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (QuestionForm, Vec<String>) {
        let lexicon = Lexicon::new();
        let question = read_question(&lexicon, text);
        (question.form, question.about(&lexicon))
    }

    #[test]
    fn questions_in_three_languages_are_read() {
        use QuestionForm::{Has, What, YesNo};
        for (text, form, about) in [
            ("Is it waterproof?", YesNo, &["waterproof"][..]),
            ("ist das wasserdicht", YesNo, &["waterproof"]),
            ("这个防水吗？", YesNo, &["waterproof"]),
            ("can I machine wash it", YesNo, &["washable"]),
            ("kann man es waschen?", YesNo, &["washable"]),
            ("能机洗吗", YesNo, &["washable"]),
            ("how heavy is it", What, &["weight"]),
            ("Wie schwer ist es?", What, &["weight"]),
            ("有多重？", What, &["weight"]),
            ("what is it made of", What, &["material"]),
            ("Woraus besteht es?", What, &["material"]),
            ("是什么材质的", What, &["material"]),
            ("which colours are there?", What, &["colour"]),
            ("有哪些颜色", What, &["colour"]),
            ("is it good for running", YesNo, &["run"]),
            ("Does it have pockets?", Has, &["pocket"]),
            ("waterproof?", YesNo, &["waterproof"]),
            ("Can you tell me what the processor frequency is?", What, &["processor", "frequency"]),
            ("is it under 2 kg?", YesNo, &["weight"]),
            ("", What, &[]),
        ] {
            let about = about.iter().map(|&name| name.to_owned()).collect();
            assert_eq!(read(text), (form, about), "{text}");
        }
    }

    #[test]
    fn a_number_with_a_unit_is_a_condition_and_the_product_counts_little() {
        let lexicon = Lexicon::new();
        let question = read_question(&lexicon, "Does this rucksack fit a 13 inch laptop?");
        assert_eq!(question.quantities.len(), 1);
        let weights: Vec<f32> = question.terms.iter().map(|asked| asked.weight).collect();
        assert_eq!(question.about(&lexicon), ["rucksack", "compatibility", "laptop"]);
        assert_eq!(weights, [SUBJECT_WEIGHT, RELATION_WEIGHT, 1.0], "{question:?}");
    }

    #[test]
    fn a_long_text_is_read_to_its_limit() {
        let text = "waterproof ".repeat(1_000);
        assert_eq!(read_question(&Lexicon::new(), &text).text.chars().count(), QUERY_CHARS_MAX);
    }
}
