//! Questions made of what is written of products, and of what is not.

use std::collections::{BTreeMap, BTreeSet};

use rand::Rng as _;
use rand::rngs::SmallRng;
use rand::seq::{IndexedRandom as _, SliceRandom as _};
use serde::{Deserialize, Serialize};

use super::data::WrittenProduct;
use super::templates::{
    ASKED, COLOURS, FEATURES, GENERIC, GENERIC_YES_NO, MATERIALS, RELATED_WORDS, USE_AFTER,
    WrittenFeature,
};

/// Products that have an attribute, at least, for others to be asked about it in vain.
const ATTRIBUTE_PRODUCTS_MIN: usize = 30;
/// Draws for each question that is wanted, at most.
const DRAWS_MAX: usize = 60;
/// Letters by which two words count as one when a text is searched for an answer.
const SAME_LETTERS: usize = 5;

/// A question with what answers it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MadeQuestion {
    pub id: String,
    /// Name of the data set.
    pub set: String,
    /// Id of the product.
    pub product: String,
    /// Its title, for whoever words the question anew.
    pub title: String,
    pub question: String,
    /// Texts each of which answers; `None` where nothing does.
    pub expected: Option<Vec<String>>,
    /// Name of the attribute whose value answers; `None` for sentences.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attribute: Option<String>,
    /// Whether the answer is yes, where only that is right.
    pub says: Option<bool>,
}

/// A set to make questions of.
pub struct QuestionSource<'a> {
    pub name: &'a str,
    pub products: &'a [WrittenProduct],
    /// Attributes with the number of products that have them.
    n_with: BTreeMap<&'a str, usize>,
}

/// A question without id, product and set.
type Made = (String, Option<Vec<String>>, Option<bool>, Option<String>);

impl<'a> QuestionSource<'a> {
    /// Counts attributes.
    pub fn new(name: &'a str, products: &'a [WrittenProduct]) -> Self {
        let mut n_with = BTreeMap::new();
        for (attribute, _) in products.iter().flat_map(|product| &product.attributes) {
            *n_with.entry(attribute.as_str()).or_insert(0) += 1;
        }
        Self { name, products, n_with }
    }

    /// Draws questions, a third of which nothing answers; no question of a product twice.
    pub fn questions(&self, n_questions: usize, random: &mut SmallRng) -> Vec<MadeQuestion> {
        let mut out: Vec<MadeQuestion> = Vec::new();
        let mut seen = BTreeSet::new();
        let n_unanswerable = n_questions / 3;
        for _ in 0..DRAWS_MAX * n_questions {
            let n_in_vain = out.iter().filter(|made| made.expected.is_none()).count();
            let in_vain = n_in_vain < n_unanswerable;
            if out.len() == n_questions {
                break;
            }
            let Some(product) = self.products.choose(random) else { break };
            let made = match in_vain && random.random_bool(0.5)
                || out.len() - n_in_vain == n_questions - n_unanswerable
            {
                true => self.unanswerable(product, random),
                false => self.answerable(product, random),
            };
            let Some((question, expected, says, attribute)) = made else { continue };
            if !seen.insert((product.id.clone(), question.clone())) {
                continue;
            }
            out.push(MadeQuestion {
                id: format!("{}-{}", self.name, out.len()),
                set: self.name.to_owned(),
                product: product.id.clone(),
                title: product.title.clone(),
                question,
                expected,
                attribute,
                says,
            });
        }
        out
    }

    fn answerable(&self, product: &WrittenProduct, random: &mut SmallRng) -> Option<Made> {
        let by_attribute = !product.attributes.is_empty() && random.random_bool(0.8);
        // Of the Retail Demo Store only the description says something that can be asked for.
        match by_attribute && self.name == "chorus" {
            true => of_attribute(product.attributes.choose(random)?, random),
            false => of_text(product, random),
        }
    }

    /// A question about what other products have and of this one nothing says.
    fn unanswerable(&self, product: &WrittenProduct, random: &mut SmallRng) -> Option<Made> {
        let question = if self.name == "chorus" {
            let names: Vec<&&str> = self
                .n_with
                .iter()
                .filter(|(_, n)| **n >= ATTRIBUTE_PRODUCTS_MIN)
                .map(|(name, _)| name)
                .collect();
            let name = **names.choose(random)?;
            let is_there = product.attributes.iter().any(|(own, _)| own == name);
            if is_there || may_answer(product, &related(name)) {
                return None;
            }
            let other = self.products.iter().flat_map(|other| &other.attributes);
            let value = &other.clone().find(|(own, _)| own == name)?.1;
            worded(name, value, random)
        } else {
            let feature = FEATURES.choose(random)?;
            let words: Vec<String> = feature.words.iter().map(|&word| word.to_owned()).collect();
            if may_answer(product, &[words]) {
                return None;
            }
            (*feature.questions.choose(random)?).to_owned()
        };
        Some((question, None, None, None))
    }
}

/// A question about an attribute.
fn of_attribute((name, value): &(String, String), random: &mut SmallRng) -> Option<Made> {
    let says = match value.as_str() {
        "Yes" => Some(true),
        "No" => Some(false),
        _ => None,
    };
    let parts: Vec<&str> = value.split(',').map(str::trim).collect();
    let entry = (*parts.choose(random)?).to_owned();
    if name == "Compatibility" && entry.len() < 40 && random.random_bool(0.5) {
        let question =
            ["Is it compatible with the {}?", "Does it work with the {}?"].choose(random)?;
        return Some((
            question.replace("{}", &entry),
            Some(vec![value.clone()]),
            Some(true),
            Some(name.clone()),
        ));
    }
    if name == "Product colour" && parts.len() == 1 && random.random_bool(0.3) {
        let question = format!("Is it {}?", value.to_lowercase());
        return Some((question, Some(vec![value.clone()]), Some(true), Some(name.clone())));
    }
    Some((worded(name, value, random), Some(vec![value.clone()]), says, Some(name.clone())))
}

/// A question for an attribute: as people ask for it where that is known, else by its name.
fn worded(name: &str, value: &str, random: &mut SmallRng) -> String {
    let asked = ASKED.iter().find(|(own, _)| *own == name);
    let is_choice = matches!(value, "Yes" | "No");
    let own = name.to_lowercase();
    match asked.filter(|_| random.random_bool(0.7)) {
        Some((_, questions)) => {
            questions.choose(random).map_or_else(String::new, |&q| q.to_owned())
        }
        None if is_choice => {
            GENERIC_YES_NO.choose(random).map_or_else(String::new, |q| q.replace("{}", &own))
        }
        None => GENERIC.choose(random).map_or_else(String::new, |q| q.replace("{}", &own)),
    }
}

/// A question about what sentences say.
fn of_text(product: &WrittenProduct, random: &mut SmallRng) -> Option<Made> {
    let sentences = sentences_of(product);
    let with = |words: &[&str]| -> Vec<String> {
        let has = |sentence: &&String| words.iter().any(|word| has_phrase(sentence, word));
        sentences.iter().filter(has).cloned().collect()
    };
    let mut kinds = [0, 1, 2, 3];
    kinds.shuffle(random);
    let is_described = !product.description.is_empty();
    for kind in kinds {
        let made = match kind {
            0 if is_described => (
                with(MATERIALS),
                &[
                    "What is it made of?",
                    "Which material is it?",
                    "Woraus besteht es?",
                    "是什么材质的？",
                ][..],
            ),
            1 if is_described => (
                with(COLOURS),
                &[
                    "What colour is it?",
                    "Which color does it come in?",
                    "Welche Farbe hat es?",
                    "是什么颜色的？",
                ][..],
            ),
            2 => {
                let mut features: Vec<&WrittenFeature> = FEATURES.iter().collect();
                features.shuffle(random);
                let found = features.into_iter().find(|feature| !with(feature.words).is_empty())?;
                (with(found.words), found.questions)
            }
            3 if is_described => match of_use(&sentences, random) {
                Some(made) => return Some(made),
                None => continue,
            },
            _ => continue,
        };
        if !made.0.is_empty() {
            return Some(((*made.1.choose(random)?).to_owned(), Some(made.0), None, None));
        }
    }
    None
}

/// "Perfect for beach days or casual outings" → "Is it good for beach days?"
fn of_use(sentences: &[String], random: &mut SmallRng) -> Option<Made> {
    let mut found: Vec<(String, String)> = Vec::new();
    for sentence in sentences {
        let lower = sentence.to_lowercase();
        for after in USE_AFTER {
            let Some((_, rest)) = lower.split_once(after) else { continue };
            let words: Vec<&str> = rest
                .split(|c: char| !c.is_alphanumeric() && c != '-')
                .filter(|word| !word.is_empty())
                .take(2)
                .collect();
            let ends = [
                "and", "or", "a", "the", "any", "your", "all", "those", "both", "every", "an", "to",
            ];
            if words.len() == 2 && !words.iter().any(|word| ends.contains(word)) {
                found.push((format!("Is it good for {}?", words.join(" ")), sentence.clone()));
            }
        }
    }
    let (question, sentence) = found.choose(random)?.clone();
    Some((question, Some(vec![sentence]), Some(true), None))
}

/// Sentences of title, description and reviews, cut at full stops, question and exclamation marks.
fn sentences_of(product: &WrittenProduct) -> Vec<String> {
    let texts = [&product.title, &product.description].into_iter().chain(&product.reviews);
    let parts = texts.flat_map(|text| text.split(['.', '!', '?', '\n']));
    parts.map(|part| part.trim().to_owned()).filter(|part| part.len() > 2).collect()
}

/// Whether a text has a phrase as words, endings apart.
fn has_phrase(text: &str, phrase: &str) -> bool {
    let text = text.to_lowercase();
    text.match_indices(phrase).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        before.is_none_or(|c| !c.is_alphanumeric())
            && text[at + phrase.len()..]
                .chars()
                .next()
                .is_none_or(|c| !c.is_alphanumeric() || c == 's')
    })
}

/// Words each group of which, in one text, may answer a question for an attribute.
fn related(name: &str) -> Vec<Vec<String>> {
    let name = name.to_lowercase();
    let generic =
        ["quantity", "type", "number", "product", "max", "maximum", "of", "in", "the", "supported"];
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let own: Vec<String> =
        words.filter(|word| !generic.contains(word)).map(str::to_owned).collect();
    let mut groups = vec![own];
    for (part, words) in RELATED_WORDS {
        if name.contains(part) {
            groups.extend(words.iter().map(|&word| vec![word.to_owned()]));
        }
    }
    groups
}

/// Whether any text of a product has all words of a group, or of a group with one word any.
fn may_answer(product: &WrittenProduct, groups: &[Vec<String>]) -> bool {
    let attributes = product.attributes.iter().map(|(name, value)| format!("{name} {value}"));
    let texts: Vec<String> = sentences_of(product).into_iter().chain(attributes).collect();
    let has = |text: &str, word: &str| {
        let text = text.to_lowercase();
        let own: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).collect();
        if word.contains([' ', '-', '"']) {
            return text.contains(word);
        }
        let n = word.len().min(SAME_LETTERS);
        own.iter().any(|own| {
            *own == word
                || word.is_char_boundary(n)
                    && word.len() >= SAME_LETTERS
                    && own.starts_with(&word[..n])
        })
    };
    let all = |text: &String, group: &Vec<String>| match groups.len() {
        // Synonyms of a feature: any of them.
        1 if group.len() > 1 && product.attributes.is_empty() => {
            group.iter().any(|word| has(text, word))
        }
        _ => !group.is_empty() && group.iter().all(|word| has(text, word)),
    };
    texts.iter().any(|text| groups.iter().any(|group| all(text, group)))
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;

    use super::*;

    fn products() -> Vec<WrittenProduct> {
        let product = |n: usize| WrittenProduct {
            id: n.to_string(),
            title: format!("Thing {n}"),
            attributes: match n % 2 {
                0 => vec![("Weight".into(), format!("{n} g"))],
                _ => vec![("Cable length".into(), format!("{n} m"))],
            },
            ..WrittenProduct::default()
        };
        (0..100).map(product).collect()
    }

    #[test]
    fn a_third_has_no_answer_and_a_seed_gives_the_same_questions() {
        let products = products();
        let source = QuestionSource::new("chorus", &products);
        let draw = |seed| source.questions(60, &mut SmallRng::seed_from_u64(seed));
        let made = draw(1);
        assert_eq!(made.len(), 60);
        assert_eq!(made.iter().filter(|made| made.expected.is_none()).count(), 20);
        assert_eq!(made, draw(1));
        assert_ne!(made, draw(2));
        for made in made {
            let n: usize = made.product.parse().unwrap();
            let asks_for_weight = made.question.contains("weigh")
                || made.question.contains("heavy")
                || made.question.contains("schwer")
                || made.question.contains('重');
            assert_eq!(made.expected.is_some(), asks_for_weight == n.is_multiple_of(2), "{made:?}");
        }
    }

    #[test]
    fn what_a_text_may_answer_is_not_asked_in_vain() {
        let product = |text: &str| WrittenProduct {
            description: text.to_owned(),
            ..WrittenProduct::default()
        };
        assert!(may_answer(&product("It weighs little"), &related("Weight")));
        assert!(may_answer(
            &product("Processor with a frequency of 2 GHz"),
            &related("Processor frequency")
        ));
        assert!(!may_answer(
            &product("A processor. High frequency"),
            &related("Processor frequency")
        ));
        assert!(!may_answer(&product("Red and large"), &related("Weight")));
        assert!(has_phrase("Two pockets, deep", "pocket") && !has_phrase("pocketable", "pocket"));
    }
}
