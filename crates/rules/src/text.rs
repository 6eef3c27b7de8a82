//! Words of a search as rules compare them: lower case, without accents, apostrophes and
//! signs. "Crème-brûlée" and "creme brulee" are the same. Of a script without spaces, each
//! character is a word.

use std::ops::Range;

use vitrine_domain::folding::push_folded;
use vitrine_domain::script::{is_unspaced, narrowed};

/// One word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TextWord {
    /// As it is compared.
    pub folded: String,
    /// Bytes of the text.
    pub span: Range<usize>,
}

/// The words of a text: runs of letters and digits.
pub(crate) fn words(text: &str) -> Vec<TextWord> {
    let mut words: Vec<TextWord> = Vec::new();
    let mut is_open = false;
    for (at, c) in text.char_indices() {
        let plain = narrowed(c);
        let end = at + c.len_utf8();
        if matches!(plain, '\'' | '’') {
            continue;
        }
        if !plain.is_alphanumeric() {
            is_open = false;
            continue;
        }
        if !is_open || is_unspaced(plain) {
            words.push(TextWord { folded: String::new(), span: at..end });
        }
        is_open = !is_unspaced(plain);
        if let Some(word) = words.last_mut() {
            plain.to_lowercase().for_each(|c| push_folded(&mut word.folded, c));
            word.span.end = end;
        }
    }
    words
}

/// Folded words with single spaces between them.
pub(crate) fn joined(words: &[TextWord]) -> String {
    joined_where(words, |_, _| true)
}

/// A name as its folded words: without spaces where its script has none.
pub(crate) fn folded_name(name: &str) -> String {
    let is_spaced = |word: &str| !word.chars().next().is_some_and(is_unspaced);
    joined_where(&words(name), |before, after| is_spaced(before) || is_spaced(after))
}

fn joined_where(words: &[TextWord], has_space: impl Fn(&str, &str) -> bool) -> String {
    let mut out = String::new();
    for (place, word) in words.iter().enumerate() {
        let before = place.checked_sub(1).map(|before| words[before].folded.as_str());
        if before.is_some_and(|before| has_space(before, &word.folded)) {
            out.push(' ');
        }
        out.push_str(&word.folded);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        joined(&words(text))
    }

    #[test]
    fn texts_that_people_type_alike_are_alike() {
        assert_eq!(folded("  Crème-BRÛLÉE! "), "creme brulee");
        assert_eq!(folded("Kellogg’s"), folded("kelloggs"));
        assert_eq!(folded("iPhone手机壳　１５"), "iphone 手 机 壳 15");
        assert_eq!(folded_name("iPhone手机壳　１５"), "iphone 手机壳 15");
        assert_eq!(folded("🍕 ..."), "");
    }

    #[test]
    fn spans_are_those_of_the_text() {
        let text = "thé – Ben’s ＡＢ绿茶";
        let spans: Vec<&str> = words(text).into_iter().map(|w| &text[w.span]).collect();
        assert_eq!(spans, ["thé", "Ben’s", "ＡＢ", "绿", "茶"]);
    }
}
