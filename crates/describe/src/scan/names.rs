//! Words that look like the name of somebody or something.

use std::collections::HashSet;
use std::ops::Range;

use vitrine_domain::script::is_unspaced;

use super::ScannedText;
use crate::language::ListingLanguage;
use crate::vocabulary::{VOCABULARY, WordList, forms};

/// Words of all sources.
pub(crate) type WordSet = HashSet<String>;

/// A word that may be a name.
#[derive(Clone, Debug)]
pub(crate) struct NameMention {
    /// Bytes of the text as it is read.
    pub span: Range<usize>,
    /// Whether it has letters that none of the languages has, or is spelled out.
    pub is_foreign: bool,
}

/// Letters of a word in capitals that is taken for a name.
const CAPITALS_MIN: usize = 2;
/// Letters in a row that are a word spelled out.
const LETTERS_SPELLED_MIN: usize = 4;

/// Words of a text that look like names and are in no source.
pub(crate) fn names(text: &ScannedText, known: &WordSet) -> Vec<NameMention> {
    let allowed = VOCABULARY.list(WordList::CapitalsAllowed);
    let mut found = Vec::new();
    for at in 0..text.tokens.len() {
        let (Some(word), raw) = (text.word(at), text.raw(at)) else { continue };
        let span = text.span(at..at + 1);
        let is_hidden = is_foreign(raw) || is_spelled_out(text, at);
        if is_hidden && !known.contains(word) {
            found.push(NameMention { span, is_foreign: true });
            continue;
        }
        let is_known = known.contains(word)
            || forms(word).any(|form| known.contains(form))
            || allowed.has(raw)
            || raw.chars().any(|c| c.is_ascii_digit());
        if !is_known && looks_like_name(text, at) {
            found.push(NameMention { span, is_foreign: false });
        }
    }
    found
}

fn looks_like_name(text: &ScannedText, at: usize) -> bool {
    let raw = text.raw(at);
    let mut letters = raw.chars().filter(|c| c.is_alphabetic());
    let n_letters = letters.clone().count();
    let n_capitals = letters.clone().filter(|c| c.is_uppercase()).count();
    let after = &text.reading.text[text.tokens[at].span.end..];
    if after.starts_with(['™', '®', '©']) {
        return true;
    }
    // Most words end here; what follows reads the whole sentence.
    if n_capitals == 0 && text.language != Some(ListingLanguage::Chinese) {
        return false;
    }
    let is_first_capital = letters.next().is_some_and(char::is_uppercase);
    let others = sentence_words(text, at);
    let has_small = others.iter().any(|word| word.chars().any(char::is_lowercase));
    // "iPhone", "GoPro", "BASF"; a sentence in capitals alone names nothing by them.
    let is_odd = n_capitals >= CAPITALS_MIN && n_letters > n_capitals
        || n_capitals == 1 && !is_first_capital
        || n_capitals >= CAPITALS_MIN && has_small;
    if is_odd {
        return true;
    }
    match text.language {
        Some(ListingLanguage::Chinese) => {
            n_letters >= CAPITALS_MIN
                && raw.is_ascii()
                && text.reading.text.chars().any(is_unspaced)
        }
        Some(ListingLanguage::English) => {
            is_first_capital
                && n_letters > 1
                && !is_first_of_sentence(text, at)
                && !is_title(&others)
        }
        _ => false,
    }
}

/// Words of the sentence of a token, the token's own apart.
fn sentence_words(text: &ScannedText, at: usize) -> Vec<&str> {
    let sentence = text.sentences[at];
    (0..text.tokens.len())
        .filter(|other| text.sentences[*other] == sentence && *other != at)
        .filter(|other| text.word(*other).is_some())
        .map(|other| text.raw(other))
        .collect()
}

fn is_first_of_sentence(text: &ScannedText, at: usize) -> bool {
    let Some(before) = at.checked_sub(1).and_then(|before| text.tokens.get(before)) else {
        return true;
    };
    !before.is_said() && !matches!(before.word.as_str(), "," | ";" | "(" | "[" | "–" | "—")
}

/// Whether a sentence is written as headings are: Most Words With Capitals.
fn is_title(words: &[&str]) -> bool {
    const LETTERS_MIN: usize = 4;
    let long = words.iter().filter(|word| {
        word.chars().count() >= LETTERS_MIN && word.chars().any(char::is_alphabetic)
    });
    let (n, n_capital) = long.fold((0, 0), |(n, n_capital), word| {
        (n + 1, n_capital + usize::from(word.starts_with(char::is_uppercase)))
    });
    n > 0 && n_capital * 2 > n
}

/// Whether a word has letters that none of the languages has, as words do that only look like others.
fn is_foreign(word: &str) -> bool {
    let is_latin = |c: char| c.is_ascii() || ('\u{aa}'..='\u{24f}').contains(&c);
    let is_sign = |c: char| matches!(c, 'μ' | 'Ω' | 'α' | 'β');
    word.chars().any(|c| c.is_alphabetic() && !is_latin(c) && !is_unspaced(c) && !is_sign(c))
}

/// Whether a token is part of a word that is written letter by letter: "V E G A N".
fn is_spelled_out(text: &ScannedText, at: usize) -> bool {
    let is_letter = |at: &usize| {
        let word = text.word(*at).unwrap_or_default();
        word.len() == 1 && word.starts_with(|c: char| c.is_ascii_alphabetic())
    };
    let before = (0..at).rev().take(LETTERS_SPELLED_MIN).take_while(is_letter).count();
    let after = (at..text.tokens.len()).take(LETTERS_SPELLED_MIN).take_while(is_letter).count();
    is_letter(&at) && before + after >= LETTERS_SPELLED_MIN
}
