//! The last layer: the network's score and what counting says of a candidate, weighed by
//! a few numbers that are fitted on the shop's own log.
//!
//! A network that learned little has a small weight, and neighbours, personal frequency
//! or popularity decide; so the shipped ranker is not worse than counting. How much each
//! says depends on how much is known of the shopper: a second set of weights is added as
//! far as the log is short.

use serde::{Deserialize, Serialize};

use crate::StudentError;
use crate::counting::{CandidateGroup, Inputs, N_INPUTS, N_SHARED, N_WITHOUT_PAST};

/// Weights of one linear layer.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LinearLayer {
    /// For cards with published buyers that the shopper never bought: the shared inputs.
    pub new: [f32; N_SHARED],
    /// For cards that the shopper bought before: the shared inputs and theirs.
    pub repeat: [f32; N_INPUTS],
    /// For cards without a past: the shared inputs and theirs.
    pub without_past: [f32; N_SHARED + N_WITHOUT_PAST],
}

/// How many weights each [`CandidateGroup`] has, in order.
pub const BY_GROUP: [usize; 3] = [N_SHARED, N_INPUTS, N_SHARED + N_WITHOUT_PAST];
/// Where the weights of each [`CandidateGroup`] begin.
const STARTS: [usize; 3] = [0, BY_GROUP[0], BY_GROUP[0] + BY_GROUP[1]];

/// How many weights a [`LinearLayer`] has.
pub const N_LINEAR: usize = STARTS[2] + BY_GROUP[2];

impl LinearLayer {
    /// Every weight zero.
    pub const ZERO: Self = Self {
        new: [0.0; N_SHARED],
        repeat: [0.0; N_INPUTS],
        without_past: [0.0; N_SHARED + N_WITHOUT_PAST],
    };

    /// All weights, group by group, `[35]`.
    pub fn values(&self) -> [f32; N_LINEAR] {
        let mut values = [0.0; N_LINEAR];
        values[..N_SHARED].copy_from_slice(&self.new);
        values[STARTS[1]..STARTS[2]].copy_from_slice(&self.repeat);
        values[STARTS[2]..].copy_from_slice(&self.without_past);
        values
    }

    /// From all weights, group by group, `[35]`.
    pub fn from_values(values: &[f32; N_LINEAR]) -> Self {
        let mut layer = Self::ZERO;
        layer.new.copy_from_slice(&values[..N_SHARED]);
        layer.repeat.copy_from_slice(&values[STARTS[1]..STARTS[2]]);
        layer.without_past.copy_from_slice(&values[STARTS[2]..]);
        layer
    }
}

/// The last layer of a shipped student.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LastLayer {
    /// When everything is known of a shopper.
    pub long: LinearLayer,
    /// What is added, times [`Inputs::shortness`].
    pub short: LinearLayer,
}

impl LastLayer {
    /// The network alone.
    pub const NETWORK: Self = {
        let mut long = LinearLayer::ZERO;
        long.new[0] = 1.0;
        long.repeat[0] = 1.0;
        long.without_past[0] = 1.0;
        Self { long, short: LinearLayer::ZERO }
    };

    /// The weights for a log of this shortness, 0 to 1.
    pub fn at(&self, shortness: f32) -> LinearLayer {
        let mut values = self.long.values();
        let short = self.short.values();
        values.iter_mut().zip(short).for_each(|(value, added)| *value += shortness * added);
        LinearLayer::from_values(&values)
    }

    /// Scores of candidates, higher is better.
    ///
    /// # Shapes
    /// Returns `[n]`, one score a candidate of `inputs`.
    pub fn score(&self, inputs: &Inputs) -> Vec<f32> {
        let layer = self.at(inputs.shortness);
        let score = |i: usize| {
            let row = inputs.row(i);
            match inputs.groups[i] {
                CandidateGroup::New => dot(&layer.new, row),
                CandidateGroup::Repeat => dot(&layer.repeat, row),
                CandidateGroup::WithoutPast => dot(&layer.without_past, row),
            }
        };
        (0..inputs.len()).map(score).collect()
    }

    /// Whether the network counts for anything.
    pub fn uses_network(&self) -> bool {
        [self.long.values(), self.short.values()]
            .iter()
            .any(|w| STARTS.iter().any(|i| w[*i] != 0.0))
    }

    /// Refuses weights that are not finite.
    ///
    /// # Errors
    /// [`StudentError::NotFinite`].
    pub(crate) fn check(&self) -> Result<(), StudentError> {
        let all = [self.long.values(), self.short.values()];
        match all.iter().flatten().all(|value| value.is_finite()) {
            true => Ok(()),
            false => Err(StudentError::NotFinite { name: "last layer" }),
        }
    }
}

fn dot(weights: &[f32], row: &[f32]) -> f32 {
    weights.iter().zip(row).map(|(weight, x)| weight * x).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs() -> Inputs {
        let mut rows = vec![0.0; 2 * N_INPUTS];
        (rows[0], rows[4]) = (2.0, 0.5);
        (rows[N_INPUTS], rows[N_INPUTS + 8]) = (1.0, 1.0);
        Inputs { rows, groups: vec![CandidateGroup::New, CandidateGroup::Repeat], shortness: 0.5 }
    }

    #[test]
    fn the_network_alone_keeps_its_scores() {
        assert_eq!(LastLayer::NETWORK.score(&inputs()), [2.0, 1.0]);
        assert!(LastLayer::NETWORK.uses_network());
    }

    #[test]
    fn new_and_repeated_cards_have_weights_of_their_own_and_short_logs_too() {
        let mut layer = LastLayer { long: LinearLayer::ZERO, short: LinearLayer::ZERO };
        assert!(!layer.uses_network());
        layer.long.new[4] = 3.0;
        layer.short.new[4] = 2.0;
        layer.long.repeat[8] = 7.0;
        assert_eq!(layer.score(&inputs()), [0.5 * (3.0 + 0.5 * 2.0), 7.0]);
        layer.long.new[1] = f32::NAN;
        assert!(layer.check().is_err());
    }
}
