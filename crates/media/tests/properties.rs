//! What holds of any file.

use proptest::collection::vec;
use proptest::prelude::*;
use vitrine_media::{Medium, WebVtt};

fn cue(lines: &[String]) -> String {
    format!("00:01.000 --> 00:02.000\n{}\n\n", lines.join("\n"))
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

proptest! {
    /// Sentences are the words of all cues in their order, whatever stands where.
    #[test]
    fn every_word_is_said_once_in_order(
        cues in vec(vec("[a-z]{1,8}[.!?,]?( [A-Za-z]{1,8}[.…]?){0,4}", 1..4), 0..20)
    ) {
        // A number on each line, so that none repeats another.
        let mut numbered = cues;
        for (n, line) in numbered.iter_mut().flatten().enumerate() {
            line.insert_str(0, &format!("{n} "));
        }
        let cues: String = numbered.iter().map(|lines| cue(lines)).collect();
        let file = format!("WEBVTT\n\n{cues}");
        let content = WebVtt.read(file.as_bytes()).unwrap();
        prop_assert_eq!(words(&content.texts.join(" ")), words(&numbered.concat().join(" ")));
        prop_assert_eq!((content.n_skipped, content.is_cut), (0, false));
    }

    /// A window that rolls over lines says each of them once.
    #[test]
    fn rolling_captions_say_what_plain_ones_say(n in 1..30usize, window in 1..=4usize) {
        let lines: Vec<String> = (0..n).map(|at| format!("line {at}.")).collect();
        let plain: String = lines.iter().map(|line| cue(std::slice::from_ref(line))).collect();
        let rolling: String =
            (0..n).map(|at| cue(&lines[(at + 1).saturating_sub(window)..=at])).collect();
        let read = |cues: &str| WebVtt.read(format!("WEBVTT\n\n{cues}").as_bytes()).unwrap();
        prop_assert_eq!(read(&rolling), read(&plain));
        prop_assert_eq!(words(&read(&plain).texts.join(" ")).len(), 2 * n);
    }

    /// Whatever is not taken for markup is kept, and nothing of what is.
    #[test]
    fn markup_changes_no_word(
        words in vec("[a-z]{1,6}", 1..30),
        tags in vec(0..5usize, 30),
    ) {
        const TAGS: [(&str, &str); 5] = [
            ("", ""),
            ("<b>", "</b>"),
            ("<v.loud A. B.>", "</v>"),
            ("<00:01.500>", ""),
            ("<c.red><lang en>", "</lang></c>"),
        ];
        let marked = words.iter().zip(&tags).map(|(word, tag)| {
            let (before, behind) = TAGS[*tag];
            format!("{before}{word}{behind}")
        });
        let file = format!("WEBVTT\n\n{}", cue(&[marked.collect::<Vec<_>>().join(" ")]));
        prop_assert_eq!(WebVtt.read(file.as_bytes()).unwrap().texts, [words.join(" ")]);
    }
}
