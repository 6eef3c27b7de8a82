//! What a text says that needs a source. Texts of sources are scanned in the same way, so that the
//! same words always say the same.

mod claims;
mod mentions;
mod names;
mod numbers;
mod polarity;
mod sizes;

pub(crate) use mentions::{ClaimKey, Mention, Polarity};
pub(crate) use names::{NameMention, WordSet, names};
pub(crate) use numbers::{NumberMention, NumberUnit};

use std::collections::HashSet;
use std::ops::Range;

use crate::language::ListingLanguage;
use crate::text::{Reading, Token, TokenKind, tokens};

/// A text with its tokens.
#[derive(Debug)]
pub(crate) struct ScannedText {
    pub reading: Reading,
    pub tokens: Vec<Token>,
    /// The language of the text; `None` for sources, which may have any.
    pub language: Option<ListingLanguage>,
    /// For each token, the number of the sentence that it is in.
    pub sentences: Vec<usize>,
}

/// What a text says.
#[derive(Debug)]
pub(crate) struct Scan {
    pub text: ScannedText,
    pub mentions: Vec<Mention>,
    pub numbers: Vec<NumberMention>,
    /// Runs of letters and digits that are no plain number: "X200".
    pub codes: Vec<(Range<usize>, String)>,
}

impl ScannedText {
    fn new(text: &str, language: Option<ListingLanguage>) -> Self {
        let reading = Reading::new(text);
        let tokens = tokens(&reading.text);
        let mut sentence = 0;
        let sentences = tokens.iter().map(|token| {
            let own = sentence;
            sentence += usize::from(token.kind == TokenKind::Sentence);
            own
        });
        let sentences = sentences.collect();
        Self { reading, tokens, language, sentences }
    }

    /// The text of a token as it is written.
    pub(crate) fn raw(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| &self.reading.text[token.span.clone()])
    }

    /// The bytes of some tokens.
    pub(crate) fn span(&self, tokens: Range<usize>) -> Range<usize> {
        let inside = self.tokens.get(tokens).unwrap_or_default();
        match (inside.first(), inside.last()) {
            (Some(first), Some(last)) => first.span.start..last.span.end,
            _ => 0..0,
        }
    }

    /// The word of a token, if it is one.
    pub(crate) fn word(&self, at: usize) -> Option<&str> {
        self.tokens.get(at).filter(|token| token.is_said()).map(|token| token.word.as_str())
    }

    /// The tokens of the clause around a token.
    pub(crate) fn clause(&self, at: usize) -> Range<usize> {
        let start = self.tokens[..at].iter().rposition(Token::is_break).map_or(0, |at| at + 1);
        let end = self.tokens[at..].iter().position(Token::is_break);
        start..end.map_or(self.tokens.len(), |length| at + length)
    }
}

impl Scan {
    /// Reads a text.
    pub(crate) fn new(text: &str, language: Option<ListingLanguage>) -> Self {
        let text = ScannedText::new(text, language);
        let (phrases, mut mentions) = mentions::mentions(&text);
        mentions.extend(claims::claims(&text, &phrases));
        mentions.extend(sizes::sizes(&text));
        let (numbers, codes) = numbers::numbers(&text, &phrases);
        Self { text, mentions, numbers, codes }
    }

    /// All words and codes, for names.
    pub(crate) fn words(&self) -> HashSet<String> {
        self.text
            .tokens
            .iter()
            .filter(|token| token.is_said())
            .map(|token| token.word.clone())
            .collect()
    }
}
