//! Causal attention of 4 heads of 16 over windows of a batch.

use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor};
use vitrine_student::layout::{CODE_DIM as D, HEAD_DIM, N_HEADS};

use super::{like, stored, values, with_values};

/// Which rows a query sees: those from `first` to `last`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Query {
    /// First row of its window.
    pub first: u32,
    /// Its own row: nothing later is seen.
    pub last: u32,
}

struct Attention {
    queries: Arc<[Query]>,
}

/// softmax(q·k / 4)·v by head, over the rows that each query sees.
///
/// # Shapes
/// `q` \[queries, 64\]; `k`, `v` \[rows, 64\] → \[queries, 64\].
///
/// # Errors
/// When shapes do not fit.
///
/// # Source
/// Vaswani et al., Attention is all you need (2017).
pub fn attention(q: &Tensor, k: &Tensor, v: &Tensor, queries: Arc<[Query]>) -> Result<Tensor> {
    q.contiguous()?.apply_op3(&k.contiguous()?, &v.contiguous()?, Attention { queries })
}

const SCALE: f32 = 0.25;

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

/// Attention weights of one query and head, into `weights`.
fn softmax(q: &[f32], k: &[f32], query: Query, head: usize, weights: &mut Vec<f32>) {
    weights.clear();
    let mut most = f32::NEG_INFINITY;
    for row in query.first as usize..=query.last as usize {
        let logit = dot(q, &k[row * D + head..][..HEAD_DIM]) * SCALE;
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
        let mut out = vec![0.0; q.len()];
        let mut weights = Vec::new();
        for (i, query) in self.queries.iter().enumerate() {
            for head in (0..N_HEADS).map(|head| head * HEAD_DIM) {
                softmax(&q[i * D + head..][..HEAD_DIM], k, *query, head, &mut weights);
                let out = &mut out[i * D + head..][..HEAD_DIM];
                for (row, weight) in (query.first as usize..).zip(&weights) {
                    add_scaled(out, *weight, &v[row * D + head..][..HEAD_DIM]);
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
        let [dq, dk, dv] = with_values(tensors, |[q, k, v, grad]| {
            let mut grads = [vec![0.0; q.len()], vec![0.0; k.len()], vec![0.0; v.len()]];
            let mut weights = Vec::new();
            let mut logits = Vec::new();
            for (i, query) in self.queries.iter().enumerate() {
                for head in (0..N_HEADS).map(|head| head * HEAD_DIM) {
                    let at = i * D + head;
                    softmax(&q[at..][..HEAD_DIM], k, *query, head, &mut weights);
                    let grad = &grad[at..][..HEAD_DIM];
                    logits.clear();
                    let mut mean = 0.0;
                    for (row, weight) in (query.first as usize..).zip(&weights) {
                        let dweight = dot(grad, &v[row * D + head..][..HEAD_DIM]);
                        mean += weight * dweight;
                        logits.push(dweight);
                        add_scaled(&mut grads[2][row * D + head..][..HEAD_DIM], *weight, grad);
                    }
                    let terms = weights.iter().zip(&logits);
                    for (row, (weight, dweight)) in (query.first as usize..).zip(terms) {
                        let dlogit = weight * (dweight - mean) * SCALE;
                        let key = row * D + head;
                        add_scaled(&mut grads[0][at..][..HEAD_DIM], dlogit, &k[key..][..HEAD_DIM]);
                        add_scaled(&mut grads[1][key..][..HEAD_DIM], dlogit, &q[at..][..HEAD_DIM]);
                    }
                }
            }
            Ok(grads)
        })?;
        Ok((Some(like(dq, q_tensor)?), Some(like(dk, k_tensor)?), Some(like(dv, v_tensor)?)))
    }
}
