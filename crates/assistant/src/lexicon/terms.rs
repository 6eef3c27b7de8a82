//! What a text speaks of: properties and words, each at its place.

use vitrine_domain::script::is_unspaced;

use super::{Lexicon, Meaning, PropertyId, Role};
use crate::text::{Token, TokenKind};

/// Shortest word that may be cut into a word and the property it ends with, and the shortest
/// name it may end with: "kabellänge", "waschmaschinenfest".
const COMPOUND_BYTES_MIN: usize = 9;
const COMPOUND_NAME_BYTES_MIN: usize = 5;
/// Shortest word that may be the beginning of another, and by how much longer that may be.
const PREFIX_BYTES_MIN: usize = 5;
const PREFIX_MORE_BYTES_MAX: usize = 3;
/// Shortest word in which one wrong letter is forgiven.
const TYPO_BYTES_MIN: usize = 7;

/// One thing that a text speaks of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Term {
    /// A property, by any of its names.
    Property(PropertyId),
    /// A word without its ending, or two neighbours of a script without spaces.
    Word(String),
}

/// A term with the tokens that say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PlacedTerm {
    pub term: Term,
    /// First token and the one after the last.
    pub start: usize,
    pub end: usize,
    /// The property that the word is a value of.
    pub value_of: Option<PropertyId>,
    /// Whether the word denies its property: "unlined".
    pub denies: bool,
}

/// Whether two words without endings are one to a reader: equal, one the beginning of the other,
/// or with one letter wrong.
pub(crate) fn is_same_word(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let is_prefix = short.len() >= PREFIX_BYTES_MIN
        && long.len() - short.len() <= PREFIX_MORE_BYTES_MAX
        && long.starts_with(short);
    let is_word = |word: &str| word.bytes().all(|byte| byte.is_ascii_lowercase());
    is_prefix && is_word(long) || is_misspelt(short, long)
}

/// Whether two long words differ by one letter that is wrong, missing, too much or misplaced, and
/// not the first.
fn is_misspelt(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let is_word = |word: &str| word.bytes().all(|byte| byte.is_ascii_lowercase());
    short.len() >= TYPO_BYTES_MIN
        && short.as_bytes()[0] == long.as_bytes()[0]
        && is_word(short)
        && is_word(long)
        && long.len() - short.len() <= 1
        && strsim::osa_distance(short, long) <= 1
}

impl Lexicon {
    /// Tokens that a shopper typed, with one wrong letter of a long word mended where the word is
    /// unknown and nearly one that names or denies a property: "waterprof".
    pub(crate) fn mended(&self, mut tokens: Vec<Token>) -> Vec<Token> {
        for token in &mut tokens {
            let is_long = token.kind == TokenKind::Word && token.text.len() >= TYPO_BYTES_MIN;
            if is_long && let Some(word) = self.nearest(&token.text) {
                token.text = word.to_owned();
            }
        }
        tokens
    }

    /// The word of a property that a word is nearly; `None` where it is known, or none is near.
    fn nearest(&self, word: &str) -> Option<&str> {
        let mut all = self.phrases.iter().flat_map(|phrase| &phrase.tokens).map(String::as_str);
        if all.any(|known| known == word) {
            return None;
        }
        let of_property = self.phrases.iter().filter(|phrase| {
            let is_one = phrase.tokens.len() == 1;
            is_one && matches!(phrase.meaning, Meaning::Names(_) | Meaning::Denies(_))
        });
        let mut words = of_property.map(|phrase| phrase.tokens[0].as_str());
        words.find(|known| is_misspelt(word, known))
    }

    /// What tokens speak of, in their order; what says nothing is left out.
    pub(crate) fn terms(&self, tokens: &[Token]) -> Vec<PlacedTerm> {
        let mut out = Vec::new();
        let mut at = 0;
        while at < tokens.len() {
            let wanted = |meaning: Meaning| {
                matches!(
                    meaning,
                    Meaning::Names(_) | Meaning::Denies(_) | Meaning::Role(Role::Stop)
                )
            };
            let (n, meaning) = match self.at(tokens, at, &wanted) {
                Some((n, meaning)) => (n, Some(meaning)),
                None => (1, None),
            };
            let placed = |term, denies| PlacedTerm {
                term,
                start: at,
                end: at + n,
                value_of: self.value_at(tokens, at),
                denies,
            };
            match meaning {
                Some(Meaning::Names(id)) => out.push(placed(Term::Property(id), false)),
                Some(Meaning::Denies(id)) => out.push(placed(Term::Property(id), true)),
                Some(_) => {}
                None => self.push_word(tokens, at, &mut out),
            }
            at += n;
        }
        out
    }

    /// The property that a value at a token is one of.
    pub(crate) fn value_at(&self, tokens: &[Token], at: usize) -> Option<PropertyId> {
        match self.at(tokens, at, &|meaning| matches!(meaning, Meaning::Value(_)))? {
            (_, Meaning::Value(id)) => Some(id),
            _ => None,
        }
    }

    fn push_word(&self, tokens: &[Token], at: usize, out: &mut Vec<PlacedTerm>) {
        let token = &tokens[at];
        if !token.is_said() {
            return;
        }
        let value_of = self.value_at(tokens, at);
        let placed = |term, end| PlacedTerm { term, start: at, end, value_of, denies: false };
        if token.is_unspaced() {
            // A value is one word; of others, neighbours are.
            let value = self.at(tokens, at, &|meaning| matches!(meaning, Meaning::Value(_)));
            let is_word = |n: usize| n > 1 || self.role_at(tokens, at + n, Role::Parts).is_some();
            if let Some((n, _)) = value.filter(|(n, _)| is_word(*n)) {
                let word = tokens[at..at + n].iter().map(|token| token.text.as_str()).collect();
                out.push(placed(Term::Word(word), at + n));
            } else if let Some(next) = tokens.get(at + 1).filter(|next| next.is_unspaced()) {
                let pair = format!("{}{}", token.text, next.text);
                out.push(placed(Term::Word(pair), at + 2));
            } else if value_of.is_some() {
                out.push(placed(Term::Word(token.text.clone()), at + 1));
            }
            return;
        }
        if let Some((head, id)) = self.compound(&token.whole) {
            out.push(placed(Term::Word(crate::text::stem(head).to_owned()), at + 1));
            out.push(placed(Term::Property(id), at + 1));
            return;
        }
        out.push(placed(Term::Word(token.text.clone()), at + 1));
    }

    /// A compound as what it begins with and the property that it ends with.
    fn compound<'w>(&self, word: &'w str) -> Option<(&'w str, PropertyId)> {
        if word.len() < COMPOUND_BYTES_MIN {
            return None;
        }
        (3..=word.len() - COMPOUND_NAME_BYTES_MIN).filter(|&at| word.is_char_boundary(at)).find_map(
            |at| {
                let (head, tail) = word.split_at(at);
                let tokens = crate::text::tokens(tail);
                match self.at(&tokens, 0, &|meaning| matches!(meaning, Meaning::Names(_)))? {
                    (_, Meaning::Names(id)) => Some((head, id)),
                    _ => None,
                }
            },
        )
    }
}

impl Token {
    /// Whether it is a word or a number.
    pub(crate) fn is_said(&self) -> bool {
        matches!(self.kind, TokenKind::Word | TokenKind::Number)
    }

    /// Whether it is a character of a script without spaces.
    pub(crate) fn is_unspaced(&self) -> bool {
        self.kind == TokenKind::Word && self.text.starts_with(is_unspaced)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::tokens;

    fn said(text: &str) -> Vec<String> {
        let lexicon = Lexicon::new();
        let name = |placed: PlacedTerm| match placed.term {
            Term::Property(id) => format!("<{}>", lexicon.property(id).name),
            Term::Word(word) => word,
        };
        lexicon.terms(&tokens(text)).into_iter().map(name).collect()
    }

    #[test]
    fn questions_and_names_of_attributes_say_alike() {
        for (question, name) in [
            ("How heavy is it?", "Weight"),
            ("What is the length of the cable?", "Cable length"),
            ("How much does it weigh", "weight"),
            ("Welche Farbe hat es?", "Colour"),
            ("Wie lang ist das Kabel?", "Länge Kabel"),
            ("这个多重？", "重量"),
        ] {
            let (mut question, mut name) = (said(question), said(name));
            question.sort();
            name.sort();
            assert_eq!(question, name);
        }
    }

    #[test]
    fn words_that_differ_a_little_are_one() {
        for (a, b) in [("compatib", "compatibl"), ("processor", "procesor"), ("print", "printer")] {
            assert!(is_same_word(a, b) && is_same_word(b, a), "{a} {b}");
        }
        for (a, b) in [
            ("water", "waterproof"),
            ("weight", "height"),
            ("usb", "usbc"),
            ("100", "1000"),
            ("memor", "memor2"),
        ] {
            assert!(!is_same_word(a, b) && !is_same_word(b, a), "{a} {b}");
        }
    }
}
