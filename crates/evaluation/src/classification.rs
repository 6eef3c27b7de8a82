//! How often a guess at one of several classes is right, and how well its probability is
//! calibrated.

use std::collections::BTreeMap;

/// One guess: the true class, the guessed one, and the probability it was given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Guess {
    /// What it is.
    pub truth: u32,
    /// What was guessed.
    pub guessed: u32,
    /// Probability that the guess was given, 0 to 1.
    pub probability: f32,
}

impl Guess {
    fn is_right(&self) -> bool {
        self.truth == self.guessed
    }
}

/// Share of right guesses; 0 without guesses.
pub fn accuracy(guesses: &[Guess]) -> f64 {
    guesses.iter().filter(|guess| guess.is_right()).count() as f64 / guesses.len().max(1) as f64
}

/// Mean over the classes that occur as truth of the harmonic mean of precision and
/// recall; 0 without guesses.
pub fn macro_f1(guesses: &[Guess]) -> f64 {
    #[derive(Default)]
    struct Count {
        n_true: u32,
        n_guessed: u32,
        n_right: u32,
    }
    let mut counts: BTreeMap<u32, Count> = BTreeMap::new();
    for guess in guesses {
        counts.entry(guess.truth).or_default().n_true += 1;
        counts.entry(guess.guessed).or_default().n_guessed += 1;
        counts.entry(guess.truth).or_default().n_right += u32::from(guess.is_right());
    }
    let f1 =
        |count: &Count| 2.0 * f64::from(count.n_right) / f64::from(count.n_true + count.n_guessed);
    let of_truth: Vec<f64> = counts.values().filter(|count| count.n_true > 0).map(f1).collect();
    of_truth.iter().sum::<f64>() / of_truth.len().max(1) as f64
}

/// Mean distance between probability and share of right guesses over `n_bins` bins of
/// equal width, weighted by their guesses; 0 without guesses.
///
/// # Source
/// M. Naeini, G. Cooper, M. Hauskrecht, "Obtaining well calibrated probabilities
/// using Bayesian binning", AAAI 2015; 15 bins are usual.
pub fn expected_calibration_error(guesses: &[Guess], n_bins: usize) -> f64 {
    let mut bins = vec![(0_u32, 0.0_f64); n_bins];
    for guess in guesses {
        let bin = (f64::from(guess.probability) * n_bins as f64) as usize;
        let (n, excess) = &mut bins[bin.min(n_bins - 1)];
        *n += 1;
        *excess += f64::from(guess.probability) - f64::from(u8::from(guess.is_right()));
    }
    let total: f64 = bins.iter().map(|(_, excess)| excess.abs()).sum();
    total / guesses.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guess(truth: u32, guessed: u32, probability: f32) -> Guess {
        Guess { truth, guessed, probability }
    }

    #[test]
    fn macro_f1_gives_small_classes_their_say() {
        // Class 0: 2 of 2 right, guessed 3 times: F1 0.8. Class 1: never guessed: 0.
        let guesses = [guess(0, 0, 0.9), guess(0, 0, 0.9), guess(1, 0, 0.9)];
        assert!((macro_f1(&guesses) - 0.4).abs() < 1e-12);
        assert!((accuracy(&guesses) - 2.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn a_class_that_is_only_guessed_is_not_averaged() {
        let guesses = [guess(0, 0, 0.9), guess(0, 5, 0.9)];
        assert!((macro_f1(&guesses) - 2.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn who_says_three_quarters_and_is_right_so_often_is_calibrated() {
        let say = |right: usize| -> Vec<Guess> {
            (0..4).map(|i| guess(0, u32::from(i >= right), 0.75)).collect()
        };
        assert!(expected_calibration_error(&say(3), 15) < 1e-9);
        assert!((expected_calibration_error(&say(1), 15) - 0.5).abs() < 1e-9);
        assert_eq!(expected_calibration_error(&[], 15), 0.0);
        // A probability of 1 belongs to the last bin.
        assert!(expected_calibration_error(&[guess(0, 0, 1.0)], 15) < 1e-9);
    }
}
