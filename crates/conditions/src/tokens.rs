//! A search text cut into what conditions are made of.

use std::ops::Range;

use vitrine_domain::script::{is_unspaced, narrowed};

/// One piece of a text with its place in it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Token {
    pub kind: Kind,
    /// Bytes of the text.
    pub span: Range<usize>,
    /// Inside double quotes: a word and nothing else.
    pub quoted: bool,
}

/// What a piece is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    /// Letters and digits, in lower case, with apostrophes left out; of a script without
    /// spaces, one character.
    Word(String),
    /// Digits with points or commas between them, as typed.
    Number(String),
    /// A currency sign.
    Currency(char),
    /// A dash between two pieces.
    Dash,
    /// A dash before a word, with nothing before it.
    Minus,
}

/// Cuts a text, full-width signs as plain ones. Other punctuation only separates.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let quotes = quotes(text);
    let mut tokens = Vec::new();
    let mut rest = text.char_indices().map(|(at, c)| (at, narrowed(c))).peekable();
    while let Some((start, first)) = rest.next() {
        let kind = if first.is_alphanumeric() {
            let mut piece = String::from(first);
            let mut is_number = first.is_ascii_digit();
            while let Some(&(_, next)) = rest.peek().filter(|_| !is_unspaced(first)) {
                let after = rest.clone().nth(1).map(|(_, after)| after);
                let joins = next.is_alphanumeric() && !is_unspaced(next)
                    || matches!(next, '\'' | '’') && after.is_some_and(char::is_alphanumeric)
                    || is_point(next) && is_number && after.is_some_and(|c| c.is_ascii_digit());
                if !joins {
                    break;
                }
                is_number &= next.is_ascii_digit() || is_point(next);
                piece.push(next);
                rest.next();
            }
            match is_number {
                true => Kind::Number(piece),
                false => Kind::Word(folded(&piece)),
            }
        } else if matches!(first, '$' | '€' | '£' | '¥') {
            Kind::Currency(first)
        } else if matches!(first, '-' | '–' | '—' | '~') {
            let before = text[..start].chars().next_back();
            let after = rest.peek().map(|(_, after)| *after);
            let starts = before.is_none_or(char::is_whitespace) && first != '~';
            match starts && after.is_some_and(char::is_alphabetic) {
                true => Kind::Minus,
                false => Kind::Dash,
            }
        } else {
            continue;
        };
        let end = rest.peek().map_or(text.len(), |(at, _)| *at);
        let quoted = quotes.iter().any(|quote| quote.contains(&start));
        tokens.push(Token { kind, span: start..end, quoted });
    }
    tokens
}

/// A word as it is compared: lower case, without apostrophes.
pub(crate) fn folded(word: &str) -> String {
    word.to_lowercase().replace(['\'', '’'], "")
}

/// The words of a phrase as they are compared, joined by spaces.
pub(crate) fn folded_phrase(phrase: &str) -> String {
    let word = |token: Token| match token.kind {
        Kind::Word(word) | Kind::Number(word) => Some(word),
        _ => None,
    };
    tokens(phrase).into_iter().filter_map(word).collect::<Vec<_>>().join(" ")
}

impl Token {
    /// The word, if it is one outside of quotes.
    pub fn word(&self) -> Option<&str> {
        match &self.kind {
            Kind::Word(word) if !self.quoted => Some(word),
            _ => None,
        }
    }

    /// Word or number, quoted or not.
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Word(text) | Kind::Number(text) => Some(text),
            _ => None,
        }
    }
}

fn is_point(c: char) -> bool {
    matches!(c, '.' | ',')
}

/// What stands in double quotes that open after a space and close before one:
/// the sign for inches (15") does neither. Bytes of the text.
pub fn quotes(text: &str) -> Vec<Range<usize>> {
    let is_quote = |c: char| matches!(c, '"' | '“' | '”');
    let mut quotes = Vec::new();
    let mut open = None;
    for (at, c) in text.char_indices().filter(|(_, c)| is_quote(*c)) {
        let before = text[..at].chars().next_back();
        let after = text[at + c.len_utf8()..].chars().next();
        match open {
            None if before.is_none_or(char::is_whitespace) => open = Some(at),
            Some(start) if after.is_none_or(|c| !c.is_alphanumeric()) => {
                quotes.push(start..at + c.len_utf8());
                open = None;
            }
            _ => {}
        }
    }
    quotes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<String> {
        let kind = |token: Token| match token.kind {
            Kind::Word(word) if token.quoted => format!("\"{word}\""),
            Kind::Word(word) => word,
            Kind::Number(number) => format!("#{number}"),
            Kind::Currency(sign) => sign.to_string(),
            Kind::Dash => "dash".to_owned(),
            Kind::Minus => "minus".to_owned(),
        };
        tokens(text).into_iter().map(kind).collect()
    }

    #[test]
    fn pieces_are_told_apart() {
        assert_eq!(kinds("Tea, under $1,299.50!"), ["tea", "under", "$", "#1,299.50"]);
        assert_eq!(kinds("5-10 dollars"), ["#5", "dash", "#10", "dollars"]);
        assert_eq!(kinds("-apple wi-fi 12oz"), ["minus", "apple", "wi", "dash", "fi", "12oz"]);
        assert_eq!(kinds("Kellogg's 2.5 x1.5"), ["kelloggs", "#2.5", "x1", "#5"]);
        assert_eq!(kinds("\u{202e}\u{0} 🍕 ,.;"), [] as [&str; 0]);
        assert_eq!(kinds("茶20.5元～￥３０"), ["茶", "#20.5", "元", "dash", "¥", "#30"]);
        assert_eq!(kinds("饼干 -花"), ["饼", "干", "minus", "花"]);
    }

    #[test]
    fn quotes_hold_words_and_inches_do_not_open_them() {
        assert_eq!(kinds("tv \"under\" 20"), ["tv", "\"under\"", "#20"]);
        assert_eq!(kinds("15\" tv under 20\""), ["#15", "tv", "under", "#20"]);
        assert_eq!(kinds("“not apple”"), ["\"not\"", "\"apple\""]);
        assert_eq!(kinds("\"never closed"), ["never", "closed"]);
    }

    #[test]
    fn spans_are_those_of_the_text() {
        let text = "thé – under €5";
        let spans: Vec<&str> = tokens(text).into_iter().map(|t| &text[t.span]).collect();
        assert_eq!(spans, ["thé", "–", "under", "€", "5"]);
    }
}
