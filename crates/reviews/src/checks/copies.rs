//! Texts that share their words.

use std::collections::{BTreeMap, BTreeSet};

use crate::text::{Token, TokenKind, tokens};

/// Words of a run.
const RUN_WORDS: usize = 3;
/// Bands of a signature, and hashes of a band: of two texts that share 60 % of their runs all but one in
/// a hundred pairs meet in a band.
const N_BANDS: usize = 32;
const BAND_ROWS: usize = 4;
/// Most texts of a band that a new one is compared with.
const COMPARED_MAX: usize = 64;

/// A text as its words.
pub(super) struct Wording {
    /// Words or characters.
    pub n_words: usize,
    /// Of all words, for copies.
    whole: u64,
    /// Hashes of the runs, in order, each there once.
    runs: Vec<u64>,
}

/// Characters of a word in scripts without spaces, about.
const CHARACTERS_A_WORD: usize = 2;

/// An earlier text that one shares its words with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shared {
    /// All of them.
    All(usize),
    /// Most of them.
    Most(usize),
}

impl Wording {
    pub fn of(title: &str, text: &str) -> Self {
        let said: Vec<Token> = [title, text]
            .into_iter()
            .flat_map(tokens)
            .filter(|token| matches!(token.kind, TokenKind::Word | TokenKind::Character))
            .collect();
        let n_characters =
            said.iter().filter(|token| matches!(token.kind, TokenKind::Character)).count();
        let words: Vec<u64> = said.iter().map(|token| hash(0, token.text.as_bytes())).collect();
        let join =
            |words: &[u64]| words.iter().fold(1, |joined, word| hash(joined, &word.to_le_bytes()));
        let mut runs: Vec<u64> = words.windows(RUN_WORDS).map(join).collect();
        runs.sort_unstable();
        runs.dedup();
        Self {
            n_words: words.len() - n_characters + n_characters / CHARACTERS_A_WORD,
            whole: join(&words),
            runs,
        }
    }

    /// Runs that both have, over those that one has.
    fn share(&self, other: &Self) -> f64 {
        let (mut a, mut b) = (self.runs.iter().peekable(), other.runs.iter().peekable());
        let mut n_both = 0;
        while let (Some(x), Some(y)) = (a.peek(), b.peek()) {
            match x.cmp(y) {
                std::cmp::Ordering::Less => drop(a.next()),
                std::cmp::Ordering::Greater => drop(b.next()),
                std::cmp::Ordering::Equal => {
                    n_both += 1;
                    a.next();
                    b.next();
                }
            }
        }
        let n_any = self.runs.len() + other.runs.len() - n_both;
        n_both as f64 / n_any.max(1) as f64
    }

    /// A number for each band: equal where the least of its hashes are.
    ///
    /// # Source
    /// Broder, "On the resemblance and containment of documents" (1997).
    fn bands(&self) -> Vec<u64> {
        let least = |seed: u64| {
            self.runs.iter().map(|run| mixed(run ^ mixed(seed))).min().unwrap_or(u64::MAX)
        };
        let band = |band: usize| {
            let rows = (0..BAND_ROWS).map(|row| least((band * BAND_ROWS + row) as u64 + 1));
            rows.fold(band as u64, |joined, row| mixed(joined ^ row))
        };
        (0..N_BANDS).map(band).collect()
    }
}

/// For each text, in the order that is given, the first earlier one that it shares its words with.
/// Texts of fewer than `words_min` words share nothing.
///
/// # Shapes
/// `order`: a permutation of the texts, or a part of one. The result has one entry a text.
pub(super) fn shared(
    texts: &[Wording],
    order: &[usize],
    words_min: usize,
    share_min: f64,
) -> Vec<Option<Shared>> {
    let mut found = vec![None; texts.len()];
    let mut whole: BTreeMap<u64, usize> = BTreeMap::new();
    let mut by_band: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for &i in order.iter().filter(|i| texts[**i].n_words >= words_min.max(RUN_WORDS)) {
        if let Some(first) = whole.get(&texts[i].whole) {
            found[i] = Some(Shared::All(*first));
            continue;
        }
        whole.insert(texts[i].whole, i);
        let bands = texts[i].bands();
        let met: BTreeSet<usize> =
            bands.iter().filter_map(|band| by_band.get(band)).flatten().copied().collect();
        let close = |other: &usize| texts[i].share(&texts[*other]) >= share_min;
        if let Some(other) = met.into_iter().find(close) {
            found[i] = Some(Shared::Most(other));
        }
        for band in bands {
            let members = by_band.entry(band).or_default();
            if members.len() < COMPARED_MAX {
                members.push(i);
            }
        }
    }
    found
}

fn hash(start: u64, bytes: &[u8]) -> u64 {
    let start = 0xcbf2_9ce4_8422_2325 ^ mixed(start);
    bytes.iter().fold(start, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3))
}

/// # Source
/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014): the mixer of SplitMix64.
fn mixed(x: u64) -> u64 {
    let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_near_copies_and_others() {
        let long =
            "one two three four five six seven eight nine ten eleven twelve thirteen fourteen";
        let texts = [
            long.to_owned(),
            long.to_uppercase() + "!!",
            long.replace("twelve", "dozen"),
            "quite other words than these are what is said in this one here".to_owned(),
            "great".to_owned(),
            "Great!".to_owned(),
        ];
        let wordings: Vec<Wording> = texts.iter().map(|text| Wording::of("", text)).collect();
        let found = shared(&wordings, &[0, 1, 2, 3, 4, 5], 5, 0.6);
        let expected = [None, Some(Shared::All(0)), Some(Shared::Most(0)), None, None, None];
        assert_eq!(found, expected);
        let found = shared(&wordings, &[2, 1, 0], 5, 0.6);
        assert_eq!((found[2], found[1]), (None, Some(Shared::Most(2))));
    }
}
