//! Facts of a product, as a draft may write them.

use std::collections::BTreeSet;

use super::{DESCRIPTION_FACTS_MAX, DraftFragment, VALUE_CHARS_MAX};
use crate::language::ListingLanguage;
use crate::scan::{NumberMention, NumberUnit, Scan};
use crate::sources::{FactSource, ListingSources, VARIANTS_READ_MAX, clipped};
use crate::text::{cleaned, is_quotation_mark, tokens};
use crate::vocabulary::{ConceptKind, VOCABULARY, WordList};
use crate::words::{YesNo, attribute_key, compared, only_concept, yes_no};

/// The sentence that a fact belongs to, in the order in which they are written by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum FactGroup {
    Material,
    Feature,
    Colour,
    Size,
    Measure,
    Detail,
}

/// A fact of a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ListingFact {
    pub group: FactGroup,
    /// What it is a fact about.
    pub name: String,
    /// The name as it is compared.
    pub key: String,
    pub value: String,
    pub source: FactSource,
}

impl ListingFact {
    /// The value, with its source.
    pub(crate) fn value(&self) -> Vec<DraftFragment> {
        vec![DraftFragment::of(&self.value, &self.source)]
    }
}

/// Longest name of an attribute that is written, in characters.
const NAME_CHARS_MAX: usize = 40;
/// What addresses have in them.
const ADDRESS_MARKS: [&str; 6] = ["http", "www.", "@", "://", "<", ">"];

/// The facts, each once.
pub(crate) fn facts(sources: &ListingSources<'_>, language: ListingLanguage) -> Vec<ListingFact> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    let variants = sources.variants.iter().take(VARIANTS_READ_MAX);
    let colours = variants.clone().map(|variant| (FactGroup::Colour, variant.colour));
    let sizes = variants.map(|variant| (FactGroup::Size, variant.size));
    for (group, value) in colours.chain(sizes) {
        if let Some(value) = sayable(value, VALUE_CHARS_MAX) {
            let value = localised(&value, language);
            if seen.insert((group, compared(&value))) {
                let source = FactSource::Variant;
                found.push(ListingFact {
                    group,
                    name: String::new(),
                    key: String::new(),
                    value,
                    source,
                });
            }
        }
    }
    let n_variants = found.len();
    for (name, value) in sources.known_attributes() {
        let Some(fact) = fact(name, value, language) else { continue };
        let id = match fact.group {
            FactGroup::Feature => compared(&fact.name),
            FactGroup::Colour | FactGroup::Size | FactGroup::Material => compared(&fact.value),
            FactGroup::Measure | FactGroup::Detail => {
                compared(&format!("{} {}", fact.name, fact.value))
            }
        };
        // Variants say which colours there are; an attribute is one of them or a name of its own.
        let is_known = matches!(fact.group, FactGroup::Colour | FactGroup::Size)
            && found[..n_variants].iter().any(|known| known.group == fact.group);
        if !is_known && seen.insert((fact.group, id)) {
            found.push(fact);
        }
    }
    found.truncate(DESCRIPTION_FACTS_MAX);
    found
}

fn fact(name: &str, value: &str, language: ListingLanguage) -> Option<ListingFact> {
    let source = FactSource::Attribute(name.to_owned());
    let plain_name = sayable(name, NAME_CHARS_MAX)?;
    let plain_name = without_question(plain_name.trim_end_matches([':', '：']).trim_end());
    if VOCABULARY.list(WordList::SkippedAttributes).has(plain_name) {
        return None;
    }
    let value = sayable(value, VALUE_CHARS_MAX)?;
    let value = without_name(&value, plain_name);
    if value.is_empty() {
        return None;
    }
    let answer = yes_no(value);
    let is_in = |list| VOCABULARY.list(list).has(plain_name);
    let group = match answer {
        Some(YesNo::Yes) => FactGroup::Feature,
        Some(YesNo::No) => FactGroup::Detail,
        None if is_in(WordList::MaterialNames) => FactGroup::Material,
        None if is_in(WordList::ColourNames) => FactGroup::Colour,
        None if is_in(WordList::SizeNames) => FactGroup::Size,
        None if is_measure(plain_name, value) => FactGroup::Measure,
        None => FactGroup::Detail,
    };
    Some(ListingFact {
        group,
        name: localised(plain_name, language),
        key: attribute_key(plain_name),
        value: localised(value, language),
        source,
    })
}

/// A text that can stand in a sentence: on one line, neither an address nor an order, without
/// quotation marks, and without punctuation around it. `None` where it can't.
pub(crate) fn sayable(text: &str, chars_max: usize) -> Option<String> {
    let text = cleaned(clipped(text));
    let around = |c: char| {
        matches!(
            c,
            '.' | ','
                | ';'
                | ':'
                | '。'
                | '，'
                | '；'
                | '：'
                | '、'
                | '!'
                | '！'
                | '|'
                | '/'
                | '*'
                | '•'
        ) || c.is_whitespace()
    };
    let text = text.trim_matches(around);
    let lower = text.to_lowercase();
    let is_sayable = text.chars().any(char::is_alphanumeric)
        && text.chars().count() <= chars_max
        && !text.contains(is_quotation_mark)
        && !ADDRESS_MARKS.iter().any(|mark| lower.contains(mark))
        && !has_order(text);
    is_sayable.then(|| text.to_owned())
}

/// Whether a text gives orders to a machine.
pub(crate) fn has_order(text: &str) -> bool {
    let tokens = tokens(text);
    (0..tokens.len()).any(|at| {
        let found = VOCABULARY.phrases().at(text, &tokens, at, None);
        found.is_some_and(|found| {
            found.concepts.iter().any(|concept| VOCABULARY.kind(*concept) == ConceptKind::Order)
        })
    })
}

/// "Leakproof" of "Is it leakproof", as Chinese shops name what is yes or no.
fn without_question(name: &str) -> &str {
    let questions = VOCABULARY.list(WordList::QuestionNames);
    let tokens = tokens(name);
    let first = questions.length_at(name, &tokens, 0).and_then(|n| tokens.get(n));
    first.map_or(name, |first| &name[first.span.start..])
}

/// "Material: cotton" as the value of "Material" is "cotton".
fn without_name<'a>(value: &'a str, name: &str) -> &'a str {
    let rest = value.split_once([':', '：']);
    match rest.filter(|(before, _)| compared(before) == compared(name)) {
        Some((_, rest)) => rest.trim(),
        None => value,
    }
}

fn is_measure(name: &str, value: &str) -> bool {
    let is_measured =
        only_concept(name).is_some_and(|concept| VOCABULARY.kind(concept) == ConceptKind::Measured);
    let scan = Scan::new(value, None);
    let n_words = scan.text.tokens.iter().filter(|token| token.is_said()).count();
    const WORDS_MAX: usize = 3;
    let has_unit = matches!(scan.numbers[..], [NumberMention { unit: NumberUnit::Measure(_), .. }]);
    is_measured && has_unit && n_words <= WORDS_MAX
}

/// A word in the language of the draft, where it is what a known concept is called in another.
pub(crate) fn localised(text: &str, language: ListingLanguage) -> String {
    let own = compared(text);
    let Some(concept) = only_concept(text) else { return text.to_owned() };
    let is_called = |language: ListingLanguage| {
        VOCABULARY.written(language, concept).is_some_and(|word| compared(word) == own)
    };
    let is_other = ListingLanguage::ALL.into_iter().any(is_called);
    match VOCABULARY.written(language, concept).filter(|_| is_other && !is_called(language)) {
        Some(word) => word.to_owned(),
        None => text.to_owned(),
    }
}
