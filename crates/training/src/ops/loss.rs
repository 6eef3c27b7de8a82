//! Listwise losses: cross-entropy of a softmax over a list with a distribution, and what
//! was chosen, each by itself, against what was not.

use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, bail};

use super::{like, stored, values, with_values};

struct CrossEntropy {
    targets: Arc<[f32]>,
    offsets: Arc<[f32]>,
}

/// −Σ target · ln softmax(logits + offsets), summed over the lists. An offset is
/// the logarithm of how many cards an entry stands for; the targets of a list
/// may sum to any weight.
///
/// # Shapes
/// `logits` \[lists, n\], `targets` and `offsets` \[lists · n\] → \[1\].
///
/// # Errors
/// When shapes do not fit.
///
/// # Source
/// Cao et al., Learning to rank: from pairwise approach to listwise approach (2007).
pub fn cross_entropy(logits: &Tensor, targets: Arc<[f32]>, offsets: Arc<[f32]>) -> Result<Tensor> {
    logits.contiguous()?.apply_op1(CrossEntropy { targets, offsets })
}

impl CrossEntropy {
    /// Logarithms of the softmax, \[lists · n\].
    fn log_softmax(&self, logits: &[f32], n: usize) -> Vec<f32> {
        let mut out: Vec<f32> = logits.iter().zip(&*self.offsets).map(|(a, b)| a + b).collect();
        for list in out.chunks_exact_mut(n) {
            let most = list.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let sum: f32 = list.iter().map(|logit| (logit - most).exp()).sum();
            let log_sum = most + sum.ln();
            list.iter_mut().for_each(|logit| *logit -= log_sum);
        }
        out
    }
}

impl CustomOp1 for CrossEntropy {
    fn name(&self) -> &'static str {
        "cross-entropy"
    }

    fn cpu_fwd(&self, logits: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let logits = values(logits, layout)?;
        let [_, n] = layout.dims() else { bail!("logits are [lists, n]") };
        if logits.len() != self.targets.len() || logits.len() != self.offsets.len() {
            bail!("{} logits and {} targets", logits.len(), self.targets.len())
        }
        let terms = self.log_softmax(logits, *n);
        let terms = terms.iter().zip(&*self.targets).filter(|(_, target)| **target > 0.0);
        let loss: f64 = terms.map(|(log_p, target)| f64::from(-target * log_p)).sum();
        Ok(stored(vec![loss as f32], 1))
    }

    fn bwd(&self, logits: &Tensor, _loss: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let n = logits.dim(1)?;
        let dlogits = with_values([logits, grad], |[logits, grad]| {
            let mut out = self.log_softmax(logits, n);
            for (list, targets) in out.chunks_exact_mut(n).zip(self.targets.chunks_exact(n)) {
                let weight: f32 = targets.iter().sum();
                for (value, target) in list.iter_mut().zip(targets) {
                    *value = grad[0] * (weight * value.exp() - target);
                }
            }
            Ok(out)
        })?;
        Ok(Some(like(dlogits, logits)?))
    }
}

struct Contrast {
    targets: Arc<[f32]>,
    offsets: Arc<[f32]>,
}

/// −Σ target · ln(eˢ / (eˢ + Σ over those without a target)), summed over the lists, with
/// s = logit + offset: positives of one list do not compete with each other.
///
/// # Shapes
/// As [`cross_entropy`].
///
/// # Errors
/// When shapes do not fit.
///
/// # Source
/// InfoNCE, one loss for each positive: van den Oord et al., Representation learning with
/// contrastive predictive coding (2018).
pub fn contrast(logits: &Tensor, targets: Arc<[f32]>, offsets: Arc<[f32]>) -> Result<Tensor> {
    logits.contiguous()?.apply_op1(Contrast { targets, offsets })
}

/// One list: ln of the sum over those without a target.
fn log_sum_of_others(scores: &[f32], targets: &[f32]) -> f32 {
    let others = || scores.iter().zip(targets).filter(|(_, target)| **target == 0.0);
    let most = others().map(|(score, _)| *score).fold(f32::MIN, f32::max);
    most + others().map(|(score, _)| (score - most).exp()).sum::<f32>().ln()
}

/// The gradient of [`contrast`] of one list, in place of its scores.
pub(crate) fn contrast_gradient(scores: &mut [f32], targets: &[f32]) {
    let others = log_sum_of_others(scores, targets);
    let missed = |(s, t): (&f32, &f32)| if *t > 0.0 { t * lost(others - s).1 } else { 0.0 };
    let pull: f32 = scores.iter().zip(targets).map(missed).sum();
    for (score, target) in scores.iter_mut().zip(targets) {
        *score =
            if *target > 0.0 { -missed((score, target)) } else { pull * (*score - others).exp() };
    }
}

/// How far the others are ahead of a choice → (−ln of the share it wins, share it loses).
fn lost(ahead: f32) -> (f32, f32) {
    let loss = ahead.max(0.0) + (-ahead.abs()).exp().ln_1p();
    (loss, -(-loss).exp_m1())
}

impl CustomOp1 for Contrast {
    fn name(&self) -> &'static str {
        "contrast"
    }

    fn cpu_fwd(&self, logits: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let logits = values(logits, layout)?;
        let [_, n] = layout.dims() else { bail!("logits are [lists, n]") };
        if logits.len() != self.targets.len() || logits.len() != self.offsets.len() {
            bail!("{} logits and {} targets", logits.len(), self.targets.len())
        }
        let scores: Vec<f32> = logits.iter().zip(&*self.offsets).map(|(a, b)| a + b).collect();
        let mut loss = 0.0;
        for (scores, targets) in scores.chunks_exact(*n).zip(self.targets.chunks_exact(*n)) {
            let others = log_sum_of_others(scores, targets);
            let chosen = scores.iter().zip(targets).filter(|(_, target)| **target > 0.0);
            loss += chosen.map(|(s, t)| f64::from(t * lost(others - s).0)).sum::<f64>();
        }
        Ok(stored(vec![loss as f32], 1))
    }

    fn bwd(&self, logits: &Tensor, _loss: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let n = logits.dim(1)?;
        let dlogits = with_values([logits, grad], |[logits, grad]| {
            let mut out: Vec<f32> = logits.iter().zip(&*self.offsets).map(|(a, b)| a + b).collect();
            for (list, targets) in out.chunks_exact_mut(n).zip(self.targets.chunks_exact(n)) {
                contrast_gradient(list, targets);
                list.iter_mut().for_each(|value| *value *= grad[0]);
            }
            Ok(out)
        })?;
        Ok(Some(like(dlogits, logits)?))
    }
}
