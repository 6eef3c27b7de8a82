//! Cross-entropy of the right item against sampled others.

use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor, bail};

use super::{like, stored, values, with_values};

/// Which items the logits are of.
#[derive(Clone, Debug)]
pub struct Sampled {
    /// The right item of each row, \[rows\].
    pub targets: Arc<[u32]>,
    /// Items sampled for all rows, \[n\]; a row's own target among them is left out.
    pub sampled: Arc<[u32]>,
    /// Added to the logits of sampled items: ln of how many items each stands for
    /// makes the loss an estimate of that over the whole catalogue.
    pub offset: f32,
}

/// −Σ ln softmax(right logit | right logit, sampled logits + offset), summed.
///
/// # Shapes
/// `right` \[rows, 1\], `others` \[rows, n\] → \[1\].
///
/// # Errors
/// When shapes do not fit.
///
/// # Source
/// Jean et al., On using very large target vocabulary for neural machine
/// translation (2015); Klenitskiy and Vasilev, Turning dross into gold loss (2023).
pub fn sampled_softmax(right: &Tensor, others: &Tensor, sampled: Sampled) -> Result<Tensor> {
    right.contiguous()?.apply_op2(&others.contiguous()?, sampled)
}

impl Sampled {
    /// Probabilities of the others into `out`, and −ln p of the right item.
    fn softmax(&self, row: usize, right: f32, others: &[f32], out: &mut [f32]) -> f32 {
        let most = others.iter().fold(f32::NEG_INFINITY, |most, x| most.max(*x)) + self.offset;
        let most = most.max(right);
        for (out, x) in out.iter_mut().zip(others) {
            *out = fast_exp(x + self.offset - most);
        }
        let target = self.targets[row];
        for (out, item) in out.iter_mut().zip(&*self.sampled) {
            *out = if *item == target { 0.0 } else { *out };
        }
        let sum = sum(out) + (right - most).exp();
        out.iter_mut().for_each(|out| *out /= sum);
        sum.ln() + most - right
    }
}

/// e^x for x ≤ 0 to a few millionths of its value; 0 below −87. Plain arithmetic, so that a
/// compiler makes vectors of it.
fn fast_exp(x: f32) -> f32 {
    let scaled = (x * std::f32::consts::LOG2_E).max(-126.0);
    let whole = (scaled - 0.5) as i32;
    let rest = (scaled - whole as f32) * std::f32::consts::LN_2;
    // Taylor's series on [−ln 2 / 2, ln 2 / 2], to x⁶.
    let mut value = 1.0 / 720.0;
    for factor in [1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
        value = value * rest + factor;
    }
    value * f32::from_bits(((whole + 127) as u32) << 23)
}

fn sum(values: &[f32]) -> f32 {
    let (chunks, rest) = values.as_chunks::<8>();
    let mut lanes = [0.0f32; 8];
    for chunk in chunks {
        lanes.iter_mut().zip(chunk).for_each(|(lane, x)| *lane += x);
    }
    lanes.iter().chain(rest).sum()
}

impl CustomOp2 for Sampled {
    fn name(&self) -> &'static str {
        "sampled-softmax"
    }

    fn cpu_fwd(
        &self,
        right: &CpuStorage,
        right_layout: &Layout,
        others: &CpuStorage,
        others_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (right, others) = (values(right, right_layout)?, values(others, others_layout)?);
        let n = self.sampled.len();
        if right.len() != self.targets.len() || others.len() != right.len() * n || n == 0 {
            bail!("{} right and {} other logits do not fit", right.len(), others.len())
        }
        let mut probabilities = vec![0.0; n];
        let mut loss = 0.0;
        for (row, (right, others)) in right.iter().zip(others.chunks_exact(n)).enumerate() {
            loss += f64::from(self.softmax(row, *right, others, &mut probabilities));
        }
        Ok(stored(vec![loss as f32], 1))
    }

    fn bwd(
        &self,
        right_tensor: &Tensor,
        others_tensor: &Tensor,
        _loss: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let n = self.sampled.len();
        let (dright, dothers) =
            with_values([right_tensor, others_tensor, grad], |[right, others, grad]| {
                let (mut dright, mut dothers) = (vec![0.0; right.len()], vec![0.0; others.len()]);
                let rows = others.chunks_exact(n).zip(dothers.chunks_exact_mut(n));
                for (row, (others, out)) in rows.enumerate() {
                    let loss = self.softmax(row, right[row], others, out);
                    dright[row] = grad[0] * ((-loss).exp() - 1.0);
                    out.iter_mut().for_each(|out| *out *= grad[0]);
                }
                Ok((dright, dothers))
            })?;
        Ok((Some(like(dright, right_tensor)?), Some(like(dothers, others_tensor)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::fast_exp;

    #[test]
    fn the_fast_exponential_is_the_exponential() {
        for i in 0..2_000 {
            let x = -(i as f32) * 0.043;
            let error = (f64::from(fast_exp(x)) - f64::from(x).exp()).abs();
            assert!(error <= 1e-5 * f64::from(x).exp() + 1e-37, "{x}: {error}");
        }
        assert!(fast_exp(f32::NEG_INFINITY) < 1e-37);
    }
}
