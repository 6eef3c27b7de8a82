//! The personal layer: a linear correction of the frozen student, learned on the device
//! from what its shopper took, and from nothing else.
//!
//! Before an event the layer predicts; after it, it learns: one gradient step of a
//! softmax over the candidates. It is a function of the log alone, so that taking
//! events out of the log and learning anew undoes them. Its weights are bounded, and a
//! guard lets it speak only while its predictions have been better than the frozen ones.
//!
//! It acts on scalars and scores, which every backend has: the order is the same
//! wherever the scores were computed.

use serde::{Deserialize, Serialize};

use crate::layout::N_SCALARS;
use crate::math;

/// How fast and how far a layer learns.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PersonalConfig {
    /// Length of a gradient step.
    pub rate: f32,
    /// Largest Euclidean norm of the weights.
    pub norm_max: f32,
    /// Part of the weights that each step forgets.
    pub decay: f32,
    /// Part of the guard's memory that each prediction replaces.
    pub guard_rate: f32,
    /// Predictions before the guard lets the layer speak.
    pub guard_events: u32,
    /// Without its guard a layer always speaks: for measurements.
    pub is_guarded: bool,
}

impl Default for PersonalConfig {
    fn default() -> Self {
        Self {
            rate: 0.05,
            norm_max: 2.0,
            decay: 0.002,
            guard_rate: 0.05,
            guard_events: 20,
            is_guarded: true,
        }
    }
}

/// Most that one prediction counts in the guard's memory, in nats.
const ADVANTAGE_MAX: f32 = 0.5;

/// Candidates as they stood before an event.
#[derive(Clone, Copy, Debug)]
pub struct Prediction<'a> {
    /// Scores of the frozen student, `[n]`.
    pub scores: &'a [f32],
    /// Scalars of the candidates, `[n, 16]`.
    pub scalars: &'a [f32],
}

/// What one shopper's taking has taught.
#[derive(Clone, Debug, PartialEq)]
pub struct PersonalLayer {
    config: PersonalConfig,
    weights: [f32; N_SCALARS],
    n_events: u32,
    /// Faded mean of the frozen loss minus the layer's.
    advantage: f32,
}

impl PersonalLayer {
    /// A layer that has learned nothing and corrects nothing.
    pub fn new(config: PersonalConfig) -> Self {
        Self { config, weights: [0.0; N_SCALARS], n_events: 0, advantage: 0.0 }
    }

    /// What is added to a score for each scalar.
    pub fn weights(&self) -> &[f32; N_SCALARS] {
        &self.weights
    }

    /// How many takings it has learned from.
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
    /// `scalars` `[n, 16]`, `scores` `[n]`.
    pub fn correct(&self, scalars: &[f32], scores: &mut [f32]) {
        if self.is_on() {
            self.add(scalars, scores);
        }
    }

    fn add(&self, scalars: &[f32], scores: &mut [f32]) {
        for (score, row) in scores.iter_mut().zip(scalars.chunks_exact(N_SCALARS)) {
            *score += row.iter().zip(&self.weights).map(|(x, w)| x * w).sum::<f32>();
        }
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
        let Prediction { scores, scalars } = prediction;
        let frozen = loss(&mut scores.to_vec(), taken);
        let mut shares = scores.to_vec();
        self.add(scalars, &mut shares);
        let own = loss(&mut shares, taken);
        if !(frozen.is_finite() && own.is_finite()) {
            return;
        }
        let rate = self.config.guard_rate.max(1.0 / (self.n_events + 1) as f32);
        // A lucky past must not hide that it has become worse.
        let advantage = (frozen - own).clamp(-ADVANTAGE_MAX, ADVANTAGE_MAX);
        self.advantage += rate * (advantage - self.advantage);
        self.n_events += 1;
        let mut gradient = [0.0; N_SCALARS];
        shares[taken] -= 1.0;
        for (share, row) in shares.iter().zip(scalars.chunks_exact(N_SCALARS)) {
            gradient.iter_mut().zip(row).for_each(|(g, x)| *g += share * x);
        }
        let PersonalConfig { rate, decay, norm_max, .. } = self.config;
        for (weight, g) in self.weights.iter_mut().zip(gradient) {
            *weight -= rate * g + decay * *weight;
        }
        let norm = self.weights.iter().map(|w| w * w).sum::<f32>().sqrt();
        if norm > norm_max {
            self.weights.iter_mut().for_each(|w| *w *= norm_max / norm);
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

    /// Ten candidates; the frozen student prefers the first, scalar 7 marks the last.
    fn prediction() -> (Vec<f32>, Vec<f32>) {
        let scores = (0..10).map(|i| -(i as f32) * 0.1).collect();
        let mut scalars = vec![0.1; 10 * N_SCALARS];
        scalars[9 * N_SCALARS + 7] = 1.0;
        (scores, scalars)
    }

    fn learned(takings: &[usize]) -> PersonalLayer {
        let (scores, scalars) = prediction();
        let mut layer = PersonalLayer::new(PersonalConfig::default());
        for taken in takings {
            layer.learn(Prediction { scores: &scores, scalars: &scalars }, *taken);
        }
        layer
    }

    #[test]
    fn it_learns_what_its_shopper_takes_and_only_then_speaks() {
        let (scores, scalars) = prediction();
        let mut early = scores.clone();
        learned(&[9; 19]).correct(&scalars, &mut early);
        assert_eq!(early, scores, "too few predictions");
        let layer = learned(&[9; 400]);
        assert!(layer.is_on());
        let mut later = scores.clone();
        layer.correct(&scalars, &mut later);
        let best = (0..10).max_by(|a, b| later[*a].total_cmp(&later[*b]));
        assert_eq!(best, Some(9));
    }

    #[test]
    fn it_falls_silent_when_it_is_worse_than_the_frozen_student() {
        let mut takings = vec![9; 200];
        takings.extend([0; 30]);
        assert!(!learned(&takings).is_on());
        takings.truncate(200);
        assert!(learned(&takings).is_on());
    }

    #[test]
    fn its_weights_are_bounded_and_made_of_the_takings_alone() {
        let config = PersonalConfig { rate: 100.0, ..PersonalConfig::default() };
        let (scores, scalars) = prediction();
        let mut layer = PersonalLayer::new(config);
        for _ in 0..50 {
            layer.learn(Prediction { scores: &scores, scalars: &scalars }, 9);
        }
        let norm = layer.weights().iter().map(|w| w * w).sum::<f32>().sqrt();
        assert!(norm <= config.norm_max * 1.001, "{norm}");
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
