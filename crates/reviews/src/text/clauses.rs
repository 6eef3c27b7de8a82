//! A sentence cut into clauses.

use std::ops::Range;

use super::tokens::{Token, TokenKind};
use crate::languages::{is_contrast, is_joint};

/// Words between two stops.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Clause {
    /// Tokens of the sentence.
    pub tokens: Range<usize>,
    /// Number of the stretch without a "but" that it is in: clauses of one agree with each other.
    pub stretch: usize,
}

/// The clauses of a sentence that have words, in order.
pub(crate) fn clauses(tokens: &[Token]) -> Vec<Clause> {
    let mut found = Vec::new();
    let (mut start, mut stretch) = (0, 0);
    let mut close = |start: usize, end: usize, stretch: usize| {
        if tokens[start..end].iter().any(Token::is_word) {
            found.push(Clause { tokens: start..end, stretch });
        }
    };
    for (i, token) in tokens.iter().enumerate() {
        let turns = token.kind == TokenKind::Word && is_contrast(&token.text)
            || starts_character_contrast(tokens, i);
        let joins = token.kind == TokenKind::Word && is_joint(&token.text);
        if turns || joins || matches!(token.kind, TokenKind::Stop | TokenKind::Marks) {
            close(start, i, stretch);
            start = i;
            stretch += usize::from(turns);
        }
    }
    close(start, tokens.len(), stretch);
    found
}

/// Whether a contrast that is written with several characters begins here.
fn starts_character_contrast(tokens: &[Token], i: usize) -> bool {
    let pair: String = tokens[i..].iter().take(2).map(|token| token.text.as_str()).collect();
    tokens[i].kind == TokenKind::Character && is_contrast(&pair)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::tokens;

    #[test]
    fn stops_and_contrasts_cut() {
        let cut = |text: &str| -> Vec<(String, usize)> {
            let tokens = tokens(text);
            let said = |clause: &Clause| {
                let words = tokens[clause.tokens.clone()].iter().filter(|token| token.is_word());
                words.map(|token| token.text.as_str()).collect::<Vec<_>>().join(" ")
            };
            clauses(&tokens).iter().map(|clause| (said(clause), clause.stretch)).collect()
        };
        let told = |texts: &[(&str, usize)]| -> Vec<(String, usize)> {
            texts.iter().map(|(text, n)| ((*text).to_owned(), *n)).collect()
        };
        let found = cut("soft, warm but too big (sadly)!");
        assert_eq!(found, told(&[("soft", 0), ("warm", 0), ("but too big", 1), ("sadly", 2)]));
        assert_eq!(cut("质量好但是贵"), told(&[("质 量 好", 0), ("但 是 贵", 1)]));
    }
}
