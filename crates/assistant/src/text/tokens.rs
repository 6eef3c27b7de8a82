//! A text cut into tokens, each with its place.

use std::ops::Range;

use vitrine_domain::script::{is_unspaced, narrowed};

use super::stem;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// Letters and digits that begin with a letter; of a script without spaces, one character.
    Word,
    /// Digits, with points or commas between them.
    Number,
    /// A sign that stands for a unit: `"`, `″`, `%`, `°`.
    Sign,
    /// A dash between numbers, or with space beside it; a hyphen only separates.
    Dash,
    /// Punctuation that ends a clause.
    Break,
}

/// One piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub kind: TokenKind,
    /// The word in lower case without accents, apostrophes and endings; a number as typed.
    pub text: String,
    /// The word in lower case without accents and apostrophes, its ending left.
    pub whole: String,
    /// Bytes of the text.
    pub span: Range<usize>,
}

/// Cuts a text. Signs of double width count as plain ones.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut out = Vec::new();
    let mut rest = text.char_indices().map(|(at, c)| (at, narrowed(c))).peekable();
    while let Some((start, first)) = rest.next() {
        let end_of = |rest: &mut std::iter::Peekable<_>| {
            rest.peek().map_or(text.len(), |&(at, _): &(usize, char)| at)
        };
        let kind = if first.is_ascii_digit() {
            while let Some(&(_, next)) = rest.peek() {
                let after = rest.clone().nth(1).map(|(_, c)| c);
                let joins = matches!(next, '.' | ',') && after.is_some_and(|c| c.is_ascii_digit());
                if !(next.is_ascii_digit() || joins) {
                    break;
                }
                rest.next();
            }
            TokenKind::Number
        } else if first.is_alphanumeric() {
            while let Some(&(_, next)) = rest.peek().filter(|_| !is_unspaced(first)) {
                let after = rest.clone().nth(1).map(|(_, c)| c);
                let is_apostrophe = matches!(next, '\'' | '’' | '`');
                let joins = next.is_alphanumeric() && !is_unspaced(next)
                    || is_combining(next)
                    || is_apostrophe && after.is_some_and(char::is_alphabetic);
                if !joins {
                    break;
                }
                rest.next();
            }
            TokenKind::Word
        } else {
            match first {
                '"' | '″' | '%' | '°' => TokenKind::Sign,
                '-' | '‑' if is_hyphen(&text[..start], rest.peek().map(|(_, c)| *c)) => continue,
                '-' | '–' | '—' | '~' | '‑' => TokenKind::Dash,
                ',' | ';' | ':' | '.' | '!' | '?' | '(' | ')' | '、' | '。' | '\n' => {
                    TokenKind::Break
                }
                _ => continue,
            }
        };
        let end = end_of(&mut rest);
        let whole: String = match kind {
            TokenKind::Word => folded(&text[start..end]),
            _ => text[start..end].chars().map(narrowed).collect(),
        };
        let text = match kind {
            TokenKind::Word => stem(&whole).to_owned(),
            _ => whole.clone(),
        };
        out.push(Token { kind, text, whole, span: start..end });
    }
    out
}

/// Whether a dash joins two words, or a number and a word.
fn is_hyphen(before: &str, after: Option<char>) -> bool {
    let (before, after) = (before.chars().next_back(), after);
    let is_joined =
        before.is_some_and(char::is_alphanumeric) && after.is_some_and(char::is_alphanumeric);
    let are_digits =
        before.is_some_and(|c| c.is_ascii_digit()) && after.is_some_and(|c| c.is_ascii_digit());
    is_joined && !are_digits
}

fn is_combining(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

/// A word in lower case, without apostrophes and the accents of European letters.
fn folded(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    for c in word.chars().map(narrowed).flat_map(char::to_lowercase) {
        match c {
            'ä' | 'à' | 'á' | 'â' | 'ã' | 'å' => out.push('a'),
            'ö' | 'ò' | 'ó' | 'ô' | 'õ' => out.push('o'),
            'ü' | 'ù' | 'ú' | 'û' => out.push('u'),
            'è' | 'é' | 'ê' | 'ë' => out.push('e'),
            'ì' | 'í' | 'î' | 'ï' => out.push('i'),
            'ç' => out.push('c'),
            'ñ' => out.push('n'),
            'ß' => out.push_str("ss"),
            '\'' | '’' | '`' => {}
            c if is_combining(c) => {}
            c => out.push(c),
        }
    }
    out
}

/// The number that digits with points and commas mean: "1,299.5", "1.299,5", "2,5", "7".
///
/// One comma before exactly three digits parts thousands, one before fewer or more a fraction.
pub(crate) fn number_of(digits: &str) -> Option<f64> {
    let last = digits.rfind(['.', ',']);
    let fraction = last.filter(|at| {
        let is_alone = digits.matches(['.', ',']).count() == 1;
        let differs = digits[..*at].contains(['.', ',']) && {
            let mark = digits.as_bytes()[*at];
            !digits[..*at].bytes().any(|byte| byte == mark)
        };
        let n_after = digits.len() - at - 1;
        differs || is_alone && (n_after != 3 || digits.as_bytes()[*at] == b'.')
    });
    let (whole, fraction) = match fraction {
        Some(at) => (&digits[..at], &digits[at + 1..]),
        None => (digits, ""),
    };
    let whole: String = whole.chars().filter(char::is_ascii_digit).collect();
    format!("{whole}.{fraction}0").parse().ok().filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<(TokenKind, String)> {
        tokens(text).into_iter().map(|token| (token.kind, token.whole)).collect()
    }

    #[test]
    fn words_numbers_and_signs_are_told_apart() {
        use TokenKind::{Break, Dash, Number, Sign, Word};
        let expected = |parts: &[(TokenKind, &str)]| -> Vec<(TokenKind, String)> {
            parts.iter().map(|(kind, text)| (*kind, (*text).to_owned())).collect()
        };
        assert_eq!(
            kinds("It doesn't weigh 1.8kg, no."),
            expected(&[
                (Word, "it"),
                (Word, "doesnt"),
                (Word, "weigh"),
                (Number, "1.8"),
                (Word, "kg"),
                (Break, ","),
                (Word, "no"),
                (Break, "."),
            ])
        );
        assert_eq!(
            kinds("13–15\" Größe"),
            expected(&[
                (Number, "13"),
                (Dash, "–"),
                (Number, "15"),
                (Sign, "\""),
                (Word, "grosse")
            ])
        );
        assert_eq!(
            kinds("重２公斤"),
            expected(&[(Word, "重"), (Number, "2"), (Word, "公"), (Word, "斤")])
        );
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (digits, number) in [
            ("7", 7.0),
            ("2,5", 2.5),
            ("2.54", 2.54),
            ("1,000", 1_000.0),
            ("1.234", 1.234),
            ("1,299.50", 1_299.5),
            ("1.299,50", 1_299.5),
            ("12,345,678", 12_345_678.0),
        ] {
            assert_eq!(number_of(digits), Some(number), "{digits}");
        }
    }

    #[test]
    fn spans_are_those_of_the_text() {
        let text = "Ｇrün — 5″";
        let spans: Vec<&str> = tokens(text).into_iter().map(|token| &text[token.span]).collect();
        assert_eq!(spans, ["Ｇrün", "—", "5", "″"]);
    }
}
