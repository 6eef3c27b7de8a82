//! The student's formula, spelled out in f64: slow, unfused, for comparison.
//!
//! Every faster forward (these kernels, WGSL, candle in training) is held
//! against this one.

use crate::entry::LogEntry;
use crate::layout::{CODE_DIM, FF_DIM, HEAD_DIM, HIDDEN1, HIDDEN2, LN_EPS, N_HEADS};
use crate::weights::BlockWeights;
use crate::{Weights, window};

const D: usize = CODE_DIM;
type Row = Vec<f64>;

/// The state u after a log, `[64]`; `None` when the log is empty.
pub fn state(weights: &Weights, log: &[LogEntry]) -> Option<Row> {
    let window = &log[window::start(log.len())..];
    let times: Vec<i64> = window.iter().map(|entry| entry.at_ms).collect();
    let mut x: Vec<Row> = window
        .iter()
        .zip(window::gap_buckets(&times))
        .map(|(entry, gap)| {
            let token = product(&dequantise(weights, &entry.code), &weights.input, D);
            let kind = entry.kind as usize;
            (0..D)
                .map(|i| {
                    token[i]
                        + f64::from(weights.kind[kind * D + i])
                        + f64::from(weights.gap[gap * D + i])
                })
                .collect()
        })
        .collect();
    for block in &weights.blocks {
        x = run_block(block, &x);
    }
    x.last().map(|last| layer_norm(last, &weights.lnf_gain, &weights.lnf_bias))
}

/// The score of one candidate from its code `[64]` and its 16 scalars.
///
/// # Shapes
/// `u` and `code` `[64]`, `scalars` `[16]`.
pub fn score(weights: &Weights, u: &[f64], code: &[i8], scalars: &[f32]) -> f64 {
    let head = &weights.score;
    let c = dequantise(weights, code);
    let s: Row = scalars.iter().map(|value| f64::from(*value)).collect();
    let uc: Row = u.iter().zip(&c).map(|(u, c)| u * c).collect();
    let parts = [
        product(u, &head.user, HIDDEN1),
        product(&c, &head.code, HIDDEN1),
        product(&uc, &head.product, HIDDEN1),
        product(&s, &head.scalars, HIDDEN1),
    ];
    let h1: Row = (0..HIDDEN1)
        .map(|i| parts.iter().map(|part| part[i]).sum::<f64>() + f64::from(head.bias1[i]))
        .map(|value| value.max(0.0))
        .collect();
    let h2: Row = product(&h1, &head.layer2, HIDDEN2)
        .iter()
        .zip(&head.bias2)
        .map(|(value, bias)| (value + f64::from(*bias)).max(0.0))
        .collect();
    dot(&h2, &head.layer3) + f64::from(head.bias3[0]) + dot(&s, &head.linear)
}

fn run_block(block: &BlockWeights, x: &[Row]) -> Vec<Row> {
    let normed: Vec<Row> =
        x.iter().map(|row| layer_norm(row, &block.ln1_gain, &block.ln1_bias)).collect();
    let project = |w: &[f32]| normed.iter().map(|row| product(row, w, D)).collect::<Vec<Row>>();
    let (q, k, v) = (project(&block.query), project(&block.key), project(&block.value));
    x.iter()
        .enumerate()
        .map(|(i, row)| {
            let attended = attend(&q[i], &k[..=i], &v[..=i]);
            let row = add(row, &product(&attended, &block.output, D));
            let normed = layer_norm(&row, &block.ln2_gain, &block.ln2_bias);
            let hidden: Row = product(&normed, &block.ff1, FF_DIM)
                .iter()
                .zip(&block.ff1_bias)
                .map(|(value, bias)| (value + f64::from(*bias)).max(0.0))
                .collect();
            let bias: Row = block.ff2_bias.iter().map(|value| f64::from(*value)).collect();
            add(&add(&row, &product(&hidden, &block.ff2, D)), &bias)
        })
        .collect()
}

fn attend(q: &[f64], keys: &[Row], values: &[Row]) -> Row {
    let mut out = vec![0.0; D];
    for head in 0..N_HEADS {
        let columns = head * HEAD_DIM..(head + 1) * HEAD_DIM;
        let logits: Row = keys
            .iter()
            .map(|key| columns.clone().map(|i| q[i] * key[i]).sum::<f64>() / 4.0)
            .collect();
        let largest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let weights: Row = logits.iter().map(|logit| (logit - largest).exp()).collect();
        let sum: f64 = weights.iter().sum();
        for (weight, value) in weights.iter().zip(values) {
            columns.clone().for_each(|i| out[i] += weight / sum * value[i]);
        }
    }
    out
}

fn dequantise(weights: &Weights, code: &[i8]) -> Row {
    code.iter().map(|q| f64::from(*q) * f64::from(weights.code_scale)).collect()
}

fn product(x: &[f64], w: &[f32], n: usize) -> Row {
    let mut out = vec![0.0; n];
    for (x, row) in x.iter().zip(w.chunks_exact(n)) {
        out.iter_mut().zip(row).for_each(|(out, w)| *out += x * f64::from(*w));
    }
    out
}

fn layer_norm(x: &[f64], gain: &[f32], bias: &[f32]) -> Row {
    let mean = x.iter().sum::<f64>() / D as f64;
    let variance = x.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / D as f64;
    let deviation = (variance + f64::from(LN_EPS)).sqrt();
    x.iter()
        .zip(gain.iter().zip(bias))
        .map(|(value, (gain, bias))| {
            (value - mean) / deviation * f64::from(*gain) + f64::from(*bias)
        })
        .collect()
}

fn add(a: &[f64], b: &[f64]) -> Row {
    a.iter().zip(b).map(|(a, b)| a + b).collect()
}

fn dot(a: &[f64], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * f64::from(*b)).sum()
}
