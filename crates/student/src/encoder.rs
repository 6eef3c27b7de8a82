//! The history encoder: two causal transformer blocks over the window, with
//! keys and values cached so that a new event costs one token.
//!
//! A full encoding and a grown one give the same bits: every row is computed
//! by the same operations in the same order, alone or beside others.

use crate::entry::LogEntry;
use crate::kernels::{self, Accumulate};
use crate::layout::{CODE_DIM, FF_DIM, N_BLOCKS, WINDOW_MAX};
use crate::weights::BlockWeights;
use crate::{Weights, window};

const D: usize = CODE_DIM;

/// Keys and values of the encoded part of the window, and the state after it.
#[derive(Clone, Debug, Default)]
pub struct HistoryCache {
    start: usize,
    end: usize,
    /// `[events, 64]` for each block.
    keys: [Vec<f32>; N_BLOCKS],
    values: [Vec<f32>; N_BLOCKS],
    state: Option<[f32; D]>,
}

impl HistoryCache {
    /// The state after event `n_events − 1`, if the encoding reaches exactly there.
    pub fn state_at(&self, n_events: usize) -> Option<&[f32; D]> {
        if self.end == n_events { self.state.as_ref() } else { None }
    }

    fn reset(&mut self, start: usize) {
        self.start = start;
        self.end = start;
        self.state = None;
        for buffer in self.keys.iter_mut().chain(&mut self.values) {
            buffer.clear();
            buffer.reserve(WINDOW_MAX * D);
        }
    }
}

/// Encodes the events of `log[start..]` that the cache does not hold yet.
///
/// # Shapes
/// `log[start..]` has at most [`WINDOW_MAX`] events.
pub fn extend(weights: &Weights, log: &[LogEntry], start: usize, cache: &mut HistoryCache) {
    if log.is_empty() {
        *cache = HistoryCache::default();
        return;
    }
    if cache.state.is_none() || cache.start != start || cache.end > log.len() {
        cache.reset(start);
    }
    if cache.end == log.len() {
        return;
    }
    let mut x = embed(weights, log, start, cache.end);
    cache.end = log.len();
    for (b, block) in weights.blocks.iter().enumerate() {
        let (keys, values) = (&mut cache.keys[b], &mut cache.values[b]);
        x = run_block(block, x, keys, values, b + 1 == N_BLOCKS);
    }
    let mut state = [0.0; D];
    kernels::layer_norm(&x, &weights.lnf_gain, &weights.lnf_bias, &mut state);
    cache.state = Some(state);
}

/// Tokens x_e = W_in·c_e + T[kind] + G[gap] of the events `from..`.
fn embed(weights: &Weights, log: &[LogEntry], start: usize, from: usize) -> Vec<f32> {
    let events = &log[from..];
    let mut codes = vec![0.0; events.len() * D];
    for (row, event) in codes.chunks_exact_mut(D).zip(events) {
        for (value, q) in row.iter_mut().zip(event.code) {
            *value = f32::from(q) * weights.code_scale;
        }
    }
    let mut x = vec![0.0; events.len() * D];
    for (i, row) in x.chunks_exact_mut(D).enumerate() {
        let event = from + i;
        let gap = if event == start {
            0
        } else {
            window::gap_bucket(log[event].at_ms.saturating_sub(log[event - 1].at_ms))
        };
        let kind = log[event].kind as usize;
        let kind_row = &weights.kind[kind * D..][..D];
        let gap_row = &weights.gap[gap * D..][..D];
        for ((value, t), g) in row.iter_mut().zip(kind_row).zip(gap_row) {
            *value = t + g;
        }
    }
    kernels::gemm(&codes, &weights.input, &mut x, (D, D), Accumulate::Yes);
    x
}

/// One block over the new rows `x` `[rows, 64]`, whose keys and values are
/// appended to the cached ones. With `last_row_only` (the last block: only the
/// newest state is read) the other rows stop at their keys and values.
fn run_block(
    block: &BlockWeights,
    mut x: Vec<f32>,
    keys: &mut Vec<f32>,
    values: &mut Vec<f32>,
    last_row_only: bool,
) -> Vec<f32> {
    let cached = keys.len();
    let mut normed = vec![0.0; x.len()];
    layer_norm_rows(&x, &block.ln1_gain, &block.ln1_bias, &mut normed);
    keys.resize(cached + x.len(), 0.0);
    values.resize(cached + x.len(), 0.0);
    kernels::gemm(&normed, &block.key, &mut keys[cached..], (D, D), Accumulate::No);
    kernels::gemm(&normed, &block.value, &mut values[cached..], (D, D), Accumulate::No);
    if last_row_only {
        x.drain(..x.len() - D);
        normed.drain(..normed.len() - D);
    }
    let first = keys.len() / D - x.len() / D;
    let mut queries = vec![0.0; x.len()];
    kernels::gemm(&normed, &block.query, &mut queries, (D, D), Accumulate::No);
    let mut attended = vec![0.0; x.len()];
    for (i, (q, out)) in queries.chunks_exact(D).zip(attended.chunks_exact_mut(D)).enumerate() {
        let visible = (first + i + 1) * D;
        kernels::attend(q, &keys[..visible], &values[..visible], out);
    }
    kernels::gemm(&attended, &block.output, &mut x, (D, D), Accumulate::Yes);
    layer_norm_rows(&x, &block.ln2_gain, &block.ln2_bias, &mut normed);
    let mut hidden = vec![0.0; x.len() / D * FF_DIM];
    for row in hidden.chunks_exact_mut(FF_DIM) {
        row.copy_from_slice(&block.ff1_bias);
    }
    kernels::gemm(&normed, &block.ff1, &mut hidden, (D, FF_DIM), Accumulate::Yes);
    kernels::relu(&mut hidden);
    for row in x.chunks_exact_mut(D) {
        row.iter_mut().zip(&block.ff2_bias).for_each(|(value, bias)| *value += bias);
    }
    kernels::gemm(&hidden, &block.ff2, &mut x, (FF_DIM, D), Accumulate::Yes);
    x
}

fn layer_norm_rows(x: &[f32], gain: &[f32], bias: &[f32], out: &mut [f32]) {
    for (row, out) in x.chunks_exact(D).zip(out.chunks_exact_mut(D)) {
        kernels::layer_norm(row, gain, bias, out);
    }
}
