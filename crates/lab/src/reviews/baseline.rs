//! TF-IDF as scikit-learn makes it by default, with logistic regression or ridge regression.

use std::collections::HashMap;

use rayon::prelude::*;
use vitrine_optim::SparseRows;

use super::newton_cg::{Loss, margin, optimum};

/// Inverse ridges of the logistic regression that are tried; the best on the *test* folds counts, in the
/// baseline's favour.
pub const COSTS: [f64; 3] = [1.0, 3.0, 10.0];
/// Ridges of the regression, likewise.
pub const RIDGES: [f64; 2] = [1.0, 3.0];

/// Terms of texts by their numbers.
pub struct TermCounts {
    /// Of each text, its terms in order, with their counts.
    rows: Vec<Vec<(u32, u32)>>,
    n_terms: usize,
}

impl TermCounts {
    /// Words 1–2 (two letters or digits at least), or characters 1–3, in lower case.
    pub fn of(texts: &[String], is_chinese: bool) -> Self {
        let terms = |text: &String| if is_chinese { characters(text) } else { words(text) };
        let of_texts: Vec<Vec<String>> = texts.par_iter().map(terms).collect();
        let mut ids: HashMap<&str, u32> = HashMap::new();
        let mut rows = Vec::with_capacity(of_texts.len());
        for terms in &of_texts {
            let mut row: Vec<u32> = Vec::with_capacity(terms.len());
            for term in terms {
                let n = ids.len() as u32;
                row.push(*ids.entry(term).or_insert(n));
            }
            row.sort_unstable();
            let mut counted: Vec<(u32, u32)> = Vec::new();
            for id in row {
                match counted.last_mut() {
                    Some((last, n)) if *last == id => *n += 1,
                    _ => counted.push((id, 1)),
                }
            }
            rows.push(counted);
        }
        Self { n_terms: ids.len(), rows }
    }

    /// What the models of all [`COSTS`] and [`RIDGES`] say of `test`, fitted on `train`.
    pub fn told(
        &self,
        train: &[usize],
        test: &[usize],
        labels: &[bool],
        stars: Option<&[f64]>,
    ) -> BaselineScores {
        let inverse = self.inverse(train);
        let values = |texts: &[usize]| {
            let mut rows = SparseRows::new();
            texts.iter().for_each(|i| rows.push(self.values(*i, &inverse)));
            rows
        };
        let (of_train, of_test) = (values(train), values(test));
        let told = |targets: &[f64], loss: Loss, ridge: f64| -> Vec<f64> {
            let weights = optimum(&of_train, self.n_terms, targets, loss, ridge);
            (0..test.len()).map(|i| margin(of_test.row(i), &weights)).collect()
        };
        let labels: Vec<f64> = train.iter().map(|i| f64::from(u8::from(labels[*i]))).collect();
        let logistic =
            COSTS.par_iter().map(|cost| told(&labels, Loss::Logistic, 1.0 / cost)).collect();
        let ridge = stars.map(|stars| {
            let stars: Vec<f64> = train.iter().map(|i| stars[*i]).collect();
            RIDGES.par_iter().map(|ridge| told(&stars, Loss::Squared, *ridge)).collect()
        });
        BaselineScores { logistic, ridge: ridge.unwrap_or_default() }
    }

    /// ln((1 + n) / (1 + frequency)) + 1; 0 for what is not in `train`.
    fn inverse(&self, train: &[usize]) -> Vec<f64> {
        let mut frequencies = vec![0_u32; self.n_terms];
        for i in train {
            self.rows[*i].iter().for_each(|(term, _)| frequencies[*term as usize] += 1);
        }
        let of = |n: u32| match n {
            0 => 0.0,
            n => ((1.0 + train.len() as f64) / (1.0 + f64::from(n))).ln() + 1.0,
        };
        frequencies.into_iter().map(of).collect()
    }

    fn values(&self, i: usize, inverse: &[f64]) -> Vec<(u32, f32)> {
        let value = |(term, n): &(u32, u32)| (*term, f64::from(*n) * inverse[*term as usize]);
        let values: Vec<(u32, f64)> = self.rows[i].iter().map(value).collect();
        let norm = values.iter().map(|(_, x)| x * x).sum::<f64>().sqrt().max(f64::MIN_POSITIVE);
        let known = values.into_iter().filter(|(_, x)| *x > 0.0);
        known.map(|(term, x)| (term, (x / norm) as f32)).collect()
    }
}

/// Margins of each setting.
pub struct BaselineScores {
    /// \[[`COSTS`]\]\[test\]
    pub logistic: Vec<Vec<f64>>,
    /// \[[`RIDGES`]\]\[test\]; empty without stars.
    pub ridge: Vec<Vec<f64>>,
}

fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric() && c != '_');
    let words: Vec<&str> = words.filter(|word| word.chars().nth(1).is_some()).collect();
    let pairs = words.windows(2).map(|pair| pair.join(" "));
    words.iter().map(|word| (*word).to_owned()).chain(pairs).collect()
}

fn characters(text: &str) -> Vec<String> {
    let lower: Vec<char> = text.to_lowercase().chars().collect();
    (1..=3).flat_map(|n| lower.windows(n).map(|run| run.iter().collect())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_those_of_scikit_learn() {
        assert_eq!(words("It's a Nice_1 top!"), ["it", "nice_1", "top", "it nice_1", "nice_1 top"]);
        assert_eq!(characters("好A"), ["好", "a", "好a"]);
    }

    #[test]
    fn what_goes_with_a_label_tells_it() {
        let text =
            |i: usize| if i.is_multiple_of(2) { "lovely dress" } else { "awful dress" }.to_owned();
        let texts: Vec<String> = (0..40).map(text).collect();
        let labels: Vec<bool> = (0..40).map(|i: usize| i.is_multiple_of(2)).collect();
        let counts = TermCounts::of(&texts, false);
        let train: Vec<usize> = (0..30).collect();
        let told = counts.told(&train, &[30, 31], &labels, None);
        assert!(told.logistic.iter().all(|scores| scores[0] > 0.0 && scores[1] < 0.0));
    }
}
