//! Words of three languages and what they mean to the assistant, as data files.
//!
//! What products have is in `properties.txt`, units in `units.txt`, the words of a language in
//! `languages/`. A new language is a file there and its line in [`LANGUAGES`]: texts are read by
//! the words of all languages at once, because shoppers mix them.

mod parse;
mod terms;

pub(crate) use terms::{PlacedTerm, Term, is_same_word};

use crate::text::{Token, tokens};

/// The words of each language, with its code (ISO 639-1).
const LANGUAGES: [(&str, &str); 3] = [
    ("en", include_str!("languages/en.txt")),
    ("de", include_str!("languages/de.txt")),
    ("zh", include_str!("languages/zh.txt")),
];
const PROPERTIES: &str = include_str!("properties.txt");
const UNITS: &str = include_str!("units.txt");

/// What a quantity measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dimension {
    /// In grams.
    Mass,
    /// In millimetres.
    Length,
    /// In millilitres.
    Volume,
    /// In watts.
    Power,
    /// In seconds.
    Time,
    /// In bytes.
    Data,
    /// In hertz.
    Frequency,
    /// In milliampere-hours.
    Charge,
    /// In degrees, which are not converted.
    Temperature,
}

/// A line of `properties.txt`, by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PropertyId(pub u16);

/// Something that products have and shoppers ask for.
#[derive(Debug)]
pub(crate) struct Property {
    pub name: &'static str,
    pub dimension: Option<Dimension>,
    /// How much a digest wants it.
    pub wanted: u8,
    /// Whether more of it is better, or less, where nobody would argue.
    pub is_more_better: Option<bool>,
    /// Whether some language lists what it can be.
    pub has_values: bool,
}

/// What a phrase means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Meaning {
    /// It names a property.
    Names(PropertyId),
    /// A sentence with it speaks of a property.
    Speaks(PropertyId),
    /// A sentence with it denies a property.
    Denies(PropertyId),
    /// A property can be it.
    Value(PropertyId),
    /// Less of a property: "lighter".
    Less(PropertyId),
    /// More of a property.
    More(PropertyId),
    /// It steers, or says nothing.
    Role(Role),
}

/// What a word that steers does; the keys of `[words]` in a language's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    Stop,
    Filler,
    YesNo,
    Has,
    What,
    Finding,
    HandOver,
    Greeting,
    Thanks,
    ForgetAll,
    ForgetLast,
    Indifferent,
    Compare,
    Cheaper,
    Dearer,
    Negation,
    NegationAfter,
    NotNegation,
    Hypothetical,
    Exclude,
    Below,
    AtMost,
    Above,
    AtLeast,
    Yes,
    No,
    First,
    Second,
    Third,
    Last,
    Both,
    AllShown,
    Slogan,
    Use,
    Person,
    Determiner,
    Refers,
    Budget,
    Joins,
    Parts,
    /// Says who says it, or that it is said: words of a model's answer that claim nothing.
    Reports,
    /// Says how far something goes.
    Claims,
    /// Counts, in letters.
    Numerals,
    /// Tells whoever reads it to say something.
    Orders,
    Which,
    Instead,
    Colloquial,
}

struct Phrase {
    tokens: Vec<String>,
    meaning: Meaning,
}

struct Unit {
    tokens: Vec<String>,
    dimension: Dimension,
    factor: f64,
}

/// The words by which questions and texts are read. Immutable; made once.
pub struct Lexicon {
    properties: Vec<Property>,
    /// By their tokens.
    phrases: Vec<Phrase>,
    units: Vec<Unit>,
}

impl std::fmt::Debug for Lexicon {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lexicon")
            .field("n_properties", &self.properties.len())
            .field("n_phrases", &self.phrases.len())
            .finish_non_exhaustive()
    }
}

impl Default for Lexicon {
    fn default() -> Self {
        Self::new()
    }
}

impl Lexicon {
    /// The words of all languages. A line of a data file that is not understood is left out;
    /// a test sees to it that there is none.
    pub fn new() -> Self {
        let properties = parse::properties(PROPERTIES);
        let mut lexicon =
            Self { properties, phrases: Vec::new(), units: parse::units(UNITS, &tokens_of) };
        for (_, words) in LANGUAGES {
            parse::language(words, &mut |property, key, phrase| {
                lexicon.add(property, key, phrase);
            });
        }
        vitrine_domain::sorting::sort_by(&mut lexicon.phrases, |a, b| {
            a.tokens.cmp(&b.tokens).then(a.meaning.cmp(&b.meaning))
        });
        lexicon
    }

    /// Takes up a phrase; whether its key and property are known.
    fn add(&mut self, property: &str, key: &str, phrase: &str) -> bool {
        let meaning = if property.is_empty() {
            parse::role(key).map(Meaning::Role)
        } else {
            let place = self.properties.iter().position(|known| known.name == property);
            place.and_then(|place| {
                let id = PropertyId(u16::try_from(place).ok()?);
                self.properties[place].has_values |= key == "values";
                Some(match key {
                    "names" => Meaning::Names(id),
                    "says" => Meaning::Speaks(id),
                    "not" => Meaning::Denies(id),
                    "values" => Meaning::Value(id),
                    "less" => Meaning::Less(id),
                    "more" => Meaning::More(id),
                    _ => return None,
                })
            })
        };
        let tokens = tokens_of(phrase);
        let is_known = meaning.is_some() && !tokens.is_empty();
        if let Some(meaning) = meaning.filter(|_| is_known) {
            self.phrases.push(Phrase { tokens, meaning });
        }
        is_known
    }

    /// A property by its line in `properties.txt`.
    pub(crate) fn property(&self, id: PropertyId) -> &Property {
        &self.properties[usize::from(id.0)]
    }

    /// A property by its name in `properties.txt`.
    pub(crate) fn property_named(&self, name: &str) -> Option<PropertyId> {
        let place = self.properties.iter().position(|property| property.name == name)?;
        u16::try_from(place).ok().map(PropertyId)
    }

    /// The longest phrase at a token whose meaning is wanted: its number of tokens, and the
    /// meaning; of equally long ones the first in the order of [`Meaning`].
    pub(crate) fn at(
        &self,
        tokens: &[Token],
        at: usize,
        is_wanted: &dyn Fn(Meaning) -> bool,
    ) -> Option<(usize, Meaning)> {
        let first = tokens.get(at)?;
        let start = self.phrases.partition_point(|phrase| phrase.tokens[0] < first.text);
        let mut best: Option<(usize, Meaning)> = None;
        for phrase in &self.phrases[start..] {
            if phrase.tokens[0] != first.text {
                break;
            }
            let n = phrase.tokens.len();
            let is_longer = best.is_none_or(|(most, _)| n > most);
            if is_longer && is_wanted(phrase.meaning) && stands(&phrase.tokens, tokens, at) {
                best = Some((n, phrase.meaning));
            }
        }
        best
    }

    /// The longest phrase at a token that has a role.
    pub(crate) fn role_at(&self, tokens: &[Token], at: usize, role: Role) -> Option<usize> {
        self.at(tokens, at, &|meaning| meaning == Meaning::Role(role)).map(|(n, _)| n)
    }

    /// Whether a phrase with a role stands anywhere.
    pub(crate) fn has_role(&self, tokens: &[Token], role: Role) -> bool {
        (0..tokens.len()).any(|at| self.role_at(tokens, at, role).is_some())
    }

    /// Whether some phrases with a role are all that tokens say, signs apart.
    pub(crate) fn is_only(&self, tokens: &[Token], roles: &[Role]) -> bool {
        let words: Vec<Token> = tokens.iter().filter(|token| token.is_said()).cloned().collect();
        let mut at = 0;
        while at < words.len() {
            let wanted = |meaning| matches!(meaning, Meaning::Role(role) if roles.contains(&role));
            match self.at(&words, at, &wanted) {
                Some((n, _)) => at += n,
                None => return false,
            }
        }
        !words.is_empty()
    }

    /// The unit at a token: its number of tokens, what it measures, and how many basic units
    /// one is.
    pub(crate) fn unit_at(&self, tokens: &[Token], at: usize) -> Option<(usize, Dimension, f64)> {
        let stands = self.units.iter().filter(|unit| stands(&unit.tokens, tokens, at));
        let longest = stands.max_by_key(|unit| unit.tokens.len())?;
        Some((longest.tokens.len(), longest.dimension, longest.factor))
    }
}

/// Whether the words of a phrase stand at a token, with nothing but dashes between them.
fn stands(phrase: &[String], tokens: &[Token], at: usize) -> bool {
    phrase
        .iter()
        .zip(tokens.get(at..).unwrap_or_default())
        .filter(|(own, token)| **own == token.text)
        .count()
        == phrase.len()
}

/// The words of a phrase as they are compared.
fn tokens_of(phrase: &str) -> Vec<String> {
    tokens(phrase).into_iter().filter(Token::is_said).map(|token| token.text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_data_is_understood() {
        let mut lexicon = Lexicon::new();
        assert!(lexicon.properties.len() > 40 && lexicon.units.len() > 100);
        let n_lines = PROPERTIES.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(lexicon.properties.len(), n_lines);
        for (code, words) in LANGUAGES {
            let mut n_phrases = 0;
            parse::language(words, &mut |property, key, phrase| {
                assert!(lexicon.add(property, key, phrase), "{code}: {property} {key}: {phrase}");
                n_phrases += 1;
            });
            assert!(n_phrases > 250, "{code}: {n_phrases}");
        }
    }

    #[test]
    fn every_language_has_every_role_and_the_main_properties() {
        for (code, words) in LANGUAGES {
            let (mut roles, mut properties) = (Vec::new(), Vec::new());
            parse::language(words, &mut |property, key, _| match property {
                "" => roles.push(key.to_owned()),
                _ => properties.push(property.to_owned()),
            });
            for key in [
                "stop",
                "yes_no",
                "what",
                "finding",
                "hand_over",
                "greeting",
                "negation",
                "exclude",
                "below",
                "at_most",
                "cheaper",
                "compare",
                "forget_all",
                "forget_last",
                "indifferent",
                "refers",
                "budget",
                "joins",
                "reports",
                "claims",
                "numerals",
                "orders",
            ] {
                assert!(roles.iter().any(|role| role == key), "{code} lacks {key}");
            }
            for name in [
                "weight",
                "width",
                "height",
                "colour",
                "material",
                "waterproof",
                "washable",
                "price",
                "compatibility",
            ] {
                assert!(properties.iter().any(|own| own == name), "{code} lacks {name}");
            }
        }
    }

    #[test]
    fn the_longest_phrase_counts() {
        let lexicon = Lexicon::new();
        let found = |text: &str| {
            let (n, meaning) =
                lexicon.at(&tokens(text), 0, &|meaning| matches!(meaning, Meaning::Names(_)))?;
            let Meaning::Names(id) = meaning else { return None };
            Some((n, lexicon.property(id).name))
        };
        assert_eq!(found("machine washable?"), Some((2, "washable")));
        assert_eq!(found("weighs 2 kg"), Some((1, "weight")));
        assert_eq!(found("Gewicht"), Some((1, "weight")));
        assert_eq!(found("防水吗"), Some((2, "waterproof")));
        assert_eq!(found("purple"), None);
    }
}
