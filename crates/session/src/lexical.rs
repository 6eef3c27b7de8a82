//! Which words of a search the synced cards have.

use crate::catalogue::Catalogue;
use vitrine_domain::script::{is_unspaced, spaced};

/// A query word that is a whole word of the card.
const WHOLE_WORD: u32 = 2;
/// A query word that begins a word of the card.
const PREFIX: u32 = 1;

/// Words of a search that are looked up.
const WORDS_MAX: usize = 32;

/// Characters of a run without spaces that are looked up.
const RUN_CHARS_MAX: usize = 32;

/// The words of a search.
pub(crate) fn wanted(text: &str) -> Vec<String> {
    let mut wanted = words(text);
    wanted.truncate(WORDS_MAX);
    wanted
}

/// Which of some beginnings of words each card has, as bits in their order; at most the
/// first 32 count.
pub(crate) fn matched(catalogue: &Catalogue, starts: &[String]) -> Vec<u32> {
    let of = |index: u32| {
        let texts = catalogue.other_texts(index).into_iter().chain([catalogue.title(index)]);
        let own: Vec<String> = texts.flat_map(words).collect();
        let has = |start: &String| word_score(start, &own) > 0;
        let bits = (0..u32::BITS).zip(starts);
        bits.fold(0, |all, (bit, start)| all | u32::from(has(start)) << bit)
    };
    (0..catalogue.n_items()).map(of).collect()
}

fn word_score(wanted: &str, words: &[String]) -> u32 {
    if wanted.starts_with(is_unspaced) {
        return run_score(wanted, words);
    }
    let score = |word: &String| match word.strip_prefix(wanted) {
        Some("") => WHOLE_WORD,
        Some(_) => PREFIX,
        None => 0,
    };
    words.iter().map(score).max().unwrap_or(0)
}

/// A word in a script without spaces: whole where all pairs of its characters are on the card,
/// begun where half of them are, or where at most one character of three and more is not.
fn run_score(wanted: &str, words: &[String]) -> u32 {
    let starts = wanted.char_indices().map(|(at, _)| at);
    let ends: Vec<usize> =
        starts.chain(std::iter::once(wanted.len())).take(RUN_CHARS_MAX + 1).collect();
    let n_found = |n_chars: usize| {
        let has = |part: &&[usize]| {
            words.iter().any(|word| word.contains(&wanted[part[0]..part[n_chars]]))
        };
        ends.windows(n_chars + 1).filter(has).count() as u32
    };
    let n_chars = ends.len() as u32 - 1;
    match (n_chars.checked_sub(1), n_found(1)) {
        (Some(n_pairs @ 1..), n_chars_found) => {
            let is_near = n_pairs > 1 && n_chars_found >= n_pairs;
            (WHOLE_WORD * n_found(2) / n_pairs).max(if is_near { PREFIX } else { 0 })
        }
        (_, n_chars_found) => WHOLE_WORD * n_chars_found,
    }
}

/// Lower-case runs of letters and digits of one script.
fn words(text: &str) -> Vec<String> {
    spaced(text)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_lower_case_runs() {
        assert_eq!(words("2% Milk, Öko-Käse!"), ["2", "milk", "öko", "käse"]);
        assert!(words(" – ").is_empty());
    }

    #[test]
    fn whole_words_beat_begun_ones() {
        let card = words("Whole milk chocolate");
        assert_eq!(word_score("milk", &card), WHOLE_WORD);
        assert_eq!(word_score("choc", &card), PREFIX);
        assert_eq!(word_score("ilk", &card), 0);
    }

    #[test]
    fn runs_without_spaces_are_found_by_pairs_of_characters() {
        let card = words("苹果iPhone手机壳 绿茶");
        assert_eq!(card, ["苹果", "iphone", "手机壳", "绿茶"]);
        for (wanted, score) in [
            ("手机壳", WHOLE_WORD),
            ("机壳", WHOLE_WORD),
            ("茶", WHOLE_WORD),
            ("苹果手机壳", PREFIX),
            ("手鸡壳", PREFIX),
            ("手鸡", 0),
            ("壳机手", PREFIX),
            ("红茶", 0),
            ("挖掘机", 0),
            (&"手机壳".repeat(100_000), PREFIX),
        ] {
            assert_eq!(word_score(wanted, &card), score, "{}", wanted.len());
        }
    }
}
