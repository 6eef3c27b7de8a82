//! What a search text stands for: each word with the terms of the index that
//! may answer it.

use std::ops::{Range, RangeInclusive};

use vitrine_domain::script::is_unspaced;
use vitrine_domain::{Correction, Synonym};

use super::context::Context;
use super::vocabulary::Vocabulary;
use crate::TextLanguage;
use crate::analysis::{self, Written};
use crate::measures::measures;

/// Distinct words of a query that are looked at.
const QUERY_WORDS_MAX: usize = 32;
/// Words of a query that are compared with the whole vocabulary to correct them, the
/// first ones: a text with more mistakes has none, it is in another language.
const CORRECTED_WORDS_MAX: usize = 8;
/// What a term counts for that only starts with the last, unfinished word.
const COMPLETION_WEIGHT: f32 = 0.5;
/// What two words count for that are one in the catalogue: as typed they are surer.
const JOINED_WEIGHT: f32 = 0.6;
/// What the second and third correction of a word count for.
const FURTHER_CORRECTION_WEIGHT: f32 = 0.5;
/// What all characters of a word but one count for, in a script without spaces.
const WRONG_CHARACTER_WEIGHT: f32 = 0.5;
/// Characters of a word of which one may be wrong.
const WRONG_CHARACTER_CHARS: RangeInclusive<usize> = 3..=8;
/// What a synonym counts for beside the word itself.
const SYNONYM_WEIGHT: f32 = 0.6;

/// One word of a query.
#[derive(Debug, PartialEq)]
pub(super) struct QueryWord {
    /// As typed, in lower case; a size with its unit, or the run that the word is a pair of.
    pub typed: String,
    /// As it is looked up.
    pub word: String,
    /// What may answer it; the first is the likeliest.
    pub terms: Vec<QueryTerm>,
}

/// One way to have a word.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct QueryTerm {
    /// Stems that an item must have, all of them; mostly one.
    pub stems: Vec<String>,
    /// What it counts for, 0..=1.
    pub weight: f32,
    /// Whether it is a size and not a word.
    pub is_size: bool,
}

/// What the catalogue has.
pub(super) struct Known<'a, I> {
    pub vocabulary: &'a Vocabulary,
    pub index: &'a I,
}

/// Terms that items have.
pub(super) trait Terms {
    fn has_word(&self, stem: &str) -> bool;
    fn has_size(&self, size: &str) -> bool;
    /// Whether an item has both stems in its title, or one in its brand.
    fn name_an_item(&self, a: &str, b: &str) -> bool;
    /// Items that have a stem.
    fn n_with(&self, stem: &str) -> u32;
    fn n_items(&self) -> u32;
    /// The language of their texts.
    fn language(&self) -> TextLanguage;
}

/// The words of a query, and what was read otherwise than typed.
#[derive(Debug, Default, PartialEq)]
pub(super) struct ReadQuery {
    pub words: Vec<QueryWord>,
    pub corrections: Vec<Correction>,
    /// Those that items have.
    pub synonyms: Vec<Synonym>,
}

impl ReadQuery {
    /// Takes words out again, as [`QueryWord::typed`] names them, with what was read
    /// for them alone. They have told their neighbours what they mean.
    pub(super) fn leave_out(&mut self, left_out: &[String]) {
        if left_out.is_empty() {
            return;
        }
        let is_left_out = |word: &String| left_out.contains(word);
        self.words.retain(|word| !is_left_out(&word.typed));
        self.corrections.retain(|correction| !is_left_out(&correction.typed));
        let is_whole = |synonym: &Synonym| {
            !analysis::written(&synonym.typed).iter().any(|written| is_left_out(&written.text))
        };
        self.synonyms.retain(is_whole);
    }
}

/// Reads `text` with the catalogue's words.
pub(super) fn read(
    text: &str,
    synonyms: &[Synonym],
    spelt_right: &[String],
    known: &Known<'_, impl Terms>,
) -> ReadQuery {
    let (vocabulary, is_term) = (known.vocabulary, |stem: &str| known.index.has_word(stem));
    let stem_analyzer = analysis::stems(known.index.language().rules());
    let stems = |phrase: &str| analysis::tokens(&stem_analyzer, phrase);
    let one = |stem: String, weight: f32| QueryTerm { stems: vec![stem], weight, is_size: false };
    let stem = |word: &str| stems(word).pop().unwrap_or_default();
    let mut read = ReadQuery::default();
    let is_known = |synonym: &&Synonym| {
        let used = stems(&synonym.used);
        !used.is_empty() && used.iter().all(|stem| is_term(stem))
    };
    let synonyms: Vec<&Synonym> = synonyms.iter().filter(is_known).collect();
    let (runs, typed): (Vec<String>, Vec<String>) =
        typed_words(text, &synonyms, known.index, &mut read.words).into_iter().unzip();
    let is_unfinished = text.ends_with(char::is_alphanumeric);
    let mut n_compared = 0;
    for (i, word) in typed.iter().enumerate() {
        let own = stem(word);
        let mut terms = vec![one(own.clone(), 1.0)];
        if word.starts_with(is_unspaced) {
            if !is_term(word) {
                terms = vec![QueryTerm { stems: stems(word), weight: 1.0, is_size: false }];
                terms.extend(one_character_wrong(word));
            }
        } else if !is_term(&own) {
            let is_last = i + 1 == typed.len();
            let completions =
                if is_last && is_unfinished { vocabulary.completions(word) } else { Vec::new() };
            let is_slip = !spelt_right.contains(word) && n_compared < CORRECTED_WORDS_MAX;
            n_compared += usize::from(is_slip);
            let found = match is_slip {
                true => {
                    let nearest = vocabulary.corrections(word);
                    context(&typed, i, known.index, &stem).choose(word, nearest, stem)
                }
                false => Vec::new(),
            };
            if !completions.is_empty() {
                let completed = completions.into_iter();
                terms.extend(completed.map(|word| one(stem(word), COMPLETION_WEIGHT)));
            } else if let Some(first) = found.first() {
                read.corrections.push(correction(word, first));
                let weights =
                    std::iter::once(1.0).chain(std::iter::repeat(FURTHER_CORRECTION_WEIGHT));
                let corrected = found.iter().map(|word| stem(word)).zip(weights);
                terms.extend(corrected.map(|(stem, weight)| one(stem, weight)));
            } else if let Some(parts) = vocabulary.parts(word).filter(|_| is_slip) {
                read.corrections.push(correction(word, &parts.join(" ")));
                let part = |part| QueryWord {
                    typed: word.clone(),
                    word: word.clone(),
                    terms: vec![one(stem(part), 1.0)],
                };
                read.words.extend(parts.map(part));
                continue;
            }
        }
        // "head set" is also "headset".
        for pair in [i.checked_sub(1).map(|before| (before, i)), Some((i, i + 1))] {
            let joined = pair.and_then(|(a, b)| Some(format!("{}{}", typed[a], typed.get(b)?)));
            if let Some(joined) = joined.filter(|joined| vocabulary.contains(joined)) {
                terms.push(one(stem(&joined), JOINED_WEIGHT));
            }
        }
        read.words.push(QueryWord { typed: runs[i].clone(), word: word.clone(), terms });
    }
    for synonym in synonyms {
        let used = stems(&synonym.used);
        let wanted = analysis::tokens(&analysis::words(), &synonym.typed);
        let answers = |word: &QueryWord| wanted.contains(&word.word);
        if read.words.iter().any(answers) {
            let term = QueryTerm { stems: used, weight: SYNONYM_WEIGHT, is_size: false };
            let words = read.words.iter_mut().filter(|word| answers(word));
            words.for_each(|word| word.terms.push(term.clone()));
            read.synonyms.push((*synonym).clone());
        }
    }
    read.words.iter_mut().for_each(|word| dedup(&mut word.terms));
    read
}

/// What the other words of a query say of one.
fn context<'a, T: Terms>(
    typed: &[String],
    place: usize,
    index: &'a T,
    stem: &impl Fn(&str) -> String,
) -> Context<'a, T> {
    let others = || typed.iter().enumerate().filter(move |(i, _)| *i != place);
    let known = |(_, word): (usize, &String)| Some(stem(word)).filter(|stem| index.has_word(stem));
    let is_beside = |(i, _): &(usize, &String)| i.abs_diff(place) == 1;
    Context {
        index,
        others: others().filter_map(known).collect(),
        beside: others().filter(is_beside).filter_map(known).collect(),
    }
}

/// The distinct words of a text, each with what was typed: mostly the same. Sizes that items
/// have go to `sizes` as one word each; others are words like any. Frequent words that say
/// nothing are left out where others are there.
///
/// Of a run in a script without spaces those pairs are words that items have: of "手机壳" with
/// a wrong character, or beside a word that it is never beside, the others still find it. Those
/// that synonyms replace stay, too. Where none is left, the run is one word.
fn typed_words(
    text: &str,
    synonyms: &[&Synonym],
    index: &impl Terms,
    sizes: &mut Vec<QueryWord>,
) -> Vec<(String, String)> {
    let mut taken: Vec<Range<usize>> = Vec::new();
    for measure in measures(text).into_iter().filter(|measure| index.has_size(&measure.term)) {
        let typed = text[measure.span.clone()].trim().to_lowercase();
        taken.push(measure.span);
        if sizes.len() < QUERY_WORDS_MAX && !sizes.iter().any(|size| size.typed == typed) {
            let term = QueryTerm { stems: vec![measure.term], weight: 1.0, is_size: true };
            sizes.push(QueryWord { word: typed.clone(), typed, terms: vec![term] });
        }
    }
    let mut written = analysis::written(text);
    written.retain(|run| !taken.iter().any(|measure| measure.contains(&run.span.start)));
    let rules = index.language().rules();
    let is_stop_word = |run: &Written| rules.stop_words.contains(&run.text.as_str());
    if rules.drops_stop_words && !written.iter().all(is_stop_word) {
        written.retain(|run| !is_stop_word(run));
    }
    let words = analysis::words();
    let replaced: Vec<String> =
        synonyms.iter().flat_map(|synonym| analysis::tokens(&words, &synonym.typed)).collect();
    let mut typed: Vec<(String, String)> = Vec::new();
    for Written { text: run, mut words, .. } in written {
        if words.len() > 1 {
            words.retain(|pair| index.has_word(pair) || replaced.contains(pair));
            if words.is_empty() {
                words.push(run.clone());
            }
        }
        for word in words {
            if typed.len() < QUERY_WORDS_MAX && !typed.iter().any(|(_, known)| *known == word) {
                typed.push((run.clone(), word));
            }
        }
    }
    typed
}

/// The characters of a word without each one of them in turn, in any order: what answers it if
/// that one is wrong. None for words that are too short to tell.
fn one_character_wrong(word: &str) -> Vec<QueryTerm> {
    let chars: Vec<char> = word.chars().collect();
    if !WRONG_CHARACTER_CHARS.contains(&chars.len()) {
        return Vec::new();
    }
    let without = |wrong: usize| {
        let others = chars.iter().enumerate().filter(|(place, _)| *place != wrong);
        let stems = others.map(|(_, character)| character.to_string()).collect();
        QueryTerm { stems, weight: WRONG_CHARACTER_WEIGHT, is_size: false }
    };
    (0..chars.len()).map(without).collect()
}

fn correction(typed: &str, used: &str) -> Correction {
    Correction { typed: typed.to_owned(), used: used.to_owned() }
}

/// Keeps each term once, with the weight it came with first.
fn dedup(terms: &mut Vec<QueryTerm>) {
    let mut seen: Vec<Vec<String>> = Vec::new();
    terms.retain(|term| {
        let is_new = !term.stems.concat().is_empty() && !seen.contains(&term.stems);
        if is_new {
            seen.push(term.stems.clone());
        }
        is_new
    });
}

#[cfg(test)]
mod tests {
    use vitrine_domain::Item;
    use vitrine_domain::pace::{Unpaced, at_once};

    use super::*;

    const KNOWN: [&str; 9] =
        ["chocol", "ice", "cream", "hard", "drive", "headset", "stand", "12oz", "oz"];

    const TITLES: [&str; 4] = ["chocolate ice cream", "chocolates", "hard drive", "headset stand"];

    struct Index;

    impl Terms for Index {
        fn has_word(&self, stem: &str) -> bool {
            KNOWN.contains(&stem)
        }

        fn has_size(&self, size: &str) -> bool {
            size == "12oz"
        }

        fn name_an_item(&self, a: &str, b: &str) -> bool {
            TITLES.iter().any(|title| [a, b].iter().all(|stem| title.contains(stem)))
        }

        fn n_with(&self, stem: &str) -> u32 {
            u32::from(self.has_word(stem))
        }

        fn n_items(&self) -> u32 {
            20
        }

        fn language(&self) -> TextLanguage {
            TextLanguage::default()
        }
    }

    fn read_with(text: &str, synonyms: &[Synonym]) -> ReadQuery {
        let items = TITLES.map(|title| Item { title: title.to_owned(), ..Item::default() });
        let items_of: Vec<&Item> = items.iter().collect();
        let vocabulary = at_once(Vocabulary::new(&items_of, &Unpaced));
        let spelt_right = ["cholate".to_owned()];
        read(text, synonyms, &spelt_right, &Known { vocabulary: &vocabulary, index: &Index })
    }

    fn known_terms(words: Vec<QueryWord>) -> Vec<Vec<String>> {
        let known = |term: &QueryTerm| term.stems.iter().all(|stem| KNOWN.contains(&&**stem));
        let terms = |word: QueryWord| {
            word.terms.into_iter().filter(known).map(|term| term.stems.join("+")).collect()
        };
        words.into_iter().map(terms).collect()
    }

    fn terms(text: &str) -> (Vec<Vec<String>>, Vec<(String, String)>) {
        let read = read_with(text, &[]);
        let corrections = read.corrections.into_iter().map(|c| (c.typed, c.used));
        (known_terms(read.words), corrections.collect())
    }

    fn owned(words: &[&[&str]]) -> Vec<Vec<String>> {
        words.iter().map(|terms| terms.iter().map(|&term| term.to_owned()).collect()).collect()
    }

    #[test]
    fn known_words_stay_and_unknown_ones_are_read_as_the_nearest() {
        assert_eq!(terms("Chocolate  ICE "), (owned(&[&["chocol"], &["ice"]]), vec![]));
        let corrected = vec![("choclate".to_owned(), "chocolate".to_owned())];
        assert_eq!(terms("choclate "), (owned(&[&["chocol"]]), corrected));
        assert_eq!(terms("cholate "), (owned(&[&[]]), vec![]), "said to be spelt right");
    }

    #[test]
    fn the_other_words_say_whether_a_short_word_is_a_slip() {
        let corrected = |text: &str| terms(text).1;
        let hard = vec![("hrad".to_owned(), "hard".to_owned())];
        assert_eq!(corrected("hrad drive "), hard);
        assert_eq!(corrected("hrad "), hard, "alone there is nothing to ask");
        assert_eq!(corrected("hrad cream "), vec![], "nothing is hard and cream");
        let ice = vec![("ics".to_owned(), "ice".to_owned())];
        assert_eq!(corrected("ics cream "), ice);
        assert_eq!(corrected("ics "), vec![], "three letters alone are a name");
        let long = vec![("haedset".to_owned(), "headset".to_owned())];
        assert_eq!(corrected("haedset cream "), long, "a long word speaks for itself");
    }

    #[test]
    fn an_unfinished_word_stands_for_what_it_begins() {
        assert_eq!(terms("choco"), (owned(&[&["chocol"]]), vec![]));
    }

    #[test]
    fn a_word_of_two_words_asks_for_both_and_two_words_may_be_one() {
        let split = vec![("icecream".to_owned(), "ice cream".to_owned())];
        assert_eq!(terms("icecream "), (owned(&[&["ice"], &["cream"]]), split));
        let (words, _) = terms("head set ");
        assert!(words.iter().all(|terms| terms.contains(&"headset".to_owned())), "{words:?}");
    }

    #[test]
    fn sizes_that_items_have_are_one_word_and_others_are_words() {
        let typed = |text: &str| -> Vec<String> {
            read_with(text, &[]).words.into_iter().map(|word| word.typed).collect()
        };
        assert_eq!(typed("ice cream 12 OZ "), ["12 oz", "ice", "cream"]);
        assert_eq!(terms("0.75 lb ").0, owned(&[&["12oz"]]));
        assert_eq!(typed("13 oz "), ["13", "oz"]);
    }

    #[test]
    fn synonyms_stand_beside_the_words_where_items_have_them() {
        let synonym = |typed: &str, used: &str| Synonym { typed: typed.into(), used: used.into() };
        let synonyms = [
            synonym("hdd", "hard drive"),
            synonym("ice cream", "headset"),
            synonym("stand", "lectern"),
            synonym("tea", "ice"),
        ];
        let read = read_with("hdd ice cream stand ", &synonyms);
        assert_eq!(read.synonyms, synonyms[..2]);
        let words = known_terms(read.words);
        let expected: [&[&str]; 4] =
            [&["hard+drive"], &["ice", "headset"], &["cream", "headset"], &["stand"]];
        assert_eq!(words, owned(&expected));
    }
}
