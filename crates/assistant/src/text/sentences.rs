//! Sentences of a text, word for word.

use vitrine_domain::script::is_unspaced;

/// Words before a point that do not end a sentence.
const ABBREVIATIONS: &[&str] = &[
    "approx", "ca", "dr", "e.g", "etc", "fl", "i.e", "incl", "inkl", "max", "min", "mr", "mrs",
    "nr", "oz", "st", "u.s", "usw", "vs", "z.b",
];

/// The sentences of a text in their order, each a part of the text without space around it.
///
/// A full stop, a question or exclamation mark, their Chinese forms and a line break end one; a
/// point within a number, behind an abbreviation or before a small letter does not, unless the
/// text has no capital letters.
pub(crate) fn sentences(text: &str) -> Vec<&str> {
    let has_capitals = text.chars().filter(|c| c.is_uppercase()).count() > 1;
    let mut out = Vec::new();
    let mut start = 0;
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        let after = &text[end..];
        let ends = match c {
            '。' | '！' | '？' | '\n' | '\r' | '；' => true,
            '!' | '?' => !after.starts_with(['!', '?', '.', '"', '\'', ')']),
            '.' => ends_sentence(&text[start..at], after, has_capitals),
            _ => false,
        };
        if ends {
            push(&mut out, &text[start..end]);
            start = end;
        }
    }
    push(&mut out, &text[start..]);
    out
}

fn ends_sentence(before: &str, after: &str, has_capitals: bool) -> bool {
    if after.starts_with('.') {
        return false;
    }
    let next = after.trim_start_matches(['"', '\'', ')', '”']).chars().next();
    let Some(next) = next else { return true };
    let is_followed = next.is_whitespace() || is_unspaced(next);
    let word = before.rsplit(char::is_whitespace).next().unwrap_or_default().to_lowercase();
    let word = word.trim_start_matches(['(', '"']);
    let is_abbreviation = ABBREVIATIONS.contains(&word) || word.chars().count() == 1;
    let begins = after.trim_start().chars().next();
    let begins_small = begins.is_some_and(char::is_lowercase) && has_capitals;
    is_followed && !is_abbreviation && !begins_small
}

fn push<'t>(out: &mut Vec<&'t str>, part: &'t str) {
    let part = part.trim();
    if part.chars().any(char::is_alphanumeric) {
        out.push(part);
    }
}

/// A sentence as pieces of at most `bytes_max` bytes, cut behind commas and semicolons; what has
/// none there is left out.
pub(crate) fn clipped(sentence: &str, bytes_max: usize) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = sentence;
    while rest.len() > bytes_max {
        let is_cut = |(at, c): &(usize, char)| {
            matches!(c, ',' | ';' | '，' | '；' | '、') && *at + c.len_utf8() <= bytes_max
        };
        let cut = rest.char_indices().rfind(is_cut);
        match cut {
            Some((at, c)) => {
                push(&mut out, &rest[..at]);
                rest = rest[at + c.len_utf8()..].trim_start();
            }
            None => {
                let next = rest.find([',', ';', '，', '；', '、']);
                let Some(next) = next else { return out };
                let mark = rest[next..].chars().next().map_or(0, char::len_utf8);
                rest = rest[next + mark..].trim_start();
            }
        }
    }
    push(&mut out, rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_where_sentences_end() {
        for (text, parts) in [
            ("It is warm. It weighs 1.5 kg!", &["It is warm.", "It weighs 1.5 kg!"][..]),
            ("The bag is approx. 5 in. wide. OK.", &["The bag is approx. 5 in. wide.", "OK."]),
            ("nice. i bought two... love it", &["nice.", "i bought two...", "love it"]),
            ("防水。很轻！", &["防水。", "很轻！"]),
            ("Size: 4\nColour: red", &["Size: 4", "Colour: red"]),
            ("Is it? Yes.", &["Is it?", "Yes."]),
            (" . ", &[]),
        ] {
            assert_eq!(sentences(text), parts, "{text}");
        }
    }

    #[test]
    fn long_sentences_are_cut_at_commas_and_never_within_words() {
        assert_eq!(clipped("one, two, three", 9), ["one, two", "three"]);
        assert_eq!(clipped("averylongword, b", 6), ["b"]);
        assert_eq!(clipped("averylongword", 6), [""; 0]);
        assert_eq!(clipped("短", 6), ["短"]);
    }
}
