//! Reads what sentences say about aspects.

use std::collections::{BTreeMap, BTreeSet};

use super::learn::LearnedAspects;
use super::mention::{Aspect, AspectMention, Polarity};
use super::parts::{ClauseParts, Name, Opinion, parts_of_all};
use super::senses::{AspectId, Sense, Senses, parted};
use crate::features::ReviewText;
use crate::sentiment::SentimentModel;
use crate::text::{Clause, clauses, sentences};

/// A sentence that names an aspect and has no opinion of it in its words praises it from this
/// probability on, by the model,
const PRAISE_MIN: f32 = 0.985;
/// and blames it up to this one.
const BLAME_MAX: f32 = 0.15;

/// Finds mentions of aspects.
#[derive(Clone, Debug)]
pub struct AspectReader {
    senses: Senses,
    /// The shop's own aspects.
    own: Vec<String>,
}

impl Default for AspectReader {
    /// Knows the words of the languages.
    fn default() -> Self {
        Self { senses: Senses::of_languages(), own: Vec::new() }
    }
}

impl AspectReader {
    /// Knows the words of the languages and what was learned of a shop's reviews.
    pub fn new(learned: &LearnedAspects) -> Self {
        let mut reader = Self::default();
        for term in learned.terms() {
            let id = match &term.aspect {
                Aspect::Known(known) => AspectId::Known(*known),
                Aspect::Own(name) => {
                    let at = reader.own.iter().position(|own| own == name);
                    AspectId::Own(at.unwrap_or_else(|| {
                        reader.own.push(name.clone());
                        reader.own.len() - 1
                    }) as u32)
                }
            };
            reader.senses.add(&term.term, Sense::Names(id));
        }
        reader
    }

    /// What each sentence of a text says about aspects, sentence by sentence, each aspect at most
    /// once a sentence. The model decides where an aspect is named and no word says what is thought of it;
    /// without one such sentences mention nothing.
    pub fn read(&self, text: &str, model: Option<&SentimentModel>) -> Vec<AspectMention> {
        let mut found = Vec::new();
        for (sentence, range) in (0..).zip(sentences(text)) {
            for (id, polarity) in self.read_sentence(&text[range], model) {
                found.push(AspectMention { aspect: self.aspect(id), sentence, polarity });
            }
        }
        found
    }

    fn aspect(&self, id: AspectId) -> Aspect {
        match id {
            AspectId::Known(known) => Aspect::Known(known),
            AspectId::Own(at) => {
                Aspect::Own(self.own.get(at as usize).cloned().unwrap_or_default())
            }
        }
    }

    fn read_sentence(
        &self,
        sentence: &str,
        model: Option<&SentimentModel>,
    ) -> BTreeMap<AspectId, Polarity> {
        let tokens = parted(sentence);
        let clauses = clauses(&tokens);
        let hits = self.senses.hits(&tokens);
        let parts = parts_of_all(&clauses, &tokens, &hits);
        let mut said: BTreeMap<AspectId, Vec<(&str, bool, usize)>> = BTreeMap::new();
        let mut unresolved = Vec::new();
        for (at, part) in parts.iter().enumerate() {
            for opinion in &part.opinions {
                if let Some(id) = opinion.of {
                    said.entry(id).or_default().push(("says", opinion.is_good, 0));
                }
            }
            let mut taken = BTreeSet::new();
            for name in &part.names {
                let nearest = nearest(*name, &part.opinions);
                taken.extend(nearest.map(|opinion| opinion.start));
                if let Some(o) = nearest {
                    let d = if o.end <= name.start { name.start - o.end } else { 100 + o.start.saturating_sub(name.end) };
                    let k = if o.of == Some(name.id) { "self" } else if o.of.is_some() { "other" } else { "near" };
                    said.entry(name.id).or_default().push((k, o.is_good, d));
                } else if let Some(good) = inherited(at, &clauses, &parts) {
                    said.entry(name.id).or_default().push(("inherit", good, 0));
                } else {
                    unresolved.push(name.id);
                }
            }
            for (opinion, id) in &part.alone {
                if !taken.contains(&opinion.start) {
                    said.entry(*id).or_default().push(("alone", opinion.is_good, part.names.len()));
                }
            }
        }
        let p = model.map_or(0.5, |model| model.read_words(ReviewText { title: "", text: sentence }).positive);
        let told =
            model.filter(|_| !unresolved.is_empty()).and_then(|model| by_model(model, sentence));
        for id in unresolved {
            if let Some(good) = told {
                if !said.contains_key(&id) {
                    said.entry(id).or_default().push(("model", good, (p * 1000.0) as usize));
                }
            } else if !said.contains_key(&id) { eprintln!("SRC\t{sentence}\t{id:?}\tunresolved\t{p}"); }
        }
        for (id, v) in &said { eprintln!("SRC\t{sentence}\t{id:?}\t{v:?}\t{p}"); }
        let polarity = |[bad, good]: [bool; 2]| match (bad, good) {
            (true, true) => Polarity::Mixed,
            (true, false) => Polarity::Negative,
            _ => Polarity::Positive,
        };
        said.into_iter().map(|(id, said)| (id, polarity([said.iter().any(|x| !x.1), said.iter().any(|x| x.1)]))).collect()
    }
}

fn by_model(model: &SentimentModel, sentence: &str) -> Option<bool> {
    let told = model.read_words(ReviewText { title: "", text: sentence }).positive;
    match told {
        told if told >= PRAISE_MIN => Some(true),
        told if told <= BLAME_MAX => Some(false),
        _ => None,
    }
}

/// The opinion that stands nearest: of those that name the aspect or none, else of all that may be of
/// what is named beside them.
fn nearest(name: Name, opinions: &[Opinion]) -> Option<&Opinion> {
    let distance = |opinion: &Opinion| {
        if opinion.end <= name.start {
            name.start - opinion.end
        } else {
            opinion.start.saturating_sub(name.end)
        }
    };
    let of_it = |opinion: &&Opinion| opinion.of.is_none_or(|id| id == name.id);
    let key = |opinion: &&Opinion| (distance(opinion), opinion.start);
    let nearest = opinions.iter().filter(of_it).min_by_key(key);
    nearest.or_else(|| opinions.iter().filter(|opinion| opinion.is_free).min_by_key(key))
}

/// What the clauses of the stretch say, the one before first.
fn inherited(at: usize, clauses: &[Clause], parts: &[ClauseParts]) -> Option<bool> {
    let stretch = clauses[at].stretch;
    let opinion = |i: usize| {
        let free = parts[i].opinions.iter().filter(|opinion| opinion.of.is_none());
        free.map(|opinion| opinion.is_good).next_back()
    };
    let same = |i: &usize| clauses[*i].stretch == stretch;
    let before = (0..at).rev().take_while(same).find_map(opinion);
    before.or_else(|| (at + 1..clauses.len()).take_while(same).find_map(opinion))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Vec<String> {
        let sign = |polarity| match polarity {
            Polarity::Positive => '+',
            Polarity::Negative => '-',
            Polarity::Mixed => '0',
        };
        let mentions = AspectReader::default().read(text, None);
        mentions.iter().map(|one| format!("{}:{}", one.aspect.name(), sign(one.polarity))).collect()
    }

    #[test]
    fn words_that_name_and_judge() {
        assert_eq!(said("It runs small and the fabric is itchy."), ["fit:-", "comfort:-"]);
        assert_eq!(
            said("True to size, soft and comfortable!"),
            ["fit:+", "material:+", "comfort:+"]
        );
        assert_eq!(said("Not see-through."), ["material:+"]);
        assert_eq!(said("The color is gorgeous."), ["colour:+"]);
        assert_eq!(said("So pretty!"), ["look:+"]);
        assert_eq!(said("I bought it in march."), [] as [String; 0]);
    }

    #[test]
    fn negation_contrast_and_lists() {
        assert_eq!(said("I do not like the color."), ["colour:-"]);
        assert_eq!(
            said("The color is lovely but the fabric feels awful."),
            ["material:-", "colour:+"]
        );
        assert_eq!(
            said("I love the color, the style, and the price."),
            ["price:+", "look:+", "colour:+"]
        );
        assert_eq!(said("The fabric is not soft or stretchy."), ["material:-"]);
        assert_eq!(said("Not only flattering, I can't wait to wear it."), ["look:+"]);
        assert_eq!(said("Great quality but poor quality buttons."), ["quality:0"]);
    }

    #[test]
    fn other_languages() {
        assert_eq!(
            said("质量很好，就是价格太贵。快递慢！"),
            ["quality:+", "price:-", "delivery:-"]
        );
        assert_eq!(
            said("Der Stoff ist weich, aber die Passform ist nicht gut."),
            ["fit:-", "material:+"]
        );
    }
}
