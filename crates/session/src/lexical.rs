//! Which words of a search the synced cards have.

use crate::catalogue::Catalogue;
use vitrine_domain::script::{is_unspaced, spaced};

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
        let has = |start: &String| has_word(start, &own);
        let bits = (0..u32::BITS).zip(starts);
        bits.fold(0, |all, (bit, start)| all | u32::from(has(start)) << bit)
    };
    (0..catalogue.n_items()).map(of).collect()
}

/// Whether a word of the card begins with one of the search.
fn has_word(wanted: &str, words: &[String]) -> bool {
    match wanted.starts_with(is_unspaced) {
        true => has_run(wanted, words),
        false => words.iter().any(|word| word.starts_with(wanted)),
    }
}

/// Whether half of the pairs of characters of a word in a script without spaces are on the card, or
/// all of its characters but one of three and more.
fn has_run(wanted: &str, words: &[String]) -> bool {
    let starts = wanted.char_indices().map(|(at, _)| at);
    let ends: Vec<usize> =
        starts.chain(std::iter::once(wanted.len())).take(RUN_CHARS_MAX + 1).collect();
    let n_found = |n_chars: usize| {
        let has = |part: &&[usize]| {
            words.iter().any(|word| word.contains(&wanted[part[0]..part[n_chars]]))
        };
        ends.windows(n_chars + 1).filter(has).count()
    };
    match ends.len() - 1 {
        0 => false,
        1 => n_found(1) > 0,
        n_chars => {
            let n_pairs = n_chars - 1;
            2 * n_found(2) >= n_pairs || n_pairs > 1 && n_found(1) >= n_pairs
        }
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
    fn a_card_has_what_begins_one_of_its_words() {
        let card = words("Whole milk chocolate");
        assert!(has_word("milk", &card) && has_word("choc", &card));
        assert!(!has_word("ilk", &card));
    }

    #[test]
    fn runs_without_spaces_are_found_by_pairs_of_characters() {
        let card = words("苹果iPhone手机壳 绿茶");
        assert_eq!(card, ["苹果", "iphone", "手机壳", "绿茶"]);
        for wanted in
            ["手机壳", "机壳", "茶", "苹果手机壳", "手鸡壳", "壳机手", &"手机壳".repeat(100_000)]
        {
            assert!(has_word(wanted, &card), "{}", wanted.len());
        }
        for wanted in ["手鸡", "红茶", "挖掘机"] {
            assert!(!has_word(wanted, &card), "{wanted}");
        }
    }
}
