//! What a search text stands for: each word with the terms of the index that
//! may answer it.

use vitrine_domain::Correction;

use super::analysis;
use super::vocabulary::Vocabulary;

/// Distinct words of a query that are looked at.
const QUERY_WORDS_MAX: usize = 32;
/// What a term counts for that only starts with the last, unfinished word.
const COMPLETION_WEIGHT: f32 = 0.5;
/// What the second and third correction of a word count for.
const FURTHER_CORRECTION_WEIGHT: f32 = 0.5;

/// One word of a query.
#[derive(Debug, PartialEq)]
pub(super) struct QueryWord {
    /// Terms (stems) and what each counts for, 0..=1; the first is the likeliest.
    pub terms: Vec<(String, f32)>,
}

/// The words of a query, and what was read otherwise than typed.
#[derive(Debug, Default, PartialEq)]
pub(super) struct ReadQuery {
    pub words: Vec<QueryWord>,
    pub corrections: Vec<Correction>,
}

/// Reads `text` with the catalogue's words.
pub(super) fn read(
    text: &str,
    vocabulary: &Vocabulary,
    is_term: impl Fn(&str) -> bool,
) -> ReadQuery {
    let (word_analyzer, stem_analyzer) = (analysis::words(), analysis::stems());
    let stem = |word: &str| analysis::tokens(&stem_analyzer, word).pop().unwrap_or_default();
    let mut typed: Vec<String> = Vec::new();
    for word in analysis::tokens(&word_analyzer, text) {
        if typed.len() < QUERY_WORDS_MAX && !typed.contains(&word) {
            typed.push(word);
        }
    }
    let is_unfinished = text.ends_with(char::is_alphanumeric);
    let mut read = ReadQuery::default();
    for (i, word) in typed.iter().enumerate() {
        let own = stem(word);
        let mut terms = vec![(own.clone(), 1.0)];
        if !is_term(&own) {
            let is_last = i + 1 == typed.len();
            let completions =
                if is_last && is_unfinished { vocabulary.completions(word) } else { Vec::new() };
            let found = vocabulary.corrections(word);
            if !completions.is_empty() {
                terms.extend(completions.into_iter().map(|word| (stem(word), COMPLETION_WEIGHT)));
            } else if let Some(first) = found.first() {
                read.corrections.push(correction(word, first));
                let weights =
                    std::iter::once(1.0).chain(std::iter::repeat(FURTHER_CORRECTION_WEIGHT));
                terms.extend(found.iter().map(|word| stem(word)).zip(weights));
            } else if let Some(parts) = vocabulary.parts(word) {
                read.corrections.push(correction(word, &parts.join(" ")));
                let part = |part| QueryWord { terms: vec![(stem(part), 1.0)] };
                read.words.extend(parts.map(part));
                continue;
            }
        }
        // "head set" is also "headset".
        for pair in [i.checked_sub(1).map(|before| (before, i)), Some((i, i + 1))] {
            let joined = pair.and_then(|(a, b)| Some(format!("{}{}", typed[a], typed.get(b)?)));
            if let Some(joined) = joined.filter(|joined| vocabulary.contains(joined)) {
                terms.push((stem(&joined), 1.0));
            }
        }
        dedup(&mut terms);
        read.words.push(QueryWord { terms });
    }
    read
}

fn correction(typed: &str, used: &str) -> Correction {
    Correction { typed: typed.to_owned(), used: used.to_owned() }
}

/// Keeps each term once, with the weight it came with first.
fn dedup(terms: &mut Vec<(String, f32)>) {
    let mut seen: Vec<String> = Vec::new();
    terms.retain(|(term, _)| {
        let is_new = !term.is_empty() && !seen.contains(term);
        if is_new {
            seen.push(term.clone());
        }
        is_new
    });
}

#[cfg(test)]
mod tests {
    use vitrine_domain::Item;

    use super::*;

    fn terms(text: &str) -> (Vec<Vec<String>>, Vec<(String, String)>) {
        let titles = ["chocolate ice cream", "chocolates", "hard drive", "headset stand"];
        let items = titles.map(|title| Item { title: title.to_owned(), ..Item::default() });
        let vocabulary = Vocabulary::new(&items.iter().collect::<Vec<_>>());
        let known = ["chocol", "ice", "cream", "hard", "drive", "headset", "stand"];
        let read = read(text, &vocabulary, |term| known.contains(&term));
        let words = read.words.into_iter().map(|word| {
            word.terms.into_iter().map(|(term, _)| term).filter(|t| known.contains(&t.as_str()))
        });
        let corrections = read.corrections.into_iter().map(|c| (c.typed, c.used));
        (words.map(Iterator::collect).collect(), corrections.collect())
    }

    fn owned(words: &[&[&str]]) -> Vec<Vec<String>> {
        words.iter().map(|terms| terms.iter().map(|&term| term.to_owned()).collect()).collect()
    }

    #[test]
    fn known_words_stay_and_unknown_ones_are_read_as_the_nearest() {
        assert_eq!(terms("Chocolate  ICE "), (owned(&[&["chocol"], &["ice"]]), vec![]));
        let corrected = vec![("choclate".to_owned(), "chocolate".to_owned())];
        assert_eq!(terms("choclate "), (owned(&[&["chocol"]]), corrected));
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
}
