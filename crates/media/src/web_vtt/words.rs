//! The text of a cue without its markup.
//!
//! # Source
//! WebVTT: The Web Video Text Tracks Format, W3C, section 6.4 (cue text). Of named characters only
//! those with their semicolon are replaced.

use html_escape::decode_html_entities_to_string;

/// Words with which a line begins that another speaker says.
const SPEAKER_DASHES: [&str; 3] = ["-", "–", "—"];

/// Lines of a cue as they are seen, without tags. What voice and language spans hold is kept, what
/// ruby puts above it (`<rt>`) is not, since it says the same once more. A dash with which
/// another speaker begins is left out, as names of speakers are: it would join two sentences. Lines
/// have single spaces; empty ones are left out.
pub(super) fn cue_lines(text: &str) -> Vec<String> {
    let plain = plain(text);
    plain.lines().map(single_spaced).filter(|line| !line.is_empty()).collect()
}

fn single_spaced(line: &str) -> String {
    let words = line.split_whitespace().skip_while(|word| SPEAKER_DASHES.contains(word));
    words.collect::<Vec<_>>().join(" ")
}

fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut is_ruby, mut is_above) = (false, false);
    let mut rest = text;
    loop {
        let (said, tag) = rest.split_once('<').unwrap_or((rest, ""));
        if !is_above {
            decode_html_entities_to_string(said, &mut out);
        }
        // What is not closed is a tag up to the end.
        let Some((tag, behind)) = tag.split_once('>') else { return out };
        match tag_name(tag) {
            "ruby" => is_ruby = true,
            "rt" => is_above = is_ruby,
            "/rt" => is_above = false,
            "/ruby" => (is_ruby, is_above) = (false, false),
            _ => {}
        }
        rest = behind;
    }
}

/// The name of a tag, before its classes and what is written behind it.
fn tag_name(tag: &str) -> &str {
    &tag[..tag.find(['.', ' ', '\t', '\n', '\u{c}']).unwrap_or(tag.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_removed_and_their_words_kept() {
        for (text, expected) in [
            ("<v.loud Anna Lee>Hello <b>there</b></v>, all", "Hello there, all"),
            ("one <c.yellow.bg_blue>two</c> <00:01.500>three", "one two three"),
            ("<lang en-GB>grey</lang> <i>colour</i>", "grey colour"),
            ("<ruby>手<rt>shǒu</rt>机<rt>jī</ruby>好", "手机好"),
            ("not ruby: <rt>kept</rt>", "not ruby: kept"),
            ("a <unknown x=\"y\">b</unknown> < c > d", "a b d"),
            ("cut <v Anna", "cut"),
            ("", ""),
        ] {
            assert_eq!(cue_lines(text).join("/"), expected, "{text}");
        }
    }

    #[test]
    fn named_and_numbered_characters_are_replaced_once() {
        for (text, expected) in [
            ("salt &amp; pepper &lt;3 &gt;", "salt & pepper <3 >"),
            ("10&nbsp;cm &eacute;&#233;&#xe9;", "10 cm ééé"),
            ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
            ("&lt;b&gt;bold&lt;/b&gt;", "<b>bold</b>"),
            ("left&lrm;right&rlm;", "left\u{200e}right\u{200f}"),
            ("R&D & co; &nothing; &#x110000;", "R&D & co; &nothing; &#x110000;"),
        ] {
            assert_eq!(cue_lines(text).join("/"), expected, "{text}");
        }
    }

    #[test]
    fn lines_have_single_spaces() {
        assert_eq!(cue_lines("  one\t two \n \n<i>\n three</i>"), ["one two", "three"]);
        assert_eq!(cue_lines("- Cold?\n– -20 °C - so yes.\n—"), ["Cold?", "-20 °C - so yes."]);
    }
}
