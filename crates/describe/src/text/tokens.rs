//! A text cut into what can be compared.

use std::ops::Range;

use vitrine_domain::script::is_unspaced;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// Letters and digits; of a script without spaces, one character.
    Word,
    /// Digits alone, with points or commas between them.
    Number,
    /// Punctuation that ends a clause.
    Clause,
    /// Punctuation that ends a sentence.
    Sentence,
    /// A colon.
    Colon,
    /// The Chinese comma of lists.
    ListComma,
}

/// One piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub kind: TokenKind,
    /// In lower case, without accents of European letters and without apostrophes; ü is "ue".
    pub word: String,
    /// Bytes of the text.
    pub span: Range<usize>,
    /// Whether a hyphen joins it to the token before it.
    pub is_joined: bool,
}

impl Token {
    /// Whether it is a word or a number.
    pub(crate) fn is_said(&self) -> bool {
        matches!(self.kind, TokenKind::Word | TokenKind::Number)
    }

    /// Whether it ends a clause.
    pub(crate) fn is_break(&self) -> bool {
        !self.is_said() && self.kind != TokenKind::ListComma
    }
}

/// Cuts a text.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::new();
    let mut at = 0;
    let mut is_joined = false;
    while let Some(c) = text[at..].chars().next() {
        let after = at + c.len_utf8();
        if !c.is_alphanumeric() {
            is_joined =
                matches!(c, '-' | '‑') && out.last().is_some_and(|last| last.span.end == at);
            if let Some(kind) = punctuation(c, text[after..].chars().next()) {
                out.push(Token { kind, word: c.to_string(), span: at..after, is_joined: false });
            }
            at = after;
            continue;
        }
        let end = if is_unspaced(c) { after } else { at + run_length(&text[at..]) };
        let word = folded(&text[at..end]);
        let is_number = word.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ','));
        let kind = if is_number { TokenKind::Number } else { TokenKind::Word };
        out.push(Token { kind, word, span: at..end, is_joined });
        (at, is_joined) = (end, false);
    }
    out
}

/// Bytes of the letters and digits at the beginning, with apostrophes within words and points
/// within numbers.
fn run_length(text: &str) -> usize {
    let mut chars = text.char_indices().peekable();
    let mut last = ' ';
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, next)| *next);
        let is_within = |inside: fn(char) -> bool| inside(last) && next.is_some_and(inside);
        let belongs = c.is_alphanumeric() && !is_unspaced(c)
            || ('\u{300}'..='\u{36f}').contains(&c)
            || matches!(c, '\'' | '’') && is_within(char::is_alphabetic)
            || matches!(c, '.' | ',') && is_within(|c| c.is_ascii_digit());
        if !belongs {
            return at;
        }
        last = c;
    }
    text.len()
}

fn punctuation(c: char, next: Option<char>) -> Option<TokenKind> {
    let is_apart = next.is_none_or(|next| !next.is_alphanumeric());
    match c {
        '!' | '?' | '…' | '。' | '！' | '？' | '\n' => Some(TokenKind::Sentence),
        '.' if is_apart => Some(TokenKind::Sentence),
        ':' | '：' => Some(TokenKind::Colon),
        '、' => Some(TokenKind::ListComma),
        ',' | ';' | '(' | ')' | '[' | ']' | '|' | '•' | '–' | '—' | '，' | '；' | '（' | '）'
        | '“' | '”' | '„' | '»' | '«' | '「' | '」' | '"' => Some(TokenKind::Clause),
        _ => None,
    }
}

/// A word in lower case, without accents of European letters and without apostrophes.
pub(crate) fn folded(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    for c in word.chars().flat_map(char::to_lowercase) {
        match c {
            // "Für" is no fur.
            'ä' => out.push_str("ae"),
            'ö' | 'ø' => out.push_str("oe"),
            'ü' => out.push_str("ue"),
            'à' | 'á' | 'â' | 'ã' | 'å' => out.push('a'),
            'ò' | 'ó' | 'ô' | 'õ' => out.push('o'),
            'ù' | 'ú' | 'û' => out.push('u'),
            'è' | 'é' | 'ê' | 'ë' => out.push('e'),
            'ì' | 'í' | 'î' | 'ï' => out.push('i'),
            'ç' => out.push('c'),
            'ñ' => out.push('n'),
            'ß' => out.push_str("ss"),
            '\'' | '’' => {}
            c if ('\u{300}'..='\u{36f}').contains(&c) => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        tokens(text).into_iter().map(|token| token.word).collect()
    }

    #[test]
    fn words_numbers_and_punctuation_are_told_apart() {
        assert_eq!(words("It isn't 1,8kg."), ["it", "isnt", "1,8kg", "."]);
        assert_eq!(words("防水 M8、Größe"), ["防", "水", "m8", "、", "groesse"]);
        let joined: Vec<bool> = tokens("non-slip mat").iter().map(|t| t.is_joined).collect();
        assert_eq!(joined, [false, true, false]);
    }

    #[test]
    fn a_point_within_a_number_ends_nothing() {
        let kinds = |text: &str| tokens(text).iter().filter(|t| t.is_break()).count();
        assert_eq!(kinds("2.5 cm"), 0);
        assert_eq!(kinds("2.5 cm. Soft"), 1);
    }
}
