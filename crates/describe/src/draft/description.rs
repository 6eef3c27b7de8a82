//! A description from groups of facts.

use super::facts::{FactGroup, ListingFact};
use super::{DraftFragment, DraftSentence, Writer, joined, reviews, title};
use crate::sources::FactSource;
use crate::templates::{Template, filled, listed, template};
use crate::words::has_words;

/// Details of one sentence.
const DETAILS_MAX: usize = 3;
/// Values of one list.
const LISTED_MAX: usize = 16;
/// Labels of a picture that are spoken of.
const LABELS_MAX: usize = 3;

/// The sentences, each of which passes the check behind those before it.
pub(super) fn description(writer: &Writer<'_>, facts: &[ListingFact]) -> Vec<DraftSentence> {
    let mut pen = Pen { writer, sentences: Vec::new() };
    pen.introduce();
    for group in groups(writer, facts) {
        pen.group(&group);
    }
    pen.picture();
    pen.reviews();
    pen.sentences
}

/// Facts by the sentence they belong to, in the order of the shop's own descriptions.
fn groups(writer: &Writer<'_>, facts: &[ListingFact]) -> Vec<Vec<ListingFact>> {
    let learned = &writer.patterns.description_attributes;
    let rank = |fact: &ListingFact| {
        learned.iter().position(|name| *name == fact.key).unwrap_or(learned.len())
    };
    let mut groups: Vec<(FactGroup, Vec<ListingFact>)> = Vec::new();
    for fact in facts {
        match groups.iter_mut().find(|(group, _)| *group == fact.group) {
            Some((_, of_group)) => of_group.push(fact.clone()),
            None => groups.push((fact.group, vec![fact.clone()])),
        }
    }
    groups.iter_mut().for_each(|(_, facts)| facts.sort_by_key(rank));
    groups.sort_by_key(|(group, facts)| (facts.iter().map(rank).min(), *group));
    groups.into_iter().map(|(_, facts)| facts).collect()
}

/// A description on the way.
struct Pen<'a> {
    writer: &'a Writer<'a>,
    sentences: Vec<DraftSentence>,
}

impl Pen<'_> {
    /// Writes a sentence, unless something in it has no source.
    fn write(&mut self, fragments: Vec<DraftFragment>) -> bool {
        let sentence = DraftSentence { fragments: with_capital(fragments) };
        self.sentences.push(sentence);
        let is_supported = self.writer.is_supported(&joined(&self.sentences, self.writer.language));
        if !is_supported {
            self.sentences.pop();
        }
        is_supported
    }

    /// Writes a list in a sentence. Where the whole has no source, what has one by itself is tried.
    fn write_list(
        &mut self,
        items: &[Vec<DraftFragment>],
        sentence: &dyn Fn(&[Vec<DraftFragment>]) -> Vec<DraftFragment>,
    ) {
        if items.is_empty() || self.write(sentence(items)) {
            return;
        }
        let fitting: Vec<Vec<DraftFragment>> = items
            .iter()
            .filter(|item| {
                let text = DraftSentence { fragments: sentence(&[(*item).clone()]) }.text();
                self.writer.is_supported(&text)
            })
            .cloned()
            .collect();
        if !fitting.is_empty() && fitting.len() < items.len() {
            self.write(sentence(&fitting));
        }
    }

    fn introduce(&mut self) {
        let language = self.writer.language;
        let Some(kind) = title::kind(self.writer) else { return };
        let brand = title::brand(self.writer).filter(|brand| !has_words(&kind.text, &brand.text));
        let is_written = brand.is_some_and(|brand| {
            let values = [("kind", vec![kind.clone()]), ("brand", vec![brand])];
            self.write(filled(language, Template::BrandAndKind, &values))
        });
        // A title alone is no description.
        if !is_written && kind.source != Some(FactSource::Title) {
            self.write(filled(language, Template::Kind, &[("kind", vec![kind])]));
        }
    }

    fn group(&mut self, facts: &[ListingFact]) {
        let Some(group) = facts.first().map(|fact| fact.group) else { return };
        let said = joined(&self.sentences, self.writer.language);
        let is_new = |fact: &&ListingFact| match group {
            FactGroup::Feature => !has_words(&said, &fact.name),
            FactGroup::Material | FactGroup::Colour => !has_words(&said, &fact.value),
            _ => true,
        };
        let facts: Vec<&ListingFact> = facts.iter().filter(is_new).take(LISTED_MAX).collect();
        let values: Vec<_> = facts.iter().map(|fact| fact.value()).collect();
        let is_one = values.len() == 1;
        match group {
            FactGroup::Material => self.list(
                Template::Material,
                &values.iter().map(|value| lowered(value, self.writer)).collect::<Vec<_>>(),
            ),
            FactGroup::Colour if is_one => self.list(Template::Colour, &values),
            FactGroup::Colour => self.list(Template::Colours, &values),
            FactGroup::Size if is_one => self.list(Template::Size, &values),
            FactGroup::Size => self.list(Template::Sizes, &values),
            FactGroup::Feature => {
                let names = facts.iter().map(|fact| {
                    lowered(&[DraftFragment::of(&fact.name, &fact.source)], self.writer)
                });
                self.list(Template::Features, &names.collect::<Vec<_>>());
            }
            FactGroup::Measure => {
                let measures = facts.iter().map(|fact| self.named(Template::Measure, fact));
                self.list(Template::Measures, &measures.collect::<Vec<_>>());
            }
            FactGroup::Detail => facts.chunks(DETAILS_MAX).for_each(|facts| self.details(facts)),
        }
    }

    fn list(&mut self, which: Template, items: &[Vec<DraftFragment>]) {
        let language = self.writer.language;
        self.write_list(items, &|items| {
            filled(language, which, &[("list", listed(language, items))])
        });
    }

    /// "Closure: zip; lining: mesh."
    fn details(&mut self, facts: &[&ListingFact]) {
        let language = self.writer.language;
        let items: Vec<_> = facts.iter().map(|fact| self.named(Template::Detail, fact)).collect();
        self.write_list(&items, &|items| {
            let separator =
                DraftFragment::connecting(template(language, Template::DetailSeparator));
            let list = items.join(&separator);
            filled(language, Template::Details, &[("list", list)])
        });
    }

    /// A name with its value.
    fn named(&self, which: Template, fact: &ListingFact) -> Vec<DraftFragment> {
        let name = lowered(&[DraftFragment::of(&fact.name, &fact.source)], self.writer);
        filled(self.writer.language, which, &[("name", name), ("value", fact.value())])
    }

    fn picture(&mut self) {
        let said = joined(&self.sentences, self.writer.language);
        let labels = self.writer.sources.sure_labels();
        let items: Vec<Vec<DraftFragment>> = labels
            .filter_map(|label| {
                let text = super::facts::sayable(label, super::VALUE_CHARS_MAX)?;
                let is_new = !has_words(&said, &text);
                let source = FactSource::PictureLabel(label.to_owned());
                is_new.then(|| vec![DraftFragment::of(&text, &source)])
            })
            .take(LABELS_MAX)
            .collect();
        self.list(Template::Picture, &items);
    }

    fn reviews(&mut self) {
        let language = self.writer.language;
        let quoted = reviews::quoted(self.writer.sources);
        let one = |at: usize| quoted.get(at).map(|quote| vec![quote.clone()]);
        if let (Some(first), Some(second)) = (one(0), one(1)) {
            let values = [("quote", first), ("second", second)];
            if self.write(filled(language, Template::Reviews, &values)) {
                return;
            }
        }
        for at in 0..quoted.len() {
            let values = [("quote", one(at).unwrap_or_default())];
            if self.write(filled(language, Template::Review, &values)) {
                return;
            }
        }
    }
}

/// Fragments whose first word begins with a small letter where the language writes it so: "Oak" in
/// "Made of oak", but neither "USB" nor "Merino" in German.
fn lowered(fragments: &[DraftFragment], writer: &Writer<'_>) -> Vec<DraftFragment> {
    let mut out = fragments.to_vec();
    let Some(first) = out.first_mut() else { return out };
    let is_lower = template(writer.language, Template::DetailCase) == "lower";
    let mut letters = first.text.chars();
    let (Some(initial), second) = (letters.next(), letters.next()) else { return out };
    let is_word = second.is_some_and(char::is_lowercase)
        && !first.text.chars().skip(1).any(char::is_uppercase);
    if is_lower && is_word && initial.is_uppercase() {
        first.text = initial.to_lowercase().chain(first.text.chars().skip(1)).collect();
    }
    out
}

/// Fragments that begin with a capital.
fn with_capital(mut fragments: Vec<DraftFragment>) -> Vec<DraftFragment> {
    if let Some(first) = fragments.first_mut() {
        let mut letters = first.text.chars();
        // "iPhone" and "µ" stay as they are.
        let is_odd =
            first.text.chars().skip(1).take_while(|c| c.is_alphanumeric()).any(char::is_uppercase);
        if let Some(initial) = letters.next().filter(|c| c.is_ascii_lowercase() && !is_odd) {
            first.text = initial.to_uppercase().chain(letters).collect();
        }
    }
    fragments
}
