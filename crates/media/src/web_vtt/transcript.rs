//! Lines of cues joined to sentences.

use unicode_segmentation::UnicodeSegmentation;
use vitrine_domain::script::is_unspaced;

use crate::limits::{ROLL_UP_LINES_MAX, SENTENCE_BYTES_MAX, TEXT_BYTES_MAX};

/// Most bytes of a word that is not cut. Where white space is further away, there are no spaces
/// between words.
const WORD_BYTES_MAX: usize = 100;

/// What is said so far.
#[derive(Default)]
pub(super) struct TranscriptBuilder {
    text: String,
    /// Lines of the latest cue that had any.
    latest: Vec<String>,
    is_cut: bool,
}

impl TranscriptBuilder {
    /// Adds the lines of the next cue.
    pub(super) fn push(&mut self, lines: Vec<String>) {
        if lines.is_empty() {
            return;
        }
        for line in &lines[n_repeated(&self.latest, &lines)..] {
            self.say(line);
        }
        self.latest = lines;
    }

    fn say(&mut self, line: &str) {
        if self.is_cut {
            return;
        }
        let wide = |c: Option<char>| c.is_none_or(is_wide);
        if !(self.text.is_empty()
            || wide(self.text.chars().next_back()) && wide(line.chars().next()))
        {
            self.text.push(' ');
        }
        self.text.push_str(line);
        if self.text.len() > TEXT_BYTES_MAX {
            self.is_cut = true;
            let kept = cut_before(&self.text, TEXT_BYTES_MAX).trim_end().len();
            self.text.truncate(kept);
        }
    }

    /// Sentences, and whether more was said.
    pub(super) fn finish(self) -> (Vec<String>, bool) {
        let sentences = self.text.unicode_sentences().flat_map(pieces);
        (sentences.collect(), self.is_cut)
    }
}

/// How many lines at the beginning of a cue are the last lines of the one before.
fn n_repeated(before: &[String], lines: &[String]) -> usize {
    let most = ROLL_UP_LINES_MAX.min(before.len()).min(lines.len());
    (1..=most).rev().find(|n| before[before.len() - n..] == lines[..*n]).unwrap_or(0)
}

/// Chinese and Japanese characters and their punctuation, between which no space stands.
fn is_wide(c: char) -> bool {
    is_unspaced(c) || matches!(c, '\u{3000}'..='\u{3004}' | '\u{ff01}'..='\u{ffee}')
}

/// A sentence in pieces of at most [`SENTENCE_BYTES_MAX`] bytes, without white space around them.
fn pieces(sentence: &str) -> impl Iterator<Item = String> {
    let mut rest = sentence.trim();
    std::iter::from_fn(move || {
        let piece = cut_before(rest, SENTENCE_BYTES_MAX);
        rest = rest[piece.len()..].trim_start();
        (!piece.is_empty()).then(|| piece.trim_end().to_owned())
    })
}

/// The beginning of a text in at most `bytes_max` bytes: up to the white space before the word
/// that does not fit, or as many characters as there is room for.
fn cut_before(text: &str, bytes_max: usize) -> &str {
    if text.len() <= bytes_max {
        return text;
    }
    let most = &text[..text.floor_char_boundary(bytes_max)];
    match most.rfind(char::is_whitespace) {
        Some(end) if most.len() - end <= WORD_BYTES_MAX => &most[..end],
        _ => most,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(cues: &[&[&str]]) -> Vec<String> {
        let mut transcript = TranscriptBuilder::default();
        for cue in cues {
            transcript.push(cue.iter().map(|line| (*line).to_owned()).collect());
        }
        transcript.finish().0
    }

    #[test]
    fn sentences_go_on_over_cues() {
        let cues: [&[&str]; 3] =
            [&["It is 5.5", "cm wide. And"], &["it weighs"], &["nothing! Ha."]];
        assert_eq!(said(&cues), ["It is 5.5 cm wide.", "And it weighs nothing!", "Ha."]);
        assert_eq!(
            said(&[&["这款手机"], &["很好。我喜欢", "Vitrine 的"]]),
            ["这款手机很好。", "我喜欢 Vitrine 的"]
        );
        assert!(said(&[&[]]).is_empty());
    }

    #[test]
    fn lines_that_roll_up_are_said_once() {
        let cues: [&[&str]; 6] = [&["a"], &["a", "b"], &["b"], &[], &["b", "c"], &["d", "c"]];
        assert_eq!(said(&cues), ["a b c d c"]);
        let three: [&[&str]; 3] = [&["a", "b"], &["a", "b", "a"], &["b", "a", "c"]];
        assert_eq!(said(&three), ["a b a c"]);
    }

    #[test]
    fn speech_without_full_stops_is_cut_into_pieces() {
        let line = "word ".repeat(1_000);
        let found = said(&[&[line.trim()]]);
        assert!(found.iter().all(|piece| piece.len() <= SENTENCE_BYTES_MAX));
        assert_eq!(found.join(" "), line.trim());
        let unspaced = "语".repeat(1_000);
        assert_eq!(said(&[&[&unspaced]]).concat(), unspaced);
        let found = said(&[&[&format!("好 {unspaced}")]]);
        assert_eq!(found[0].len(), SENTENCE_BYTES_MAX, "the space is far from the end");
    }
}
