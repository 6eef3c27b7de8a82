//! A table distilled from an encoder: the rows with which texts come nearest to its vectors.

use std::collections::HashMap;

use rayon::prelude::*;
use vitrine_domain::TEXT_CODE_DIM;

use super::{QueryTable, pair_hash, word_hash};
use crate::analysis;

/// Of a pair of words a row is learned where so many texts have it.
const PAIR_TEXTS_MIN: u32 = 3;
/// How strongly rows are held to 0, in texts of one word: what few texts say is not believed
/// wholly.
const RIDGE: f32 = 0.05;
/// Steps of the method of conjugate gradients; after these the texts' error falls by less than
/// a thousandth a step.
const STEPS: usize = 40;
/// Columns that are solved together.
const COLUMNS: usize = 16;

/// Texts with what the encoder makes of them.
#[derive(Clone, Copy, Debug)]
pub struct TableTexts<'a> {
    /// Searches and single words, the most important first.
    pub texts: &'a [String],
    /// Their vectors along the directions of the codes. \[texts, 128\]
    pub targets: &'a [f32],
    /// Most words and pairs of the table: those of the first texts, then the most frequent pairs.
    pub n_words_max: usize,
}

/// The texts as weights of rows.
struct Design {
    /// Where the entries of each text end.
    ends: Vec<u32>,
    /// Row and weight.
    entries: Vec<(u32, f32)>,
}

impl QueryTable {
    /// The table whose vectors come nearest to the targets, by least squares.
    ///
    /// # Source
    /// Ridge regression by conjugate gradients on the normal equations: Golub and Van Loan,
    /// "Matrix Computations", 4th ed., section 11.3.
    ///
    /// # Panics
    /// When there are not 128 targets for each text.
    pub fn fit(texts: &TableTexts<'_>, intercept: Vec<f32>) -> Self {
        assert_eq!(
            texts.targets.len(),
            texts.texts.len() * TEXT_CODE_DIM,
            "targets of other texts"
        );
        assert_eq!(intercept.len(), TEXT_CODE_DIM, "an intercept of other codes");
        let tokens: Vec<Vec<String>> =
            texts.texts.par_iter().map(|text| analysis::tokens(&analysis::words(), text)).collect();
        let hashes = vocabulary(&tokens, texts.n_words_max);
        let design = Design::new(&tokens, &hashes);
        let columns: Vec<Vec<f32>> = (0..TEXT_CODE_DIM / COLUMNS)
            .into_par_iter()
            .map(|block| design.solve(texts.targets, &intercept, block * COLUMNS, hashes.len()))
            .collect();
        let mut table = Self {
            intercept,
            words: hashes.clone(),
            units: Vec::with_capacity(hashes.len()),
            rows: Vec::with_capacity(hashes.len() * TEXT_CODE_DIM),
        };
        for word in 0..hashes.len() {
            let row: Vec<f32> = columns
                .iter()
                .flat_map(|block| &block[word * COLUMNS..][..COLUMNS])
                .copied()
                .collect();
            let largest = row.iter().fold(0.0f32, |max, value| max.max(value.abs()));
            let unit = if largest > 0.0 && largest.is_finite() { largest / 127.0 } else { 0.0 };
            let step = |value: &f32| if unit > 0.0 { (value / unit).round() as i8 } else { 0 };
            table.rows.extend(row.iter().map(step));
            table.units.push(unit);
        }
        table
    }
}

/// Hashes of the words of the first texts, and of the most frequent pairs as far as there is
/// room, ascending.
fn vocabulary(tokens: &[Vec<String>], n_max: usize) -> Vec<u32> {
    let mut seen: HashMap<u32, ()> = HashMap::new();
    let mut hashes = Vec::new();
    for hash in tokens.iter().flatten().map(|token| word_hash(token)) {
        if hashes.len() < n_max && seen.insert(hash, ()).is_none() {
            hashes.push(hash);
        }
    }
    let mut pairs: HashMap<u32, u32> = HashMap::new();
    for pair in tokens.iter().flat_map(|tokens| tokens.windows(2)) {
        *pairs.entry(pair_hash(&pair[0], &pair[1])).or_default() += 1;
    }
    let mut pairs: Vec<(u32, u32)> = pairs
        .into_iter()
        .filter(|(hash, n)| *n >= PAIR_TEXTS_MIN && !seen.contains_key(hash))
        .collect();
    pairs.sort_unstable_by_key(|(hash, n)| (std::cmp::Reverse(*n), *hash));
    hashes.extend(pairs.into_iter().take(n_max - hashes.len()).map(|(hash, _)| hash));
    hashes.sort_unstable();
    hashes
}

impl Design {
    fn new(tokens: &[Vec<String>], hashes: &[u32]) -> Self {
        let place = |hash: u32| hashes.binary_search(&hash).ok().map(|place| place as u32);
        let (mut ends, mut entries) = (Vec::with_capacity(tokens.len()), Vec::new());
        for tokens in tokens {
            let words: Vec<u32> =
                tokens.iter().filter_map(|token| place(word_hash(token))).collect();
            let pairs = tokens.windows(2).filter_map(|pair| place(pair_hash(&pair[0], &pair[1])));
            let share = 1.0 / words.len().max(1) as f32;
            entries.extend(words.iter().copied().chain(pairs).map(|place| (place, share)));
            ends.push(entries.len() as u32);
        }
        Self { ends, entries }
    }

    fn texts(&self) -> impl Iterator<Item = &[(u32, f32)]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.entries[start as usize..*end as usize])
    }

    /// Rows of [`COLUMNS`] columns from `first` on. \[words, [`COLUMNS`]\]
    fn solve(&self, targets: &[f32], intercept: &[f32], first: usize, n_words: usize) -> Vec<f32> {
        // The right-hand side, which is the first residual, as rows start at 0.
        let mut residual = vec![0.0f32; n_words * COLUMNS];
        for (text, target) in self.texts().zip(targets.chunks_exact(TEXT_CODE_DIM)) {
            let (target, intercept) = (&target[first..], &intercept[first..]);
            let wanted: [f32; COLUMNS] = std::array::from_fn(|i| target[i] - intercept[i]);
            add(&mut residual, text, &wanted);
        }
        let mut rows = vec![0.0f32; residual.len()];
        let mut direction = residual.clone();
        let mut length = products(&residual, &residual);
        for _ in 0..STEPS {
            let image = self.image(&direction);
            let curvature = products(&direction, &image);
            let step: [f32; COLUMNS] = std::array::from_fn(|i| quotient(length[i], curvature[i]));
            for (place, value) in rows.iter_mut().enumerate() {
                *value += step[place % COLUMNS] * direction[place];
                residual[place] -= step[place % COLUMNS] * image[place];
            }
            let next = products(&residual, &residual);
            let turn: [f32; COLUMNS] = std::array::from_fn(|i| quotient(next[i], length[i]));
            for (place, value) in direction.iter_mut().enumerate() {
                *value = residual[place] + turn[place % COLUMNS] * *value;
            }
            length = next;
        }
        rows
    }

    /// The normal matrix times some rows. \[words, [`COLUMNS`]\]
    fn image(&self, rows: &[f32]) -> Vec<f32> {
        let mut image: Vec<f32> = rows.iter().map(|value| RIDGE * value).collect();
        for text in self.texts() {
            let mut vector = [0.0f32; COLUMNS];
            for (place, weight) in text {
                let row = &rows[*place as usize * COLUMNS..][..COLUMNS];
                vector.iter_mut().zip(row).for_each(|(sum, value)| *sum += weight * value);
            }
            add(&mut image, text, &vector);
        }
        image
    }
}

/// Adds a text's vector to the rows of its words, by their weights.
fn add(rows: &mut [f32], text: &[(u32, f32)], vector: &[f32; COLUMNS]) {
    for (place, weight) in text {
        let row = &mut rows[*place as usize * COLUMNS..][..COLUMNS];
        row.iter_mut().zip(vector).for_each(|(sum, value)| *sum += weight * value);
    }
}

/// Inner products column by column.
fn products(a: &[f32], b: &[f32]) -> [f64; COLUMNS] {
    let mut sums = [0.0f64; COLUMNS];
    for (a, b) in a.as_chunks::<COLUMNS>().0.iter().zip(b.as_chunks::<COLUMNS>().0) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += f64::from(*a) * f64::from(*b);
        }
    }
    sums
}

fn quotient(a: f64, b: f64) -> f32 {
    if b > 0.0 { (a / b) as f32 } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Texts of an encoder that adds up its words are met, but for the ridge and rounding.
    #[test]
    fn a_table_of_sums_is_found_again() {
        let truth = |word: &str, i: usize| {
            let seed = word.bytes().map(usize::from).sum::<usize>() * 31 + i * 17;
            (seed % 23) as f32 / 23.0 - 0.5
        };
        let words = ["green", "black", "tea", "coffee", "milk", "oat", "dark"];
        let mut texts: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        for a in words {
            texts.extend(words.iter().filter(|b| **b != a).map(|b| format!("{a} {b}")));
        }
        let targets: Vec<f32> = texts
            .iter()
            .flat_map(|text| {
                let words: Vec<&str> = text.split(' ').collect();
                let mean = move |i| {
                    0.1 + words.iter().map(|w| truth(w, i)).sum::<f32>() / words.len() as f32
                };
                (0..TEXT_CODE_DIM).map(mean).collect::<Vec<_>>()
            })
            .collect();
        let texts = TableTexts { texts: &texts, targets: &targets, n_words_max: 100 };
        let table = QueryTable::fit(&texts, vec![0.1; TEXT_CODE_DIM]);
        assert_eq!(table.words.len(), words.len());
        let found = table.encode("dark green tea");
        for (i, value) in found.iter().enumerate() {
            let words = ["dark", "green", "tea"];
            let expected = 0.1 + words.iter().map(|w| truth(w, i)).sum::<f32>() / 3.0;
            assert!((value - expected).abs() < 0.03, "{i}: {value} {expected}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_learned_is_finite(
            texts in prop::collection::vec("[ab ]{0,6}", 0..8),
            value in -1.0f32..1.0,
            n_words_max in 0usize..6,
        ) {
            let targets = vec![value; texts.len() * TEXT_CODE_DIM];
            let texts = TableTexts { texts: &texts, targets: &targets, n_words_max };
            let table = QueryTable::fit(&texts, vec![0.0; TEXT_CODE_DIM]);
            prop_assert!(table.words.len() <= n_words_max && table.words.is_sorted());
            prop_assert!(table.encode("a b ab").iter().all(|value| value.is_finite()));
        }
    }
}
