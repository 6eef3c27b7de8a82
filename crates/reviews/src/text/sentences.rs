//! A text cut into its sentences.

use std::ops::Range;

use vitrine_domain::script::is_unspaced;

/// Most sentences that are read of one text; what follows them is left out.
pub const SENTENCES_MAX: usize = 256;

/// The sentences of a text in their order, as ranges of its bytes without the white space around
/// them. A sentence ends behind `.`, `!`, `?`, `…` or what Chinese writes for them, with the quotes
/// and brackets that close there, and at the end of a line. A full stop within a number or a word
/// ("5.5", "v.neck") ends nothing, because no space follows it. What has neither letter nor digit is
/// no sentence.
///
/// ```
/// use vitrine_reviews::sentences;
///
/// let text = "Lovely! I am 5.5 ft. 很好。买了";
/// let found: Vec<&str> = sentences(text).into_iter().map(|range| &text[range]).collect();
/// assert_eq!(found, ["Lovely!", "I am 5.5 ft.", "很好。", "买了"]);
/// ```
pub fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut rest = text.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        if !is_end(c) {
            continue;
        }
        let mut end = at + c.len_utf8();
        let mut ends_anywhere = is_wide_end(c);
        while let Some((at, next)) = rest.next_if(|(_, next)| is_end(*next) && *next != '\n') {
            end = at + next.len_utf8();
            ends_anywhere |= is_wide_end(next);
        }
        while let Some((at, next)) = rest.next_if(|(_, next)| closes(*next)) {
            end = at + next.len_utf8();
        }
        let next = rest.peek().map(|(_, next)| *next);
        let is_apart = next.is_none_or(|next| next.is_whitespace() || is_unspaced(next));
        if c == '\n' || ends_anywhere || is_apart {
            push(text, start..end, &mut found);
            start = end;
        }
        if found.len() == SENTENCES_MAX {
            return found;
        }
    }
    push(text, start..text.len(), &mut found);
    found
}

fn push(text: &str, range: Range<usize>, found: &mut Vec<Range<usize>>) {
    let sentence = &text[range.clone()];
    let start = range.start + sentence.len() - sentence.trim_start().len();
    let end = start + sentence.trim().len();
    if text[start..end].chars().any(char::is_alphanumeric) {
        found.push(start..end);
    }
}

fn is_end(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '…' | '\n') || is_wide_end(c)
}

/// Ends a sentence whatever follows, since scripts without spaces leave none there.
fn is_wide_end(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '；')
}

fn closes(c: char) -> bool {
    matches!(c, '"' | '\'' | ')' | ']' | '”' | '’' | '»' | '」' | '』' | '）')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert, proptest};

    use super::*;

    fn cut(text: &str) -> Vec<&str> {
        sentences(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn ends_close_quotes_and_numbers_do_not_end() {
        assert_eq!(
            cut("He said \"no.\" I went (twice!). ok"),
            ["He said \"no.\"", "I went (twice!).", "ok"]
        );
        assert_eq!(cut("size 2.5,v.neck... Great?! yes"), ["size 2.5,v.neck...", "Great?!", "yes"]);
        assert_eq!(cut("one line\r\ntwo"), ["one line", "two"]);
        assert_eq!(cut("质量不错！！快递慢；不会再买"), ["质量不错！！", "快递慢；", "不会再买"]);
        assert_eq!(cut(" … !! \n ."), [] as [&str; 0]);
    }

    #[test]
    fn many_sentences_are_cut_off() {
        assert_eq!(sentences(&"a. ".repeat(1_000)).len(), SENTENCES_MAX);
    }

    proptest! {
        #[test]
        fn ranges_are_in_order_trimmed_and_lose_no_letter(text in any::<String>()) {
            let found = sentences(&text);
            let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
            let kept: usize = found.iter().map(|range| letters(&text[range.clone()])).sum();
            prop_assert!(found.len() == SENTENCES_MAX || kept == letters(&text));
            prop_assert!(found.windows(2).all(|pair| pair[0].end <= pair[1].start));
            prop_assert!(found.iter().all(|range| text[range.clone()].trim() == &text[range.clone()]));
        }
    }
}
