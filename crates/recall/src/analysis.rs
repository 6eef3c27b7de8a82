//! From text to terms: lower case, plain width, no accents, stems of the catalogue's language.
//!
//! Scripts without spaces ([`is_unspaced`]) have no words to be found without a dictionary.
//! A run of such characters is cut into all pairs of neighbours; a run of one is that one.

use std::ops::Range;

use rust_stemmers::{Algorithm, Stemmer};
use vitrine_conditions::TextRules;
use vitrine_domain::folding::push_folded;
use vitrine_domain::script::is_unspaced;

/// Longest word that is indexed, in bytes.
const TOKEN_BYTES_MAX: usize = 40;

/// Cuts texts into what is looked up.
pub(crate) struct Analyzer {
    /// Whether each character of a script without spaces is a token, too.
    with_characters: bool,
    /// Which letters are written by two.
    rules: Option<&'static TextRules>,
    stemmer: Option<Stemmer>,
}

/// Splits texts into words as they are written, but for case, width and accents.
pub(crate) fn words() -> Analyzer {
    Analyzer { with_characters: false, rules: None, stemmer: None }
}

/// Splits texts into the stems that are looked up in the index.
pub(crate) fn stems(rules: &'static TextRules) -> Analyzer {
    Analyzer { with_characters: false, rules: Some(rules), stemmer: stemmer(rules.stemmer) }
}

/// Splits texts into what the index has of them: beside the stems, each character of a script
/// without spaces, for searches of one character and for pairs with a wrong one.
pub(crate) fn indexed(rules: &'static TextRules) -> Analyzer {
    Analyzer { with_characters: true, ..stems(rules) }
}

/// The Snowball stemmer of a name. Only those that a language asks for are made, each by itself, so
/// that browsers are not sent the others; a test looks up each language's.
fn stemmer(name: &str) -> Option<Stemmer> {
    match name {
        "English" => Some(Stemmer::create(Algorithm::English)),
        "German" => Some(Stemmer::create(Algorithm::German)),
        _ => None,
    }
}

/// The tokens of a text, in order.
pub(crate) fn tokens(analyzer: &Analyzer, text: &str) -> Vec<String> {
    spans(analyzer, text).into_iter().map(|(token, _)| token).collect()
}

/// The tokens of a text with their bytes in it.
pub(crate) fn spans(analyzer: &Analyzer, text: &str) -> Vec<(String, Range<usize>)> {
    let mut cuts = Cuts::new(text, analyzer.with_characters);
    let mut found = Vec::new();
    while let Some(span) = cuts.next_span() {
        found.extend(analyzer.token(&text[span.clone()]).map(|token| (token, span)));
    }
    found
}

impl Analyzer {
    /// A piece of text as it is looked up; `None` for one that is too long.
    fn token(&self, piece: &str) -> Option<String> {
        let mut written = String::with_capacity(piece.len());
        match self.rules.filter(|rules| !rules.digraphs.is_empty()) {
            Some(rules) => push_without_digraphs(&mut written, piece, rules),
            None => written.push_str(piece),
        }
        if written.len() >= TOKEN_BYTES_MAX {
            return None;
        }
        let mut folded = String::with_capacity(written.len());
        for c in written.chars().flat_map(char::to_lowercase) {
            push_folded(&mut folded, c);
        }
        match &self.stemmer {
            Some(stemmer) => Some(stemmer.stem(&folded).into_owned()),
            None => Some(folded),
        }
    }
}

/// What stands between spaces and punctuation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Written {
    /// A word, or a run of characters of a script without spaces, folded.
    pub text: String,
    /// Bytes of the text.
    pub span: Range<usize>,
    /// What is looked up: the word itself, or the pairs of the run.
    pub words: Vec<String>,
}

/// The words and runs of a text with what each is looked up by, in order.
pub(crate) fn written(text: &str) -> Vec<Written> {
    let mut found: Vec<Written> = Vec::new();
    for (word, span) in spans(&words(), text) {
        match found.last_mut().filter(|last| span.start < last.span.end) {
            Some(run) => {
                run.text.extend(word.chars().next_back());
                run.span.end = span.end;
                run.words.push(word);
            }
            None => found.push(Written { text: word.clone(), span, words: vec![word] }),
        }
    }
    found
}

/// Where a text is cut: at what is neither letter nor digit, and scripts without spaces into pairs.
struct Cuts<'a> {
    text: &'a str,
    with_characters: bool,
    /// Where the next token is looked for.
    at: usize,
    /// End of the run of unspaced characters that is being cut.
    run_end: usize,
    /// Whether the character at [`Self::at`] was given as a token by itself.
    has_character: bool,
}

impl<'a> Cuts<'a> {
    fn new(text: &'a str, with_characters: bool) -> Self {
        Self { text, with_characters, at: 0, run_end: 0, has_character: false }
    }

    /// Bytes of the next token.
    fn next_span(&mut self) -> Option<Range<usize>> {
        if self.at >= self.run_end {
            let rest = &self.text[self.at..];
            let Some(start) = rest.find(char::is_alphanumeric) else {
                self.at = self.text.len();
                return None;
            };
            let rest = &rest[start..];
            let is_run = rest.starts_with(is_unspaced);
            let ends = |c: char| !c.is_alphanumeric() || is_unspaced(c) != is_run;
            let end = rest.find(ends).unwrap_or(rest.len());
            let start = self.at + start;
            self.at = start;
            if !is_run {
                self.at += end;
                return Some(start..self.at);
            }
            self.run_end = start + end;
            self.has_character = false;
        }
        Some(self.next_of_run())
    }

    /// A character or a pair of a run, which is not at its end.
    fn next_of_run(&mut self) -> Range<usize> {
        let start = self.at;
        let mut chars = self.text[start..self.run_end].chars();
        let mut after = || start + chars.next().map_or(0, char::len_utf8);
        let middle = after();
        let end = middle + self.text[middle..self.run_end].chars().next().map_or(0, char::len_utf8);
        if middle == self.run_end || self.with_characters && !self.has_character {
            self.has_character = middle != self.run_end;
            self.at = if self.has_character { start } else { middle };
            return start..middle;
        }
        self.has_character = false;
        // The last character of a longer run is no token of its own, unless all are.
        self.at = if end == self.run_end && !self.with_characters { end } else { middle };
        start..end
    }
}

/// Adds a word in lower case, and letters that stand for one with an accent as that one without.
fn push_without_digraphs(out: &mut String, word: &str, rules: &TextRules) {
    let word = word.to_lowercase();
    let mut rest = word.as_str();
    while let Some(c) = rest.chars().next() {
        let digraph = rules.digraphs.iter().find(|(two, _)| rest.starts_with(two));
        match digraph.filter(|_| !out.ends_with(|c| rules.no_digraph_after.contains(c))) {
            Some((two, one)) => {
                out.push_str(one);
                rest = &rest[two.len()..];
            }
            None => {
                out.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use vitrine_conditions::TEXTS;

    use super::*;

    fn cut(text: &str) -> Vec<String> {
        tokens(&words(), text)
    }

    #[test]
    fn scripts_without_spaces_are_pairs_and_others_words() {
        assert_eq!(cut("苹果手机壳"), ["苹果", "果手", "手机", "机壳"]);
        assert_eq!(cut("iPhone15手机壳 茶"), ["iphone15", "手机", "机壳", "茶"]);
        assert_eq!(cut("ＡＢＣ１２３，「绿茶」。カタ"), ["abc123", "绿茶", "カタ"]);
        assert_eq!(cut("🍵茶🍵 Crème"), ["茶", "creme"]);
        assert_eq!(cut(&"茶".repeat(500)).len(), 499, "no run is too long");
    }

    #[test]
    fn every_language_has_a_stemmer_and_folded_stop_words() {
        for rules in TEXTS {
            assert!(stemmer(rules.stemmer).is_some(), "{}", rules.stemmer);
            for word in rules.stop_words {
                assert_eq!(cut(word), [*word]);
            }
        }
    }

    #[test]
    fn the_index_has_characters_too() {
        let indexed = indexed(TEXTS[0]);
        let cut = |text: &str| tokens(&indexed, text);
        assert_eq!(cut("绿茶包"), ["绿", "绿茶", "茶", "茶包", "包"]);
        assert_eq!(cut("茶 teas"), ["茶", "tea"]);
    }

    #[test]
    fn pairs_know_the_run_that_they_are_of() {
        let found = written("iPhone手机壳 绿茶 茶");
        let texts: Vec<&str> = found.iter().map(|run| run.text.as_str()).collect();
        assert_eq!(texts, ["iphone", "手机壳", "绿茶", "茶"]);
        assert_eq!((found[1].span.clone(), found[1].words.len()), (6..15, 2));
    }

    proptest! {
        #[test]
        fn any_text_is_cut_at_characters(text in "[a-zß一-龥あ-んＡ-Ｚ０-９가-힣🍪，。 \u{301}]{0,40}|\\PC{0,40}") {
            for analyzer in [words(), indexed(TEXTS[0])] {
                let mut end = 0;
                for (token, span) in spans(&analyzer, &text) {
                    prop_assert!(!token.is_empty() && text.get(span.clone()).is_some());
                    prop_assert!(span.end >= end);
                    end = span.end;
                }
            }
        }

        #[test]
        fn spaced_scripts_are_cut_at_what_is_no_letter(text in "[a-zA-Z0-9éßж가-힣🍪,.' -]{0,60}") {
            let whole = |piece: &&str| !piece.is_empty() && piece.len() < TOKEN_BYTES_MAX;
            let pieces = text.split(|c: char| !c.is_alphanumeric()).filter(whole);
            let expected = pieces.map(|piece| {
                piece.to_lowercase().replace('é', "e").replace('ß', "ss")
            });
            prop_assert_eq!(cut(&text), expected.collect::<Vec<_>>());
        }
    }
}
