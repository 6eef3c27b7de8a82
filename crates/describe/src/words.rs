//! Small questions about values of attributes.

use crate::text::{cleaned, tokens};
use crate::vocabulary::{ConceptId, VOCABULARY, WordList};

/// What a yes-or-no attribute says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum YesNo {
    Yes,
    No,
}

/// Whether a value says nothing: blank, "n/a", "-".
pub(crate) fn is_placeholder(value: &str) -> bool {
    let value = cleaned(value);
    !value.chars().any(char::is_alphanumeric) || VOCABULARY.list(WordList::Placeholders).has(&value)
}

/// Yes or no, if a value is nothing else.
pub(crate) fn yes_no(value: &str) -> Option<YesNo> {
    let value = cleaned(value);
    match (VOCABULARY.list(WordList::Yes).has(&value), VOCABULARY.list(WordList::No).has(&value)) {
        (true, _) => Some(YesNo::Yes),
        (_, true) => Some(YesNo::No),
        _ => None,
    }
}

/// The single thing that a text names, if that is all it says: "Cotton".
pub(crate) fn only_concept(text: &str) -> Option<ConceptId> {
    let text = cleaned(text);
    let tokens = tokens(&text);
    let found = VOCABULARY.phrases().at(&text, &tokens, 0, None)?;
    let is_all = tokens.len() == found.n_tokens;
    found.concepts.first().copied().filter(|_| is_all)
}

/// The words of a text as they are compared, with one space between them.
pub(crate) fn compared(text: &str) -> String {
    let said = tokens(&cleaned(text)).into_iter().filter(|token| token.is_said());
    said.map(|token| token.word).collect::<Vec<_>>().join(" ")
}

/// Whether the words of one text stand in another, in their order.
pub(crate) fn has_words(text: &str, part: &str) -> bool {
    let part = compared(part);
    !part.is_empty() && format!(" {} ", compared(text)).contains(&format!(" {part} "))
}

/// Where the words of a part begin in a text, in bytes.
pub(crate) fn place_of(text: &str, part: &str) -> Option<usize> {
    let words: Vec<_> = tokens(text).into_iter().filter(|token| token.is_said()).collect();
    let part: Vec<_> = tokens(part).into_iter().filter(|token| token.is_said()).collect();
    if part.is_empty() {
        return None;
    }
    let found = words
        .windows(part.len())
        .find(|window| window.iter().zip(&part).all(|(word, part)| word.word == part.word))?;
    Some(found[0].span.start)
}

/// Whether a text is only codes and abbreviations: each word has a digit or is in capitals.
pub(crate) fn is_only_codes(text: &str) -> bool {
    const ABBREVIATION_LETTERS_MAX: usize = 4;
    let is_code = |raw: &str, word: &str| {
        let is_short = raw.chars().count() <= ABBREVIATION_LETTERS_MAX;
        let is_latin = word.is_ascii();
        is_latin
            && (word.chars().any(|c| c.is_ascii_digit())
                || is_short && !raw.chars().any(char::is_lowercase))
    };
    let tokens = tokens(text);
    let mut words = tokens.iter().filter(|token| token.is_said());
    words.all(|token| is_code(&text[token.span.clone()], &token.word))
}

/// Whether a text was written for a till: capitals alone.
pub(crate) fn is_terse(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_uppercase())
        && !text.chars().any(char::is_lowercase)
        && !text.chars().any(vitrine_domain::script::is_unspaced)
}

/// The name of an attribute as it is compared.
pub(crate) fn attribute_key(name: &str) -> String {
    compared(name)
}
