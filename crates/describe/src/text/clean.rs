//! Texts without what is not to be seen.

use super::is_hidden;

/// A text on one line: what is hidden is left out, white space is one space, and none is around it.
pub(crate) fn cleaned(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_whitespace() || matches!(c, '\u{2028}' | '\u{2029}') {
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
        } else if !is_hidden(c) {
            out.push(c);
        }
    }
    out.truncate(out.trim_end().len());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_hidden_is_left() {
        let text = "\u{feff} a\u{202e}b\u{200b}c\n\n\td\u{7}\u{2028}e \u{e0041}";
        assert_eq!(cleaned(text), "abc d e");
        assert_eq!(cleaned("防水\u{200d}外套"), "防水外套");
    }
}
