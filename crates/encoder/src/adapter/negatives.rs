//! Wrong passages that are hard to tell from the right one.

use std::collections::HashSet;

use rand::Rng;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::ops::dot;
use crate::TEXT_DIM;

/// Candidates that are kept for each query.
const CANDIDATES_MAX: usize = 48;
/// Learning rate of the adversary.
const RATE: f32 = 0.05;
/// Part of the mean reward that one more reward replaces.
const BASELINE_RATE: f32 = 0.02;
/// What the adversary looks at.
const N_FEATURES: usize = 4;

/// Which wrong passage a query is shown besides those of its batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Negatives {
    /// None.
    InBatch,
    /// One of those that the model without adapter finds nearest, but less near than the right one.
    Hard,
    /// Likewise, chosen by an adversary that learns which ones are taken for right.
    Adversarial,
}

/// Nearness of a query to what it may be mistaken for.
pub(super) struct Candidates {
    /// Of each query: passages and what the adversary sees of each.
    of: Vec<Vec<(u32, [f32; N_FEATURES])>>,
}

/// What candidates are drawn from.
pub(super) struct Drawn<'a> {
    /// Texts of the pairs and of the passages.
    pub queries: Vec<&'a str>,
    pub passages: &'a [&'a str],
    /// By the model without adapter. \[n, 384\] each
    pub query_vectors: &'a [f32],
    pub passage_vectors: &'a [f32],
    /// The right passage of each query.
    pub own: &'a [u32],
    /// How much less near a wrong passage is at least.
    pub margin: f32,
}

impl Candidates {
    /// Those of each query, nearest first.
    pub(super) fn find(drawn: &Drawn<'_>) -> Self {
        let words: Vec<HashSet<&str>> =
            drawn.passages.par_iter().map(|text| text.split_whitespace().collect()).collect();
        let of = (0..drawn.own.len()).into_par_iter().map(|i| {
            let query = &drawn.query_vectors[i * TEXT_DIM..][..TEXT_DIM];
            let own = drawn.own[i] as usize;
            let passage = |at: usize| &drawn.passage_vectors[at * TEXT_DIM..][..TEXT_DIM];
            let most = dot(query, passage(own)) - drawn.margin;
            let mut near: Vec<(f32, usize)> = (0..drawn.passages.len())
                .map(|at| (dot(query, passage(at)), at))
                .filter(|(cosine, at)| *at != own && *cosine < most)
                .collect();
            let n = CANDIDATES_MAX.min(near.len());
            if n < near.len() {
                near.select_nth_unstable_by(n, |a, b| b.0.total_cmp(&a.0));
                near.truncate(n);
            }
            near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            let asked: Vec<&str> = drawn.queries[i].split_whitespace().collect();
            let seen = near.iter().map(|&(cosine, at)| {
                let shared = asked.iter().filter(|word| words[at].contains(*word)).count();
                let features = [
                    (most - cosine) * -10.0,
                    dot(passage(own), passage(at)),
                    shared as f32 / asked.len().max(1) as f32,
                    (words[at].len() as f32 + 1.0).ln() - (words[own].len() as f32 + 1.0).ln(),
                ];
                (at as u32, features)
            });
            seen.collect()
        });
        Self { of: of.collect() }
    }

    /// No candidate for anybody.
    pub(super) fn none(n: usize) -> Self {
        Self { of: vec![Vec::new(); n] }
    }
}

/// Chooses among candidates, and learns from what it chose.
///
/// # Source
/// The generator of Wang et al., "IRGAN" (2017), linear in what it sees, by policy gradient
/// (Williams 1992) with a running mean as baseline.
pub(super) struct Adversary {
    weights: [f32; N_FEATURES],
    baseline: f32,
    learns: bool,
}

/// A wrong passage that was chosen.
#[derive(Clone, Copy)]
pub(super) struct Choice {
    /// Which.
    pub passage: u32,
    /// What the logarithm of its probability grows by with each weight.
    gradient: [f32; N_FEATURES],
}

impl Adversary {
    /// One that knows nothing, and so draws evenly.
    pub(super) fn new(learns: bool) -> Self {
        Self { weights: [0.0; N_FEATURES], baseline: 0.0, learns }
    }

    /// A wrong passage for query `i`; `None` where there is no candidate.
    pub(super) fn choose(
        &self,
        candidates: &Candidates,
        i: usize,
        rng: &mut impl Rng,
    ) -> Option<Choice> {
        let candidates = &candidates.of[i];
        let logit = |features: &[f32; N_FEATURES]| -> f32 {
            self.weights.iter().zip(features).map(|(weight, x)| weight * x).sum()
        };
        let logits: Vec<f32> = candidates.iter().map(|(_, features)| logit(features)).collect();
        let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let masses: Vec<f32> = logits.iter().map(|logit| (logit - most).exp()).collect();
        let total: f32 = masses.iter().sum();
        let mut left = rng.random_range(0.0..1.0f32) * total;
        let chosen = masses.iter().position(|mass| {
            left -= mass;
            left <= 0.0
        });
        let (passage, features) =
            candidates.get(chosen.unwrap_or(candidates.len().checked_sub(1)?))?;
        let mut gradient = *features;
        for ((_, features), mass) in candidates.iter().zip(&masses) {
            for (gradient, x) in gradient.iter_mut().zip(features) {
                *gradient -= mass / total * x;
            }
        }
        Some(Choice { passage: *passage, gradient })
    }

    /// Learns how well a choice was taken for right, from 0 to 1.
    pub(super) fn learn(&mut self, choice: &Choice, reward: f32) {
        if !self.learns {
            return;
        }
        let better = reward - self.baseline;
        self.baseline += BASELINE_RATE * better;
        for (weight, gradient) in self.weights.iter_mut().zip(&choice.gradient) {
            *weight += RATE * better * gradient;
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand::rngs::SmallRng;

    use super::*;

    #[test]
    fn an_adversary_comes_to_choose_what_is_taken_for_right() {
        let features = |at: usize| [0.0, if at == 3 { 1.0 } else { 0.0 }, 0.3, 0.0];
        let candidates =
            Candidates { of: vec![(0..8).map(|at| (at, features(at as usize))).collect()] };
        let mut rng = SmallRng::seed_from_u64(7);
        let share = |adversary: &Adversary, rng: &mut SmallRng| {
            let chosen = (0..1_000).filter_map(|_| adversary.choose(&candidates, 0, rng));
            chosen.filter(|choice| choice.passage == 3).count()
        };
        let mut adversary = Adversary::new(true);
        assert!((80..170).contains(&share(&adversary, &mut rng)));
        for _ in 0..3_000 {
            let choice = adversary.choose(&candidates, 0, &mut rng).unwrap();
            adversary.learn(&choice, if choice.passage == 3 { 0.9 } else { 0.1 });
        }
        assert!(share(&adversary, &mut rng) > 600, "{:?}", adversary.weights);
        let mut even = Adversary::new(false);
        let choice = even.choose(&candidates, 0, &mut rng).unwrap();
        even.learn(&choice, 1.0);
        assert_eq!(even.weights, [0.0; N_FEATURES]);
        assert!(even.choose(&Candidates::none(1), 0, &mut rng).is_none());
    }

    #[test]
    fn candidates_are_near_and_less_near_than_the_right_one() {
        let unit = |angle: f32| {
            let mut vector = vec![0.0; TEXT_DIM];
            (vector[0], vector[1]) = (angle.cos(), angle.sin());
            vector
        };
        let passages: Vec<f32> = [0.3, 0.1, 0.31, 0.5, 1.2].into_iter().flat_map(unit).collect();
        let found = Candidates::find(&Drawn {
            queries: vec!["red shoe"],
            passages: &["red shoe", "a", "red", "shoe red blue", "d"],
            query_vectors: &unit(0.0),
            passage_vectors: &passages,
            own: &[0],
            margin: 0.01,
        });
        let which: Vec<u32> = found.of[0].iter().map(|(at, _)| *at).collect();
        assert_eq!(which, [3, 4], "1 is nearer than the right one, 2 as near");
        assert_eq!(found.of[0][0].1[2], 1.0, "it has both words");
    }
}
