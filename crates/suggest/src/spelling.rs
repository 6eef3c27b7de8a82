//! What a misspelt word may be meant to begin: every word's beginning that one edit gives.

/// Letters from which on a word may be misspelt: shorter ones begin too much.
const MISSPELT_CHARS_MIN: usize = 4;
/// Most spellings of one word.
pub(crate) const SPELLINGS_MAX: usize = 16;
/// Most letters of a word that is taken for misspelt.
const MISSPELT_CHARS_MAX: usize = 24;

/// The word itself and what one edit makes of it, as far as words begin so. An edit
/// replaces, adds, drops or swaps a letter, never the first: people get that right, and
/// with it the words to compare are few.
///
/// The work is bounded by the letters of the word times those that follow its beginnings
/// in the vocabulary.
pub(crate) fn spellings(
    word: &str,
    next_chars: impl Fn(&str) -> Vec<char>,
    is_begun: impl Fn(&str) -> bool,
) -> Vec<String> {
    let mut spellings: Vec<String> = Vec::new();
    if is_begun(word) {
        spellings.push(word.to_owned());
    }
    let letters: Vec<char> = word.chars().collect();
    let is_too_short = letters.len() < MISSPELT_CHARS_MIN;
    if is_too_short || letters.len() > MISSPELT_CHARS_MAX || letters.iter().any(|c| c.is_numeric())
    {
        return spellings;
    }
    // The last letter of a beginning may be anything: it would be shortened, not corrected.
    let n_edited = letters.len() - spellings.len();
    // From the end: of beginnings that are right for longer, one is meant the sooner.
    for at in (1..n_edited).rev() {
        let start: String = letters[..at].iter().collect();
        if !is_begun(&start) {
            continue;
        }
        let spelt = |middle: &[char], from: usize| -> String {
            let rest = letters.get(from..).unwrap_or_default();
            start.chars().chain(middle.iter().copied()).chain(rest.iter().copied()).collect()
        };
        let (here, next) = (letters[at], letters.get(at + 1).copied());
        let mut edits: Vec<String> = Vec::new();
        edits.extend(next.filter(|next| *next != here).map(|next| spelt(&[next, here], at + 2)));
        for c in next_chars(&start).into_iter().filter(|c| *c != here) {
            edits.extend([spelt(&[c], at + 1), spelt(&[c], at)]);
        }
        edits.push(spelt(&[], at + 1));
        for edit in edits {
            if spellings.len() < SPELLINGS_MAX && !spellings.contains(&edit) && is_begun(&edit) {
                spellings.push(edit);
            }
        }
    }
    spellings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_edit_reaches_what_words_begin_with() {
        let words = ["chocolate", "choice", "yogurt", "milk"];
        let is_begun = |start: &str| words.iter().any(|word| word.starts_with(start));
        let next_chars = |start: &str| {
            words.iter().filter_map(|word| word.strip_prefix(start)?.chars().next()).collect()
        };
        let of = |word: &str| spellings(word, next_chars, is_begun);
        assert_eq!(of("milk"), ["milk"]);
        assert_eq!(of("choclate"), ["chocolate"]);
        assert_eq!(of("chocalate"), ["chocolate"]);
        assert_eq!(of("chcoolate"), ["chocolate"]);
        assert_eq!(of("choccolate"), ["chocolate"]);
        assert_eq!(of("choclat"), ["chocolat"], "unfinished");
        for word in ["chclat", "wogurt", "mlk", "mi1k", &"m".repeat(1_000)] {
            assert!(of(word).is_empty(), "{word}");
        }
    }

    #[test]
    fn the_work_is_bounded_by_letters_times_those_that_follow() {
        let word = "abcdefghijklmnopqrstuvwx";
        let alphabet: Vec<char> = ('a'..='z').chain('0'..='9').collect();
        let n_looked_up = std::cell::Cell::new(0);
        let is_begun = |start: &str| {
            n_looked_up.set(n_looked_up.get() + 1);
            word[..word.len() - 1].starts_with(start)
        };
        assert!(spellings(word, |_| alphabet.clone(), is_begun).contains(&word[..23].to_owned()));
        let n_max = word.len() * (2 * alphabet.len() + 3);
        assert!((1_000..=n_max).contains(&n_looked_up.get()), "{}", n_looked_up.get());
    }
}
