//! A text as words with what stands between them, for phrases of several words.

use std::ops::Range;

use crate::languages::n_taken;
use crate::tokens::{Kind, Token};

/// What stands between a word and the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gap {
    /// White space, or a dash without any: both words may belong to one phrase.
    Joined,
    /// A comma, a slash, a sign for "and": both may belong to one list.
    Listed,
    /// A word in quotes, the beginning of the text, or any other sign.
    Broken,
}

/// One word outside of quotes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Word<'t> {
    /// In lower case, as [`Token::text`].
    pub text: &'t str,
    pub gap: Gap,
    /// Its place among the tokens.
    pub token: usize,
    /// Whether a minus stands before it.
    pub is_minus: bool,
    pub is_number: bool,
}

/// The words of a text outside of quotes.
pub(crate) fn words<'t>(text: &str, tokens: &'t [Token]) -> Vec<Word<'t>> {
    let mut words = Vec::new();
    let mut end = None;
    for (place, token) in tokens.iter().enumerate() {
        let Some(word) = token.text() else { continue };
        if token.quoted {
            end = None;
            continue;
        }
        let before = place.checked_sub(1).map(|before| &tokens[before].kind);
        words.push(Word {
            text: word,
            gap: end.map_or(Gap::Broken, |end: usize| gap(&text[end..token.span.start])),
            token: place,
            is_minus: before == Some(&Kind::Minus),
            is_number: matches!(token.kind, Kind::Number(_)),
        });
        end = Some(token.span.end);
    }
    words
}

fn gap(between: &str) -> Gap {
    let trimmed = between.trim();
    let has_space = trimmed.len() < between.len();
    match trimmed {
        "" => Gap::Joined,
        "-" | "–" if !has_space => Gap::Joined,
        // "0% fat".
        "%" => Gap::Joined,
        "," | "&" | "/" | "+" | "，" | "、" => Gap::Listed,
        _ => Gap::Broken,
    }
}

/// Words from one on, in singular, as far as they may belong to one phrase, by their distance.
pub(crate) fn joined_from<'w>(
    words: &'w [Word<'_>],
    start: usize,
) -> impl Fn(usize) -> Option<&'w str> {
    move |n| {
        let word = words.get(start + n)?;
        (n == 0 || word.gap == Gap::Joined).then(|| singular(word.text))
    }
}

/// The longest of some phrases (singular words) that begins at a word, with its number
/// of words.
pub(crate) fn phrase_at<'p>(
    words: &[Word<'_>],
    start: usize,
    phrases: impl Iterator<Item = &'p str>,
) -> Option<(&'p str, usize)> {
    let word = joined_from(words, start);
    let first = word(0)?;
    let likely = phrases.filter(|phrase| phrase.starts_with(first));
    let found = likely.filter_map(|phrase| Some((phrase, n_taken(phrase, &word)?)));
    found.max_by_key(|(phrase, _)| phrase.len())
}

/// The singular of an English noun in lower case, as far as its ending tells.
pub(crate) fn singular(word: &str) -> &str {
    const KEPT: [&str; 4] = ["ss", "us", "is", "trans"];
    let n_chars = word.chars().count();
    if n_chars < 4 || KEPT.iter().any(|ending| word.ends_with(ending)) {
        return word;
    }
    for ending in ["shes", "ches", "xes", "sses", "toes"] {
        if word.ends_with(ending) {
            return &word[..word.len() - 2];
        }
    }
    word.strip_suffix('s').unwrap_or(word)
}

/// The words of a range as tokens.
pub(crate) fn tokens_of(words: &[Word<'_>], range: Range<usize>) -> Range<usize> {
    let first = &words[range.start];
    let start = first.token - usize::from(first.is_minus);
    start..words[range.end - 1].token + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokens::tokens;

    #[test]
    fn what_stands_between_words_is_known() {
        let gaps = |text: &str| -> Vec<Gap> {
            words(text, &tokens(text)).iter().map(|word| word.gap).collect()
        };
        use Gap::{Broken, Joined, Listed};
        assert_eq!(gaps("peanut-free cookies"), [Broken, Joined, Joined]);
        assert_eq!(gaps("egg, dairy & soy/nut free"), [Broken, Listed, Listed, Listed, Joined]);
        assert_eq!(gaps("sugar. Free - range"), [Broken, Broken, Broken]);
        assert_eq!(gaps("a \"b\" c"), [Broken, Broken]);
    }

    #[test]
    fn plurals_become_singular() {
        for (plural, one) in [
            ("peanuts", "peanut"),
            ("eggs", "egg"),
            ("dishes", "dish"),
            ("boxes", "box"),
            ("peas", "pea"),
            ("glass", "glass"),
            ("citrus", "citrus"),
            ("sugar", "sugar"),
            ("dyes", "dye"),
        ] {
            assert_eq!(singular(plural), one);
        }
    }

    #[test]
    fn the_longest_phrase_is_found() {
        let text = "tree nuts free";
        let tokens = tokens(text);
        let words = words(text, &tokens);
        let phrases = ["nut", "tree", "tree nut"];
        assert_eq!(phrase_at(&words, 0, phrases.into_iter()), Some(("tree nut", 2)));
        assert_eq!(phrase_at(&words, 1, phrases.into_iter()), Some(("nut", 1)));
        assert_eq!(phrase_at(&words, 2, phrases.into_iter()), None);
    }
}
