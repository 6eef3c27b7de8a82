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
            if completions.is_empty() {
                terms.extend(correct(word, vocabulary, &mut read.corrections, &stem));
            } else {
                terms.extend(completions.into_iter().map(|word| (stem(word), COMPLETION_WEIGHT)));
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

/// Terms for a word that the catalogue does not have.
fn correct(
    word: &str,
    vocabulary: &Vocabulary,
    corrections: &mut Vec<Correction>,
    stem: &impl Fn(&str) -> String,
) -> Vec<(String, f32)> {
    let found = vocabulary.corrections(word);
    if let Some(first) = found.first() {
        corrections.push(Correction { typed: word.to_owned(), used: (*first).to_owned() });
        let weights = std::iter::once(1.0).chain(std::iter::repeat(FURTHER_CORRECTION_WEIGHT));
        return found.into_iter().map(stem).zip(weights).collect();
    }
    let Some(parts) = vocabulary.parts(word) else { return Vec::new() };
    corrections.push(Correction { typed: word.to_owned(), used: parts.join(" ") });
    parts.into_iter().map(|part| (stem(part), 1.0)).collect()
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
