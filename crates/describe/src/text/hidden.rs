//! What a text has that is not to be seen.

/// Whether a character is invisible or changes the direction of others: control characters, marks
/// of direction, joiners and spaces without width, variation selectors and tags.
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// The first character of a text that hides or turns what is read, so that the text is not what it
/// looks like. Line breaks and tabs are among them: where a text may have lines, ask line by line.
///
/// Two characters are none where they make a pictograph, because people type pictographs and cannot
/// see what they are made of: the joiner U+200D between two of them (woman and wrench are a
/// mechanic) and the selector U+FE0F behind one (a check mark in colour, the key 1). They hide no
/// letter there. Tags are hidden everywhere, though a few flags are made of them: they can spell out
/// a text that nobody sees.
pub fn hidden_character(text: &str) -> Option<char> {
    let mut before = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if is_hidden(c) && !makes_pictograph(before, c, chars.peek().copied()) {
            return Some(c);
        }
        before = Some(c);
    }
    None
}

/// Whether a hidden character makes one pictograph of what it stands between.
fn makes_pictograph(before: Option<char>, c: char, behind: Option<char>) -> bool {
    const SELECTOR: char = '\u{fe0f}';
    const JOINER: char = '\u{200d}';
    const KEY: char = '\u{20e3}';
    let Some(before) = before else { return false };
    match c {
        SELECTOR if matches!(before, '0'..='9' | '#' | '*') => behind == Some(KEY),
        SELECTOR => is_pictograph(before),
        JOINER => {
            (before == SELECTOR || is_pictograph(before)) && behind.is_some_and(is_pictograph)
        }
        _ => false,
    }
}

/// Whether a character can be shown as a picture. These are blocks of symbols and single ones, none
/// of which stands in a word; the exact list of the standard grows.
fn is_pictograph(c: char) -> bool {
    matches!(c,
        '©' | '®' | '‼' | '⁉' | '™' | 'ℹ' | '〰' | '〽' | '㊗' | '㊙'
        | '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{23ff}' | '\u{24c2}' | '\u{25a0}'..='\u{27bf}'
        | '\u{2900}'..='\u{297f}' | '\u{2b00}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_or_turns_a_text_is_found() {
        for hidden in [
            '\0',
            '\t',
            '\n',
            '\u{7f}',
            '\u{ad}',
            '\u{61c}',
            '\u{200b}',
            '\u{200d}',
            '\u{200e}',
            '\u{200f}',
            '\u{2028}',
            '\u{2029}',
            '\u{202e}',
            '\u{2066}',
            '\u{3164}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{e0041}',
        ] {
            assert_eq!(hidden_character(&format!("oak{hidden}stool")), Some(hidden), "{hidden:?}");
            assert_eq!(hidden_character(&format!("{hidden}oak")), Some(hidden), "{hidden:?}");
        }
        for open in ["", "oak stool", "70 × 30 cm – „Eiche“", "防水外套", "café", "cafe\u{301}"]
        {
            assert_eq!(hidden_character(open), None, "{open:?}");
        }
    }

    #[test]
    fn pictographs_keep_what_makes_them() {
        let shown = [
            "✔\u{fe0f} oak",
            "👩\u{200d}🔧",
            "❤\u{fe0f}\u{200d}🔥",
            "1\u{fe0f}\u{20e3}",
            "👩🏽\u{200d}🔧",
        ];
        for text in shown {
            assert_eq!(hidden_character(text), None, "{text:?}");
        }
        for (text, hidden) in [
            ("✔\u{fe0f}\u{fe0f}", '\u{fe0f}'),
            ("1\u{fe0f}0 kg", '\u{fe0f}'),
            ("👩\u{200d}", '\u{200d}'),
            ("👩\u{200d}oak", '\u{200d}'),
            ("oak\u{200d}👩", '\u{200d}'),
            ("🏴\u{e0067}\u{e007f}", '\u{e0067}'),
        ] {
            assert_eq!(hidden_character(text), Some(hidden), "{text:?}");
        }
    }
}
