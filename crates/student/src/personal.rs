//! The personal layer: one term a product, learned on the device from what its shopper
//! took, and from nothing else.
//!
//! Before an event the layer predicts; after it, it learns: one gradient step of a
//! softmax over the candidates. So a product's term is what was taken of it beyond what
//! was predicted, which no model that is the same for everybody can know. The layer is a
//! function of the log alone, so that taking events out of the log and learning anew
//! undoes them. Its terms are bounded, and a guard lets it speak only while its
//! predictions have been better than the frozen ones.
//!
//! It acts on scores, which every backend has: the order is the same wherever they were
//! computed.

use serde::{Deserialize, Serialize};

use crate::history::IdMap;
use crate::math;

/// How fast and how far a layer learns.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PersonalConfig {
    /// Length of a gradient step.
    pub rate: f32,
    /// Largest absolute value of a term.
    pub term_max: f32,
    /// Part of the guard's memory that each prediction replaces.
    pub guard_rate: f32,
    /// Predictions before the guard lets the layer speak.
    pub guard_events: u32,
    /// Without its guard a layer always speaks: for measurements.
    pub is_guarded: bool,
}

impl Default for PersonalConfig {
    fn default() -> Self {
        Self { rate: 0.1, term_max: 0.5, guard_rate: 0.05, guard_events: 20, is_guarded: true }
    }
}

/// Shares below this move no term.
const SHARE_MIN: f32 = 1e-3;
/// Most that one prediction counts in the guard's memory, in nats.
const ADVANTAGE_MAX: f32 = 0.5;

/// Candidates as they stood before an event.
#[derive(Clone, Copy, Debug)]
pub struct Prediction<'a> {
    /// The candidates: rows of the table, `[n]`.
    pub rows: &'a [u32],
    /// Their scores by the frozen student, `[n]`.
    pub scores: &'a [f32],
}

/// What a device has learned from one shopper's purchases.
#[derive(Clone, Debug, PartialEq)]
pub struct PersonalLayer {
    config: PersonalConfig,
    /// By row of the table.
    terms: IdMap<u32, f32>,
    n_events: u32,
    /// Faded mean of the frozen loss minus the layer's.
    advantage: f32,
}

impl PersonalLayer {
    /// A layer that has learned nothing and corrects nothing.
    pub fn new(config: PersonalConfig) -> Self {
        Self { config, terms: IdMap::default(), n_events: 0, advantage: 0.0 }
    }

    /// What is added to the score of a row of the table.
    pub fn term(&self, row: u32) -> f32 {
        self.terms.get(&row).copied().unwrap_or(0.0)
    }

    /// How many purchases it has learned from.
    pub fn n_events(&self) -> u32 {
        self.n_events
    }

    /// Whether the guard lets it speak: it has predicted often enough, and of late
    /// better than the frozen student.
    pub fn is_on(&self) -> bool {
        let PersonalConfig { is_guarded, guard_events, .. } = self.config;
        !is_guarded || (self.n_events >= guard_events && self.advantage > 0.0)
    }

    /// Corrects the scores of a ranking, if the guard lets it.
    ///
    /// # Shapes
    /// `rows` `[n]`, `scores` `[n]`.
    pub fn correct(&self, rows: &[u32], scores: &mut [f32]) {
        if self.is_on() {
            self.add(rows, scores);
        }
    }

    fn add(&self, rows: &[u32], scores: &mut [f32]) {
        scores.iter_mut().zip(rows).for_each(|(score, row)| *score += self.term(*row));
    }

    /// Learns that of the candidates the one at `taken` was taken; first the guard sees
    /// what the layer would have said.
    ///
    /// # Panics
    /// When `taken` is no candidate.
    ///
    /// # Source
    /// Online gradient descent on the log loss with projection: Zinkevich, Online convex
    /// programming and generalized infinitesimal gradient ascent (2003).
    pub fn learn(&mut self, prediction: Prediction<'_>, taken: usize) {
        let Prediction { rows, scores } = prediction;
        let frozen = loss(&mut scores.to_vec(), taken);
        let mut shares = scores.to_vec();
        self.add(rows, &mut shares);
        let own = loss(&mut shares, taken);
        if !(frozen.is_finite() && own.is_finite()) {
            return;
        }
        let rate = self.config.guard_rate.max(1.0 / (self.n_events + 1) as f32);
        // A lucky past must not hide that it has become worse.
        let advantage = (frozen - own).clamp(-ADVANTAGE_MAX, ADVANTAGE_MAX);
        self.advantage += rate * (advantage - self.advantage);
        self.n_events += 1;
        shares[taken] -= 1.0;
        let PersonalConfig { rate, term_max, .. } = self.config;
        for (share, row) in shares.iter().zip(rows).filter(|(share, _)| share.abs() > SHARE_MIN) {
            let term = self.terms.entry(*row).or_default();
            *term = (*term - rate * share).clamp(-term_max, term_max);
        }
    }
}

/// −ln of the softmax at `taken`; the scores become the softmax.
fn loss(scores: &mut [f32], taken: usize) -> f32 {
    let most = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let own = scores[taken];
    let mut sum = 0.0;
    for score in scores.iter_mut() {
        *score = math::exp_f32(*score - most);
        sum += *score;
    }
    scores.iter_mut().for_each(|score| *score /= sum);
    math::ln(f64::from(sum)) as f32 + most - own
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: [u32; 10] = [3, 1, 4, 15, 9, 2, 6, 5, 35, 8];

    /// Ten candidates; the frozen student prefers the first.
    fn scores() -> Vec<f32> {
        (0..10).map(|i| -(i as f32) * 0.1).collect()
    }

    fn learned_with(config: PersonalConfig, purchases: &[usize]) -> PersonalLayer {
        let mut layer = PersonalLayer::new(config);
        for taken in purchases {
            layer.learn(Prediction { rows: &ROWS, scores: &scores() }, *taken);
        }
        layer
    }

    fn learned(purchases: &[usize]) -> PersonalLayer {
        learned_with(PersonalConfig::default(), purchases)
    }

    #[test]
    fn it_learns_what_its_shopper_takes_and_only_then_speaks() {
        let mut early = scores();
        learned(&[9; 19]).correct(&ROWS, &mut early);
        assert_eq!(early, scores(), "too few predictions");
        let layer = learned(&[9; 60]);
        assert!(layer.is_on());
        let mut later = scores();
        layer.correct(&ROWS, &mut later);
        let best = (0..10).max_by(|a, b| later[*a].total_cmp(&later[*b]));
        assert_eq!(best, Some(9));
    }

    #[test]
    fn a_term_is_what_was_taken_beyond_what_was_predicted() {
        // All are alike, and each is taken as often as predicted.
        let mut layer = PersonalLayer::new(PersonalConfig::default());
        let even = [0.0; 10];
        for round in 0..30 {
            (0..10).for_each(|i| {
                layer.learn(Prediction { rows: &ROWS, scores: &even }, (i * 7 + round) % 10);
            });
        }
        assert!(ROWS.iter().all(|row| layer.term(*row).abs() < 0.1));
        assert_eq!(layer.term(77), 0.0, "never a candidate");
        let layer = learned(&[9; 30]);
        assert!(layer.term(ROWS[9]) > 0.4 && layer.term(ROWS[0]) < 0.0);
    }

    #[test]
    fn it_falls_silent_when_it_is_worse_than_the_frozen_student() {
        // With a short memory, so that the guard notices before the layer has learned anew.
        let config = PersonalConfig { guard_rate: 0.5, ..PersonalConfig::default() };
        let mut purchases = vec![9; 200];
        purchases.extend(0..6);
        assert!(!learned_with(config, &purchases).is_on());
        purchases.truncate(200);
        assert!(learned_with(config, &purchases).is_on());
    }

    #[test]
    fn its_terms_are_bounded_and_made_of_the_purchases_alone() {
        let config = PersonalConfig { rate: 100.0, ..PersonalConfig::default() };
        let layer = learned_with(config, &[9; 50]);
        assert!(ROWS.iter().all(|row| layer.term(*row).abs() <= config.term_max));
        // Without an event the layer is that of a shopper who never made it.
        assert_eq!(learned(&[9, 3, 9]), learned(&[9, 3, 9]));
        assert_ne!(learned(&[9, 3, 9]), learned(&[9, 9]));
        assert_eq!(learned(&[]), PersonalLayer::new(PersonalConfig::default()));
    }

    #[test]
    fn the_loss_is_that_of_a_softmax() {
        let mut scores = [0.0, 2f32.ln(), f32::NEG_INFINITY];
        assert!((loss(&mut scores, 1) - 1.5f32.ln()).abs() < 1e-6);
        assert!((scores[0] - 1.0 / 3.0).abs() < 1e-6 && scores[2] == 0.0);
    }
}
