//! What a student should make of a cut: target distributions over its candidates.

use crate::candidates::ABSENT;
use crate::sequences::Cut;

/// Part of the target distribution that is the teacher's, without and with views.
const TEACHER_SHARE: f32 = 0.5;
const TEACHER_SHARE_AFTER_VIEWS: f32 = 0.2;
/// Weight of the next basket's cards against those of the weeks after it.
const NEXT_BASKET_WEIGHT: f32 = 1.5;
const NEXT_BASKET_WEIGHT_AFTER_VIEWS: f32 = 5.0;
/// In retrieval, cards of the log count less: they are candidates anyway.
const RETRIEVED_OWN_WEIGHT: f32 = 0.25;

/// What the teacher says of the candidates of a cut, and what the shopper did.
pub struct CutTargets {
    teacher_share: f32,
    scores: Vec<f32>,
    /// Weight of what was bought, else 0.
    bought: Vec<f32>,
    own: Vec<bool>,
}

impl CutTargets {
    /// # Shapes
    /// `candidates` \[n\]; `seen` and `scores`, the teacher's, \[n_items\].
    pub fn new(cut: &Cut, candidates: &[u32], seen: &[bool], scores: &[f32]) -> Self {
        // Of a log without purchases the teacher knows nothing.
        let is_known = cut.purchases.0 < cut.purchases.1;
        let (teacher_share, next_weight) = if cut.after_views {
            (TEACHER_SHARE_AFTER_VIEWS, NEXT_BASKET_WEIGHT_AFTER_VIEWS)
        } else {
            (TEACHER_SHARE, NEXT_BASKET_WEIGHT)
        };
        let bought = |item: &u32| {
            if cut.next_basket.contains(item) {
                next_weight
            } else if cut.targets.binary_search(item).is_ok() {
                1.0
            } else {
                0.0
            }
        };
        Self {
            teacher_share: if is_known { teacher_share } else { 0.0 },
            scores: candidates.iter().map(|item| scores[*item as usize]).collect(),
            bought: candidates.iter().map(bought).collect(),
            own: candidates.iter().map(|item| seen[*item as usize]).collect(),
        }
    }

    /// The teacher's softmax, over the candidates that the offsets do not leave out, times
    /// its share.
    ///
    /// # Shapes
    /// `offsets` \[n\] → \[n\].
    pub fn taught(&self, offsets: &[f32]) -> Vec<f32> {
        let logits: Vec<f32> = self.scores.iter().zip(offsets).map(|(a, b)| a + b).collect();
        let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let teacher = normalised(logits.iter().map(|logit| (logit - most).exp()).collect());
        teacher.iter().map(|t| self.teacher_share * t).collect()
    }

    /// What was bought, of the same candidates, times the rest.
    ///
    /// # Shapes
    /// `offsets` \[n\] → \[n\].
    pub fn bought(&self, offsets: &[f32]) -> Vec<f32> {
        let bought = normalised(present(&self.bought, offsets));
        bought.iter().map(|b| (1.0 - self.teacher_share) * b).collect()
    }

    /// The purchases alone, those of known cards counting less.
    ///
    /// # Shapes
    /// `offsets` \[n\] → \[n\].
    pub fn retrieval_targets(&self, offsets: &[f32]) -> Vec<f32> {
        let weights = self
            .bought
            .iter()
            .zip(&self.own)
            .map(|(weight, own)| weight * if *own { RETRIEVED_OWN_WEIGHT } else { 1.0 });
        normalised(present(&weights.collect::<Vec<f32>>(), offsets))
    }
}

/// Weights of the candidates that are not left out.
fn present(weights: &[f32], offsets: &[f32]) -> Vec<f32> {
    weights
        .iter()
        .zip(offsets)
        .map(|(w, offset)| if *offset == ABSENT { 0.0 } else { *w })
        .collect()
}

/// Weights that sum to 1, or all 0.
fn normalised(mut weights: Vec<f32>) -> Vec<f32> {
    let sum: f32 = weights.iter().sum();
    if sum > 0.0 {
        weights.iter_mut().for_each(|weight| *weight /= sum);
    }
    weights
}
