//! Causal attention over windows of a batch.

use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, bail};

use super::{like, stored, values, with_values};

/// Which rows a query sees: those from `first` to `last`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttentionWindow {
    /// First row of its window.
    pub first: u32,
    /// Its own row: nothing later is seen.
    pub last: u32,
}

struct Attention {
    queries: Arc<[AttentionWindow]>,
    head_dim: usize,
}

/// softmax(q·k / √head_dim)·v by head, over the rows that each query sees.
///
/// # Shapes
/// `q` \[queries, width\]; `k`, `v` \[rows, width\] → \[queries, width\]; `head_dim`
/// divides the width and is a multiple of 4.
///
/// # Errors
/// When shapes do not fit.
///
/// # Source
/// Vaswani et al., Attention is all you need (2017).
pub fn attention(
    q: &Tensor,
    k: &Tensor,
    v: &Tensor,
    queries: Arc<[AttentionWindow]>,
    head_dim: usize,
) -> Result<Tensor> {
    let width = k.dim(1)?;
    if head_dim == 0 || !head_dim.is_multiple_of(4) || !width.is_multiple_of(head_dim) {
        bail!("heads of {head_dim} do not fit into {width}")
    }
    let attention = Attention { queries, head_dim };
    q.contiguous()?.apply_op3(&k.contiguous()?, &v.contiguous()?, attention)
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0f32; 4];
    for (a, b) in a.chunks_exact(4).zip(b.chunks_exact(4)) {
        for ((sum, a), b) in lanes.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    lanes.iter().sum()
}

fn add_scaled(out: &mut [f32], factor: f32, row: &[f32]) {
    out.iter_mut().zip(row).for_each(|(out, x)| *out += factor * x);
}

impl Attention {
    fn scale(&self) -> f32 {
        1.0 / (self.head_dim as f32).sqrt()
    }

    /// Attention weights of one query's head (`q` is that part of it), into `weights`.
    fn softmax(
        &self,
        q: &[f32],
        k: &[f32],
        query: AttentionWindow,
        (width, head): (usize, usize),
        weights: &mut Vec<f32>,
    ) {
        weights.clear();
        let mut most = f32::NEG_INFINITY;
        for row in query.first as usize..=query.last as usize {
            let logit = dot(q, &k[row * width + head..][..self.head_dim]) * self.scale();
            most = most.max(logit);
            weights.push(logit);
        }
        let mut sum = 0.0;
        for weight in weights.iter_mut() {
            *weight = (*weight - most).exp();
            sum += *weight;
        }
        weights.iter_mut().for_each(|weight| *weight /= sum);
    }
}

impl CustomOp3 for Attention {
    fn name(&self) -> &'static str {
        "causal-attention"
    }

    fn cpu_fwd(
        &self,
        q: &CpuStorage,
        q_layout: &Layout,
        k: &CpuStorage,
        k_layout: &Layout,
        v: &CpuStorage,
        v_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (q, k, v) = (values(q, q_layout)?, values(k, k_layout)?, values(v, v_layout)?);
        let (width, size) = (q_layout.dims()[1], self.head_dim);
        let mut out = vec![0.0; q.len()];
        let mut weights = Vec::new();
        for (i, query) in self.queries.iter().enumerate() {
            for head in (0..width).step_by(size) {
                let at = i * width + head;
                self.softmax(&q[at..][..size], k, *query, (width, head), &mut weights);
                let out = &mut out[at..][..size];
                for (row, weight) in (query.first as usize..).zip(&weights) {
                    add_scaled(out, *weight, &v[row * width + head..][..size]);
                }
            }
        }
        Ok(stored(out, q_layout.shape()))
    }

    fn bwd(
        &self,
        q_tensor: &Tensor,
        k_tensor: &Tensor,
        v_tensor: &Tensor,
        _out: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let tensors = [q_tensor, k_tensor, v_tensor, grad];
        let (width, size, scale) = (k_tensor.dim(1)?, self.head_dim, self.scale());
        let [dq, dk, dv] = with_values(tensors, |[q, k, v, grad]| {
            let mut grads = [vec![0.0; q.len()], vec![0.0; k.len()], vec![0.0; v.len()]];
            let mut weights = Vec::new();
            let mut logits = Vec::new();
            for (i, query) in self.queries.iter().enumerate() {
                for head in (0..width).step_by(size) {
                    let at = i * width + head;
                    self.softmax(&q[at..][..size], k, *query, (width, head), &mut weights);
                    let grad = &grad[at..][..size];
                    logits.clear();
                    let mut mean = 0.0;
                    for (row, weight) in (query.first as usize..).zip(&weights) {
                        let dweight = dot(grad, &v[row * width + head..][..size]);
                        mean += weight * dweight;
                        logits.push(dweight);
                        add_scaled(&mut grads[2][row * width + head..][..size], *weight, grad);
                    }
                    let terms = weights.iter().zip(&logits);
                    for (row, (weight, dweight)) in (query.first as usize..).zip(terms) {
                        let dlogit = weight * (dweight - mean) * scale;
                        let key = row * width + head;
                        add_scaled(&mut grads[0][at..][..size], dlogit, &k[key..][..size]);
                        add_scaled(&mut grads[1][key..][..size], dlogit, &q[at..][..size]);
                    }
                }
            }
            Ok(grads)
        })?;
        Ok((Some(like(dq, q_tensor)?), Some(like(dk, k_tensor)?), Some(like(dv, v_tensor)?)))
    }
}
