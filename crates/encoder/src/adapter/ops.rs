//! Steps of the forward pass with their gradients, each one loop. Texts lie one behind the other,
//! whatever their lengths. Weights of the model are constants: no gradient of theirs is computed.

use std::sync::Arc;

use candle_core::backend::BackendStorage as _;
use candle_core::{
    CpuStorage, CustomOp1, DType, Device, Layout, Result, Shape, Storage, Tensor, bail,
};

/// The values of a contiguous f32 argument.
fn values<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let Some((from, to)) = layout.contiguous_offsets() else {
        bail!("an operation of the adapter needs contiguous arguments")
    };
    Ok(&storage.as_slice::<f32>()?[from..to])
}

/// Runs `f` on the values of tensors.
fn with_values<const N: usize, R>(
    tensors: [&Tensor; N],
    f: impl FnOnce([&[f32]; N]) -> R,
) -> Result<R> {
    let mut contiguous = Vec::with_capacity(N);
    for tensor in tensors {
        contiguous.push(tensor.to_dtype(DType::F32)?.contiguous()?);
    }
    let guards: Vec<_> = contiguous.iter().map(|tensor| tensor.storage_and_layout()).collect();
    let mut slices: [&[f32]; N] = [&[]; N];
    for (slice, (storage, layout)) in slices.iter_mut().zip(&guards) {
        let Storage::Cpu(storage) = &**storage else { bail!("adapters are fitted on the CPU") };
        *slice = values(storage, layout)?;
    }
    Ok(f(slices))
}

fn like(values: Vec<f32>, tensor: &Tensor) -> Result<Option<Tensor>> {
    Ok(Some(Tensor::from_vec(values, tensor.shape(), &Device::Cpu)?))
}

/// x \[n, in\] · W, where W \[in, out\] stays as it is.
pub(super) struct FrozenProduct {
    pub weight: Tensor,
}

impl CustomOp1 for FrozenProduct {
    fn name(&self) -> &'static str {
        "frozen-product"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (n, n_in) = layout.shape().dims2()?;
        let (_, n_out) = self.weight.dims2()?;
        let (weight, weight_layout) = self.weight.storage_and_layout();
        let Storage::Cpu(weight) = &*weight else { bail!("adapters are fitted on the CPU") };
        let out = x.matmul(weight, (1, n, n_out, n_in), layout, weight_layout)?;
        Ok((out, Shape::from((n, n_out))))
    }

    fn bwd(&self, _x: &Tensor, _out: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        Ok(Some(grad.matmul(&self.weight.t()?)?))
    }
}

/// Layer normalisation of x + bias, row by row. \[n, d\]
#[derive(Clone)]
pub(super) struct FrozenNorm {
    pub bias: Arc<[f32]>,
    pub gain: Arc<[f32]>,
    pub offset: Arc<[f32]>,
    pub eps: f32,
}

impl FrozenNorm {
    /// The row with its bias in standard deviations, and the inverse of one.
    fn standard(&self, row: &[f32], out: &mut [f32]) -> f32 {
        let n = row.len() as f32;
        out.iter_mut()
            .zip(row.iter().zip(&*self.bias))
            .for_each(|(out, (x, bias))| *out = x + bias);
        let mean = out.iter().sum::<f32>() / n;
        let variance = out.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>() / n;
        let inverse = (variance + self.eps).sqrt().recip();
        out.iter_mut().for_each(|x| *x = (*x - mean) * inverse);
        inverse
    }
}

impl CustomOp1 for FrozenNorm {
    fn name(&self) -> &'static str {
        "frozen-norm"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (x, d) = (values(x, layout)?, self.gain.len());
        let mut out = vec![0.0; x.len()];
        for (row, out) in x.chunks_exact(d).zip(out.chunks_exact_mut(d)) {
            self.standard(row, out);
            for (x, (gain, offset)) in out.iter_mut().zip(self.gain.iter().zip(&*self.offset)) {
                *x = *x * gain + offset;
            }
        }
        Ok((CpuStorage::F32(out), layout.shape().clone()))
    }

    fn bwd(&self, x: &Tensor, _out: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let d = self.gain.len();
        let dx = with_values([x, grad], |[x, grad]| {
            let mut dx = vec![0.0; x.len()];
            let mut standard = vec![0.0; d];
            let rows = x.chunks_exact(d).zip(grad.chunks_exact(d));
            for ((row, grad), dx) in rows.zip(dx.chunks_exact_mut(d)) {
                let inverse = self.standard(row, &mut standard);
                dx.iter_mut()
                    .zip(grad.iter().zip(&*self.gain))
                    .for_each(|(dx, (grad, gain))| *dx = grad * gain);
                let mean = dx.iter().sum::<f32>() / d as f32;
                let along = dot(dx, &standard) / d as f32;
                for (dx, x) in dx.iter_mut().zip(&standard) {
                    *dx = inverse * (*dx - mean - x * along);
                }
            }
            dx
        })?;
        like(dx, x)
    }
}

/// (x + bias) · Φ(x + bias). \[n, inner\]
#[derive(Clone)]
pub(super) struct BiasGelu {
    pub bias: Arc<[f32]>,
}

impl CustomOp1 for BiasGelu {
    fn name(&self) -> &'static str {
        "bias-gelu"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let mut out = values(x, layout)?.to_vec();
        for row in out.chunks_exact_mut(self.bias.len()) {
            for (x, bias) in row.iter_mut().zip(&*self.bias) {
                let y = *x + bias;
                *x = y * normal_share(y);
            }
        }
        Ok((CpuStorage::F32(out), layout.shape().clone()))
    }

    fn bwd(&self, x: &Tensor, _out: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let n = self.bias.len();
        let dx = with_values([x, grad], |[x, grad]| {
            let mut dx = grad.to_vec();
            for (dx, x) in dx.chunks_exact_mut(n).zip(x.chunks_exact(n)) {
                for (dx, (x, bias)) in dx.iter_mut().zip(x.iter().zip(&*self.bias)) {
                    let y = x + bias;
                    let density = (-0.5 * y * y).exp() * 0.398_942_3;
                    *dx *= normal_share(y) + y * density;
                }
            }
            dx
        })?;
        like(dx, x)
    }
}

/// Share of a normal distribution that lies below x.
fn normal_share(x: f32) -> f32 {
    0.5 * (1.0 + erf(x * std::f32::consts::FRAC_1_SQRT_2))
}

use crate::native::erf;

/// Every token attends to all tokens of its text: \[n, 3 · d\] → \[n, d\].
#[derive(Clone)]
pub(super) struct Attention {
    pub lengths: Arc<[usize]>,
    /// Of query, key and value. \[3 · d\]
    pub bias: Arc<[f32]>,
    pub n_heads: usize,
}

/// One head of one text.
struct Head<'a> {
    /// Of query, key and value, with their bias. \[n_tokens, head_dim\] each
    qkv: &'a [Vec<f32>; 3],
    head_dim: usize,
    scale: f32,
}

impl Head<'_> {
    fn row(&self, part: usize, token: usize) -> &[f32] {
        &self.qkv[part][token * self.head_dim..][..self.head_dim]
    }

    /// What a token attends to. \[n_tokens\]
    fn weights(&self, token: usize, out: &mut [f32]) {
        for (key, out) in out.iter_mut().enumerate() {
            *out = dot(self.row(0, token), self.row(1, key)) * self.scale;
        }
        let most = out.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        out.iter_mut().for_each(|x| *x = (*x - most).exp());
        let sum: f32 = out.iter().sum();
        out.iter_mut().for_each(|x| *x /= sum);
    }
}

impl Attention {
    /// Calls `each` for every head of every text, with its first row and its first column.
    fn for_each_head(&self, qkv: &[f32], mut each: impl FnMut(&Head<'_>, usize, usize, usize)) {
        let d = self.bias.len() / 3;
        let head_dim = d / self.n_heads;
        let scale = (head_dim as f32).sqrt().recip();
        let mut parts = [Vec::new(), Vec::new(), Vec::new()];
        let mut first = 0;
        for &n_tokens in self.lengths.iter() {
            for head in 0..self.n_heads {
                for (part, values) in parts.iter_mut().enumerate() {
                    values.clear();
                    let column = part * d + head * head_dim;
                    for row in qkv[first * 3 * d..][..n_tokens * 3 * d].chunks_exact(3 * d) {
                        let bias = &self.bias[column..][..head_dim];
                        values
                            .extend(row[column..][..head_dim].iter().zip(bias).map(|(x, b)| x + b));
                    }
                }
                each(&Head { qkv: &parts, head_dim, scale }, n_tokens, first, head * head_dim);
            }
            first += n_tokens;
        }
    }
}

impl CustomOp1 for Attention {
    fn name(&self) -> &'static str {
        "attention"
    }

    fn cpu_fwd(&self, qkv: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (n, d) = (layout.shape().dims2()?.0, self.bias.len() / 3);
        let mut out = vec![0.0; n * d];
        let mut weights = Vec::new();
        self.for_each_head(values(qkv, layout)?, |head, n_tokens, first, column| {
            weights.resize(n_tokens, 0.0);
            for token in 0..n_tokens {
                head.weights(token, &mut weights);
                let out = &mut out[(first + token) * d + column..][..head.head_dim];
                for (key, weight) in weights.iter().enumerate() {
                    add_scaled(out, *weight, head.row(2, key));
                }
            }
        });
        Ok((CpuStorage::F32(out), Shape::from((n, d))))
    }

    fn bwd(&self, qkv: &Tensor, _out: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let d = self.bias.len() / 3;
        let dqkv = with_values([qkv, grad], |[qkv, grad]| {
            let mut dqkv = vec![0.0; qkv.len()];
            let (mut weights, mut dweights) = (Vec::new(), Vec::new());
            self.for_each_head(qkv, |head, n_tokens, first, column| {
                weights.resize(n_tokens, 0.0);
                dweights.resize(n_tokens, 0.0);
                let at = |part: usize, token: usize| (first + token) * 3 * d + part * d + column;
                for token in 0..n_tokens {
                    head.weights(token, &mut weights);
                    let grad = &grad[(first + token) * d + column..][..head.head_dim];
                    for (key, dweight) in dweights.iter_mut().enumerate() {
                        *dweight = dot(grad, head.row(2, key));
                        add_scaled(&mut dqkv[at(2, key)..][..head.head_dim], weights[key], grad);
                    }
                    let mean = dot(&weights, &dweights);
                    for (key, (weight, dweight)) in weights.iter().zip(&dweights).enumerate() {
                        let dlogit = weight * (dweight - mean) * head.scale;
                        add_scaled(
                            &mut dqkv[at(0, token)..][..head.head_dim],
                            dlogit,
                            head.row(1, key),
                        );
                        add_scaled(
                            &mut dqkv[at(1, key)..][..head.head_dim],
                            dlogit,
                            head.row(0, token),
                        );
                    }
                }
            });
            dqkv
        })?;
        like(dqkv, qkv)
    }
}

/// Unit vectors of texts from those of their tokens: \[n, d\] → \[n_texts, n_kept\].
#[derive(Clone)]
pub(super) struct Pooled {
    pub lengths: Arc<[usize]>,
    pub n_kept: usize,
    /// Whether it is the first token's; else the mean.
    pub is_first: bool,
}

impl Pooled {
    /// Rows of a text, and how many of them count.
    fn of_texts(&self, d: usize) -> impl Iterator<Item = (std::ops::Range<usize>, usize)> {
        let mut first = 0;
        self.lengths.iter().map(move |n_tokens| {
            let rows = first * d..(first + n_tokens) * d;
            first += n_tokens;
            (rows, if self.is_first { 1 } else { *n_tokens })
        })
    }

    /// The sum of what counts.
    fn sum(&self, rows: &[f32], n: usize, d: usize) -> Vec<f32> {
        let mut sum = vec![0.0; self.n_kept];
        for row in rows.chunks_exact(d).take(n) {
            add_scaled(&mut sum, 1.0, &row[..self.n_kept]);
        }
        sum
    }
}

impl CustomOp1 for Pooled {
    fn name(&self) -> &'static str {
        "pooled"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (x, d) = (values(x, layout)?, layout.shape().dims2()?.1);
        let mut out = Vec::with_capacity(self.lengths.len() * self.n_kept);
        for (rows, n) in self.of_texts(d) {
            let mut sum = self.sum(&x[rows], n, d);
            // A vector without a direction stays one.
            let inverse = dot(&sum, &sum).sqrt().max(f32::MIN_POSITIVE).recip();
            sum.iter_mut().for_each(|x| *x *= inverse);
            out.extend(sum);
        }
        Ok((CpuStorage::F32(out), Shape::from((self.lengths.len(), self.n_kept))))
    }

    fn bwd(&self, x: &Tensor, out: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let d = x.dims2()?.1;
        let dx = with_values([x, out, grad], |[x, out, grad]| {
            let mut dx = vec![0.0; x.len()];
            let texts = out.chunks_exact(self.n_kept).zip(grad.chunks_exact(self.n_kept));
            for ((rows, n), (unit, grad)) in self.of_texts(d).zip(texts) {
                let sum = self.sum(&x[rows.clone()], n, d);
                let inverse = dot(&sum, &sum).sqrt().max(f32::MIN_POSITIVE).recip();
                let along = dot(unit, grad);
                for row in dx[rows].chunks_exact_mut(d).take(n) {
                    for (dx, (unit, grad)) in row.iter_mut().zip(unit.iter().zip(grad)) {
                        *dx = (grad - along * unit) * inverse;
                    }
                }
            }
            dx
        })?;
        like(dx, x)
    }
}

/// Inner product, in parts that become vector instructions.
pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<16>(), b.as_chunks::<16>());
    let mut parts = [0.0f32; 16];
    for (a, b) in a.iter().zip(b) {
        for (part, (a, b)) in parts.iter_mut().zip(a.iter().zip(b)) {
            *part += a * b;
        }
    }
    parts.iter().sum::<f32>() + a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum::<f32>()
}

pub(super) fn add_scaled(out: &mut [f32], factor: f32, row: &[f32]) {
    out.iter_mut().zip(row).for_each(|(out, x)| *out += factor * x);
}
