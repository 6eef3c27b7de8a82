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
const BLAME_MAX: f32 = 0.5;
/// Where words praise and blame an aspect, praise prevails from this probability on,
const PRAISE_PREVAILS_MIN: f32 = 0.9;
/// and blame below this one.
const BLAME_PREVAILS_MAX: f32 = 0.85;
/// Words between a name and an opinion that is of it.
const OPINION_REACH: usize = 4;
/// Longest clause, in words, that is thought of as the one before it: "and the colour".
const INHERITING_WORDS_MAX: usize = 6;

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
    /// once a sentence. The model decides where an aspect is named and no word says what is thought of it, and
    /// which side prevails where words praise and blame it; without a model, or where it is not sure, the former
    /// mention nothing and the latter are mixed.
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
        let Heard { said, unresolved } = heard(&clauses, &parts);
        let is_one_sided = said.values().all(|[bad, good]| bad != good);
        let doubtful = model.filter(|_| !unresolved.is_empty() || !is_one_sided);
        let told = doubtful
            .map(|model| model.read_words(ReviewText { title: "", text: sentence }).positive);
        let polarity = |(id, said): (AspectId, [bool; 2])| match (said, told) {
            ([true, true], Some(told)) if told >= PRAISE_PREVAILS_MIN => (id, Polarity::Positive),
            ([true, true], Some(told)) if told < BLAME_PREVAILS_MAX => (id, Polarity::Negative),
            ([true, true], _) => (id, Polarity::Mixed),
            ([true, false], _) => (id, Polarity::Negative),
            ([false, _], _) => (id, Polarity::Positive),
        };
        let mut polarities: BTreeMap<AspectId, Polarity> = said.into_iter().map(polarity).collect();
        let by_model = match told {
            Some(told) if told >= PRAISE_MIN => Some(Polarity::Positive),
            Some(told) if told <= BLAME_MAX => Some(Polarity::Negative),
            _ => None,
        };
        for (id, polarity) in unresolved.iter().filter_map(|id| Some((*id, by_model?))) {
            polarities.entry(id).or_insert(polarity);
        }
        polarities
    }
}

/// What words say of aspects.
#[derive(Default)]
struct Heard {
    /// Whether an aspect is blamed and praised.
    said: BTreeMap<AspectId, [bool; 2]>,
    /// Aspects that are named, and no word says what is thought of them.
    unresolved: Vec<AspectId>,
}

impl Heard {
    fn note(&mut self, id: AspectId, is_good: bool) {
        self.said.entry(id).or_default()[usize::from(is_good)] = true;
    }
}

fn heard(clauses: &[Clause], parts: &[ClauseParts]) -> Heard {
    let mut heard = Heard::default();
    for (at, part) in parts.iter().enumerate() {
        for opinion in &part.opinions {
            if let Some(id) = opinion.of {
                heard.note(id, opinion.is_good);
            }
        }
        let mut taken = BTreeSet::new();
        for name in &part.names {
            let nearest = nearest(*name, &part.opinions);
            taken.extend(nearest.map(|opinion| opinion.start));
            let is_good = nearest.map(|opinion| opinion.is_good);
            match is_good.or_else(|| inherited(at, clauses, parts)) {
                Some(is_good) => heard.note(name.id, is_good),
                None => heard.unresolved.push(name.id),
            }
        }
        for (opinion, id) in &part.alone {
            if !taken.contains(&opinion.start) {
                heard.note(*id, opinion.is_good);
            }
        }
    }
    heard
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
    let of_it = |opinion: &&Opinion| {
        opinion.of.map_or(distance(opinion) <= OPINION_REACH, |id| id == name.id)
    };
    let key = |opinion: &&Opinion| (distance(opinion), opinion.start);
    let nearest = opinions.iter().filter(of_it).min_by_key(key);
    nearest.or_else(|| {
        opinions
            .iter()
            .filter(|opinion| opinion.is_free && distance(opinion) <= OPINION_REACH)
            .min_by_key(key)
    })
}

/// What the clauses of the stretch say, the one before first; only short clauses are thought of so.
fn inherited(at: usize, clauses: &[Clause], parts: &[ClauseParts]) -> Option<bool> {
    if clauses[at].tokens.len() > INHERITING_WORDS_MAX {
        return None;
    }
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
    fn degrees_hopes_and_what_may_be() {
        assert_eq!(said("It runs just a bit large."), ["fit:-"]);
        assert_eq!(said("The sleeves are a little short."), ["fit:-"]);
        assert_eq!(said("The sleeves are short."), [] as [String; 0]);
        assert_eq!(said("Not too long."), ["fit:+"]);
        assert_eq!(said("The lining is ridiculously soft."), ["material:+"]);
        assert_eq!(said("I was expecting a good quality dress."), ["quality:-"]);
        assert_eq!(said("I was worried that it would be scratchy."), [] as [String; 0]);
        assert_eq!(
            said("I was expecting soft fabric, but it is so comfortable."),
            ["material:-", "comfort:+"]
        );
        assert_eq!(said("If you want a flattering dress, this is it."), [] as [String; 0]);
        assert_eq!(said("You can dress it up or down."), ["look:+"]);
    }

    #[test]
    fn an_opinion_far_from_a_name_is_not_of_it() {
        assert_eq!(
            said("The price that they told me at the counter downstairs was nice."),
            [] as [String; 0]
        );
        assert_eq!(said("The price was nice."), ["price:+"]);
    }

    #[test]
    fn other_languages() {
        assert_eq!(said("Die Hose ist etwas eng und sitzt nicht gut."), ["fit:-"]);
        assert_eq!(said("Wenn der Stoff weich wäre."), [] as [String; 0]);
        assert_eq!(said("有点薄，但是很合身。"), ["fit:+", "material:-"]);
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
