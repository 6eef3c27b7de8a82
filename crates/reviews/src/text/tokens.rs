//! A text cut into words; characters of scripts without spaces are words of their own.

use std::ops::Range;

use vitrine_domain::script::{is_unspaced, narrowed};

/// What a piece of a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// Letters and digits with apostrophes and hyphens between them.
    Word,
    /// One character of a script without spaces.
    Character,
    /// Exclamation and question marks: a sign of what is felt.
    Marks,
    /// Other punctuation that ends a clause.
    Stop,
}

/// A piece of a text, in lower case.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Token {
    pub kind: TokenKind,
    pub text: String,
    /// Bytes of the text that it was cut from.
    pub span: Range<usize>,
}

impl Token {
    /// Whether it can be part of a term.
    pub fn is_word(&self) -> bool {
        matches!(self.kind, TokenKind::Word | TokenKind::Character)
    }
}

/// Cuts a text.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut rest = text.char_indices().map(|(at, c)| (at, narrowed(c))).peekable();
    while let Some((start, first)) = rest.next() {
        let kind = kind_of(first);
        let Some(kind) = kind else { continue };
        let mut piece = String::from(first);
        while let Some(&(_, next)) = rest.peek() {
            let goes_on = match kind {
                TokenKind::Word => kind_of(next) == Some(TokenKind::Word) || joins(next, &rest),
                TokenKind::Marks => kind_of(next) == Some(TokenKind::Marks),
                TokenKind::Character | TokenKind::Stop => false,
            };
            if !goes_on {
                break;
            }
            piece.push(if next == '’' { '\'' } else { next });
            rest.next();
        }
        let end = rest.peek().map_or(text.len(), |(at, _)| *at);
        let lower = if kind == TokenKind::Word { piece.to_lowercase() } else { piece };
        found.push(Token { kind, text: lower, span: start..end });
    }
    found
}

fn kind_of(c: char) -> Option<TokenKind> {
    match c {
        c if is_unspaced(c) && c.is_alphanumeric() => Some(TokenKind::Character),
        c if c.is_alphanumeric() => Some(TokenKind::Word),
        '!' | '?' => Some(TokenKind::Marks),
        '.' | ',' | ';' | ':' | '(' | ')' | '\n' | '。' | '、' | '…' | '~' | '—' | '–' => {
            Some(TokenKind::Stop)
        }
        _ => None,
    }
}

/// Whether an apostrophe or a hyphen stands between two letters.
fn joins(
    next: char,
    rest: &std::iter::Peekable<impl Iterator<Item = (usize, char)> + Clone>,
) -> bool {
    let after = || rest.clone().nth(1).and_then(|(_, after)| kind_of(after));
    matches!(next, '\'' | '’' | '-') && after() == Some(TokenKind::Word)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert, proptest};

    use super::*;

    #[test]
    fn words_characters_and_marks_are_told_apart() {
        let text = "It’s too-small!! 质量Ok，(no)";
        let found: Vec<String> = tokens(text).into_iter().map(|token| token.text).collect();
        assert_eq!(found, ["it's", "too-small", "!!", "质", "量", "ok", ",", "(", "no", ")"]);
        let words = tokens(text).into_iter().filter(Token::is_word).count();
        assert_eq!(words, 6);
    }

    proptest! {
        #[test]
        fn spans_are_in_order_and_within_the_text(text in any::<String>()) {
            let found = tokens(&text);
            prop_assert!(found.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start));
            prop_assert!(found.iter().all(|token| text.get(token.span.clone()).is_some()));
        }
    }
}
