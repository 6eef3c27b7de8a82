//! Searches as people type them: with slips, cut short, with other words.

use rand::Rng;
use rand::seq::IndexedRandom as _;
use vitrine_domain::Synonym;
use vitrine_recall::Synonyms;

use super::AdaptConfig;

/// Shorter words are typed right.
const SLIP_LETTERS_MIN: usize = 4;
/// Shorter words are not cut short.
const CUT_LETTERS_MIN: usize = 6;
/// What is left of a word that is cut short, at least.
const CUT_LETTERS: usize = 3;
/// Rows of a keyboard: neighbours are hit by mistake.
const KEYS: [&str; 3] = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];

/// A search with one or no change.
pub(super) fn noisy(
    search: &str,
    config: &AdaptConfig,
    synonyms: &Synonyms,
    rng: &mut impl Rng,
) -> String {
    let AdaptConfig { typos, abbreviations, synonyms: synonym, dropped, .. } = config;
    let mut left = rng.random_range(0.0..1.0);
    let mut is_it = |share: f64| {
        left -= share;
        left < 0.0
    };
    let changed = if is_it(*typos) {
        in_a_word(search, SLIP_LETTERS_MIN, rng, slip)
    } else if is_it(*abbreviations) {
        in_a_word(search, CUT_LETTERS_MIN, rng, cut)
    } else if is_it(*synonym) {
        replaced(search, synonyms, rng)
    } else if is_it(*dropped) {
        without_a_word(search, rng)
    } else {
        None
    };
    changed.unwrap_or_else(|| search.to_owned())
}

fn in_a_word<R: Rng>(
    search: &str,
    letters_min: usize,
    rng: &mut R,
    change: impl Fn(&[char], &mut R) -> String,
) -> Option<String> {
    let mut words: Vec<String> = search.split(' ').map(str::to_owned).collect();
    let is_long = |word: &&mut String| {
        word.chars().count() >= letters_min && word.chars().all(|c| c.is_ascii_alphabetic())
    };
    let mut long: Vec<&mut String> = words.iter_mut().filter(is_long).collect();
    let n = long.len();
    let word = long.get_mut(rng.random_range(0..n.max(1)))?;
    let letters: Vec<char> = word.chars().collect();
    **word = change(&letters, rng);
    Some(words.join(" "))
}

/// One letter left out, doubled, exchanged with the next or hit beside.
fn slip(letters: &[char], rng: &mut impl Rng) -> String {
    let mut out = letters.to_vec();
    // The first letter is mostly right.
    let at = rng.random_range(1..out.len() - 1);
    match rng.random_range(0..4) {
        0 => drop(out.remove(at)),
        1 => out.insert(at, out[at]),
        2 => out.swap(at, at + 1),
        _ => out[at] = beside(out[at], rng),
    }
    out.into_iter().collect()
}

fn beside(letter: char, rng: &mut impl Rng) -> char {
    let row = KEYS.iter().find(|row| row.contains(letter));
    let keys: Vec<char> = row.map_or_else(Vec::new, |row| row.chars().collect());
    let Some(at) = keys.iter().position(|key| *key == letter) else { return letter };
    let near = [at.checked_sub(1), Some(at + 1)];
    let near: Vec<char> =
        near.into_iter().flatten().filter_map(|at| keys.get(at)).copied().collect();
    near.choose(rng).copied().unwrap_or(letter)
}

fn cut(letters: &[char], rng: &mut impl Rng) -> String {
    letters[..rng.random_range(CUT_LETTERS..letters.len() - 1)].iter().collect()
}

fn replaced(search: &str, synonyms: &Synonyms, rng: &mut impl Rng) -> Option<String> {
    let found = synonyms.of(search);
    let Synonym { typed, used } = found.choose(rng)?;
    let padded = format!(" {search} ");
    Some(padded.replacen(&format!(" {typed} "), &format!(" {used} "), 1).trim().to_owned())
}

fn without_a_word(search: &str, rng: &mut impl Rng) -> Option<String> {
    let mut words: Vec<&str> = search.split(' ').collect();
    (words.len() > 2).then(|| {
        words.remove(rng.random_range(0..words.len()));
        words.join(" ")
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use rand::SeedableRng as _;
    use rand::rngs::SmallRng;

    use super::*;

    fn changed(search: &str, config: &AdaptConfig) -> HashSet<String> {
        let own = "same = [[\"headphones\", \"earphones\"], [\"tv\", \"television\"]]";
        let synonyms = Synonyms::with(Some(own)).unwrap();
        let mut rng = SmallRng::seed_from_u64(7);
        (0..200).map(|_| noisy(search, config, &synonyms, &mut rng)).collect()
    }

    fn only(change: impl Fn(&mut AdaptConfig)) -> AdaptConfig {
        let none = AdaptConfig {
            typos: 0.0,
            abbreviations: 0.0,
            synonyms: 0.0,
            dropped: 0.0,
            ..AdaptConfig::default()
        };
        let mut config = none;
        change(&mut config);
        config
    }

    #[test]
    fn each_change_is_of_its_kind_and_one_alone() {
        let search = "wireless tv headphones";
        assert_eq!(changed(search, &only(|_| {})), HashSet::from([search.to_owned()]));
        for slipped in changed(search, &only(|config| config.typos = 1.0)) {
            let words: Vec<&str> = slipped.split(' ').collect();
            let n_changed = words.iter().zip(search.split(' ')).filter(|(a, b)| *a != b).count();
            assert!(words.len() == 3 && n_changed <= 1, "{slipped}");
            assert_eq!(words[1], "tv", "it is too short for a slip");
        }
        for short in changed(search, &only(|config| config.abbreviations = 1.0)) {
            assert!(
                short.len() < search.len() && short.len() >= "wireless tv hea".len(),
                "{short}"
            );
        }
        let same = changed(search, &only(|config| config.synonyms = 1.0));
        for synonym in ["wireless television headphones", "wireless tv earphones"] {
            assert!(same.contains(synonym), "{same:?}");
        }
        let fewer = changed(search, &only(|config| config.dropped = 1.0));
        assert_eq!(fewer.len(), 3);
        assert!(fewer.contains("wireless tv"));
    }

    #[test]
    fn what_cannot_be_changed_stays() {
        let all = only(|config| config.typos = 1.0);
        for search in ["tv", "", "无糖乌龙茶", "4k 8k"] {
            assert_eq!(changed(search, &all), HashSet::from([search.to_owned()]));
        }
    }
}
